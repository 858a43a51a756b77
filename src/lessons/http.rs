//! Courses and lessons, served from memory.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::auth::caller::LessonsRead;
use crate::error::{Code, Problem};
use crate::lessons::rules::negotiate;
use crate::lessons::version::Pages;
use crate::lessons::{Catalogue, Version, wire};
use crate::state::AppState;
use crate::web::encoded::Rendered;
use crate::web::query::Params;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// The digest of a version; absent means the newest.
    #[param(example = "sha256-3b1f")]
    pub version: Option<String>,
    /// A BCP 47 language; overrides `Accept-Language`. A language the lesson does not have falls back to its default.
    #[param(example = "en")]
    pub language: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// A BCP 47 language; overrides `Accept-Language`.
    #[param(example = "en")]
    pub language: Option<String>,
}

pub fn accept_language<'a>(request: &'a HttpRequest, asked: Option<&'a str>) -> Option<&'a str> {
    asked.or_else(|| request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// Lists the courses with their lessons
///
/// Each with its lessons in the order in which they build on each other.
#[utoipa::path(
    tag = "Lessons",
    params(ListQuery),
    responses((status = 200, description = "Every course.", body = wire::CourseList), (status = 304, description = "Not changed since the ETag in If-None-Match.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses")]
pub async fn list_courses(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    query: Params<ListQuery>,
) -> Result<Rendered<wire::CourseList>, Problem> {
    let (catalogue, query) = (state.catalogue(caller.tenant), query.into_inner());
    let language = negotiate(accept_language(&request, query.language.as_deref()), &catalogue.languages(), "en");
    rendered_or_not_found(catalogue.course_list(&language).or_else(|| catalogue.course_list("en")))
}

/// Lists the newest version of every lesson
///
/// Summaries only; read a lesson for its blocks.
#[utoipa::path(
    tag = "Lessons",
    params(ListQuery),
    responses((status = 200, description = "Every lesson.", body = wire::LessonList), (status = 304, description = "Not changed since the ETag in If-None-Match.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/lessons")]
pub async fn list_lessons(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    query: Params<ListQuery>,
) -> Result<Rendered<wire::LessonList>, Problem> {
    let (catalogue, query) = (state.catalogue(caller.tenant), query.into_inner());
    let language = negotiate(accept_language(&request, query.language.as_deref()), &catalogue.languages(), "en");
    rendered_or_not_found(catalogue.lesson_list(&language).or_else(|| catalogue.lesson_list("en")))
}

/// Read a lesson
///
/// The newest version, or any that was ever published (`version`). An alias answers like the slug. Each encoding has its
/// own ETag; send it with `If-None-Match` to get 304 while nothing has changed.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals"), VersionQuery),
    responses((status = 200, description = "The lesson in typed blocks.", body = wire::Lesson), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such lesson or version."), (status = 410, description = "`withdrawn`: the lesson was withdrawn; with `version` it can still be read.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/lessons/{slug}")]
pub async fn read_lesson(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<VersionQuery>,
) -> Result<Rendered<wire::Lesson>, Problem> {
    page(state.catalogue(caller.tenant), &request, &slug, &query.into_inner(), |pages| &pages.lesson).await
}

/// Lists every published version of a lesson
///
/// Published versions never change and never go away; attempts pin the one they were made on.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals")),
    responses((status = 200, description = "The versions, the newest first.", body = wire::VersionList), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such lesson.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/lessons/{slug}/versions")]
pub async fn list_lesson_versions(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    slug: Path<String>,
) -> Result<Rendered<wire::VersionList>, Problem> {
    rendered_or_not_found(state.catalogue(caller.tenant).version_list(&slug))
}

/// Read a lesson's quiz
///
/// As learners see it: items, options and shown evidence, without key and rationales. The order an attempt uses follows
/// from the attempt's id; see `order`.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals"), VersionQuery),
    responses((status = 200, description = "The quiz.", body = wire::Quiz), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such lesson or version."), (status = 410, description = "`withdrawn`: the lesson was withdrawn; with `version` it can still be read.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/lessons/{slug}/quiz")]
pub async fn read_quiz(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<VersionQuery>,
) -> Result<Rendered<wire::Quiz>, Problem> {
    page(state.catalogue(caller.tenant), &request, &slug, &query.into_inner(), |pages| &pages.quiz).await
}

/// Read a lesson's applied exercise
///
/// Its four steps, its rubric, and sample cases for a learner who has no refusal of their own.
#[utoipa::path(
    tag = "Lessons",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals"), VersionQuery),
    responses((status = 200, description = "The exercise.", body = wire::Exercise), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such lesson or version."), (status = 410, description = "`withdrawn`: the lesson was withdrawn; with `version` it can still be read.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/lessons/{slug}/exercise")]
pub async fn read_exercise(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<VersionQuery>,
) -> Result<Rendered<wire::Exercise>, Problem> {
    page(state.catalogue(caller.tenant), &request, &slug, &query.into_inner(), |pages| &pages.exercise).await
}

async fn page<T>(
    catalogue: Arc<Catalogue>,
    request: &HttpRequest,
    slug: &str,
    query: &VersionQuery,
    pick: impl Fn(&Pages) -> &Rendered<T>,
) -> Result<Rendered<T>, Problem> {
    let version: Option<&Arc<Version>> = match &query.version {
        None => catalogue.lesson(slug).map(|version| unless_withdrawn(&catalogue, version)).transpose()?,
        Some(digest) => catalogue.version(slug, digest),
    };
    let version = version.ok_or_else(|| Problem::not_found("lesson or version of this name"))?;
    let language = match accept_language(request, query.language.as_deref()) {
        None => version.default_language().to_owned(),
        asked => negotiate(asked, &version.languages, version.default_language()),
    };
    if !version.is_rendered(&language) {
        // An old version is rendered when somebody asks for it, which may take long.
        let (there, language) = (version.clone(), language.clone());
        web::block(move || there.pages(&language).is_some()).await.map_err(Problem::internal)?;
    }
    rendered_or_not_found(version.pages(&language).map(pick))
}

/// A withdrawn lesson is shown to those alone who name the version that they began.
fn unless_withdrawn<'a>(catalogue: &Catalogue, version: &'a Arc<Version>) -> Result<&'a Arc<Version>, Problem> {
    match catalogue.withdrawn(version) {
        None => Ok(version),
        Some(since) => {
            let detail = "The lesson was withdrawn. What was begun on it can be read with `version`.";
            Err(Problem::new(Code::Withdrawn, detail).with("withdrawn_at", serde_json::json!(since)))
        }
    }
}

fn rendered_or_not_found<T>(page: Option<&Rendered<T>>) -> Result<Rendered<T>, Problem> {
    page.cloned().ok_or_else(|| Problem::not_found("lesson or version of this name"))
}
