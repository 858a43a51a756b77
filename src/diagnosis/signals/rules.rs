//! What holds for a tenant's own signals, and how signals are searched. Pure.

use chrono::{Datelike, NaiveDate};
use regex::RegexBuilder;
use waymark_engine::web_address::{self, is_web_address};

use crate::diagnosis::catalogue::{KnownSignal, SignalCatalogue};
use crate::diagnosis::check::{self, SignalFault, conditions};
use crate::diagnosis::compiled::built_in_examples;
use crate::diagnosis::format::{Matcher, Signal, SignalSource, SignalsFile};
use crate::diagnosis::limits::wrong_with;
use crate::diagnosis::signals::wire::{Entry, OwnSource, SignalPut, SignalQuery};
use crate::diagnosis::verdict::SourceRef;
use crate::web::limits::{SHORT, Wrong};

/// The largest signal as JSON, in bytes, examples included. All of a tenant's are read at once.
pub const LARGEST: usize = 32 * 1024;
/// Explanations, in characters.
const EXPLAINED: usize = 2_000;
/// Regular expressions of one signal, and how large each may become in memory: every process holds them.
const MOST_PATTERNS: usize = 5;
const LARGEST_PATTERN: usize = 128 * 1024;

/// What all signals of a tenant may have together: every diagnosis of that tenant looks at all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    pub matchers: usize,
    /// Regular expressions, which take most memory and time.
    pub patterns: usize,
    /// Pointers that end in `*`, which are held against every value of the evidence.
    pub open: usize,
}

const MOST_WEIGHT: Weight = Weight { matchers: 2_000, patterns: 100, open: 50 };

impl Weight {
    pub fn of(put: &SignalPut) -> Weight {
        let all = || put.when.all.iter().chain(&put.when.any).chain(&put.when.none);
        let open = |one: &&Matcher| one.pointer.as_ref().is_some_and(|pointer| pointer.ends_with('*'));
        Weight {
            matchers: all().count(),
            patterns: all().filter(|one| one.pattern.is_some()).count(),
            open: all().filter(open).count(),
        }
    }

    #[must_use]
    pub fn and(self, other: Weight) -> Weight {
        Weight {
            matchers: self.matchers.saturating_add(other.matchers),
            patterns: self.patterns.saturating_add(other.patterns),
            open: self.open.saturating_add(other.open),
        }
    }

    /// What there is too much of: its name, how many, and how many there may be.
    pub fn too_much(self) -> Option<(&'static str, usize, usize)> {
        let parts = [
            ("matchers", self.matchers, MOST_WEIGHT.matchers),
            ("patterns", self.patterns, MOST_WEIGHT.patterns),
            ("pointers that end in *", self.open, MOST_WEIGHT.open),
        ];
        parts.into_iter().find(|(_, count, most)| count > most)
    }
}

/// The file that a tenant's signal would be, if it were a built-in one.
pub fn file(id: &str, put: &SignalPut) -> SignalsFile {
    let put = put.clone();
    let names: Vec<String> = (1..=put.sources.len()).map(|number| format!("source-{number}")).collect();
    let source = |(id, source): (&String, OwnSource)| SignalSource {
        id: id.clone(),
        title: source.title,
        url: source.url,
        reviewed_on: source.reviewed_on,
    };
    let sources = names.iter().zip(put.sources).map(source).collect();
    let signal = Signal {
        id: id.to_owned(),
        layer: put.layer,
        between: put.between,
        stage: put.stage,
        weight: put.weight,
        when: put.when,
        instead_of: put.instead_of,
        meaning: put.meaning,
        owner: put.owner,
        next_step: put.next_step,
        would_change: put.would_change,
        collect: put.collect,
        sources: names,
        reviewed_on: put.reviewed_on,
        examples: put.examples,
    };
    SignalsFile { provider: put.provider, names: Vec::new(), sources, unconfirmed: Vec::new(), signals: vec![signal] }
}

/// Everything that can be told to be wrong with a signal by itself.
pub fn signal_faults(id: &str, put: &SignalPut, built_in: &SignalCatalogue) -> Wrong {
    let mut wrong = sizes(put);
    if put.instead_of.iter().any(|other| other == id) {
        wrong.add("/instead_of", "a signal cannot stand instead of itself.");
    }
    if !wrong.0.is_empty() {
        return wrong;
    }
    let file = file(id, put);
    for signal in &file.signals {
        let mut faults = check::check_signal(signal, &file);
        if faults.is_empty() {
            faults = match compiled_signals(std::slice::from_ref(&file), built_in) {
                Ok(catalogue) => check::wrong_examples(&catalogue, signal),
                Err(why) => vec![SignalFault::new("/when", why)],
            };
        }
        faults.into_iter().for_each(|fault| wrong.add(fault.at, format!("{}.", fault.what)));
    }
    wrong
}

/// A tenant's signals, ready for matching. They know the built-in providers by all their names.
pub fn compiled_signals(files: &[SignalsFile], built_in: &SignalCatalogue) -> Result<SignalCatalogue, String> {
    let mut catalogue = SignalCatalogue::new(files)?;
    catalogue.providers.extend(built_in.providers.iter().cloned());
    catalogue.providers.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    Ok(catalogue)
}

/// What is wrong with a signal beside the tenant's others (without the one that it replaces) and the built-in ones.
pub fn wrong_beside(put: &SignalPut, others: &[(String, SignalPut)], built_in: &SignalCatalogue) -> Wrong {
    let mut wrong = Wrong::default();
    for (i, id) in put.instead_of.iter().enumerate() {
        if !others.iter().any(|(other, _)| other == id) {
            wrong.add(format!("/instead_of/{i}"), format!("{id} is none of this tenant's own signals."));
        }
    }
    let here = conditions(&put.when);
    let own = others.iter().map(|(id, other)| (id, &other.when, other.layer));
    let shared = built_in.signals.iter().map(|known| (&known.signal.id, &known.signal.when, known.signal.layer));
    let against = own.chain(shared).find(|(_, when, layer)| *layer != put.layer && conditions(when) == here);
    if let Some((id, ..)) = against {
        wrong.add("/when", format!("{id} has the same conditions and another layer."));
    }
    wrong
}

fn sizes(put: &SignalPut) -> Wrong {
    let mut wrong = Wrong::default();
    let provider = put.provider.trim();
    if provider != put.provider || provider != provider.to_lowercase() || !(2..=100).contains(&provider.chars().count()) {
        wrong.add("/provider", "must be a name of 2 to 100 characters in lower case, without space around it.");
    }
    wrong.count("/between", put.between.len(), 5);
    wrong.count("/instead_of", put.instead_of.len(), 50);
    let texts = [("/meaning", Some(&put.meaning)), ("/next_step", put.next_step.as_ref())];
    for (at, text) in texts.into_iter().chain([("/would_change", put.would_change.as_ref()), ("/collect", put.collect.as_ref())])
    {
        wrong.text(at, text.map(String::as_str), EXPLAINED);
    }
    wrong.count("/sources", put.sources.len(), 20);
    for (i, source) in put.sources.iter().enumerate() {
        own_source(&format!("/sources/{i}"), source, &mut wrong);
    }
    day("/reviewed_on", put.reviewed_on, &mut wrong);
    let parts = [("all", &put.when.all, 20), ("any", &put.when.any, 200), ("none", &put.when.none, 20)];
    for (part, matchers, most) in parts {
        wrong.count(&format!("/when/{part}"), matchers.len(), most);
        for (i, one) in matchers.iter().enumerate().take(most) {
            matcher(&format!("/when/{part}/{i}"), one, &mut wrong);
        }
    }
    let patterns = parts.iter().flat_map(|(_, matchers, _)| matchers.iter()).filter(|one| one.pattern.is_some()).count();
    if patterns > MOST_PATTERNS {
        wrong.add("/when", format!("has {patterns} patterns; at most {MOST_PATTERNS} are kept."));
    }
    for (kind, examples) in [("positive", &put.examples.positive), ("negative", &put.examples.negative)] {
        wrong.count(&format!("/examples/{kind}"), examples.len(), 20);
        for (i, evidence) in examples.iter().enumerate().take(20) {
            wrong.below(&format!("/examples/{kind}/{i}"), wrong_with(evidence));
        }
    }
    let size = serde_json::to_vec(put).map_or(usize::MAX, |bytes| bytes.len());
    if size > LARGEST {
        wrong.add("", format!("the signal is {size} bytes of JSON; at most {LARGEST} are kept."));
    }
    wrong
}

fn own_source(at: &str, source: &OwnSource, wrong: &mut Wrong) {
    wrong.short(&format!("{at}/title"), Some(&source.title));
    if source.title.trim().is_empty() {
        wrong.add(format!("{at}/title"), "must say something.");
    }
    if source.url.as_deref().is_some_and(|url| !is_web_address(url)) {
        wrong.add(format!("{at}/url"), web_address::RULE);
    }
    day(&format!("{at}/reviewed_on"), source.reviewed_on, wrong);
}

fn day(at: &str, day: NaiveDate, wrong: &mut Wrong) {
    if !(1..=9999).contains(&day.year()) {
        wrong.add(at, "must be a date of the years 0001 to 9999.");
    }
}

fn matcher(at: &str, matcher: &Matcher, wrong: &mut Wrong) {
    let texts = [
        ("pointer", &matcher.pointer, SHORT),
        ("pattern", &matcher.pattern, 300),
        ("code", &matcher.code, 100),
        ("phrase", &matcher.phrase, SHORT),
        ("header", &matcher.header, 100),
        ("provider", &matcher.provider, 100),
    ];
    for (name, text, most) in texts {
        wrong.text(&format!("{at}/{name}"), text.as_deref(), most);
    }
    if matcher.value.as_ref().is_some_and(|value| value.is_array() || value.is_object()) {
        wrong.add(format!("{at}/value"), "must be a text, a number, true or false.");
    }
    wrong.text(&format!("{at}/value"), matcher.value.as_ref().and_then(|value| value.as_str()), SHORT);
    let status = matcher.status.as_deref().unwrap_or_default();
    wrong.count(&format!("{at}/status"), status.len(), 50);
    if matcher.status.is_some() && (status.is_empty() || !status.iter().all(|one| (100..=599).contains(one))) {
        wrong.add(format!("{at}/status"), "must list statuses from 100 to 599.");
    }
    if let Some(pattern) = &matcher.pattern
        && let Err(why) = RegexBuilder::new(pattern).case_insensitive(true).size_limit(LARGEST_PATTERN).build()
    {
        wrong.add(format!("{at}/pattern"), format!("is no regular expression that can be kept: {why}"));
    }
}

/// A built-in signal as it is shown in lists.
pub fn built_in_entry(known: &KnownSignal) -> Entry {
    let entry = signal_entry(known.signal.clone(), &known.provider, &known.sources);
    Entry { examples: None, unconfirmed: known.unconfirmed.clone(), ..entry }
}

/// A built-in signal as it is shown, all of it.
pub fn with_examples(entry: &Entry) -> Entry {
    Entry { examples: built_in_examples(&entry.id), ..entry.clone() }
}

/// A tenant's own signal as it is shown, all but its revision.
pub fn own_entry(id: &str, put: &SignalPut) -> Option<Entry> {
    let mut file = file(id, put);
    let signal = file.signals.pop()?;
    Some(Entry { own: true, ..signal_entry(signal, &file.provider, &file.sources) })
}

fn signal_entry(signal: Signal, provider: &str, sources: &[SignalSource]) -> Entry {
    let source = |one: &SignalSource| SourceRef { title: one.title.clone(), url: one.url.clone(), reviewed_on: one.reviewed_on };
    Entry {
        id: signal.id,
        own: false,
        revision: None,
        provider: provider.to_owned(),
        layer: signal.layer,
        between: signal.between,
        stage: signal.stage,
        weight: signal.weight,
        when: signal.when,
        instead_of: signal.instead_of,
        meaning: signal.meaning,
        owner: signal.owner,
        next_step: signal.next_step,
        would_change: signal.would_change,
        collect: signal.collect,
        sources: sources.iter().map(source).collect(),
        unconfirmed: None,
        reviewed_on: signal.reviewed_on,
        examples: Some(signal.examples),
        updated_at: None,
    }
}

/// Whether a signal is one of those that were asked for.
pub fn is_asked(entry: &Entry, query: &SignalQuery) -> bool {
    query.provider.as_ref().is_none_or(|provider| *provider == entry.provider)
        && query.layer.is_none_or(|layer| layer == entry.layer)
        && query.stage.is_none_or(|stage| stage == entry.stage)
        && query.q.as_deref().is_none_or(|q| has_all(&searched(entry), q))
}

fn has_all(text: &str, words: &str) -> bool {
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The text in which words are looked for, in lower case.
pub fn searched(entry: &Entry) -> String {
    let mut text = format!("{}\n{}\n{}", entry.id, entry.meaning, entry.provider);
    for matcher in entry.when.all.iter().chain(&entry.when.any).chain(&entry.when.none) {
        let named = [&matcher.phrase, &matcher.code, &matcher.pointer, &matcher.pattern, &matcher.header];
        named.into_iter().flatten().for_each(|part| add(&mut text, part));
        match &matcher.value {
            Some(serde_json::Value::String(value)) => add(&mut text, value),
            Some(value) => add(&mut text, &value.to_string()),
            None => {}
        }
    }
    text.to_lowercase()
}

fn add(text: &mut String, part: &str) {
    text.push('\n');
    text.push_str(part);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Engine;

    /// The document says how large the parts of a signal are; that holds for what it says of the built-in ones too.
    #[test]
    fn the_built_in_signals_keep_the_documented_sizes() {
        for known in &Engine::built_in().unwrap().catalogue.signals {
            let signal = known.signal.clone();
            let source =
                |one: &SignalSource| OwnSource { title: one.title.clone(), url: one.url.clone(), reviewed_on: one.reviewed_on };
            let put = SignalPut {
                provider: known.provider.clone(),
                layer: signal.layer,
                between: signal.between,
                stage: signal.stage,
                weight: signal.weight,
                when: signal.when,
                instead_of: signal.instead_of,
                meaning: signal.meaning,
                owner: signal.owner,
                next_step: signal.next_step,
                would_change: signal.would_change,
                collect: signal.collect,
                sources: known.sources.iter().map(source).collect(),
                reviewed_on: signal.reviewed_on,
                examples: built_in_examples(&signal.id).unwrap(),
            };
            // How many patterns there are and how large it is as a whole is limited for tenants alone.
            let wrong =
                sizes(&put).0.into_iter().filter(|one| !["", "/when"].contains(&one.pointer.as_deref().unwrap_or_default()));
            let wrong: Vec<String> = wrong.map(|one| format!("{:?}: {}", one.pointer, one.detail)).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", signal.id);
        }
    }
}
