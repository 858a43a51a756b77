//! Takes secrets and personal data out of text before anything is stored, digested or logged. Pure.
//!
//! Works on JSON string values, and inside strings that hold JSON themselves only on their string values, so that evidence
//! stays parseable and everything else of it stays letter for letter. A value becomes a placeholder such as `[email:1]`;
//! equal values of one document get the same one. Masking masked text changes nothing: a placeholder is a wall that no
//! rule reaches across, and the text between two walls is masked as if it stood alone.
//!
//! What is a secret is data: how vendors' tokens begin (`tokens.txt`), names that secrets are given (`names.txt`), national forms of
//! telephones, countries of the IBAN, words beside numbers of people. `tests/masking` measures how much of it is found.

mod addresses;
mod assigned;
mod blocks;
mod found;
mod identities;
mod json;
mod kinds;
#[cfg(test)]
mod masking_tests;
mod names;
mod numbers;
mod reach;
#[cfg(test)]
mod rule_tests;
mod scan;
mod telephones;
mod tokens;
mod values;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::pointer::escaped;
use json::{is_json, payload};
pub use kinds::{Kind, Placeholder, placeholders};
use names::{NameMeaning, Trust};

/// Something was masked here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Masked {
    /// JSON pointer (RFC 6901) to the string.
    #[schema(example = "/evidence/http/body")]
    pub pointer: String,
    /// `private_key`, `api_key`, `bearer_token`, `credential`, `cookie`, `request_id`, `email`, `phone`, `ip`, `card`, `iban`,
    /// `national_id`, `person_name`; more may come.
    #[schema(example = "request_id")]
    pub kind: String,
}

/// How deep JSON inside strings of JSON is followed.
const DEEPEST: u8 = 3;
/// A placeholder can lay bare a match beside it. What still has one after so many rounds is no honest text, and goes as a whole.
const MOST_ROUNDS: u8 = 6;

/// Masks every string of a document, and lists all places that hold a placeholder afterwards.
pub fn document(document: &mut Value) -> Vec<Masked> {
    let mut masker = Masker::default();
    known(document, &mut masker);
    masker.value(document, None);
    let mut found = BTreeSet::new();
    list(document, &mut String::new(), &mut found);
    found.into_iter().collect()
}

/// Masks one text, such as a reviewer's comment.
pub fn text(text: &str) -> String {
    let mut masker = Masker::default();
    masker.know(text);
    masker.text(text, DEEPEST).unwrap_or_else(|| text.to_owned())
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
        Value::String(text) => masker.know(text),
        Value::Array(list) => list.iter().for_each(|value| known(value, masker)),
        Value::Object(map) => map.values().for_each(|value| known(value, masker)),
        _ => {}
    }
}

/// `at` is the pointer to the value, and the same again afterwards.
fn list(value: &Value, at: &mut String, out: &mut BTreeSet<Masked>) {
    let here = at.len();
    match value {
        Value::String(text) => {
            out.extend(placeholders(text).map(|one| Masked { pointer: at.clone(), kind: one.kind.name().to_owned() }));
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                *at += &format!("/{i}");
                list(value, at, out);
                at.truncate(here);
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                at.push('/');
                *at += &escaped(name);
                list(value, at, out);
                at.truncate(here);
            }
        }
        _ => {}
    }
}

impl Masker {
    fn know(&mut self, text: &str) {
        self.taken.extend(placeholders(text).map(|one| (one.kind, one.number)));
    }

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

    /// `name` is what the member or header that the value stands under holds.
    fn value(&mut self, value: &mut Value, name: Option<NameMeaning>) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.named(text, name, DEEPEST) {
                    *text = masked;
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|value| self.value(value, name)),
            Value::Object(map) => {
                // A header is an object {name, value}.
                let header = map.get("name").and_then(Value::as_str).map(names::meaning_of);
                for (key, value) in map.iter_mut() {
                    match (header, key.as_str()) {
                        (Some(header), "value") => self.value(value, header),
                        _ => self.value(value, names::meaning_of(key)),
                    }
                }
            }
            _ => {}
        }
    }

    /// A value whose name says that it is a secret goes entirely; any other is searched. None: it stays as it is.
    fn named(&mut self, text: &str, name: Option<NameMeaning>, depth: u8) -> Option<String> {
        let trimmed = text.trim();
        let goes = |name: &NameMeaning| match name.trust {
            Trust::Whole | Trust::Authorization => !values::is_nothing(trimmed),
            Trust::Id | Trust::Cookie => !trimmed.is_empty(),
            Trust::Random(least) => values::is_random(trimmed, least),
            Trust::Digits => (3..=10).contains(&trimmed.len()) && trimmed.bytes().all(|b| b.is_ascii_digit()),
            Trust::Phone => telephones::is_number(trimmed),
            Trust::Person => {
                trimmed.len() < 100
                    && trimmed.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.'))
                    && !values::is_nothing(trimmed)
            }
            Trust::Named | Trust::Parameter | Trust::Signature => false,
        };
        match name.filter(goes) {
            Some(name) => self.entirely(text, name.kind),
            None => self.text(text, depth),
        }
    }

    fn entirely(&mut self, text: &str, kind: Kind) -> Option<String> {
        let trimmed = text.trim();
        let bare = match trimmed.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
            _ => trimmed,
        };
        if placeholders(bare).next().is_some_and(|one| one.start == 0 && one.end == bare.len()) {
            return None;
        }
        let kind = match kind {
            Kind::Credential if tokens::is_vendor_key(bare) => Kind::ApiKey,
            Kind::Credential if bare.len() < trimmed.len() => Kind::BearerToken,
            kind => kind,
        };
        Some(self.placeholder(kind, bare))
    }

    fn text(&mut self, text: &str, depth: u8) -> Option<String> {
        if depth > 0 && is_json(text) {
            return self.json(text, depth);
        }
        let now = self.round(text, depth)?;
        Some(self.settled_from(now, depth))
    }

    /// The same for text that is no JSON as a whole.
    fn settled(&mut self, text: &str, depth: u8) -> Option<String> {
        let now = self.round(text, depth)?;
        Some(self.settled_from(now, depth))
    }

    /// Goes on until nothing is left to mask. A text that was no JSON can have become JSON.
    fn settled_from(&mut self, mut now: String, depth: u8) -> String {
        for _ in 1..MOST_ROUNDS {
            if depth > 0 && is_json(&now) {
                return self.json(&now, depth).unwrap_or(now);
            }
            match self.round(&now, depth) {
                None => return now,
                Some(next) => now = next,
            }
        }
        self.plain(&now, true).unwrap_or(now)
    }

    /// Masks JSON line by line, bare or as server-sent events, and the lines between as one text.
    fn round(&mut self, text: &str, depth: u8) -> Option<String> {
        let is_json_line = |line: &str| depth > 0 && is_json(payload(line).1);
        if !text.contains(['{', '[']) {
            return self.plain(text, false);
        }
        let mut out = String::new();
        let (mut copied, mut from, mut at) = (0, 0, 0);
        // Each piece: what is no JSON from `from` to `at`, then a line of JSON.
        for line in text.split_inclusive('\n').map(Some).chain([None]) {
            let is_json = line.is_some_and(is_json_line);
            if !is_json && let Some(line) = line {
                at += line.len();
                continue;
            }
            let before = text.get(from..at).unwrap_or_default();
            if let Some(masked) = self.plain(before, false) {
                out.push_str(text.get(copied..from).unwrap_or_default());
                out.push_str(&masked);
                copied = at;
            }
            let line = line.unwrap_or_default();
            let start = at + payload(line).0.len();
            if let Some(masked) = self.json(payload(line).1, depth).filter(|_| is_json) {
                out.push_str(text.get(copied..start).unwrap_or_default());
                out.push_str(&masked);
                copied = at + line.len();
            }
            at += line.len();
            from = at;
        }
        (copied > 0).then(|| {
            out.push_str(text.get(copied..).unwrap_or_default());
            out
        })
    }

    /// Masks what lies between the placeholders of a text; all of it where something is found, if it is to be `blunt`.
    fn plain(&mut self, text: &str, blunt: bool) -> Option<String> {
        let mut out = String::new();
        let (mut copied, mut from) = (0, 0);
        for wall in placeholders(text).map(Some).chain([None]) {
            let until = wall.map_or(text.len(), |wall| wall.start);
            let between = text.get(from..until).unwrap_or_default();
            let mut found = scan::find_secrets(between);
            if blunt && let Some(first) = found.first_mut() {
                (first.start, first.end, first.kind) = (0, between.len(), Kind::Credential);
                found.truncate(1);
            }
            for one in found {
                out.push_str(text.get(copied..from + one.start).unwrap_or_default());
                out.push_str(&self.placeholder(one.kind, between.get(one.start..one.end).unwrap_or_default()));
                copied = from + one.end;
            }
            from = wall.map_or(text.len(), |wall| wall.end);
        }
        (copied > 0).then(|| {
            out.push_str(text.get(copied..).unwrap_or_default());
            out
        })
    }
}
