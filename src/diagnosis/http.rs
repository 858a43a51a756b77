//! `/v1/diagnoses`: which layer refused, asked once or kept.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, delete, get, post, put};
use serde::Serialize;

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::Caller;
use crate::auth::caller::{Costly, DiagnosesRun};
use crate::db::Conn;
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::diagnosis::catalogue::SignalCatalogue;
use crate::diagnosis::limits::wrong_with;
use crate::diagnosis::masked::{counted, masked};
use crate::diagnosis::view::{DiagnosisQuery, DiagnosisResult, KeptDiagnosis, KeptDiagnosisPage, RunQuery};
use crate::diagnosis::{Engine, Evidence, lifecycle, store, view};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::idempotency::{self, IdempotencyKey};
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// The longest page: evidence is large.
const MOST: i64 = 100;
/// From this many bytes of a body on, evidence is read beside the workers. Below, reading takes a quarter of a millisecond
/// (and one at the worst that was found): no longer than others may wait for. See `script/accuracy`.
const LARGE: usize = 8 * 1024;

fn url(id: Id) -> String {
    format!("/v1/diagnoses/{id}")
}

/// What is remembered with an `Idempotency-Key`: only the id, so that erasing the diagnosis leaves nothing of it there.
#[derive(Serialize)]
struct KeptId {
    id: Id,
}

/// Runs `work` on this evidence with the tenant's own signals.
async fn diagnosed<T, F>(state: &Data<AppState>, tenant: Id, body: Body<Evidence>, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&Engine, Option<&SignalCatalogue>, &Evidence) -> T + Send + 'static,
{
    let Body { value: evidence, raw } = body;
    let wrong = wrong_with(&evidence);
    if !wrong.0.is_empty() {
        return Err(Problem::bodies(wrong.0));
    }
    let (engine, own): (Arc<Engine>, _) = (state.engine.clone(), state.signals.own(tenant));
    let run = move || work(&engine, own.as_deref(), &evidence);
    if raw.len() < LARGE { Ok(run()) } else { web::block(run).await.map_err(Problem::internal) }
}

/// Ask which layer refused
///
/// Evidence in, verdict out, with the reasons that decided. Deterministic, without a model and without a network; the more
/// of the evidence is there, the more certain. Nothing of the request is stored or logged unless `keep` is `true`; then
/// evidence and verdict are kept, with secrets and personal data masked in both and in this answer.
#[utoipa::path(
    tag = "Diagnosis",
    params(RunQuery, ("Idempotency-Key" = Option<String>, Header, description = "With `keep`: repeating the request with the same key gives the same answer.")),
    request_body = Evidence,
    responses(
        (status = 200, description = "The verdict. Nothing was stored.", body = DiagnosisResult),
        (status = 201, description = "The verdict, kept; `Location` has its URL.", body = DiagnosisResult),
        (status = 404, description = "With `Idempotency-Key`: the diagnosis was kept, and erased meanwhile."),
        (status = 409, description = "`request_in_progress`: the same request is running. With `keep`, `illegal_state`: the learner is deactivated (`params.state`)."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["diagnoses:run"])),
    extensions(("x-cost" = json!(5)))
)]
#[post("/diagnoses")]
pub async fn run_diagnosis(
    state: Data<AppState>,
    caller: Caller<Costly<DiagnosesRun, 5>>,
    request: HttpRequest,
    query: Params<RunQuery>,
    body: Body<Evidence>,
) -> Result<Answered<DiagnosisResult>, Problem> {
    let who = caller.into_who();
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    if query.into_inner().keep != Some(true) {
        let verdict =
            diagnosed(&state, who.tenant, body, |engine, own, evidence| counted(engine.diagnose(evidence, own))).await?;
        return Ok(Answered::ok(DiagnosisResult { id: None, verdict }));
    }
    let made = diagnosed(&state, who.tenant, body, masked).await??;
    let new = state.clock.id();
    let kept = state.db.of(who.tenant).write(move |conn| {
        let kept = idempotency::once(conn, key.as_ref(), |conn| {
            let (row, _) = lifecycle::keep(conn, &who, new, &made)?;
            Ok((StatusCode::CREATED, KeptId { id: row.id }))
        })?;
        Ok((kept.replayed, lifecycle::visible_diagnosis(conn, &who, kept.id()?)?))
    });
    let (replayed, row) = kept.await?;
    Ok(Answered::put(Some(url(row.id)), view::result(&row)?).replayed(replayed))
}

/// Lists diagnoses that were kept
///
/// A learner's token sees its own. Others see those that no learner kept, and with `learners:read` or `learners:act` learners' too;
/// with these, staff without `learners:all` get just those that the learners of their cohorts kept.
#[utoipa::path(
    tag = "Diagnosis",
    params(DiagnosisQuery),
    responses((status = 200, description = "A page of diagnoses, the oldest first.", body = KeptDiagnosisPage), (status = 404, description = "`not_found`: `learner` is not the learner of this learner's token.")),
    security(("token" = ["diagnoses:run"]))
)]
#[get("/diagnoses")]
pub async fn list_diagnoses(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    query: Params<DiagnosisQuery>,
) -> Result<Answered<KeptDiagnosisPage>, Problem> {
    let query = query.into_inner();
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    let (tenant, whose) = (caller.tenant, lifecycle::whose(&caller, asked)?);
    let name = format!("diagnoses/{whose:?}{:?}", caller.reach());
    let asked = Asked::<After>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let who = (*caller).clone();
    let read = move |conn: &mut Conn| {
        let whose = lifecycle::whose_now(conn, &who, whose)?;
        list::list_page(conn, &after, limit, &|conn: &mut Conn, span, n| store::page(conn, tenant, whose, span, n))
    };
    let page = state.db.of(tenant).read(read).await?;
    note_staff_reading(&state, of_staff(&caller), "diagnosis.listed", ("list", &"diagnoses")).await;
    let items = page.rows.into_iter().map(view::kept_diagnosis).collect();
    Ok(asked.answer(page.next, |next_cursor| KeptDiagnosisPage { items, next_cursor }))
}

/// Read a diagnosis that was kept
///
/// As it was concluded then: signals that were added or changed since change nothing in it. One that a learner kept is shown to that
/// learner's token, and to others with `learners:read` or `learners:act`.
#[utoipa::path(
    tag = "Diagnosis",
    params(("id" = Id, Path, description = "The diagnosis's id.")),
    responses((status = 200, description = "The diagnosis.", body = KeptDiagnosis), (status = 404, description = "No such diagnosis for this token.")),
    security(("token" = ["diagnoses:run"]))
)]
#[get("/diagnoses/{id}")]
pub async fn read_diagnosis(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    PathId(id): PathId,
) -> Result<Answered<KeptDiagnosis>, Problem> {
    let who = caller.into_who();
    let staff = of_staff(&who);
    let row = state.db.of(who.tenant).read(move |conn| lifecycle::visible_diagnosis(conn, &who, id)).await?;
    note_staff_reading(&state, staff, "diagnosis.read", ("diagnosis", &id)).await;
    Ok(Answered::ok(view::kept_diagnosis(row)))
}

/// Keep a diagnosis at an id of the client's choice
///
/// Repeatable: the same evidence again changes nothing; after an erasure it is kept anew, so end a queue before you erase what
/// it brought. Secrets and personal data are masked before anything is stored
/// (`masked`).
#[utoipa::path(
    tag = "Diagnosis",
    params(("id" = Id, Path, description = "A UUID of version 4 or 7, the client's choice.")),
    request_body = Evidence,
    responses(
        (status = 200, description = "The diagnosis, which was there already.", body = KeptDiagnosis),
        (status = 201, description = "The diagnosis, new; `Location` has its URL.", body = KeptDiagnosis),
        (status = 409, description = "`id_unavailable`: something else has this id, other evidence included. `illegal_state`: the learner is deactivated (`params.state`)."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["diagnoses:run"])),
    extensions(("x-cost" = json!(5)))
)]
#[put("/diagnoses/{id}")]
pub async fn put_diagnosis(
    state: Data<AppState>,
    caller: Caller<Costly<DiagnosesRun, 5>>,
    PathId(id): PathId,
    body: Body<Evidence>,
) -> Result<Answered<KeptDiagnosis>, Problem> {
    let who = caller.into_who();
    let made = diagnosed(&state, who.tenant, body, masked).await??;
    let (row, created) = state.db.of(who.tenant).write(move |conn| lifecycle::keep(conn, &who, id, &made)).await?;
    Ok(Answered::put(created.then(|| url(id)), view::kept_diagnosis(row)))
}

/// Erase a diagnosis that was kept
///
/// Evidence and verdict are gone for good. The log keeps that there was one, and what it concluded, without any text. One that a
/// learner kept is erased by that learner's token, and by others with `learners:act`.
#[utoipa::path(
    tag = "Diagnosis",
    params(("id" = Id, Path, description = "The diagnosis's id.")),
    responses((status = 204, description = "It is gone."), (status = 404, description = "No such diagnosis for this token.")),
    security(("token" = ["diagnoses:run"]))
)]
#[delete("/diagnoses/{id}")]
pub async fn erase_diagnosis(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    let who = caller.into_who();
    state.db.of(who.tenant).write(move |conn| lifecycle::erase(conn, &who, id)).await?;
    state.db.erased();
    Ok(NoContent)
}
