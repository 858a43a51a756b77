//! Reading a folder of curriculum files: the one compiled into the binary, or one on disk.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::lessons::format::{CourseFile, ExerciseFile, LessonFile, QuizFile};
use crate::lessons::reference::format::{FieldGuide, Glossary};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/lessons");

/// Everything that a published lesson version consists of; its canonical JSON is what the digest names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Content {
    pub lesson: LessonFile,
    pub quiz: QuizFile,
    pub exercise: ExerciseFile,
}

/// Everything that is published of a course beside its lessons; its canonical JSON is what the course's digest names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CourseContent {
    #[serde(flatten)]
    pub course: CourseFile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glossary: Option<Glossary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_guide: Option<FieldGuide>,
}

/// A whole curriculum folder.
#[derive(Debug, Clone)]
pub struct Curriculum {
    pub course: CourseFile,
    pub lessons: Vec<Content>,
    pub glossary: Option<Glossary>,
    pub field_guide: Option<FieldGuide>,
}

impl Curriculum {
    pub fn course_content(&self) -> CourseContent {
        CourseContent { course: self.course.clone(), glossary: self.glossary.clone(), field_guide: self.field_guide.clone() }
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    /// From 1, where known.
    pub line: Option<u64>,
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
    fn shape(file: impl Into<String>, line: Option<u64>, message: String) -> Self {
        Self { file: file.into(), line, rule: "shape", severity: Severity::Error, message }
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
pub type Files = BTreeMap<String, String>;

pub fn embedded() -> Files {
    let mut out = Files::new();
    gather(&EMBEDDED, &mut out);
    out
}

fn gather(dir: &Dir<'_>, out: &mut Files) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            out.insert(path.to_owned(), text.to_owned());
        }
    }
    dir.dirs().for_each(|dir| gather(dir, out));
}

/// Reads `course.yaml` and the lesson folders below `root`.
pub fn on_disk(root: &Path) -> Result<Files, Finding> {
    let mut out = Files::new();
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

/// Parses a folder; the error is every file that does not have the shape of `format.rs`.
pub fn parse(files: &Files) -> Result<Curriculum, Vec<Finding>> {
    let course: CourseFile = read(files, "course.yaml").map_err(|finding| vec![finding])?;
    let (mut lessons, mut findings) = (Vec::new(), Vec::new());
    for slug in &course.lessons {
        let content = || -> Result<Content, Finding> {
            Ok(Content {
                lesson: read(files, &format!("{slug}/lesson.yaml"))?,
                quiz: read(files, &format!("{slug}/quiz.yaml"))?,
                exercise: read(files, &format!("{slug}/exercise.yaml"))?,
            })
        };
        match content() {
            Ok(content) => lessons.push(content),
            Err(finding) => findings.push(finding),
        }
    }
    let glossary = optional(files, "glossary.yaml", &mut findings);
    let field_guide = optional(files, "field-guide.yaml", &mut findings);
    if findings.is_empty() { Ok(Curriculum { course, lessons, glossary, field_guide }) } else { Err(findings) }
}

/// Reads a file that need not be there.
fn optional<T: DeserializeOwned>(files: &Files, name: &str, findings: &mut Vec<Finding>) -> Option<T> {
    let found = files.contains_key(name).then(|| read(files, name))?;
    found.map_err(|finding| findings.push(finding)).ok()
}

/// Reads one file of the folder.
pub fn read<T: DeserializeOwned>(files: &Files, name: &str) -> Result<T, Finding> {
    let finding = |line, message| Finding::shape(name, line, message);
    let text = files.get(name).ok_or_else(|| finding(None, "is missing".to_owned()))?;
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map(|location| location.line());
        finding(line, error.to_string().lines().next().unwrap_or("cannot be read").to_owned())
    })
}
