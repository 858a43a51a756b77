//! The parts of a submission, and the names of the checks by which a rubric may have them scored.

use crate::format::Part;

pub const PARTS: [Part; 4] = [Part::Evidence, Part::Diagnosis, Part::Reframe, Part::Escalation];

/// Every check by its part. A criterion's `checks` may name those of its own part.
pub fn known(part: Part) -> &'static [&'static str] {
    match part {
        Part::Evidence => &["what_came_back", "raw_response", "where", "when", "contrast"],
        Part::Diagnosis => &["because", "alternatives", "confidence", "deciding_pointers", "agrees", "open_question"],
        Part::Reframe => {
            &["original", "rewritten", "context", "context_used", "minimal", "outcome", "first_step", "no_pretence", "no_evasion"]
        }
        Part::Escalation => &[
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

pub fn part_name(part: Part) -> &'static str {
    match part {
        Part::Evidence => "evidence",
        Part::Diagnosis => "diagnosis",
        Part::Reframe => "reframe",
        Part::Escalation => "escalation",
    }
}
