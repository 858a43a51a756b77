//! The rules of a good item: what it must have, and what in its form must not give the key away.

use std::collections::BTreeSet;

use crate::check::findings::{FindingPlace, Findings};
use crate::check::words::{float_of, in_default, is_english, likeness, own_words, shingles, without_markdown, words};
use crate::check::{cues, keys, nothing, table};
use crate::format::{About, Item, OptionFile, Task};
use crate::rules;
use crate::source::LessonContent;

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

/// How often the longest option may hold the shortest.
const LONGEST_TO_SHORTEST: f64 = 2.2;
/// Parallel options share most of their words on purpose, so that only near-copies reach this likeness.
const OPTIONS_ALIKE: f64 = 0.9;

/// Articles and the like, whose change changes no meaning.
const ARTICLES: &[&str] = &["a", "an", "the", "this", "that", "its", "is", "was", "are", "were"];

/// The form of every item, in each language of the lesson.
pub fn check_items(content: &LessonContent, out: &mut Findings<'_>) {
    let place = FindingPlace::of(content, "quiz").below("items");
    for item in &content.quiz.items {
        keys::check_key(item, content, &place.id(&item.id), out);
        for language in &rules::languages(content) {
            let in_language =
                if *language == content.lesson.default_language { String::new() } else { format!(" in {language}") };
            let one = One { item, place: place.id(&item.id), language, in_language };
            one.options(out);
            one.alone(out);
            one.prompts(out);
            one.rationales(out);
            one.lengths(out);
            one.stem(out);
            if is_english(language) {
                one.absolute(out);
                one.clue(out);
            }
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
    item: &'a Item,
    place: FindingPlace,
    language: &'a str,
    /// Said behind the item's id where the language is not the default.
    in_language: String,
}

impl One<'_> {
    fn options(&self, out: &mut Findings<'_>) {
        let (item, lang) = (self.item, &self.in_language);
        let texts: Vec<(&str, Vec<String>)> =
            item.task.chosen_from().into_iter().map(|(id, text)| (id, words(in_default(text, self.language)))).collect();
        for (i, (id, text)) in texts.iter().enumerate() {
            if let Some((other, _)) = texts.iter().take(i).find(|(_, other)| alike(other, text)) {
                let message = format!("item {}{lang}: the options {other} and {id} say the same, or nearly so", item.id);
                out.add(table::ITEM_OPTIONS_ALIKE, &self.place.id(id), message);
            }
        }
    }

    /// What each option says by itself.
    fn alone(&self, out: &mut Findings<'_>) {
        let (item, lang) = (self.item, &self.in_language);
        for (id, text) in item.task.chosen_from() {
            let text = in_default(text, self.language);
            if cues::is_all_or_none(text) {
                let message = format!("item {}{lang}: option {id} is \"all or none of the above\"", item.id);
                out.add(table::ITEM_ALL_OR_NONE, &self.place.id(id), message);
            }
            if nothing::is_empty_option(text) && !text.trim().is_empty() {
                out.add(
                    table::ITEM_OPTION_EMPTY,
                    &self.place.id(id),
                    format!("item {}{lang}: option {id} offers nothing to choose", item.id),
                );
            }
        }
    }

    fn prompts(&self, out: &mut Findings<'_>) {
        let Task::Matching(task) = &self.item.task else { return };
        let texts: Vec<(&str, Vec<String>)> =
            task.prompts.iter().map(|prompt| (prompt.id.as_str(), words(in_default(&prompt.text, self.language)))).collect();
        for (i, (id, text)) in texts.iter().enumerate() {
            if let Some((other, _)) = texts.iter().take(i).find(|(_, other)| alike(other, text)) {
                let message =
                    format!("item {}{}: the prompts {other} and {id} say the same, or nearly so", self.item.id, self.in_language);
                out.add(table::ITEM_PROMPTS_ALIKE, &self.place.id(id), message);
            }
        }
    }

    fn rationales(&self, out: &mut Findings<'_>) {
        for (about, text) in self.item.task.rationales() {
            let option = match &about {
                About::Option(id) => self.item.task.chosen_from().into_iter().find(|(one, _)| one == id).map(|(_, text)| text),
                _ => None,
            };
            let said = in_default(text, self.language);
            if !said.trim().is_empty() && nothing::says_nothing(said, option.map_or("", |text| in_default(text, self.language))) {
                let message = format!("item {}{}: the rationale of {about} gives no reason", self.item.id, self.in_language);
                out.add(table::ITEM_RATIONALE_EMPTY, &about.place(&self.place), message);
            }
        }
    }

    fn lengths(&self, out: &mut Findings<'_>) {
        let lengths = || self.item.task.options().iter().map(|option| length(option, self.language));
        let (Some(longest), Some(shortest)) = (lengths().max(), lengths().min()) else { return };
        if float_of(longest) > float_of(shortest) * LONGEST_TO_SHORTEST {
            let (id, lang) = (&self.item.id, &self.in_language);
            let message = format!("item {id}{lang}: the longest option has {longest} characters, the shortest {shortest}");
            out.add(table::ITEM_LENGTHS, &self.place, message);
        }
    }

    /// A question that asks for what is not so is easily misread, unless it says so loudly. What a story tells is no question.
    fn stem(&self, out: &mut Findings<'_>) {
        let (stem, lang) = (in_default(&self.item.stem, self.language), &self.in_language);
        if let Some(word) = cues::negative(stem, self.language) {
            let message =
                format!("item {}{lang}: the question turns on {word:?}; ask for what holds, or mark the word", self.item.id);
            out.add(table::ITEM_NEGATIVE_STEM, &self.place, message);
        }
        let options: Vec<&str> = self.item.task.options().iter().map(|option| in_default(&option.text, self.language)).collect();
        if let Some(article) = cues::article(stem, &options, self.language).filter(|_| !options.is_empty()) {
            let message = format!("item {}{lang}: the stem ends in {article:?}, which not every option follows", self.item.id);
            out.add(table::ITEM_ARTICLE, &self.place, message);
        }
    }

    fn absolute(&self, out: &mut Findings<'_>) {
        for option in self.item.task.options() {
            let found = absolute(option, self.language);
            if !found.is_empty() {
                let message = format!("item {}: option {} says {}", self.item.id, option.id, found.join(", "));
                out.add(table::ITEM_ABSOLUTE, &self.place.id(&option.id), message);
            }
        }
    }

    fn clue(&self, out: &mut Findings<'_>) {
        let item = self.item;
        let Some(single) = item.single() else { return };
        let of = |option: &OptionFile| content_words(in_default(&option.text, self.language));
        let Some(key) = single.options.iter().find(|option| option.id == single.key) else { return };
        let others: BTreeSet<String> = single.options.iter().filter(|option| option.id != single.key).flat_map(of).collect();
        let stem = content_words(in_default(&item.stem, self.language));
        let clues: Vec<String> = of(key).into_iter().filter(|word| stem.contains(word) && !others.contains(word)).collect();
        if !clues.is_empty() {
            let message = format!("item {}: only the right option repeats {} of the stem", item.id, clues.join(", "));
            out.add(table::ITEM_CLUE, &self.place.id(&key.id), message);
        }
    }
}

fn content_words(markdown: &str) -> BTreeSet<String> {
    let long = words(&without_markdown(markdown, ""))
        .into_iter()
        .filter(|word| word.chars().count() >= 5 && !SMALL.contains(&word.as_str()));
    // One and many are the same clue, and so is "of one".
    long.map(|word| word.strip_suffix('s').unwrap_or(&word).to_owned()).collect()
}

/// The same words in the same order but for articles, or nearly all pairs of neighbours in common.
fn alike(one: &[String], other: &[String]) -> bool {
    let core = |text: &[String]| text.iter().filter(|word| !ARTICLES.contains(&word.as_str())).cloned().collect::<Vec<_>>();
    core(one) == core(other) || likeness(&shingles(one, 2), &shingles(other, 2)) > OPTIONS_ALIKE
}
