//! What the parts of the feedback share: whether text is there, telling words, words that two texts have in common, quotes.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

/// From this length on a text can say why, in characters: about two short sentences. Chinese, Japanese and Korean say the same
/// in about a third.
const THIN: usize = 60;
const THIN_DENSE: usize = 20;

/// How large the automaton of one pattern may grow, in one thread.
const AUTOMATON_BYTES: usize = 256 << 10;

pub fn present(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

pub fn full(text: Option<&String>) -> bool {
    text.is_some_and(|text| {
        let (all, dense) = (text.trim().chars().count(), text.chars().filter(|c| is_dense(*c)).count());
        all >= if dense.saturating_mul(2) > all { THIN_DENSE } else { THIN }
    })
}

/// Whether a text can be a sentence with a reason: longer than a word or two.
pub fn sentence(text: Option<&String>) -> bool {
    text.is_some_and(|text| text.chars().filter(|c| is_dense(*c)).count() >= 6 || text.split_whitespace().count() >= 4)
}

/// Scripts that are written without spaces between words and say much in one sign.
pub fn is_dense(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// With a small automaton that is made while searching: each thread that judges keeps one for every pattern, of 2 MiB unless told, and
/// the states that a text of some kilobytes comes to are few.
#[allow(clippy::expect_used, reason = "every pattern is a constant of these files, and a test compiles them all")]
pub fn compiled_pattern(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).dfa_size_limit(AUTOMATON_BYTES).build().expect("a constant pattern")
}

/// Finds any of these beginnings of words, upper and lower case alike. They are pieces of a regular expression, with semicolons
/// between them.
pub fn telling(words: &str) -> Regex {
    let one = |word: &str| {
        let dense = word.chars().next().is_some_and(is_dense);
        if dense || !word.starts_with(char::is_alphanumeric) { word.to_owned() } else { format!(r"\b{word}") }
    };
    let all: Vec<String> = words.split(';').map(str::trim).map(one).collect();
    compiled_pattern(&format!("(?i)(?:{})", all.join("|")))
}

/// What stands in many texts and says nothing about any.
const COMMON: &str = r"
    about after also been before being could does dass dans eine einem einen einer être from have here into just mais
    more need nicht only para pero please pour should sich some such than that their them then there they this todo very
    want were what when which will with would your and are but can der des die das ein for für her his how las les los
    mit not one our por que she the und une von was who you con sur est ist";

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Two signs in a row of a text without spaces, and the first four letters of any other word (`nurse` and `nursing` share them).
fn stems(text: &str) -> HashSet<String> {
    let mut out = HashSet::new();
    for word in words(text) {
        let chars: Vec<char> = word.chars().collect();
        if chars.iter().copied().any(is_dense) {
            out.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else if chars.len() >= 3 && !COMMON.split_whitespace().any(|common| common == word) {
            out.insert(chars.iter().take(4).collect());
        }
    }
    out
}

/// Whether `part` (a role, a purpose) is recognisable in `whole`.
pub fn is_recognisable(part: &str, whole: &str) -> bool {
    let whole = stems(whole);
    stems(part).iter().any(|stem| whole.contains(stem))
}

/// The whole words of a text, in lower case.
pub fn word_set(text: &str) -> HashSet<String> {
    words(text).collect()
}

/// The text without anything but letters and digits, for telling whether two texts differ in more than form.
pub fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A quote shows at most so many characters.
const QUOTE: usize = 80;

/// A short quote on one line; signs that cannot be seen are named.
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.trim().chars().enumerate() {
        if i >= QUOTE {
            out.push('…');
            break;
        }
        match c {
            c if c.is_whitespace() => out.push(' '),
            c if is_invisible(c) => out.push_str(&format!("<U+{:04X}>", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Signs without a form of their own: zero width, direction, tags, control.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_recognised_in_other_forms() {
        for (part, whole) in [
            ("nurse educator", "For a nursing course: the dose"),
            ("Lehrerin an einer Berufsschule", "Ich bin Lehrer. Erkläre"),
            ("护士培训师", "我给护士上课，请写十道题"),
            ("مدرسة علوم", "أنا مدرسة في الصف الخامس"),
        ] {
            assert!(is_recognisable(part, whole), "{part} / {whole}");
        }
        assert!(!is_recognisable("the one who asks", "Write about the ones which are here"));
        assert!(!is_recognisable("", "anything"));
    }

    #[test]
    fn a_quote_is_short_and_shows_what_cannot_be_seen() {
        assert_eq!(quote("a\u{200b}b\nc"), "a<U+200B>b c");
        assert_eq!(quote(&"x".repeat(200)).chars().count(), QUOTE + 1);
    }

    #[test]
    fn dense_scripts_need_fewer_signs() {
        assert!(full(Some(&"错误信息里写着提示词被过滤，没有任何输出，所以是输入过滤器。".to_owned())));
        assert!(!full(Some(&"The error names the prompt.".to_owned())));
    }
}
