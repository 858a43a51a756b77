//! What the service says at once about a submission: is the evidence enough, does the diagnosis agree with it, is the reframe
//! honest, can somebody act on the escalation. Pure, deterministic, without a model.
//!
//! Never here: what refuses a submission (that is `completeness`), and any wording that would get past a check. An evasion is
//! named and explained, never written, completed or improved.

pub mod agreement;
#[cfg(test)]
mod agreement_tests;
pub mod checks;
pub mod escalation;
pub mod evasion;
pub mod evidence;
#[cfg(test)]
mod feedback_tests;
#[cfg(test)]
mod property_tests;
pub mod reframe;
pub mod scores;
pub mod steps;
pub mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::diagnosis::{Evidence, Verdict};
use crate::lessons::format::AuthoredCriterion;
use crate::submissions::wire::SubmissionContent;
use agreement::Agreement;
use checks::{Check, Checks};
use evasion::Evasion;
use scores::CriterionFeedback;

/// What the service says at once about a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Feedback {
    /// Whether every check passed.
    pub complete: bool,
    pub checks: Vec<Check>,
    /// The criteria of the rubric that the service scores, in the rubric's order. The others are scored by people only.
    #[serde(default)]
    #[schema(required)]
    pub criteria: Vec<CriterionFeedback>,
    /// The exact sum of what `criteria` give, rounded once to three decimals.
    #[serde(default)]
    #[schema(required, minimum = 0, example = 12.5)]
    pub score: f64,
    /// The sum of `max` of `criteria`: what the service can give, which may be less than the whole rubric.
    #[serde(default)]
    #[schema(required, minimum = 0, example = 18)]
    pub max_score: f64,
    /// The learner's diagnosis beside the service's own reading of the evidence; null in feedback from before there was one.
    #[serde(default)]
    #[schema(required)]
    pub diagnosis: Option<Agreement>,
    /// What reads like an attempt to get round a check, at most one of a kind in each field; empty where nothing does.
    #[serde(default)]
    #[schema(required)]
    pub evasions: Vec<Evasion>,
}

/// Feedback on a submission that has all that must be there. `evidence` is what it rests on (see [`evidence::basis`]), and
/// `verdict` what the service reads in that.
pub fn feedback(content: &SubmissionContent, evidence: &Evidence, verdict: &Verdict, rubric: &[AuthoredCriterion]) -> Feedback {
    let mut checks = Checks::default();
    let diagnosis = content.diagnosis.clone().unwrap_or_default();
    let evasions = evasion::find_evasions(content);
    evidence::check_evidence(evidence, &mut checks);
    let agreement = agreement::compare(&diagnosis, verdict);
    agreement::check_agreement(&diagnosis, evidence, &agreement, &mut checks);
    reframe::check_reframe(content, verdict, &agreement, &evasions, &mut checks);
    escalation::check_escalation(content, evidence, verdict, &mut checks);
    let criteria = scores::criteria(rubric, &checks.0);
    let (score, max_score) = scores::sums(&criteria, &checks.0);
    Feedback {
        complete: checks.0.iter().all(|check| check.passed),
        checks: checks.0,
        criteria,
        score,
        max_score,
        diagnosis: Some(agreement),
        evasions,
    }
}
