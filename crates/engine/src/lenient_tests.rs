use proptest::prelude::*;
use serde_json::Value;

use super::lenient::{DEEPEST, LenientDocument, MemberKey, Scalar, read_leniently};

/// What was read, as JSON; what was never closed is closed.
fn json(document: &LenientDocument) -> Value {
    fn value(document: &LenientDocument, at: usize) -> Value {
        let children = || document.nodes.iter().enumerate().filter(move |(_, node)| node.parent == Some(at)).map(|(i, _)| i);
        match &document.nodes[at].value {
            Scalar::Null => Value::Null,
            Scalar::Bool(own) => Value::from(*own),
            Scalar::Number(own) => serde_json::from_str(own).unwrap_or(Value::from(own.as_str())),
            Scalar::Text(own) => Value::from(own.as_str()),
            Scalar::List(_) => children().map(|i| value(document, i)).collect(),
            Scalar::Object(_) => Value::Object(
                children()
                    .map(|i| {
                        let name = match &document.nodes[i].key {
                            MemberKey::Name(name) => name.clone(),
                            MemberKey::Index(index) => index.to_string(),
                            MemberKey::Root => String::new(),
                        };
                        (name, value(document, i))
                    })
                    .collect(),
            ),
        }
    }
    if document.nodes.is_empty() { Value::Null } else { value(document, 0) }
}

#[track_caller]
fn reads(text: &str, expected: &str) {
    let expected: Value = serde_json::from_str(expected).unwrap();
    let document = read_leniently(text);
    assert_eq!(json(&document), expected, "{text}");
    assert_eq!(document.broken, serde_json::from_str::<Value>(text).is_err(), "{text}: whether it is broken");
}

#[test]
fn proper_json_is_read_as_it_is() {
    reads(
        r#"{"a": [1, -2.5e3, true, null], "b": {"c\n\u00e9\ud83d\ude00": "x/\\y"}}"#,
        r#"{"a": [1, -2.5e3, true, null], "b": {"c\n\u00e9\ud83d\ude00": "x/\\y"}}"#,
    );
    reads("[]", "[]");
    reads(r#"  {"a":{}}"#, r#"{"a":{}}"#);
}

#[test]
fn what_is_cut_off_is_closed() {
    reads(
        r#"{"error": {"code": "content_filter", "message": "The resp"#,
        r#"{"error": {"code": "content_filter", "message": "The resp"}}"#,
    );
    reads(r#"{"choices": [{"finish_reason": "stop"}, {"ind"#, r#"{"choices": [{"finish_reason": "stop"}, {"0": "ind"}]}"#);
    reads(r#"{"a": "#, r#"{"a": null}"#);
}

#[test]
fn python_is_read() {
    reads(
        "{'error': {'message': \"it's blocked\", 'param': None, 'ok': False}}",
        r#"{"error": {"message": "it's blocked", "param": null, "ok": false}}"#,
    );
    reads(
        "ChatCompletion(id='c-1', choices=[Choice(finish_reason='content_filter', message=Message(content=None))])",
        r#"{"id": "c-1", "choices": [{"finish_reason": "content_filter", "message": {"content": null}}]}"#,
    );
    reads(
        "{'finish_reason': <FinishReason.SAFETY: 3>, 'x': FinishReason.STOP, 'n': Decimal('1.5')}",
        r#"{"finish_reason": "SAFETY", "x": "STOP", "n": ["1.5"]}"#,
    );
    reads("{'t': ('a', 'b'), 's': {'q'}}", r#"{"t": ["a", "b"], "s": {"0": "q"}}"#);
}

#[test]
fn javascript_and_protobuf_text_are_read() {
    reads(
        "{ status: 400, error: { code: 'content_filter', param: undefined }, headers: [Object] }",
        r#"{"status": 400, "error": {"code": "content_filter", "param": null}, "headers": ["Object"]}"#,
    );
    reads("{ prompt_feedback { block_reason: SAFETY } }", r#"{"prompt_feedback": {"block_reason": "SAFETY"}}"#);
    reads("{\"a\": 1,}", r#"{"a": 1}"#);
    reads("{\"ok\" => 1, \"b\" => 2}", r#"{"ok": 1, "b": 2}"#);
}

#[test]
fn nesting_is_bounded() {
    for open in ["[", "{\"a\":", "a(b=", "{'a': ["] {
        let document = read_leniently(&open.repeat(100_000));
        assert!(document.broken && document.nodes.len() <= DEEPEST * 2 + 4, "{open}: {}", document.nodes.len());
    }
    let deep = format!("{}1{}", "[".repeat(DEEPEST * 3), "]".repeat(DEEPEST * 3));
    assert!(read_leniently(&deep).nodes.len() <= DEEPEST + 2);
    assert_eq!(json(&read_leniently(&format!("[{deep}, 7]")))[1], 7, "what follows the deep part is still read");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{1,8}", inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_proper_document_is_read_as_serde_reads_it(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let document = read_leniently(&text);
        prop_assert!(!document.broken, "{}", text);
        prop_assert_eq!(json(&document), value);
        prop_assert_eq!(document.length, text.len());
    }

    #[test]
    fn any_text_ends_and_stays_inside(text in "\\PC{0,200}") {
        let document = read_leniently(&text);
        prop_assert!(document.length <= text.len());
        prop_assert!(document.nodes.iter().enumerate().all(|(i, node)| node.parent.is_none_or(|parent| parent < i)));
    }

    #[test]
    fn a_document_cut_anywhere_keeps_what_stood_before(value in any_json(), share in 0..100_usize) {
        let text = value.to_string();
        let at = (0..=text.len() * share / 100).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let (whole, cut) = (read_leniently(&text), read_leniently(&text[..at]));
        prop_assert!(cut.nodes.len() <= whole.nodes.len() + 1);
    }
}
