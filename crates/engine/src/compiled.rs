//! The built-in signals as they lie in the program: read from their files ahead, because reading a megabyte of YAML takes longer
//! than everything else that a start does. `script/update` writes them anew, and a test fails while that would change one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::value::RawValue;

use crate::files::{FolderFiles, on_disk};
use crate::format::{Examples, SignalsFile};
use crate::source::{EngineSource, FOLDER, parse_signals};

const SIGNALS: &str = include_str!("../compiled/signals.json");
const EXAMPLES: &str = include_str!("../compiled/examples.json");

/// The signals that are compiled into this program, without their examples: matching needs none, and they are most of the text.
pub fn embedded_signals() -> Result<EngineSource, String> {
    serde_json::from_str(SIGNALS).map_err(|why| why.to_string())
}

/// The examples of a built-in signal, read when they are asked for.
pub fn built_in_examples(signal: &str) -> Option<Examples> {
    type Unread = HashMap<&'static str, &'static RawValue>;
    static UNREAD: LazyLock<Unread> = LazyLock::new(|| serde_json::from_str(EXAMPLES).unwrap_or_default());
    UNREAD.get(signal).and_then(|text| serde_json::from_str(text.get()).ok())
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
