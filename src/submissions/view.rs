//! What a submission looks like on its way out, and the queries of its lists.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::attempts::wire::Context;
use crate::db::types::{Id, Time};
use crate::db::unreadable::Unreadable;
use crate::diagnosis::Evidence;
use crate::masking::Masked;
use crate::submissions::feedback::Feedback;
use crate::submissions::reviews::scores::{self, CriterionScore};
use crate::submissions::store::{RevisionRow, SubmissionRow};
use crate::submissions::wire::{Diagnosis, Escalation, Reframe, SubmissionContent};

/// One learner's work on an exercise. Parts that are not there yet are null.
#[derive(Debug, Serialize, ToSchema)]
pub struct Submission {
    pub id: Id,
    pub learner: Id,
    pub lesson: String,
    /// The digest of the version that it is pinned to.
    pub version: String,
    pub exercise: String,
    pub language: String,
    #[schema(value_type = Option<Context>)]
    pub context: Option<Value>,
    /// `draft`, `submitted`, `returned` or `reviewed`; more may come.
    #[schema(example = "submitted")]
    pub state: String,
    /// Counts every change of content and state; the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    pub case: Option<String>,
    pub evidence: Option<Evidence>,
    pub diagnosis: Option<Diagnosis>,
    pub reframe: Option<Reframe>,
    pub escalation: Option<Escalation>,
    /// Where placeholders stand for what was masked.
    pub masked: Vec<Masked>,
    /// The automatic checks of the last submission; null before, and after a change.
    pub feedback: Option<Feedback>,
    /// The points of each criterion of the rubric, in its order: what the service gave, what people gave, and which counts. Null
    /// before the first submission, and in lists, where reading one submission gives them.
    pub scores: Option<Vec<CriterionScore>>,
    /// The sum of what counts in `scores`, at most three decimals; a criterion that nobody scored yet adds nothing. Null where
    /// `scores` is.
    #[schema(minimum = 0)]
    pub total: Option<f64>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub submitted_at: Option<Time>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
    /// Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    /// well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionPage {
    /// The oldest first.
    pub items: Vec<Submission>,
    pub next_cursor: Option<String>,
}

/// What a submission was at one of its revisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revision {
    #[schema(minimum = 1)]
    pub revision: i64,
    /// `draft`, `submitted`, `returned` or `reviewed`; more may come.
    pub state: String,
    #[schema(value_type = String, format = "date-time")]
    pub saved_at: Time,
    pub case: Option<String>,
    pub evidence: Option<Evidence>,
    pub diagnosis: Option<Diagnosis>,
    pub reframe: Option<Reframe>,
    pub escalation: Option<Escalation>,
    pub masked: Vec<Masked>,
    /// Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    /// well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionPage {
    /// The oldest first.
    pub items: Vec<Revision>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubmissionQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Only this learner's.
    #[param(value_type = Option<String>, format = "uuid")]
    pub learner: Option<String>,
    /// Only of the learners of this cohort; not beside `learner`.
    #[param(value_type = Option<String>, format = "uuid")]
    pub cohort: Option<String>,
    /// Only of this lesson (its slug or alias).
    pub lesson: Option<String>,
    /// `draft`, `submitted`, `returned` or `reviewed`. One that takes on this state while you walk through the pages may be
    /// passed over.
    pub state: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
}

/// `scores` are left out of lists.
pub fn submission(row: SubmissionRow, scores: Option<Vec<CriterionScore>>) -> Submission {
    let mut unreadable = Unreadable::of(&row.id);
    let content: SubmissionContent = unreadable.read("content", &row.content).unwrap_or_default();
    let masked = unreadable.read("masked", &row.masked).unwrap_or_default();
    let feedback: Option<Feedback> = row.feedback.as_ref().and_then(|feedback| unreadable.read("feedback", feedback));
    let context = unreadable.object("context", row.context);
    Submission {
        id: row.id,
        learner: row.learner_id,
        lesson: row.lesson,
        version: row.version,
        exercise: row.exercise,
        language: row.language,
        context,
        state: row.state,
        revision: row.revision,
        case: content.case,
        evidence: content.evidence,
        diagnosis: content.diagnosis,
        reframe: content.reframe,
        escalation: content.escalation,
        masked,
        total: scores.as_deref().map(|scores| scores::total_points(scores, feedback.as_ref())),
        feedback,
        scores,
        submitted_at: row.submitted_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        unreadable: unreadable.parts,
    }
}

pub fn revision(row: RevisionRow) -> Revision {
    let mut unreadable = Unreadable::of(&row.submission_id);
    let content: SubmissionContent = unreadable.read("content", &row.content).unwrap_or_default();
    Revision {
        revision: row.revision,
        state: row.state,
        saved_at: row.saved_at,
        case: content.case,
        evidence: content.evidence,
        diagnosis: content.diagnosis,
        reframe: content.reframe,
        escalation: content.escalation,
        masked: unreadable.read("masked", &row.masked).unwrap_or_default(),
        unreadable: unreadable.parts,
    }
}
