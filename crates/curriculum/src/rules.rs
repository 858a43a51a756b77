//! Canonical content and its digest, languages, reading time. Pure.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::format::{AuthoredBlock, Item, Text};
use crate::source::LessonContent;

/// JSON with the members of every object in the order of their names and no white space, so that equal content has equal
/// bytes wherever it was stored meanwhile (after RFC 8785, for the values that occur here).
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
            let members: Vec<String> =
                sorted.into_iter().map(|(k, v)| format!("{}:{}", Value::from(k.as_str()), canonical(v))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(n) => match n.as_f64() {
            // 1.0 and 1 are the same number, and jsonb may give back either.
            Some(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
            _ => n.to_string(),
        },
        other => other.to_string(),
    }
}

/// `sha256-` and the hexadecimal SHA-256 of the canonical content: the name of a version.
pub fn content_digest(content: &Value) -> String {
    format!("sha256-{}", hex::encode(Sha256::digest(canonical(content))))
}

/// The languages in which the whole lesson is there.
pub fn languages(content: &LessonContent) -> BTreeSet<String> {
    content.lesson.title.keys().cloned().collect()
}

/// The text in `language`, else in `default`, else in any.
pub fn in_language<'a>(text: &'a Text, language: &str, default: &str) -> &'a str {
    text.get(language).or_else(|| text.get(default)).or_else(|| text.values().next()).map_or("", String::as_str)
}

/// Ranges of one `Accept-Language` that are looked at, and the longest tag, in bytes.
const MOST_RANGES: usize = 50;
const LONGEST_TAG: usize = 100;

/// The best of `languages` for an `Accept-Language` header (RFC 4647, lookup), else `default`.
pub fn negotiate(accept: Option<&str>, languages: &BTreeSet<String>, default: &str) -> String {
    let mut wanted: Vec<(f32, &str)> = accept
        .unwrap_or_default()
        .split(',')
        // A header may have 100 KB, and each range is held against every language.
        .take(MOST_RANGES)
        .filter_map(|range| {
            let (tag, params) = range.split_once(';').unwrap_or((range, ""));
            let q = params.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse().ok())?;
            (q > 0.0).then_some((q, tag.trim()))
        })
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    wanted.into_iter().find_map(|(_, tag)| lookup(tag, languages)).unwrap_or_else(|| default.to_owned())
}

/// The language of `languages` for one tag: itself, or what is left when parts are taken off its end (RFC 4647, section 3.4).
/// Names of locales as systems have them (`de_DE`, `pt_BR.UTF-8`, `sr_RS@latin`) are read as the tags that they stand for.
pub fn lookup(tag: &str, languages: &BTreeSet<String>) -> Option<String> {
    if tag.len() > LONGEST_TAG {
        return None;
    }
    let locale = tag.split(['.', '@']).next().unwrap_or_default();
    let mut tag = locale.to_ascii_lowercase().replace('_', "-");
    loop {
        if let Some(found) = languages.iter().find(|language| language.to_ascii_lowercase() == tag) {
            return Some(found.clone());
        }
        tag.truncate(tag.rfind('-')?);
    }
}

/// The writing direction of a language, for `dir` (the scripts that are written from right to left).
pub fn direction(language: &str) -> &'static str {
    const RIGHT_TO_LEFT: &[&str] = &["ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv"];
    if RIGHT_TO_LEFT.contains(&language.split('-').next().unwrap_or_default()) { "rtl" } else { "ltr" }
}

/// Words per minute that adults read expository English prose silently (Brysbaert 2019, doi:10.1016/j.jml.2019.104047: 238),
/// rounded down because evidence is read slowly.
const WORDS_PER_MINUTE: usize = 200;

/// Minutes to read the lesson's blocks, at least 1.
pub fn reading_minutes(blocks: &[AuthoredBlock], language: &str, default: &str) -> usize {
    let words = |text: &Text| in_language(text, language, default).split_whitespace().count();
    let total: usize = blocks
        .iter()
        .map(|block| match block {
            AuthoredBlock::Heading { text, .. } | AuthoredBlock::Text { text, .. } => words(text),
            AuthoredBlock::Table { caption, columns, rows, .. } => {
                words(caption) + columns.iter().chain(rows.iter().flatten()).map(words).sum::<usize>()
            }
            AuthoredBlock::Callout { title, text, .. } => words(title) + words(text),
            AuthoredBlock::Evidence { description, content, .. } => words(description) + content.split_whitespace().count(),
            AuthoredBlock::Steps { title, steps, .. } => words(title) + steps.iter().map(words).sum::<usize>(),
            AuthoredBlock::Image { alt, .. } => words(alt),
        })
        .sum();
    total.div_ceil(WORDS_PER_MINUTE).max(1)
}

/// The item of this id.
pub fn item_of<'a>(content: &'a LessonContent, id: &str) -> Option<&'a Item> {
    content.quiz.items.iter().find(|item| item.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_json_does_not_depend_on_order_or_number_form() {
        let a: Value = serde_json::from_str(r#"{"b": 1.0, "a": [true, "x\n"]}"#).unwrap();
        assert_eq!(canonical(&a), canonical(&json!({"a": [true, "x\n"], "b": 1})));
        assert_eq!(canonical(&a), r#"{"a":[true,"x\n"],"b":1}"#);
    }

    #[test]
    fn the_best_language_is_found() {
        let there: BTreeSet<String> = ["de", "en", "pt-BR"].map(str::to_owned).into();
        let pick = |accept: &str| negotiate(Some(accept), &there, "en");
        assert_eq!(pick("de-AT, en;q=0.5"), "de");
        assert_eq!(pick("fr, pt-br;q=0.4, en;q=0.3"), "pt-BR");
        assert_eq!(pick("fr"), "en");
        assert_eq!(pick("de;q=0"), "en");
        assert_eq!(pick(&format!("{},de", "x,".repeat(50_000))), "en", "who sends so many has no wish");
        assert_eq!(lookup(&"de-".repeat(30_000), &there), None);
        for (locale, found) in [
            ("de_DE", Some("de")),
            ("pt_BR", Some("pt-BR")),
            ("PT_br.UTF-8", Some("pt-BR")),
            ("de_AT@euro", Some("de")),
            ("C.UTF-8", None),
            ("_", None),
            ("", None),
        ] {
            assert_eq!(lookup(locale, &there).as_deref(), found, "{locale}");
        }
    }
}
