//! What answers are worth: points beside those of other items, tolerances, pointers that name too much, and what ticking everything gets.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::findings::{FindingPlace, Findings};
use crate::check::table;
use crate::check::words::{float_of, share};
use crate::format::{Item, Layer, Matching, MultipleResponse, Numeric, PointAtField, Scoring, Task};
use crate::kinds::same_pointer;
use crate::source::LessonContent;

/// Points of an item beside the middle of the bank.
const POINTS_APART: f64 = 5.0;
/// Fewer items have no middle.
const ENOUGH_ITEMS: usize = 4;
/// A wider tolerance takes half as much or half as much again for right.
const WIDEST: f64 = 0.5;
/// What somebody gets who ticks everything.
const TICKING_ALL: f64 = 0.5;
/// A pointer that holds more of the body's values names no field.
const MOST_LEAVES: f64 = 0.5;
const FEWEST_LEAVES: usize = 4;
const TIMES_TESTED: usize = 2;
/// From so many items on a bank is expected to cover what it should.
const WHOLE_BANK: usize = 8;

pub fn check_worth(content: &LessonContent, out: &mut Findings<'_>) {
    let place = FindingPlace::of(content, "quiz");
    let middle = middle(&content.quiz.items);
    for item in &content.quiz.items {
        let here = place.below("items").id(&item.id);
        if let Some(middle) = middle
            && middle > 0.0
            && (item.points > middle * POINTS_APART || item.points * POINTS_APART < middle)
        {
            let message = format!("item {}: {} points beside {middle} of most other items", item.id, item.points);
            out.add(table::POINTS_APART, &here, message);
        }
        match &item.task {
            Task::Numeric(task) => wide(item, task, &here, out),
            Task::PointAtField(task) => names_too_much(item, task, &here, out),
            Task::MultipleResponse(task) => ticked(item, task, &here, out),
            Task::Matching(task) => one_choice(item, task, &here, out),
            _ => {}
        }
    }
    covered(content, &place, out);
}

fn middle(items: &[Item]) -> Option<f64> {
    let mut points: Vec<f64> = items.iter().map(|item| item.points).collect();
    points.sort_by(f64::total_cmp);
    points.get(points.len() / 2).copied().filter(|_| items.len() >= ENOUGH_ITEMS)
}

fn wide(item: &Item, task: &Numeric, place: &FindingPlace, out: &mut Findings<'_>) {
    let widest = if task.key == 0.0 { WIDEST } else { task.key.abs() * WIDEST };
    if task.tolerance > widest {
        let message = format!("item {}: a tolerance of {} takes almost any number for {}", item.id, task.tolerance, task.key);
        out.add(table::ITEM_TOLERANCE, place, message);
    }
}

/// A pointer to the whole body, or to most of it, is right for whoever has found nothing.
fn names_too_much(item: &Item, task: &PointAtField, place: &FindingPlace, out: &mut Findings<'_>) {
    let Some(Ok(body)) = item.evidence.get(task.shown).map(|shown| serde_json::from_str::<Value>(&shown.content)) else { return };
    let all = leaves(&body);
    for pointer in &task.key {
        let Some(found) = body.pointer(pointer) else { continue };
        let holds = leaves(found);
        let names_most = found.is_object() || found.is_array();
        let most = names_most && holds >= FEWEST_LEAVES && share(holds, all) > MOST_LEAVES;
        let holds_a_mistake = task.mistakes.iter().any(|misread| {
            !same_pointer(pointer, &misread.pointer)
                && misread.pointer.strip_prefix(pointer.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
        if pointer.is_empty() || most || holds_a_mistake {
            let message = format!("item {}: the pointer {pointer:?} of the key names more than the field that decides", item.id);
            out.add(table::ITEM_POINTER_WHOLE, place, message);
        }
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(leaves).sum(),
        Value::Object(map) => map.values().map(leaves).sum(),
        _ => 1,
    }
}

fn ticked(item: &Item, task: &MultipleResponse, place: &FindingPlace, out: &mut Findings<'_>) {
    let (right, all) = (task.key.len(), task.options.len());
    if task.scoring != Scoring::Partial || right == 0 || right >= all {
        return;
    }
    let gain = (float_of(right) - float_of(all - right)) / float_of(right);
    if gain > TICKING_ALL {
        let message =
            format!("item {}: {right} of {all} options are right, so ticking all gets {gain:.2} of the points", item.id);
        out.add(table::ITEM_TICKING_ALL, place, message);
    }
}

/// All prompts with one choice need no reading.
fn one_choice(item: &Item, task: &Matching, place: &FindingPlace, out: &mut Findings<'_>) {
    let keys: BTreeSet<&str> = task.prompts.iter().map(|prompt| prompt.key.as_str()).collect();
    if keys.len() == 1 && task.prompts.len() > 1 {
        out.add(table::ITEM_TICKING_ALL, place, format!("item {}: one choice is right for every prompt", item.id));
    }
}

/// Each objective at least twice, and at least one item that is best left open. A quiz that has just been begun is let be.
fn covered(content: &LessonContent, place: &FindingPlace, out: &mut Findings<'_>) {
    if content.quiz.items.len() < WHOLE_BANK {
        return;
    }
    for objective in &content.lesson.objectives {
        let times = content.quiz.items.iter().filter(|item| item.objective == objective.id).count();
        if (1..TIMES_TESTED).contains(&times) {
            let here = FindingPlace::of(content, "lesson").below("objectives").id(&objective.id);
            out.add(table::OBJECTIVE_ONCE, &here, format!("one item alone tests the objective {}", objective.id));
        }
    }
    // Only a quiz about layers can have an open case.
    let layers = |item: &Item| -> Vec<(bool, Option<Layer>)> {
        match &item.task {
            Task::SingleChoice(task) => task.options.iter().map(|option| (option.id == task.key, option.layer)).collect(),
            Task::Matching(task) => task
                .choices
                .iter()
                .map(|choice| (task.prompts.iter().any(|prompt| prompt.key == choice.id), choice.layer))
                .collect(),
            Task::PointAtField(task) => vec![(true, task.layer)],
            other => other.options().iter().map(|option| (false, option.layer)).collect(),
        }
    };
    let all: Vec<(bool, Option<Layer>)> = content.quiz.items.iter().flat_map(layers).collect();
    let is_about_layers = all.iter().any(|(_, layer)| layer.is_some());
    if is_about_layers && !all.iter().any(|(right, layer)| *right && *layer == Some(Layer::Undetermined)) {
        out.add(table::QUIZ_NOTHING_OPEN, place, "no item is best answered with \"not settled yet\"");
    }
}
