//! How large each piece of a submission may be, and which values have a form. Pure; lists everything that is wrong.

use chrono::Datelike;

use crate::attempts::wire::Context;
use crate::error::FieldError;
use crate::submissions::wire::{Diagnosis, Escalation, Evidence, HttpEvidence, Observed, Reframe, SubmissionPut};

/// Names, channels, short answers, in characters.
pub const SHORT: usize = 200;
/// What a person writes.
pub const PROSE: usize = 8_000;
/// What a person pastes.
pub const PASTED: usize = 65_536;
/// Entries of a list.
pub const ENTRIES: usize = 50;

/// What is wrong, with its place.
#[derive(Default)]
pub struct Wrong(pub Vec<FieldError>);

impl Wrong {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: Some(pointer.into()), parameter: None, detail: detail.into() });
    }

    pub fn text(&mut self, pointer: &str, text: Option<&str>, most: usize) {
        let length = text.map_or(0, |text| text.chars().count());
        if length > most {
            self.add(pointer, format!("has {length} characters; at most {most} are kept."));
        }
    }

    pub fn short(&mut self, pointer: &str, text: Option<&str>) {
        self.text(pointer, text, SHORT);
    }

    pub fn prose(&mut self, pointer: &str, text: Option<&str>) {
        self.text(pointer, text, PROSE);
    }

    pub fn count(&mut self, pointer: &str, entries: usize, most: usize) {
        if entries > most {
            self.add(pointer, format!("has {entries} entries; at most {most} are kept."));
        }
    }

    fn language(&mut self, pointer: &str, tag: Option<&str>) {
        let fits = |tag: &str| {
            tag.len() <= 35
                && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        if tag.is_some_and(|tag| !fits(tag)) {
            self.add(pointer, "must be a BCP 47 language tag, such as en or pt-BR.");
        }
    }
}

/// Everything about a submission that can be judged without the curriculum.
pub fn check(put: &SubmissionPut) -> Wrong {
    let mut wrong = Wrong::default();
    wrong.short("/lesson", Some(&put.lesson));
    wrong.short("/version", put.version.as_deref());
    wrong.short("/exercise", put.exercise.as_deref());
    wrong.short("/case", put.case.as_deref());
    wrong.language("/language", put.language.as_deref());
    put.context.iter().for_each(|part| context(part, &mut wrong));
    put.evidence.iter().for_each(|part| evidence(part, &mut wrong));
    put.diagnosis.iter().for_each(|part| diagnosis(part, &mut wrong));
    put.reframe.iter().for_each(|part| reframe(part, &mut wrong));
    put.escalation.iter().for_each(|part| escalation(part, &mut wrong));
    wrong
}

fn context(context: &Context, wrong: &mut Wrong) {
    for (name, value) in [("platform", &context.platform), ("group", &context.group), ("placement", &context.placement)] {
        if value.as_ref().is_some_and(|text| text.chars().count() > 255 || text.chars().any(char::is_control)) {
            wrong.add(format!("/context/{name}"), "must be at most 255 characters without control characters.");
        }
    }
    let size = serde_json::to_string(&context.metadata).map_or(0, |text| text.len());
    if context.metadata.len() > 20 || size > 4096 {
        wrong.add("/context/metadata", "must have at most 20 entries and 4096 bytes.");
    }
}

fn evidence(evidence: &Evidence, wrong: &mut Wrong) {
    wrong.short("/evidence/provider", evidence.provider.as_deref());
    wrong.short("/evidence/model", evidence.model.as_deref());
    wrong.short("/evidence/surface", evidence.surface.as_deref());
    wrong.text("/evidence/visible_text", evidence.visible_text.as_deref(), PASTED);
    wrong.language("/evidence/language", evidence.language.as_deref());
    evidence.http.iter().for_each(|part| http(part, wrong));
    evidence.observed.iter().for_each(|part| observed(part, wrong));
    if let Some(comparison) = &evidence.comparison {
        wrong.text("/evidence/comparison/with", comparison.with.as_deref(), PASTED);
        wrong.text("/evidence/comparison/without", comparison.without.as_deref(), PASTED);
    }
    if evidence.happened_on.is_some_and(|day| !(1..=9999).contains(&day.year())) {
        wrong.add("/evidence/happened_on", "must be a date of the years 0001 to 9999.");
    }
}

fn http(http: &HttpEvidence, wrong: &mut Wrong) {
    if http.status.is_some_and(|status| !(100..=599).contains(&status)) {
        wrong.add("/evidence/http/status", "must be from 100 to 599.");
    }
    wrong.count("/evidence/http/headers", http.headers.len(), ENTRIES);
    for (i, header) in http.headers.iter().enumerate().take(ENTRIES) {
        wrong.short(&format!("/evidence/http/headers/{i}/name"), Some(&header.name));
        wrong.prose(&format!("/evidence/http/headers/{i}/value"), Some(&header.value));
    }
    wrong.text("/evidence/http/body", http.body.as_deref(), PASTED);
}

fn observed(observed: &Observed, wrong: &mut Wrong) {
    if observed.raw_api.as_ref().is_some_and(|raw| raw.tries.is_some_and(|tries| tries > 10_000)) {
        wrong.add("/evidence/observed/raw_api/tries", "must be from 0 to 10000.");
    }
    wrong.count("/evidence/observed/tried", observed.tried.len(), ENTRIES);
    for (i, tried) in observed.tried.iter().enumerate().take(ENTRIES) {
        wrong.prose(&format!("/evidence/observed/tried/{i}"), Some(tried));
    }
}

fn diagnosis(diagnosis: &Diagnosis, wrong: &mut Wrong) {
    wrong.count("/diagnosis/alternatives", diagnosis.alternatives.len(), 7);
    if diagnosis.confidence.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        wrong.add("/diagnosis/confidence", "must be from 0 to 1.");
    }
    wrong.prose("/diagnosis/because", diagnosis.because.as_deref());
    wrong.count("/diagnosis/deciding_pointers", diagnosis.deciding_pointers.len(), ENTRIES);
    for (i, pointer) in diagnosis.deciding_pointers.iter().enumerate().take(ENTRIES) {
        let at = format!("/diagnosis/deciding_pointers/{i}");
        wrong.short(&at, Some(pointer));
        if !is_pointer(pointer) {
            wrong.add(at, "must be a JSON pointer (RFC 6901), such as /error/code.");
        }
    }
}

/// RFC 6901, section 3.
fn is_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes
}

fn reframe(reframe: &Reframe, wrong: &mut Wrong) {
    let parts = [
        ("original", &reframe.original),
        ("rewritten", &reframe.rewritten),
        ("role", &reframe.role),
        ("purpose", &reframe.purpose),
        ("audience", &reframe.audience),
        ("scope", &reframe.scope),
        ("outcome", &reframe.outcome),
    ];
    for (name, text) in parts {
        wrong.prose(&format!("/reframe/{name}"), text.as_deref());
    }
}

fn escalation(escalation: &Escalation, wrong: &mut Wrong) {
    wrong.prose("/escalation/why_not", escalation.why_not.as_deref());
    wrong.short("/escalation/channel", escalation.channel.as_deref());
    wrong.prose("/escalation/message", escalation.message.as_deref());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_violation_is_listed_with_its_pointer() {
        let put: SubmissionPut = serde_json::from_value(json!({
            "lesson": "a", "language": "not a tag",
            "evidence": {"provider": "p".repeat(201), "http": {"status": 99, "body": "b".repeat(65_537)},
                         "happened_on": "-0001-01-01", "observed": {"tried": vec!["x"; 51]}},
            "diagnosis": {"confidence": 1.1, "deciding_pointers": ["error", "/a~2", "/a~1b", ""]},
            "reframe": {"scope": "s".repeat(8001)}, "escalation": {"channel": "c".repeat(201)}}))
        .unwrap();
        let pointers: Vec<String> = check(&put).0.into_iter().filter_map(|wrong| wrong.pointer).collect();
        let expected = [
            "/language",
            "/evidence/provider",
            "/evidence/http/status",
            "/evidence/http/body",
            "/evidence/observed/tried",
            "/evidence/happened_on",
            "/diagnosis/confidence",
            "/diagnosis/deciding_pointers/0",
            "/diagnosis/deciding_pointers/1",
            "/reframe/scope",
            "/escalation/channel",
        ];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn length_is_counted_in_characters() {
        let mut wrong = Wrong::default();
        wrong.short("/a", Some(&"ü".repeat(200)));
        assert!(wrong.0.is_empty());
    }
}
