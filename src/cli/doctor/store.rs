//! What the doctor asks a database. It reads alone.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::clock::Clock;
use crate::db::schema::records;
use crate::db::types::Time;
use crate::db::{PgConn, Stored};

#[derive(QueryableByName)]
struct SettingRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    setting: String,
}

#[derive(QueryableByName)]
struct ServerRow {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Bool)]
    superuser: bool,
}

#[derive(QueryableByName)]
struct ServerClockRow {
    #[diesel(sql_type = BigInt)]
    micros: i64,
}

#[derive(QueryableByName)]
struct JournalRow {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// The version of a PostgreSQL server, and whether the role may do everything on it.
pub fn version_and_role(conn: &mut PgConn) -> Stored<(i64, bool)> {
    let server: ServerRow = diesel::sql_query(
        "SELECT current_setting('server_version_num')::bigint AS version, \
         coalesce((SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user), false) AS superuser",
    )
    .get_result(conn)?;
    Ok((server.version, server.superuser))
}

/// The settings of a PostgreSQL server that the rules know.
pub fn server_settings(conn: &mut PgConn) -> Stored<Vec<(String, String)>> {
    let settings: Vec<SettingRow> = diesel::sql_query(
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', \
         'max_connections', 'superuser_reserved_connections') ORDER BY name",
    )
    .load(conn)?;
    Ok(settings.into_iter().map(|row| (row.name, row.setting)).collect())
}

/// How far the server's clock is ahead of ours, in milliseconds: against the middle of the question and its answer.
pub fn clock_ahead(conn: &mut PgConn, clock: &Clock) -> Stored<i64> {
    let before = clock.now();
    let there: ServerClockRow =
        diesel::sql_query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros").get_result(conn)?;
    let after = clock.now();
    Ok((there.micros - (before.0 + (after.0 - before.0) / 2)) / 1000)
}

pub fn journal_mode(conn: &mut SqliteConnection) -> Stored<String> {
    let row: JournalRow = diesel::sql_query("SELECT journal_mode FROM pragma_journal_mode").get_result(conn)?;
    Ok(row.journal_mode)
}

/// When the newest record of a SQLite database was made.
pub fn newest_record(conn: &mut SqliteConnection) -> Stored<Option<Time>> {
    Ok(records::table.order(records::seq.desc()).select(records::recorded_at).first(conn).optional()?)
}
