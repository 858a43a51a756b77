//! `GET /v1/records`: the feed.

use std::collections::BTreeSet;

use actix_web::get;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::caller::RecordsRead;
use crate::auth::{Caller, Principal, Who};
use crate::db::types::{Id, Time};
use crate::db::unreadable::Unreadable;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners::{self, merging};
use crate::state::AppState;
// Under a name of its own: utoipa takes `Object` for any object at all.
use crate::lessons::Catalogue;
use crate::records::envelope;
use crate::records::rules::{self, Object as RecordObject, Occurred};
use crate::records::store::{self, FeedPage, RecordFilter, RecordPosition, RecordRow};
use crate::web::answer::Answered;
use crate::web::page;
use crate::web::query::Params;

const MOST: i64 = 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// The `next_cursor` of the page before; absent means from the beginning. Cursors never expire.
    pub after: Option<String>,
    /// How many records at most; 50 unless given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Only records about this learner, and about those that are merged into it.
    #[param(value_type = Option<String>, format = "uuid")]
    pub learner: Option<String>,
    /// Only records of this lesson (slug or alias).
    pub lesson: Option<String>,
    /// Only these kinds, separated by commas, for example `attempt.submitted,review.given`.
    pub kind: Option<String>,
}

/// Who did it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RecordActor)]
pub struct Actor {
    #[schema(value_type = String, format = "uuid")]
    pub client: Id,
    pub principal: Principal,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LessonPlace {
    pub slug: String,
    #[schema(format = "iri")]
    pub iri: String,
    /// The version's digest.
    pub version: String,
}

/// One immutable fact. New kinds and new fields may be added.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LearningRecord)]
pub struct Record {
    /// Fit to be the id of a statement made from this record.
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    /// Its place in the log; later records compare greater part by part (numbers between dots).
    #[schema(example = "0.0.17")]
    pub position: String,
    /// `attempt.regraded`, `attempt.started`, `attempt.submitted`, `course.saved`, `diagnosis.erased`, `diagnosis.kept`,
    /// `draft.deleted`, `draft.saved`, `feedback.given`, `learner.changed`, `learner.created`, `learner.deactivated`,
    /// `learner.identity_added`, `learner.identity_removed`, `learner.merged`, `learner.reactivated`, `learner.unmerged`,
    /// `lesson.published`, `lesson.withdrawn`, `regrade.done`, `regrade.started`, `response.saved`, `review.given`, `signal.deleted`, `signal.saved`,
    /// `submission.saved`, `submission.submitted`; more may come.
    #[schema(example = "attempt.submitted")]
    pub kind: String,
    pub schema_version: i32,
    #[schema(value_type = String, format = "uuid")]
    pub tenant: Id,
    /// Null only in a record that cannot be read.
    pub actor: Option<Actor>,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub learner: Option<Id>,
    pub object: RecordObject,
    pub course: Option<String>,
    pub lesson: Option<LessonPlace>,
    pub language: Option<String>,
    /// The context that the attempt or submission was made in, as the client gave it.
    #[schema(value_type = Object, additional_properties = true)]
    pub context: Map<String, Value>,
    pub occurred: Occurred,
    #[schema(value_type = String, format = "date-time")]
    pub recorded_at: Time,
    pub request_id: String,
    /// Depends on `kind`.
    #[schema(value_type = Object, additional_properties = true)]
    pub body: Map<String, Value>,
    /// `envelope` in a record that is stored and cannot be read, because the database is damaged: it has its place, its id, `kind`,
    /// `learner`, the object's id and `recorded_at`, and nothing else. Left out where all is well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

/// A page of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordPage {
    #[schema(value_type = Vec<Record>)]
    pub items: Vec<Box<RawValue>>,
    /// Resume here; always present, also on the last page.
    pub next_cursor: String,
    /// Whether there was, or may have been, more than this page when it was made. With a filter a page may hold few records or
    /// none and there is more all the same: go on.
    pub has_more: bool,
    /// When this page was made.
    #[schema(value_type = String, format = "date-time")]
    pub as_of: Time,
}

/// Follow the records
///
/// Records come in the order of the log. Keep `next_cursor`, ask again with `after`: nothing is ever skipped and nothing
/// comes twice, however many write at the same time, also where the database is put back from a backup: what comes after that
/// is in a later epoch (the first number of `position`). Nothing in the log is rewritten when two learners become one
/// (`learner.merged`): the feed of the one shows the records of both, also those from before a cursor that was made before, to whoever
/// reads it from the beginning. A learner's token sees that learner's records only, without verdicts
/// that the lesson's policy withholds.
#[utoipa::path(
    tag = "Records",
    params(FeedQuery),
    responses(
        (status = 200, description = "A page of records.", body = RecordPage),
        (status = 404, description = "`not_found`: `learner` is not the learner of this learner's token."),
        (status = 409, description = "The log ends before the cursor: the database was put back from a copy.")
    ),
    security(("token" = ["records:read"]))
)]
#[get("/records")]
pub async fn list_records(
    state: Data<AppState>,
    caller: Caller<RecordsRead>,
    query: Params<FeedQuery>,
) -> Result<Answered<RecordPage>, Problem> {
    let query = query.into_inner();
    let limit = page::limit(query.limit, MOST)?;
    let (filter, name) = filter(&caller, &state.catalogue(caller.tenant), &query)?;
    let after = match &query.after {
        Some(cursor) => position(page::position::<24>(caller.tenant, &name, cursor)?),
        None => RecordPosition::default(),
    };
    let tenant = caller.tenant;
    let who = (*caller).clone();
    let told = state.db.of(tenant).read(move |conn| page_of(conn, &who, &filter, after, limit)).await?;
    state.db.show(told.reached.seq);
    note_staff_reading(&state, of_staff(&caller), "record.listed", ("list", &"records")).await;
    let next_cursor = page::cursor(tenant, &name, &bytes(told.reached));
    let has_more = told.has_more;
    let items = match caller.own_learner() {
        None => told.records,
        Some(_) => told.records.iter().map(|record| withheld(&state, tenant, record)).collect::<Result<_, Problem>>()?,
    };
    let next = has_more.then(|| next_cursor.clone());
    Ok(Answered::ok(RecordPage { items, next_cursor, has_more, as_of: caller.now }).next("after", next))
}

/// A page of the log as it is told.
struct Told {
    records: Vec<Box<RawValue>>,
    reached: RecordPosition,
    has_more: bool,
}

/// A page of the log, where that reaches as far as the cursor: one that was put back from a copy unnoticed may not. A record whose
/// envelope cannot be read has one made of what its columns know.
fn page_of(conn: &mut Conn, who: &Who, filter: &RecordFilter, after: RecordPosition, limit: i64) -> Stored<Told> {
    let tenant = who.tenant;
    if who.own_learner().is_none()
        && let Some(named) = learners::named_now(conn, tenant, filter.learner)?
        && !learners::sees_now(conn, who, named)?
    {
        return Err(Problem::not_found("learner of this id"));
    }
    let learners = merging::read_as_one(conn, tenant, filter.learner)?;
    let FeedPage { rows, reached, has_more } = store::page(conn, tenant, (filter, &learners), after, limit)?;
    if rows.is_empty() && store::ends_before(conn, after)? {
        return Err(Problem::new(
            Code::CursorAhead,
            "The log ends before this cursor: the database was put back from a copy. Read from the beginning, or from an older \
             cursor, and leave out the records whose ids you have.",
        ));
    }
    let rows = reached_rows(conn, who, rows)?;
    let records =
        rows.iter().map(|row| record(tenant, row).map_or_else(|| unreadable(conn, tenant, row), Ok)).collect::<Stored<_>>()?;
    Ok(Told { records, reached, has_more })
}

/// Those of these records that this token may see: staff without `learners:all` what is no learner's, or one's of their cohorts.
fn reached_rows(conn: &mut Conn, who: &Who, rows: Vec<RecordRow>) -> Stored<Vec<RecordRow>> {
    if who.reaches_everybody().is_ok() {
        return Ok(rows);
    }
    let named: BTreeSet<Id> = rows.iter().filter_map(|row| row.learner_id).collect();
    let reached = learners::reached_among(conn, who, &named.into_iter().collect::<Vec<_>>())?;
    Ok(rows.into_iter().filter(|row| row.learner_id.is_none_or(|learner| reached.contains(&learner))).collect())
}

/// The record as it was written; None where it cannot be read.
fn record(tenant: Id, row: &RecordRow) -> Option<Box<RawValue>> {
    envelope::whole_envelope(&row.envelope.json()?, &place(row), &row.columns(tenant))
}

/// A place as clients see it: the numbers between dots.
fn place(row: &RecordRow) -> String {
    let RecordPosition { epoch, xid, seq } = row.position();
    format!("{epoch}.{xid}.{seq}")
}

/// A record whose envelope cannot be read: what its columns know.
fn unreadable(conn: &mut Conn, tenant: Id, row: &RecordRow) -> Stored<Box<RawValue>> {
    let object = store::object_id(conn, tenant, row.position())?;
    Unreadable::of(&row.id).note("envelope", &"no object");
    let record = json!({
        "position": place(row),
        "id": row.id,
        "kind": row.kind,
        "schema_version": row.schema_version,
        "tenant": tenant,
        "actor": null,
        "learner": row.learner_id,
        "object": {"type": "unknown", "id": object, "iri": null},
        "course": null,
        "lesson": null,
        "language": null,
        "context": {},
        "occurred": crate::records::now(row.recorded_at),
        "recorded_at": row.recorded_at,
        "request_id": "",
        "body": {},
        "unreadable": ["envelope"],
    });
    to_raw_value(&record).map_err(Problem::internal)
}

/// The filter, and a name of it that binds the cursor. A learner's token sees its own learner only.
fn filter(who: &Who, catalogue: &Catalogue, query: &FeedQuery) -> Result<(RecordFilter, String), Problem> {
    let asked = query.learner.as_deref().map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("learner", what))?;
    if asked.is_some_and(|learner| !who.sees(learner)) {
        return Err(Problem::not_found("learner of this id"));
    }
    let mut kinds: Vec<String> = query.kind.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect();
    kinds.sort();
    if kinds.len() > 50 {
        return Err(Problem::parameter("kind", "names more than 50 kinds."));
    }
    let filter = RecordFilter {
        learner: who.own_learner().or(asked),
        lesson: query.lesson.as_deref().map(|name| catalogue.slug_of(name)),
        kinds,
    };
    let name = format!("records/{:?}", filter);
    Ok((filter, name))
}

/// A record as its learner may see it.
fn withheld(state: &AppState, tenant: Id, record: &RawValue) -> Result<Box<RawValue>, Problem> {
    let record: Map<String, Value> = serde_json::from_str(record.get()).map_err(Problem::internal)?;
    let version = record.get("lesson").and_then(|l| l.get("version")).and_then(Value::as_str).unwrap_or_default();
    let assigned = record.get("body").and_then(|body| body.get("purpose")).is_none_or(|purpose| purpose == "assigned");
    let (verdict, key) = state.catalogue(tenant).shown_on_submission(version, assigned);
    to_raw_value(&rules::for_learner(record, verdict, key)).map_err(Problem::internal)
}

fn bytes(position: RecordPosition) -> Vec<u8> {
    [position.epoch, position.xid, position.seq].iter().flat_map(|n| n.to_be_bytes()).collect()
}

fn position(bytes: [u8; 24]) -> RecordPosition {
    let mut numbers = bytes.chunks_exact(8).map(|chunk| chunk.try_into().map(i64::from_be_bytes).unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    RecordPosition { epoch: next(), xid: next(), seq: next() }
}
