//! `POST /v1/lessons/{slug}/withdraw`: a tenant's own lesson goes out of sight until its next version is published. What was
//! begun on it stays, and can be brought to its end.

use actix_web::post;
use actix_web::web::{Data, Path};
use serde_json::json;

use crate::audit::{self, AuditEntry};
use crate::auth::caller::LessonsWrite;
use crate::auth::{Caller, Who};
use crate::authoring::author;
use crate::authoring::wire::Withdrawal;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::lessons::iris::Iris;
use crate::lessons::{publish, renewal};
use crate::records::{self, Object, RecordDraft, RecordPlace};
use crate::state::AppState;
use crate::web::answer::Answered;

/// Withdraw a lesson
///
/// The newest version of a lesson of this tenant's own. It is no longer listed, not in courses and bundles, and
/// `GET /v1/lessons/{slug}` answers 410; nobody begins an attempt or a submission on it. What was begun before stays: it can be
/// read (`version` names the pinned version), saved, submitted and reviewed, and attempts that were begun offline before are
/// taken. Publishing the next version puts the lesson back. The same call again changes nothing.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "refusals-at-acme")),
    responses(
        (status = 200, description = "It is withdrawn.", body = Withdrawal),
        (status = 403, description = "`forbidden`: the lesson is part of the program."),
        (status = 404, description = "No such lesson."),
        (status = 503, description = "The database is not available."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[post("/lessons/{slug}/withdraw")]
pub async fn withdraw_lesson(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    slug: Path<String>,
) -> Result<Answered<Withdrawal>, Problem> {
    let (who, slug) = (author(caller.into_who())?, slug.into_inner());
    let catalogue = state.catalogue(who.tenant);
    let course = catalogue.lesson(&slug).and_then(|version| version.course.clone());
    let iris = catalogue.iris.of(who.tenant);
    let withdrawal = state.db.of(who.tenant).write(move |conn| withdraw(conn, &who, &slug, &iris, course.clone())).await?;
    renewal::renew_now(&state).await;
    Ok(Answered::ok(withdrawal))
}

fn withdraw(conn: &mut Conn, who: &Who, name: &str, iris: &Iris, course: Option<String>) -> Stored<Withdrawal> {
    let Some(lesson) = publish::lesson_named(conn, who.tenant, name)? else {
        return Err(match publish::lesson_named(conn, Id::NIL, name)? {
            Some(_) => Problem::new(Code::Forbidden, "The lesson is part of the program; only a tenant's own can be withdrawn."),
            None => Problem::not_found("lesson of this name"),
        });
    };
    let done = publish::withdraw(conn, who.tenant, &lesson, who.now)?;
    let withdrawal =
        Withdrawal { slug: lesson.clone(), version: done.version.clone(), revision: done.revision, withdrawn_at: done.at };
    if done.new {
        let iri = iris.lesson(&lesson);
        let place = RecordPlace {
            course,
            lesson: lesson.clone(),
            lesson_iri: iri.clone(),
            version: done.version.clone(),
            language: done.language,
        };
        let object = Object { r#type: "lesson".to_owned(), id: lesson, iri: Some(iri) };
        let body = json!({"version": done.version, "revision": done.revision});
        records::append(
            conn,
            who,
            vec![RecordDraft { place: Some(place), ..records::plain_draft("lesson.withdrawn", who.now, object, body) }],
        )?;
        let entry = AuditEntry::new("lesson.withdrawn", ("lesson", &withdrawal.slug));
        audit::note(conn, who, entry.with("version", done.version).with("revision", done.revision))?;
    }
    Ok(withdrawal)
}
