//! The command line. Every command prints its result on standard output and everything else on standard error.
//!
//! Exit codes: 0 done; 1 refused or failed (the message says why and what to do); 2 wrong usage. `diagnose` has one per
//! verdict; `package` has 3 where something is lost.

mod admin;
mod audit;
mod backup;
mod check;
mod diagnose;
mod doctor;
mod keys;
mod lessons;
mod mcp;
mod migrate;
mod operate;
mod output;
mod package;
mod quotas;
mod roles;
mod serve;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{Config, KEYS};
use crate::{docs, first_start};

use output::{CliFailure, in_words, print};
use serve::Serve;

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
    command: Option<CliCommand>,
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

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Serve the API (the default)
    #[command(after_long_help = keys_help())]
    Serve(Serve),
    /// Print an access token, and nothing else
    #[command(after_help = admin::scopes_help("Example: TOKEN=$(waymark token --scopes \"lessons:read attempts:write\" --learner anna)"))]
    Token {
        /// Scopes separated by spaces
        #[arg(long, required_unless_present = "check", default_value = "")]
        scopes: String,
        /// Tell why the token in this file (- for standard input) is accepted or not, and make none
        #[arg(long, value_name = "FILE", conflicts_with_all = ["scopes", "learner"])]
        check: Option<PathBuf>,
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
    /// Make, list and disable client applications, and give them new secrets
    #[command(subcommand)]
    Client(admin::ClientCommand),
    /// Make and list tenants
    #[command(subcommand)]
    Tenant(admin::TenantCommand),
    /// List the keys that sign access tokens, and change to a new one
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Verify the audit log, and export it
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Bring the database schema up to date
    Migrate,
    /// Copy the SQLite database to a file, while the service runs
    #[command(after_help = backup::BACKUP_HELP)]
    Backup(backup::Backup),
    /// Put a backup in the place of the SQLite database
    #[command(after_help = backup::RESTORE_HELP)]
    Restore(backup::Restore),
    /// Print the contract document (OpenAPI 3.1)
    Openapi,
    /// Import curriculum files into the database, and export them
    #[command(subcommand)]
    Lessons(lessons::LessonsCommand),
    /// Check curriculum files: the built-in ones, or a folder of that shape
    Check(check::CheckFlags),
    /// Tell which layer refused, from a response or from what a person saw
    #[command(after_help = diagnose::HELP)]
    Diagnose(diagnose::Diagnose),
    /// Offer tools to agents over the Model Context Protocol: which layer refused, lessons, quizzes
    #[command(after_help = mcp::HELP)]
    Mcp(mcp::Mcp),
    /// Quizzes and courses as packages for other learning systems (QTI, Common Cartridge), and back
    #[command(subcommand)]
    Package(package::PackageCommand),
    /// Ask the service on this machine whether it can serve (exit code 0 or 1), as a container's health check does
    ///
    /// Where the service speaks TLS its certificate is not verified: the question goes to the configured address of this machine
    /// and holds no secret. `waymark doctor` looks at the certificate.
    Health,
    /// Name what this installation leaves open: keys, files, database, disk, TLS; it changes nothing
    #[command(after_help = doctor::DOCTOR_HELP)]
    Doctor(doctor::DoctorFlags),
    /// Write the man pages to a folder
    Man(operate::ManPages),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

fn keys_help() -> String {
    let rows = KEYS.iter().map(|key| format!("  {:<24} {:<18} {}", key.env, key.default, key.help.replace('`', "")));
    format!(
        "Configuration keys (environment, default, meaning); in a TOML file the names are in lower case without WAYMARK_:\n{}",
        rows.collect::<Vec<_>>().join("\n")
    )
}

/// Runs the command line; the number is the exit code.
pub fn main() -> u8 {
    crate::install_crypto();
    let cli = Cli::parse();
    match run_command(cli) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "waymark: {}", in_words(&*error));
            1
        }
    }
}

fn run_command(cli: Cli) -> Result<u8, CliFailure> {
    let config = || load(&cli.common, &cli.serve);
    match &cli.command {
        None => serve::run_serve(config()?, &cli.serve),
        Some(CliCommand::Serve(flags)) => {
            serve::run_serve(load(&cli.common, &merged(flags, &cli.serve))?, &merged(flags, &cli.serve))
        }
        Some(CliCommand::Token { check: Some(file), .. }) => keys::check_token(&config()?, file),
        Some(CliCommand::Token { scopes, learner, ttl, tenant, .. }) => {
            admin::token(&config()?, scopes, learner.as_deref(), ttl, tenant)
        }
        Some(CliCommand::Keys(command)) => keys::run_keys(&config()?, command),
        Some(CliCommand::Client(command)) => admin::run_client(&config()?, command),
        Some(CliCommand::Tenant(command)) => admin::run_tenant(&config()?, command),
        Some(CliCommand::Audit(command)) => audit::run_audit(&config()?, command),
        Some(CliCommand::Migrate) => migrate::migrate_now(&config()?),
        Some(CliCommand::Backup(flags)) => backup::run_backup(&config()?, flags),
        Some(CliCommand::Restore(flags)) => backup::run_restore(&config()?, flags),
        Some(CliCommand::Lessons(command)) => lessons::run_lessons(&config()?, command),
        Some(CliCommand::Openapi) => print(&docs::contract_text()),
        Some(CliCommand::Check(flags)) => check::run_check(flags),
        Some(CliCommand::Diagnose(flags)) => diagnose::run_diagnose(flags),
        Some(CliCommand::Mcp(flags)) => mcp::run_mcp(flags),
        Some(CliCommand::Package(command)) => package::run_package(command, config),
        Some(CliCommand::Health) => operate::health(&config()?),
        Some(CliCommand::Doctor(flags)) => doctor::run_doctor(&config()?, flags),
        Some(CliCommand::Man(flags)) => operate::man_pages(flags),
        Some(CliCommand::Completions { shell }) => {
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

fn load(common: &Common, serve: &Serve) -> Result<Config, CliFailure> {
    let mut flags = BTreeMap::new();
    flags.extend(common.database_url.clone().map(|url| ("database_url", url)));
    flags.extend(serve.listen.clone().map(|listen| ("listen", listen)));
    Ok(Config::load(&flags, common.config.as_deref())?)
}
