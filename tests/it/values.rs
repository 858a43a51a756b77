//! Single values of every body, made from the document: integers however they are written, and plain words for what does not fit.

use serde_json::{Map, Value, json};

use crate::bad_input::{is_alone, leaves};
use crate::document::{Operation, operations};
use crate::harness::{Answer, Stage, place_of};

/// A value of the schema with everything that it may hold: every property, and in a list one entry of each shape.
fn full(operation: &Operation, schema: &Value, depth: usize) -> Vec<Value> {
    let schema = operation.resolve(schema);
    if depth > 9 {
        return Vec::new();
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(shapes) = schema[union].as_array() {
            return shapes.iter().flat_map(|shape| full(operation, shape, depth + 1)).filter(|value| !value.is_null()).collect();
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let objects = parts.iter().map(|part| full(operation, part, depth + 1).remove(0));
        let merged: Map<String, Value> = objects.flat_map(|object| object.as_object().unwrap().clone()).collect();
        return vec![Value::Object(merged)];
    }
    if let Some(first) = schema["enum"].get(0).or(schema["x-extensible-enum"].get(0)).or(schema.get("const")) {
        return vec![first.clone()];
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object");
    vec![match kind {
        "object" => {
            let none = Map::new();
            let properties = schema["properties"].as_object().unwrap_or(&none);
            let values = properties.iter().filter_map(|(name, part)| {
                let value = full(operation, part, depth + 1).into_iter().next()?;
                Some((name.clone(), value))
            });
            values.collect()
        }
        "array" => full(operation, &schema["items"], depth + 1).into(),
        "integer" | "number" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
        "boolean" => json!(true),
        "null" => Value::Null,
        _ => match schema["format"].as_str() {
            Some("uuid") => json!("0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10"),
            Some("date-time") => json!("2026-11-23T09:00:03+01:00"),
            Some("date") => json!("2026-11-23"),
            _ => json!("x"),
        },
    }]
}

/// Every operation with a JSON body, and that body.
async fn bodies(stage: &Stage) -> Vec<(Operation, Value)> {
    let with_body = |operation: Operation| {
        let schema = operation.json_body()?["schema"].clone();
        let body = full(&operation, &schema, 0).remove(0);
        Some((operation, body))
    };
    operations(stage).await.into_iter().filter_map(with_body).collect()
}

/// Whether the schema says that the value at the pointer is an integer.
fn is_integer(operation: &Operation, pointer: &str, body: &Value) -> bool {
    fn found(operation: &Operation, schema: &Value, segments: &[&str], value: &Value) -> bool {
        let schema = operation.resolve(schema);
        let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
        if parts.clone().next().is_some() {
            return parts.into_iter().any(|part| found(operation, part, segments, value));
        }
        match segments {
            [] => schema["type"] == "integer" || schema["type"][0] == "integer",
            [first, rest @ ..] => {
                let inner = match value {
                    Value::Array(_) => &schema["items"],
                    _ => &schema["properties"][*first],
                };
                let next = value.pointer(&format!("/{first}")).unwrap_or(&Value::Null);
                !inner.is_null() && found(operation, inner, rest, next)
            }
        }
    }
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    let schema = &operation.json_body().unwrap()["schema"];
    body.pointer(pointer).is_some_and(Value::is_number) && found(operation, schema, &segments, body)
}

async fn send(stage: &Stage, token: &str, operation: &Operation, body: String) -> Answer {
    let call = operation.call(stage, &operation.url()).token(token);
    call.header("content-type", "application/json").body(body).send().await
}

/// The body as text, with `raw` at the pointer.
fn with_raw(body: &Value, pointer: &str, raw: &str) -> String {
    let mark = "0123456789MARK";
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap() = json!(mark);
    body.to_string().replace(&format!("\"{mark}\""), raw)
}

/// What an answer says of a body, without what differs from call to call.
fn verdict(answer: &Answer) -> Value {
    let value: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
    json!([answer.status, value["code"], value["errors"]])
}

both!(a_number_without_a_fraction_is_an_integer_everywhere, |stage| {
    let token = stage.full_token();
    let mut tried = Vec::new();
    for (operation, body) in bodies(&stage).await {
        for (pointer, value) in leaves(&body) {
            if !is_integer(&operation, &pointer, &body) || is_alone(&pointer) {
                continue;
            }
            let plain = value.to_string();
            let said = verdict(&send(&stage, &token, &operation, with_raw(&body, &pointer, &plain)).await);
            for written in [format!("{plain}.0"), format!("{plain}e0"), format!("{plain}0E-1")] {
                let same = verdict(&send(&stage, &token, &operation, with_raw(&body, &pointer, &written)).await);
                assert_eq!(same, said, "{operation}: {pointer} = {written}");
            }
            // The value is looked at: as a text, and with a fraction, it is refused there.
            // A time worked is rounded, so there a fraction is none of our concern.
            let is_rounded = pointer.ends_with("/active_ms");
            for (wrong, words) in
                [("\"x\"", "a text"), ("1.5", "the number 1.5")].into_iter().take(if is_rounded { 1 } else { 2 })
            {
                let answer = send(&stage, &token, &operation, with_raw(&body, &pointer, wrong)).await;
                let problem = answer.problem(422, "invalid_body");
                assert!(pointer.starts_with(place_of(&problem)), "{operation}: {pointer} = {wrong}: {problem}");
                let detail = problem["errors"][0]["detail"].as_str().unwrap();
                assert!(
                    detail.starts_with(if is_rounded { "must be a number" } else { "must be a whole number" })
                        && detail.contains(words),
                    "{pointer}: {detail}"
                );
            }
            tried.push(format!("{operation}{pointer}"));
        }
    }
    for known in ["/quiz/items/6/shown", "/lesson/blocks/0/level", "/signals", "/seq", "/ttl_seconds", "/http/status"] {
        assert!(tried.iter().any(|one| one.contains(known)), "{known}: {tried:?}");
    }
});

/// Names and words that mean something to those who read our source, and to nobody else.
fn foreign(text: &str, schemas: &[String]) -> Option<String> {
    let words =
        ["struct", "enum", "variant", "tagged", "tuple", "newtype", "sequence", "usize", "borrowed", "serde", "Option", "Vec"];
    let all = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let is_number =
        |word: &str| ["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "f64"].contains(&word);
    let is_type = |word: &str| schemas.iter().any(|name| name == word) && word.chars().filter(|c| c.is_uppercase()).count() > 1;
    all.filter(|word| words.contains(word) || is_number(word) || is_type(word))
        .map(str::to_owned)
        .next()
        .or_else(|| text.contains("floating point").then(|| "floating point".to_owned()))
}

both!(no_problem_names_a_type_of_ours, |stage| {
    let token = stage.full_token();
    let document = stage.document().await;
    let schemas: Vec<String> = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    let wrong = ["null", "\"surely not\"", "1.5", "-1", "1e300", "true", "[]", "[[]]", "{}", "{\"kind\": \"surely not\"}"];
    let mut refused = 0;
    for (operation, body) in bodies(&stage).await {
        for (i, (pointer, _)) in leaves(&body).into_iter().enumerate() {
            // Some for each place, all of them for places alike.
            for raw in wrong.iter().cycle().skip(i * 3).take(3) {
                let answer = send(&stage, &token, &operation, with_raw(&body, &pointer, raw)).await;
                let said: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
                let texts = [&said["detail"], &said["errors"], &said["results"]].map(Value::to_string).join(" ");
                assert_eq!(foreign(&texts, &schemas), None, "{operation}: {pointer} = {raw}: {texts}");
                refused += usize::from(answer.status == 422);
            }
        }
    }
    assert!(refused > 500, "{refused}");
    for query in ["/v1/attempts?limit=x", "/v1/attempts?limit=1.5", "/v1/records?limit=-"] {
        let problem = stage.get(query).token(&token).send().await.problem(400, "invalid_parameter");
        assert_eq!(foreign(&problem["detail"].to_string(), &schemas), None, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("whole number"), "{problem}");
    }
});
