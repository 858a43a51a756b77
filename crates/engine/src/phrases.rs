//! Many phrases searched at once in many texts: one pass, upper and lower case and white space alike.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

/// Texts joined and simplified for searching, with the way back to where each stood.
#[derive(Debug, Default)]
pub struct Haystack {
    pub text: String,
    /// (place here, piece, place in the piece) wherever the distance between the two changes.
    marks: Vec<(usize, usize, usize)>,
}

impl Haystack {
    /// Adds a text as the piece of this number. A phrase never reaches from one piece into the next.
    pub fn add(&mut self, piece: usize, text: &str) {
        self.text.push('\n');
        let mut space = true;
        let mut shift = usize::MAX;
        for (at, c) in text.char_indices() {
            let simple = match c {
                '\u{2019}' | '\u{2018}' | '\u{02bc}' => '\'',
                '\u{201c}' | '\u{201d}' => '"',
                // Invisible: what stands around it belongs together.
                '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' => continue,
                c if c.is_whitespace() => ' ',
                c => c,
            };
            if simple == ' ' && space {
                continue;
            }
            space = simple == ' ';
            let here = self.text.len();
            if here.wrapping_sub(at) != shift {
                shift = here.wrapping_sub(at);
                self.marks.push((here, piece, at));
            }
            if simple.is_ascii() {
                self.text.push(simple.to_ascii_lowercase());
            } else {
                self.text.extend(simple.to_lowercase());
            }
        }
    }

    /// The piece that holds the byte at `at`, and the place in it.
    pub fn origin(&self, at: usize) -> Option<(usize, usize)> {
        let next = self.marks.partition_point(|mark| mark.0 <= at);
        let (here, piece, there) = self.marks.get(next.checked_sub(1)?)?;
        Some((*piece, there.saturating_add(at.saturating_sub(*here))))
    }
}

/// A phrase as it is looked for: its pieces between `*`, in order.
#[derive(Debug, Clone)]
struct Phrase {
    parts: Vec<usize>,
    whole_word: bool,
}

/// What a `*` may stand for, in bytes.
const GAP: usize = 80;

#[derive(Debug, Default)]
pub struct PhrasesBuilder {
    parts: Vec<String>,
    numbers: HashMap<String, usize>,
    phrases: Vec<Phrase>,
}

impl PhrasesBuilder {
    /// Adds a phrase; the answer is its number.
    pub fn add(&mut self, phrase: &str, whole_word: bool) -> usize {
        let parts = phrase.split('*').map(simple).filter(|part| !part.trim().is_empty()).map(|part| {
            let part = part.trim().to_owned();
            *self.numbers.entry(part).or_insert_with_key(|part| {
                self.parts.push(part.clone());
                self.parts.len().saturating_sub(1)
            })
        });
        let parts = parts.collect();
        self.phrases.push(Phrase { parts, whole_word });
        self.phrases.len().saturating_sub(1)
    }

    pub fn build(self) -> Result<Phrases, String> {
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&self.parts).map_err(|e| e.to_string())?;
        let mut first = vec![Vec::new(); self.parts.len()];
        for (number, phrase) in self.phrases.iter().enumerate() {
            if let Some(list) = phrase.parts.first().and_then(|part| first.get_mut(*part)) {
                list.push(number);
            }
        }
        Ok(Phrases { automaton, phrases: self.phrases, parts: self.parts, first })
    }
}

fn simple(text: &str) -> String {
    let mut hay = Haystack::default();
    hay.add(0, text);
    hay.text.trim_start_matches('\n').to_owned()
}

#[derive(Debug)]
pub struct Phrases {
    automaton: AhoCorasick,
    phrases: Vec<Phrase>,
    parts: Vec<String>,
    /// The phrases that begin with a part.
    first: Vec<Vec<usize>>,
}

impl Phrases {
    /// Calls `found(phrase, start, end)` for each place where a phrase stands.
    pub fn find(&self, text: &str, mut found: impl FnMut(usize, usize, usize)) {
        for one in self.automaton.find_overlapping_iter(text) {
            let mut is_whole = None;
            for number in self.first.get(one.pattern().as_usize()).into_iter().flatten() {
                let Some(phrase) = self.phrases.get(*number) else { continue };
                if phrase.whole_word && !*is_whole.get_or_insert_with(|| is_whole_phrase(text, one.start(), one.end())) {
                    continue;
                }
                if let Some(end) = self.rest(phrase, text, one.end()) {
                    found(*number, one.start(), end);
                }
            }
        }
    }

    /// Where the phrase ends, if its other parts follow, each within the gap and in the same piece.
    fn rest(&self, phrase: &Phrase, text: &str, end: usize) -> Option<usize> {
        let mut end = end;
        for part in phrase.parts.iter().skip(1) {
            let part = self.parts.get(*part)?;
            let most = end.saturating_add(GAP).saturating_add(part.len()).min(text.len());
            let most = (end..=most).rev().find(|at| text.is_char_boundary(*at))?;
            let window = text.get(end..most)?;
            let window = window.split('\n').next()?;
            end = end.saturating_add(window.find(part.as_str())?).saturating_add(part.len());
        }
        Some(end)
    }
}

/// Whether no letter, digit or joiner of identifiers stands right before or after.
fn is_whole_phrase(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let plain = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let (first, last) = (plain(Some(start)), plain(end.checked_sub(1)));
    if (first && plain(start.checked_sub(1))) || (last && plain(Some(end))) {
        return false;
    }
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    // A phrase that ends in an apostrophe or the like may be followed by anything.
    let ends = text.get(..end).and_then(|t| t.chars().next_back()).is_some_and(joins);
    !(before.is_some_and(joins) || (ends && after.is_some_and(joins)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(phrase: &str, text: &str) -> Option<String> {
        let mut builder = PhrasesBuilder::default();
        builder.add(phrase, false);
        let mut hay = Haystack::default();
        hay.add(7, text);
        let mut out = None;
        builder.build().unwrap().find(&hay.text, |_, start, end| {
            let (piece, from) = hay.origin(start).unwrap();
            assert_eq!(piece, 7);
            let (_, to) = hay.origin(end - 1).unwrap();
            out = text.get(from..to + 1).map(str::to_owned);
        });
        out
    }

    #[test]
    fn case_white_space_and_quotation_marks_do_not_count() {
        assert_eq!(
            finds("don't have access", "You Don\u{2019}t\n   have\u{200b} ACCESS!").as_deref(),
            Some("Don\u{2019}t\n   have\u{200b} ACCESS")
        );
        assert_eq!(finds("don't have access", "You do not have access"), None);
    }

    #[test]
    fn a_star_is_a_gap_of_bounded_length() {
        assert_eq!(
            finds("the model * does not exist", "The model `x-1` does not exist.").as_deref(),
            Some("The model `x-1` does not exist")
        );
        assert_eq!(finds("the model * does not exist", &format!("the model {} does not exist", "x".repeat(200))), None);
    }

    #[test]
    fn a_phrase_never_reaches_into_the_next_piece() {
        let mut builder = PhrasesBuilder::default();
        builder.add("one two", false);
        builder.add("one * two", false);
        let mut hay = Haystack::default();
        hay.add(0, "one");
        hay.add(1, "two");
        let mut count = 0;
        builder.build().unwrap().find(&hay.text, |_, _, _| count += 1);
        assert_eq!(count, 0);
    }
}
