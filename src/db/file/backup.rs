//! A copy of a SQLite database while it is in use: consistent, whole in one file, without what was erased, readable by its
//! owner alone, and compared with the original before it gets its name.

use std::path::Path;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::file::{DatabaseFile, Mode, examine, give_name, private};
use crate::error::Problem;

/// Table and number of rows.
pub type RowCounts = Vec<(String, i64)>;

/// How far it is, in bytes: done and all.
pub type CopyProgress<'a> = &'a (dyn Fn(u64, u64) + Sync);

#[derive(QueryableByName)]
struct RowCount {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct CheckLine {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Copies the database to `to`, which must not exist. Whoever is writing goes on after a moment.
pub fn backup(file: &DatabaseFile, to: &Path, progress: CopyProgress<'_>) -> Result<RowCounts, Problem> {
    if !file.exists() {
        return Err(Problem::internal(format!("there is no database at {}; mend --database-url", file.path.display())));
    }
    examine::ours(file)?;
    examine::known_name(file)?;
    let to = DatabaseFile::of(to)?;
    if to.exists() {
        return Err(there_already(&to));
    }
    let part = DatabaseFile { path: to.with(".part") };
    let failed = |e: std::io::Error| Problem::internal(format!("cannot write {}: {e}", part.path.display()));
    // Held to the end: a part that nobody holds is what a killed backup left.
    let held = private(&part.path, false).map_err(failed)?;
    held.try_lock().map_err(|_| Problem::internal(format!("another backup is writing {}", part.path.display())))?;
    held.set_len(0).map_err(failed)?;
    let done = whole_copy(file, &part, progress).and_then(|counts| match give_name(&part.path, &to.path).map_err(failed)? {
        true => Ok(counts),
        false => Err(there_already(&to)),
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part.path);
    }
    done
}

fn there_already(to: &DatabaseFile) -> Problem {
    Problem::internal(format!("{} is there already and is not overwritten; choose another name", to.path.display()))
}

/// Copies while others may be writing, and compares the copy with the state of which it was made.
fn whole_copy(file: &DatabaseFile, part: &DatabaseFile, progress: CopyProgress<'_>) -> Result<RowCounts, Problem> {
    let (mut pause, mut state, mut copy) = (file.open(Mode::Write)?, file.open(Mode::Write)?, file.open(Mode::Write)?);
    for conn in [&mut pause, &mut state, &mut copy] {
        conn.batch_execute("PRAGMA busy_timeout = 30000")?;
    }
    // Nobody writes until two readers, one that copies and one that counts, have begun: so they see the same.
    pause.batch_execute("BEGIN IMMEDIATE")?;
    state.batch_execute("BEGIN; SELECT count(*) FROM sqlite_master")?;
    let all = bytes(&mut state)?;
    let into = part.path.to_str().unwrap_or_default().replace('\'', "''");
    std::thread::scope(|scope| {
        let copying = scope.spawn(move || copy.batch_execute(&format!("VACUUM INTO '{into}'")));
        wait(&copying, || bytes_written(part) > 0, || {});
        let resumed = pause.batch_execute("ROLLBACK");
        wait(&copying, || false, || progress(bytes_written(part).min(all), all));
        let copied = copying.join().map_err(|_| Problem::internal("the copying thread panicked"))?;
        copied.map_err(|e| Problem::internal(format!("cannot copy {}: {e}", file.path.display())))?;
        Ok::<(), Problem>(resumed?)
    })?;
    let expected = counts(&mut state)?;
    state.batch_execute("ROLLBACK")?;
    drop(state);
    let there = verified(part)?;
    if there != expected {
        return Err(Problem::internal("the copy holds other rows than the database; it was thrown away"));
    }
    progress(all, all);
    Ok(there)
}

/// Until the thread has ended or `early` holds.
fn wait<T>(thread: &ScopedJoinHandle<'_, T>, early: impl Fn() -> bool, tell: impl Fn()) {
    while !thread.is_finished() && !early() {
        tell();
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn bytes_written(part: &DatabaseFile) -> u64 {
    std::fs::metadata(&part.path).map_or(0, |facts| facts.len())
}

/// How large a copy without free pages is about to be.
fn bytes(conn: &mut SqliteConnection) -> Result<u64, Problem> {
    let size: RowCount = diesel::sql_query(
        "SELECT (p.page_count - f.freelist_count) * s.page_size AS n FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s",
    )
    .get_result(conn)?;
    Ok(u64::try_from(size.n).unwrap_or(0))
}

/// The rows of every table.
pub fn counts(conn: &mut SqliteConnection) -> Result<RowCounts, Problem> {
    let tables: Vec<CheckLine> = diesel::sql_query(
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .load(conn)?;
    let count = |table: CheckLine| -> Result<(String, i64), Problem> {
        let query = format!("SELECT count(*) AS n FROM \"{}\"", table.line.replace('"', "\"\""));
        let row: RowCount = diesel::sql_query(query).get_result(conn)?;
        Ok((table.line, row.n))
    };
    tables.into_iter().map(count).collect()
}

/// Checks a database that nobody writes, and counts its rows.
pub fn verified(file: &DatabaseFile) -> Result<RowCounts, Problem> {
    let mut conn = examine::open_for_reading(file)?;
    let refused = |e: diesel::result::Error| examine::refusal(file, &e.to_string());
    let found: Vec<CheckLine> =
        diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load(&mut conn).map_err(refused)?;
    if let Some(wrong) = found.iter().find(|row| row.line != "ok") {
        // SQLite puts many findings, a line each, into one row below a heading; one of them says enough.
        let first = wrong.line.lines().find(|line| !line.starts_with("***")).unwrap_or_default();
        return Err(examine::refusal(file, &format!("malformed: {first}")));
    }
    let lost: RowCount =
        diesel::sql_query("SELECT count(*) AS n FROM pragma_foreign_key_check").get_result(&mut conn).map_err(refused)?;
    if lost.n > 0 {
        return Err(examine::refusal(file, &format!("malformed: {} rows refer to none", lost.n)));
    }
    counts(&mut conn)
}
