//! The manifest and its parts, served from memory.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use crate::auth::Caller;
use crate::auth::caller::LessonsRead;
use crate::error::Problem;
use crate::lessons::bundle::Chosen;
use crate::lessons::bundle::fixed::Fixed;
use crate::lessons::bundle::wire::{Manifest, PartContent};
use crate::lessons::encoded::Rendered;
use crate::lessons::rules::lookup;
use crate::state::AppState;
use crate::web::query::Params;

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
