//! What a sentence shows to the classifier: its words, pairs of words, and runs of letters, as numbers of buckets.

use std::borrow::Cow;

/// As a power of two.
pub const BUCKETS: u32 = 1 << 17;

/// The longest part of a sentence that is read, in characters.
const LONGEST: usize = 600;

/// The buckets of a sentence and of its concepts, each once, in rising order.
pub fn buckets(sentence: &str, concepts: &[u8], out: &mut Vec<u32>) {
    out.clear();
    for (at, one) in concepts.iter().enumerate() {
        let own = u64::from(*one).wrapping_add(1).wrapping_mul(SEED);
        out.push(bucket(own, CONCEPT));
        for later in concepts.iter().skip(at.saturating_add(1)) {
            out.push(bucket(mixed(own, u64::from(*later)), CONCEPTS));
        }
    }
    if let Some(first) = concepts.first() {
        out.push(bucket(u64::from(*first), FIRST_CONCEPT));
    }
    let folded = folded(&without_names(sentence));
    let words: Vec<&[char]> = folded.split(|c| *c == ' ').filter(|word| !word.is_empty()).collect();
    let mut before: Option<u64> = None;
    let mut further: Option<u64> = None;
    for (at, word) in words.iter().enumerate() {
        let own = hash_letters(SEED, word);
        out.push(bucket(own, WORD));
        let place = u64::try_from(at.min(2)).unwrap_or(2);
        if at < 2 {
            out.push(bucket(own.wrapping_add(place), FIRST));
        }
        if let Some(before) = before {
            out.push(bucket(mixed(before, own), PAIR));
        }
        if let Some(further) = further {
            out.push(bucket(mixed(further, own), APART));
        }
        further = before;
        before = Some(own);
        let wide = word.iter().any(|c| is_wide(*c));
        let lengths = if wide { 1..=4 } else { 3..=5 };
        let mut framed = Vec::with_capacity(word.len().saturating_add(2));
        framed.push('<');
        framed.extend_from_slice(word);
        framed.push('>');
        let letters = if wide { word } else { framed.as_slice() };
        for length in lengths {
            for run in letters.windows(length) {
                out.push(bucket(hash_letters(SEED, run), RUN));
            }
        }
    }
    if let Some(first) = words.first().map(|word| hash_letters(SEED, word)) {
        let second = words.get(1).map_or(0, |word| hash_letters(SEED, word));
        out.push(bucket(mixed(first, second), FIRST));
    }
    // How it ends, and how long it is.
    let end = sentence.trim_end().chars().next_back().unwrap_or(' ');
    let end = if end.is_alphanumeric() { 'x' } else { end };
    out.push(bucket(u64::from(u32::from(end)), END));
    out.push(bucket(u64::try_from(words.len().min(40).next_power_of_two()).unwrap_or(0), LENGTH));
    out.sort_unstable();
    out.dedup();
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const WORD: u64 = 1;
const PAIR: u64 = 2;
const APART: u64 = 3;
const RUN: u64 = 4;
const FIRST: u64 = 5;
const END: u64 = 6;
const LENGTH: u64 = 7;
const CONCEPT: u64 = 8;
const CONCEPTS: u64 = 9;
const FIRST_CONCEPT: u64 = 10;

/// FNV-1a over the letters.
fn hash_letters(seed: u64, letters: &[char]) -> u64 {
    letters.iter().fold(seed, |hash, c| (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3))
}

fn mixed(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn bucket(hash: u64, sort: u64) -> u32 {
    let mixed = mixed(hash, sort.wrapping_mul(0xff51_afd7_ed55_8ccd));
    u32::try_from(mixed >> 40).unwrap_or(0) & (BUCKETS - 1)
}

/// A sign that shows nothing: joiners, marks of direction, and the like.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A character of a script that sets no words apart, or of few characters to a word.
pub fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{e00}'..='\u{e7f}')
}

/// Whether a word, as it stands between blanks, names somebody or something: an address, an identifier, a number that is long, or what
/// masking puts in their place (`[email:1]`). Such words say nothing here, so that a masked text reads like the one that was sent.
pub fn names_something(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    if digits == 0 && !word.contains(['@', ':']) {
        return false;
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let mask = word.contains('[') && word.contains(']') && word.contains(':');
    let address = word.contains('@') && word.contains('.') || word.contains("://");
    mask || address
        || digits >= 6
        || digits > 0 && letters > 0 && word.len() >= 8
        || word.matches('.').count() >= 3 && letters == 0
}

/// A sentence without the words that name something.
pub fn without_names(sentence: &str) -> Cow<'_, str> {
    if !sentence.split_whitespace().any(names_something) {
        return Cow::Borrowed(sentence);
    }
    let kept: Vec<&str> = sentence.split_whitespace().filter(|word| !names_something(word)).collect();
    Cow::Owned(kept.join(" "))
}

/// Small letters, digits as one, marks as spaces; an apostrophe stays inside its word. Accents stay: they tell words apart.
fn folded(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len().min(LONGEST));
    for c in text.chars().take(LONGEST) {
        let c = match c {
            '\u{2019}' | '\u{2bc}' | '`' => '\'',
            // Vowel signs and the like are parts of words.
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | '\u{640}' => continue,
            c if is_hidden(c) => continue,
            '\u{900}'..='\u{97f}' => c,
            c if c.is_numeric() => '0',
            c if c.is_alphabetic() => c,
            '\'' => c,
            _ => ' ',
        };
        if c == ' ' && out.last() == Some(&' ') || c == '0' && out.last() == Some(&'0') {
            continue;
        }
        out.extend(c.to_lowercase());
    }
    out
}
