//! Opening a connection, with the settings that every connection must have.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{Config, Database};
use crate::db::Conn;
use crate::db::file::{DatabaseFile, Mode, watch::Watch};
use crate::error::{Fault, Problem};

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
        RUNTIME.with(|runtime| match runtime {
            Some(runtime) => runtime.block_on(work),
            None => panic!("no event queue for the database thread"),
        })
    }

    fn get_runtime() -> Self {
        ThreadRuntime
    }
}

/// Opens connections of one kind.
#[derive(Clone)]
pub struct Opener {
    database: Database,
    sqlite_max_pages: u32,
    /// Of a server on SQLite: looks whether the file is still the one it was.
    watch: Option<Arc<Watch>>,
}

impl Opener {
    pub fn new(config: &Config) -> Opener {
        Opener { database: config.database.clone(), sqlite_max_pages: config.sqlite_max_pages, watch: None }
    }

    /// The same for a server's own threads: watched, where the database is a file.
    pub fn watched(mut self) -> Result<Opener, Problem> {
        if let Database::Sqlite(path) = &self.database {
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
        matches!(self.database, Database::Postgres(_))
    }

    pub fn open(&self) -> Result<Conn, Problem> {
        match &self.database {
            Database::Sqlite(path) => sqlite(path, self.sqlite_max_pages).map(Conn::Sqlite),
            Database::Postgres(url) => postgres(url).map(Conn::Pg),
        }
    }
}

fn sqlite(path: &Path, max_pages: u32) -> Result<SqliteConnection, Problem> {
    let lost = |e: &dyn std::fmt::Display| Problem::unavailable(Fault::Storage, e);
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

/// An error with what caused it; on its own it says no more than "error connecting to server".
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn postgres(url: &SecretString) -> Result<PgConn, Problem> {
    let lost = |e: &dyn std::error::Error| Problem::unavailable(Fault::Lost, format!("PostgreSQL: {}", with_causes(e)));
    let (url, verify) = tls_wanted(url.expose_secret());
    let mut config: tokio_postgres::Config = url.parse().map_err(|e: tokio_postgres::Error| lost(&e))?;
    config
        .connect_timeout(Duration::from_secs(2))
        .tcp_user_timeout(Duration::from_secs(5))
        .keepalives_idle(Duration::from_secs(30))
        .application_name("waymark")
        .options("-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s");
    let tls = MakeRustlsConnect::new(tls_config(verify)?);
    ThreadRuntime.block_on(async {
        let connected = tokio::time::timeout(Duration::from_secs(3), config.connect(tls)).await;
        let (client, connection) = connected.map_err(|e| lost(&e))?.map_err(|e| lost(&e))?;
        let conn = AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(|e| lost(&e))?;
        Ok(PgConn::from(conn))
    })
}

/// Whether a connection can be tried with this URL.
pub fn is_postgres_url(url: &str) -> bool {
    let config: Result<tokio_postgres::Config, _> = tls_wanted(url).0.parse();
    config.is_ok_and(|config| !config.get_hosts().is_empty())
}

/// `sslmode` as libpq understands it: `prefer` and `require` encrypt without looking at the certificate,
/// `verify-full` looks (PostgreSQL documentation, "SSL Support", table of sslmode).
fn tls_wanted(url: &str) -> (String, bool) {
    let verify = url.contains("sslmode=verify-full") || url.contains("sslmode=verify-ca");
    (url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require"), verify)
}

fn tls_config(verify: bool) -> Result<rustls::ClientConfig, Problem> {
    let bad = |e: &dyn std::fmt::Display| Problem::unavailable(Fault::Lost, e);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(&e))?;
    if !verify {
        return Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider))).with_no_client_auth());
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Encrypts without authenticating the server, which is what `sslmode=require` means to libpq.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A database thread's place for its one connection: opens it when needed, drops it when it went wrong.
pub struct Slot {
    opener: Opener,
    conn: Option<Conn>,
    /// Whether the connection could write when it was opened.
    lasting: bool,
    /// After a failed connect, answer at once instead of letting everyone wait for a time-out.
    closed_until: Option<Instant>,
}

const PAUSE_AFTER_FAILED_CONNECT: Duration = Duration::from_millis(250);

impl Slot {
    pub fn new(opener: &Opener) -> Slot {
        Slot { opener: opener.clone(), conn: None, lasting: true, closed_until: None }
    }

    pub fn conn(&mut self) -> Result<&mut Conn, Problem> {
        // Before a connection is opened by name, and before one is used whose file nobody will find again.
        self.opener.check()?;
        if self.conn.is_none() {
            if self.closed_until.is_some_and(|until| Instant::now() < until) {
                return Err(Problem::unavailable(Fault::Lost, "the database was away a moment ago"));
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
            self.conn = None;
        }
    }

    /// Whether what was just committed stands where it will be looked for.
    pub fn check(&self) -> Result<(), Problem> {
        self.opener.check()
    }

    pub fn drop_conn(&mut self) {
        self.conn = None;
    }
}

/// Whether SQLite opened the file for writing: it falls back to reading without a word, and only a write tells.
fn may_write(conn: &mut Conn) -> bool {
    let result = conn.batch("BEGIN IMMEDIATE; PRAGMA user_version = 0");
    let _ = conn.batch("ROLLBACK");
    result.is_ok()
}
