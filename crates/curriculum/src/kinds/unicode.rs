//! What Unicode's character database says of single characters. The tables are those of `regex-syntax`.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// First and last code points, in their order.
pub type Ranges = Vec<(u32, u32)>;

pub static DASHES: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{Dash}"));
pub static QUOTES: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{Quotation_Mark}"));
/// Scripts that put no space between words.
pub static UNSPACED: LazyLock<Ranges> =
    LazyLock::new(|| ranges(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"));
/// What has no meaning of its own: private use, unassigned, half a surrogate pair, and the separators of lines and paragraphs.
pub static MEANINGLESS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"[\p{Co}\p{Cn}\p{Zl}\p{Zp}\x{FFFD}]"));
static IGNORABLE: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{Default_Ignorable_Code_Point}"));
static DIGITS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{Nd}"));

/// The code points of a class; none for one that cannot be read.
fn ranges(class: &str) -> Ranges {
    match regex_syntax::parse(class).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class.iter().map(|r| (r.start().into(), r.end().into())).collect(),
        _ => Vec::new(),
    }
}

pub fn holds(ranges: &Ranges, c: char) -> bool {
    let c = u32::from(c);
    let after = ranges.partition_point(|(first, _)| *first <= c);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| c <= *last)
}

/// Whether a character is one that nobody sees, or that controls a device.
pub fn is_unseen(c: char) -> bool {
    c.is_control() || holds(&IGNORABLE, c)
}

/// `0` to `9` for a decimal digit of any script. Unicode promises that the digits of a script stand in one row of ten
/// (stability policy, property values: `Nd`).
pub fn digit(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let code = u32::from(c);
    let row = DIGITS.iter().find(|(first, last)| (*first..=*last).contains(&code));
    let value = row.map(|(first, _)| code.saturating_sub(*first) % 10);
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_there() {
        for class in [&DASHES, &QUOTES, &UNSPACED, &MEANINGLESS, &IGNORABLE, &DIGITS] {
            assert!(!class.is_empty());
        }
        assert!(DIGITS.iter().all(|(first, last)| (last - first + 1) % 10 == 0), "rows of ten");
    }

    #[test]
    fn digits_of_every_script_have_their_value() {
        for (text, value) in [
            ("٤٢٩", "429"),
            ("۴۲۹", "429"),
            ("४२९", "429"),
            ("๔๒๙", "429"),
            ("߄߂߉", "429"),
            ("\u{1e954}\u{1e952}\u{1e959}", "429"),
            ("x½Ⅳ", "x½Ⅳ"),
        ] {
            assert_eq!(text.chars().map(digit).collect::<String>(), value);
        }
    }

    #[test]
    fn what_nobody_sees() {
        for c in
            ['\u{202c}', '\u{200b}', '\u{200e}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{fe0f}', '\u{e0001}', '\u{3164}', '\u{7}']
        {
            assert!(is_unseen(c), "{c:?}");
        }
        assert!(!is_unseen('a') && !is_unseen(' ') && !is_unseen('\u{a0}'));
    }
}
