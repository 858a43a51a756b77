//! `/v1/cohorts`: groups of learners.

use actix_web::guard::GuardContext;
use actix_web::web::Data;
use actix_web::{HttpRequest, delete, get, put};

use crate::auth::caller::{CohortsRead, CohortsWrite};
use crate::auth::{Caller, Permission, Who};
use crate::cohorts::lifecycle;
use crate::cohorts::rules;
use crate::cohorts::store::CohortRow;
use crate::cohorts::wire::{Cohort, CohortPage, CohortPut, CohortQuery};
use crate::db::Conn;
use crate::db::types::{Id, Json};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::conditional;
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// Longest page.
pub const LONGEST_PAGE: i64 = 200;

/// Who has to do with cohorts: no learner, whatever its token says.
pub fn reader<P: Permission>(caller: Caller<P>) -> Result<Who, Problem> {
    caller.is_no_learner("Cohorts are").map(|()| caller.into_who())
}

/// So that another method than POST at `/v1/cohorts/import` is a 405 and no question for a cohort of that id.
fn is_an_id(context: &GuardContext<'_>) -> bool {
    !context.head().uri.path().ends_with("/import")
}

/// Lists cohorts
///
/// In the order of their ids. A staff token without `learners:all` gets those that it instructs.
#[utoipa::path(
    tag = "Cohorts",
    params(CohortQuery),
    responses((status = 200, description = "A page of cohorts.", body = CohortPage)),
    security(("token" = ["cohorts:read"]))
)]
#[get("/cohorts")]
pub async fn list_cohorts(
    state: Data<AppState>,
    caller: Caller<CohortsRead>,
    query: Params<CohortQuery>,
) -> Result<Answered<CohortPage>, Problem> {
    let (who, query) = (reader(caller)?, query.into_inner());
    let name = format!("cohorts/{:?}", who.reach());
    let asked = Asked::<Id>::of(who.tenant, &name, (query.limit, LONGEST_PAGE), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let (items, next) = state.db.of(who.tenant).read(move |conn| lifecycle::cohort_page(conn, &who, after, limit)).await?;
    Ok(asked.answer(next, |next_cursor| CohortPage { items, next_cursor }))
}

/// Read a cohort
///
/// The ETag is its revision: send it with `If-Match` when changing it.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id.")),
    responses((status = 200, description = "The cohort.", body = Cohort), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such cohort for this token.")),
    security(("token" = ["cohorts:read"]))
)]
#[get("/cohorts/{id}", guard = "is_an_id")]
pub async fn read_cohort(
    state: Data<AppState>,
    caller: Caller<CohortsRead>,
    PathId(id): PathId,
) -> Result<Answered<Cohort>, Problem> {
    let who = reader(caller)?;
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        let row = lifecycle::cohort_for(conn, &who, id)?;
        lifecycle::cohort_view(conn, row)
    };
    let cohort = db.read(work).await?;
    let revision = cohort.revision;
    Ok(Answered::ok(cohort).revision(revision))
}

/// Make a cohort, or change it
///
/// The same call again changes nothing; other content needs `If-Match`. Staff need `learners:all` too.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "A UUID of your choice."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to change it.")),
    request_body = CohortPut,
    responses(
        (status = 200, description = "The cohort, which was there already.", body = Cohort),
        (status = 201, description = "The cohort, new.", body = Cohort),
        (status = 409, description = "`id_unavailable`: another cohort has this `system` and `external_id` (`params.pointer`). `illegal_state`: the tenant has 5,000 cohorts, the most (`params.limit`)."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["cohorts:write"]))
)]
#[put("/cohorts/{id}", guard = "is_an_id")]
pub async fn put_cohort(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    request: HttpRequest,
    PathId(id): PathId,
    body: Body<CohortPut>,
) -> Result<Answered<Cohort>, Problem> {
    let (who, asked, if_match) = (reader(caller)?, body.value, conditional::if_match(&request)?);
    rules::check_cohort(&asked)?;
    let wanted = CohortRow {
        tenant_id: who.tenant,
        id,
        name: asked.name,
        system: asked.system,
        external_id: asked.external_id,
        due: Json::of(&asked.due),
        revision: 1,
        created_at: who.now,
        updated_at: who.now,
    };
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        let (row, made) = lifecycle::save_cohort(conn, &who, &wanted, &if_match)?;
        Ok((lifecycle::cohort_view(conn, row)?, made))
    };
    let (cohort, made) = db.write(work).await?;
    let revision = cohort.revision;
    Ok(Answered::put(made.then(|| format!("/v1/cohorts/{id}")), cohort).revision(revision))
}

/// Delete a cohort
///
/// The group goes, with its due dates and who was in it. The learners and all that they did stay.
#[utoipa::path(
    tag = "Cohorts",
    params(("id" = String, Path, format = "uuid", description = "The cohort's id.")),
    responses((status = 204, description = "It is gone."), (status = 404, description = "No such cohort.")),
    security(("token" = ["cohorts:write"]))
)]
#[delete("/cohorts/{id}", guard = "is_an_id")]
pub async fn delete_cohort(
    state: Data<AppState>,
    caller: Caller<CohortsWrite>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    let who = reader(caller)?;
    state.db.of(who.tenant).write(move |conn| lifecycle::remove_cohort(conn, &who, id)).await?;
    Ok(NoContent)
}
