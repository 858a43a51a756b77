//! Folders of YAML files, embedded or on disk, and what is found wrong with them. What reads one is in `yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::Dir;
use serde::Serialize;

#[cfg(feature = "yaml")]
pub use crate::yaml::read_folder_file;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    /// From 1, where known.
    pub line: Option<u64>,
    /// Where in a draft it stands (RFC 6901); never in files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The stable name of the rule; `shape` where a file could not be read, `signal` for signals.
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
}

/// An error fails the check; advice is for the author to weigh.
#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Advice,
}

impl Finding {
    /// A file that does not have its shape, or cannot be read.
    pub fn shape(file: impl Into<String>, line: Option<u64>, message: String) -> Self {
        Self { file: file.into(), line, pointer: None, rule: "shape", severity: Severity::Error, message }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let advice = if self.is_error() { "" } else { "advice: " };
        match self.line {
            Some(line) => write!(f, "{}:{line}: {advice}{} [{}]", self.file, self.message, self.rule),
            None => write!(f, "{}: {advice}{} [{}]", self.file, self.message, self.rule),
        }
    }
}

/// Files by their path inside the folder.
pub type FolderFiles = BTreeMap<String, String>;

/// Adds every text file of an embedded folder, its path below `prefix`.
pub fn gather(dir: &Dir<'_>, prefix: &str, out: &mut FolderFiles) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            out.insert(format!("{prefix}{path}"), text.to_owned());
        }
    }
    dir.dirs().for_each(|dir| gather(dir, prefix, out));
}

/// Reads every YAML file below `root`.
pub fn on_disk(root: &Path) -> Result<FolderFiles, Finding> {
    let mut out = FolderFiles::new();
    let mut todo = vec![root.to_path_buf()];
    while let Some(dir) = todo.pop() {
        let failed = |e: std::io::Error| Finding::shape(dir.display().to_string(), None, format!("cannot be read: {e}"));
        for entry in std::fs::read_dir(&dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "yml") {
                let message = "would not be read: name it .yaml".to_owned();
                return Err(Finding::shape(path.display().to_string(), None, message));
            } else if path.extension().is_some_and(|e| e == "yaml") {
                let text = std::fs::read_to_string(&path).map_err(failed)?;
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                out.insert(name, text);
            }
        }
    }
    Ok(out)
}
