//! A backup put in the place of a SQLite database. Until the last step nothing of the old one is touched, and then it is
//! moved aside, never deleted.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;

use crate::db::connect::Opener;
use crate::db::file::backup::{RowCounts, counts, verified};
use crate::db::file::{DatabaseFile, FileIdentity, Mode, examine, lock, private, settle, watch};
use crate::db::migrate::lock_beside;
use crate::db::types::Time;
use crate::error::Problem;

/// What was put there, and where the replaced database is now.
#[derive(Debug)]
pub struct Restored {
    pub counts: RowCounts,
    pub kept: Option<PathBuf>,
}

/// Puts a copy of `from` where the database is. Needs that no server holds it.
pub fn restore(file: &DatabaseFile, opener: &Opener, from: &Path, now: Time) -> Result<Restored, Problem> {
    let from = DatabaseFile::of(from)?;
    if !from.exists() {
        return Err(Problem::internal(format!("there is no backup at {}", from.path.display())));
    }
    if FileIdentity::at(&from.path) == FileIdentity::at(&file.path) {
        return Err(Problem::internal(format!("{} is the database itself, not a backup of it", from.path.display())));
    }
    examine::ours(&from)?;
    let _commands = lock_beside(file)?;
    lock::for_restore(file)?;
    let part = DatabaseFile { path: file.with(".restoring") };
    let failed = |e: std::io::Error| Problem::internal(format!("cannot write {}: {e}", part.path.display()));
    let done = copied(&from, &part, now).and_then(|counts| {
        std::fs::File::open(&part.path).and_then(|part| part.sync_all()).map_err(failed)?;
        let kept = set_aside(file, opener, now)?;
        std::fs::rename(&part.path, &file.path).map_err(failed)?;
        settle(&file.path);
        Ok(Restored { counts, kept })
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part.path);
    }
    done
}

/// A whole, checked copy of the backup, with a generation that no other database has: the next start begins a new epoch.
fn copied(from: &DatabaseFile, part: &DatabaseFile, now: Time) -> Result<RowCounts, Problem> {
    let failed = |e: std::io::Error| Problem::internal(format!("cannot write {}: {e}", part.path.display()));
    drop(private(&part.path, true).map_err(failed)?);
    let into = part.path.to_str().unwrap_or_default().replace('\'', "''");
    let unusable = |why: &str| Problem::internal(format!("the backup cannot be used, nothing was restored: {why}"));
    let expected = verified(from).map_err(|why| unusable(why.cause().unwrap_or_default()))?;
    let mut source = examine::open_for_reading(from)?;
    source.batch_execute(&format!("VACUUM INTO '{into}'")).map_err(|e| unusable(&e.to_string()))?;
    let mut conn = part.open(Mode::Write)?;
    let there = counts(&mut conn)?;
    if there != expected {
        return Err(unusable("its copy holds other rows"));
    }
    watch::set_generation(&mut crate::db::Conn::Sqlite(conn), &format!("restored {now}"))?;
    Ok(there)
}

/// Moves the database to a name of its own, its write-ahead log with it where that cannot be brought home.
fn set_aside(file: &DatabaseFile, opener: &Opener, now: Time) -> Result<Option<PathBuf>, Problem> {
    if !file.exists() {
        // A log without its database: of a restore that was killed, or of a database that was deleted.
        return move_log(file, &free_name(file, now)).map(|()| None);
    }
    // One that is damaged stays as it is.
    if let Ok(mut conn) = opener.open() {
        let _ = conn.batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    let kept = free_name(file, now);
    let failed =
        |e: std::io::Error| Problem::internal(format!("cannot move {} to {}: {e}", file.path.display(), kept.path.display()));
    std::fs::rename(&file.path, &kept.path).map_err(failed)?;
    move_log(file, &kept)?;
    settle(&file.path);
    Ok(Some(kept.path))
}

fn move_log(file: &DatabaseFile, kept: &DatabaseFile) -> Result<(), Problem> {
    let (log, to) = (file.with("-wal"), kept.with("-wal"));
    if log.exists() {
        std::fs::rename(&log, &to)
            .map_err(|e| Problem::internal(format!("cannot move {} to {}: {e}", log.display(), to.display())))?;
    }
    let _ = std::fs::remove_file(file.with("-shm"));
    Ok(())
}

fn free_name(file: &DatabaseFile, now: Time) -> DatabaseFile {
    let stamp = now.utc().format("%Y%m%dT%H%M%SZ").to_string();
    let named = |ending: String| DatabaseFile { path: file.with(&format!(".replaced-{stamp}{ending}")) };
    let more = (2..10_000).map(|n| format!("-{n}"));
    let mut names = std::iter::once(String::new()).chain(more).map(named);
    names.find(|name| !name.exists() && !name.with("-wal").exists()).unwrap_or_else(|| named("-more".to_owned()))
}
