//! The rules of a lesson's prose: links, reading level and time, the age of its sources, and what was copied.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use pulldown_cmark::{Event, Parser, Tag};

use crate::check::findings::{FindingPlace, Findings};
use crate::check::shape::block_id;
use crate::check::table;
use crate::check::texts::texts;
use crate::check::words::{in_default, is_english, reading_grade, sentences, shingles, without_markdown, words};
use crate::format::{AuthoredBlock, Text};
use crate::rules;
use crate::source::{Curriculum, LessonContent};

const HIGHEST_GRADE: f64 = 12.0;
const MINUTES: std::ops::RangeInclusive<usize> = 4..=12;
const MONTHS: Months = Months::new(12);
const SEED_SHINGLE: usize = 6;

pub fn check_prose(curriculum: &Curriculum, out: &mut Findings<'_>) {
    let lessons: Vec<&LessonContent> = curriculum.lessons.iter().collect();
    for content in &curriculum.lessons {
        check_lesson_prose(content, &lessons, out);
    }
}

/// One lesson among all of the course.
pub fn check_lesson_prose(content: &LessonContent, lessons: &[&LessonContent], out: &mut Findings<'_>) {
    links(content, lessons, out);
    reading(content, out);
    if let Some(oldest) = reviews(lessons).max().and_then(|day| day.checked_sub_months(MONTHS)) {
        stale(content, oldest, out);
    }
}

/// The days of all reviews in the course; the newest stands for today, so that the same files give the same findings.
fn reviews(lessons: &[&LessonContent]) -> impl Iterator<Item = NaiveDate> {
    let sources = lessons.iter().flat_map(|content| &content.lesson.sources).map(|source| source.reviewed_on);
    lessons.iter().map(|content| content.lesson.reviewed_on).chain(sources)
}

fn stale(content: &LessonContent, oldest: NaiveDate, out: &mut Findings<'_>) {
    for source in content.lesson.sources.iter().filter(|source| source.reviewed_on < oldest) {
        let message =
            format!("source {} was reviewed on {}, over a year before the newest review", source.id, source.reviewed_on);
        out.add(table::SOURCE_STALE, &FindingPlace::of(content, "lesson").below("sources").id(&source.id), message);
    }
}

fn reading(content: &LessonContent, out: &mut Findings<'_>) {
    let (place, lesson) = (FindingPlace::of(content, "lesson"), &content.lesson);
    let language = &lesson.default_language;
    let minutes = rules::reading_minutes(&lesson.blocks, language, language);
    if !MINUTES.contains(&minutes) {
        let message = format!("takes {minutes} minutes to read; aim at {} to {}", MINUTES.start(), MINUTES.end());
        out.add(table::READING_TIME, &place, message);
    }
    if is_english(language) {
        let prose: String =
            lesson.blocks.iter().flat_map(prose).map(|text| without_markdown(in_default(text, language), "it") + "\n").collect();
        if let Some(grade) = reading_grade(&sentences(&prose)).filter(|grade| *grade > HIGHEST_GRADE) {
            out.add(table::READING_LEVEL, &place, format!("reads at grade {grade:.1} (Flesch-Kincaid); aim at 12 or lower"));
        }
    }
}

/// What is read in sentences; headings and cells are not.
fn prose(block: &AuthoredBlock) -> Vec<&Text> {
    match block {
        AuthoredBlock::Text { text, .. } | AuthoredBlock::Callout { text, .. } => vec![text],
        AuthoredBlock::Steps { steps, .. } => steps.iter().collect(),
        AuthoredBlock::Heading { .. }
        | AuthoredBlock::Table { .. }
        | AuthoredBlock::Evidence { .. }
        | AuthoredBlock::Image { .. } => Vec::new(),
    }
}

/// A link without a scheme leads to a lesson by its slug or alias, to a block, or to both: `slug#block`.
fn links(content: &LessonContent, lessons: &[&LessonContent], out: &mut Findings<'_>) {
    for (place, text) in texts(content) {
        for markdown in text.values() {
            for target in Parser::new(markdown).filter_map(|event| match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url),
                _ => None,
            }) {
                if !is_outside(&target) && !resolves(&target, content, lessons) {
                    out.add(table::LINK, &place, format!("the link to {target:?} leads to no lesson or block of the course"));
                }
            }
        }
    }
}

fn is_outside(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
}

fn resolves(target: &str, content: &LessonContent, lessons: &[&LessonContent]) -> bool {
    let (path, block) = target.split_once('#').map_or((target, None), |(path, block)| (path, Some(block)));
    let path = ["../", "./", "/v1/lessons/"].iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let lesson = match path {
        "" if block.is_some() => Some(content),
        _ => lessons.iter().copied().find(|one| one.lesson.slug == path || one.lesson.aliases.iter().any(|name| name == path)),
    };
    lesson.is_some_and(|lesson| block.is_none_or(|block| lesson.lesson.blocks.iter().any(|one| block_id(one) == block)))
}

/// Sentences that share six words in a row with `seed`. The title of a lesson is a name, and names may be the same.
pub fn check_copied(curriculum: &Curriculum, seed: &str, out: &mut Findings<'_>) {
    let theirs = shingles(&words(seed), SEED_SHINGLE);
    for content in &curriculum.lessons {
        let names: Vec<BTreeSet<String>> =
            content.lesson.title.values().map(|title| shingles(&words(title), SEED_SHINGLE)).collect();
        let is_name = |run: &String| names.iter().any(|name| name.contains(run));
        for (place, text) in texts(content) {
            for plain in text.values().map(|markdown| plain_with_code(markdown)) {
                for sentence in sentences(&plain) {
                    let own = words(sentence);
                    let shared =
                        own.windows(SEED_SHINGLE).map(|run| run.join(" ")).find(|run| theirs.contains(run) && !is_name(run));
                    if let Some(run) = shared {
                        out.add(table::SEED_COPIED, &place, format!("{sentence:?} has {run:?} in common with the seed"));
                    }
                }
            }
        }
    }
}

fn plain_with_code(markdown: &str) -> String {
    without_markdown(&markdown.replace('`', ""), "")
}
