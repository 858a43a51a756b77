//! Two databases behind one query text: [`Conn`], the macro [`each!`](crate::each), and the ways in: [`Db::read`], [`Db::write`] and
//! [`Db::submit`].
//!
//! A closure may be run more than once (a deadlock, a lost connection before anything was sent, a neighbour in its group
//! that failed), so it draws ids and time before it is handed in and has no effect outside the database.

pub mod conn;
pub mod connect;
pub mod daily_use;
pub mod epochs;
mod fault;
pub mod figures;
pub mod file;
pub mod groups;
pub mod json_text;
pub mod list;
pub mod memberships;
pub mod migrate;
pub mod packed;
pub mod pool;
pub mod postgres;
pub mod presence;
pub mod probe;
pub mod quotas;
pub mod schema;
pub mod sqlstate;
pub mod statement;
mod stop;
pub mod tally;
pub mod tenant_rows;
pub mod threads;
pub mod tls;
pub mod turns;
pub mod types;
pub mod unreadable;
pub mod url;
pub mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::config::Config;
use crate::db::pool::{CallKind, received};
use crate::db::tenant_rows::TenantRows;
use crate::error::Problem;

pub use conn::{Conn, Stored};
pub use figures::DatabaseLoad;
pub use postgres::PgConn;
pub use writer::Command;

/// The database, shared by all handlers of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<DatabaseInner>,
}

struct DatabaseInner {
    readers: pool::Pool,
    /// One thread for what must be answered however busy the others are.
    probe: pool::Pool,
    /// SQLite: every write. PostgreSQL: the set-oriented commands only.
    writer: writer::Writer,
    opener: connect::Opener,
    writes: probe::WriteTrial,
    postgres: bool,
}

impl Db {
    /// Starts the database threads. The schema must be in place (see [`migrate`]).
    pub fn start(config: &Config) -> Result<Db, Problem> {
        let opener = connect::Opener::new(config).watched()?;
        let postgres = opener.is_postgres();
        let threads = if postgres { config.database_pool } else { config.database_pool.min(4) };
        let (readers, probe) = (pool::Pool::start(threads, &opener), pool::Pool::start(1, &opener));
        let writer = writer::Writer::start(&opener);
        Ok(Db {
            inner: Arc::new(DatabaseInner { readers, probe, writer, opener, writes: probe::WriteTrial::default(), postgres }),
        })
    }

    /// After the last request: ends the threads, closes every connection, and brings all of a SQLite database into its one
    /// main file. Blocks.
    pub fn close(&self) {
        self.inner.writer.close();
        self.inner.readers.close();
        self.inner.probe.close();
        if let Some(watch) = self.inner.opener.watch() {
            watch.close();
        }
    }

    /// Whether a write can be made; tried every few seconds at most, however often this is asked.
    pub async fn takes_writes(&self, id: types::Id) -> Stored<()> {
        self.inner.writes.result(self, id).await
    }

    /// A reader of the feed is about to be told this place in the log (see [`file::beside`]).
    pub fn show(&self, seq: i64) {
        if let Some(watch) = self.inner.opener.watch() {
            watch.show(seq);
        }
    }

    /// What a person typed was erased: SQLite's write-ahead log is to forget it within seconds.
    pub fn erased(&self) {
        if let Some(watch) = self.inner.opener.watch() {
            watch.erased();
        }
    }

    /// How busy the database threads are at this moment.
    pub fn load(&self) -> DatabaseLoad {
        let (threads, running, waiting) = self.inner.readers.load();
        DatabaseLoad { threads, running, waiting, writes: self.inner.writer.waiting() }
    }

    pub fn is_postgres(&self) -> bool {
        self.inner.postgres
    }

    /// The database for work of one tenant: on PostgreSQL no row of another one is there.
    pub fn of(&self, tenant: types::Id) -> TenantDb<'_> {
        TenantDb { db: self, rows: TenantRows::Of(tenant) }
    }

    /// [`TenantDb::read`] for work of the service itself, which may touch the rows of every tenant.
    #[track_caller]
    pub fn read<T, F>(&self, work: F) -> impl Future<Output = Stored<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        TenantDb { db: self, rows: TenantRows::Installation }.read(work)
    }

    /// A short look at the database that is not kept waiting by anything else: whether it answers, what has changed.
    pub async fn probe<T, F>(&self, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        self.inner.probe.read((CallKind::Probe, TenantRows::Installation), work, LONGEST_PROBE).await
    }

    /// [`TenantDb::write`] for work of the service itself, which may touch the rows of every tenant.
    pub fn write<T, F>(&self, work: F) -> impl Future<Output = Stored<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        TenantDb { db: self, rows: TenantRows::Installation }.write(work)
    }

    /// Hands a hot command to the writer, which runs all that are waiting as one set.
    pub async fn submit<C: Command>(&self, command: C) -> Stored<C::Answer> {
        let (reply, answer) = oneshot::channel();
        self.inner.writer.command(command, reply)?;
        received(answer, LONGEST_WAIT).await
    }
}

/// The database, as far as it is one tenant's.
pub struct TenantDb<'a> {
    db: &'a Db,
    rows: TenantRows,
}

impl TenantDb<'_> {
    /// Runs a closure that only reads, for as long as somebody waits for it. However many calls come from one place of the
    /// code, they never hold all database threads.
    #[track_caller]
    pub fn read<T, F>(self, work: F) -> impl Future<Output = Stored<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let (inner, kind) = (self.db.inner.clone(), CallKind::Read(std::panic::Location::caller()));
        async move { inner.readers.read((kind, self.rows), work, LONGEST_WAIT).await }
    }

    /// Runs a closure in one transaction, and answers only when it is durable.
    pub fn write<T, F>(self, work: F) -> impl Future<Output = Stored<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let (inner, rows) = (self.db.inner.clone(), self.rows);
        async move {
            if inner.postgres {
                return inner.readers.write(rows, work, LONGEST_WAIT).await;
            }
            let (reply, answer) = oneshot::channel();
            inner.writer.closure(work, reply)?;
            received(answer, LONGEST_WAIT).await
        }
    }
}

/// Above the statement time-out, so that this is the last line of defence.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Whoever asks whether the service can serve does not wait for long.
const LONGEST_PROBE: Duration = Duration::from_secs(5);
