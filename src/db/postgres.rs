//! A session with a PostgreSQL server.

use std::time::Duration;

use diesel::connection::CacheSize;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::{Client, NoTls};

use crate::db::sqlstate::{self, SqlStateStream};
use crate::db::stop;
use crate::db::tenant_rows::TenantRows;
use crate::db::tls::Connector;
use crate::db::url::{self, Pooler, PostgresUrl};
use crate::error::{DatabaseFault, Problem};

/// PostgreSQL, spoken in Rust; the ordinary blocking diesel interface.
pub type PgConn = AsyncConnectionWrapper<AsyncPgConnection, ThreadRuntime>;

/// Drives a connection on the thread that uses it, so that a query costs no hop between threads.
///
/// A connection must be opened, used and dropped on one database thread: its socket belongs to that thread's runtime.
pub struct ThreadRuntime;

thread_local! {
    static RUNTIME: Option<Runtime> = tokio::runtime::Builder::new_current_thread().enable_all().build().ok();
}

impl BlockOn for ThreadRuntime {
    #[allow(clippy::panic, reason = "only when the operating system refuses an event queue; the pool catches it")]
    fn block_on<F: Future>(&self, work: F) -> F::Output {
        sqlstate::forget();
        RUNTIME.with(|runtime| match runtime {
            Some(runtime) => runtime.block_on(stop::query_until_stopped(work)),
            None => panic!("no event queue for the database thread"),
        })
    }

    fn get_runtime() -> Self {
        ThreadRuntime
    }
}

/// Where a server is, and how to speak with it.
#[derive(Clone)]
pub struct Server {
    url: PostgresUrl,
    pub connector: Connector,
    pooler: Pooler,
}

fn lost(error: &dyn std::error::Error) -> Problem {
    Problem::unavailable(DatabaseFault::Lost, format!("PostgreSQL: {}", with_causes(error)))
}

/// An error with what caused it; on its own it says no more than "error connecting to server".
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl Server {
    pub fn new(url: &SecretString, pooler: Pooler) -> Result<Server, Problem> {
        let url = PostgresUrl::parse(url.expose_secret()).map_err(|e| lost(&e))?;
        Ok(Server { connector: Connector::new(&url)?, url, pooler })
    }

    /// How a transaction on these rows begins. Behind a pooler that gives each transaction another session, its time-outs come with it.
    pub fn begin(&self, write: bool, rows: &TenantRows) -> String {
        let (begin, rows) = (if write { "BEGIN" } else { "BEGIN READ ONLY" }, rows.statement("SET LOCAL"));
        match self.pooler {
            Pooler::None => format!("{begin}; {rows}"),
            Pooler::Transaction => format!("{begin}; {rows}{}", url::transaction_settings()),
        }
    }

    /// Whether reads must be transactions too: a statement and its execution could meet different sessions otherwise.
    pub fn reads_in_transactions(&self) -> bool {
        self.pooler == Pooler::Transaction
    }

    pub fn open(&self) -> Result<PgConn, Problem> {
        let within = Duration::from_secs(3);
        ThreadRuntime.block_on(async {
            let opened = tokio::time::timeout(within, self.session()).await;
            opened.map_err(|e| lost(&e))?.map(PgConn::from)
        })
    }

    async fn session(&self) -> Result<AsyncPgConnection, Problem> {
        let client = self.client().await.map_err(|e| lost(&*e))?;
        if self.pooler == Pooler::None {
            return AsyncPgConnection::try_from(client).await.map_err(|e| lost(&e));
        }
        // Diesel says a few things to every new session; here they must all reach the same one.
        client.batch_execute("BEGIN").await.map_err(|e| lost(&e))?;
        let mut conn = AsyncPgConnection::try_from(client).await.map_err(|e| lost(&e))?;
        diesel_async::AsyncConnection::set_prepared_statement_cache_size(&mut conn, CacheSize::Disabled);
        diesel_async::SimpleAsyncConnection::batch_execute(&mut conn, "COMMIT").await.map_err(|e| lost(&e))?;
        Ok(conn)
    }

    async fn client(&self) -> Result<Client, Box<dyn std::error::Error>> {
        let mut config = self.url.config.clone();
        config
            .connect_timeout(Duration::from_secs(2))
            .tcp_user_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(30));
        if config.get_application_name().is_none() {
            config.application_name("waymark");
        }
        // A pooler takes no settings for its sessions; there each transaction brings them.
        if self.pooler == Pooler::None {
            config.options(url::session_options(self.url.options()));
        }
        if let Some(path) = self.url.socket() {
            let socket = UnixStream::connect(path).await?;
            let (client, driver) = config.ssl_mode(SslMode::Disable).connect_raw(SqlStateStream::new(socket), NoTls).await?;
            tokio::spawn(driver);
            return Ok(client);
        }
        config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        let (client, driver) = config.connect(self.connector.clone()).await?;
        tokio::spawn(driver);
        Ok(client)
    }
}
