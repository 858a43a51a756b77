//! `/v1/cohorts/{id}/learners` and `/instructors`: who is in a cohort.

use actix_web::web::Data;
use actix_web::{HttpRequest, delete, get, put};

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::Caller;
use crate::auth::caller::{CohortsRead, CohortsWrite};
use crate::cohorts::http::{LONGEST_PAGE, reader};
use crate::cohorts::lifecycle;
use crate::cohorts::wire::{CohortLearnerPage, CohortQuery};
use crate::db::types::Id;
use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::page::Asked;
use crate::web::path::{PathId, id_in_path};
use crate::web::query::Params;

/// Lists a cohort's learners
///
/// In the order of their ids. Of learners who were merged it has the one that they are now.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id."), CohortQuery),
    responses((status = 200, description = "A page of its learners.", body = CohortLearnerPage), (status = 404, description = "No such cohort for this token.")),
    security(("token" = ["cohorts:read"]))
)]
#[get("/cohorts/{id}/learners")]
pub async fn list_cohort_learners(
    state: Data<AppState>,
    caller: Caller<CohortsRead>,
    PathId(id): PathId,
    query: Params<CohortQuery>,
) -> Result<Answered<CohortLearnerPage>, Problem> {
    let (who, query) = (reader(caller)?, query.into_inner());
    let asked =
        Asked::<Id>::of(who.tenant, &format!("cohorts/{id}/learners"), (query.limit, LONGEST_PAGE), query.cursor.as_deref())?;
    let ((after, limit), staff) = (asked.start(), of_staff(&who));
    let (items, next) = state.db.of(who.tenant).read(move |conn| lifecycle::learner_page(conn, &who, id, after, limit)).await?;
    note_staff_reading(&state, staff, "cohort.read", ("cohort", &id)).await;
    Ok(asked.answer(next, |next_cursor| CohortLearnerPage { items, next_cursor }))
}

/// Put a learner into a cohort
///
/// Repeatable. A learner that was merged stands for the one that it is now.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id."), ("learner" = String, Path, format = "uuid", description = "The learner's id.")),
    responses(
        (status = 204, description = "The learner is in the cohort, now or before."),
        (status = 404, description = "No such cohort, or no such learner."),
        (status = 409, description = "`illegal_state`: the cohort has 2,000 learners, the most (`params.limit`), or the learner is deactivated (`params.state`)."),
    ),
    security(("token" = ["cohorts:write"]))
)]
#[put("/cohorts/{id}/learners/{learner}")]
pub async fn put_cohort_learner(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    PathId(id): PathId,
    request: HttpRequest,
) -> Result<NoContent, Problem> {
    let (who, learner) = (reader(caller)?, id_in_path(&request, "learner")?);
    state.db.of(who.tenant).write(move |conn| lifecycle::add_learner(conn, &who, id, learner)).await?;
    Ok(NoContent)
}

/// Take a learner out of a cohort
///
/// Repeatable. What the learner did stays.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id."), ("learner" = String, Path, format = "uuid", description = "The learner's id.")),
    responses((status = 204, description = "The learner is not in the cohort, now or before."), (status = 404, description = "No such cohort.")),
    security(("token" = ["cohorts:write"]))
)]
#[delete("/cohorts/{id}/learners/{learner}")]
pub async fn remove_cohort_learner(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    PathId(id): PathId,
    request: HttpRequest,
) -> Result<NoContent, Problem> {
    let (who, learner) = (reader(caller)?, id_in_path(&request, "learner")?);
    state.db.of(who.tenant).write(move |conn| lifecycle::remove_learner(conn, &who, id, learner)).await?;
    Ok(NoContent)
}

/// Give a cohort an instructor
///
/// Repeatable. The id is that of a member of staff, as tokens name it; from now on such a token reaches the cohort's learners.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id."), ("staff" = String, Path, format = "uuid", description = "The id of a member of staff.")),
    responses(
        (status = 204, description = "That person instructs the cohort, now or before."),
        (status = 404, description = "No such cohort."),
        (status = 409, description = "`illegal_state`: the cohort has 50 instructors, the most (`params.limit`)."),
    ),
    security(("token" = ["cohorts:write"]))
)]
#[put("/cohorts/{id}/instructors/{staff}")]
pub async fn put_cohort_instructor(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    PathId(id): PathId,
    request: HttpRequest,
) -> Result<NoContent, Problem> {
    let (who, person) = (reader(caller)?, id_in_path(&request, "staff")?);
    state.db.of(who.tenant).write(move |conn| lifecycle::add_instructor(conn, &who, id, person)).await?;
    Ok(NoContent)
}

/// Take an instructor away from a cohort
///
/// Repeatable. Tokens of that person reach the cohort's learners no more, at once.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id."), ("staff" = String, Path, format = "uuid", description = "The id of a member of staff.")),
    responses((status = 204, description = "That person does not instruct the cohort, now or before."), (status = 404, description = "No such cohort.")),
    security(("token" = ["cohorts:write"]))
)]
#[delete("/cohorts/{id}/instructors/{staff}")]
pub async fn remove_cohort_instructor(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    PathId(id): PathId,
    request: HttpRequest,
) -> Result<NoContent, Problem> {
    let (who, person) = (reader(caller)?, id_in_path(&request, "staff")?);
    state.db.of(who.tenant).write(move |conn| lifecycle::remove_instructor(conn, &who, id, person)).await?;
    Ok(NoContent)
}
