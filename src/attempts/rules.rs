//! The rules of attempts: the table of states, what becomes of an answer, what may be seen.

use crate::attempts::wire::Response;
use crate::lessons::format::{Policy, Reveal, When};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Brought whole, and submitted in the same transaction, so nobody ever sees it: it may stand beside an open one.
    Arriving,
    InProgress,
    Submitted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Answer,
    Submit,
}

/// What a step does in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
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
pub const TABLE: &[(State, Step, Effect)] = &[
    (State::Arriving, Step::Answer, Effect::Save),
    (State::Arriving, Step::Submit, Effect::Grade),
    (State::InProgress, Step::Answer, Effect::Save),
    (State::InProgress, Step::Submit, Effect::Grade),
    (State::Submitted, Step::Answer, Effect::KeepLate),
    (State::Submitted, Step::Submit, Effect::Replay),
];

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Arriving => "arriving",
            State::InProgress => "in_progress",
            State::Submitted => "submitted",
        }
    }

    pub fn parse(name: &str) -> Option<State> {
        [State::Arriving, State::InProgress, State::Submitted].into_iter().find(|state| state.name() == name)
    }

    /// What `step` does here; the table has every pair, so a missing one is a defect that a test finds.
    pub fn effect(self, step: Step) -> Effect {
        TABLE.iter().find(|row| row.0 == self && row.1 == step).map_or(Effect::Replay, |row| row.2)
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
pub struct Shown {
    pub verdict: bool,
    pub rationale: bool,
    pub key: bool,
}

impl Shown {
    pub const NOTHING: Shown = Shown { verdict: false, rationale: false, key: false };
    pub const EVERYTHING: Shown = Shown { verdict: true, rationale: true, key: true };
}

/// Before submission nobody sees anything of the key. Afterwards staff and clients see all, a learner what the policy shows.
pub fn shown(reveal: &Reveal, state: State, learner: bool, done: bool) -> Shown {
    if state != State::Submitted {
        return Shown::NOTHING;
    }
    if !learner {
        return Shown::EVERYTHING;
    }
    let due = |when: When| match when {
        When::Submitted => true,
        When::AttemptsUsed => done,
        When::Never => false,
    };
    Shown { verdict: due(reveal.verdict), rationale: due(reveal.rationale), key: due(reveal.key) }
}

/// Whether a learner is done with a quiz: no attempt is left, or one has passed.
pub fn done(policy: &Policy, assigned: i64, passed: bool) -> bool {
    passed || policy.attempts_allowed.is_some_and(|allowed| assigned >= i64::from(allowed))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
