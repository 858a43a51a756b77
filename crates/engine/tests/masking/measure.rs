//! Reads the measured set and counts, for the test and for the table.

use std::collections::BTreeMap;

use serde::Deserialize;
use waymark_engine::masking;

const PLANTED: &str = include_str!("planted.jsonl");
const HARMLESS: &str = include_str!("harmless.jsonl");

#[derive(Deserialize)]
pub struct Case {
    pub id: String,
    pub kind: String,
    pub text: String,
    /// In the order in which they stand in the text.
    #[serde(skip)]
    pub secrets: Vec<String>,
    /// What the text is without them.
    #[serde(skip)]
    around: Vec<String>,
}

impl Case {
    /// Cases with an even number only count.
    pub fn is_open(&self) -> bool {
        self.id.ends_with(['1', '3', '5', '7', '9'])
    }
}

pub fn planted() -> Vec<Case> {
    read(PLANTED)
}

pub fn harmless() -> Vec<Case> {
    read(HARMLESS)
}

fn read(lines: &str) -> Vec<Case> {
    lines.lines().map(|line| marked(serde_json::from_str(line).unwrap())).collect()
}

fn marked(mut case: Case) -> Case {
    for (i, piece) in case.text.split('\u{27e6}').enumerate() {
        let (secret, after) = if i == 0 { ("", piece) } else { piece.split_once('\u{27e7}').unwrap() };
        case.secrets.extend((i > 0).then(|| secret.replace('\u{b7}', "")));
        case.around.push(after.to_owned());
    }
    let secrets = case.secrets.iter().map(String::as_str).chain([""]);
    case.text = case.around.iter().map(String::as_str).zip(secrets).flat_map(|(around, secret)| [around, secret]).collect();
    case
}

#[derive(Default, Clone, Copy)]
pub struct Count {
    pub texts: usize,
    pub secrets: usize,
    pub masked: usize,
    pub false_alarms: usize,
    pub exact: usize,
}

impl Count {
    pub fn add(&mut self, other: Count) {
        self.texts += other.texts;
        self.secrets += other.secrets;
        self.masked += other.masked;
        self.false_alarms += other.false_alarms;
        self.exact += other.exact;
    }

    pub fn recall(self) -> f64 {
        self.masked as f64 / self.secrets.max(1) as f64
    }

    pub fn precision(self) -> f64 {
        self.masked as f64 / (self.masked + self.false_alarms).max(1) as f64
    }
}

pub fn count(case: &Case) -> Count {
    let out = masking::text(&case.text);
    let masked = case.secrets.iter().filter(|secret| !survives(secret, case, &out)).count();
    let placeholders = places(&out).len();
    let false_alarms = placeholders.saturating_sub(case.secrets.len());
    let exact = usize::from(masked == case.secrets.len() && around(&out) == case.around);
    Count { texts: 1, secrets: case.secrets.len(), masked, false_alarms, exact }
}

fn survives(secret: &str, case: &Case, out: &str) -> bool {
    let chars: Vec<char> = secret.chars().collect();
    let pieces = chars.windows(chars.len().clamp(1, 5)).map(|window| window.iter().collect::<String>());
    let beside = |piece: &str| case.around.iter().any(|text| text.contains(piece));
    pieces.into_iter().any(|piece| out.contains(&piece) && !beside(&piece))
}

/// The placeholders of a text: `[kind:number]`.
fn places(text: &str) -> Vec<&str> {
    let ends = |rest: &str| {
        let (kind, number) = rest.get(1..rest.find(']')?)?.split_once(':')?;
        let fits = kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && number.bytes().all(|b| b.is_ascii_digit());
        (fits && !kind.is_empty() && !number.is_empty()).then(|| rest.find(']')).flatten()
    };
    let at = text.match_indices('[').map(|(at, _)| &text[at..]);
    at.filter_map(|rest| Some(&rest[..=ends(rest)?])).collect()
}

fn around(text: &str) -> Vec<String> {
    let (mut out, mut rest) = (Vec::new(), text);
    for place in places(text) {
        let (before, after) = rest.split_once(place).unwrap();
        out.push(before.to_owned());
        rest = after;
    }
    out.push(rest.to_owned());
    out
}

/// By kind, planted and harmless ones in one table.
pub fn by_kind(cases: &[Case]) -> BTreeMap<&str, Count> {
    let mut out: BTreeMap<&str, Count> = BTreeMap::new();
    for case in cases {
        out.entry(&case.kind).or_default().add(count(case));
    }
    out
}

pub fn total<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Count {
    let mut out = Count::default();
    cases.into_iter().for_each(|case| out.add(count(case)));
    out
}

/// Planted kinds of which at least one secret survives.
pub fn kinds_that_survive(kinds: &BTreeMap<&str, Count>) -> usize {
    kinds.values().filter(|count| count.masked < count.secrets).count()
}
