//! Keys of every kind that cannot be, each with the finding that names it.

use serde_json::{Value, json};

use super::findings::{FindingPlace, Findings};
use super::keys;
use crate::source::{self, FolderFiles};

fn options(n: usize) -> Value {
    (0..n).map(|i| json!({"id": format!("o{i}"), "text": {"en": "x"}, "rationale": {"en": "y"}})).collect()
}

fn good() -> Vec<Value> {
    let prompt = |id: &str, key: &str| json!({"id": id, "text": {"en": id}, "key": key, "rationale": {"en": "r"}});
    vec![
        json!({"kind": "single_choice", "key": "o1", "options": options(4)}),
        json!({"kind": "multiple_response", "key": ["o0", "o2"], "scoring": "partial", "options": options(4)}),
        json!({"kind": "ordering", "key": ["o1", "o0", "o2"], "scoring": "partial", "options": options(3)}),
        json!({"kind": "matching", "scoring": "partial", "prompts": [prompt("p1", "a"), prompt("p2", "b")],
            "choices": [{"id": "a", "text": {"en": "a"}}, {"id": "b", "text": {"en": "b"}}, {"id": "c", "text": {"en": "c"}}]}),
        json!({"kind": "short_text", "accepted": [{"form": "length"}, {"form": "len", "share": 0.5}], "rationale": {"en": "r"},
            "mistakes": [{"form": "stop", "rationale": {"en": "r"}}]}),
        json!({"kind": "numeric", "key": 3.0, "tolerance": 0.5, "rationale": {"en": "r"}, "mistakes": [{"value": 9.0, "rationale": {"en": "r"}}]}),
        json!({"kind": "point_at_field", "shown": 0, "key": ["/code"], "rationale": {"en": "r"},
            "mistakes": [{"pointer": "/message", "rationale": {"en": "r"}}]}),
    ]
}

fn found(task: &Value) -> Vec<(&'static str, String)> {
    let content = &source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons[0];
    let mut item = json!({"id": "it-1", "revision": 1, "objective": content.lesson.objectives[0].id, "points": 1.0,
        "stem": {"en": "Which field ends the reply?"}, "evidence": [{"media_type": "application/json", "description": {"en": "d"},
        "content": r#"{"code": 1, "message": "m"}"#}]});
    item.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
    let files = FolderFiles::new();
    let mut out = Findings::new(&files);
    keys::check_key(&serde_json::from_value(item).unwrap(), content, &FindingPlace::course(), &mut out);
    out.all.into_iter().map(|finding| (finding.rule, finding.message)).collect()
}

#[test]
fn good_keys_have_no_finding() {
    for task in good() {
        assert_eq!(found(&task), [], "{task}");
    }
}

/// (kind by its place in `good`, the member, its bad value, the rule)
#[test]
fn a_key_that_cannot_be_is_named() {
    let edits = [
        (0, "key", json!("o9"), "item-key"),
        (0, "options", options(2), "item-options"),
        (1, "key", json!(["o0", "o9"]), "item-key"),
        (1, "key", json!(["o0", "o0"]), "item-key"),
        (1, "key", json!([]), "item-key"),
        (1, "key", json!(["o0", "o1", "o2", "o3"]), "item-key"),
        (2, "key", json!(["o0", "o1", "o2"]), "item-key"),
        (2, "key", json!(["o1", "o0"]), "item-key"),
        (3, "prompts", json!([{"id": "p1", "text": {"en": "x"}, "key": "z", "rationale": {"en": "r"}}]), "item-key"),
        (3, "prompts", json!([]), "item-options"),
        (4, "accepted", json!([]), "item-key"),
        (4, "accepted", json!([{"form": "Length"}, {"form": "\"length\""}]), "item-key"),
        (4, "accepted", json!([{"form": "length", "share": 0.5}]), "item-key"),
        (4, "accepted", json!([{"form": "length"}, {"form": "x", "share": 1.5}]), "item-key"),
        (4, "accepted", json!([{"form": "reply"}]), "item-key"),
        (4, "accepted", json!([{"form": "<strong>length</strong>"}]), "item-form"),
        (4, "accepted", json!([{"form": "len\u{200b}gth"}]), "item-form"),
        (4, "accepted", json!([{"form": "length\u{0007}"}]), "item-form"),
        (4, "mistakes", json!([{"form": "a&nbsp;stop", "rationale": {"en": "r"}}]), "item-form"),
        (4, "mistakes", json!([{"form": "LENGTH.", "rationale": {"en": "r"}}]), "item-key"),
        (5, "tolerance", json!(-1.0), "item-key"),
        (5, "key", json!(1e-12), "item-key"),
        (5, "mistakes", json!([{"value": 3.5, "rationale": {"en": "r"}}]), "item-key"),
        (6, "shown", json!(1), "item-key"),
        (6, "key", json!([]), "item-key"),
        (6, "key", json!(["/none"]), "item-key"),
        (6, "mistakes", json!([{"pointer": "/code", "rationale": {"en": "r"}}]), "item-key"),
    ];
    for (kind, member, bad, rule) in edits {
        let mut task = good().remove(kind);
        task[member] = bad;
        let found = found(&task);
        assert!(found.iter().any(|(name, _)| *name == rule), "{task}: {found:?}");
    }
}

/// The stem is "Which field ends the reply?".
#[test]
fn a_stem_is_searched_for_whole_words() {
    for (form, shown) in [("reply", true), ("the reply", true), ("REPLY", true), ("rep", false), ("he", false), ("end", false)] {
        let task = json!({"kind": "short_text", "accepted": [{"form": form}], "rationale": {"en": "r"}});
        let found = found(&task);
        assert_eq!(!found.is_empty(), shown, "{form}: {found:?}");
    }
}
