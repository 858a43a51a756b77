//! `waymark check`: holds curriculum files and signals to their rules.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::output::{CliFailure, print};
use crate::diagnosis;
use crate::lessons::check::Guessing;
use crate::lessons::source::Finding;
use crate::lessons::{check, source};

#[derive(Debug, Args)]
pub struct CheckFlags {
    /// A folder with course.yaml; absent means the curriculum built into this binary
    folder: Option<PathBuf>,
    /// Print findings and estimates as JSON
    #[arg(long)]
    json: bool,
    /// Also report sentences that share six words in a row with this text file
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct CheckReport {
    findings: Vec<Finding>,
    /// For each quiz, what guessing by form yields.
    quizzes: Vec<Guessing>,
}

pub fn run_check(flags: &CheckFlags) -> Result<u8, CliFailure> {
    let files = match &flags.folder {
        None => source::embedded_curriculum(),
        Some(folder) => source::on_disk(folder).map_err(|finding| finding.to_string())?,
    };
    let seed = match &flags.seed {
        None => None,
        Some(file) => Some(std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?),
    };
    let mut quizzes = Vec::new();
    let (mut findings, mut what) = match source::parse_curriculum(&files) {
        Ok(curriculum) => {
            let mut findings = check::check_curriculum(&files, &curriculum);
            findings.extend(seed.iter().flat_map(|seed| check::copied_sentences(&files, &curriculum, seed)));
            quizzes = check::guessing(&curriculum);
            (findings, format!("{} lessons", curriculum.lessons.len()))
        }
        Err(findings) => (findings, "unreadable files".to_owned()),
    };
    if diagnosis::source::is_there(&files) {
        let (signals, count) = signals(&files);
        findings.extend(signals);
        what = format!("{what} and {count} signals");
    }
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    if flags.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&CheckReport { findings, quizzes })?))?;
    } else {
        findings.iter().try_for_each(|finding| print(&format!("{finding}\n")).map(|_| ()))?;
        let mut log = std::io::stderr();
        for quiz in &quizzes {
            let (expected, blind) = (quiz.expected * 100.0, quiz.blind * 100.0);
            writeln!(
                log,
                "{} ({}): guessing by form ({}) gets {expected:.0} % of {} items, blind {blind:.0} %",
                quiz.lesson, quiz.language, quiz.best, quiz.items
            )?;
        }
        writeln!(log, "checked {what}: {errors} errors, {} pieces of advice", findings.len() - errors)?;
    }
    Ok(u8::from(errors > 0))
}

fn signals(files: &source::FolderFiles) -> (Vec<Finding>, usize) {
    match diagnosis::source::parse_signals(files) {
        Ok(source) => {
            let count = source.signals.iter().map(|file| file.signals.len()).sum();
            (diagnosis::check::check_signals(&source), count)
        }
        Err(findings) => (findings, 0),
    }
}
