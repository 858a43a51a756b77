//! Scopes and principals.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::Id;

macro_rules! scopes {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// What a token may be used for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Scope { $($variant),* }

        impl Scope {
            pub const ALL: &'static [Scope] = &[$(Scope::$variant),*];
            pub const fn name(self) -> &'static str { match self { $(Scope::$variant => $name),* } }
            pub const fn meaning(self) -> &'static str { match self { $(Scope::$variant => $meaning),* } }
            #[allow(clippy::as_conversions, reason = "the table below has fewer than 64 rows")]
            const fn bit(self) -> u64 { 1 << (self as u64) }
        }
    };
}

scopes! {
    LessonsRead "lessons:read" "read courses, lessons, quizzes and exercises"
    LessonsWrite "lessons:write" "author and publish lessons"
    AttemptsRead "attempts:read" "read quiz attempts and their results"
    AttemptsWrite "attempts:write" "start, answer and submit quiz attempts"
    SubmissionsRead "submissions:read" "read exercise submissions and their feedback"
    SubmissionsWrite "submissions:write" "write and submit exercise submissions"
    ReviewsWrite "reviews:write" "review submissions"
    LearnersRead "learners:read" "read learners, their identities and progress"
    LearnersWrite "learners:write" "create and change learners"
    LearnersAct "learners:act" "act for learners named in a call"
    LearnersAll "learners:all" "see and act for every learner of the tenant, not only those of one's own cohorts"
    CohortsRead "cohorts:read" "read cohorts and who is in them"
    CohortsWrite "cohorts:write" "create and change cohorts"
    TokensIssue "tokens:issue" "make tokens for learners and staff"
    RecordsRead "records:read" "follow the record feed"
    DiagnosesRun "diagnoses:run" "ask which layer refused"
    ClientsAdmin "clients:admin" "manage clients"
    AuditRead "audit:read" "read who did what: the audit log"
    TenantsAdmin "tenants:admin" "manage tenants and signing keys; only for the tenant that runs the installation"
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u64);

impl Scopes {
    pub fn all() -> Scopes {
        Scopes(Scope::ALL.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// All that somebody of a tenant may have; the installation itself is managed from one tenant alone.
    pub fn most_of_tenant(runs_installation: bool) -> Scopes {
        if runs_installation { Scopes::all() } else { Scopes::all().without(Scope::TenantsAdmin) }
    }

    pub fn without(self, scope: Scope) -> Scopes {
        Scopes(self.0 & !scope.bit())
    }

    /// Those that are in one or the other.
    pub fn either(self, others: Scopes) -> Scopes {
        Scopes(self.0 | others.0)
    }

    /// Those that are in both.
    pub fn both(self, others: Scopes) -> Scopes {
        Scopes(self.0 & others.0)
    }

    pub fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    pub fn of(list: &[Scope]) -> Scopes {
        Scopes(list.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    pub fn within(self, others: Scopes) -> bool {
        self.0 & !others.0 == 0
    }

    /// What these have and the others have not.
    pub fn beyond(self, others: Scopes) -> Scopes {
        Scopes(self.0 & !others.0)
    }

    /// The names, in the order of the table.
    pub fn names(self) -> Vec<&'static str> {
        Scope::ALL.iter().filter(|scope| self.has(**scope)).map(|scope| scope.name()).collect()
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads a space-separated list (RFC 6749, section 3.3); the error is the first name that is none of ours.
    pub fn parse(text: &str) -> Result<Scopes, String> {
        let mut bits = 0;
        for name in text.split_ascii_whitespace() {
            let scope = Scope::ALL.iter().find(|scope| scope.name() == name).ok_or_else(|| name.to_owned())?;
            bits |= scope.bit();
        }
        Ok(Scopes(bits))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a learner's own token may hold at most; all of it is about that learner alone.
pub const LEARNER_SCOPES: &[Scope] = &[
    Scope::LessonsRead,
    Scope::AttemptsRead,
    Scope::AttemptsWrite,
    Scope::SubmissionsRead,
    Scope::SubmissionsWrite,
    Scope::LearnersRead,
    Scope::RecordsRead,
    Scope::DiagnosesRun,
];

/// Who a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Principal {
    Learner(Id),
    Staff(Id),
    Client(Id),
}

impl Principal {
    pub fn kind(self) -> &'static str {
        match self {
            Principal::Learner(_) => "learner",
            Principal::Staff(_) => "staff",
            Principal::Client(_) => "client",
        }
    }

    pub fn id(self) -> Id {
        match self {
            Principal::Learner(id) | Principal::Staff(id) | Principal::Client(id) => id,
        }
    }
}
