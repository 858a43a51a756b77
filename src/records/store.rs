//! All SQL of the log.
//!
//! A record's place is (epoch, xid, seq). On SQLite the single writer commits in the order of `seq`, and epoch and xid are 0.
//! On PostgreSQL transactions commit out of order; there the place begins with the transaction's id, and a row of the
//! current epoch shows only once every transaction with a lower id has ended (`xid < pg_snapshot_xmin(...)`). So a reader
//! that has seen a place never later finds a record before it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::db::json_text::JsonText;
use crate::db::schema::records;
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

pub fn insert(conn: &mut Conn, rows: &[NewRecord]) -> Stored<()> {
    match conn {
        // 9 values a row: far below PostgreSQL's 65,535 parameters.
        Conn::Pg(c) => {
            rows.chunks(1000).try_for_each(|chunk| diesel::insert_into(records::table).values(chunk).execute(c).map(drop))?;
        }
        // Parsed once: see `put_answers` of attempts.
        Conn::Sqlite(c) => {
            rows.iter().try_for_each(|row| diesel::insert_into(records::table).values(row).execute(c).map(drop))?;
        }
    }
    Ok(())
}

/// True for records that every reader may see: see the head of this file.
fn settled(postgres: bool) -> &'static str {
    if postgres { "(xid < pg_snapshot_xmin(pg_current_snapshot()) OR epoch < current_epoch())" } else { "1 = 1" }
}

/// What stands around the three numbers of a place in the condition "later than that place". On SQLite epoch and xid are
/// always 0, and its index can be entered at `seq` only by a condition on `seq` itself: the row value would read the log
/// from its beginning.
fn later(postgres: bool) -> [&'static str; 4] {
    if postgres { ["(epoch, xid, seq) > (", ", ", ", ", ")"] } else { ["epoch = ", " AND xid = ", " AND seq > ", ""] }
}

/// The page after `after`, at most `limit` rows, in order.
pub fn page(conn: &mut Conn, tenant: Id, filter: &Filter, after: Position, limit: i64) -> Stored<Vec<Row>> {
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

/// After a restore the server's transaction ids may be lower than the stored ones: then a new epoch begins, whose records
/// all come after the old ones.
pub fn begin_epoch_if_restored(conn: &mut Conn) -> Stored<bool> {
    let Conn::Pg(pg) = conn else { return Ok(false) };
    let n = diesel::sql_query(
        "UPDATE log_epoch SET epoch = epoch + 1 WHERE EXISTS (\
         SELECT 1 FROM records WHERE epoch = current_epoch() AND xid > pg_current_xact_id() LIMIT 1)",
    )
    .execute(pg)?;
    Ok(n == 1)
}
