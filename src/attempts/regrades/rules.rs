//! What regrading an attempt comes to, and what many of them come to together. Pure.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::attempts::grading::{self, Given, Graded, StoredGrading};
use crate::attempts::kinds;
use crate::attempts::order::Drawn;
use crate::attempts::points;
use crate::attempts::wire::{GradedItem, ResultView};
use crate::lessons::rules::item_of;
use crate::lessons::source::LessonContent;

/// An attempt that was submitted.
pub struct Submitted<'a> {
    pub drawn: &'a [Drawn],
    pub given: &'a HashMap<String, Given>,
    /// The grading in force.
    pub old: &'a StoredGrading,
    /// The digest of the version that the attempt is pinned to, and its content.
    pub version: &'a str,
    pub content: &'a LessonContent,
}

/// A version that grades, by its digest and content.
#[derive(Clone, Copy)]
pub struct By<'a> {
    pub version: &'a str,
    pub content: &'a LessonContent,
}

/// An item whose verdict or points are others than before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedItem {
    pub item: String,
    pub verdict: OldAndNew<String>,
    pub points: OldAndNew<f64>,
    pub max_points: OldAndNew<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OldAndNew<T> {
    pub old: T,
    pub new: T,
}

/// A graded attempt, and in what it differs from before.
#[derive(Debug, Clone)]
pub struct Regraded {
    pub graded: Graded,
    pub kept_items: Vec<String>,
    pub changed_items: Vec<ChangedItem>,
}

impl Regraded {
    /// Whether any verdict or score is another one. Counting changed items is not enough: each result is compared too.
    pub fn is_change(&self, old: &ResultView) -> bool {
        let new = &self.graded.result;
        !self.changed_items.is_empty() || (new.raw, new.max, new.success) != (old.raw, old.max, old.success)
    }

    pub fn stored(&self) -> StoredGrading {
        let Regraded { graded: Graded { result, items, .. }, kept_items, .. } = self.clone();
        StoredGrading { result, items, kept_items }
    }
}

/// Grades an attempt again: its items by their namesakes in `by`, with the keys and points of that version. An item that is not
/// there, or that the given answer does not fit there, keeps the grading in force. The attempt's own version says what passes.
pub fn regrade(attempt: &Submitted<'_>, by: By<'_>) -> Regraded {
    let number = attempt.old.result.grading.saturating_add(1);
    let elapsed_ms = attempt.old.result.elapsed_ms;
    let fresh = grading::grade_attempt(by.content, attempt.drawn, attempt.given, number, elapsed_ms);
    let (mut items, mut kept_items) = (Vec::new(), Vec::new());
    for old in &attempt.old.items {
        let new = fresh.items.iter().find(|new| new.item == old.item);
        match new.filter(|new| is_gradable(by.content, &new.item, attempt.given)) {
            Some(new) => {
                let version = (by.version != attempt.version).then(|| by.version.to_owned());
                items.push(GradedItem { version, ..new.clone() });
            }
            None => {
                kept_items.push(old.item.clone());
                items.push(old.clone());
            }
        }
    }
    let changed_items: Vec<_> = attempt.old.items.iter().zip(&items).filter_map(|(old, new)| changed(old, new)).collect();
    let mut graded = grading::graded_total(items, attempt.content.quiz.policy.pass_mark, number, elapsed_ms);
    if changed_items.is_empty() {
        stand(&mut graded, &attempt.old.result);
    }
    Regraded { graded, kept_items, changed_items }
}

/// Where no item changed the score and the verdict in force stand: that sums were once rounded otherwise takes nothing away.
fn stand(graded: &mut Graded, old: &ResultView) {
    let ResultView { raw, max, scaled, success, .. } = *old;
    graded.raw_milli = points::milli(raw);
    graded.max_milli = points::milli(max);
    graded.scaled_e4 = i32::try_from(points::milli(scaled * 10.0)).unwrap_or_default();
    graded.result = ResultView { raw, max, scaled, success, ..graded.result.clone() };
}

fn is_gradable(content: &LessonContent, id: &str, given: &HashMap<String, Given>) -> bool {
    item_of(content, id).is_some_and(|item| given.get(id).is_none_or(|given| kinds::fits(item, &given.response).is_ok()))
}

fn changed(old: &GradedItem, new: &GradedItem) -> Option<ChangedItem> {
    let same =
        (old.points, old.max_points) == (new.points, new.max_points) && old.verdict == new.verdict && old.parts == new.parts;
    (!same).then(|| ChangedItem {
        item: new.item.clone(),
        verdict: OldAndNew { old: old.verdict.clone(), new: new.verdict.clone() },
        points: OldAndNew { old: old.points, new: new.points },
        max_points: OldAndNew { old: old.max_points, new: new.max_points },
    })
}

/// What a regrade came to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub regraded: i64,
    pub changed: i64,
    /// By their score.
    pub raised: i64,
    pub lowered: i64,
    pub now_passed: i64,
    pub no_longer_passed: i64,
    /// The sum of all changes of the score, in ten-thousandths.
    pub change_e4: i64,
    /// Item -> attempts in which its verdict or points changed.
    pub changed_items: BTreeMap<String, i64>,
    /// Item -> attempts in which it kept the grading it had.
    pub kept_items: BTreeMap<String, i64>,
}

impl Tally {
    pub fn add(&mut self, old: &ResultView, old_e4: i32, new: &Regraded) {
        let count = |n: &mut i64, is: bool| *n = n.saturating_add(i64::from(is));
        count(&mut self.regraded, true);
        count(&mut self.changed, new.is_change(old));
        let change = i64::from(new.graded.scaled_e4).saturating_sub(i64::from(old_e4));
        count(&mut self.raised, change > 0);
        count(&mut self.lowered, change < 0);
        self.change_e4 = self.change_e4.saturating_add(change);
        count(&mut self.now_passed, new.graded.result.success && !old.success);
        count(&mut self.no_longer_passed, !new.graded.result.success && old.success);
        for changed in &new.changed_items {
            count(self.changed_items.entry(changed.item.clone()).or_default(), true);
        }
        for kept in &new.kept_items {
            count(self.kept_items.entry(kept.clone()).or_default(), true);
        }
    }

    /// The mean change of the score from 0 to 1, over all regraded attempts, with four decimals.
    pub fn mean_change(&self) -> f64 {
        let whole = |n: i64| f64::from(i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX }));
        let mean = if self.regraded == 0 { 0.0 } else { whole(self.change_e4) / whole(self.regraded) };
        mean.round() / 10_000.0
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
