//! The handlers of reviews.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};

use crate::auth::Caller;
use crate::auth::caller::{ReviewsWrite, SubmissionsRead};
use crate::db::types::Id;
use crate::error::Problem;
use crate::state::AppState;
use crate::submissions::http::{MOST, answered, id_of, work};
use crate::submissions::lifecycle;
use crate::submissions::reviews::wire::{Review, ReviewPage, ReviewPost, review};
use crate::submissions::view::PageQuery;
use crate::submissions::{reviews, store};
use crate::web::idempotency::{self, Key};
use crate::web::json::Body;
use crate::web::page::{self, After};
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
    request: HttpRequest,
    id: Path<String>,
    query: Params<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, who, query) = (id_of(&id)?, caller.into_who(), query.into_inner());
    let (tenant, limit) = (who.tenant, page::limit(query.limit, MOST)?);
    let name = format!("reviews/{id}");
    let after = query.cursor.as_deref().map(|cursor| After::from_cursor(tenant, &name, cursor)).transpose()?;
    let rows = state.db.read(move |conn| {
        lifecycle::seen(conn, &who, id)?;
        store::reviews(conn, who.tenant, id, after, limit.saturating_add(1))
    });
    let (rows, last) = page::cut(rows.await?, limit, |row| After { created_at: row.created_at, id: row.id });
    let next_cursor = last.map(|after| after.to_cursor(tenant, &name));
    let items = rows.into_iter().map(review).collect();
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    Ok(answer.json(ReviewPage { items, next_cursor }))
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
        (status = 409, description = "`illegal_state`: only what is submitted or reviewed can be reviewed (`params.state`). `request_in_progress`: the same request is running."),
        (status = 412, description = "`precondition_failed`: `submission_revision` is not the present one (`params.revision`)."),
    ),
    security(("token" = ["reviews:write"]))
)]
#[post("/submissions/{id}/reviews")]
pub async fn create_review(
    state: Data<AppState>,
    caller: Caller<ReviewsWrite>,
    request: HttpRequest,
    id: Path<String>,
    body: Body<ReviewPost>,
) -> Result<HttpResponse, Problem> {
    let (submission, who) = (id_of(&id)?, caller.into_who());
    let key = Key::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let work = work(&state, who);
    let (id, post) = (state.clock.id(), body.value);
    let answer = state.db.write(move |conn| {
        idempotency::once(conn, key.as_ref(), |conn| {
            let given = review(reviews::give(conn, &work, submission, id, &post)?);
            Ok((StatusCode::CREATED.as_u16(), serde_json::to_value(given).map_err(Problem::internal)?))
        })
    });
    Ok(answered(answer.await?))
}
