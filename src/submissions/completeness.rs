//! The automatic checks at submission: what is missing, and what is thin. Pure, and deterministic.
//!
//! What is missing refuses the submission; what is thin comes back as feedback and refuses nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::diagnosis::Evidence;
use crate::error::FieldError;
use crate::submissions::wire::{Content, Diagnosis, Escalation, Reframe};
use crate::web::limits::Wrong;

/// What the service says at once about a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Feedback {
    /// Whether every check passed.
    pub complete: bool,
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `evidence`, `diagnosis`, `reframe` or `escalation`.
    #[schema(example = "diagnosis")]
    pub part: String,
    /// Stable name of the check; more may come.
    #[schema(example = "alternatives")]
    pub id: String,
    pub passed: bool,
    /// What is there, or what would help.
    pub message: String,
}

/// From this length on a text can say why, in characters: about two short sentences.
const THIN: usize = 60;

fn present(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

fn full(text: Option<&String>) -> bool {
    text.is_some_and(|text| text.trim().chars().count() >= THIN)
}

/// What must be there before a submission is accepted.
pub fn missing(content: &Content) -> Vec<FieldError> {
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

/// Whether the evidence shows anything of what came back.
fn shows(evidence: &Evidence) -> bool {
    let body = evidence.http.as_ref().and_then(|http| http.body.as_ref());
    let compared = evidence.comparison.as_ref().is_some_and(|c| present(c.with.as_ref()) || present(c.without.as_ref()));
    present(evidence.visible_text.as_ref()) || present(body) || compared
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, part: &str, id: &str, passed: bool, yes: &str, no: &str) {
        let message = if passed { yes } else { no }.to_owned();
        self.0.push(Check { part: part.to_owned(), id: id.to_owned(), passed, message });
    }
}

/// Feedback on a submission that has all that must be there. `sample` is the evidence of the case it is about.
pub fn feedback(content: &Content, sample: Option<&Evidence>) -> Feedback {
    let mut checks = Checks::default();
    let own = content.evidence.clone().unwrap_or_default();
    let evidence = match sample {
        Some(sample) if !shows(&own) => sample,
        _ => &own,
    };
    let (diagnosis, reframe) = (content.diagnosis.clone().unwrap_or_default(), content.reframe.clone().unwrap_or_default());
    about_evidence(evidence, &mut checks);
    about_diagnosis(&diagnosis, evidence, &mut checks);
    about_reframe(&reframe, &mut checks);
    about_escalation(&content.escalation.clone().unwrap_or_default(), &mut checks);
    Feedback { complete: checks.0.iter().all(|check| check.passed), checks: checks.0 }
}

fn about_evidence(evidence: &Evidence, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add("evidence", id, passed, yes, no);
    let http = evidence.http.as_ref();
    let raw = http.is_some_and(|http| http.status.is_some() || present(http.body.as_ref()));
    add(
        "raw_response",
        raw,
        "The raw response is there.",
        "Add the HTTP status and the raw body if you can get them: they say more than the visible text.",
    );
    let named = present(evidence.provider.as_ref()) && present(evidence.model.as_ref()) && present(evidence.surface.as_ref());
    add(
        "where",
        named,
        "Provider, model and surface are named.",
        "Name provider, model and surface, so that somebody else could try the same.",
    );
    add("when", evidence.happened_on.is_some(), "The day is there.", "Add the day: models and policies change.");
    let observed = evidence.observed.as_ref();
    let tried = observed.is_some_and(|o| o.raw_api.is_some() || o.other_accounts.is_some() || !o.tried.is_empty());
    add(
        "contrast",
        tried || evidence.comparison.is_some(),
        "There is something to compare with.",
        "Compare: the direct API, another account, or the same prompt without the system prompt.",
    );
}

fn about_diagnosis(diagnosis: &Diagnosis, evidence: &Evidence, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add("diagnosis", id, passed, yes, no);
    add(
        "because",
        full(diagnosis.because.as_ref()),
        "The reason is spelt out.",
        "Say in two or three sentences what speaks for this layer and against the next one.",
    );
    let others = diagnosis.alternatives.iter().any(|layer| Some(*layer) != diagnosis.layer);
    add("alternatives", others, "Another layer was weighed.", "Name the layer that fits second best.");
    add("confidence", diagnosis.confidence.is_some(), "Confidence is stated.", "Say how sure you are, from 0 to 1.");
    let body = evidence.http.as_ref().and_then(|http| http.body.as_deref());
    let body: Option<serde_json::Value> = body.and_then(|body| serde_json::from_str(body).ok());
    let whole = serde_json::to_value(evidence).unwrap_or_default();
    let leads = |pointer: &String| {
        body.as_ref().and_then(|b| b.pointer(pointer)).or_else(|| whole.pointer(pointer)).is_some_and(|found| !found.is_null())
    };
    let pointers = &diagnosis.deciding_pointers;
    let decided = !pointers.is_empty() && pointers.iter().all(leads);
    add(
        "deciding_pointers",
        decided,
        "What decides is pointed to.",
        "Point to the field that decides, such as /error/code in the body; each pointer must lead somewhere.",
    );
}

fn about_reframe(reframe: &Reframe, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add("reframe", id, passed, yes, no);
    let differs = present(reframe.original.as_ref()) && reframe.original != reframe.rewritten;
    add("original", differs, "The two versions stand side by side.", "Put the original request beside the rewritten one.");
    add(
        "rewritten",
        full(reframe.rewritten.as_ref()),
        "The rewritten version says enough.",
        "Let the rewritten version say who asks, what for, and what exactly is wanted.",
    );
    let honest = [&reframe.role, &reframe.purpose, &reframe.audience, &reframe.scope].iter().all(|text| present(text.as_ref()));
    add("context", honest, "Role, purpose, audience and scope are stated.", "State all four: role, purpose, audience and scope.");
    add(
        "outcome",
        present(reframe.outcome.as_ref()),
        "The outcome is recorded.",
        "Record what came of it: answered, partly answered, refused, or not tried.",
    );
}

fn about_escalation(escalation: &Escalation, checks: &mut Checks) {
    match escalation.needed {
        Some(true) => {
            let says = full(escalation.message.as_ref());
            checks.add(
                "escalation",
                "message",
                says,
                "The message says enough to act on.",
                "Let the message say what happened, how to repeat it, what it was for, and what you ask for.",
            );
        }
        _ => checks.add(
            "escalation",
            "why_not",
            present(escalation.why_not.as_ref()),
            "The reason is there.",
            "Say why nobody needs to act.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(value: serde_json::Value) -> Content {
        serde_json::from_value(value).unwrap()
    }

    fn pointers(content: &Content) -> Vec<String> {
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
        assert_eq!(pointers(&Content::default()), expected);
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

    #[test]
    fn a_pointer_must_lead_somewhere_in_the_body_or_the_evidence() {
        let check = |pointer: &str| {
            let content = content(
                json!({"evidence": {"http": {"status": 400, "body": "{\"error\":{\"code\":\"x\",\"type\":null}}"}}, "diagnosis": {"deciding_pointers": [pointer]}}),
            );
            feedback(&content, None).checks.into_iter().find(|c| c.id == "deciding_pointers").unwrap().passed
        };
        assert!(check("/error/code") && check("/http/status"));
        assert!(!check("/error/param") && !check("/error/type"));
    }

    #[test]
    fn a_thin_submission_is_accepted_with_feedback() {
        let thin = content(
            json!({"evidence": {"visible_text": "no"}, "diagnosis": {"layer": "trained_refusal", "because": "tone"}, "reframe": {"rewritten": "please", "purpose": "work"}, "escalation": {"needed": false, "why_not": "ok"}}),
        );
        assert!(missing(&thin).is_empty());
        let feedback = feedback(&thin, None);
        assert!(!feedback.complete && feedback.checks.iter().any(|c| !c.passed) && feedback.checks.iter().any(|c| c.passed));
    }

    #[test]
    fn a_sample_case_brings_its_evidence() {
        let sample = serde_json::from_value(json!({"provider": "p", "model": "m", "surface": "api", "http": {"status": 400}, "happened_on": "2026-11-10", "observed": {"tried": ["x"]}})).unwrap();
        let feedback = feedback(&content(json!({"case": "c"})), Some(&sample));
        assert!(feedback.checks.iter().filter(|c| c.part == "evidence").all(|c| c.passed));
    }
}
