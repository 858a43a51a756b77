//! What holds for every operation of the document, those of tomorrow included: who may, what is documented, what is
//! answered where there is nothing.

use std::collections::BTreeSet;

use serde_json::Value;
use waymark::auth::{Principal, Scope, Scopes};

use crate::document::operations;
use crate::harness::{Kind, play, slug};

both!(every_operation_asks_for_its_scope, |stage| {
    let mut secured = 0;
    for operation in operations(&stage).await {
        let under_v1 = operation.path.starts_with("/v1/");
        assert_eq!(operation.secured(), under_v1, "{operation}: all of /v1 and nothing else needs a token");
        if !operation.secured() {
            continue;
        }
        secured += 1;
        let answer = operation.example_call(&stage).send().await;
        answer.problem(401, "token_missing");
        operation.names(&answer);
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"waymark\"", "{operation}");
        operation.example_call(&stage).token("garbage").send().await.problem(401, "token_invalid");
        // Without a token the body does not matter, and tells nothing.
        if operation.json_body().is_some() {
            let url = operation.url();
            operation.call(&stage, &url).body("garbage").send().await.problem(401, "token_missing");
        }
        for needed in operation.scopes() {
            let others: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).filter(|name| *name != needed).collect();
            for principal in
                [Principal::Client(stage.administrator), Principal::Staff(stage.clean_id()), Principal::Learner(stage.clean_id())]
            {
                let answer = operation.example_call(&stage).token(&stage.token_of(principal, &others.join(" "))).send().await;
                let problem = answer.problem(403, "insufficient_scope");
                assert_eq!(problem["params"]["scope"], needed, "{operation}");
                let challenge = format!("Bearer realm=\"waymark\", error=\"insufficient_scope\", scope=\"{needed}\"");
                assert_eq!(answer.header("www-authenticate"), challenge, "{operation}");
                operation.names(&answer);
            }
            assert!(Scope::ALL.iter().any(|scope| scope.name() == needed), "{operation} needs {needed}, which is no scope");
        }
        // With the scope it is let in: whatever it says then, it is not that.
        let answer = operation.example_call(&stage).token(&stage.full_token()).send().await;
        assert!(![401].contains(&answer.status), "{operation}: {}", answer.text());
        operation.names(&answer);
    }
    assert!(secured >= 8, "only {secured} operations were tried");
});

#[test]
fn every_operation_is_documented() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let mut names = BTreeSet::new();
        let mut missing = Vec::new();
        for operation in operations(&stage).await {
            let value = &operation.value;
            let mut need = |there: bool, what: &str| {
                if !there {
                    missing.push(format!("{operation} has no {what}"));
                }
            };
            for field in ["summary", "description", "operationId"] {
                need(value[field].as_str().is_some_and(|text| !text.trim().is_empty()), field);
            }
            need(value["tags"].as_array().is_some_and(|tags| tags.len() == 1), "single tag");
            need(value["summary"].as_str().is_some_and(|text| !text.ends_with('.') && text.len() < 80), "short summary");
            need(names.insert(value["operationId"].to_string()), "operationId of its own");
            let responses = value["responses"].as_object().unwrap();
            need(responses.keys().any(|status| status.starts_with('4')), "4xx answer");
            need(responses.keys().any(|status| status.starts_with('2')), "2xx answer");
            if operation.secured() {
                need(responses.contains_key("401") && responses.contains_key("403"), "401 and 403");
            }
            for (status, response) in responses {
                let response = operation.resolve(response);
                need(response["description"].as_str().is_some_and(|text| !text.is_empty()), &format!("description of {status}"));
                if status.starts_with('4') || status.starts_with('5') {
                    let problem = response.pointer("/content/application~1problem+json").is_some();
                    need(problem || operation.path.starts_with("/oauth/"), &format!("problem+json at {status}"));
                }
            }
            if operation.json_body().is_some() {
                need(operation.example().is_some(), "example of its body");
                for status in ["413", "415", "422"] {
                    need(responses.contains_key(status), status);
                }
            }
            let templates: BTreeSet<String> =
                operation.path.split('/').filter_map(|s| Some(s.strip_prefix('{')?.strip_suffix('}')?.to_owned())).collect();
            let documented: BTreeSet<String> =
                operation.parameters("path").iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect();
            need(templates == documented, "documentation of its path parameters");
            for parameter in operation.parameters("path").iter().chain(&operation.parameters("query")) {
                need(
                    parameter["description"].as_str().is_some_and(|d| !d.is_empty()),
                    &format!("description of {}", parameter["name"]),
                );
            }
        }
        assert!(missing.is_empty(), "\n{}", missing.join("\n"));
    });
}

/// Bodies that are refused by name when a field is unknown say so in the document.
#[test]
fn requests_are_closed_in_the_document_too() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        for operation in operations(&stage).await {
            let Some(body) = operation.json_body() else { continue };
            let schema = operation.resolve(&body["schema"]);
            if schema["type"] == "object" {
                assert_eq!(schema["additionalProperties"], false, "{operation}");
            }
        }
    });
}

/// The document's own references lead somewhere, and every scope it names is explained.
#[test]
fn the_document_is_whole() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let document = stage.document().await;
        assert_eq!(document["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(reference)) = map.get("$ref") {
                        let there = document.pointer(reference.trim_start_matches('#'));
                        assert!(there.is_some_and(|v| !v.is_null()), "{reference} leads nowhere");
                    }
                    map.values().for_each(|v| walk(v, document));
                }
                Value::Array(list) => list.iter().for_each(|v| walk(v, document)),
                _ => {}
            }
        }
        walk(&document, &document);
        let scopes = document.pointer("/components/securitySchemes/token/flows/clientCredentials/scopes").unwrap();
        assert_eq!(scopes.as_object().unwrap().len(), Scope::ALL.len());
        let again = stage.get("/openapi.json").send().await.ok();
        let etag = again.header("etag").to_owned();
        stage.get("/openapi.json").header("if-none-match", &etag).send().await.is(304);
        assert_eq!(again.text(), waymark::docs::contract_text(), "`waymark openapi` prints what the service serves");
    });
}

/// The `type` of every problem leads to an explanation, and the browser's pages need no other host.
#[test]
fn the_docs_are_there() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let errors = stage.get("/docs/errors").send().await.ok().text();
        for code in waymark::error::Code::ALL {
            assert!(errors.contains(&format!("id=\"{}\"", code.name())), "{}", code.name());
        }
        let page = stage.get("/docs/").send().await.ok().text();
        let guide = stage.get("/docs/field-guide").send().await.ok().text();
        let glossary = stage.get("/docs/glossary").send().await.ok().text();
        assert!(page.contains("swagger-ui"), "{page}");
        for text in [&errors, &page, &guide, &glossary] {
            assert!(!text.contains("src=\"http") && !text.contains("src=\"//") && !text.contains("href=\"http"), "{text}");
        }
        assert_eq!(stage.get("/docs").send().await.is(302).header("location"), "/docs/");
        assert_eq!(stage.get("/").send().await.is(302).header("location"), "/docs");
        for path in ["/", "/docs", "/docs/errors", "/docs/signals", "/docs/glossary", "/docs/field-guide"] {
            let head = stage.call("HEAD", path).send().await;
            assert_eq!(head.status, stage.get(path).send().await.status, "HEAD {path}");
            assert!(head.body.is_empty(), "HEAD {path}");
            for method in ["POST", "DELETE"] {
                let answer = stage.call(method, path).send().await;
                answer.problem(405, "method_not_allowed");
                assert_eq!(answer.header("allow"), "GET, HEAD", "{method} {path}");
            }
        }
    });
}

both!(where_there_is_nothing, |stage| {
    let token = stage.full_token();
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v2/lessons",
        "/v1/lessons/",
        "/V1/lessons",
        "/v1//lessons",
        "/docs/x.js",
        "/v1/lessons/a/b/c",
        "/.env",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = stage.call(method, path).token(&token).send().await;
            answer.problem(404, "not_found");
        }
        stage.get(path).send().await.problem(404, "not_found");
    }
    // A HEAD has no body even then.
    let head = stage.call("HEAD", "/v1/nothing").send().await.is(404);
    assert!(head.body.is_empty());
});

both!(a_wrong_method_is_told_the_right_ones, |stage| {
    let all = operations(&stage).await;
    let paths: BTreeSet<&String> = all.iter().map(|operation| &operation.path).collect();
    for path in paths {
        let own: Vec<_> = all.iter().filter(|operation| &operation.path == path).collect();
        let mut allowed: BTreeSet<String> = own.iter().map(|operation| operation.method.clone()).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD".to_owned());
        }
        let url = own[0].url();
        for method in
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"].into_iter().filter(|m| !allowed.contains(*m))
        {
            let answer = stage.call(method, &url).send().await;
            let named: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
            assert_eq!((answer.status, &named), (405, &allowed), "{method} {url}: {}", answer.text());
            if method != "HEAD" {
                answer.problem(405, "method_not_allowed");
            }
        }
    }
});

both!(head_is_get_without_a_body, |stage| {
    let token = stage.full_token();
    let mut tried = 0;
    for operation in operations(&stage).await.into_iter().filter(|operation| operation.method == "GET") {
        let url = operation.url();
        let get = stage.get(&url).token(&token).send().await;
        let head = stage.call("HEAD", &url).token(&token).send().await;
        assert_eq!(head.status, get.status, "{operation}");
        assert!(head.body.is_empty(), "{operation}");
        for name in ["content-type", "etag", "cache-control", "vary", "content-language"] {
            assert_eq!(head.header(name), get.header(name), "{operation}: {name}");
        }
        tried += usize::from(get.status == 200);
    }
    assert!(tried >= 8, "only {tried} operations were read");
});

both!(every_answer_has_its_headers, |stage| {
    let token = stage.full_token();
    let lesson = format!("/v1/lessons/{}", slug());
    for path in [lesson.as_str(), "/healthz", "/readyz", "/v1/nothing", "/docs/", "/openapi.json", "/v1/records"] {
        let answer = stage.get(path).token(&token).send().await;
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY")]
        {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("server"), "", "{path}: nobody needs to know");
    }
    let mine = stage.get("/v1/nothing").header("x-request-id", "my-id_1.2").send().await;
    assert_eq!(mine.problem(404, "not_found")["request_id"], "my-id_1.2");
    for harmful in ["a b", "<script>", &"x".repeat(65)] {
        let answer = stage.get("/healthz").header("x-request-id", harmful).send().await;
        assert_ne!(answer.header("x-request-id"), harmful);
    }
});

both!(browsers_are_let_in_by_configuration, |place: Place| {
    let origins = vec!["https://lms.example".to_owned()];
    let stage = place.serve_with(|config| config.cors_origins = origins, waymark::clock::Clock::system());
    let preflight = |origin: &'static str| {
        let call = stage.call("OPTIONS", "/v1/lessons").header("origin", origin);
        call.header("access-control-request-method", "GET").header("access-control-request-headers", "authorization").send()
    };
    let answer = preflight("https://lms.example").await;
    assert!(answer.status < 300, "{}: {}", answer.status, answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), "https://lms.example");
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
    // A refusal must be readable too, or a front end sees only "network error".
    let answer = stage.get("/v1/lessons").header("origin", "https://lms.example").send().await;
    answer.problem(401, "token_missing");
    assert_eq!(answer.header("access-control-allow-origin"), "https://lms.example");
    let all = Scopes::all().to_string();
    let answer = stage.get("/v1/lessons").header("origin", "https://lms.example").token(&stage.token(&all)).send().await.ok();
    assert_eq!(answer.header("access-control-allow-origin"), "https://lms.example");
    assert!(answer.header("vary").contains("Origin"), "{:?}", answer.headers);
    assert!(answer.header("access-control-expose-headers").to_lowercase().contains("etag"));
});
