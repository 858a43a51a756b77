//! Beginning a regrade, and going on with it batch by batch, each inside one transaction: lock, grade, write, append the
//! records. Whoever repeats the call goes on where the last one stopped.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::attempts::closing::{given, object};
use crate::attempts::grading::{GRADER_VERSION, StoredGrading};
use crate::attempts::regrades::rules::{self, By, Regraded, Submitted, Tally};
use crate::attempts::regrades::store::{self, GradingRow, InForce, RegradeRow};
use crate::attempts::regrades::wire::RegradePut;
use crate::attempts::save::place;
use crate::attempts::store::{self as attempts, AnswerRow, AttemptRow};
use crate::auth::Who;
use crate::db::packed::Packed;
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::lessons::{Catalogue, Version};
use crate::records::{self, Object, RecordDraft};

pub const RUNNING: &str = "running";
pub const DONE: &str = "done";

/// A regrade that somebody asks for, with the versions it names.
#[derive(Clone)]
pub struct Call {
    pub who: Who,
    pub id: Id,
    pub from: Arc<Version>,
    pub to: Arc<Version>,
    pub reason: String,
    pub dry_run: bool,
}

impl Call {
    pub fn new(who: Who, id: Id, body: RegradePut, dry_run: bool, catalogue: &Catalogue) -> Result<Call, Problem> {
        let RegradePut { lesson, from, to, reason } = body;
        if reason.trim().is_empty() || reason.chars().count() > 1000 {
            return Err(Problem::body("/reason", "must say why, in 1 to 1000 characters."));
        }
        catalogue.wanted(&lesson, None)?;
        let version = |digest: &str, pointer: &str| {
            let none = || Problem::body(pointer, "is no version of this lesson; GET /v1/lessons/{slug}/versions lists them.");
            catalogue.version(&lesson, digest).cloned().ok_or_else(none)
        };
        Ok(Call { who, id, from: version(&from, "/from")?, to: version(&to, "/to")?, reason, dry_run })
    }
}

/// Makes the row of a regrade, or finds it. True where it is new. One that is done runs again where attempts came meanwhile.
pub fn begin(conn: &mut Conn, call: &Call) -> Stored<(RegradeRow, bool)> {
    if let Some(mut row) = store::lock(conn, call.who.tenant, call.id)? {
        let same = row.from_version == call.from.digest && row.to_version == call.to.digest && row.reason == call.reason;
        if !same || (call.dry_run && !row.dry_run) {
            return Err(id_is_taken());
        }
        if row.dry_run && !call.dry_run {
            return begin_in_earnest(conn, call, row).map(|row| (row, true));
        }
        if row.dry_run {
            return Ok((row, false));
        }
        if row.state == DONE && !store::left(conn, &row, 1)?.is_empty() {
            row.state = RUNNING.to_owned();
            row.done_at = None;
            row.updated_at = call.who.now;
            store::progress(conn, &row)?;
        }
        return Ok((row, false));
    }
    let (who, tally) = (&call.who, Tally::default());
    let row = RegradeRow {
        tenant_id: who.tenant,
        id: call.id,
        client_id: who.client,
        principal: Json::of(&who.principal),
        lesson: call.from.slug.clone(),
        from_version: call.from.digest.clone(),
        to_version: call.to.digest.clone(),
        reason: call.reason.clone(),
        state: RUNNING.to_owned(),
        total: store::submitted(conn, who.tenant, &call.from.digest)?,
        regraded: 0,
        changed: 0,
        tally: Json::of(&tally),
        last_attempt: None,
        created_at: who.now,
        updated_at: who.now,
        done_at: None,
        dry_run: call.dry_run,
    };
    if !store::insert(conn, &row)? {
        // Taken between our look and now: look again.
        return Err(Problem::unavailable(DatabaseFault::Conflict, "a regrade of this id began meanwhile"));
    }
    records::check_day(conn, who)?;
    note_start(conn, who, &row)?;
    Ok((row, true))
}

/// A dry run that is repeated without `dry_run`: it begins anew, and grades.
fn begin_in_earnest(conn: &mut Conn, call: &Call, dry: RegradeRow) -> Stored<RegradeRow> {
    let row = RegradeRow {
        dry_run: false,
        state: RUNNING.to_owned(),
        total: store::submitted(conn, call.who.tenant, &call.from.digest)?,
        regraded: 0,
        changed: 0,
        tally: Json::of(&Tally::default()),
        last_attempt: None,
        updated_at: call.who.now,
        done_at: None,
        ..dry
    };
    store::progress(conn, &row)?;
    records::check_day(conn, &call.who)?;
    note_start(conn, &call.who, &row)?;
    Ok(row)
}

/// What only looks leaves no record.
fn note_start(conn: &mut Conn, who: &Who, row: &RegradeRow) -> Stored<()> {
    if row.dry_run {
        return Ok(());
    }
    let body = json!({"from": row.from_version, "to": row.to_version, "total": row.total});
    records::append(conn, who, vec![record("regrade.started", who, row, body)])
}

fn id_is_taken() -> Problem {
    Problem::new(
        Code::IdUnavailable,
        "Another regrade has this id: with other versions or another reason, or it was begun in earnest. Choose a new id.",
    )
}

fn record(kind: &'static str, who: &Who, row: &RegradeRow, body: Value) -> RecordDraft {
    let object = Object { r#type: "regrade".to_owned(), id: row.id.to_string(), iri: None };
    records::plain_draft(kind, who.now, object, body)
}

/// Goes on with a regrade by at most `limit` attempts. First along their ids; then whatever was submitted meanwhile with an id
/// that was passed already. It is done when nothing is left.
pub fn step(conn: &mut Conn, who: &Who, catalogue: &Catalogue, id: Id, limit: i64) -> Stored<RegradeRow> {
    let row = store::lock(conn, who.tenant, id)?.ok_or_else(no_such_regrade)?;
    if row.state == DONE || row.dry_run {
        return Ok(row);
    }
    let ahead = store::next(conn, who.tenant, &row.from_version, row.last_attempt, limit)?;
    let mut row = RegradeRow { last_attempt: ahead.last().copied().or(row.last_attempt), updated_at: who.now, ..row };
    let ids = if ahead.is_empty() { store::left(conn, &row, limit)? } else { ahead };
    if ids.is_empty() {
        return finish(conn, who, row);
    }
    let mut tally: Tally = row.tally.read().map_err(Problem::internal)?;
    batch(conn, who, catalogue, &row, &ids, &mut tally)?;
    (row.regraded, row.changed) = (tally.regraded, tally.changed);
    row.total = row.total.max(row.regraded);
    row.tally = Json::of(&tally);
    store::progress(conn, &row)?;
    Ok(row)
}

pub fn no_such_regrade() -> Problem {
    Problem::not_found("regrade of this id")
}

fn finish(conn: &mut Conn, who: &Who, mut row: RegradeRow) -> Stored<RegradeRow> {
    row.state = DONE.to_owned();
    row.total = row.regraded;
    row.done_at = Some(who.now);
    store::progress(conn, &row)?;
    if !row.dry_run {
        let body = json!({"from": row.from_version, "to": row.to_version, "result": row.tally});
        records::append(conn, who, vec![record("regrade.done", who, &row, body)])?;
    }
    Ok(row)
}

fn batch(conn: &mut Conn, who: &Who, catalogue: &Catalogue, regrade: &RegradeRow, ids: &[Id], tally: &mut Tally) -> Stored<()> {
    let (from, to) = (catalogue.pinned(&regrade.from_version)?, catalogue.pinned(&regrade.to_version)?);
    let (mut gradings, mut drafts) = (Vec::new(), Vec::new());
    for one in regraded(conn, who.tenant, ids, from, to)? {
        let graded = &one.new.graded;
        let (result, items) = StoredGrading::parts(&graded.result, &graded.items, &one.new.kept_items);
        let (attempt, raw_milli, scaled_e4) = (one.attempt.id, graded.raw_milli, graded.scaled_e4);
        gradings.extend(GradingRow::of_submission(&one.attempt, &from.content.quiz, Json::of(&one.old)));
        let in_force = InForce { attempt, result: &result, items: &items, raw_milli, scaled_e4, passed: graded.result.success };
        store::put_in_force(conn, who.tenant, &in_force, who.now)?;
        tally.add(&one.old.result, one.attempt.scaled_e4.unwrap_or_default(), &one.new);
        drafts.push(regraded_record(who, regrade, &one, from));
        gradings.push(GradingRow {
            tenant_id: who.tenant,
            attempt_id: attempt,
            number: graded.result.grading,
            grader_version: GRADER_VERSION,
            version: to.digest.clone(),
            raw_milli,
            max_milli: graded.max_milli,
            result: Json::of(&one.new.stored()),
            graded_at: who.now,
            regrade_id: Some(regrade.id),
        });
    }
    store::insert_gradings(conn, &gradings)?;
    records::append(conn, who, drafts)
}

/// An attempt with the grading in force and the one that takes its place.
struct RegradedAttempt {
    attempt: AttemptRow,
    old: StoredGrading,
    new: Regraded,
}

/// Grades these attempts again, locked against every other writer; nothing is written here.
fn regraded(conn: &mut Conn, tenant: Id, ids: &[Id], from: &Version, to: &Version) -> Stored<Vec<RegradedAttempt>> {
    let keys: Vec<(Id, Id)> = ids.iter().map(|id| (tenant, *id)).collect();
    let rows = attempts::lock(conn, &keys)?;
    graded_again(conn, tenant, ids, rows, from, to)
}

fn graded_again(
    conn: &mut Conn,
    tenant: Id,
    ids: &[Id],
    rows: Vec<AttemptRow>,
    from: &Version,
    to: &Version,
) -> Stored<Vec<RegradedAttempt>> {
    let mut answers: HashMap<Id, Vec<AnswerRow>> = HashMap::new();
    for answer in store::counted_answers(conn, tenant, ids)? {
        answers.entry(answer.attempt_id).or_default().push(answer);
    }
    let items: HashMap<Id, Packed> = store::items_of(conn, tenant, ids)?.into_iter().collect();
    let one = |attempt: AttemptRow| {
        let stored = attempt.result.as_ref().ok_or_else(|| Problem::internal("a submitted attempt without a result"))?;
        let old = StoredGrading::of_parts(stored, items.get(&attempt.id)).map_err(Problem::internal)?;
        let drawn = attempt.order(&from.content.quiz)?;
        let given = given(answers.get(&attempt.id).map_or(&[], Vec::as_slice))?;
        let (version, content) = (from.digest.as_str(), &from.content);
        let submitted = Submitted { drawn: &drawn, given: &given, old: &old, version, content };
        let new = rules::regrade(&submitted, By { version: &to.digest, content: &to.content });
        Ok(RegradedAttempt { attempt, old, new })
    };
    rows.into_iter().map(one).collect()
}

fn regraded_record(who: &Who, regrade: &RegradeRow, one: &RegradedAttempt, from: &Version) -> RecordDraft {
    let (row, result) = (&one.attempt, &one.new.graded.result);
    RecordDraft {
        kind: "attempt.regraded",
        learner: Some(row.learner_id),
        object: object(row, from),
        place: Some(place(row, from)),
        context: row.context.clone(),
        occurred: records::now(who.now),
        body: json!({
            "regrade": regrade.id, "version": regrade.to_version,
            "changed": one.new.is_change(&one.old.result), "changed_items": one.new.changed_items, "kept_items": one.new.kept_items,
            "previous_result": one.old.result, "result": result, "items": one.new.graded.items,
            "attempt_number": row.attempt_number, "purpose": row.purpose, "over_limit": row.over_limit,
        }),
    }
}

/// What a dry run finds among its next attempts; none where there are no more. Nothing is locked.
pub fn dry_look(conn: &mut Conn, catalogue: &Catalogue, row: &RegradeRow, limit: i64) -> Stored<Option<(Tally, Id)>> {
    let tenant = row.tenant_id;
    let (from, to) = (catalogue.pinned(&row.from_version)?, catalogue.pinned(&row.to_version)?);
    let ids = store::next(conn, tenant, &row.from_version, row.last_attempt, limit)?;
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let mut rows = Vec::with_capacity(ids.len());
    for id in &ids {
        rows.extend(attempts::find(conn, tenant, *id)?);
    }
    let mut tally: Tally = row.tally.read().map_err(Problem::internal)?;
    for one in graded_again(conn, tenant, &ids, rows, from, to)? {
        tally.add(&one.old.result, one.attempt.scaled_e4.unwrap_or_default(), &one.new);
    }
    Ok(Some((tally, last)))
}

/// Writes how far a dry run is, unless another process was there before, or it was begun in earnest meanwhile.
pub fn dry_progress(conn: &mut Conn, who: &Who, seen: &RegradeRow, found: Option<(Tally, Id)>) -> Stored<RegradeRow> {
    let row = store::lock(conn, who.tenant, seen.id)?.ok_or_else(no_such_regrade)?;
    if row.state == DONE || !row.dry_run || row.last_attempt != seen.last_attempt {
        return Ok(row);
    }
    let mut row = RegradeRow { updated_at: who.now, ..row };
    match found {
        None => return finish(conn, who, row),
        Some((tally, last)) => {
            (row.regraded, row.changed) = (tally.regraded, tally.changed);
            row.total = row.total.max(row.regraded);
            row.tally = Json::of(&tally);
            row.last_attempt = Some(last);
        }
    }
    store::progress(conn, &row)?;
    Ok(row)
}
