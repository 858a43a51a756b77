//! All SQL of attempts, their answers and gradings.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text};

use crate::attempts::grading::GRADER_VERSION;
use crate::attempts::order::{self, Drawn};
use crate::attempts::rules::AttemptState;
use crate::attempts::standing::Standing;
use crate::db::conn::column;
use crate::db::json_text::JsonText;
use crate::db::packed::Packed;
use crate::db::schema::{attempts, responses};
use crate::db::statement::{Condition, statement};
use crate::db::types::{Doc, Id, Json, Moment, Time, Uid};
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::Problem;
use crate::lessons::format::QuizFile;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts, treat_none_as_default_value = false)]
pub struct AttemptRow {
    pub tenant_id: Id,
    pub id: Id,
    pub learner_id: Id,
    pub client_id: Id,
    pub lesson: String,
    pub version: String,
    pub language: String,
    pub purpose: String,
    pub placement: String,
    pub counted_in: String,
    pub context: Json,
    pub state: String,
    pub attempt_number: i32,
    pub key_seen_before: bool,
    pub over_limit: bool,
    /// Null (of JSON) where `drawn` has it.
    pub item_order: JsonText,
    pub drawn: Option<Vec<u8>>,
    /// See [`Occurred::stored`](crate::records::Occurred::stored).
    pub started: Json,
    pub started_at: Time,
    pub submitted_at: Option<Time>,
    /// With its items where [`graded_items`] has none.
    pub result: Option<JsonText>,
    pub grader_version: Option<i32>,
    pub raw_milli: Option<i64>,
    pub scaled_e4: Option<i32>,
    pub passed: Option<bool>,
    pub revision: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

impl AttemptRow {
    pub fn state(&self) -> AttemptState {
        AttemptState::parse(&self.state).unwrap_or(AttemptState::Submitted)
    }

    /// The items that were drawn for it, in their order, where that can be read; `quiz` is that of its version.
    pub fn order(&self, quiz: &QuizFile) -> Stored<Vec<Drawn>> {
        match &self.drawn {
            None => self.item_order.read().map_err(Problem::internal),
            Some(drawn) => {
                order::unpacked(quiz, drawn).ok_or_else(|| Problem::internal(format!("the order of {} cannot be read", self.id)))
            }
        }
    }
}

#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = responses, treat_none_as_default_value = false)]
pub struct AnswerRow {
    pub tenant_id: Id,
    pub attempt_id: Id,
    pub item: String,
    pub late: bool,
    pub seq: i64,
    pub response: Json,
    /// Null (of JSON) where it is that in force.
    pub first_response: JsonText,
    pub changes: i32,
    /// None where the client never told it.
    pub active_ms: Option<i64>,
    /// See [`Occurred::stored`](crate::records::Occurred::stored).
    pub answered: Json,
    pub saved_at: Time,
}

/// Null of JSON, for a document that says what another one says already.
const SAME: &str = "null";

impl AnswerRow {
    /// What was answered first, as it is stored.
    pub fn first(&self) -> JsonText {
        if self.first_response.0 == SAME { JsonText::of(&self.response) } else { self.first_response.clone() }
    }

    /// For `first_response`, when `response` takes the place of this answer.
    pub fn first_before(&self, response: &Json) -> JsonText {
        match self.first_response.0.as_str() {
            SAME if self.response != *response => JsonText::of(&self.response),
            // What cannot be read stays as it stands: see `put_answers`.
            "" => same(),
            _ => self.first_response.clone(),
        }
    }
}

/// For `first_response` where it is that in force, and for `item_order` where `drawn` has it.
pub fn same() -> JsonText {
    JsonText(SAME.to_owned())
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<AttemptRow>> {
    Ok(each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::id.eq(id))
        .select(AttemptRow::as_select())
        .first(c)
        .optional())?)
}

/// The attempts of these tenants and ids, locked against every other writer until the transaction ends, in one order for all.
pub fn lock(conn: &mut Conn, keys: &[(Id, Id)]) -> Stored<Vec<AttemptRow>> {
    match conn {
        Conn::Pg(c) => {
            let (tenants, ids): (Vec<Id>, Vec<Id>) = keys.iter().copied().unzip();
            let query = attempts::table
                .filter(attempts::tenant_id.eq_any(tenants))
                .filter(attempts::id.eq_any(ids))
                .order((attempts::tenant_id, attempts::id))
                .select(AttemptRow::as_select());
            Ok(query.for_no_key_update().load(c)?)
        }
        // SQLite knows no row locks, its single writer is the lock; and one statement that is parsed once costs less there
        // than a list that is parsed each time.
        Conn::Sqlite(_) => keys.iter().filter_map(|(tenant, id)| find(conn, *tenant, *id).transpose()).collect(),
    }
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &AttemptRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(attempts::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// The open attempt of a learner in a placement; previews do not count, nor does one that is open beside it.
pub fn open_attempt(conn: &mut Conn, tenant: Id, learner: Id, lesson: &str, placement: &str) -> Stored<Option<AttemptRow>> {
    // Spelled as in the index `attempts_one_open`: with values bound in their place it would not be known to hold these rows.
    let mut rows: Vec<AttemptRow> = each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::learner_id.eq(learner))
        .filter(attempts::lesson.eq(lesson))
        .filter(attempts::placement.eq(placement))
        .filter(Condition("state = 'in_progress' AND purpose <> 'preview' AND grader_version IS NULL"))
        .select(AttemptRow::as_select())
        .load(c))?;
    Ok(rows.pop())
}

/// An attempt that was open beside another one takes its place.
pub fn take_place(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<AttemptRow>> {
    Ok(each!(conn, c => diesel::update(
        attempts::table
            .filter(attempts::tenant_id.eq(tenant))
            .filter(attempts::id.eq(id))
            .filter(attempts::state.eq(AttemptState::InProgress.name())))
        .set(attempts::grader_version.eq(None::<i32>))
        .returning(AttemptRow::as_select())
        .get_result(c)
        .optional())?)
}

/// What a learner did in a lesson so far; `but` is left out.
pub fn standing(conn: &mut Conn, tenant: Id, learner: Id, lesson: &str, but: Option<Id>) -> Stored<Standing> {
    let earlier = each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::learner_id.eq(learner))
        // An expression, so that no index of lessons is chosen: what one learner did is little, what was done in a lesson is not.
        .filter(attempts::lesson.concat("").eq(lesson))
        .filter(attempts::id.ne(but.unwrap_or(Id::NIL)))
        .select((
            attempts::id,
            attempts::placement,
            attempts::counted_in,
            attempts::purpose,
            attempts::state,
            attempts::version,
            attempts::scaled_e4,
            attempts::passed,
            attempts::key_seen_before,
        ))
        .load(c))?;
    Ok(Standing(earlier))
}

/// All answers of an attempt.
pub fn answers(conn: &mut Conn, tenant: Id, attempt: Id) -> Stored<Vec<AnswerRow>> {
    Ok(each!(conn, c => responses::table
        .filter(responses::tenant_id.eq(tenant))
        .filter(responses::attempt_id.eq(attempt))
        .order((responses::saved_at, responses::item))
        .select(AnswerRow::as_select())
        .load(c))?)
}

/// The answers to these items (tenant, attempt, item), late ones too; on PostgreSQL with one statement, on SQLite with one that
/// is parsed once.
pub fn answers_at(conn: &mut Conn, places: &[(Id, Id, &str)]) -> Stored<Vec<AnswerRow>> {
    let mut out = Vec::with_capacity(places.len());
    match conn {
        Conn::Pg(_) if places.is_empty() => {}
        Conn::Pg(c) => {
            let (tenants, (ids, items)): (Vec<Id>, (Vec<Id>, Vec<&str>)) = places.iter().map(|(t, a, i)| (*t, (*a, *i))).unzip();
            // Each place is looked up by the key, whatever the planner believes of a table that it has no statistics of.
            let query = statement(
                "SELECT r.* FROM unnest(?::uuid[], ?::uuid[], ?::text[]) AS place (tenant, attempt, item) CROSS JOIN LATERAL (\
                 SELECT * FROM responses WHERE tenant_id = place.tenant AND attempt_id = place.attempt AND item = place.item \
                 OFFSET 0) AS r",
            );
            let query = query.bind::<Array<Uid>, _>(tenants).bind::<Array<Uid>, _>(ids).bind::<Array<Text>, _>(items);
            out = query.load(c)?;
        }
        Conn::Sqlite(c) => {
            for (tenant, attempt, item) in places {
                let query = responses::table
                    .filter(responses::tenant_id.eq(tenant))
                    .filter(responses::attempt_id.eq(attempt))
                    .filter(responses::item.eq(item));
                out.extend(query.select(AnswerRow::as_select()).load(c)?);
            }
        }
    }
    Ok(out)
}

/// Writes answers, each over the one in its place.
pub fn put_answers(conn: &mut Conn, rows: &[AnswerRow]) -> Stored<()> {
    match conn {
        Conn::Pg(_) if rows.is_empty() => Ok(()),
        // On PostgreSQL the round trips cost, so it is one statement, whose text does not depend on how many rows there are.
        Conn::Pg(c) => {
            let query = statement(
                "INSERT INTO responses (tenant_id, attempt_id, item, late, seq, response, first_response, changes, active_ms, \
                 answered, saved_at) SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::bool[], \
                 ?::int8[], ?::jsonb[], ?::jsonb[], ?::int4[], ?::int8[], ?::jsonb[], ?::timestamptz[]) \
                 ON CONFLICT (tenant_id, attempt_id, item, late) DO UPDATE SET seq = excluded.seq, response = excluded.response, \
                 first_response = CASE WHEN responses.first_response = 'null' THEN excluded.first_response ELSE \
                 responses.first_response END, changes = excluded.changes, active_ms = excluded.active_ms, answered = excluded.answered, \
                 saved_at = excluded.saved_at",
            );
            let query = query
                .bind::<Array<Uid>, _>(column(rows, |row| row.tenant_id))
                .bind::<Array<Uid>, _>(column(rows, |row| row.attempt_id))
                .bind::<Array<Text>, _>(column(rows, |row| row.item.as_str()))
                .bind::<Array<Bool>, _>(column(rows, |row| row.late))
                .bind::<Array<BigInt>, _>(column(rows, |row| row.seq))
                .bind::<Array<Doc>, _>(column(rows, |row| &row.response))
                .bind::<Array<Doc>, _>(column(rows, |row| &row.first_response))
                .bind::<Array<Integer>, _>(column(rows, |row| row.changes))
                .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.active_ms))
                .bind::<Array<Doc>, _>(column(rows, |row| &row.answered))
                .bind::<Array<Moment>, _>(column(rows, |row| row.saved_at));
            Ok(query.execute(c).map(drop)?)
        }
        Conn::Sqlite(c) => Ok(rows.iter().try_for_each(|row| put_answer(c, row))?),
    }
}

fn put_answer(conn: &mut SqliteConnection, row: &AnswerRow) -> QueryResult<()> {
    let query = statement(
        "INSERT INTO responses (tenant_id, attempt_id, item, late, seq, response, first_response, changes, active_ms, answered, \
         saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (tenant_id, attempt_id, item, late) DO UPDATE SET seq = excluded.seq, response = excluded.response, \
         first_response = CASE WHEN responses.first_response = 'null' THEN excluded.first_response ELSE \
         responses.first_response END, changes = excluded.changes, active_ms = excluded.active_ms, answered = excluded.answered, saved_at = excluded.saved_at",
    );
    let query = query
        .bind::<Uid, _>(row.tenant_id)
        .bind::<Uid, _>(row.attempt_id)
        .bind::<Text, _>(&row.item)
        .bind::<Bool, _>(row.late)
        .bind::<BigInt, _>(row.seq)
        .bind::<Doc, _>(&row.response)
        .bind::<Doc, _>(&row.first_response)
        .bind::<Integer, _>(row.changes)
        .bind::<Nullable<BigInt>, _>(row.active_ms)
        .bind::<Doc, _>(&row.answered)
        .bind::<Moment, _>(row.saved_at);
    query.execute(conn).map(drop)
}

/// What a submission writes into its attempt.
pub struct AttemptSubmission<'a> {
    pub submitted_at: Time,
    /// The score, and the items that it is the sum of.
    pub result: &'a JsonText,
    pub items: &'a Packed,
    pub raw_milli: i64,
    pub scaled_e4: i32,
    pub passed: bool,
    /// Whether the learner may have seen the key by now.
    pub key_seen: bool,
    pub now: Time,
}

/// An attempt that arrived to be submitted stays open instead; only where the learner has no other open one there.
pub fn keep_open(conn: &mut Conn, tenant: Id, id: Id) -> Stored<()> {
    each!(conn, c => diesel::update(
        attempts::table
            .filter(attempts::tenant_id.eq(tenant))
            .filter(attempts::id.eq(id))
            .filter(attempts::state.eq(AttemptState::Arriving.name())))
        .set(attempts::state.eq(AttemptState::InProgress.name()))
        .execute(c))?;
    Ok(())
}

/// Closes an attempt; false when it was closed before. The state is part of the WHERE, so that of two racing ones only one
/// finds a row.
pub fn mark_submitted(conn: &mut Conn, tenant: Id, id: Id, done: &AttemptSubmission<'_>) -> Stored<bool> {
    let n = each!(conn, c => statement(
        "UPDATE attempts SET state = 'submitted', submitted_at = ?, result = ?, items = ?, grader_version = ?, raw_milli = ?, scaled_e4 = ?, passed = ?, \
         key_seen_before = ?, revision = revision + 1, updated_at = ? WHERE tenant_id = ? AND id = ? AND state <> 'submitted'")
        .bind::<Moment, _>(done.submitted_at)
        .bind::<Doc, _>(done.result)
        .bind::<Binary, _>(done.items)
        .bind::<Integer, _>(GRADER_VERSION)
        .bind::<BigInt, _>(done.raw_milli)
        .bind::<Integer, _>(done.scaled_e4)
        .bind::<Bool, _>(done.passed)
        .bind::<Bool, _>(done.key_seen)
        .bind::<Moment, _>(done.now)
        .bind::<Uid, _>(tenant)
        .bind::<Uid, _>(id)
        .execute(c))?;
    Ok(n == 1)
}

/// The graded items of an attempt, where they do not stand in its `result`.
pub fn graded_items(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<Packed>> {
    let items: Option<Option<Packed>> = each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::id.eq(id))
        .select(attempts::items)
        .first(c)
        .optional())?;
    Ok(items.flatten())
}
