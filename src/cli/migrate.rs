//! `waymark migrate`.

use crate::cli::admin::tell_administrator;
use crate::cli::output::{CliFailure, print};
use crate::cli::serve::with_progress;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::migrate;
use crate::first_start::{self, Starter};

/// Brings the schema up to date, and makes what the first start makes.
pub fn migrate_now(config: &Config) -> Result<u8, CliFailure> {
    let outcome = with_progress("migrating", || {
        migrate::run_migrations(config, true, |conn, outcome| {
            tell_administrator(&first_start::start_first(conn, config, &Clock::system(), Starter::Command)?);
            Ok(match outcome {
                migrate::MigrationOutcome::Applied(n) => format!("applied {n} migrations\n"),
                _ => "up to date\n".to_owned(),
            })
        })
    })?;
    print(&outcome)
}
