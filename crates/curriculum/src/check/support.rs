//! Whether options and keys stand on something: words of the course, of the evidence, of the lesson. English; pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::evasive;
use crate::check::evidence::{is_of_trade, word_starts};
use crate::check::findings::{FindingPlace, Findings};
use crate::check::shape::block_texts;
use crate::check::table;
use crate::check::words::{in_default, is_english, words};
use crate::format::{AuthoredBlock, Item, OptionFile, Task};
use crate::source::LessonContent;

/// A word of an option belongs to the bank where so many other items use it.
const ITEMS_USE: usize = 2;

const MONTHS: &[&str] =
    &["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
/// Years that a text may name.
const YEARS: std::ops::RangeInclusive<u32> = 1950..=2099;

pub fn check_support(content: &LessonContent, out: &mut Findings<'_>) {
    let language = content.lesson.default_language.as_str();
    if !is_english(language) {
        return;
    }
    let place = FindingPlace::of(content, "quiz").below("items");
    let bank = BankWords::of(content, language);
    for item in &content.quiz.items {
        let here = place.id(&item.id);
        bank.far(item, language, &here, out);
        bank.unsupported(item, language, &here, out);
        evasions(item, language, &here, out);
    }
}

/// The words of a lesson and its quiz.
struct BankWords {
    /// Of the lesson's blocks and sources, by their beginnings.
    lesson: BTreeSet<String>,
    /// Whole words of the lesson.
    lesson_words: BTreeSet<String>,
    /// By its beginning: the items that use a word.
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl BankWords {
    fn of(content: &LessonContent, language: &str) -> Self {
        let lesson: Vec<&str> = content
            .lesson
            .blocks
            .iter()
            .flat_map(|block| {
                let shown = if let AuthoredBlock::Evidence { content, .. } = block { Some(content.as_str()) } else { None };
                block_texts(block).into_iter().map(|text| in_default(text, language)).chain(shown)
            })
            .chain(content.lesson.sources.iter().map(|source| source.title.as_str()))
            .collect();
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in &content.quiz.items {
            for word in item_texts(item, language).into_iter().flat_map(word_starts) {
                uses.entry(word).or_default().insert(item.id.clone());
            }
        }
        Self {
            lesson_words: lesson.iter().flat_map(|text| words(text)).collect(),
            lesson: lesson.into_iter().flat_map(word_starts).collect(),
            uses,
        }
    }

    /// Whether the lesson, or other items, use a word.
    fn knows(&self, word: &str, item: &Item) -> bool {
        let others = self.uses.get(word).map_or(0, |items| items.iter().filter(|id| **id != item.id).count());
        self.lesson.contains(word) || self.lesson_words.contains(word) && word.chars().count() == 3 || others >= ITEMS_USE
    }

    /// Options none of whose words the evidence, the stem, the lesson or other items have.
    fn far(&self, item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
        let Some(single) = item.single() else { return };
        let near: BTreeSet<String> = beside_options(item, language).into_iter().flat_map(words).collect();
        let is_far = |option: &&OptionFile| {
            let own = own_word_starts(in_default(&option.text, language));
            !own.is_empty() && own.iter().all(|word| !is_near(word, &near) && !is_of_trade(word) && !self.knows(word, item))
        };
        for option in single.options.iter().filter(is_far) {
            let message = format!(
                "item {}: option {} has no word in common with the evidence, the lesson or the other items; nobody would pick it",
                item.id, option.id
            );
            out.add(table::ITEM_OPTION_FAR, &place.id(&option.id), message);
        }
    }

    /// A key with a date that stands nowhere, or with no word of the evidence and the lesson.
    fn unsupported(&self, item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
        let near = beside_options(item, language);
        let near_words: BTreeSet<String> = near.iter().flat_map(|text| words(text)).collect();
        for (id, text) in keyed(item, language) {
            let said = words(text);
            let dates: Vec<&str> = said
                .iter()
                .filter(|word| is_date(word, text) && !near_words.contains(*word) && !self.lesson_words.contains(*word))
                .map(String::as_str)
                .collect();
            let of = |word: &String| self.lesson.contains(word) || is_of_trade(word) || is_near(word, &near_words);
            let own = word_starts(text);
            let message = if !dates.is_empty() {
                format!(
                    "item {}: the key says {}, which stands neither in the evidence nor in the lesson",
                    item.id,
                    dates.join(" ")
                )
            } else if item.single().is_some() && !own.is_empty() && !own.iter().any(of) {
                format!("item {}: nothing in the evidence or the lesson supports the key", item.id)
            } else {
                continue;
            };
            out.add(table::ITEM_KEY_UNSUPPORTED, &id.map_or_else(|| place.clone(), |id| place.id(id)), message);
        }
    }
}

/// Small words of three letters and more, which any two texts share.
const SMALL: &[&str] = &[
    "the", "and", "for", "was", "were", "has", "had", "have", "are", "but", "not", "with", "that", "this", "from", "its", "his",
    "her", "him", "she", "they", "them", "who", "whom", "how", "what", "when", "where", "which", "why", "out", "off", "all",
    "any", "can", "did", "does", "may", "one", "two", "own", "too", "very", "than", "then", "there", "into", "onto", "over",
    "under", "been", "being", "will", "would", "could", "should", "because", "about", "after", "before", "while", "until", "you",
    "your", "our", "their", "some", "such", "only", "just", "also",
];

/// The beginnings of all words that carry something, short ones too.
fn own_word_starts(text: &str) -> BTreeSet<String> {
    let carries = |word: &String| word.chars().count() >= 3 && !SMALL.contains(&word.as_str());
    words(text).into_iter().filter(carries).map(|word| word.chars().take(5).collect()).collect()
}

/// Whether a word word_starts as one of these, or one of these as the word: `Ada's` and `Ada`.
fn is_near(word: &str, near: &BTreeSet<String>) -> bool {
    near.iter().any(|one| one.starts_with(word) || one.chars().count() >= 3 && word.starts_with(one.as_str()))
}

/// `May` is a month only where it is written so, and beside a number.
fn is_date(word: &str, text: &str) -> bool {
    let month = MONTHS.contains(&word)
        && match word {
            "may" => text.contains("May") && !text.trim_start().starts_with("May ") || text.trim() == "May",
            "march" => text.contains("March"),
            _ => true,
        };
    month || word.len() == 4 && word.parse().is_ok_and(|year| YEARS.contains(&year))
}

/// What a learner sees of an item beside its options.
fn beside_options<'a>(item: &'a Item, language: &str) -> Vec<&'a str> {
    let evidence = item.evidence.iter().flat_map(|one| [one.content.as_str(), in_default(&one.description, language)]);
    evidence.chain([in_default(&item.stem, language)]).collect()
}

fn item_texts<'a>(item: &'a Item, language: &str) -> Vec<&'a str> {
    let texts = item.task.texts().into_iter().map(|(_, text)| in_default(text, language));
    beside_options(item, language).into_iter().chain(texts).collect()
}

/// The right answers in words, with the option's id where there is one.
fn keyed<'a>(item: &'a Item, language: &str) -> Vec<(Option<&'a str>, &'a str)> {
    let right = |option: &&OptionFile| match &item.task {
        Task::SingleChoice(task) => task.key == option.id,
        Task::MultipleResponse(task) => task.key.contains(&option.id),
        _ => false,
    };
    let options =
        item.task.options().iter().filter(right).map(|option| (Some(option.id.as_str()), in_default(&option.text, language)));
    let typed = if let Task::ShortText(task) = &item.task { task.accepted.first() } else { None };
    options.chain(typed.map(|accepted| (None, accepted.form.as_str()))).collect()
}

/// Text that shows how to get past a check: as a right answer in any case, elsewhere where it is shown with its aim.
fn evasions(item: &Item, language: &str, place: &FindingPlace, out: &mut Findings<'_>) {
    let right: BTreeSet<&str> = match &item.task {
        Task::Ordering(task) => task.options.iter().map(|option| option.id.as_str()).collect(),
        _ => keyed(item, language).into_iter().filter_map(|(id, _)| id).collect(),
    };
    for option in item.task.options() {
        let (text, rationale) = (in_default(&option.text, language), in_default(&option.rationale, language));
        let is_right = right.contains(option.id.as_str());
        let found = if is_right {
            evasive::teaches(text).or_else(|| evasive::teaches(rationale))
        } else {
            [text, rationale].into_iter().filter(|text| evasive::demonstrates(text)).find_map(evasive::teaches)
        };
        if let Some(found) = found {
            let how = if is_right { "teaches" } else { "shows" };
            let message = format!(
                "item {}: option {} {how} how to get past a check ({found:?}); name the kind instead",
                item.id, option.id
            );
            out.add(table::ITEM_EVASION, &place.id(&option.id), message);
        }
    }
}
