//! Every kind of item, from the quiz that is read to the result: wire form, misfits, partial points, and what no record holds.

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::attempts::kinds::right;
use waymark::attempts::order::order;
use waymark::clock::Clock;
use waymark::db::packed::Packed;
use waymark::db::schema::attempts;
use waymark::db::types::Json;
use waymark::each;
use waymark::lessons::format::Item;

use crate::flow::{changed, feed, new_attempt, pupil, put, read, told};
use crate::harness::{Stage, curriculum, slug};

const TYPED: &str = "My own private words";

fn text(words: &str) -> Value {
    json!({"en": words})
}

/// One item of each kind, about the same body.
fn items() -> Vec<Item> {
    let options = |n: usize| -> Value {
        (0..n).map(|i| json!({"id": format!("o{i}"), "text": text(&format!("Option {i}")), "rationale": text(&format!("Reason {i}."))})).collect()
    };
    let prompt = |id: &str, key: &str| json!({"id": id, "text": text(id), "key": key, "rationale": text("Because it says so.")});
    let tasks = [
        json!({"kind": "single_choice", "key": "o1", "options": options(4)}),
        json!({"kind": "multiple_response", "key": ["o0", "o2"], "scoring": "partial", "options": options(5)}),
        json!({"kind": "ordering", "key": ["o0", "o1", "o2"], "scoring": "partial", "options": [options(3)[1], options(3)[0], options(3)[2]]}),
        json!({"kind": "matching", "scoring": "partial", "prompts": [prompt("p1", "pre"), prompt("p2", "tier")],
            "choices": [{"id": "pre", "layer": "pre_classifier", "text": text("Input check")}, {"id": "tier", "layer": "user_tier", "text": text("Account")},
                        {"id": "post", "layer": "post_classifier", "text": text("Output check")}]}),
        json!({"kind": "short_text", "accepted": [{"form": "content_filter"}, {"form": "filter", "share": 0.25}], "rationale": text("The code says it."),
            "mistakes": [{"form": "stop", "rationale": text("That is a normal end.")}]}),
        json!({"kind": "numeric", "key": 0.7, "tolerance": 0.1, "unit": text("seconds"), "rationale": text("The header says it."),
            "mistakes": [{"value": 400.0, "rationale": text("That is the status.")}]}),
        json!({"kind": "point_at_field", "shown": 0, "key": ["/error/code"], "layer": "pre_classifier", "rationale": text("The code decides."),
            "mistakes": [{"pointer": "/error/message", "layer": "post_classifier", "rationale": text("A message may change.")}]}),
    ];
    let make = |(i, task): (usize, Value)| {
        let mut item = json!({"id": format!("kind-{i}"), "revision": 1, "objective": curriculum().lessons[0].lesson.objectives[0].id, "points": 1.0,
            "stem": text("What does it say?"), "evidence": [{"media_type": "application/json", "description": text("An error."),
            "content": r#"{"error": {"code": "content_filter", "message": "stopped"}}"#}]});
        item.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        serde_json::from_value(item).unwrap()
    };
    tasks.into_iter().enumerate().map(make).collect()
}

fn stage(place: &crate::harness::Place) -> Stage {
    changed(place, Clock::system(), |content| content.quiz.items = items())
}

fn given(item: &str, response: Value) -> Value {
    json!({"item": item, "seq": 1, "response": response})
}

fn whole(responses: Vec<Value>) -> Value {
    json!({"lesson": slug(), "responses": responses, "submit": true})
}

/// A new attempt that does not show the options of an item in this order: the order that is shown is worth nothing.
fn showing_another_order(version: &str, item: &str, options: &[&str]) -> String {
    let mut quiz = curriculum().lessons[0].quiz.clone();
    quiz.items = items();
    let shows = |path: &String| {
        let drawn = order(&quiz, path.rsplit('/').next().unwrap(), version);
        drawn.iter().any(|drawn| drawn.item == item && drawn.options == options)
    };
    std::iter::repeat_with(new_attempt).find(|path| !shows(path)).unwrap()
}

both!(every_kind_is_shown_answered_and_graded, |place: Place| {
    let stage = stage(&place);
    let quiz = read(&stage, &stage.token("lessons:read"), &format!("/v1/lessons/{}/quiz", slug())).await.ok().json();
    let shown = |name: &str| -> Vec<Value> { quiz["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect() };
    let kinds = ["single_choice", "multiple_response", "ordering", "matching", "short_text", "numeric", "point_at_field"];
    assert_eq!(shown("kind"), kinds.map(Value::from));
    assert_eq!(
        shown("scoring"),
        [Value::Null, json!("partial"), json!("partial"), json!("partial"), Value::Null, Value::Null, Value::Null]
    );
    assert_eq!(
        (&quiz["items"][3]["prompts"][0]["id"], &quiz["items"][5]["unit"], &quiz["items"][6]["shown"]),
        (&json!("p1"), &json!("seconds"), &json!(0))
    );
    let ada = pupil(&stage, "ada").await;
    let path = new_attempt();
    let all = items().iter().map(|item| given(&item.id, json!(right(&item.task)))).collect();
    let done = put(&stage, &ada.token, &path, &whole(all)).await.is(201).json();
    assert_eq!(
        (&done["result"]["raw"], &done["result"]["scaled"], &done["result"]["success"]),
        (&json!(7.0), &json!(1.0), &json!(true))
    );
    for item in done["items"].as_array().unwrap() {
        assert_eq!((&item["verdict"], &item["right"]), (&json!("correct"), &item["response"]), "{item}");
    }
    assert_eq!(put(&stage, &ada.token, &path, &whole(vec![])).await.ok().json()["items"], done["items"]);
});

both!(partly_right_answers_get_their_share, |place: Place| {
    let stage = stage(&place);
    let ada = pupil(&stage, "ada").await;
    let answers = vec![
        given("kind-0", json!({"kind": "single_choice", "option": "o0"})),
        given("kind-1", json!({"kind": "multiple_response", "options": ["o2"]})),
        given("kind-2", json!({"kind": "ordering", "options": ["o1", "o0", "o2"]})),
        given(
            "kind-3",
            json!({"kind": "matching", "pairs": [{"prompt": "p1", "choice": "post"}, {"prompt": "p2", "choice": "tier"}]}),
        ),
        given("kind-4", json!({"kind": "short_text", "text": " \"FILTER\" "})),
        given("kind-5", json!({"kind": "numeric", "value": 0.8})),
        given("kind-6", json!({"kind": "point_at_field", "pointer": "/error/message"})),
    ];
    let quiz = read(&stage, &stage.token("lessons:read"), &format!("/v1/lessons/{}/quiz", slug())).await.ok().json();
    let path = showing_another_order(quiz["version"].as_str().unwrap(), "kind-2", &["o1", "o0", "o2"]);
    let done = put(&stage, &ada.token, &path, &whole(answers)).await.is(201).json();
    let items: Vec<&Value> = (0..7)
        .map(|i| done["items"].as_array().unwrap().iter().find(|item| item["item"] == format!("kind-{i}")).unwrap())
        .collect();
    let points: Vec<f64> = items.iter().map(|item| item["points"].as_f64().unwrap()).collect();
    assert_eq!(points, [0.0, 0.5, 0.333, 0.5, 0.25, 1.0, 0.0]);
    assert_eq!((&done["result"]["raw"], &done["result"]["scaled"]), (&json!(2.583), &json!(0.369)));
    assert_eq!(items[1]["verdict"], "partially_correct");
    let part = |verdict: &str, expected: &str, chosen: &str, prompt: &str| json!({"prompt": prompt, "verdict": verdict, "expected_layer": expected, "chosen_layer": chosen});
    assert_eq!(
        items[3]["parts"],
        json!([part("incorrect", "pre_classifier", "post_classifier", "p1"), part("correct", "user_tier", "user_tier", "p2")])
    );
    assert_eq!((&items[6]["expected_layer"], &items[6]["chosen_layer"]), (&json!("pre_classifier"), &json!("post_classifier")));
    let about = |item: &Value| -> Vec<(Value, Value)> {
        item["rationales"].as_array().unwrap().iter().map(|r| (r["option"].clone(), r["answer"].clone())).collect()
    };
    assert_eq!(about(items[3]), [(json!("p1"), Value::Null), (json!("p2"), Value::Null)]);
    assert_eq!(about(items[5]), [(Value::Null, Value::Null), (Value::Null, json!("400"))]);
});

both!(a_misfit_is_refused_alone_and_says_what_would_do, |place: Place| {
    let stage = stage(&place);
    let ada = pupil(&stage, "ada").await;
    let misfits = [
        ("kind-1", json!({"kind": "multiple_response", "options": ["o9"]}), "/response/options/0"),
        ("kind-2", json!({"kind": "ordering", "options": ["o1", "o0"]}), "/response/options"),
        ("kind-3", json!({"kind": "matching", "pairs": [{"prompt": "p1", "choice": "none"}]}), "/response/pairs/0/choice"),
        ("kind-4", json!({"kind": "short_text", "text": "  "}), "/response/text"),
        ("kind-5", json!({"kind": "numeric", "value": 1e300}), "/response/value"),
        ("kind-5", json!({"kind": "numeric", "value": "1"}), "/response"),
        ("kind-6", json!({"kind": "point_at_field", "pointer": "error.code"}), "/response/pointer"),
        ("kind-0", json!({"kind": "numeric", "value": 1}), "/response/kind"),
    ];
    let mut answers: Vec<Value> = misfits.iter().map(|(item, response, _)| given(item, response.clone())).collect();
    answers.push(given("kind-0", json!({"kind": "single_choice", "option": "o1"})));
    let path = new_attempt();
    let done = put(&stage, &ada.token, &path, &json!({"lesson": slug(), "responses": answers})).await.is(201).json();
    for (result, (item, _, pointer)) in done["results"].as_array().unwrap().iter().zip(&misfits) {
        assert_eq!((&result["status"], &result["problem"]["pointer"]), (&json!("refused"), &json!(pointer)), "{item}: {result}");
    }
    assert_eq!(done["results"][8]["status"], "saved", "the good one is not lost");
    // A body of the wrong shape is refused as a whole, by name.
    let odd = json!({"seq": 2, "response": {"kind": "numeric", "value": 1, "unit": "s"}});
    put(&stage, &ada.token, &format!("{path}/responses/kind-5"), &odd).await.problem(422, "invalid_body");
    let unknown = json!({"seq": 2, "response": {"kind": "essay", "text": "x"}});
    put(&stage, &ada.token, &format!("{path}/responses/kind-5"), &unknown).await.problem(422, "invalid_body");
});

both!(no_record_and_no_result_holds_a_typed_text, |place: Place| {
    let stage = stage(&place);
    let ada = pupil(&stage, "ada").await;
    let path = new_attempt();
    let answers = vec![given("kind-4", json!({"kind": "short_text", "text": TYPED}))];
    let done = put(&stage, &ada.token, &path, &whole(answers)).await.is(201).json();
    let shown = done["items"].as_array().unwrap().iter().find(|item| item["item"] == "kind-4").unwrap();
    assert_eq!(shown["response"]["text"], TYPED, "the learner sees their own words");
    let saved = told(&stage, "response.saved").await;
    assert!(saved[0]["body"]["response"]["digest"].as_str().unwrap().starts_with("hmac-sha256-"), "{saved:?}");
    let all = feed(&stage, &stage.token("records:read"), "").await;
    assert!(all.iter().any(|record| record["kind"] == "attempt.submitted"));
    assert!(!json!(all).to_string().contains(TYPED));
    let (result, items): (Json, Packed) = place.db(|conn| {
        let columns = (attempts::result.assume_not_null(), attempts::items.assume_not_null());
        Ok(each!(conn, c => attempts::table.select(columns).first(c))?)
    });
    let items = items.json().unwrap();
    assert!(items.contains("kind-4") && !items.contains(TYPED) && !result.0.to_string().contains(TYPED));
});
