//! Results in words, for a model that reads text.

use std::fmt::Write as _;

use serde_json::Value;
use waymark_packages::markdown::fenced;

use crate::mcp::wire::{AgentLessonLine, AgentSignals, QuizChoice, QuizOutcome, QuizQuestion, QuizStep};

/// How many reasons are told in words; all are in the structured result.
const REASONS: usize = 5;

/// A verdict of the API, in words.
pub fn verdict_in_words(verdict: &Value) -> String {
    let text = |name: &str| verdict.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    // None where nothing is decided.
    let confidence = verdict.get("confidence").and_then(Value::as_f64);
    let confidence = confidence.map(|share| format!("confidence {share:.2}, ")).unwrap_or_default();
    let mut out = format!("{} ({confidence}extent {})\n{}\n", text("verdict"), text("extent"), text("summary"));
    let rows = [
        ("Who can act", text("owner")),
        ("Next step", text("next_step")),
        ("Do not", text("do_not")),
        ("Would decide", text("collect")),
        ("Would change this", text("would_change")),
    ];
    for (name, row) in rows.into_iter().filter(|(_, row)| !row.is_empty()) {
        let _ = writeln!(out, "{name}: {row}");
    }
    let list = |name: &str| verdict.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !list("reasons").is_empty() {
        out.push_str("Reasons:\n");
    }
    list("reasons").iter().take(REASONS).for_each(|one| reason(&mut out, one));
    list("notes").iter().filter_map(Value::as_str).for_each(|note| {
        let _ = writeln!(out, "Note: {note}");
    });
    out
}

fn reason(out: &mut String, reason: &Value) {
    let text = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or_default();
    let place = Some(text("pointer")).filter(|pointer| !pointer.is_empty()).unwrap_or(text("evidence"));
    let quote = Some(text("quote")).filter(|quote| !quote.is_empty()).map(|quote| format!(" {quote:?}")).unwrap_or_default();
    let _ = writeln!(out, "- {place}{quote}: {} (rule {})", text("meaning"), text("rule"));
}

/// A page of signals, in words.
pub fn signals_in_words(signals: &AgentSignals) -> String {
    if signals.items.is_empty() {
        return "No signal fits. Look with fewer words, or without provider and layer.".to_owned();
    }
    let mut out = String::new();
    for signal in &signals.items {
        let between = signal.between.join(" or ");
        let layer = if between.is_empty() { signal.layer.clone() } else { format!("{}, between {between}", signal.layer) };
        let _ = writeln!(out, "- {} ({}): {layer}, {:.2}. {}", signal.id, signal.provider, signal.weight, signal.meaning);
    }
    if let Some(cursor) = &signals.next_cursor {
        let _ = writeln!(out, "More follow: call it again with the same arguments and `cursor` {cursor:?}.");
    }
    out
}

/// The lessons, in words.
pub fn lessons_in_words(lessons: &[AgentLessonLine]) -> String {
    let mut out = String::new();
    for lesson in lessons {
        let languages = lesson.languages.join(", ");
        let _ = writeln!(
            out,
            "- {}: {} ({} min; {languages}). {}",
            lesson.slug,
            lesson.title,
            lesson.reading_minutes,
            lesson.summary.trim()
        );
    }
    if out.is_empty() { "There is no lesson.".to_owned() } else { out }
}

/// Where an attempt is, in words.
pub fn quiz_in_words(step: &QuizStep) -> String {
    let QuizStep { attempt, lesson, purpose, state, answered, of, .. } = step;
    let mut out = format!("Attempt {attempt} at {lesson} ({purpose}, {state}): {answered} of {of} items answered.\n");
    if let Some(item) = &step.item {
        question(&mut out, item);
    }
    if let Some(result) = &step.result {
        outcome(&mut out, result);
    }
    let _ = writeln!(out, "\n{}", step.next);
    out
}

fn question(out: &mut String, item: &QuizQuestion) {
    let _ = writeln!(out, "\nItem {} ({}, {} points)\n\n{}", item.item, item.kind, item.points, item.question.trim());
    for shown in &item.evidence {
        let _ = writeln!(out, "\n{}\n\n{}", shown.description.trim(), fenced(shown.content.trim_end_matches('\n')));
    }
    choices(out, "To be matched", &item.prompts);
    choices(out, "Options", &item.options);
    if let Some(unit) = &item.unit {
        let _ = writeln!(out, "\nUnit: {unit}");
    }
    let _ = writeln!(out, "\nForm of the response: {}", item.answer_with);
}

fn choices(out: &mut String, title: &str, choices: &[QuizChoice]) {
    if choices.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}:");
    for choice in choices {
        let _ = writeln!(out, "- `{}`: {}", choice.id, choice.text.trim().replace('\n', "\n  "));
    }
}

fn outcome(out: &mut String, result: &QuizOutcome) {
    match (result.scaled, result.raw, result.max) {
        (Some(scaled), Some(raw), Some(max)) => {
            let passed = if result.passed == Some(true) { "passed" } else { "not passed" };
            let _ = writeln!(out, "\nResult: {raw} of {max} points ({:.0} %), {passed}.", scaled * 100.0);
        }
        _ => out.push_str("\nThe quiz's policy does not show the result yet.\n"),
    }
    for item in &result.items {
        let points = item.points.map(|points| format!(", {points} of {} points", item.max_points)).unwrap_or_default();
        let _ = writeln!(out, "\n{}: {}{points}", item.item, item.verdict.as_deref().unwrap_or("not shown yet"));
        if let Some(right) = &item.right {
            let _ = writeln!(out, "Right: {right}");
        }
        for reason in &item.reasons {
            let about = reason.about.as_ref().map(|about| format!("`{about}`: ")).unwrap_or_default();
            let _ = writeln!(out, "- {about}{}", reason.text.trim().replace('\n', "\n  "));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verdict_says_what_may_be_done_and_what_not() {
        let verdict = json!({"verdict": "pre_classifier", "confidence": 0.97, "extent": "full", "summary": "A filter on the input.",
            "owner": "provider", "next_step": "Say what it is for.", "do_not": "Do not disguise words.", "would_change": "Output.",
            "collect": null, "notes": ["The body is cut off."],
            "reasons": [{"pointer": "/error/param", "quote": "prompt", "meaning": "It was read.", "rule": "azure-prompt-filtered"},
                        {"pointer": null, "evidence": "/visible_text", "quote": null, "meaning": "Words.", "rule": "wording"}]});
        let words = verdict_in_words(&verdict);
        for line in [
            "pre_classifier (confidence 0.97, extent full)",
            "Who can act: provider",
            "Do not: Do not disguise words.",
            "- /error/param \"prompt\": It was read. (rule azure-prompt-filtered)",
            "- /visible_text: Words. (rule wording)",
            "Note: The body is cut off.",
        ] {
            assert!(words.lines().any(|one| one == line), "{line} is not in {words}");
        }
        assert!(!words.contains("Would decide"), "{words}");
        let open = json!({"verdict": "undetermined", "confidence": null, "extent": "none", "summary": "Not decided yet."});
        assert!(
            verdict_in_words(&open).starts_with("undetermined (extent none)\nNot decided yet."),
            "{}",
            verdict_in_words(&open)
        );
    }
}
