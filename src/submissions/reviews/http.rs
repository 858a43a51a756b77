//! The handlers of reviews.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post};

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::Caller;
use crate::auth::caller::{ReviewsWrite, SubmissionsRead};
use crate::db::Conn;
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::error::Problem;
use crate::state::AppState;
use crate::submissions::http::{MOST, work};
use crate::submissions::lifecycle;
use crate::submissions::reviews::wire::{Review, ReviewPage, ReviewPost, review};
use crate::submissions::view::PageQuery;
use crate::submissions::{reviews, store};
use crate::web::answer::Answered;
use crate::web::idempotency::{self, IdempotencyKey};
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// Lists the reviews of a submission
///
/// Each names the revision that its reviewer saw.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "The submission's id."), PageQuery),
    responses((status = 200, description = "A page of reviews, the oldest first.", body = ReviewPage), (status = 404, description = "No such submission for this token.")),
    security(("token" = ["submissions:read"]))
)]
#[get("/submissions/{id}/reviews")]
pub async fn list_reviews(
    state: Data<AppState>,
    caller: Caller<SubmissionsRead>,
    PathId(id): PathId,
    query: Params<PageQuery>,
) -> Result<Answered<ReviewPage>, Problem> {
    let (who, query) = (caller.into_who(), query.into_inner());
    let (tenant, name) = (who.tenant, format!("reviews/{id}"));
    let asked = Asked::<After>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let ((after, limit), staff) = (asked.start(), of_staff(&who));
    let fetch = move |conn: &mut Conn, span, n| store::reviews(conn, tenant, id, span, n);
    let read = state.db.of(tenant).read(move |conn| {
        lifecycle::visible_submission(conn, &who, id)?;
        list::list_page(conn, &after, limit, &fetch)
    });
    let page = read.await?;
    note_staff_reading(&state, staff, "submission.read", ("submission", &id)).await;
    let items = page.rows.into_iter().map(review).collect();
    Ok(asked.answer(page.next, |next_cursor| ReviewPage { items, next_cursor }))
}

/// Review a submission
///
/// `reviewed` ends the work, `returned` asks the learner to change it and submit again; a reviewed submission may be
/// reviewed again. Not for learners' tokens. Points by criterion overrule the service's, and both stay to be read in the
/// submission's `scores`; the last review that names a criterion counts. The review names the revision that was read, which must be the present one.
#[utoipa::path(
    tag = "Submissions",
    params(("id" = Id, Path, description = "The submission's id."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeating the request with the same key gives the stored answer.")),
    request_body = ReviewPost,
    responses(
        (status = 201, description = "The review.", body = Review),
        (status = 404, description = "No such submission for this token."),
        (status = 409, description = "`illegal_state`: only what is submitted or reviewed can be reviewed, and not for a deactivated learner (`params.state`). `request_in_progress`: the same request is running."),
        (status = 412, description = "`precondition_failed`: `submission_revision` is not the present one (`params.revision`)."),
    ),
    security(("token" = ["reviews:write"]))
)]
#[post("/submissions/{id}/reviews")]
pub async fn create_review(
    state: Data<AppState>,
    caller: Caller<ReviewsWrite>,
    request: HttpRequest,
    PathId(submission): PathId,
    body: Body<ReviewPost>,
) -> Result<Answered<Review>, Problem> {
    let who = caller.into_who();
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let work = work(&state, who);
    let (id, post) = (state.clock.id(), body.value);
    let answer = state.db.of(work.who.tenant).write(move |conn| {
        idempotency::once(conn, key.as_ref(), |conn| {
            let given = reviews::give(conn, &work, submission, id, &post)?;
            Ok((StatusCode::CREATED, review(given)))
        })
    });
    Ok(Answered::from(answer.await?))
}
