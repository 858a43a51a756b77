//! What reads like an attempt to get round a check: found, named, and explained, with an honest alternative.
//!
//! Never here: a wording that would work, or a hint how one could. The findings are for a learner, not a barrier: they may be
//! wrong in both directions, so they speak kindly, and a person can overrule them. Text that only reports, denies or quotes an
//! evasion is left alone where that can be told.

pub mod disguise;
#[cfg(test)]
mod evasion_tests;
pub mod kinds;
pub mod needed_words;
pub mod negation;
pub mod pattern_search;
pub mod phrases;

use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waymark_engine::evasion::read_evasion;

use crate::submissions::feedback::words::{is_dense, quote, telling};
use crate::submissions::wire::SubmissionContent;
use kinds::EvasionKind;
use needed_words::NeededWords;
use pattern_search::PatternSearch;
use phrases::{Pattern, Where};

/// Something that reads like a way round a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evasion {
    /// `override`, `persona`, `false_authority`, `pretence`, `fiction_lever`, `hidden_from_check`, `splitting`, `translation`,
    /// `region_or_key`, `encoding`, `look_alikes`, `hidden_characters`, `pressure`, `suppression`, `payload` or `asks_for_evasion`; more
    /// may come.
    #[schema(example = "false_authority")]
    pub kind: String,
    /// JSON pointer (RFC 6901) into the submission.
    #[schema(example = "/reframe/rewritten")]
    pub pointer: String,
    /// The words that are meant, cut short; signs that cannot be seen are written as `<U+200B>`.
    pub quote: String,
    /// What it reads as, for people.
    pub named: String,
    /// Why it is no route.
    pub why_not: String,
    /// What is a route.
    pub instead: String,
}

/// More findings than this say nothing new.
const MOST: usize = 12;
/// So much of a text is searched, in bytes: all of the longest that is accepted, and the beginning of each entry of a list.
const LONGEST: usize = 32_000;
const LONGEST_ENTRY: usize = 2_000;

/// A text of the learner's, and which patterns are looked for in it.
struct LearnerText<'a> {
    pointer: String,
    text: &'a str,
    place: TextPlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextPlace {
    /// Aimed at the model: the rewritten request and the context it states.
    Asked,
    /// The role alone.
    Role,
    /// What was done or is reported.
    Told,
    /// Reasons, which only matter where they ask the service for help with an evasion.
    Reason,
}

impl Where {
    fn covers(self, place: TextPlace) -> bool {
        match self {
            Where::Asked => matches!(place, TextPlace::Asked | TextPlace::Role),
            Where::Role => place == TextPlace::Role,
            Where::Told => place == TextPlace::Told,
            Where::Both => place != TextPlace::Reason,
            Where::Anywhere => true,
        }
    }
}

/// A pattern, ready to search once its words are there.
struct Ready {
    kind: &'static EvasionKind,
    chinese: bool,
    pattern: &'static Pattern,
    compiled: OnceLock<PatternSearch>,
}

/// All patterns. Compiled they fill ten megabytes, and most are never needed.
struct Patterns {
    all: Vec<Ready>,
    needed: NeededWords,
}

#[allow(clippy::expect_used, reason = "every pattern is a constant, and a test reads them all")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let ready = |(pattern, chinese): (&'static Pattern, bool)| {
        Some(Ready { kind: kinds::named(pattern.kind)?, chinese, pattern, compiled: OnceLock::new() })
    };
    let all: Vec<Ready> = phrases::all().filter_map(ready).collect();
    let spelt_out = all.iter().map(|ready| phrases::spelt_out(ready.pattern.text));
    let needed = NeededWords::of_patterns(spelt_out).expect("constant patterns");
    Patterns { all, needed }
});

/// Reads what words the patterns need, which takes a moment; the first submission should not wait for it.
pub fn read_patterns() {
    LazyLock::force(&PATTERNS);
}

/// Everything in the learner's own texts that reads like a way round a check, at most one of a kind in each field.
pub fn find_evasions(content: &SubmissionContent) -> Vec<Evasion> {
    let original = content.reframe.as_ref().and_then(|reframe| reframe.original.as_deref()).unwrap_or_default();
    let mut out: Vec<Evasion> = Vec::new();
    for field in fields(content) {
        let mut kinds_here: Vec<&str> = Vec::new();
        let phrases = in_words(&field);
        let disguises = if matches!(field.place, TextPlace::Asked | TextPlace::Role) {
            disguise::find_disguises(field.text, original)
        } else {
            Vec::new()
        };
        // What no pattern names may still read like one: the classifier sees the rewritten request alone.
        let read =
            if phrases.is_empty() && disguises.is_empty() && field.pointer == REWRITTEN { in_all(field.text) } else { None };
        for (kind, words) in phrases.into_iter().chain(disguises).chain(read) {
            // One finding says it: what asks for help, or names the filter, is not told twice in the same field.
            if !kinds_here.contains(&kind.id) && !kind.said_by.iter().any(|other| kinds_here.contains(other)) {
                kinds_here.push(kind.id);
                out.push(finding(kind, &field.pointer, &words));
            }
        }
    }
    out.truncate(MOST);
    out
}

const REWRITTEN: &str = "/reframe/rewritten";

/// From this share on a request reads like an evasion. Of eighty honest ones kept aside none does.
const EVASIVE: f32 = 0.9;

/// What the engine's classifier makes of a whole request.
fn in_all(text: &str) -> Option<(&'static EvasionKind, String)> {
    let read = read_evasion(text);
    let kind = kinds::of_engine(read.kind)?;
    (read.evasive >= EVASIVE).then(|| (kind, read.sentence.to_owned()))
}

fn finding(kind: &EvasionKind, pointer: &str, words: &str) -> Evasion {
    Evasion {
        kind: kind.id.to_owned(),
        pointer: pointer.to_owned(),
        quote: quote(words),
        named: kind.named.to_owned(),
        why_not: kind.why_not.to_owned(),
        instead: kind.instead.to_owned(),
    }
}

fn fields(content: &SubmissionContent) -> Vec<LearnerText<'_>> {
    let mut out = Vec::new();
    let mut add = |pointer: String, text, place| {
        if let Some(text) = text {
            out.push(LearnerText { pointer, text: shortened(text, LONGEST), place });
        }
    };
    if let Some(reframe) = &content.reframe {
        add(REWRITTEN.to_owned(), reframe.rewritten.as_deref(), TextPlace::Asked);
        add("/reframe/role".to_owned(), reframe.role.as_deref(), TextPlace::Role);
        add("/reframe/purpose".to_owned(), reframe.purpose.as_deref(), TextPlace::Asked);
        add("/reframe/audience".to_owned(), reframe.audience.as_deref(), TextPlace::Asked);
        add("/reframe/scope".to_owned(), reframe.scope.as_deref(), TextPlace::Asked);
        add("/reframe/outcome".to_owned(), reframe.outcome.as_deref(), TextPlace::Told);
    }
    if let Some(escalation) = &content.escalation {
        add("/escalation/message".to_owned(), escalation.message.as_deref(), TextPlace::Told);
        add("/escalation/why_not".to_owned(), escalation.why_not.as_deref(), TextPlace::Reason);
    }
    if let Some(diagnosis) = &content.diagnosis {
        add("/diagnosis/because".to_owned(), diagnosis.because.as_deref(), TextPlace::Reason);
    }
    let observed = content.evidence.as_ref().and_then(|evidence| evidence.observed.as_ref());
    for (i, tried) in observed.map(|observed| observed.tried.as_slice()).unwrap_or_default().iter().enumerate() {
        add(format!("/evidence/observed/tried/{i}"), Some(shortened(tried, LONGEST_ENTRY)), TextPlace::Told);
    }
    out
}

fn shortened(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

fn in_words(field: &LearnerText) -> Vec<(&'static EvasionKind, String)> {
    let mut out = Vec::new();
    let (latin, dense) = (field.text.chars().any(|c| c.is_ascii_alphabetic()), field.text.chars().any(is_dense));
    let there = PATTERNS.needed.words_in(field.text);
    for (number, ready) in PATTERNS.all.iter().enumerate().filter(|(_, ready)| ready.pattern.place.covers(field.place)) {
        if if ready.chinese { !dense } else { !latin } || !PATTERNS.needed.may_stand_in(number, &there) {
            continue;
        }
        let compiled = ready.compiled.get_or_init(|| PatternSearch::new(&phrases::pattern_regex(ready.pattern.text)));
        let real = compiled.first(field.text, |found| {
            let (start, end) = (found.whole.start, found.whole.end);
            let spared = negation::before(field.text, found.core)
                || negation::after(field.text, end)
                || reported(field.text, start, found.core)
                || quoted(field.text, start, end)
                || ready.kind.spares_mistakes && negation::by_mistake(field.text, start, end);
            if spared { None } else { field.text.get(start..end).map(str::to_owned) }
        });
        out.extend(real.map(|words| (ready.kind, words)));
    }
    out
}

/// Somebody else who does it, which an honest text about the subject may tell.
static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"who\b; attackers?\b; spammers?\b; scammers?\b; criminals?\b; fraudsters?\b; hackers?\b; students\b; pupils\b;
          teenagers\b; children\b; kids\b; users\b; employees\b; people\b; others\b; they\b; someone\b;
          said\b; says\b; claims?\b; claimed\b; states?\b; stated\b; accus; angreifer; betrüger; schüler; leute\b; atacantes; estafadores; alumnos; attaquants; escrocs; élèves; 攻击者; 骗子; 有人; 学生们",
    )
});

fn reported(text: &str, from: usize, core: usize) -> bool {
    let before = negation::clause_before(text, from);
    let between = text.get(from..core).unwrap_or_default();
    OTHERS.is_match(before) || OTHERS.is_match(between)
}

/// What an honest text about evasion, phishing or prompt injection speaks of when it quotes one.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"prompt[- ]injection; injection; attack; phish; scam; fraud; for example; such as; examples? of; recogni[sz];
          spot\b; angriff; betrug; zum beispiel; erkenn; ataque; estafa; por ejemplo; reconocer; attaque; arnaque;
          par exemple; reconnaître; 攻击; 注入; 诈骗; 例如; 识别",
    )
});

/// Whether the words stand in quotation marks, in a text that speaks about such words.
fn quoted(text: &str, from: usize, to: usize) -> bool {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    let marks = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('‘', '’'), ('「', '」'), ('《', '》')];
    let within = marks.into_iter().any(|(open, close)| {
        let opened = before.rfind(open).map(|at| before.get(at..).unwrap_or_default());
        let closed_again = opened.is_some_and(|rest| rest.chars().skip(1).any(|c| c == close));
        let odd = open != close || before.matches(open).count() % 2 == 1;
        opened.is_some() && !closed_again && odd && after.contains(close)
    });
    within && SUBJECT.is_match(before) | SUBJECT.is_match(after)
}
