//! Declarations and response processing of QTI 3 (ASI information model, sections on variables and on processing).

use crate::source::plain_number;
use crate::xml::Element;

pub fn qti(name: &str) -> Element {
    Element::new(format!("qti-{name}"))
}

/// How responses are declared.
pub struct ResponseDeclaration {
    pub cardinality: &'static str,
    pub base_type: &'static str,
    pub correct: Vec<String>,
    /// (key, points), and whether case counts where keys are texts.
    pub mapping: Option<Mapping>,
}

pub struct Mapping {
    pub entries: Vec<(String, f64)>,
    pub case_sensitive: Option<bool>,
    pub most: f64,
}

impl ResponseDeclaration {
    pub fn element(&self) -> Element {
        let mut out = qti("response-declaration")
            .with("identifier", "RESPONSE")
            .with("cardinality", self.cardinality)
            .with("base-type", self.base_type);
        if !self.correct.is_empty() {
            let values = self.correct.iter().map(|value| qti("value").text(value.as_str()));
            out = out.child(qti("correct-response").children(values));
        }
        if let Some(mapping) = &self.mapping {
            let entries = mapping.entries.iter().map(|(key, points)| {
                let entry = qti("map-entry").with("map-key", key.as_str()).with("mapped-value", plain_number(*points));
                match mapping.case_sensitive {
                    Some(case) => entry.with("case-sensitive", case.to_string()),
                    None => entry,
                }
            });
            out = out.child(
                qti("mapping")
                    .with("default-value", "0")
                    .with("lower-bound", "0")
                    .with("upper-bound", plain_number(mapping.most))
                    .children(entries),
            );
        }
        out
    }
}

pub fn outcome(identifier: &str, cardinality: &str, base_type: &str, default: Option<String>) -> Element {
    let out =
        qti("outcome-declaration").with("identifier", identifier).with("cardinality", cardinality).with("base-type", base_type);
    match default {
        Some(value) => out.child(qti("default-value").child(qti("value").text(value))),
        None => out,
    }
}

pub fn variable(identifier: &str) -> Element {
    qti("variable").with("identifier", identifier)
}

pub fn value(base_type: &str, text: impl Into<String>) -> Element {
    qti("base-value").with("base-type", base_type).text(text)
}

pub fn set(identifier: &str, expression: Element) -> Element {
    qti("set-outcome-value").with("identifier", identifier).child(expression)
}

/// How an answer becomes a score.
pub enum ScoredBy {
    /// All points for the right answer.
    Match,
    /// By the mapping of the declaration.
    Map,
    /// All points within this distance of the right number.
    Within(f64),
}

/// Which rationales show.
pub enum ShownRationales {
    /// Those of the chosen options.
    Chosen,
    /// These.
    All(Vec<String>),
    /// The rationale, and one more where the answer is one of these: (its identifier, the test of the answer).
    Mistakes(Vec<(String, Element)>),
}

/// The identifier of the one rationale of items without options.
pub const RATIONALE: &str = "rationale";

/// No answer gets nothing; else the score, then the feedback.
pub fn processing(scored: &ScoredBy, points: f64, shown: &ShownRationales) -> Element {
    let response = || variable("RESPONSE");
    let nothing = qti("response-if").child(qti("is-null").child(response())).child(set("SCORE", value("float", "0")));
    let mut answered = qti("response-else").children(score(scored, points));
    let identifiers = |list: Vec<Element>| qti("multiple").children(list);
    match shown {
        ShownRationales::Chosen => answered = answered.child(set("FEEDBACK", response())),
        ShownRationales::All(all) => {
            let all = all.iter().map(|one| value("identifier", one.as_str())).collect();
            answered = answered.child(set("FEEDBACK", identifiers(all)));
        }
        ShownRationales::Mistakes(mistakes) => {
            answered = answered.child(set("FEEDBACK", identifiers(vec![value("identifier", RATIONALE)])));
            if !mistakes.is_empty() {
                answered = answered.child(mistaken(mistakes));
            }
        }
    }
    qti("response-processing").child(qti("response-condition").child(nothing).child(answered))
}

fn score(scored: &ScoredBy, points: f64) -> Vec<Element> {
    let right = |test: Element| {
        let full = qti("response-if").child(test).child(set("SCORE", value("float", plain_number(points))));
        let none = qti("response-else").child(set("SCORE", value("float", "0")));
        vec![qti("response-condition").child(full).child(none)]
    };
    let (response, correct) = (variable("RESPONSE"), qti("correct").with("identifier", "RESPONSE"));
    match scored {
        ScoredBy::Map => vec![set("SCORE", qti("map-response").with("identifier", "RESPONSE"))],
        ScoredBy::Match => right(qti("match").child(response).child(correct)),
        ScoredBy::Within(tolerance) => {
            let distance = plain_number(*tolerance);
            let equal = match *tolerance > 0.0 {
                true => qti("equal").with("tolerance-mode", "absolute").with("tolerance", format!("{distance} {distance}")),
                false => qti("equal").with("tolerance-mode", "exact"),
            };
            right(equal.child(response).child(correct))
        }
    }
}

fn mistaken(mistakes: &[(String, Element)]) -> Element {
    let branches = mistakes.iter().enumerate().map(|(i, (identifier, test))| {
        let shown = [RATIONALE, identifier].map(|one| value("identifier", one));
        let branch = if i == 0 { qti("response-if") } else { qti("response-else-if") };
        branch.child(test.clone()).child(set("FEEDBACK", qti("multiple").children(shown)))
    });
    qti("response-condition").children(branches)
}
