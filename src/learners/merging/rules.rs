//! What becomes of attempts when two learners become one, and when they are two again. Pure.
//!
//! Within a learner, lesson and placement no two attempts share a number, and at most one has the place of the open one. Others that
//! are open stay so beside it: they keep their answers, take further ones and can be submitted.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::db::types::{Id, Time};

/// How long a merge can be undone, in days.
pub const UNDO_DAYS: i64 = 30;
/// How many learners may be merged into one, those included that were merged into them before.
pub const MOST_MERGED: usize = 20;

/// An attempt, as far as a merge looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAttempt {
    pub id: Id,
    pub learner: Id,
    pub lesson: String,
    pub placement: String,
    pub started_at: Time,
    pub number: i32,
    /// Open, and no preview.
    pub open: bool,
    /// Open beside the one that has the place.
    pub beside: bool,
}

/// Whose an attempt is, or was, and as which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptPlace {
    pub learner: Id,
    pub number: i32,
    pub beside: bool,
}

impl HeldAttempt {
    pub fn place(&self) -> AttemptPlace {
        AttemptPlace { learner: self.learner, number: self.number, beside: self.beside }
    }
}

/// By lesson and placement.
type Groups<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a HeldAttempt>>;

fn groups(attempts: &[HeldAttempt]) -> Groups<'_> {
    let mut groups = Groups::new();
    for one in attempts {
        groups.entry((&one.lesson, &one.placement)).or_default().push(one);
    }
    groups
}

/// Numbers from `first` on, in order.
fn numbers(first: i32) -> impl Iterator<Item = i32> {
    (0..).map(move |n: i32| first.saturating_add(n))
}

/// Which of these attempts of one learner and place are open beside another: all open ones but the first.
fn beside(mut open: Vec<(bool, Time, Id)>) -> Vec<Id> {
    open.sort();
    open.into_iter().skip(1).map(|(_, _, id)| id).collect()
}

/// The places of attempts once all of them are `into`'s: of every attempt of a lesson and placement in which something moves. They are
/// numbered in the order in which they were started; what moves into an empty place keeps its number. Of two that are open the older
/// one has the place.
pub fn places_when_merged(attempts: &[HeldAttempt], into: Id) -> Vec<(Id, AttemptPlace)> {
    let mut out = Vec::new();
    for mut group in groups(attempts).into_values() {
        if group.iter().all(|one| one.learner == into) {
            continue;
        }
        if group.iter().all(|one| one.learner != into) {
            out.extend(group.iter().map(|one| (one.id, AttemptPlace { learner: into, ..one.place() })));
            continue;
        }
        group.sort_by_key(|one| (one.started_at, one.id));
        let beside = beside(group.iter().filter(|one| one.open).map(|one| (one.beside, one.started_at, one.id)).collect());
        let numbered = group.iter().zip(numbers(1));
        out.extend(
            numbered.map(|(one, number)| (one.id, AttemptPlace { learner: into, number, beside: beside.contains(&one.id) })),
        );
    }
    out
}

/// The places of attempts once the merge is undone. What was there before the merge is as it `was`; what `into` made since stays with it
/// and follows on the numbers that it had then.
pub fn places_when_undone(attempts: &[HeldAttempt], was: &HashMap<Id, AttemptPlace>, into: Id) -> Vec<(Id, AttemptPlace)> {
    let mut out = Vec::new();
    for mut group in groups(attempts).into_values() {
        if !group.iter().any(|one| was.contains_key(&one.id)) {
            continue;
        }
        group.sort_by_key(|one| (one.number, one.id));
        let own = group.iter().filter_map(|one| was.get(&one.id)).filter(|was| was.learner == into).map(|was| was.number);
        let mut next = numbers(own.max().unwrap_or(0).saturating_add(1));
        let mut places: Vec<(&HeldAttempt, AttemptPlace)> = Vec::new();
        for one in &group {
            let place = match was.get(&one.id) {
                Some(was) => *was,
                None => AttemptPlace { learner: into, number: next.next().unwrap_or(i32::MAX), beside: true },
            };
            places.push((one, place));
        }
        let mut open: BTreeMap<Id, Vec<(bool, Time, Id)>> = BTreeMap::new();
        for (one, place) in places.iter().filter(|(one, _)| one.open) {
            open.entry(place.learner).or_default().push((place.beside, one.started_at, one.id));
        }
        let beside: Vec<Id> = open.into_values().flat_map(beside).collect();
        out.extend(places.into_iter().map(|(one, place)| (one.id, AttemptPlace { beside: beside.contains(&one.id), ..place })));
    }
    out
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
