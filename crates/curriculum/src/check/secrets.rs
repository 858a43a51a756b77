//! Secrets and what identifies people, in texts that are shown: what masking would take out, unless it says itself that it is none.

use std::collections::BTreeSet;

use waymark_engine::masking::{self, Kind, placeholders};

use crate::check::findings::{FindingPlace, Findings};
use crate::check::table;

/// Secrets and what identifies people; invented ones say so in the value.
pub fn report_secrets(text: &str, what: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let found: BTreeSet<(&str, String)> = masked_values(text)
        .into_iter()
        .filter(|(kind, value)| is_secret(*kind) && !is_sample(*kind, value))
        .map(|(kind, value)| (kind.name(), shortened(&value)))
        .collect();
    for (kind, value) in found {
        let message = format!("{what}: {value} reads like a real {kind}; mask it, or mark it as a sample in the value itself");
        out.add(table::EVIDENCE_SECRET, place, message);
    }
}

fn is_secret(kind: Kind) -> bool {
    !matches!(kind, Kind::RequestId | Kind::PersonName | Kind::Ip)
}

/// The first characters, since a finding is shown and stored where the value should not be.
fn shortened(value: &str) -> String {
    let start: String = value.chars().take(6).collect();
    format!("\"{start}...\"")
}

/// Whether the value itself says that it is none: a word for it, a reserved domain, or letters that stand for others.
fn is_sample(kind: Kind, value: &str) -> bool {
    let value = value.to_lowercase();
    let words =
        ["sample", "example", "ex4mple", "test", "invented", "placeholder", "masked", "redacted", "fake", "not-a-real", "dummy"];
    let reserved = || [".example", ".test", ".invalid", "example.org", "example.com", "example.net"];
    let fills = |c: char| value.matches(c).count() >= 4 && value.chars().filter(|one| one.is_alphanumeric()).count() < 40;
    // A word and no secret: `insufficient_quota`.
    let is_word = kind != Kind::Email && value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' ' | '.'));
    is_word
        || words.iter().any(|word| value.contains(word))
        || kind == Kind::Email && reserved().iter().any(|end| value.ends_with(end))
        || fills('x') && value.contains("xxxx")
        || value.contains("****")
        || value.contains("...")
        || value.contains('…')
        || value.contains("555") && kind == Kind::Phone
}

/// What masking took out of a text, with its kind: the text between two placeholders' surroundings.
fn masked_values(text: &str) -> Vec<(Kind, String)> {
    let masked = masking::text(text);
    let before: BTreeSet<usize> = placeholders(text).map(|one| one.start).collect();
    let (mut out, mut at, mut from) = (Vec::new(), 0, 0);
    let all: Vec<_> = placeholders(&masked).collect();
    for (i, one) in all.iter().enumerate() {
        let literal = masked.get(from..one.start).unwrap_or_default();
        at += literal.len();
        from = one.end;
        let end_of_next = all.get(i + 1).map_or(masked.len(), |next| next.start);
        let next = masked.get(one.end..end_of_next).unwrap_or_default();
        let rest = text.get(at..).unwrap_or_default();
        let length = if next.is_empty() { rest.len() } else { rest.find(next).unwrap_or(rest.len()) };
        // A placeholder that stood there already is no find.
        if !before.contains(&at) {
            out.push((one.kind, rest.get(..length).unwrap_or_default().to_owned()));
        }
        at += length;
    }
    out
}
