//! The forms of a short text: whether somebody can type them, and whether a text holds one. Pure.

use std::sync::LazyLock;

use regex::Regex;

use crate::kinds::{LONGEST, MEANINGLESS, UNSPACED, holds, is_unseen};

/// Tags of HTML that only dress a text up, an element with its end, a character reference, a comment, bold Markdown.
static MARKUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xis)
        </? (?: a|abbr|b|big|br|center|code|div|del|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|math|ol|p|pre|q|s|small|span|strike|strong
              |sub|sup|table|tbody|td|th|tr|tt|u|ul|var ) (?: \s[^<>]* )? /? >
        | < [a-z] [^<>]* > [^<>]* </ [a-z] [^<>]* >
        | & (?: \#[0-9]+ | \#x[0-9a-f]+ | [a-z][a-z0-9]+ ) ;
        | <!-- | <!\[CDATA\[
        | \*\*\S.*\*\*",
    )
    .ok()
});

/// Why nobody can type a form as it stands; none where they can.
pub fn untypeable(form: &str) -> Option<String> {
    if let Some(c) = unseen(form) {
        return Some(format!("holds the character U+{:04X}, which nobody sees or can type", u32::from(c)));
    }
    if let Some(found) = MARKUP.as_ref().and_then(|markup| markup.find(form)) {
        return Some(format!("holds the markup {:?}, which would have to be typed as it stands", found.as_str()));
    }
    let length = form.chars().count();
    (length > LONGEST).then(|| format!("has {length} characters, and an answer has at most {LONGEST}"))
}

fn unseen(form: &str) -> Option<char> {
    let mut before = ' ';
    for c in form.chars() {
        // Joiners belong to scripts and emoji that are typed with them, and variation selectors to emoji.
        let is_joiner =
            matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}') && !before.is_ascii() && !is_unseen(before);
        if !is_joiner && (is_unseen(c) || holds(&MEANINGLESS, c)) {
            return Some(c);
        }
        before = c;
    }
    None
}

/// Whether a text holds a form as whole words: `no` is not in "know", nor 429 in 4290 or 5 in 3.5.
pub fn is_in(text: &str, form: &str) -> bool {
    let ends = |at: usize| text.get(..at).zip(text.get(at..)).is_some_and(|(before, after)| is_boundary(before, after));
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(form))).any(|at| ends(at) && ends(at + form.len()))
}

fn is_boundary(before: &str, after: &str) -> bool {
    let (mut back, mut on) = (before.chars().rev(), after.chars());
    let (Some(last), Some(next)) = (back.next(), on.next()) else { return true };
    let is_word = |c: char| (c.is_alphanumeric() || c == '_') && !holds(&UNSPACED, c);
    // A point or comma inside of a number, an apostrophe inside of a word.
    let joins = |c: char, one: Option<char>, other: char| match c {
        '.' | ',' => one.is_some_and(char::is_numeric) && other.is_numeric(),
        '\'' => one.is_some_and(char::is_alphabetic) && other.is_alphabetic(),
        _ => false,
    };
    !((is_word(last) && is_word(next)) || joins(last, back.next(), next) || joins(next, on.next(), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_type() {
        for form in [
            "<strong>abc</strong>",
            "abc<br>",
            "abc<br/>",
            "<span class=\"x\">abc</span>",
            "<policy>abc</policy>",
            "a&nbsp;b",
            "a &lt; b",
            "&#8217;",
            "**abc**",
            "ab\u{200b}c",
            "abc\u{202c}",
            "ab\u{ad}c",
            "a\tb",
            "a\u{2028}b",
            "abc\u{fe0f}",
            "\u{e000}",
            "\u{fffd}",
            &"x".repeat(201),
        ] {
            assert!(untypeable(form).is_some(), "{form:?}");
        }
        for form in [
            "content_filter",
            "a < b",
            "x<y>z",
            "AT&T",
            "<|im_end|>",
            "<system>",
            "**kwargs",
            "2 ** 3",
            "don’t",
            "429",
            "می\u{200c}خواهم",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "ａ",
            "a\u{a0}b",
        ] {
            assert_eq!(untypeable(form), None, "{form:?}");
        }
    }

    #[test]
    fn a_form_is_found_as_whole_words() {
        for (text, form) in [
            ("is it no?", "no"),
            ("acme-429", "429"),
            ("the status is 429.", "429"),
            ("what is content_filter here", "content_filter"),
            ("error.code", "code"),
            ("请写出过滤器的名称", "过滤器"),
            ("a -5 b", "-5"),
            ("knows no", "no"),
            ("say 'no'", "no"),
        ] {
            assert!(is_in(text, form), "{text:?} {form:?}");
        }
        for (text, form) in [
            ("did the model know the topic?", "no"),
            ("acme-4290", "429"),
            ("it took 3.5 s", "5"),
            ("it took 1,429 ms", "429"),
            ("my_content_filter", "content_filter"),
            ("we don't", "don"),
            ("naïve", "na"),
            ("", "no"),
        ] {
            assert!(!is_in(text, form), "{text:?} {form:?}");
        }
    }
}
