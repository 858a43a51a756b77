//! Saving and deleting drafts, each inside one transaction: read, ask the rules, write, append the record.

use serde_json::json;

use crate::auth::Who;
use crate::authoring::rules;
use crate::authoring::store::{self, DraftRow};
use crate::authoring::wire::{Draft, DraftSummary, PublishedAs};
use crate::db::turns::count_alone;
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::lessons::rules::{content_digest, in_language};
use crate::lessons::source::LessonContent;
use crate::lessons::{Catalogue, publish};
use crate::quotas::QuotaKind;
use crate::records::{self, Object};
use crate::web::conditional::IfMatch;

/// A call that brings a draft of a sensible size.
#[derive(Clone)]
pub struct DraftCall {
    pub slug: String,
    pub if_match: IfMatch,
    content: Json,
    digest: String,
    title: String,
}

impl DraftCall {
    pub fn new(slug: String, if_match: IfMatch, mut content: LessonContent) -> Result<DraftCall, Problem> {
        // The service counts revisions, at publication.
        content.lesson.revision = 0;
        let wrong = rules::draft_faults(&slug, &content);
        if !wrong.0.is_empty() {
            return Err(Problem::bodies(wrong.0));
        }
        let json = Json::of(&content);
        let size = json.0.to_string().len();
        if size > rules::LARGEST {
            let detail = format!("The draft is {size} bytes of JSON; at most {} are kept.", rules::LARGEST);
            return Err(Problem::new(Code::BodyTooLarge, detail).with("limit_bytes", rules::LARGEST));
        }
        let title = in_language(&content.lesson.title, &content.lesson.default_language, "").to_owned();
        Ok(DraftCall { slug, if_match, digest: content_digest(&json.0), content: json, title })
    }
}

/// Creates a draft, or replaces the content of one that is there. True where it is new.
pub fn save_draft(conn: &mut Conn, who: &Who, put: &DraftCall) -> Stored<(DraftRow, bool)> {
    let old = store::find(conn, who.tenant, &put.slug)?;
    match &old {
        Some(row) if row.digest == put.digest => return Ok((row.clone(), false)),
        Some(row) => put.if_match.check(row.revision)?,
        None if put.if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "If-Match was sent, but there is no draft of this slug yet."));
        }
        None => {
            publish::check_lesson_name(conn, who.tenant, &put.slug, &put.slug, "/lesson/slug")?;
            count_alone(conn, who.tenant, "drafts")?;
            who.quotas.check_room(QuotaKind::Drafts, store::count(conn, who.tenant)?, 1)?;
        }
    }
    let row = DraftRow {
        tenant_id: who.tenant,
        slug: put.slug.clone(),
        revision: old.as_ref().map_or(1, |old| old.revision.saturating_add(1)),
        digest: put.digest.clone(),
        title: put.title.clone(),
        content: put.content.clone(),
        created_at: old.as_ref().map_or(who.now, |old| old.created_at),
        updated_at: who.now,
    };
    let done = match &old {
        Some(old) => store::replace(conn, old.revision, &row)?,
        None => store::insert(conn, &row)?,
    };
    if !done {
        return Err(changed_meanwhile());
    }
    append_draft_record(conn, who, "draft.saved", &row)?;
    Ok((row, old.is_none()))
}

/// How many drafts a tenant has.
pub fn count_drafts(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    store::count(conn, tenant)
}

/// Another transaction was faster. The work is run again and meets what that one left: one winner, and a clear answer for
/// the other.
fn changed_meanwhile() -> Problem {
    Problem::unavailable(DatabaseFault::Conflict, "a draft changed under a transaction")
}

pub fn remove_draft(conn: &mut Conn, who: &Who, slug: &str, if_match: &IfMatch) -> Stored<()> {
    let row = own_draft(conn, who, slug)?;
    if *if_match != IfMatch::Absent {
        if_match.check(row.revision)?;
    }
    if !store::delete(conn, &row)? {
        return Err(changed_meanwhile());
    }
    append_draft_record(conn, who, "draft.deleted", &row)
}

pub fn own_draft(conn: &mut Conn, who: &Who, slug: &str) -> Stored<DraftRow> {
    store::find(conn, who.tenant, slug)?.ok_or_else(|| Problem::not_found("draft of this slug"))
}

fn append_draft_record(conn: &mut Conn, who: &Who, kind: &'static str, row: &DraftRow) -> Stored<()> {
    let object = Object { r#type: "draft".to_owned(), id: row.slug.clone(), iri: None };
    let body = json!({"revision": row.revision, "digest": row.digest});
    records::append(conn, who, vec![records::plain_draft(kind, who.now, object, body)])
}

/// Stored documents are our own; one that cannot be read is a defect.
pub fn draft_content(row: &DraftRow) -> Stored<LessonContent> {
    row.content.read_own()
}

/// A draft as its author sees it.
pub fn view(row: &DraftRow, catalogue: &Catalogue) -> Stored<Draft> {
    let brief = store::Brief {
        slug: row.slug.clone(),
        revision: row.revision,
        digest: row.digest.clone(),
        title: row.title.clone(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(Draft::new(draft_summary(brief, catalogue), draft_content(row)?))
}

pub fn draft_summary(brief: store::Brief, catalogue: &Catalogue) -> DraftSummary {
    let newest = catalogue.versions_of(&brief.slug).first().filter(|version| version.is_own() && version.slug == brief.slug);
    let published = newest.map(|version| PublishedAs {
        version: version.digest.clone(),
        revision: version.content.lesson.revision,
        unchanged: version.bare_digest() == brief.digest,
    });
    let store::Brief { slug, revision, digest, title, created_at, updated_at } = brief;
    DraftSummary { slug, title, revision, digest, published, created_at, updated_at }
}
