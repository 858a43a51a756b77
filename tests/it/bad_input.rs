//! Wrong requests: every one is refused with problem+json, a code, and the place where it goes wrong; none is a 5xx.
//!
//! Most of this is generic over the operations of the document, so that what is added later is covered by itself.

use serde_json::{Value, json};

use crate::document::{Operation, operations};
use crate::harness::{Answer, Stage, place_of, slug};

async fn with_json_body(stage: &Stage) -> Vec<Operation> {
    let all: Vec<_> = operations(stage).await.into_iter().filter(|operation| operation.json_body().is_some()).collect();
    assert!(!all.is_empty());
    all
}

/// Sends `body` as JSON to the operation.
async fn send(stage: &Stage, token: &str, operation: &Operation, body: impl Into<Vec<u8>>) -> Answer {
    let call = operation.call(stage, &operation.url()).token(token);
    let answer = call.header("content-type", "application/json").body(body).send().await;
    operation.names(&answer);
    answer
}

/// The body is unreadable as JSON, or readable but not of the shape.
#[track_caller]
fn refused_body(operation: &Operation, what: &str, answer: &Answer) -> Value {
    assert!([400, 422].contains(&answer.status), "{operation}: {what}: {} {}", answer.status, answer.text());
    let problem = answer.any_problem();
    let code = if answer.status == 400 { "malformed_json" } else { "invalid_body" };
    assert_eq!(problem["code"], code, "{operation}: {what}: {problem}");
    assert_eq!(answer.status == 422, problem["errors"][0]["pointer"].is_string(), "{operation}: {what}: {problem}");
    problem
}

both!(no_json_is_refused, |stage| {
    let token = stage.full_token();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    for operation in with_json_body(&stage).await {
        for body in ["", " ", "{", "{'a': 1}", "nonsense", "\u{feff}{}"] {
            send(&stage, &token, &operation, body).await.problem(400, "malformed_json");
        }
        // Here the unknown field may be met before the syntax error.
        for body in ["{\"a\":", "{\"a\": 1,}", "{\"a\": NaN}", "{} {}x"] {
            refused_body(&operation, body, &send(&stage, &token, &operation, body).await);
        }
        let example = operation.example().unwrap().to_string();
        let problem = send(&stage, &token, &operation, format!("{example} trailing")).await.problem(400, "malformed_json");
        assert!(problem["detail"].as_str().unwrap().contains("line 1 column"), "{problem}");
        send(&stage, &token, &operation, b"{\"\xff\": 1}".to_vec()).await.problem(400, "malformed_json");
        send(&stage, &token, &operation, b"\xff\xfe{\0}\0".to_vec()).await.problem(400, "malformed_json");
        for body in ["null", "1", "true", "\"text\"", "[]", "[1, 2, 3, 4, 5, 6, 7, 8, 9]"] {
            let problem = send(&stage, &token, &operation, body).await.problem(422, "invalid_body");
            assert!(problem["errors"][0]["pointer"].is_string(), "{operation}: {body}: {problem}");
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let body = deep(open, close);
            refused_body(&operation, "10,000 deep", &send(&stage, &token, &operation, body).await);
            for name in operation.properties().keys() {
                let body = format!("{{\"{name}\": {}}}", deep(open, close));
                refused_body(&operation, &format!("10,000 deep in {name}"), &send(&stage, &token, &operation, body).await);
            }
        }
    }
});

both!(
    /// A struct is an object: the values of its fields in a row are not accepted in its place.
    a_list_is_no_object, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let example = operation.example().unwrap();
        let order: Vec<Value> = operation.properties().keys().map(|name| example[name].clone()).collect();
        let answer = send(&stage, &token, &operation, Value::Array(order).to_string()).await;
        let problem = answer.problem(422, "invalid_body");
        assert_eq!(place_of(&problem), "", "{operation}: {problem}");
    }
});

both!(unknown_fields_are_refused_by_name, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let mut body = operation.example().unwrap();
        body["surely/unknown"] = json!(1);
        let problem = send(&stage, &token, &operation, body.to_string()).await.problem(422, "invalid_body");
        assert_eq!(place_of(&problem), "/surely~1unknown", "{operation}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains("unknown field"), "{problem}");
        // And inside of every object that the example has.
        for (pointer, value) in leaves(&operation.example().unwrap()) {
            if !value.is_object() || pointer.is_empty() || is_alone(&pointer) {
                continue;
            }
            let mut body = operation.example().unwrap();
            body.pointer_mut(&pointer).unwrap()["surely_unknown"] = json!(1);
            let answer = send(&stage, &token, &operation, body.to_string()).await;
            if !FREE.iter().any(|free| pointer.ends_with(free)) {
                let problem = answer.problem(422, "invalid_body");
                let place = place_of(&problem);
                // Where one more member is a value of a wrong type, a tagged union is named as a whole.
                let union = body.pointer(place).is_some_and(|whole| whole["kind"].is_string() || whole["type"].is_string());
                let there = place.starts_with(&pointer) || (union && pointer.starts_with(place));
                assert!(there, "{operation}: {pointer}: {problem}");
            }
        }
    }
});

/// Objects that hold what the client likes.
const FREE: &[&str] = &["/metadata", "/body"];

/// Each answer of a list is read by itself: a faulty one is no fault of the body (see `answers.rs`).
pub fn is_alone(pointer: &str) -> bool {
    pointer.starts_with("/responses/")
}

/// Every value inside of `value` with its pointer, the whole included.
pub fn leaves(value: &Value) -> Vec<(String, Value)> {
    fn walk(at: String, value: &Value, out: &mut Vec<(String, Value)>) {
        out.push((at.clone(), value.clone()));
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(name, v)| walk(format!("{at}/{}", waymark_engine::pointer::escaped(name)), v, out))
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| walk(format!("{at}/{i}"), v, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(String::new(), value, &mut out);
    out
}

both!(wrong_types_are_refused_with_their_place, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let example = operation.example().unwrap();
        for (pointer, value) in leaves(&example) {
            let free = FREE.iter().any(|free| pointer.contains(free));
            if pointer.is_empty() || free || is_alone(&pointer) {
                continue;
            }
            let wrong = match &value {
                Value::String(_) => json!([true]),
                Value::Number(_) => json!("one"),
                Value::Bool(_) => json!("yes"),
                Value::Array(_) | Value::Object(_) => json!(7),
                Value::Null => continue,
            };
            let mut body = example.clone();
            *body.pointer_mut(&pointer).unwrap() = wrong;
            let answer = send(&stage, &token, &operation, body.to_string()).await;
            assert_eq!(answer.status, 422, "{operation}: {pointer}: {body}: {}", answer.text());
            let problem = answer.problem(422, "invalid_body");
            let place = place_of(&problem);
            // A tagged union is read as a whole, so there the place may be the union's.
            assert!(pointer.starts_with(place) && !place.is_empty(), "{operation}: {pointer}: {problem}");
        }
    }
});

both!(what_no_database_stores_is_refused, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let example = operation.example().unwrap();
        for (pointer, value) in leaves(&example).into_iter().filter(|(pointer, _)| !is_alone(pointer)) {
            let mut tries: Vec<String> = Vec::new();
            match &value {
                Value::String(text) => {
                    tries.push(format!("\"{}\\u0000\"", text.replace('"', "")));
                    tries.push("\"\\ud800\"".to_owned()); // half a surrogate pair
                    if text.len() == 36 && text.matches('-').count() == 4 {
                        for id in [
                            "42",
                            "not-a-uuid",
                            "00000000-0000-0000-0000-000000000000",
                            "{0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10}",
                            "2ed6657d-e927-11ef-9cd2-0242ac120002",
                        ] {
                            tries.push(format!("\"{id}\""));
                        }
                    }
                    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
                        for time in [
                            "10000-01-01T00:00:00Z",
                            "+12026-01-01T00:00:00Z",
                            "-0001-01-01T00:00:00Z",
                            "2026-02-30T00:00:00Z",
                            "2026-11-23",
                            "2026-11-23T25:00:00Z",
                            "2026-11-23T09:00:00",
                            "yesterday",
                        ] {
                            tries.push(format!("\"{time}\""));
                        }
                    }
                }
                Value::Number(_) => {
                    tries.extend(
                        ["9223372036854775808", "-9223372036854775809", "99999999999999999999999999", "1e400"].map(str::to_owned),
                    );
                }
                _ => continue,
            }
            for wrong in tries {
                let mark = "0123456789MARK";
                let mut body = example.clone();
                *body.pointer_mut(&pointer).unwrap() = json!(mark);
                let body = body.to_string().replace(&format!("\"{mark}\""), &wrong);
                let free = FREE.iter().any(|free| pointer.contains(free));
                let answer = send(&stage, &token, &operation, body).await;
                // A number that a field could hold is judged later, by the rules, where there is a thing to judge it for.
                if answer.status == 404 && value.is_number() && operation.path.contains("/{id}") {
                    continue;
                }
                if !free || wrong.contains("\\u0000") || wrong.contains("\\ud800") {
                    refused_body(&operation, &format!("{pointer} = {wrong}"), &answer);
                }
                if wrong.contains("\\u0000") {
                    assert_eq!(place_of(&answer.problem(422, "invalid_body")), pointer, "{operation}");
                }
            }
        }
    }
});

both!(duplicate_fields_are_refused, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let example = operation.example().unwrap();
        for (name, value) in example.as_object().unwrap() {
            let body = example.to_string();
            let body = format!("{},\"{name}\":{value}}}", &body[..body.len() - 1]);
            let problem = send(&stage, &token, &operation, body).await.problem(422, "invalid_body");
            assert!(problem["detail"].as_str().unwrap().contains("duplicate"), "{operation}: {name}: {problem}");
        }
    }
});

both!(only_plain_json_is_taken, |stage| {
    let token = stage.full_token();
    for operation in with_json_body(&stage).await {
        let body = operation.example().unwrap().to_string();
        let url = operation.url();
        let call = || operation.call(&stage, &url).token(&token).body(body.clone());
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "application/problem+json", "application/jsonx", "json", "*/*"]
        {
            let problem = call().header("content-type", kind).send().await.problem(415, "unsupported_media_type");
            assert_eq!(problem["params"]["supported"], "application/json");
        }
        let answer = call().send().await;
        answer.problem(415, "unsupported_media_type");
        operation.names(&answer);
        for coding in ["gzip", "br", "deflate", "zstd", "nonsense"] {
            let call = call().header("content-type", "application/json").header("content-encoding", coding);
            call.send().await.problem(415, "unsupported_media_type");
        }
        let charset = call().header("content-type", "Application/JSON; charset=utf-8").header("content-encoding", "identity");
        assert_ne!(charset.send().await.status, 415);
    }
});

both!(a_body_over_the_limit_is_refused, |stage| {
    let token = stage.full_token();
    let limit = stage.place.config.max_body_bytes;
    for operation in with_json_body(&stage).await {
        let body = format!("{{\"surely_unknown\": \"{}\"}}", "x".repeat(limit));
        let problem = send(&stage, &token, &operation, body.clone()).await.problem(413, "body_too_large");
        assert_eq!(problem["params"]["limit_bytes"], limit);
        let head = |length: &str| {
            format!(
                "{} {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\n{length}\r\n\r\n",
                operation.method,
                operation.url()
            )
        };
        // Announced and never sent: refused without waiting for it.
        stage.raw(head("content-length: 104857600").as_bytes()).problem(413, "body_too_large");
        // Not announced: refused once it is too much.
        let mut chunked = head("transfer-encoding: chunked").into_bytes();
        chunked.extend(format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes());
        stage.raw(&chunked).problem(413, "body_too_large");
        // Just within: read, and refused for what it says.
        let spaces = format!("{{\"surely_unknown\": 1{}}}", " ".repeat(limit - 22));
        send(&stage, &token, &operation, spaces).await.problem(422, "invalid_body");
    }
});

both!(ids_in_paths_have_one_shape, |stage| {
    let token = stage.full_token();
    let ids = [
        "42",
        "not-a-uuid",
        "00000000-0000-0000-0000-000000000000",
        "2ed6657d-e927-11ef-9cd2-0242ac120002",
        "0198c7a03f5e7c1b9d425a1e0c7b9f10",
        "%7B0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10%7D",
        "%00",
        "%ff",
        "%F0%9F%92%A9",
        "'%20OR%201=1",
    ];
    let mut tried = 0;
    for operation in operations(&stage).await {
        if !operation.path.contains("/{id}") {
            continue;
        }
        for id in ids {
            let url = operation.url_with(|name| (name == "id").then(|| id.to_owned()));
            let call = operation.call(&stage, &url).token(&token);
            let call = match operation.example() {
                Some(example) => call.json(&example),
                None => call,
            };
            let answer = call.send().await;
            if answer.status != 404 || id != "%ff" {
                let problem = answer.problem(400, "invalid_parameter");
                assert_eq!(place_of(&problem), "id", "{operation}: {id}: {problem}");
            }
            operation.names(&answer);
            tried += 1;
        }
    }
    assert!(tried > 0);
});

both!(query_parameters_are_closed, |stage| {
    let token = stage.full_token();
    for operation in operations(&stage).await.into_iter().filter(|operation| operation.method == "GET") {
        let parameters = operation.parameters("query");
        let url = operation.url();
        if parameters.is_empty() || url.contains('?') {
            continue;
        }
        let get = |query: String| {
            let call = stage.get(&format!("{url}?{query}")).token(&token);
            let operation = operation.clone();
            async move {
                let answer = call.send().await;
                operation.names(&answer);
                answer
            }
        };
        let problem = get("surely_unknown=1".to_owned()).await.problem(400, "invalid_parameter");
        assert_eq!(place_of(&problem), "surely_unknown", "{operation}");
        for parameter in &parameters {
            let name = parameter["name"].as_str().unwrap();
            let twice = get(format!("{name}=1&{name}=1")).await;
            // A list may be given by repeating its name.
            if parameter["schema"]["type"] != "array" && parameter["schema"]["type"] != json!(["array", "null"]) {
                assert_eq!(place_of(&twice.problem(400, "invalid_parameter")), name, "{operation}");
            }
            get(format!("{name}=a%00b")).await.problem(400, "invalid_parameter");
            for strange in ["%ff", "%", "%F0%9F%92%A9", "'%3B--", "a%25b_c"] {
                let answer = get(format!("{name}={strange}")).await;
                assert!(answer.status < 500, "{operation}?{name}={strange}: {}", answer.text());
            }
            match name {
                "limit" => {
                    for limit in ["0", "-1", "1000000", "99999999999999999999", "1.5", "x", ""] {
                        let problem = get(format!("limit={limit}")).await.problem(400, "invalid_parameter");
                        assert_eq!(place_of(&problem), "limit", "{operation}: {limit}");
                    }
                }
                // A place in the audit log is a number.
                "after" | "cursor" if !parameter["schema"]["type"].to_string().contains("integer") => {
                    for cursor in ["", "x", "AAAA", "%2e%2e%2f", &"A".repeat(5000)] {
                        get(format!("{name}={cursor}")).await.problem(400, "invalid_cursor");
                    }
                }
                _ if parameter.pointer("/schema/format").is_some_and(|format| format == "uuid") => {
                    let problem = get(format!("{name}=42")).await.problem(400, "invalid_parameter");
                    assert_eq!(place_of(&problem), name, "{operation}");
                }
                _ => {}
            }
        }
    }
});

both!(strange_requests_are_answered, |stage| {
    let token = stage.full_token();
    for path in ["/v1/lessons/%00", "/v1/lessons/%ff", "/v1/lessons/%2e%2e%2fadmin", "/v1/lessons/a%2fb", "/%", "/v1/lessons/%zz"]
    {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        let answer = stage.raw(request.as_bytes());
        assert!([400, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        answer.any_problem();
    }
    let long = format!("/v1/lessons/{}", "a".repeat(4000));
    stage.get(&long).token(&token).send().await.problem(404, "not_found");
    let not_ascii =
        [b"GET /v1/lessons HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer \xff\xfe\r\n\r\n".as_slice()]
            .concat();
    stage.raw(&not_ascii).problem(401, "token_missing");
    let lesson = format!("/v1/lessons/{}", slug());
    for (name, value) in [
        ("if-none-match", "nonsense"),
        ("accept-language", "\u{1f4a9}"),
        ("accept-encoding", ";;q=,"),
        ("accept", "text/html"),
        ("range", "bytes=0-1"),
    ] {
        let mut request =
            format!("GET {lesson} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{name}: ")
                .into_bytes();
        request.extend(value.as_bytes());
        request.extend(b"\r\n\r\n");
        assert_eq!(stage.raw(&request).status, 200, "{name}: {value}");
    }
    // A body where none belongs is not read.
    stage.get("/v1/lessons").token(&token).body("garbage").send().await.ok();
    // What the parser of HTTP itself refuses has no body to shape; it must only be refused.
    for garbage in [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".as_slice(), b"GET / HTTP/9.9\r\n\r\n", b"NONSENSE\r\n\r\n"] {
        let answered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stage.raw(garbage).status));
        assert!(answered.map_or(true, |status| (400..500).contains(&status)));
    }
    stage.get("/healthz").send().await.ok();
});
