//! Attempts: started, resumed, brought whole; answers merged; graded once; keys hidden until they are due (CONTRACT.md,
//! section 3).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waymark::attempts::order::order;
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::lessons::format::AuthoredWhen;

use crate::flow::{
    Pupil, answer, answers, begin, changed, feed, items, key, members, new_attempt, post, pupil, put, read, right, started,
    together, told, whole, wrong, wrong_option,
};
use crate::harness::{Answer, Stage, curriculum, place_of, slug};

const NOBODY: &str = "00000000-0000-4000-8000-000000000001";

pub fn id_of(path: &str) -> &str {
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

pub async fn save(stage: &Stage, token: &str, path: &str, list: Vec<Value>) -> Value {
    put(stage, token, &format!("{path}/responses"), &json!({"responses": list})).await.ok().json()
}

pub async fn submit(stage: &Stage, token: &str, path: &str) -> Answer {
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
        let item = &mut content.quiz.items[0];
        let other = wrong_option(item).to_owned();
        item.revision += 1;
        let waymark::lessons::format::Task::SingleChoice(single) = &mut item.task else { panic!("the first is a choice") };
        single.key = other;
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
    let (a, b) = (items[0].task.options()[0].id.as_str(), items[0].task.options()[1].id.as_str());
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
        answer(&items[2].id, -1, key(&items[2])),
        answer(&items[2].id, 9_007_199_254_740_992, key(&items[2])),
        with(right(&items[2], 1), "active_ms", json!("long")),
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
        (0..40_i64).map(|n| vec![answer(&item.id, (n * 17 + 31) % 40, &item.task.options()[usize::try_from(n % 2).unwrap()].id)]);
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

async fn gradings_of(stage: &Stage, path: &str) -> usize {
    let list = read(stage, &stage.full_token(), &format!("{path}/gradings")).await.ok().json();
    list["items"].as_array().unwrap().len()
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
            assert_eq!(shown["right"]["option"], key(item));
            assert_eq!(shown["rationales"].as_array().unwrap().len(), item.task.options().len());
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

/// What no answer may show before it is due: each rationale's words, and the names of the members that hold a key.
struct Secrets(Vec<String>);

const KEY_MEMBERS: [&str; 8] = ["key", "right", "rationale", "rationales", "expected_layer", "chosen_layer", "verdict", "points"];

impl Secrets {
    fn new() -> Secrets {
        let items = items();
        let all = items.iter().flat_map(|item| item.task.rationales()).flat_map(|(_, text)| text.values());
        Secrets(all.map(|text| words(text).chars().take(40).collect()).collect())
    }

    /// The answer shows no text of a rationale, and no member of a key that is not null.
    fn hidden_in(&self, answer: &Answer) {
        let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}\n")).collect();
        let text = words(&format!("{headers}{}", answer.text().replace("\\n", " ").replace("\\\"", "\"")));
        for secret in &self.0 {
            assert!(!text.contains(secret), "{} shows {secret:?}", answer.asked);
        }
        if !answer.body.is_empty() {
            let mut json = answer.json();
            without_nulls(&mut json);
            // The published policy says when keys will show; that is no secret.
            json.as_object_mut().unwrap().remove("policy");
            let names = members(&json);
            // A quiz says what an item is worth, not what was got for it.
            for name in KEY_MEMBERS.into_iter().filter(|name| *name != "points" || !answer.asked.ends_with("/quiz")) {
                assert!(!names.contains(&name), "{} has a member {name}", answer.asked);
            }
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Everything that this token can read about a learner's attempts.
async fn views(stage: &Stage, token: &str, learner: Id, path: &str) -> Vec<Answer> {
    stage.settled().await;
    let mut all = Vec::new();
    let quiz = format!("/v1/lessons/{}/quiz", slug());
    let (progress, list) = (format!("/v1/learners/{learner}/progress"), format!("/v1/attempts?learner={learner}"));
    for url in [path, &quiz, &progress, &list, "/v1/attempts", "/v1/records?limit=200"] {
        all.push(read(stage, token, url).await.ok());
    }
    all
}

both!(
    /// The whole of a journey before submission, read by everyone who can, shows nothing of a key; afterwards it shows.
    no_key_shows_before_submission, |stage| {
    let (secrets, ada, full) = (Secrets::new(), pupil(&stage, "ada").await, stage.full_token());
    assert!(secrets.0.len() >= 45 && secrets.0.iter().all(|secret| secret.len() > 20));
    let start = post(&stage, &ada.token, "/v1/attempts", &begin()).await.is(201);
    let path = start.header("location").to_owned();
    let items = items();
    let one = json!({"seq": 2, "response": {"kind": "single_choice", "option": key(&items[0])}});
    let bad = json!({"seq": 2, "response": {"kind": "single_choice", "option": "none"}});
    let several = json!({"responses": [right(&items[1], 1), wrong(&items[2], 1), answer("none", 1, "x"), answer(&items[3].id, 1, "none")]});
    let url = format!("{path}/responses/{}", items[0].id);
    let mut all = vec![
        start,
        post(&stage, &ada.token, "/v1/attempts", &begin()).await,
        put(&stage, &ada.token, &path, &with(begin(), "responses", json!(answers(15)))).await,
        put(&stage, &ada.token, &new_attempt(), &begin()).await,
        put(&stage, &ada.token, &url, &one).await,
        put(&stage, &ada.token, &url, &bad).await,
        put(&stage, &ada.token, &format!("{path}/responses"), &several).await,
        post(&stage, &full, "/v1/attempts", &with(with(begin(), "learner", json!({"id": ada.id})), "purpose", json!("preview"))).await,
    ];
    for token in [&ada.token, &full] {
        all.extend(views(&stage, token, ada.id, &path).await);
    }
    for answer in &all {
        // A list of problems may not say what would have been right either; its names are other ones.
        assert!(answer.status < 500, "{}", answer.text());
        secrets.hidden_in(answer);
    }
    let shown = submit(&stage, &ada.token, &path).await.ok();
    let text = words(&shown.text().replace("\\\"", "\""));
    assert!(secrets.0.iter().filter(|secret| text.contains(*secret)).count() >= 40, "rationales show once they are due");
    assert_eq!((&shown.json()["withheld"], &shown.json()["items"][0]["right"].is_object()), (&Value::Null, &true));
    let told = feed(&stage, &ada.token, "kind=attempt.submitted").await;
    assert!(told[0]["body"]["result"]["raw"].is_number() && told[0]["body"]["items"][0]["verdict"].is_string());
    assert!(told[0]["body"]["items"].as_array().unwrap().iter().any(|item| item["expected_layer"].is_string()));
});

fn reveal(when: AuthoredWhen, allowed: Option<u32>) -> impl FnOnce(&mut waymark::lessons::source::LessonContent) {
    move |content| {
        let policy = &mut content.quiz.policy;
        (policy.reveal.verdict, policy.reveal.rationale, policy.reveal.key) = (when, when, when);
        policy.attempts_allowed = allowed;
    }
}

/// The learner sees nothing of the key in any view and is told why; staff and client see all.
async fn withheld_from(stage: &Stage, ada: &Pupil, path: &str, secrets: &Secrets) {
    for answer in views(stage, &ada.token, ada.id, path).await {
        secrets.hidden_in(&answer);
    }
    let again = submit(stage, &ada.token, path).await.ok();
    secrets.hidden_in(&again);
    assert_eq!((&again.json()["withheld"], &again.json()["result"]), (&json!("policy"), &Value::Null));
    let list = read(stage, &ada.token, "/v1/attempts").await.ok().json();
    assert_eq!((&list["items"][0]["withheld"], &list["items"][0]["result"]), (&json!("policy"), &Value::Null));
    let progress = read(stage, &ada.token, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
    let lesson = &progress["courses"][0]["lessons"][0];
    assert_eq!((&lesson["passed"], &lesson["counting"]["scaled"]), (&Value::Null, &Value::Null));
    assert_eq!((&lesson["counting"]["withheld"], &progress["courses"][0]["completed_lessons"]), (&json!("policy"), &json!(0)));
    let told = feed(stage, &ada.token, "kind=attempt.submitted").await;
    assert!(!told.is_empty() && told.iter().all(|record| record["body"]["result"].is_null()));
    let staff = stage.staff_token(stage.clean_id(), "attempts:read records:read learners:read learners:all");
    let seen = read(stage, &staff, path).await.ok().json();
    assert_eq!((&seen["withheld"], &seen["items"][0]["verdict"].is_string()), (&Value::Null, &true));
    assert!(
        seen["items"][0]["right"].is_object() && seen["items"][0]["rationales"].is_array() && seen["result"]["raw"].is_number()
    );
    let told = feed(stage, &staff, "kind=attempt.submitted").await;
    assert!(told[0]["body"]["result"]["raw"].is_number() && told[0]["body"]["items"][0]["points"].is_number());
    let counted = read(stage, &staff, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
    assert!(counted["courses"][0]["lessons"][0]["passed"].is_boolean());
}

both!(a_policy_of_never_withholds_all_from_learners, |place: Place| {
    let stage = changed(&place, Clock::system(), reveal(AuthoredWhen::Never, None));
    let (secrets, ada) = (Secrets::new(), pupil(&stage, "ada").await);
    let path = new_attempt();
    secrets.hidden_in(&put(&stage, &ada.token, &path, &whole(13)).await.is(201));
    withheld_from(&stage, &ada, &path, &secrets).await;
    let next = post(&stage, &ada.token, "/v1/attempts", &begin()).await.is(201).json();
    assert_eq!(next["key_seen_before"], false, "a key that never shows was not seen");
});

both!(a_policy_of_attempts_used_waits_for_the_last, |place: Place| {
    let stage = changed(&place, Clock::system(), reveal(AuthoredWhen::AttemptsUsed, Some(2)));
    let (secrets, ada) = (Secrets::new(), pupil(&stage, "ada").await);
    let (first, second) = (new_attempt(), new_attempt());
    secrets.hidden_in(&put(&stage, &ada.token, &first, &whole(3)).await.is(201));
    withheld_from(&stage, &ada, &first, &secrets).await;
    // The last one begins: the first stays hidden until it is over.
    put(&stage, &ada.token, &second, &begin()).await.is(201);
    withheld_from(&stage, &ada, &first, &secrets).await;
    let done = submit(&stage, &ada.token, &second).await.ok().json();
    assert_eq!((&done["withheld"], &done["items"][0]["right"].is_object()), (&Value::Null, &true));
    assert_eq!(read(&stage, &ada.token, &first).await.ok().json()["result"]["raw"], 3.0);
    // One that passed ends the waiting.
    let ben = pupil(&stage, "ben").await;
    let passed = put(&stage, &ben.token, &new_attempt(), &whole(12)).await.is(201).json();
    assert_eq!((&passed["withheld"], &passed["result"]["success"]), (&Value::Null, &json!(true)));
});

both!(attempts_are_allowed_up_to_a_number, |place: Place| {
    let stage = changed(&place, Clock::system(), |content| content.quiz.policy.attempts_allowed = Some(2));
    let ada = pupil(&stage, "ada").await;
    let first = put(&stage, &ada.token, &new_attempt(), &whole(1)).await.is(201).json();
    let second = put(&stage, &ada.token, &new_attempt(), &whole(2)).await.is(201).json();
    let facts = |attempt: &Value| ["attempt_number", "key_seen_before", "over_limit"].map(|name| attempt[name].clone());
    assert_eq!(facts(&first), [json!(1), json!(false), json!(false)]);
    assert_eq!(facts(&second), [json!(2), json!(true), json!(false)]);
    let over = post(&stage, &ada.token, "/v1/attempts", &begin()).await.problem(409, "attempts_used");
    assert_eq!(over["params"]["attempts_allowed"], 2);
    put(&stage, &ada.token, &new_attempt(), &begin()).await.problem(409, "attempts_used");
    let offline = put(&stage, &ada.token, &new_attempt(), &whole(15)).await.is(201).json();
    assert_eq!(facts(&offline), [json!(3), json!(true), json!(true)]);
    let told = of_kind(&stage, "attempt.submitted", offline["id"].as_str().unwrap()).await;
    assert_eq!((&told[0]["body"]["over_limit"], &told[0]["body"]["attempt_number"]), (&json!(true), &json!(3)));
    let progress = read(&stage, &ada.token, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
    assert_eq!(
        progress["courses"][0]["lessons"][0]["counting"]["attempt"], second["id"],
        "what is over the limit does not count"
    );
    // Practice has room; another placement only where somebody else than the learner names it (see limits.rs).
    post(&stage, &ada.token, "/v1/attempts", &with(begin(), "purpose", json!("practice"))).await.is(201);
});

both!(only_staff_preview, |stage| {
    let ada = pupil(&stage, "ada").await;
    let preview = with(begin(), "purpose", json!("preview"));
    post(&stage, &ada.token, "/v1/attempts", &preview).await.problem(403, "forbidden");
    put(&stage, &ada.token, &new_attempt(), &preview).await.problem(403, "forbidden");
    let staff = stage.staff_token(stage.clean_id(), "attempts:read attempts:write learners:act learners:all");
    let named = with(preview, "learner", json!({"id": ada.id}));
    let made = post(&stage, &staff, "/v1/attempts", &named).await.is(201).json();
    assert_eq!((&made["purpose"], &made["learner"]), (&json!("preview"), &json!(ada.id)));
});

both!(the_order_is_the_published_function, |stage| {
    let ada = pupil(&stage, "ada").await;
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let path = new_attempt();
        let graded = put(&stage, &ada.token, &path, &whole(4)).await.is(201).json();
        let expected = order(&curriculum().lessons[0].quiz, id_of(&path), graded["version"].as_str().unwrap());
        assert_eq!(graded["order"], json!(expected));
        for (i, drawn) in expected.iter().enumerate() {
            assert_eq!((&graded["items"][i]["item"], &graded["items"][i]["position"]), (&json!(drawn.item), &json!(i + 1)));
        }
        seen.insert(graded["order"].to_string());
    }
    assert_eq!(seen.len(), 3, "each attempt has an order of its own");
});

both!(the_context_stays_and_stands_in_every_record, |stage| {
    let ada = pupil(&stage, "ada").await;
    let context = json!({"registration": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "platform": "https://moodle.example.edu",
        "group": "course-114/section-3", "placement": "link-77", "metadata": {"term": "autumn", "n": 3}});
    let (path, begin) = (new_attempt(), with(begin(), "context", context.clone()));
    put(&stage, &ada.token, &path, &begin).await.is(201);
    let other = with(begin.clone(), "context", json!({"placement": "link-78"}));
    assert_eq!(put(&stage, &ada.token, &path, &other).await.ok().json()["context"], context);
    save(&stage, &ada.token, &path, answers(2)).await;
    assert_eq!(submit(&stage, &ada.token, &path).await.ok().json()["context"], context);
    let records = feed(&stage, &ada.token, "kind=attempt.started,response.saved,attempt.submitted").await;
    assert_eq!(records.len(), 17);
    for record in &records {
        assert_eq!(record["context"], context, "{record}");
        assert_eq!((&record["learner"], &record["actor"]["principal"]["id"]), (&json!(ada.id), &json!(ada.id)));
        assert_eq!(record["actor"]["client"], json!(stage.administrator));
    }
    for (name, bad) in
        [("placement", json!("x".repeat(256))), ("group", json!("a\u{7}")), ("metadata", json!({"a": "x".repeat(5000)}))]
    {
        let refused = put(&stage, &ada.token, &new_attempt(), &with(begin.clone(), "context", json!({name: bad}))).await;
        assert_eq!(place_of(&refused.problem(422, "invalid_body")), format!("/context/{name}"));
    }
});

both!(a_wrong_clock_is_corrected_or_clamped, |place: Place| {
    let now = Time::from_utc("2026-11-23T12:00:00Z".parse().unwrap());
    let stage = place.serve_with(|_| {}, Clock::fixed(now));
    let ada = pupil(&stage, "ada").await;
    let bring = |at: &str, sent: Option<&str>, done: &str| {
        let mut body = with(whole(15), "started", json!({"at": at}));
        body["responses"][0]["answered_at"] = json!(at);
        body["submitted_at"] = json!(done);
        body["sent_at"] = json!(sent);
        body
    };
    let cases = [
        // A clock that is right, with its offset.
        (
            "2026-11-23T12:30:00+01:00",
            Some("2026-11-23T13:00:00+01:00"),
            "2026-11-23T12:40:00+01:00",
            "trusted",
            "2026-11-23T11:30:00.000000Z",
            json!(600_000),
        ),
        // A day behind.
        (
            "2026-11-22T11:30:00Z",
            Some("2026-11-22T12:00:00Z"),
            "2026-11-22T11:45:00Z",
            "corrected",
            "2026-11-23T11:30:00.000000Z",
            json!(900_000),
        ),
        // A clock of 1999, and nothing that says so: a year back at most.
        ("1999-01-01T00:00:00Z", None, "1999-01-01T00:10:00Z", "clamped", "2025-11-23T12:00:00.000000Z", Value::Null),
        // Hours ahead: five minutes at most.
        ("2026-11-23T20:00:00Z", None, "2026-11-23T21:00:00Z", "clamped", "2026-11-23T12:05:00.000000Z", Value::Null),
    ];
    for (at, sent, done, clock, moment, elapsed) in cases {
        let made = put(&stage, &ada.token, &new_attempt(), &bring(at, sent, done)).await.is(201).json();
        assert_eq!((&made["started"]["clock"], &made["started"]["at"]), (&json!(clock), &json!(moment)), "{at}");
        assert_eq!(made["started"]["reported"].is_null(), clock == "trusted");
        assert_eq!(made["result"]["elapsed_ms"], elapsed, "{at}");
        let records = of_kind(&stage, "response.saved", made["id"].as_str().unwrap()).await;
        assert!(records.iter().any(|record| record["occurred"] == made["started"]), "the same for an answer");
        assert!(records.iter().all(|record| record["recorded_at"] == "2026-11-23T12:00:00.000000Z"));
    }
    let unreadable = put(&stage, &ada.token, &new_attempt(), &with(begin(), "sent_at", json!("yesterday"))).await;
    assert_eq!(place_of(&unreadable.problem(422, "invalid_body")), "/sent_at");
});

both!(another_learners_attempt_is_not_there, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let path = started(&stage, &ada.token).await;
    let one = json!({"seq": 1, "response": {"kind": "single_choice", "option": key(&items()[0])}});
    let several = json!({"responses": answers(15)});
    for path in [path.clone(), format!("/v1/attempts/{NOBODY}")] {
        read(&stage, &ben.token, &path).await.problem(404, "not_found");
        submit(&stage, &ben.token, &path).await.problem(404, "not_found");
        put(&stage, &ben.token, &format!("{path}/responses"), &several).await.problem(404, "not_found");
        put(&stage, &ben.token, &format!("{path}/responses/{}", items()[0].id), &one).await.problem(404, "not_found");
    }
    for body in [begin(), whole(15)] {
        put(&stage, &ben.token, &path, &body).await.problem(409, "id_unavailable");
    }
    let own = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!((&own["state"], &own["responses"]), (&json!("in_progress"), &json!([])));
    assert_eq!(read(&stage, &ben.token, "/v1/attempts").await.ok().json()["items"], json!([]));
    read(&stage, &ben.token, &format!("/v1/attempts?learner={}", ada.id)).await.problem(404, "not_found");
    assert!(feed(&stage, &ben.token, "").await.iter().all(|record| record["learner"] == json!(ben.id)));
    // Reading needs the scope of reading, writing that of writing.
    read(&stage, &stage.learner_token(ada.id, "attempts:write"), &path).await.problem(403, "insufficient_scope");
    submit(&stage, &stage.learner_token(ada.id, "attempts:read"), &path).await.problem(403, "insufficient_scope");
});

both!(lists_come_in_pages, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let mut expected = Vec::new();
    for n in 0..7 {
        let pupil = if n % 3 == 0 { &ben } else { &ada };
        let made = put(&stage, &pupil.token, &new_attempt(), &whole(n)).await.is(201).json();
        expected.push(made["id"].clone());
    }
    let open = started(&stage, &ada.token).await;
    expected.push(json!(id_of(&open)));
    let full = stage.token("attempts:read");
    let walk = async |token: &str, query: &str| {
        let (mut ids, mut url) = (Vec::new(), format!("/v1/attempts?limit=2{query}"));
        loop {
            let page = read(&stage, token, &url).await.ok();
            let json = page.json();
            assert!(json["items"].as_array().unwrap().len() <= 2);
            ids.extend(json["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            let Some(cursor) = json["next_cursor"].as_str() else { return ids };
            assert!(page.header("link").contains("rel=\"next\""), "{}", page.header("link"));
            url = format!("/v1/attempts?limit=2{query}&cursor={cursor}");
        }
    };
    assert_eq!(walk(&full, "").await, expected);
    assert_eq!(walk(&full, &format!("&lesson={}", slug())).await, expected);
    assert_eq!(walk(&full, "&state=submitted").await, expected[..7]);
    assert_eq!(walk(&full, "&state=in_progress").await, expected[7..]);
    assert_eq!(walk(&full, "&lesson=another").await, Vec::<Value>::new());
    assert_eq!(walk(&full, &format!("&learner={}", ben.id)).await, [0, 3, 6].map(|n| expected[n].clone()));
    assert_eq!(walk(&ada.token, "").await, [1, 2, 4, 5, 7].map(|n| expected[n].clone()));
    let cursor = read(&stage, &full, "/v1/attempts?limit=2").await.ok().json()["next_cursor"].as_str().unwrap().to_owned();
    for url in [format!("/v1/attempts?state=submitted&cursor={cursor}"), "/v1/attempts?cursor=x".to_owned()] {
        read(&stage, &full, &url).await.problem(400, "invalid_cursor");
    }
    for (query, name) in [("state=arriving", "state"), ("limit=0", "limit"), ("limit=201", "limit"), ("learner=7", "learner")] {
        let refused = read(&stage, &full, &format!("/v1/attempts?{query}")).await;
        assert_eq!(place_of(&refused.problem(400, "invalid_parameter")), name);
    }
});

both!(an_idempotency_key_makes_one_attempt, |stage| {
    let ada = pupil(&stage, "ada").await;
    let keyed = |key: &str, body: &Value| stage.post("/v1/attempts").token(&ada.token).header("idempotency-key", key).json(body);
    let first = keyed("k1", &whole(8)).send().await.is(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = keyed("k1", &whole(8)).send().await.is(201);
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()));
    assert_eq!(again.header("location"), first.header("location"));
    keyed("k1", &whole(9)).send().await.problem(422, "idempotency_mismatch");
    let other = keyed("k2", &whole(8)).send().await.is(201).json();
    assert_ne!(other["id"], first.json()["id"]);
    // The key of another learner is another key.
    let ben = pupil(&stage, "ben").await;
    let his = stage.post("/v1/attempts").token(&ben.token).header("idempotency-key", "k1").json(&whole(8)).send().await.is(201);
    assert_eq!((his.header("idempotent-replayed"), &his.json()["learner"]), ("", &json!(ben.id)));
    let body = whole(5);
    let racing = together((0..10).map(|_| keyed("k3", &body).send())).await;
    let mut ids = BTreeSet::new();
    for answer in racing {
        if answer.status == 409 {
            answer.problem(409, "request_in_progress");
        } else {
            ids.insert(answer.is(201).json()["id"].to_string());
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(told(&stage, "attempt.submitted").await.len(), 4);
    // A refusal is not kept.
    keyed("k4", &json!({"lesson": "none"})).send().await.problem(422, "invalid_body");
    keyed("k4", &whole(1)).send().await.is(201);
});
