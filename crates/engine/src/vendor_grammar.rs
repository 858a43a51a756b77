//! What services say without a code: who was stopped (what was sent, what was written, the account, the region), what happened to it,
//! and when. Not one phrase for each vendor, but a small grammar over words in many languages (`lessons/signals/sentences.yaml`).
//!
//! A sentence is read in the language that knows most of it; one in which somebody speaks of himself is left to the wording.

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};

use crate::phrases::Haystack;

/// What is read of one text: a message is short.
const MOST_SENTENCES: usize = 20;
const LONGEST_SENTENCE: usize = 600;
/// A notice in prose is no longer, in bytes; one of a failure is shorter still.
const LONGEST_NOTICE: usize = 420;
const LONGEST_FAILURE: usize = 200;

/// `lessons/signals/sentences.yaml`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentencesFile {
    pub languages: Vec<SentenceWords>,
}

/// The words of one language, in lower case: beginnings, or whole words where they are short.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentenceWords {
    pub language: String,
    pub address: Vec<String>,
    pub input: Vec<String>,
    pub output: Vec<String>,
    pub account: Vec<String>,
    pub region: Vec<String>,
    pub blocked: Vec<String>,
    pub removed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technical: Vec<String>,
    pub violates: Vec<String>,
    pub contains: Vec<String>,
    pub topic: Vec<String>,
    pub denied: Vec<String>,
    pub before: Vec<String>,
    pub after: Vec<String>,
    pub because: Vec<String>,
    pub failed: Vec<String>,
    pub advice: Vec<String>,
    pub speaker: Vec<String>,
    pub ignore: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SentencePart {
    Address,
    Input,
    Output,
    Account,
    Region,
    Blocked,
    Removed,
    Technical,
    Violates,
    Contains,
    Topic,
    Denied,
    Before,
    After,
    Because,
    Failed,
    Advice,
    Speaker,
    Ignore,
}

/// What a sentence states, by the id of the engine's rule for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stated {
    Input,
    Output,
    Account,
    Failed,
}

impl Stated {
    pub fn rule(self) -> &'static str {
        match self {
            Stated::Input => "sentence-input",
            Stated::Output => "sentence-output",
            Stated::Account => "sentence-account",
            Stated::Failed => "sentence-failed",
        }
    }
}

pub struct SentenceGrammar {
    automaton: AhoCorasick,
    /// Language and part of each word, and whether it must stand alone or at the beginning of one.
    words: Vec<(usize, SentencePart, WordEdge)>,
    languages: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordEdge {
    /// In scripts without spaces, or with prefixes: anywhere.
    Free,
    Begins,
    Whole,
}

/// One word of the grammar in a sentence.
#[derive(Debug, Clone, Copy)]
struct SentenceWord {
    part: SentencePart,
    from: usize,
    to: usize,
}

impl SentenceGrammar {
    pub fn new(file: &SentencesFile) -> Result<SentenceGrammar, String> {
        let (mut texts, mut words) = (Vec::new(), Vec::new());
        for (number, own) in file.languages.iter().enumerate() {
            for (part, list) in own.parts() {
                for word in list {
                    texts.push(word.to_lowercase());
                    words.push((number, part, edge(word)));
                }
            }
        }
        let automaton = AhoCorasick::new(&texts).map_err(|why| why.to_string())?;
        Ok(SentenceGrammar { automaton, words, languages: file.languages.len() })
    }

    /// What the first sentence that states something states, and where it stands in the text. `prose` may be an answer that speaks
    /// of anything, and not a message of a service.
    pub fn read(&self, text: &str, prose: bool) -> Option<(Stated, usize, usize)> {
        if prose && text.len() > LONGEST_NOTICE {
            return None;
        }
        let stated = sentences(text).take(MOST_SENTENCES).filter_map(|(from, sentence)| {
            let stated = self.sentence(sentence, prose).filter(|stated| {
                // Servers fail in stories and explanations too; a notice of it is nothing else.
                !prose || *stated != Stated::Failed || text.len() <= LONGEST_FAILURE
            })?;
            Some((stated, from, from.saturating_add(sentence.len())))
        });
        // That something failed is the least: it may stand before the reason.
        stated.min_by_key(|(stated, from, _)| (*stated == Stated::Failed, *from))
    }

    fn sentence(&self, sentence: &str, prose: bool) -> Option<Stated> {
        let mut hay = Haystack::default();
        hay.add(0, sentence);
        let mut found: Vec<Vec<SentenceWord>> = vec![Vec::new(); self.languages];
        for hit in self.automaton.find_overlapping_iter(&hay.text) {
            let Some((language, part, edge)) = self.words.get(hit.pattern().as_usize()) else { continue };
            if stands(&hay.text, hit.start(), hit.end(), *edge)
                && let Some(list) = found.get_mut(*language)
            {
                list.push(SentenceWord { part: *part, from: hit.start(), to: hit.end() });
            }
        }
        let weight = |list: &Vec<SentenceWord>| -> usize { list.iter().map(|found| found.to.saturating_sub(found.from)).sum() };
        let best = found.iter().rev().max_by_key(|list| weight(list))?;
        let stated = stated(best)?;
        (!prose || is_notice(best, stated)).then_some(stated)
    }
}

/// How far from the word that addresses somebody what is his may stand, in bytes: "your current plan".
const NEAR: usize = 14;
/// "this model" and the like are of that length, in bytes.
const THING: usize = 9;

/// Whether prose with these words speaks of a service and of the person before it, and not of the world.
fn is_notice(found: &[SentenceWord], stated: Stated) -> bool {
    let addresses = || found.iter().filter(|one| one.part == SentencePart::Address);
    let theirs = |one: &SentenceWord| {
        addresses().any(|address| {
            let near = address.from <= one.to && one.from <= address.to.saturating_add(NEAR);
            near || address.to.saturating_sub(address.from) >= THING
        })
    };
    match stated {
        Stated::Account => {
            found.iter().any(|one| matches!(one.part, SentencePart::Account | SentencePart::Region) && theirs(one))
        }
        Stated::Failed => true,
        _ => {
            addresses().next().is_some()
                || found.iter().any(|one| matches!(one.part, SentencePart::Topic | SentencePart::Violates))
        }
    }
}

/// The rules of the grammar, over the words of one sentence in one language.
fn stated(found: &[SentenceWord]) -> Option<Stated> {
    let all = |part: SentencePart| found.iter().filter(move |one| one.part == part);
    if all(SentencePart::Ignore).chain(all(SentencePart::Speaker)).next().is_some() {
        return None;
    }
    let there = |part: SentencePart| all(part).next().is_some();
    let judging = there(SentencePart::Topic) || there(SentencePart::Violates);
    let timed = there(SentencePart::Before) || there(SentencePart::After);
    let first = |part: SentencePart, counts: bool| all(part).map(|one| one.from).min().filter(|_| counts);
    let stops = [
        first(SentencePart::Blocked, true),
        first(SentencePart::Violates, true),
        first(SentencePart::Removed, judging || timed),
        first(SentencePart::Contains, there(SentencePart::Topic)),
    ];
    let stops = stops.into_iter().flatten().min();
    // What to do next is no part of what happened.
    let end = all(SentencePart::Advice).map(|one| one.from).filter(|at| stops.is_some_and(|stop| stop < *at)).min();
    let told = |part: SentencePart| found.iter().filter(move |one| one.part == part && end.is_none_or(|end| one.from < end));
    let has = |part: SentencePart| told(part).next().is_some();
    let who = has(SentencePart::Account) || has(SentencePart::Region);
    let judged = has(SentencePart::Input) || has(SentencePart::Output);
    let stopped = has(SentencePart::Blocked) || has(SentencePart::Removed);
    if who && (if stopped { !judged } else { has(SentencePart::Denied) }) {
        return Some(Stated::Account);
    }
    if let Some(stop) = stops.filter(|_| judging || !there(SentencePart::Technical)) {
        return match (has(SentencePart::Input), has(SentencePart::Output)) {
            (true, false) => Some(Stated::Input),
            (false, true) => Some(Stated::Output),
            (true, true) => Some(nearest(found, stop, end)),
            _ => match (has(SentencePart::Before), has(SentencePart::After)) {
                (true, false) => Some(Stated::Input),
                (false, true) => Some(Stated::Output),
                _ => None,
            },
        };
    }
    (has(SentencePart::Failed) && !has(SentencePart::Denied) && !who).then_some(Stated::Failed)
}

/// Both sides are named: the cause that the sentence gives decides, then what stands next to what happened.
fn nearest(found: &[SentenceWord], stop: usize, end: Option<usize>) -> Stated {
    let sides = || {
        found
            .iter()
            .filter(|one| matches!(one.part, SentencePart::Input | SentencePart::Output) && end.is_none_or(|end| one.from < end))
    };
    let because = found.iter().filter(|one| one.part == SentencePart::Because).map(|one| one.to).min();
    let cause = because.and_then(|because| sides().filter(|one| one.from >= because).min_by_key(|one| one.from));
    let before = || sides().filter(|one| one.from < stop).max_by_key(|one| (one.from, one.to));
    let after = || sides().min_by_key(|one| one.from);
    match cause.or_else(before).or_else(after).map(|one| one.part) {
        Some(SentencePart::Input) => Stated::Input,
        _ => Stated::Output,
    }
}

impl SentenceWords {
    fn parts(&self) -> [(SentencePart, &Vec<String>); 19] {
        [
            (SentencePart::Address, &self.address),
            (SentencePart::Input, &self.input),
            (SentencePart::Output, &self.output),
            (SentencePart::Account, &self.account),
            (SentencePart::Region, &self.region),
            (SentencePart::Blocked, &self.blocked),
            (SentencePart::Removed, &self.removed),
            (SentencePart::Technical, &self.technical),
            (SentencePart::Violates, &self.violates),
            (SentencePart::Contains, &self.contains),
            (SentencePart::Topic, &self.topic),
            (SentencePart::Denied, &self.denied),
            (SentencePart::Before, &self.before),
            (SentencePart::After, &self.after),
            (SentencePart::Because, &self.because),
            (SentencePart::Failed, &self.failed),
            (SentencePart::Advice, &self.advice),
            (SentencePart::Speaker, &self.speaker),
            (SentencePart::Ignore, &self.ignore),
        ]
    }
}

/// The sentences of a text, with where they begin.
fn sentences(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        let end = rest
            .char_indices()
            .find(|(at, c)| match c {
                '\n' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' | '\u{61f}' | '\u{964}' => true,
                '.' | '!' | '?' => rest
                    .get(at.saturating_add(1)..)
                    .is_none_or(|after| after.starts_with(char::is_whitespace) || after.is_empty()),
                _ => false,
            })
            .map_or(rest.len(), |(at, c)| at.saturating_add(c.len_utf8()));
        let begin = from;
        from = from.saturating_add(end);
        let cut = (0..=end.min(LONGEST_SENTENCE)).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        Some((begin, rest.get(..cut).unwrap_or_default()))
    })
}

/// Scripts in which a word begins after a space or a sign.
fn is_spaced(c: char) -> bool {
    c.is_alphanumeric() && (u32::from(c) < 0x590 || (0x1e00..0x2000).contains(&u32::from(c)))
}

fn edge(word: &str) -> WordEdge {
    if !word.chars().next().is_some_and(is_spaced) {
        WordEdge::Free
    } else if word.chars().count() <= 3 {
        WordEdge::Whole
    } else {
        WordEdge::Begins
    }
}

fn stands(text: &str, from: usize, to: usize, edge: WordEdge) -> bool {
    let before = text.get(..from).and_then(|text| text.chars().next_back());
    let after = text.get(to..).and_then(|text| text.chars().next());
    let begins = !before.is_some_and(is_spaced);
    match edge {
        WordEdge::Free => true,
        WordEdge::Begins => begins,
        // `i` is a word of its own in `i'm` too.
        WordEdge::Whole => begins && !after.is_some_and(is_spaced),
    }
}
