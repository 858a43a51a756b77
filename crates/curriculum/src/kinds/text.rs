//! How short texts are compared, and what of a typed text is kept.

use caseless::Caseless;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

use crate::kinds::unicode::{DASHES, QUOTES, digit, holds, is_unseen};

/// The longest short text, in characters.
pub const LONGEST: usize = 200;

/// What is left of a short text for comparison:
///
/// - what nobody sees is gone: default-ignorable code points and control characters (those that are white space are spaces);
/// - dashes, quotation marks and apostrophes of any kind are `-`, `"` and `'`;
/// - compatibility forms are unified and case is folded (Unicode's NFKC_Casefold; where case counts, only the former);
/// - decimal digits of any script are 0 to 9, and in a text that is a number a decimal comma is a point;
/// - runs of white space are one space; no white space or quotation mark stands around it, and no full stop behind it.
pub fn normalised(text: &str, case_sensitive: bool) -> String {
    let mut now = step(text, case_sensitive);
    // A sign that goes may let its neighbours combine; a few rounds end that.
    for _ in 0..MOST_ROUNDS {
        let next = step(&now, case_sensitive);
        if next == now {
            break;
        }
        now = next;
    }
    now
}

const MOST_ROUNDS: usize = 8;

fn step(text: &str, case_sensitive: bool) -> String {
    // Signs before the normalising, which takes some of them apart (an acute accent becomes a space and a mark), and after it,
    // because it makes some.
    let compatible: String = text.chars().filter_map(plain).nfkc().collect();
    let folded: String = match case_sensitive {
        true => compatible,
        // A folded letter may have a compatibility form, and that a capital.
        false => compatible.chars().default_case_fold().nfkc().default_case_fold().nfkc().collect(),
    };
    let signs: String = folded.chars().filter_map(plain).map(digit).collect();
    let spaced = signs.split_whitespace().collect::<Vec<_>>().join(" ");
    with_point(bare(&spaced))
}

/// The sign that a character stands for; none for what nobody sees.
fn plain(c: char) -> Option<char> {
    if c.is_ascii() && !c.is_ascii_control() {
        return Some(if c == '`' { '\'' } else { c });
    }
    match c {
        _ if c.is_whitespace() => Some(' '),
        _ if is_unseen(c) => None,
        // Single quotation marks, primes, accents that stand alone, and letters that are apostrophes.
        '\u{2018}'..='\u{201b}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{00b4}'
        | '\u{1ffd}'
        | '\u{02b9}'
        | '\u{0374}'
        | '\u{02bb}'..='\u{02bd}'
        | '\u{02c8}'
        | '\u{02ca}'
        | '\u{02cb}'
        | '\u{055a}'
        | '\u{05f3}'
        | '\u{a78b}'
        | '\u{a78c}'
        | '\u{ff07}' => Some('\''),
        '\u{2033}' | '\u{2036}' | '\u{02ba}' | '\u{02ee}' | '\u{05f4}' => Some('"'),
        // Arabic decimal separator.
        '\u{066b}' => Some('.'),
        '\u{2212}' => Some('-'),
        _ if holds(&DASHES, c) => Some('-'),
        _ if holds(&QUOTES, c) => Some('"'),
        other => Some(other),
    }
}

/// Without what people put around a quoted word; what is only such marks stays as it is.
fn bare(text: &str) -> &str {
    let mut inner = text;
    loop {
        let next = inner.trim_matches(|c: char| c.is_whitespace() || ['"', '\''].contains(&c));
        let next = next.strip_suffix(['.', '\u{3002}']).unwrap_or(next);
        if next.is_empty() {
            return if inner.is_empty() { text } else { inner };
        }
        if next == inner {
            return inner;
        }
        inner = next;
    }
}

/// A text that is a number with a decimal comma, with a point. `1,500` may be thousands, and stays.
fn with_point(text: &str) -> String {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once(',') {
        Some((whole, fraction)) => {
            let unsigned = whole.trim_start_matches(['-', '+']);
            let is_number = whole.len() <= unsigned.len().saturating_add(1) && digits(unsigned) && digits(fraction);
            let may_be_thousands = fraction.len() == 3 && !unsigned.starts_with('0');
            if is_number && !may_be_thousands { format!("{whole}.{fraction}") } else { text.to_owned() }
        }
        None => text.to_owned(),
    }
}

/// A typed text as it is kept, where that is not the text as it came: control characters are gone, line ends and tabs are single
/// spaces. Everything else stays as the learner typed it.
pub fn tidied(text: &str) -> Option<String> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let too_long = text.chars().count() > LONGEST;
    if !too_long && !text.chars().any(breaks) {
        return None;
    }
    let seen = text.chars().filter(|c| c.is_whitespace() || !c.is_control());
    let tidy = seen.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    (tidy != text).then_some(tidy)
}

/// Whether there is nothing in it to be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_unseen(c))
}

/// The keyed digest of a typed text, as records hold it.
pub fn typed_text_digest(text: &str, key: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length (RFC 2104, section 3).
        return String::new();
    };
    mac.update(text.as_bytes());
    format!("hmac-sha256-{}", hex::encode(mac.finalize().into_bytes()))
}
