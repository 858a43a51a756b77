//! Commands that need the database and no running service: tokens, clients, tenants, migration.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use crate::administration::rules::is_tenant_name;
use crate::audit::{self, AuditEntry};
use crate::auth::rules::LEARNER_SCOPES;
use crate::auth::store::{self as auth_store, Rotation};
use crate::auth::tokens::{Auth, Grant};
use crate::auth::{Gates, Principal, Scope, Scopes, Who, secrets};
use crate::cli::output::{CliFailure, print};
use crate::cli::quotas::tenant_quota;
use crate::cli::roles::named_scopes;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::origins::read_client_origins;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored, migrate};
use crate::error::Problem;
use crate::first_start::Starter;
use crate::quotas::TenantQuotas;
use crate::{first_start, learners};

#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Make a client; prints its id and its secret, which is shown only once
    #[command(after_help = scopes_help("Example: waymark client create moodle --scopes \"lessons:read attempts:read learners:act\""))]
    Create {
        /// A name for people
        name: String,
        /// Scopes separated by spaces
        #[arg(long, default_value = "", hide_default_value = true)]
        scopes: String,
        /// The scopes of a role, beside those that are named: learner, instructor, analyst, author or administrator
        #[arg(long)]
        role: Option<String>,
        /// An origin of its pages in browsers, such as https://app.example.com; may be repeated
        #[arg(long)]
        origin: Vec<String>,
        /// An app on people's devices, which can keep no secret: it gets tokens only for people who signed in at a registered issuer
        #[arg(long)]
        public: bool,
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// List clients: id, state, name, scopes, origins
    List {
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// Give a client a new secret, when the old one is lost or known to others; prints it this once
    ///
    /// The client's id stays, and so does what belongs to it: learners that it names by ids of its own stay the same learners. The
    /// old secret gives no token from now on; tokens that it gave last until they expire (`client disable` ends those too).
    Rotate {
        /// The client's id
        id: String,
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// Say from which origins a client's pages in browsers call, in the place of those before
    ///
    /// Without any, and without --none, it prints those that there are. Every process knows within 5 seconds.
    Origins {
        /// The client's id
        id: String,
        /// Origins as browsers send them, such as https://app.example.com
        origins: Vec<String>,
        /// Its pages are in no browser
        #[arg(long, conflicts_with = "origins")]
        none: bool,
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// Disable a client; its tokens stop working within 5 seconds
    Disable {
        /// The client's id
        id: String,
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Make a tenant and its administrator client; prints the client's id and secret
    Create { name: String },
    /// List tenants: id, name, and whether it is suspended
    List,
    /// Suspend a tenant: nobody of it is let in any more, within 5 seconds; what it has stays
    Suspend { name: String },
    /// Let a suspended tenant in again
    Resume { name: String },
    /// Show a tenant's quotas, or set some of them
    #[command(after_help = "Example: waymark tenant quota school-two drafts=50 records_per_day=default")]
    Quota {
        name: String,
        /// NAME=NUMBER, NAME=0 for no limit, NAME=default: versions, version_bytes, drafts, signals, records_per_day
        settings: Vec<String>,
    },
}

/// Every scope with its meaning, after an example.
pub fn scopes_help(example: &str) -> String {
    let rows: Vec<String> = Scope::ALL.iter().map(|scope| format!("  {:<18} {}", scope.name(), scope.meaning())).collect();
    format!("Scopes:\n{}\n\n{example}", rows.join("\n"))
}

/// Shows the credentials that a command made beside its result, the only time that they are known.
pub fn tell_administrator(first: &first_start::StartOutcome) {
    if let Some((id, secret)) = &first.new_administrator {
        let _ = writeln!(
            std::io::stderr(),
            "made a new database; administrator client_id {id} client_secret {secret} (shown only now)"
        );
    }
}

/// Opens a database that is there, in order for a command that writes: migrated, with its first facts.
pub fn with_database<T: Send>(
    config: &Config,
    work: impl FnOnce(&mut Conn, &first_start::StartOutcome) -> Stored<T> + Send,
) -> Result<T, CliFailure> {
    let clock = Clock::system();
    let done = migrate::run_on_existing(config, config.migrate, |conn, outcome| {
        if let migrate::MigrationOutcome::Pending(n) = outcome {
            return Err(Problem::internal(format!(
                "{n} migrations are missing; run `waymark migrate` first (WAYMARK_MIGRATE is off)"
            )));
        }
        let first = first_start::start_first(conn, config, &clock, Starter::Command)?;
        tell_administrator(&first);
        conn.batch(if conn.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
        let result = work(conn, &first);
        conn.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        result
    })?;
    Ok(done)
}

pub fn tenant_id(conn: &mut Conn, name: &str) -> Stored<Id> {
    let tenant = auth_store::tenant_named(conn, name)?;
    tenant
        .map(|tenant| tenant.id)
        .ok_or_else(|| Problem::internal(format!("there is no tenant {name:?}; `waymark tenant list` shows all")))
}

pub fn token(config: &Config, scopes: &str, learner: Option<&str>, ttl: &str, tenant: &str) -> Result<u8, CliFailure> {
    let scopes = Scopes::parse(scopes).map_err(|name| format!("{name:?} is no scope; there are: {}", Scopes::all()))?;
    let ttl_seconds = seconds(ttl).ok_or("--ttl must be a number with s, m or h, from 60s to 24h")?;
    let most = if learner.is_some() { Scopes::of(LEARNER_SCOPES) } else { Scopes::all() };
    if scopes.is_empty() || !scopes.within(most) {
        return Err(format!("such a token may hold some of: {most}").into());
    }
    let token = with_database(config, |conn, first| {
        let clock = Clock::system();
        let tenant = tenant_id(conn, tenant)?;
        let client = first_start::administrator(conn, tenant)?
            .ok_or_else(|| Problem::internal("the tenant's administrator client is disabled"))?;
        let who = Who {
            tenant,
            client,
            principal: Principal::Client(client),
            once: None,
            scopes: Scopes::all(),
            quotas: TenantQuotas::default(),
            request_id: "command-line".to_owned(),
            address: None,
            now: clock.now(),
            clock: clock.clone(),
        };
        let principal = match learner {
            None => who.principal,
            Some(external) => Principal::Learner(learners::of_identity(conn, &who, None, external)?),
        };
        let auth = Auth::new(issuer(config, first)?, &first.digest_key);
        auth.refresh(Gates::of(first.access.clone(), config.key_secret.as_ref())?);
        let jti = clock.id();
        let grant = Grant { tenant, client, principal, scopes, ttl_seconds };
        let token = auth.issue(&grant, jti, clock.now())?;
        audit::note_command_line(conn, tenant, &clock, AuditEntry::token_issued(&grant, jti))?;
        Ok(token)
    })?;
    print(&format!("{token}\n"))
}

/// The URL that a token is for: the one under which the service was last started, since it takes no other.
pub fn issuer<'a>(config: &'a Config, first: &'a first_start::StartOutcome) -> Stored<&'a str> {
    match &first.served_url {
        Some(served) if config.public_url_given && *served != config.public_url => Err(Problem::internal(format!(
            "public_url is {}, but the service was last started under {served} and would refuse such a token; \
             leave public_url (WAYMARK_PUBLIC_URL) out here, or start the service under it first",
            config.public_url
        ))),
        Some(served) => Ok(served),
        None => {
            let _ = writeln!(
                std::io::stderr(),
                "no service was started on this database yet; the token is for one at {}",
                config.public_url
            );
            Ok(&config.public_url)
        }
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor).filter(|n| (60..=86_400).contains(n))
}

fn client_id(text: &str) -> Result<Id, String> {
    text.parse().map_err(|what| format!("the client id {what}"))
}

fn client_origins(texts: &[String]) -> Result<Vec<String>, String> {
    read_client_origins(texts).map_err(|why| format!("the origin {:?}: {}", why.origin, why.advice))
}

fn no_client(id: Id) -> String {
    format!("there is no client {id} in this tenant; `waymark client list` shows all")
}

fn new_client_entry(id: Id, name: &str, scopes: Scopes) -> AuditEntry {
    AuditEntry::new("client.created", ("client", &id)).with("name", name).with("scopes", scopes.to_string())
}

/// Tenants by id and name: all, or the one that is named.
pub fn named_tenants(conn: &mut Conn, only: Option<&str>) -> Stored<Vec<(Id, String)>> {
    match only {
        Some(name) => Ok(vec![(tenant_id(conn, name)?, name.to_owned())]),
        None => Ok(auth_store::all_tenants(conn)?.into_iter().map(|tenant| (tenant.id, tenant.name)).collect()),
    }
}

fn credentials(id: Id, secret: &str) -> String {
    format!("client_id      {id}\nclient_secret  {secret}\n")
}

pub fn run_client(config: &Config, command: &ClientCommand) -> Result<u8, CliFailure> {
    let clock = Clock::system();
    match command {
        ClientCommand::Create { name, scopes, role, origin, public, tenant } => {
            let origins = client_origins(origin)?;
            let scopes = named_scopes(scopes, role.as_deref())?;
            let (id, secret) = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                let (id, secret) = match public {
                    true => (first_start::new_public_client(conn, &clock, tenant, name, scopes)?, None),
                    false => {
                        first_start::new_client(conn, &clock, tenant, name, scopes).map(|(id, secret)| (id, Some(secret)))?
                    }
                };
                if !origins.is_empty() {
                    auth_store::replace_origins(conn, tenant, id, &origins)?;
                }
                audit::note_command_line(conn, tenant, &clock, new_client_entry(id, name, scopes))?;
                Ok((id, secret))
            })?;
            print(&secret.map_or_else(|| format!("client_id      {id}\n"), |secret| credentials(id, &secret)))
        }
        ClientCommand::List { tenant } => {
            let clients = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                auth_store::clients_of(conn, tenant)
            })?;
            let row = |c: auth_store::Client| {
                let state = if c.disabled_at.is_some() { "disabled" } else { "active  " };
                let origins: String = c.origins().iter().map(|origin| format!("  {origin}")).collect();
                format!("{}  {state}  {}  {}{origins}\n", c.id, c.name, c.scopes)
            };
            print(&clients.into_iter().map(row).collect::<String>())
        }
        ClientCommand::Rotate { id, tenant } => {
            let id = client_id(id)?;
            let (secret, digest) = secrets::new_secret(&clock);
            let rotation = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                let rotation = auth_store::replace_secret(conn, tenant, id, &digest)?;
                if rotation == Rotation::Done {
                    let entry = AuditEntry::new("client.secret_rotated", ("client", &id));
                    audit::note_command_line(conn, tenant, &clock, entry)?;
                }
                Ok(rotation)
            })?;
            match rotation {
                Rotation::Done => print(&credentials(id, &secret)),
                Rotation::Unknown => Err(no_client(id).into()),
                Rotation::Disabled => {
                    Err(format!("the client {id} is disabled; `waymark client create` makes another one").into())
                }
            }
        }
        ClientCommand::Origins { id, origins, none, tenant } => {
            let (id, origins) = (client_id(id)?, client_origins(origins)?);
            let there = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                let there = auth_store::client(conn, id)?.filter(|client| client.tenant_id == tenant);
                let Some(client) = there else { return Ok(None) };
                if (origins.is_empty() && !none) || origins == client.origins() {
                    return Ok(Some(client.origins()));
                }
                auth_store::replace_origins(conn, tenant, id, &origins)?;
                let entry = AuditEntry::new("client.changed", ("client", &id)).with("after", json!({"origins": origins}));
                audit::note_command_line(conn, tenant, &clock, entry)?;
                Ok(Some(origins))
            })?;
            let lines = |origins: Vec<String>| origins.iter().map(|origin| format!("{origin}\n")).collect::<String>();
            there.map_or_else(|| Err(no_client(id).into()), |origins| print(&lines(origins)))
        }
        ClientCommand::Disable { id, tenant } => {
            let id = client_id(id)?;
            let there = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                let there = auth_store::disable_client(conn, tenant, id, clock.now())?;
                if there {
                    audit::note_command_line(conn, tenant, &clock, AuditEntry::new("client.disabled", ("client", &id)))?;
                }
                Ok(there)
            })?;
            if there { print(&format!("disabled {id}\n")) } else { Err(no_client(id).into()) }
        }
    }
}

pub fn run_tenant(config: &Config, command: &TenantCommand) -> Result<u8, CliFailure> {
    let clock = Clock::system();
    match command {
        TenantCommand::Create { name } => {
            if !is_tenant_name(name) {
                return Err("a tenant's name has lower-case letters, digits and hyphens".into());
            }
            let made = with_database(config, |conn, first| {
                let tenant =
                    auth_store::Tenant { id: clock.id(), name: name.clone(), created_at: clock.now(), suspended_at: None };
                if !auth_store::insert_tenant(conn, &tenant)? {
                    return Err(Problem::internal(format!("the tenant {name} is there already")));
                }
                let (name, scopes) = (first_start::ADMINISTRATOR, Scopes::most_of_tenant(false));
                let client = first_start::new_client(conn, &clock, tenant.id, name, scopes)?;
                // In its own log and in that of those who run the installation.
                for log in [tenant.id, first.default_tenant] {
                    let entry = AuditEntry::new("tenant.created", ("tenant", &tenant.id)).with("name", tenant.name.as_str());
                    audit::note_command_line(conn, log, &clock, entry)?;
                }
                audit::note_command_line(conn, tenant.id, &clock, new_client_entry(client.0, name, scopes))?;
                Ok((tenant.id, client))
            })?;
            print(&format!("tenant         {}\n{}", made.0, credentials(made.1.0, &made.1.1)))
        }
        TenantCommand::List => {
            let tenants = with_database(config, |conn, _| auth_store::all_tenants(conn))?;
            let row = |t: auth_store::Tenant| {
                format!("{}  {}{}\n", t.id, t.name, if t.suspended_at.is_some() { "  suspended" } else { "" })
            };
            print(&tenants.into_iter().map(row).collect::<String>())
        }
        TenantCommand::Suspend { name } if name == auth_store::HOME_TENANT => {
            Err(format!("the tenant {name} runs the installation and cannot be suspended").into())
        }
        TenantCommand::Suspend { name } => mark_suspended(config, name, (&clock, Some(clock.now()))),
        TenantCommand::Resume { name } => mark_suspended(config, name, (&clock, None)),
        TenantCommand::Quota { name, settings } => tenant_quota(config, name, settings),
    }
}

fn mark_suspended(config: &Config, name: &str, (clock, suspended_at): (&Clock, Option<Time>)) -> Result<u8, CliFailure> {
    with_database(config, |conn, first| {
        let tenant = tenant_id(conn, name)?;
        let was = auth_store::tenant_of_id(conn, tenant)?.and_then(|tenant| tenant.suspended_at);
        auth_store::mark_suspended(conn, tenant, suspended_at)?;
        // The same again changes nothing that an auditor wants to know.
        if was.is_some() == suspended_at.is_some() {
            return Ok(());
        }
        let act = if suspended_at.is_some() { "tenant.suspended" } else { "tenant.resumed" };
        let entry = AuditEntry::new(act, ("tenant", &tenant)).with("name", name);
        audit::note_command_line(conn, first.default_tenant, clock, entry)
    })?;
    print(&format!("{} {name}\n", if suspended_at.is_some() { "suspended" } else { "resumed" }))
}
