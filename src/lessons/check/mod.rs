//! The rules of a good curriculum, for `waymark check`: pure, so that the same files give the same findings on any day.

mod findings;
mod items;
#[cfg(test)]
mod key_tests;
mod keys;
mod prose;
mod quiz;
mod reference;
#[cfg(test)]
mod rule_tests;
mod shape;
pub mod table;
mod texts;
mod words;

pub use quiz::Guessing;

use std::path::Path;

use crate::lessons::check::findings::Findings;
use crate::lessons::rules;
use crate::lessons::source::{self, Curriculum, Files, Finding};

/// Everything that is wrong with a curriculum, errors and advice, lesson by lesson; `files` is what it was parsed from.
pub fn check(files: &Files, curriculum: &Curriculum) -> Vec<Finding> {
    let mut out = Findings::new(files);
    shape::check(curriculum, &mut out);
    for content in &curriculum.lessons {
        items::check(content, &mut out);
        quiz::check(content, &mut out);
    }
    prose::check(curriculum, &mut out);
    reference::check(curriculum, &mut out);
    out.all.sort_by(|a, b| (!a.is_error(), &a.file, a.line).cmp(&(!b.is_error(), &b.file, b.line)));
    out.all
}

/// Reads a folder and holds it to every rule; the error is what is wrong with it, without advice.
pub fn folder(folder: &Path) -> Result<(Files, Curriculum), Vec<Finding>> {
    let files = source::on_disk(folder).map_err(|finding| vec![finding])?;
    let curriculum = source::parse(&files)?;
    let mut findings = check(&files, &curriculum);
    findings.retain(Finding::is_error);
    if findings.is_empty() { Ok((files, curriculum)) } else { Err(findings) }
}

/// Sentences of the curriculum that have six words in a row in common with `seed`.
pub fn copied(files: &Files, curriculum: &Curriculum, seed: &str) -> Vec<Finding> {
    let mut out = Findings::new(files);
    prose::copied(curriculum, seed, &mut out);
    out.all
}

/// What guessing by form is expected to yield, for each quiz in each of its languages.
pub fn guessing(curriculum: &Curriculum) -> Vec<Guessing> {
    let one = |content| rules::languages(content).into_iter().map(move |language| quiz::guessing(content, &language));
    curriculum.lessons.iter().flat_map(one).collect()
}
