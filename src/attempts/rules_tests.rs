use proptest::prelude::*;

use super::*;
use crate::attempts::wire::SingleChoiceResponse;

fn chose(option: &str) -> Response {
    Response::SingleChoice(SingleChoiceResponse { option: option.to_owned() })
}

#[test]
fn the_table_has_every_pair_once() {
    for state in [State::Arriving, State::InProgress, State::Submitted] {
        for step in [Step::Answer, Step::Submit] {
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
    let reveal = Reveal { verdict: When::Submitted, rationale: When::AttemptsUsed, key: When::Never };
    for learner in [true, false] {
        assert_eq!(shown(&reveal, State::InProgress, learner, true), Shown::NOTHING);
    }
    assert_eq!(shown(&reveal, State::Submitted, false, false), Shown::EVERYTHING);
    assert_eq!(shown(&reveal, State::Submitted, true, false), Shown { verdict: true, rationale: false, key: false });
    assert_eq!(shown(&reveal, State::Submitted, true, true), Shown { verdict: true, rationale: true, key: false });
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
