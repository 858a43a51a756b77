//! What the checks are made of: levels, lines, and what they all measure with.

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
        if self.advice.is_empty() { Ok(()) } else { write!(f, "; {}", self.advice) }
    }
}

/// Level, what was found, what to do.
pub type Judged = (DoctorLevel, String, String);

pub fn fine(found: impl Into<String>) -> Judged {
    (DoctorLevel::Ok, found.into(), String::new())
}

pub fn to_note(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Note, found.into(), advice.into())
}

pub fn to_warn(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Warning, found.into(), advice.into())
}

pub fn to_mend(found: impl Into<String>, advice: impl Into<String>) -> Judged {
    (DoctorLevel::Problem, found.into(), advice.into())
}

pub const DAY: i64 = 86_400;
pub const YEAR: i64 = 365 * DAY;
pub const GIB: u64 = 1 << 30;

pub fn seconds_since(now: Time, earlier: Time) -> i64 {
    now.millis_since(earlier) / 1000
}

pub fn seen_database(facts: &DoctorFacts) -> Option<&SeenDatabase> {
    match &facts.database {
        DatabaseFacts::Seen(seen) => Some(seen),
        DatabaseFacts::None(_) | DatabaseFacts::Unseen(_) => None,
    }
}
