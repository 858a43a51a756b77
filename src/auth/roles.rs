//! Roles: bundles of scopes under one name, for those who give scopes. What is kept and checked is scopes alone, so a role that changes here
//! changes nobody who was given one before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::rules::{LEARNER_SCOPES, Scope, Scopes};

/// Scopes under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleBundle {
    Learner,
    Instructor,
    Analyst,
    Author,
    Administrator,
}

impl RoleBundle {
    pub const ALL: [RoleBundle; 5] =
        [RoleBundle::Learner, RoleBundle::Instructor, RoleBundle::Analyst, RoleBundle::Author, RoleBundle::Administrator];

    pub fn name(self) -> &'static str {
        match self {
            RoleBundle::Learner => "learner",
            RoleBundle::Instructor => "instructor",
            RoleBundle::Analyst => "analyst",
            RoleBundle::Author => "author",
            RoleBundle::Administrator => "administrator",
        }
    }

    /// For whom it is.
    pub fn meaning(self) -> &'static str {
        match self {
            RoleBundle::Learner => "takes lessons, quizzes and exercises; a learner's token sees that learner alone",
            RoleBundle::Instructor => "sees what the learners of their own cohorts did and who they are, and reviews it",
            RoleBundle::Analyst => "reports: what was done, by learners' ids, without names, identities and what they wrote",
            RoleBundle::Author => "drafts, publishes, and tries signals and diagnoses",
            RoleBundle::Administrator => "everything in its tenant",
        }
    }

    pub fn scopes(self) -> Scopes {
        match self {
            RoleBundle::Learner => Scopes::of(LEARNER_SCOPES),
            RoleBundle::Instructor => Scopes::of(&[
                Scope::LessonsRead,
                Scope::AttemptsRead,
                Scope::SubmissionsRead,
                Scope::ReviewsWrite,
                Scope::LearnersRead,
                Scope::DiagnosesRun,
                Scope::CohortsRead,
            ]),
            // Submissions are what people wrote, and learners are who they are: neither is for reports.
            RoleBundle::Analyst => Scopes::of(&[Scope::LessonsRead, Scope::AttemptsRead, Scope::LearnersAll, Scope::RecordsRead]),
            RoleBundle::Author => Scopes::of(&[Scope::LessonsRead, Scope::LessonsWrite, Scope::DiagnosesRun]),
            RoleBundle::Administrator => Scopes::most_of_tenant(false),
        }
    }

    pub fn named(name: &str) -> Option<RoleBundle> {
        RoleBundle::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Scopes, and those of a role beside them.
pub fn with_role(scopes: Scopes, role: Option<RoleBundle>) -> Scopes {
    role.map_or(scopes, |role| scopes.either(role.scopes()))
}

/// All roles for the document.
pub fn described_roles() -> String {
    let row = |role: RoleBundle| format!("- `{}`: {} (`{}`).\n", role.name(), role.meaning(), role.scopes());
    let rows: String = RoleBundle::ALL.into_iter().map(row).collect();
    format!("Scopes under one name. What is kept is the scopes; a role is not kept.\n\n{rows}")
}

/// All roles as rows of a table, for `docs/tokens.md`.
pub fn table_of_roles() -> String {
    let row = |role: RoleBundle| {
        let scopes: Vec<String> = role.scopes().names().into_iter().map(|scope| format!("`{scope}`")).collect();
        format!("| `{}` | {} | {} |\n", role.name(), role.meaning(), scopes.join(", "))
    };
    let rows: String = RoleBundle::ALL.into_iter().map(row).collect();
    format!("| role | for whom | scopes |\n|---|---|---|\n{rows}")
}
