//! `waymark backup` and `waymark restore`: a SQLite database to a file and back. PostgreSQL has its own programs for that.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::{CliFailure, print};
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::db::connect::Opener;
use crate::db::file::{DatabaseFile, backup, restore};

pub const BACKUP_HELP: &str = "\
The service may run and write meanwhile. The copy is one file, readable by its owner alone; it holds the signing keys and all
personal data, so treat it as the database itself (WAYMARK_KEY_SECRET, where it is set, is not in it). It is checked and
counted against the database before it gets its name; an existing file is never overwritten. What was erased is not in it.

Exit codes: 0 the backup is whole; 1 refused or failed, and no file of that name was left; 2 wrong usage.

Example: waymark backup /backups/waymark-$(date +%F).db
PostgreSQL: pg_dump; docs/backup.md says how.";

pub const RESTORE_HELP: &str = "\
Stop the service first: the command refuses while a server holds the database. The backup is checked, copied, and put in the
place of the database; the replaced one is kept beside it under a name with the time. The record feed then goes on in a new
epoch, so that whoever follows it misses nothing that comes.

Exit codes: 0 restored; 1 refused or failed, and the database is as it was (the message says so where it is not); 2 wrong usage.

Example: waymark restore /backups/waymark-2026-11-29.db
PostgreSQL: pg_restore; docs/backup.md says how.";

#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; must not exist
    file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `waymark backup` wrote, or another whole copy of a database of this service
    file: PathBuf,
}

fn sqlite<'a>(config: &'a Config, instead: &str) -> Result<&'a Path, CliFailure> {
    match &config.database {
        Database::Sqlite(path) => Ok(path.as_path()),
        Database::Postgres(_) => {
            Err(format!("this command is for SQLite; for PostgreSQL use {instead} (docs/backup.md says how)").into())
        }
    }
}

pub fn run_backup(config: &Config, flags: &Backup) -> Result<u8, CliFailure> {
    let file = DatabaseFile::of(sqlite(config, "pg_dump")?)?;
    let style = indicatif::ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}, {eta} left")?;
    let bar = indicatif::ProgressBar::new(0).with_style(style).with_message("copying");
    let done = backup::backup(&file, &flags.file, &|done, all| {
        bar.set_length(all);
        bar.set_position(done);
        if done == all {
            bar.set_message("checking");
        }
    });
    bar.finish_and_clear();
    print(&format!("{}: {}\n", flags.file.display(), rows(&done?)))
}

pub fn run_restore(config: &Config, flags: &Restore) -> Result<u8, CliFailure> {
    let file = DatabaseFile::of(sqlite(config, "pg_restore")?)?;
    let done = crate::cli::serve::with_progress("restoring", || {
        restore::restore(&file, &Opener::new(config), &flags.file, Clock::system().now())
    })?;
    let kept = done.kept.map_or_else(String::new, |kept| format!("The replaced database is {}.\n", kept.display()));
    print(&format!(
        "{}: {}\n{kept}The record feed goes on in a new epoch with the next start.\n",
        file.path.display(),
        rows(&done.counts)
    ))
}

/// What people ask first whether it is there.
fn rows(counts: &backup::RowCounts) -> String {
    const TOLD: &[&str] = &["learners", "attempts", "submissions", "records"];
    let told = counts.iter().filter(|(table, _)| TOLD.contains(&table.as_str())).map(|(table, n)| format!("{n} {table}"));
    let all: i64 = counts.iter().map(|(_, n)| n).sum();
    format!("{}; {all} rows in {} tables, checked", told.collect::<Vec<_>>().join(", "), counts.len())
}
