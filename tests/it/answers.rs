//! Answers that are taken, mended or refused, and what becomes of the attempt whose answer was refused.

use serde_json::{Value, json};
use waymark::clock::Clock;
use waymark::db::types::Time;
use waymark::lessons::format::Item;

use crate::flow::{answer, begin, changed, items, key, new_attempt, pupil, put, read, right, told, whole};
use crate::harness::{Answer, Place, Stage, curriculum, slug};

fn text(words: &str) -> Value {
    json!({"en": words})
}

/// A short text, a number and an order, about the same body.
fn typed_items() -> Vec<Item> {
    let option = |id: &str| json!({"id": id, "text": text(id), "rationale": text("So.")});
    let tasks = [
        json!({"kind": "short_text", "accepted": [{"form": "content_filter"}], "rationale": text("It says so.")}),
        json!({"kind": "numeric", "key": 0.3, "tolerance": 0.0, "rationale": text("It says so.")}),
        json!({"kind": "ordering", "key": ["o0", "o1", "o2", "o3"], "scoring": "partial",
            "options": [option("o3"), option("o0"), option("o1"), option("o2")]}),
    ];
    let make = |(i, task): (usize, Value)| {
        let mut item = json!({"id": format!("typed-{i}"), "revision": 1, "objective": curriculum().lessons[0].lesson.objectives[0].id,
            "points": 1.0, "stem": text("What does it say?"), "evidence": [{"media_type": "text/plain", "description": text("A line."),
            "content": "code: content_filter"}]});
        item.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        serde_json::from_value(item).unwrap()
    };
    tasks.into_iter().enumerate().map(make).collect()
}

fn typed(place: &Place) -> Stage {
    changed(place, Clock::system(), |content| content.quiz.items = typed_items())
}

fn short(text: &str) -> Value {
    json!({"item": "typed-0", "seq": 1, "response": {"kind": "short_text", "text": text}})
}

fn number(value: Value) -> Value {
    json!({"item": "typed-1", "seq": 1, "response": {"kind": "numeric", "value": value}})
}

fn order(options: &[&str]) -> Value {
    json!({"item": "typed-2", "seq": 1, "response": {"kind": "ordering", "options": options}})
}

fn bring(responses: Vec<Value>, submit: Value) -> Value {
    json!({"lesson": slug(), "responses": responses, "submit": submit})
}

fn with(mut value: Value, member: &str, new: Value) -> Value {
    value[member] = new;
    value
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

/// Everything that a repeated call must say again.
fn body(answer: Answer) -> Value {
    answer.json()
}

/// Bad twins of a good answer to the first item: each is refused alone, with the place.
fn bad_twins(item: &Item) -> Vec<(Value, &'static str)> {
    let good = right(item, 1);
    vec![
        (answer(&item.id, 1, "no-such-option"), "/response/option"),
        (with(good.clone(), "seq", json!(-1)), "/seq"),
        (with(good.clone(), "seq", json!("1")), "/seq"),
        (with(good.clone(), "seq", json!(1.5)), "/seq"),
        (with(good.clone(), "answered_at", json!("yesterday")), "/answered_at"),
        (with(good.clone(), "answered_at", json!(1764406803)), "/answered_at"),
        (with(good.clone(), "active_ms", json!("long")), "/active_ms"),
        (with(good.clone(), "response", Value::Null), "/response"),
        (with(good.clone(), "response", json!({"kind": "essay", "text": "x"})), "/response/kind"),
        (with(good.clone(), "response", json!({"kind": "numeric", "value": "1"})), "/response"),
        (with(good.clone(), "unknown", json!(1)), "/unknown"),
        (json!({"item": item.id, "seq": 1}), ""),
    ]
}

both!(a_refused_answer_keeps_the_attempt_open, |stage| {
    let (ada, items) = (pupil(&stage, "ada").await, items());
    for (bad, pointer) in bad_twins(&items[0]) {
        let path = new_attempt();
        let faulty = bring(vec![bad.clone(), right(&items[1], 1)], json!(true));
        let first = put(&stage, &ada.token, &path, &faulty).await.is(201).json();
        assert_eq!((&first["state"], &first["result"]), (&json!("in_progress"), &Value::Null), "{bad}");
        assert_eq!(statuses(&first), ["refused", "saved"], "{bad}");
        assert_eq!(first["results"][0]["problem"]["pointer"], pointer, "{first}");
        assert_eq!(
            (&first["not_submitted"]["code"], &first["not_submitted"]["refused"]),
            (&json!("answers_refused"), &json!([0]))
        );
        // An equal request gets an equal answer.
        assert_eq!(body(put(&stage, &ada.token, &path, &faulty).await.ok()), first);
        let mended = bring(vec![right(&items[0], 1), right(&items[1], 1)], json!(true));
        let done = put(&stage, &ada.token, &path, &mended).await.ok().json();
        assert_eq!((&done["state"], &done["result"]["raw"], done.get("not_submitted")), (&json!("submitted"), &json!(2.0), None));
        assert_eq!(statuses(&done), ["saved", "saved"]);
        assert_eq!(body(put(&stage, &ada.token, &path, &mended).await.ok()), done);
        // Too late to be mended: it is closed, and says so.
        let again = put(&stage, &ada.token, &path, &faulty).await.ok().json();
        assert_eq!((&again["state"], again.get("not_submitted")), (&json!("submitted"), None));
        // Whoever wants it closed says so.
        let despite = with(faulty, "submit", json!("despite_refusals"));
        let closed = put(&stage, &ada.token, &new_attempt(), &despite).await.is(201).json();
        assert_eq!((&closed["state"], &closed["result"]["raw"]), (&json!("submitted"), &json!(1.0)));
        assert_eq!(statuses(&closed), ["refused", "saved"]);
    }
    let (begun, handed_in) = (told(&stage, "attempt.started").await, told(&stage, "attempt.submitted").await);
    let twins = bad_twins(&items[0]).len();
    assert_eq!((begun.len(), handed_in.len()), (2 * twins, 2 * twins), "once each");
    put(&stage, &ada.token, &new_attempt(), &bring(vec![], json!("perhaps"))).await.problem(422, "invalid_body");
});

both!(step_by_step_a_refused_answer_keeps_the_attempt_open_too, |stage| {
    let (ada, items) = (pupil(&stage, "ada").await, items());
    let path = new_attempt();
    put(&stage, &ada.token, &path, &begin()).await.is(201);
    for (bad, pointer) in bad_twins(&items[0]) {
        let list = json!({"responses": [right(&items[1], 1), bad.clone()]});
        let saved = put(&stage, &ada.token, &format!("{path}/responses"), &list).await.ok().json();
        assert_eq!(statuses(&saved), ["saved", "refused"], "{bad}");
        assert_eq!(saved["results"][1]["problem"]["pointer"], pointer, "{saved}");
        assert_eq!(body(put(&stage, &ada.token, &format!("{path}/responses"), &list).await.ok()), saved);
        let last = bring(vec![bad], json!(true));
        let open = put(&stage, &ada.token, &path, &last).await.ok().json();
        assert_eq!((&open["state"], &open["not_submitted"]["code"]), (&json!("in_progress"), &json!("answers_refused")));
    }
    let done = put(&stage, &ada.token, &path, &bring(vec![right(&items[0], 1)], json!(true))).await.ok().json();
    assert_eq!(done["result"]["raw"], 2.0);
});

both!(what_has_one_meaning_is_taken_and_said, |place: Place| {
    let stage = typed(&place);
    let ada = pupil(&stage, "ada").await;
    let cases = [
        (short("\tcontent_filter"), "/response/text", json!("content_filter")),
        (short("content_filter\r\n"), "/response/text", json!("content_filter")),
        (short("content_filter\u{7}"), "/response/text", json!("content_filter")),
        (number(json!(0.30000000000000004)), "/response/value", json!(0.3)),
        (number(json!(0.30000001192092896)), "/response/value", json!(0.3)),
        (with(number(json!(0.3)), "active_ms", json!(-1)), "/active_ms", json!(0)),
        (with(number(json!(0.3)), "active_ms", json!(604_800_001)), "/active_ms", json!(604_800_000)),
        (with(number(json!(0.3)), "active_ms", json!(1200.4)), "/active_ms", json!(1200)),
    ];
    for (sent, field, stored) in cases {
        let path = new_attempt();
        let call = bring(vec![sent.clone()], json!(true));
        let done = put(&stage, &ada.token, &path, &call).await.is(201).json();
        let result = &done["results"][0];
        assert_eq!((&done["state"], &result["status"]), (&json!("submitted"), &json!("saved")), "{sent}: {done}");
        let adjusted = &result["adjusted"][0];
        assert_eq!((&adjusted["field"], &adjusted["stored"]), (&json!(field), &stored), "{result}");
        assert!(!adjusted["sent"].as_str().unwrap().is_empty());
        assert_eq!(done["responses"][0].pointer(field), Some(&stored), "{done}");
        let item = done["items"].as_array().unwrap().iter().find(|item| item["item"] == sent["item"]).unwrap();
        assert_eq!(item["verdict"], "correct", "{sent}");
        assert_eq!(body(put(&stage, &ada.token, &path, &call).await.ok()), done, "an equal request gets an equal answer");
        // And one by one.
        let path = new_attempt();
        put(&stage, &ada.token, &path, &begin()).await.is(201);
        let mut one = sent.clone();
        one.as_object_mut().unwrap().remove("item");
        let saved =
            put(&stage, &ada.token, &format!("{path}/responses/{}", sent["item"].as_str().unwrap()), &one).await.ok().json();
        assert_eq!(saved["adjusted"][0]["stored"], stored);
        stage.post(&format!("{path}/submit")).token(&ada.token).send().await.ok();
    }
    // In a list even NUL is a control character of a typed text like any other.
    let nul =
        put(&stage, &ada.token, &new_attempt(), &bring(vec![short("content_filter\u{0}")], json!(true))).await.is(201).json();
    assert_eq!((&nul["result"]["raw"], &nul["results"][0]["adjusted"][0]["stored"]), (&json!(1.0), &json!("content_filter")));
    // Nothing is said where nothing is other than it was sent.
    let plain =
        put(&stage, &ada.token, &new_attempt(), &bring(vec![short(" content_filter ")], json!(true))).await.is(201).json();
    assert_eq!(plain["results"][0].get("adjusted"), None);
    // Numbers are whole however they are written.
    let written = r#"{"item": "typed-1", "seq": 1.0, "response": {"kind": "numeric", "value": 3e-1}, "active_ms": 1e3}"#;
    let call = format!(r#"{{"lesson": "{}", "submit": true, "responses": [{written}]}}"#, slug());
    let url = new_attempt();
    let put = stage.call("PUT", &url).token(&ada.token).header("content-type", "application/json").body(call.into_bytes());
    let done = put.send().await.is(201).json();
    assert_eq!((&done["results"][0]["seq"], &done["responses"][0]["active_ms"]), (&json!(1), &json!(1000)));
    assert_eq!(done["results"][0].get("adjusted"), None, "{done}");
});

both!(typed_answers_are_compared_as_people_read_them, |place: Place| {
    let stage = typed(&place);
    let ada = pupil(&stage, "ada").await;
    for right in
        ["content_filter\u{202c}", "\u{feff}CONTENT_FILTER", "content\u{ad}_filter\u{fe0f}", "‘content_filter’", "𝒄𝒐𝒏𝒕𝒆𝒏𝒕_𝒇𝒊𝒍𝒕𝒆𝒓"]
    {
        let done = put(&stage, &ada.token, &new_attempt(), &bring(vec![short(right)], json!(true))).await.is(201).json();
        assert_eq!(done["result"]["raw"], 1.0, "{right:?}");
    }
    for wrong in ["content filter", "content_filters"] {
        let done = put(&stage, &ada.token, &new_attempt(), &bring(vec![short(wrong)], json!(true))).await.is(201).json();
        assert_eq!(done["result"]["raw"], 0.0, "{wrong:?}");
    }
    // A number that is no number is nothing that could be graded.
    let comma = put(&stage, &ada.token, &new_attempt(), &bring(vec![number(json!("0,3"))], json!(true))).await.is(201).json();
    assert_eq!((&comma["state"], &comma["results"][0]["status"]), (&json!("in_progress"), &json!("refused")));
});

both!(an_order_that_nobody_touched_gains_nothing, |place: Place| {
    let stage = typed(&place);
    let ada = pupil(&stage, "ada").await;
    let key = ["o0", "o1", "o2", "o3"];
    let (mut untouched, mut was_key) = (0, 0);
    for _ in 0..40 {
        let path = new_attempt();
        let shown = put(&stage, &ada.token, &path, &begin()).await.is(201).json()["order"].clone();
        let options = shown.as_array().unwrap().iter().find(|drawn| drawn["item"] == "typed-2").unwrap()["options"].clone();
        let names: Vec<&str> = options.as_array().unwrap().iter().map(|option| option.as_str().unwrap()).collect();
        let done = put(&stage, &ada.token, &path, &bring(vec![order(&names)], json!(true))).await.ok().json();
        match names == key {
            true => was_key += 1,
            false => untouched += 1,
        }
        assert_eq!(done["result"]["raw"], if names == key { 1.0 } else { 0.0 }, "{names:?}");
    }
    assert!(untouched > was_key, "{was_key} of 40 were shown in the order of the key");
});

both!(a_version_that_is_not_named_is_asked_for, |place: Place| {
    let old = place.serve();
    let digest = read(&old, &old.full_token(), &format!("/v1/lessons/{}", slug())).await.ok().json()["version"].clone();
    old.stop();
    let all = items();
    let dropped = key(&all[0]).to_owned();
    let stage = changed(&place, Clock::system(), |content| {
        let waymark::lessons::format::Task::SingleChoice(single) = &mut content.quiz.items[0].task else { panic!("a choice") };
        single.options.iter_mut().filter(|option| option.id == dropped).for_each(|option| option.id = "other".to_owned());
        single.key = "other".to_owned();
        content.quiz.items.remove(1);
    });
    let ada = pupil(&stage, "ada").await;
    let path = new_attempt();
    let made = bring(vec![right(&all[0], 1), right(&all[1], 1), right(&all[2], 1)], json!(true));
    let asked = put(&stage, &ada.token, &path, &made).await.problem(422, "invalid_body");
    let pointers: Vec<&str> = asked["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/version", "/responses/0/response/option", "/responses/1"], "{asked}");
    assert!(asked["detail"].as_str().unwrap().contains("name the version"), "{asked}");
    read(&stage, &ada.token, &path).await.problem(404, "not_found");
    let done = put(&stage, &ada.token, &path, &with(made.clone(), "version", digest)).await.is(201).json();
    assert_eq!((&done["state"], &done["result"]["raw"]), (&json!("submitted"), &json!(3.0)));
    // Whoever names the newest one gets what any other refused answer gets.
    let newest = read(&stage, &stage.full_token(), &format!("/v1/lessons/{}", slug())).await.ok().json()["version"].clone();
    let open = put(&stage, &ada.token, &new_attempt(), &with(made, "version", newest)).await.is(201).json();
    assert_eq!((&open["state"], statuses(&open)), (&json!("in_progress"), vec!["refused", "refused", "saved"]));
    assert_eq!(told(&stage, "attempt.started").await.len(), 2);
});

both!(an_attempt_with_refused_answers_stays_open_where_it_can, |place: Place| {
    let stage = changed(&place, Clock::system(), |content| content.quiz.policy.attempts_allowed = Some(2));
    let (ada, items) = (pupil(&stage, "ada").await, items());
    let faulty = |submit: Value| bring(vec![right(&items[0], 1), with(right(&items[1], 1), "seq", json!(-1))], submit);
    put(&stage, &ada.token, &new_attempt(), &whole(1)).await.is(201);
    let open = new_attempt();
    put(&stage, &ada.token, &open, &begin()).await.is(201);
    // Beside an open one it cannot stay open: nothing is stored, and both ways out are told.
    let path = new_attempt();
    let problem = put(&stage, &ada.token, &path, &faulty(json!(true))).await.problem(409, "attempt_open");
    assert_eq!(
        (&problem["params"]["attempt"], &problem["errors"][0]["pointer"]),
        (&json!(open[13..]), &json!("/responses/1/seq"))
    );
    read(&stage, &ada.token, &path).await.problem(404, "not_found");
    let closed = put(&stage, &ada.token, &path, &faulty(json!("despite_refusals"))).await.is(201).json();
    assert_eq!((&closed["state"], &closed["over_limit"]), (&json!("submitted"), &json!(true)));
    // Beyond the attempts allowed it is kept, as it would be if it were submitted.
    put(&stage, &ada.token, &open, &bring(vec![], json!(true))).await.ok();
    let over = new_attempt();
    let kept = put(&stage, &ada.token, &over, &faulty(json!(true))).await.is(201).json();
    assert_eq!((&kept["state"], &kept["over_limit"]), (&json!("in_progress"), &json!(true)));
    assert_eq!(put(&stage, &ada.token, &over, &whole(2)).await.ok().json()["result"]["raw"], 2.0);
});

both!(times_of_iso_8601_are_taken, |place: Place| {
    let now = Time::from_utc("2026-11-29T09:00:00Z".parse().unwrap());
    let stage = place.serve_with(|_| {}, Clock::fixed(now));
    let (ada, items) = (pupil(&stage, "ada").await, items());
    for (written, at) in [
        ("2026-11-29T09:30:03+0100", "2026-11-29T08:30:03.000000Z"),
        ("2026-11-29T09:30:03+01", "2026-11-29T08:30:03.000000Z"),
        ("2026-11-29T08:30Z", "2026-11-29T08:30:00.000000Z"),
        ("2026-11-29T08:30:03,5Z", "2026-11-29T08:30:03.500000Z"),
        ("20261129T083003Z", "2026-11-29T08:30:03.000000Z"),
    ] {
        let mut body = bring(vec![with(right(&items[0], 1), "answered_at", json!(written))], json!(true));
        body["started"] = json!({"at": written});
        body["sent_at"] = json!("2026-11-29T10:00+0100");
        body["submitted_at"] = json!("2026-11-29T10:00+01");
        let done = put(&stage, &ada.token, &new_attempt(), &body).await.is(201).json();
        assert_eq!((&done["started"]["at"], &done["responses"][0]["answered"]["at"]), (&json!(at), &json!(at)), "{written}");
        assert_eq!(done["submitted_at"], "2026-11-29T09:00:00.000000Z");
    }
});

both!(a_time_that_nobody_knows_is_null, |place: Place| {
    let now = Time::from_utc("2026-11-29T09:00:00Z".parse().unwrap());
    let stage = place.serve_with(|_| {}, Clock::fixed(now));
    let (ada, items) = (pupil(&stage, "ada").await, items());
    let bring = |started: &str, submitted: Option<&str>, sent: Option<&str>| {
        let mut body = bring(vec![right(&items[0], 1)], json!(true));
        body["started"] = json!({"at": started});
        body["submitted_at"] = json!(submitted);
        body["sent_at"] = json!(sent);
        body
    };
    let cases = [
        // Forty-one years slow all along: corrected, and known.
        ("1985-11-29T08:30:00Z", Some("1985-11-29T08:59:00Z"), Some("1985-11-29T09:00:00Z"), json!(1_740_000)),
        // Set right in the middle.
        ("1970-01-01T00:05:00Z", Some("2026-11-29T09:00:00Z"), Some("2026-11-29T09:00:00Z"), Value::Null),
        ("1970-01-01T00:05:00Z", None, None, Value::Null),
        ("2070-01-01T00:00:00Z", Some("2026-11-29T09:00:00Z"), None, Value::Null),
        // It ends before it began.
        ("2026-11-29T08:30:00Z", Some("2026-11-29T08:00:00Z"), None, Value::Null),
        ("2026-11-29T08:30:00Z", Some("2026-11-29T08:45:00Z"), None, json!(900_000)),
    ];
    for (started, submitted, sent, elapsed) in cases {
        let done = put(&stage, &ada.token, &new_attempt(), &bring(started, submitted, sent)).await.is(201).json();
        assert_eq!(done["result"]["elapsed_ms"], elapsed, "{started}");
        assert_eq!(done["result"]["active_ms"], Value::Null, "nobody told how long the item took");
        assert_eq!((&done["responses"][0]["active_ms"], &done["items"][0]["active_ms"]), (&Value::Null, &Value::Null));
        let records = told(&stage, "attempt.submitted").await;
        assert_eq!(records.last().unwrap()["body"]["result"], done["result"]);
    }
    let saved = told(&stage, "response.saved").await;
    assert!(saved.iter().all(|record| record["body"]["active_ms"].is_null()));
    // A later save without a time keeps the one that is known.
    let path = new_attempt();
    put(&stage, &ada.token, &path, &begin()).await.is(201);
    for (seq, ms) in [(1, json!(1200)), (2, Value::Null)] {
        let one = json!({"seq": seq, "response": right(&items[0], 1)["response"], "active_ms": ms});
        put(&stage, &ada.token, &format!("{path}/responses/{}", items[0].id), &one).await.ok();
    }
    let done = stage.post(&format!("{path}/submit")).token(&ada.token).send().await.ok().json();
    assert_eq!((&done["result"]["active_ms"], &done["result"]["elapsed_ms"]), (&json!(1200), &json!(0)));
});

both!(
    /// RFC 7240: a phone that has its answers need not be told them again; everything else is as without it, and is there to be read.
    a_short_answer_is_a_part_of_the_long_one, |stage| {
    let ada = pupil(&stage, "ada").await;
    let short = |path: &str, minimal: bool| {
        let call = stage.call("PUT", path).token(&ada.token).json(&whole(9));
        if minimal { call.header("prefer", "respond-async, return=minimal") } else { call }
    };
    let path = new_attempt();
    let brief = short(&path, true).send().await.is(201);
    assert_eq!(brief.header("preference-applied"), "return=minimal");
    let long = short(&path, false).send().await.ok();
    assert_eq!(long.header("preference-applied"), "");
    assert!(brief.text().len() * 5 < long.text().len(), "{} of {}", brief.text().len(), long.text().len());
    let (brief, long) = (brief.json(), long.json());
    for (name, value) in brief.as_object().unwrap() {
        let is_left_out = ["order", "responses", "items"].contains(&name.as_str());
        assert_eq!(if is_left_out { &Value::Null } else { &long[name] }, value, "{name}");
    }
    assert_eq!((brief["results"].as_array().unwrap().len(), brief["result"]["success"].is_boolean()), (15, true));
    let again = stage.post(&format!("{path}/submit")).token(&ada.token).header("prefer", "return=minimal").send().await.ok();
    assert_eq!((&again.json()["items"], &again.json()["result"]), (&Value::Null, &brief["result"]));
});
