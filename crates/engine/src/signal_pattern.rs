//! Regular expressions of signals, compiled when a value is first held against them: most never are, and all of them together take
//! a tenth of a start. Most values show by their first letters that a pattern is not for them; those compile none.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// Patterns are searched in linear time whatever they are; this bounds their size in memory, in bytes.
const LARGEST_PATTERN: usize = 512 * 1024;

/// What a pattern may fill while it is searched for; beyond it the search is slower, not larger.
const LARGEST_CACHE: usize = 128 * 1024;

#[derive(Debug)]
pub struct SignalPattern {
    text: String,
    beginning: Beginning,
    compiled: OnceLock<Option<Regex>>,
}

/// What a value must begin with, as far as that is plain from the text of a pattern; upper and lower case alike.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    Unknown,
    /// `^abc...`, or `^\s*abc...`
    Letters {
        letters: String,
        after_space: bool,
    },
    /// `^(abc|def)$`: it is one of these.
    Words(Vec<String>),
}

impl Beginning {
    fn of_pattern(text: &str) -> Beginning {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | ':');
        let Some(rest) = text.strip_prefix('^') else { return Beginning::Unknown };
        if let Some(list) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(")$"))
            && list.split('|').all(|word| !word.is_empty() && word.chars().all(plain))
        {
            return Beginning::Words(list.split('|').map(str::to_owned).collect());
        }
        let (rest, after_space) = rest.strip_prefix("\\s*").map_or((rest, false), |rest| (rest, true));
        let mut letters = rest.split(|c| !plain(c)).next().unwrap_or_default().to_owned();
        // What comes next may say that the last letter is not needed, or that all of it is not.
        if rest.get(letters.len()..).is_some_and(|next| next.starts_with(['?', '*', '{', '+'])) {
            letters.pop();
        }
        // Letters that begin with a space would be taken for the space before them.
        if letters.is_empty() || text.contains('|') || after_space && letters.starts_with(' ') {
            Beginning::Unknown
        } else {
            Beginning::Letters { letters, after_space }
        }
    }

    /// Whether a value may match, or must not; None where only the pattern itself can tell.
    fn judge(&self, value: &str) -> Option<bool> {
        match self {
            Beginning::Unknown => None,
            Beginning::Letters { letters, after_space } => {
                let value = if *after_space { value.trim_start() } else { value };
                let start = value.as_bytes().get(..letters.len()).unwrap_or(value.as_bytes());
                // Some letters of other scripts are the capitals of ours: the Kelvin sign, the long s.
                (start.is_ascii() && !start.eq_ignore_ascii_case(letters.as_bytes())).then_some(false)
            }
            Beginning::Words(words) => value.is_ascii().then(|| words.iter().any(|word| word.eq_ignore_ascii_case(value))),
        }
    }
}

impl SignalPattern {
    pub fn new(text: &str) -> SignalPattern {
        SignalPattern { text: text.to_owned(), beginning: Beginning::of_pattern(text), compiled: OnceLock::new() }
    }

    /// Compiles it now, or says why that cannot be.
    pub fn compile_now(&self) -> Result<(), String> {
        if self.compiled.get().is_some_and(Option::is_some) {
            return Ok(());
        }
        let compiled = bounded_regex(&self.text)?;
        self.compiled.get_or_init(|| Some(compiled));
        Ok(())
    }

    /// What cannot be compiled matches nothing.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = || self.compiled.get_or_init(|| bounded_regex(&self.text).ok()).as_ref();
        self.beginning.judge(text).unwrap_or_else(|| compiled().is_some_and(|regex| regex.is_match(text)))
    }
}

/// A regular expression of linear time and bounded size, upper and lower case alike.
fn bounded_regex(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(true).size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_CACHE);
    builder.build().map_err(|error| format!("the pattern {pattern:?}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_begins_with_is_read_off_the_pattern() {
        let letters = |text: &str| Beginning::Letters { letters: text.to_owned(), after_space: false };
        for (pattern, beginning) in [
            ("^grok", letters("grok")),
            ("^content_filter: ?SPII$", letters("content_filter:")),
            ("^SAFETY[.]INPUT", letters("SAFETY")),
            ("^ab{0,2}", letters("a")),
            ("^\\s*safe\\s*$", Beginning::Letters { letters: "safe".to_owned(), after_space: true }),
            ("^a*b", Beginning::Unknown),
            ("^\\s* a", Beginning::Unknown),
            ("^(a|b_c)$", Beginning::Words(vec!["a".to_owned(), "b_c".to_owned()])),
            ("^(a|b.)$", Beginning::Unknown),
            ("^(a|)$", Beginning::Unknown),
            ("^(a)|(b)$", Beginning::Unknown),
            ("^abc|def", Beginning::Unknown),
            ("abc", Beginning::Unknown),
            ("^\\w", Beginning::Unknown),
            ("(?x)^a b", Beginning::Unknown),
        ] {
            assert_eq!(Beginning::of_pattern(pattern), beginning, "{pattern}");
        }
    }

    /// With and without a look at the beginning, every built-in pattern says the same of values that are like it and of others.
    #[test]
    fn the_beginning_changes_no_match() {
        let source = crate::compiled::embedded_signals().unwrap();
        let signals = source.signals.iter().flat_map(|file| &file.signals);
        let matchers: Vec<_> =
            signals.flat_map(|signal| signal.when.all.iter().chain(&signal.when.any).chain(&signal.when.none)).collect();
        let patterns: Vec<&String> = matchers.iter().filter_map(|matcher| matcher.pattern.as_ref()).collect();
        let mut values: Vec<String> =
            ["", "stop", "\u{212a}", "thin\u{212a}ing", "re\u{17f}ult", "Content_filter: SPII\n", "11", "\u{131}"]
                .map(str::to_owned)
                .to_vec();
        for pattern in &patterns {
            let bare: String = pattern.chars().filter(|c| !"^$?()[]\\*+".contains(*c)).collect();
            for value in bare.split('|').chain([pattern.as_str(), bare.as_str()]) {
                values.extend([
                    value.to_owned(),
                    value.to_uppercase(),
                    format!("{value} x"),
                    format!("{value}\n"),
                    format!("x{value}"),
                    format!(" \u{a0}{value}"),
                ]);
                values.extend([value.replace(['s', 'S'], "\u{17f}"), value.replace(['k', 'K'], "\u{212a}")]);
                values.extend(value.char_indices().map(|(at, _)| value[..at].to_owned()));
            }
        }
        let mut matches = 0;
        for text in patterns {
            let (regex, pattern) = (bounded_regex(text).unwrap(), SignalPattern::new(text));
            for value in &values {
                assert_eq!(pattern.is_match(value), regex.is_match(value), "{text} on {value:?}");
                matches += usize::from(regex.is_match(value));
            }
        }
        assert!(matches > 1_000, "{matches}");
    }
}
