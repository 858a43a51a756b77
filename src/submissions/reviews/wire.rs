//! Reviews on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attempts::points::points;
use crate::auth::Principal;
use crate::db::types::{Id, Time};
use crate::db::unreadable::Unreadable;
use crate::submissions::store::ReviewRow;

/// What a review decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
pub enum ReviewVerdict {
    /// Done.
    Reviewed,
    /// The learner should change it and submit again.
    Returned,
}

/// A review of the present revision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"state": "reviewed", "comment": "The field you point to settles it. Well argued.", "score": 17.5,
    "criteria": [{"id": "crit-diagnosis-supported", "points": 4, "comment": "Clear."}], "submission_revision": 1}))]
pub struct ReviewPost {
    pub state: ReviewVerdict,
    #[schema(max_length = 8000)]
    pub comment: String,
    /// Points, at most three decimals; null where none are given.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub score: Option<f64>,
    /// Points by criterion of the exercise's rubric.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub criteria: Vec<Points>,
    /// The revision that the reviewer read; it must be the present one.
    #[schema(minimum = 1)]
    pub submission_revision: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CriterionPoints)]
pub struct Points {
    /// The criterion's id.
    pub id: String,
    /// At most what the rubric gives, at most three decimals.
    #[schema(minimum = 0)]
    pub points: f64,
    #[schema(max_length = 8000)]
    pub comment: Option<String>,
}

/// What a person said about one revision of a submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct Review {
    pub id: Id,
    pub submission: Id,
    /// The revision that the reviewer saw.
    #[schema(minimum = 1)]
    pub submission_revision: i64,
    /// Who gave it; null only where that cannot be read.
    pub reviewer: Option<Principal>,
    /// `reviewed` or `returned`; more may come.
    #[schema(example = "reviewed")]
    pub state: String,
    pub comment: String,
    pub score: Option<f64>,
    pub criteria: Vec<Points>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    /// well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewPage {
    /// The oldest first.
    pub items: Vec<Review>,
    pub next_cursor: Option<String>,
}

pub fn review(row: ReviewRow) -> Review {
    let mut unreadable = Unreadable::of(&row.id);
    Review {
        id: row.id,
        submission: row.submission_id,
        submission_revision: row.submission_revision,
        reviewer: unreadable.read("reviewer", &row.reviewer),
        state: row.state,
        comment: row.comment,
        score: row.score_milli.map(points),
        criteria: unreadable.read("criteria", &row.criteria).unwrap_or_default(),
        created_at: row.created_at,
        unreadable: unreadable.parts,
    }
}
