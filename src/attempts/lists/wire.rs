//! What the list of attempts is asked for, and how it looks on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::attempts::wire::Attempt;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AttemptQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Only this learner's.
    #[param(value_type = Option<String>, format = "uuid")]
    pub learner: Option<String>,
    /// Only of the learners of this cohort; not beside `learner`.
    #[param(value_type = Option<String>, format = "uuid")]
    pub cohort: Option<String>,
    /// Only of this lesson (slug or alias).
    pub lesson: Option<String>,
    /// `in_progress` or `submitted`. One that takes on this state while you walk through the pages may be passed over.
    pub state: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptPage {
    /// The oldest first; without `order`, `responses` and `items`.
    pub items: Vec<Attempt>,
    pub next_cursor: Option<String>,
}
