//! Bad items, each planted into the bank of a good lesson, and good ones beside them; and the ten lessons, in which no rule finds anything.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::format::{Item, Layer, Task};

const FILTERED: &str = r#"{"error": {"code": "content_filter", "param": "prompt", "status": 400, "message": "The response was filtered due to the prompt triggering the content management policy.", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}"#;

/// A good item about a blocked prompt.
fn good() -> Value {
    let option = |id: &str, layer: &str, text: &str, rationale: &str| json!({"id": id, "layer": layer, "text": {"en": text}, "rationale": {"en": rationale}});
    json!({"kind": "single_choice", "id": "lay-099", "revision": 1, "objective": "obj-lay-name", "points": 1,
        "stem": {"en": "A museum's labels came back as this. What was judged?"},
        "evidence": [{"media_type": "application/json", "description": {"en": "Body from Azure OpenAI, HTTP status 400."}, "content": FILTERED}],
        "key": "pre",
        "options": [
            option("post", "post_classifier", "A filter read the reply that was written", "No choice stands in the body, and `param` names the prompt."),
            option("pre", "pre_classifier", "A filter read the prompt that was sent", "`param` is \"prompt\" beside the code content_filter."),
            option("plan", "user_tier", "A plan did not cover this use", "The code is content_filter, and no quota or plan is named."),
            option("model", "trained_refusal", "The model declined in its own words", "No message of a model is in the body; it is an error.")]})
}

/// The lesson that items are planted into.
static LESSON: LazyLock<LessonContent> = LazyLock::new(|| {
    let lessons = source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons;
    lessons.into_iter().find(|content| content.lesson.slug == "five-layers-and-a-sixth-answer").unwrap()
});

fn rules_of(content: &LessonContent) -> BTreeSet<&'static str> {
    let files = FolderFiles::new();
    let mut out = Findings::new(&files);
    check_one_quiz(content, &mut out);
    out.all.into_iter().map(|finding| finding.rule).collect()
}

/// The rules that find something once this item stands in the bank.
fn planted(item: &Value) -> BTreeSet<&'static str> {
    let mut content = LESSON.clone();
    content.quiz.items.push(serde_json::from_value(item.clone()).unwrap_or_else(|why| panic!("{why}: {item}")));
    rules_of(&content)
}

fn edited(edit: impl Fn(&mut Value)) -> BTreeSet<&'static str> {
    let mut item = good();
    edit(&mut item);
    planted(&item)
}

fn text(text: &str) -> Value {
    json!({"en": text})
}

#[test]
fn nothing_is_found_in_the_lessons() {
    let files = source::embedded_curriculum();
    assert_eq!(check_curriculum(&files, &source::parse_curriculum(&files).unwrap()), []);
}

#[test]
fn a_good_item_brings_no_finding() {
    assert_eq!(planted(&good()), BTreeSet::new());
}

/// (rule, how the good item is spoilt)
type Spoilt = (&'static str, fn(&mut Value));

const SPOILT: &[Spoilt] = &[
    ("item-key-contradicted", |item| item["key"] = json!("post")),
    ("item-key-contradicted", |item| {
        item["evidence"][0]["content"] = json!(
            r#"{"choices": [{"finish_reason": "content_filter", "message": {"content": ""}}], "usage": {"completion_tokens": 4}}"#
        );
        item["evidence"][0]["description"] = text("Body from Azure OpenAI, HTTP status 200.");
    }),
    ("item-options-alike", |item| item["options"][2]["text"] = text("The prompt was stopped ahead of the model")),
    ("item-options-alike", |item| item["options"][2]["text"] = text("The answer was cut off by a classifier")),
    ("item-stem-tells", |item| {
        item["stem"] = text("A call came back with the code content_filter and the param prompt. What was judged?")
    }),
    ("item-stem-tells", |item| item["stem"] = text("A filter stopped the prompt before the model saw it. Which layer is that?")),
    ("item-evidence-idle", |item| {
        item["evidence"][0] = json!({"media_type": "text/plain", "description": {"en": "A note."},
            "content": "Onion soup: first chop four onions, then add water and salt, and stir for twenty minutes."});
    }),
    ("item-evidence-idle", |item| {
        item["evidence"][0] = json!({"media_type": "text/plain", "description": {"en": "A note."},
            "content": "Train 17 to Lyon leaves at 08:12 from track four; bring your own sandwiches."});
    }),
    ("item-option-far", |item| item["options"][2]["text"] = text("A sleepy tabby cat")),
    ("item-option-far", |item| item["options"][2]["text"] = text("A cat")),
    ("item-option-far", |item| item["options"][3]["text"] = text("King Arthur's moonlit banquet")),
    ("item-evasion", |item| {
        item["options"][1]["text"] = text("Swap some letters for digits, so that the filter does not see the word")
    }),
    ("item-evasion", |item| item["options"][1]["rationale"] = text("Write the word in Base64 to get past the filter.")),
    ("item-evasion", |item| item["options"][2]["text"] = text("Put dots between the letters to slip past the classifier")),
    ("evidence-secret", |item| {
        item["evidence"][0]["content"] =
            json!(r#"{"api-key": "9f86d081884c7d659a2feaa0c55ad015", "error": {"code": "content_filter", "param": "prompt"}}"#);
    }),
    ("evidence-secret", |item| {
        item["evidence"][0]["content"] =
            json!(r#"{"user": "maria.keller@stadtwerke-bonn.de", "error": {"code": "content_filter", "param": "prompt"}}"#);
    }),
    ("evidence-secret", |item| {
        item["evidence"][0]["content"] =
            json!(r#"{"note": "IBAN DE89 3704 0044 0532 0130 00", "error": {"code": "content_filter", "param": "prompt"}}"#);
    }),
    ("evidence-secret", |item| {
        item["options"][2]["rationale"] =
            text("The key sk-proj-Zq8vT1nR5yK2wLb7XcM4dHf6JgPs9EaU0oNi3BtVx is fine, so no plan is named.")
    }),
    ("item-rationale-empty", |item| item["options"][1]["rationale"] = text("Right.")),
    ("item-rationale-empty", |item| item["options"][0]["rationale"] = text("No, this is the wrong answer.")),
    ("evidence-claim", |item| {
        item["evidence"][0]["content"] = json!(r#"{"error": {"code": "content_filter", "param": "prompt"}"#)
    }),
    ("item-layer-tag", |item| item["options"][0]["layer"] = json!("pre_classifier")),
    ("item-layer-tag", |item| item["options"][1]["layer"] = json!("user_tier")),
    ("item-layer-tag", |item| item["options"][2]["layer"] = json!("trained_refusal")),
    ("item-article", |item| {
        item["stem"] = text("The body of a museum's call speaks of an");
        for (i, option) in ["filter on the reply", "input that was filtered", "plan that was used up", "model that declined"]
            .into_iter()
            .enumerate()
        {
            item["options"][i]["text"] = text(option);
        }
    }),
    ("item-negative-stem", |item| item["stem"] = text("Which statement is untrue")),
    ("item-negative-stem", |item| item["stem"] = text("Which reading is incorrect?")),
    ("item-all-or-none", |item| item["options"][3]["text"] = text("Each of these three statements holds")),
    ("item-all-or-none", |item| item["options"][3]["text"] = text("The other three are right")),
    ("item-key-unsupported", |item| {
        item["stem"] = text("When did this filter ship?");
        for (i, month) in ["March 2021", "October 2022", "June 2023", "August 2020"].into_iter().enumerate() {
            item["options"][i]["text"] = text(month);
        }
    }),
    ("item-options-few", |item| drop(item["options"].as_array_mut().unwrap().pop())),
    ("item-option-empty", |item| item["options"][3]["text"] = text("Something else")),
    ("item-option-empty", |item| item["options"][3]["text"] = text("-")),
    ("points-apart", |item| item["points"] = json!(50)),
    ("points-apart", |item| item["points"] = json!(0.1)),
];

#[test]
fn a_spoilt_item_is_found() {
    for (i, (rule, spoil)) in SPOILT.iter().enumerate() {
        let found = edited(spoil);
        assert!(found.contains(rule), "{rule}, number {i}: {found:?}");
    }
}

/// An item of another kind: what the task is, beside what all items have.
fn of_kind(task: Value) -> Value {
    let mut item = good();
    for member in ["key", "options"] {
        item.as_object_mut().unwrap().remove(member);
    }
    item.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
    item
}

#[test]
fn other_kinds_are_found_too() {
    let reason = text("The body has a code and a param, and this follows from both.");
    let numeric = |tolerance: f64| of_kind(json!({"kind": "numeric", "key": 3.0, "tolerance": tolerance, "rationale": reason}));
    assert!(planted(&numeric(1e6)).contains("item-tolerance"));
    assert!(!planted(&numeric(0.5)).contains("item-tolerance"));

    let prompt = |id: &str, text: &str, key: &str| json!({"id": id, "text": {"en": text}, "key": key, "rationale": reason});
    let matching = |prompts: [Value; 3]| {
        let choice = |id: &str, text: &str| json!({"id": id, "text": {"en": text}});
        of_kind(json!({"kind": "matching", "scoring": "partial", "prompts": prompts,
            "choices": [choice("in", "Input"), choice("out", "Output"), choice("none", "Neither")]}))
    };
    let same = [prompt("p1", "code 2016", "in"), prompt("p2", "code 2016", "out"), prompt("p3", "The code 2016", "none")];
    assert!(planted(&matching(same)).contains("item-prompts-alike"));
    let one = [prompt("p1", "code 2016", "in"), prompt("p2", "param prompt", "in"), prompt("p3", "inputAssessment", "in")];
    assert!(planted(&matching(one)).contains("item-ticking-all"));
    let fine = [prompt("p1", "code 2016", "in"), prompt("p2", "code 2017", "out"), prompt("p3", "code 2003", "none")];
    assert_eq!(planted(&matching(fine)), BTreeSet::new());

    let point = |pointer: &str, mistake: &str| {
        of_kind(json!({"kind": "point_at_field", "shown": 0, "key": [pointer], "rationale": reason,
            "mistakes": [{"pointer": mistake, "rationale": reason}]}))
    };
    assert!(planted(&point("", "/error/status")).contains("item-pointer-whole"));
    assert!(planted(&point("/error", "/error/status")).contains("item-pointer-whole"));
    assert_eq!(planted(&point("/error/param", "/error/status")), BTreeSet::new());

    let many = |right: usize| {
        let options: Vec<Value> = ["prompt", "param", "code", "status", "message", "policy"]
            .iter()
            .map(|word| json!({"id": word, "text": {"en": format!("The value of {word}")}, "rationale": reason}))
            .collect();
        let key: Vec<Value> = options.iter().take(right).map(|option| option["id"].clone()).collect();
        of_kind(json!({"kind": "multiple_response", "scoring": "partial", "key": key, "options": options}))
    };
    assert!(planted(&many(5)).contains("item-ticking-all"));
    assert_eq!(planted(&many(3)), BTreeSet::new());
}

#[test]
fn a_bank_covers_its_objectives_and_leaves_something_open() {
    let mut settled = LESSON.clone();
    for item in &mut settled.quiz.items {
        if item
            .single()
            .is_some_and(|single| single.options.iter().any(|one| one.id == single.key && one.layer == Some(Layer::Undetermined)))
        {
            item.task = source_item("pre").task;
        }
        if let Task::Matching(task) = &mut item.task {
            task.choices.iter_mut().for_each(|choice| choice.layer = None);
        }
    }
    assert!(rules_of(&settled).contains("quiz-nothing-open"));

    let mut once = LESSON.clone();
    let (first, other) = (once.lesson.objectives[0].id.clone(), once.lesson.objectives[1].id.clone());
    let mut kept = false;
    for item in once.quiz.items.iter_mut().filter(|item| item.objective == first) {
        if kept {
            item.objective.clone_from(&other);
        }
        kept = true;
    }
    let found = rules_of(&once);
    assert!(found.contains("objective-once") && !found.contains("objective-untested"), "{found:?}");
}

fn source_item(key: &str) -> Item {
    let mut item = good();
    item["key"] = json!(key);
    serde_json::from_value(item).unwrap()
}
