//! Numbers: what is kept reads back as it was sent or is refused at once, and what a score says is what the verdict says.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use waymark::clock::Clock;

use crate::authoring::with;
use crate::flow::{begin, changed, feed, items, new_attempt, pupil, put, read, right, told};
use crate::harness::{place_of, slug};
use crate::learners::second_tenant;
use crate::signals::signal;
use crate::submissions::complete;

/// The same, where a number is the same however it is spelled.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(name, x)| y.get(name).is_some_and(|y| same(x, y)))
        }
        (a, b) => a == b,
    }
}

const NUMBERS: &[&str] = &[
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "2.2250738585072014e-308",
    "5e-324",
    "99.99999999999999",
    "0.1",
    "0.30000000000000004",
    "1.0",
    "1.10",
    "-0",
    "-0.0",
    "1e2",
    "1e15",
    "1e16",
    "-1e16",
    "1.2345678901234567e18",
    "1e19",
    "1e20",
    "9223372036854775807",
    "18446744073709551615",
    "-9223372036854775808",
];

fn any_json() -> impl Strategy<Value = Value> {
    let text = || any::<String>().prop_map(|text| text.replace('\0', ""));
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(Value::from),
        (-400_000_i64..400_000, 0_u32..5).prop_map(|(n, places)| json!(n as f64 / 10_f64.powi(places as i32))),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>().prop_map(|text| text.replace('\0', "")), inner), 0..4)
                .prop_map(|list| Value::Object(list.into_iter().collect())),
        ]
    })
}

/// Metadata that a client may send: the numbers above, one by one, and whatever chance makes of JSON.
fn metadata() -> Vec<Value> {
    let mut runner = TestRunner::deterministic();
    let mut random = || any_json().new_tree(&mut runner).unwrap().current();
    let chance = (0..40).map(|_| json!({"a": random(), "b/~": random()}));
    let chance: Vec<Value> = chance.filter(|value| value.to_string().len() < 4000).collect();
    let numbers = NUMBERS.chunks(7).map(|chunk| chunk.iter().map(|n| serde_json::from_str(n).unwrap()).collect());
    let numbers = numbers.map(|list: Vec<Value>| json!({"list": list}));
    [numbers.collect(), chance].concat()
}

both!(what_is_kept_reads_back_as_it_was_sent, |stage| {
    let ada = pupil(&stage, "ada").await;
    let all = metadata();
    assert!(all.len() > 30);
    for sent in &all {
        let context = json!({"metadata": sent});
        for (path, body) in [
            (new_attempt(), with(with(begin(), "/context", context.clone()), "/submit", json!(true))),
            (format!("/v1/submissions/{}", uuid::Uuid::new_v4()), with(complete(), "/context", context.clone())),
        ] {
            let made = put(&stage, &ada.token, &path, &body).await.is(201).json();
            assert!(same(&made["context"]["metadata"], sent), "{sent} came back as {}", made["context"]);
            let kept = read(&stage, &ada.token, &path).await.ok().json();
            assert_eq!(kept["context"], made["context"], "sent: {sent}");
            // The same again is the same, and no change of what cannot be changed.
            assert_eq!(put(&stage, &ada.token, &path, &body).await.ok().json()["context"], made["context"]);
        }
    }
    for (list, most) in [("/v1/attempts?limit=200", all.len()), ("/v1/submissions?limit=100", all.len())] {
        let page = read(&stage, &ada.token, list).await.ok().json();
        let listed = page["items"].as_array().unwrap();
        assert_eq!(listed.len(), most);
        // One may overtake another of the same microsecond.
        assert!(all.iter().all(|sent| listed.iter().any(|one| same(&one["context"]["metadata"], sent))), "{list}");
    }
    for kind in ["attempt.started", "attempt.submitted", "submission.saved"] {
        let records = told(&stage, kind).await;
        assert!(all.iter().all(|sent| records.iter().any(|one| same(&one["context"]["metadata"], sent))), "{kind}");
    }
});

both!(what_would_not_read_back_is_refused_where_it_stands, |stage| {
    let ada = pupil(&stage, "ada").await;
    let (full, own) = (stage.full_token(), second_tenant(&stage));
    let there = stage.issue(own.0, own.1, waymark::auth::Principal::Client(own.1), &waymark::auth::Scopes::all().to_string());
    let send = |method: &'static str, path: String, token: String, body: String| {
        let call = stage.call(method, &path).token(&token).header("content-type", "application/json").body(body);
        call.send()
    };
    let attempt = |metadata: &str| format!("{{\"lesson\": \"{}\", \"context\": {{\"metadata\": {metadata}}}}}", slug());
    for (metadata, pointer) in [
        ("{\"v\": 12345678901234567890123}", "/context/metadata/v"),
        ("{\"v\": [0, 18446744073709551616]}", "/context/metadata/v/1"),
        ("{\"v\": {\"w\": 0.1234567890123456789}}", "/context/metadata/v/w"),
        ("{\"v\": 1e-400}", "/context/metadata/v"),
        ("{\"v\": 1, \"w\": 2, \"v\": 3}", "/context/metadata/v"),
        ("{\"v\": \"a\\u0000b\"}", "/context/metadata/v"),
        ("{\"v\\u0000\": 1}", "/context/metadata/v\0"),
    ] {
        for (method, path) in [
            ("PUT", new_attempt()),
            ("POST", "/v1/attempts".to_owned()),
            ("PUT", format!("/v1/submissions/{}", uuid::Uuid::new_v4())),
            ("POST", "/v1/submissions".to_owned()),
        ] {
            let problem = send(method, path, ada.token.clone(), attempt(metadata)).await.problem(422, "invalid_body");
            // Where a name cannot be stored, what holds it may be named instead.
            assert!(pointer.starts_with(place_of(&problem)), "{metadata}: {problem}");
        }
    }
    for unreadable in ["{\"v\": 1e400}", "{\"v\": \"\\ud800\"}", "{\"v\": \"\\udc00\\ud800\"}"] {
        send("PUT", new_attempt(), ada.token.clone(), attempt(unreadable)).await.problem(400, "malformed_json");
    }
    // What is written for others is held to every digit.
    let body = with(signal(), "/when/all/0/value", json!(4711)).to_string();
    let body = body.replace(":4711", ":0.12345678901234567890");
    let problem = send("PUT", "/v1/signals/acme-topic-rule".to_owned(), full.clone(), body).await.problem(422, "invalid_body");
    assert_eq!(place_of(&problem), "/when/all/0/value");
    let body = with(crate::authoring::draft(), "/quiz/policy/pass_mark", json!(0.123456)).to_string();
    let body = body.replace("0.123456", "0.66666666666666666666");
    let problem = send("PUT", "/v1/drafts/refusals-at-acme".to_owned(), there, body).await.problem(422, "invalid_body");
    assert_eq!(place_of(&problem), "/quiz/policy/pass_mark");
    // Nothing of it is there.
    assert_eq!(read(&stage, &full, "/v1/attempts").await.ok().json()["items"], json!([]));
    assert_eq!(feed(&stage, &full, "kind=attempt.started").await.len(), 0);
});

both!(a_signal_that_names_a_number_is_the_same_again, |stage| {
    let token = stage.full_token();
    for (n, number) in ["1e16", "99.99999999999999", "1.0", "-0.0", "5e-324"].into_iter().enumerate() {
        let number: Value = serde_json::from_str(number).unwrap();
        let body = with(signal(), "/when/all/0", json!({"pointer": "/error/code", "value": "ACME-4711"}));
        let body = with(body, "/when/none", json!([{"pointer": "/error/limit", "value": number}]));
        let path = format!("/v1/signals/acme-number-{n}");
        let made = put(&stage, &token, &path, &body).await.is(201).json();
        assert!(same(&made["when"]["none"][0]["value"], &number), "{made}");
        assert_eq!(read(&stage, &token, &path).await.ok().json()["when"], made["when"]);
        assert_eq!(put(&stage, &token, &path, &body).await.ok().json()["revision"], 1, "{number}");
    }
});

both!(the_score_that_is_shown_says_what_the_verdict_says, |place: Place| {
    /// (points of the items, how many are right, pass mark, raw, scaled, passed)
    const CASES: &[(&[f64], usize, f64, f64, f64, bool)] = &[
        (&[79.996, 20.004], 1, 0.8, 79.996, 0.7999, false),
        (&[80.0, 20.0], 1, 0.8, 80.0, 0.8, true),
        (&[1.0, 1.0, 1.0], 2, 0.6666666666666666, 2.0, 0.6667, true),
        (&[1.0, 1.0, 1.0], 2, 0.6667, 2.0, 0.6666, false),
        (&[1.0, 1.0, 1.0], 0, 0.00004, 0.0, 0.0, false),
        (&[1.0, 1.0, 1.0], 0, 5e-324, 0.0, 0.0, false),
        (&[0.001, 99.999], 1, 0.00001, 0.001, 0.0001, true),
    ];
    for (n, (points, good, mark, raw, scaled, passed)) in CASES.iter().enumerate() {
        let stage = changed(&place, Clock::system(), |content| {
            // Each case is a later revision than the one before.
            content.lesson.revision += i32::try_from(n).unwrap();
            content.quiz.policy.pass_mark = *mark;
            content.quiz.items.truncate(points.len());
            content.quiz.items.iter_mut().zip(*points).for_each(|(item, points)| item.points = *points);
        });
        let ada = pupil(&stage, &format!("ada-{n}")).await;
        let answers: Vec<Value> = items().iter().take(*good).map(|item| right(item, 1)).collect();
        let path = new_attempt();
        let body = json!({"lesson": slug(), "responses": answers, "submit": true});
        let made = put(&stage, &ada.token, &path, &body).await.is(201).json();
        let full = stage.full_token();
        let result = read(&stage, &full, &path).await.ok().json()["result"].clone();
        assert_eq!(
            (&result["raw"], &result["scaled"], &result["success"]),
            (&json!(raw), &json!(scaled), &json!(passed)),
            "{made}"
        );
        let grading = read(&stage, &full, &format!("{path}/gradings")).await.ok().json()["items"][0].clone();
        assert_eq!((&grading["raw"], &grading["scaled"], &grading["success"]), (&json!(raw), &json!(scaled), &json!(passed)));
        let record = told(&stage, "attempt.submitted").await.pop().unwrap();
        assert_eq!(record["body"]["result"], result);
        let progress = read(&stage, &full, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
        let lessons = progress["courses"][0]["lessons"].as_array().unwrap();
        let counting = &lessons.iter().find(|lesson| lesson["lesson"] == slug()).unwrap()["counting"];
        assert_eq!((&counting["scaled"], &counting["passed"]), (&json!(scaled), &json!(passed)));
        stage.stop();
    }
});
