//! Grading: pure arithmetic on integers (thousandths of a point).

use std::collections::HashMap;

use crate::attempts::kinds;
use crate::attempts::order::Drawn;
use crate::attempts::points::{milli, points, scaled_e4};
use crate::attempts::wire::{GradedItem, PartResult, Response, ResultView};
use crate::lessons::format::Item;
use crate::lessons::rules::item;
use crate::lessons::source::Content;

/// Raised when the same answers could get other points.
pub const GRADER_VERSION: i32 = 1;

/// An answer in force.
#[derive(Debug, Clone)]
pub struct Given {
    pub response: Response,
    pub first_response: Response,
    pub changes: i32,
    pub active_ms: i64,
}

/// A graded attempt.
#[derive(Debug, Clone)]
pub struct Graded {
    pub raw_milli: i64,
    pub max_milli: i64,
    pub scaled_e4: i32,
    pub result: ResultView,
    pub items: Vec<GradedItem>,
}

/// Grades the drawn items of a version. `elapsed_ms` is the time from start to submission.
pub fn grade(content: &Content, drawn: &[Drawn], given: &HashMap<String, Given>, grading: i32, elapsed_ms: i64) -> Graded {
    let items: Vec<GradedItem> = drawn
        .iter()
        .enumerate()
        .filter_map(|(index, drawn)| {
            Some(graded_item(item(content, &drawn.item)?, given.get(&drawn.item), index.saturating_add(1)))
        })
        .collect();
    total(items, content.quiz.policy.pass_mark, grading, elapsed_ms)
}

/// What graded items come to together.
pub fn total(items: Vec<GradedItem>, pass_mark: f64, grading: i32, elapsed_ms: i64) -> Graded {
    let raw_milli: i64 = items.iter().map(|item| milli(item.points)).sum();
    let max_milli: i64 = items.iter().map(|item| milli(item.max_points)).sum();
    let scaled_e4 = scaled_e4(raw_milli, max_milli);
    let pass_e4 = milli(pass_mark * 10.0);
    let result = ResultView {
        grading,
        raw: points(raw_milli),
        min: 0.0,
        max: points(max_milli),
        scaled: f64::from(scaled_e4) / 10_000.0,
        success: raw_milli.saturating_mul(10_000) >= pass_e4.saturating_mul(max_milli),
        completion: items.iter().all(|item| item.response.is_some()),
        active_ms: items.iter().map(|item| item.active_ms).sum(),
        elapsed_ms,
    };
    Graded { raw_milli, max_milli, scaled_e4, result, items }
}

fn graded_item(item: &Item, given: Option<&Given>, position: usize) -> GradedItem {
    let scored = kinds::score(item, given.map(|given| &given.response));
    let max = milli(item.points);
    let coded = |response: &Response| kinds::coded(&item.task, response);
    GradedItem {
        item: item.id.clone(),
        revision: item.revision,
        objectives: vec![item.objective.clone()],
        response: given.map(|given| coded(&given.response)),
        first_response: given.map(|given| coded(&given.first_response)),
        changes: given.map_or(0, |given| given.changes),
        position,
        points: points(scored.share.of_milli(max)),
        max_points: points(max),
        verdict: given.map_or("unanswered", |_| scored.share.verdict()).to_owned(),
        expected_layer: scored.expected_layer,
        chosen_layer: scored.chosen_layer,
        parts: scored.parts.into_iter().map(part).collect(),
        version: None,
        active_ms: given.map_or(0, |given| given.active_ms),
    }
}

fn part(part: kinds::Part) -> PartResult {
    PartResult {
        prompt: part.prompt,
        verdict: Some(if part.right { "correct" } else { "incorrect" }.to_owned()),
        expected_layer: part.expected_layer,
        chosen_layer: part.chosen_layer,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::attempts::order::order;
    use crate::lessons::source;

    /// Fifteen items, all of them drawn.
    fn content() -> Content {
        let mut content = source::parse(&source::embedded()).unwrap().lessons.remove(0);
        content.quiz.items.truncate(15);
        content.quiz.policy.draw = None;
        content
    }

    fn given(item: &Item) -> Given {
        let response = kinds::right(&item.task);
        Given { first_response: response.clone(), response, changes: 0, active_ms: 1000 }
    }

    #[test]
    fn all_right_is_one_and_nothing_is_zero() {
        let content = content();
        let drawn = order(&content.quiz, "a", "v");
        let keys = content.quiz.items.iter().map(|item| (item.id.clone(), given(item))).collect();
        let all = grade(&content, &drawn, &keys, 1, 5);
        assert_eq!((all.scaled_e4, all.result.success, all.result.completion), (10_000, true, true));
        let none = grade(&content, &drawn, &HashMap::new(), 1, 5);
        assert_eq!((none.scaled_e4, none.result.success, none.result.completion), (0, false, false));
    }

    #[test]
    fn the_pass_mark_itself_passes() {
        let mut content = content();
        content.quiz.policy.pass_mark = 0.8;
        let drawn = order(&content.quiz, "a", "v");
        let twelve = content.quiz.items.iter().take(12).map(|item| (item.id.clone(), given(item))).collect();
        let graded = grade(&content, &drawn, &twelve, 1, 5);
        assert_eq!((graded.raw_milli, graded.max_milli, graded.scaled_e4, graded.result.success), (12_000, 15_000, 8000, true));
    }

    proptest! {
        #[test]
        fn scaled_stays_within_bounds_and_grows_with_raw(max in 1_i64..1_000_000, a in 0_i64..1_000_000, b in 0_i64..1_000_000) {
            let (low, high) = (a.min(b).min(max), a.max(b).min(max));
            prop_assert!((0..=10_000).contains(&scaled_e4(low, max)));
            prop_assert!(scaled_e4(low, max) <= scaled_e4(high, max));
        }

        #[test]
        fn thousandths_survive_the_wire(n in 0_i64..1_000_000_000) {
            prop_assert_eq!(milli(points(n)), n);
        }
    }
}
