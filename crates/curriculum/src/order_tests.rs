use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::source;

fn quiz() -> QuizFile {
    static QUIZ: std::sync::OnceLock<QuizFile> = std::sync::OnceLock::new();
    QUIZ.get_or_init(|| source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons.remove(0).quiz).clone()
}

#[test]
fn the_published_vectors_of_the_order_hold() {
    // README of the order: any client can check itself against these.
    let text = include_str!("../../../openapi/order-vectors.json");
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

proptest! {
    /// A packed order is the order again, with options and items that are more than one byte can number too.
    #[test]
    fn a_packed_order_is_read_back(id in any::<u128>(), draw in 1_usize..15, many in any::<bool>()) {
        let mut quiz = quiz();
        if many {
            let more: Vec<Item> = (0..300).map(|n| Item { id: format!("more-{n}"), ..quiz.items[0].clone() }).collect();
            quiz.items.extend(more);
        }
        quiz.policy.draw = (!many).then_some(draw);
        let drawn = order(&quiz, &format!("{id:032x}"), "sha256-x");
        let packed = packed(&quiz, &drawn).unwrap();
        prop_assert!(packed.len() <= 1 + drawn.iter().map(|one| 2 + one.options.len()).sum::<usize>());
        prop_assert_eq!(unpacked(&quiz, &packed).unwrap(), drawn.clone());
        prop_assert_eq!(drawn_items(&quiz, &packed).unwrap(), drawn.iter().map(|one| one.item.as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_an_order_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let quiz = quiz();
        if let Some(drawn) = unpacked(&quiz, &bytes) {
            prop_assert!(drawn.iter().all(|one| quiz.items.iter().any(|item| item.id == one.item)));
        }
    }

    /// Whatever the id, an attempt draws `draw` different items of the bank, each with all of its options.
    #[test]
    fn an_order_is_a_choice_of_the_bank(id in any::<u128>(), draw in 1_usize..15) {
        let mut quiz = quiz();
        quiz.policy.draw = Some(draw);
        let drawn = order(&quiz, &format!("{id:032x}"), "sha256-x");
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
}
