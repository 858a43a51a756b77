//! The record log and its feed. Every write appends here in its own transaction; everything that leaves the service is a
//! projection of this log. Records are never changed and hold no text that a person typed.

pub mod day;
pub mod envelope;
pub mod http;
pub mod packing;
pub mod rules;
pub mod store;
pub mod times;

use serde_json::Value;

use crate::auth::Who;
use crate::db::packed::Packed;
use crate::db::tally;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::quotas::QuotaKind;

pub use day::check_day;
pub use rules::{ClientTime, Object, Occurred, now};

/// The version of the envelope and bodies that this code writes.
pub const SCHEMA_VERSION: i32 = 1;

/// Where in the curriculum something happened.
#[derive(Debug, Clone, Default)]
pub struct RecordPlace {
    pub course: Option<String>,
    pub lesson: String,
    pub lesson_iri: String,
    pub version: String,
    pub language: String,
}

/// Every kind of record that is made, as the document lists them.
pub const KINDS: &[&str] = &[
    "attempt.regraded",
    "attempt.started",
    "attempt.submitted",
    "course.saved",
    "diagnosis.erased",
    "diagnosis.kept",
    "draft.deleted",
    "draft.saved",
    "feedback.given",
    "learner.changed",
    "learner.created",
    "learner.deactivated",
    "learner.identity_added",
    "learner.identity_removed",
    "learner.merged",
    "learner.reactivated",
    "learner.unmerged",
    "lesson.published",
    "lesson.withdrawn",
    "regrade.done",
    "regrade.started",
    "response.saved",
    "review.given",
    "signal.deleted",
    "signal.saved",
    "submission.saved",
    "submission.submitted",
];

/// A fact about to be appended.
#[derive(Debug, Clone)]
pub struct RecordDraft {
    pub kind: &'static str,
    pub learner: Option<Id>,
    pub object: Object,
    pub place: Option<RecordPlace>,
    pub context: Json,
    pub occurred: Occurred,
    pub body: Value,
}

/// A fact that is about no learner, and happened as it was recorded.
pub fn plain_draft(kind: &'static str, at: Time, object: Object, body: Value) -> RecordDraft {
    let context = Json(Value::Object(serde_json::Map::new()));
    RecordDraft { kind, learner: None, object, place: None, context, occurred: now(at), body }
}

/// Appends records of one actor, in order, inside the caller's transaction.
pub fn append(conn: &mut Conn, who: &Who, drafts: Vec<RecordDraft>) -> Stored<()> {
    let rows = drafts.into_iter().map(|draft| row(who, draft)).collect::<Vec<_>>();
    insert_records(conn, &rows)
}

/// Writes the records of a group, counted where their tenants have a bound to those of a day.
pub fn insert_records(conn: &mut Conn, rows: &[store::NewRecord]) -> Stored<()> {
    day::count_records(conn, rows.iter().filter(|row| row.counted).map(|row| (row.tenant_id, row.recorded_at)))?;
    store::insert(conn, rows)
}

/// The row of a draft, for commands that insert the records of many actors at once.
pub fn row(who: &Who, draft: RecordDraft) -> store::NewRecord {
    debug_assert!(KINDS.contains(&draft.kind) || draft.kind.starts_with("test."), "{} stands in no list of kinds", draft.kind);
    tally::note_kind(draft.kind);
    let id = who.clock.id();
    let envelope = Packed::of(&envelope::own_envelope(who, &draft));
    store::NewRecord {
        tenant_id: who.tenant,
        id,
        kind: draft.kind.to_owned(),
        schema_version: SCHEMA_VERSION,
        learner_id: draft.learner,
        lesson: draft.place.map(|place| place.lesson),
        object_id: draft.object.id,
        recorded_at: who.now,
        envelope,
        counted: who.quotas.limit(QuotaKind::RecordsPerDay).is_some(),
    }
}
