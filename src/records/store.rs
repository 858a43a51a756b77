//! All SQL of the log.
//!
//! A record's place is (epoch, xid, seq). On SQLite the single writer commits in the order of `seq`, and xid is 0.
//! On PostgreSQL transactions commit out of order; there the place begins with the transaction's id, and a row of the
//! current epoch shows only once every transaction with a lower id has ended (`xid < pg_snapshot_xmin(...)`). So a reader
//! that has seen a place never later finds a record before it.

use diesel::backend::Backend;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Binary, Bool, HasSqlType, Integer, Nullable, Text};

use crate::db::conn::column;
use crate::db::epochs::last_seq;
use crate::db::packed::Packed;
use crate::db::schema::{log_epoch, records};
use crate::db::statement::{Condition, statement};
use crate::db::types::{Id, Moment, Time, Uid, Xid, Xid8};
use crate::db::{Conn, Stored};
use crate::each;
use crate::records::envelope::EnvelopeColumns;

#[derive(Debug)]
pub struct NewRecord {
    pub tenant_id: Id,
    pub id: Id,
    pub kind: String,
    pub schema_version: i32,
    pub learner_id: Option<Id>,
    pub lesson: Option<String>,
    pub object_id: String,
    pub recorded_at: Time,
    pub envelope: Packed,
    pub counted: bool, // because the tenant has a bound to its records of a day
}

/// Where a record stands in the log. The default is before every record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct RecordPosition {
    pub epoch: i64,
    pub xid: i64,
    pub seq: i64,
}

#[derive(Debug)]
pub struct RecordRow {
    pub epoch: i64,
    pub xid: Xid,
    pub seq: i64,
    pub id: Id,
    pub kind: String,
    pub schema_version: i32,
    pub learner_id: Option<Id>,
    pub recorded_at: Time,
    pub envelope: Packed,
}

impl RecordRow {
    pub fn columns(&self, tenant: Id) -> EnvelopeColumns {
        EnvelopeColumns {
            id: self.id,
            kind: self.kind.clone(),
            schema_version: self.schema_version,
            tenant,
            learner: self.learner_id,
            recorded_at: self.recorded_at,
        }
    }

    pub fn position(&self) -> RecordPosition {
        RecordPosition { epoch: self.epoch, xid: self.xid.0, seq: self.seq }
    }
}

/// What a reader wants to see.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    pub learner: Option<Id>,
    pub lesson: Option<String>,
    pub kinds: Vec<String>,
}

pub fn insert(conn: &mut Conn, rows: &[NewRecord]) -> Stored<()> {
    match conn {
        _ if rows.is_empty() => {}
        // One text for any number of rows, so that it is parsed and planned once.
        Conn::Pg(c) => {
            let query = statement(
                "INSERT INTO records (tenant_id, id, kind, schema_version, learner_id, lesson, object_id, recorded_at, packed, envelope) \
                 SELECT *, 'null'::jsonb FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::int4[], ?::uuid[], ?::text[], \
                 ?::text[], ?::timestamptz[], ?::bytea[])",
            );
            let query = query
                .bind::<Array<Uid>, _>(column(rows, |row| row.tenant_id))
                .bind::<Array<Uid>, _>(column(rows, |row| row.id))
                .bind::<Array<Text>, _>(column(rows, |row| row.kind.as_str()))
                .bind::<Array<Integer>, _>(column(rows, |row| row.schema_version))
                .bind::<Array<Nullable<Uid>>, _>(column(rows, |row| row.learner_id))
                .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.lesson.as_deref()))
                .bind::<Array<Text>, _>(column(rows, |row| row.object_id.as_str()))
                .bind::<Array<Moment>, _>(column(rows, |row| row.recorded_at))
                .bind::<Array<Binary>, _>(column(rows, |row| &row.envelope));
            query.execute(c)?;
        }
        Conn::Sqlite(c) => rows.iter().try_for_each(|row| insert_one(c, row))?,
    }
    Ok(())
}

/// SQLite has the epoch in a table of its own: PostgreSQL's column has a default that reads it, one of SQLite cannot.
fn insert_one(conn: &mut SqliteConnection, row: &NewRecord) -> QueryResult<()> {
    let query = statement(
        "INSERT INTO records (tenant_id, epoch, id, kind, schema_version, learner_id, lesson, object_id, recorded_at, packed, envelope) \
         VALUES (?, (SELECT epoch FROM log_epoch), ?, ?, ?, ?, ?, ?, ?, ?, '')",
    );
    let query = query
        .bind::<Uid, _>(row.tenant_id)
        .bind::<Uid, _>(row.id)
        .bind::<Text, _>(&row.kind)
        .bind::<Integer, _>(row.schema_version)
        .bind::<Nullable<Uid>, _>(row.learner_id)
        .bind::<Nullable<Text>, _>(&row.lesson)
        .bind::<Text, _>(&row.object_id)
        .bind::<Moment, _>(row.recorded_at)
        .bind::<Binary, _>(&row.envelope);
    query.execute(conn).map(drop)
}

/// The envelope as it is stored, in either way: see [`crate::db::packed`].
fn stored_envelope(postgres: bool) -> &'static str {
    if postgres { "coalesce(packed, convert_to(envelope::text, 'UTF8'))" } else { "coalesce(packed, envelope)" }
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

/// A page of the feed.
#[derive(Debug)]
pub struct FeedPage {
    pub rows: Vec<RecordRow>,
    /// Where to go on: everything up to here is in this page, or not asked for.
    pub reached: RecordPosition,
    /// Whether there may be more behind that place.
    pub has_more: bool,
}

/// How many records one page looks at, at most: it may hold little or nothing then, and the next one goes on behind it.
const LOOKED_AT: i64 = 5_000;
/// A page ends behind the record with which its envelopes have this many bytes as they are told, so that none fills the memory.
const PAGE_BYTES: usize = 1 << 20;
/// How many records are read at once at first.
const STEP: i64 = 100;

/// The page after `after`, at most `limit` rows, in order. `learners` are those of whom the filter means one.
pub fn page(
    conn: &mut Conn,
    tenant: Id,
    (filter, learners): (&RecordFilter, &[Id]),
    after: RecordPosition,
    limit: i64,
) -> Stored<FeedPage> {
    // Read first: whatever is settled now is seen by the queries below, so that up to here nothing is left out.
    let end = settled_end(conn, tenant)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut rows, mut reached, mut left, mut bytes) = (Vec::new(), after, LOOKED_AT, 0_usize);
    let mut step = limit.saturating_add(1).min(STEP);
    loop {
        let (postgres, before) = (conn.is_postgres(), rows.len());
        let query = Examine { tenant, filter, learners, after: reached, xid: Xid(reached.xid), limit: step, postgres };
        let found: Vec<Examined> = each!(conn, c => query.load(c))?;
        let looked_at = found.len();
        let was_last = i64::try_from(looked_at).unwrap_or(i64::MAX) < step;
        for (epoch, xid, seq, envelope, (id, kind, schema_version, learner_id, recorded_at)) in found {
            match envelope {
                Some(_) if rows.len() >= most || bytes >= PAGE_BYTES => return Ok(FeedPage { rows, reached, has_more: true }),
                Some(envelope) => {
                    bytes = bytes.saturating_add(envelope.size());
                    rows.push(RecordRow { epoch, xid, seq, id, kind, schema_version, learner_id, recorded_at, envelope });
                }
                None => {}
            }
            reached = RecordPosition { epoch, xid: xid.0, seq };
        }
        left -= step;
        // On SQLite a page goes on into a later epoch step by step; there are as many as there were restores.
        if was_last && let Some(epoch) = next_epoch(conn, tenant, reached.epoch)? {
            reached = RecordPosition { epoch, xid: 0, seq: 0 };
        } else if was_last {
            return Ok(FeedPage { rows, reached: reached.max(end), has_more: false });
        }
        if left <= 0 {
            return Ok(FeedPage { rows, reached, has_more: true });
        }
        // Where few of them are asked for, more are looked at next; what is asked for comes in pieces, for the sake of its bytes.
        let is_rare = rows.len().saturating_sub(before) < looked_at / 2;
        step = if is_rare { step.saturating_mul(4) } else { step }.min(left);
    }
}

/// On SQLite the next epoch of which there are records. PostgreSQL's page goes on into it by itself.
fn next_epoch(conn: &mut Conn, tenant: Id, epoch: i64) -> Stored<Option<i64>> {
    let Conn::Sqlite(c) = conn else { return Ok(None) };
    let later = records::table.filter(records::tenant_id.eq(tenant)).filter(records::epoch.gt(epoch));
    Ok(later.select(diesel::dsl::min(records::epoch)).first(c)?)
}

/// The last place up to which every reader sees everything of this tenant.
fn settled_end(conn: &mut Conn, tenant: Id) -> Stored<RecordPosition> {
    let settled = settled(conn.is_postgres());
    let last: Option<(i64, Xid, i64)> = each!(conn, c => records::table
        .filter(records::tenant_id.eq(tenant))
        .filter(Condition(settled))
        .order((records::epoch.desc(), records::xid.desc(), records::seq.desc()))
        .select((records::epoch, records::xid, records::seq))
        .first(c)
        .optional())?;
    Ok(last.map_or_else(RecordPosition::default, |(epoch, xid, seq)| RecordPosition { epoch, xid: xid.0, seq }))
}

/// A place, and the record there if it is one of those that are asked for.
type Examined = (i64, Xid, i64, Option<Packed>, (Id, String, i32, Option<Id>, Time));

/// The next `limit` records after a place that one part of the filter names, each along an index of that part. Several kinds
/// are as many ordered reads, which the database merges while it reads: no more than `limit` rows are touched.
#[derive(Debug, Clone, Copy)]
struct Examine<'a> {
    tenant: Id,
    filter: &'a RecordFilter,
    /// The learner of the filter, and those that are merged into it.
    learners: &'a [Id],
    after: RecordPosition,
    xid: Xid,
    limit: i64,
    postgres: bool,
}

impl<'a> Examine<'a> {
    /// The part that an index finds: each arm has one value of it.
    fn arms(&self) -> Vec<Arm<'a>> {
        match (&self.filter.learner, &self.filter.lesson) {
            (Some(_), _) => self.learners.iter().map(Arm::Learner).collect(),
            (None, _) if !self.filter.kinds.is_empty() => self.filter.kinds.iter().map(|kind| Arm::Kind(kind)).collect(),
            (None, Some(lesson)) => vec![Arm::Lesson(lesson)],
            (None, None) => vec![Arm::All],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arm<'a> {
    All,
    Learner(&'a Id),
    Kind(&'a str),
    Lesson(&'a str),
}

impl QueryId for Examine<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Examine<'_> {
    type SqlType = (BigInt, Xid8, BigInt, Nullable<Binary>, (Uid, Text, Integer, Nullable<Uid>, Moment));
}

impl<C> RunQueryDsl<C> for Examine<'_> {}

impl Examine<'_> {
    /// The record itself, where the parts of the filter that the index of this arm does not know hold for it.
    fn push_asked_for<'b, DB>(&'b self, arm: Arm<'b>, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        str: ToSql<Text, DB>,
    {
        let kinds = matches!(arm, Arm::Learner(_)) && !self.filter.kinds.is_empty();
        let lesson = self.filter.lesson.as_deref().filter(|_| !matches!(arm, Arm::Lesson(_)));
        if !kinds && lesson.is_none() {
            out.push_sql(stored_envelope(self.postgres));
            return Ok(());
        }
        out.push_sql("CASE WHEN 1 = 1");
        if let Some(lesson) = lesson {
            out.push_sql(" AND lesson = ");
            out.push_bind_param::<Text, _>(lesson)?;
        }
        if kinds {
            for (number, kind) in self.filter.kinds.iter().enumerate() {
                out.push_sql(if number == 0 { " AND kind IN (" } else { ", " });
                out.push_bind_param::<Text, _>(kind.as_str())?;
            }
            out.push_sql(")");
        }
        out.push_sql(" THEN ");
        out.push_sql(stored_envelope(self.postgres));
        out.push_sql(" END");
        Ok(())
    }
}

impl<DB> QueryFragment<DB> for Examine<'_>
where
    DB: Backend + HasSqlType<Uid> + HasSqlType<Xid8>,
    Id: ToSql<Uid, DB>,
    Xid: ToSql<Xid8, DB>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        const ORDERED: &str = " ORDER BY epoch, xid, seq LIMIT ";
        let [open, then, last, close] = later(self.postgres);
        let arms = self.arms();
        // PostgreSQL merges what is in order, each arm by its own index; SQLite merges what it may order itself.
        let wrapped = self.postgres && arms.len() > 1;
        for (number, arm) in arms.into_iter().enumerate() {
            if number > 0 {
                out.push_sql(" UNION ALL ");
            }
            if wrapped {
                out.push_sql("SELECT * FROM (");
            }
            out.push_sql("SELECT epoch, xid, seq, ");
            self.push_asked_for(arm, out.reborrow())?;
            out.push_sql(" AS envelope, id, kind, schema_version, learner_id, recorded_at FROM records WHERE tenant_id = ");
            out.push_bind_param::<Uid, _>(&self.tenant)?;
            match arm {
                Arm::All => {}
                Arm::Learner(learner) => {
                    out.push_sql(" AND learner_id = ");
                    out.push_bind_param::<Uid, _>(learner)?;
                }
                Arm::Kind(kind) => {
                    out.push_sql(" AND kind = ");
                    out.push_bind_param::<Text, _>(kind)?;
                }
                Arm::Lesson(lesson) => {
                    out.push_sql(" AND lesson = ");
                    out.push_bind_param::<Text, _>(lesson)?;
                }
            }
            out.push_sql(" AND ");
            out.push_sql(open);
            out.push_bind_param::<BigInt, _>(&self.after.epoch)?;
            out.push_sql(then);
            out.push_bind_param::<Xid8, _>(&self.xid)?;
            out.push_sql(last);
            out.push_bind_param::<BigInt, _>(&self.after.seq)?;
            out.push_sql(close);
            out.push_sql(" AND ");
            out.push_sql(settled(self.postgres));
            if wrapped {
                out.push_sql(ORDERED);
                out.push_bind_param::<BigInt, _>(&self.limit)?;
                out.push_sql(") AS one");
            }
        }
        out.push_sql(ORDERED);
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

/// What a record is about, where its envelope cannot be read.
pub fn object_id(conn: &mut Conn, tenant: Id, at: RecordPosition) -> Stored<String> {
    Ok(each!(conn, c => records::table
        .filter(records::tenant_id.eq(tenant))
        .filter(records::epoch.eq(at.epoch))
        .filter(records::xid.eq(Xid(at.xid)))
        .filter(records::seq.eq(at.seq))
        .select(records::object_id)
        .first(c))?)
}

/// Whether the log ends before this place, so that a reader who was told it was told of a log that is gone.
pub fn ends_before(conn: &mut Conn, place: RecordPosition) -> Stored<bool> {
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
