//! What words must stand in a text before a pattern can be found in it: read off the pattern, and looked for in one pass for all
//! patterns together. A pattern whose words are not there is neither searched nor compiled, and hardly any honest text has them.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_syntax::hir::{Hir, HirKind};

/// Shorter ones stand everywhere, in bytes.
const SHORTEST: usize = 2;

/// What a pattern needs of a text. That its words are there does not mean that it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Needs {
    Nothing,
    Word(usize),
    All(Box<[Needs]>),
    Any(Box<[Needs]>),
}

impl Needs {
    fn met(&self, there: &[bool]) -> bool {
        match self {
            Needs::Nothing => true,
            Needs::Word(number) => there.get(*number).copied().unwrap_or(true),
            Needs::All(parts) => parts.iter().all(|part| part.met(there)),
            Needs::Any(parts) => parts.iter().any(|part| part.met(there)),
        }
    }
}

/// The words that several patterns need.
pub struct NeededWords {
    automaton: AhoCorasick,
    needs: Vec<Needs>,
}

/// Which of the words stand in a text.
pub struct WordsThere(Vec<bool>);

impl NeededWords {
    /// Of regular expressions that do not tell upper from lower case, whatever they say of that themselves.
    pub fn of_patterns(patterns: impl Iterator<Item = String>) -> Result<NeededWords, String> {
        let mut words = WordNumbers::default();
        let needs = patterns.map(|pattern| {
            // In lower case and without folding the words stay words; with it every letter would be a set of letters.
            let tree = regex_syntax::parse(&pattern).map_err(|why| why.to_string())?;
            Ok(words.needs(&tree))
        });
        let needs = needs.collect::<Result<Vec<_>, String>>()?;
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        let automaton = AhoCorasick::builder().kind(kind).build(&words.all).map_err(|why| why.to_string())?;
        Ok(NeededWords { automaton, needs })
    }

    pub fn words_in(&self, text: &str) -> WordsThere {
        let mut there = vec![false; self.automaton.patterns_len()];
        for word in self.automaton.find_overlapping_iter(&unfolded(text)) {
            if let Some(word) = there.get_mut(word.pattern().as_usize()) {
                *word = true;
            }
        }
        WordsThere(there)
    }

    /// Whether the pattern of this number can be found in a text with these words at all.
    pub fn may_stand_in(&self, pattern: usize, there: &WordsThere) -> bool {
        self.needs.get(pattern).is_none_or(|needs| needs.met(&there.0))
    }
}

#[derive(Default)]
struct WordNumbers {
    all: Vec<String>,
    at: HashMap<String, usize>,
}

impl WordNumbers {
    fn needs(&mut self, tree: &Hir) -> Needs {
        match tree.kind() {
            HirKind::Literal(literal) => std::str::from_utf8(&literal.0).map_or(Needs::Nothing, |text| self.word(text)),
            HirKind::Repetition(again) if again.min > 0 => self.needs(&again.sub),
            HirKind::Capture(group) => self.needs(&group.sub),
            HirKind::Concat(parts) => {
                let parts = parts.iter().map(|part| self.needs(part)).filter(|needs| *needs != Needs::Nothing);
                let parts: Vec<Needs> = parts.collect();
                if parts.is_empty() { Needs::Nothing } else { Needs::All(parts.into()) }
            }
            HirKind::Alternation(parts) => {
                let parts: Vec<Needs> = parts.iter().map(|part| self.needs(part)).collect();
                if parts.contains(&Needs::Nothing) { Needs::Nothing } else { Needs::Any(parts.into()) }
            }
            _ => Needs::Nothing,
        }
    }

    fn word(&mut self, text: &str) -> Needs {
        if text.len() < SHORTEST {
            return Needs::Nothing;
        }
        let word = unfolded(text);
        let next = self.all.len();
        let number = *self.at.entry(word.clone()).or_insert(next);
        if number == next {
            self.all.push(word);
        }
        Needs::Word(number)
    }
}

/// One form for all that a pattern takes for the same letter.
fn unfolded(text: &str) -> String {
    text.chars().map(lower).collect()
}

fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        // The long s is a small letter already.
        (Some('\u{17f}'), None) => 's',
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

    use super::*;
    use crate::submissions::feedback::evasion::phrases;

    fn needed(pattern: &str, text: &str) -> bool {
        let words = NeededWords::of_patterns([pattern.to_owned()].into_iter()).unwrap();
        words.may_stand_in(0, &words.words_in(text))
    }

    #[test]
    fn a_pattern_needs_what_every_match_of_it_has() {
        for (pattern, with, without) in [
            (r"\bhow\s+[^.]{0,9}?\b(?:hide|write)\b", "HOW to Write", "how to say"),
            (r"(?:no )*(?:rules?|limits)", "a rule", "the law"),
            (r"(?P<core>绕过|骗过)[^。]{0,8}(?:过滤|审查)", "绕过审查", "绕过"),
            (r"(?:ignore){2,3} (?:all)?x", "Ignore", "all x"),
        ] {
            assert!(needed(pattern, with) && !needed(pattern, without), "{pattern}");
        }
        for nothing in [r"\w+ ?[0-9]*", "(?:never)?", "(?:never|[a-z])", "", "x"] {
            assert!(needed(nothing, ""), "{nothing}");
        }
    }

    /// What regular expressions take for one letter has one form here.
    #[test]
    fn letters_that_fold_together_have_one_form() {
        for pattern in phrases::all().map(|(pattern, _)| phrases::spelt_out(pattern.text)) {
            for letter in pattern.chars().filter(|c| c.is_alphabetic()) {
                let mut folded = ClassUnicode::new([ClassUnicodeRange::new(letter, letter)]);
                folded.case_fold_simple();
                for range in folded.iter() {
                    for other in range.start()..=range.end() {
                        assert_eq!(lower(other), lower(letter), "{other} and {letter} in {pattern}");
                    }
                }
            }
        }
    }
}
