//! Until the kinds of items are in `lessons::format`: the same types, and what there is as one of them.

use serde::{Deserialize, Serialize};

use crate::lessons::format::{self, Layer, OptionFile, Policy, ShownEvidence, Text};

#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleChoice {
    /// The id of the one best option.
    pub key: String,
    pub options: Vec<OptionFile>,
}

/// Every option that holds, and no other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultipleResponse {
    /// The ids of all right options, at least one.
    pub key: Vec<String>,
    pub scoring: Scoring,
    pub options: Vec<OptionFile>,
}

/// Options to be put into order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordering {
    /// The ids of all options in the right order.
    pub key: Vec<String>,
    pub scoring: Scoring,
    /// In the order in which they show where options are not shuffled, so not in that of the key. A rationale says why the
    /// option stands where it does.
    pub options: Vec<OptionFile>,
}

/// One choice for each prompt, for example a layer for each sign.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    pub scoring: Scoring,
    pub prompts: Vec<Prompt>,
    /// What prompts are matched to; a choice may fit several prompts or none.
    pub choices: Vec<Choice>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    pub id: String,
    pub text: Text,
    /// The id of the right choice.
    pub key: String,
    pub rationale: Text,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub text: Text,
}

/// A word or a short phrase, compared after normalisation (see `attempts/grading`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    pub form: String,
    /// Share of the points, above 0 and at most 1; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    pub form: String,
    pub rationale: Text,
}

/// A number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    pub value: f64,
    pub rationale: Text,
}

/// The field of a shown JSON body that decides the case, as a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointAtField {
    /// Which of the item's evidence, from 0; its content must be JSON.
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misread {
    pub pointer: String,
    /// The layer of which it would speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    pub rationale: Text,
}


/// What a partly right answer is worth: nothing, or a share of the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    AllOrNothing,
    Partial,
}

/// A quiz with items of every kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizFile {
    pub title: Text,
    pub policy: Policy,
    pub items: Vec<Item>,
}

impl From<&format::QuizFile> for QuizFile {
    fn from(quiz: &format::QuizFile) -> QuizFile {
        let item = |format::Item::SingleChoice(item): &format::Item| Item {
            id: item.id.clone(),
            revision: item.revision,
            objective: item.objective.clone(),
            points: item.points,
            stem: item.stem.clone(),
            evidence: item.evidence.clone(),
            task: Task::SingleChoice(SingleChoice { key: item.key.clone(), options: item.options.clone() }),
        };
        QuizFile { title: quiz.title.clone(), policy: quiz.policy.clone(), items: quiz.items.iter().map(item).collect() }
    }
}
