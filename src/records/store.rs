//! All SQL of the log.
//!
//! A record's place is (epoch, xid, seq). On SQLite the single writer commits in the order of `seq`, and xid is 0.
//! On PostgreSQL transactions commit out of order; there the place begins with the transaction's id, and a row of the
//! current epoch shows only once every transaction with a lower id has ended (`xid < pg_snapshot_xmin(...)`). So a reader
//! that has seen a place never later finds a record before it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::db::file::beside::Noted;
use crate::db::file::watch;
use crate::db::json_text::JsonText;
use crate::db::schema::{records, settings};
use crate::db::types::{Id, Json, Time, Xid, Xid8};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Insertable)]
#[diesel(table_name = records, treat_none_as_default_value = false)]
pub struct NewRecord {
    pub tenant_id: Id,
    pub id: Id,
    pub kind: String,
    pub schema_version: i32,
    pub learner_id: Option<Id>,
    pub lesson: Option<String>,
    pub object_id: String,
    pub recorded_at: Time,
    pub envelope: JsonText,
}

/// Where a record stands in the log. The default is before every record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    pub epoch: i64,
    pub xid: i64,
    pub seq: i64,
}

#[derive(Debug, Queryable)]
pub struct Row {
    pub epoch: i64,
    pub xid: Xid,
    pub seq: i64,
    pub envelope: Json,
}

impl Row {
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, xid: self.xid.0, seq: self.seq }
    }
}

/// What a reader wants to see.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub learner: Option<Id>,
    pub lesson: Option<String>,
    pub kinds: Vec<String>,
}

diesel::table! {
    /// One row: the epoch of what is written now.
    log_epoch (epoch) {
        epoch -> BigInt,
    }
}

pub fn insert(conn: &mut Conn, rows: &[NewRecord]) -> Stored<()> {
    match conn {
        // 9 values a row: far below PostgreSQL's 65,535 parameters.
        Conn::Pg(c) => {
            rows.chunks(1000).try_for_each(|chunk| diesel::insert_into(records::table).values(chunk).execute(c).map(drop))?;
        }
        // Parsed once: see `put_answers` of attempts.
        Conn::Sqlite(c) => {
            // PostgreSQL's column has a default that reads it; one of SQLite cannot.
            let epoch: i64 = log_epoch::table.select(log_epoch::epoch).first(c)?;
            rows.iter().try_for_each(|row| {
                diesel::insert_into(records::table).values((row, records::epoch.eq(epoch))).execute(c).map(drop)
            })?;
        }
    }
    Ok(())
}

/// True for records that every reader may see: see the head of this file.
fn settled(postgres: bool) -> &'static str {
    if postgres { "(xid < pg_snapshot_xmin(pg_current_snapshot()) OR epoch < current_epoch())" } else { "1 = 1" }
}

/// What stands around the three numbers of a place in the condition "later than that place". On SQLite the index can be entered at
/// `seq` only by a condition on `seq` itself (the row value would read the log from its beginning), so it tells of one epoch.
fn later(postgres: bool) -> [&'static str; 4] {
    if postgres { ["(epoch, xid, seq) > (", ", ", ", ", ")"] } else { ["epoch = ", " AND xid = ", " AND seq > ", ""] }
}

/// The page after `after`, at most `limit` rows, in order.
pub fn page(conn: &mut Conn, tenant: Id, filter: &Filter, after: Position, limit: i64) -> Stored<Vec<Row>> {
    let mut rows = page_of_epoch(conn, tenant, filter, after, limit)?;
    let mut epoch = after.epoch;
    // There are as many epochs as there were restores.
    while let Some(missing) = limit.checked_sub(i64::try_from(rows.len()).unwrap_or(limit)).filter(|n| *n > 0)
        && let Some(next) = next_epoch(conn, tenant, epoch)?
    {
        rows.extend(page_of_epoch(conn, tenant, filter, Position { epoch: next, xid: 0, seq: 0 }, missing)?);
        epoch = next;
    }
    Ok(rows)
}

/// On SQLite the next epoch of which there are records. PostgreSQL's page goes on into it by itself.
fn next_epoch(conn: &mut Conn, tenant: Id, epoch: i64) -> Stored<Option<i64>> {
    let Conn::Sqlite(c) = conn else { return Ok(None) };
    let later = records::table.filter(records::tenant_id.eq(tenant)).filter(records::epoch.gt(epoch));
    Ok(later.select(diesel::dsl::min(records::epoch)).first(c)?)
}

/// The same within the epoch of `after` on SQLite, and from there on on PostgreSQL.
fn page_of_epoch(conn: &mut Conn, tenant: Id, filter: &Filter, after: Position, limit: i64) -> Stored<Vec<Row>> {
    let settled = settled(conn.is_postgres());
    let [open, then, last, close] = later(conn.is_postgres());
    let rows = each!(conn, c => {
        let mut query = records::table
            .filter(records::tenant_id.eq(tenant))
            .filter(sql::<Bool>(open)
                .bind::<BigInt, _>(after.epoch)
                .sql(then).bind::<Xid8, _>(Xid(after.xid))
                .sql(last).bind::<BigInt, _>(after.seq)
                .sql(close))
            .filter(sql::<Bool>(settled))
            .order((records::epoch, records::xid, records::seq))
            .limit(limit)
            .select((records::epoch, records::xid, records::seq, records::envelope))
            .into_boxed();
        if let Some(learner) = filter.learner {
            query = query.filter(records::learner_id.eq(learner));
        }
        if let Some(lesson) = &filter.lesson {
            query = query.filter(records::lesson.eq(lesson.clone()));
        }
        if !filter.kinds.is_empty() {
            query = query.filter(records::kind.eq_any(filter.kinds.clone()));
        }
        query.load::<Row>(c)
    })?;
    Ok(rows)
}

/// What the columns of a record know, where its envelope cannot be read.
#[derive(Debug, Queryable)]
pub struct Known {
    pub id: Id,
    pub kind: String,
    pub schema_version: i32,
    pub learner_id: Option<Id>,
    pub object_id: String,
    pub recorded_at: Time,
}

pub fn known(conn: &mut Conn, tenant: Id, at: Position) -> Stored<Known> {
    Ok(each!(conn, c => records::table
        .filter(records::tenant_id.eq(tenant))
        .filter(records::epoch.eq(at.epoch))
        .filter(records::xid.eq(Xid(at.xid)))
        .filter(records::seq.eq(at.seq))
        .select((records::id, records::kind, records::schema_version, records::learner_id, records::object_id, records::recorded_at))
        .first(c))?)
}

/// How long the oldest record that is written but not yet visible has been waiting, in seconds. Always 0 on SQLite.
pub fn lag_seconds(conn: &mut Conn, now: Time) -> Stored<i64> {
    let Conn::Pg(pg) = conn else { return Ok(0) };
    let oldest: Option<Time> = records::table
        .filter(sql::<Bool>("xid >= pg_snapshot_xmin(pg_current_snapshot()) AND epoch = current_epoch()"))
        .order(records::recorded_at)
        .select(records::recorded_at)
        .first(pg)
        .optional()?;
    Ok(oldest.map_or(0, |at| now.millis_since(at) / 1000))
}

/// Whether the log ends before this place, so that a reader who was told it was told of a log that is gone.
pub fn ends_before(conn: &mut Conn, place: Position) -> Stored<bool> {
    match conn {
        Conn::Pg(c) => Ok(diesel::select(
            sql::<Bool>("current_epoch() < ")
                .bind::<BigInt, _>(place.epoch)
                .sql(" OR (current_epoch() = ")
                .bind::<BigInt, _>(place.epoch)
                .sql(" AND pg_snapshot_xmax(pg_current_snapshot()) < ")
                .bind::<Xid8, _>(Xid(place.xid))
                .sql(")"),
        )
        .get_result(c)?),
        Conn::Sqlite(c) => {
            let epoch: i64 = log_epoch::table.select(log_epoch::epoch).first(c)?;
            Ok(epoch < place.epoch || (epoch == place.epoch && last_seq(c)? < place.seq))
        }
    }
}

/// The highest number that SQLite ever gave to a record of this file.
fn last_seq(c: &mut SqliteConnection) -> QueryResult<i64> {
    Ok(records::table.select(diesel::dsl::max(records::seq)).first::<Option<i64>>(c)?.unwrap_or(0))
}

/// After a restore the server's transaction ids may be lower than the stored ones, or than those that readers were told
/// since the copy was made: then a new epoch begins, whose records all come after the old ones. It is known by the ids, and
/// by the server's own name and history (system identifier, timeline, database), which a copy brings from elsewhere.
pub fn begin_epoch_if_restored(conn: &mut Conn) -> Stored<bool> {
    let Conn::Pg(pg) = conn else { return Ok(false) };
    let lower = diesel::sql_query(
        "UPDATE log_epoch SET epoch = epoch + 1 WHERE EXISTS (\
         SELECT 1 FROM records WHERE epoch = current_epoch() AND xid > pg_current_xact_id() LIMIT 1)",
    )
    .execute(pg)?;
    let may_ask: bool = diesel::select(sql::<Bool>(
        "has_function_privilege('pg_control_system()', 'execute') AND has_function_privilege('pg_control_checkpoint()', 'execute')",
    ))
    .get_result(pg)?;
    if !may_ask {
        return Ok(lower == 1);
    }
    let here: String = diesel::select(sql::<Text>(
        "(SELECT s.system_identifier || '/' || c.timeline_id || '/' || d.oid FROM pg_control_system() s, pg_control_checkpoint() c, \
         pg_database d WHERE d.datname = current_database())",
    ))
    .get_result(pg)?;
    let known: Option<String> = settings::table.filter(settings::name.eq(HOME)).select(settings::value).first(pg).optional()?;
    if known.as_ref() == Some(&here) {
        return Ok(lower == 1);
    }
    diesel::insert_into(settings::table)
        .values((settings::name.eq(HOME), settings::value.eq(&here)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(&here))
        .execute(pg)?;
    if known.is_none() {
        return Ok(lower == 1);
    }
    // One copy may be restored in two places, one after the other: the time tells their epochs apart.
    diesel::sql_query("UPDATE log_epoch SET epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)")
        .execute(pg)?;
    Ok(true)
}

/// The setting that says in which PostgreSQL database the log was written last.
const HOME: &str = "log_home";

/// The same for SQLite, where what was noted beside the file tells it: another generation than the file's own, or readers
/// were told of more than the file holds. Gives back what is to be noted once this is committed, where that has changed.
pub fn begin_epoch_if_put_back(conn: &mut Conn, noted: Option<Noted>, now: Time, fresh: &str) -> Stored<Option<Noted>> {
    let inside = watch::generation(conn)?;
    let Conn::Sqlite(c) = conn else { return Ok(None) };
    let epoch: i64 = log_epoch::table.select(log_epoch::epoch).first(c)?;
    let beside = noted.as_ref().map(|noted| noted.generation.clone());
    // An early database has no generation at all.
    let put_back = inside != beside || noted.as_ref().is_some_and(|noted| last_seq(c).is_ok_and(|last| last < noted.shown));
    if !put_back && inside.is_some() {
        return Ok(None);
    }
    let noted = noted.unwrap_or_default();
    let (epoch, shown) = if put_back {
        // Above every epoch that a copy of this database ever was in, as long as the clock of the machine goes forward.
        let next = epoch.max(noted.epoch).saturating_add(1).max(now.0 / 1000);
        diesel::sql_query(format!("UPDATE log_epoch SET epoch = {next}")).execute(c)?;
        (next, 0)
    } else {
        (epoch, noted.shown)
    };
    watch::set_generation(conn, fresh)?;
    Ok(Some(Noted { generation: fresh.to_owned(), epoch, inode: 0, shown }))
}
