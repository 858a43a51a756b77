//! Epochs of the log: a new one begins where the database was put back from a copy, so that no place of the log ever names two
//! records.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::db::file::beside::Noted;
use crate::db::file::watch;
use crate::db::schema::{log_epoch, records, settings};
use crate::db::types::Time;
use crate::db::{Conn, Stored};

/// The highest number that SQLite ever gave to a record of this file.
pub fn last_seq(c: &mut SqliteConnection) -> QueryResult<i64> {
    Ok(records::table.select(diesel::dsl::max(records::seq)).first::<Option<i64>>(c)?.unwrap_or(0))
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
    let inside = watch::file_generation(conn)?;
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
