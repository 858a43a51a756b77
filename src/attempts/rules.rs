//! The rules of attempts: the table of states, what becomes of an answer, what may be seen.

use crate::attempts::wire::Response;
use crate::lessons::format::{AuthoredWhen, Reveal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    /// Brought whole, and submitted in the same transaction, so nobody ever sees it: it may stand beside an open one.
    Arriving,
    InProgress,
    Submitted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStep {
    Answer,
    Submit,
}

/// What a step does in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEffect {
    /// The answer counts.
    Save,
    /// The answer is kept as late evidence and never scored.
    KeepLate,
    /// The attempt is graded and closed.
    Grade,
    /// It was done before: the same result again.
    Replay,
}

/// Every state, every step, what follows.
pub const TABLE: &[(AttemptState, AttemptStep, AttemptEffect)] = &[
    (AttemptState::Arriving, AttemptStep::Answer, AttemptEffect::Save),
    (AttemptState::Arriving, AttemptStep::Submit, AttemptEffect::Grade),
    (AttemptState::InProgress, AttemptStep::Answer, AttemptEffect::Save),
    (AttemptState::InProgress, AttemptStep::Submit, AttemptEffect::Grade),
    (AttemptState::Submitted, AttemptStep::Answer, AttemptEffect::KeepLate),
    (AttemptState::Submitted, AttemptStep::Submit, AttemptEffect::Replay),
];

impl AttemptState {
    pub fn name(self) -> &'static str {
        match self {
            AttemptState::Arriving => "arriving",
            AttemptState::InProgress => "in_progress",
            AttemptState::Submitted => "submitted",
        }
    }

    pub fn parse(name: &str) -> Option<AttemptState> {
        [AttemptState::Arriving, AttemptState::InProgress, AttemptState::Submitted].into_iter().find(|state| state.name() == name)
    }

    /// What `step` does here; the table has every pair, so a missing one is a defect that a test finds.
    pub fn effect(self, step: AttemptStep) -> AttemptEffect {
        TABLE.iter().find(|row| row.0 == self && row.1 == step).map_or(AttemptEffect::Replay, |row| row.2)
    }
}

/// What becomes of an answer, given the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// It is newer: it takes the place.
    Take,
    /// It is the one in force, sent again.
    Same,
    /// A newer one is there already.
    Superseded,
}

/// Merges by the client's own sequence numbers; of two answers with one number the first stays.
pub fn merge(stored: Option<(i64, &Response)>, seq: i64, response: &Response) -> Merge {
    match stored {
        None => Merge::Take,
        Some((old, _)) if seq > old => Merge::Take,
        Some((old, same)) if seq == old && same == response => Merge::Same,
        Some(_) => Merge::Superseded,
    }
}

/// The largest number that JavaScript's numbers hold exactly (2^53 - 1).
pub const LARGEST_SEQ: i64 = 9_007_199_254_740_991;
/// Answers that one request may bring.
pub const MOST_RESPONSES: usize = 200;
/// Characters of a text of `context`, entries of its `metadata`, and bytes of that as JSON.
pub const CONTEXT_TEXT: usize = 255;
pub const METADATA_ENTRIES: usize = 20;
pub const METADATA_BYTES: usize = 4096;
/// An item that was open longer than this was not worked on all the time: 7 days in milliseconds.
pub const LONGEST_ACTIVE_MS: i64 = 7 * 24 * 3600 * 1000;

/// What a pair of eyes may see of a submitted attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownParts {
    pub verdict: bool,
    pub rationale: bool,
    pub key: bool,
}

impl ShownParts {
    pub const NOTHING: ShownParts = ShownParts { verdict: false, rationale: false, key: false };
    pub const EVERYTHING: ShownParts = ShownParts { verdict: true, rationale: true, key: true };
}

/// What of a learner's work decides what is shown to that learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progressed {
    /// The attempt is practice (or staff's preview of it).
    pub practice: bool,
    /// Practice gives its keys at once.
    pub practice_keys: bool,
    /// An assigned attempt was submitted.
    pub submitted: bool,
    /// No assigned attempt is left that a key could help.
    pub done: bool,
}

/// Before submission nobody sees anything of the key. Afterwards staff and clients see all, a learner what the policy shows.
/// Practice shows verdicts like any attempt, but keys and rationales only where they are given away for practice, or where
/// assigned attempts have shown them already.
pub fn shown_by_policy(reveal: &Reveal, state: AttemptState, learner: bool, by: Progressed) -> ShownParts {
    if state != AttemptState::Submitted {
        return ShownParts::NOTHING;
    }
    if !learner || (by.practice && by.practice_keys) {
        return ShownParts::EVERYTHING;
    }
    let due = |when: AuthoredWhen| match when {
        AuthoredWhen::Submitted => true,
        AuthoredWhen::AttemptsUsed => by.done,
        AuthoredWhen::Never => false,
    };
    let given = |when: AuthoredWhen| due(when) && (!by.practice || by.submitted);
    ShownParts { verdict: due(reveal.verdict), rationale: given(reveal.rationale), key: given(reveal.key) }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
