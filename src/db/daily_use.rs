//! What somebody used today of what has a bound by day: one row for each owner, topic and day, written in the transaction of
//! the effect.

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::schema::daily_use as used;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// The day of a time, in UTC, counted from 1970.
pub fn day(now: Time) -> i64 {
    now.0.div_euclid(DAY_MICROS)
}

/// Seconds until the next day begins, at least 1.
pub fn seconds_left(now: Time) -> i64 {
    (DAY_MICROS - now.0.rem_euclid(DAY_MICROS)).div_euclid(1_000_000).max(1)
}

/// Adds one use of so many bytes; (uses, bytes) of today with it. Until this transaction ends, others of the same owner wait.
pub fn add(conn: &mut Conn, tenant: Id, owner: Id, topic: &str, bytes: i64, now: Time) -> Stored<(i64, i64)> {
    let row = (
        used::tenant_id.eq(tenant),
        used::owner_id.eq(owner),
        used::topic.eq(topic),
        used::day.eq(day(now)),
        used::uses.eq(1_i64),
        used::bytes.eq(bytes),
    );
    Ok(each!(conn, c => diesel::insert_into(used::table)
        .values(row)
        .on_conflict((used::tenant_id, used::owner_id, used::topic, used::day))
        .do_update()
        .set((used::uses.eq(used::uses + excluded(used::uses)), used::bytes.eq(used::bytes + excluded(used::bytes))))
        .returning((used::uses, used::bytes))
        .get_result(c))?)
}

/// Forgets the days before yesterday; called now and then.
pub fn forget_old_days(conn: &mut Conn, now: Time) -> Stored<usize> {
    let oldest = day(now).saturating_sub(1);
    Ok(each!(conn, c => diesel::delete(used::table.filter(used::day.lt(oldest))).execute(c))?)
}
