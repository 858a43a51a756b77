//! A compiled pattern that keeps nothing between two searches. Patterns are large and seldom searched for: what each thread would
//! keep for the next search, in each of them, came to hundreds of megabytes.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::iter::Searcher;
use regex_automata::{Input, PatternID};

/// More places than these are not looked at.
const MOST_PLACES: usize = 20;

pub struct PatternSearch {
    regex: Regex,
    core: Option<usize>,
}

/// A place where a pattern stands.
pub struct PatternPlace {
    pub whole: Range<usize>,
    /// Where the part begins that a "not" before it would deny.
    pub core: usize,
}

impl PatternSearch {
    /// Without an automaton that is made while searching: it doubles the size, and most texts are short.
    #[allow(clippy::expect_used, reason = "every pattern is a constant, and a test compiles them all")]
    pub fn new(pattern: &str) -> PatternSearch {
        let config = Regex::config().hybrid(false).dfa(false).onepass(false);
        let regex = Regex::builder().configure(config).build(pattern).expect("a constant pattern");
        PatternSearch { core: regex.group_info().to_index(PatternID::ZERO, "core"), regex }
    }

    /// What `judge` makes of the first place of which it makes something.
    pub fn first<T>(&self, text: &str, judge: impl FnMut(PatternPlace) -> Option<T>) -> Option<T> {
        let mut cache = self.regex.create_cache();
        let search = Searcher::new(Input::new(text)).into_captures_iter(self.regex.create_captures(), |input, found| {
            self.regex.search_captures_with(&mut cache, input, found);
            Ok(())
        });
        let places = search.infallible().take(MOST_PLACES).filter_map(|found| {
            let whole = found.get_match()?.range();
            let core = self.core.and_then(|group| found.get_group(group)).map_or(whole.start, |core| core.start);
            Some(PatternPlace { whole, core })
        });
        places.into_iter().find_map(judge)
    }
}
