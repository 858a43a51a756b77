//! A course, its glossary and its field guide, served from memory; and the pages of the built-in course under `/docs`.

use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::auth::caller::LessonsRead;
use crate::db::types::Id;
use crate::error::Problem;
use crate::lessons::compiled::Editions;
use crate::lessons::courses::CoursePages;
use crate::lessons::http::{ListQuery, accept_language};
use crate::lessons::reference::rules::ReferenceFormat;
use crate::lessons::reference::shelf::ReferenceShelf;
use crate::lessons::reference::{page, wire};
use crate::lessons::rules::negotiate;
use crate::lessons::{Catalogue, wire as lesson_wire};
use crate::state::AppState;
use crate::web::encoded::Rendered;
use crate::web::query::Params;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReferenceQuery {
    /// A BCP 47 language; overrides `Accept-Language`. A language that is not there falls back to the course's default.
    #[param(example = "en")]
    pub language: Option<String>,
    /// Overrides `Accept`: `json` (`application/json`), `markdown` (`text/markdown`, RFC 7763) or `html` (a page to print).
    #[param(inline, example = "json")]
    pub format: Option<ReferenceFormat>,
}

/// Read a course
///
/// With its lessons in the order in which they build on each other, as `GET /v1/courses` lists it.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"), ListQuery),
    responses((status = 200, description = "The course.", body = lesson_wire::Course), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such course.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses/{slug}")]
pub async fn read_course(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<ListQuery>,
) -> Result<Rendered<lesson_wire::Course>, Problem> {
    let (catalogue, query) = (state.catalogue(caller.tenant), query.into_inner());
    let course = catalogue.course_pages(&slug).ok_or_else(|| Problem::not_found("course of this name"))?;
    let language = negotiate(accept_language(&request, query.language.as_deref()), &course.languages, &course.default_language);
    course.page(&language).cloned().ok_or_else(|| Problem::not_found("course of this name"))
}

/// Read a course's glossary
///
/// The terms in alphabetical order, as JSON, as Markdown or as a page that can be printed. Say which with `format`, or with
/// `Accept`.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"), ReferenceQuery),
    responses(
        (status = 200, description = "The glossary.", content((wire::Glossary = "application/json"), (String = "text/markdown"), (String = "text/html"))),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such course, or it has no glossary.")
    ),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses/{slug}/glossary")]
pub async fn read_glossary(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<ReferenceQuery>,
) -> Result<HttpResponse, Problem> {
    reference(&state.catalogue(caller.tenant), &request, &slug, &query.into_inner(), |course| course.glossary.as_ref())
}

/// Read a course's field guide
///
/// The signs of the course in the order in which to read evidence, each with its layer, who can change it and the next
/// step. As JSON, as Markdown or as a page that fits on one sheet of A4. Say which with `format`, or with `Accept`.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"), ReferenceQuery),
    responses(
        (status = 200, description = "The field guide.", content((wire::FieldGuide = "application/json"), (String = "text/markdown"), (String = "text/html"))),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such course, or it has no field guide.")
    ),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses/{slug}/field-guide")]
pub async fn read_field_guide(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<ReferenceQuery>,
) -> Result<HttpResponse, Problem> {
    reference(&state.catalogue(caller.tenant), &request, &slug, &query.into_inner(), |course| course.field_guide.as_ref())
}

/// `/docs/glossary`: the built-in course's, for everybody.
pub async fn glossary_page(
    state: Data<AppState>,
    request: HttpRequest,
    query: Params<ListQuery>,
) -> Result<HttpResponse, Problem> {
    built_in(&state, &request, query.into_inner(), |course| course.glossary.as_ref())
}

/// `/docs/field-guide`: the built-in course's, for everybody.
pub async fn field_guide_page(
    state: Data<AppState>,
    request: HttpRequest,
    query: Params<ListQuery>,
) -> Result<HttpResponse, Problem> {
    built_in(&state, &request, query.into_inner(), |course| course.field_guide.as_ref())
}

fn built_in(
    state: &AppState,
    request: &HttpRequest,
    query: ListQuery,
    pick: impl Fn(&CoursePages) -> Option<&ReferenceShelf>,
) -> Result<HttpResponse, Problem> {
    static SLUG: OnceLock<String> = OnceLock::new();
    let slug = SLUG.get_or_init(|| Editions::built_in().map(|built_in| built_in.course.slug).unwrap_or_default());
    let query = ReferenceQuery { language: query.language, format: Some(ReferenceFormat::Html) };
    reference(&state.catalogue(Id::NIL), request, slug, &query, pick)
}

fn reference(
    catalogue: &Catalogue,
    request: &HttpRequest,
    slug: &str,
    query: &ReferenceQuery,
    pick: impl Fn(&CoursePages) -> Option<&ReferenceShelf>,
) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("course of this name, or it has none of these");
    let shelf = catalogue.course_pages(slug).and_then(pick).ok_or_else(none)?;
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let format = query.format.unwrap_or_else(|| ReferenceFormat::accepted(accept));
    let asked = accept_language(request, query.language.as_deref());
    let language = negotiate(asked, &shelf.languages, &shelf.default_language);
    let mut answer = shelf.forms(&language).ok_or_else(none)?.of(format).answer(request);
    let vary = HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization");
    answer.headers_mut().insert(header::VARY, vary);
    if format == ReferenceFormat::Html
        && let Ok(policy) = HeaderValue::from_str(&page::policy())
    {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}
