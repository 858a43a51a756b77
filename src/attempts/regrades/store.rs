//! All SQL of regrades and gradings.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer};

use crate::attempts::points::milli;
use crate::attempts::rules::AttemptState;
use crate::attempts::store::{AnswerRow, AttemptRow};
use crate::db::json_text::JsonText;
use crate::db::list::{PlaceColumns, Span};
use crate::db::packed::Packed;
use crate::db::schema::{attempts, gradings, regrades, responses};
use crate::db::statement::statement;
use crate::db::types::{Doc, Id, Json, Moment, Time, Uid};
use crate::db::{Conn, Stored};
use crate::each;
use crate::lessons::format::QuizFile;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = regrades, treat_none_as_default_value = false)]
pub struct RegradeRow {
    pub tenant_id: Id,
    pub id: Id,
    pub client_id: Id,
    pub principal: Json,
    pub lesson: String,
    pub from_version: String,
    pub to_version: String,
    pub reason: String,
    pub state: String,
    pub total: i64,
    pub regraded: i64,
    pub changed: i64,
    pub tally: Json,
    /// The attempts up to this id are done.
    pub last_attempt: Option<Id>,
    pub created_at: Time,
    pub updated_at: Time,
    pub done_at: Option<Time>,
    /// Nothing is graded; the counts tell what would be.
    pub dry_run: bool,
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<RegradeRow>> {
    Ok(each!(conn, c => regrades::table
        .filter(regrades::tenant_id.eq(tenant))
        .filter(regrades::id.eq(id))
        .select(RegradeRow::as_select())
        .first(c)
        .optional())?)
}

/// The same, and nobody else goes on with it until this transaction ends.
pub fn lock(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<RegradeRow>> {
    let Conn::Pg(c) = conn else { return find(conn, tenant, id) };
    let query =
        regrades::table.filter(regrades::tenant_id.eq(tenant)).filter(regrades::id.eq(id)).select(RegradeRow::as_select());
    Ok(query.for_update().first(c).optional()?)
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &RegradeRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(regrades::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// Writes how far it is.
pub fn progress(conn: &mut Conn, row: &RegradeRow) -> Stored<()> {
    let change = (
        regrades::state.eq(&row.state),
        regrades::total.eq(row.total),
        regrades::regraded.eq(row.regraded),
        regrades::changed.eq(row.changed),
        regrades::tally.eq(&row.tally),
        regrades::last_attempt.eq(row.last_attempt),
        regrades::updated_at.eq(row.updated_at),
        regrades::done_at.eq(row.done_at),
        regrades::dry_run.eq(row.dry_run),
    );
    each!(conn, c => diesel::update(regrades::table.filter(regrades::tenant_id.eq(row.tenant_id)).filter(regrades::id.eq(row.id)))
        .set(change)
        .execute(c))?;
    Ok(())
}

/// The first `limit` rows of a span of the list.
pub fn page(conn: &mut Conn, tenant: Id, span: Span, limit: i64) -> Stored<Vec<(RegradeRow, PlaceColumns)>> {
    Ok(each!(conn, c => regrades::table
        .filter(regrades::tenant_id.eq(tenant))
        .filter(span)
        .order((regrades::epoch, regrades::xid, regrades::seq))
        .limit(limit)
        .select((RegradeRow::as_select(), (regrades::epoch, regrades::xid, regrades::seq)))
        .load(c))?)
}

/// How many attempts were submitted on a version.
pub fn submitted(conn: &mut Conn, tenant: Id, version: &str) -> Stored<i64> {
    Ok(each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::version.eq(version))
        .filter(attempts::state.eq(AttemptState::Submitted.name()))
        .count()
        .get_result(c))?)
}

/// The next attempts that were submitted on a version, in the order of their ids.
pub fn next(conn: &mut Conn, tenant: Id, version: &str, after: Option<Id>, limit: i64) -> Stored<Vec<Id>> {
    Ok(each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::version.eq(version))
        .filter(attempts::id.gt(after.unwrap_or(Id::NIL)))
        .filter(attempts::state.eq(AttemptState::Submitted.name()))
        .order(attempts::id)
        .limit(limit)
        .select(attempts::id)
        .load(c))?)
}

/// Attempts that were submitted on its version and have no grading of this regrade, wherever their ids lie.
pub fn left(conn: &mut Conn, row: &RegradeRow, limit: i64) -> Stored<Vec<Id>> {
    let (tenant, id) = (row.tenant_id, row.id);
    let graded = || {
        gradings::table
            .filter(gradings::tenant_id.eq(tenant))
            .filter(gradings::attempt_id.eq(attempts::id))
            .filter(gradings::regrade_id.eq(Some(id)))
    };
    Ok(each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::version.eq(&row.from_version))
        .filter(attempts::state.eq(AttemptState::Submitted.name()))
        .filter(not(exists(graded())))
        .order(attempts::id)
        .limit(limit)
        .select(attempts::id)
        .load(c))?)
}

/// The answers of all these attempts that count.
pub fn counted_answers(conn: &mut Conn, tenant: Id, ids: &[Id]) -> Stored<Vec<AnswerRow>> {
    match conn {
        Conn::Pg(c) => {
            let query = responses::table.filter(responses::tenant_id.eq(tenant)).filter(responses::attempt_id.eq_any(ids));
            Ok(query.filter(responses::late.eq(false)).select(AnswerRow::as_select()).load(c)?)
        }
        // One statement that is parsed once costs less there than a list that is parsed each time.
        Conn::Sqlite(c) => {
            let mut out = Vec::new();
            for id in ids {
                let query = responses::table.filter(responses::tenant_id.eq(tenant)).filter(responses::attempt_id.eq(id));
                out.extend(query.filter(responses::late.eq(false)).select(AnswerRow::as_select()).load(c)?);
            }
            Ok(out)
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = gradings, treat_none_as_default_value = false)]
pub struct GradingRow {
    pub tenant_id: Id,
    pub attempt_id: Id,
    pub number: i32,
    pub grader_version: i32,
    pub version: String,
    pub raw_milli: i64,
    pub max_milli: i64,
    pub result: Json,
    pub graded_at: Time,
    pub regrade_id: Option<Id>,
}

impl GradingRow {
    /// The grading of a submission, where it stands in its attempt alone; `result` is what it stored.
    pub fn of_submission(attempt: &AttemptRow, quiz: &QuizFile, result: Json) -> Option<GradingRow> {
        let grader_version = attempt.grader_version.filter(|_| attempt.result.is_some())?;
        let drawn = attempt.order(quiz).unwrap_or_default();
        let items = drawn.iter().filter_map(|drawn| quiz.items.iter().find(|item| item.id == drawn.item));
        Some(GradingRow {
            tenant_id: attempt.tenant_id,
            attempt_id: attempt.id,
            number: 1,
            grader_version,
            version: attempt.version.clone(),
            raw_milli: attempt.raw_milli.unwrap_or_default(),
            max_milli: items.map(|item| milli(item.points)).fold(0, i64::saturating_add),
            result,
            // Nothing but the submission has changed it.
            graded_at: attempt.updated_at,
            regrade_id: None,
        })
    }
}

pub fn insert_gradings(conn: &mut Conn, rows: &[GradingRow]) -> Stored<()> {
    match conn {
        Conn::Pg(c) => {
            rows.chunks(1000).try_for_each(|chunk| diesel::insert_into(gradings::table).values(chunk).execute(c).map(drop))?;
        }
        Conn::Sqlite(c) => {
            rows.iter().try_for_each(|row| diesel::insert_into(gradings::table).values(row).execute(c).map(drop))?;
        }
    }
    Ok(())
}

/// All gradings of an attempt, the oldest first.
pub fn gradings_of(conn: &mut Conn, tenant: Id, attempt: Id) -> Stored<Vec<GradingRow>> {
    Ok(each!(conn, c => gradings::table
        .filter(gradings::tenant_id.eq(tenant))
        .filter(gradings::attempt_id.eq(attempt))
        .order(gradings::number)
        .select(GradingRow::as_select())
        .load(c))?)
}

/// The packed items of these attempts, of those that have them.
pub fn items_of(conn: &mut Conn, tenant: Id, ids: &[Id]) -> Stored<Vec<(Id, Packed)>> {
    let own = attempts::table.filter(attempts::tenant_id.eq(tenant));
    let found: Vec<(Id, Option<Packed>)> = match conn {
        Conn::Pg(c) => own.filter(attempts::id.eq_any(ids)).select((attempts::id, attempts::items)).load(c)?,
        Conn::Sqlite(c) => {
            let mut out = Vec::with_capacity(ids.len());
            for id in ids {
                out.extend(own.filter(attempts::id.eq(id)).select((attempts::id, attempts::items)).load(c)?);
            }
            out
        }
    };
    Ok(found.into_iter().filter_map(|(id, items)| Some((id, items?))).collect())
}

/// (id, reason) of these regrades.
pub fn reasons(conn: &mut Conn, tenant: Id, ids: &[Id]) -> Stored<Vec<(Id, String)>> {
    Ok(each!(conn, c => regrades::table
        .filter(regrades::tenant_id.eq(tenant))
        .filter(regrades::id.eq_any(ids))
        .select((regrades::id, regrades::reason))
        .load(c))?)
}

/// What a grading writes into its attempt.
pub struct InForce<'a> {
    pub attempt: Id,
    pub result: &'a JsonText,
    pub items: &'a Packed,
    pub raw_milli: i64,
    pub scaled_e4: i32,
    pub passed: bool,
}

/// Puts a grading in force.
pub fn put_in_force(conn: &mut Conn, tenant: Id, grading: &InForce<'_>, now: Time) -> Stored<()> {
    // The grading before it has a row of its own now.
    each!(conn, c => statement(
        "UPDATE attempts SET result = ?, items = ?, grader_version = NULL, raw_milli = ?, scaled_e4 = ?, passed = ?, \
         revision = revision + 1, updated_at = ? WHERE tenant_id = ? AND id = ?")
        .bind::<Doc, _>(grading.result)
        .bind::<Binary, _>(grading.items)
        .bind::<BigInt, _>(grading.raw_milli)
        .bind::<Integer, _>(grading.scaled_e4)
        .bind::<Bool, _>(grading.passed)
        .bind::<Moment, _>(now)
        .bind::<Uid, _>(tenant)
        .bind::<Uid, _>(grading.attempt)
        .execute(c))?;
    Ok(())
}
