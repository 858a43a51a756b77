//! The assessment test: one part with one section of all items, and the total of the points.

use crate::qti3::processing::{outcome, qti, set, value, variable};
use crate::source::{QuizSource, identifier, plain_number};
use crate::xml::Element;
use waymark_curriculum::format::AuthoredWhen;

/// Where an item's file is in the package.
pub fn path(item: &str) -> String {
    format!("items/{}.xml", identifier(item))
}

pub fn test(source: &QuizSource<'_>) -> Element {
    let policy = &source.quiz.policy;
    let references = source
        .quiz
        .items
        .iter()
        .map(|item| qti("assessment-item-ref").with("identifier", identifier(&item.id)).with("href", path(&item.id)));
    let selection = policy.draw.map(|draw| qti("selection").with("select", draw.to_string()));
    let section = qti("assessment-section")
        .with("identifier", "items")
        .with("title", source.line(&source.quiz.title))
        .with("visible", "true")
        .children(selection)
        .child(qti("ordering").with("shuffle", policy.shuffle_items.to_string()))
        .children(references);
    let control = qti("item-session-control")
        .with("max-attempts", "1")
        .with("show-feedback", (policy.reveal.rationale != AuthoredWhen::Never).to_string())
        .with("allow-review", "true");
    let part = qti("test-part")
        .with("identifier", "quiz")
        .with("navigation-mode", "nonlinear")
        .with("submission-mode", "simultaneous")
        .child(control)
        .child(section);
    qti("assessment-test")
        .with("xmlns", super::NAMESPACE)
        .with("xmlns:xsi", super::XSI)
        .with("xsi:schemaLocation", super::LOCATION)
        .with("identifier", identifier(&source.lesson.slug))
        .with("title", source.line(&source.quiz.title))
        .with("xml:lang", source.language)
        .with("tool-name", "Waymark")
        .with("tool-version", env!("CARGO_PKG_VERSION"))
        .child(outcome("SCORE", "single", "float", Some("0".to_owned())))
        .child(outcome("MAXSCORE", "single", "float", Some("0".to_owned())))
        .child(outcome("PASSED", "single", "boolean", Some("false".to_owned())))
        .child(part)
        .child(outcomes(policy.pass_mark))
}

/// The sums over all items, and whether they reach the pass mark.
fn outcomes(pass_mark: f64) -> Element {
    let sum = |of: &str| qti("sum").child(qti("test-variables").with("variable-identifier", of));
    let enough = qti("gte")
        .child(variable("SCORE"))
        .child(qti("product").child(variable("MAXSCORE")).child(value("float", plain_number(pass_mark))));
    qti("outcome-processing")
        .child(set("SCORE", sum("SCORE")))
        .child(set("MAXSCORE", sum("MAXSCORE")))
        .child(set("PASSED", enough))
}
