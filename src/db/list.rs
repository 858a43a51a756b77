//! Lists in the order in which their rows were made, page by page, with nothing skipped however many write meanwhile.
//!
//! A row's place is (epoch, xid, seq), as in the log (`records/store.rs`): no clock has a say in it. On SQLite the single writer
//! gives places in the order of its commits. On PostgreSQL a transaction may end after one with a higher id, so a page may show rows
//! while rows before them are still to come. The log hides such rows until all before them are settled; a list must not, because
//! whoever has just made something wants to see it. Instead a cursor names, beside the place where its page ended, the
//! transactions before that place that were still running ([`After`]), and the next page begins with what they left.
//!
//! So every page shows whatever was committed when it was asked for, and a walk through all pages shows each row that was there
//! when its last page was read once and no row twice.

use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

use crate::db::types::{Xid, Xid8};
use crate::db::{Conn, Stored};
use crate::error::Problem;

/// The columns (epoch, xid, seq) as they are loaded.
pub type PlaceColumns = (i64, Xid, i64);

/// Where a row stands in its list. The default is before every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ListPlace {
    pub epoch: i64,
    pub xid: Xid,
    pub seq: i64,
}

impl From<PlaceColumns> for ListPlace {
    fn from((epoch, xid, seq): PlaceColumns) -> ListPlace {
        ListPlace { epoch, xid, seq }
    }
}

/// Where a page ended: everything up to `place` was shown, except what the transactions in `running` left. The default is
/// before every row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct After {
    pub place: ListPlace,
    /// In the epoch of `place`, all with lower ids than its own, the lowest first.
    pub running: Vec<Xid>,
    /// Of the one of them with this id, rows up to this seq were shown.
    pub begun: (Xid, i64),
}

/// A part of a list, as a condition on its columns epoch, xid and seq.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Later than `after`, by transactions below `end` of `epoch` or of an earlier one.
    Later { after: ListPlace, epoch: i64, end: Xid },
    /// What one transaction left after `seq`.
    Of { epoch: i64, xid: Xid, seq: i64 },
}

impl Expression for Span {
    type SqlType = Bool;
}

impl<Table> AppearsOnTable<Table> for Span {}

impl<Table> SelectableExpression<Table> for Span {}

impl<Group> ValidGrouping<Group> for Span {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Span {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Span {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Span::Later { after, epoch, end } => {
                out.push_sql("((epoch, xid, seq) > (");
                out.push_bind_param::<BigInt, _>(&after.epoch)?;
                out.push_sql(", ");
                out.push_bind_param::<Xid8, _>(&after.xid)?;
                out.push_sql(", ");
                out.push_bind_param::<BigInt, _>(&after.seq)?;
                out.push_sql(") AND (epoch < ");
                out.push_bind_param::<BigInt, _>(epoch)?;
                out.push_sql(" OR xid < ");
                out.push_bind_param::<Xid8, _>(end)?;
                out.push_sql("))");
            }
            // One by one: a list of ids would be a filter over all that was written since the oldest of them.
            Span::Of { epoch, xid, seq } => {
                out.push_sql("(epoch = ");
                out.push_bind_param::<BigInt, _>(epoch)?;
                out.push_sql(" AND xid = ");
                out.push_bind_param::<Xid8, _>(xid)?;
                out.push_sql(" AND seq > ");
                out.push_bind_param::<BigInt, _>(seq)?;
                out.push_sql(")");
            }
        }
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Span {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // All epochs and transaction ids are 0 there, and its index is entered at `seq` only by a condition on `seq` itself.
        let (Span::Later { after: ListPlace { epoch, xid, seq }, .. } | Span::Of { epoch, xid, seq }) = self;
        out.push_sql("(epoch = ");
        out.push_bind_param::<BigInt, _>(epoch)?;
        out.push_sql(" AND xid = ");
        out.push_bind_param::<Xid8, _>(xid)?;
        out.push_sql(" AND seq > ");
        out.push_bind_param::<BigInt, _>(seq)?;
        out.push_sql(")");
        Ok(())
    }
}

/// What is settled when a page begins to be read: transactions below `end` of `epoch` have ended, but for those in `running`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Horizon {
    epoch: i64,
    end: Xid,
    running: Vec<Xid>,
}

#[derive(QueryableByName)]
struct SnapshotRow {
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Text)]
    snapshot: String,
}

fn horizon(conn: &mut Conn) -> Stored<Horizon> {
    let Conn::Pg(pg) = conn else { return Ok(Horizon { epoch: 0, end: Xid(i64::MAX), running: Vec::new() }) };
    let row: SnapshotRow =
        crate::db::statement::statement("SELECT current_epoch() AS epoch, pg_current_snapshot()::text AS snapshot")
            .get_result(pg)?;
    parsed(row.epoch, &row.snapshot).ok_or_else(|| Problem::internal(format!("a snapshot of the form {:?}", row.snapshot)))
}

/// PostgreSQL's text of a snapshot: `xmin:xmax:xip,xip`.
fn parsed(epoch: i64, snapshot: &str) -> Option<Horizon> {
    let mut parts = snapshot.split(':');
    let xid = |text: &str| text.parse().ok().map(Xid);
    let (_, end, running) = (parts.next()?, xid(parts.next()?)?, parts.next()?);
    let running = running.split(',').filter(|one| !one.is_empty()).map(xid).collect::<Option<_>>()?;
    Some(Horizon { epoch, end, running })
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    pub rows: Vec<T>,
    /// Where it ended, if there was more.
    pub next: Option<After>,
}

/// The page after `after`, at most `limit` rows. `fetch` gives the rows of a span in the order of their places, at most so many.
pub fn list_page<T>(
    conn: &mut Conn,
    after: &After,
    limit: i64,
    fetch: &impl Fn(&mut Conn, Span, i64) -> Stored<Vec<(T, PlaceColumns)>>,
) -> Stored<ListPage<T>> {
    let horizon = horizon(conn)?;
    let size = |rows: &Vec<_>| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let wanted = limit.saturating_add(1);
    let mut rows = Vec::new();
    for xid in after.running.iter().copied().filter(|xid| !horizon.running.contains(xid)) {
        let seq = if xid == after.begun.0 { after.begun.1 } else { 0 };
        let left = wanted.saturating_sub(size(&rows));
        if left > 0 {
            rows.extend(fetch(conn, Span::Of { epoch: after.place.epoch, xid, seq }, left)?);
        }
    }
    let belated = rows.len();
    if size(&rows) < wanted {
        let span = Span::Later { after: after.place, epoch: horizon.epoch, end: horizon.end };
        let left = wanted.saturating_sub(size(&rows));
        rows.extend(fetch(conn, span, left)?);
    }
    let (mut rows, places): (Vec<T>, Vec<ListPlace>) = rows.into_iter().map(|(row, place)| (row, ListPlace::from(place))).unzip();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = (places.len() > limit).then(|| ended(after, &horizon, places.get(..limit).unwrap_or_default(), belated));
    rows.truncate(limit);
    Ok(ListPage { rows, next })
}

/// Where a page ended that was cut after `shown`, of which the first `belated` (or all, where there were more) were left by the
/// transactions that `after` names.
fn ended(after: &After, horizon: &Horizon, shown: &[ListPlace], belated: usize) -> After {
    let last = shown.last().copied().unwrap_or(after.place);
    let is_shown = |xid: Xid| shown.iter().any(|place| place.epoch == horizon.epoch && place.xid == xid);
    let still = |xid: &Xid| horizon.running.contains(xid) && !is_shown(*xid);
    if belated > shown.len() {
        // Cut among them: what comes from there on is for the next page.
        let running = after.running.iter().copied().filter(|xid| *xid >= last.xid || still(xid)).collect();
        return After { place: after.place, running, begun: (last.xid, last.seq) };
    }
    let place = if belated == shown.len() { after.place } else { last };
    let mut running: Vec<Xid> = after.running.iter().copied().filter(still).collect();
    if place.epoch == horizon.epoch {
        let newly = |xid: &Xid| *xid < place.xid && still(xid) && !after.running.contains(xid);
        running.extend(horizon.running.iter().copied().filter(newly));
    }
    running.sort_unstable();
    After { place, running, begun: (Xid(0), 0) }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
