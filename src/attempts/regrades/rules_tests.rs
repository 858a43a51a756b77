use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::attempts::order::order;
use crate::attempts::points;
use crate::attempts::wire::{Response, SingleChoiceResponse};
use crate::lessons::format::Task;
use crate::lessons::source;

/// Fifteen single choices, parsed once: the files are long.
static FIRST: LazyLock<LessonContent> = LazyLock::new(|| {
    let mut content = source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons.remove(0);
    content.quiz.items.retain(|item| item.single().is_some());
    content.quiz.items.truncate(15);
    content.quiz.policy.draw = None;
    content
});

const FROM: &str = "sha256-from";
const TO: &str = "sha256-to";

/// The answer that picks the option at this place; none beyond the last.
fn given(content: &LessonContent, picks: &[usize]) -> HashMap<String, Given> {
    let items = content.quiz.items.iter().zip(picks);
    let answers = items.filter_map(|(item, pick)| {
        let option = item.task.options().get(*pick)?.id.clone();
        let response = Response::SingleChoice(SingleChoiceResponse { option });
        Some((item.id.clone(), Given { first_response: response.clone(), response, changes: 0, active_ms: Some(7) }))
    });
    answers.collect()
}

fn first_grading(content: &LessonContent, drawn: &[Drawn], given: &HashMap<String, Given>) -> StoredGrading {
    let graded = grading::grade_attempt(content, drawn, given, 1, Some(99));
    StoredGrading { result: graded.result, items: graded.items, kept_items: Vec::new() }
}

/// The content with the key of these items moved to their next option.
fn with_other_keys(content: &LessonContent, which: &[usize]) -> LessonContent {
    let mut content = content.clone();
    for at in which {
        let item = &mut content.quiz.items[*at];
        let Task::SingleChoice(single) = &mut item.task else { panic!("all are single choices") };
        let place = single.options.iter().position(|option| option.id == single.key).unwrap();
        single.key = single.options[(place + 1) % single.options.len()].id.clone();
        item.revision += 1;
    }
    content
}

struct Stage {
    content: LessonContent,
    drawn: Vec<Drawn>,
    given: HashMap<String, Given>,
    old: StoredGrading,
}

impl Stage {
    fn new(picks: &[usize]) -> Stage {
        let content = FIRST.clone();
        let drawn = order(&content.quiz, "a", FROM);
        let given = given(&content, picks);
        Stage { old: first_grading(&content, &drawn, &given), content, drawn, given }
    }

    fn regrade(&self, old: &StoredGrading, version: &str, content: &LessonContent) -> Regraded {
        let submitted = Submitted { drawn: &self.drawn, given: &self.given, old, version: FROM, content: &self.content };
        regrade(&submitted, By { version, content })
    }
}

#[test]
fn a_missing_item_keeps_what_it_had_and_is_named() {
    let stage = Stage::new(&[0; 15]);
    let mut to = with_other_keys(&stage.content, &[1]);
    to.quiz.items.remove(0);
    let new = stage.regrade(&stage.old, TO, &to);
    assert_eq!(new.kept_items, [stage.content.quiz.items[0].id.clone()]);
    let kept = |items: &[GradedItem]| items.iter().find(|item| item.item == new.kept_items[0]).cloned().unwrap();
    assert_eq!(kept(&new.graded.items), kept(&stage.old.items), "its version included");
    assert_eq!(new.graded.items.len(), 15);
    assert_eq!(new.graded.result.max, 15.0);
}

#[test]
fn an_answer_that_no_longer_fits_keeps_what_it_had() {
    let stage = Stage::new(&[0; 15]);
    let mut to = stage.content.clone();
    let Task::SingleChoice(single) = &mut to.quiz.items[2].task else { panic!() };
    single.options[0].id = "another".to_owned();
    single.key = "another".to_owned();
    let new = stage.regrade(&stage.old, TO, &to);
    assert_eq!(new.kept_items, [to.quiz.items[2].id.clone()]);
    // Without an answer there is nothing that could not fit.
    let stage = Stage::new(&[0, 0, 9, 0]);
    assert_eq!(stage.regrade(&stage.old, TO, &to).kept_items, Vec::<String>::new());
}

#[test]
fn points_are_those_of_the_version_that_grades_and_the_pass_mark_is_the_attempts_own() {
    let stage = Stage::new(&[0; 15]);
    let mut to = stage.content.clone();
    to.quiz.items.iter_mut().for_each(|item| item.points = 2.0);
    to.quiz.policy.pass_mark = 0.0;
    let new = stage.regrade(&stage.old, TO, &to);
    assert_eq!((new.graded.result.raw, new.graded.result.max), (stage.old.result.raw * 2.0, 30.0));
    assert_eq!(new.graded.result.scaled, stage.old.result.scaled);
    assert_eq!(new.graded.result.success, stage.old.result.success);
    assert!(new.is_change(&stage.old.result));
}

/// A grading of a time when every item was rounded by itself, and the mark too.
#[test]
fn a_verdict_in_force_does_not_flip_where_no_item_changed() {
    let stage = Stage::new(&[0; 15]);
    for success in [true, false] {
        let old = StoredGrading {
            result: ResultView { raw: 9.999, scaled: 0.6667, success, ..stage.old.result.clone() },
            ..stage.old.clone()
        };
        let new = stage.regrade(&old, TO, &stage.content);
        assert_eq!(new.graded.result, ResultView { grading: 2, ..old.result.clone() });
        assert_eq!((new.graded.raw_milli, new.graded.max_milli, new.graded.scaled_e4), (9999, 15_000, 6667));
        assert!(!new.is_change(&old.result));
        // Another key, and it is all counted anew.
        let moved: Vec<usize> = (0..15).collect();
        let moved = stage.regrade(&old, TO, &with_other_keys(&stage.content, &moved));
        assert_eq!(moved.graded.result.raw, moved.graded.items.iter().map(|item| item.points).sum::<f64>());
    }
}

fn picks() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0_usize..5, 15)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_same_items_give_the_same(picks in picks()) {
        let stage = Stage::new(&picks);
        let new = stage.regrade(&stage.old, FROM, &stage.content);
        prop_assert!(!new.is_change(&stage.old.result) && new.kept_items.is_empty());
        prop_assert_eq!(&new.graded.items, &stage.old.items);
        prop_assert_eq!(&new.graded.result, &ResultView { grading: 2, ..stage.old.result.clone() });
    }

    #[test]
    fn only_items_with_another_key_change_and_the_way_back_undoes_it(picks in picks(), moved in proptest::collection::btree_set(0_usize..15, 0..6)) {
        let stage = Stage::new(&picks);
        let to = with_other_keys(&stage.content, &moved.iter().copied().collect::<Vec<_>>());
        let new = stage.regrade(&stage.old, TO, &to);
        for changed in &new.changed_items {
            prop_assert!(moved.iter().any(|at| to.quiz.items[*at].id == changed.item), "{:?}", changed);
        }
        let raw: i64 = new.graded.items.iter().map(|item| points::milli(item.points)).sum();
        prop_assert_eq!((raw, new.graded.max_milli), (new.graded.raw_milli, 15_000));
        prop_assert!(new.graded.items.iter().all(|item| item.version.as_deref() == Some(TO)));
        let difference: f64 = new.changed_items.iter().map(|item| item.points.new - item.points.old).sum();
        prop_assert!((new.graded.result.raw - stage.old.result.raw - difference).abs() < 1e-9);
        let back = stage.regrade(&new.stored(), FROM, &stage.content);
        prop_assert_eq!(&back.graded.items, &stage.old.items);
        prop_assert_eq!(&back.graded.result, &ResultView { grading: 3, ..stage.old.result.clone() });
        let mut tally = Tally::default();
        tally.add(&stage.old.result, 0, &new);
        prop_assert_eq!(tally.changed, i64::from(!new.changed_items.is_empty()));
    }
}
