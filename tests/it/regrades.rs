//! Grading again what was submitted on a version whose key was wrong: both scores stay readable, nothing is lost, nothing is done
//! twice, and only those who may see a verdict see it.

use serde_json::{Value, json};
use waymark::attempts::regrades::lifecycle::{self, Call};
use waymark::attempts::regrades::wire::RegradePut;
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::authoring::{OWN, draft, publish, replace, with};
use crate::flow::{Pupil, feed, members, new_attempt, pupil, put, read, together, told};
use crate::harness::{Answer, Stage, place_of};
use crate::learners::second_tenant;

const SCOPES: &str =
    "lessons:read lessons:write attempts:read attempts:write learners:act learners:read learners:write records:read";

/// A lesson of four items; in the first version the key of the first one is wrong.
fn lesson(edit: impl FnOnce(&mut Value)) -> Value {
    let one = draft()["quiz"]["items"][0].clone();
    let items = (0..4).map(|n| {
        let item = with(one.clone(), "/id", json!(format!("acme-{n}")));
        // So that no two of them are alike for the rules.
        let words = [
            "Amber birds cross deep estuaries",
            "Frozen gulls hold iron jugs",
            "Kind lions meet new otters",
            "Proud quails rest south tonight",
        ];
        let item = with(item, "/stem/en", json!(format!("{}: which layer answered?", words[n])));
        let content = format!("{{\"error\": {{\"code\": \"{}\"}}}}", words[n]);
        let item = with(item, "/evidence/0/content", json!(content));
        let mut item = with(item, "/key", json!(if n == 0 { "pre" } else { "system" }));
        for option in item["options"].as_array_mut().unwrap() {
            let text = format!("{} ({})", option["text"]["en"].as_str().unwrap(), words[n]);
            option["text"]["en"] = json!(text);
        }
        item
    });
    let mut body = with(draft(), "/quiz/items", Value::Array(items.collect()));
    body["quiz"]["policy"]["pass_mark"] = json!(0.75);
    edit(&mut body);
    body
}

/// The same with the right key.
fn mended(edit: impl FnOnce(&mut Value)) -> Value {
    lesson(|body| {
        body["quiz"]["items"][0]["key"] = json!("system");
        body["quiz"]["items"][0]["revision"] = json!(2);
        edit(body);
    })
}

/// Publishes both; gives their digests.
async fn versions(stage: &Stage, first: Value, second: Value) -> (String, String) {
    let token = stage.token(SCOPES);
    put(stage, &token, OWN, &first).await.is(201);
    let from = publish(stage, &token, OWN, "\"1\"").await.is(201).json()["version"].as_str().unwrap().to_owned();
    replace(stage, &token, OWN, "\"1\"", &second).await.ok();
    let to = publish(stage, &token, OWN, "\"2\"").await.is(201).json()["version"].as_str().unwrap().to_owned();
    (from, to)
}

/// A whole attempt on a version that picks `options` in the order of the items.
fn attempt(version: &str, options: [&str; 4]) -> Value {
    let answers = options.iter().enumerate().filter(|(_, option)| !option.is_empty());
    let responses: Vec<Value> = answers
        .map(
            |(n, option)| json!({"item": format!("acme-{n}"), "seq": 1, "response": {"kind": "single_choice", "option": option}}),
        )
        .collect();
    json!({"lesson": "refusals-at-acme", "version": version, "responses": responses, "submit": true})
}

const ALL_SYSTEM: [&str; 4] = ["system"; 4];

async fn submitted(stage: &Stage, pupil: &Pupil, version: &str, options: [&str; 4]) -> String {
    let path = new_attempt();
    put(stage, &pupil.token, &path, &attempt(version, options)).await.is(201);
    path
}

fn body(from: &str, to: &str) -> Value {
    json!({"lesson": "refusals-at-acme", "from": from, "to": to, "reason": "The key of acme-0 was wrong."})
}

fn new_regrade() -> String {
    format!("/v1/regrades/{}", uuid::Uuid::new_v4())
}

async fn gradings(stage: &Stage, token: &str, attempt: &str) -> Vec<Value> {
    read(stage, token, &format!("{attempt}/gradings")).await.ok().json()["items"].as_array().unwrap().clone()
}

async fn raw(stage: &Stage, token: &str, attempt: &str) -> Value {
    read(stage, token, attempt).await.ok().json()["result"]["raw"].clone()
}

both!(a_wrong_key_is_mended_and_both_scores_stay, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let right = submitted(&stage, &ada, &from, ["system", "system", "system", "pre"]).await;
    let wrong = submitted(&stage, &ben, &from, ["pre", "system", "system", "pre"]).await;
    let same = submitted(&stage, &ben, &from, ["tier", "system", "", ""]).await;
    let on_new = submitted(&stage, &ben, &to, ALL_SYSTEM).await;
    let before = read(&stage, &token, &right).await.ok().json();
    assert_eq!((&before["result"]["raw"], &before["result"]["success"]), (&json!(2.0), &json!(false)));
    let progress = |pupil: Pupil| {
        let (stage, token) = (&stage, &token);
        async move {
            put(stage, token, "/v1/courses/house", &json!({"default_language": "en", "title": {"en": "House"}, "summary": {"en": "s"}, "lessons": ["refusals-at-acme"]})).await;
            let all = read(stage, token, &format!("/v1/learners/{}/progress", pupil.id)).await.ok().json();
            let house = all["courses"].as_array().unwrap().iter().find(|one| one["course"] == "house").unwrap().clone();
            (house["lessons"][0]["counting"]["scaled"].clone(), house["lessons"][0]["passed"].clone())
        }
    };
    assert_eq!(progress(ada.clone()).await, (json!(0.5), json!(false)));

    let path = new_regrade();
    let done = put(&stage, &token, &path, &body(&from, &to)).await.is(201);
    assert_eq!(done.header("location"), path);
    let done = done.json();
    assert_eq!(
        (&done["state"], &done["total"], &done["regraded"], &done["changed"]),
        (&json!("done"), &json!(3), &json!(3), &json!(2))
    );
    assert_eq!(
        (&done["raised"], &done["lowered"], &done["now_passed"], &done["no_longer_passed"]),
        (&json!(1), &json!(1), &json!(1), &json!(1))
    );
    assert_eq!((&done["mean_change"], &done["kept_items"]), (&json!(0.0), &json!([])));
    assert_eq!(done["changed_items"], json!([{"item": "acme-0", "attempts": 2}]));
    assert_eq!(read(&stage, &token, &path).await.ok().json(), done);
    assert_eq!(read(&stage, &token, "/v1/regrades").await.ok().json()["items"], json!([done]));

    // The new result is in force; the attempt stays on its version, with its order; the key that shows is the one that graded.
    let after = read(&stage, &token, &right).await.ok().json();
    assert_eq!(
        (&after["result"]["raw"], &after["result"]["success"], &after["result"]["grading"]),
        (&json!(3.0), &json!(true), &json!(2))
    );
    for name in ["version", "order", "responses", "started", "submitted_at", "attempt_number"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    let item = after["items"].as_array().unwrap().iter().find(|one| one["item"] == "acme-0").unwrap();
    assert_eq!(
        (&item["verdict"], &item["right"]["option"], &item["revision"], &item["graded_by"]),
        (&json!("correct"), &json!("system"), &json!(2), &json!(to))
    );
    assert_eq!(
        [raw(&stage, &token, &wrong).await, raw(&stage, &token, &same).await, raw(&stage, &token, &on_new).await],
        [json!(2.0), json!(1.0), json!(4.0)]
    );
    assert_eq!(progress(ada.clone()).await, (json!(0.75), json!(true)));

    let both = gradings(&stage, &token, &right).await;
    assert_eq!(both.iter().map(|one| one["raw"].clone()).collect::<Vec<_>>(), [2.0, 3.0]);
    assert_eq!(both.iter().map(|one| one["version"].clone()).collect::<Vec<_>>(), [json!(from), json!(to)]);
    assert_eq!(
        (&both[0]["regrade"], &both[0]["number"], &both[0]["success"], &both[0]["scaled"]),
        (&Value::Null, &json!(1), &json!(false), &json!(0.5))
    );
    assert_eq!(both[1]["regrade"], json!({"id": done["id"], "reason": "The key of acme-0 was wrong."}));
    assert_eq!(gradings(&stage, &ada.token, &right).await, both, "the policy shows it all");
    assert_eq!(gradings(&stage, &token, &on_new).await.len(), 1);
    read(&stage, &ben.token, &format!("{right}/gradings")).await.problem(404, "not_found");

    // A record for each, changed or not; the first ones stay as they were.
    let records = told(&stage, "attempt.regraded").await;
    assert_eq!(records.len(), 3);
    let of = |path: &str| records.iter().find(|one| path.ends_with(one["object"]["id"].as_str().unwrap())).unwrap();
    let (one, unchanged) = (of(&right), of(&same));
    assert_eq!((&one["body"]["changed"], &unchanged["body"]["changed"]), (&json!(true), &json!(false)));
    assert_eq!((&one["body"]["previous_result"]["raw"], &one["body"]["result"]["raw"]), (&json!(2.0), &json!(3.0)));
    assert_eq!(
        (&one["body"]["regrade"], &one["body"]["version"], &one["lesson"]["version"]),
        (&done["id"], &json!(to), &json!(from))
    );
    let changed = &one["body"]["changed_items"];
    assert_eq!(changed[0]["verdict"], json!({"old": "incorrect", "new": "correct"}));
    assert_eq!((&changed[0]["points"], changed.as_array().unwrap().len()), (&json!({"old": 0.0, "new": 1.0}), 1));
    assert_eq!(one["body"]["items"].as_array().unwrap().len(), 4);
    assert_eq!((&one["learner"], &one["object"]["type"]), (&json!(ada.id), &json!("attempt")));
    assert!(!one.to_string().contains("was wrong"), "no typed text: {one}");
    let first = told(&stage, "attempt.submitted").await;
    assert_eq!(first.iter().filter(|one| one["body"]["result"]["grading"] == 1).count(), 4);
    assert_eq!(
        (told(&stage, "regrade.started").await.len(), told(&stage, "regrade.done").await[0]["body"]["result"]["changed"].clone()),
        (1, json!(2))
    );
});

both!(repeating_changes_nothing_and_takes_in_what_came_since, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    let first = submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    let path = new_regrade();
    let done = put(&stage, &token, &path, &body(&from, &to)).await.is(201).json();
    let same = body(&from, &to);
    let all = together((0..4).map(|_| put(&stage, &token, &path, &same))).await;
    all.iter().for_each(|answer| assert_eq!(answer.clone().ok().json(), done));
    assert_eq!(gradings(&stage, &token, &first).await.len(), 2);
    assert_eq!(told(&stage, "attempt.regraded").await.len(), 1);
    for other in [with(body(&from, &to), "/reason", json!("Another")), body(&to, &from)] {
        put(&stage, &token, &path, &other).await.problem(409, "id_unavailable");
    }
    // A phone that was offline brings an attempt on the old version: graded by that, until the call is repeated.
    let late = submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    assert_eq!(raw(&stage, &token, &late).await, 3.0);
    let again = put(&stage, &token, &path, &body(&from, &to)).await.ok().json();
    assert_eq!((&again["state"], &again["regraded"], &again["total"]), (&json!("done"), &json!(2), &json!(2)));
    assert_eq!([raw(&stage, &token, &late).await, raw(&stage, &token, &first).await], [json!(4.0), json!(4.0)]);
    assert_eq!([gradings(&stage, &token, &late).await.len(), gradings(&stage, &token, &first).await.len()], [2, 2]);

    // By another regrade it is graded once more, and the way back is one too.
    put(&stage, &token, &new_regrade(), &body(&from, &from)).await.is(201);
    assert_eq!(raw(&stage, &token, &first).await, 3.0);
    let three = gradings(&stage, &token, &first).await;
    assert_eq!(three.iter().map(|one| one["raw"].clone()).collect::<Vec<_>>(), [3.0, 4.0, 3.0]);
    assert_eq!(three[2]["version"], from.as_str());
    let item = read(&stage, &token, &first).await.ok().json()["items"][0].clone();
    assert_eq!(item["graded_by"], from.as_str());
});

both!(the_service_s_own_id_and_a_key, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    let keyed = |body: Value| {
        let call = stage.post("/v1/regrades").token(&token).header("idempotency-key", "regrade-1");
        async move { call.json(&body).send().await }
    };
    let made = keyed(body(&from, &to)).await.is(201);
    let again = keyed(body(&from, &to)).await.is(201);
    assert_eq!((again.json(), again.header("location")), (made.json(), made.header("location")));
    assert_eq!((made.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    keyed(body(&to, &from)).await.problem(422, "idempotency_mismatch");
    assert_eq!(told(&stage, "regrade.started").await.len(), 1);
    assert_eq!(told(&stage, "attempt.regraded").await.len(), 1);
    read(&stage, &token, made.header("location")).await.ok();
});

/// The work of a process that was killed in the middle: some steps, then nothing.
async fn steps(stage: &Stage, id: Id, from: &str, to: &str, steps: usize) -> Value {
    let who = stage.client_who();
    let catalogue = stage.state.catalogue(stage.tenant);
    let text = |text: &str| text.to_owned();
    let put = RegradePut {
        lesson: text("refusals-at-acme"),
        from: text(from),
        to: text(to),
        reason: text("The key of acme-0 was wrong."),
    };
    let call = Call::new(who.clone(), id, put, false, &catalogue).unwrap();
    stage.state.db.write(move |conn| lifecycle::begin(conn, &call)).await.unwrap();
    for _ in 0..steps {
        let (who, catalogue) = (who.clone(), catalogue.clone());
        stage.state.db.write(move |conn| lifecycle::step(conn, &who, &catalogue, id, 2)).await.unwrap();
    }
    read(stage, &stage.token(SCOPES), &format!("/v1/regrades/{id}")).await.ok().json()
}

both!(a_regrade_that_was_cut_off_goes_on_where_it_was, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    let mut paths = Vec::new();
    for _ in 0..5 {
        paths.push(submitted(&stage, &ada, &from, ALL_SYSTEM).await);
    }
    let id = stage.clean_id();
    let cut = steps(&stage, id, &from, &to, 1).await;
    assert_eq!((&cut["state"], &cut["regraded"], &cut["total"]), (&json!("running"), &json!(2), &json!(5)));
    // While it runs, attempts are submitted on the old version: with ids that it has passed, and with ids ahead.
    for id in ["00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
        let path = format!("/v1/attempts/{id}");
        put(&stage, &ada.token, &path, &attempt(&from, ALL_SYSTEM)).await.is(201);
        paths.push(path);
    }
    let done = put(&stage, &token, &format!("/v1/regrades/{id}"), &body(&from, &to)).await.ok().json();
    assert_eq!(
        (&done["state"], &done["regraded"], &done["total"], &done["changed"]),
        (&json!("done"), &json!(7), &json!(7), &json!(7))
    );
    for path in &paths {
        assert_eq!(gradings(&stage, &token, path).await.len(), 2, "{path}");
        assert_eq!(raw(&stage, &token, path).await, 4.0);
    }
    assert_eq!(told(&stage, "attempt.regraded").await.len(), 7);
});

both!(two_workers_on_one_regrade_do_its_work_once, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    for _ in 0..6 {
        submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    }
    let id = stage.clean_id();
    steps(&stage, id, &from, &to, 0).await;
    let (who, catalogue) = (stage.client_who(), stage.state.catalogue(stage.tenant));
    let step = || {
        let (db, who, catalogue) = (stage.state.db.clone(), who.clone(), catalogue.clone());
        async move { db.write(move |conn| lifecycle::step(conn, &who, &catalogue, id, 1)).await }
    };
    let all = together((0..10).map(|_| step())).await;
    all.into_iter().for_each(|done| drop(done.unwrap()));
    let row = read(&stage, &token, &format!("/v1/regrades/{id}")).await.ok().json();
    assert_eq!((&row["state"], &row["regraded"]), (&json!("done"), &json!(6)));
    assert_eq!(told(&stage, "attempt.regraded").await.len(), 6);
    assert_eq!(told(&stage, "regrade.done").await.len(), 1);
});

both!(a_dry_run_writes_nothing, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(
        &stage,
        lesson(|_| {}),
        mended(|body| {
            body["quiz"]["items"].as_array_mut().unwrap().remove(3);
        }),
    )
    .await;
    let ada = pupil(&stage, "ada").await;
    let path = submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    submitted(&stage, &ada, &from, ["pre", "pre", "pre", "pre"]).await;
    submitted(&stage, &ada, &from, ["tier", "pre", "", ""]).await;
    let before = feed(&stage, &token, "").await.len();
    let own = new_regrade();
    for answer in [
        put(&stage, &token, &format!("{own}?dry_run=true"), &body(&from, &to)).await,
        stage.post("/v1/regrades?dry_run=true").token(&token).json(&body(&from, &to)).send().await,
    ] {
        let dry = answer.ok().json();
        assert_eq!(
            (&dry["state"], &dry["total"], &dry["regraded"], &dry["changed"]),
            (&json!("dry_run"), &json!(3), &json!(3), &json!(2))
        );
        assert_eq!((&dry["raised"], &dry["lowered"], &dry["mean_change"]), (&json!(1), &json!(1), &json!(0.0)));
        assert_eq!(dry["kept_items"], json!([{"item": "acme-3", "attempts": 3}]));
        assert_eq!((&dry["dry_run"], dry["done_at"].is_string()), (&json!(true), true));
        let path = format!("/v1/regrades/{}", dry["id"].as_str().unwrap());
        assert_eq!(read(&stage, &token, &path).await.ok().json(), dry, "it is there to be read");
    }
    assert_eq!(feed(&stage, &token, "").await.len(), before);
    let again = put(&stage, &token, &format!("{own}?dry_run=true"), &body(&from, &to)).await.ok().json();
    assert_eq!(again, read(&stage, &token, &own).await.ok().json());
    let first = gradings(&stage, &token, &path).await;
    assert_eq!(first.len(), 1);
    // For earnest: the item that is gone keeps its grading, and the learner is told whose it is.
    let done = put(&stage, &token, &own, &body(&from, &to)).await.is(201).json();
    assert_eq!((&done["state"], &done["dry_run"], &done["regraded"]), (&json!("done"), &json!(false), &json!(3)));
    put(&stage, &token, &format!("{own}?dry_run=true"), &body(&from, &to)).await.problem(409, "id_unavailable");
    let both = gradings(&stage, &token, &path).await;
    assert_eq!((both.len(), &both[0], &both[1]["kept_items"]), (2, &first[0], &json!(["acme-3"])));
    let attempt = read(&stage, &token, &path).await.ok().json();
    assert_eq!((&attempt["result"]["raw"], &attempt["result"]["max"]), (&json!(4.0), &json!(4.0)));
    let items = attempt["items"].as_array().unwrap();
    assert!(
        items.iter().all(|one| one["graded_by"] == if one["item"] == "acme-3" { json!(from) } else { json!(to) }),
        "{items:?}"
    );
});

both!(a_learner_sees_of_it_what_the_policy_shows, |stage| {
    let token = stage.token(SCOPES);
    let withheld =
        |body: &mut Value| body["quiz"]["policy"]["reveal"] = json!({"verdict": "never", "rationale": "never", "key": "never"});
    let (from, to) = versions(&stage, lesson(withheld), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    let path = submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    put(&stage, &token, &new_regrade(), &body(&from, &to)).await.is(201);
    let own = gradings(&stage, &ada.token, &path).await;
    assert_eq!(own.len(), 2);
    for one in &own {
        for name in ["raw", "max", "scaled", "success"] {
            assert_eq!(one[name], Value::Null, "{name}");
        }
        assert_eq!(one["withheld"], "policy");
    }
    assert_eq!(own[1]["regrade"]["reason"], Value::Null, "it may tell the key");
    assert_eq!(gradings(&stage, &token, &path).await[1]["regrade"]["reason"], "The key of acme-0 was wrong.");
    let learner = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!((&learner["result"], &learner["withheld"]), (&Value::Null, &json!("policy")));
    assert!(learner["items"].as_array().unwrap().iter().all(|one| one["right"].is_null() && one["verdict"].is_null()));
    let records = feed(&stage, &ada.token, "kind=attempt.regraded").await;
    assert_eq!(records.len(), 1);
    let names = members(&records[0]["body"]);
    for name in ["result", "previous_result", "changed", "changed_items", "verdict", "points", "expected_layer", "chosen_layer"] {
        assert!(!names.contains(&name), "{name}: {}", records[0]);
    }
});

both!(regrades_are_for_staff_and_for_their_tenant, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    let ada = pupil(&stage, "ada").await;
    submitted(&stage, &ada, &from, ALL_SYSTEM).await;
    let everything = Scopes::all().to_string();
    let learner = stage.learner_token(ada.id, &everything);
    let regrade = new_regrade();
    put(&stage, &learner, &regrade, &body(&from, &to)).await.problem(403, "forbidden");
    stage.post("/v1/regrades").token(&learner).json(&body(&from, &to)).send().await.problem(403, "forbidden");
    for list in ["/v1/regrades", regrade.as_str()] {
        read(&stage, &learner, list).await.problem(403, "forbidden");
    }
    put(&stage, &stage.token("attempts:read attempts:write reviews:write"), &regrade, &body(&from, &to))
        .await
        .problem(403, "insufficient_scope");
    // Another tenant has no such lesson, and no such regrade; not even the id is in its way.
    let (tenant, client) = second_tenant(&stage);
    let there = stage.issue(tenant, client, Principal::Client(client), &everything);
    assert_eq!(place_of(&put(&stage, &there, &regrade, &body(&from, &to)).await.problem(422, "invalid_body")), "/lesson");
    put(&stage, &token, &regrade, &body(&from, &to)).await.is(201);
    read(&stage, &there, &regrade).await.problem(404, "not_found");
    assert_eq!(read(&stage, &there, "/v1/regrades").await.ok().json()["items"], json!([]));

    // A built-in lesson is regraded within the caller's tenant.
    let slug = crate::harness::slug();
    let version = read(&stage, &token, &format!("/v1/lessons/{slug}")).await.ok().json()["version"].as_str().unwrap().to_owned();
    let theirs = new_attempt();
    let taken = with(crate::flow::whole(3), "/learner", json!({"identity": {"id": "eve"}}));
    put(&stage, &there, &theirs, &taken).await.is(201);
    let ours = new_attempt();
    put(&stage, &ada.token, &ours, &crate::flow::whole(3)).await.is(201);
    let built_in = json!({"lesson": slug, "from": version, "to": version, "reason": "Once more."});
    let done = put(&stage, &token, &new_regrade(), &built_in).await.is(201).json();
    assert_eq!((&done["regraded"], &done["changed"]), (&json!(1), &json!(0)));
    assert_eq!([gradings(&stage, &token, &ours).await.len(), gradings(&stage, &there, &theirs).await.len()], [2, 1]);
    // What it names must be of that lesson.
    for (pointer, value) in [
        ("/from", json!(version)),
        ("/to", json!(version)),
        ("/to", json!("sha256-0")),
        ("/reason", json!(" ")),
        ("/reason", json!("x".repeat(1001))),
    ] {
        let refused =
            put(&stage, &token, &new_regrade(), &with(body(&from, &to), pointer, value)).await.problem(422, "invalid_body");
        assert_eq!(place_of(&refused), pointer);
    }
});

both!(a_page_of_regrades, |stage| {
    let token = stage.token(SCOPES);
    let (from, to) = versions(&stage, lesson(|_| {}), mended(|_| {})).await;
    for _ in 0..3 {
        put(&stage, &token, &new_regrade(), &body(&from, &to)).await.is(201);
    }
    let page = read(&stage, &token, "/v1/regrades?limit=2").await.ok().json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest: Answer = read(&stage, &token, &format!("/v1/regrades?limit=2&cursor={cursor}")).await.ok();
    assert_eq!((page["items"].as_array().unwrap().len(), rest.json()["items"].as_array().unwrap().len()), (2, 1));
    assert_eq!(rest.json()["items"][0]["total"], 0, "nobody has submitted anything");
});
