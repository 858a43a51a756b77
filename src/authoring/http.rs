//! `/v1/drafts`: lessons that a tenant writes. Their publication is in `publication.rs`.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, delete, get, put};

use crate::auth::Caller;
use crate::auth::caller::LessonsWrite;
use crate::authoring::lifecycle::{self, DraftCall};
use crate::authoring::wire::{Draft, DraftPage, DraftQuery};
use crate::authoring::{author, slug_of, store};
use crate::error::Problem;
use crate::lessons::source::LessonContent;
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::as_sent;
use crate::web::conditional;
use crate::web::json::Body;
use crate::web::page::{self, Asked};
use crate::web::query::Params;

/// The longest page.
const MOST: i64 = 200;

/// Lists drafts
///
/// This tenant's, in the order of their slugs, without their content. One that is made while you walk through the pages shows if
/// its slug comes after those you have seen.
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
    query: Params<DraftQuery>,
) -> Result<Answered<DraftPage>, Problem> {
    let (who, query) = (author(caller.into_who())?, query.into_inner());
    let tenant = who.tenant;
    let asked = Asked::<String>::of(tenant, "drafts", (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let rows = state.db.of(tenant).read(move |conn| store::page(conn, tenant, &after, limit.saturating_add(1))).await?;
    let ((rows, next), catalogue) = (page::cut_to_limit(rows, limit, |row| row.slug.clone()), state.catalogue(tenant));
    let items = rows.into_iter().map(|row| lifecycle::draft_summary(row, &catalogue)).collect();
    Ok(asked.answer(next, |next_cursor| DraftPage { items, next_cursor }))
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
    slug: Path<String>,
) -> Result<Answered<Draft>, Problem> {
    let (who, slug) = (author(caller.into_who())?, slug.into_inner());
    let catalogue = state.catalogue(who.tenant);
    let row = state.db.of(who.tenant).read(move |conn| lifecycle::own_draft(conn, &who, &slug)).await?;
    Ok(Answered::ok(lifecycle::view(&row, &catalogue)?).revision(row.revision))
}

/// Create a draft, or replace its content
///
/// The content is that of the files `lesson.yaml`, `quiz.yaml` and `exercise.yaml`, as JSON. Its shape must be right; what it
/// says may be faulty while it is a draft. `lesson.revision` is counted by the service at publication: what is sent is ignored
/// and not kept. The same call again changes nothing; other content needs `If-Match`. At most 1 MiB as JSON (and no more than a
/// request body may have), 200 items, 500 blocks, 30 languages; as many drafts
/// as the tenant's quota.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The lesson's slug: lower-case letters, digits and hyphens, at most 100; not a name of a built-in lesson.", example = "refusals-at-acme"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to replace content.")),
    request_body(content = LessonContent, example = crate::authoring::example::example_draft),
    responses(
        (status = 200, description = "The draft, which was there already.", body = Draft),
        (status = 201, description = "The draft, new.", body = Draft),
        (status = 403, description = "`insufficient_scope`, `forbidden`, or `quota_exceeded`: the tenant has as many drafts as it may (`params.limit`, `params.used`)."),
        (status = 409, description = "`id_unavailable`: another lesson has this name (`params.lesson`)."),
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
    body: Body<LessonContent>,
) -> Result<Answered<Draft>, Problem> {
    let (who, if_match) = (author(caller.into_who())?, conditional::if_match(&request)?);
    let slug = slug_of(slug.into_inner())?;
    as_sent::check_as_sent(&body.raw, &[""])?;
    let catalogue = state.catalogue(who.tenant);
    // A long draft is read and written as JSON several times: too long for a worker that others wait for.
    let put = web::block(move || DraftCall::new(slug, if_match, body.value)).await.map_err(Problem::internal)??;
    let (row, created) = state.db.of(who.tenant).write(move |conn| lifecycle::save_draft(conn, &who, &put)).await?;
    let new_at = created.then(|| format!("/v1/drafts/{}", row.slug));
    Ok(Answered::put(new_at, lifecycle::view(&row, &catalogue)?).revision(row.revision))
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
) -> Result<NoContent, Problem> {
    let (who, slug, if_match) = (author(caller.into_who())?, slug.into_inner(), conditional::if_match(&request)?);
    state.db.of(who.tenant).write(move |conn| lifecycle::remove_draft(conn, &who, &slug, &if_match)).await?;
    state.db.erased();
    Ok(NoContent)
}
