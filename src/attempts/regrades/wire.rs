//! What regrades and gradings look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::types::{Id, Time};

/// Asks for grading again what was submitted on one version, by the items of another.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lesson": "safety-classifiers-and-refusals",
    "from": "sha256-3b1f0f3a7c2d5e8b9a4c6d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a",
    "to": "sha256-9c4e1d2b3a5f6e7d8c9b0a1f2e3d4c5b6a7f8e9d0c1b2a3f4e5d6c7b8a9f0e1d",
    "reason": "The key of fsc-007 was wrong: the body shows an output filter."}))]
pub struct RegradePut {
    /// Slug or alias.
    pub lesson: String,
    /// The digest of the version whose attempts are graded again; they stay on it.
    pub from: String,
    /// The digest of the version whose items grade: their keys and points. The same as `from` undoes other regrades.
    pub to: String,
    /// For people; no record holds it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DryRunQuery {
    /// With `true` no attempt is graded: the regrade tells what would change.
    pub dry_run: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegradeQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A regrade, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Regrade {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub lesson: String,
    pub from: String,
    pub to: String,
    pub reason: String,
    /// `running` (repeat the PUT where no process works on it any more), `done` or `dry_run`; more may come.
    #[schema(example = "done")]
    pub state: String,
    /// Whether it only looks: then `regraded` and what follows tell what would be.
    pub dry_run: bool,
    /// Attempts that were submitted on `from` when it was last counted.
    pub total: i64,
    /// Attempts that have a grading of this regrade; in a dry run those that were looked at. Each leaves a record, changed or not.
    pub regraded: i64,
    /// Of those, attempts with another verdict or score than before.
    pub changed: i64,
    /// Attempts with a higher score (`scaled`) than before.
    pub raised: i64,
    pub lowered: i64,
    /// Attempts that had not passed and now have.
    pub now_passed: i64,
    pub no_longer_passed: i64,
    /// The mean change of the score from 0 to 1, over all of `regraded`.
    #[schema(minimum = -1, maximum = 1)]
    pub mean_change: f64,
    /// Items whose verdict or points changed.
    pub changed_items: Vec<ItemCount>,
    /// Items that kept the grading they had: they are not in `to`, or an answer does not fit them there.
    pub kept_items: Vec<ItemCount>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub done_at: Option<Time>,
    /// `tally` where the counts are stored and cannot be read, because the database is damaged; they are 0 or empty here. Left out
    /// where all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

/// In how many attempts.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemCount {
    pub item: String,
    pub attempts: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RegradePage {
    /// The oldest first.
    pub items: Vec<Regrade>,
    pub next_cursor: Option<String>,
}

/// One grading of an attempt. What the policy withholds is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grading {
    /// From 1; the highest is in force.
    #[schema(minimum = 1)]
    pub number: i32,
    /// The digest of the version whose items graded.
    pub version: String,
    /// Raised when the same answers and keys could get other points.
    pub grader_version: i32,
    #[schema(value_type = String, format = "date-time")]
    pub graded_at: Time,
    /// Points, at most three decimals.
    pub raw: Option<f64>,
    pub max: Option<f64>,
    /// raw / max, four decimals, on the side of the pass mark on which the exact score lies.
    #[schema(minimum = 0, maximum = 1)]
    pub scaled: Option<f64>,
    /// Whether the pass mark was reached.
    pub success: Option<bool>,
    /// Items that kept the grading before this one.
    pub kept_items: Vec<String>,
    /// The regrade it belongs to; null for the grading of the submission.
    pub regrade: Option<RegradeRef>,
    /// Why fields are null: `policy`.
    pub withheld: Option<String>,
    /// `result` where that is stored and cannot be read, because the database is damaged: `scaled` and `success` are null. Left out
    /// where all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RegradeRef {
    pub id: Id,
    /// Why; null for a learner while the policy withholds keys, because it may tell one.
    pub reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GradingList {
    /// The oldest first; empty before submission.
    pub items: Vec<Grading>,
    /// Always null: the whole list is one page.
    pub next_cursor: Option<String>,
}
