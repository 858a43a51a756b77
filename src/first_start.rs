//! What every start makes sure of, under the migration lock: the installation's own facts, a signing key, the tenant
//! `default` with an administrator client, and the curriculum of this binary.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::audit::{self, AuditEntry, Unsigned};
use crate::auth::keys::{self, KeyAlgorithm};
use crate::auth::store::{self, AccessState, Client, Tenant};
use crate::auth::{Scope, Scopes, secrets};
use crate::clock::Clock;
use crate::config::{Config, Database, Lessons};
use crate::db::file::DatabaseFile;
use crate::db::file::beside::{self, Noted};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored, epochs};
use crate::diagnosis::signals::store as signal_store;
use crate::error::Problem;
use crate::lessons::compiled::{self, Editions};
use crate::lessons::source::{Curriculum, Finding};
use crate::lessons::store::News;
use crate::lessons::{check, publish, store as lesson_store};

pub const DEFAULT_TENANT: &str = store::HOME_TENANT;
pub const ADMINISTRATOR: &str = store::ADMINISTRATOR;

/// Who starts. Only the service knows under which URL it is reached, so only it writes that down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    Service,
    Command,
}

/// What the start found or made.
pub struct StartOutcome {
    /// The administrator's client id and its secret, the only time that it is known.
    pub new_administrator: Option<(Id, String)>,
    pub default_tenant: Id,
    pub administrator: Option<Id>,
    /// The URL under which the service was last started; none before its first start.
    pub served_url: Option<String>,
    pub iri_base: String,
    pub digest_key: Vec<u8>,
    pub access: AccessState,
    /// Tokens that were taken back, with the times at which they expire.
    pub revoked: Vec<(Id, Time)>,
    pub generations: Vec<(String, i64)>,
    pub published: publish::Published,
    /// Everything that anybody published.
    pub curriculum: Mutex<News>,
    /// Every tenant's own signals, and the generation of which they are.
    pub signals: Mutex<(i64, Vec<signal_store::SignalRow>)>,
}

/// Runs in one transaction of its own.
pub fn start_first(conn: &mut Conn, config: &Config, clock: &Clock, starter: Starter) -> Result<StartOutcome, Problem> {
    conn.batch(if conn.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
    let done = same_log(conn, config, clock).and_then(|noted| Ok((inside(conn, config, clock, starter)?, noted)));
    match done {
        Ok((outcome, noted)) => {
            conn.batch("COMMIT")?;
            if let Some((file, noted)) = noted {
                beside::write_noted(&file, &noted)
                    .map_err(|e| Problem::internal(format!("cannot write {}: {e}", file.with(beside::LOCK).display())))?;
            }
            Ok(outcome)
        }
        Err(problem) => {
            let _ = conn.batch("ROLLBACK");
            Err(problem)
        }
    }
}

/// Begins a new epoch of the log where the database was put back from a copy. On SQLite: what is to be noted beside it.
fn same_log(conn: &mut Conn, config: &Config, clock: &Clock) -> Stored<Option<(DatabaseFile, Noted)>> {
    let Database::Sqlite(path) = &config.database else {
        if epochs::begin_epoch_if_restored(conn)? {
            tracing::warn!("the database was restored: the feed goes on in a new epoch");
        }
        return Ok(None);
    };
    let file = DatabaseFile::of(path)?;
    let noted = beside::read_noted(&file);
    let before = noted.as_ref().map_or(0, |noted| noted.epoch);
    let noted = epochs::begin_epoch_if_put_back(conn, noted, clock.now(), &clock.id().to_string())?;
    if noted.as_ref().is_some_and(|noted| noted.epoch != before) {
        tracing::warn!("the database was put back from a copy, or moved: the feed goes on in a new epoch");
    }
    Ok(noted.map(|noted| (file, noted)))
}

fn inside(conn: &mut Conn, config: &Config, clock: &Clock, starter: Starter) -> Stored<StartOutcome> {
    let now = clock.now();
    let (served_url, iri_base) = urls(conn, config, starter)?;
    let digest_key = store::setting_or(conn, "digest_key", &hex::encode(clock.secret::<32>()))?;
    let mut stored_keys = store::active_keys(conn)?;
    let new_key = stored_keys.is_empty();
    if new_key {
        let key = keys::generate(KeyAlgorithm::EdDSA, config.key_secret.as_ref(), clock, None)?;
        store::insert_key(conn, &key)?;
        stored_keys.push(key);
    }
    for key in &mut stored_keys {
        if let Some(sealed) = keys::sealed_now(key, config.key_secret.as_ref(), clock)? {
            store::replace_private_key(conn, &sealed)?;
            *key = sealed;
        }
    }
    let (tenant, new_administrator) = match store::tenant_named(conn, DEFAULT_TENANT)? {
        Some(tenant) => (tenant.id, None),
        None => {
            let tenant = Tenant { id: clock.id(), name: DEFAULT_TENANT.to_owned(), created_at: now, suspended_at: None };
            store::insert_tenant(conn, &tenant)?;
            (tenant.id, Some(new_client(conn, clock, tenant.id, ADMINISTRATOR, Scopes::all())?))
        }
    };
    let by = if starter == Starter::Service { Unsigned::service(clock) } else { Unsigned::command_line(clock) };
    if let Some((client, _)) = &new_administrator {
        let made = AuditEntry::new("tenant.created", ("tenant", &tenant)).with("name", DEFAULT_TENANT);
        audit::note_unsigned(conn, tenant, &by, made)?;
        let made = AuditEntry::new("client.created", ("client", client)).with("name", ADMINISTRATOR);
        audit::note_unsigned(conn, tenant, &by, made.with("scopes", Scopes::all().to_string()))?;
    }
    for key in stored_keys.iter().filter(|_| new_key) {
        let made = AuditEntry::new("key.created", ("key", &key.kid)).with("algorithm", key.algorithm.name());
        audit::note_unsigned(conn, tenant, &by, made)?;
    }
    let published = match published_already(conn, &config.lessons)? {
        Some(published) => published,
        None => publish::publish_curriculum(conn, Id::NIL, &*curriculum(&config.lessons)?, now)?,
    };
    // First: what changes while the rest is read is read again.
    let generations = store::generations(conn)?;
    Ok(StartOutcome {
        new_administrator,
        default_tenant: tenant,
        administrator: administrator(conn, tenant)?,
        served_url,
        iri_base,
        digest_key: hex::decode(&digest_key).map_err(Problem::internal)?,
        access: store::access_state(conn)?,
        revoked: store::revoked_since(conn, Time(0), now)?,
        generations,
        published,
        curriculum: Mutex::new(lesson_store::news(conn, &HashSet::new())?),
        signals: Mutex::new((signal_store::signal_generation(conn)?, signal_store::of_all_tenants(conn)?)),
    })
}

/// The URL under which the service is reached, and the base of its IRIs.
fn urls(conn: &mut Conn, config: &Config, starter: Starter) -> Stored<(Option<String>, String)> {
    const PUBLIC_URL: &str = "public_url";
    const IRI_BASE: &str = "iri_base";
    let first_base = config.iri_base.as_deref().unwrap_or(&config.public_url);
    if starter == Starter::Command {
        let base = store::setting(conn, IRI_BASE)?;
        return Ok((store::setting(conn, PUBLIC_URL)?, base.unwrap_or_else(|| first_base.to_owned())));
    }
    let iri_base = store::setting_or(conn, IRI_BASE, first_base)?;
    if store::replace_setting(conn, PUBLIC_URL, &config.public_url)? {
        tracing::warn!(public_url = %config.public_url, "served under another URL than before: tokens made for that one are refused");
    }
    Ok((Some(config.public_url.clone()), iri_base))
}

/// Whether the database has the built-in curriculum, which is then not read.
fn published_already(conn: &mut Conn, lessons: &Lessons) -> Stored<Option<publish::Published>> {
    match lessons {
        Lessons::BuiltIn => publish::published_already(conn, Id::NIL, &Editions::built_in().map_err(Problem::internal)?),
        Lessons::Folder(_) | Lessons::Given(_) => Ok(None),
    }
}

/// The curriculum that is published at start. A folder is held to all rules here, the built-in one in CI.
fn curriculum(lessons: &Lessons) -> Result<Arc<Curriculum>, Problem> {
    match lessons {
        Lessons::BuiltIn => compiled::built_in_curriculum().map(Arc::new).map_err(Problem::internal),
        Lessons::Folder(folder) => {
            let what = format!("the curriculum in {0} (`waymark check {0}` lists everything)", folder.display());
            let first = |findings: Vec<Finding>| findings.first().map(ToString::to_string).unwrap_or_default();
            let read = check::folder(folder).map(|(_, curriculum)| Arc::new(curriculum));
            read.map_err(|findings| Problem::internal(format!("{what}: {}", first(findings))))
        }
        Lessons::Given(curriculum) => Ok(curriculum.clone()),
    }
}

/// The client in whose name the command line acts: the oldest one of that name that is not disabled.
pub fn administrator(conn: &mut Conn, tenant: Id) -> Stored<Option<Id>> {
    let clients = store::clients_of(conn, tenant)?;
    Ok(clients.into_iter().find(|client| client.name == ADMINISTRATOR && client.disabled_at.is_none()).map(|client| client.id))
}

/// Makes a client, and gives its id and secret.
pub fn new_client(conn: &mut Conn, clock: &Clock, tenant: Id, name: &str, scopes: Scopes) -> Stored<(Id, String)> {
    let (secret, secret_sha256) = secrets::new_secret(clock);
    Ok((keep_client(conn, clock, tenant, name, scopes, secret_sha256)?, secret))
}

/// Makes an app on people's devices, which can keep no secret, and gives its id.
pub fn new_public_client(conn: &mut Conn, clock: &Clock, tenant: Id, name: &str, scopes: Scopes) -> Stored<Id> {
    keep_client(conn, clock, tenant, name, scopes, Vec::new())
}

fn keep_client(conn: &mut Conn, clock: &Clock, tenant: Id, name: &str, scopes: Scopes, secret_sha256: Vec<u8>) -> Stored<Id> {
    let client = Client::made_now((tenant, clock.id()), name, secret_sha256, scopes, clock.now());
    store::insert_client(conn, &client)?;
    Ok(client.id)
}

/// Scopes of the token that the first start prints: all that trying the service needs.
pub fn trial_scopes() -> Scopes {
    const ADMINISTRATION: [Scope; 3] = [Scope::ClientsAdmin, Scope::AuditRead, Scope::TenantsAdmin];
    let all = Scope::ALL.iter().copied().filter(|scope| !ADMINISTRATION.contains(scope));
    Scopes::of(&all.collect::<Vec<_>>())
}
