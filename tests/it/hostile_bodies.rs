//! Bodies that are meant to do harm, on every operation of the document: members that nobody asked for, names that stand twice, NUL.

use serde_json::{Value, json};

use crate::bad_input::{is_alone, leaves};
use crate::document::{Operation, operations};
use crate::harness::{Answer, Stage, place_of};

/// Members that a row has and a request must not set.
const NOT_THE_CALLERS: &[&str] = &[
    "tenant",
    "tenant_id",
    "id",
    "client",
    "client_id",
    "principal",
    "principal_type",
    "learner_id",
    "sub",
    "scope",
    "scopes",
    "role",
    "roles",
    "admin",
    "is_admin",
    "state",
    "status",
    "revision",
    "created_at",
    "updated_at",
    "submitted_at",
    "recorded_at",
    "attempt_number",
    "score",
    "result",
    "gradings",
    "own",
    "published",
    "disabled_at",
    "suspended_at",
    "seq",
    "epoch",
    "xid",
    "__proto__",
    "constructor",
    "$ref",
    "",
];

/// Calls `operation` with this body.
async fn send(stage: &Stage, token: &str, operation: &Operation, body: String) -> Answer {
    let call = operation.call(stage, &operation.url()).token(token).header("content-type", "application/json");
    let answer = call.body(body).send().await;
    operation.names(&answer);
    answer
}

fn with_body(all: Vec<Operation>) -> Vec<Operation> {
    all.into_iter().filter(|operation| operation.json_body().is_some()).collect()
}

both!(nobody_sets_what_is_not_theirs_to_set, |stage| {
    let token = stage.full_token();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for operation in with_body(operations(&stage).await) {
        let (example, known) = (operation.example().unwrap(), operation.properties());
        for name in NOT_THE_CALLERS.iter().filter(|name| !known.contains_key(**name)) {
            tried += 1;
            for value in [json!(stage.administrator), json!(true), json!({"a": [1]}), Value::Null] {
                let mut body = example.clone();
                body[*name] = value;
                let answer = send(&stage, &token, &operation, body.to_string()).await;
                let expected = format!("/{}", waymark_engine::pointer::escaped(name));
                if answer.status != 422 || place_of(&answer.problem(422, "invalid_body")) != expected {
                    wrong.push(format!("{operation}: {name:?}: {} {}", answer.status, answer.text()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
    assert!(tried > 400, "only {tried}");
});

both!(
    /// In no object does a name stand twice: whoever checks a request before us may see the other one of the two.
    a_name_stands_once_at_any_depth, |stage| {
    let token = stage.full_token();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for operation in with_body(operations(&stage).await) {
        let example = operation.example().unwrap();
        for (pointer, value) in leaves(&example) {
            // Answers are read one by one, and refused one by one (`answers.rs`).
            let Value::Object(members) = &value else { continue };
            if is_alone(&pointer) {
                continue;
            }
            for (name, own) in members {
                tried += 1;
                let mark = "0123456789MARK";
                let mut body = example.clone();
                *body.pointer_mut(&pointer).unwrap() = json!(mark);
                let body = body.to_string();
                let escaped = format!("\\u{:04x}{}", name.chars().next().map_or(0, u32::from), &name[1..]);
                let inner = value.to_string();
                let inner = &inner[1..inner.len() - 1];
                for (first, second) in [
                    (inner.to_owned(), format!("\"{name}\":{own}")),
                    (inner.to_owned(), format!("\"{escaped}\":{own}")),
                    (format!("\"{name}\":null"), inner.to_owned()),
                ] {
                    let twice = body.replace(&format!("\"{mark}\""), &format!("{{{first},{second}}}"));
                    let answer = send(&stage, &token, &operation, twice).await;
                    if answer.status != 422 || answer.json()["code"] != "invalid_body" {
                        wrong.push(format!("{operation}: {pointer}: {name} twice: {} {}", answer.status, answer.text()));
                    }
                }
            }
        }
        // And where the caller may choose the names.
        if operation.properties().contains_key("context") {
            for metadata in [r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"\u0062":1}}"#, r#"{"a":[{"b":1,"b":1}]}"#] {
                let mut body = example.clone();
                body["context"] = json!({"metadata": "MARK"});
                let body = body.to_string().replace("\"MARK\"", metadata);
                let answer = send(&stage, &token, &operation, body).await;
                if answer.status != 422 {
                    wrong.push(format!("{operation}: metadata {metadata}: {} {}", answer.status, answer.text()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(tried > 150, "only {tried}");
});

both!(
    /// NUL in every text of every body, names of members included: PostgreSQL could not store it.
    no_text_holds_nul, |stage| {
    let token = stage.full_token();
    let mut wrong = Vec::new();
    for operation in with_body(operations(&stage).await) {
        let example = operation.example().unwrap();
        for (pointer, value) in leaves(&example) {
            let mut tries = Vec::new();
            match &value {
                Value::String(text) => tries.extend([json!(format!("{text}\0")), json!(format!("\0{text}")), json!("\0")]),
                Value::Object(members) => {
                    let mut more = members.clone();
                    more.insert("a\0b".to_owned(), json!("x"));
                    tries.push(Value::Object(more));
                }
                _ => continue,
            }
            for wrongly in tries {
                let mut body = example.clone();
                *body.pointer_mut(&pointer).unwrap() = wrongly.clone();
                let answer = send(&stage, &token, &operation, body.to_string()).await;
                // A faulty answer among several is refused alone; an id in the path that is nowhere is told first.
                let alone = is_alone(&pointer);
                if answer.status >= 500 || answer.status < 400 && !alone {
                    wrong.push(format!("{operation} {pointer}={wrongly}: {} {}", answer.status, answer.text()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
});
