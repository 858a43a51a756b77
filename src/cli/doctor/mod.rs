//! `waymark doctor`: what an installation leaves open, one line each. It looks at the configuration, the files and the database that it
//! names, changes nothing and makes nothing.
//!
//! `facts` is all that is known, `gather` and `store` find it out, `rules` judge it.

mod facts;
mod gather;
mod rules;
mod store;

use std::io::Write;

use clap::Args;
use serde::Serialize;

use crate::cli::output::{CliFailure, print};
use crate::clock::Clock;
use crate::config::Config;
use rules::{DoctorFinding, DoctorLevel};

pub const DOCTOR_HELP: &str = "\
Give it where the service runs, with the service's configuration, as its user or as root: in a container with `docker exec`, beside
systemd with the environment of the unit (`set -a; . /etc/waymark/waymark.env`, and the unit's DATABASE_URL).

Each line has a level, the name of the check, what was found, and what to do:
  problem   data or secrets are at risk, or the service cannot work
  warning   to be mended before others depend on the service
  note      to be known; it may be as it should
  ok        looked at, and well

Exit codes: 0 nothing worse than notes; 1 warnings or problems; 2 wrong usage.";

#[derive(Debug, Args)]
pub struct DoctorFlags {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct DoctorReport {
    /// The worst level of all.
    worst: DoctorLevel,
    findings: Vec<DoctorFinding>,
}

pub fn run_doctor(config: &Config, flags: &DoctorFlags) -> Result<u8, CliFailure> {
    let mut findings = rules::judge_all(&gather::gather_facts(config, &Clock::system()));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(DoctorLevel::Ok);
    let count = |level: DoctorLevel| findings.iter().filter(|finding| finding.level == level).count();
    let summary = format!(
        "{} problems, {} warnings, {} notes, {} ok",
        count(DoctorLevel::Problem),
        count(DoctorLevel::Warning),
        count(DoctorLevel::Note),
        count(DoctorLevel::Ok)
    );
    if flags.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&DoctorReport { worst, findings })?))?;
    } else {
        findings.iter().try_for_each(|finding| print(&format!("{finding}\n")).map(drop))?;
        writeln!(std::io::stderr(), "{summary}")?;
    }
    Ok(u8::from(worst >= DoctorLevel::Warning))
}
