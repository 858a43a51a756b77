//! Evidence that is shown: whether it is what it claims, holds nobody's secrets, speaks to the question, and bears the key out.

use std::collections::BTreeSet;

use serde_json::Value;
use waymark_engine::evidence::HttpEvidence;
use waymark_engine::format::Stage;
use waymark_engine::{Engine, Evidence};

use crate::check::findings::{FindingPlace, Findings};
use crate::check::secrets::report_secrets;
use crate::check::sides::{OptionSense, option_sense};
use crate::check::table;
use crate::check::words::{in_default, is_english, sentences, without_markdown, words};
use crate::format::{AuthoredBlock, Item, Layer, OptionFile, ShownEvidence, Task, Text};
use crate::source::LessonContent;

/// The engine speaks against a key only where it is as sure as this.
const SURE: f64 = 0.85;
/// So many values of the evidence in the stem tell what it shows.
const VALUES_TOLD: usize = 2;
/// A shorter value may stand in a stem by chance.
const SHORTEST_VALUE: usize = 3;

/// So many words of a story stand in rationales that go through it.
const GONE_THROUGH: usize = 5;

/// Words by which a description says that what is shown is not whole, in the languages that lessons have so far.
const NOT_WHOLE: &[&str] = &[
    "excerpt",
    "shortened",
    "cut",
    "truncated",
    "part",
    "heart",
    "piece",
    "fragment",
    "line",
    "lines",
    "begin",
    "start",
    "end",
    "core",
    "abridged",
    "broken",
    "invalid",
    "malformed",
    "auszug",
    "gekürzt",
    "teil",
    "abgeschnitten",
    "zeile",
    "extracto",
    "fragmento",
    "parte",
    "línea",
    "recortado",
];

/// Beginnings of the words of this trade; a text without any of them is about something else.
const TRADE: &[&str] = &[
    "http",
    "status",
    "error",
    "json",
    "prompt",
    "model",
    "filter",
    "refus",
    "token",
    "request",
    "respon",
    "reply",
    "repli",
    "answer",
    "account",
    "quota",
    "api",
    "policy",
    "block",
    "guardrail",
    "message",
    "chat",
    "finish",
    "system",
    "verif",
    "safety",
    "content",
    "output",
    "input",
    "assistant",
    "sorry",
    "gateway",
    "proxy",
    "provider",
    "vendor",
    "ticket",
    "access",
    "permission",
    "administrator",
    "timeout",
    "stream",
    "declin",
    "conversation",
    "turn",
    "tool",
    "ask",
];

pub fn check_shown_evidence(content: &LessonContent, out: &mut Findings<'_>) {
    let language = content.lesson.default_language.as_str();
    let place = FindingPlace::of(content, "quiz").below("items");
    for item in &content.quiz.items {
        let here = place.id(&item.id);
        for evidence in &item.evidence {
            judge_shown(&evidence.media_type, &evidence.content, &evidence.description, &format!("item {}", item.id), &here, out);
        }
        texts_of(item, language).into_iter().for_each(|text| report_secrets(text, &format!("item {}", item.id), &here, out));
        if is_english(language) {
            idle(item, language, &here, out);
            stem_tells(item, language, &here, out);
            senses(item, language, &here, out);
        }
        contradicted(item, language, &here, out);
    }
    let place = FindingPlace::of(content, "lesson").below("blocks");
    for block in &content.lesson.blocks {
        if let AuthoredBlock::Evidence { id, media_type, description, content } = block {
            judge_shown(media_type, content, description, &format!("block {id}"), &place.id(id), out);
        }
    }
    let place = FindingPlace::of(content, "exercise").below("cases");
    for case in &content.exercise.cases {
        report_secrets(&case.evidence.to_string(), &format!("case {}", case.id), &place.id(&case.id), out);
    }
}

fn texts_of<'a>(item: &'a Item, language: &str) -> Vec<&'a str> {
    let texts = item.task.texts().into_iter().chain(item.task.rationales()).map(|(_, text)| text);
    texts.chain([&item.stem]).filter_map(|text| text.get(language)).map(String::as_str).collect()
}

fn judge_shown(media_type: &str, content: &str, description: &Text, what: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    if !is_what_it_claims(media_type, content, description) {
        let message = format!("{what}: its evidence is said to be {media_type}, and does not parse; say what is cut, or mend it");
        out.add(table::EVIDENCE_CLAIM, place, message);
    }
    report_secrets(content, what, place, out);
}

fn is_what_it_claims(media_type: &str, content: &str, description: &Text) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let is_json = media_type == "application/json" || media_type.ends_with("+json");
    let is_page = media_type == "text/html" || media_type == "application/xml" || media_type == "text/xml";
    let reads = match (is_json, is_page) {
        (true, _) => serde_json::from_str::<Value>(content).is_ok(),
        (_, true) => content.contains('<') && content.contains('>'),
        _ => true,
    };
    let is_cut = content.contains("...") || content.contains('…');
    let says = || description.values().flat_map(|text| words(text)).any(|word| NOT_WHOLE.contains(&word.as_str()));
    reads || is_cut || says()
}

/// Evidence with no word of the trade, or with nothing in common with any option or rationale.
fn idle(item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let Some(single) = item.single() else { return };
    let all =
        |pick: fn(&ShownEvidence) -> &str| item.evidence.iter().flat_map(move |one| words(pick(one))).collect::<BTreeSet<_>>();
    let shown = all(|one| &one.content);
    let of_trade = shown.iter().any(|word| is_of_trade(word));
    let evidence: BTreeSet<String> = item.evidence.iter().flat_map(|one| word_starts(&one.content)).collect();
    let of = |pick: fn(&OptionFile) -> &Text| {
        single.options.iter().flat_map(move |option| word_starts(in_default(pick(option), language))).collect::<BTreeSet<_>>()
    };
    let (texts, rationales) = (of(|option| &option.text), of(|option| &option.rationale));
    let told = evidence.intersection(&rationales).count();
    // A story without a word of the trade is evidence where the rationales go through it.
    let speaks = !evidence.is_disjoint(&texts) || told >= if of_trade { 1 } else { GONE_THROUGH };
    if !item.evidence.is_empty() && !speaks {
        let message = format!("item {}: nothing in the evidence speaks to any option", item.id);
        out.add(table::ITEM_EVIDENCE_IDLE, place, message);
    }
}

pub fn is_of_trade(word: &str) -> bool {
    word == "ai" || TRADE.iter().any(|start| word.starts_with(start))
}

/// The beginnings of a text's longer words, and its numbers: enough to tell whether two texts speak of one thing.
pub fn word_starts(text: &str) -> BTreeSet<String> {
    let long = |word: &String| word.chars().count() >= 4 || word.chars().all(|c| c.is_ascii_digit());
    words(text).into_iter().filter(long).map(|word| word.chars().take(5).collect()).collect()
}

/// A stem that tells what the evidence shows: with it, nobody needs to look.
fn stem_tells(item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let stem = in_default(&item.stem, language);
    let asked: BTreeSet<String> = words(stem).into_iter().collect();
    let mut values = BTreeSet::new();
    for evidence in &item.evidence {
        if let Ok(body) = serde_json::from_str::<Value>(&evidence.content) {
            leaves(&body, &mut values);
        }
    }
    let joined = words(stem).join(" ");
    let is_told = |value: &&String| {
        let parts = words(value);
        match parts.as_slice() {
            [] => false,
            [one] => asked.contains(one),
            _ => joined.contains(&parts.join(" ")),
        }
    };
    let told: Vec<&str> = values.iter().filter(is_told).map(String::as_str).collect();
    // One value that is a code of several words is as much as two plain ones.
    let is_code = |value: &&str| value.contains('_') || words(value).len() >= 3;
    if told.len() >= VALUES_TOLD || told.iter().any(is_code) {
        let message = format!("item {}: the stem gives away what the evidence shows: {}", item.id, told.join(", "));
        out.add(table::ITEM_STEM_TELLS, place, message);
        return;
    }
    let right = item.single().and_then(|single| single.options.iter().find(|option| option.id == single.key));
    let layer = right.and_then(|option| option.layer.or(option_sense(in_default(&option.text, language)).layer));
    // What a stem asks is no telling: "which text was read by the filter?" names no side in its statements.
    let statements: String = sentences(&without_markdown(stem, "code"))
        .into_iter()
        .filter(|sentence| !sentence.ends_with('?'))
        .collect::<Vec<_>>()
        .join(" ");
    if layer.is_some() && option_sense(&statements).layer == layer {
        let message = format!("item {}: the stem tells which side was judged, and the evidence is not needed", item.id);
        out.add(table::ITEM_STEM_TELLS, place, message);
    }
}

fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.chars().count() >= SHORTEST_VALUE => {
            out.insert(text.to_lowercase());
        }
        Value::Number(number) if number.to_string().len() >= SHORTEST_VALUE => {
            out.insert(number.to_string());
        }
        Value::Array(list) => list.iter().for_each(|value| leaves(value, out)),
        Value::Object(map) => map.values().for_each(|value| leaves(value, out)),
        _ => {}
    }
}

/// Options whose words name another layer than their tag, and two that name the same.
fn senses(item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let senses: Vec<_> =
        item.task.options().iter().map(|option| (option, option_sense(in_default(&option.text, language)))).collect();
    for (i, (option, sense)) in senses.iter().enumerate() {
        if let (Some(tag), Some(read)) = (option.layer, sense.layer)
            && tag != read
            && tag != Layer::Undetermined
        {
            let message =
                format!("item {}: option {} is tagged {}, and its text speaks of {}", item.id, option.id, name(tag), name(read));
            out.add(table::ITEM_LAYER_TAG, &place.id(&option.id), message);
        }
        // The same words in another order are no other words: "A before B", "B before A".
        let sorted = |option: &OptionFile| {
            let mut all = words(in_default(&option.text, language));
            all.sort();
            all
        };
        let same = |(other, read): &&(&OptionFile, OptionSense)| read.says_the_same(sense) && sorted(other) != sorted(option);
        if let Some((other, _)) = senses.iter().take(i).find(same) {
            let message = format!("item {}: the options {} and {} say the same in other words", item.id, other.id, option.id);
            out.add(table::ITEM_OPTIONS_ALIKE, &place.id(&option.id), message);
        }
    }
}

fn name(layer: Layer) -> String {
    serde_json::to_value(layer).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A key that the engine's reading of the one body contradicts.
fn contradicted(item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let ([evidence], Ok(engine)) = (item.evidence.as_slice(), Engine::built_in()) else { return };
    let keyed = match &item.task {
        Task::SingleChoice(single) => single.options.iter().find(|option| option.id == single.key).and_then(|option| {
            let read = if is_english(language) { option_sense(in_default(&option.text, language)).layer } else { None };
            read.or(option.layer)
        }),
        Task::PointAtField(task) => task.layer,
        _ => None,
    };
    let Some(keyed) = keyed.filter(|layer| *layer != Layer::Undetermined) else { return };
    // One body, whole or behind a line of HTTP; several are a comparison, which the engine is not asked here.
    if evidence.content.matches("\n\n").count() > 1 || !evidence.content.trim_end().ends_with('}') {
        return;
    }
    let description = in_default(&evidence.description, language);
    let seen = Evidence {
        provider: engine.catalogue.provider(description).map(str::to_owned),
        http: Some(HttpEvidence { status: status(description), headers: Vec::new(), body: Some(evidence.content.clone()) }),
        ..Evidence::default()
    };
    let verdict = engine.diagnose(&seen, None);
    let decided = verdict.reasons.first().filter(|reason| reason.stage <= Stage::Block && reason.pointer.is_some());
    if let Some(reason) = decided
        && verdict.verdict != Layer::Undetermined
        && verdict.confidence >= SURE
        && verdict.verdict != keyed
    {
        let (id, pointer) = (&item.id, reason.pointer.as_deref().unwrap_or_default());
        let message = format!(
            "item {id}: the key says {}, and {pointer:?} of the evidence reads as {}",
            name(keyed),
            name(verdict.verdict)
        );
        out.add(table::ITEM_KEY_CONTRADICTED, place, message);
    }
}

/// The HTTP status that a description names.
fn status(description: &str) -> Option<u16> {
    let words: Vec<&str> = description.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let near = |at: usize| {
        words
            .get(at.saturating_sub(2)..at)
            .is_some_and(|before| before.iter().any(|w| w.eq_ignore_ascii_case("status") || w.eq_ignore_ascii_case("http")))
    };
    words
        .iter()
        .enumerate()
        .filter(|(at, _)| near(*at))
        .find_map(|(_, word)| word.parse().ok().filter(|code| (100..600).contains(code)))
}
