//! What the doctor says of what it knows. One function a check, all of them in one table; none asks the world anything.

mod database;
mod files;
mod network;

use std::fmt;

use serde::Serialize;

use crate::cli::doctor::facts::{DatabaseFacts, DoctorFacts, SeenDatabase};
use crate::db::types::Time;

/// How bad it is; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DoctorLevel {
    Ok,
    Note,
    Warning,
    Problem,
}

/// One line of the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoctorFinding {
    pub level: DoctorLevel,
    /// The name of the check.
    pub check: &'static str,
    /// What was found.
    pub found: String,
    /// What to do; empty where nothing is to be done.
    pub advice: String,
}

impl fmt::Display for DoctorFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            DoctorLevel::Ok => "ok",
            DoctorLevel::Note => "note",
            DoctorLevel::Warning => "warning",
            DoctorLevel::Problem => "problem",
        };
        write!(f, "{level:<8} {:<16} {}", self.check, self.found)?;
        if self.advice.is_empty() { Ok(()) } else { write!(f, ": {}", self.advice) }
    }
}

/// What one check says of an installation.
type Judge = fn(&DoctorFacts) -> Vec<Judged>;

/// Level, what was found, what to do.
type Judged = (DoctorLevel, String, String);

fn ok(found: impl Into<String>) -> Judged {
    (DoctorLevel::Ok, found.into(), String::new())
}

fn note(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Note, found.into(), advice.into())
}

fn warning(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Warning, found.into(), advice.into())
}

fn problem(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Problem, found.into(), advice.into())
}

/// Every check: its name, and what it says; nothing where it has nothing to look at.
const CHECKS: &[(&str, Judge)] = &[
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
    let of = |(check, judge): &(&'static str, Judge)| {
        let check = *check;
        judge(facts).into_iter().map(move |(level, found, advice)| DoctorFinding { level, check, found, advice })
    };
    CHECKS.iter().flat_map(of).collect()
}

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;
const GIB: u64 = 1 << 30;

fn seconds_since(now: Time, earlier: Time) -> i64 {
    now.millis_since(earlier) / 1000
}

fn seen_database(facts: &DoctorFacts) -> Option<&SeenDatabase> {
    match &facts.database {
        DatabaseFacts::Seen(seen) => Some(seen),
        DatabaseFacts::None(_) | DatabaseFacts::Unseen(_) => None,
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
