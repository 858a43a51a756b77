//! How large each piece of a submission may be, and which values have a form. Pure; lists everything that is wrong.

use crate::attempts::rules;
use crate::attempts::wire::Context;
use crate::diagnosis::limits::wrong_with;
use crate::submissions::wire::{Diagnosis, Escalation, Reframe, SubmissionPut};
use crate::web::limits::{ENTRIES, Wrong};

/// Everything about a submission that can be judged without the curriculum.
pub fn check_limits(put: &SubmissionPut) -> Wrong {
    let mut wrong = Wrong::default();
    wrong.short("/lesson", Some(&put.lesson));
    wrong.short("/version", put.version.as_deref());
    wrong.short("/exercise", put.exercise.as_deref());
    wrong.short("/case", put.case.as_deref());
    wrong.language("/language", put.language.as_deref());
    put.context.iter().for_each(|part| context(part, &mut wrong));
    put.evidence.iter().for_each(|part| wrong.below("/evidence", wrong_with(part)));
    put.diagnosis.iter().for_each(|part| diagnosis(part, &mut wrong));
    put.reframe.iter().for_each(|part| reframe(part, &mut wrong));
    put.escalation.iter().for_each(|part| escalation(part, &mut wrong));
    wrong
}

fn context(context: &Context, wrong: &mut Wrong) {
    for (name, value) in [("platform", &context.platform), ("group", &context.group), ("placement", &context.placement)] {
        if value.as_ref().is_some_and(|text| text.chars().count() > rules::CONTEXT_TEXT || text.chars().any(char::is_control)) {
            wrong.add(format!("/context/{name}"), "must be at most 255 characters without control characters.");
        }
    }
    let size = serde_json::to_string(&context.metadata).map_or(0, |text| text.len());
    if context.metadata.len() > rules::METADATA_ENTRIES || size > rules::METADATA_BYTES {
        wrong.add("/context/metadata", "must have at most 20 entries and 4096 bytes.");
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
        let pointers: Vec<String> = check_limits(&put).0.into_iter().filter_map(|wrong| wrong.pointer).collect();
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
}
