//! `/v1/regrades`.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post, put};
use serde::Serialize;

use crate::attempts::regrades::lifecycle::{self, Call, DONE};
use crate::attempts::regrades::rules::Tally;
use crate::attempts::regrades::store::{self, RegradeRow};
use crate::attempts::regrades::wire::{DryRunQuery, ItemCount, Regrade, RegradePage, RegradePut, RegradeQuery};
use crate::auth::caller::{AttemptsRead, Costly, LessonsWrite};
use crate::auth::{Caller, Who};
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::db::unreadable::Unreadable;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::{Catalogue, renewal};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::idempotency::{self, IdempotencyKey};
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// The longest page.
const MOST: i64 = 200;
/// Attempts in one transaction: bounds how long others wait for it.
const BATCH: i64 = 200;
/// How long a call waits for the end of its regrade; after that it goes on without being waited for.
const WAIT: Duration = Duration::from_secs(3);

/// Regrades are for those who answer for a course, and for everybody who takes it.
fn staff(who: Who) -> Result<Who, Problem> {
    who.is_no_learner("Regrades are")?;
    who.reaches_everybody().map(|()| who)
}

/// The call with its versions. What another process published a moment ago is read first.
async fn call(state: &Data<AppState>, who: Who, id: Id, body: RegradePut, query: DryRunQuery) -> Result<Call, Problem> {
    let dry_run = query.dry_run == Some(true);
    match Call::new(who.clone(), id, body.clone(), dry_run, &state.catalogue(who.tenant)) {
        Err(problem) if problem.errors().iter().any(|error| error.pointer.as_deref() != Some("/reason")) => {
            renewal::renew(state).await?;
            Call::new(who.clone(), id, body, dry_run, &state.catalogue(who.tenant))
        }
        done => done,
    }
}

/// Grade again what was submitted on a version
///
/// By the items of another version of the lesson, usually because a key was wrong: every submitted attempt on `from`, whatever graded
/// it last. Its items are graded by their namesakes in `to`, with their keys and points; an item that is not there, or that the
/// answer does not fit there, keeps its grading and is named. The attempt stays on its version, whose policy says what passes.
/// Every attempt gets a further grading (`GET /v1/attempts/{id}/gradings` has all) and a record, changed or not. It runs in
/// small transactions; repeat the call to go on after a failure, or to take in what was submitted since (a phone that was offline):
/// no attempt is graded twice by one regrade. With `dry_run=true` no attempt is graded: the regrade tells what would change (its
/// `state` is `dry_run` then), goes on behind the answer like any other, and is done in earnest by the same call without `dry_run`.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "An id of the client's choice, a UUID of version 4 or 7."), DryRunQuery),
    request_body = RegradePut,
    responses(
        (status = 200, description = "It is done, and was there already; or a dry run that is done.", body = Regrade),
        (status = 201, description = "It is new, and done.", body = Regrade),
        (status = 202, description = "It goes on; follow it with GET.", body = Regrade),
        (status = 409, description = "`id_unavailable`: another regrade has this id, or this one was begun in earnest before the dry run."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(50)))
)]
#[put("/regrades/{id}")]
pub async fn put_regrade(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 50>>,
    PathId(id): PathId,
    query: Params<DryRunQuery>,
    body: Body<RegradePut>,
) -> Result<Answered<Regrade>, Problem> {
    let who = staff(caller.into_who())?;
    let call = call(&state, who, id, body.value, query.into_inner()).await?;
    let (who, begun) = (call.who.clone(), call.clone());
    let (_, created) = state.db.of(who.tenant).write(move |conn| lifecycle::begin(conn, &begun)).await?;
    let row = worked(&state, who, id, call.dry_run).await?;
    Ok(answered(row, created))
}

/// Grade again, at an id of the service's choice
///
/// As `PUT /v1/regrades/{id}`. Repeating it with the same `Idempotency-Key` gives the same regrade, as far as it is by then.
#[utoipa::path(
    tag = "Attempts",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeating the request with the same key begins nothing new."), DryRunQuery),
    request_body = RegradePut,
    responses(
        (status = 200, description = "A dry run that is done; `Location` has its URL.", body = Regrade),
        (status = 201, description = "It is done; `Location` has its URL.", body = Regrade),
        (status = 202, description = "It goes on; follow `Location`.", body = Regrade),
        (status = 409, description = "`request_in_progress`: the same request is running."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(50)))
)]
#[post("/regrades")]
pub async fn create_regrade(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 50>>,
    request: HttpRequest,
    query: Params<DryRunQuery>,
    body: Body<RegradePut>,
) -> Result<Answered<Regrade>, Problem> {
    let who = staff(caller.into_who())?;
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let call = call(&state, who.clone(), state.clock.id(), body.value, query.into_inner()).await?;
    let dry_run = call.dry_run;
    let work = move |conn: &mut Conn| {
        idempotency::once(conn, key.as_ref(), |conn| {
            let (row, _) = lifecycle::begin(conn, &call)?;
            Ok((StatusCode::CREATED, Begun { id: row.id }))
        })
    };
    let answer = state.db.of(who.tenant).write(work).await?;
    let row = worked(&state, who, answer.id()?, dry_run).await?;
    Ok(answered(row, true).replayed(answer.replayed))
}

/// What is remembered with an `Idempotency-Key`: a regrade goes on, so it is read again at each repetition.
#[derive(Serialize)]
struct Begun {
    id: Id,
}

fn answered(row: RegradeRow, created: bool) -> Answered<Regrade> {
    let status = match (row.state == DONE, created && !row.dry_run) {
        (false, _) => StatusCode::ACCEPTED,
        (true, true) => StatusCode::CREATED,
        (true, false) => StatusCode::OK,
    };
    let new_at = created.then(|| format!("/v1/regrades/{}", row.id));
    Answered::new(status, view(row)).at(new_at)
}

/// Sets this process to work on a regrade, and gives it as it is when that is done or a moment has passed.
async fn worked(state: &Data<AppState>, who: Who, id: Id, dry: bool) -> Result<RegradeRow, Problem> {
    let tenant = who.tenant;
    let work = actix_web::rt::spawn(work_on(state.clone(), who, id, dry));
    if let Ok(ended) = tokio::time::timeout(WAIT, work).await {
        ended.map_err(Problem::internal)??;
    }
    state.db.of(tenant).read(move |conn| store::find(conn, tenant, id)?.ok_or_else(lifecycle::no_such_regrade)).await
}

/// Goes on until it is done. A failure ends it; whoever repeats the call goes on from there.
async fn work_on(state: Data<AppState>, who: Who, id: Id, mut dry: bool) -> Stored<()> {
    loop {
        let acting = Who { now: state.clock.now(), ..who.clone() };
        let catalogue = state.catalogue(who.tenant);
        let step = match dry {
            true => dry_step(&state, acting, catalogue, id).await,
            false => state.db.of(who.tenant).write(move |conn| lifecycle::step(conn, &acting, &catalogue, id, BATCH)).await,
        };
        match step {
            Ok(row) if row.state == DONE => return Ok(()),
            Ok(row) => dry = row.dry_run,
            Err(problem) => {
                tracing::warn!(%problem, regrade = %id, "a regrade stopped before its end; repeat the call to go on");
                return Err(problem);
            }
        }
    }
}

/// Looks at the next attempts beside all writers, and notes what was found.
async fn dry_step(state: &Data<AppState>, who: Who, catalogue: Arc<Catalogue>, id: Id) -> Stored<RegradeRow> {
    let tenant = who.tenant;
    let look = move |conn: &mut Conn| {
        let row = store::find(conn, tenant, id)?.ok_or_else(lifecycle::no_such_regrade)?;
        let found = lifecycle::dry_look(conn, &catalogue, &row, BATCH)?;
        Ok((row, found))
    };
    let (row, found) = state.db.of(tenant).read(look).await?;
    state.db.of(tenant).write(move |conn| lifecycle::dry_progress(conn, &who, &row, found.clone())).await
}

fn view(row: RegradeRow) -> Regrade {
    let mut unreadable = Unreadable::of(&row.id);
    let known = || Tally { regraded: row.regraded, changed: row.changed, ..Tally::default() };
    let tally = unreadable.read("tally", &row.tally).unwrap_or_else(known);
    let unreadable = unreadable.parts;
    let counts = |map: std::collections::BTreeMap<String, i64>| {
        map.into_iter().map(|(item, attempts)| ItemCount { item, attempts }).collect()
    };
    Regrade {
        id: row.id,
        lesson: row.lesson,
        from: row.from_version,
        to: row.to_version,
        reason: row.reason,
        state: if row.dry_run && row.state == DONE { "dry_run".to_owned() } else { row.state },
        dry_run: row.dry_run,
        total: row.total,
        regraded: tally.regraded,
        changed: tally.changed,
        raised: tally.raised,
        lowered: tally.lowered,
        now_passed: tally.now_passed,
        no_longer_passed: tally.no_longer_passed,
        mean_change: tally.mean_change(),
        changed_items: counts(tally.changed_items),
        kept_items: counts(tally.kept_items),
        created_at: row.created_at,
        done_at: row.done_at,
        unreadable,
    }
}

/// Lists regrades
///
/// This tenant's, the oldest first.
#[utoipa::path(
    tag = "Attempts",
    params(RegradeQuery),
    responses((status = 200, description = "A page of regrades.", body = RegradePage)),
    security(("token" = ["attempts:read"]))
)]
#[get("/regrades")]
pub async fn list_regrades(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    query: Params<RegradeQuery>,
) -> Result<Answered<RegradePage>, Problem> {
    let (who, query) = (staff(caller.into_who())?, query.into_inner());
    let tenant = who.tenant;
    let asked = Asked::<After>::of(tenant, "regrades", (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let fetch = move |conn: &mut Conn, span, n| store::page(conn, tenant, span, n);
    let page = state.db.of(tenant).read(move |conn| list::list_page(conn, &after, limit, &fetch)).await?;
    let items = page.rows.into_iter().map(view).collect();
    Ok(asked.answer(page.next, |next_cursor| RegradePage { items, next_cursor }))
}

/// Read a regrade
///
/// With how far it is.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The regrade's id.")),
    responses((status = 200, description = "The regrade.", body = Regrade), (status = 404, description = "No such regrade.")),
    security(("token" = ["attempts:read"]))
)]
#[get("/regrades/{id}")]
pub async fn read_regrade(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    PathId(id): PathId,
) -> Result<Answered<Regrade>, Problem> {
    let who = staff(caller.into_who())?;
    let row = state
        .db
        .of(who.tenant)
        .read(move |conn| store::find(conn, who.tenant, id)?.ok_or_else(lifecycle::no_such_regrade))
        .await?;
    Ok(Answered::ok(view(row)))
}
