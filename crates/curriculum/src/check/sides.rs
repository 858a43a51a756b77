//! Which layer an option's text speaks of, by its own words. English; pure. It says nothing where two layers could be meant.

use std::collections::BTreeSet;

use crate::check::words::words;
use crate::format::Layer;

/// What is read by its class: words that say the same in this course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum WordClass {
    Filter,
    Input,
    Output,
    Model,
    Stop,
    Read,
    Account,
    Instructions,
    Training,
    Open,
    Before,
    Lack,
}

/// The beginnings of words, with their class.
const CLASSES: &[(WordClass, &[&str])] = &[
    (WordClass::Filter, &["filter", "classifier", "guardrail", "moderation", "moderator", "screening", "scanner", "check"]),
    (WordClass::Input, &["prompt", "input", "request", "question", "submitted"]),
    (
        WordClass::Output,
        &["answer", "reply", "replies", "response", "completion", "output", "written", "wrote", "generated", "drafted"],
    ),
    (WordClass::Model, &["model", "assistant"]),
    (WordClass::Stop, &["stop", "block", "held", "withheld", "cut", "reject", "ended", "caught", "intercept", "flagged"]),
    (WordClass::Read, &["read", "judged", "judges", "examined", "inspected", "looked", "saw", "assessed"]),
    (WordClass::Account, &["account", "plan", "quota", "budget", "billing", "credit", "region", "verification", "tier"]),
    (WordClass::Instructions, &["instruction", "system"]),
    (WordClass::Training, &["trained", "training", "declined", "declines"]),
    (WordClass::Open, &["open", "undetermined", "settled", "unclear", "either", "both", "unknown", "decided"]),
    (WordClass::Lack, &["cover", "lack", "missing", "exhausted", "expired", "excludes", "without", "spent", "entitle"]),
    (WordClass::Before, &["before", "ahead", "prior", "reach", "reached"]),
];

/// Words that carry nothing of their own here.
const EMPTY: &[&str] = &[
    "a", "an", "the", "that", "this", "it", "its", "is", "was", "were", "are", "be", "been", "by", "of", "in", "on", "at", "to",
    "from", "and", "had", "has", "have", "which", "what", "text", "words", "one", "there", "then", "off", "out", "with", "for",
    "user", "users", "service", "provider", "system", "safety", "content", "layer", "side", "part", "own", "as", "being", "got",
    "went", "came",
];

/// Words before "sent" by which it is what somebody sent.
const SENDING: &[&str] = &["was", "were", "is", "been", "you", "we", "i", "they", "what", "text"];

/// What an option's text says, apart from its grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionSense {
    classes: BTreeSet<WordClass>,
    /// Words of no class.
    pub rest: BTreeSet<String>,
    pub layer: Option<Layer>,
}

pub fn option_sense(text: &str) -> OptionSense {
    let (mut classes, mut rest, mut order) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut before = String::new();
    for word in words(text) {
        // What somebody sent is the input; "the filter sent its notes" is not.
        let sent = matches!(word.as_str(), "sent" | "asked") && SENDING.contains(&before.as_str());
        before.clone_from(&word);
        match class(&word).or(sent.then_some(WordClass::Input)) {
            Some(found) => {
                classes.insert(found);
                order.push(found);
            }
            None if EMPTY.contains(&word.as_str()) => {}
            None => {
                rest.insert(word);
            }
        }
    }
    let layer = layer(&classes, &order);
    OptionSense { classes, rest, layer }
}

impl OptionSense {
    /// Whether both say the same layer, and neither anything beside it that the other does not.
    pub fn says_the_same(&self, other: &OptionSense) -> bool {
        self.layer.is_some() && self.layer == other.layer && self.rest == other.rest
    }
}

fn class(word: &str) -> Option<WordClass> {
    let begins = |start: &&str| word.starts_with(*start) && word.len() <= start.len() + 3;
    CLASSES.iter().find(|(_, starts)| starts.iter().any(begins)).map(|(class, _)| *class)
}

/// The layer of what was read or stopped, where the words name one side and no other thing.
fn layer(classes: &BTreeSet<WordClass>, order: &[WordClass]) -> Option<Layer> {
    let has = |class| classes.contains(&class);
    let judged = has(WordClass::Filter) || has(WordClass::Stop) && (has(WordClass::Before) || has(WordClass::Read));
    let else_named = [WordClass::Account, WordClass::Instructions, WordClass::Training, WordClass::Open];
    if !judged || else_named.into_iter().any(has) {
        return other_layer(classes);
    }
    // "Before the model" is the input, whatever else is named.
    let ahead = order.windows(2).any(|pair| pair == [WordClass::Before, WordClass::Model]);
    // "Ahead of the output" is a time, and no side.
    if order.windows(2).any(|pair| pair == [WordClass::Before, WordClass::Output]) {
        return None;
    }
    match (has(WordClass::Input), has(WordClass::Output)) {
        (true, false) => Some(Layer::PreClassifier),
        (false, true) if !ahead => Some(Layer::PostClassifier),
        (false, false) if ahead => Some(Layer::PreClassifier),
        _ => None,
    }
}

/// A layer that no filter stands for, where its words stand alone.
fn other_layer(classes: &BTreeSet<WordClass>) -> Option<Layer> {
    let only = |wanted: &[WordClass], free: &[WordClass]| {
        wanted.iter().all(|class| classes.contains(class))
            && classes.iter().all(|class| wanted.contains(class) || free.contains(class))
    };
    if only(&[WordClass::Account, WordClass::Lack], &[WordClass::Input, WordClass::Model]) {
        return Some(Layer::UserTier);
    }
    let declines = only(&[WordClass::Model, WordClass::Training], &[WordClass::Input]);
    declines.then_some(Layer::TrainedRefusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_read_by_its_side() {
        for (text, layer) in [
            ("A filter read the text that was sent", Some(Layer::PreClassifier)),
            ("The prompt was stopped ahead of the model", Some(Layer::PreClassifier)),
            ("A filter read the text that was written", Some(Layer::PostClassifier)),
            ("A check ended the reply", Some(Layer::PostClassifier)),
            ("A check read the prompt or the answer", None),
            ("The plan does not cover the request", Some(Layer::UserTier)),
            ("The plan of the team", None),
            ("Ask for a shorter answer", None),
            ("Not settled: a filter on the prompt or none", None),
            ("The model declined the request", Some(Layer::TrainedRefusal)),
            ("The model declined because of the system prompt", None),
        ] {
            assert_eq!(option_sense(text).layer, layer, "{text}");
        }
    }

    #[test]
    fn two_ways_of_saying_one_thing() {
        let same = |one: &str, other: &str| option_sense(one).says_the_same(&option_sense(other));
        assert!(same("A filter read the text that was sent", "The prompt was stopped ahead of the model"));
        assert!(same("The output was caught by a classifier", "A guardrail cut off the answer"));
        assert!(!same("A filter on the prompt", "A filter on the answer"));
        assert!(!same("A filter of the gateway read the prompt", "A filter of the vendor read the prompt"));
    }
}
