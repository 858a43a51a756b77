//! What holds for drafts: sizes, names, and which items need a higher revision. Pure.

use serde_json::{Map, Value};

use crate::diagnosis::Evidence;
use crate::diagnosis::limits::wrong_with;
use crate::lessons::format::{AuthoredBlock, Item, Task};
use crate::lessons::source::LessonContent;
use crate::web::limits::Wrong;
use crate::web::parse::parse_body;

/// The largest draft as JSON, in bytes.
pub const LARGEST: usize = 1024 * 1024;
/// Bytes of pictures and evidence in the pages of all languages: every process holds the pages of a published lesson.
const LARGEST_PAGES: usize = 8 * 1024 * 1024;

/// Lower-case letters, digits and hyphens, at most 100.
pub fn is_slug(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What a draft must not have even while it is faulty: parts that could not be shown or checked in a sensible time.
pub fn draft_faults(slug: &str, content: &LessonContent) -> Wrong {
    let (mut wrong, lesson, quiz) = (Wrong::default(), &content.lesson, &content.quiz);
    wrong.language("/lesson/default_language", Some(&lesson.default_language));
    for language in lesson.title.keys() {
        wrong.language("/lesson/title", Some(language));
    }
    wrong.count("/lesson/title", lesson.title.len(), 30);
    wrong.count("/lesson/aliases", lesson.aliases.len(), 20);
    wrong.count("/lesson/authors", lesson.authors.len(), 100);
    wrong.count("/lesson/objectives", lesson.objectives.len(), 100);
    wrong.count("/lesson/blocks", lesson.blocks.len(), 500);
    wrong.count("/lesson/sources", lesson.sources.len(), 200);
    wrong.count("/quiz/items", quiz.items.len(), 200);
    for (i, item) in quiz.items.iter().enumerate() {
        let picked = item.task.texts().len().max(item.task.rationales().len());
        wrong.count(&format!("/quiz/items/{i}"), picked, 50);
        if let Task::ShortText(task) = &item.task {
            wrong.count(&format!("/quiz/items/{i}/accepted"), task.accepted.len(), 50);
        }
        wrong.count(&format!("/quiz/items/{i}/evidence"), item.evidence.len(), 20);
    }
    let pages = shown_everywhere(content).saturating_mul(lesson.title.len().max(1));
    if pages > LARGEST_PAGES {
        let detail = format!(
            "pictures and evidence stand in the pages of each language, and come to {pages} bytes there; at most {LARGEST_PAGES} are kept."
        );
        wrong.add("/lesson/blocks", detail);
    }
    wrong.count("/exercise/rubric", content.exercise.rubric.len(), 100);
    wrong.count("/exercise/cases", content.exercise.cases.len(), 50);
    for (i, case) in content.exercise.cases.iter().enumerate() {
        wrong.below(&format!("/exercise/cases/{i}/evidence"), evidence(&case.evidence));
    }
    if lesson.slug != slug {
        wrong.add("/lesson/slug", format!("must be {slug:?}, as in the URL."));
    }
    wrong
}

/// Bytes of what is the same in every language: pictures and evidence.
fn shown_everywhere(content: &LessonContent) -> usize {
    let blocks = content.lesson.blocks.iter().map(|block| match block {
        AuthoredBlock::Image { data_base64, .. } => data_base64.len(),
        AuthoredBlock::Evidence { content, .. } => content.len(),
        _ => 0,
    });
    let items = content.quiz.items.iter().flat_map(|item| &item.evidence).map(|evidence| evidence.content.len());
    blocks.chain(items).sum()
}

/// What keeps the evidence of a case from being what a submission could bring.
fn evidence(value: &Value) -> Wrong {
    match parse_body::<Evidence>(value.to_string().as_bytes()) {
        Ok(evidence) => wrong_with(&evidence),
        Err(problem) => Wrong(problem.errors().to_vec()),
    }
}

/// What an item's revision stands for: everything that decides an answer's worth, and nothing that is only said. Kind, points,
/// options, key, tolerance and the like; no texts, no evidence, no objective, and not the order in which options are written.
pub fn meaning(item: &Item) -> Value {
    const SAID: &[&str] = &["id", "revision", "objective", "stem", "evidence"];
    let Ok(Value::Object(mut whole)) = serde_json::to_value(item) else { return Value::Null };
    SAID.iter().for_each(|name| drop(whole.remove(*name)));
    without_texts(Value::Object(whole))
}

fn without_texts(value: Value) -> Value {
    const TEXTS: &[&str] = &["text", "rationale"];
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(name, _)| !TEXTS.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name, without_texts(value))).collect::<Map<_, _>>())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.into_iter().map(without_texts).collect();
            // What has an id is found by it, wherever it stands.
            if list.iter().all(|one| one.get("id").is_some()) {
                list.sort_by_cached_key(|one| one.get("id").map(Value::to_string));
            }
            Value::Array(list)
        }
        other => other,
    }
}

/// An item that means something else under the same revision, or goes back behind one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unraised {
    /// Its place in the draft.
    pub index: usize,
    pub item: String,
    pub revision: i32,
    pub least: i32,
}

/// Which items of a draft need a higher revision beside what was published before, the newest first.
pub fn unraised(draft: &LessonContent, published: &[&LessonContent]) -> Vec<Unraised> {
    let known = |id: &str| published.iter().find_map(|content| content.quiz.items.iter().find(|item| item.id == id));
    let items = draft.quiz.items.iter().enumerate();
    let found = items.filter_map(|(index, item)| {
        let old = known(&item.id)?;
        let least = if meaning(old) == meaning(item) { old.revision } else { old.revision.saturating_add(1) };
        (item.revision < least).then(|| Unraised { index, item: item.id.clone(), revision: item.revision, least })
    });
    found.collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
