//! The rules of a quiz as a whole: what its items cover and repeat, and what the form of the bank gives away.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::check::findings::{FindingPlace, Findings};
use crate::check::items::{absolute, length};
use crate::check::table;
use crate::check::words::{float_of, in_default, likeness, share, shingles, words};
use crate::format::{Item, OptionFile, SingleChoice};
use crate::rules;
use crate::source::LessonContent;

/// Fewer items say nothing about how keys are spread.
const ENOUGH_ITEMS: usize = 8;
const LONGEST_KEY: f64 = 1.0 / 3.0;
const PLACE_MOST: f64 = 0.4;
const PLACE_LEAST: f64 = 0.1;
const SHINGLE: usize = 3;
const ITEMS_ALIKE: f64 = 0.8;
const OPTIONS_SHARED: f64 = 0.75;
const RECURS: usize = 3;

pub fn check_quiz(content: &LessonContent, out: &mut Findings<'_>) {
    let place = FindingPlace::of(content, "quiz");
    for objective in &content.lesson.objectives {
        if !content.quiz.items.iter().any(|item| item.objective == objective.id) {
            let message = format!("no item tests the objective {}", objective.id);
            out.add(
                table::OBJECTIVE_UNTESTED,
                &FindingPlace::of(content, "lesson").below("objectives").id(&objective.id),
                message,
            );
        }
    }
    for language in &rules::languages(content) {
        let in_language = if *language == content.lesson.default_language { String::new() } else { format!(" in {language}") };
        let bank = Bank { language, in_language, items: &content.quiz.items };
        bank.repeated(&place, out);
        bank.recurring(&place, out);
        bank.keys(&place, out);
    }
}

struct Bank<'a> {
    language: &'a str,
    /// Said where the language is not the default.
    in_language: String,
    items: &'a [Item],
}

impl Bank<'_> {
    /// Each later item that repeats an earlier one, by its stem and evidence or by its options.
    fn repeated(&self, place: &FindingPlace, out: &mut Findings<'_>) {
        let sights: Vec<Sight> = self.items.iter().map(|item| Sight::of(item, self.language)).collect();
        for (i, one) in sights.iter().enumerate() {
            for other in sights.iter().take(i) {
                let place = place.below("items").id(one.id);
                if likeness(&one.shown, &other.shown) > ITEMS_ALIKE {
                    out.add(
                        table::QUIZ_ITEMS_ALIKE,
                        &place,
                        format!("item {} repeats item {}{}", one.id, other.id, self.in_language),
                    );
                } else if one.same_evidence(other) && one.shared(other) >= OPTIONS_SHARED {
                    out.add(
                        table::QUIZ_SAME_OPTIONS,
                        &place,
                        format!("item {} has the options of item {}{}", one.id, other.id, self.in_language),
                    );
                }
            }
        }
    }

    fn recurring(&self, place: &FindingPlace, out: &mut Findings<'_>) {
        let mut seen: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
        // The choices of a matching item are names of layers more often than not.
        for item in self.items {
            for option in item.task.options() {
                let text = words(in_default(&option.text, self.language)).join(" ");
                seen.entry(text).or_default().push((&item.id, &option.id));
            }
        }
        for (text, places) in &seen {
            let items: BTreeSet<&str> = places.iter().map(|(item, _)| *item).collect();
            if let (Some((item, option)), true) = (places.first(), items.len() >= RECURS && !text.is_empty()) {
                let ids = items.into_iter().collect::<Vec<_>>().join(", ");
                let place = place.below("items").id(item).id(option);
                out.add(
                    table::QUIZ_OPTION_RECURS,
                    &place,
                    format!("the option {text:?} stands in the items {ids}{}", self.in_language),
                );
            }
        }
    }

    /// What gives keys away by form alone: length and place.
    fn keys(&self, place: &FindingPlace, out: &mut Findings<'_>) {
        let keyed: Vec<&SingleChoice> = keyed(self.items).collect();
        if keyed.len() < ENOUGH_ITEMS {
            return;
        }
        let longest = keyed.iter().filter(|item| {
            let right = key(item).map_or(0, |option| length(option, self.language));
            item.options.iter().all(|option| option.id == item.key || length(option, self.language) < right)
        });
        let longest = longest.count();
        if share(longest, keyed.len()) > LONGEST_KEY {
            let message = format!("the right option is the longest in {longest} of {} items{}", keyed.len(), self.in_language);
            out.add(table::QUIZ_LONGEST_KEY, place, message);
        }
        let four: Vec<&SingleChoice> = keyed.iter().copied().filter(|item| item.options.len() == 4).collect();
        // Places are the same in every language.
        if four.len() < ENOUGH_ITEMS || !self.in_language.is_empty() {
            return;
        }
        for at in 0..4 {
            let count = four.iter().filter(|item| item.options.get(at).is_some_and(|option| option.id == item.key)).count();
            if !(PLACE_LEAST..=PLACE_MOST).contains(&share(count, four.len())) {
                let of = four.len();
                let message = format!("the right option stands at place {} in {count} of {of} items with four options", at + 1);
                out.add(table::QUIZ_KEY_PLACE, place, message);
            }
        }
    }
}

/// What is compared of an item.
struct Sight<'a> {
    id: &'a str,
    shown: BTreeSet<String>,
    evidence: BTreeSet<String>,
    options: BTreeSet<String>,
}

impl<'a> Sight<'a> {
    fn of(item: &'a Item, language: &str) -> Self {
        let evidence: Vec<String> = item.evidence.iter().flat_map(|evidence| words(&evidence.content)).collect();
        let shown: Vec<String> = words(in_default(&item.stem, language)).into_iter().chain(evidence.iter().cloned()).collect();
        Self {
            id: &item.id,
            shown: shingles(&shown, SHINGLE),
            evidence: shingles(&evidence, SHINGLE),
            options: item.task.options().iter().map(|option| words(in_default(&option.text, language)).join(" ")).collect(),
        }
    }

    fn same_evidence(&self, other: &Self) -> bool {
        (self.evidence.is_empty() && other.evidence.is_empty()) || likeness(&self.evidence, &other.evidence) > ITEMS_ALIKE
    }

    fn shared(&self, other: &Self) -> f64 {
        share(self.options.intersection(&other.options).count(), self.options.len().max(other.options.len()))
    }
}

/// The right option, where the key names exactly one.
fn key(item: &SingleChoice) -> Option<&OptionFile> {
    let mut right = item.options.iter().filter(|option| option.id == item.key);
    right.next().filter(|_| right.next().is_none())
}

/// The single choices whose key names exactly one option: form can give their keys away.
fn keyed(items: &[Item]) -> impl Iterator<Item = &SingleChoice> {
    items.iter().filter_map(Item::single).filter(|item| key(item).is_some())
}

/// What guessing by form is expected to yield, as a share of the single choices; options that tie share the luck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guessing {
    pub lesson: String,
    pub language: String,
    /// Single choices with a key.
    pub items: usize,
    /// The rule of thumb that yields most.
    pub best: &'static str,
    pub expected: f64,
    /// Each rule of thumb with what it yields.
    pub by: BTreeMap<&'static str, f64>,
    /// What blind guessing yields.
    pub blind: f64,
}

/// Gives an option a number; the options with the highest are picked.
type Thumb = fn(&OptionFile, usize, &str) -> usize;

/// Rules of thumb.
const THUMBS: &[(&str, Thumb)] = &[
    ("longest", |option, _, language| length(option, language)),
    ("shortest", |option, _, language| usize::MAX - length(option, language)),
    ("first", |_, place, _| usize::MAX - place),
    ("last", |_, place, _| place),
    ("fewest_absolute_words", |option, _, language| usize::MAX - absolute(option, language).len()),
];

pub fn quiz_guessing(content: &LessonContent, language: &str) -> Guessing {
    let items = || keyed(&content.quiz.items);
    let count = items().count();
    let mean = |sum: f64| if count == 0 { 0.0 } else { rounded(sum / float_of(count)) };
    let by: BTreeMap<&str, f64> = THUMBS
        .iter()
        .map(|(name, thumb)| (*name, mean(items().map(|item| luck(item, |option, place| thumb(option, place, language))).sum())))
        .collect();
    let best = by.iter().max_by(|a, b| a.1.total_cmp(b.1)).map_or(("", 0.0), |(name, share)| (*name, *share));
    let blind = mean(items().map(|item| 1.0 / float_of(item.options.len())).sum());
    let (lesson, language) = (content.lesson.slug.clone(), language.to_owned());
    Guessing { lesson, language, items: count, best: best.0, expected: best.1, by, blind }
}

fn luck(item: &SingleChoice, rank: impl Fn(&OptionFile, usize) -> usize) -> f64 {
    let ranked: Vec<(usize, bool)> =
        item.options.iter().enumerate().map(|(place, option)| (rank(option, place), option.id == item.key)).collect();
    let most = ranked.iter().map(|(rank, _)| *rank).max();
    let picked: Vec<bool> = ranked.iter().filter(|(rank, _)| Some(*rank) == most).map(|(_, right)| *right).collect();
    share(picked.iter().filter(|right| **right).count(), picked.len())
}

fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}
