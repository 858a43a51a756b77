//! Holds the signals of a catalogue against evidence that was read: which fire, and on what.

use serde_json::Value;

use crate::catalogue::{KnownSignal, MatcherTest, SignalCatalogue, WantedValue};
use crate::format::OutputIn;
use crate::lenient::Scalar;
use crate::phrases::Haystack;
use crate::prose_codes::{is_explained, is_plain_word};
use crate::reading::{EvidenceField, EvidenceReading, Voice};

/// A person's long text that holds a phrase of an error message is more likely about it than one, in bytes.
const LONGEST_MESSAGE: usize = 1_500;

/// What a matcher was found on.
#[derive(Debug, Clone, PartialEq)]
pub enum Hit {
    Value(usize),
    /// A piece of text, from and to.
    Text(usize, usize, usize),
    Status(u16),
    Header(usize),
    Output,
    Provider,
}

/// A signal that fired.
#[derive(Debug, Clone)]
pub struct Fired<'c> {
    pub known: &'c KnownSignal,
    pub hit: Hit,
}

/// The signals that fire on `reading`, without those that a more special one replaces.
pub fn fired<'c>(catalogue: &'c SignalCatalogue, reading: &EvidenceReading<'_>, provider: Option<&str>) -> Vec<Fired<'c>> {
    let mut hits: Vec<Option<Hit>> = vec![None; catalogue.matchers.len()];
    values(catalogue, reading, &mut hits);
    phrases(catalogue, reading, &mut hits);
    others(catalogue, reading, provider, &mut hits);
    let fired: Vec<(usize, Hit)> =
        catalogue.signals.iter().enumerate().filter_map(|(i, known)| Some((i, fires(known, &hits)?))).collect();
    let silenced: Vec<usize> =
        fired.iter().filter_map(|(i, _)| catalogue.signals.get(*i)).flat_map(|known| known.silences.iter().copied()).collect();
    let loud = fired.into_iter().filter(|(i, _)| !silenced.contains(i));
    loud.filter_map(|(i, hit)| Some(Fired { known: catalogue.signals.get(i)?, hit })).collect()
}

/// The hit that shows best why a signal fires: a value before a text, a text before a status.
fn fires(known: &KnownSignal, hits: &[Option<Hit>]) -> Option<Hit> {
    let when = &known.signal.when;
    let own = |skip: usize, count: usize| hits.iter().skip(known.first.saturating_add(skip)).take(count);
    let all: Vec<_> = own(0, when.all.len()).collect();
    let any: Vec<_> = own(when.all.len(), when.any.len()).collect();
    let mut none = own(when.all.len().saturating_add(when.any.len()), when.none.len());
    let fits = all.iter().all(|hit| hit.is_some())
        && (when.any.is_empty() || any.iter().any(|hit| hit.is_some()))
        && !(all.is_empty() && any.is_empty())
        && none.all(Option::is_none);
    let rank = |hit: &&Hit| match hit {
        Hit::Value(_) => 0,
        Hit::Text(..) => 1,
        Hit::Header(_) => 2,
        Hit::Status(_) => 3,
        Hit::Output | Hit::Provider => 4,
    };
    let shown = all.iter().chain(&any).filter_map(|hit| hit.as_ref()).min_by_key(rank).cloned();
    if fits { shown } else { None }
}

fn values(catalogue: &SignalCatalogue, reading: &EvidenceReading<'_>, hits: &mut [Option<Hit>]) {
    let mut set = |matcher: usize, at: usize| {
        if let Some(hit) = hits.get_mut(matcher)
            && hit.is_none()
        {
            *hit = Some(Hit::Value(at));
        }
    };
    let open = catalogue.by_name.get(&None);
    for (at, node) in reading.nodes.iter().enumerate() {
        if reading.voices.get(at) == Some(&Voice::Request) {
            continue;
        }
        let named = reading.names.get(at).and_then(|name| catalogue.by_name.get(&Some(*name)));
        for matcher in named.into_iter().chain(open).flatten() {
            if let Some(MatcherTest::Pointer(path, wanted)) = catalogue.matchers.get(*matcher)
                && path.ends_at(at, &reading.nodes, &reading.names)
                && is_wanted(wanted, &node.value)
            {
                set(*matcher, at);
            }
        }
        if let Scalar::Text(text) | Scalar::Number(text) = &node.value
            && text.len() <= 100
            && reading.voices.get(at) == Some(&Voice::Service)
        {
            catalogue.codes.get(text.to_lowercase().as_str()).into_iter().flatten().for_each(|matcher| set(*matcher, at));
        }
    }
}

fn is_wanted(wanted: &WantedValue, value: &Scalar) -> bool {
    match (wanted, value) {
        (WantedValue::There, _) => true,
        (WantedValue::Filled(filled), value) => *filled != is_empty(value),
        (WantedValue::Pattern(pattern), Scalar::Text(text) | Scalar::Number(text)) => pattern.is_match(text),
        (WantedValue::Value(Value::String(wanted)), Scalar::Text(text) | Scalar::Number(text)) => {
            text.len() <= 200 && text.to_lowercase() == wanted.to_lowercase()
        }
        (WantedValue::Value(Value::Number(wanted)), Scalar::Text(text) | Scalar::Number(text)) => {
            text.parse::<f64>().is_ok_and(|number| Some(number) == wanted.as_f64())
        }
        (WantedValue::Value(Value::Bool(wanted)), Scalar::Bool(value)) => wanted == value,
        (WantedValue::Value(Value::Bool(wanted)), Scalar::Text(text)) => {
            text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
        }
        (WantedValue::Value(Value::Null), value) => *value == Scalar::Null,
        _ => false,
    }
}

fn is_empty(value: &Scalar) -> bool {
    match value {
        Scalar::Null => true,
        Scalar::Text(text) => text.trim().is_empty(),
        Scalar::List(count) | Scalar::Object(count) => *count == 0,
        Scalar::Bool(_) | Scalar::Number(_) => false,
    }
}

fn phrases(catalogue: &SignalCatalogue, reading: &EvidenceReading<'_>, hits: &mut [Option<Hit>]) {
    let mut hay = Haystack::default();
    for (number, piece) in reading.pieces.iter().enumerate() {
        let spoken = piece.field == EvidenceField::VisibleText && piece.text.len() > LONGEST_MESSAGE;
        if !spoken && reading.voices.get(piece.node.unwrap_or(usize::MAX)) != Some(&Voice::Model) {
            hay.add(number, &piece.text);
        }
    }
    catalogue.phrases.find(&hay.text, |phrase, start, end| {
        let slot = catalogue.phrase_owner.get(phrase).and_then(|matcher| hits.get_mut(*matcher));
        let (Some(slot), Some((piece, from)), Some((_, to))) = (slot, hay.origin(start), hay.origin(end.saturating_sub(1)))
        else {
            return;
        };
        let to = to.saturating_add(1);
        let matcher = catalogue.phrase_owner.get(phrase).and_then(|matcher| catalogue.matchers.get(*matcher));
        if let (Some(MatcherTest::Code(code)), Some(around)) = (matcher, reading.pieces.get(piece))
            && around.node.is_none()
            && (is_explained(&around.text, from, to) || is_plain_word(code, around.text.get(from..to).unwrap_or_default()))
        {
            return;
        }
        if slot.is_none() {
            *slot = Some(Hit::Text(piece, from, to));
        }
    });
}

fn others(catalogue: &SignalCatalogue, reading: &EvidenceReading<'_>, provider: Option<&str>, hits: &mut [Option<Hit>]) {
    let has_output = !reading.answer.trim().is_empty();
    for (test, hit) in catalogue.matchers.iter().zip(hits) {
        let found = match test {
            MatcherTest::Status(wanted) => reading.status.filter(|status| wanted.contains(status)).map(Hit::Status),
            MatcherTest::Output(OutputIn::Some) => has_output.then_some(Hit::Output),
            MatcherTest::Output(OutputIn::None) => (!has_output).then_some(Hit::Output),
            MatcherTest::Provider(wanted) => (provider == Some(wanted.as_str())).then_some(Hit::Provider),
            MatcherTest::Header(name, wanted) => reading
                .headers
                .iter()
                .position(|header| {
                    header.name.eq_ignore_ascii_case(name) && is_wanted(wanted, &Scalar::Text(header.value.clone()))
                })
                .map(Hit::Header),
            MatcherTest::Pointer(..) | MatcherTest::Phrase | MatcherTest::Code(_) => continue,
        };
        *hit = found;
    }
}
