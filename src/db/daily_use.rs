//! What somebody used today of what has a bound by day: one row for each owner, topic and day, written in the transaction of
//! the effect.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::schema::daily_use as used;
use crate::db::statement::statement;
use crate::db::types::{Id, Time, Uid};
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

/// Adds so many uses of so many bytes; (uses, bytes) of today with them. Until this transaction ends, others of the same owner wait.
pub fn add(conn: &mut Conn, (tenant, owner): (Id, Id), topic: &str, (uses, bytes): (i64, i64), now: Time) -> Stored<(i64, i64)> {
    let total: UsedToday = each!(conn, c => statement(
        "INSERT INTO daily_use AS today (tenant_id, owner_id, topic, day, uses, bytes) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT (tenant_id, owner_id, topic, day) DO UPDATE SET uses = today.uses + excluded.uses, bytes = today.bytes + excluded.bytes \
         RETURNING uses, bytes")
        .bind::<Uid, _>(tenant)
        .bind::<Uid, _>(owner)
        .bind::<Text, _>(topic)
        .bind::<BigInt, _>(day(now))
        .bind::<BigInt, _>(uses)
        .bind::<BigInt, _>(bytes)
        .get_result(c))?;
    Ok((total.uses, total.bytes))
}

#[derive(QueryableByName)]
struct UsedToday {
    #[diesel(sql_type = BigInt)]
    uses: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// How many uses of a topic there were today.
pub fn uses_today(conn: &mut Conn, (tenant, owner): (Id, Id), topic: &str, now: Time) -> Stored<i64> {
    let all = of_owner(conn, tenant, owner)?;
    let today = all.into_iter().find(|(of, on, ..)| of == topic && *on == day(now));
    Ok(today.map_or(0, |(_, _, uses, _)| uses))
}

/// (topic, day, uses, bytes) of all that an owner used on days that are not forgotten.
pub fn of_owner(conn: &mut Conn, tenant: Id, owner: Id) -> Stored<Vec<(String, i64, i64, i64)>> {
    Ok(each!(conn, c => used::table
        .filter(used::tenant_id.eq(tenant))
        .filter(used::owner_id.eq(owner))
        .select((used::topic, used::day, used::uses, used::bytes))
        .load(c))?)
}

/// Adds to, or takes from, what an owner used on a day: for what changes its owner. Nothing is ever used less than not at all.
pub fn shift(conn: &mut Conn, tenant: Id, owner: Id, (topic, day): (&str, i64), (uses, bytes): (i64, i64)) -> Stored<()> {
    each!(conn, c => statement(
        "INSERT INTO daily_use AS today (tenant_id, owner_id, topic, day, uses, bytes) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT (tenant_id, owner_id, topic, day) DO UPDATE SET \
         uses = CASE WHEN today.uses + excluded.uses > 0 THEN today.uses + excluded.uses ELSE 0 END, \
         bytes = CASE WHEN today.bytes + excluded.bytes > 0 THEN today.bytes + excluded.bytes ELSE 0 END")
        .bind::<Uid, _>(tenant)
        .bind::<Uid, _>(owner)
        .bind::<Text, _>(topic)
        .bind::<BigInt, _>(day)
        .bind::<BigInt, _>(uses)
        .bind::<BigInt, _>(bytes)
        .execute(c))?;
    Ok(())
}

/// Forgets the days before yesterday; called now and then.
pub fn forget_old_days(conn: &mut Conn, now: Time) -> Stored<usize> {
    let oldest = day(now).saturating_sub(1);
    Ok(each!(conn, c => diesel::delete(used::table.filter(used::day.lt(oldest))).execute(c))?)
}
