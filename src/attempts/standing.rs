//! What a learner did in a lesson so far, and what follows: where an attempt counts, whether all are used up, whether the key was
//! seen. Pure.

use std::collections::BTreeSet;

use crate::db::types::Id;
use crate::lessons::format::{AuthoredWhen, Policy};

/// One attempt of a learner on a lesson.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Earlier {
    pub id: Id,
    pub placement: String,
    /// See [`Standing::counted_in`].
    pub counted_in: String,
    pub purpose: String,
    pub state: String,
    pub version: String,
    pub scaled_e4: Option<i32>,
    pub passed: Option<bool>,
    pub key_seen_before: bool,
}

impl Earlier {
    fn is_assigned(&self) -> bool {
        self.purpose == "assigned"
    }

    fn is_submitted(&self) -> bool {
        self.state == "submitted"
    }

    /// Whether it passed by the mark of its own version, and by `mark` too where that is higher than `own`. So nobody gets
    /// the keys by passing an old version that asks for less.
    pub fn passes(&self, own: f64, mark: f64) -> bool {
        self.passed == Some(true) && (own >= mark || self.scaled_e4.is_some_and(|scaled| f64::from(scaled) / 10_000.0 >= mark))
    }
}

/// All attempts of a learner on a lesson.
#[derive(Debug, Clone, Default)]
pub struct Standing(pub Vec<Earlier>);

impl Standing {
    /// The placement that an attempt is counted with. Every placement has its own number of attempts, so it must not be the
    /// learner's to choose: one that no acting client has named yet for this learner and lesson is none of its own, and its
    /// attempts count together with those that have no placement.
    pub fn counted_in<'a>(&self, placement: &'a str, acting: bool) -> &'a str {
        if acting || self.0.iter().any(|one| one.counted_in == placement) { placement } else { "" }
    }

    /// How many assigned attempts were begun that are counted there.
    pub fn used(&self, counted_in: &str) -> usize {
        self.0.iter().filter(|one| one.is_assigned() && one.counted_in == counted_in).count()
    }

    /// The number of the next attempt in a placement as the caller names it.
    pub fn next_number(&self, placement: &str) -> i32 {
        let before = self.0.iter().filter(|one| one.placement == placement).count();
        i32::try_from(before).map_or(i32::MAX, |n| n.saturating_add(1))
    }

    /// An open attempt in a placement. Where none has the place, it is one that stood beside another one until that was submitted.
    pub fn open_in(&self, placement: &str) -> Option<Id> {
        let open = self.0.iter().find(|one| one.state == "in_progress" && one.purpose != "preview" && one.placement == placement);
        open.map(|one| one.id)
    }

    pub fn has_submitted_an_assigned_one(&self) -> bool {
        self.0.iter().any(|one| one.is_assigned() && one.is_submitted())
    }

    fn places(&self) -> BTreeSet<&str> {
        self.0.iter().filter(|one| one.is_assigned()).map(|one| one.counted_in.as_str()).collect()
    }

    fn done_in(&self, place: &str, allowed: Option<u32>, passes: &impl Fn(&Earlier) -> bool) -> bool {
        let mut submitted = self.0.iter().filter(|one| one.is_assigned() && one.is_submitted() && one.counted_in == place);
        let n = submitted.clone().count();
        submitted.any(passes) || allowed.and_then(|allowed| usize::try_from(allowed).ok()).is_some_and(|allowed| n >= allowed)
    }

    /// Whether no attempt is left that a key could help: in every place where the learner began one, one has passed or all are
    /// submitted.
    pub fn done(&self, allowed: Option<u32>, passes: impl Fn(&Earlier) -> bool) -> bool {
        let places = self.places();
        !places.is_empty() && places.iter().all(|place| self.done_in(place, allowed, &passes))
    }

    /// Whether the key of the lesson may have been shown by now. What each attempt's own version allows is the most that ever
    /// was shown of it, however strict the lesson has become since. Practice shows none before an assigned attempt did, unless
    /// its keys are given away.
    pub fn key_seen<'a>(&self, policy: impl Fn(&str) -> Option<&'a Policy>) -> bool {
        // What was seen stays seen, though further attempts may be open again.
        self.0.iter().any(|one| one.key_seen_before)
            || self.0.iter().filter(|one| one.is_submitted()).any(|one| {
                policy(&one.version).is_none_or(|policy| match policy.reveal.key {
                    _ if !one.is_assigned() => policy.practice_keys,
                    AuthoredWhen::Submitted => true,
                    AuthoredWhen::AttemptsUsed => self.done(policy.attempts_allowed, |one| one.passed == Some(true)),
                    AuthoredWhen::Never => false,
                })
            })
    }
}

/// How many assigned attempts are allowed in a place: neither the version that is attempted nor the newest one is exceeded.
pub fn allowed(own: &Policy, newest: &Policy) -> Option<u32> {
    [own.attempts_allowed, newest.attempts_allowed].into_iter().flatten().min()
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
