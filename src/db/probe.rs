//! Whether the database takes a write: tried with a row that is taken away again.

use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::db::schema::write_probes;
use crate::db::types::Id;
use crate::db::{Conn, Db, Stored};
use crate::each;
use crate::error::{DatabaseFault, Problem};

/// More than fits on a page of either database, so that a full one has no room for it.
const FILLER: usize = 12 << 10;
/// How long the result of one trial holds for everybody who asks.
const HOLDS: Duration = Duration::from_secs(3);
/// A write that takes longer than this is as good as none.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last time that a write was tried, and what came of it.
#[derive(Default)]
pub struct WriteTrial {
    last: tokio::sync::Mutex<Option<(Instant, Stored<()>)>>,
}

impl WriteTrial {
    /// What the last trial said, or a new one where that is too long ago. Who asks while one runs waits for that one.
    pub async fn result(&self, db: &Db, id: Id) -> Stored<()> {
        let mut last = self.last.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < HOLDS
        {
            return copied(result);
        }
        let trial = tokio::time::timeout(PATIENCE, db.write(move |conn| write_and_take_away(conn, id))).await;
        let result =
            trial.unwrap_or_else(|_| Err(Problem::unavailable(DatabaseFault::Storage, "a write of a few bytes takes too long")));
        let told = copied(&result);
        *last = Some((Instant::now(), result));
        told
    }
}

fn copied(result: &Stored<()>) -> Stored<()> {
    match result {
        Ok(()) => Ok(()),
        Err(problem) => Err(problem.copied()),
    }
}

/// In the transaction of the caller. Every trial has a row of its own, so that processes do not wait for each other.
fn write_and_take_away(conn: &mut Conn, id: Id) -> Stored<()> {
    let row = (write_probes::id.eq(id), write_probes::filler.eq(vec![0_u8; FILLER]));
    each!(conn, c => diesel::insert_into(write_probes::table).values(row).execute(c))?;
    each!(conn, c => diesel::delete(write_probes::table.filter(write_probes::id.eq(id))).execute(c))?;
    Ok(())
}
