//! Who acts, and when: all that rules and stores of a slice may know of a request.

use std::net::IpAddr;

use crate::auth::rules::{Principal, Scope, Scopes};
use crate::clock::Clock;
use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};
use crate::quotas::TenantQuotas;

/// Whose things a token reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's in the tenant.
    Everybody,
    /// One learner's.
    Own(Id),
    /// Those of the learners in the cohorts that this member of staff instructs.
    TaughtBy(Id),
}

/// Everything a slice may know about who acts, and when.
#[derive(Debug, Clone)]
pub struct Who {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    /// The learner that its token names, where that was merged into the one that it speaks for now.
    pub once: Option<Id>,
    pub scopes: Scopes,
    /// What its tenant may have.
    pub quotas: TenantQuotas,
    pub request_id: String,
    /// From where the request came; none on the command line.
    pub address: Option<IpAddr>,
    pub now: Time,
    pub clock: Clock,
}

impl Who {
    /// The learner whose token this is.
    pub fn own_learner(&self) -> Option<Id> {
        match self.principal {
            Principal::Learner(id) => Some(id),
            _ => None,
        }
    }

    /// Whose things this token reaches: a learner's its own, a client's everybody's, that of somebody of staff those of its cohorts
    /// unless it has `learners:all`.
    pub fn reach(&self) -> Reach {
        match self.principal {
            Principal::Learner(id) => Reach::Own(id),
            Principal::Staff(id) if !self.scopes.has(Scope::LearnersAll) => Reach::TaughtBy(id),
            Principal::Staff(_) | Principal::Client(_) => Reach::Everybody,
        }
    }

    /// Refuses staff who see their own cohorts alone.
    pub fn reaches_everybody(&self) -> Result<(), Problem> {
        match self.reach() {
            Reach::TaughtBy(_) => Err(lacks(Scope::LearnersAll)),
            Reach::Everybody | Reach::Own(_) => Ok(()),
        }
    }

    /// Whether this token may see what belongs to `learner`.
    pub fn sees(&self, learner: Id) -> bool {
        self.own_learner().is_none_or(|own| own == learner || self.once == Some(learner))
    }

    /// Whether this token may do something for a learner: a learner's own token for itself, every other one, staff's too,
    /// with `learners:act`.
    pub fn may_act(&self) -> Result<(), Problem> {
        self.own_learner().map_or_else(|| self.needs(Scope::LearnersAct), |_| Ok(()))
    }

    /// A further scope that only some uses of an operation need.
    pub fn needs(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.has(scope) { Ok(()) } else { Err(lacks(scope)) }
    }

    /// Refuses a learner, whatever its token says. `what` is what is not for learners, with its verb: "Authoring is".
    pub fn is_no_learner(&self, what: &str) -> Result<(), Problem> {
        match self.own_learner() {
            None => Ok(()),
            Some(_) => Err(Problem::new(Code::Forbidden, format!("{what} for clients and staff; this is a learner's token."))),
        }
    }

    /// Client and principal in one string, for the scope of an idempotency key. The same before and after a merge: what was asked
    /// before is not done again.
    pub fn fingerprint(&self) -> String {
        format!("{}/{}/{}", self.client, self.principal.kind(), self.once.unwrap_or(self.principal.id()))
    }
}

fn lacks(scope: Scope) -> Problem {
    Problem::new(Code::InsufficientScope, format!("This needs the scope {}, which the token does not have.", scope.name()))
        .with("scope", scope.name())
}
