//! `waymark audit`: whether the audit log is as it was written, and all of it as text.

use std::io::Write;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use crate::audit::rules::{ChainEnd, ChainFault};
use crate::audit::{export_piece, verify};
use crate::cli::admin::{named_tenants, tenant_id};
use crate::cli::output::{CliFailure, print};
use crate::config::Config;
use crate::db::connect::Opener;
use crate::db::{Conn, Stored, migrate};
use crate::error::Problem;
use crate::first_start;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Follow every tenant's chain of entries: prints tenant, number of entries and the last hash
    ///
    /// Exit code 0: all hold. 1: one does not; the message names the first entry that does not hold. Keep what this prints somewhere
    /// else: with --noted it shows later that nothing before that was changed, and that no end was cut off. The service may run.
    Verify {
        /// Only this tenant
        #[arg(long)]
        tenant: Option<String>,
        /// An entry that was noted before, as NUMBER:HASH; the tenant's chain must still have it
        #[arg(long, value_name = "NUMBER:HASH", requires = "tenant", value_parser = noted_entry)]
        noted: Option<ChainEnd>,
    },
    /// Print a tenant's entries as JSON lines, in the order of the chain
    Export {
        #[arg(long, default_value = first_start::DEFAULT_TENANT)]
        tenant: String,
        /// Only those behind this number
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
    },
}

fn noted_entry(text: &str) -> Result<ChainEnd, String> {
    let (number, hash) = text.split_once(':').ok_or("must be a number, a colon and a hash")?;
    let number = number.parse().map_err(|_| "must begin with the number of an entry")?;
    let sha256 = hex::decode(hash).ok().filter(|hash| hash.len() == 32).ok_or("must end with a hash of 64 hexadecimal digits")?;
    Ok(ChainEnd { number, sha256 })
}

pub fn run_audit(config: &Config, command: &AuditCommand) -> Result<u8, CliFailure> {
    match command {
        AuditCommand::Verify { tenant, noted } => run_verify(config, tenant.as_deref(), noted.as_ref()),
        AuditCommand::Export { tenant, after } => run_export(config, tenant, *after),
    }
}

/// Reads on a connection of its own, without the turn of those who migrate: it may take long.
fn reading<T: Send>(config: &Config, work: impl FnOnce(&mut Conn) -> Stored<T> + Send) -> Stored<T> {
    migrate::run_on_existing(config, false, |_, outcome| match outcome {
        migrate::MigrationOutcome::Pending(n) => {
            Err(Problem::internal(format!("{n} migrations are missing; run `waymark migrate` first")))
        }
        _ => Ok(()),
    })?;
    let opener = Opener::new(config);
    std::thread::scope(|scope| {
        let done = scope.spawn(move || work(&mut opener.open()?)).join();
        done.unwrap_or_else(|_| Err(Problem::internal("the reading panicked")))
    })
}

/// A tenant's name, and the end of its chain or what is wrong with it.
type Verified = (String, Result<ChainEnd, ChainFault>);

fn run_verify(config: &Config, only: Option<&str>, noted: Option<&ChainEnd>) -> Result<u8, CliFailure> {
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(style);
    let found = reading(config, |conn| {
        let mut found: Vec<Verified> = Vec::new();
        for (tenant, name) in named_tenants(conn, only)? {
            bar.set_message(name.clone());
            let chain = verify::verify_chain(conn, tenant, &|at, of| {
                bar.set_length(of.unsigned_abs());
                bar.set_position(at.unsigned_abs());
            })?;
            let chain = match (chain, noted) {
                (Ok(end), Some(noted)) => verify::verify_noted(conn, tenant, noted)?.map(|()| end),
                (chain, _) => chain,
            };
            found.push((name, chain));
        }
        Ok(found)
    });
    bar.finish_and_clear();
    let (whole, broken): (Vec<Verified>, Vec<Verified>) = found?.into_iter().partition(|(_, chain)| chain.is_ok());
    let faults: Vec<String> = broken
        .into_iter()
        .filter_map(|(name, chain)| chain.err().map(|fault| format!("{name}: entry {}: {}", fault.number, fault.why)))
        .collect();
    if !faults.is_empty() {
        return Err(format!("the audit log does not hold\n{}", faults.join("\n")).into());
    }
    let line = |(name, chain): Verified| {
        let end = chain.unwrap_or_default();
        format!("{name}  {} entries  {}:{}\n", end.number, end.number, hex::encode(end.sha256))
    };
    print(&whole.into_iter().map(line).collect::<String>())
}

fn run_export(config: &Config, tenant: &str, after: i64) -> Result<u8, CliFailure> {
    reading(config, |conn| {
        let (tenant, mut after) = (tenant_id(conn, tenant)?, after);
        while let Some((last, text)) = export_piece(conn, tenant, after)? {
            std::io::stdout().lock().write_all(text.as_bytes()).map_err(Problem::internal)?;
            after = last;
        }
        Ok(())
    })?;
    print("")
}
