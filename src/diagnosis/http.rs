//! `/v1/diagnoses`: which layer refused, asked once or kept.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use serde_json::json;

use crate::auth::Caller;
use crate::auth::caller::DiagnosesRun;
use crate::db::types::Id;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::limits::wrong_with;
use crate::diagnosis::masked::masked;
use crate::diagnosis::view::{DiagnosisQuery, DiagnosisResult, KeptDiagnosis, KeptDiagnosisPage, RunQuery};
use crate::diagnosis::{Engine, Evidence, lifecycle, store, view};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::idempotency::{self, Key};
use crate::web::json::Body;
use crate::web::page::{self, After};
use crate::web::query::Params;

/// The longest page: evidence is large.
const MOST: i64 = 100;
/// From this many bytes of a body on, evidence is read beside the workers. Below, reading takes a quarter of a millisecond
/// (and one at the worst that was found): no longer than others may wait for. See `benches/diagnosis`.
const LARGE: usize = 8 * 1024;

fn id_of(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|what: &str| Problem::parameter("id", what))
}

/// Runs `work` on this evidence with the tenant's own signals.
async fn diagnosed<T, F>(state: &Data<AppState>, tenant: Id, body: Body<Evidence>, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&Engine, Option<&Catalogue>, &Evidence) -> T + Send + 'static,
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
        (status = 409, description = "`request_in_progress`: the same request is running."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
    ),
    security(("token" = ["diagnoses:run"]))
)]
#[post("/diagnoses")]
pub async fn run_diagnosis(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    request: HttpRequest,
    query: Params<RunQuery>,
    body: Body<Evidence>,
) -> Result<HttpResponse, Problem> {
    let who = caller.into_who();
    let key = Key::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    if query.into_inner().keep != Some(true) {
        let verdict = diagnosed(&state, who.tenant, body, |engine, own, evidence| engine.diagnose(evidence, own)).await?;
        return Ok(HttpResponse::Ok().json(DiagnosisResult { id: None, verdict }));
    }
    let made = diagnosed(&state, who.tenant, body, masked).await??;
    let new = state.clock.id();
    let (replayed, row) = state
        .db
        .write(move |conn| {
            // Only the id is remembered with the key, so that erasing the diagnosis leaves nothing of it there.
            let answer = idempotency::once(conn, key.as_ref(), |conn| {
                lifecycle::keep(conn, &who, new, &made).map(|(row, _)| (201, json!({"id": row.id})))
            })?;
            let id = answer.body.get("id").and_then(|id| id.as_str()).unwrap_or_default();
            let id = id.parse().map_err(Problem::internal)?;
            Ok((answer.replayed, lifecycle::seen(conn, &who, id)?))
        })
        .await?;
    let mut answer = HttpResponse::Created();
    if replayed {
        answer.insert_header(idempotency::REPLAYED);
    }
    Ok(answer.insert_header((header::LOCATION, format!("/v1/diagnoses/{}", row.id))).json(view::result(&row)?))
}

/// Lists diagnoses that were kept
///
/// A learner's token sees its own.
#[utoipa::path(
    tag = "Diagnosis",
    params(DiagnosisQuery),
    responses((status = 200, description = "A page of diagnoses, the oldest first.", body = KeptDiagnosisPage)),
    security(("token" = ["diagnoses:run"]))
)]
#[get("/diagnoses")]
pub async fn list_diagnoses(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    request: HttpRequest,
    query: Params<DiagnosisQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = page::limit(query.limit, MOST)?;
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !caller.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let (tenant, learner) = (caller.tenant, caller.own_learner().or(asked));
    let name = format!("diagnoses/{learner:?}");
    let after = query.cursor.as_deref().map(|cursor| After::from_cursor(tenant, &name, cursor)).transpose()?;
    let rows = state.db.read(move |conn| store::page(conn, tenant, learner, after, limit.saturating_add(1))).await?;
    let (rows, last) = page::cut(rows, limit, |row| After { created_at: row.created_at, id: row.id });
    let next_cursor = last.map(|after| after.to_cursor(tenant, &name));
    let items = rows.into_iter().map(view::kept).collect();
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    Ok(answer.json(KeptDiagnosisPage { items, next_cursor }))
}

/// Read a diagnosis that was kept
///
/// As it was concluded then: signals that were added or changed since change nothing in it.
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
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, who) = (id_of(&id)?, caller.into_who());
    let row = state.db.read(move |conn| lifecycle::seen(conn, &who, id)).await?;
    Ok(HttpResponse::Ok().json(view::kept(row)))
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
        (status = 409, description = "`id_unavailable`: something else has this id, other evidence included."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
    ),
    security(("token" = ["diagnoses:run"]))
)]
#[put("/diagnoses/{id}")]
pub async fn put_diagnosis(
    state: Data<AppState>,
    caller: Caller<DiagnosesRun>,
    id: Path<String>,
    body: Body<Evidence>,
) -> Result<HttpResponse, Problem> {
    let (id, who) = (id_of(&id)?, caller.into_who());
    let made = diagnosed(&state, who.tenant, body, masked).await??;
    let (row, created) = state.db.write(move |conn| lifecycle::keep(conn, &who, id, &made)).await?;
    let mut answer = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    if created {
        answer.insert_header((header::LOCATION, format!("/v1/diagnoses/{id}")));
    }
    Ok(answer.json(view::kept(row)))
}

/// Erase a diagnosis that was kept
///
/// Evidence and verdict are gone for good. The log keeps that there was one, and what it concluded, without any text.
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
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, who) = (id_of(&id)?, caller.into_who());
    state.db.write(move |conn| lifecycle::erase(conn, &who, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
