//! The rules of a good item: what it must have, and what in its form must not give the key away.

use std::collections::BTreeSet;

use crate::lessons::check::findings::{Findings, Place};
use crate::lessons::check::table;
use crate::lessons::check::words::{in_default, is_english, likeness, number, own_words, plain, sentences, shingles, words};
use crate::lessons::format::{Item, OptionFile, SingleChoice};
use crate::lessons::source::Content;

/// Words that leave no exception, by which test-wise people strike options out.
const ABSOLUTE: &[&str] = &[
    "absolutely",
    "all",
    "always",
    "completely",
    "entirely",
    "every",
    "everybody",
    "everyone",
    "everything",
    "guaranteed",
    "guarantees",
    "impossible",
    "must",
    "never",
    "nobody",
    "none",
    "nothing",
    "only",
];

/// Long words that carry no content of their own.
const SMALL: &[&str] = &[
    "about", "after", "again", "against", "another", "because", "before", "being", "below", "between", "cannot", "could",
    "during", "either", "every", "first", "found", "holds", "inside", "might", "other", "outside", "second", "shall", "should",
    "shows", "since", "still", "their", "there", "these", "thing", "things", "third", "those", "though", "through", "under",
    "until", "were", "where", "whether", "which", "while", "whose", "within", "without", "would",
];

const NEGATIVE: &[&str] = &["not", "except"];
const OF_THE_ABOVE: &[&str] = &["all of the above", "none of the above", "all of these", "none of these"];
/// How often the longest option may hold the shortest.
const LONGEST_TO_SHORTEST: f64 = 2.2;
/// Parallel options share most of their words on purpose, so that only near-copies reach this likeness.
const OPTIONS_ALIKE: f64 = 0.9;

/// Articles and the like, whose change changes no meaning.
const ARTICLES: &[&str] = &["a", "an", "the", "this", "that", "its", "is", "was", "are", "were"];

pub fn check(content: &Content, out: &mut Findings<'_>) {
    let place = Place::of(content, "quiz").below("items");
    let language = &content.lesson.default_language;
    for Item::SingleChoice(item) in &content.quiz.items {
        let one = One { item, place: place.id(&item.id), language };
        one.parts(content, out);
        one.options(out);
        one.lengths(out);
        if is_english(language) {
            one.stem(out);
            one.absolute(out);
            one.clue(out);
        }
    }
}

/// How many absolute words an option has outside of quotes and code.
pub fn absolute(option: &OptionFile, language: &str) -> Vec<String> {
    let mut found = words(&own_words(in_default(&option.text, language)));
    found.retain(|word| ABSOLUTE.contains(&word.as_str()));
    found
}

pub fn length(option: &OptionFile, language: &str) -> usize {
    in_default(&option.text, language).trim().chars().count()
}

struct One<'a> {
    item: &'a SingleChoice,
    place: Place,
    language: &'a str,
}

impl One<'_> {
    fn parts(&self, content: &Content, out: &mut Findings<'_>) {
        let (item, place) = (self.item, &self.place);
        if !content.lesson.objectives.iter().any(|o| o.id == item.objective) {
            let message = format!("item {} names the objective {}, which the lesson does not have", item.id, item.objective);
            out.add(table::OBJECTIVE_UNKNOWN, &place.at("objective", &item.objective), message);
        }
        if item.evidence.is_empty() {
            out.add(table::ITEM_EVIDENCE, place, format!("item {} shows no evidence", item.id));
        }
        if item.options.iter().filter(|option| option.id == item.key).count() != 1 {
            let message = format!("item {}: the key {:?} must be the id of exactly one option", item.id, item.key);
            out.add(table::ITEM_KEY, &place.at("key", &item.key), message);
        }
        if item.options.len() < 3 {
            out.add(table::ITEM_OPTIONS, place, format!("item {} has fewer than three options", item.id));
        }
    }

    fn options(&self, out: &mut Findings<'_>) {
        let item = self.item;
        let texts: Vec<(&str, Vec<String>)> =
            item.options.iter().map(|o| (o.id.as_str(), words(in_default(&o.text, self.language)))).collect();
        for (i, (id, text)) in texts.iter().enumerate() {
            let joined = text.join(" ");
            if OF_THE_ABOVE.iter().any(|phrase| joined.contains(phrase)) {
                let message = format!("item {}: option {id} is \"all or none of the above\"", item.id);
                out.add(table::ITEM_ALL_OR_NONE, &self.place.id(id), message);
            }
            if let Some((other, _)) = texts.iter().take(i).find(|(_, other)| alike(other, text)) {
                let message = format!("item {}: the options {other} and {id} say the same, or nearly so", item.id);
                out.add(table::ITEM_OPTIONS_ALIKE, &self.place.id(id), message);
            }
        }
    }

    fn lengths(&self, out: &mut Findings<'_>) {
        let lengths = || self.item.options.iter().map(|option| length(option, self.language));
        let (Some(longest), Some(shortest)) = (lengths().max(), lengths().min()) else { return };
        if number(longest) > number(shortest) * LONGEST_TO_SHORTEST {
            let message = format!("item {}: the longest option has {longest} characters, the shortest {shortest}", self.item.id);
            out.add(table::ITEM_LENGTHS, &self.place, message);
        }
    }

    /// A question that asks for what is not so is easily misread, unless it says so loudly. What a story tells is no question.
    fn stem(&self, out: &mut Findings<'_>) {
        let stem = in_default(&self.item.stem, self.language);
        // A marked word is no longer there to be found.
        let unmarked = without_bold(stem);
        let told = own_words(&unmarked);
        for question in sentences(&told).into_iter().filter(|sentence| sentence.ends_with('?') || sentence.ends_with(':')) {
            let word = question.split(|c: char| !c.is_alphanumeric()).find(|word| NEGATIVE.contains(word));
            if let Some(word) = word {
                let message =
                    format!("item {}: the question turns on {word:?}; ask for what holds, or mark the word", self.item.id);
                out.add(table::ITEM_NEGATIVE_STEM, &self.place, message);
            }
        }
    }

    fn absolute(&self, out: &mut Findings<'_>) {
        for option in &self.item.options {
            let found = absolute(option, self.language);
            if !found.is_empty() {
                let message = format!("item {}: option {} says {}", self.item.id, option.id, found.join(", "));
                out.add(table::ITEM_ABSOLUTE, &self.place.id(&option.id), message);
            }
        }
    }

    fn clue(&self, out: &mut Findings<'_>) {
        let item = self.item;
        let of = |option: &OptionFile| content_words(in_default(&option.text, self.language));
        let Some(key) = item.options.iter().find(|option| option.id == item.key) else { return };
        let others: BTreeSet<String> = item.options.iter().filter(|option| option.id != item.key).flat_map(of).collect();
        let stem = content_words(in_default(&item.stem, self.language));
        let clues: Vec<String> = of(key).into_iter().filter(|word| stem.contains(word) && !others.contains(word)).collect();
        if !clues.is_empty() {
            let message = format!("item {}: only the right option repeats {} of the stem", item.id, clues.join(", "));
            out.add(table::ITEM_CLUE, &self.place.id(&key.id), message);
        }
    }
}

fn content_words(markdown: &str) -> BTreeSet<String> {
    let long =
        words(&plain(markdown, "")).into_iter().filter(|word| word.chars().count() >= 5 && !SMALL.contains(&word.as_str()));
    // One and many are the same clue, and so is "of one".
    long.map(|word| word.strip_suffix('s').unwrap_or(&word).to_owned()).collect()
}

/// The Markdown without what is bold: every second piece between `**`.
fn without_bold(markdown: &str) -> String {
    markdown.split("**").step_by(2).collect()
}

/// The same words in the same order but for articles, or nearly all pairs of neighbours in common.
fn alike(one: &[String], other: &[String]) -> bool {
    let core = |text: &[String]| text.iter().filter(|word| !ARTICLES.contains(&word.as_str())).cloned().collect::<Vec<_>>();
    core(one) == core(other) || likeness(&shingles(one, 2), &shingles(other, 2)) > OPTIONS_ALIKE
}
