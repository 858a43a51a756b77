//! The rules of a good curriculum, for `waymark check`: pure, so that the same files give the same findings on any day.

mod cues;
mod evasive;
mod evidence;
mod findings;
mod forms;
mod items;
#[cfg(test)]
mod key_tests;
mod keys;
mod nothing;
#[cfg(test)]
mod planted_tests;
mod pointer;
mod prose;
mod quiz;
mod reference;
#[cfg(test)]
mod rule_tests;
mod secrets;
mod shape;
mod sides;
mod support;
pub mod table;
mod texts;
mod words;
mod worth;

pub use forms::untypeable;
pub use quiz::Guessing;

use std::path::Path;

use serde_json::Value;

use crate::check::findings::Findings;
use crate::rules;
use crate::source::{self, Curriculum, Finding, FolderFiles, LessonContent};

/// Everything that is wrong with a curriculum, errors and advice, lesson by lesson; `files` is what it was parsed from.
pub fn check_curriculum(files: &FolderFiles, curriculum: &Curriculum) -> Vec<Finding> {
    let mut out = Findings::new(files);
    shape::check_shape(curriculum, &mut out);
    for content in &curriculum.lessons {
        check_one_quiz(content, &mut out);
    }
    prose::check_prose(curriculum, &mut out);
    reference::check_reference(curriculum, &mut out);
    out.all.sort_by(|a, b| (!a.is_error(), &a.file, a.line).cmp(&(!b.is_error(), &b.file, b.line)));
    out.all
}

/// Everything that is wrong with a draft beside the `others`, the newest versions of all other lessons that its tenant sees.
/// Findings have pointers into `document`, which is the draft as JSON.
pub fn check_draft(content: &LessonContent, document: &Value, others: &[&LessonContent]) -> Vec<Finding> {
    let mut out = Findings::in_draft(document);
    shape::check_draft_shape(content, others, &mut out);
    check_one_quiz(content, &mut out);
    let all: Vec<&LessonContent> = others.iter().copied().chain([content]).collect();
    prose::check_lesson_prose(content, &all, &mut out);
    out.all.sort_by_key(|finding| !finding.is_error());
    out.all
}

fn check_one_quiz(content: &LessonContent, out: &mut Findings<'_>) {
    items::check_items(content, out);
    evidence::check_shown_evidence(content, out);
    support::check_support(content, out);
    worth::check_worth(content, out);
    quiz::check_quiz(content, out);
}

/// Reads a folder and holds it to every rule; the error is what is wrong with it, without advice.
pub fn folder(folder: &Path) -> Result<(FolderFiles, Curriculum), Vec<Finding>> {
    let files = source::on_disk(folder).map_err(|finding| vec![finding])?;
    let curriculum = source::parse_curriculum(&files)?;
    let mut findings = check_curriculum(&files, &curriculum);
    findings.retain(Finding::is_error);
    if findings.is_empty() { Ok((files, curriculum)) } else { Err(findings) }
}

/// Sentences of the curriculum that have six words in a row in common with `seed`.
pub fn copied_sentences(files: &FolderFiles, curriculum: &Curriculum, seed: &str) -> Vec<Finding> {
    let mut out = Findings::new(files);
    prose::check_copied(curriculum, seed, &mut out);
    out.all
}

/// What guessing by form is expected to yield, for each quiz in each of its languages.
pub fn guessing(curriculum: &Curriculum) -> Vec<Guessing> {
    curriculum.lessons.iter().flat_map(guessing_of).collect()
}

/// The same for one quiz.
pub fn guessing_of(content: &LessonContent) -> Vec<Guessing> {
    rules::languages(content).into_iter().map(|language| quiz::quiz_guessing(content, &language)).collect()
}
