//! The rules of good signals, for `waymark check` and for signals that a tenant brings. Each finding names its file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::{SignalCatalogue, sound};
use crate::evidence::Evidence;
use crate::files::{Finding, Severity};
use crate::format::{Signal, SignalsFile, Stage, When};
use crate::layer::Layer;
use crate::matching;
use crate::reading::EvidenceReading;
use crate::records::RecordRules;
use crate::source::{EngineSource, FOLDER, Guide};
use crate::vendor_grammar::SentenceGrammar;
use crate::web_address::{RULE, is_web_address};
use crate::wording::Lexicon;

/// Everything that is wrong with the signals of a curriculum.
pub fn check_signals(source: &EngineSource) -> Vec<Finding> {
    let mut out = Vec::new();
    guide(&source.guide, &mut out);
    if source.wording.is_empty() {
        out.push(finding("wording/en", "is missing: without phrases no answer is told from a refusal"));
    }
    if let Err(why) = Lexicon::new(&source.wording) {
        out.push(finding("wording", why));
    }
    if let Err(why) = SentenceGrammar::new(&source.sentences) {
        out.push(finding("sentences", why));
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for file in &source.signals {
        for one in file.sources.iter().filter(|one| one.url.as_deref().is_some_and(|url| !is_web_address(url))) {
            out.push(finding(&file.provider, format!("source {}: the url {RULE}", one.id)));
        }
        for what in unconfirmed_faults(file) {
            out.push(finding(&file.provider, what));
        }
        for signal in &file.signals {
            for fault in check_signal(signal, file) {
                out.push(finding(&file.provider, format!("{}: {}", signal.id, fault.what)));
            }
            if let Some(other) = seen.insert(&signal.id, &file.provider) {
                out.push(finding(&file.provider, format!("{}: the id stands in {other}.yaml too", signal.id)));
            }
        }
    }
    for file in &source.signals {
        for (signal, id) in file.signals.iter().flat_map(|signal| signal.instead_of.iter().map(move |id| (signal, id))) {
            if !seen.contains_key(id.as_str()) {
                out.push(finding(&file.provider, format!("{}: instead_of names {id}, which is no signal", signal.id)));
            }
        }
    }
    let named = source.guide.messengers.iter().chain(&source.guide.left_open);
    for id in named.filter(|id| !seen.contains_key(id.as_str())) {
        out.push(finding("layers", format!("messengers or left_open names {id}, which is no signal")));
    }
    contradictions(&source.signals, &mut out);
    match SignalCatalogue::new(&source.signals) {
        // What is wrong with a matcher stands above already.
        Err(why) if out.is_empty() => out.push(finding("*", why)),
        Err(_) => {}
        Ok(catalogue) => examples(&catalogue, &mut out),
    }
    out
}

fn finding(provider: &str, message: impl Into<String>) -> Finding {
    let file = format!("{FOLDER}{provider}.yaml");
    Finding { file, line: None, pointer: None, rule: "signal", severity: Severity::Error, message: message.into() }
}

fn guide(guide: &Guide, out: &mut Vec<Finding>) {
    let mut wrong = |what: String| out.push(finding("layers", what));
    for layer in Layer::ALL {
        let entries = guide.layers.iter().filter(|one| one.layer == layer);
        if entries.clone().count() != 1 {
            wrong(format!("{layer:?} has {} entries, and needs one", entries.count()));
        }
    }
    if !guide.collect.iter().any(|one| one.between.is_empty()) {
        wrong("collect needs an entry for no layers in particular (between: [])".to_owned());
    }
    if let Err(why) = RecordRules::new(&guide.records).check() {
        wrong(format!("records: {why}"));
    }
    let ids: BTreeSet<&String> = guide.rules.iter().map(|rule| &rule.id).collect();
    if ids.len() != guide.rules.len() {
        wrong("the id of a rule stands twice".to_owned());
    }
}

/// What is wrong with the marks of signals that nothing confirms.
fn unconfirmed_faults(file: &SignalsFile) -> Vec<String> {
    let mut out = Vec::new();
    let mut marked = BTreeSet::new();
    for one in &file.unconfirmed {
        if one.why.trim().is_empty() {
            out.push(format!("unconfirmed on {}: `why` is empty", one.on));
        }
        for id in &one.signals {
            if !file.signals.iter().any(|signal| signal.id == *id) {
                out.push(format!("unconfirmed names {id}, which is no signal of this file"));
            }
            if !marked.insert(id) {
                out.push(format!("unconfirmed names {id} twice"));
            }
        }
    }
    out
}

/// What is wrong with a signal, and where: a JSON pointer into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalFault {
    pub at: String,
    pub what: String,
}

impl SignalFault {
    pub fn new(at: impl Into<String>, what: impl Into<String>) -> SignalFault {
        SignalFault { at: at.into(), what: what.into() }
    }
}

/// What is wrong with one signal, whatever else there is.
pub fn check_signal(signal: &Signal, file: &SignalsFile) -> Vec<SignalFault> {
    let mut out = Vec::new();
    let mut need = |fits: bool, at: &str, what: &str| {
        if !fits {
            out.push(SignalFault::new(at, what));
        }
    };
    need(is_id(&signal.id), "/id", "an id has lower-case letters, digits and hyphens, at most 100");
    need((0.5..=0.99).contains(&signal.weight), "/weight", "the weight lies from 0.5 to 0.99");
    need(
        (signal.layer == Layer::Undetermined) == (signal.between.len() >= 2),
        "/between",
        "`between` names two layers or more where the layer is undetermined, and none elsewhere",
    );
    need(!signal.between.contains(&Layer::Undetermined), "/between", "`between` cannot hold undetermined");
    need(
        signal.layer != Layer::Undetermined || signal.collect.is_some(),
        "/collect",
        "an undetermined signal says in `collect` which observation would decide",
    );
    need(
        (signal.stage != Stage::Failure) || signal.layer == Layer::NotARefusal || signal.between.contains(&Layer::NotARefusal),
        "/stage",
        "the stage failure is for what is no refusal",
    );
    let own = matches!(signal.stage, Stage::Comparison | Stage::Timing);
    need(!own, "/stage", "comparison and timing are the engine's own stages");
    need(!signal.when.all.is_empty() || !signal.when.any.is_empty(), "/when", "`when` needs something in `all` or `any`");
    need(!signal.meaning.trim().is_empty(), "/meaning", "`meaning` is empty");
    need(!signal.sources.is_empty(), "/sources", "a signal has a source");
    let known = signal.sources.iter().all(|id| file.sources.iter().any(|source| source.id == *id));
    need(known, "/sources", "a source is not among the file's");
    for (kind, examples) in [("positive", &signal.examples.positive), ("negative", &signal.examples.negative)] {
        need(!examples.is_empty(), &format!("/examples/{kind}"), "both kinds of examples are needed");
    }
    for (part, matchers) in [("all", &signal.when.all), ("any", &signal.when.any), ("none", &signal.when.none)] {
        for (i, why) in matchers.iter().enumerate().filter_map(|(i, matcher)| Some((i, sound(matcher).err()?))) {
            out.push(SignalFault::new(format!("/when/{part}/{i}"), why));
        }
    }
    out
}

/// Whether this can be the id of a signal.
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 100 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Two signals with the same conditions and different layers cannot both be right.
fn contradictions(files: &[SignalsFile], out: &mut Vec<Finding>) {
    let mut seen: HashMap<String, (&str, Layer)> = HashMap::new();
    for file in files {
        for signal in &file.signals {
            let key = conditions(&signal.when);
            match seen.get(&key) {
                Some((other, layer)) if *layer != signal.layer => {
                    out.push(finding(
                        &file.provider,
                        format!("{}: {other} has the same conditions and another layer", signal.id),
                    ));
                }
                Some(_) => {}
                None => {
                    seen.insert(key, (&signal.id, signal.layer));
                }
            }
        }
    }
}

/// The conditions of a signal in one spelling.
pub fn conditions(when: &When) -> String {
    serde_json::to_string(when).unwrap_or_default().to_lowercase()
}

/// Each signal fires on its positive examples and on none of the negative ones.
pub fn examples(catalogue: &SignalCatalogue, out: &mut Vec<Finding>) {
    for known in &catalogue.signals {
        for fault in wrong_examples(catalogue, &known.signal) {
            out.push(finding(&known.provider, format!("{}: {}", known.signal.id, fault.what)));
        }
    }
}

/// The examples of one signal of the catalogue that are none.
pub fn wrong_examples(catalogue: &SignalCatalogue, signal: &Signal) -> Vec<SignalFault> {
    let fires = |evidence: &Evidence| {
        let provider = evidence.provider.as_deref().and_then(|text| catalogue.provider(text));
        let fired = matching::fired(catalogue, &EvidenceReading::new(evidence, &catalogue.names), provider);
        fired.iter().any(|one| one.known.signal.id == signal.id)
    };
    let mut out = Vec::new();
    for (i, _) in signal.examples.positive.iter().enumerate().filter(|(_, evidence)| !fires(evidence)) {
        out.push(SignalFault::new(format!("/examples/positive/{i}"), format!("does not fire on its positive example {}", i + 1)));
    }
    for (i, _) in signal.examples.negative.iter().enumerate().filter(|(_, evidence)| fires(evidence)) {
        out.push(SignalFault::new(format!("/examples/negative/{i}"), format!("fires on its negative example {}", i + 1)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_unconfirmed_signals_name_signals_of_their_file_once_and_say_why() {
        let file = r#"{"provider": "acme", "sources": [], "signals": [],
            "unconfirmed": [{"on": "2026-11-30", "why": " ", "signals": ["acme-a", "acme-a"]}]}"#;
        let faults = unconfirmed_faults(&serde_json::from_str(file).unwrap());
        let found = |part: &str| faults.iter().filter(|fault| fault.contains(part)).count();
        assert_eq!((found("`why` is empty"), found("no signal of this file"), found("twice")), (1, 2, 1), "{faults:?}");
    }
}
