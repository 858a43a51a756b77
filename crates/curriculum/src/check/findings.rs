//! Gathers findings, and finds their lines (in a draft their JSON pointers, see `pointer.rs`): the line of the id that a finding is about, searched in the file's text.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::pointer::pointer;
use crate::check::table::{self, CheckRule};
use crate::format::{About, Text};
use crate::source::{Finding, FolderFiles, LessonContent};

static NO_FILES: FolderFiles = FolderFiles::new();

pub struct Findings<'a> {
    pub files: &'a FolderFiles,
    /// The draft that is checked, where it is none of files.
    draft: Option<&'a Value>,
    pub all: Vec<Finding>,
}

/// Where a finding stands: a file, and the marks that lead to the line, the outer one first (`id: fsc-001`, `id: trained`).
#[derive(Debug, Clone)]
pub struct FindingPlace {
    pub file: String,
    marks: Vec<String>,
}

impl FindingPlace {
    pub fn of(content: &LessonContent, file: &str) -> Self {
        Self { file: format!("{}/{file}.yaml", content.lesson.slug), marks: Vec::new() }
    }

    pub fn glossary() -> Self {
        Self { file: "glossary.yaml".to_owned(), marks: Vec::new() }
    }

    pub fn field_guide() -> Self {
        Self { file: "field-guide.yaml".to_owned(), marks: Vec::new() }
    }

    pub fn course() -> Self {
        Self { file: "course.yaml".to_owned(), marks: Vec::new() }
    }

    /// The part of this place that is marked `key: value`.
    pub fn at(&self, key: &str, value: &str) -> Self {
        let marks = self.marks.iter().cloned().chain([format!("{key}: {value}")]).collect();
        Self { file: self.file.clone(), marks }
    }

    /// What stands below a line `key:`.
    pub fn below(&self, key: &str) -> Self {
        self.at(key, "")
    }

    /// Which part of a lesson's content the file is: `lesson`, `quiz`, `exercise`.
    fn part(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".yaml").unwrap_or(name)
    }

    pub fn id(&self, id: &str) -> Self {
        self.at("id", id)
    }
}

impl About<'_> {
    /// The place of what it is about, inside that of the item.
    pub fn place(&self, item: &FindingPlace) -> FindingPlace {
        match self {
            About::Option(id) => item.id(id),
            About::Item | About::Answer(_) => item.clone(),
        }
    }
}

impl std::fmt::Display for About<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            About::Item => f.write_str("the item"),
            About::Option(id) => write!(f, "option {id}"),
            About::Answer(answer) => write!(f, "the answer {answer:?}"),
        }
    }
}

impl<'a> Findings<'a> {
    pub fn new(files: &'a FolderFiles) -> Self {
        Self { files, draft: None, all: Vec::new() }
    }

    /// For a draft: findings have pointers instead of lines.
    pub fn in_draft(draft: &'a Value) -> Self {
        Self { files: &NO_FILES, draft: Some(draft), all: Vec::new() }
    }

    pub fn add(&mut self, rule: CheckRule, place: &FindingPlace, message: impl Into<String>) {
        let line = self.files.get(&place.file).and_then(|text| line(text, &place.marks));
        let pointer = self.draft.and_then(|draft| pointer(draft, place.part(), &place.marks));
        let (file, message) = (place.file.clone(), message.into());
        self.all.push(Finding { file, line, pointer, rule: rule.name, severity: rule.severity, message });
    }

    pub fn slug(&mut self, place: &FindingPlace, slug: &str) {
        let fits = !slug.is_empty()
            && slug.len() <= 100
            && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            self.add(table::ID, place, format!("{slug:?} is no slug or id: use lower-case letters, digits and hyphens"));
        }
    }

    /// Every text must be there in every language of the lesson.
    pub fn text(&mut self, place: &FindingPlace, what: &str, text: &Text, languages: &BTreeSet<String>) {
        self.text_by(table::LANGUAGE, place, what, text, languages);
    }

    /// As `text`, where another rule names what is missing.
    pub fn text_by(&mut self, missing: CheckRule, place: &FindingPlace, what: &str, text: &Text, languages: &BTreeSet<String>) {
        for language in languages {
            if text.get(language).is_none_or(|t| t.trim().is_empty()) {
                self.add(missing, place, format!("{what} has no text in {language}"));
            }
        }
        for language in text.keys().filter(|l| !languages.contains(*l)) {
            let message = format!("{what} has a text in {language}, which is no language of the lesson's title");
            self.add(table::LANGUAGE, place, message);
        }
    }

    pub fn unique<'b>(&mut self, place: &FindingPlace, what: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            self.slug(&place.id(id), id);
            if !seen.insert(id) {
                self.add(table::ID_REPEATED, &place.id(id).id(id), format!("the {what} id {id} stands twice"));
            }
        }
    }
}

/// The line of the last mark, each searched from the one before it on; none where one of them is not found.
fn line(text: &str, marks: &[String]) -> Option<u64> {
    let lines: Vec<(&str, u64)> = text.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with('#')).collect();
    let (mut from, mut found, mut last) = (0, None, "");
    for mark in marks {
        // Two marks may share a line, `{id: a, text: ...}`, but the same mark once more stands further down.
        let start = from + usize::from(last == mark);
        let (at, number) =
            lines.iter().enumerate().skip(start).find_map(|(at, (line, n))| bears(line, mark).then_some((at, *n)))?;
        (from, found, last) = (at, Some(number), mark);
    }
    found
}

/// Whether a line has `key: value` as YAML writes it, the value bare or in quotes.
fn bears(line: &str, mark: &str) -> bool {
    let Some((key, value)) = mark.split_once(": ") else { return false };
    let begins = |before: &str| before.chars().next_back().is_none_or(|c| matches!(c, ' ' | '{' | '-'));
    let ends = |after: &str| after.chars().next().is_none_or(|c| matches!(c, ',' | '}' | ' '));
    line.match_indices(&format!("{key}:")).any(|(at, found)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + found.len()..).unwrap_or_default());
        let after = after.trim_start();
        let bare = after.strip_prefix(value).is_some_and(ends);
        let quoted = |quote: char| {
            after.strip_prefix(quote).and_then(|rest| rest.strip_prefix(value)).is_some_and(|rest| rest.starts_with(quote))
        };
        begins(before) && (bare || quoted('"') || quoted('\''))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_an_id_is_found_or_left_open() {
        let text =
            "items:\n  # id: b\n  - id: a\n    options:\n      - {id: b-c, text: x}\n      - {id: \"b\"}\n  - {id: c, key: b}\n";
        let at = |marks: &[&str]| line(text, &marks.iter().map(|mark| (*mark).to_owned()).collect::<Vec<_>>());
        assert_eq!(at(&["id: a"]), Some(3));
        assert_eq!(at(&["id: a", "id: b"]), Some(6));
        assert_eq!(at(&["id: c", "id: b"]), None);
        assert_eq!(at(&["id: c", "key: b"]), Some(7));
        assert_eq!(at(&["items: ", "id: c"]), Some(7));
        assert_eq!(at(&["id: a", "id: a"]), None, "there is no second one");
        assert_eq!(at(&[]), None);
    }
}
