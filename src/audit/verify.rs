//! Following a tenant's chain from its first entry to its end, piece by piece.

use crate::audit::rules::{self, ChainBreak, ChainEnd, ChainFault};
use crate::audit::store::{self, AuditRow};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::DatabaseFault;

/// How many entries are held at a time.
const PIECE: i64 = 1_000;

/// The end of a tenant's chain, or the first entry that does not hold. `seen` is told how far it is and how far it goes. Others may
/// append meanwhile.
pub fn verify_chain(conn: &mut Conn, tenant: Id, seen: &dyn Fn(i64, i64)) -> Stored<Result<ChainEnd, ChainFault>> {
    let mut end = ChainEnd::default();
    let mut head = store::head(conn, tenant)?;
    loop {
        let rows = match piece(conn, tenant, end.number)? {
            Ok(rows) => rows,
            Err(fault) => return Ok(Err(fault)),
        };
        for row in &rows {
            end = match rules::next_end(&end, &row.facts(), &row.sha256) {
                Ok(end) => end,
                Err(fault) => return Ok(Err(fault)),
            };
        }
        seen(end.number, head.as_ref().map_or(0, |head| head.number).max(end.number));
        if rows.is_empty() {
            // What was appended after the last look is behind this head, so it is looked at once more before anything is missed.
            let now = store::head(conn, tenant)?;
            if now == head {
                return Ok(rules::ends_at(&end, head.as_ref()).map(|()| end));
            }
            head = now;
        }
    }
}

fn piece(conn: &mut Conn, tenant: Id, after: i64) -> Stored<Result<Vec<AuditRow>, ChainFault>> {
    match store::entries_behind(conn, tenant, after, PIECE) {
        Ok(rows) => Ok(Ok(rows)),
        Err(problem) if problem.fault() == DatabaseFault::None => first_readable(conn, tenant, after),
        Err(problem) => Err(problem),
    }
}

/// One entry alone, where a piece has one that cannot be read.
fn first_readable(conn: &mut Conn, tenant: Id, after: i64) -> Stored<Result<Vec<AuditRow>, ChainFault>> {
    match store::entries_behind(conn, tenant, after, 1) {
        Ok(rows) => Ok(Ok(rows)),
        Err(_) => {
            let number = store::number_behind(conn, tenant, after)?.unwrap_or_else(|| after.saturating_add(1));
            Ok(Err(ChainFault { number, why: ChainBreak::Unreadable }))
        }
    }
}

/// Whether the chain still has the entry whose hash somebody noted.
pub fn verify_noted(conn: &mut Conn, tenant: Id, noted: &ChainEnd) -> Stored<Result<(), ChainFault>> {
    let there = store::sha256_of(conn, tenant, noted.number)?;
    let fault = ChainFault { number: noted.number, why: ChainBreak::NotAsNoted };
    Ok(if there.as_ref() == Some(&noted.sha256) { Ok(()) } else { Err(fault) })
}
