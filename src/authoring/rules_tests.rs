use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lessons::source;

/// Fifteen single choices, parsed once: the files are long.
static FIRST: LazyLock<LessonContent> = LazyLock::new(|| {
    let mut content = source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons.remove(0);
    content.quiz.items.retain(|item| item.single().is_some());
    content.quiz.items.truncate(15);
    content.quiz.policy.draw = None;
    content
});

fn content() -> LessonContent {
    FIRST.clone()
}

fn example() -> LessonContent {
    serde_json::from_value(crate::authoring::example::example_draft()).unwrap()
}

/// One item of each kind, built from the same common part.
fn kinds() -> Vec<Item> {
    let option = |id: &str| json!({"id": id, "layer": "user_tier", "text": {"en": "x"}, "rationale": {"en": "y"}});
    let options = json!([option("a"), option("b"), option("c")]);
    let tasks = [
        json!({"kind": "single_choice", "key": "a", "options": options}),
        json!({"kind": "multiple_response", "key": ["a", "b"], "scoring": "partial", "options": options}),
        json!({"kind": "ordering", "key": ["a", "b", "c"], "scoring": "partial", "options": options}),
        json!({"kind": "matching", "scoring": "partial", "prompts": [{"id": "p", "text": {"en": "t"}, "key": "q", "rationale": {"en": "r"}}],
               "choices": [{"id": "q", "layer": "user_tier", "text": {"en": "t"}}, {"id": "z", "text": {"en": "t"}}]}),
        json!({"kind": "short_text", "accepted": [{"form": "content_filter"}, {"form": "filter", "share": 0.5}], "rationale": {"en": "r"}}),
        json!({"kind": "numeric", "key": 400.0, "tolerance": 0.0, "rationale": {"en": "r"}}),
        json!({"kind": "point_at_field", "shown": 0, "key": ["/a"], "layer": "user_tier", "rationale": {"en": "r"}}),
    ];
    let item = |(i, task): (usize, serde_json::Value)| {
        let mut item = json!({"id": format!("it-{i}"), "revision": 3, "objective": "obj", "points": 1.0, "stem": {"en": "Which?"},
            "evidence": [{"media_type": "application/json", "description": {"en": "d"}, "content": "{\"a\": 1}"}]});
        item.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        serde_json::from_value(item).unwrap()
    };
    tasks.into_iter().enumerate().map(item).collect()
}

fn with_items(items: Vec<Item>) -> LessonContent {
    let mut content = content();
    content.quiz.items = items;
    content
}

/// The item with one value of its JSON changed.
fn changed(item: &Item, pointer: &str, value: serde_json::Value) -> Item {
    let mut json = serde_json::to_value(item).unwrap();
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    serde_json::from_value(json).unwrap()
}

#[test]
fn the_example_is_sound() {
    let content = example();
    assert!(draft_faults("refusals-at-acme", &content).0.is_empty());
    assert_eq!(draft_faults("another", &content).0[0].pointer.as_deref(), Some("/lesson/slug"));
    let findings = crate::lessons::check::check_draft(&content, &serde_json::to_value(&content).unwrap(), &[]);
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn what_a_case_shows_has_the_shape_of_evidence() {
    let mut content = example();
    content.exercise.cases[0].evidence = json!({"http": {"status": "400"}});
    let found = draft_faults("refusals-at-acme", &content);
    assert_eq!(found.0[0].pointer.as_deref(), Some("/exercise/cases/0/evidence/http/status"));
}

#[test]
fn what_decides_an_answer_s_worth_needs_a_higher_revision() {
    let items = kinds();
    let decisive = [
        (0, "/key", json!("b")),
        (0, "/options/0/layer", json!("not_a_refusal")),
        (0, "/options/2/id", json!("d")),
        (0, "/points", json!(2.0)),
        (1, "/key", json!(["a"])),
        (1, "/scoring", json!("all_or_nothing")),
        (2, "/key", json!(["b", "a", "c"])),
        (3, "/prompts/0/key", json!("z")),
        (3, "/choices/1/id", json!("y")),
        (4, "/accepted/1/share", json!(1.0)),
        (4, "/accepted/0/form", json!("filter_of_content")),
        (5, "/key", json!(429.0)),
        (5, "/tolerance", json!(1.0)),
        (6, "/key", json!(["/a", "/b"])),
        (6, "/layer", json!("not_a_refusal")),
    ];
    let old = with_items(items.clone());
    for (index, pointer, value) in decisive {
        let mut now = items.clone();
        now[index] = changed(&items[index], pointer, value);
        let found = unraised(&with_items(now.clone()), &[&old]);
        assert_eq!(found.len(), 1, "{index} {pointer}");
        assert_eq!((found[0].index, found[0].revision, found[0].least), (index, 3, 4), "{pointer}");
        now[index].revision = 4;
        assert_eq!(unraised(&with_items(now), &[&old]), [], "{index} {pointer}");
    }
    // Another kind under the same id.
    let mut other = items.clone();
    other[0].task = items[4].task.clone();
    assert_eq!(unraised(&with_items(other), &[&old])[0].item, "it-0");
}

#[test]
fn what_is_only_said_is_free() {
    let items = kinds();
    let old = with_items(items.clone());
    for (index, item) in items.iter().enumerate() {
        for pointer in ["/stem/en", "/objective", "/evidence/0/description/en", "/evidence/0/content"] {
            let mut now = items.clone();
            now[index] = changed(item, pointer, json!("Better words"));
            assert_eq!(unraised(&with_items(now), &[&old]), [], "{index} {pointer}");
        }
    }
    for (index, pointer) in
        [(0, "/options/1/text/en"), (0, "/options/1/rationale/en"), (3, "/prompts/0/text/en"), (5, "/rationale/en")]
    {
        let mut now = items.clone();
        now[index] = changed(&items[index], pointer, json!("Better words"));
        assert_eq!(unraised(&with_items(now), &[&old]), [], "{index} {pointer}");
    }
}

#[test]
fn an_item_never_goes_back() {
    let items = kinds();
    let (old, mut now) = (with_items(items.clone()), items.clone());
    now[1].revision = 2;
    assert_eq!(unraised(&with_items(now), &[&old])[0].least, 3);
    // It was left out of the newest version: the one before it still counts.
    let without = with_items(items[1..].to_vec());
    let again = with_items(vec![changed(&items[0], "/key", json!("c"))]);
    assert_eq!(unraised(&again, &[&without, &old]).len(), 1);
    assert_eq!(unraised(&again, &[&without]), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// However the options of all items are written in order, nothing needs a higher revision; the first wrong key does.
    #[test]
    fn the_order_of_options_is_free_and_a_key_is_not(turns in proptest::collection::vec(0_usize..4, 15), moved in 0_usize..15) {
        let old = content();
        let mut now = old.clone();
        for (item, turn) in now.quiz.items.iter_mut().zip(&turns) {
            if let crate::lessons::format::Task::SingleChoice(single) = &mut item.task {
                let by = turn % single.options.len();
                single.options.rotate_left(by);
            }
        }
        prop_assert_eq!(unraised(&now, &[&old]), vec![]);
        let item = &mut now.quiz.items[moved];
        let crate::lessons::format::Task::SingleChoice(single) = &mut item.task else { return Ok(()) };
        let key = single.key.clone();
        single.key = single.options.iter().find(|option| option.id != key).unwrap().id.clone();
        let found = unraised(&now, &[&old]);
        prop_assert_eq!(found.iter().map(|one| one.index).collect::<Vec<_>>(), vec![moved]);
        now.quiz.items[moved].revision += 1;
        prop_assert_eq!(unraised(&now, &[&old]), vec![]);
    }
}
