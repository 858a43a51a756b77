//! The rules of a good curriculum, as a table: a stable name, how much it weighs, and what it finds.

use crate::source::Severity;

/// One rule. Its name stands in the JSON of `waymark check` and keeps its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckRule {
    pub name: &'static str,
    pub severity: Severity,
    /// What it finds, in one line.
    pub finds: &'static str,
}

macro_rules! rules {
    ($($rule:ident $severity:ident $name:literal $finds:literal;)*) => {
        $(pub const $rule: CheckRule = CheckRule { name: $name, severity: Severity::$severity, finds: $finds };)*
        /// Every rule of lessons, in the order of the handbook.
        pub const ALL: &[CheckRule] = &[$($rule),*];
    };
}

rules! {
    ID Error "id" "a slug or id with other than lower-case letters, digits and hyphens";
    ID_REPEATED Error "id-repeated" "an id that stands twice in its list: blocks, sources, objectives, items, options, criteria, cases";
    ID_REPEATED_IN_COURSE Error "id-repeated-in-course" "an id of an item, exercise or case, or a slug, that stands twice in the course";
    LANGUAGE Error "language" "a text that is missing in a language of the lesson, or there in another";
    TEXT_TOO_MUCH Error "text-too-much" "a text that is longer than 64 KiB, nests deeper than 32 or has over 100 tags of HTML: it is shown as it is written";
    TABLE_ROW Error "table-row" "a row of a table with too few or too many cells";
    POLICY Error "policy" "a pass mark, a number of attempts or a draw that cannot be";
    POINTS Error "points" "points with more than three decimals, or below what is allowed";
    EXERCISE_STEPS Error "exercise-steps" "steps that are not the four parts in their order";
    CRITERION_CHECK Error "criterion-check" "a check that does not exist, stands twice or is another part's";
    CASE_EVIDENCE Error "case-evidence" "evidence of a case that no submission could bring";

    OBJECTIVE_UNTESTED Error "objective-untested" "an objective that no item tests";
    OBJECTIVE_ONCE Advice "objective-once" "an objective that one item alone tests";
    OBJECTIVE_UNKNOWN Error "objective-unknown" "an item whose objective the lesson does not have";
    QUIZ_LONGEST_KEY Error "quiz-longest-key" "the right option is the longest in more than a third of the items";
    QUIZ_KEY_PLACE Error "quiz-key-place" "of the items with four options, a place that is right in over 40 % or under 10 %";
    QUIZ_ITEMS_ALIKE Error "quiz-items-alike" "two items whose stem and evidence are over 0.8 alike";
    QUIZ_SAME_OPTIONS Error "quiz-same-options" "two items about the same evidence, or none, that share three quarters of their options";
    QUIZ_OPTION_RECURS Error "quiz-option-recurs" "an option that stands word for word in three or more items";

    QUIZ_NOTHING_OPEN Advice "quiz-nothing-open" "a quiz about layers in which no item is best left open";
    POINTS_APART Advice "points-apart" "an item of over five times, or under a fifth, of the points of most others";

    ITEM_EVIDENCE Error "item-evidence" "an item without evidence";
    EVIDENCE_CLAIM Error "evidence-claim" "evidence of a type that it does not parse as, and that is not said to be cut";
    EVIDENCE_SECRET Error "evidence-secret" "a key, an account, an address or a number of a person that is not marked as a sample in itself";
    ITEM_EVIDENCE_IDLE Advice "item-evidence-idle" "evidence that speaks to none of the options";
    ITEM_STEM_TELLS Advice "item-stem-tells" "a stem that gives away what decides in the evidence";
    ITEM_RATIONALE Error "item-rationale" "an option, a prompt, a mistake or an item without a rationale";
    ITEM_KEY Error "item-key" "a key that its kind cannot have: an id or a pointer that leads nowhere, options listed in the key's order, an accepted form that stands in the stem, a mistake that is right";
    ITEM_KEY_CONTRADICTED Advice "item-key-contradicted" "a key that names another layer than the field of the evidence that decides";
    ITEM_KEY_UNSUPPORTED Advice "item-key-unsupported" "a key with a date, or with nothing at all, of what the evidence and the lesson say";
    ITEM_LAYER_TAG Advice "item-layer-tag" "an option tagged with another layer than its text speaks of";
    ITEM_TOLERANCE Error "item-tolerance" "a tolerance of over half of the key";
    ITEM_POINTER_WHOLE Error "item-pointer-whole" "a pointer as the key that names the whole body, most of it, or a mistake too";
    ITEM_PROMPTS_ALIKE Error "item-prompts-alike" "two prompts of an item that say the same, or nearly so";
    ITEM_TICKING_ALL Advice "item-ticking-all" "ticking every option gets over half of the points, or one choice is right for every prompt";
    ITEM_EVASION Error "item-evasion" "an option or a rationale that teaches how to get past a check";
    ITEM_FORM Error "item-form" "a form of a short text that nobody can type: with markup, invisible or control characters, or too long";
    ITEM_OPTIONS Error "item-options" "fewer than three options or choices, or fewer than two prompts";
    ITEM_OPTIONS_FEW Advice "item-options-few" "a single choice with three options";
    ITEM_OPTIONS_ALIKE Error "item-options-alike" "two options of an item that say the same, or nearly so";
    ITEM_OPTION_EMPTY Advice "item-option-empty" "an option that offers nothing to choose";
    ITEM_OPTION_FAR Advice "item-option-far" "an option without a word in common with the evidence, the lesson or the other items";
    ITEM_RATIONALE_EMPTY Advice "item-rationale-empty" "a rationale that says \"right\" or \"wrong\", or the option once more, and no reason";
    ITEM_ALL_OR_NONE Error "item-all-or-none" "\"all of the above\" or \"none of the above\", in whatever words";
    ITEM_NEGATIVE_STEM Error "item-negative-stem" "a question that turns on \"not\", \"except\", \"untrue\" or the like, neither bold nor in capitals";
    ITEM_ARTICLE Advice "item-article" "a stem that ends in an article which not every option follows";
    ITEM_ABSOLUTE Advice "item-absolute" "absolute words in an option, outside of quotes and code";
    ITEM_CLUE Advice "item-clue" "a word of the stem, of five letters or more, that only the right option repeats";
    ITEM_LENGTHS Advice "item-lengths" "the longest option is over 2.2 times as long as the shortest";

    LINK Error "link" "a link inside the course that leads nowhere";
    GLOSSARY_TERM_REPEATED Error "glossary-term-repeated" "two terms of the glossary that are called the same";
    GUIDE_GROUP Error "guide-group" "a row of the field guide without a group where there are groups, or out of their order";
    GUIDE_LAYER Error "guide-layer" "a row of the field guide whose signals all speak for other layers";
    READING_LEVEL Advice "reading-level" "prose over grade 12 (Flesch-Kincaid)";
    READING_TIME Advice "reading-time" "reading time outside of 4 to 12 minutes";
    SOURCE_URL Error "source-url" "a source whose url is no address of the web: a page would make a link of it";
    SOURCE_STALE Advice "source-stale" "a source reviewed over a year before the newest review of the course";
    SEED_COPIED Error "seed-copied" "six words in a row that stand in the text given with --seed";
}
