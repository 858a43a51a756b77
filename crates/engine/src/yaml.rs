//! The signals as their authors write them: read from YAML, and brought into the form in which they lie in the program (`compiled`).
//! Only with the feature `yaml`, which whoever just wants verdicts does without.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::files::{Finding, FolderFiles, on_disk};
use crate::format::SignalsFile;
use crate::source::{EngineSource, FOLDER, Guide};
use crate::vendor_grammar::SentencesFile;
use crate::wording::lexicon::WordingFile;

const GUIDE: &str = "signals/layers.yaml";
const SENTENCES: &str = "signals/sentences.yaml";
const WORDING: &str = "signals/wording/";

/// Reads one file of the folder.
pub fn read_folder_file<T: DeserializeOwned>(files: &FolderFiles, name: &str) -> Result<T, Finding> {
    let finding = |line, message| Finding::shape(name, line, message);
    let text = files.get(name).ok_or_else(|| finding(None, "is missing".to_owned()))?;
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map(|location| location.line());
        finding(line, error.to_string().lines().next().unwrap_or("cannot be read").to_owned())
    })
}

/// The error is every file that does not have the shape of `format.rs`.
pub fn parse_signals(files: &FolderFiles) -> Result<EngineSource, Vec<Finding>> {
    let mut findings = Vec::new();
    let guide = keep(read_folder_file::<Guide>(files, GUIDE), &mut findings);
    let sentences = keep(read_folder_file::<SentencesFile>(files, SENTENCES), &mut findings);
    let (mut wording, mut signals) = (Vec::new(), Vec::new());
    for name in files.keys().filter(|name| name.starts_with(FOLDER) && ![GUIDE, SENTENCES].contains(&name.as_str())) {
        if name.starts_with(WORDING) {
            wording.extend(keep(read_folder_file::<WordingFile>(files, name), &mut findings));
        } else {
            signals.extend(keep(read_folder_file::<SignalsFile>(files, name), &mut findings));
        }
    }
    match (guide, sentences) {
        (Some(guide), Some(sentences)) if findings.is_empty() => Ok(EngineSource { guide, wording, sentences, signals }),
        _ => Err(findings),
    }
}

fn keep<T>(read: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|finding| findings.push(finding)).ok()
}

/// What is compiled in, by the name of its file.
pub struct CompiledSignals {
    pub files: [(&'static str, String); 2],
}

/// Reads the files of a folder, which is called `signals` in a curriculum.
pub fn compile_signals(folder: &Path) -> Result<CompiledSignals, String> {
    let files = on_disk(folder).map_err(|finding| finding.to_string())?;
    let files: FolderFiles = files.into_iter().map(|(name, text)| (format!("{FOLDER}{name}"), text)).collect();
    let source = parse_signals(&files).map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let (signals, examples) = in_lines(source).map_err(|why| why.to_string())?;
    Ok(CompiledSignals { files: [("signals.json", signals), ("examples.json", examples)] })
}

/// A line for each signal, so that a change shows as what it is.
fn in_lines(source: EngineSource) -> serde_json::Result<(String, String)> {
    let (mut files, mut examples) = (Vec::new(), Vec::new());
    for mut file in source.signals {
        let mut lines = Vec::new();
        for mut signal in std::mem::take(&mut file.signals) {
            let of_signal = serde_json::to_string(&std::mem::take(&mut signal.examples))?;
            examples.push(format!("{}:{of_signal}", serde_json::to_string(&signal.id)?));
            lines.push(serde_json::to_string(&signal)?);
        }
        files.push(with_lines(&file, &lines)?);
    }
    let wording = source.wording.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    let guide = serde_json::to_string(&source.guide)?;
    let sentences = source.sentences.languages.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    let signals = format!(
        "{{\"guide\":{guide},\n\"wording\":[\n{}\n],\n\"sentences\":{{\"languages\":[\n{}\n]}},\n\"signals\":[\n{}\n]}}\n",
        wording.join(",\n"),
        sentences.join(",\n"),
        files.join(",\n")
    );
    Ok((signals, format!("{{\n{}\n}}\n", examples.join(",\n"))))
}

/// A file's JSON with these lines in the place of its signals, which come last.
fn with_lines(file: &SignalsFile, lines: &[String]) -> serde_json::Result<String> {
    let text = serde_json::to_string(file)?;
    let head = text.strip_suffix("]}").unwrap_or(&text);
    Ok(format!("{head}\n{}\n]}}", lines.join(",\n")))
}
