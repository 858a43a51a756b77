//! Disguises of the text itself: codes, look-alike letters, signs that cannot be seen. Held against the original request, so
//! that data which is itself the subject is left alone.

use std::collections::HashSet;
use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;

use crate::submissions::feedback::evasion::kinds::{self, EvasionKind};
use crate::submissions::feedback::words::{compiled_pattern, word_set};

/// All disguises in a text, with the words where each was found.
pub fn find_disguises(text: &str, original: &str) -> Vec<(&'static EvasionKind, String)> {
    let plain = word_set(original);
    let all = [
        ("encoding", encoded(text, original).or_else(|| reversed(text, &plain))),
        ("look_alikes", mixed_scripts(text, &plain).or_else(|| styled(text, original)).or_else(|| respelt(text, &plain))),
        ("hidden_characters", invisible(text)),
    ];
    all.into_iter().filter_map(|(kind, words)| Some((kinds::named(kind)?, words?))).collect()
}

static BASE64: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"[A-Za-z0-9+/_-]{16,}={0,2}"));
static HEX: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"\b(?:[0-9A-Fa-f]{2}[ :]?){12,}"));
static BINARY: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"\b(?:[01]{8} ?){4,}"));
static ESCAPES: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(r"(?:\\u\{?[0-9A-Fa-f]{4,6}\}?\s?){6,}|(?:\\x[0-9A-Fa-f]{2}\s?){6,}|(?:&#x?[0-9A-Fa-f]{2,6};\s?){6,}")
});
static MORSE: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"(?:[.·•_–—-]{1,6}[ /|]+){6,}[.·•_–—-]{1,6}"));
/// The most frequent English words after a shift by thirteen letters.
static SHIFTED: LazyLock<Regex> =
    LazyLock::new(|| compiled_pattern(r"(?i)\b(?:gur|naq|ubj|lbh|sbe|jvgu|guvf|gung|jung|znxr|cyrnfr|ner|sebz)\b"));

fn lenient(alphabet: &alphabet::Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config)
}

/// Text in a code that reads as text once decoded. What stood in the original in the same form is its subject, and what is a
/// value of quoted JSON is data.
fn encoded(text: &str, original: &str) -> Option<String> {
    type Decode = fn(&str) -> Option<Vec<u8>>;
    let decoders: [(&Regex, Decode); 3] = [(&BASE64, from_base64), (&HEX, from_hex), (&BINARY, from_binary)];
    for (regex, decode) in decoders {
        let hit = regex.find_iter(text).find(|run| {
            let is_data = text.get(..run.start()).is_some_and(|before| before.trim_end().ends_with('"'));
            !is_data && !original.contains(run.as_str().trim()) && decode(run.as_str()).is_some_and(|bytes| reads_as_text(&bytes))
        });
        if let Some(run) = hit {
            return Some(run.as_str().to_owned());
        }
    }
    let escaped = ESCAPES.find(text).filter(|run| !original.contains(run.as_str().trim()));
    let morse = MORSE.find_iter(text).find(|run| {
        let both = |group: &str| group.contains(['.', '·', '•']) && group.contains(['-', '_', '–', '—']);
        run.as_str().split([' ', '/', '|']).filter(|group| both(group)).count() >= 3 && !original.contains(run.as_str())
    });
    if let Some(run) = escaped.or(morse) {
        return Some(run.as_str().to_owned());
    }
    let shifted: Vec<&str> = SHIFTED.find_iter(text).map(|word| word.as_str()).collect();
    let different: HashSet<String> = shifted.iter().map(|word| word.to_lowercase()).collect();
    (different.len() >= 3 && SHIFTED.find_iter(original).count() < 3).then(|| shifted.join(" "))
}

fn from_base64(run: &str) -> Option<Vec<u8>> {
    let body = run.trim_end_matches('=');
    // A lone last sign holds less than a byte.
    let body = if body.len() % 4 == 1 { body.get(..body.len().saturating_sub(1))? } else { body };
    lenient(&alphabet::STANDARD).decode(body).or_else(|_| lenient(&alphabet::URL_SAFE).decode(body)).ok()
}

fn from_hex(run: &str) -> Option<Vec<u8>> {
    hex::decode(run.chars().filter(char::is_ascii_hexdigit).collect::<String>()).ok()
}

fn from_binary(run: &str) -> Option<Vec<u8>> {
    let bits: Vec<char> = run.chars().filter(|c| matches!(c, '0' | '1')).collect();
    bits.chunks(8).map(|byte| u8::from_str_radix(&byte.iter().collect::<String>(), 2).ok()).collect()
}

/// Words with spaces between them. Keys, digests and ids decode to nothing of the kind.
fn reads_as_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let all = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let one_word = all >= 4 && letters == all;
    let sentence = all >= 10 && text.trim().contains(' ') && letters.saturating_mul(10) >= all.saturating_mul(7);
    (one_word || sentence) && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// Words of the original that are written backwards.
fn reversed(text: &str, plain: &HashSet<String>) -> Option<String> {
    let mut hits: Vec<String> = word_set(text)
        .into_iter()
        .filter(|word| word.chars().count() >= 5)
        .filter(|word| {
            let backwards: String = word.chars().rev().collect();
            backwards != *word && plain.contains(&backwards) && !plain.contains(word)
        })
        .collect();
    hits.sort();
    (hits.len() >= 2).then(|| hits.join(" "))
}

/// Letters of other alphabets that look like this Latin one; in the order of `AS_LATIN`.
const LOOKS: &str = "аеорсухіјѕһԁԛԝґВАЕКМНОРСТХУІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρκικαтк";
const AS_LATIN: &str = "aeopcyxijshdqwrBAEKMHOPCTXYIJSABEZHIKMNOPTYXovpkikatk";

fn latin_for(c: char) -> Option<char> {
    LOOKS.chars().zip(AS_LATIN.chars()).find(|(look, _)| *look == c).map(|(_, latin)| latin)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}')
}

/// A word that mixes Latin letters with look-alikes. Honest mixtures (units such as kΩ, protein names such as NFκB, Latin stems
/// with Cyrillic endings) put the other letters at an end or beside capitals.
fn mixed_scripts(text: &str, plain: &HashSet<String>) -> Option<String> {
    let mut strays: HashSet<&str> = HashSet::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii()) {
        let chars: Vec<char> = word.chars().collect();
        let latin = chars.iter().filter(|c| is_latin(**c)).count();
        let others: Vec<char> = chars.iter().copied().filter(|c| !is_latin(*c)).collect();
        if latin == 0 || others.is_empty() || chars.len() < 4 {
            continue;
        }
        let as_latin: Option<String> = chars.iter().map(|c| if is_latin(*c) { Some(*c) } else { latin_for(*c) }).collect();
        let Some(as_latin) = as_latin else {
            // A Russian word with a Latin letter that shares its key is a slip; several of them are none.
            let cyrillic = others.iter().filter(|c| matches!(c, '\u{400}'..='\u{52f}')).count();
            if cyrillic == others.len()
                && latin < cyrillic
                && chars.iter().filter(|c| is_latin(**c)).all(|c| AS_LATIN.contains(*c))
            {
                strays.insert(word);
            }
            continue;
        };
        if plain.contains(&as_latin.to_lowercase()) || latin > others.len() && stands_inside(&chars) {
            return Some(word.to_owned());
        }
    }
    (strays.len() >= 4).then(|| strays.into_iter().min().unwrap_or_default().to_owned())
}

/// Whether a foreign letter is followed by Latin ones, as no ending is; a Greek one must stand between small letters.
fn stands_inside(chars: &[char]) -> bool {
    chars.iter().enumerate().any(|(i, c)| {
        let before = i.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(i.saturating_add(1));
        let small = |c: Option<&char>| c.is_some_and(|c| is_latin(*c) && c.is_lowercase());
        match c {
            c if is_latin(*c) => false,
            '\u{370}'..='\u{3ff}' => small(before) && small(after),
            _ => chars.iter().skip(i).any(|later| is_latin(*later)),
        }
    })
}

/// Runs of mathematical letters, which are styles of Latin ones.
fn styled(text: &str, original: &str) -> Option<String> {
    let runs =
        text.split(|c: char| !matches!(c, '\u{1d400}'..='\u{1d7cb}' | '\u{1f130}'..='\u{1f189}' | '\u{24b6}'..='\u{24e9}'));
    runs.into_iter().find(|run| run.chars().count() >= 4 && !original.contains(*run)).map(str::to_owned)
}

static SPACED: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"\b(?:\p{L}[.\-_*·+| ]){3,}\p{L}\b"));

/// Words of the original with digits for letters or signs between the letters, or many such words.
fn respelt(text: &str, plain: &HashSet<String>) -> Option<String> {
    let spaced = SPACED.find_iter(text).find(|run| {
        let joined: String = run.as_str().chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        joined.chars().count() >= 4 && plain.contains(&joined)
    });
    if let Some(run) = spaced {
        return Some(run.as_str().to_owned());
    }
    let mut many: Vec<&str> = Vec::new();
    for token in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '@' | '$'))) {
        let letters = token.chars().filter(char::is_ascii_lowercase).count();
        let swapped = token.chars().filter(|c| leet(*c).is_some()).count();
        let others = token.chars().skip(1).any(|c| c.is_ascii_uppercase())
            || token.chars().any(|c| c.is_ascii_digit() && leet(c).is_none());
        if letters == 0 || swapped == 0 || others || token.len() < 3 || plain.contains(&token.to_lowercase()) {
            continue;
        }
        let read: String = token.chars().map(|c| leet(c).unwrap_or(c.to_ascii_lowercase())).collect();
        if token.len() >= 4 && plain.contains(&read) {
            return Some(token.to_owned());
        }
        if read.contains(['a', 'e', 'i', 'o', 'u']) && !many.contains(&token) {
            many.push(token);
        }
    }
    (many.len() >= 4).then(|| many.join(" "))
}

fn leet(c: char) -> Option<char> {
    match c {
        '0' => Some('o'),
        '1' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        _ => None,
    }
}

/// Letters of scripts that need no joiners; Arabic, Indic and South-East Asian scripts and emoji do.
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Han}]+[\u{200B}-\u{200D}\u{2060}-\u{2064}\u{FEFF}\u{180E}\u{202A}-\u{202C}\u{2066}-\u{2069}]+",
        r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Han}]+|\p{L}\u{AD}\p{L}\u{AD}\p{L}(?:\u{AD}\p{L})*|\S*[\u{202D}\u{202E}]\S*",
        r"|\S*[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]{2,}\S*",
    ))
});
/// The flags of England, Scotland and Wales are written with tags.
static FLAG: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"\x{1F3F4}[\x{E0020}-\x{E007E}]{1,8}\x{E007F}"));
static TAGS: LazyLock<Regex> = LazyLock::new(|| compiled_pattern(r"\S{0,20}[\x{E0000}-\x{E007F}]+"));

fn invisible(text: &str) -> Option<String> {
    if let Some(hit) = BETWEEN.find(text) {
        return Some(hit.as_str().to_owned());
    }
    let without_flags = FLAG.replace_all(text, "");
    TAGS.find(&without_flags).map(|hit| hit.as_str().to_owned())
}
