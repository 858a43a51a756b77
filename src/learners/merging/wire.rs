//! What merges look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::types::{Id, Time};

/// Which two learners are one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"into": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "from": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f11"}))]
pub struct LearnerMergePut {
    /// The learner who stays.
    #[schema(value_type = String, format = "uuid")]
    pub into: Id,
    /// The learner whose things become the other's.
    #[schema(value_type = String, format = "uuid")]
    pub from: Id,
}

/// Whose work is handed over: exactly one of the two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"guest_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln"}))]
pub struct ClaimPut {
    /// The guest's id; not with a learner's token.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub guest: Option<Id>,
    /// The guest's own access token, which must be good.
    #[schema(min_length = 1, max_length = 8192)]
    pub guest_token: Option<String>,
}

/// How many things a merge moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergeCounts {
    pub identities: usize,
    pub attempts: usize,
    pub submissions: usize,
    pub diagnoses: usize,
}

/// Two learners that became one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f12", "into": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10",
    "from": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f11", "state": "merged", "claim": false,
    "counts": {"identities": 1, "attempts": 3, "submissions": 1, "diagnoses": 0},
    "created_at": "2026-11-23T08:00:03.120000Z", "undo_until": "2026-12-23T08:00:03.120000Z", "undone_at": null}))]
pub struct LearnerMerge {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    #[schema(value_type = String, format = "uuid")]
    pub into: Id,
    #[schema(value_type = String, format = "uuid")]
    pub from: Id,
    /// `merged` or `undone`.
    pub state: String,
    /// Whether it handed over a guest's work.
    pub claim: bool,
    pub counts: MergeCounts,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// Until when it can be undone.
    #[schema(value_type = String, format = "date-time")]
    pub undo_until: Time,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub undone_at: Option<Time>,
}

/// A page of merges.
#[derive(Debug, Serialize, ToSchema)]
pub struct LearnerMergePage {
    pub items: Vec<LearnerMerge>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergeQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many merges at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}
