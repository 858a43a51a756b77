//! SQLite's file on the disk: which file it is, who holds it, what stands beside it, whether it is still there.
//!
//! | file | what it is |
//! |---|---|
//! | `waymark.db` | the database; with `-wal` and `-shm` beside it while somebody has it open |
//! | `waymark.db.lock` | held by a server; remembers that there was a database, and how far its feed was read ([`beside`]) |
//! | `waymark.db.migrate-lock` | held by whoever starts, migrates or writes from the command line |
//!
//! SQLite's own locks (fcntl) end when *any* descriptor of the file is closed in the process, so nothing here opens the
//! database by itself after connections may exist; the one descriptor that [`lock`] takes is never closed.

pub mod backup;
pub mod beside;
pub mod examine;
pub mod lock;
pub mod restore;
pub mod watch;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::error::Problem;

/// How the database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For reading and writing; it is never made by opening it.
    Write,
    /// For reading, beside whoever writes.
    Read,
    /// For reading, where nobody writes and nothing may be made beside it.
    ReadAlone,
}

/// The database file under the one name that SQLite itself would use: symbolic links followed, from the root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFile {
    pub path: PathBuf,
}

impl DatabaseFile {
    /// Fails where the folder is not there.
    pub fn of(path: &Path) -> Result<DatabaseFile, Problem> {
        let mut path = path.to_path_buf();
        // A link to what does not exist yet.
        for _ in 0..40 {
            let Ok(target) = std::fs::read_link(&path) else { break };
            path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder).map_err(|e| {
            Problem::internal(format!(
                "the folder {} of the database cannot be used: {e}; make it, or mend DATABASE_URL",
                folder.display()
            ))
        })?;
        let Some(name) = path.file_name() else {
            return Err(Problem::internal(format!("{} is a folder, not a database file; mend DATABASE_URL", path.display())));
        };
        Ok(DatabaseFile { path: folder.join(name) })
    }

    /// The name with something after it.
    pub fn with(&self, ending: &str) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(ending);
        PathBuf::from(name)
    }

    pub fn exists(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok()
    }

    /// As SQLite wants it (<https://www.sqlite.org/uri.html>).
    fn uri(&self, mode: Mode) -> Result<String, Problem> {
        let path = self.path.to_str().ok_or_else(|| {
            Problem::internal(format!("the path of the database is not UTF-8: {}; choose another", self.path.display()))
        })?;
        let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let mode = match mode {
            Mode::Write => "mode=rw",
            Mode::Read => "mode=ro",
            Mode::ReadAlone => "mode=ro&immutable=1",
        };
        Ok(format!("file://{path}?{mode}"))
    }

    /// Opens it without any of the service's settings.
    pub fn open(&self, mode: Mode) -> Result<SqliteConnection, Problem> {
        let uri = self.uri(mode)?;
        let conn = SqliteConnection::establish(&uri).map_err(|e| examine::refusal(self, &e.to_string()))?;
        Ok(conn)
    }

    /// Makes an empty database of ours. It appears under its name only when it is one, so that an empty file there is never
    /// of our making. Who makes it at the same time makes the same.
    pub fn make(&self) -> Result<(), Problem> {
        let failed =
            |e: &dyn std::fmt::Display| Problem::internal(format!("cannot make the database {}: {e}", self.path.display()));
        let part = DatabaseFile { path: self.with(&format!(".new-{}", std::process::id())) };
        private(&part.path, true).map_err(|e| failed(&e))?;
        let made = part.open(Mode::Write).and_then(|mut conn| {
            let id = examine::APPLICATION_ID;
            Ok(conn.batch_execute(&format!("PRAGMA journal_mode = WAL; PRAGMA application_id = {id}"))?)
        });
        let published = made.and_then(|()| give_name(&part.path, &self.path).map_err(|e| failed(&e)));
        let _ = std::fs::remove_file(&part.path);
        published.map(drop)
    }
}

/// Opens a file that its owner alone may read, empty.
pub fn private(path: &Path, fresh: bool) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(fresh);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a finished file its name, on the disk too; `false` where something has the name already.
pub fn give_name(part: &Path, name: &Path) -> std::io::Result<bool> {
    File::open(part)?.sync_all()?;
    let free = match std::fs::hard_link(part, name) {
        Ok(()) => true,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => false,
        // A file system without hard links.
        Err(_) if std::fs::symlink_metadata(name).is_ok() => false,
        Err(_) => {
            std::fs::rename(part, name)?;
            true
        }
    };
    let _ = std::fs::remove_file(part);
    settle(name);
    Ok(free)
}

/// Makes sure that the names in the folder of `path` are on the disk.
pub fn settle(path: &Path) {
    if let Some(Err(error)) = path.parent().map(|folder| File::open(folder).and_then(|folder| folder.sync_all())) {
        tracing::warn!(%error, folder = %path.display(), "cannot sync a folder");
    }
}

/// What tells one file from another, whatever it is called: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    pub device: u64,
    pub inode: u64,
}

impl FileIdentity {
    #[cfg(unix)]
    pub fn of(facts: &std::fs::Metadata) -> FileIdentity {
        use std::os::unix::fs::MetadataExt;
        FileIdentity { device: facts.dev(), inode: facts.ino() }
    }

    #[cfg(not(unix))]
    pub fn of(_: &std::fs::Metadata) -> FileIdentity {
        FileIdentity { device: 0, inode: 0 }
    }

    /// Of what stands at `path` now; `None` where nothing does.
    pub fn at(path: &Path) -> Option<FileIdentity> {
        std::fs::metadata(path).ok().map(|facts| FileIdentity::of(&facts))
    }
}
