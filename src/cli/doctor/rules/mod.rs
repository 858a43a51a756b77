//! What the doctor says of what it knows. One function a check, all of them in one table; none asks the world anything.

mod database;
mod files;
mod finding;
mod network;

use crate::cli::doctor::facts::DoctorFacts;
use finding::Judged;

pub use finding::{DoctorFinding, DoctorLevel};

/// What one check says of an installation.
type DoctorCheck = fn(&DoctorFacts) -> Vec<Judged>;

/// Every check: its name, and what it says; nothing where it has nothing to look at.
const CHECKS: &[(&str, DoctorCheck)] = &[
    ("key-secret", database::judge_key_secret),
    ("signing-key-age", database::judge_signing_key_age),
    ("administrator", database::judge_administrator),
    ("files", files::judge_files),
    ("folder", files::judge_folder),
    ("config-file", files::judge_config_file),
    ("tls", network::judge_tls),
    ("certificate", network::judge_certificate),
    ("public-url", network::judge_public_url),
    ("cors", network::judge_cors),
    ("metrics", network::judge_metrics_listener),
    ("log", network::judge_log),
    ("database", database::judge_database),
    ("migrations", database::judge_migrations),
    ("clock", database::judge_clock),
    ("sqlite", database::judge_sqlite),
    ("file-system", files::judge_file_system),
    ("postgres", database::judge_postgres),
    ("postgres-tls", database::judge_postgres_tls),
    ("connections", database::judge_database_connections),
    ("disk", files::judge_disk_space),
    ("backup", files::judge_backup),
    ("open-files", network::judge_open_files),
];

/// All findings, in the order of the table.
pub fn judge_all(facts: &DoctorFacts) -> Vec<DoctorFinding> {
    let of = |(check, judge): &(&'static str, DoctorCheck)| {
        let check = *check;
        judge(facts).into_iter().map(move |(level, found, advice)| DoctorFinding { level, check, found, advice })
    };
    CHECKS.iter().flat_map(of).collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
