//! The handlers of submissions; those of reviews are in `reviews/http.rs`.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post, put};

use crate::attempts::wire::Context;
use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::caller::{Acting, SubmissionsRead, SubmissionsWrite};
use crate::auth::{Caller, Who};
use crate::cohorts::{self, Listed};
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::Version;
use crate::lessons::catalogue::Catalogue;
use crate::state::AppState;
use crate::submissions::judge::Judge;
use crate::submissions::judge_threads::on_judges;
use crate::submissions::lifecycle::{self, SubmissionCall, Work};
use crate::submissions::reviews::scores;
use crate::submissions::rules::SubmissionState;
use crate::submissions::store::{self, SubmissionFilter, SubmissionRow};
use crate::submissions::view::{self, PageQuery, RevisionPage, Submission, SubmissionPage, SubmissionQuery};
use crate::submissions::wire::{SubmissionContent, SubmissionPut};
use crate::web::answer::Answered;
use crate::web::as_sent;
use crate::web::conditional::{self, IfMatch};
use crate::web::idempotency::{self, IdempotencyKey, KeyedAnswer};
use crate::web::json::Body;
use crate::web::page::{self, Asked};
use crate::web::path::PathId;
use crate::web::query::Params;

/// The longest page: submissions are large.
pub const MOST: i64 = 100;

pub fn work(state: &AppState, who: Who) -> Work {
    let judge = Judge::new(state.engine.clone(), state.signals.own(who.tenant));
    Work { catalogue: state.catalogue(who.tenant), who, digest_key: state.digest_key.clone(), judge }
}

/// Works the feedback of a call that submits out beside the workers, before its transaction begins.
async fn judged(mut work: Work, submits: Option<(SubmissionContent, Arc<Version>)>) -> Result<Work, Problem> {
    let Some((content, version)) = submits else { return Ok(work) };
    on_judges(move || {
        work.judge.ahead(&content, &version);
        work
    })
    .await
}

/// Lists submissions
///
/// A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. `scores` and `total` are null here; reading one submission gives them.
#[utoipa::path(
    tag = "Submissions",
    params(SubmissionQuery),
    responses((status = 200, description = "A page of submissions, the oldest first.", body = SubmissionPage), (status = 404, description = "`not_found`: `learner` or `cohort` is none that this token sees.")),
    security(("token" = ["submissions:read"]))
)]
#[get("/submissions")]
pub async fn list_submissions(
    state: Data<AppState>,
    caller: Caller<SubmissionsRead>,
    query: Params<SubmissionQuery>,
) -> Result<Answered<SubmissionPage>, Problem> {
    let query = query.into_inner();
    let (tenant, filter) = (caller.tenant, filter(&state, &caller, &query)?);
    let cohort = cohorts::named_cohort(query.cohort.as_deref(), query.learner.as_deref())?;
    let name = format!("submissions/{filter:?}{cohort:?}{:?}", caller.reach());
    let asked = Asked::<After>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let who = (*caller).clone();
    let read = move |conn: &mut Conn| {
        let Listed { learner, group } = cohorts::listed_for(conn, &who, filter.learner, cohort)?;
        let filter = SubmissionFilter { learner, group, ..filter.clone() };
        list::list_page(conn, &after, limit, &|conn: &mut Conn, span, n| store::page(conn, tenant, &filter, span, n))
    };
    let page = state.db.of(tenant).read(read).await?;
    note_staff_reading(&state, of_staff(&caller), "submission.listed", ("list", &"submissions")).await;
    let items = page.rows.into_iter().map(|row| view::submission(row, None)).collect();
    Ok(asked.answer(page.next, |next_cursor| SubmissionPage { items, next_cursor }))
}

fn filter(state: &AppState, who: &Who, query: &SubmissionQuery) -> Result<SubmissionFilter, Problem> {
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !who.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let parse = |name: &str| {
        SubmissionState::parse(name).ok_or_else(|| Problem::parameter("state", "must be draft, submitted, returned or reviewed."))
    };
    let slug = |name: &String| state.catalogue(who.tenant).slug_of(name);
    Ok(SubmissionFilter {
        learner: who.own_learner().or(asked),
        group: None,
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
        (status = 409, description = "`illegal_state`: the lesson was withdrawn or the learner is deactivated (`params.state`). `request_in_progress`: the same request is running."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
    ),
    security(("token" = ["submissions:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[post("/submissions")]
pub async fn create_submission(
    state: Data<AppState>,
    caller: Caller<Acting<SubmissionsWrite>>,
    request: HttpRequest,
    body: Body<SubmissionPut>,
) -> Result<Answered<Submission>, Problem> {
    let who = caller.into_who();
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    as_sent::check_as_sent(&body.raw, Context::FREE)?;
    let put = SubmissionCall::new(state.clock.id(), IfMatch::Absent, body.value)?;
    let submits = put.submits(&state.catalogue(who.tenant));
    let work = judged(work(&state, who), submits).await?;
    let answer = state
        .db
        .of(work.who.tenant)
        .write(move |conn| idempotency::once(conn, key.as_ref(), |conn| put_and_view(conn, &work, &put)));
    Ok(answered(answer.await?))
}

fn put_and_view(conn: &mut Conn, work: &Work, put: &SubmissionCall) -> Stored<(StatusCode, Submission)> {
    let (row, created) = lifecycle::save_submission(conn, work, put)?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, scored(conn, &work.catalogue, row)?))
}

/// One submission with its scores.
fn scored(conn: &mut Conn, catalogue: &Catalogue, row: SubmissionRow) -> Stored<Submission> {
    let scores = scores::scores_of(conn, catalogue, &row)?;
    Ok(view::submission(row, scores))
}

/// An answer that may be a stored one, with the headers that follow from its body.
fn answered(answer: KeyedAnswer<Submission>) -> Answered<Submission> {
    let new_at = answer.is_new().then(|| format!("/v1/submissions/{}", answer.text("id")));
    let revision = answer.revision().unwrap_or_default();
    Answered::from(answer).at(new_at).revision(revision)
}

fn with_revision(submission: Submission) -> Answered<Submission> {
    let revision = submission.revision;
    Answered::ok(submission).revision(revision)
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
    PathId(id): PathId,
) -> Result<Answered<Submission>, Problem> {
    let who = caller.into_who();
    let (catalogue, staff) = (state.catalogue(who.tenant), of_staff(&who));
    let read = state.db.of(who.tenant).read(move |conn| {
        let row = lifecycle::visible_submission(conn, &who, id)?;
        scored(conn, &catalogue, row)
    });
    let submission = read.await?;
    note_staff_reading(&state, staff, "submission.read", ("submission", &id)).await;
    Ok(with_revision(submission))
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
        (status = 409, description = "`id_unavailable`: something else has this id. `illegal_state`: the learner is deactivated, or not in this state: only a draft or returned submission can be changed, and nothing begins on a withdrawn lesson (`params.state`)."),
        (status = 429, description = "`daily_limit`: the learner made as many today as may be (`params.limit`, `params.limit_bytes`), or the tenant's records of today are used up and this is new (`params.quota`); send it again after Retry-After."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["submissions:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[put("/submissions/{id}")]
pub async fn put_submission(
    state: Data<AppState>,
    caller: Caller<Acting<SubmissionsWrite>>,
    request: HttpRequest,
    PathId(id): PathId,
    body: Body<SubmissionPut>,
) -> Result<Answered<Submission>, Problem> {
    as_sent::check_as_sent(&body.raw, Context::FREE)?;
    let put = SubmissionCall::new(id, conditional::if_match(&request)?, body.value)?;
    let submits = put.submits(&state.catalogue(caller.tenant));
    let work = judged(work(&state, caller.into_who()), submits).await?;
    let (status, submission) = state.db.of(work.who.tenant).write(move |conn| put_and_view(conn, &work, &put)).await?;
    Ok(answered(KeyedAnswer::made(status, &submission)?))
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
        (status = 409, description = "`illegal_state`: it was reviewed already, or the learner is deactivated (`params.state`)."),
        (status = 422, description = "`invalid_body`: parts are missing; each entry of `errors` points into the submission."),
    ),
    security(("token" = ["submissions:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[post("/submissions/{id}/submit")]
pub async fn submit_submission(
    state: Data<AppState>,
    caller: Caller<Acting<SubmissionsWrite>>,
    PathId(id): PathId,
) -> Result<Answered<Submission>, Problem> {
    let work = work(&state, caller.into_who());
    let who = work.who.clone();
    let row = state.db.of(who.tenant).read(move |conn| lifecycle::visible_submission(conn, &who, id)).await?;
    let submits = (row.content.read_own()?, work.catalogue.pinned(&row.version)?.clone());
    let work = judged(work, Some(submits)).await?;
    let submitted = state.db.of(work.who.tenant).write(move |conn| {
        let row = lifecycle::hand_in(conn, &work, id)?;
        scored(conn, &work.catalogue, row)
    });
    submitted.await.map(with_revision)
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
    PathId(id): PathId,
    query: Params<PageQuery>,
) -> Result<Answered<RevisionPage>, Problem> {
    let (who, query) = (caller.into_who(), query.into_inner());
    let name = format!("revisions/{id}");
    let asked = Asked::<i64>::of(who.tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let ((after, limit), staff) = (asked.start(), of_staff(&who));
    let rows = state.db.of(who.tenant).read(move |conn| {
        lifecycle::visible_submission(conn, &who, id)?;
        store::revisions(conn, who.tenant, id, after, limit.saturating_add(1))
    });
    let (rows, next) = page::cut_to_limit(rows.await?, limit, |row| row.revision);
    note_staff_reading(&state, staff, "submission.read", ("submission", &id)).await;
    let items = rows.into_iter().map(view::revision).collect();
    Ok(asked.answer(next, |next_cursor| RevisionPage { items, next_cursor }))
}
