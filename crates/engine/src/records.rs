//! What the names of a record say together, whoever wrote it: a line of a log, a row of a table, an object of a guardrail. Which
//! stage was checked, what was decided, how the answer ended and how much of it there was: from these the side follows, where no
//! provider's own signal knows the record. The names and values are data (`records` of `lessons/signals/layers.yaml`).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::lenient::Scalar;
use crate::names::plain_name;
use crate::reading::{EvidenceReading, Voice};
use crate::signal_pattern::SignalPattern;

/// Names of members, and regular expressions for their values.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordWords {
    /// Members that name the stage at which a check ran.
    pub stages: Vec<String>,
    pub input: String,
    pub output: String,
    /// Members that say what a check decided.
    pub decisions: Vec<String>,
    pub blocked: String,
    pub cleared: String,
    /// Members that are true where a check stopped something, and those that are false.
    pub stopped: Vec<String>,
    pub passed: Vec<String>,
    /// Members that give a reason, and the reasons that filters have.
    pub reasons: Vec<String>,
    pub filtered: String,
    /// Members that say how an answer ended; the end that a classifier of the service sets; ends that say nothing of a refusal.
    pub ends: Vec<String>,
    pub refused: String,
    pub ordinary: String,
    /// Members that count what was written.
    pub written: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecordName {
    Stage,
    Decision,
    Stopped,
    Passed,
    Reason,
    End,
    Written,
}

/// The same, ready to be held against records.
pub struct RecordRules {
    names: HashMap<String, Vec<RecordName>>,
    input: SignalPattern,
    output: SignalPattern,
    blocked: SignalPattern,
    cleared: SignalPattern,
    filtered: SignalPattern,
    refused: SignalPattern,
    ordinary: SignalPattern,
}

impl RecordRules {
    pub fn new(words: &RecordWords) -> RecordRules {
        let mut names: HashMap<String, Vec<RecordName>> = HashMap::new();
        for (kind, list) in [
            (RecordName::Stage, &words.stages),
            (RecordName::Decision, &words.decisions),
            (RecordName::Stopped, &words.stopped),
            (RecordName::Passed, &words.passed),
            (RecordName::Reason, &words.reasons),
            (RecordName::End, &words.ends),
            (RecordName::Written, &words.written),
        ] {
            for name in list {
                names.entry(plain_name(name)).or_default().push(kind);
            }
        }
        RecordRules {
            names,
            input: SignalPattern::new(&words.input),
            output: SignalPattern::new(&words.output),
            blocked: SignalPattern::new(&words.blocked),
            cleared: SignalPattern::new(&words.cleared),
            filtered: SignalPattern::new(&words.filtered),
            refused: SignalPattern::new(&words.refused),
            ordinary: SignalPattern::new(&words.ordinary),
        }
    }

    /// Why the patterns cannot be compiled, if they cannot.
    pub fn check(&self) -> Result<(), String> {
        [&self.input, &self.output, &self.blocked, &self.cleared, &self.filtered, &self.refused, &self.ordinary]
            .into_iter()
            .try_for_each(SignalPattern::compile_now)
    }
}

/// What one record says; each with the value that says it.
#[derive(Debug, Clone, Copy, Default)]
struct RecordFacts {
    input: Option<usize>,
    output: Option<usize>,
    blocked: Option<usize>,
    cleared: Option<usize>,
    filtered: Option<usize>,
    refused: Option<usize>,
    ordinary: Option<usize>,
    nothing: Option<usize>,
    something: Option<usize>,
}

impl RecordFacts {
    fn and(self, other: RecordFacts) -> RecordFacts {
        RecordFacts {
            input: self.input.or(other.input),
            output: self.output.or(other.output),
            blocked: self.blocked.or(other.blocked),
            cleared: self.cleared.or(other.cleared),
            filtered: self.filtered.or(other.filtered),
            refused: self.refused.or(other.refused),
            ordinary: self.ordinary.or(other.ordinary),
            nothing: self.nothing.or(other.nothing),
            something: self.something.or(other.something),
        }
    }

    /// The rule of the engine that these facts meet, and the value that shows it.
    fn rule(self) -> Option<(&'static str, usize)> {
        let stopped = self.blocked.or(if self.cleared.is_some() { None } else { self.filtered.or(self.refused) });
        match (self.input, self.output, stopped) {
            (Some(at), None, Some(_)) => return Some(("record-input-blocked", at)),
            (None, Some(at), Some(_)) => return Some(("record-output-blocked", at)),
            _ => {}
        }
        match (self.refused, self.nothing, self.something) {
            (Some(_), Some(at), None) => Some(("record-nothing-written", at)),
            (Some(_), _, Some(at)) => Some(("record-text-before", at)),
            _ => None,
        }
    }

    fn ended_as_usual(self) -> bool {
        self.ordinary.is_some() && [self.blocked, self.filtered, self.refused, self.nothing].iter().all(Option::is_none)
    }
}

/// The rules that records of this reading meet, each once, with a value that shows it.
pub fn record_rules(rules: &RecordRules, reading: &EvidenceReading<'_>) -> BTreeMap<&'static str, usize> {
    let mut facts: BTreeMap<usize, RecordFacts> = BTreeMap::new();
    for (at, node) in reading.nodes.iter().enumerate() {
        let (Some(parent), crate::lenient::MemberKey::Name(name)) = (node.parent, &node.key) else { continue };
        if reading.voices.get(at) != Some(&Voice::Service) || name.len() > 60 {
            continue;
        }
        let own = rules.names.get(&plain_name(name)).into_iter().flatten();
        own.for_each(|kind| note(rules, *kind, at, &node.value, facts.entry(parent).or_default()));
    }
    let mut met = BTreeMap::new();
    let mut usual = None;
    for (at, own) in &facts {
        let above = reading.nodes.get(*at).and_then(|node| node.parent);
        let outer = above.and_then(|above| facts.get(&above)).copied().unwrap_or_default();
        if let Some((rule, shown)) = own.rule().or_else(|| own.and(outer).rule()) {
            met.entry(rule).or_insert(shown);
        }
        usual = usual.or(own.ordinary.filter(|_| own.ended_as_usual()));
    }
    // A log with nothing but ordinary ends.
    let quiet = met.is_empty() && !facts.values().any(|own| own.blocked.or(own.filtered).or(own.refused).is_some());
    if let Some(at) = usual.filter(|_| quiet && reading.logged) {
        met.insert("record-ended-as-usual", at);
    }
    met
}

fn note(rules: &RecordRules, kind: RecordName, at: usize, value: &Scalar, facts: &mut RecordFacts) {
    let text = match value {
        Scalar::Text(text) | Scalar::Number(text) if text.len() <= 100 => text.as_str(),
        Scalar::Bool(true) => "true",
        Scalar::Bool(false) => "false",
        // How many parts an answer has, where a document lists them.
        Scalar::List(count) if kind == RecordName::Written => {
            if *count == 0 {
                "0"
            } else {
                "1"
            }
        }
        _ => return,
    };
    let set = |slot: &mut Option<usize>, fits: bool| {
        if fits && slot.is_none() {
            *slot = Some(at);
        }
    };
    match kind {
        RecordName::Stage => {
            set(&mut facts.input, rules.input.is_match(text));
            set(&mut facts.output, rules.output.is_match(text));
        }
        RecordName::Decision => {
            let blocked = rules.blocked.is_match(text);
            set(&mut facts.blocked, blocked);
            set(&mut facts.cleared, !blocked && rules.cleared.is_match(text));
        }
        RecordName::Stopped => {
            set(&mut facts.blocked, matches!(text, "true" | "True" | "1" | "yes"));
            set(&mut facts.cleared, matches!(text, "false" | "False" | "0" | "no"));
        }
        RecordName::Passed => {
            set(&mut facts.blocked, matches!(text, "false" | "False" | "0" | "no"));
            set(&mut facts.cleared, matches!(text, "true" | "True" | "1" | "yes"));
        }
        RecordName::Reason => set(&mut facts.filtered, rules.filtered.is_match(text)),
        RecordName::End => {
            set(&mut facts.refused, rules.refused.is_match(text));
            set(&mut facts.ordinary, rules.ordinary.is_match(text));
            set(&mut facts.filtered, rules.filtered.is_match(text));
        }
        RecordName::Written => {
            let count = text.parse::<f64>().ok();
            set(&mut facts.nothing, count == Some(0.0));
            set(&mut facts.something, count.is_some_and(|count| count > 0.0));
        }
    }
}
