//! The handlers of attempts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get, post, put};
use serde::Deserialize;

use crate::attempts::closing;
use crate::attempts::lifecycle::{self, AttemptCall};
use crate::attempts::lists::store::{self as list_store, AttemptFilter};
use crate::attempts::lists::wire::{AttemptPage, AttemptQuery};
use crate::attempts::rules;
use crate::attempts::save::Save;
use crate::attempts::sent::{RawAnswer, Sent};
use crate::attempts::store;
use crate::attempts::view::{self, SeenAttempt};
use crate::attempts::wire::{Attempt, AttemptPut, Context, OneResponsePut, ResponsePut, ResponsesPut, SaveResult, SaveResults};
use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::caller::{Acting, AttemptsRead, AttemptsWrite};
use crate::auth::{Caller, Who};
use crate::cohorts::{self, Listed};
use crate::db::Conn;
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::error::{Code, Problem};
use crate::learners;
use crate::lessons::Catalogue;
use crate::records::ClientTime;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::as_sent;
use crate::web::idempotency::{self, IdempotencyKey, KeyedAnswer};
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::prefer::{self, Preferred};
use crate::web::query::Params;

const MOST: i64 = 200;

/// Lists attempts
///
/// In the order in which they were made; a walk through the pages skips none, however many are made meanwhile, and shows none
/// twice. A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. A result that the policy shows only once attempts are used up is in the attempt itself,
/// not in the list.
#[utoipa::path(
    tag = "Attempts",
    params(AttemptQuery),
    responses((status = 200, description = "A page of attempts, the oldest first.", body = AttemptPage), (status = 404, description = "`not_found`: `learner` or `cohort` is none that this token sees.")),
    security(("token" = ["attempts:read"]))
)]
#[get("/attempts")]
pub async fn list_attempts(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    query: Params<AttemptQuery>,
) -> Result<Answered<AttemptPage>, Problem> {
    let query = query.into_inner();
    let (tenant, catalogue) = (caller.tenant, state.catalogue(caller.tenant));
    let filter = filter(&caller, &catalogue, &query)?;
    let cohort = cohorts::named_cohort(query.cohort.as_deref(), query.learner.as_deref())?;
    let name = format!("attempts/{filter:?}{cohort:?}{:?}", caller.reach());
    let asked = Asked::<After>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let who = (*caller).clone();
    let read = move |conn: &mut Conn| {
        let Listed { learner, group } = cohorts::listed_for(conn, &who, filter.learner, cohort)?;
        let filter = AttemptFilter { learner, group, ..filter.clone() };
        list::list_page(conn, &after, limit, &|conn: &mut Conn, span, n| list_store::page(conn, tenant, &filter, span, n))
    };
    let page = state.db.of(tenant).read(read).await?;
    note_staff_reading(&state, of_staff(&caller), "attempt.listed", ("list", &"attempts")).await;
    let items = page.rows.into_iter().map(|row| view::brief(&caller, &catalogue, row)).collect();
    Ok(asked.answer(page.next, |next_cursor| AttemptPage { items, next_cursor }))
}

fn filter(who: &Who, catalogue: &Catalogue, query: &AttemptQuery) -> Result<AttemptFilter, Problem> {
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !who.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let parse = |name: &str| {
        let state = rules::AttemptState::parse(name).filter(|state| *state != rules::AttemptState::Arriving);
        state.ok_or_else(|| Problem::parameter("state", "must be in_progress or submitted."))
    };
    Ok(AttemptFilter {
        learner: who.own_learner().or(asked),
        group: None,
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
        (status = 409, description = "`attempts_used`: no attempt is left. `illegal_state`: the lesson was withdrawn or the learner is deactivated (`params.state`). `request_in_progress`: the same request is running."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[post("/attempts")]
pub async fn start_attempt(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    request: HttpRequest,
    body: Body<AttemptPut>,
) -> Result<Answered<Attempt>, Problem> {
    as_sent::check_as_sent(&body.raw, Context::FREE)?;
    let who = caller.into_who();
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let call = put_of(&state, who, state.clock.id(), true, body.value);
    let db = state.db.of(call.who.tenant);
    let put = move |conn: &mut Conn| {
        idempotency::once(conn, key.as_ref(), |conn| {
            let outcome = lifecycle::bring_attempt(conn, &call)?;
            let status = if outcome.created { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, outcome.attempt(&call.catalogue)?))
        })
    };
    let answer: KeyedAnswer<Attempt> = db.write(put).await?;
    let new_at = answer.is_new().then(|| format!("/v1/attempts/{}", answer.text("id")));
    Ok(Answered::from(answer).at(new_at))
}

fn put_of(state: &AppState, who: Who, id: Id, resume: bool, body: AttemptPut) -> AttemptCall {
    let answers = body.responses.iter().map(RawAnswer::read).collect();
    AttemptCall { id, answers, catalogue: state.catalogue(who.tenant), digest_key: state.digest_key.clone(), resume, body, who }
}

fn save_of(state: &AppState, who: Who, attempt: Id, answers: Vec<Sent>, sent_at: Option<ClientTime>) -> Save {
    Save { catalogue: state.catalogue(who.tenant), digest_key: state.digest_key.clone(), who, attempt, answers, sent_at }
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
    PathId(id): PathId,
) -> Result<Answered<Attempt>, Problem> {
    let (catalogue, who) = (state.catalogue(caller.tenant), caller.into_who());
    let (pinned, staff) = (catalogue.clone(), of_staff(&who));
    let seen = state.db.of(who.tenant).read(move |conn| match store::find(conn, who.tenant, id)? {
        Some(row) if learners::sees_now(conn, &who, row.learner_id)? => SeenAttempt::of(conn, &who, &pinned, row),
        _ => Err(Problem::not_found("attempt of this id")),
    });
    let attempt = seen.await?.attempt(&catalogue)?;
    note_staff_reading(&state, staff, "attempt.read", ("attempt", &id)).await;
    Ok(Answered::ok(attempt))
}

/// Start an attempt, or bring a whole one
///
/// Repeatable: the same call again changes nothing and gives the same answer. With `responses` and `submit` it brings a
/// whole attempt that was made offline, on any version that was ever published; such an attempt is always accepted.
///
/// Each answer gets a result of its own, and a faulty one never sinks the good ones. What has one obvious meaning is taken: a
/// number with the traces of binary fractions is rounded to nine digits behind the point, line ends and control characters go out
/// of a typed text, a time worked is brought within its bounds; the result's `adjusted` says so. What cannot be taken is `refused`
/// with a problem. Where an answer is refused `"submit": true` does not close the attempt: it is answered open, with
/// `not_submitted`, so that the same call with the answer mended submits it. `"submit": "despite_refusals"` closes it in any case.
///
/// Offline clients name the `version` that the learner saw. Where a whole attempt names none and its answers do not fit the newest
/// version, nothing is stored, and the problem (422, at `/version`) asks for it.
///
/// A phone that was offline while its learner was merged into another one changes nothing: with its token, or under the learner's old id
/// or identity, the attempt arrives at the learner who stays, numbered after those that are there.
#[utoipa::path(
    tag = "Attempts",
    params(
        ("id" = Id, Path, description = "An id of the client's choice, a UUID of version 4 or 7."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal` (RFC 7240) answers without `order`, `responses` and `items`, as lists do; read them when somebody wants to see them."),
    ),
    request_body = AttemptPut,
    responses(
        (status = 200, description = "The attempt, which was there already.", body = Attempt),
        (status = 201, description = "The attempt, new.", body = Attempt),
        (status = 409, description = "`attempt_open`: another attempt is open in this placement (`params.attempt`). `attempts_used`. `id_unavailable`: something else has this id. `illegal_state`: it was made on another lesson or version, or the lesson was withdrawn before it began, or the learner is deactivated. With refused answers `attempt_open` may mean that the attempt can be neither submitted nor kept open: nothing was stored."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[put("/attempts/{id}")]
pub async fn put_attempt(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    preferred: Preferred,
    body: Body<AttemptPut>,
) -> Result<Answered<Attempt>, Problem> {
    as_sent::check_as_sent(&body.raw, Context::FREE)?;
    let call = put_of(&state, caller.into_who(), id, false, body.value);
    let catalogue = call.catalogue.clone();
    let outcome = state.db.of(call.who.tenant).write(move |conn| lifecycle::bring_attempt(conn, &call)).await?;
    let new_at = outcome.created.then(|| format!("/v1/attempts/{id}"));
    Ok(match preferred.minimal {
        true => Answered::put(new_at, outcome.summary()).with(prefer::APPLIED),
        false => Answered::put(new_at, outcome.attempt(&catalogue)?),
    })
}

/// Save several answers
///
/// One result for each, in order: `saved`, `superseded` (a newer one is there), `late` (the attempt was submitted; kept,
/// never scored) or `refused` with a problem. A refused answer is not stored: mend it before the attempt is submitted, or it
/// comes `late`.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id.")),
    request_body = ResponsesPut,
    responses((status = 200, description = "What became of each answer.", body = SaveResults), (status = 404, description = "No such attempt for this token."), (status = 409, description = "`illegal_state`: the learner is deactivated (`params.state`).")),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[put("/attempts/{id}/responses")]
pub async fn put_responses(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    body: Body<ResponsesPut>,
) -> Result<Answered<SaveResults>, Problem> {
    if !(1..=200).contains(&body.value.responses.len()) {
        return Err(Problem::body("/responses", "must hold 1 to 200 answers."));
    }
    let (answers, sent_at) = (body.value.responses.iter().map(RawAnswer::read).collect(), body.value.sent_at);
    let results = state.db.submit(save_of(&state, caller.into_who(), id, answers, sent_at)).await?;
    Ok(Answered::ok(SaveResults { results }))
}

/// What stands in the path beside the attempt's id.
#[derive(Deserialize)]
struct ItemPath {
    item_id: String,
}

/// Save one answer
///
/// Repeatable; an older `seq` never overwrites a newer one.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id."), ("item_id" = String, Path, description = "The item's id.", example = "fsc-001")),
    request_body = OneResponsePut,
    responses((status = 200, description = "What became of it: `saved`, `superseded` or `late`.", body = SaveResult), (status = 404, description = "No such attempt for this token, or no such item in it."), (status = 409, description = "`illegal_state`: the learner is deactivated (`params.state`).")),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[put("/attempts/{id}/responses/{item_id}")]
pub async fn put_response(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    path: Path<ItemPath>,
    body: Body<OneResponsePut>,
) -> Result<Answered<SaveResult>, Problem> {
    let (ItemPath { item_id: item }, body) = (path.into_inner(), body.value);
    let answer =
        ResponsePut { item, seq: body.seq, response: body.response, answered_at: body.answered_at, active_ms: body.active_ms };
    let save = save_of(&state, caller.into_who(), id, vec![Sent::Read(answer.into())], body.sent_at);
    let result = state.db.submit(save).await?.pop().ok_or_else(|| Problem::internal("a save without a result"))?;
    match result.problem {
        None => Ok(Answered::ok(result)),
        Some(problem) if problem.code == Code::NotFound.name() => Err(Problem::new(Code::NotFound, problem.detail)),
        Some(problem) => Err(Problem::body(problem.pointer.unwrap_or_default(), problem.detail)),
    }
}

/// Submit an attempt
///
/// Graded at once. Submitting twice gives the same result twice.
#[utoipa::path(
    tag = "Attempts",
    params(
        ("id" = Id, Path, description = "The attempt's id."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal` (RFC 7240) answers without `order`, `responses` and `items`, as lists do; read them when somebody wants to see them."),
    ),
    responses((status = 200, description = "The graded attempt.", body = Attempt), (status = 404, description = "No such attempt for this token."), (status = 409, description = "`illegal_state`: the learner is deactivated (`params.state`).")),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[post("/attempts/{id}/submit")]
pub async fn submit_attempt(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    preferred: Preferred,
) -> Result<Answered<Attempt>, Problem> {
    let (catalogue, who) = (state.catalogue(caller.tenant), caller.into_who());
    let pinned = catalogue.clone();
    let seen = state.db.of(who.tenant).write(move |conn| {
        let row = closing::grade_and_close(conn, &who, &pinned, id, closing::on_arrival(who.now))?;
        SeenAttempt::of(conn, &who, &pinned, row)
    });
    let seen = seen.await?;
    Ok(match preferred.minimal {
        true => Answered::ok(seen.summary()).with(prefer::APPLIED),
        false => Answered::ok(seen.attempt(&catalogue)?),
    })
}
