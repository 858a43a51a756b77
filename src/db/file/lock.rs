//! One server at a time on one file, by whatever name it is reached: the lock is on the file itself (flock, which belongs
//! to the inode and minds nobody of SQLite's own fcntl locks) and on the lock file beside its name.

use std::fs::{File, TryLockError};
use std::path::Path;

use parking_lot::Mutex;

use crate::db::file::{DatabaseFile, FileIdentity, beside, examine};
use crate::error::Problem;

/// Locked files of this process. Never closed before it ends: closing any descriptor of a database ends the locks that
/// SQLite holds on it in the whole process (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).
static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Holds the database for a server until the process ends.
pub fn for_server(file: &DatabaseFile, may_replace_lost: bool) -> Result<(), Problem> {
    if file.exists() {
        hold_data(file, "another server holds")?;
    }
    examine::make_sure(file, may_replace_lost)?;
    hold_name(file, "another server holds")?;
    hold_data(file, "another server holds")
}

/// Holds it for a command that replaces it.
pub fn for_restore(file: &DatabaseFile) -> Result<(), Problem> {
    if file.exists() {
        hold_data(file, "a server holds")?;
    }
    hold_name(file, "a server holds")
}

fn hold_name(file: &DatabaseFile, who: &str) -> Result<(), Problem> {
    let name = file.with(beside::LOCK);
    let opened = beside::open_lock_file(&name).map_err(|e| Problem::internal(format!("cannot lock {}: {e}", name.display())))?;
    hold(opened, &name, who)
}

fn hold_data(file: &DatabaseFile, who: &str) -> Result<(), Problem> {
    for _ in 0..100 {
        let here = FileIdentity::at(&file.path);
        let facts = std::fs::metadata(&file.path)
            .map_err(|e| Problem::internal(format!("cannot look at {}: {e}", file.path.display())))?;
        if !facts.is_file() || holds(here) {
            return Ok(());
        }
        // For writing, so that a layered file system gives the file that SQLite will get.
        let opened = File::options().read(true).write(true).open(&file.path).or_else(|_| File::open(&file.path));
        let opened = opened.map_err(|e| Problem::internal(format!("cannot open {}: {e}", file.path.display())))?;
        let mine = opened.metadata().ok().map(|facts| FileIdentity::of(&facts));
        hold(opened, &file.path, who)?;
        // Whoever replaced it meanwhile held the old file: only what still has the name counts.
        if mine.is_some() && mine == FileIdentity::at(&file.path) {
            return Ok(());
        }
    }
    Err(Problem::internal(format!("{} is being replaced again and again", file.path.display())))
}

fn holds(identity: Option<FileIdentity>) -> bool {
    HELD.lock().iter().any(|file| file.metadata().ok().map(|facts| FileIdentity::of(&facts)) == identity)
}

fn hold(file: File, name: &Path, who: &str) -> Result<(), Problem> {
    match file.try_lock() {
        Ok(()) => {
            HELD.lock().push(file);
            Ok(())
        }
        Err(TryLockError::WouldBlock) => Err(Problem::internal(format!(
            "{who} {}. Stop it, choose another database with --database-url, or use PostgreSQL for several processes",
            name.display()
        ))),
        Err(TryLockError::Error(e)) => Err(Problem::internal(format!("cannot lock {}: {e}", name.display()))),
    }
}
