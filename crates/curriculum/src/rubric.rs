//! The parts of a submission, and the names of the checks by which a rubric may have them scored.

use crate::format::AuthoredPart;

pub const PARTS: [AuthoredPart; 4] =
    [AuthoredPart::Evidence, AuthoredPart::Diagnosis, AuthoredPart::Reframe, AuthoredPart::Escalation];

/// Every check by its part. A criterion's `checks` may name those of its own part.
pub fn checks_of(part: AuthoredPart) -> &'static [&'static str] {
    match part {
        AuthoredPart::Evidence => &["what_came_back", "raw_response", "where", "when", "contrast"],
        AuthoredPart::Diagnosis => &["because", "alternatives", "confidence", "deciding_pointers", "agrees", "open_question"],
        AuthoredPart::Reframe => {
            &["original", "rewritten", "context", "context_used", "minimal", "outcome", "first_step", "no_pretence", "no_evasion"]
        }
        AuthoredPart::Escalation => &[
            "why_not",
            "channel",
            "message",
            "request_id",
            "when",
            "model",
            "reproduction",
            "expected_observed",
            "asks_for",
            "no_secrets",
        ],
    }
}

/// The one check that takes the points of every criterion which lists it.
pub const NO_EVASION: &str = "no_evasion";

pub fn part_name(part: AuthoredPart) -> &'static str {
    match part {
        AuthoredPart::Evidence => "evidence",
        AuthoredPart::Diagnosis => "diagnosis",
        AuthoredPart::Reframe => "reframe",
        AuthoredPart::Escalation => "escalation",
    }
}
