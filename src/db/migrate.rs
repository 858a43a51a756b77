//! The schema, embedded, applied under a lock so that several processes may start at once.

use std::fs::File;
use std::path::{Path, PathBuf};

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::config::{Config, Database};
use crate::db::Conn;
use crate::db::connect::{self, Opener};
use crate::error::Problem;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number of PostgreSQL's advisory lock: "waymark" in ASCII.
const LOCK: i64 = 0x7761_796d_6172_6b;

/// What is to be done, or was.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    UpToDate,
    Applied(usize),
    /// `off` was asked for and these are missing.
    Pending(usize),
}

/// Opens a connection and brings the schema up to date (or, with `apply` false, only tells what is missing), then runs
/// `first`, all under the migration lock. Must be called on a thread that belongs to no async runtime.
pub fn run<T>(config: &Config, apply: bool, first: impl FnOnce(&mut Conn, &Outcome) -> Result<T, Problem>) -> Result<T, Problem> {
    let _lock = match &config.database {
        Database::Sqlite(path) => Some(lock_beside(path)?),
        Database::Postgres(_) => None,
    };
    let mut conn = Opener::new(config).open()?;
    let done = under_lock(&mut conn, apply, first);
    drop(conn);
    // Ends the session, and with it the lock: this thread may go on to serve and never look at that socket again.
    connect::hang_up();
    done
}

fn under_lock<T>(
    conn: &mut Conn,
    apply: bool,
    first: impl FnOnce(&mut Conn, &Outcome) -> Result<T, Problem>,
) -> Result<T, Problem> {
    if conn.is_postgres() {
        // Waiting for another process is no slow statement, and a migration may take as long as it takes.
        conn.batch(&format!("SET statement_timeout = 0; SET lock_timeout = '60s'; SELECT pg_advisory_lock({LOCK}); SET lock_timeout = '5s'"))?;
    }
    let outcome = match conn {
        Conn::Sqlite(c) => bring_up(c, SQLITE, apply),
        Conn::Pg(c) => bring_up(c, POSTGRES, apply),
    }?;
    let done = first(conn, &outcome)?;
    if conn.is_postgres() {
        conn.batch(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    }
    Ok(done)
}

fn bring_up<DB, H>(harness: &mut H, migrations: EmbeddedMigrations, apply: bool) -> Result<Outcome, Problem>
where
    DB: diesel::backend::Backend,
    H: MigrationHarness<DB>,
{
    let pending = harness.pending_migrations(migrations).map_err(|e| Problem::internal(format!("migrations: {e}")))?;
    if pending.is_empty() {
        return Ok(Outcome::UpToDate);
    }
    if !apply {
        return Ok(Outcome::Pending(pending.len()));
    }
    for migration in &pending {
        harness
            .run_migration(migration.as_ref())
            .map_err(|e| Problem::internal(format!("migration {}: {e}", migration.name())))?;
    }
    Ok(Outcome::Applied(pending.len()))
}

/// SQLite has no advisory locks; a locked file beside the database does the same, and ends with the process.
fn lock_beside(path: &Path) -> Result<File, Problem> {
    let mut name = path.to_path_buf().into_os_string();
    name.push(".migrate-lock");
    let name = PathBuf::from(name);
    let failed = |e: std::io::Error| Problem::internal(format!("cannot lock {}: {e}", name.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(failed)?;
    file.lock().map_err(failed)?;
    protect(path);
    Ok(file)
}

/// The database holds signing keys and personal data: only its owner may read it.
#[cfg(unix)]
fn protect(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    if !path.exists() && !path.as_os_str().is_empty() {
        // Created here, so that it never exists with wider permissions.
        let _ = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    }
}

#[cfg(not(unix))]
fn protect(_: &Path) {}
