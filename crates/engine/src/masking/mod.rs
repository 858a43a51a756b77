//! Takes secrets and personal data out of text before anything is stored, digested or logged. Pure.
//!
//! Works on JSON string values, and inside strings that hold JSON themselves only on their string values, so that evidence
//! stays parseable and everything else of it stays letter for letter. A value becomes a placeholder such as `[email:1]`;
//! equal values of one document get the same one. Masking masked text changes nothing: a placeholder is a wall that no
//! pattern reaches across, and the text between two walls is masked as if it stood alone.

#[cfg(test)]
mod masking_tests;
pub mod patterns;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::pointer::escaped;
use patterns::{Kind, PLACEHOLDER, RULES, Rule};

/// Something was masked here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Masked {
    /// JSON pointer (RFC 6901) to the string.
    #[schema(example = "/evidence/http/body")]
    pub pointer: String,
    /// `api_key`, `bearer_token`, `credential`, `cookie`, `request_id`, `email`, `phone`, `ip`, `card`; more may come.
    #[schema(example = "request_id")]
    pub kind: String,
}

/// How deep JSON inside strings of JSON is followed.
const DEEPEST: u8 = 3;
/// A placeholder can lay bare a match beside it; after so many rounds no honest text has one left.
const MOST_ROUNDS: u8 = 8;

/// Masks every string of a document, and lists all places that hold a placeholder afterwards.
pub fn document(document: &mut Value) -> Vec<Masked> {
    let mut masker = Masker::default();
    known(document, &mut masker);
    masker.value(document, None);
    let mut found = BTreeSet::new();
    list(document, String::new(), &mut found);
    found.into_iter().collect()
}

/// Masks one text, such as a reviewer's comment.
pub fn text(text: &str) -> String {
    let mut value = Value::from(text);
    document(&mut value);
    value.as_str().unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Masker {
    /// Kind and value -> number.
    numbers: HashMap<(Kind, String), u64>,
    /// Numbers that stood in the text already.
    taken: HashSet<(Kind, u64)>,
    /// The last number that was given.
    last: HashMap<Kind, u64>,
}

/// Finds the numbers that the text brings along, so that a new value never shares one with an old placeholder.
fn known(value: &Value, masker: &mut Masker) {
    match value {
        Value::String(text) => {
            for found in PLACEHOLDER.captures_iter(text) {
                let kind = found.name("kind").and_then(|kind| Kind::named(kind.as_str()));
                let number = found.name("number").and_then(|number| number.as_str().parse().ok());
                if let (Some(kind), Some(number)) = (kind, number) {
                    masker.taken.insert((kind, number));
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| known(value, masker)),
        Value::Object(map) => map.values().for_each(|value| known(value, masker)),
        _ => {}
    }
}

fn list(value: &Value, at: String, out: &mut BTreeSet<Masked>) {
    match value {
        Value::String(text) => out.extend(
            PLACEHOLDER
                .captures_iter(text)
                .filter_map(|found| Some(Masked { pointer: at.clone(), kind: found.name("kind")?.as_str().to_owned() })),
        ),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| list(value, format!("{at}/{i}"), out)),
        Value::Object(map) => map.iter().for_each(|(name, value)| list(value, format!("{at}/{}", escaped(name)), out)),
        _ => {}
    }
}

impl Masker {
    fn placeholder(&mut self, kind: Kind, value: &str) -> String {
        let (taken, last) = (&self.taken, self.last.entry(kind).or_default());
        let number = *self.numbers.entry((kind, value.to_owned())).or_insert_with(|| {
            *last = last.saturating_add(1);
            while taken.contains(&(kind, *last)) {
                *last = last.saturating_add(1);
            }
            *last
        });
        format!("[{}:{number}]", kind.name())
    }

    /// `name` is the member or header that the value stands under.
    fn value(&mut self, value: &mut Value, name: Option<&str>) {
        match value {
            Value::String(text) => *text = self.named(text, name, DEEPEST),
            Value::Array(list) => list.iter_mut().for_each(|value| self.value(value, name)),
            Value::Object(map) => {
                // A header is an object {name, value}.
                let header = map.get("name").and_then(Value::as_str).map(str::to_owned);
                for (key, value) in map.iter_mut() {
                    match (&header, key.as_str()) {
                        (Some(header), "value") => self.value(value, Some(header)),
                        _ => self.value(value, Some(key)),
                    }
                }
            }
            _ => {}
        }
    }

    /// A value whose name says that it is a secret goes entirely; any other is searched.
    fn named(&mut self, text: &str, name: Option<&str>, depth: u8) -> String {
        match name.and_then(patterns::kind_of_name) {
            Some(kind) if !text.trim().is_empty() => self.entirely(text, kind),
            _ => self.text(text, depth),
        }
    }

    fn entirely(&mut self, text: &str, kind: Kind) -> String {
        let trimmed = text.trim();
        let bare = match trimmed.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
            _ => trimmed,
        };
        if PLACEHOLDER.find(bare).is_some_and(|found| found.as_str() == bare) {
            return text.to_owned();
        }
        let kind = match kind {
            Kind::Credential if patterns::is_vendor_key(bare) => Kind::ApiKey,
            Kind::Credential if bare.len() < trimmed.len() => Kind::BearerToken,
            kind => kind,
        };
        self.placeholder(kind, bare)
    }

    fn text(&mut self, text: &str, depth: u8) -> String {
        if depth == 0 {
            return self.plain(text);
        }
        if is_json(text) {
            return self.json(text, depth);
        }
        // JSON line by line, bare or as server-sent events.
        if text.contains('\n') && text.split('\n').any(|line| is_json(payload(line).1)) {
            let lines = text.split('\n').map(|line| {
                let (before, rest) = payload(line);
                if is_json(rest) { format!("{before}{}", self.json(rest, depth)) } else { self.plain(line) }
            });
            return lines.collect::<Vec<_>>().join("\n");
        }
        let (before, rest) = payload(text);
        if !before.is_empty() && is_json(rest) { format!("{before}{}", self.json(rest, depth)) } else { self.plain(text) }
    }

    /// Masks the string literals of a text that is JSON, and leaves all else as it stands.
    fn json(&mut self, text: &str, depth: u8) -> String {
        let mut out = String::with_capacity(text.len());
        let mut names: Vec<Option<String>> = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['"', '{', '[', '}', ']']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            if from.starts_with('"') {
                let (literal, after) = from.split_at(literal_length(from));
                let is_name = after.trim_start().starts_with(':');
                out.push_str(&self.literal(literal, is_name, &mut names, depth));
                rest = after;
            } else {
                match from.as_bytes().first() {
                    Some(b'{') => names.push(None),
                    // The elements of a list stand under the list's own name.
                    Some(b'[') => names.push(names.last().cloned().flatten()),
                    _ => drop(names.pop()),
                }
                let (bracket, after) = from.split_at(1);
                out.push_str(bracket);
                rest = after;
            }
        }
        out.push_str(rest);
        out
    }

    fn literal(&mut self, literal: &str, is_name: bool, names: &mut [Option<String>], depth: u8) -> String {
        let Ok(text) = serde_json::from_str::<String>(literal) else { return literal.to_owned() };
        let masked = if is_name {
            let masked = self.plain(&text);
            if let Some(name) = names.last_mut() {
                *name = Some(text.clone());
            }
            masked
        } else {
            let name = names.last().cloned().flatten();
            self.named(&text, name.as_deref(), depth.saturating_sub(1))
        };
        if masked == text { literal.to_owned() } else { Value::from(masked).to_string() }
    }

    fn plain(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MOST_ROUNDS {
            let mut out = String::with_capacity(text.len());
            self.round(&RULES, &text, &mut out);
            if out == text {
                break;
            }
            text = out;
        }
        text
    }

    /// Applies the first rule, and the others to what lies between its matches.
    fn round(&mut self, rules: &[Rule], text: &str, out: &mut String) {
        let Some((rule, others)) = rules.split_first() else {
            out.push_str(text);
            return;
        };
        let mut from = 0;
        for found in rule.pattern.captures_iter(text) {
            let Some(value) = found.name("v") else { continue };
            let after = text.get(value.end()..).unwrap_or_default();
            if !(rule.fits)(value.as_str(), after) {
                continue;
            }
            self.round(others, text.get(from..value.start()).unwrap_or_default(), out);
            match rule.kind {
                None => out.push_str(value.as_str()),
                Some(kind) => out.push_str(&self.placeholder(kind, value.as_str())),
            }
            from = value.end();
        }
        self.round(others, text.get(from..).unwrap_or_default(), out);
    }
}

/// A line and what carries it: `data: {...}` of server-sent events, white space before JSON.
fn payload(line: &str) -> (&str, &str) {
    let data = line.strip_prefix("data:").unwrap_or(line);
    let json = data.trim_start();
    line.split_at(line.len().saturating_sub(json.len()))
}

/// Whether the text is a JSON object or list as a whole.
fn is_json(text: &str) -> bool {
    let trimmed = text.trim();
    (trimmed.starts_with('{') || trimmed.starts_with('[')) && serde_json::from_str::<IgnoredAny>(trimmed).is_ok()
}

/// The bytes of the string literal at the beginning of `text`, quotes included.
fn literal_length(text: &str) -> usize {
    let mut escape = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escape => escape = false,
            b'\\' => escape = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}
