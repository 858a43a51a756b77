//! The items of a quiz as an author writes them: what all kinds have in common, and the task of each kind.
//!
//! In the files an item is one flat map with its `kind`; what a kind does not have is an unknown key.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::format::{Layer, Text};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuthoredItem)]
pub struct Item {
    /// Stable across revisions, for example `fsc-001`.
    pub id: String,
    /// Raised when the meaning or the key changes.
    pub revision: i32,
    pub objective: String,
    /// Points for a right answer, at most three decimals.
    pub points: f64,
    pub stem: Text,
    /// What the question is about, shown word for word; at least one.
    pub evidence: Vec<ShownEvidence>,
    #[serde(flatten)]
    pub task: Task,
}

/// What the learner does with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = AuthoredTask)]
pub enum Task {
    SingleChoice(SingleChoice),
    MultipleResponse(MultipleResponse),
    Ordering(Ordering),
    Matching(Matching),
    ShortText(ShortText),
    Numeric(Numeric),
    PointAtField(PointAtField),
}

/// One best option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredSingleChoice)]
pub struct SingleChoice {
    /// The id of the one best option.
    pub key: String,
    pub options: Vec<OptionFile>,
}

/// Every option that holds, and no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredMultipleResponse)]
pub struct MultipleResponse {
    /// The ids of all right options, at least one.
    pub key: Vec<String>,
    pub scoring: Scoring,
    pub options: Vec<OptionFile>,
}

/// Options to be put into order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredOrdering)]
pub struct Ordering {
    /// The ids of all options in the right order.
    pub key: Vec<String>,
    pub scoring: Scoring,
    /// In the order in which they show where options are not shuffled, so not in that of the key. A rationale says why the
    /// option stands where it does.
    pub options: Vec<OptionFile>,
}

/// One choice for each prompt, for example a layer for each sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredMatching)]
pub struct Matching {
    pub scoring: Scoring,
    pub prompts: Vec<Prompt>,
    /// What prompts are matched to; a choice may fit several prompts or none.
    pub choices: Vec<AuthoredChoice>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredPrompt)]
pub struct Prompt {
    pub id: String,
    pub text: Text,
    /// The id of the right choice.
    pub key: String,
    pub rationale: Text,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredChoice {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub text: Text,
}

/// A word or a short phrase, compared after normalisation (see `attempts/grading`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredShortText)]
pub struct ShortText {
    /// Whether `A` and `a` are different answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub case_sensitive: bool,
    /// The first is shown as the right answer.
    pub accepted: Vec<Accepted>,
    pub rationale: Text,
    /// Wrong answers to be expected, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredForm)]
pub struct Accepted {
    pub form: String,
    /// Share of the points, above 0 and at most 1; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredMistake)]
pub struct Mistake {
    pub form: String,
    pub rationale: Text,
}

/// A number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredNumeric)]
pub struct Numeric {
    pub key: f64,
    /// How far an answer may be from the key, in the same unit; 0 for an exact count.
    pub tolerance: f64,
    /// Shown behind the field, for example `tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    pub rationale: Text,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Slip>,
}

/// A wrong number to be expected, for example one of another field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredSlip)]
pub struct Slip {
    pub value: f64,
    pub rationale: Text,
}

/// The field of a shown JSON body that decides the case, as a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredPointAtField)]
pub struct PointAtField {
    /// Which of the item's evidence, from 0; its content must be JSON.
    #[serde(deserialize_with = "crate::whole::deserialize")]
    pub shown: usize,
    /// Every pointer that is right; the first is shown as the right answer.
    pub key: Vec<String>,
    /// The layer that the field speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub rationale: Text,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Misread>,
}

/// A field that people take for the deciding one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredMisread)]
pub struct Misread {
    pub pointer: String,
    /// The layer of which it would speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub rationale: Text,
}

/// What a rationale is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About<'a> {
    Item,
    /// An option or a prompt, by its id.
    Option(&'a str),
    /// A wrong answer that people give.
    Answer(String),
}

/// What a partly right answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuthoredScoring)]
pub enum Scoring {
    /// Nothing.
    AllOrNothing,
    /// A share of the points; each kind has its rule, by which blind guessing gains little.
    Partial,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredEvidence)]
pub struct ShownEvidence {
    /// For example `application/json` or `text/plain`.
    pub media_type: String,
    /// For people who cannot see the body: what it is and where it came from.
    pub description: Text,
    pub content: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredOption)]
pub struct OptionFile {
    pub id: String,
    /// The layer this option stands for; shown only on the key side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub text: Text,
    /// Why this option is right or wrong.
    pub rationale: Text,
}

impl Scoring {
    pub fn name(self) -> &'static str {
        match self {
            Scoring::AllOrNothing => "all_or_nothing",
            Scoring::Partial => "partial",
        }
    }
}

impl Task {
    /// The value of `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            Task::SingleChoice(_) => "single_choice",
            Task::MultipleResponse(_) => "multiple_response",
            Task::Ordering(_) => "ordering",
            Task::Matching(_) => "matching",
            Task::ShortText(_) => "short_text",
            Task::Numeric(_) => "numeric",
            Task::PointAtField(_) => "point_at_field",
        }
    }

    /// Every rationale, with what it is about.
    pub fn rationales(&self) -> Vec<(About<'_>, &Text)> {
        let item = |text| [(About::Item, text)].into_iter();
        match self {
            Task::Matching(task) => task.prompts.iter().map(|p| (About::Option(&p.id), &p.rationale)).collect(),
            Task::ShortText(task) => {
                let mistakes = task.mistakes.iter().map(|m| (About::Answer(m.form.clone()), &m.rationale));
                item(&task.rationale).chain(mistakes).collect()
            }
            Task::Numeric(task) => {
                let mistakes = task.mistakes.iter().map(|m| (About::Answer(m.value.to_string()), &m.rationale));
                item(&task.rationale).chain(mistakes).collect()
            }
            Task::PointAtField(task) => {
                let mistakes = task.mistakes.iter().map(|m| (About::Answer(m.pointer.clone()), &m.rationale));
                item(&task.rationale).chain(mistakes).collect()
            }
            with_options => with_options.options().iter().map(|o| (About::Option(&o.id), &o.rationale)).collect(),
        }
    }

    /// What a learner picks from, with its text: options, or the choices of a matching item.
    pub fn chosen_from(&self) -> Vec<(&str, &Text)> {
        match self {
            Task::Matching(task) => task.choices.iter().map(|choice| (choice.id.as_str(), &choice.text)).collect(),
            other => other.options().iter().map(|option| (option.id.as_str(), &option.text)).collect(),
        }
    }

    /// Every text that a learner sees before answering, with what it is.
    pub fn texts(&self) -> Vec<(About<'_>, &Text)> {
        let picked = self.chosen_from().into_iter().map(|(id, text)| (About::Option(id), text));
        match self {
            Task::Matching(task) => picked.chain(task.prompts.iter().map(|p| (About::Option(&p.id), &p.text))).collect(),
            Task::Numeric(task) => task.unit.iter().map(|unit| (About::Item, unit)).collect(),
            _ => picked.collect(),
        }
    }

    /// The options of a kind that has options; they carry their rationales.
    pub fn options(&self) -> &[OptionFile] {
        match self {
            Task::SingleChoice(SingleChoice { options, .. })
            | Task::MultipleResponse(MultipleResponse { options, .. })
            | Task::Ordering(Ordering { options, .. }) => options,
            Task::Matching(_) | Task::ShortText(_) | Task::Numeric(_) | Task::PointAtField(_) => &[],
        }
    }

    /// What a partly right answer is worth, where an answer can be partly right.
    pub fn scoring(&self) -> Option<Scoring> {
        match self {
            Task::MultipleResponse(MultipleResponse { scoring, .. })
            | Task::Ordering(Ordering { scoring, .. })
            | Task::Matching(Matching { scoring, .. }) => Some(*scoring),
            Task::SingleChoice(_) | Task::ShortText(_) | Task::Numeric(_) | Task::PointAtField(_) => None,
        }
    }

    /// The ids of what a learner picks from: options, or the choices of a matching item.
    pub fn option_ids(&self) -> Vec<&str> {
        self.chosen_from().into_iter().map(|(id, _)| id).collect()
    }
}

impl Item {
    /// The item's key and options, where it is a single choice.
    pub fn single(&self) -> Option<&SingleChoice> {
        match &self.task {
            Task::SingleChoice(single) => Some(single),
            _ => None,
        }
    }
}
