//! The signals, made ready for matching: names known, phrases in one automaton, patterns compiled.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::format::{Matcher, OutputIn, Signal, SignalSource, SignalsFile, Unconfirmed};
use crate::names::{NameId, Path, RuleNames};
use crate::phrases::{Phrases, PhrasesBuilder};
use crate::signal_pattern::SignalPattern;

/// The shortest part of a phrase, and the shortest code, in bytes.
const SHORTEST_PART: usize = 3;

/// A signal with its file's context.
#[derive(Debug, Clone)]
pub struct KnownSignal {
    pub signal: Signal,
    pub provider: String,
    pub sources: Vec<SignalSource>,
    pub unconfirmed: Option<Unconfirmed>,
    /// Its matchers in [`SignalCatalogue::matchers`], in the order all, any, none.
    pub first: usize,
    /// Signals that say nothing more where this one fires.
    pub silences: Vec<usize>,
}

/// What a matcher looks for.
#[derive(Debug)]
pub enum MatcherTest {
    /// A value at a path.
    Pointer(Path, WantedValue),
    /// Found by the automaton of phrases.
    Phrase,
    /// The same; and a value of a document that is just this.
    Code(String),
    Status(Vec<u16>),
    Header(String, WantedValue),
    Output(OutputIn),
    Provider(String),
}

#[derive(Debug)]
pub enum WantedValue {
    There,
    Filled(bool),
    Value(Value),
    Pattern(Arc<SignalPattern>),
}

pub struct SignalCatalogue {
    pub signals: Vec<KnownSignal>,
    pub names: RuleNames,
    pub matchers: Vec<MatcherTest>,
    /// Matchers of values, by the last name of their path; those that end in `*` stand under None.
    pub by_name: HashMap<Option<NameId>, Vec<usize>>,
    pub codes: HashMap<String, Vec<usize>>,
    pub phrases: Phrases,
    /// The matcher of each phrase.
    pub phrase_owner: Vec<usize>,
    /// (name, provider), the longest name first.
    pub providers: Vec<(String, String)>,
}

impl SignalCatalogue {
    /// The error names the signal that cannot be compiled, and why.
    pub fn new(files: &[SignalsFile]) -> Result<SignalCatalogue, String> {
        let catalogue = SignalCatalogue::of_checked(files.to_vec())?;
        for known in &catalogue.signals {
            let when = &known.signal.when;
            let mut own = catalogue.matchers.iter().skip(known.first).take(when.all.len() + when.any.len() + when.none.len());
            own.try_for_each(compile_pattern).map_err(|why| format!("{}: {why}", known.signal.id))?;
        }
        Ok(catalogue)
    }

    /// The same, for signals that were checked before: patterns are compiled when a value is first held against them.
    pub fn of_checked(files: Vec<SignalsFile>) -> Result<SignalCatalogue, String> {
        let mut names = RuleNames::default();
        let mut patterns = PatternTable::new();
        let mut phrases = PhrasesBuilder::default();
        let mut phrase_owner = Vec::new();
        let (mut signals, mut matchers, mut providers) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            for name in file.names.iter().chain([&file.provider]) {
                providers.push((name.to_lowercase(), file.provider.clone()));
            }
            for signal in file.signals {
                let first = matchers.len();
                for matcher in signal.when.all.iter().chain(&signal.when.any).chain(&signal.when.none) {
                    let test = test(matcher, &mut names, &mut patterns).map_err(|why| format!("{}: {why}", signal.id))?;
                    let phrase = match (&test, &matcher.phrase) {
                        (MatcherTest::Phrase, Some(phrase)) => Some((phrase.as_str(), false)),
                        (MatcherTest::Code(code), _) => Some((code.as_str(), true)),
                        _ => None,
                    };
                    if let Some((phrase, whole)) = phrase {
                        phrases.add(phrase, whole);
                        phrase_owner.push(matchers.len());
                    }
                    matchers.push(test);
                }
                let sources = file.sources.iter().filter(|source| signal.sources.contains(&source.id)).cloned().collect();
                let provider = file.provider.clone();
                let marked = file.unconfirmed.iter().find(|one| one.signals.contains(&signal.id));
                let unconfirmed = marked.map(|one| Unconfirmed { on: one.on, why: one.why.clone() });
                signals.push(KnownSignal { signal, provider, sources, unconfirmed, first, silences: Vec::new() });
            }
        }
        let at: HashMap<String, usize> = signals.iter().enumerate().map(|(i, known)| (known.signal.id.clone(), i)).collect();
        for known in &mut signals {
            known.silences = known.signal.instead_of.iter().filter_map(|id| at.get(id).copied()).collect();
        }
        let mut by_name: HashMap<_, Vec<usize>> = HashMap::new();
        let mut codes: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, test) in matchers.iter().enumerate() {
            match test {
                MatcherTest::Pointer(path, _) => by_name.entry(path.last()).or_default().push(i),
                MatcherTest::Code(code) => codes.entry(code.to_lowercase()).or_default().push(i),
                _ => {}
            }
        }
        providers.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Ok(SignalCatalogue { signals, names, matchers, by_name, codes, phrases: phrases.build()?, phrase_owner, providers })
    }

    /// The provider that a person means by `text`.
    pub fn provider(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        let found = self.providers.iter().find(|(name, provider)| provider != "any" && text.contains(name.as_str()));
        found.map(|(_, provider)| provider.as_str())
    }
}

/// Whether a matcher can be understood, or why not.
pub fn sound(matcher: &Matcher) -> Result<(), String> {
    compile_pattern(&test(matcher, &mut RuleNames::default(), &mut PatternTable::new())?)
}

fn compile_pattern(test: &MatcherTest) -> Result<(), String> {
    match test {
        MatcherTest::Pointer(_, WantedValue::Pattern(pattern)) | MatcherTest::Header(_, WantedValue::Pattern(pattern)) => {
            pattern.compile_now()
        }
        _ => Ok(()),
    }
}

/// Patterns by their text: several signals have the same one, which is compiled once.
type PatternTable = HashMap<String, Arc<SignalPattern>>;

/// A matcher that cannot be understood is an error of its author.
fn test(matcher: &Matcher, names: &mut RuleNames, patterns: &mut PatternTable) -> Result<MatcherTest, String> {
    let m = matcher;
    let given = [
        m.pointer.is_some(),
        m.code.is_some(),
        m.phrase.is_some(),
        m.status.is_some(),
        m.header.is_some(),
        m.output.is_some(),
        m.provider.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        return Err("a matcher has exactly one of pointer, code, phrase, status, header, output and provider".to_owned());
    }
    if !(m.pointer.is_some() || m.header.is_some()) && (m.value.is_some() || m.pattern.is_some() || m.filled.is_some()) {
        return Err("value, pattern and filled go with pointer or header".to_owned());
    }
    let mut wanted = || match (&m.value, &m.pattern, m.filled) {
        (None, None, None) => Ok(WantedValue::There),
        (Some(value), None, None) => Ok(WantedValue::Value(value.clone())),
        (None, Some(pattern), None) => {
            let known = patterns.entry(pattern.clone()).or_insert_with(|| Arc::new(SignalPattern::new(pattern)));
            Ok(WantedValue::Pattern(Arc::clone(known)))
        }
        (None, None, Some(filled)) => Ok(WantedValue::Filled(filled)),
        _ => Err("a matcher has at most one of value, pattern and filled".to_owned()),
    };
    if let Some(pointer) = &m.pointer {
        if !pointer.starts_with('/') || pointer == "/" {
            return Err(format!("{pointer:?} is no JSON pointer: it begins with / (RFC 6901)"));
        }
        let path = names.known(Path::written(pointer));
        return Ok(MatcherTest::Pointer(path, wanted()?));
    }
    if let Some(header) = &m.header {
        return Ok(MatcherTest::Header(header.to_lowercase(), wanted()?));
    }
    // A part that stands everywhere makes every text slow to search, and finds nothing.
    let full = |text: &String| {
        let mut parts = text.split('*').map(str::trim).filter(|part| !part.is_empty()).peekable();
        let sound = parts.peek().is_some() && parts.all(|part| part.len() >= SHORTEST_PART);
        if sound { Ok(()) } else { Err(format!("each part of a phrase or code has {SHORTEST_PART} letters or more")) }
    };
    match (&m.code, &m.phrase, &m.status, m.output, &m.provider) {
        (Some(code), ..) => full(code).map(|()| MatcherTest::Code(code.clone())),
        (_, Some(phrase), ..) => full(phrase).map(|()| MatcherTest::Phrase),
        (_, _, Some(status), ..) => Ok(MatcherTest::Status(status.clone())),
        (.., Some(output), _) => Ok(MatcherTest::Output(output)),
        (.., Some(provider)) => Ok(MatcherTest::Provider(provider.clone())),
        _ => Err("an empty matcher".to_owned()),
    }
}
