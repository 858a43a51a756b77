//! Opening a connection, with the settings that every connection must have.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;

use crate::config::{Config, Database};
use crate::db::Conn;
use crate::db::file::{DatabaseFile, Mode, watch::Watch};
use crate::db::postgres::Server;
use crate::db::tenant_rows::TenantRows;
use crate::db::tls::Connector;
use crate::error::{DatabaseFault, Problem};

/// Opens connections of one kind.
#[derive(Clone)]
pub struct Opener {
    to: To,
    /// Of a server on SQLite: looks whether the file is still the one it was.
    watch: Option<Arc<Watch>>,
}

#[derive(Clone)]
enum To {
    Sqlite {
        path: PathBuf,
        max_pages: u32,
    },
    Postgres(Box<Server>),
    /// A URL that was taken and cannot be used; every attempt to open says why.
    Nowhere(Arc<Problem>),
}

impl Opener {
    pub fn new(config: &Config) -> Opener {
        let to = match &config.database {
            Database::Sqlite(path) => To::Sqlite { path: path.clone(), max_pages: config.sqlite_max_pages },
            Database::Postgres(url) => match Server::new(url, config.database_pooler) {
                Ok(server) => To::Postgres(Box::new(server)),
                Err(problem) => To::Nowhere(Arc::new(problem)),
            },
        };
        Opener { to, watch: None }
    }

    /// The same for a server's own threads: watched, where the database is a file.
    pub fn watched(mut self) -> Result<Opener, Problem> {
        if let To::Sqlite { path, .. } = &self.to {
            self.watch = Some(Watch::start(DatabaseFile::of(path)?, &self)?);
        }
        Ok(self)
    }

    pub fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.as_ref()
    }

    /// Whether the database is still where it was opened.
    pub fn check(&self) -> Result<(), Problem> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.check())
    }

    pub fn is_postgres(&self) -> bool {
        !matches!(self.to, To::Sqlite { .. })
    }

    pub fn open(&self) -> Result<Conn, Problem> {
        match &self.to {
            To::Sqlite { path, max_pages } => sqlite(path, *max_pages).map(Conn::Sqlite),
            To::Postgres(server) => server.open().map(Conn::Pg),
            To::Nowhere(problem) => Err(problem.copied()),
        }
    }

    /// What work on these rows begins with, on a session that was last told `told`.
    fn opening(&self, write: bool, rows: &TenantRows, told: &TenantRows) -> Opening {
        match &self.to {
            To::Postgres(server) if write || server.reads_in_transactions() => {
                Opening { statements: Some(server.begin(write, rows)), transaction: true }
            }
            // A read alone is no transaction: the session is told, and remembers.
            To::Postgres(_) => Opening { statements: (rows != told).then(|| rows.statement("SET")), transaction: false },
            _ => Opening { statements: write.then(|| "BEGIN IMMEDIATE".to_owned()), transaction: write },
        }
    }

    /// How to reach the server beside an open connection.
    pub fn connector(&self) -> Option<&Connector> {
        match &self.to {
            To::Postgres(server) => Some(&server.connector),
            _ => None,
        }
    }
}

fn sqlite(path: &Path, max_pages: u32) -> Result<SqliteConnection, Problem> {
    let lost = |e: &dyn std::fmt::Display| Problem::unavailable(DatabaseFault::Storage, e);
    sqlite_stop::install();
    let mut conn = DatabaseFile::of(path)?.open(Mode::Write).map_err(|e| lost(&e.cause().unwrap_or_default()))?;
    // `secure_delete`: what is erased is overwritten, not only unlinked.
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000; PRAGMA secure_delete = ON;",
    )
    .map_err(|e| lost(&e))?;
    if max_pages > 0 {
        conn.batch_execute(&format!("PRAGMA max_page_count = {max_pages}")).map_err(|e| lost(&e))?;
    }
    Ok(conn)
}

/// What a piece of work begins with.
pub struct Opening {
    pub statements: Option<String>,
    /// Whether they begin a transaction, which somebody must end.
    pub transaction: bool,
}

/// A database thread's place for its one connection: opens it when needed, drops it when it went wrong.
pub struct Slot {
    opener: Opener,
    conn: Option<Conn>,
    /// Whose rows the session was told last; a new one knows of no bounds.
    told: TenantRows,
    /// Whether the connection could write when it was opened.
    lasting: bool,
    /// After a failed connect, answer at once instead of letting everyone wait for a time-out.
    closed_until: Option<Instant>,
}

const PAUSE_AFTER_FAILED_CONNECT: Duration = Duration::from_millis(250);

impl Slot {
    pub fn new(opener: &Opener) -> Slot {
        Slot { opener: opener.clone(), conn: None, told: TenantRows::Installation, lasting: true, closed_until: None }
    }

    pub fn conn(&mut self) -> Result<&mut Conn, Problem> {
        // Before a connection is opened by name, and before one is used whose file nobody will find again.
        self.opener.check()?;
        if self.conn.is_none() {
            if self.closed_until.is_some_and(|until| Instant::now() < until) {
                return Err(Problem::unavailable(DatabaseFault::Lost, "the database was away a moment ago"));
            }
            match self.opener.open() {
                Ok(mut conn) => {
                    self.lasting = conn.is_postgres() || may_write(&mut conn);
                    self.conn = Some(conn);
                }
                Err(problem) => {
                    self.closed_until = Some(Instant::now() + PAUSE_AFTER_FAILED_CONNECT);
                    return Err(problem);
                }
            }
        }
        self.closed_until = None;
        self.conn.as_mut().ok_or_else(|| Problem::internal("no connection"))
    }

    /// Gives up a connection that could not write when it was opened. All connections of a process share one index of
    /// SQLite's write-ahead log, and one that was opened read-only would keep it so for the writer too, for as long as it lives.
    pub fn after_use(&mut self) {
        if !self.lasting {
            self.drop_conn();
        }
    }

    /// What work on these rows begins with. Where it fails, the connection is to be dropped.
    pub fn opening(&mut self, write: bool, rows: &TenantRows) -> Opening {
        let opening = self.opener.opening(write, rows, &self.told);
        if !opening.transaction && opening.statements.is_some() {
            self.told = rows.clone();
        }
        opening
    }

    pub fn opener(&self) -> &Opener {
        &self.opener
    }

    /// Whether what was just committed stands where it will be looked for.
    pub fn check(&self) -> Result<(), Problem> {
        self.opener.check()
    }

    pub fn drop_conn(&mut self) {
        self.conn = None;
        self.told = TenantRows::Installation;
    }
}

/// Whether SQLite opened the file for writing: it falls back to reading without a word, and only a write tells.
fn may_write(conn: &mut Conn) -> bool {
    let result = conn.batch("BEGIN IMMEDIATE; PRAGMA user_version = 0");
    let _ = conn.batch("ROLLBACK");
    result.is_ok()
}
