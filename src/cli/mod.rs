//! The command line. Every command prints its result on standard output and everything else on standard error.
//!
//! Exit codes: 0 done; 1 refused or failed (the message says why and what to do); 2 wrong usage. `diagnose` has one per verdict.

mod check;
mod diagnose;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::auth::rules::LEARNER_SCOPES;
use crate::auth::store as auth_store;
use crate::auth::tokens::{Auth, Grant};
use crate::auth::{Principal, Scopes, Who, keys};
use crate::clock::Clock;
use crate::config::{Config, KEYS};
use crate::db::types::Id;
use crate::db::{Conn, Stored, migrate};
use crate::error::Problem;
use crate::{docs, first_start, learners, server, telemetry};

/// A learning-records API service: lessons, quiz attempts and exercise submissions about one skill, telling which layer of
/// an AI stack refused a request.
///
/// Without a command it serves: `waymark` is `waymark serve`. It needs no configuration: the database is ./waymark.db and
/// the first start prints a token and a request to try.
#[derive(Debug, Parser)]
#[command(name = "waymark", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    serve: Serve,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args, Clone)]
struct Common {
    /// SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// TOML file with configuration keys [env: WAYMARK_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args, Clone, Default)]
struct Serve {
    /// Address to serve on; port 0 takes a free one [env: WAYMARK_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Write the base URL into this file once the service is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default)
    #[command(after_long_help = keys_help())]
    Serve(Serve),
    /// Print an access token, and nothing else
    #[command(after_help = "Example: TOKEN=$(waymark token --scopes \"lessons:read attempts:write\" --learner anna)")]
    Token {
        /// Scopes separated by spaces; see the README for the list
        #[arg(long)]
        scopes: String,
        /// Make it a learner's own token; the learner is created if there is none of this id yet
        #[arg(long, value_name = "EXTERNAL_ID")]
        learner: Option<String>,
        /// How long it lasts: a number with s, m or h
        #[arg(long, default_value = "1h")]
        ttl: String,
        /// The tenant
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// Make, list and disable client applications
    #[command(subcommand)]
    Client(ClientCommand),
    /// Make and list tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Bring the database schema up to date
    Migrate,
    /// Print the contract document (OpenAPI 3.1)
    Openapi,
    /// Check curriculum files: the built-in ones, or a folder of that shape
    Check {
        /// A folder with course.yaml; absent means the curriculum built into this binary
        folder: Option<PathBuf>,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell which layer refused, from a response or from what a person saw
    #[command(after_help = diagnose::HELP)]
    Diagnose(diagnose::Diagnose),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Subcommand)]
enum ClientCommand {
    /// Make a client; prints its id and its secret, which is shown only once
    Create {
        /// A name for people
        name: String,
        /// Scopes separated by spaces
        #[arg(long)]
        scopes: String,
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
    },
    /// List clients: id, state, name, scopes
    List {
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
enum TenantCommand {
    /// Make a tenant and its administrator client; prints the client's id and secret
    Create { name: String },
    /// List tenants: id and name
    List,
}

fn keys_help() -> String {
    let rows = KEYS.iter().map(|key| format!("  {:<24} {:<18} {}", key.env, key.default, key.help.replace('`', "")));
    format!(
        "Configuration keys (environment, default, meaning); in a TOML file the names are in lower case without WAYMARK_:\n{}",
        rows.collect::<Vec<_>>().join("\n")
    )
}

type Failure = Box<dyn std::error::Error>;

/// Runs the command line; the number is the exit code.
pub fn main() -> u8 {
    crate::install_crypto();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            let text = match error.downcast_ref::<Problem>() {
                Some(problem) => problem.cause().unwrap_or_else(|| problem.detail()).to_owned(),
                None => error.to_string(),
            };
            let _ = writeln!(std::io::stderr(), "waymark: {text}");
            1
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    let config = || load(&cli.common, &cli.serve);
    match &cli.command {
        None => serve(config()?, &cli.serve),
        Some(Command::Serve(flags)) => serve(load(&cli.common, &merged(flags, &cli.serve))?, &merged(flags, &cli.serve)),
        Some(Command::Token { scopes, learner, ttl, tenant }) => token(&config()?, scopes, learner.as_deref(), ttl, tenant),
        Some(Command::Client(command)) => client(&config()?, command),
        Some(Command::Tenant(command)) => tenant(&config()?, command),
        Some(Command::Migrate) => migrate_now(&config()?),
        Some(Command::Openapi) => print(&docs::text()),
        Some(Command::Check { folder, json }) => check::run(folder.as_ref(), *json),
        Some(Command::Diagnose(flags)) => diagnose::run(flags),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Cli::command(), "waymark", &mut std::io::stdout());
            Ok(0)
        }
    }
}

fn merged(inner: &Serve, outer: &Serve) -> Serve {
    Serve {
        listen: inner.listen.clone().or_else(|| outer.listen.clone()),
        ready_file: inner.ready_file.clone().or_else(|| outer.ready_file.clone()),
    }
}

fn load(common: &Common, serve: &Serve) -> Result<Config, Failure> {
    let mut flags = BTreeMap::new();
    flags.extend(common.database_url.clone().map(|url| ("database_url", url)));
    flags.extend(serve.listen.clone().map(|listen| ("listen", listen)));
    Ok(Config::load(&flags, common.config.as_deref())?)
}

fn print(text: &str) -> Result<u8, Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(0)
}

fn serve(config: Config, flags: &Serve) -> Result<u8, Failure> {
    telemetry::logs(&config);
    let ready_file = flags.ready_file.clone();
    // Before anything is made: what the first start makes is shown once, so it must not fail for a taken port.
    free(config.listen, "listen", "--listen 127.0.0.1:0 takes a free one")?;
    if let Some(metrics) = config.metrics_listen {
        free(metrics, "metrics_listen", "choose another with WAYMARK_METRICS_LISTEN")?;
    }
    let lock = server::hold_lock(&config)?;
    let (state, first) = with_progress("preparing the database", || server::prepare(config, Clock::system()))?;
    let served: std::io::Result<()> = actix_web::rt::System::new().block_on(async move {
        let service = server::bind(state, first, lock)?;
        welcome(&service)?;
        if let Some(path) = ready_file {
            let whole = path.with_extension("part");
            let written = std::fs::write(&whole, format!("http://{}\n", service.address));
            written
                .and_then(|()| std::fs::rename(&whole, &path))
                .map_err(|e| std::io::Error::other(format!("the ready file {} cannot be written: {e}", path.display())))?;
        }
        server::run_until_stopped(service).await
    });
    served.map_err(|e| format!("cannot serve: {e}"))?;
    Ok(0)
}

/// Whether an address can be listened on; the error names its key and what to do.
fn free(address: SocketAddr, key: &str, advice: &str) -> Result<(), Failure> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(e) => Err(format!("cannot listen on {address} ({key}): {e}; {advice}").into()),
    }
}

/// A spinner, on a terminal, for what may take longer than a second.
fn with_progress<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let done = work();
    bar.finish_and_clear();
    done
}

fn welcome(service: &server::Service) -> std::io::Result<()> {
    let url = format!("http://{}", service.address);
    let mut out = std::io::stdout().lock();
    writeln!(out, "Waymark {} is listening on {url}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "Docs:  {url}/docs")?;
    let Some((id, secret)) = &service.first.new_administrator else { return out.flush() };
    writeln!(
        out,
        "\nThis is the first start: a database, a signing key, the tenant \"default\" and an administrator client were made."
    )?;
    writeln!(out, "Administrator (shown only now; keep it):\n  client_id      {id}\n  client_secret  {secret}")?;
    if service.address.ip().is_loopback() {
        let grant = Grant {
            tenant: service.first.default_tenant,
            client: *id,
            principal: Principal::Client(*id),
            scopes: first_start::trial_scopes(),
            ttl_seconds: 3600,
        };
        if let Ok(token) = service.state.auth.issue(&grant, service.state.clock.id(), service.state.clock.now()) {
            writeln!(out, "\nA token for the next hour, and a request to try:\n  TOKEN={token}")?;
            writeln!(out, "  curl -s -H \"Authorization: Bearer $TOKEN\" {url}/v1/lessons")?;
        }
    }
    out.flush()
}

/// Shows the credentials that a command made beside its result, the only time that they are known.
fn tell_administrator(first: &first_start::Outcome) {
    if let Some((id, secret)) = &first.new_administrator {
        let _ = writeln!(
            std::io::stderr(),
            "made a new database; administrator client_id {id} client_secret {secret} (shown only now)"
        );
    }
}

/// Opens the database, in order for a command that writes: migrated, with its first facts.
fn with_database<T: Send>(
    config: &Config,
    work: impl FnOnce(&mut Conn, &first_start::Outcome) -> Stored<T> + Send,
) -> Result<T, Failure> {
    let clock = Clock::system();
    let done = migrate::run(config, config.migrate, |conn, outcome| {
        if let migrate::Outcome::Pending(n) = outcome {
            return Err(Problem::internal(format!(
                "{n} migrations are missing; run `waymark migrate` first (WAYMARK_MIGRATE is off)"
            )));
        }
        let first = first_start::run(conn, config, &clock)?;
        tell_administrator(&first);
        conn.batch(if conn.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
        let result = work(conn, &first);
        conn.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        result
    })?;
    Ok(done)
}

fn tenant_id(conn: &mut Conn, name: &str) -> Stored<Id> {
    let tenant = auth_store::tenant_named(conn, name)?;
    tenant
        .map(|tenant| tenant.id)
        .ok_or_else(|| Problem::internal(format!("there is no tenant {name:?}; `waymark tenant list` shows all")))
}

fn token(config: &Config, scopes: &str, learner: Option<&str>, ttl: &str, tenant: &str) -> Result<u8, Failure> {
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
            scopes: Scopes::all(),
            request_id: "command-line".to_owned(),
            now: clock.now(),
            clock: clock.clone(),
        };
        let principal = match learner {
            None => who.principal,
            Some(external) => Principal::Learner(learners::of_identity(conn, &who, None, external)?),
        };
        let auth = Auth::new(&config.public_url);
        let keys = first.keys.iter().map(|key| keys::open(key, config.key_secret.as_ref())).collect::<Result<_, _>>()?;
        auth.refresh(keys, std::collections::HashSet::new());
        auth.issue(&Grant { tenant, client, principal, scopes, ttl_seconds }, clock.id(), clock.now())
    })?;
    print(&format!("{token}\n"))
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

fn client(config: &Config, command: &ClientCommand) -> Result<u8, Failure> {
    let clock = Clock::system();
    match command {
        ClientCommand::Create { name, scopes, tenant } => {
            let scopes = Scopes::parse(scopes).map_err(|name| format!("{name:?} is no scope; there are: {}", Scopes::all()))?;
            let (id, secret) = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                first_start::new_client(conn, &clock, tenant, name, scopes)
            })?;
            print(&format!("client_id      {id}\nclient_secret  {secret}\n"))
        }
        ClientCommand::List { tenant } => {
            let clients = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                auth_store::clients_of(conn, tenant)
            })?;
            let row = |c: auth_store::Client| {
                format!("{}  {}  {}  {}\n", c.id, if c.disabled_at.is_some() { "disabled" } else { "active  " }, c.name, c.scopes)
            };
            print(&clients.into_iter().map(row).collect::<String>())
        }
        ClientCommand::Disable { id, tenant } => {
            let id: Id = id.parse().map_err(|what| format!("the client id {what}"))?;
            let there = with_database(config, |conn, _| {
                let tenant = tenant_id(conn, tenant)?;
                auth_store::disable_client(conn, tenant, id, clock.now())
            })?;
            if there {
                print(&format!("disabled {id}\n"))
            } else {
                Err(format!("there is no client {id} in this tenant; `waymark client list` shows all").into())
            }
        }
    }
}

fn tenant(config: &Config, command: &TenantCommand) -> Result<u8, Failure> {
    let clock = Clock::system();
    match command {
        TenantCommand::Create { name } => {
            let fits = (1..=100).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !fits {
                return Err("a tenant's name has lower-case letters, digits and hyphens".into());
            }
            let made = with_database(config, |conn, _| {
                let tenant = auth_store::Tenant { id: clock.id(), name: name.clone(), created_at: clock.now() };
                if !auth_store::insert_tenant(conn, &tenant)? {
                    return Err(Problem::internal(format!("the tenant {name} is there already")));
                }
                Ok((tenant.id, first_start::new_client(conn, &clock, tenant.id, first_start::ADMINISTRATOR, Scopes::all())?))
            })?;
            print(&format!("tenant         {}\nclient_id      {}\nclient_secret  {}\n", made.0, made.1.0, made.1.1))
        }
        TenantCommand::List => {
            let tenants = with_database(config, |conn, _| auth_store::all_tenants(conn))?;
            print(&tenants.into_iter().map(|t| format!("{}  {}\n", t.id, t.name)).collect::<String>())
        }
    }
}

fn migrate_now(config: &Config) -> Result<u8, Failure> {
    let outcome = with_progress("migrating", || {
        migrate::run(config, true, |conn, outcome| {
            tell_administrator(&first_start::run(conn, config, &Clock::system())?);
            Ok(match outcome {
                migrate::Outcome::Applied(n) => format!("applied {n} migrations\n"),
                _ => "up to date\n".to_owned(),
            })
        })
    })?;
    print(&outcome)
}
