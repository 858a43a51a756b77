//! The phrases of `lessons/signals/wording`, made ready for one pass over a text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::phrases::{Phrases, PhrasesBuilder};

macro_rules! acts {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// What a sentence does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Act { $(#[doc = $meaning] #[serde(rename = $name)] $variant),* }

        impl Act {
            pub const ALL: &'static [Act] = &[$(Act::$variant),*];
            pub const fn name(self) -> &'static str { match self { $(Act::$variant => $name),* } }
        }
    };
}

acts! {
    Firm "firm" "declines in so many words, wherever it stands"
    Decline "decline" "says that it will not do a thing for the person"
    Unable "unable" "says that the speaker cannot or will not"
    Sorry "sorry" "regrets"
    SorryFor "sorry_for" "regrets something else than its own answer"
    Machine "machine" "says that the speaker is a machine"
    Remarks "remarks" "announces a remark on the request"
    Moral "moral" "judges the matter"
    Soft "soft" "uses a word of values or dangers"
    Capability "capability" "names a limit of means"
    Scope "scope" "says what the speaker is for"
    Instead "instead" "proposes something else"
    Seek "seek" "sends the person to somebody else"
    Offers "offers" "offers further help"
    Premise "premise" "rejects what the question takes for granted"
    Helps "helps" "begins to help"
    GoesOn "goes_on" "helps after all"
    Unclear "unclear" "asks what is meant"
    Unreal "unreal" "says that the thing is not real"
    Thanks "thanks" "agrees or thanks"
    However "however" "turns"
    FirstPerson "first_person" "speaks of the speaker"
    Common "common" "has a common word of its language, so that the language is one that is read here"
    Address "address" "addresses whoever classifies the text"
}

/// `lessons/signals/wording/<language>.yaml`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordingFile {
    pub language: String,
    /// Whether words are set apart by spaces.
    pub words: bool,
    /// Phrases that chains put together.
    #[serde(default)]
    pub sets: BTreeMap<String, Vec<String>>,
    pub acts: BTreeMap<Act, ActFile>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActFile {
    pub phrases: Vec<String>,
    pub chains: Vec<ChainFile>,
}

/// One of each set, in order, in one sentence, with at most `within` bytes between two of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    pub of: Vec<String>,
    pub within: usize,
}

/// What a phrase belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhraseOwner {
    Act(Act),
    Set(usize),
}

#[derive(Debug)]
pub struct Chain {
    pub act: Act,
    pub sets: Vec<usize>,
    pub within: usize,
}

pub struct Lexicon {
    pub phrases: Phrases,
    pub owners: Vec<PhraseOwner>,
    pub chains: Vec<Chain>,
    pub sets: usize,
}

impl Lexicon {
    /// The error names the file's language and the set that is missing.
    pub fn new(files: &[WordingFile]) -> Result<Lexicon, String> {
        let mut builder = PhrasesBuilder::default();
        let (mut owners, mut chains, mut sets) = (Vec::new(), Vec::new(), 0);
        for file in files {
            let first = sets;
            let mut add = |phrase: &str, owner: PhraseOwner| {
                for form in forms(phrase, &file.language) {
                    builder.add(&form, file.words);
                    owners.push(owner);
                }
            };
            for phrases in file.sets.values() {
                phrases.iter().for_each(|phrase| add(phrase, PhraseOwner::Set(sets)));
                sets = sets.saturating_add(1);
            }
            for (act, content) in &file.acts {
                content.phrases.iter().for_each(|phrase| add(phrase, PhraseOwner::Act(*act)));
                for chain in &content.chains {
                    let number = |name: &String| {
                        let at = file.sets.keys().position(|known| known == name);
                        at.map(|at| at.saturating_add(first))
                            .ok_or_else(|| format!("{}: there is no set {name:?}", file.language))
                    };
                    let of = chain.of.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                    if of.len() < 2 {
                        return Err(format!("{}: a chain puts two sets or more together", file.language));
                    }
                    chains.push(Chain { act: *act, sets: of, within: chain.within });
                }
            }
        }
        Ok(Lexicon { phrases: builder.build()?, owners, chains, sets })
    }
}

/// A phrase and its contracted forms.
fn forms(phrase: &str, language: &str) -> Vec<String> {
    // (written out, contracted)
    const ENGLISH: &[(&str, &str)] = &[
        ("will not", "won't"),
        ("do not", "don't"),
        ("does not", "doesn't"),
        ("is not", "isn't"),
        ("are not", "aren't"),
        ("would not", "wouldn't"),
        ("could not", "couldn't"),
        ("should not", "shouldn't"),
        ("i am", "i'm"),
        ("we are", "we're"),
        ("you are", "you're"),
        ("it is", "it's"),
        ("that is", "that's"),
        ("i would", "i'd"),
        ("i have", "i've"),
        ("i will", "i'll"),
        ("let us", "let's"),
    ];
    let mut out = vec![phrase.to_owned()];
    if language != "en" {
        return out;
    }
    if phrase.contains("cannot") {
        out.extend(["can't", "can not"].map(|form| phrase.replace("cannot", form)));
    }
    for (long, short) in ENGLISH {
        let contracted: Vec<String> =
            out.iter().filter(|form| at_word(form, long)).map(|form| form.replacen(long, short, 1)).collect();
        out.extend(contracted);
    }
    // "am unable to" stands in "I'm unable to" without its verb.
    if let Some(rest) = phrase.strip_prefix("am ") {
        out.push(format!("'m {rest}"));
        out.push(format!("i'm {rest}"));
    }
    out
}

fn at_word(text: &str, part: &str) -> bool {
    text == part
        || text.starts_with(&format!("{part} "))
        || text.ends_with(&format!(" {part}"))
        || text.contains(&format!(" {part} "))
}
