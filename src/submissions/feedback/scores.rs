//! From checks to points: each criterion gets the share of its checks that passed. Summed exactly and rounded once, like attempts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attempts::fraction::Fraction;
use crate::attempts::points::{milli, points, thousandths};
use crate::lessons::format::AuthoredCriterion;
use crate::submissions::feedback::checks::{Check, NO_EVASION, part_name};

/// What the service gives for one criterion of the rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CriterionFeedback {
    #[schema(example = "crit-diagnosis-supported")]
    pub id: String,
    /// Rounded to three decimals; sums are made of the exact share.
    #[schema(minimum = 0, example = 2.667)]
    pub points: f64,
    /// What the rubric gives at most.
    #[schema(minimum = 0, example = 4)]
    pub max: f64,
    /// Why it is so many.
    #[schema(example = "2 of 3 checks passed. Open: agrees.")]
    pub reason: String,
    /// Ids of the checks that were counted, of the criterion's part; those that did not apply are left out.
    pub checks: Vec<String>,
}

/// The criteria that can be scored: those whose checks apply to this submission.
pub fn criteria(rubric: &[AuthoredCriterion], checks: &[Check]) -> Vec<CriterionFeedback> {
    rubric.iter().filter_map(|criterion| score(criterion, checks)).collect()
}

fn score(criterion: &AuthoredCriterion, checks: &[Check]) -> Option<CriterionFeedback> {
    let counted: Vec<&Check> =
        checks.iter().filter(|check| check.part == part_name(criterion.part) && criterion.checks.contains(&check.id)).collect();
    if counted.is_empty() {
        return None;
    }
    let open: Vec<&str> = counted.iter().filter(|check| !check.passed).map(|check| check.id.as_str()).collect();
    let passed = counted.len().saturating_sub(open.len());
    let max = milli(criterion.points);
    let (given, reason) = match counted.iter().find(|check| check.id == NO_EVASION && !check.passed) {
        Some(evasion) => (0, format!("No points, whatever else is there: {}", evasion.message)),
        None => (thousandths(share(max, passed, counted.len())), reason(passed, counted.len(), &open)),
    };
    let checks = counted.iter().map(|check| check.id.clone()).collect();
    Some(CriterionFeedback { id: criterion.id.clone(), points: points(given), max: points(max), reason, checks })
}

fn reason(passed: usize, all: usize, open: &[&str]) -> String {
    match open {
        [] => format!("{passed} of {all} checks passed."),
        open => format!("{passed} of {all} checks passed. Open: {}.", open.join(", ")),
    }
}

/// In thousandths, exactly.
fn share(max: i64, passed: usize, all: usize) -> Fraction {
    Fraction::new(max, 1).scaled(i64::try_from(passed).unwrap_or(0), i64::try_from(all).unwrap_or(i64::MAX))
}

/// What a criterion exactly got, in thousandths: by the checks that were counted, where they come to the points that were given.
pub fn exact(given: &CriterionFeedback, checks: &[Check]) -> Fraction {
    let (shown, part) = (milli(given.points), part_of(given, checks));
    let counted = || checks.iter().filter(|check| Some(check.part.as_str()) == part && given.checks.contains(&check.id));
    let exact = share(milli(given.max), counted().filter(|check| check.passed).count(), counted().count());
    if thousandths(exact) == shown { exact } else { Fraction::new(shown, 1) }
}

/// The part to which all of a criterion's checks belong; an id may stand in several parts.
fn part_of<'a>(given: &CriterionFeedback, checks: &'a [Check]) -> Option<&'a str> {
    let has = |part: &str| given.checks.iter().all(|id| checks.iter().any(|check| check.part == part && &check.id == id));
    checks.iter().map(|check| check.part.as_str()).find(|part| has(part))
}

/// All points and all that could be had.
pub fn sums(criteria: &[CriterionFeedback], checks: &[Check]) -> (f64, f64) {
    let score = criteria.iter().map(|one| exact(one, checks)).fold(Fraction::ZERO, Fraction::plus);
    let max = criteria.iter().map(|one| milli(one.max)).fold(0, i64::saturating_add);
    (points(thousandths(score)), points(max))
}
