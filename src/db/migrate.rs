//! The schema, embedded, applied under a lock so that several processes may start at once.

use std::fs::File;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::config::{Config, Database};
use crate::db::Conn;
use crate::db::connect::Opener;
use crate::db::file::{self, DatabaseFile, examine};
use crate::db::presence;
use crate::each;
use crate::error::Problem;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number of PostgreSQL's advisory lock: "waymark" in ASCII.
const LOCK: i64 = 0x0077_6179_6d61_726b;

/// What is to be done, or was.
#[derive(Debug, PartialEq, Eq)]
pub enum MigrationOutcome {
    UpToDate,
    Applied(usize),
    /// `off` was asked for and these are missing.
    Pending(usize),
}

/// Opens a connection and brings the schema up to date (or, with `apply` false, only tells what is missing), then runs
/// `first`, all under the migration lock.
///
/// It runs on a thread of its own: a PostgreSQL connection belongs to the runtime of its thread, and only the end of that
/// thread closes the socket for certain.
pub fn run_migrations<T: Send>(
    config: &Config,
    apply: bool,
    first: impl FnOnce(&mut Conn, &MigrationOutcome) -> Result<T, Problem> + Send,
) -> Result<T, Problem> {
    on_own_thread(|| locked(config, apply, first))
}

/// The same for a command that makes no database: where there is none, the problem says where it looked.
pub fn run_on_existing<T: Send>(
    config: &Config,
    apply: bool,
    first: impl FnOnce(&mut Conn, &MigrationOutcome) -> Result<T, Problem> + Send,
) -> Result<T, Problem> {
    on_own_thread(|| {
        presence::demand(config)?;
        locked(config, apply, first)
    })
}

fn on_own_thread<T: Send>(work: impl FnOnce() -> Result<T, Problem> + Send) -> Result<T, Problem> {
    std::thread::scope(|scope| {
        let work = scope.spawn(work);
        work.join().unwrap_or_else(|_| Err(Problem::internal("the migration panicked")))
    })
}

fn locked<T>(
    config: &Config,
    apply: bool,
    first: impl FnOnce(&mut Conn, &MigrationOutcome) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let _lock = match &config.database {
        Database::Sqlite(path) => {
            let file = DatabaseFile::of(path)?;
            let lock = lock_beside(&file)?;
            examine::make_sure(&file, config.sqlite_lost_may_be_replaced)?;
            protect(&file);
            Some(lock)
        }
        Database::Postgres(_) => None,
    };
    let opener = Opener::new(config);
    let _turn = if opener.is_postgres() { Some(MigrationTurn::taken(&opener)?) } else { None };
    let mut conn = opener.open()?;
    examine::postgres_is_ours(&mut conn)?;
    let outcome = match &mut conn {
        Conn::Sqlite(c) => bring_up(c, SQLITE, apply),
        Conn::Pg(c) => c.transaction(|c| {
            // A migration may take its time.
            c.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '120s'")?;
            bring_up(c, POSTGRES, apply)
        }),
    }?;
    first(&mut conn, &outcome)
}

/// This process's turn to migrate. The lock belongs to a transaction on a connection of its own, and ends with it: a lock
/// of the session would stay behind a pooler, in a session that is somebody else's by then.
struct MigrationTurn(Conn);

impl MigrationTurn {
    fn taken(opener: &Opener) -> Result<MigrationTurn, Problem> {
        let mut conn = opener.open()?;
        // Waiting for another process to migrate is no fault, so the usual time-outs do not hold for it.
        conn.batch(
            "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '120s'; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        )?;
        conn.batch(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
        Ok(MigrationTurn(conn))
    }
}

impl Drop for MigrationTurn {
    fn drop(&mut self) {
        let _ = self.0.batch("COMMIT");
    }
}

fn bring_up<DB, H>(harness: &mut H, migrations: EmbeddedMigrations, apply: bool) -> Result<MigrationOutcome, Problem>
where
    DB: diesel::backend::Backend,
    H: MigrationHarness<DB>,
{
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Problem::internal(format!("migrations: {e}"));
    let known: Vec<_> = MigrationSource::<DB>::migrations(&migrations).map_err(failed)?;
    let applied = harness.applied_migrations().map_err(failed)?;
    if let Some(newer) = applied.iter().find(|version| !known.iter().any(|one| one.name().version() == **version)) {
        return Err(Problem::internal(format!(
            "the database has the migration {newer}, which this program (version {}) does not know: a newer one made it. Run that \
             one, or restore a backup from before",
            env!("CARGO_PKG_VERSION")
        )));
    }
    let pending = harness.pending_migrations(migrations).map_err(failed)?;
    if pending.is_empty() {
        return Ok(MigrationOutcome::UpToDate);
    }
    if !apply {
        return Ok(MigrationOutcome::Pending(pending.len()));
    }
    for migration in &pending {
        harness
            .run_migration(migration.as_ref())
            .map_err(|e| Problem::internal(format!("migration {}: {e}", migration.name())))?;
    }
    Ok(MigrationOutcome::Applied(pending.len()))
}

/// How the schema of a database stands to this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaAge {
    /// Migrations that this program would apply.
    pub pending: usize,
    /// The first that it does not know, because a newer program made it.
    pub newer: Option<String>,
}

#[derive(QueryableByName)]
struct AppliedVersion {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Compares without changing anything; diesel itself would make its table.
pub fn schema_age(conn: &mut Conn) -> Result<SchemaAge, Problem> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Problem::internal(format!("migrations: {e}"));
    let known: Vec<String> = match conn {
        Conn::Sqlite(_) => MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
            .map(|all| all.iter().map(|one| one.name().version().to_string()).collect()),
        Conn::Pg(_) => MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES)
            .map(|all| all.iter().map(|one| one.name().version().to_string()).collect()),
    }
    .map_err(failed)?;
    let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let applied: Vec<AppliedVersion> = each!(conn, c => diesel::sql_query(query).load(c))?;
    let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
    let pending = known.iter().filter(|version| !applied.contains(version)).count();
    Ok(SchemaAge { pending, newer: applied.into_iter().find(|version| !known.contains(version)) })
}

/// SQLite has no advisory locks; a locked file beside the database does the same, and ends with the process.
pub fn lock_beside(database: &DatabaseFile) -> Result<File, Problem> {
    let name = database.with(".migrate-lock");
    let failed = |e: std::io::Error| Problem::internal(format!("cannot lock {}: {e}", name.display()));
    let file = file::private(&name, false).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// The database holds signing keys and personal data: only its owner may read it, also where another program copied it there.
#[cfg(unix)]
fn protect(database: &DatabaseFile) {
    use std::os::unix::fs::PermissionsExt;
    for path in [&database.path, &database.with("-wal"), &database.with("-shm")] {
        if let Ok(facts) = std::fs::metadata(path)
            && facts.is_file()
            && facts.permissions().mode() & 0o077 != 0
        {
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
        }
    }
}

#[cfg(not(unix))]
fn protect(_: &DatabaseFile) {}
