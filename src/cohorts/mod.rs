//! Cohorts: groups of learners with instructors and due dates. Who is in them says whom an instructor reaches
//! (`learners/reach`).

pub mod http;
pub mod lifecycle;
pub mod members;
pub mod roster;
pub mod rules;
pub mod store;
pub mod wire;

use crate::auth::{Reach, Who};
use crate::db::groups::LearnerGroup;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::learners;

/// Whose things a list shows; everybody's where both are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub learner: Option<Id>,
    pub group: Option<LearnerGroup>,
}

/// The cohort that a list is asked for. Beside a learner there is none.
pub fn named_cohort(cohort: Option<&str>, learner: Option<&str>) -> Result<Option<Id>, Problem> {
    if cohort.is_some() && learner.is_some() {
        return Err(Problem::parameter("cohort", "does not go with `learner`: give one of the two."));
    }
    cohort.map(str::parse::<Id>).transpose().map_err(|what| Problem::parameter("cohort", what))
}

/// Whose things a list shows to this token, of the learner or the cohort that it asks for.
pub fn listed_for(conn: &mut Conn, who: &Who, learner: Option<Id>, cohort: Option<Id>) -> Stored<Listed> {
    let cohort = cohort.map(|cohort| lifecycle::cohort_for(conn, who, cohort)).transpose()?.map(|row| row.id);
    let learner = learners::named_now(conn, who.tenant, learner)?;
    let group = match (who.reach(), learner, cohort) {
        (_, _, Some(cohort)) => Some(LearnerGroup::Cohort(cohort)),
        (Reach::TaughtBy(person), None, None) => Some(LearnerGroup::TaughtBy(person)),
        (Reach::TaughtBy(_), Some(learner), None) if !learners::sees_now(conn, who, learner)? => {
            return Err(Problem::not_found("learner of this id"));
        }
        _ => None,
    };
    Ok(Listed { learner, group })
}
