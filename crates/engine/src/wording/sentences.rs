//! Splits an answer into sentences, and finds what each of them does.

use crate::phrases::Haystack;
use crate::wording::lexicon::{Act, Lexicon, PhraseOwner};
use crate::wording::pieces::count_words;

/// How many sentences are looked at; what matters stands early.
const MOST_SENTENCES: usize = 2_000;

/// One sentence of an answer.
#[derive(Debug, Clone, Default)]
pub struct Sentence {
    /// Where it stands in the text, in bytes.
    pub from: usize,
    pub to: usize,
    acts: u32,
}

impl Sentence {
    /// Whether anything of it is known.
    pub fn is_known(&self) -> bool {
        self.acts != 0
    }

    pub fn does(&self, act: Act) -> bool {
        self.acts & bit(act) != 0
    }
}

#[allow(clippy::as_conversions, reason = "an enum of 24 variants is below 32")]
fn bit(act: Act) -> u32 {
    1 << (act as u32)
}

/// An answer, taken apart.
#[derive(Debug, Default)]
pub struct Read {
    pub sentences: Vec<Sentence>,
    pub words: usize,
    /// Lines that begin like entries of a list.
    pub entries: usize,
    pub code: bool,
}

/// Takes `text` apart. Linear in its length, but for the bounded number of phrases that stand in one place.
pub fn read_sentences(lexicon: &Lexicon, text: &str) -> Read {
    let mut hay = Haystack::default();
    let mut starts = Vec::new();
    let (mut entries, mut at) = (0_usize, 0_usize);
    for line in text.split_inclusive('\n') {
        starts.push(at);
        hay.add(starts.len().saturating_sub(1), line);
        entries = entries.saturating_add(usize::from(is_entry(line)));
        at = at.saturating_add(line.len());
    }
    let bounds = bounds(&hay.text);
    let mut acts = vec![0_u32; bounds.len()];
    let mut sets: Vec<Vec<(usize, usize)>> = vec![Vec::new(); lexicon.sets];
    let sentence_at = |at: usize| bounds.partition_point(|end| *end <= at);
    let quoted = quotations(&hay.text);
    lexicon.phrases.find(&hay.text, |phrase, start, end| match lexicon.owners.get(phrase) {
        // Somebody else says it.
        owner if owner != Some(&PhraseOwner::Act(Act::Common)) && is_within(&quoted, start) => {}
        Some(PhraseOwner::Act(act)) => {
            if let Some(own) = acts.get_mut(sentence_at(start)) {
                *own |= bit(*act);
            }
        }
        Some(PhraseOwner::Set(set)) => {
            if let Some(list) = sets.get_mut(*set) {
                list.push((start, end));
            }
        }
        None => {}
    });
    // Matches are found in the order of their ends.
    sets.iter_mut().for_each(|list| list.sort_unstable());
    for chain in &lexicon.chains {
        chained(&chain.sets, chain.within, &sets, &hay.text, |start| {
            if let Some(own) = acts.get_mut(sentence_at(start)) {
                *own |= bit(chain.act);
            }
        });
    }
    let origin = |at: usize| {
        let (line, from) = hay.origin(at)?;
        Some(starts.get(line)?.saturating_add(from))
    };
    let mut begin = 0;
    let mut sentences = Vec::with_capacity(bounds.len());
    for (end, acts) in bounds.iter().zip(acts) {
        let skipped = hay.text.get(begin..*end).map_or(0, |own| own.len().saturating_sub(own.trim_start().len()));
        let from = origin(begin.saturating_add(skipped)).unwrap_or(0);
        let to = origin(end.saturating_sub(1)).map_or(from, |to| to.saturating_add(1));
        let to = (to..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        sentences.push(Sentence { from: from.min(to), to, acts });
        begin = *end;
    }
    let words = if text.is_ascii() { text.split_ascii_whitespace().count() } else { count_words(text) };
    Read { sentences, words, entries, code: text.contains("```") }
}

/// What stands between quotation marks in one line, unless that is most of the text.
fn quotations(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        match (open, c) {
            (_, '\n') => open = None,
            (Some((from, close)), c) if c == close => {
                out.push((from, at));
                open = None;
            }
            (None, '"') => open = Some((at, '"')),
            (None, '\u{ab}') => open = Some((at, '\u{bb}')),
            (None, '\u{201e}') => open = Some((at, '"')),
            (None, '\u{300c}') => open = Some((at, '\u{300d}')),
            _ => {}
        }
    }
    let inside: usize = out.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
    if inside.saturating_mul(5) > text.len().saturating_mul(4) { Vec::new() } else { out }
}

fn is_within(ranges: &[(usize, usize)], at: usize) -> bool {
    let next = ranges.partition_point(|(from, _)| *from <= at);
    next.checked_sub(1).and_then(|before| ranges.get(before)).is_some_and(|(_, to)| at < *to)
}

fn is_entry(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.len().saturating_sub(line.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let numbered = (1..=2).contains(&digits) && line.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')', '、']));
    numbered || line.starts_with("- ") || line.starts_with("* ") || line.starts_with('•')
}

/// Where each sentence ends: after `.`, `!` or `?` before a space, after their full-width forms, and at the end of a line.
/// A number of a list, or a piece without letters, is no sentence of its own.
fn bounds(text: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let mut letters = 0_usize;
    let mut ended = false;
    for (at, c) in text.char_indices() {
        let wide = matches!(c, '。' | '！' | '？');
        if letters > 2 && (c == '\n' || (ended && c == ' ')) {
            out.push(at);
            letters = 0;
        } else if letters > 1 && wide {
            out.push(at.saturating_add(c.len_utf8()));
            letters = 0;
        }
        ended = matches!(c, '.' | '!' | '?') || (ended && matches!(c, '"' | '\'' | ')' | '*'));
        letters = letters.saturating_add(usize::from(c.is_alphabetic()));
        if out.len() >= MOST_SENTENCES {
            break;
        }
    }
    if letters > 0 || out.is_empty() {
        out.push(text.len());
    }
    out
}

/// Finds one of each set, in order, near each other and in one sentence; calls `found` with where the first stands.
fn chained(of: &[usize], within: usize, sets: &[Vec<(usize, usize)>], text: &str, mut found: impl FnMut(usize)) {
    let Some((first, others)) = of.split_first() else { return };
    let list = |set: &usize| sets.get(*set).map_or(&[][..], Vec::as_slice);
    if others.iter().any(|set| list(set).is_empty()) {
        return;
    }
    for (start, end) in list(first) {
        let mut end = *end;
        let whole = others.iter().all(|set| {
            let candidates = list(set);
            // From where the one before ends; a contraction may share its last letter ("i'm" and "'m unable to").
            let next = candidates.partition_point(|(start, _)| start.saturating_add(2) < end);
            let near = candidates.iter().skip(next).take(4).find(|(from, to)| {
                *to > end && from.saturating_sub(end) <= within && one_sentence(text.get(end..*from).unwrap_or_default())
            });
            near.inspect(|(_, to)| end = *to).is_some()
        });
        if whole {
            found(*start);
        }
    }
}

fn one_sentence(between: &str) -> bool {
    !between.contains(['.', '!', '?', ';', ':', '\n', '。', '！', '？'])
}
