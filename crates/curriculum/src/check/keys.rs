//! Whether an item can be answered: its objective, its evidence, and a key of the kind's shape.

use std::collections::BTreeSet;

use crate::check::findings::{FindingPlace, Findings};
use crate::check::forms;
use crate::check::table::{self, CheckRule};
use crate::format::{Item, Matching, MultipleResponse, Numeric, Ordering, PointAtField, ShortText, SingleChoice, Task};
use crate::kinds::{Decimal, leads_somewhere, normalised, same_pointer, within};
use crate::source::LessonContent;

/// Fewer options can be guessed too well.
const FEWEST_OPTIONS: usize = 3;
/// The handbook asks for so many: three are guessed once in three times.
const GOOD_OPTIONS: usize = 4;
/// With two items there is one pair to put into order.
const FEWEST_IN_ORDER: usize = 3;
const FEWEST_PROMPTS: usize = 2;

pub fn check_key(item: &Item, content: &LessonContent, place: &FindingPlace, out: &mut Findings<'_>) {
    if !content.lesson.objectives.iter().any(|o| o.id == item.objective) {
        let message = format!("item {} names the objective {}, which the lesson does not have", item.id, item.objective);
        out.add(table::OBJECTIVE_UNKNOWN, &place.at("objective", &item.objective), message);
    }
    if item.evidence.is_empty() {
        out.add(table::ITEM_EVIDENCE, place, format!("item {} shows no evidence", item.id));
    }
    let key = &mut KeyFindings { item, place, out };
    match &item.task {
        Task::SingleChoice(task) => single(task, key),
        Task::MultipleResponse(task) => multiple(task, key),
        Task::Ordering(task) => ordering(task, key),
        Task::Matching(task) => matching(task, key),
        Task::ShortText(task) => short_text(task, key),
        Task::Numeric(task) => numeric(task, key),
        Task::PointAtField(task) => point(task, key),
    }
}

struct KeyFindings<'a, 'b, 'c> {
    item: &'a Item,
    place: &'a FindingPlace,
    out: &'b mut Findings<'c>,
}

impl KeyFindings<'_, '_, '_> {
    fn wrong(&mut self, rule: CheckRule, message: &str) {
        self.out.add(rule, self.place, format!("item {}: {message}", self.item.id));
    }

    fn wrong_if(&mut self, wrong: bool, rule: CheckRule, message: &str) {
        if wrong {
            self.wrong(rule, message);
        }
    }
}

fn single(task: &SingleChoice, key: &mut KeyFindings<'_, '_, '_>) {
    if task.options.iter().filter(|option| option.id == task.key).count() != 1 {
        let message = format!("item {}: the key {:?} must be the id of exactly one option", key.item.id, task.key);
        key.out.add(table::ITEM_KEY, &key.place.at("key", &task.key), message);
    }
    key.wrong_if(task.options.len() < FEWEST_OPTIONS, table::ITEM_OPTIONS, "has fewer than three options");
    let few = (FEWEST_OPTIONS..GOOD_OPTIONS).contains(&task.options.len());
    key.wrong_if(few, table::ITEM_OPTIONS_FEW, "has three options; the handbook asks for four");
}

fn multiple(task: &MultipleResponse, key: &mut KeyFindings<'_, '_, '_>) {
    let known = ids(key.item);
    let right: BTreeSet<&str> = task.key.iter().map(String::as_str).collect();
    let fits = right.len() == task.key.len() && right.is_subset(&known);
    key.wrong_if(!fits, table::ITEM_KEY, "each id of the key must be that of an option, and stand once");
    let some = !right.is_empty() && right.len() < known.len();
    key.wrong_if(!some, table::ITEM_KEY, "the key must hold some options and leave some out");
    key.wrong_if(known.len() < FEWEST_OPTIONS, table::ITEM_OPTIONS, "has fewer than three options");
}

fn ordering(task: &Ordering, key: &mut KeyFindings<'_, '_, '_>) {
    let right: BTreeSet<&str> = task.key.iter().map(String::as_str).collect();
    let fits = right.len() == task.key.len() && right == ids(key.item);
    key.wrong_if(!fits, table::ITEM_KEY, "the key must hold the id of every option once");
    let solved = task.options.iter().map(|option| &option.id).eq(&task.key);
    key.wrong_if(
        solved,
        table::ITEM_KEY,
        "the options stand in the order of the key: where they are not shuffled, that shows it",
    );
    key.wrong_if(task.options.len() < FEWEST_IN_ORDER, table::ITEM_OPTIONS, "has fewer than three options");
}

fn matching(task: &Matching, key: &mut KeyFindings<'_, '_, '_>) {
    let known = ids(key.item);
    for prompt in task.prompts.iter().filter(|prompt| !known.contains(prompt.key.as_str())) {
        let message = format!("item {}: the key {:?} of prompt {} is no choice", key.item.id, prompt.key, prompt.id);
        key.out.add(table::ITEM_KEY, &key.place.id(&prompt.id), message);
    }
    key.wrong_if(task.prompts.len() < FEWEST_PROMPTS, table::ITEM_OPTIONS, "has fewer than two prompts");
    key.wrong_if(known.len() < FEWEST_OPTIONS, table::ITEM_OPTIONS, "has fewer than three choices");
}

fn ids(item: &Item) -> BTreeSet<&str> {
    item.task.option_ids().into_iter().collect()
}

fn short_text(task: &ShortText, key: &mut KeyFindings<'_, '_, '_>) {
    let form = |form: &str| normalised(form, task.case_sensitive);
    let accepted: BTreeSet<String> = task.accepted.iter().map(|accepted| form(&accepted.form)).collect();
    key.wrong_if(task.accepted.is_empty() || accepted.contains(""), table::ITEM_KEY, "has no accepted form, or an empty one");
    key.wrong_if(accepted.len() < task.accepted.len(), table::ITEM_KEY, "two accepted forms are the same once normalised");
    let full = task.accepted.first().is_none_or(|accepted| accepted.share.is_none());
    key.wrong_if(!full, table::ITEM_KEY, "the first accepted form is shown as the right answer, so it must be worth all points");
    let share = |share: f64| share > 0.0 && share <= 1.0 && ((share * 1000.0) - (share * 1000.0).round()).abs() < 1e-6;
    let shares = task.accepted.iter().filter_map(|accepted| accepted.share).all(share);
    key.wrong_if(!shares, table::ITEM_KEY, "a share must be above 0 and at most 1, with at most three decimals");
    let clash = task.mistakes.iter().any(|mistake| accepted.contains(&form(&mistake.form)));
    key.wrong_if(clash, table::ITEM_KEY, "a mistake is an accepted form too");
    let forms = task.accepted.iter().map(|accepted| &accepted.form).chain(task.mistakes.iter().map(|mistake| &mistake.form));
    for (form, why) in forms.filter_map(|form| Some((form, forms::untypeable(form)?))) {
        key.wrong(table::ITEM_FORM, &format!("the form {form:?} {why}"));
    }
    // What stands in the stem is no answer worth typing.
    let stems: Vec<String> = key.item.stem.values().map(|stem| normalised(stem, false)).collect();
    let in_stem = |form: &str| !form.is_empty() && stems.iter().any(|stem| forms::is_in(stem, form));
    let shown = task.accepted.iter().any(|accepted| in_stem(&normalised(&accepted.form, false)));
    key.wrong_if(shown, table::ITEM_KEY, "the stem holds an accepted form");
}

fn numeric(task: &Numeric, key: &mut KeyFindings<'_, '_, '_>) {
    let numbers = [task.key, task.tolerance].into_iter().chain(task.mistakes.iter().map(|slip| slip.value));
    let fit = numbers.into_iter().all(|number| Decimal::of(number).is_some()) && task.tolerance >= 0.0;
    key.wrong_if(!fit, table::ITEM_KEY, "numbers must have at most nine decimals, and the tolerance must not be below 0");
    let clash = task.mistakes.iter().any(|slip| within(task, slip.value));
    key.wrong_if(clash, table::ITEM_KEY, "a mistake is within the tolerance of the key");
}

fn point(task: &PointAtField, key: &mut KeyFindings<'_, '_, '_>) {
    let json = key.item.evidence.get(task.shown).is_some_and(|e| serde_json::from_str::<serde_json::Value>(&e.content).is_ok());
    if !json {
        key.wrong(table::ITEM_KEY, "`shown` must be the index of an evidence that is JSON");
        return;
    }
    key.wrong_if(task.key.is_empty(), table::ITEM_KEY, "has no pointer as its key");
    let pointers = || task.key.iter().chain(task.mistakes.iter().map(|misread| &misread.pointer));
    for pointer in pointers().filter(|pointer| !leads_somewhere(key.item, task, pointer)) {
        let message = format!("item {}: the pointer {pointer:?} leads nowhere in the shown body", key.item.id);
        key.out.add(table::ITEM_KEY, key.place, message);
    }
    let clash = task.mistakes.iter().any(|misread| task.key.iter().any(|right| same_pointer(right, &misread.pointer)));
    key.wrong_if(clash, table::ITEM_KEY, "a mistake is in the key too");
}
