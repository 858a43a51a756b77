use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Masked, document, text};

fn masked(mut value: Value) -> (Value, Vec<Masked>) {
    let list = document(&mut value);
    (value, list)
}

#[test]
fn each_kind_becomes_its_placeholder() {
    for (input, expected) in [
        ("write to jane.doe+x@mail.example.org, please", "write to [email:1], please"),
        ("key sk-proj-Abc123def456ghi789 leaked", "key [api_key:1] leaked"),
        ("sk-ant-api03-abcDEF123_-x", "[api_key:1]"),
        ("AIzaSyD1234567890abcdefghijklmnopqrstu", "[api_key:1]"),
        ("AKIAIOSFODNN7EXAMPLE and hf_abcdefgh12345678", "[api_key:1] and [api_key:2]"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[api_key:1]"),
        ("Authorization: Bearer abc.DEF-123_456", "Authorization: Bearer [bearer_token:1]"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [credential:1]"),
        ("x-api-key: hunterhunter", "x-api-key: [api_key:1]"),
        ("Cookie: sid=abc; theme=dark", "Cookie: [cookie:1]"),
        ("https://h/x?api_key=abcdef123&y=1", "https://h/x?api_key=[api_key:1]&y=1"),
        ("req_011CSHoEeqs5C35K2UUqR7Fy", "[request_id:1]"),
        ("x-request-id: 5e1f0c52-0000-4000-8000-000000000001", "x-request-id: [request_id:1]"),
        ("chatcmpl-123", "[request_id:1]"),
        ("call +49 30 1234567 or +1 (555) 123-4567.", "call [phone:1] or [phone:2]."),
        ("from 192.168.0.17:443 and http://10.0.0.1/", "from [ip:1]:443 and http://[ip:2]/"),
        ("at 2001:db8::8a2e:370:7334, [fe80::1]: down", "at [ip:1], [[ip:2]]: down"),
        ("card 4111 1111 1111 1111 and 378282246310005", "card [card:1] and [card:2]"),
        ("a@b.de then c@d.fr then a@b.de", "[email:1] then [email:2] then [email:1]"),
    ] {
        assert_eq!(text(input), expected);
    }
}

#[test]
fn what_is_none_stays() {
    for input in [
        "call 030 1234567 or 5551234567 or 0049 30 1234567",
        "created 1732350000123, tokens 4111111111111112, id 20261123090003",
        "at 12:30:45 on 2026-11-23T09:00:03+01:00",
        "Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36, version 1.2.3.4.5",
        "std::vec::Vec and add::face and a::b",
        "task-abc12345 risk-averse2 sk-",
        "Bearer authentication is needed",
        "cookie: it asked me about them",
        "1 + 2 = 3, UTC+2",
        "gpt-4o-2024-08-06, claude-3-5-sonnet-20241022",
        "[email:1] [something:1] [email:x]",
        "req_body and msg_type",
    ] {
        assert_eq!(text(input), input);
    }
}

#[test]
fn a_header_that_is_a_secret_goes_entirely() {
    let headers = |list: Value| json!({"evidence": {"http": {"headers": list}}});
    let (value, list) = masked(headers(json!([
        {"name": "Authorization", "value": "Bearer tokentoken"},
        {"name": "X-Api-Key", "value": "short"},
        {"name": "set-cookie", "value": "a=b; Path=/"},
        {"name": "apim-request-id", "value": "anything at all"},
        {"name": "content-type", "value": "application/json"}])));
    let expected = headers(json!([
        {"name": "Authorization", "value": "[bearer_token:1]"},
        {"name": "X-Api-Key", "value": "[api_key:1]"},
        {"name": "set-cookie", "value": "[cookie:1]"},
        {"name": "apim-request-id", "value": "[request_id:1]"},
        {"name": "content-type", "value": "application/json"}]));
    assert_eq!(value, expected);
    assert_eq!(
        list.first(),
        Some(&Masked { pointer: "/evidence/http/headers/0/value".to_owned(), kind: "bearer_token".to_owned() })
    );
    assert_eq!(list.len(), 4);
}

#[test]
fn a_body_of_json_stays_json_letter_for_letter() {
    let body = "{ \"request_id\" : \"5e1f0c52-aaaa-4000-8000-000000000001\",\n  \"n\": 4111111111111111, \"t\": 1.50,\n \"m\": \"mail \\u0061@b.de \\\"now\\\"\", \"inner\": \"{\\\"k\\\":\\\"a@b.de\\\"}\", \"ids\": [\"x\", {\"x-api-key\": \"abc\\ndef\"}] }";
    let expected = "{ \"request_id\" : \"[request_id:1]\",\n  \"n\": 4111111111111111, \"t\": 1.50,\n \"m\": \"mail [email:1] \\\"now\\\"\", \"inner\": \"{\\\"k\\\":\\\"[email:1]\\\"}\", \"ids\": [\"x\", {\"x-api-key\": \"[api_key:1]\"}] }";
    assert_eq!(text(body), expected);
}

#[test]
fn streamed_events_stay_json_line_by_line() {
    let body = "event: a\ndata: {\"id\":\"chatcmpl-9x8y\",\"n\":5105105105105100}\n\ndata: [DONE]\n";
    assert_eq!(text(body), "event: a\ndata: {\"id\":\"[request_id:1]\",\"n\":5105105105105100}\n\ndata: [DONE]\n");
}

#[test]
fn a_new_value_never_shares_the_number_of_an_old_placeholder() {
    assert_eq!(text("[email:1] wrote to a@b.de, [email:3]"), "[email:1] wrote to [email:2], [email:3]");
}

#[test]
fn long_and_hostile_text_takes_linear_time() {
    let pieces =
        ["a@", "1.", "+1 ", "::", "4111 ", "Bearer ", "cookie: a=", "[email:1]", "[email:900000000]a@b.de ", "{\"a\":", "sk-a1"];
    for piece in pieces {
        let long = piece.repeat(65_536 / piece.len());
        assert!(text(&long).len() > 10);
    }
}

/// Fragments that lie close to every pattern, so that matches meet, overlap and are laid bare.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a@b.de",
            "1.2.3.4",
            "+49 30 1234567",
            "sk-abc12345",
            "Bearer ",
            "x-api-key: ",
            "cookie: a=",
            "chatcmpl-12",
            "[email:1]",
            "[ip:2]",
            "[api_key:",
            "req_abc123",
            "fe80::1",
            "4111111111111111",
            "request_id=",
            "\"",
            "\\",
            "{",
            "}",
            ":",
            " ",
            "\n",
            ".",
            "-",
            "+",
            "@",
            "1",
            "data: ",
            "\u{e9}",
            "_",
            "/",
            "=",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,6}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        fragments().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec!["authorization", "request_id", "name", "value", "body"]).prop_map(str::to_owned),
            "[a-z@.~/]{1,8}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner.clone(), 0..4).prop_map(|map| map.into_iter().collect()),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn masking_twice_is_masking_once(input in tree()) {
        let (once, list) = masked(input);
        let (twice, again) = masked(once.clone());
        prop_assert_eq!(&twice, &once);
        prop_assert_eq!(again, list);
    }

    #[test]
    fn masking_text_twice_is_masking_it_once(input in fragments()) {
        let once = text(&input);
        prop_assert_eq!(text(&once), once);
    }

    #[test]
    fn json_in_a_string_stays_json(input in tree()) {
        let (value, _) = masked(Value::from(input.to_string()));
        prop_assert!(!(input.is_object() || input.is_array()) || serde_json::from_str::<Value>(value.as_str().unwrap()).is_ok());
    }

    #[test]
    fn only_strings_change(input in tree()) {
        fn shape(value: &Value) -> Value {
            match value {
                Value::String(_) => Value::from("s"),
                Value::Array(list) => list.iter().map(shape).collect(),
                Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
                other => other.clone(),
            }
        }
        prop_assert_eq!(shape(&masked(input.clone()).0), shape(&input));
    }

    #[test]
    fn secrets_do_not_survive(before in "[a-z ]{0,5}", after in "[ ,;]{0,3}", tail in "[a-z]{12}[0-9]{6}") {
        for secret in [format!("sk-{tail}"), format!("hf_{tail}"), format!("{tail}@example.org"), format!("req_{tail}")] {
            let input = format!("{before} {secret}{after}");
            prop_assert!(!text(&input).contains(&tail), "{}", text(&input));
        }
    }

    #[test]
    fn bare_digits_are_never_a_phone_number(digits in "[0-9][0-9 ()/]{0,24}") {
        let (_, list) = masked(Value::from(digits));
        prop_assert!(list.iter().all(|one| one.kind != "phone"));
    }
}
