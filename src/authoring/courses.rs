//! `PUT /v1/courses/{slug}`: a tenant's own courses, of own and built-in lessons.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, put};
use serde_json::json;

use crate::auth::caller::LessonsWrite;
use crate::auth::{Caller, Who};
use crate::authoring::wire::{CoursePut, OwnCourse};
use crate::authoring::{author, slug_of};
use crate::db::types::Json;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::format::CourseFile;
use crate::lessons::iris::Iris;
use crate::lessons::publish::CourseChange;
use crate::lessons::rules::content_digest;
use crate::lessons::{publish, renewal};
use crate::records::{self, Object};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::as_sent;
use crate::web::conditional::{self, IfMatch};
use crate::web::json::Body;
use crate::web::limits::Wrong;

/// Create a course of this tenant's own, or replace it
///
/// It shows in `GET /v1/courses` and in progress: at once in this process, within 5 seconds in all. The same call again changes
/// nothing; other content needs `If-Match` with the course's `revision`.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "Lower-case letters, digits and hyphens, at most 100; not the slug of a built-in course.", example = "refusals-at-acme"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to replace content.")),
    request_body = CoursePut,
    responses(
        (status = 200, description = "The course, which was there already.", body = OwnCourse),
        (status = 201, description = "The course, new.", body = OwnCourse),
        (status = 409, description = "`id_unavailable`: a built-in course has this slug. `illegal_state`: the tenant has as many courses as it may (`params.limit`)."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
        (status = 503, description = "The database is not available."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[put("/courses/{slug}")]
pub async fn put_course(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    slug: Path<String>,
    body: Body<CoursePut>,
) -> Result<Answered<OwnCourse>, Problem> {
    let (who, if_match) = (author(caller.into_who())?, conditional::if_match(&request)?);
    as_sent::check_as_sent(&body.raw, &[""])?;
    let file = file(slug_of(slug.into_inner())?, body.value)?;
    let iris = state.catalogue(who.tenant).iris.of(who.tenant);
    let (course, change) = state.db.of(who.tenant).write(move |conn| put(conn, &who, &file, &if_match, &iris)).await?;
    if change != CourseChange::None {
        renewal::renew_now(&state).await;
    }
    let new_at = (change == CourseChange::New).then(|| "/v1/courses".to_owned());
    let revision = i64::from(course.revision);
    Ok(Answered::put(new_at, course).revision(revision))
}

/// The course as a file would have it, or everything that is wrong with it.
fn file(slug: String, put: CoursePut) -> Result<CourseFile, Problem> {
    let mut wrong = Wrong::default();
    wrong.language("/default_language", Some(&put.default_language));
    for (at, text, most) in [("/title", &put.title, 200), ("/summary", &put.summary, 2_000)] {
        wrong.count(at, text.len(), 30);
        if text.get(&put.default_language).is_none_or(|text| text.trim().is_empty()) {
            wrong.add(at, format!("has no text in the default language, {}.", put.default_language));
        }
        for (language, text) in text {
            wrong.language(at, Some(language));
            wrong.text(at, Some(text), most);
        }
    }
    wrong.count("/lessons", put.lessons.len(), 200);
    if put.lessons.is_empty() {
        wrong.add("/lessons", "must list at least one lesson.");
    }
    let mut seen = BTreeSet::new();
    for (i, lesson) in put.lessons.iter().enumerate() {
        if !seen.insert(lesson) {
            wrong.add(format!("/lessons/{i}"), format!("lists {lesson:?} a second time."));
        }
    }
    if !wrong.0.is_empty() {
        return Err(Problem::bodies(wrong.0));
    }
    let CoursePut { default_language, title, summary, lessons } = put;
    Ok(CourseFile { slug, revision: 0, default_language, title, summary, lessons })
}

fn put(conn: &mut Conn, who: &Who, file: &CourseFile, if_match: &IfMatch, iris: &Iris) -> Stored<(OwnCourse, CourseChange)> {
    let (course, change) = publish::own_course(conn, who.tenant, file.clone(), if_match, who.now)?;
    let iri = iris.course(&course.slug);
    if change != CourseChange::None {
        let object = Object { r#type: "course".to_owned(), id: course.slug.clone(), iri: Some(iri.clone()) };
        let body =
            json!({"revision": course.revision, "digest": content_digest(&Json::of(&course).0), "lessons": course.lessons});
        records::append(conn, who, vec![records::plain_draft("course.saved", who.now, object, body)])?;
    }
    let CourseFile { slug, revision, default_language, title, summary, lessons } = course;
    Ok((OwnCourse { slug, iri, revision, default_language, title, summary, lessons }, change))
}
