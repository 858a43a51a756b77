//! What a learner may be in the course of its life.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LearnerState {
    Active,
    /// Its own tokens do not work and nothing is written for it; all of it can be read.
    Deactivated,
    /// It is another learner's: whoever names it acts for that one.
    Merged,
}

impl LearnerState {
    pub fn name(self) -> &'static str {
        match self {
            LearnerState::Active => "active",
            LearnerState::Deactivated => "deactivated",
            LearnerState::Merged => "merged",
        }
    }

    /// As it is stored. What cannot be is treated with the most care.
    pub fn of_stored(name: &str) -> LearnerState {
        let all = [LearnerState::Active, LearnerState::Deactivated, LearnerState::Merged];
        all.into_iter().find(|state| state.name() == name).unwrap_or(LearnerState::Deactivated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_stored_under_the_name_that_it_is_told_by() {
        for state in [LearnerState::Active, LearnerState::Deactivated, LearnerState::Merged] {
            assert_eq!(LearnerState::of_stored(state.name()), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!(LearnerState::of_stored("else"), LearnerState::Deactivated);
    }
}
