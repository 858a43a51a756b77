//! What a quiz tool makes of an attempt and its quiz as the API gives them. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::attempts::order::Drawn;
use crate::mcp::lessons::MarkdownText;
use crate::mcp::wire::{QuizChoice, QuizEvidence, QuizItemOutcome, QuizOutcome, QuizQuestion, QuizReason, QuizStep};

/// An attempt, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub struct AttemptAnswer {
    pub id: String,
    pub lesson: String,
    pub version: String,
    pub language: String,
    pub purpose: String,
    pub state: String,
    #[serde(default)]
    pub order: Vec<Drawn>,
    #[serde(default)]
    pub responses: Vec<AnsweredItem>,
    result: Option<ResultAnswer>,
    withheld: Option<String>,
    items: Option<Vec<ItemAnswer>>,
}

/// An answer that was saved.
#[derive(Debug, Deserialize)]
pub struct AnsweredItem {
    item: String,
    seq: i64,
    late: bool,
}

#[derive(Debug, Deserialize)]
struct ResultAnswer {
    raw: f64,
    max: f64,
    scaled: f64,
    success: bool,
}

#[derive(Debug, Deserialize)]
struct ItemAnswer {
    item: String,
    verdict: Option<String>,
    points: Option<f64>,
    max_points: f64,
    response: Option<Value>,
    right: Option<Value>,
    rationales: Option<Vec<RationaleAnswer>>,
}

#[derive(Debug, Deserialize)]
struct RationaleAnswer {
    option: Option<String>,
    answer: Option<String>,
    text: MarkdownText,
}

/// A quiz, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub struct QuizAnswer {
    items: Vec<QuestionAnswer>,
}

#[derive(Debug, Deserialize)]
struct QuestionAnswer {
    id: String,
    kind: String,
    points: f64,
    stem: MarkdownText,
    evidence: Vec<EvidenceAnswer>,
    options: Vec<OptionAnswer>,
    prompts: Option<Vec<OptionAnswer>>,
    unit: Option<String>,
    scoring: Option<String>,
}

#[derive(Debug, Deserialize)]
struct EvidenceAnswer {
    media_type: String,
    description: MarkdownText,
    content: String,
}

#[derive(Debug, Deserialize)]
struct OptionAnswer {
    id: String,
    text: MarkdownText,
}

impl AttemptAnswer {
    /// Whether it can still be answered.
    pub fn is_open(&self) -> bool {
        self.state != "submitted"
    }

    fn answer(&self, item: &str) -> Option<&AnsweredItem> {
        self.responses.iter().find(|one| one.item == item && !one.late)
    }

    /// The first item without an answer, and its place from 1.
    pub fn open_item(&self) -> Option<(usize, &Drawn)> {
        (1..).zip(&self.order).find(|(_, drawn)| self.answer(&drawn.item).is_none())
    }

    /// The number that makes an answer to this item newer than the one in force.
    pub fn next_seq(&self, item: &str) -> i64 {
        self.answer(item).map_or(1, |answer| answer.seq.saturating_add(1))
    }

    /// Takes note of an answer that was saved.
    pub fn note_saved(&mut self, item: &str, seq: i64) {
        self.responses.retain(|one| one.item != item);
        self.responses.push(AnsweredItem { item: item.to_owned(), seq, late: false });
    }

    /// Where the attempt is; the quiz is needed while items are open.
    pub fn step(self, quiz: Option<&QuizAnswer>) -> QuizStep {
        let answered = self.order.iter().filter(|drawn| self.answer(&drawn.item).is_some()).count();
        let is_open = self.is_open();
        let open = self.open_item().filter(|_| is_open);
        let item = open.and_then(|(position, drawn)| quiz?.question(position, drawn));
        let next = match (&item, is_open) {
            (Some(_), _) => "Answer it with quiz_answer: `attempt`, `item` and a `response` of the form of `answer_with`.",
            (None, true) => "Every item is answered. Call quiz_answer with `attempt` and `submit: true` to hand it in.",
            (None, false) => "It is submitted. read_lesson has what the answers rest on; quiz_next with `lesson` begins anew.",
        };
        QuizStep {
            of: self.order.len(),
            result: (!is_open).then(|| outcome(self.result, self.withheld, self.items.unwrap_or_default())),
            attempt: self.id,
            lesson: self.lesson,
            purpose: self.purpose,
            state: self.state,
            answered,
            item,
            next: next.to_owned(),
        }
    }
}

impl QuizAnswer {
    /// An item as an attempt shows it: options in the order that was drawn.
    fn question(&self, position: usize, drawn: &Drawn) -> Option<QuizQuestion> {
        let item = self.items.iter().find(|item| item.id == drawn.item)?;
        let choice = |one: &OptionAnswer| QuizChoice { id: one.id.clone(), text: one.text.markdown.clone() };
        let in_order = drawn.options.iter().filter_map(|id| item.options.iter().find(|option| option.id == *id));
        let evidence = item.evidence.iter().map(|one| QuizEvidence {
            media_type: one.media_type.clone(),
            description: one.description.markdown.clone(),
            content: one.content.clone(),
        });
        Some(QuizQuestion {
            item: item.id.clone(),
            position,
            kind: item.kind.clone(),
            points: item.points,
            question: item.stem.markdown.clone(),
            evidence: evidence.collect(),
            options: in_order.map(choice).collect(),
            prompts: item.prompts.iter().flatten().map(choice).collect(),
            unit: item.unit.clone(),
            scoring: item.scoring.clone(),
            answer_with: form_of_answer(&item.kind),
        })
    }
}

/// The form of an answer to an item of this kind.
fn form_of_answer(kind: &str) -> Value {
    match kind {
        "single_choice" => json!({"kind": kind, "option": "the id of one option"}),
        "multiple_response" => json!({"kind": kind, "options": ["the ids of all right options"]}),
        "ordering" => json!({"kind": kind, "options": ["the ids of all options, in the right order"]}),
        "matching" => json!({"kind": kind, "pairs": [{"prompt": "the id of a prompt", "choice": "the id of its option"}]}),
        "short_text" => json!({"kind": kind, "text": "a few words"}),
        "numeric" => json!({"kind": kind, "value": 0}),
        "point_at_field" => json!({"kind": kind, "pointer": "/a/json/pointer"}),
        _ => json!({"kind": kind}),
    }
}

fn outcome(result: Option<ResultAnswer>, withheld: Option<String>, items: Vec<ItemAnswer>) -> QuizOutcome {
    let result = result.as_ref();
    QuizOutcome {
        scaled: result.map(|result| result.scaled),
        raw: result.map(|result| result.raw),
        max: result.map(|result| result.max),
        passed: result.map(|result| result.success),
        withheld,
        items: items.into_iter().map(item_outcome).collect(),
    }
}

fn item_outcome(item: ItemAnswer) -> QuizItemOutcome {
    let reason = |one: RationaleAnswer| QuizReason { about: one.option.or(one.answer), text: one.text.markdown };
    QuizItemOutcome {
        item: item.item,
        verdict: item.verdict,
        points: item.points,
        max_points: item.max_points,
        response: item.response,
        right: item.right,
        reasons: item.rationales.into_iter().flatten().map(reason).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(state: &str, responses: &Value) -> AttemptAnswer {
        let order = json!([{"item": "b", "options": ["y", "x"]}, {"item": "a", "options": []}]);
        let value = json!({"id": "7f", "lesson": "l", "version": "v", "language": "en", "purpose": "practice", "state": state,
            "order": order, "responses": responses, "result": null, "withheld": "not_submitted"});
        serde_json::from_value(value).unwrap()
    }

    fn quiz() -> QuizAnswer {
        let rich = |text: &str| json!({"markdown": text, "html": text, "text": text});
        let item = |id: &str, kind: &str, options: Value| {
            json!({"id": id, "kind": kind, "points": 1.0, "stem": rich("?"), "evidence": [], "options": options, "prompts": null, "unit": null,
                "scoring": null})
        };
        let options = json!([{"id": "x", "text": rich("X")}, {"id": "y", "text": rich("Y")}]);
        serde_json::from_value(json!({"items": [item("a", "numeric", json!([])), item("b", "single_choice", options)]})).unwrap()
    }

    #[test]
    fn the_next_item_is_the_first_without_an_answer_in_the_drawn_order() {
        let step = attempt("in_progress", &json!([])).step(Some(&quiz()));
        let item = step.item.unwrap();
        assert_eq!((item.item.as_str(), item.position, step.answered, step.of), ("b", 1, 0, 2));
        assert_eq!(item.options.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["y", "x"]);
        assert_eq!(item.answer_with["option"], "the id of one option");
        let late = json!([{"item": "b", "seq": 4, "late": false}, {"item": "a", "seq": 1, "late": true}]);
        let attempt = attempt("in_progress", &late);
        assert_eq!((attempt.next_seq("b"), attempt.next_seq("a")), (5, 1));
        assert_eq!(attempt.step(Some(&quiz())).item.unwrap().item, "a");
    }

    #[test]
    fn an_attempt_with_every_answer_waits_to_be_handed_in() {
        let mut open = attempt("in_progress", &json!([{"item": "b", "seq": 1, "late": false}]));
        open.note_saved("a", 1);
        open.note_saved("b", 2);
        assert!(open.open_item().is_none());
        let step = open.step(None);
        assert_eq!((step.answered, step.item.is_some(), step.result.is_some()), (2, false, false));
        assert!(step.next.contains("submit: true"));
    }

    #[test]
    fn what_the_policy_withholds_stays_null() {
        let step = attempt("submitted", &json!([])).step(None);
        let result = step.result.unwrap();
        assert_eq!((result.scaled, result.passed, result.items.len()), (None, None, 0));
        assert!(step.item.is_none() && result.withheld.is_some());
    }
}
