//! The string literals of a text that is JSON; all else of it stays letter for letter.

use serde::de::IgnoredAny;
use serde_json::Value;

use super::Masker;
use super::kinds::Kind;
use super::names::{self, NameMeaning, Trust};

/// Whether the text is a JSON object or list as a whole.
pub fn is_json(text: &str) -> bool {
    let trimmed = text.trim();
    (trimmed.starts_with('{') || trimmed.starts_with('[')) && serde_json::from_str::<IgnoredAny>(trimmed).is_ok()
}

/// A line and what carries it: `data: {...}` of server-sent events, white space before JSON.
pub fn payload(line: &str) -> (&str, &str) {
    let data = line.strip_prefix("data:").unwrap_or(line);
    let json = data.trim_start();
    line.split_at(line.len().saturating_sub(json.len()))
}

/// An object or list that is being read.
#[derive(Default, Clone, Copy)]
struct OpenJson<'t> {
    /// The member whose value comes next, as it is written; the elements of a list stand under the list's own name.
    member: &'t str,
    holds: Option<NameMeaning>,
    /// What the `name` beside a `value` says that it holds.
    label: Option<NameMeaning>,
    /// A key by RFC 7517.
    is_key: bool,
}

/// The members of an RFC 7517 key that are its secret (RFC 7518).
const OF_KEY: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];

impl Masker {
    /// None: nothing was changed.
    pub(super) fn json(&mut self, text: &str, depth: u8) -> Option<String> {
        let bytes = text.as_bytes();
        let mut out = String::new();
        let (mut copied, mut at) = (0, 0);
        let mut open: Vec<OpenJson<'_>> = Vec::new();
        while let Some(b) = bytes.get(at) {
            match b {
                b'"' => {
                    let end = at + literal_length(bytes.get(at..).unwrap_or_default());
                    let literal = text.get(at..end).unwrap_or_default();
                    let is_name = text.get(end..).unwrap_or_default().trim_start().starts_with(':');
                    if let Some(masked) = self.literal(literal, is_name, open.last_mut(), depth) {
                        out.push_str(text.get(copied..at).unwrap_or_default());
                        out.push_str(&Value::from(masked).to_string());
                        copied = end;
                    }
                    at = end;
                    continue;
                }
                b'{' => open.push(OpenJson::default()),
                b'[' => {
                    open.push(open.last().map_or(OpenJson::default(), |above| OpenJson { label: None, is_key: false, ..*above }))
                }
                b'}' | b']' => drop(open.pop()),
                _ => {}
            }
            at += 1;
        }
        (copied > 0).then(|| {
            out.push_str(text.get(copied..).unwrap_or_default());
            out
        })
    }

    fn literal<'t>(&mut self, literal: &'t str, is_name: bool, open: Option<&mut OpenJson<'t>>, depth: u8) -> Option<String> {
        let inner = literal.get(1..literal.len().saturating_sub(1))?;
        let decoded = if inner.contains('\\') { Some(serde_json::from_str::<String>(literal).ok()?) } else { None };
        let text = decoded.as_deref().unwrap_or(inner);
        if is_name {
            if let Some(open) = open {
                open.member = inner;
                open.holds = names::meaning_of(text);
                open.is_key |= inner == "kty";
            }
            return self.settled(text, 0);
        }
        let mut holds = None;
        if let Some(open) = open {
            holds = open.holds;
            match open.member {
                "name" | "key" | "header" | "field" => open.label = names::meaning_of(text).or(open.label),
                "value" => holds = open.label.or(holds),
                of_key if open.is_key && OF_KEY.contains(&of_key) => {
                    holds = Some(NameMeaning { kind: Kind::PrivateKey, trust: Trust::Random(16) })
                }
                _ => {}
            }
        }
        self.named(text, holds, depth.saturating_sub(1))
    }
}

/// The bytes of the string literal at the beginning, quotes included.
fn literal_length(bytes: &[u8]) -> usize {
    let mut escape = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escape => escape = false,
            b'\\' => escape = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    bytes.len()
}
