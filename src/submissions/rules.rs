//! The life of a submission, what changing it takes, and what its records say. Pure.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::db::types::Json;
use crate::error::{Code, Problem};
use crate::lessons::rules::canonical;
use crate::submissions::wire::SubmissionContent;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionState {
    Draft,
    Submitted,
    Returned,
    Reviewed,
}

/// What somebody wants to do with a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionStep {
    /// Replace the content.
    Save,
    Submit,
    Review,
    Return,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionEffect {
    To(SubmissionState),
    /// It is done already: nothing changes, and the answer is the same.
    Nothing,
    Illegal,
}

impl SubmissionState {
    pub const ALL: [SubmissionState; 4] =
        [SubmissionState::Draft, SubmissionState::Submitted, SubmissionState::Returned, SubmissionState::Reviewed];

    pub fn name(self) -> &'static str {
        match self {
            SubmissionState::Draft => "draft",
            SubmissionState::Submitted => "submitted",
            SubmissionState::Returned => "returned",
            SubmissionState::Reviewed => "reviewed",
        }
    }

    pub fn parse(name: &str) -> Option<SubmissionState> {
        SubmissionState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The whole table.
    pub fn effect(self, step: SubmissionStep) -> SubmissionEffect {
        use SubmissionEffect::{Illegal, Nothing, To};
        match (self, step) {
            (SubmissionState::Draft, SubmissionStep::Save) => To(SubmissionState::Draft),
            (SubmissionState::Returned, SubmissionStep::Save) => To(SubmissionState::Returned),
            (SubmissionState::Submitted | SubmissionState::Reviewed, SubmissionStep::Save) => Illegal,
            (SubmissionState::Draft | SubmissionState::Returned, SubmissionStep::Submit) => To(SubmissionState::Submitted),
            (SubmissionState::Submitted, SubmissionStep::Submit) => Nothing,
            (SubmissionState::Reviewed, SubmissionStep::Submit) => Illegal,
            (SubmissionState::Submitted | SubmissionState::Reviewed, SubmissionStep::Review) => To(SubmissionState::Reviewed),
            (SubmissionState::Submitted | SubmissionState::Reviewed, SubmissionStep::Return) => To(SubmissionState::Returned),
            (SubmissionState::Draft | SubmissionState::Returned, SubmissionStep::Review | SubmissionStep::Return) => Illegal,
        }
    }

    /// The state after a step; None where nothing changes.
    pub fn after(self, step: SubmissionStep) -> Result<Option<SubmissionState>, Problem> {
        match self.effect(step) {
            SubmissionEffect::To(state) => Ok(Some(state)),
            SubmissionEffect::Nothing => Ok(None),
            SubmissionEffect::Illegal => {
                let from: Vec<&str> = SubmissionState::ALL
                    .into_iter()
                    .filter(|s| s.effect(step) != SubmissionEffect::Illegal)
                    .map(SubmissionState::name)
                    .collect();
                let (step, from) = (step.name(), from.join(" or "));
                let detail = format!("The submission is {}; only one that is {from} can be {step}.", self.name());
                Err(Problem::new(Code::IllegalState, detail).with("state", self.name()))
            }
        }
    }
}

impl SubmissionStep {
    fn name(self) -> &'static str {
        match self {
            SubmissionStep::Save => "changed",
            SubmissionStep::Submit => "submitted",
            SubmissionStep::Review => "reviewed",
            SubmissionStep::Return => "returned",
        }
    }
}

/// Whether a PUT brings nothing new: then it is a repeat, and needs no If-Match. A repeated call with `submit` finds the
/// work submitted, or already judged since.
pub fn is_repeat(
    state: SubmissionState,
    stored: &SubmissionContent,
    sent: &SubmissionContent,
    submit: bool,
    conditional: bool,
) -> bool {
    let settled = !submit
        || matches!(state, SubmissionState::Submitted | SubmissionState::Reviewed)
        || (state == SubmissionState::Returned && !conditional);
    stored == sent && settled
}

/// Points in thousandths, if the number has at most three decimals and lies from 0 to `most`.
pub fn points_in_thousandths(points: f64, most: f64) -> Option<i64> {
    let milli = points * 1000.0;
    let whole = milli.is_finite() && (milli - milli.round()).abs() < 1e-6;
    (whole && (0.0..=most).contains(&points)).then(|| crate::attempts::points::milli(points))
}

/// A digest of text that nobody can find by trying likely texts, since it is keyed.
pub fn keyed_digest(key: &[u8], content: &Value) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Problem::internal)?;
    mac.update(canonical(content).as_bytes());
    Ok(format!("hmac-sha256-{}", hex::encode(mac.finalize().into_bytes())))
}

/// What a record says about content: coded answers and lengths, and no text that a person typed.
pub fn coded_content(revision: i64, state: SubmissionState, content: &SubmissionContent, key: &[u8]) -> Result<Value, Problem> {
    let length = |text: Option<&String>| text.map_or(0, |text| text.chars().count());
    let (evidence, diagnosis) = (content.evidence.as_ref(), content.diagnosis.as_ref());
    let (reframe, escalation) = (content.reframe.as_ref(), content.escalation.as_ref());
    let http = evidence.and_then(|e| e.http.as_ref());
    let observed = evidence.and_then(|e| e.observed.as_ref());
    Ok(json!({
        "revision": revision,
        "state": state.name(),
        "digest": keyed_digest(key, &Json::of(content).0)?,
        "case": content.case,
        "evidence": evidence.map(|e| json!({
            "status": http.and_then(|h| h.status),
            "output": observed.and_then(|o| o.output),
            "body_length": length(http.and_then(|h| h.body.as_ref())),
            "visible_text_length": length(e.visible_text.as_ref()),
            "compared": e.comparison.is_some(),
        })),
        "diagnosis": diagnosis.map(|d| json!({
            "layer": d.layer,
            "alternatives": d.alternatives,
            "confidence": d.confidence,
            "because_length": length(d.because.as_ref()),
            "pointers": d.deciding_pointers.len(),
        })),
        "reframe": reframe.map(|r| json!({"rewritten_length": length(r.rewritten.as_ref())})),
        "escalation": escalation.map(|e| json!({
            "needed": e.needed,
            "state": e.state,
            "message_length": length(e.message.as_ref()),
        })),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_states() {
        use SubmissionState::*;
        use SubmissionStep::{Return, Review, Save, Submit};
        let legal = [
            (Draft, Save, Draft),
            (Draft, Submit, Submitted),
            (Submitted, Review, Reviewed),
            (Submitted, Return, Returned),
            (Returned, Save, Returned),
            (Returned, Submit, Submitted),
            (Reviewed, Review, Reviewed),
            (Reviewed, Return, Returned),
        ];
        for state in SubmissionState::ALL {
            for step in [Save, Submit, Review, Return] {
                let expected = legal.iter().find(|(s, t, _)| (*s, *t) == (state, step)).map_or(
                    if (state, step) == (Submitted, Submit) { SubmissionEffect::Nothing } else { SubmissionEffect::Illegal },
                    |(_, _, to)| SubmissionEffect::To(*to),
                );
                assert_eq!(state.effect(step), expected, "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn an_illegal_step_names_the_state() {
        let problem = Reviewed.after(SubmissionStep::Save).unwrap_err();
        assert_eq!((problem.code(), problem.params()["state"].as_str()), (Code::IllegalState, Some("reviewed")));
    }
    use SubmissionState::Reviewed;

    #[test]
    fn a_repeat_needs_the_same_content_and_nothing_left_to_do() {
        let (same, other) =
            (SubmissionContent::default(), SubmissionContent { case: Some("c".to_owned()), ..SubmissionContent::default() });
        assert!(is_repeat(SubmissionState::Draft, &same, &same, false, false));
        assert!(!is_repeat(SubmissionState::Draft, &same, &other, false, false));
        assert!(!is_repeat(SubmissionState::Draft, &same, &same, true, false));
        assert!(is_repeat(SubmissionState::Submitted, &same, &same, true, false));
        assert!(is_repeat(SubmissionState::Returned, &same, &same, true, false));
        assert!(
            !is_repeat(SubmissionState::Returned, &same, &same, true, true),
            "with If-Match it is a new submission of the same"
        );
    }

    #[test]
    fn points_have_three_decimals_at_most() {
        assert_eq!(points_in_thousandths(2.125, 3.0), Some(2125));
        assert_eq!(points_in_thousandths(0.1 + 0.2, 3.0), Some(300));
        for wrong in [2.1255, -1.0, 3.001, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(points_in_thousandths(wrong, 3.0), None, "{wrong}");
        }
    }

    #[test]
    fn a_record_holds_no_typed_text() {
        let content: SubmissionContent = serde_json::from_value(json!({
            "case": "case-a", "evidence": {"provider": "SECRET", "visible_text": "SECRET", "http": {"body": "SECRET", "status": 400}},
            "diagnosis": {"layer": "user_tier", "because": "SECRET", "deciding_pointers": ["/SECRET"], "confidence": 0.5},
            "reframe": {"rewritten": "SECRET"}, "escalation": {"needed": true, "channel": "SECRET", "message": "SECRET"}}))
        .unwrap();
        let body = coded_content(3, SubmissionState::Draft, &content, b"key").unwrap();
        assert!(!body.to_string().contains("SECRET"), "{body}");
        assert_eq!(body["diagnosis"]["layer"], "user_tier");
        assert_ne!(body["digest"], coded_content(3, SubmissionState::Draft, &content, b"other").unwrap()["digest"]);
    }
}
