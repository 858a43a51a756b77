//! Turns: who makes one more of what a tenant has only so many of counts first, and two who count at once would both find room.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use sha2::{Digest, Sha256};

use crate::db::Conn;
use crate::db::types::Id;

/// Waits until no other transaction counts `what` of this tenant, and keeps others waiting until this one ends. On SQLite there is
/// one writer, whose turn it is.
pub fn count_alone(conn: &mut Conn, tenant: Id, what: &str) -> QueryResult<()> {
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let digest = Sha256::new().chain_update(b"count\0").chain_update(tenant.0.as_bytes()).chain_update(what).finalize();
    // Two things of the same number wait for each other, which costs a moment and nothing else.
    let number = digest.iter().take(8).fold(0_i64, |n, byte| (n << 8) | i64::from(*byte));
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(number).execute(pg).map(drop)
}
