//! One item as a `qti-assessment-item`.

use crate::qti3::processing::{
    Mapping, RATIONALE, ResponseDeclaration, ScoredBy, ShownRationales, outcome, processing, qti, value, variable,
};
use crate::source::{Pen, identifier, plain_number};
use crate::xml::{Element, XmlNode};
use waymark_curriculum::format::{Matching, Numeric, PointAtField, Scoring, ShortText, Task};
use waymark_curriculum::format::{OptionFile, Text};

/// What the kinds differ in.
struct Parts {
    declared: ResponseDeclaration,
    scored: ScoredBy,
    shown: ShownRationales,
    /// The end of the item's body.
    asked: Vec<XmlNode>,
    /// (identifier, content)
    feedback: Vec<(String, Vec<XmlNode>)>,
}

/// The item, and the name of its interaction in QTI's metadata.
pub fn item_element(pen: &mut Pen<'_>) -> (Element, &'static str) {
    pen.common();
    let item = pen.item;
    let (parts, interaction) = match &item.task {
        Task::SingleChoice(task) => (choice(pen, &task.options, std::slice::from_ref(&task.key), None), "choiceInteraction"),
        Task::MultipleResponse(task) => (choice(pen, &task.options, &task.key, Some(task.scoring)), "choiceInteraction"),
        Task::Ordering(task) => (ordering(pen, &task.options, &task.key, task.scoring), "orderInteraction"),
        Task::Matching(task) => (matching(pen, task), "matchInteraction"),
        Task::ShortText(task) => (short_text(pen, task), "textEntryInteraction"),
        Task::Numeric(task) => (numeric(pen, task), "textEntryInteraction"),
        Task::PointAtField(task) if task.mistakes.is_empty() => (pointer_typed(pen, task), "textEntryInteraction"),
        Task::PointAtField(task) => (pointer_chosen(pen, task), "choiceInteraction"),
    };
    let cardinality = match parts.shown {
        ShownRationales::Chosen if parts.declared.cardinality == "single" => "single",
        _ => "multiple",
    };
    let body = qti("item-body").children(pen.evidence()).children(parts.asked);
    let feedback = parts.feedback.into_iter().map(|(identifier, content)| {
        qti("modal-feedback")
            .with("outcome-identifier", "FEEDBACK")
            .with("identifier", identifier)
            .with("show-hide", "show")
            .child(qti("content-body").children(content))
    });
    let score = outcome("SCORE", "single", "float", Some("0".to_owned())).with("normal-maximum", plain_number(item.points));
    let score = match &item.task {
        Task::Ordering(task) if task.scoring == Scoring::Partial => score.with("interpretation", PARTIAL),
        _ => score,
    };
    let out = qti("assessment-item")
        .with("xmlns", super::NAMESPACE)
        .with("xmlns:xsi", super::XSI)
        .with("xsi:schemaLocation", super::LOCATION)
        .with("identifier", identifier(&item.id))
        .with("title", item.id.as_str())
        .with("adaptive", "false")
        .with("time-dependent", "false")
        .with("xml:lang", pen.source.language)
        .with("tool-name", "Waymark")
        .with("tool-version", env!("CARGO_PKG_VERSION"))
        .child(parts.declared.element())
        .child(score)
        .child(outcome("MAXSCORE", "single", "float", Some(plain_number(item.points))))
        .child(outcome("FEEDBACK", cardinality, "identifier", None))
        .child(body)
        .child(processing(&parts.scored, item.points, &parts.shown))
        .children(feedback);
    (out, interaction)
}

/// The stem as the interaction's prompt where it is one line of text; else as blocks before it.
fn stem(pen: &mut Pen<'_>) -> (Vec<XmlNode>, Option<Element>) {
    let stem = &pen.item.stem;
    match pen.inline(stem) {
        Some(line) => (Vec::new(), Some(qti("prompt").children(line))),
        None => (vec![Element::new("div").children(pen.blocks(stem)).into()], None),
    }
}

fn asked(pen: &mut Pen<'_>, interaction: Element, choices: Vec<Element>) -> Vec<XmlNode> {
    let (mut before, prompt) = stem(pen);
    before.push(interaction.children(prompt).children(choices).into());
    before
}

fn shuffled(pen: &Pen<'_>, name: &str) -> Element {
    let shuffle = pen.source.quiz.policy.shuffle_options;
    qti(name).with("response-identifier", "RESPONSE").with("shuffle", shuffle.to_string())
}

fn simple_choices<'a>(pen: &mut Pen<'a>, options: &'a [OptionFile]) -> Vec<Element> {
    options.iter().map(|o| qti("simple-choice").with("identifier", identifier(&o.id)).children(pen.flow(&o.text))).collect()
}

fn rationales<'a>(pen: &mut Pen<'a>, all: impl Iterator<Item = (&'a String, &'a Text)>) -> Vec<(String, Vec<XmlNode>)> {
    let all = all.map(|(id, text)| (identifier(id), pen.blocks(text)));
    all.filter(|(_, content)| !content.is_empty()).collect()
}

/// What people read of an order's score, and by which it is known again: QTI cannot say it to programs.
const PARTIAL: &str = "partial: all points for the right order, a share of them for each pair of options that is in order";

/// The points in as many shares. Players add them up as binary fractions: these are such that every sum is exact, in any order,
/// and the sum of all is the points. The last takes the rest.
fn shares(points: f64, count: usize) -> Vec<f64> {
    let all = f64::from(u32::try_from(count).unwrap_or(u32::MAX).max(1));
    // A multiple of this, and all sums of such, have far fewer binary digits than a number holds.
    let grain = (points.log2().floor() - 44.0).exp2();
    let share = if grain.is_normal() { (points / all / grain).round() * grain } else { points / all };
    let mut out = vec![share; count];
    if let Some(last) = out.last_mut() {
        *last = points - share * (all - 1.0);
    }
    out
}

/// `scoring` is none where one option is right.
fn choice<'a>(pen: &mut Pen<'a>, options: &'a [OptionFile], key: &[String], scoring: Option<Scoring>) -> Parts {
    let points = pen.item.points;
    let partial = scoring == Some(Scoring::Partial);
    // Right options less wrong ones, of all right ones, and never below nothing.
    let shares = shares(points, key.len());
    let share = shares.first().copied().unwrap_or_default();
    let worth =
        |option: &OptionFile| key.iter().position(|id| *id == option.id).and_then(|n| shares.get(n).copied()).unwrap_or(-share);
    let entries = options.iter().map(|option| (identifier(&option.id), worth(option)));
    let interaction = shuffled(pen, "choice-interaction").with("max-choices", if scoring.is_none() { "1" } else { "0" });
    let choices = simple_choices(pen, options);
    Parts {
        declared: ResponseDeclaration {
            cardinality: if scoring.is_none() { "single" } else { "multiple" },
            base_type: "identifier",
            correct: key.iter().map(|id| identifier(id)).collect(),
            mapping: partial.then(|| Mapping { entries: entries.collect(), case_sensitive: None, most: points }),
        },
        scored: if partial { ScoredBy::Map } else { ScoredBy::Match },
        shown: ShownRationales::Chosen,
        asked: asked(pen, interaction, choices),
        feedback: rationales(pen, options.iter().map(|option| (&option.id, &option.rationale))),
    }
}

fn ordering<'a>(pen: &mut Pen<'a>, options: &'a [OptionFile], key: &[String], scoring: Scoring) -> Parts {
    if scoring == Scoring::Partial {
        pen.beyond("scoring", "points for an order that is partly right: other programs give all points or none");
    }
    let interaction = shuffled(pen, "order-interaction");
    let choices = simple_choices(pen, options);
    Parts {
        declared: ResponseDeclaration {
            cardinality: "ordered",
            base_type: "identifier",
            correct: key.iter().map(|id| identifier(id)).collect(),
            mapping: None,
        },
        scored: ScoredBy::Match,
        shown: ShownRationales::All(options.iter().map(|option| identifier(&option.id)).collect()),
        asked: asked(pen, interaction, choices),
        feedback: rationales(pen, options.iter().map(|option| (&option.id, &option.rationale))),
    }
}

fn matching<'a>(pen: &mut Pen<'a>, task: &'a Matching) -> Parts {
    let (points, count) = (pen.item.points, task.prompts.len());
    // A prompt and a choice may have the same id; identifiers in an interaction may not.
    let prompt_id = |id: &str| format!("p_{}", identifier(id));
    let choice_id = |id: &str| format!("c_{}", identifier(id));
    let pairs: Vec<String> = task.prompts.iter().map(|p| format!("{} {}", prompt_id(&p.id), choice_id(&p.key))).collect();
    let set = |items: Vec<(String, usize, Vec<XmlNode>)>| {
        qti("simple-match-set").children(items.into_iter().map(|(identifier, most, content)| {
            qti("simple-associable-choice").with("identifier", identifier).with("match-max", most.to_string()).children(content)
        }))
    };
    let prompts = task.prompts.iter().map(|p| (prompt_id(&p.id), 1, pen.flow(&p.text))).collect();
    let choices = task.choices.iter().map(|c| (choice_id(&c.id), count, pen.flow(&c.text))).collect();
    let sets = vec![set(prompts), set(choices)];
    let interaction = shuffled(pen, "match-interaction").with("max-associations", count.to_string());
    let partial = task.scoring == Scoring::Partial;
    let entries = || pairs.iter().cloned().zip(shares(points, count)).collect();
    let feedback = rationales(pen, task.prompts.iter().map(|prompt| (&prompt.id, &prompt.rationale)));
    Parts {
        scored: if partial { ScoredBy::Map } else { ScoredBy::Match },
        shown: ShownRationales::All(feedback.iter().map(|(identifier, _)| identifier.clone()).collect()),
        asked: asked(pen, interaction, sets),
        feedback,
        declared: ResponseDeclaration {
            cardinality: "multiple",
            base_type: "directedPair",
            mapping: partial.then(|| Mapping { entries: entries(), case_sensitive: None, most: points }),
            correct: pairs,
        },
    }
}

/// A field to type into, below the stem.
fn typed<'a>(pen: &mut Pen<'a>, expected: usize, unit: Option<&'a Text>) -> Vec<XmlNode> {
    let stem = &pen.item.stem;
    let field = qti("text-entry-interaction")
        .with("response-identifier", "RESPONSE")
        .with("expected-length", expected.max(4).to_string());
    let mut line = Element::new("p").child(field);
    if let Some(unit) = unit {
        line = line.text(" ").children(pen.inline(unit).unwrap_or_default());
    }
    vec![Element::new("div").children(pen.blocks(stem)).into(), line.into()]
}

/// The rationale, and those of wrong answers to be expected.
fn one_rationale<'a>(
    pen: &mut Pen<'a>,
    rationale: &'a Text,
    mistakes: impl Iterator<Item = &'a Text>,
) -> Vec<(String, Vec<XmlNode>)> {
    let mut out = vec![(RATIONALE.to_owned(), pen.blocks(rationale))];
    out.extend(mistakes.enumerate().map(|(i, text)| (mistake(i), pen.blocks(text))));
    out
}

fn mistake(index: usize) -> String {
    format!("mistake-{}", index + 1)
}

fn longest<'a>(forms: impl Iterator<Item = &'a String>) -> usize {
    forms.map(|form| form.chars().count()).max().unwrap_or(0)
}

fn short_text<'a>(pen: &mut Pen<'a>, task: &'a ShortText) -> Parts {
    pen.changed("comparison", "a short text is compared as it is typed: quotation marks, spaces and full stops around it count");
    let points = pen.item.points;
    let entries = task.accepted.iter().map(|a| (a.form.clone(), points * a.share.unwrap_or(1.0)));
    let test = |form: &str| {
        qti("string-match")
            .with("case-sensitive", task.case_sensitive.to_string())
            .child(variable("RESPONSE"))
            .child(value("string", form))
    };
    Parts {
        declared: ResponseDeclaration {
            cardinality: "single",
            base_type: "string",
            correct: task.accepted.first().map(|accepted| accepted.form.clone()).into_iter().collect(),
            mapping: Some(Mapping { entries: entries.collect(), case_sensitive: Some(task.case_sensitive), most: points }),
        },
        scored: ScoredBy::Map,
        shown: ShownRationales::Mistakes(task.mistakes.iter().enumerate().map(|(i, m)| (mistake(i), test(&m.form))).collect()),
        asked: typed(pen, longest(task.accepted.iter().map(|a| &a.form)), None),
        feedback: one_rationale(pen, &task.rationale, task.mistakes.iter().map(|m| &m.rationale)),
    }
}

fn numeric<'a>(pen: &mut Pen<'a>, task: &'a Numeric) -> Parts {
    let test = |slip: f64| {
        qti("equal").with("tolerance-mode", "exact").child(variable("RESPONSE")).child(value("float", plain_number(slip)))
    };
    Parts {
        declared: ResponseDeclaration {
            cardinality: "single",
            base_type: "float",
            correct: vec![plain_number(task.key)],
            mapping: None,
        },
        scored: ScoredBy::Within(task.tolerance),
        shown: ShownRationales::Mistakes(
            task.mistakes.iter().enumerate().map(|(i, slip)| (mistake(i), test(slip.value))).collect(),
        ),
        asked: typed(pen, plain_number(task.key).len(), task.unit.as_ref()),
        feedback: one_rationale(pen, &task.rationale, task.mistakes.iter().map(|slip| &slip.rationale)),
    }
}

/// Where likely mistakes are known the pointers become options: typing one exactly is not what the item tests.
fn pointer_chosen<'a>(pen: &mut Pen<'a>, task: &'a PointAtField) -> Parts {
    pen.changed("point_at_field", "a field to point at is a choice among the pointers that are right or are likely mistakes");
    let points = pen.item.points;
    let wrong = task.mistakes.iter().map(|wrong| (&wrong.pointer, &wrong.rationale, false));
    let all: Vec<_> = task.key.iter().map(|key| (key, &task.rationale, true)).chain(wrong).collect();
    let name = |index: usize| format!("field-{}", index + 1);
    let choices = all.iter().enumerate().map(|(i, (pointer, ..))| {
        qti("simple-choice").with("identifier", name(i)).child(Element::new("code").text(pointer.as_str()))
    });
    let interaction = shuffled(pen, "choice-interaction").with("max-choices", "1");
    let entries = all.iter().enumerate().filter(|(_, (.., right))| *right).map(|(i, _)| (name(i), points));
    Parts {
        declared: ResponseDeclaration {
            cardinality: "single",
            base_type: "identifier",
            correct: vec![name(0)],
            mapping: Some(Mapping { entries: entries.collect(), case_sensitive: None, most: points }),
        },
        scored: ScoredBy::Map,
        shown: ShownRationales::Chosen,
        asked: asked(pen, interaction, choices.collect()),
        feedback: all.iter().enumerate().map(|(i, (_, rationale, _))| (name(i), pen.blocks(rationale))).collect(),
    }
}

fn pointer_typed<'a>(pen: &mut Pen<'a>, task: &'a PointAtField) -> Parts {
    pen.changed("point_at_field", "a field to point at is a JSON Pointer to type");
    let points = pen.item.points;
    Parts {
        declared: ResponseDeclaration {
            cardinality: "single",
            base_type: "string",
            correct: task.key.first().cloned().into_iter().collect(),
            mapping: Some(Mapping {
                entries: task.key.iter().map(|key| (key.clone(), points)).collect(),
                case_sensitive: Some(true),
                most: points,
            }),
        },
        scored: ScoredBy::Map,
        shown: ShownRationales::Mistakes(Vec::new()),
        asked: typed(pen, longest(task.key.iter()), None),
        feedback: one_rationale(pen, &task.rationale, std::iter::empty()),
    }
}
