//! `waymark check`: holds curriculum files and signals to their rules.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::{Failure, print};
use crate::diagnosis;
use crate::lessons::source::Finding;
use crate::lessons::{check, source};

pub fn run(folder: Option<&PathBuf>, json: bool) -> Result<u8, Failure> {
    let files = match folder {
        None => source::embedded(),
        Some(folder) => source::on_disk(folder).map_err(|finding| finding.to_string())?,
    };
    let (mut findings, mut what) = match source::parse(&files) {
        Ok(curriculum) => (check::check(&curriculum), format!("{} lessons", curriculum.lessons.len())),
        Err(findings) => (findings, "unreadable files".to_owned()),
    };
    if diagnosis::source::is_there(&files) {
        let (signals, count) = signals(&files);
        findings.extend(signals);
        what = format!("{what} and {count} signals");
    }
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&findings)?))?;
    } else {
        findings.iter().try_for_each(|finding| print(&format!("{finding}\n")).map(|_| ()))?;
        writeln!(std::io::stderr(), "checked {what}: {} findings", findings.len())?;
    }
    Ok(u8::from(!findings.is_empty()))
}

fn signals(files: &source::Files) -> (Vec<Finding>, usize) {
    match diagnosis::source::parse(files) {
        Ok(source) => {
            let count = source.signals.iter().map(|file| file.signals.len()).sum();
            (diagnosis::check::check(&source), count)
        }
        Err(findings) => (findings, 0),
    }
}
