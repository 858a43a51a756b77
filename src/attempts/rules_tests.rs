use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::attempts::wire::SingleChoiceResponse;
use crate::lessons::source;

fn quiz() -> QuizFile {
    static QUIZ: std::sync::OnceLock<QuizFile> = std::sync::OnceLock::new();
    QUIZ.get_or_init(|| source::parse(&source::embedded()).unwrap().lessons.remove(0).quiz).clone()
}

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
fn the_published_vectors_of_the_order_hold() {
    // README of the order: any client can check itself against these.
    let text = include_str!("../../openapi/order-vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    for vector in vectors.as_array().unwrap() {
        let mut quiz = quiz();
        quiz.items.clear();
        for item in vector["items"].as_array().unwrap() {
            let options = item["options"]
                .as_array()
                .unwrap()
                .iter()
                .map(|id| serde_json::json!({"id": id, "text": {"en": "x"}, "rationale": {"en": "x"}}));
            let single = serde_json::json!({"kind": "single_choice", "id": item["id"], "revision": 1, "objective": "o", "points": 1.0,
                "stem": {"en": "x"}, "evidence": [], "key": "a", "options": options.collect::<Vec<_>>()});
            quiz.items.push(serde_json::from_value(single).unwrap());
        }
        quiz.policy.shuffle_items = true;
        quiz.policy.shuffle_options = true;
        quiz.policy.draw = vector["draw"].as_u64().and_then(|n| usize::try_from(n).ok());
        let drawn = order(&quiz, vector["attempt"].as_str().unwrap(), vector["version"].as_str().unwrap());
        assert_eq!(serde_json::to_value(drawn).unwrap(), vector["order"]);
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
    let (fresh, done) = (Progressed::default(), Progressed { submitted: true, done: true, ..Progressed::default() });
    for learner in [true, false] {
        assert_eq!(shown(&reveal, State::InProgress, learner, done), Shown::NOTHING);
    }
    assert_eq!(shown(&reveal, State::Submitted, false, fresh), Shown::EVERYTHING);
    assert_eq!(shown(&reveal, State::Submitted, true, fresh), Shown { verdict: true, rationale: false, key: false });
    assert_eq!(shown(&reveal, State::Submitted, true, done), Shown { verdict: true, rationale: true, key: false });
}

#[test]
fn practice_shows_no_more_than_assigned_attempts_did_unless_its_keys_are_given_away() {
    let reveal = |key| Reveal { verdict: When::Submitted, rationale: key, key };
    let practice = |submitted, done, practice_keys| Progressed { practice: true, practice_keys, submitted, done };
    for (when, submitted, done, given, key) in [
        (When::Submitted, false, false, false, false),
        (When::Submitted, true, false, false, true),
        (When::AttemptsUsed, true, false, false, false),
        (When::AttemptsUsed, true, true, false, true),
        (When::Never, true, true, false, false),
        (When::Submitted, false, false, true, true),
        (When::AttemptsUsed, false, false, true, true),
    ] {
        let by = practice(submitted, done, given);
        let shown = shown(&reveal(when), State::Submitted, true, by);
        assert_eq!((shown.verdict, shown.rationale, shown.key), (true, key, key), "{when:?} {by:?}");
    }
}

proptest! {
    /// Whatever the id, an attempt draws `draw` different items of the bank, each with all of its options.
    #[test]
    fn an_order_is_a_choice_of_the_bank(id in any::<u128>(), draw in 1_usize..15) {
        let mut quiz = quiz();
        quiz.policy.draw = Some(draw);
        let drawn = order(&quiz, &uuid::Uuid::from_u128(id).to_string(), "sha256-x");
        prop_assert_eq!(drawn.len(), draw);
        let items: BTreeSet<_> = drawn.iter().map(|d| &d.item).collect();
        prop_assert_eq!(items.len(), draw);
        for d in &drawn {
            let item = quiz.items.iter().find(|i| i.id == d.item).unwrap();
            let want: BTreeSet<_> = item.task.option_ids().into_iter().collect();
            prop_assert_eq!(d.options.iter().map(String::as_str).collect::<BTreeSet<_>>(), want);
            prop_assert_eq!(d.options.len(), item.task.option_ids().len());
        }
    }

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
