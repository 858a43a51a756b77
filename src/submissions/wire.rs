//! What a submission looks like on its way in. Its evidence is the type that sample cases and diagnoses share.
//!
//! The parts come back in the shape in which they were sent, so a client can change what it read and send it again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attempts::wire::{Context, Started};
use crate::diagnosis::evidence::Evidence;
use crate::learners::named::LearnerRef;
use crate::lessons::format::Layer;
use crate::records::ClientTime;

/// Which layer refused, and why that is the answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Diagnosis {
    pub layer: Option<Layer>,
    /// Layers that would fit second best.
    #[schema(max_items = 7)]
    pub alternatives: Vec<Layer>,
    /// From 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
    #[schema(max_length = 8000)]
    pub because: Option<String>,
    /// JSON pointers (RFC 6901) to what decides, into the body of the evidence or into the evidence itself.
    #[schema(max_items = 50, example = json!(["/error/param"]))]
    pub deciding_pointers: Vec<String>,
}

/// An honest second version of the request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reframe {
    #[schema(max_length = 8000)]
    pub original: Option<String>,
    #[schema(max_length = 8000)]
    pub rewritten: Option<String>,
    #[schema(max_length = 8000)]
    pub role: Option<String>,
    #[schema(max_length = 8000)]
    pub purpose: Option<String>,
    #[schema(max_length = 8000)]
    pub audience: Option<String>,
    #[schema(max_length = 8000)]
    pub scope: Option<String>,
    /// What came of it, where it was tried.
    #[schema(max_length = 8000)]
    pub outcome: Option<String>,
}

/// Whether somebody should act, and what they are told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Escalation {
    pub needed: Option<bool>,
    #[schema(max_length = 8000)]
    pub why_not: Option<String>,
    #[schema(max_length = 200)]
    pub channel: Option<String>,
    #[schema(max_length = 8000)]
    pub message: Option<String>,
    pub state: Option<EscalationState>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EscalationState {
    /// Written, not sent.
    Drafted,
    Sent,
    /// Somebody replied.
    Answered,
    Closed,
}

/// Everything of a submission that can change, as it is stored, already masked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubmissionContent {
    pub case: Option<String>,
    pub evidence: Option<Evidence>,
    pub diagnosis: Option<Diagnosis>,
    pub reframe: Option<Reframe>,
    pub escalation: Option<Escalation>,
}

/// A submission, whole or in part: all four parts may be missing while it is a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lesson": "safety-classifiers-and-refusals", "case": "case-ward-quiz",
    "diagnosis": {"layer": "pre_classifier", "alternatives": ["post_classifier"], "confidence": 0.8,
        "because": "The body names the prompt as the filtered part, and no output was produced at all.",
        "deciding_pointers": ["/error/param"]},
    "reframe": {"original": "Write ten quiz questions about patients at risk.",
        "rewritten": "I teach student nurses. Write ten quiz questions on whom to call when a patient seems at risk.",
        "role": "nurse educator", "purpose": "a lesson on patient safety", "outcome": "answered"},
    "escalation": {"needed": false, "why_not": "The rewritten request was answered."},
    "submit": true}))]
pub struct SubmissionPut {
    /// Absent for a learner's own token, and when the submission exists already.
    pub learner: Option<LearnerRef>,
    /// Slug or alias.
    #[schema(max_length = 200)]
    pub lesson: String,
    /// The digest of the version that the learner saw; absent means the newest.
    #[schema(max_length = 200)]
    pub version: Option<String>,
    /// BCP 47; absent means the lesson's default.
    #[schema(max_length = 35)]
    pub language: Option<String>,
    /// The id of the version's exercise; absent means that one.
    #[schema(max_length = 200)]
    pub exercise: Option<String>,
    /// The sample case that the work is about, for a learner without a refusal of their own.
    #[schema(max_length = 200)]
    pub case: Option<String>,
    /// Immutable once the submission exists; absent later means unchanged.
    pub context: Option<Context>,
    pub evidence: Option<Evidence>,
    pub diagnosis: Option<Diagnosis>,
    pub reframe: Option<Reframe>,
    pub escalation: Option<Escalation>,
    pub started: Option<Started>,
    /// When this request was sent, by the client's clock; corrects a wrong clock.
    pub sent_at: Option<ClientTime>,
    /// Submit after saving.
    #[serde(default)]
    pub submit: bool,
}
