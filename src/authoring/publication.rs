//! From a draft to a version: what is wrong with it, how it will look, its publication; and published content with its key.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, get, post};
use serde_json::json;

use crate::audit::{self, AuditEntry};
use crate::auth::caller::{Costly, LessonsWrite};
use crate::auth::{Caller, Who};
use crate::authoring::store::DraftRow;
use crate::authoring::wire::{DraftFinding, DraftPreview, DraftReport, LessonSource, PreviewQuery, Publication, SourceQuery};
use crate::authoring::{author, inspect, lifecycle};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, FieldError, Problem};
use crate::lessons::check::guessing_of;
use crate::lessons::http::accept_language;
use crate::lessons::publish::Beside;
use crate::lessons::source::{LessonContent, Severity};
use crate::lessons::{Catalogue, publish, renewal};
use crate::records::{self, Object, RecordDraft, RecordPlace};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::conditional::{self, IfMatch};
use crate::web::idempotency::{self, IdempotencyKey, KeyedAnswer};
use crate::web::outer::PRIVATE;
use crate::web::query::Params;

/// How often a publication is tried while others publish at the same time.
const TRIES: usize = 10;

/// A draft, and what it is looked at beside.
struct Looked {
    row: DraftRow,
    content: LessonContent,
    generation: i64,
    catalogue: Arc<Catalogue>,
}

async fn look(state: &AppState, who: &Who, slug: &str) -> Result<Looked, Problem> {
    let (generation, catalogue) = state.catalogues.at(who.tenant);
    let (asking, slug) = (who.clone(), slug.to_owned());
    let row = state.db.of(who.tenant).read(move |conn| lifecycle::own_draft(conn, &asking, &slug)).await?;
    Ok(Looked { content: lifecycle::draft_content(&row)?, row, generation, catalogue })
}

/// The rules take too long for a worker that others wait for.
async fn findings(looked: Looked) -> Result<(Looked, Vec<DraftFinding>), Problem> {
    let work = move || {
        let findings = inspect::findings(&looked.content, &looked.catalogue);
        (looked, findings)
    };
    web::block(work).await.map_err(Problem::internal)
}

/// Say what is wrong with a draft
///
/// By the rules of `waymark check`, beside everything that this tenant sees, each finding with a JSON pointer into the draft; and
/// an estimate of what guessing by form would get. Nothing is changed.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The draft's slug.", example = "refusals-at-acme")),
    responses((status = 200, description = "What is wrong, if anything.", body = DraftReport), (status = 404, description = "No such draft.")),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(10)))
)]
#[post("/drafts/{slug}/validate")]
pub async fn validate_draft(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 10>>,
    slug: Path<String>,
) -> Result<Answered<DraftReport>, Problem> {
    let who = author(caller.into_who())?;
    let (looked, findings) = findings(look(&state, &who, &slug).await?).await?;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    Ok(Answered::ok(DraftReport {
        revision: looked.row.revision,
        publishable: errors == 0,
        errors,
        advice: findings.len().saturating_sub(errors),
        findings,
        guessing: guessing_of(&looked.content).into_iter().map(Into::into).collect(),
    }))
}

/// See a draft as learners will
///
/// Lesson, quiz and exercise exactly as they would be served, and beside them, for the author alone, the key and the
/// rationales. A faulty draft is shown as far as it goes.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The draft's slug.", example = "refusals-at-acme"), PreviewQuery),
    responses((status = 200, description = "The preview.", body = DraftPreview), (status = 404, description = "No such draft.")),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(10)))
)]
#[get("/drafts/{slug}/preview")]
pub async fn preview_draft(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 10>>,
    request: HttpRequest,
    slug: Path<String>,
    query: Params<PreviewQuery>,
) -> Result<Answered<DraftPreview>, Problem> {
    let (who, query) = (author(caller.into_who())?, query.into_inner());
    let looked = look(&state, &who, &slug).await?;
    let asked = accept_language(&request, query.language.as_deref()).map(str::to_owned);
    let work = move || {
        let Looked { row, content, catalogue, .. } = looked;
        inspect::preview(&row, content, &catalogue, asked.as_deref())
    };
    web::block(work).await.map(Answered::ok).map_err(Problem::internal)
}

/// Publish a draft
///
/// As the next revision of its lesson; published versions never change. Learners see it at once in this process, within 5 seconds
/// in all. Where the newest version says the same already nothing is published (200, `unchanged`). A draft with errors is
/// refused with their pointers, and so is an item whose kind, key, options or points changed under the same `revision`. The
/// draft stays, for the next change.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "The draft's slug.", example = "refusals-at-acme"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the draft's revision that was validated, or `*`; needed."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeating the request with the same key gives the stored answer.")),
    responses(
        (status = 200, description = "The version that says the same already.", body = Publication),
        (status = 201, description = "The new version; `Location` has its URL.", body = Publication),
        (status = 403, description = "`insufficient_scope`, `forbidden`, or `quota_exceeded`: the tenant has as many versions, or as many bytes of them, as it may (`params.quota`, `params.limit`, `params.used`)."),
        (status = 404, description = "No such draft."),
        (status = 409, description = "`id_unavailable`: a name is another lesson's (`params.pointer`, `params.lesson`). `illegal_state`: the tenant has as many lessons as it may (`params.limit`). `request_in_progress`: the same request is running."),
        (status = 412, description = "`precondition_failed`: the draft was changed meanwhile."),
        (status = 422, description = "`invalid_body`: each entry of `errors` points to what keeps the draft from being published."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["lessons:write"])),
    extensions(("x-cost" = json!(20)))
)]
#[post("/drafts/{slug}/publish")]
pub async fn publish_draft(
    state: Data<AppState>,
    caller: Caller<Costly<LessonsWrite, 20>>,
    request: HttpRequest,
    slug: Path<String>,
) -> Result<Answered<Publication>, Problem> {
    let (who, if_match) = (author(caller.into_who())?, conditional::if_match(&request)?);
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), b"", &state.digest_key, who.now)?;
    if let Some(asked) = key.clone()
        && let Some(answer) = state.db.of(who.tenant).read(move |conn| idempotency::stored_answer(conn, &asked)).await?
    {
        return Ok(answered(answer));
    }
    let _turn = state.catalogues.publishing.lock().await;
    for _ in 0..TRIES {
        let looked = look(&state, &who, &slug).await?;
        if_match.check(looked.row.revision)?;
        let (looked, findings) = findings(looked).await?;
        refuse(&findings)?;
        let (acting, key, if_match) = (who.clone(), key.clone(), if_match.clone());
        let work =
            move |conn: &mut Conn| idempotency::once(conn, key.as_ref(), |conn| published(conn, &acting, &looked, &if_match));
        match state.db.of(who.tenant).write(work).await {
            // Something else was published meanwhile: look again beside that.
            Err(problem) if problem.fault() == DatabaseFault::Conflict => renewal::renew(&state).await?,
            done => {
                let answer = done?;
                renewal::renew_now(&state).await;
                return Ok(answered(answer));
            }
        }
    }
    Err(Problem::new(Code::Overloaded, "Others publish all the time. Repeat the same request after the time in Retry-After."))
}

/// Says no to a draft with errors.
fn refuse(findings: &[DraftFinding]) -> Result<(), Problem> {
    let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    if let Some(taken) = errors().find(|finding| finding.rule == inspect::NAME_TAKEN) {
        return Err(Problem::new(Code::IdUnavailable, taken.message.clone()).with("pointer", taken.pointer.clone()));
    }
    let wrong = errors().map(|finding| FieldError {
        pointer: Some(finding.pointer.clone()),
        parameter: None,
        detail: format!("{} [{}]", finding.message, finding.rule),
    });
    let wrong: Vec<FieldError> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bodies(wrong)) }
}

fn published(conn: &mut Conn, who: &Who, looked: &Looked, if_match: &IfMatch) -> Stored<(StatusCode, Publication)> {
    let row = lifecycle::own_draft(conn, who, &looked.row.slug)?;
    if row.revision != looked.row.revision {
        if_match.check(row.revision)?;
        return Err(Problem::unavailable(DatabaseFault::Conflict, "the draft changed while it was checked"));
    }
    let beside = Beside { generation: looked.generation, own: looked.catalogue.own_versions(), quotas: who.quotas };
    let own = publish::own(conn, who.tenant, &looked.content, beside, who.now)?;
    if !own.unchanged {
        records::append(conn, who, vec![record(who, looked, &own)])?;
        let entry = AuditEntry::new("lesson.published", ("lesson", &row.slug));
        audit::note(conn, who, entry.with("version", own.version.clone()).with("revision", own.revision))?;
    }
    let status = if own.unchanged { StatusCode::OK } else { StatusCode::CREATED };
    let body = Publication {
        slug: row.slug,
        version: own.version,
        revision: own.revision,
        previous_version: own.previous,
        unchanged: own.unchanged,
    };
    Ok((status, body))
}

fn record(who: &Who, looked: &Looked, own: &publish::OwnPublication) -> RecordDraft {
    let lesson = &looked.content.lesson;
    let iri = looked.catalogue.iris.of(who.tenant).lesson(&lesson.slug);
    let place = RecordPlace {
        course: looked.catalogue.lesson(&lesson.slug).and_then(|version| version.course.clone()),
        lesson: lesson.slug.clone(),
        lesson_iri: iri.clone(),
        version: own.version.clone(),
        language: lesson.default_language.clone(),
    };
    let object = Object { r#type: "lesson".to_owned(), id: lesson.slug.clone(), iri: Some(iri) };
    let body = json!({"version": own.version, "revision": own.revision, "previous_version": own.previous, "draft_revision": looked.row.revision});
    RecordDraft { place: Some(place), ..records::plain_draft("lesson.published", who.now, object, body) }
}

fn answered(answer: KeyedAnswer<Publication>) -> Answered<Publication> {
    let url = || format!("/v1/lessons/{}?version={}", answer.text("slug"), answer.text("version"));
    let new_at = answer.is_new().then(url);
    Answered::from(answer).at(new_at)
}

/// Read a lesson's content with its key
///
/// A published version, own or built-in, in the shape of a draft: for authors, never for learners. The `ETag` is the version.
#[utoipa::path(
    tag = "Authoring",
    params(("slug" = String, Path, description = "Slug or alias of the lesson.", example = "safety-classifiers-and-refusals"), SourceQuery),
    responses((status = 200, description = "The content.", body = LessonSource), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such lesson or version.")),
    security(("token" = ["lessons:write"]))
)]
#[get("/lessons/{slug}/source")]
pub async fn read_source(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    slug: Path<String>,
    query: Params<SourceQuery>,
) -> Result<Answered<LessonSource>, Problem> {
    let (who, query) = (author(caller.into_who())?, query.into_inner());
    let catalogue = state.catalogue(who.tenant);
    let found = match &query.version {
        None => catalogue.lesson(&slug),
        Some(digest) => catalogue.version(&slug, digest),
    };
    let version = found.ok_or_else(|| Problem::not_found("lesson or version of this name"))?;
    let LessonContent { lesson, quiz, exercise } = version.content.clone();
    let source = LessonSource {
        slug: version.slug.clone(),
        version: version.digest.clone(),
        revision: lesson.revision,
        own: version.is_own(),
        published_at: version.published_at,
        lesson,
        quiz,
        exercise,
    };
    Ok(Answered::ok(source).etag(format!("\"{}\"", version.digest)).with(PRIVATE))
}
