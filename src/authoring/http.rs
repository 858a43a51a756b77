//! `/v1/drafts`: lessons that a tenant writes. Their publication is in `publication.rs`.

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};

use crate::auth::Caller;
use crate::auth::caller::LessonsWrite;
use crate::authoring::lifecycle::{self, Put};
use crate::authoring::wire::{Draft, DraftPage, DraftQuery};
use crate::authoring::{author, rules, store};
use crate::error::Problem;
use crate::lessons::source::Content;
use crate::state::AppState;
use crate::web::as_sent;
use crate::web::conditional::{self, etag_of_revision};
use crate::web::json::Body;
use crate::web::page;
use crate::web::query::Params;

/// The longest page.
const MOST: i64 = 200;

/// Lists drafts
///
/// This tenant's, in the order of their slugs, without their content.
#[utoipa::path(
    tag = "Authoring",
    params(DraftQuery),
    responses((status = 200, description = "A page of drafts.", body = DraftPage)),
    security(("token" = ["lessons:write"]))
)]
#[get("/drafts")]
pub async fn list_drafts(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    query: Params<DraftQuery>,
) -> Result<HttpResponse, Problem> {
    let (who, query) = (author(caller.into_who())?, query.into_inner());
    let (limit, tenant) = (page::limit(query.limit, MOST)?, who.tenant);
    let after = query.cursor.as_deref().map(|cursor| page::text_position(tenant, "drafts", cursor)).transpose()?;
    let read = state.db.read(move |conn| store::page(conn, tenant, after.as_deref(), limit.saturating_add(1)));
    let (mut rows, catalogue) = (read.await?, state.catalogue(tenant));
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let next_cursor = rows.last().filter(|_| more).map(|row| page::cursor(tenant, "drafts", row.slug.as_bytes()));
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        page::link_next(&mut answer, request.path(), request.query_string(), "cursor", cursor);
    }
    let items = rows.into_iter().map(|row| lifecycle::summary(row, &catalogue)).collect();
    Ok(answer.json(DraftPage { items, next_cursor }))
}

/// Read a draft
///
/// With its content, key included, and the version it was published as last. The `ETag` is its revision.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The draft's slug.", example = "refusals-at-acme")),
    responses((status = 200, description = "The draft.", body = Draft), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such draft.")),
    security(("token" = ["lessons:write"]))
)]
#[get("/drafts/{slug}")]
pub async fn read_draft(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    slug: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (who, slug) = (author(caller.into_who())?, slug.into_inner());
    let catalogue = state.catalogue(who.tenant);
    let row = state.db.read(move |conn| lifecycle::find(conn, &who, &slug)).await?;
    let etag = etag_of_revision(row.revision);
    if conditional::matches(&request, &etag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).json(lifecycle::view(&row, &catalogue)?))
}

/// Create a draft, or replace its content
///
/// The content is that of the files `lesson.yaml`, `quiz.yaml` and `exercise.yaml`, as JSON. Its shape must be right; what it
/// says may be faulty while it is a draft. `lesson.revision` is counted by the service at publication: what is sent is ignored
/// and not kept. The same call again changes nothing; other content needs `If-Match`. At most 1 MiB as JSON (and no more than a
/// request body may have), 200 items, 500 blocks, 30 languages; at most 200 drafts.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The lesson's slug: lower-case letters, digits and hyphens, at most 100; not a name of a built-in lesson.", example = "refusals-at-acme"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to replace content.")),
    request_body(content = Content, example = crate::authoring::example::draft),
    responses(
        (status = 200, description = "The draft, which was there already.", body = Draft),
        (status = 201, description = "The draft, new.", body = Draft),
        (status = 409, description = "`id_unavailable`: another lesson has this name (`params.lesson`). `illegal_state`: the tenant has as many drafts as it may (`params.limit`)."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[put("/drafts/{slug}")]
pub async fn put_draft(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    slug: Path<String>,
    body: Body<Content>,
) -> Result<HttpResponse, Problem> {
    let (who, slug, if_match) = (author(caller.into_who())?, slug.into_inner(), conditional::if_match(&request)?);
    if !rules::is_slug(&slug) {
        return Err(Problem::parameter("slug", "must have lower-case letters, digits and hyphens, at most 100."));
    }
    as_sent::check(&body.raw, &[""])?;
    let catalogue = state.catalogue(who.tenant);
    // A long draft is read and written as JSON several times: too long for a worker that others wait for.
    let put = web::block(move || Put::new(slug, if_match, body.value)).await.map_err(Problem::internal)??;
    let (row, created) = state.db.write(move |conn| lifecycle::put(conn, &who, &put)).await?;
    let mut answer = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    if created {
        answer.insert_header((header::LOCATION, format!("/v1/drafts/{}", row.slug)));
    }
    answer.insert_header((header::ETAG, etag_of_revision(row.revision)));
    Ok(answer.json(lifecycle::view(&row, &catalogue)?))
}

/// Delete a draft
///
/// What was published from it stays.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The draft's slug.", example = "refusals-at-acme"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read: deletes only that one.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "No such draft."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[delete("/drafts/{slug}")]
pub async fn delete_draft(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    slug: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (who, slug, if_match) = (author(caller.into_who())?, slug.into_inner(), conditional::if_match(&request)?);
    state.db.write(move |conn| lifecycle::delete(conn, &who, &slug, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}
