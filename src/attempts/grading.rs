//! Grading: pure and exact. Shares of points stay fractions until a number is shown; the verdict compares what is exact.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::attempts::fraction::Fraction;
use crate::attempts::kinds;
use crate::attempts::order::Drawn;
use crate::attempts::points::{milli, passes, points, scaled_e4, thousandths};
use crate::attempts::wire::{GradedItem, PartResult, Response, ResultView};
use crate::db::json_text::JsonText;
use crate::db::packed::Packed;
use crate::lessons::format::Item;
use crate::lessons::rules::item_of;
use crate::lessons::source::LessonContent;

/// Raised when the same answers could get other points.
pub const GRADER_VERSION: i32 = 2;

/// An answer in force.
#[derive(Debug, Clone)]
pub struct Given {
    pub response: Response,
    pub first_response: Response,
    pub changes: i32,
    /// None where it is not known.
    pub active_ms: Option<i64>,
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

/// What is kept of a grading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredGrading {
    pub result: ResultView,
    pub items: Vec<GradedItem>,
    /// Items that a regrade could not grade, and that kept what they had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_items: Vec<String>,
}

/// The part of it that is packed.
#[derive(Serialize)]
struct PackedItems<'a> {
    items: &'a [GradedItem],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    kept_items: &'a [String],
}

/// The same as it is read.
#[derive(Deserialize)]
struct UnpackedItems {
    items: Vec<GradedItem>,
    #[serde(default)]
    kept_items: Vec<String>,
}

/// The part of it that lists show.
#[derive(Debug, Deserialize)]
struct StoredResult {
    result: ResultView,
}

impl StoredGrading {
    /// A grading as an attempt stores it: the score for lists, and its items, packed.
    pub fn parts(result: &ResultView, items: &[GradedItem], kept_items: &[String]) -> (JsonText, Packed) {
        let packed = PackedItems { items, kept_items };
        (JsonText::of(&json!({"result": result})), Packed::of(&packed))
    }

    /// Both parts again; without the second one the first holds all.
    pub fn of_parts(result: &JsonText, items: Option<&Packed>) -> Result<StoredGrading, serde_json::Error> {
        let Some(items) = items else { return result.read() };
        let StoredResult { result } = result.read()?;
        let UnpackedItems { items, kept_items } = serde_json::from_str(&items.json().unwrap_or_default())?;
        Ok(StoredGrading { result, items, kept_items })
    }
}

/// What an item is worth, exactly, in thousandths of a point.
fn exact(item: &GradedItem) -> Fraction {
    match item.share {
        Some([got, of]) => Fraction::new(milli(item.max_points), 1).scaled(got, of),
        None => Fraction::new(milli(item.points), 1),
    }
}

/// Grades the drawn items of a version. `elapsed_ms` is the time from start to submission, where it is known.
pub fn grade_attempt(
    content: &LessonContent,
    drawn: &[Drawn],
    given: &HashMap<String, Given>,
    grading: i32,
    elapsed_ms: Option<i64>,
) -> Graded {
    let items: Vec<GradedItem> = drawn
        .iter()
        .enumerate()
        .filter_map(|(index, drawn)| {
            Some(graded_item(item_of(content, &drawn.item)?, given.get(&drawn.item), drawn, index.saturating_add(1)))
        })
        .collect();
    graded_total(items, content.quiz.policy.pass_mark, grading, elapsed_ms)
}

/// What graded items come to together.
pub fn graded_total(items: Vec<GradedItem>, pass_mark: f64, grading: i32, elapsed_ms: Option<i64>) -> Graded {
    let raw = items.iter().map(exact).fold(Fraction::ZERO, Fraction::plus);
    let max_milli = items.iter().map(|item| milli(item.max_points)).fold(0, i64::saturating_add);
    let (raw_milli, mark) = (thousandths(raw), Fraction::written(pass_mark));
    let scaled_e4 = scaled_e4(raw, max_milli, mark);
    let result = ResultView {
        grading,
        raw: points(raw_milli),
        min: 0.0,
        max: points(max_milli),
        scaled: f64::from(scaled_e4) / 10_000.0,
        success: passes(raw, max_milli, mark),
        completion: items.iter().all(|item| item.response.is_some()),
        active_ms: items.iter().filter(|item| item.response.is_some()).map(|item| item.active_ms).sum(),
        elapsed_ms,
    };
    Graded { raw_milli, max_milli, scaled_e4, result, items }
}

fn graded_item(item: &Item, given: Option<&Given>, drawn: &Drawn, position: usize) -> GradedItem {
    let scored = kinds::score(item, given.map(|given| &given.response), &drawn.options);
    let max = milli(item.points);
    let coded = |response: &Response| kinds::coded_response(&item.task, response);
    GradedItem {
        item: item.id.clone(),
        revision: item.revision,
        objectives: vec![item.objective.clone()],
        response: given.map(|given| coded(&given.response)),
        first_response: given.map(|given| coded(&given.first_response)),
        changes: given.map_or(0, |given| given.changes),
        position,
        points: points(scored.share.of_milli(max)),
        share: scored.share.between_thousandths(max),
        max_points: points(max),
        verdict: given.map_or("unanswered", |_| scored.share.verdict()).to_owned(),
        expected_layer: scored.expected_layer,
        chosen_layer: scored.chosen_layer,
        parts: scored.parts.into_iter().map(part).collect(),
        version: None,
        active_ms: given.and_then(|given| given.active_ms),
    }
}

fn part(part: kinds::PromptPart) -> PartResult {
    PartResult {
        prompt: part.prompt,
        verdict: Some(if part.right { "correct" } else { "incorrect" }.to_owned()),
        expected_layer: part.expected_layer,
        chosen_layer: part.chosen_layer,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::attempts::order::order;
    use crate::lessons::source;

    /// Fifteen items, all of them drawn.
    fn content() -> LessonContent {
        let mut content = source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons.remove(0);
        content.quiz.items.truncate(15);
        content.quiz.policy.draw = None;
        content
    }

    fn given(item: &Item) -> Given {
        let response = kinds::right(&item.task);
        Given { first_response: response.clone(), response, changes: 0, active_ms: Some(1000) }
    }

    #[test]
    fn all_right_is_one_and_nothing_is_zero() {
        let content = content();
        let drawn = order(&content.quiz, "a", "v");
        let keys = content.quiz.items.iter().map(|item| (item.id.clone(), given(item))).collect();
        let all = grade_attempt(&content, &drawn, &keys, 1, Some(5));
        assert_eq!((all.scaled_e4, all.result.success, all.result.completion), (10_000, true, true));
        let none = grade_attempt(&content, &drawn, &HashMap::new(), 1, Some(5));
        assert_eq!((none.scaled_e4, none.result.success, none.result.completion), (0, false, false));
    }

    #[test]
    fn a_time_that_is_not_known_makes_no_sum() {
        let content = content();
        let drawn = order(&content.quiz, "a", "v");
        let mut keys: HashMap<String, Given> =
            content.quiz.items.iter().take(3).map(|item| (item.id.clone(), given(item))).collect();
        let known = grade_attempt(&content, &drawn, &keys, 1, None);
        assert_eq!((known.result.active_ms, known.result.elapsed_ms), (Some(3000), None));
        keys.values_mut().take(1).for_each(|given| given.active_ms = None);
        assert_eq!(grade_attempt(&content, &drawn, &keys, 1, Some(5)).result.active_ms, None);
        let unanswered = known.items.iter().find(|item| item.response.is_none()).unwrap();
        assert_eq!(unanswered.active_ms, None);
    }

    #[test]
    fn the_pass_mark_itself_passes() {
        let mut content = content();
        content.quiz.policy.pass_mark = 0.8;
        let drawn = order(&content.quiz, "a", "v");
        let twelve = content.quiz.items.iter().take(12).map(|item| (item.id.clone(), given(item))).collect();
        let graded = grade_attempt(&content, &drawn, &twelve, 1, Some(5));
        assert_eq!((graded.raw_milli, graded.max_milli, graded.scaled_e4, graded.result.success), (12_000, 15_000, 8000, true));
    }

    /// Graded once: the files are long.
    static ITEM: LazyLock<GradedItem> =
        LazyLock::new(|| graded_item(&content().quiz.items[0], None, &Drawn { item: String::new(), options: Vec::new() }, 1));

    /// An item of `max` thousandths of which an answer got this share.
    fn shared(got: i64, of: i64, max: i64) -> GradedItem {
        let share = kinds::Share { got, of };
        GradedItem {
            points: points(share.of_milli(max)),
            share: share.between_thousandths(max),
            max_points: points(max),
            ..ITEM.clone()
        }
    }

    fn exactly(shares: &[(i64, i64, i64)]) -> (Fraction, i64) {
        let raw = shares.iter().map(|(got, of, max)| Fraction::new(*max, 1).scaled(*got.min(of), *of));
        (raw.fold(Fraction::ZERO, Fraction::plus), shares.iter().map(|(_, _, max)| max).sum())
    }

    /// (shares of items, pass mark, raw, scaled, passed)
    #[test]
    fn what_people_met() {
        let thirds = |n: usize| vec![(1, 3, 1000); n];
        let two_of_three = || vec![(1, 1, 1000), (1, 1, 1000), (0, 1, 1000)];
        #[allow(clippy::type_complexity, reason = "a table: shares, mark, raw, scaled, passed")]
        let cases: &[(Vec<(i64, i64, i64)>, f64, f64, f64, bool)] = &[
            (vec![(1, 1, 79_996), (0, 1, 20_004)], 0.8, 79.996, 0.7999, false),
            (vec![(1, 1, 80_000), (0, 1, 20_000)], 0.8, 80.0, 0.8, true),
            (two_of_three(), 0.6666666666666666, 2.0, 0.6667, true),
            (two_of_three(), 2.0 / 3.0, 2.0, 0.6667, true),
            (two_of_three(), 0.6667, 2.0, 0.6666, false),
            (two_of_three(), 0.66666666, 2.0, 0.6667, true),
            (vec![(2, 3, 1000); 3], 0.667, 2.0, 0.6667, false),
            (thirds(3), 0.3333, 1.0, 0.3333, true),
            (thirds(3), 0.3334, 1.0, 0.3333, false),
            (thirds(3), 0.33335, 1.0, 0.3333, false),
            (thirds(4), 0.3333, 1.333, 0.3333, true),
            (thirds(1), 0.3333333333333333, 0.333, 0.3334, true),
            (vec![(0, 1, 1000)], 0.00004, 0.0, 0.0, false),
            (vec![(0, 1, 1000)], 5e-324, 0.0, 0.0, false),
            (vec![(0, 1, 1000)], 0.0, 0.0, 0.0, true),
            (vec![(1, 1, 1), (0, 1, 99_999)], 0.00001, 0.001, 0.0001, true),
            (vec![(1, 1, 1), (0, 1, 99_999)], 0.00002, 0.001, 0.0, false),
            (vec![(1, 1, 99_999), (0, 1, 1)], 1.0, 99.999, 0.9999, false),
            (vec![(1, 6, 1000); 6], 1.0 / 6.0, 1.0, 0.1667, true),
            (Vec::new(), 0.5, 0.0, 0.0, false),
        ];
        for (shares, mark, raw, scaled, success) in cases {
            let result =
                graded_total(shares.iter().map(|(got, of, max)| shared(*got, *of, *max)).collect(), *mark, 1, None).result;
            assert_eq!((result.raw, result.scaled, result.success), (*raw, *scaled, *success), "{shares:?} against {mark}");
        }
    }

    proptest! {
        #[test]
        fn scaled_stays_within_bounds_and_grows_with_raw(max in 1_i64..1_000_000, a in 0_i64..1_000_000, b in 0_i64..1_000_000, mark in 0.0_f64..1.0) {
            let (low, high) = (a.min(b).min(max), a.max(b).min(max));
            let scaled = |raw: i64| scaled_e4(Fraction::new(raw, 1), max, Fraction::written(mark));
            prop_assert!((0..=10_000).contains(&scaled(low)));
            prop_assert!(scaled(low) <= scaled(high));
        }

        /// Whatever the items, their points, the answers and the mark: one rounding, and a score that says what the verdict says.
        #[test]
        fn what_is_shown_agrees_with_the_verdict(
            shares in proptest::collection::vec((0_i64..=13, 1_i64..=13, 1_i64..200_000), 1..40),
            mark in prop_oneof![0.0_f64..1.0, (0_u32..=40, 1_u32..=40).prop_map(|(a, b)| f64::from(a.min(b)) / f64::from(b))],
        ) {
            let graded = graded_total(shares.iter().map(|(got, of, max)| shared(*got.min(of), *of, *max)).collect(), mark, 1, None);
            let (raw, max) = exactly(&shares);
            let success = graded.result.success;
            prop_assert_eq!(success, passes(raw, max, Fraction::written(mark)));
            prop_assert_eq!(graded.result.scaled >= mark, success, "{:?}", graded.result);
            prop_assert_eq!(graded.raw_milli, i64::try_from(raw.rounded(0)).unwrap());
            prop_assert!((graded.result.scaled - graded.result.raw / graded.result.max).abs() <= 0.000_101 + 0.0005 / graded.result.max);
            let blank = graded_total(shares.iter().map(|(_, of, max)| shared(0, *of, *max)).collect(), mark, 1, None);
            prop_assert_eq!(blank.result.success, mark == 0.0);
            let whole = graded_total(shares.iter().map(|(_, of, max)| shared(*of, *of, *max)).collect(), mark, 1, None);
            prop_assert!(whole.result.success && whole.result.scaled == 1.0 && whole.raw_milli == max);
        }

        #[test]
        fn thousandths_survive_the_wire(n in 0_i64..1_000_000_000) {
            prop_assert_eq!(milli(points(n)), n);
        }
    }
}
