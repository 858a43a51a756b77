//! Packages of quizzes and courses. They hold keys and rationales, so they are for authors only.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::caller::{Costly, LessonsWrite};
use crate::auth::{Caller, Who};
use crate::error::{Code, Problem};
use crate::lessons::Version;
use crate::lessons::rules::negotiate;
use crate::lessons::source::CourseContent;
use crate::packages::cartridge::CartridgeCourse;
use crate::packages::export::{self, Package, PackageFormat};
use crate::packages::import::{self, Imported};
use crate::packages::source::QuizSource;
use crate::packages::{PackageReport, RefusedPackage};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::conditional;
use crate::web::file::{ZipBytes, ZipFile, sent_as};
use crate::web::outer::PRIVATE;
use crate::web::query::Params;

impl From<RefusedPackage> for Problem {
    fn from(refused: RefusedPackage) -> Problem {
        let problem = Problem::new(Code::PackageRefused, format!("{refused}."));
        match refused.file {
            Some(file) => problem.with("file", file),
            None => problem,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LessonPackageQuery {
    /// `qti3` (the default), `qti21` or `qti12`.
    #[param(inline, example = "qti3")]
    pub format: Option<PackageFormat>,
    /// The digest of a version; absent means the newest.
    #[param(example = "sha256-3b1f")]
    pub version: Option<String>,
    /// The BCP 47 language of the texts; absent, or one that the lesson does not have: its default.
    #[param(example = "en")]
    pub language: Option<String>,
    /// `true`: answers the report alone, as JSON.
    pub report: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CoursePackageQuery {
    /// `cc13` (the default) or `cc11`, which Moodle imports.
    #[param(inline, example = "cc13")]
    pub format: Option<PackageFormat>,
    /// The BCP 47 language of the texts; a lesson without it is taken in its default.
    #[param(example = "en")]
    pub language: Option<String>,
    /// `true`: answers the report alone, as JSON.
    pub report: Option<bool>,
}

fn authors_only(caller: &Who) -> Result<(), Problem> {
    match caller.own_learner() {
        Some(_) => {
            Err(Problem::new(Code::Forbidden, "Packages hold answer keys: they are for clients and staff, not for learners."))
        }
        None => Ok(()),
    }
}

/// Read a lesson's quiz as a package
///
/// For another learning system, key and rationales included. What the format cannot say is named in `report.json` inside of
/// the package, counted in the header `Waymark-Package-Report`, and answered alone with `report=true`. A package in QTI 3
/// carries along what QTI cannot say and is read back whole; see `POST /v1/packages/import`. Equal content gives equal bytes.
#[utoipa::path(
    tag = "Packages",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals"), LessonPackageQuery),
    responses(
        (status = 200, description = "The package; with `report=true` what it cannot say.", content((ZipBytes = "application/octet-stream"), (ZipBytes = "application/zip"), (PackageReport = "application/json")),
            headers(("Waymark-Package-Report" = String, description = "How many things were carried along unseen, changed, lost, are missing."))),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such lesson or version."),
        (status = 422, description = "`package_refused`: the quiz cannot be packed."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(10)))
)]
#[get("/lessons/{slug}/package")]
pub async fn read_lesson_package(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 10>>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<LessonPackageQuery>,
) -> Result<HttpResponse, Problem> {
    authors_only(&caller)?;
    let (catalogue, query) = (state.catalogue(caller.tenant), query.into_inner());
    let format = query.format.unwrap_or(PackageFormat::Qti3);
    if format.is_of_a_course() {
        return Err(Problem::parameter("format", "is the format of a course: GET /v1/courses/{slug}/package."));
    }
    let version = match &query.version {
        None => catalogue.lesson(&slug),
        Some(digest) => catalogue.version(&slug, digest),
    };
    let version = version.cloned().ok_or_else(|| Problem::not_found("lesson or version of this name"))?;
    let package = web::block(move || quiz(&version, format, query.language.as_deref())).await.map_err(Problem::internal)??;
    Ok(answer(&request, package, query.report == Some(true)))
}

fn quiz(version: &Version, format: PackageFormat, language: Option<&str>) -> Result<Package, RefusedPackage> {
    let content = &version.content;
    let language = negotiate(language, &version.languages, version.default_language());
    let source = QuizSource { lesson: &content.lesson, quiz: &content.quiz, version: Some(&version.digest), language: &language };
    export::export_quiz(&source, format)
}

/// Read a course as a package
///
/// A Common Cartridge 1.3 or 1.1: each lesson and exercise as a web page that needs nothing else, each quiz in QTI 1.2, with key
/// and rationales. Moodle imports 1.1 and not 1.3. What it cannot say is named in `report.json` inside of the package, counted in the header
/// `Waymark-Package-Report`, and answered alone with `report=true`.
#[utoipa::path(
    tag = "Packages",
    params(("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"), CoursePackageQuery),
    responses(
        (status = 200, description = "The package; with `report=true` what it cannot say.", content((ZipBytes = "application/octet-stream"), (ZipBytes = "application/vnd.ims.imsccv1p3"), (ZipBytes = "application/vnd.ims.imsccv1p1"), (PackageReport = "application/json")),
            headers(("Waymark-Package-Report" = String, description = "How many things were carried along unseen, changed, lost, are missing."))),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such course."),
        (status = 422, description = "`package_refused`: the course cannot be packed."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(20)))
)]
#[get("/courses/{slug}/package")]
pub async fn read_course_package(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 20>>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<CoursePackageQuery>,
) -> Result<HttpResponse, Problem> {
    authors_only(&caller)?;
    let (catalogue, query) = (state.catalogue(caller.tenant), query.into_inner());
    let format = query.format.unwrap_or(PackageFormat::Cc13);
    if !format.is_of_a_course() {
        return Err(Problem::parameter(
            "format",
            "is the format of one quiz: GET /v1/lessons/{slug}/package. A course has cc13 and cc11.",
        ));
    }
    let pages = catalogue.course_pages(&slug).ok_or_else(|| Problem::not_found("course of this name"))?;
    let CourseContent { course, glossary, field_guide } = (*pages.content).clone();
    let lessons: Vec<Arc<Version>> = course.lessons.iter().filter_map(|slug| catalogue.listed(slug).cloned()).collect();
    let package = web::block(move || {
        let languages = lessons.iter().flat_map(|version| version.languages.clone()).collect();
        let language = negotiate(query.language.as_deref(), &languages, &course.default_language);
        let lessons = lessons.iter().map(|version| &version.content).collect();
        let (glossary, field_guide) = (glossary.as_ref(), field_guide.as_ref());
        let course = CartridgeCourse { course: &course, lessons, glossary, field_guide, language: &language };
        export::export_course(&course, format)
    });
    Ok(answer(&request, package.await.map_err(Problem::internal)??, query.report == Some(true)))
}

fn answer(request: &HttpRequest, package: Package, report: bool) -> HttpResponse {
    if report {
        return HttpResponse::Ok().insert_header(PRIVATE).json(package.report);
    }
    let etag = conditional::etag_of_bytes(&package.bytes);
    let fresh = conditional::matches(request, &etag);
    let mut answer = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, etag)).insert_header(PRIVATE);
    if fresh {
        return answer.finish();
    }
    answer
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", package.file_name)))
        .insert_header(("waymark-package-report", package.report.summary()))
        .insert_header((header::VARY, "Accept"))
        .content_type(sent_as(request, package.format.media_type()))
        .body(package.bytes)
}

/// Read a package as a quiz
///
/// A zip file in QTI 3.0, 2.0 to 2.2 or 1.2, or a Common Cartridge 1.0 to 1.3, of Waymark or of another system, answered as a quiz
/// in the form of a `quiz.yaml`, with a report of what was not taken, was changed, or is still missing: a broken item or a missing
/// file costs itself, not the package. Several tests of a package become one quiz. Nothing is stored. `Content-Type` may also be
/// one of the names that browsers give a zip file (`application/x-zip-compressed`, `application/x-zip`, `application/octet-stream`)
/// or that of a cartridge. Packages are bounded: 8 MiB packed, 64 MiB unpacked,
/// 2000 entries, 8 MiB a file; a document type, a link or a name that leads out of the package is refused.
#[utoipa::path(
    tag = "Packages",
    request_body(content = ZipBytes, content_type = "application/octet-stream", description = "The zip file; `application/zip` is taken as well."),
    responses(
        (status = 200, description = "The quiz, and what became of the rest.", body = Imported),
        (status = 413, description = "`body_too_large`: the zip file is larger than 8 MiB."),
        (status = 415, description = "`unsupported_media_type`: send application/zip or application/octet-stream."),
        (status = 422, description = "`package_refused`: `detail` says why, `params.file` where."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(20)))
)]
#[post("/packages/import")]
pub async fn import_package(caller: Caller<Costly<LessonsWrite, 20>>, body: ZipFile) -> Result<Answered<Imported>, Problem> {
    authors_only(&caller)?;
    let imported = web::block(move || import::read_package(&body.0)).await.map_err(Problem::internal)??;
    Ok(Answered::ok(imported))
}
