//! Two databases behind one query text: [`Conn`], the macro [`each!`](crate::each), and the ways in: [`Db::read`], [`Db::write`] and
//! [`Db::submit`].
//!
//! A closure may be run more than once (a deadlock, a lost connection before anything was sent, a neighbour in its group
//! that failed), so it draws ids and time before it is handed in and has no effect outside the database.

pub mod connect;
pub mod daily_use;
pub mod json_text;
pub mod migrate;
pub mod pool;
pub mod schema;
pub mod types;
pub mod unreadable;
pub mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use crate::config::{Config, Database};
use crate::error::{Fault, Problem};

pub use connect::PgConn;
pub use writer::Command;

/// A connection to whichever database is configured.
#[allow(clippy::large_enum_variant, reason = "a thread makes one and keeps it in place; a box would hide it from diesel")]
pub enum Conn {
    Pg(PgConn),
    Sqlite(SqliteConnection),
}

/// Runs one query text on whichever connection it is: `each!(conn, c => users.filter(...).load(c))`.
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::db::Conn::Pg($c) => $query,
            $crate::db::Conn::Sqlite($c) => $query,
        }
    };
}

impl Conn {
    /// Runs statements that take no values, in the dialect both share.
    pub fn batch(&mut self, sql: &str) -> Result<(), Problem> {
        each!(self, c => c.batch_execute(sql)).map_err(Problem::from)
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Conn::Pg(_))
    }
}

/// What a store function gives back.
pub type Stored<T> = Result<T, Problem>;

/// The database, shared by all handlers of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    readers: pool::Pool,
    /// SQLite: every write. PostgreSQL: the set-oriented commands only.
    writer: writer::Writer,
    postgres: bool,
}

impl Db {
    /// Starts the database threads. The schema must be in place (see [`migrate`]).
    pub fn start(config: &Config) -> Db {
        let opener = connect::Opener::new(config);
        let postgres = opener.is_postgres();
        let threads = if postgres { config.database_pool } else { config.database_pool.min(4) };
        Db {
            inner: Arc::new(Inner {
                readers: pool::Pool::start(threads, &opener),
                writer: writer::Writer::start(&opener),
                postgres,
            }),
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.inner.postgres
    }

    /// Runs a closure that only reads.
    pub async fn read<T, F>(&self, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.inner.readers.run(false, work, reply)?;
        received(answer).await
    }

    /// Runs a closure in one transaction, and answers only when it is durable.
    pub async fn write<T, F>(&self, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        if self.inner.postgres {
            self.inner.readers.run(true, work, reply)?;
        } else {
            self.inner.writer.closure(work, reply)?;
        }
        received(answer).await
    }

    /// Hands a hot command to the writer, which runs all that are waiting as one set.
    pub async fn submit<C: Command>(&self, command: C) -> Stored<C::Answer> {
        let (reply, answer) = oneshot::channel();
        self.inner.writer.command(command, reply)?;
        received(answer).await
    }
}

async fn received<T>(answer: oneshot::Receiver<Stored<T>>) -> Stored<T> {
    match tokio::time::timeout(LONGEST_WAIT, answer).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Problem::unavailable(Fault::Lost, "a database thread ended")),
        Err(_) => Err(Problem::unavailable(Fault::Lost, "no answer from the database in time")),
    }
}

/// Above the statement time-out, so that this is the last line of defence.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// The file beside a SQLite database that a serving process holds locked.
pub fn lock_file(config: &Config) -> Option<PathBuf> {
    match &config.database {
        Database::Sqlite(path) => {
            let mut name = path.clone().into_os_string();
            name.push(".lock");
            Some(PathBuf::from(name))
        }
        Database::Postgres(_) => None,
    }
}
