//! Words, runs of words, likeness and reading level. Pure, and for prose in English where it says so.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::format::Text;

/// Lower-case words; signs that can turn a meaning round (`<`, `=`, `%` ...) are words too.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
            continue;
        }
        // An apostrophe inside a word belongs to it: "don't" is one word.
        if matches!(c, '\'' | '’') {
            continue;
        }
        if !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if matches!(c, '<' | '>' | '=' | '+' | '%') {
            out.push(c.to_string());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// Runs of `size` words; a shorter text is one run.
pub fn shingles(words: &[String], size: usize) -> BTreeSet<String> {
    if words.len() < size {
        return words.iter().take(1).map(|_| words.join(" ")).collect();
    }
    words.windows(size).map(|run| run.join(" ")).collect()
}

/// Jaccard: what both have, of what either has. Two empty sets are not alike.
pub fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    share(one.intersection(other).count(), one.union(other).count())
}

pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { float_of(part) / float_of(whole) }
}

pub fn float_of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

pub fn is_english(language: &str) -> bool {
    language.split('-').next().is_some_and(|tag| tag.eq_ignore_ascii_case("en"))
}

pub fn in_default<'a>(text: &'a Text, language: &str) -> &'a str {
    text.get(language).map_or("", String::as_str)
}

/// The text without code and without what stands in quotes: what its author says.
pub fn own_words(markdown: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let text = without_markdown(markdown, "");
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '“' => quoted = true,
            '”' => quoted = false,
            _ if quoted => {}
            _ => out.push(c),
        }
    }
    // A quote that is never closed is no quote.
    if quoted { text } else { out }
}

/// Markdown without its signs; `code` stands for each piece of code, and every paragraph and list item ends a sentence.
pub fn without_markdown(markdown: &str, code: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code => out.push_str(&text),
            Event::Code(_) => out.push_str(code),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item) => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// Sentences of plain text: up to `.`, `!` or `?` before white space, or the end of a line.
pub fn sentences(plain: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in plain.lines() {
        let mut rest = line;
        while let Some(end) = rest
            .char_indices()
            .zip(rest.chars().skip(1))
            .find_map(|((at, c), next)| (matches!(c, '.' | '!' | '?') && next.is_whitespace()).then_some(at + c.len_utf8()))
        {
            let (sentence, after) = rest.split_at(end);
            out.push(sentence.trim());
            rest = after;
        }
        out.push(rest.trim());
    }
    out.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    out
}

/// The Flesch-Kincaid grade of English prose: 0.39 words per sentence + 11.8 syllables per word - 15.59
/// (Kincaid, Fishburne, Rogers, Chissom 1975, Research Branch Report 8-75, Naval Technical Training Command).
/// None for a text without a sentence. Syllables are estimated from the spelling.
pub fn reading_grade(sentences: &[&str]) -> Option<f64> {
    let words: Vec<&str> = sentences
        .iter()
        .flat_map(|sentence| sentence.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’')))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    if words.is_empty() {
        return None;
    }
    let count: usize = words.iter().map(|word| syllables(word)).sum();
    Some(0.39 * share(words.len(), sentences.len()) + 11.8 * share(count, words.len()) - 15.59)
}

/// Groups of vowels, less a silent `e`, `es` or `ed` at the end; at least one.
fn syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let groups = word.chars().zip([' '].into_iter().chain(word.chars())).filter(|(c, before)| vowel(*c) && !vowel(*before));
    let silent = |end: &str, but: &[&str]| {
        word.strip_suffix(end)
            .is_some_and(|stem| stem.chars().next_back().is_some_and(|c| !vowel(c)) && !but.iter().any(|but| stem.ends_with(but)))
    };
    let less = silent("e", &["l"]) || silent("ed", &["t", "d"]) || silent("es", &["s", "x", "z", "ch", "sh", "c", "g", "l"]);
    groups.count().saturating_sub(usize::from(less)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_of_common_words() {
        for (word, count) in [
            ("filter", 2),
            ("made", 1),
            ("table", 2),
            ("stopped", 1),
            ("wanted", 2),
            ("classifier", 3),
            ("the", 1),
            ("cases", 2),
            ("429", 1),
        ] {
            assert_eq!(syllables(word), count, "{word}");
        }
    }

    #[test]
    fn the_grade_follows_the_formula() {
        // 6 words, 6 syllables, one sentence.
        let grade = reading_grade(&["The cat sat on the mat."]).unwrap();
        assert!((grade - (0.39 * 6.0 + 11.8 - 15.59)).abs() < 1e-9, "{grade}");
    }

    #[test]
    fn sentences_end_where_they_should() {
        assert_eq!(
            sentences(&without_markdown("It took 1.5 s. Why?\n\n- one `a.b`\n- two", "x")),
            ["It took 1.5 s.", "Why?", "one x", "two"]
        );
        assert_eq!(own_words("It says \"never\" and `always`, **only**."), "It says  and , only.\n");
    }
}
