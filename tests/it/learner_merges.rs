//! Two learners who become one, and two again: what moves, what stays, who follows, and what is left when many do it at once.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};

use crate::flow::{Pupil, begin, feed, items, new_attempt, post, pupil, put, read, right, started, told, whole};
use crate::harness::{Answer, Stage, place_of, slug};
use crate::learners::second_tenant;
use crate::submissions::complete;

pub fn new_merge() -> String {
    format!("/v1/learner-merges/{}", uuid::Uuid::new_v4())
}

pub async fn merge(stage: &Stage, path: &str, into: Id, from: Id) -> Answer {
    put(stage, &stage.token("learners:write"), path, &json!({"into": into, "from": from})).await
}

pub async fn undo(stage: &Stage, path: &str) -> Answer {
    post(stage, &stage.token("learners:write"), &format!("{path}/undo"), &Value::Null).await
}

/// Everything that a learner has, byte for byte, as somebody sees it who may see all.
pub async fn everything(stage: &Stage, learner: Id) -> Vec<String> {
    let token = stage.full_token();
    let mut all = Vec::new();
    for list in ["attempts", "submissions", "diagnoses"] {
        let page = read(stage, &token, &format!("/v1/{list}?limit=100&learner={learner}")).await.ok();
        for item in page.json()["items"].as_array().unwrap() {
            let path = format!("/v1/{list}/{}", item["id"].as_str().unwrap());
            all.push(read(stage, &token, &path).await.ok().text());
            if list == "submissions" {
                all.push(read(stage, &token, &format!("{path}/reviews")).await.ok().text());
            }
        }
        all.push(page.text());
    }
    for path in ["progress", "identities"] {
        all.push(read(stage, &token, &format!("/v1/learners/{learner}/{path}")).await.ok().text());
    }
    all
}

pub async fn ids(stage: &Stage, token: &str, list: &str) -> Vec<String> {
    let page = read(stage, token, &format!("/v1/{list}?limit=100")).await.ok().json();
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

pub fn placed(mut body: Value, placement: &str, begun: &str) -> Value {
    body["context"] = json!({"placement": placement});
    body["started"] = json!({"at": begun});
    body
}

/// Of each attempt of a learner: when it began, its placement and its number; in the order of numbers.
async fn numbers(stage: &Stage, learner: Id) -> Vec<(String, i64, String)> {
    let page = read(stage, &stage.full_token(), &format!("/v1/attempts?limit=100&learner={learner}")).await.ok().json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |item: &Value| {
        (text(&item["context"]["placement"]), item["attempt_number"].as_i64().unwrap(), text(&item["started"]["at"]))
    };
    let mut all: Vec<_> = page["items"].as_array().unwrap().iter().map(one).collect();
    all.sort();
    all
}

/// Ada has worked, and so has Ben, who is Ada elsewhere.
async fn two(stage: &Stage) -> (Pupil, Pupil) {
    let (ada, ben) = (pupil(stage, "ada").await, pupil(stage, "ben").await);
    let ago = |minutes: i64| Time(stage.clock.now().0 - minutes * 60_000_000).utc().to_rfc3339();
    for (who, placement, minutes, n) in
        [(&ada, "a", 50, 4), (&ben, "a", 40, 13), (&ada, "a", 30, 9), (&ben, "b", 20, 2), (&ben, "a", 60, 1)]
    {
        put(stage, &who.token, &new_attempt(), &placed(whole(n), placement, &ago(minutes))).await.is(201);
    }
    for who in [&ada, &ben] {
        let mut work = complete();
        work["submit"] = json!(true);
        let path = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
        put(stage, &who.token, &path, &work).await.is(201);
        let review = json!({"state": "returned", "comment": "More.", "submission_revision": 1});
        post(stage, &stage.full_token(), &format!("{path}/reviews"), &review).await.is(201);
        let kept = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
        put(stage, &who.token, &kept, &json!({"visible_text": "I cannot help with that."})).await.is(201);
    }
    (ada, ben)
}

both!(what_was_of_two_is_of_one_and_goes_back, |stage| {
    let (ada, ben) = two(&stage).await;
    let (token, path) = (stage.full_token(), new_merge());
    let before = [everything(&stage, ada.id).await, everything(&stage, ben.id).await];
    let records = feed(&stage, &token, &format!("learner={}", ben.id)).await;
    let made = merge(&stage, &path, ada.id, ben.id).await.is(201).json();
    assert_eq!(made["counts"], json!({"identities": 1, "attempts": 3, "submissions": 1, "diagnoses": 1}));
    assert_eq!((&made["state"], &made["claim"]), (&json!("merged"), &json!(false)));
    assert_eq!(merge(&stage, &path, ada.id, ben.id).await.ok().json(), made);
    assert_eq!(read(&stage, &token, &path).await.ok().json(), made);
    // Numbers by start, within a placement.
    let told_numbers: Vec<(String, i64)> = numbers(&stage, ada.id).await.into_iter().map(|(at, n, _)| (at, n)).collect();
    let a = |n: i64| ("a".to_owned(), n);
    assert_eq!(told_numbers, [a(1), a(2), a(3), a(4), ("b".to_owned(), 1)]);
    let begun: Vec<String> = numbers(&stage, ada.id).await.into_iter().take(4).map(|(_, _, begun)| begun).collect();
    assert!(begun.is_sorted(), "{begun:?}");
    // All of it is seen by either token, and by Ben's old id.
    for list in ["attempts", "submissions", "diagnoses"] {
        let hers = ids(&stage, &ada.token, list).await;
        assert_eq!(hers.len(), if list == "attempts" { 5 } else { 2 }, "{list}");
        assert_eq!(ids(&stage, &ben.token, list).await, hers);
        let named = read(&stage, &token, &format!("/v1/{list}?limit=100&learner={}", ben.id)).await.ok().json();
        assert_eq!(named["items"].as_array().unwrap().len(), hers.len(), "{list}");
        let own = read(&stage, &ben.token, &format!("/v1/{list}?learner={}", ben.id)).await.ok().json();
        assert_eq!(own["items"].as_array().unwrap().len(), hers.len(), "{list}");
        for id in &hers {
            read(&stage, &ben.token, &format!("/v1/{list}/{id}")).await.ok();
        }
    }
    for (reader, id) in [(&token, ben.id), (&ben.token, ben.id), (&ada.token, ada.id)] {
        let progress = read(&stage, reader, &format!("/v1/learners/{id}/progress")).await.ok().json();
        let lesson = &progress["courses"][0]["lessons"][0];
        assert_eq!((&progress["learner"], &lesson["attempts"]["submitted"]), (&json!(ada.id), &json!(5)));
        assert_eq!(lesson["counting"]["scaled"], 0.8667);
    }
    for reader in [&token, &ben.token, &ada.token] {
        let gone = read(&stage, reader, &format!("/v1/learners/{}", ben.id)).await.ok().json();
        assert_eq!((&gone["state"], &gone["merged_into"]), (&json!("merged"), &json!(ada.id)));
        assert_eq!(gone["identities"], json!([]));
    }
    // Whoever names Ben acts for Ada.
    let by = |learner: Value| {
        let mut body = whole(1);
        body["learner"] = learner;
        body
    };
    let mut later = Vec::new();
    for body in [by(json!({"id": ben.id})), by(json!({"identity": {"id": "ben"}}))] {
        let made = put(&stage, &token, &new_attempt(), &body).await.is(201).json();
        assert_eq!(made["learner"], json!(ada.id));
        later.push(made["attempt_number"].as_i64().unwrap());
    }
    let own = put(&stage, &ben.token, &new_attempt(), &by(json!({"id": ben.id}))).await.is(201).json();
    later.push(own["attempt_number"].as_i64().unwrap());
    assert_eq!((&own["learner"], later), (&json!(ada.id), vec![1, 2, 3]));
    assert_eq!(put(&stage, &token, "/v1/learners/by-identity?id=ben", &json!({})).await.ok().json()["id"], json!(ada.id));
    let asked = json!({"scopes": ["attempts:read", "learners:read"]});
    let made = post(&stage, &token, &format!("/v1/learners/{}/token", ben.id), &asked).await.ok().json();
    let list = read(&stage, made["access_token"].as_str().unwrap(), "/v1/learners").await.ok().json();
    assert_eq!(list["items"][0]["id"], json!(ada.id));
    // The feed of the one shows both, each record once and as it was.
    for learner in [ada.id, ben.id] {
        let all = feed(&stage, &token, &format!("learner={learner}")).await;
        assert!(records.iter().all(|record| all.contains(record)), "a record of Ben's is lost");
        let mut of: Vec<&Value> = all.iter().map(|record| &record["id"]).collect();
        of.dedup();
        assert_eq!(of.len(), all.len());
        let merged: Vec<&Value> = all.iter().filter(|record| record["kind"] == "learner.merged").collect();
        assert_eq!(merged.len(), 2, "one of each");
        assert_eq!(merged[0]["body"]["counts"]["attempts"], 3);
    }
    assert_eq!(feed(&stage, &ben.token, "").await, feed(&stage, &ada.token, "").await);
    let some = feed(&stage, &token, &format!("learner={}&kind=attempt.submitted,learner.merged", ada.id)).await;
    assert_eq!(some.len(), 8 + 2);
    assert_eq!(feed(&stage, &token, &format!("learner={}&lesson={}&kind=attempt.started", ben.id, slug())).await.len(), 8);
    // Undone: what moved is as it was; what came since is Ada's, in numbers that follow on.
    let undone = undo(&stage, &path).await.ok().json();
    assert_eq!(undone["state"], "undone");
    assert_eq!(undo(&stage, &path).await.ok().json(), undone);
    assert_eq!(merge(&stage, &path, ada.id, ben.id).await.ok().json(), undone);
    assert_eq!(everything(&stage, ben.id).await, before[1]);
    let now = everything(&stage, ada.id).await;
    let old = &before[0];
    assert!(old.iter().take(2).all(|attempt| now.contains(attempt)), "an attempt of before is another one now");
    assert_eq!(ids(&stage, &ada.token, "attempts").await.len(), 5);
    assert_eq!(ids(&stage, &ben.token, "attempts").await.len(), 3);
    read(&stage, &ada.token, &format!("/v1/learners/{}", ben.id)).await.problem(404, "not_found");
    assert_eq!(told(&stage, "learner.unmerged").await.len(), 2);
    let again = feed(&stage, &token, &format!("learner={}", ben.id)).await;
    assert!(records.iter().all(|record| again.contains(record)));
    assert_eq!(again.len(), records.len() + 2);
});

/// No two attempts of a learner in one placement share a number.
pub async fn honest(stage: &Stage, learner: Id) {
    let mut all: Vec<(String, i64)> = numbers(stage, learner).await.into_iter().map(|(at, n, _)| (at, n)).collect();
    let many = all.len();
    all.dedup();
    assert_eq!(all.len(), many, "{all:?}");
}

both!(two_open_attempts_lose_no_answer, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let (older, newer) = (started(&stage, &ben.token).await, started(&stage, &ada.token).await);
    let answer = |seq: i64| json!({"responses": [right(&items()[0], seq)]});
    for (who, path) in [(&ben, &older), (&ada, &newer)] {
        put(&stage, &who.token, &format!("{path}/responses"), &answer(1)).await.ok();
    }
    let path = new_merge();
    merge(&stage, &path, ada.id, ben.id).await.is(201);
    // Both are open, go on, and are in the list of open ones.
    for (one, number) in [(&older, 1), (&newer, 2)] {
        put(&stage, &ada.token, &format!("{one}/responses"), &answer(2)).await.ok();
        let seen = read(&stage, &ada.token, one).await.ok().json();
        assert_eq!((&seen["state"], &seen["attempt_number"]), (&json!("in_progress"), &json!(number)));
        assert_eq!(seen["responses"][0]["seq"], 2);
        assert_eq!(read(&stage, &stage.full_token(), &format!("{one}/gradings")).await.ok().json()["items"], json!([]));
    }
    let open = read(&stage, &ada.token, "/v1/attempts?state=in_progress").await.ok().json();
    assert_eq!(open["items"].as_array().unwrap().len(), 2);
    // The older one has the place; when it is submitted, the other takes it.
    let resumed = |of: &str| format!("/v1/attempts/{of}");
    let next = post(&stage, &ada.token, "/v1/attempts", &begin()).await.ok().json();
    assert_eq!(resumed(next["id"].as_str().unwrap()), older);
    post(&stage, &ada.token, &format!("{older}/submit"), &begin()).await.ok();
    let next = post(&stage, &ada.token, "/v1/attempts", &begin()).await.ok().json();
    assert_eq!(resumed(next["id"].as_str().unwrap()), newer);
    put(&stage, &ada.token, &new_attempt(), &begin()).await.problem(409, "attempt_open");
    let done = post(&stage, &ada.token, &format!("{newer}/submit"), &begin()).await.ok().json();
    assert_eq!((&done["state"], done["result"]["raw"].as_f64()), (&json!("submitted"), Some(1.0)));
    // Each is its own learner's again.
    undo(&stage, &path).await.ok();
    for (who, one) in [(&ben, &older), (&ada, &newer)] {
        let seen = read(&stage, &who.token, one).await.ok().json();
        assert_eq!((&seen["attempt_number"], &seen["learner"]), (&json!(1), &json!(who.id)));
    }
});

both!(chains_cycles_and_what_cannot_be, |stage| {
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let one = pupil(&stage, name).await;
        put(&stage, &one.token, &new_attempt(), &whole(2)).await.is(201);
        all.push(one);
    }
    let [a, b, c, d] = [&all[0], &all[1], &all[2], &all[3]];
    let before = [everything(&stage, a.id).await, everything(&stage, b.id).await, everything(&stage, c.id).await];
    let (first, second, third) = (new_merge(), new_merge(), new_merge());
    assert_eq!(place_of(&merge(&stage, &first, a.id, a.id).await.problem(422, "invalid_body")), "/from");
    for (into, from, pointer) in [(a.id, stage.clean_id(), "/from"), (stage.clean_id(), a.id, "/into")] {
        let problem = merge(&stage, &first, into, from).await.problem(422, "learner_unknown");
        assert_eq!(problem["params"]["pointer"], pointer);
    }
    merge(&stage, &first, b.id, a.id).await.is(201);
    merge(&stage, &second, c.id, b.id).await.is(201);
    let problem = merge(&stage, &third, a.id, c.id).await.problem(409, "illegal_state");
    assert_eq!((&problem["params"]["state"], &problem["params"]["merged_into"]), (&json!("merged"), &json!(c.id)));
    for (into, from) in [(a.id, d.id), (d.id, b.id), (b.id, c.id)] {
        merge(&stage, &third, into, from).await.problem(409, "illegal_state");
    }
    merge(&stage, &first, b.id, d.id).await.problem(409, "id_unavailable");
    merge(&stage, &third, c.id, d.id).await.is(201);
    for one in &all {
        assert_eq!(ids(&stage, &one.token, "attempts").await.len(), 4, "each of the four sees all");
        let named = read(&stage, &stage.full_token(), &format!("/v1/attempts?learner={}", one.id)).await.ok().json();
        assert_eq!(named["items"].as_array().unwrap().len(), 4);
        assert_eq!(feed(&stage, &stage.full_token(), &format!("kind=learner.created&learner={}", one.id)).await.len(), 4);
    }
    for administrative in ["deactivate", "reactivate"] {
        let path = format!("/v1/learners/{}/{administrative}", a.id);
        post(&stage, &stage.full_token(), &path, &Value::Null).await.problem(409, "illegal_state");
    }
    // The last is undone first.
    let problem = undo(&stage, &second).await.problem(409, "illegal_state");
    assert!(third.ends_with(problem["params"]["merge"].as_str().unwrap()));
    assert_eq!(undo(&stage, &first).await.problem(409, "illegal_state")["params"]["merged_into"], json!(c.id));
    for path in [&third, &second, &first] {
        undo(&stage, path).await.ok();
    }
    for (one, was) in [a, b, c].iter().zip(before) {
        assert_eq!(everything(&stage, one.id).await, was);
    }
    undo(&stage, &new_merge()).await.problem(404, "not_found");
    let list = read(&stage, &stage.full_token(), "/v1/learner-merges").await.ok().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    // Nothing crosses.
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    let body = json!({"into": a.id, "from": b.id});
    put(&stage, &foreign, &new_merge(), &body).await.problem(422, "learner_unknown");
    read(&stage, &foreign, &first).await.problem(404, "not_found");
    post(&stage, &foreign, &format!("{first}/undo"), &Value::Null).await.problem(404, "not_found");
    assert_eq!(read(&stage, &foreign, "/v1/learner-merges").await.ok().json()["items"], json!([]));
    // Nor is it for learners, whatever their scopes.
    let own = stage.learner_token(a.id, &Scopes::all().to_string());
    put(&stage, &own, &new_merge(), &body).await.problem(403, "forbidden");
    post(&stage, &own, &format!("{first}/undo"), &Value::Null).await.problem(403, "forbidden");
});

both!(twenty_learners_become_one_and_no_more, |stage| {
    let into = pupil(&stage, "into").await;
    for n in 0..20 {
        let one = pupil(&stage, &format!("p{n}")).await;
        merge(&stage, &new_merge(), into.id, one.id).await.is(201);
    }
    let more = pupil(&stage, "more").await;
    assert_eq!(merge(&stage, &new_merge(), into.id, more.id).await.problem(409, "illegal_state")["params"]["limit"], 20);
    let all = feed(&stage, &stage.full_token(), &format!("kind=learner.created&learner={}", into.id)).await;
    assert_eq!(all.len(), 21);
    assert_eq!(
        read(&stage, &into.token, &format!("/v1/learners/{}/identities", into.id)).await.ok().json()["identities"]
            .as_array()
            .unwrap()
            .len(),
        21
    );
});

both!(after_thirty_days_a_merge_stays, |place: Place| {
    let clock = Clock::fixed(Clock::system().now());
    let stage = place.serve_with(|_| {}, clock.clone());
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let (path, start) = (new_merge(), clock.now());
    let made = merge(&stage, &path, ada.id, ben.id).await.is(201).json();
    let day = 24 * 3600;
    assert_eq!(made["undo_until"], json!(start.plus_seconds(30 * day)));
    clock.set(start.plus_seconds(30 * day + 1));
    undo(&stage, &path).await.problem(409, "illegal_state");
    clock.set(start.plus_seconds(30 * day));
    undo(&stage, &path).await.ok();
});

both!(a_deactivated_learner_merges_and_comes_back_deactivated, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let token = stage.full_token();
    let deactivate = |id: Id| format!("/v1/learners/{id}/deactivate");
    post(&stage, &token, &deactivate(ben.id), &Value::Null).await.ok();
    let path = new_merge();
    merge(&stage, &path, ada.id, ben.id).await.is(201);
    // His tokens, which were refused, stay refused; a new one is hers.
    read(&stage, &ben.token, "/v1/learners").await.problem(401, "token_invalid");
    let cleo = pupil(&stage, "cleo").await;
    let next = new_merge();
    merge(&stage, &next, cleo.id, ada.id).await.is(201);
    read(&stage, &ben.token, "/v1/learners").await.problem(401, "token_invalid");
    assert_eq!(read(&stage, &ada.token, "/v1/learners").await.ok().json()["items"][0]["id"], json!(cleo.id));
    undo(&stage, &next).await.ok();
    let new =
        post(&stage, &token, &format!("/v1/learners/{}/token", ben.id), &json!({"scopes": ["learners:read"]})).await.ok().json();
    let new = new["access_token"].as_str().unwrap().to_owned();
    assert_eq!(read(&stage, &new, "/v1/learners").await.ok().json()["items"][0]["id"], json!(ada.id));
    post(&stage, &token, &deactivate(ada.id), &Value::Null).await.ok();
    for one in [&ada, &ben] {
        read(&stage, &one.token, "/v1/learners").await.problem(401, "token_invalid");
    }
    undo(&stage, &path).await.ok();
    let list = read(&stage, &token, "/v1/learners?state=deactivated").await.ok().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    read(&stage, &ben.token, "/v1/learners").await.problem(401, "token_invalid");
});

both!(an_idempotency_key_of_before_is_answered_as_before, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let send = || stage.post("/v1/submissions").token(&ben.token).header("idempotency-key", "once").json(&complete()).send();
    let made = send().await.is(201).json();
    merge(&stage, &new_merge(), ada.id, ben.id).await.is(201);
    assert_eq!(send().await.is(201).json()["id"], made["id"]);
    assert_eq!(ids(&stage, &ada.token, "submissions").await.len(), 1);
});

both!(what_was_used_today_moves_along, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    for who in [&ada, &ben, &ben] {
        put(&stage, &who.token, &new_attempt(), &whole(1)).await.is(201);
    }
    let used = |id: Id| {
        let tenant = stage.tenant;
        stage.place.db(move |conn| waymark::db::daily_use::of_owner(conn, tenant, id)).iter().map(|row| row.2).sum::<i64>()
    };
    let path = new_merge();
    merge(&stage, &path, ada.id, ben.id).await.is(201);
    assert_eq!((used(ada.id), used(ben.id)), (3, 0));
    put(&stage, &ben.token, &new_attempt(), &whole(1)).await.is(201);
    undo(&stage, &path).await.ok();
    assert_eq!((used(ada.id), used(ben.id)), (2, 2));
});
