//! Finds out what the doctor judges: configuration, files, the database. Nothing is written, and no database is made.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use secrecy::ExposeSecret;
use tokio_postgres::config::{Host, SslMode};
use url::Url;
use x509_cert::der::Decode;

use crate::auth::keys::{self, KeyState};
use crate::auth::store as auth_store;
use crate::cli::doctor::facts::{
    AdministratorFacts, CertificateFacts, ConfigFileFacts, DatabaseFacts, DescriptorFacts, DiskFacts, DoctorFacts, FileFacts,
    KeyFacts, KindFacts, PostgresFacts, RowFacts, SeenDatabase, TlsFacts, WireEncryption,
};
use crate::cli::doctor::store;
use crate::cli::output::in_words;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::db::connect::Opener;
use crate::db::file::{DatabaseFile, beside, examine};
use crate::db::types::Time;
use crate::db::url::{Pooler, PostgresUrl};
use crate::db::{Conn, migrate, presence};
use crate::doors::limits::descriptors_allowed;
use crate::doors::tls::{PairFiles, TlsDoor, certificate_names};
use crate::error::Problem;
use crate::first_start;

/// Connections of one process beside those of its pool: the writer, the probe, and a start's own.
const BESIDE_POOL: usize = 4;

pub fn gather_facts(config: &Config, clock: &Clock) -> DoctorFacts {
    let connections = &config.connections;
    DoctorFacts {
        now: clock.now(),
        listen: config.listen,
        metrics_listen: config.metrics_listen,
        public_url: config.public_url.clone(),
        public_url_given: config.public_url_given,
        tls: config.tls.as_ref().map(|files| tls_facts(files, &config.public_url)),
        key_secret: config.key_secret.is_some(),
        cors_origins: config.cors_origins.clone(),
        log: config.log.clone(),
        migrate: config.migrate,
        config_file: config
            .source
            .as_ref()
            .and_then(|source| Some(ConfigFileFacts { file: file_facts(&source.path)?, holds_secrets: source.holds_secrets })),
        disk: disk_facts(config),
        descriptors: DescriptorFacts {
            needed: connections.descriptors_needed(config.descriptors_beside()),
            allowed: descriptors_allowed(),
            connections: connections.connections,
        },
        database_connections: i64::try_from(config.database_pool.saturating_add(BESIDE_POOL)).unwrap_or(i64::MAX),
        pooler: config.database_pooler == Pooler::Transaction,
        database: database_facts(config, clock),
    }
}

#[cfg(unix)]
fn file_facts(path: &Path) -> Option<FileFacts> {
    use std::os::unix::fs::MetadataExt;
    let facts = std::fs::metadata(path).ok()?;
    Some(FileFacts { path: path.to_path_buf(), mode: facts.mode() & 0o7777, owner: facts.uid() })
}

#[cfg(not(unix))]
fn file_facts(_: &Path) -> Option<FileFacts> {
    None
}

fn tls_facts(files: &PairFiles, public_url: &str) -> TlsFacts {
    let certificate = TlsDoor::open(files).and_then(|_| {
        let chain = files.chain()?;
        let leaf = chain.first().ok_or("the file holds no certificate")?;
        certificate_facts(leaf, public_url)
    });
    TlsFacts { certificate, key: file_facts(&files.key) }
}

fn certificate_facts(leaf: &CertificateDer<'_>, public_url: &str) -> Result<CertificateFacts, String> {
    let read = x509_cert::Certificate::from_der(leaf).map_err(|e| format!("the certificate cannot be read: {e}"))?;
    let validity = read.tbs_certificate.validity;
    let time = |at: x509_cert::time::Time| Time(i64::try_from(at.to_unix_duration().as_micros()).unwrap_or(i64::MAX));
    let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let names_host = certificate_names(leaf, &host);
    Ok(CertificateFacts { not_before: time(validity.not_before), not_after: time(validity.not_after), host, names_host })
}

fn disk_facts(config: &Config) -> Option<DiskFacts> {
    let Database::Sqlite(path) = &config.database else { return None };
    let file = DatabaseFile::of(path).ok()?;
    let folder = file.path.parent()?;
    let names = [file.path.clone(), file.with("-wal"), file.with("-shm"), file.with(beside::LOCK)];
    Some(DiskFacts {
        files: names.iter().filter_map(|path| file_facts(path)).collect(),
        folder: file_facts(folder)?,
        copies: copies_in(folder, &file.path),
        space: space(folder),
        file_system: file_system(folder),
    })
}

/// Other databases of ours in the folder, by what they say of themselves.
fn copies_in(folder: &Path, database: &Path) -> Vec<(FileFacts, Time)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path()).filter(|path| path != database && examine::looks_like_ours(path));
    let dated = paths.filter_map(|path| {
        let changed = std::fs::metadata(&path).ok()?.modified().ok()?;
        Some((file_facts(&path)?, Time::from_utc(changed.into())))
    });
    dated.collect()
}

#[cfg(unix)]
fn space(folder: &Path) -> Option<(u64, u64)> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    Some((facts.f_bavail.saturating_mul(facts.f_frsize), facts.f_blocks.saturating_mul(facts.f_frsize)))
}

#[cfg(not(unix))]
fn space(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> Option<u64> {
    // Some architectures have it signed; the numbers have 32 bits.
    let kind = i128::from(rustix::fs::statfs(folder).ok()?.f_type) & i128::from(u32::MAX);
    u64::try_from(kind).ok()
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> Option<u64> {
    None
}

/// On a thread of its own, as a connection to PostgreSQL needs it.
fn database_facts(config: &Config, clock: &Clock) -> DatabaseFacts {
    let looked = std::thread::scope(|scope| {
        let work = scope.spawn(|| match &config.database {
            Database::Sqlite(path) => sqlite_facts(path, clock),
            Database::Postgres(_) => postgres_facts(config, clock),
        });
        work.join().unwrap_or_else(|_| Err(Problem::internal("looking at the database failed")))
    });
    looked.unwrap_or_else(|problem| DatabaseFacts::Unseen(in_words(&problem)))
}

fn sqlite_facts(path: &Path, clock: &Clock) -> Result<DatabaseFacts, Problem> {
    let file = DatabaseFile::of(path)?;
    if !file.exists() {
        let place = file.path.display();
        return Ok(match beside::read_noted(&file) {
            None => DatabaseFacts::None(place.to_string()),
            Some(_) => DatabaseFacts::Unseen(format!("there was a database at {place}, says its lock file, and it is gone")),
        });
    }
    examine::ours(&file)?;
    examine::known_name(&file)?;
    let mut conn = Conn::Sqlite(examine::open_for_reading(&file)?);
    if !presence::has_schema(&mut conn)? {
        return Ok(DatabaseFacts::None(file.path.display().to_string()));
    }
    let Conn::Sqlite(sqlite) = &mut conn else { return Err(Problem::internal("another database")) };
    let kind = KindFacts::Sqlite { journal_mode: store::journal_mode(sqlite)? };
    stored_facts(&mut conn, kind, clock)
}

fn postgres_facts(config: &Config, clock: &Clock) -> Result<DatabaseFacts, Problem> {
    let Database::Postgres(url) = &config.database else { return Err(Problem::internal("another database")) };
    let url = PostgresUrl::parse(url.expose_secret()).map_err(|_| Problem::internal("database_url cannot be read"))?;
    let mut conn = Opener::new(config).open()?;
    conn.batch("BEGIN TRANSACTION READ ONLY")?;
    examine::postgres_is_ours(&mut conn)?;
    let is_ours = presence::has_schema(&mut conn)?;
    let Conn::Pg(pg) = &mut conn else { return Err(Problem::internal("another database")) };
    let (version, superuser) = store::version_and_role(pg)?;
    let kind = KindFacts::Postgres(PostgresFacts {
        version,
        settings: store::server_settings(pg)?,
        superuser,
        ahead_millis: store::clock_ahead(pg, clock)?,
        remote_host: remote_host(&url),
        encryption: match url.ssl_mode() {
            SslMode::Disable => WireEncryption::Off,
            SslMode::Prefer => WireEncryption::Preferred,
            _ if url.verify => WireEncryption::Verified,
            _ => WireEncryption::Required,
        },
    });
    if !is_ours {
        let database = url.config.get_dbname().unwrap_or_default().to_owned();
        return Ok(DatabaseFacts::None(format!("the PostgreSQL database {database}")));
    }
    let facts = stored_facts(&mut conn, kind, clock);
    conn.batch("COMMIT")?;
    facts
}

fn stored_facts(conn: &mut Conn, kind: KindFacts, clock: &Clock) -> Result<DatabaseFacts, Problem> {
    let schema = migrate::schema_age(conn)?;
    let rows = if schema == migrate::SchemaAge::default() { Some(row_facts(conn, clock.now())?) } else { None };
    Ok(DatabaseFacts::Seen(Box::new(SeenDatabase { schema, rows, kind })))
}

/// What the rows say, of a database with the schema of this program.
fn row_facts(conn: &mut Conn, now: Time) -> Result<RowFacts, Problem> {
    let stored = auth_store::active_keys(conn)?;
    let states = keys::states(&stored, now);
    let keys = stored.iter().zip(states).map(|(key, state)| KeyFacts {
        signs_from: key.signs_from.unwrap_or(key.created_at),
        signing: state == KeyState::Signing,
        sealed: key.is_sealed(),
    });
    let mut facts = RowFacts { keys: keys.collect(), ..RowFacts::default() };
    if let Some(tenant) = auth_store::tenant_named(conn, first_start::DEFAULT_TENANT)?
        && let Some(id) = first_start::administrator(conn, tenant.id)?
        && let Some(client) = auth_store::client(conn, id)?
    {
        facts.administrator = Some(AdministratorFacts {
            id: client.id.to_string(),
            created_at: client.created_at,
            changed: client.revision > 1 || client.previous_secret_until.is_some(),
        });
    }
    if let Conn::Sqlite(conn) = conn {
        facts.newest_record = store::newest_record(conn)?;
    }
    Ok(facts)
}

/// A host of the URL to which bytes go over a network.
fn remote_host(url: &PostgresUrl) -> Option<String> {
    url.config.get_hosts().iter().find_map(|host| match host {
        Host::Tcp(name) => {
            let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
            let here = name == "localhost" || address.is_ok_and(|address| address.is_loopback());
            (!here).then(|| name.clone())
        }
        #[cfg(unix)]
        Host::Unix(_) => None,
    })
}
