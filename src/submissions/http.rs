//! The handlers of submissions; those of reviews are in `reviews/http.rs`.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use serde_json::Value;

use crate::attempts::wire::Context;
use crate::auth::caller::{SubmissionsRead, SubmissionsWrite};
use crate::auth::{Caller, Who};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::Version;
use crate::lessons::catalogue::Catalogue;
use crate::state::AppState;
use crate::submissions::judge::Judge;
use crate::submissions::lifecycle::{self, Put, Work};
use crate::submissions::reviews::scores;
use crate::submissions::rules::State;
use crate::submissions::store::{self, Filter, Row};
use crate::submissions::view::{self, PageQuery, RevisionPage, Submission, SubmissionPage, SubmissionQuery};
use crate::submissions::wire::{Content, SubmissionPut};
use crate::web::as_sent;
use crate::web::conditional::{self, IfMatch, etag_of_revision};
use crate::web::idempotency::{self, Answer, Key};
use crate::web::json::Body;
use crate::web::page::{self, After};
use crate::web::query::Params;

/// The longest page: submissions are large.
pub const MOST: i64 = 100;

pub fn id_of(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|what: &str| Problem::parameter("id", what))
}

pub fn work(state: &AppState, who: Who) -> Work {
    let judge = Judge::new(state.engine.clone(), state.signals.own(who.tenant));
    Work { catalogue: state.catalogue(who.tenant), who, digest_key: state.digest_key.clone(), judge }
}

/// Works the feedback of a call that submits out beside the workers, before its transaction begins.
async fn judged(mut work: Work, submits: Option<(Content, Arc<Version>)>) -> Result<Work, Problem> {
    let Some((content, version)) = submits else { return Ok(work) };
    let ahead = web::block(move || {
        work.judge.ahead(&content, &version);
        work
    });
    ahead.await.map_err(Problem::internal)
}

/// Lists submissions
///
/// A learner's token sees its own. `scores` and `total` are null here; reading one submission gives them.
#[utoipa::path(
    tag = "Submissions",
    params(SubmissionQuery),
    responses((status = 200, description = "A page of submissions, the oldest first.", body = SubmissionPage)),
    security(("token" = ["submissions:read"]))
)]
#[get("/submissions")]
pub async fn list_submissions(
    state: Data<AppState>,
    caller: Caller<SubmissionsRead>,
    request: HttpRequest,
    query: Params<SubmissionQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = page::limit(query.limit, MOST)?;
    let filter = filter(&state, &caller, &query)?;
    let name = format!("submissions/{filter:?}");
    let after = query.cursor.as_deref().map(|cursor| After::from_cursor(caller.tenant, &name, cursor)).transpose()?;
    let tenant = caller.tenant;
    let rows = state.db.read(move |conn| store::page(conn, tenant, &filter, after, limit.saturating_add(1))).await?;
    let (rows, last) = page::cut(rows, limit, |row| After { created_at: row.created_at, id: row.id });
    let next_cursor = last.map(|after| after.to_cursor(tenant, &name));
    let items = rows.into_iter().map(|row| view::submission(row, None)).collect();
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    Ok(answer.json(SubmissionPage { items, next_cursor }))
}

fn filter(state: &AppState, who: &Who, query: &SubmissionQuery) -> Result<Filter, Problem> {
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !who.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let parse = |name: &str| {
        State::parse(name).ok_or_else(|| Problem::parameter("state", "must be draft, submitted, returned or reviewed."))
    };
    let slug = |name: &String| state.catalogue(who.tenant).slug_of(name);
    Ok(Filter {
        learner: who.own_learner().or(asked),
        lesson: query.lesson.as_ref().map(slug),
        state: query.state.as_deref().map(parse).transpose()?,
    })
}

/// Create a submission
///
/// The service chooses the id; offline clients use PUT with an id of their own. All four parts may be missing while it is
/// a draft; `submit` submits it at once. Secrets and personal data are masked before anything is stored (`masked`).
#[utoipa::path(
    tag = "Submissions",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeating the request with the same key gives the stored answer.")),
    request_body = SubmissionPut,
    responses(
        (status = 201, description = "The submission; `Location` has its URL, `ETag` its revision.", body = Submission),
        (status = 409, description = "`illegal_state`: the lesson was withdrawn (`params.state`). `request_in_progress`: the same request is running."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
    ),
    security(("token" = ["submissions:write"]))
)]
#[post("/submissions")]
pub async fn create_submission(
    state: Data<AppState>,
    caller: Caller<SubmissionsWrite>,
    request: HttpRequest,
    body: Body<SubmissionPut>,
) -> Result<HttpResponse, Problem> {
    let who = caller.into_who();
    let key = Key::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    as_sent::check(&body.raw, Context::FREE)?;
    let put = Put::new(state.clock.id(), IfMatch::Absent, body.value)?;
    let submits = put.submits(&state.catalogue(who.tenant));
    let work = judged(work(&state, who), submits).await?;
    let answer = state.db.write(move |conn| idempotency::once(conn, key.as_ref(), |conn| put_and_view(conn, &work, &put)));
    Ok(answered(answer.await?))
}

fn put_and_view(conn: &mut Conn, work: &Work, put: &Put) -> Stored<(u16, Value)> {
    let (row, created) = lifecycle::put(conn, work, put)?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status.as_u16(), serde_json::to_value(scored(conn, &work.catalogue, row)?).map_err(Problem::internal)?))
}

/// One submission with its scores.
fn scored(conn: &mut Conn, catalogue: &Catalogue, row: Row) -> Stored<Submission> {
    let scores = scores::of(conn, catalogue, &row)?;
    Ok(view::submission(row, scores))
}

/// An answer that may be a stored one, with the headers that follow from its body.
pub fn answered(answer: Answer) -> HttpResponse {
    let mut response = answer.response();
    if let Some(revision) = answer.body.get("revision").and_then(Value::as_i64) {
        response.insert_header((header::ETAG, etag_of_revision(revision)));
        if answer.status == StatusCode::CREATED.as_u16()
            && let Some(id) = answer.body.get("id").and_then(Value::as_str)
        {
            response.insert_header((header::LOCATION, format!("/v1/submissions/{id}")));
        }
    }
    response.json(answer.body)
}

/// Read a submission
///
/// Its `ETag` is its revision: send it with `If-Match` when replacing the content.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "The submission's id.")),
    responses((status = 200, description = "The submission.", body = Submission), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such submission for this token.")),
    security(("token" = ["submissions:read"]))
)]
#[get("/submissions/{id}")]
pub async fn read_submission(
    state: Data<AppState>,
    caller: Caller<SubmissionsRead>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, who) = (id_of(&id)?, caller.into_who());
    let catalogue = state.catalogue(who.tenant);
    let read = state.db.read(move |conn| {
        let row = lifecycle::seen(conn, &who, id)?;
        scored(conn, &catalogue, row)
    });
    let submission = read.await?;
    let etag = etag_of_revision(submission.revision);
    if conditional::matches(&request, &etag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).json(submission))
}

/// Create a submission at an id of the client's choice, or replace its content
///
/// Repeatable: the same call again changes nothing. Replacing the content of a draft or returned submission needs
/// `If-Match` with the ETag that was read. With `submit` one call brings a whole submission that was made offline.
/// Lesson, version, language and context stay what they were at the creation.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "A UUID of version 4 or 7, the client's choice."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to replace content.")),
    request_body = SubmissionPut,
    responses(
        (status = 200, description = "The submission, which was there already.", body = Submission),
        (status = 201, description = "The submission, new.", body = Submission),
        (status = 409, description = "`id_unavailable`: something else has this id. `illegal_state`: only a draft or returned submission can be changed, and nothing begins on a withdrawn lesson (`params.state`)."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`); send it again after Retry-After."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["submissions:write"]))
)]
#[put("/submissions/{id}")]
pub async fn put_submission(
    state: Data<AppState>,
    caller: Caller<SubmissionsWrite>,
    request: HttpRequest,
    id: Path<String>,
    body: Body<SubmissionPut>,
) -> Result<HttpResponse, Problem> {
    as_sent::check(&body.raw, Context::FREE)?;
    let put = Put::new(id_of(&id)?, conditional::if_match(&request)?, body.value)?;
    let submits = put.submits(&state.catalogue(caller.tenant));
    let work = judged(work(&state, caller.into_who()), submits).await?;
    let (status, body) = state.db.write(move |conn| put_and_view(conn, &work, &put)).await?;
    Ok(answered(Answer { status, body, replayed: false }))
}

/// Submit a submission
///
/// What must be there is checked, and a submission that lacks it is refused with a pointer for each part. All else comes back
/// as `feedback`, at once: checks, points by criterion of the rubric, the diagnosis beside what the evidence shows, and what
/// reads like a way round a safety check, which is named and never improved. Submitting what is submitted gives the same answer
/// again.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "The submission's id.")),
    responses(
        (status = 200, description = "The submission, with feedback.", body = Submission),
        (status = 404, description = "No such submission for this token."),
        (status = 409, description = "`illegal_state`: it was reviewed already (`params.state`)."),
        (status = 422, description = "`invalid_body`: parts are missing; each entry of `errors` points into the submission."),
    ),
    security(("token" = ["submissions:write"]))
)]
#[post("/submissions/{id}/submit")]
pub async fn submit_submission(
    state: Data<AppState>,
    caller: Caller<SubmissionsWrite>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, work) = (id_of(&id)?, work(&state, caller.into_who()));
    let who = work.who.clone();
    let row = state.db.read(move |conn| lifecycle::seen(conn, &who, id)).await?;
    let submits = (view::stored(&row.content)?, work.catalogue.pinned(&row.version)?.clone());
    let work = judged(work, Some(submits)).await?;
    let submitted = state.db.write(move |conn| {
        let row = lifecycle::submit(conn, &work, id)?;
        scored(conn, &work.catalogue, row)
    });
    let submission = submitted.await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag_of_revision(submission.revision))).json(submission))
}

/// Lists the revisions of a submission
///
/// Every change of content or state is one.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "The submission's id."), PageQuery),
    responses((status = 200, description = "A page of revisions, the oldest first.", body = RevisionPage), (status = 404, description = "No such submission for this token.")),
    security(("token" = ["submissions:read"]))
)]
#[get("/submissions/{id}/revisions")]
pub async fn list_revisions(
    state: Data<AppState>,
    caller: Caller<SubmissionsRead>,
    request: HttpRequest,
    id: Path<String>,
    query: Params<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, who, query) = (id_of(&id)?, caller.into_who(), query.into_inner());
    let (tenant, limit) = (who.tenant, page::limit(query.limit, MOST)?);
    let name = format!("revisions/{id}");
    let after = query.cursor.as_deref().map(|cursor| page::position::<8>(tenant, &name, cursor)).transpose()?;
    let after = after.map_or(0, i64::from_be_bytes);
    let rows = state.db.read(move |conn| {
        lifecycle::seen(conn, &who, id)?;
        store::revisions(conn, who.tenant, id, after, limit.saturating_add(1))
    });
    let mut rows = rows.await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let next_cursor = rows.last().filter(|_| more).map(|row| page::cursor(tenant, &name, &row.revision.to_be_bytes()));
    let items = rows.into_iter().map(view::revision).collect();
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    Ok(answer.json(RevisionPage { items, next_cursor }))
}
