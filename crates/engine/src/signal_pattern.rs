//! Regular expressions of signals, compiled when a value is first held against them: most never are, and all of them together take
//! a tenth of a start.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// Patterns are searched in linear time whatever they are; this bounds their size in memory, in bytes.
const LARGEST_PATTERN: usize = 512 * 1024;

/// What a pattern may fill while it is searched for; beyond it the search is slower, not larger.
const LARGEST_CACHE: usize = 128 * 1024;

#[derive(Debug)]
pub struct SignalPattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl SignalPattern {
    pub fn new(text: &str) -> SignalPattern {
        SignalPattern { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// Compiles it now, or says why that cannot be.
    pub fn compile_now(&self) -> Result<(), String> {
        let compiled = bounded_regex(&self.text)?;
        self.compiled.get_or_init(|| Some(compiled));
        Ok(())
    }

    /// What cannot be compiled matches nothing.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| bounded_regex(&self.text).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A regular expression of linear time and bounded size, upper and lower case alike.
fn bounded_regex(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(true).size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_CACHE);
    builder.build().map_err(|error| format!("the pattern {pattern:?}: {error}"))
}
