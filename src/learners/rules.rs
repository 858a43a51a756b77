//! What an identity and a name may look like, and which attempt of several counts.

use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::learners::named::IdentityRef;
use crate::lessons::format::AuthoredCounts;

/// Longest system and external id, in characters.
pub const LONGEST: usize = 255;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 200;
/// How many identities one learner may be made with.
pub const MOST_IDENTITIES: usize = 20;

const IDENTITY: &str = "must be 1 to 255 characters without control characters.";

fn fits(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Both parts are 1 to 255 characters without control characters.
pub fn check_identity(identity: &IdentityRef, pointer: &str) -> Result<(), Problem> {
    if !fits(&identity.id, LONGEST) {
        return Err(Problem::body(format!("{pointer}/id"), IDENTITY));
    }
    if identity.system.as_deref().is_some_and(|system| !fits(system, LONGEST)) {
        return Err(Problem::body(format!("{pointer}/system"), IDENTITY));
    }
    Ok(())
}

/// The same for a part of an identity in the query.
pub fn check_parameter(name: &str, text: &str) -> Result<(), Problem> {
    if fits(text, LONGEST) { Ok(()) } else { Err(Problem::parameter(name, IDENTITY)) }
}

/// A name is 1 to 200 characters, not all of them blank, without control characters.
pub fn check_learner_name(name: Option<&str>) -> Result<(), Problem> {
    match name {
        Some(name) if !fits(name, LONGEST_NAME) || name.trim().is_empty() => Err(Problem::body(
            "/name",
            "must be 1 to 200 characters, not only blanks, without control characters; null means no name.",
        )),
        _ => Ok(()),
    }
}

/// At least one, not too many, each well formed and named once. `own` is the system of an identity that names none.
/// Gives (system, id) in the order of the body.
pub fn check_identities(identities: &[IdentityRef], own: &str) -> Result<Vec<(String, String)>, Problem> {
    if !(1..=MOST_IDENTITIES).contains(&identities.len()) {
        return Err(Problem::body("/identities", format!("must hold 1 to {MOST_IDENTITIES} identities.")));
    }
    let mut out: Vec<(String, String)> = Vec::with_capacity(identities.len());
    for (i, identity) in identities.iter().enumerate() {
        check_identity(identity, &format!("/identities/{i}"))?;
        let pair = (identity.system.clone().unwrap_or_else(|| own.to_owned()), identity.id.clone());
        if out.contains(&pair) {
            return Err(Problem::body(format!("/identities/{i}"), "is the same identity as one before it."));
        }
        out.push(pair);
    }
    Ok(out)
}

/// A submitted attempt that may count: assigned, and within the attempts that the policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub attempt: Id,
    pub version: &'a str,
    pub submitted_at: Time,
    /// The score from 0 to 1, times 10,000.
    pub scaled_e4: Option<i32>,
    pub passed: Option<bool>,
}

/// The attempt that counts under a policy. Of equal scores the earlier one counts.
pub fn counting<'a, 'b>(counts: AuthoredCounts, candidates: &'b [Candidate<'a>]) -> Option<&'b Candidate<'a>> {
    let when = |candidate: &&Candidate<'_>| (candidate.submitted_at, candidate.attempt);
    match counts {
        AuthoredCounts::First => candidates.iter().min_by_key(when),
        AuthoredCounts::Latest => candidates.iter().max_by_key(when),
        AuthoredCounts::Highest => candidates.iter().max_by_key(|c| (c.scaled_e4, std::cmp::Reverse(when(c)))),
    }
}

/// Whether the result that counts must stay hidden, if `shown` tells of a version whether its verdicts show. Where the
/// highest counts, the choice itself compares all scores, so one that is withheld hides it.
pub fn withheld(counts: AuthoredCounts, candidates: &[Candidate<'_>], shown: impl Fn(&str) -> bool) -> bool {
    match counts {
        AuthoredCounts::Highest => candidates.iter().any(|candidate| !shown(candidate.version)),
        AuthoredCounts::First | AuthoredCounts::Latest => {
            counting(counts, candidates).is_some_and(|candidate| !shown(candidate.version))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(n: u128, submitted_at: i64, scaled_e4: Option<i32>) -> Candidate<'static> {
        let passed = scaled_e4.map(|score| score >= 8000);
        Candidate { attempt: Id(uuid::Uuid::from_u128(n)), version: "v1", submitted_at: Time(submitted_at), scaled_e4, passed }
    }

    fn number(chosen: Option<&Candidate<'_>>) -> Option<u128> {
        chosen.map(|c| c.attempt.0.as_u128())
    }

    #[test]
    fn each_policy_chooses_its_own_attempt() {
        let all = [candidate(1, 30, Some(6000)), candidate(2, 10, Some(5000)), candidate(3, 40, Some(5500))];
        assert_eq!(number(counting(AuthoredCounts::First, &all)), Some(2));
        assert_eq!(number(counting(AuthoredCounts::Latest, &all)), Some(3));
        assert_eq!(number(counting(AuthoredCounts::Highest, &all)), Some(1));
        assert_eq!(counting(AuthoredCounts::Highest, &[]), None);
    }

    #[test]
    fn of_equal_scores_the_earlier_counts_and_no_score_is_the_lowest() {
        let all = [candidate(1, 30, Some(0)), candidate(2, 20, Some(0)), candidate(3, 10, None)];
        assert_eq!(number(counting(AuthoredCounts::Highest, &all)), Some(2));
    }

    #[test]
    fn a_choice_by_score_is_hidden_when_any_score_is() {
        let mut all = [candidate(1, 10, Some(9000)), candidate(2, 20, Some(1000))];
        all[1].version = "secret";
        let shown = |version: &str| version != "secret";
        assert!(withheld(AuthoredCounts::Highest, &all, shown));
        assert!(withheld(AuthoredCounts::Latest, &all, shown));
        assert!(!withheld(AuthoredCounts::First, &all, shown));
        assert!(!withheld(AuthoredCounts::Highest, &[], shown));
    }

    #[test]
    fn identities_are_well_formed_and_named_once() {
        let one = |system: Option<&str>, id: &str| IdentityRef { system: system.map(str::to_owned), id: id.to_owned() };
        let pointer =
            |list: &[IdentityRef]| check_identities(list, "own").unwrap_err().wire("").errors[0].pointer.clone().unwrap();
        assert_eq!(check_identities(&[one(None, "1")], "own").unwrap(), [("own".to_owned(), "1".to_owned())]);
        assert_eq!(pointer(&[]), "/identities");
        assert_eq!(pointer(&vec![one(None, "1"); 21]), "/identities");
        assert_eq!(pointer(&[one(None, "1"), one(Some("own"), "1")]), "/identities/1");
        assert_eq!(pointer(&[one(None, "")]), "/identities/0/id");
        assert_eq!(pointer(&[one(Some("a\u{7}"), "1")]), "/identities/0/system");
        assert_eq!(pointer(&[one(None, &"x".repeat(256))]), "/identities/0/id");
    }

    #[test]
    fn names_are_optional_and_bounded() {
        assert!(check_learner_name(None).is_ok());
        assert!(check_learner_name(Some("Ada")).is_ok());
        assert!(check_learner_name(Some(&"é".repeat(200))).is_ok());
        for bad in ["", "  ", "a\nb", "\u{85}", &"é".repeat(201)] {
            assert!(check_learner_name(Some(bad)).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn the_choice_is_one_of_them_and_does_not_depend_on_their_order(
            tries in prop::collection::vec((0_i64..5, prop::option::of(0_i32..5)), 1..8),
            turn in 0_usize..8,
        ) {
            let all: Vec<_> = (1..).zip(&tries).map(|(n, (at, score))| candidate(n, *at, *score)).collect();
            let mut turned = all.clone();
            turned.rotate_left(turn % all.len());
            for counts in [AuthoredCounts::First, AuthoredCounts::Latest, AuthoredCounts::Highest] {
                let chosen = counting(counts, &all).unwrap();
                prop_assert_eq!(Some(chosen), counting(counts, &turned));
                let best = all.iter().all(|other| match counts {
                    AuthoredCounts::First => chosen.submitted_at <= other.submitted_at,
                    AuthoredCounts::Latest => chosen.submitted_at >= other.submitted_at,
                    AuthoredCounts::Highest => chosen.scaled_e4 >= other.scaled_e4,
                });
                prop_assert!(best);
            }
        }
    }
}
