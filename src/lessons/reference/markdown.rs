//! The glossary and the field guide as Markdown (RFC 7763), with tables as GitHub writes them.

use std::fmt::Write;

use crate::lessons::reference::wire::{FieldGuide, Glossary, GuideRow};
use crate::lessons::reference::words::Words;

pub fn glossary_markdown(glossary: &Glossary, lesson_title: &dyn Fn(&str) -> String) -> String {
    let words = Words::of(&glossary.language);
    let mut out = format!("# {}\n\n{}\n", words.glossary, words.about_glossary);
    for term in &glossary.terms {
        let _ = write!(out, "\n## {}\n\n{}\n", term.term.markdown.trim(), term.definition.markdown.trim());
        let see: Vec<String> = term.see.iter().map(|one| escaped(&one.term)).collect();
        if !see.is_empty() {
            let _ = write!(out, "\n{}: {}\n", words.see, see.join(", "));
        }
        let lessons: Vec<String> = term.lessons.iter().map(|slug| escaped(&lesson_title(slug))).collect();
        if !lessons.is_empty() {
            let _ = write!(out, "\n{}: {}\n", words.lessons, lessons.join("; "));
        }
    }
    out
}

pub fn guide_markdown(guide: &FieldGuide) -> String {
    let words = Words::of(&guide.language);
    let mut out = format!("# {}\n\n{}\n", words.guide, words.about_guide);
    let mut table = |title: Option<&str>, rows: Vec<&GuideRow>| {
        if rows.is_empty() {
            return;
        }
        if let Some(title) = title {
            let _ = write!(out, "\n## {}\n", escaped(title));
        }
        let names = [words.sign, words.place, words.layer, words.owner, words.step];
        let _ = write!(out, "\n| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len()));
        for row in rows {
            let texts = [&row.sign.markdown, &row.r#where.markdown, &row.layer_name, &row.owner_name, &row.step.markdown];
            let cells: Vec<String> = texts.map(|text| cell(text)).into();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
    };
    for group in &guide.groups {
        table(Some(&group.title), guide.rows.iter().filter(|row| row.group.as_ref() == Some(&group.id)).collect());
    }
    let known = |row: &&GuideRow| guide.groups.iter().any(|group| row.group.as_ref() == Some(&group.id));
    table(None, guide.rows.iter().filter(|row| !known(row)).collect());
    out
}

/// A cell is one line, and a bar in it would end it.
fn cell(markdown: &str) -> String {
    markdown.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Plain text in a place where Markdown is read.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
