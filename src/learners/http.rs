//! `/v1/learners`: learners by our id or by an identity from elsewhere, their progress, tokens for them.

use actix_web::guard::GuardContext;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post, put};

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::caller::{LearnersRead, LearnersWrite, TokensIssue};
use crate::auth::http::{PersonToken, person_token};
use crate::auth::oauth::TokenAnswer;
use crate::auth::{Caller, Reach, Scope, Who};
use crate::db::groups::LearnerGroup;
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::learners::progress::{self, LearnerWork, Progress};
use crate::learners::states::LearnerState;
use crate::learners::store::{self, LearnerFilter, LearnerRow};
use crate::learners::wire::{Identity, IdentityQuery, Learner, LearnerChange, LearnerPage, LearnerQuery, NewLearner};
use crate::learners::{own_system, principal, rules, sees_now};
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};
use crate::web::conditional;
use crate::web::idempotency::{IdempotencyKey, once};
use crate::web::json::Body;
use crate::web::outer::PRIVATE;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// Longest page.
const MOST: i64 = 200;

/// What a learner who is not there answers, or one that this token does not see.
pub fn nobody() -> Problem {
    Problem::not_found("learner of this id")
}

/// What `who` sees of these learners.
fn learner_views(conn: &mut Conn, who: &Who, rows: Vec<LearnerRow>) -> Stored<Vec<Learner>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let own = |row: &LearnerRow| who.own_learner().is_none() || is_own(who, row);
    let readable = who.scopes.has(Scope::LearnersRead) && rows.iter().all(own);
    let known = if readable { store::identities_of(conn, who.tenant, &ids)? } else { Vec::new() };
    let identities = |learner| {
        let own = known.iter().filter(move |(id, _, _)| *id == learner);
        own.map(|(_, system, id)| Identity { system: system.clone(), id: id.clone() }).collect()
    };
    let learner = |LearnerRow { id, name, revision, created_at, updated_at, state, merged_into }| {
        let (identities, state) = (readable.then(|| identities(id)), LearnerState::of_stored(&state));
        Learner { id, name, identities, state, merged_into, revision, created_at, updated_at }
    };
    Ok(rows.into_iter().map(learner).collect())
}

/// A learner's token sees itself, and whoever was merged into it.
fn is_own(who: &Who, row: &LearnerRow) -> bool {
    who.sees(row.id) || row.merged_into.is_some_and(|into| who.sees(into))
}

/// The row of a learner whom this token sees: staff see those of their cohorts, or everybody.
fn seen_row(conn: &mut Conn, who: &Who, id: Id) -> Stored<LearnerRow> {
    let row = store::find(conn, who.tenant, id)?.filter(|row| is_own(who, row)).ok_or_else(nobody)?;
    match who.own_learner() {
        None if !sees_now(conn, who, row.merged_into.unwrap_or(id))? => Err(nobody()),
        _ => Ok(row),
    }
}

/// A learner as `who` sees it, if it does.
pub fn learner_view(conn: &mut Conn, who: &Who, id: Id) -> Stored<Learner> {
    let row = seen_row(conn, who, id)?;
    learner_views(conn, who, vec![row])?.pop().ok_or_else(nobody)
}

fn url(id: impl std::fmt::Display) -> String {
    format!("/v1/learners/{id}")
}

/// Lists learners
///
/// In the order in which they were made. A learner's token gets a list of just itself, a staff token without `learners:all` the
/// learners of its cohorts. With `state` those alone that are `active`,
/// `deactivated` or `merged`; one that takes on a state while you walk through the pages may be passed over.
#[utoipa::path(
    tag = "Learners",
    params(LearnerQuery),
    responses((status = 200, description = "A page of learners.", body = LearnerPage)),
    security(("token" = ["learners:read"]))
)]
#[get("/learners")]
pub async fn list_learners(
    state: Data<AppState>,
    caller: Caller<LearnersRead>,
    query: Params<LearnerQuery>,
) -> Result<Answered<LearnerPage>, Problem> {
    let (who, query) = (caller.into_who(), query.into_inner());
    let (tenant, filter) = (who.tenant, filter(&who, &query)?);
    let name = format!("learners/{filter:?}{:?}", who.reach());
    let asked = Asked::<After>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let ((after, limit), staff) = (asked.start(), of_staff(&who));
    let read = state.db.of(tenant).read(move |conn| {
        let filter = reached(conn, &who, &filter)?;
        let fetch = |conn: &mut Conn, span, n| match &filter {
            Some(filter) => store::page(conn, tenant, filter, span, n),
            None => Ok(Vec::new()),
        };
        let page = list::list_page(conn, &after, limit, &fetch)?;
        Ok((learner_views(conn, &who, page.rows)?, page.next))
    });
    let (items, next) = read.await?;
    note_staff_reading(&state, staff, "learner.listed", ("list", &"learners")).await;
    Ok(asked.answer(next, |next_cursor| LearnerPage { items, next_cursor }))
}

/// What of it this token sees; None where that is nobody.
fn reached(conn: &mut Conn, who: &Who, filter: &LearnerFilter) -> Stored<Option<LearnerFilter>> {
    let Reach::TaughtBy(person) = who.reach() else { return Ok(Some(filter.clone())) };
    let Some((system, external)) = &filter.identity else {
        return Ok(Some(LearnerFilter { group: Some(LearnerGroup::TaughtBy(person)), ..filter.clone() }));
    };
    match store::by_identity(conn, who.tenant, system, external)? {
        Some(named) if sees_now(conn, who, named)? => Ok(Some(filter.clone())),
        _ => Ok(None),
    }
}

fn filter(who: &Who, query: &LearnerQuery) -> Result<LearnerFilter, Problem> {
    query.system.as_deref().map_or(Ok(()), |system| rules::check_parameter("system", system))?;
    query.identity.as_deref().map_or(Ok(()), |identity| rules::check_parameter("identity", identity))?;
    let (learner, system, state) = (who.own_learner(), query.system.clone(), query.state);
    Ok(match query.identity.clone() {
        None => LearnerFilter { learner, group: None, system, identity: None, state },
        Some(identity) => {
            let system = system.unwrap_or_else(|| own_system(who.client));
            LearnerFilter { learner, group: None, system: None, identity: Some((system, identity)), state }
        }
    })
}

/// Make a learner
///
/// With one or more identities. Where a learner of an identity may be there already, `PUT /v1/learners/by-identity` is
/// the better call. Repeat it safely with an `Idempotency-Key`.
#[utoipa::path(
    tag = "Learners",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 characters; the same key and body get the stored answer.")),
    request_body = NewLearner,
    responses(
        (status = 201, description = "The learner.", body = Learner),
        (status = 409, description = "`id_unavailable`: an identity is another learner's. `request_in_progress`: the same request is still running."),
        (status = 429, description = "`daily_limit`: the tenant's records of today are used up (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["learners:write"]))
)]
#[post("/learners")]
pub async fn create_learner(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    request: HttpRequest,
    body: Body<NewLearner>,
) -> Result<Answered<Learner>, Problem> {
    let (who, NewLearner { name, identities }) = (caller.into_who(), body.value);
    rules::check_learner_name(name.as_deref())?;
    let identities = rules::check_identities(&identities, &own_system(who.client))?;
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let id = who.clock.id();
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        once(conn, key.as_ref(), |conn| {
            super::create(conn, &who, id, name.as_deref(), &identities)?;
            Ok((StatusCode::CREATED, learner_view(conn, &who, id)?))
        })
    };
    let answer = db.write(work).await?;
    let url = url(answer.text("id"));
    // A learner is made with revision 1.
    Ok(Answered::from(answer).at(Some(url)).revision(1))
}

/// Make or find the learner of an identity
///
/// Makes the learner if there is none, else changes its name if that is another one. Repeat it as often as you like; of
/// two that race, one makes the learner and the other finds it. `If-Match` is honoured.
#[utoipa::path(
    tag = "Learners",
    params(IdentityQuery, ("If-Match" = Option<String>, Header, description = "Change the learner only if this is its ETag.", example = "\"1\"")),
    request_body = LearnerChange,
    responses(
        (status = 200, description = "The learner, who was there already.", body = Learner),
        (status = 201, description = "The learner, made now.", body = Learner),
        (status = 409, description = "`illegal_state`: the learner is deactivated, so its name stays (`params.state`)."),
        (status = 412, description = "`precondition_failed`: the learner has another revision, or is not there."),
        (status = 429, description = "`daily_limit`: the tenant's records of today are used up (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["learners:write"]))
)]
#[put("/learners/by-identity")]
pub async fn put_learner_by_identity(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    request: HttpRequest,
    query: Params<IdentityQuery>,
    body: Body<LearnerChange>,
) -> Result<Answered<Learner>, Problem> {
    let (who, IdentityQuery { system, id: external }, change) = (caller.into_who(), query.into_inner(), body.value);
    let system = system.unwrap_or_else(|| own_system(who.client));
    rules::check_parameter("system", &system)?;
    rules::check_parameter("id", &external)?;
    rules::check_learner_name(change.name.as_ref().and_then(Option::as_deref))?;
    let if_match = conditional::if_match(&request)?;
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        let name = change.name.as_ref().map(Option::as_deref);
        let (id, made) = super::upsert(conn, &who, (&system, &external), name, &if_match)?;
        Ok((learner_view(conn, &who, id)?, made))
    };
    let (learner, made) = db.write(work).await?;
    let revision = learner.revision;
    Ok(Answered::put(made.then(|| url(learner.id)), learner).revision(revision))
}

/// So that another method than PUT at `/v1/learners/by-identity` is a 405 and no question for a learner of that id.
fn is_an_id(context: &GuardContext<'_>) -> bool {
    !context.head().uri.path().ends_with("/by-identity")
}

/// Read a learner
///
/// With its identities. The ETag is its revision. A learner's token reads itself only. One that was merged into another learner has
/// the state `merged` and says into whom (`merged_into`); its identities are that one's now.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id."), ("If-None-Match" = Option<String>, Header, description = "The ETag of a copy.", example = "\"1\"")),
    responses(
        (status = 200, description = "The learner.", body = Learner),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such learner for this token."),
    ),
    security(("token" = ["learners:read"]))
)]
#[get("/learners/{id}", guard = "is_an_id")]
pub async fn read_learner(
    state: Data<AppState>,
    caller: Caller<LearnersRead>,
    PathId(id): PathId,
) -> Result<Answered<Learner>, Problem> {
    let who = caller.into_who();
    let staff = of_staff(&who);
    let learner = state.db.of(who.tenant).read(move |conn| learner_view(conn, &who, id)).await?;
    note_staff_reading(&state, staff, "learner.read", ("learner", &id)).await;
    let revision = learner.revision;
    Ok(Answered::ok(learner).revision(revision).with(PRIVATE))
}

/// Read a learner's progress
///
/// Through every lesson of every course: attempts, the attempt that counts, the exercise. Titles are in a language of
/// `Accept-Language` where the lesson has it. To a learner's token a result that the lesson's policy withholds shows as
/// null with `withheld: policy`. Of a learner that was merged it is the progress of the one that it was merged into (`learner`).
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    responses((status = 200, description = "The progress.", body = Progress), (status = 404, description = "No such learner for this token.")),
    security(("token" = ["learners:read"]))
)]
#[get("/learners/{id}/progress")]
pub async fn read_progress(
    state: Data<AppState>,
    caller: Caller<LearnersRead>,
    request: HttpRequest,
    PathId(id): PathId,
) -> Result<Answered<Progress>, Problem> {
    let who = caller.into_who();
    let (tenant, own, staff) = (who.tenant, who.own_learner().is_some(), of_staff(&who));
    let work = move |conn: &mut Conn| {
        let row = seen_row(conn, &who, id)?;
        let id = row.merged_into.unwrap_or(id);
        Ok((id, LearnerWork { tries: store::tries(conn, tenant, id)?, submissions: store::submissions(conn, tenant, id)? }))
    };
    let (id, done) = state.db.of(tenant).read(work).await?;
    note_staff_reading(&state, staff, "progress.read", ("learner", &id)).await;
    let language = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Ok(Answered::ok(progress::progress_of(&state.catalogue(tenant), id, &done, language, own)))
}

/// Make a token for a learner
///
/// It speaks for that learner alone, in the name of the asking client; an app keeps it instead of client credentials. For a learner
/// that was merged it speaks for the one that it was merged into; for a deactivated one there is none.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    request_body = PersonToken,
    responses((status = 200, description = "A token for that learner.", body = TokenAnswer), (status = 404, description = "No such learner."), (status = 409, description = "`illegal_state`: the learner is deactivated (`params.state`).")),
    security(("token" = ["tokens:issue"]))
)]
#[post("/learners/{id}/token")]
pub async fn issue_learner_token(
    state: Data<AppState>,
    caller: Caller<TokensIssue>,
    PathId(id): PathId,
    body: Body<PersonToken>,
) -> Result<Answered<TokenAnswer>, Problem> {
    let who = caller.into_who();
    let asking = who.clone();
    let learner = state.db.of(who.tenant).read(move |conn| principal(conn, &asking, id)).await?;
    let answer = person_token(&state, who, learner, &body.value).await?;
    Ok(Answered::ok(answer).with(NO_STORE))
}
