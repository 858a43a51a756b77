//! What must be there before a submission is accepted: what is missing refuses it, with a pointer for each part. Pure.
//!
//! Never here: what is thin, wrong or dishonest; that comes back as `feedback` and refuses nothing.

use crate::error::FieldError;
use crate::submissions::feedback::evidence::shows;
use crate::submissions::feedback::words::present;
use crate::submissions::wire::{Escalation, SubmissionContent};
use crate::web::limits::Wrong;

/// What must be there before a submission is accepted.
pub fn missing(content: &SubmissionContent) -> Vec<FieldError> {
    let mut wrong = Wrong::default();
    let evidence = content.evidence.clone().unwrap_or_default();
    if content.case.is_none() && !shows(&evidence) {
        wrong.add("/evidence", "is missing: give visible_text, http.body or a comparison, or name a sample case in /case.");
    }
    let diagnosis = content.diagnosis.clone().unwrap_or_default();
    if diagnosis.layer.is_none() {
        wrong.add("/diagnosis/layer", "is missing: name the layer, or `undetermined`.");
    }
    if !present(diagnosis.because.as_ref()) {
        wrong.add("/diagnosis/because", "is missing: say what speaks for this layer.");
    }
    let reframe = content.reframe.clone().unwrap_or_default();
    if !present(reframe.rewritten.as_ref()) {
        wrong.add("/reframe/rewritten", "is missing: write the request anew, or the step that helps where words cannot.");
    }
    if !present(reframe.role.as_ref()) && !present(reframe.purpose.as_ref()) {
        wrong.add("/reframe/purpose", "is missing: say who asks (role) or what for (purpose).");
    }
    missing_escalation(&content.escalation.clone().unwrap_or_default(), &mut wrong);
    wrong.0
}

fn missing_escalation(escalation: &Escalation, wrong: &mut Wrong) {
    match escalation.needed {
        None => wrong.add("/escalation/needed", "is missing: decide whether somebody should act."),
        Some(true) => {
            if !present(escalation.channel.as_ref()) {
                wrong.add("/escalation/channel", "is missing: name the channel that reaches whoever can act.");
            }
            if !present(escalation.message.as_ref()) {
                wrong.add("/escalation/message", "is missing: write what they are told.");
            }
        }
        Some(false) if !present(escalation.why_not.as_ref()) => {
            wrong.add("/escalation/why_not", "is missing: say in a sentence why nobody needs to act.");
        }
        Some(false) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(value: serde_json::Value) -> SubmissionContent {
        serde_json::from_value(value).unwrap()
    }

    fn pointers(content: &SubmissionContent) -> Vec<String> {
        missing(content).into_iter().filter_map(|wrong| wrong.pointer).collect()
    }

    #[test]
    fn an_empty_draft_lacks_everything_and_says_where() {
        let expected = [
            "/evidence",
            "/diagnosis/layer",
            "/diagnosis/because",
            "/reframe/rewritten",
            "/reframe/purpose",
            "/escalation/needed",
        ];
        assert_eq!(pointers(&SubmissionContent::default()), expected);
    }

    #[test]
    fn escalation_needs_channel_and_message_or_a_reason() {
        let of = |value| {
            pointers(&content(
                json!({"case": "c", "diagnosis": {"layer": "user_tier", "because": "b"}, "reframe": {"rewritten": "r", "role": "x"}, "escalation": value}),
            ))
        };
        assert_eq!(of(json!({"needed": true})), ["/escalation/channel", "/escalation/message"]);
        assert_eq!(of(json!({"needed": false, "why_not": "  "})), ["/escalation/why_not"]);
        assert!(of(json!({"needed": false, "why_not": "it was right"})).is_empty());
        assert!(of(json!({"needed": true, "channel": "form", "message": "m"})).is_empty());
    }
}
