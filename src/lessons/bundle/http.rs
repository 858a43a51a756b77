//! The manifest and its parts, served from memory.

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use crate::auth::Caller;
use crate::auth::caller::LessonsRead;
use crate::error::Problem;
use crate::lessons::bundle::Chosen;
use crate::lessons::bundle::fixed::Fixed;
use crate::lessons::bundle::wire::{Manifest, PartContent};
use crate::lessons::rules::lookup;
use crate::state::AppState;
use crate::web::conditional;
use crate::web::encoded::Rendered;
use crate::web::file::{ZipBytes, sent_as};
use crate::web::outer::PRIVATE;
use crate::web::query::Params;
use crate::web::range::ranged;

/// Read the manifest of a course's offline bundle
///
/// Lists everything that a client without a network needs, as immutable parts, each named by its content. To be up to date:
/// read the manifest (with `If-None-Match`), fetch the parts whose `sha256` you do not have, verify them, then drop what the
/// manifest no longer names. Answers are still graded by the service; see `PUT /v1/attempts/{id}` for bringing them.
#[utoipa::path(
    tag = "Lessons",
    params(
        ("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"),
        ("language" = Option<Vec<String>>, Query, description = "Only these BCP 47 languages, repeated or separated by commas. A lesson that has none of them comes in its default language. Absent: every language there is.", example = json!(["en"])),
    ),
    responses(
        (status = 200, description = "The manifest.", body = Manifest),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such course.")
    ),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses/{slug}/bundle")]
pub async fn read_bundle(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    slug: Path<String>,
    query: Params<Vec<(String, String)>>,
) -> Result<Rendered<Manifest>, Problem> {
    let catalogue = state.catalogue(caller.tenant);
    let bundle = &catalogue.course_pages(&slug).ok_or_else(|| Problem::not_found("course of this name"))?.bundle;
    let languages = languages(&query.into_inner(), &bundle.languages)?;
    Ok(bundle.manifest(Fixed::of(&state.signals.built_in, &state.engine.guide), &languages))
}

/// Read a course's offline bundle as one file
///
/// A zip file with `manifest.json` and every part that it names, as `parts/{sha256}.json`: one request where a device has nothing
/// yet. A download that broke off goes on with `Range` and `If-Range` (RFC 9110, section 14). To be up to date later, read the
/// manifest and fetch the parts that are new.
#[utoipa::path(
    tag = "Lessons",
    params(
        ("slug" = String, Path, description = "Slug of the course.", example = "reading-refusals"),
        ("language" = Option<Vec<String>>, Query, description = "As for the manifest.", example = json!(["en"])),
        ("Range" = Option<String>, Header, description = "One range of bytes, such as `bytes=1000-`. Others are answered with the whole file."),
        ("If-Range" = Option<String>, Header, description = "The ETag of the file that a part is there of: of another one the whole comes."),
    ),
    responses(
        (status = 200, description = "The file.", content((ZipBytes = "application/octet-stream"), (ZipBytes = "application/zip"))),
        (status = 206, description = "The part of it that was asked for.", content((ZipBytes = "application/octet-stream"), (ZipBytes = "application/zip"))),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "No such course."),
        (status = 416, description = "`range_not_satisfiable`: the range lies behind the end (`params.bytes`).")
    ),
    security(("token" = ["lessons:read"]))
)]
#[get("/courses/{slug}/bundle.zip")]
pub async fn read_bundle_archive(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let (catalogue, slug) = (state.catalogue(caller.tenant), slug.into_inner());
    let none = || Problem::not_found("course of this name");
    let languages = languages(&query.into_inner(), &catalogue.course_pages(&slug).ok_or_else(none)?.bundle.languages)?;
    let (fixed, course) = (Fixed::of(&state.signals.built_in, &state.engine.guide), slug.clone());
    let pack = move || catalogue.course_pages(&course).map(|pages| pages.bundle.archive(fixed, &languages)).transpose();
    let archive = web::block(pack).await.map_err(Problem::internal)??.ok_or_else(none)?;
    let fresh = conditional::matches(&request, &archive.etag);
    let mut answer = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, archive.etag.as_str())).insert_header(PRIVATE);
    if fresh {
        return Ok(answer.finish());
    }
    let name = format!("attachment; filename=\"{slug}.zip\"");
    answer.content_type(sent_as(&request, "application/zip")).insert_header((header::CONTENT_DISPOSITION, name));
    answer.insert_header((header::VARY, "Accept"));
    ranged(answer, &request, &archive.etag, &archive.bytes)
}

/// Those of `there` that are asked for.
fn languages(query: &[(String, String)], there: &BTreeSet<String>) -> Result<Chosen, Problem> {
    let mut tags = Vec::new();
    for (name, value) in query {
        if name != "language" {
            return Err(Problem::parameter(name, format!("unknown field `{name}`, expected `language`.")));
        }
        tags.extend(value.split(',').map(str::trim).filter(|tag| !tag.is_empty()));
    }
    Ok((!tags.is_empty()).then(|| tags.into_iter().filter_map(|tag| lookup(tag, there)).collect()))
}

/// Read a part of a bundle
///
/// By the SHA-256 of its bytes in no encoding, from a manifest; its `kind` there says which schema it has. It never changes,
/// so keep it as long as you like. A part that is gone (404) was replaced: read the manifest again.
#[utoipa::path(
    tag = "Lessons",
    params(("sha256" = String, Path, description = "`sha256` of the part in the manifest.", example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    responses(
        (status = 200, description = "The part.", body = PartContent, headers(("Cache-Control" = String, description = "`private, max-age=31536000, immutable` (RFC 8246)."))),
        (status = 304, description = "You have it: a part never changes."),
        (status = 404, description = "No such part, or no longer.")
    ),
    security(("token" = ["lessons:read"]))
)]
#[get("/bundle-parts/{sha256}")]
pub async fn read_bundle_part(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    request: HttpRequest,
    sha256: Path<String>,
) -> Result<HttpResponse, Problem> {
    let catalogue = state.catalogue(caller.tenant);
    let part = catalogue.part(&sha256).or_else(|| Fixed::of(&state.signals.built_in, &state.engine.guide).part(&sha256));
    part.map(|part| part.immutable(&request)).ok_or_else(|| Problem::not_found("part of this digest; read the manifest again"))
}
