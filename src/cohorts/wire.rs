//! What cohorts look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::cohorts::store::CohortRow;
use crate::db::types::{Id, Time};
use crate::error::Problem;

/// Until when a lesson is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortDue {
    /// The lesson's slug. It need not be there yet.
    #[schema(min_length = 1, max_length = 100)]
    pub lesson: String,
    #[schema(value_type = String, format = "date-time")]
    pub due_at: Time,
}

/// What a cohort is to be. Who is in it is said by calls of their own.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Class 7b", "system": "https://sis.example.edu", "external_id": "class-7b",
    "due": [{"lesson": "which-layer-refused", "due_at": "2026-12-18T22:59:59Z"}]}))]
pub struct CohortPut {
    /// A name for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Which other system has it too; together with `external_id`.
    #[schema(min_length = 1, max_length = 255)]
    pub system: Option<String>,
    /// What that system calls it, such as the `sourcedId` of a class in OneRoster. No two cohorts have the same in one system.
    #[schema(min_length = 1, max_length = 255)]
    pub external_id: Option<String>,
    /// At most one date for each lesson.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub due: Vec<CohortDue>,
}

/// A group of learners.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "name": "Class 7b", "system": "https://sis.example.edu", "external_id": "class-7b",
    "due": [{"lesson": "which-layer-refused", "due_at": "2026-12-18T22:59:59.000000Z"}],
    "instructors": ["0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f11"], "revision": 2,
    "created_at": "2026-11-23T08:00:03.120000Z", "updated_at": "2026-11-23T08:00:03.120000Z"}))]
pub struct Cohort {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: String,
    pub system: Option<String>,
    pub external_id: Option<String>,
    pub due: Vec<CohortDue>,
    /// The ids of the staff who instruct it, at most 50.
    #[schema(value_type = Vec<String>)]
    pub instructors: Vec<Id>,
    /// Raised by each change of the cohort and of its instructors; the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
}

impl Cohort {
    /// A cohort, with those of these (cohort, staff) that are its instructors.
    pub fn of(row: CohortRow, instructors: &[(Id, Id)]) -> Result<Cohort, Problem> {
        let CohortRow { tenant_id: _, id, name, system, external_id, due, revision, created_at, updated_at } = row;
        let instructors = instructors.iter().filter(|(cohort, _)| *cohort == id).map(|(_, staff)| *staff).collect();
        let due = due.read_own()?;
        Ok(Cohort { id, name, system, external_id, due, instructors, revision, created_at, updated_at })
    }
}

/// A page of cohorts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CohortPage {
    pub items: Vec<Cohort>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CohortQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A learner of a cohort.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "name": "Ada", "added_at": "2026-11-23T08:00:03.120000Z"}))]
pub struct CohortLearner {
    /// The learner's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: Option<String>,
    /// Since when it is in this cohort.
    #[schema(value_type = String, format = "date-time")]
    pub added_at: Time,
}

/// A page of a cohort's learners.
#[derive(Debug, Serialize, ToSchema)]
pub struct CohortLearnerPage {
    pub items: Vec<CohortLearner>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}
