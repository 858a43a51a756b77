//! Attempts: started, resumed, brought whole; answers merged; graded once; keys hidden until they are due (CONTRACT.md,
//! section 3).

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::attempts::rules::order;
use waymark::clock::Clock;
use waymark::db::schema::gradings;
use waymark::db::types::{Id, Time};
use waymark::each;
use waymark::lessons::format::When;

use crate::flow::{
    Pupil, answer, answers, begin, changed, feed, items, members, new_attempt, post, pupil, put, read, right, started, together,
    told, whole, wrong, wrong_option,
};
use crate::harness::{Answer, Place, Stage, curriculum, place_of, slug};

const NOBODY: &str = "00000000-0000-4000-8000-000000000001";

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// The attempt in `path` as stored in the feed of the administrator.
async fn of_kind(stage: &Stage, kind: &str, id: &str) -> Vec<Value> {
    let all = told(stage, kind).await;
    all.into_iter().filter(|record| record["object"]["id"].as_str().unwrap().starts_with(id)).collect()
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

async fn save(stage: &Stage, token: &str, path: &str, list: Vec<Value>) -> Value {
    put(stage, token, &format!("{path}/responses"), &json!({"responses": list})).await.ok().json()
}

async fn submit(stage: &Stage, token: &str, path: &str) -> Answer {
    stage.post(&format!("{path}/submit")).token(token).send().await
}

both!(post_starts_or_resumes, |stage| {
    let ada = pupil(&stage, "ada").await;
    let first = post(&stage, &ada.token, "/v1/attempts", &begin()).await.is(201);
    let attempt = first.json();
    assert_eq!(first.header("location"), format!("/v1/attempts/{}", attempt["id"].as_str().unwrap()));
    assert_eq!((&attempt["state"], &attempt["attempt_number"]), (&json!("in_progress"), &json!(1)));
    assert_eq!((&attempt["learner"], &attempt["withheld"]), (&json!(ada.id), &json!("not_submitted")));
    assert_eq!(attempt["key_seen_before"], false);
    let again = post(&stage, &ada.token, "/v1/attempts", &begin()).await.ok();
    assert_eq!(again.json(), attempt);
    // Another placement has its own.
    let elsewhere = json!({"lesson": slug(), "context": {"placement": "room-2"}});
    let other = post(&stage, &ada.token, "/v1/attempts", &elsewhere).await.is(201).json();
    assert_ne!(other["id"], attempt["id"]);
    assert_eq!(other["attempt_number"], 1, "numbers count per placement");
    let ben = pupil(&stage, "ben").await;
    post(&stage, &ben.token, "/v1/attempts", &begin()).await.is(201);
    assert_eq!(told(&stage, "attempt.started").await.len(), 3);
    let submitted = submit(&stage, &ada.token, first.header("location")).await.ok().json();
    assert_eq!(submitted["state"], "submitted");
    let next = post(&stage, &ada.token, "/v1/attempts", &begin()).await.is(201).json();
    assert_eq!((&next["attempt_number"], &next["key_seen_before"]), (&json!(2), &json!(true)));
});

both!(racing_starts_make_one_attempt, |stage| {
    let ada = pupil(&stage, "ada").await;
    let body = begin();
    let all = together((0..8).map(|_| post(&stage, &ada.token, "/v1/attempts", &body))).await;
    let ids: BTreeSet<String> = all.iter().map(|a| a.json()["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|a| a.status == 201).count(), 1);
    assert_eq!(told(&stage, "attempt.started").await.len(), 1);
});

both!(put_is_repeatable_and_a_second_one_meets_the_first, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = new_attempt();
    let made = put(&stage, &ada.token, &path, &begin()).await.is(201).json();
    assert_eq!(made["id"], id_of(&path));
    assert_eq!(put(&stage, &ada.token, &path, &begin()).await.ok().json(), made);
    let problem = put(&stage, &ada.token, &new_attempt(), &begin()).await.problem(409, "attempt_open");
    assert_eq!(problem["params"]["attempt"], id_of(&path));
    // A whole one that was made offline is always taken, and graded.
    let offline = new_attempt();
    let graded = put(&stage, &ada.token, &offline, &whole(15)).await.is(201).json();
    assert_eq!((&graded["state"], &graded["result"]["scaled"]), (&json!("submitted"), &json!(1.0)));
    assert_eq!(statuses(&graded), ["saved"; 15]);
    assert_eq!(put(&stage, &ada.token, &offline, &whole(15)).await.ok().json(), graded);
    assert_eq!(read(&stage, &ada.token, &path).await.ok().json()["state"], "in_progress");
    assert_eq!(of_kind(&stage, "attempt.submitted", id_of(&offline)).await.len(), 1);
    assert_eq!(of_kind(&stage, "response.saved", id_of(&offline)).await.len(), 15, "a repeated answer makes no record");
    put(&stage, &ada.token, "/v1/attempts/7", &begin()).await.problem(400, "invalid_parameter");
    let unknown = put(&stage, &ada.token, &new_attempt(), &json!({"lesson": "none"})).await;
    assert_eq!(place_of(&unknown.problem(422, "invalid_body")), "/lesson");
});

both!(an_offline_attempt_keeps_its_old_version, |place: Place| {
    let old = place.serve();
    let digest = read(&old, &old.full_token(), &format!("/v1/lessons/{}", slug())).await.ok().json()["version"].clone();
    old.stop();
    let stage = changed(&place, Clock::system(), |content| {
        let waymark::lessons::format::Item::SingleChoice(item) = &mut content.quiz.items[0];
        item.key = wrong_option(item).to_owned();
        item.revision += 1;
    });
    let ada = pupil(&stage, "ada").await;
    let on_old = put(&stage, &ada.token, &new_attempt(), &with(whole(15), "version", digest.clone())).await.is(201).json();
    assert_eq!((&on_old["version"], &on_old["result"]["raw"]), (&digest, &json!(15.0)));
    let on_new = put(&stage, &ada.token, &new_attempt(), &whole(15)).await.is(201).json();
    assert_ne!(on_new["version"], digest);
    assert_eq!(on_new["result"]["raw"], 14.0, "the new version has another key");
    let moved = format!("/v1/attempts/{}", on_new["id"].as_str().unwrap());
    let problem =
        put(&stage, &ada.token, &moved, &with(whole(15), "version", digest.clone())).await.problem(409, "illegal_state");
    assert_eq!(problem["params"]["state"], "submitted");
    let records = of_kind(&stage, "attempt.submitted", on_old["id"].as_str().unwrap()).await;
    assert_eq!(records[0]["lesson"]["version"], digest);
});

both!(answers_merge_by_their_sequence, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    let (items, mut results) = (items(), Vec::new());
    let (a, b) = (items[0].options[0].id.as_str(), items[0].options[1].id.as_str());
    for (seq, option) in [(4, a), (3, b), (4, a), (4, b), (5, b), (4, a)] {
        let body = json!({"seq": seq, "response": {"kind": "single_choice", "option": option}});
        let url = format!("{path}/responses/{}", items[0].id);
        let result = put(&stage, &ada.token, &url, &body).await.ok().json();
        results.push((result["status"].as_str().unwrap().to_owned(), result["seq_in_force"].as_i64().unwrap()));
    }
    let expected = [("saved", 4), ("superseded", 4), ("saved", 4), ("superseded", 4), ("saved", 5), ("superseded", 5)];
    assert_eq!(results, expected.map(|(status, seq)| (status.to_owned(), seq)));
    let stored = read(&stage, &ada.token, &path).await.ok().json();
    let response = &stored["responses"][0];
    assert_eq!((&response["seq"], &response["response"]["option"], &response["changes"]), (&json!(5), &json!(b), &json!(1)));
    assert_eq!(of_kind(&stage, "response.saved", id_of(&path)).await.len(), 2, "only what took effect is told");
});

both!(a_refused_answer_sinks_no_good_one, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    let items = items();
    let list = vec![
        right(&items[0], 1),
        answer("fsc-none", 1, "x"),
        answer(&items[1].id, 1, "no-such-option"),
        answer(&items[2].id, -1, &items[2].key),
        answer(&items[2].id, 9_007_199_254_740_992, &items[2].key),
        with(right(&items[2], 1), "active_ms", json!(604_800_001)),
        right(&items[3], 1),
    ];
    let saved = save(&stage, &ada.token, &path, list).await;
    assert_eq!(statuses(&saved), ["saved", "refused", "refused", "refused", "refused", "refused", "saved"]);
    assert_eq!(saved["results"][1]["problem"]["code"], "not_found");
    assert_eq!(saved["results"][2]["problem"]["code"], "invalid_body");
    // Named in the URL, each is a problem of its own.
    let body = |option: &str| json!({"seq": 1, "response": {"kind": "single_choice", "option": option}});
    put(&stage, &ada.token, &format!("{path}/responses/fsc-none"), &body("x")).await.problem(404, "not_found");
    put(&stage, &ada.token, &format!("{path}/responses/{}", items[1].id), &body("x")).await.problem(422, "invalid_body");
    let none = put(&stage, &ada.token, &format!("{path}/responses"), &json!({"responses": []})).await;
    assert_eq!(place_of(&none.problem(422, "invalid_body")), "/responses");
    assert_eq!(submit(&stage, &ada.token, &path).await.ok().json()["result"]["raw"], 2.0);
});

both!(a_late_answer_is_kept_and_never_scored, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    let items = items();
    save(&stage, &ada.token, &path, vec![right(&items[0], 1), wrong(&items[1], 1)]).await;
    let before = submit(&stage, &ada.token, &path).await.ok().json();
    let late = vec![right(&items[0], 1), right(&items[1], 2), right(&items[2], 1), right(&items[2], 1), wrong(&items[0], 0)];
    let saved = save(&stage, &ada.token, &path, late).await;
    assert_eq!(statuses(&saved), ["saved", "late", "late", "late", "superseded"]);
    let after = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!((&after["result"], &after["items"]), (&before["result"], &before["items"]));
    let kept: Vec<(&str, bool)> =
        after["responses"].as_array().unwrap().iter().map(|r| (r["item"].as_str().unwrap(), r["late"] == true)).collect();
    assert_eq!(kept.iter().filter(|(_, late)| *late).count(), 2, "{kept:?}");
    assert_eq!(kept.len(), 4);
    assert_eq!(submit(&stage, &ada.token, &path).await.ok().json()["result"], before["result"]);
    let told = of_kind(&stage, "response.saved", id_of(&path)).await;
    assert_eq!(told.iter().filter(|record| record["body"]["late"] == true).count(), 2);
});

both!(of_many_concurrent_saves_the_highest_stays, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    let item = &items()[0];
    // Every order of arrival is a legal one; a fixed shuffle sends high numbers first.
    let lists =
        (0..40_i64).map(|n| vec![answer(&item.id, (n * 17 + 31) % 40, &item.options[usize::try_from(n % 2).unwrap()].id)]);
    let results = together(lists.map(|list| save(&stage, &ada.token, &path, list))).await;
    for result in &results {
        let result = &result["results"][0];
        assert!(result["seq_in_force"].as_i64() >= result["seq"].as_i64(), "{result}");
    }
    let stored = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!((stored["responses"].as_array().unwrap().len(), &stored["responses"][0]["seq"]), (1, &json!(39)));
    let seqs: Vec<i64> =
        of_kind(&stage, "response.saved", id_of(&path)).await.iter().map(|r| r["body"]["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted() && seqs.last() == Some(&39), "what took effect, in order: {seqs:?}");
    assert_eq!(results.iter().filter(|r| statuses(r) == ["saved"]).count(), seqs.len());
});

both!(each_of_twenty_learners_gets_its_own_results, |stage| {
    let mut pupils = Vec::new();
    for n in 0..20 {
        let pupil = pupil(&stage, &format!("pupil-{n}")).await;
        let path = started(&stage, &pupil.token).await;
        pupils.push((n, pupil, path));
    }
    let items = items();
    let call = |(n, pupil, path): &(usize, Pupil, String)| {
        let (seq, n) = (i64::try_from(*n).unwrap() + 1, *n);
        // Every fourth one brings something bad; all of them are in one group sooner or later.
        let second = if n % 4 == 0 { answer("fsc-none", seq, "x") } else { wrong(&items[n % 15], seq) };
        let (list, stage, token, path) =
            (vec![right(&items[(n + 1) % 15], seq), second], &stage, pupil.token.clone(), path.clone());
        async move { (n, seq, save(stage, &token, &path, list).await) }
    };
    for (n, seq, saved) in together(pupils.iter().map(call)).await {
        assert_eq!(statuses(&saved), ["saved", if n % 4 == 0 { "refused" } else { "saved" }]);
        assert_eq!((&saved["results"][0]["item"], &saved["results"][0]["seq"]), (&json!(items[(n + 1) % 15].id), &json!(seq)));
    }
    for (n, pupil, path) in &pupils {
        let stored = read(&stage, &pupil.token, path).await.ok().json();
        assert_eq!(stored["responses"].as_array().unwrap().len(), if n % 4 == 0 { 1 } else { 2 });
        assert!(stored["responses"].as_array().unwrap().iter().all(|r| r["seq"] == n + 1), "{stored}");
    }
});

async fn gradings_of(stage: &Stage, path: &str) -> i64 {
    let id: Id = id_of(path).parse().unwrap();
    stage.place.db(move |conn| Ok(each!(conn, c => gradings::table.filter(gradings::attempt_id.eq(id)).count().get_result(c))?))
}

both!(submitting_twice_gives_the_same_answer, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    save(&stage, &ada.token, &path, answers(7)).await;
    let first = submit(&stage, &ada.token, &path).await.ok();
    assert_eq!(submit(&stage, &ada.token, &path).await.ok().text(), first.text());
    assert_eq!(read(&stage, &ada.token, &path).await.ok().text(), first.text());
    assert_eq!(gradings_of(&stage, &path).await, 1);
});

both!(ten_racing_submits_grade_once, |stage| {
    let ada = pupil(&stage, "ada").await;
    for _ in 0..3 {
        let path = started(&stage, &ada.token).await;
        save(&stage, &ada.token, &path, answers(9)).await;
        let all = together((0..10).map(|_| submit(&stage, &ada.token, &path))).await;
        let texts: BTreeSet<String> = all.into_iter().map(|answer| answer.ok().text()).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert_eq!(of_kind(&stage, "attempt.submitted", id_of(&path)).await.len(), 1);
        assert_eq!(gradings_of(&stage, &path).await, 1);
    }
});

both!(a_save_that_races_a_submit_is_scored_or_late, |stage| {
    let ada = pupil(&stage, "ada").await;
    for _ in 0..8 {
        let path = started(&stage, &ada.token).await;
        let items = items();
        let saves = items.iter().map(|item| {
            let (stage, token, path, list) = (&stage, &ada.token, &path, vec![right(item, 1)]);
            async move { Some((item, save(stage, token, path, list).await)) }
        });
        let mut all: Vec<std::pin::Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        for (n, one) in saves.enumerate() {
            all.push(Box::pin(one));
            if n == 6 {
                let (stage, token, path) = (&stage, &ada.token, &path);
                all.push(Box::pin(async move {
                    submit(stage, token, path).await.ok();
                    None
                }));
            }
        }
        let results = together(all).await;
        let graded = read(&stage, &ada.token, &path).await.ok().json();
        let mut scored = 0;
        for (item, saved) in results.into_iter().flatten() {
            let find = |list: &str| graded[list].as_array().unwrap().iter().find(|r| r["item"] == item.id).cloned();
            let (verdict, kept) = (find("items").unwrap()["verdict"].clone(), find("responses").expect("an answer was lost"));
            match statuses(&saved)[0] {
                "saved" => assert_eq!((verdict, &kept["late"]), (json!("correct"), &json!(false))),
                "late" => assert_eq!((verdict, &kept["late"]), (json!("unanswered"), &json!(true))),
                other => panic!("{other}"),
            }
            scored += usize::from(kept["late"] == false);
        }
        assert_eq!(graded["result"]["raw"], scored as f64);
    }
});

both!(results_add_up, |stage| {
    assert_eq!((items().len(), curriculum().lessons[0].quiz.policy.pass_mark), (15, 0.8));
    let ada = pupil(&stage, "ada").await;
    for (n, scaled, success) in [(0, 0.0, false), (11, 0.7333, false), (12, 0.8, true), (14, 0.9333, true), (15, 1.0, true)] {
        let body = with(whole(n), "started", json!({"at": "2026-11-23T09:00:00Z"}));
        let graded = put(&stage, &ada.token, &new_attempt(), &body).await.is(201).json();
        let result = &graded["result"];
        assert_eq!((&result["raw"], &result["min"], &result["max"]), (&json!(n as f64), &json!(0.0), &json!(15.0)));
        assert_eq!((&result["scaled"], &result["success"]), (&json!(scaled), &json!(success)), "{n} right");
        assert_eq!((&result["completion"], &result["grading"]), (&json!(true), &json!(1)));
        for (i, item) in items().iter().enumerate() {
            let shown = graded["items"].as_array().unwrap().iter().find(|shown| shown["item"] == item.id).unwrap();
            let (verdict, points) = if i < n { ("correct", 1.0) } else { ("incorrect", 0.0) };
            assert_eq!((&shown["verdict"], &shown["points"]), (&json!(verdict), &json!(points)));
            assert_eq!(shown["right"]["option"], item.key);
            assert_eq!(shown["rationales"].as_array().unwrap().len(), item.options.len());
        }
        let records = of_kind(&stage, "attempt.submitted", graded["id"].as_str().unwrap()).await;
        assert_eq!(records[0]["body"]["result"], *result);
        assert_eq!(records[0]["body"]["items"].as_array().unwrap().len(), 15);
    }
    // Times add up, what is not answered is neither right nor complete.
    let items = items();
    let list = vec![with(right(&items[0], 1), "active_ms", json!(1500)), with(wrong(&items[1], 1), "active_ms", json!(700))];
    let body = json!({"lesson": slug(), "responses": list, "submit": true});
    let graded = put(&stage, &ada.token, &new_attempt(), &body).await.is(201).json();
    assert_eq!((&graded["result"]["active_ms"], &graded["result"]["completion"]), (&json!(2200), &json!(false)));
    assert_eq!(graded["items"].as_array().unwrap().iter().filter(|item| item["verdict"] == "unanswered").count(), 13);
});
