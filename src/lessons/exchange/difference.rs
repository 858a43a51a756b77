//! What differs between two pieces of content, in words: lists are compared by the ids in them, long texts line by line. Pure.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceLine {
    /// Where something differs, and how.
    Place(String),
    Removed(String),
    Added(String),
    /// Stands beside what changed.
    Same(String),
}

/// A text longer than this is compared line by line.
const SHORT: usize = 60;

/// What one of a list is called.
const NAMES: &[(&str, &str)] = &[
    ("items", "item"),
    ("options", "option"),
    ("prompts", "prompt"),
    ("choices", "choice"),
    ("blocks", "block"),
    ("objectives", "objective"),
    ("sources", "source"),
    ("rubric", "criterion"),
    ("cases", "case"),
    ("steps", "step"),
    ("terms", "term"),
    ("groups", "group"),
    ("rows", "row"),
];

pub fn between(old: &Value, new: &Value) -> Vec<DifferenceLine> {
    let mut out = Vec::new();
    compare(&[], old, new, &mut out);
    out
}

fn compare(at: &[String], old: &Value, new: &Value, out: &mut Vec<DifferenceLine>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(old), Value::Object(new)) => members(at, old, new, out),
        (Value::Array(old), Value::Array(new)) => lists(at, old, new, out),
        (Value::String(old), Value::String(new)) if is_long(old) || is_long(new) => text(at, old, new, out),
        _ => out.push(DifferenceLine::Place(format!("{}: {} -> {}", place(at), short_value(old), short_value(new)))),
    }
}

fn members(at: &[String], old: &Map<String, Value>, new: &Map<String, Value>, out: &mut Vec<DifferenceLine>) {
    for (name, value) in old {
        match new.get(name) {
            Some(other) => compare(&below(at, name), value, other, out),
            None => out.push(DifferenceLine::Place(format!("{}: removed, was {}", place(&below(at, name)), short_value(value)))),
        }
    }
    for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        out.push(DifferenceLine::Place(format!("{}: added, {}", place(&below(at, name)), short_value(value))));
    }
}

/// By their ids, where they have some; else by what they are.
fn lists(at: &[String], old: &[Value], new: &[Value], out: &mut Vec<DifferenceLine>) {
    let (was, is) = (keys(old), keys(new));
    let key = at.last().map(String::as_str).unwrap_or_default();
    let name = NAMES.iter().find(|(list, _)| *list == key).map_or(key, |(_, one)| one);
    let above = at.split_last().map_or(&[][..], |(_, above)| above);
    let of = |key: &String| below(above, &format!("{name} {key}"));
    let (Some(was), Some(is)) = (was, is) else { return by_place(at, old, new, out) };
    for (key, value) in was.iter().zip(old) {
        match is.iter().position(|other| other == key).and_then(|i| new.get(i)) {
            Some(other) => compare(&of(key), value, other, out),
            None => out.push(DifferenceLine::Place(format!("{}: removed", place(&of(key))))),
        }
    }
    for key in is.iter().filter(|key| !was.contains(key)) {
        out.push(DifferenceLine::Place(format!("{}: added", place(&of(key)))));
    }
    let stayed: Vec<&String> = was.iter().filter(|key| is.contains(key)).collect();
    let now: Vec<&String> = is.iter().filter(|key| was.contains(key)).collect();
    if stayed != now {
        let order: Vec<&str> = is.iter().map(String::as_str).collect();
        out.push(DifferenceLine::Place(format!("{}: the order is now {}", place(at), order.join(", "))));
    }
}

/// What tells the entries of a list apart: ids, parts, or the texts themselves. None where they have nothing of that, or
/// where two are called the same.
fn keys(list: &[Value]) -> Option<Vec<String>> {
    let key = |value: &Value| match value {
        Value::String(text) if !is_long(text) => Some(text.clone()),
        Value::Object(map) => ["id", "part"].iter().find_map(|name| map.get(*name)?.as_str().map(str::to_owned)),
        _ => None,
    };
    let keys: Vec<String> = list.iter().map(key).collect::<Option<_>>()?;
    let unique: std::collections::BTreeSet<&String> = keys.iter().collect();
    (unique.len() == keys.len()).then_some(keys)
}

fn by_place(at: &[String], old: &[Value], new: &[Value], out: &mut Vec<DifferenceLine>) {
    for i in 0..old.len().max(new.len()) {
        let here = below(at, &(i + 1).to_string());
        match (old.get(i), new.get(i)) {
            (Some(old), Some(new)) => compare(&here, old, new, out),
            (Some(old), None) => out.push(DifferenceLine::Place(format!("{}: removed, was {}", place(&here), short_value(old)))),
            (None, Some(new)) => out.push(DifferenceLine::Place(format!("{}: added, {}", place(&here), short_value(new)))),
            (None, None) => {}
        }
    }
}

/// A paragraph is one line in the data; here each of its sentences is one.
fn text(at: &[String], old: &str, new: &str, out: &mut Vec<DifferenceLine>) {
    out.push(DifferenceLine::Place(format!("{}: text changed", place(at))));
    let (old, new) = (sentences(old), sentences(new));
    let diff = TextDiff::from_lines(&old, &new);
    for group in diff.grouped_ops(1) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches(['\n', '\r']).to_owned();
            out.push(match change.tag() {
                ChangeTag::Delete => DifferenceLine::Removed(line),
                ChangeTag::Insert => DifferenceLine::Added(line),
                ChangeTag::Equal => DifferenceLine::Same(line),
            });
        }
    }
}

fn sentences(text: &str) -> String {
    let ends = [". ", "? ", "! ", ".\" "];
    let text = ends.iter().fold(text.to_owned(), |text, end| text.replace(end, &format!("{}\n", end.trim_end())));
    format!("{text}\n")
}

fn is_long(text: &str) -> bool {
    text.contains('\n') || text.chars().count() > SHORT
}

fn below(at: &[String], name: &str) -> Vec<String> {
    at.iter().cloned().chain([name.to_owned()]).collect()
}

fn place(at: &[String]) -> String {
    at.join(" / ")
}

/// A value in one short line.
fn short_value(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHORT {
        return text;
    }
    let short: String = text.chars().take(SHORT).collect();
    format!("{short}...")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(old: Value, new: Value) -> Vec<String> {
        let told = between(&old, &new).into_iter().map(|line| match line {
            DifferenceLine::Place(text) => text,
            DifferenceLine::Removed(text) => format!("-{text}"),
            DifferenceLine::Added(text) => format!("+{text}"),
            DifferenceLine::Same(text) => format!(" {text}"),
        });
        told.collect()
    }

    #[test]
    fn what_differs_is_named_by_its_id() {
        let item = |id: &str, key: &str| json!({"id": id, "key": key, "points": 1.0});
        let quiz = |items: Vec<Value>| json!({"quiz": {"items": items}});
        let one = quiz(vec![item("a", "x"), item("b", "x"), item("c", "x")]);
        assert_eq!(told(one.clone(), one.clone()), Vec::<String>::new());
        let other = quiz(vec![item("c", "x"), item("b", "y"), item("d", "x")]);
        assert_eq!(
            told(one, other),
            [
                "quiz / item a: removed",
                "quiz / item b / key: \"x\" -> \"y\"",
                "quiz / item d: added",
                "quiz / items: the order is now c, b, d",
            ]
        );
        assert_eq!(told(json!({"aliases": ["a"]}), json!({"aliases": ["b"]})), ["aliases a: removed", "aliases b: added"]);
        assert_eq!(told(json!({"draw": 3}), json!({})), ["draw: removed, was 3"]);
        assert_eq!(
            told(json!({"rows": [[1], [2]]}), json!({"rows": [[1], [3], [4]]})),
            ["rows / 2 / 1: 2 -> 3", "rows / 3: added, [4]"]
        );
        // Two of one id cannot be told apart by it.
        assert_eq!(
            told(json!([{"id": "a", "n": 1}, {"id": "a", "n": 2}]), json!([{"id": "a", "n": 1}, {"id": "a", "n": 3}])),
            ["2 / n: 2 -> 3"]
        );
    }

    #[test]
    fn a_long_text_is_compared_sentence_by_sentence() {
        let old = "The first sentence stays as it is. The second one is about filters. The third one stays too. And this.";
        let new = old.replace("filters", "models");
        assert_eq!(
            told(json!({"text": {"en": old}}), json!({"text": {"en": new}})),
            [
                "text / en: text changed",
                " The first sentence stays as it is.",
                "-The second one is about filters.",
                "+The second one is about models.",
                " The third one stays too.",
            ]
        );
    }
}
