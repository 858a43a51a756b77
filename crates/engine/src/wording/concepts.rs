//! Things that are said in every language: who, not, can, may, a rule, the input, was stopped. `training/concepts/<language>.txt`
//! lists words for each; what the classifier learns of them in one language holds in the others.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::wording::language::LANGUAGES;
use crate::wording::ngrams::is_wide;

/// The words of every language that has them, in the order of [`LANGUAGES`]; each is made when a text in it is first read.
static BUILT_IN: [OnceLock<Option<ConceptWords>>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

/// The concepts, in the order of the English list.
pub fn names() -> Vec<&'static str> {
    let lines = listed("en").unwrap_or_default().lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect()
}

/// The list of a language, as it was written.
pub fn listed(language: &str) -> Option<&'static str> {
    FOLDER.get_file(format!("{language}.txt"))?.contents_utf8()
}

static FOLDER: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/training/concepts");

/// The words of a language, by its place in [`LANGUAGES`].
pub fn of_language(at: usize) -> Option<&'static ConceptWords> {
    let made = || ConceptWords::new(listed(LANGUAGES.get(at)?)?, &names()).ok();
    BUILT_IN.get(at)?.get_or_init(made).as_ref()
}

/// Words for concepts, of one language.
pub struct ConceptWords {
    automaton: AhoCorasick,
    /// Of each pattern: its concept, and whether a word may go on behind it.
    patterns: Vec<(u8, bool)>,
}

/// The most concepts that a sentence is looked at for; what comes later says little new.
const MOST: usize = 24;

impl ConceptWords {
    /// From lines `concept: word, stem*, several words`; `names` are the concepts that may stand there.
    pub fn new(text: &str, names: &[&str]) -> Result<ConceptWords, String> {
        let (mut words, mut patterns) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, list) = line.split_once(':').ok_or_else(|| format!("no concept in {line:?}"))?;
            let at =
                names.iter().position(|known| *known == name.trim()).ok_or_else(|| format!("there is no concept {name:?}"))?;
            let concept = u8::try_from(at).map_err(|_| "too many concepts".to_owned())?;
            for word in list.split([',', '\u{ff0c}', '\u{3001}', '\u{60c}']).map(str::trim).filter(|word| !word.is_empty()) {
                let stem = word.ends_with('*');
                let word = word.trim_end_matches('*').trim().to_lowercase();
                if !word.is_empty() {
                    patterns.push((concept, stem));
                    words.push(word);
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&words)
            .map_err(|why| why.to_string())?;
        Ok(ConceptWords { automaton, patterns })
    }

    /// The concepts of a sentence in small letters, each once, in the order in which they come.
    pub fn find(&self, lower: &str, out: &mut Vec<u8>) {
        out.clear();
        for hit in self.automaton.find_overlapping_iter(lower) {
            let Some((concept, stem)) = self.patterns.get(hit.pattern().as_usize()) else { continue };
            if !out.contains(concept) && is_word(lower, hit.start(), hit.end(), *stem) {
                out.push(*concept);
                if out.len() >= MOST {
                    break;
                }
            }
        }
    }
}

/// Whether a match begins with its word, and ends with it unless it is a stem. Scripts that set no words apart have no such edges.
fn is_word(text: &str, from: usize, to: usize, stem: bool) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_wide(c));
    let first = text.get(from..).and_then(|rest| rest.chars().next());
    let last = text.get(..to).and_then(|rest| rest.chars().next_back());
    let before = text.get(..from).and_then(|rest| rest.chars().next_back());
    let after = text.get(to..).and_then(|rest| rest.chars().next());
    !(joins(first) && joins(before)) && (stem || !(joins(last) && joins(after)))
}
