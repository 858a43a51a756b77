//! The handlers of attempts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use serde_json::Value;

use crate::attempts::lifecycle::{self, Put};
use crate::attempts::save::Save;
use crate::attempts::store::{self, Filter};
use crate::attempts::wire::{
    Attempt, AttemptPage, AttemptPut, AttemptQuery, Context, OneResponsePut, ResponsePut, ResponsesPut, SaveResult, SaveResults,
};
use crate::attempts::{rules, view};
use crate::auth::caller::{AttemptsRead, AttemptsWrite};
use crate::auth::{Caller, Who};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::lessons::Catalogue;
use crate::records::ClientTime;
use crate::state::AppState;
use crate::web::as_sent;
use crate::web::idempotency::{self, Answer, Key};
use crate::web::json::Body;
use crate::web::page::{self, After};
use crate::web::query::Params;

const MOST: i64 = 200;

pub fn id_of(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|what: &str| Problem::parameter("id", what))
}

/// Lists attempts
///
/// A learner's token sees its own. A result that the policy shows only once attempts are used up is in the attempt itself,
/// not in the list.
#[utoipa::path(
    tag = "Attempts",
    params(AttemptQuery),
    responses((status = 200, description = "A page of attempts, the oldest first.", body = AttemptPage)),
    security(("token" = ["attempts:read"]))
)]
#[get("/attempts")]
pub async fn list_attempts(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    request: HttpRequest,
    query: Params<AttemptQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = page::limit(query.limit, MOST)?;
    let filter = filter(&caller, &state.catalogue(caller.tenant), &query)?;
    let name = format!("attempts/{filter:?}");
    let after = query.cursor.as_deref().map(|cursor| After::from_cursor(caller.tenant, &name, cursor)).transpose()?;
    let tenant = caller.tenant;
    let rows = state.db.read(move |conn| store::page(conn, tenant, &filter, after, limit.saturating_add(1))).await?;
    let (rows, last) = page::cut(rows, limit, |row| After { created_at: row.created_at, id: row.id });
    let next_cursor = last.map(|after| after.to_cursor(tenant, &name));
    let catalogue = state.catalogue(tenant);
    let items = rows.into_iter().map(|row| view::brief(&caller, &catalogue, row)).collect();
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    Ok(answer.json(AttemptPage { items, next_cursor }))
}

fn filter(who: &Who, catalogue: &Catalogue, query: &AttemptQuery) -> Result<Filter, Problem> {
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !who.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let parse = |name: &str| {
        let state = rules::State::parse(name).filter(|state| *state != rules::State::Arriving);
        state.ok_or_else(|| Problem::parameter("state", "must be in_progress or submitted."))
    };
    Ok(Filter {
        learner: who.own_learner().or(asked),
        lesson: query.lesson.as_deref().map(|name| catalogue.slug_of(name)),
        state: query.state.as_deref().map(parse).transpose()?,
    })
}

/// Start or resume an attempt
///
/// The service chooses the id. Where an attempt of the learner is open in this placement, it is given back (200) instead
/// of a second one (201). Offline clients use PUT with an id of their own.
#[utoipa::path(
    tag = "Attempts",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeating the request with the same key gives the stored answer.")),
    request_body = AttemptPut,
    responses(
        (status = 200, description = "The attempt that was open.", body = Attempt),
        (status = 201, description = "A new attempt; `Location` has its URL.", body = Attempt),
        (status = 409, description = "`attempts_used`: no attempt is left. `illegal_state`: the lesson was withdrawn (`params.state`). `request_in_progress`: the same request is running."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
    ),
    security(("token" = ["attempts:write"]))
)]
#[post("/attempts")]
pub async fn start_attempt(
    state: Data<AppState>,
    caller: Caller<AttemptsWrite>,
    request: HttpRequest,
    body: Body<AttemptPut>,
) -> Result<HttpResponse, Problem> {
    as_sent::check(&body.raw, Context::FREE)?;
    let who = caller.into_who();
    let key = Key::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let call = put_of(&state, who, state.clock.id(), true, body.value);
    let answer = state.db.write(move |conn| idempotency::once(conn, key.as_ref(), |conn| put_and_view(conn, &call))).await?;
    Ok(answered(answer))
}

fn put_of(state: &AppState, who: Who, id: Id, resume: bool, body: AttemptPut) -> Put {
    Put { id, catalogue: state.catalogue(who.tenant), digest_key: state.digest_key.clone(), resume, body, who }
}

fn save_of(state: &AppState, who: Who, attempt: Id, answers: Vec<ResponsePut>, sent_at: Option<ClientTime>) -> Save {
    Save { catalogue: state.catalogue(who.tenant), digest_key: state.digest_key.clone(), who, attempt, answers, sent_at }
}

fn put_and_view(conn: &mut Conn, call: &Put) -> Stored<(u16, Value)> {
    let outcome = lifecycle::put(conn, call)?;
    let mut attempt = view::whole(conn, &call.who, &call.catalogue, outcome.row)?;
    attempt.results = outcome.results;
    let status = if outcome.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status.as_u16(), serde_json::to_value(attempt).map_err(Problem::internal)?))
}

fn answered(answer: Answer) -> HttpResponse {
    let mut response = answer.response();
    if answer.status == StatusCode::CREATED.as_u16()
        && let Some(id) = answer.body.get("id").and_then(Value::as_str)
    {
        response.insert_header(("Location", format!("/v1/attempts/{id}")));
    }
    response.json(answer.body)
}

/// Read an attempt
///
/// After submission with the result, item by item; what the version's policy withholds from a learner is null.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id.")),
    responses((status = 200, description = "The attempt.", body = Attempt), (status = 404, description = "No such attempt for this token.")),
    security(("token" = ["attempts:read"]))
)]
#[get("/attempts/{id}")]
pub async fn read_attempt(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, catalogue, who) = (id_of(&id)?, state.catalogue(caller.tenant), caller.into_who());
    let attempt = state.db.read(move |conn| {
        let row = store::find(conn, who.tenant, id)?.filter(|row| who.sees(row.learner_id));
        view::whole(conn, &who, &catalogue, row.ok_or_else(|| Problem::not_found("attempt of this id"))?)
    });
    Ok(HttpResponse::Ok().json(attempt.await?))
}

/// Start an attempt, or bring a whole one
///
/// Repeatable: the same call again changes nothing and gives the same answer. With `responses` and `submit` it brings a
/// whole attempt that was made offline, on any version that was ever published; such an attempt is always accepted.
/// Each answer gets a result of its own; one with a wrong item, option, `seq` or time worked never sinks the good ones. A body
/// that has not the documented shape (a missing `seq`, a time that is none) is refused as a whole, and nothing is stored.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "An id of the client's choice, a UUID of version 4 or 7.")),
    request_body = AttemptPut,
    responses(
        (status = 200, description = "The attempt, which was there already.", body = Attempt),
        (status = 201, description = "The attempt, new.", body = Attempt),
        (status = 409, description = "`attempt_open`: another attempt is open in this placement (`params.attempt`). `attempts_used`. `id_unavailable`: something else has this id. `illegal_state`: it was made on another lesson or version, or the lesson was withdrawn before it began."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
    ),
    security(("token" = ["attempts:write"]))
)]
#[put("/attempts/{id}")]
pub async fn put_attempt(
    state: Data<AppState>,
    caller: Caller<AttemptsWrite>,
    id: Path<String>,
    body: Body<AttemptPut>,
) -> Result<HttpResponse, Problem> {
    as_sent::check(&body.raw, Context::FREE)?;
    let call = put_of(&state, caller.into_who(), id_of(&id)?, false, body.value);
    let (status, body) = state.db.write(move |conn| put_and_view(conn, &call)).await?;
    Ok(answered(Answer { status, body, replayed: false }))
}

/// Save several answers
///
/// One result for each, in order: `saved`, `superseded` (a newer one is there), `late` (the attempt was submitted; kept,
/// never scored) or `refused` with a problem.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id.")),
    request_body = ResponsesPut,
    responses((status = 200, description = "What became of each answer.", body = SaveResults), (status = 404, description = "No such attempt for this token.")),
    security(("token" = ["attempts:write"]))
)]
#[put("/attempts/{id}/responses")]
pub async fn put_responses(
    state: Data<AppState>,
    caller: Caller<AttemptsWrite>,
    id: Path<String>,
    body: Body<ResponsesPut>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    if !(1..=200).contains(&body.value.responses.len()) {
        return Err(Problem::body("/responses", "must hold 1 to 200 answers."));
    }
    let (answers, sent_at) = (body.value.responses, body.value.sent_at);
    let results = state.db.submit(save_of(&state, caller.into_who(), id, answers, sent_at)).await?;
    Ok(HttpResponse::Ok().json(SaveResults { results }))
}

/// Save one answer
///
/// Repeatable; an older `seq` never overwrites a newer one.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id."), ("item_id" = String, Path, description = "The item's id.", example = "fsc-001")),
    request_body = OneResponsePut,
    responses((status = 200, description = "What became of it: `saved`, `superseded` or `late`.", body = SaveResult), (status = 404, description = "No such attempt for this token, or no such item in it.")),
    security(("token" = ["attempts:write"]))
)]
#[put("/attempts/{id}/responses/{item_id}")]
pub async fn put_response(
    state: Data<AppState>,
    caller: Caller<AttemptsWrite>,
    path: Path<(String, String)>,
    body: Body<OneResponsePut>,
) -> Result<HttpResponse, Problem> {
    let ((id, item), body) = (path.into_inner(), body.value);
    let answer =
        ResponsePut { item, seq: body.seq, response: body.response, answered_at: body.answered_at, active_ms: body.active_ms };
    let save = save_of(&state, caller.into_who(), id_of(&id)?, vec![answer], body.sent_at);
    let result = state.db.submit(save).await?.pop().ok_or_else(|| Problem::internal("a save without a result"))?;
    match result.problem {
        None => Ok(HttpResponse::Ok().json(result)),
        Some(problem) if problem.code == Code::NotFound.name() => Err(Problem::new(Code::NotFound, problem.detail)),
        Some(problem) => Err(Problem::body(problem.pointer.unwrap_or_default(), problem.detail)),
    }
}

/// Submit an attempt
///
/// Graded at once. Submitting twice gives the same result twice.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id.")),
    responses((status = 200, description = "The graded attempt.", body = Attempt), (status = 404, description = "No such attempt for this token.")),
    security(("token" = ["attempts:write"]))
)]
#[post("/attempts/{id}/submit")]
pub async fn submit_attempt(
    state: Data<AppState>,
    caller: Caller<AttemptsWrite>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, catalogue, who) = (id_of(&id)?, state.catalogue(caller.tenant), caller.into_who());
    let attempt = state.db.write(move |conn| {
        let row = lifecycle::submit(conn, &who, &catalogue, id, lifecycle::on_arrival(who.now))?;
        view::whole(conn, &who, &catalogue, row)
    });
    Ok(HttpResponse::Ok().json(attempt.await?))
}
