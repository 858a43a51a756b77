use proptest::prelude::*;

use super::*;
use crate::attempts::wire::SingleChoiceResponse;

fn chose(option: &str) -> Response {
    Response::SingleChoice(SingleChoiceResponse { option: option.to_owned() })
}

#[test]
fn the_table_has_every_pair_once() {
    for state in [AttemptState::Arriving, AttemptState::InProgress, AttemptState::Submitted] {
        for step in [AttemptStep::Answer, AttemptStep::Submit] {
            assert_eq!(TABLE.iter().filter(|row| row.0 == state && row.1 == step).count(), 1, "{state:?} {step:?}");
        }
    }
}

#[test]
fn one_number_keeps_its_first_answer() {
    let a = chose("a");
    assert_eq!(merge(None, 0, &a), Merge::Take);
    assert_eq!(merge(Some((3, &a)), 4, &chose("b")), Merge::Take);
    assert_eq!(merge(Some((3, &a)), 3, &a), Merge::Same);
    assert_eq!(merge(Some((3, &a)), 3, &chose("b")), Merge::Superseded);
    assert_eq!(merge(Some((3, &a)), 2, &a), Merge::Superseded);
}

#[test]
fn nobody_sees_the_key_before_submission() {
    let reveal = Reveal { verdict: AuthoredWhen::Submitted, rationale: AuthoredWhen::AttemptsUsed, key: AuthoredWhen::Never };
    let (fresh, done) = (Progressed::default(), Progressed { submitted: true, done: true, ..Progressed::default() });
    for learner in [true, false] {
        assert_eq!(shown_by_policy(&reveal, AttemptState::InProgress, learner, done), ShownParts::NOTHING);
    }
    assert_eq!(shown_by_policy(&reveal, AttemptState::Submitted, false, fresh), ShownParts::EVERYTHING);
    assert_eq!(
        shown_by_policy(&reveal, AttemptState::Submitted, true, fresh),
        ShownParts { verdict: true, rationale: false, key: false }
    );
    assert_eq!(
        shown_by_policy(&reveal, AttemptState::Submitted, true, done),
        ShownParts { verdict: true, rationale: true, key: false }
    );
}

#[test]
fn practice_shows_no_more_than_assigned_attempts_did_unless_its_keys_are_given_away() {
    let reveal = |key| Reveal { verdict: AuthoredWhen::Submitted, rationale: key, key };
    let practice = |submitted, done, practice_keys| Progressed { practice: true, practice_keys, submitted, done };
    for (when, submitted, done, given, key) in [
        (AuthoredWhen::Submitted, false, false, false, false),
        (AuthoredWhen::Submitted, true, false, false, true),
        (AuthoredWhen::AttemptsUsed, true, false, false, false),
        (AuthoredWhen::AttemptsUsed, true, true, false, true),
        (AuthoredWhen::Never, true, true, false, false),
        (AuthoredWhen::Submitted, false, false, true, true),
        (AuthoredWhen::AttemptsUsed, false, false, true, true),
    ] {
        let by = practice(submitted, done, given);
        let shown = shown_by_policy(&reveal(when), AttemptState::Submitted, true, by);
        assert_eq!((shown.verdict, shown.rationale, shown.key), (true, key, key), "{when:?} {by:?}");
    }
}

proptest! {
    /// Merging is the same in whatever order the answers arrive, as long as their numbers differ.
    #[test]
    fn the_highest_number_wins_in_any_order(mut seqs in proptest::collection::vec(0_i64..50, 1..20)) {
        let highest = *seqs.iter().max().unwrap();
        let run = |seqs: &[i64]| {
            let mut stored: Option<(i64, Response)> = None;
            for seq in seqs {
                let response = chose(&seq.to_string());
                if merge(stored.as_ref().map(|(s, r)| (*s, r)), *seq, &response) == Merge::Take {
                    stored = Some((*seq, response));
                }
            }
            stored.unwrap().0
        };
        prop_assert_eq!(run(&seqs), highest);
        seqs.reverse();
        prop_assert_eq!(run(&seqs), highest);
    }
}
