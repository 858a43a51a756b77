//! What learners hand in: a complete submission of 7 KB, and evidence of 4 KB for a diagnosis.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use waymark::clock::Clock;

use crate::load::{Made, Same, Script, request};
use crate::server::Prepared;
use crate::whole::LEARNERS;

const SUBMISSION_BYTES: usize = 7_000;
const EVIDENCE_BYTES: usize = 4_000;

/// What a person saw, said in as many sentences as are needed, each with something of its own.
const SENTENCES: [&str; 8] = [
    "The ward manager asked for ten questions about patients who fall at night",
    "The first two answers came at once, the third stopped after a heading",
    "Nothing in the window said why, and the button to report it was grey",
    "A colleague on the same key had the same text answered an hour before",
    "The log of the gateway shows one call, a status and the length of the body",
    "With the system prompt of the portal it ended, without it an answer came",
    "We tried a shorter wording, another day and the second deployment",
    "The field named the prompt as what was filtered, at a medium severity",
];

/// Prose of about this many bytes.
fn prose(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 100);
    for (number, sentence) in (1..).zip(SENTENCES.iter().cycle()) {
        if text.len() >= bytes {
            break;
        }
        text += &format!("{sentence} (note {number}). ");
    }
    text
}

/// What came back, with a visible text that fills it up.
fn evidence(bytes: usize) -> Value {
    let error = json!({"error": {"code": "content_filter", "param": "prompt", "status": 400,
        "message": "The response was filtered due to the prompt triggering the content management policy.",
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {
            "violence": {"filtered": true, "severity": "medium"}, "self_harm": {"filtered": false, "severity": "low"}}}}});
    let mut evidence = json!({
        "provider": "Azure OpenAI", "model": "gpt-4o", "surface": "api", "language": "en", "happened_on": "2026-11-10",
        "http": {"status": 400, "body": error.to_string(), "headers": [
            {"name": "content-type", "value": "application/json"}, {"name": "x-ms-region", "value": "North Europe"},
            {"name": "apim-request-id", "value": "6f1c0c5e-51b4-4f0e-8a55-0d8d9be1f2aa"}]},
        "observed": {"output": "none", "explained": false, "raw_api": {"result": "refused", "tries": 3},
            "other_accounts": "not_tried", "tried": ["The same text again", "A shorter text"]},
        "comparison": {"with": "Refused with the portal's system prompt.", "without": "Answered with ten questions."},
    });
    let visible = prose(bytes.saturating_sub(evidence.to_string().len()));
    if let Some(fields) = evidence.as_object_mut() {
        fields.insert("visible_text".to_owned(), visible.into());
    }
    evidence
}

/// A submission with all four parts, of a learner whose number is still to be put in the place of `LEARNER`.
fn complete_submission(lesson: &str) -> Value {
    json!({
        "lesson": lesson, "submit": true, "evidence": evidence(SUBMISSION_BYTES - 2_300),
        "learner": {"identity": {"system": "https://idp.example.edu", "id": "work-LEARNER"}},
        "context": {"platform": "https://moodle.example.edu", "group": "course-114/section-3", "placement": "resource-link-78"},
        "diagnosis": {"layer": "pre_classifier", "alternatives": ["post_classifier"], "confidence": 0.8,
            "because": format!("The body names the prompt as the filtered part, and no output was produced. {}", prose(250)),
            "deciding_pointers": ["/error/param", "/error/innererror/code"]},
        "reframe": {"original": "Write ten quiz questions about patients at risk of falls.",
            "rewritten": format!("I teach student nurses. Write ten quiz questions on whom to call when a patient may fall. {}", prose(250)),
            "role": "nurse educator", "purpose": "a lesson on patient safety", "audience": "student nurses in their first year",
            "scope": "falls at night, on one ward", "outcome": "answered"},
        "escalation": {"needed": true, "channel": "the platform team's queue", "state": "drafted",
            "message": format!("Requests about patient safety are filtered with a 400 before anything is generated. {}", prose(300))},
    })
}

/// Hands in one new submission after another, and wants its feedback.
pub fn submissions(prepared: &Prepared) -> Box<dyn Script> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (body, token, clock) = (complete_submission(&prepared.lesson).to_string(), prepared.token.clone(), Clock::system());
    let make = move || {
        let learner = NEXT.fetch_add(1, Ordering::Relaxed) % LEARNERS;
        let body = body.replace("LEARNER", &learner.to_string());
        request("PUT", &format!("/v1/submissions/{}", clock.id()), &token, &body)
    };
    Box::new(Made::new(make, b"\"feedback\":{"))
}

/// What to diagnose, as it is sent.
pub fn evidence_text() -> String {
    evidence(EVIDENCE_BYTES).to_string()
}

/// Asks for the diagnosis of the same evidence again and again; nothing is kept.
pub fn diagnoses(prepared: &Prepared) -> Box<dyn Script> {
    let body = evidence_text();
    Box::new(Same::new(request("POST", "/v1/diagnoses", &prepared.token, &body), b"\"verdict\":\"pre_classifier\""))
}
