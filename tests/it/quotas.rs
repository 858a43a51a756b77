//! How much a tenant may have: what is set and what there is, that a quota of n ends with exactly n, that nothing which is there is lost
//! or made unreadable by one, and that what was begun can be finished.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::db::types::Time;
use waymark::quotas::QuotaKind;

use crate::authoring::{numbered, publish, replace, with};
use crate::flow::{Pupil, begin, items, new_attempt, post, pupil, put, read, right, together, whole};
use crate::harness::{Answer, Stage, eventually, slug};
use crate::learners::second_tenant;
use crate::signals::signal;
use crate::submissions::complete;

const AT_ONCE: usize = 16;

fn at(text: &str) -> Time {
    Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
}

fn quotas_of(tenant: impl std::fmt::Display) -> String {
    format!("/v1/tenants/{tenant}/quotas")
}

async fn set(stage: &Stage, body: Value) -> Value {
    put(stage, &stage.full_token(), &quotas_of(stage.tenant), &body).await.ok().json()
}

async fn shown(stage: &Stage) -> Value {
    read(stage, &stage.full_token(), &quotas_of(stage.tenant)).await.ok().json()
}

fn refusal(answer: &Answer, kind: &str, limit: i64, used: i64) {
    let (status, code) = if kind == "records_per_day" { (429, "daily_limit") } else { (403, "quota_exceeded") };
    let problem = answer.problem(status, code);
    let params = &problem["params"];
    assert_eq!((&params["quota"], &params["limit"], &params["used"]), (&json!(kind), &json!(limit), &json!(used)), "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(&limit.to_string()) && detail.contains(" ask whoever runs this installation"), "{detail}");
}

both!(what_is_set_and_what_holds, |stage| {
    let (admin, path) = (stage.full_token(), quotas_of(stage.tenant));
    let standing = |set: Value, limit: Value, used: Value| json!({"set": set, "limit": limit, "used": used});
    let usual = json!({
        "versions": standing(Value::Null, json!(10_000), json!(0)),
        "version_bytes": standing(Value::Null, json!(64 << 20), json!(0)),
        "drafts": standing(Value::Null, json!(1_000), json!(0)),
        "signals": standing(Value::Null, json!(200), json!(0)),
        "records_per_day": standing(Value::Null, Value::Null, Value::Null),
    });
    assert_eq!(shown(&stage).await, usual);
    let noted = || async {
        let entries = read(&stage, &admin, "/v1/audit?limit=200").await.ok().json();
        let acts: Vec<Value> = entries["items"].as_array().unwrap().clone();
        acts.into_iter().filter(|entry| entry["act"] == "tenant.quotas_set").collect::<Vec<_>>()
    };
    for (at, kind) in QuotaKind::ALL.into_iter().map(QuotaKind::name).enumerate() {
        for body in [json!({kind: 7}), json!({kind: 7})] {
            let mut wanted = with(with(usual.clone(), &format!("/{kind}/set"), json!(7)), &format!("/{kind}/limit"), json!(7));
            if kind == "records_per_day" {
                wanted[kind]["used"] = json!(0);
            }
            assert_eq!(set(&stage, body).await, wanted, "{kind}");
            assert_eq!(shown(&stage).await, wanted);
            assert_eq!(noted().await.len(), at + 1, "the same again is not noted again");
        }
        for wrong in [json!(-1), json!(1_000_000_000_000_001_i64), json!("7"), json!(1.5), json!([])] {
            let refused = put(&stage, &admin, &path, &json!({kind: wrong})).await.problem(422, "invalid_body");
            assert_eq!(refused["errors"][0]["pointer"], json!(format!("/{kind}")), "{refused}");
        }
    }
    assert_eq!(noted().await.first().unwrap()["details"]["records_per_day"], 7);
    let free = set(&stage, json!({"versions": 0, "drafts": null, "records_per_day": 0})).await;
    assert_eq!((&free["versions"]["set"], &free["versions"]["limit"]), (&json!(0), &Value::Null));
    assert_eq!((&free["records_per_day"]["limit"], &free["drafts"]), (&Value::Null, &usual["drafts"]));
    assert_eq!(set(&stage, json!({})).await, usual);
    put(&stage, &admin, &path, &json!({"draft": 7})).await.problem(422, "invalid_body");

    for method in ["GET", "PUT"] {
        let ask = |token: String, path: String| {
            let call = stage.call(method, &path).token(&token);
            if method == "PUT" { call.json(&json!({"drafts": 1})) } else { call }.send()
        };
        let nowhere = quotas_of(stage.clean_id());
        ask(admin.clone(), nowhere).await.problem(404, "not_found");
        ask(stage.token("clients:admin"), path.clone()).await.problem(403, "insufficient_scope");
        ask(stage.learner_token(stage.clean_id(), "tenants:admin"), path.clone()).await.problem(403, "forbidden");
    }
    let (tenant, client) = second_tenant(&stage);
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    for of in [tenant, stage.tenant] {
        read(&stage, &there, &quotas_of(of)).await.problem(403, "forbidden");
        put(&stage, &there, &quotas_of(of), &json!({"drafts": 0})).await.problem(403, "forbidden");
    }
    assert_eq!(shown(&stage).await, usual);
});

fn draft_named(n: usize) -> (String, Value) {
    (format!("/v1/drafts/lesson-{n}"), numbered(n))
}

/// Makes the thing of this number of which there is a quota.
async fn make(stage: &Stage, token: &str, kind: &str, n: usize) -> Answer {
    match kind {
        "drafts" => {
            let (path, body) = draft_named(n);
            put(stage, token, &path, &body).await
        }
        "signals" => put(stage, token, &format!("/v1/signals/acme-{n}"), &signal()).await,
        "versions" => publish(stage, token, &format!("/v1/drafts/lesson-{n}"), "*").await,
        _ => unreachable!("{kind}"),
    }
}

both!(a_quota_of_n_ends_with_exactly_n, |place: Place| {
    // Two processes, so that nothing in the memory of one decides.
    let (here, there) = (place.serve(), place.serve());
    let (tenant, client) = second_tenant(&here);
    let scopes = Scopes::all().to_string();
    let token = here.token(&scopes);
    for n in 0..AT_ONCE {
        let (path, body) = draft_named(n);
        put(&here, &token, &path, &body).await.is(201);
    }
    for (kind, limit) in [("versions", 3), ("signals", 5), ("drafts", AT_ONCE as i64 + 4)] {
        set(&here, json!({kind: limit})).await;
        eventually("the other process knows the limit", || async {
            let known = there.state.auth.quotas(&there.state.auth.gates(), there.tenant);
            QuotaKind::ALL.into_iter().any(|one| one.name() == kind && known.limit(one) == Some(limit)).then_some(())
        })
        .await;
        let first = if kind == "drafts" { AT_ONCE } else { 0 };
        let racing = together((0..AT_ONCE).map(|n| {
            let stage = if n % 2 == 0 { &here } else { &there };
            make(stage, &token, kind, first + n)
        }))
        .await;
        let made: Vec<usize> = (0..AT_ONCE).filter(|n| racing[*n].status == 201).collect();
        let all = i64::try_from(made.len() + first).unwrap();
        assert_eq!(all, limit, "{kind}: {:?}", racing.iter().map(|one| one.text()).collect::<Vec<_>>());
        racing.iter().filter(|one| one.status != 201).for_each(|one| refusal(one, kind, limit, limit));
        eventually("both see all of them", || async {
            let (one, other) = (shown(&here).await, shown(&there).await);
            (one[kind]["used"] == limit && other[kind]["used"] == limit).then_some(())
        })
        .await;
        // Whoever repeats what was done is not asked for room.
        make(&here, &token, kind, first + made[0]).await.ok();
        // Another tenant has room of its own.
        let other = here.issue(tenant, client, Principal::Client(client), &scopes);
        if kind == "versions" {
            make(&here, &other, "drafts", 0).await.is(201);
        }
        make(&here, &other, kind, if kind == "drafts" { 1 } else { 0 }).await.is(201);
    }
    for (path, kind, n) in [("/v1/signals/acme-", "signals", 5), ("/v1/drafts/lesson-", "drafts", AT_ONCE + 4)] {
        // There is room again when one goes, for one.
        set(&here, json!({kind: n})).await;
        let there = (0..2 * AT_ONCE).map(|n| format!("{path}{n}"));
        let mut found = Vec::new();
        for one in there {
            if read(&here, &token, &one).await.status == 200 {
                found.push(one);
            }
        }
        assert_eq!(found.len(), n);
        here.call("DELETE", &found[0]).token(&token).send().await.is(204);
        make(&here, &token, kind, 100).await.is(201);
        refusal(&make(&here, &token, kind, 101).await, kind, n as i64, n as i64);
    }
});

both!(what_is_there_stays_under_a_smaller_quota, |stage| {
    let token = stage.full_token();
    for n in 0..3 {
        for kind in ["drafts", "versions", "signals"] {
            make(&stage, &token, kind, n).await.is(201);
        }
    }
    let used = shown(&stage).await;
    let bytes = used["version_bytes"]["used"].as_i64().unwrap();
    assert!(bytes > 3_000 && used["versions"]["used"] == 3, "{used}");
    set(&stage, json!({"drafts": 1, "versions": 1, "signals": 1})).await;
    for n in 0..3 {
        for path in [format!("/v1/drafts/lesson-{n}"), format!("/v1/lessons/lesson-{n}"), format!("/v1/signals/acme-{n}")] {
            read(&stage, &token, &path).await.ok();
        }
    }
    let (path, body) = draft_named(0);
    let changed = with(body, "/lesson/title/en", json!("Changed"));
    replace(&stage, &token, &path, "*", &changed).await.ok();
    let lighter = with(signal(), "/weight", json!(0.8));
    replace(&stage, &token, "/v1/signals/acme-0", "*", &lighter).await.ok();
    for kind in ["drafts", "signals"] {
        refusal(&make(&stage, &token, kind, 3).await, kind, 1, 3);
    }
    // A change of a published lesson is a version more; the same again is none.
    refusal(&make(&stage, &token, "versions", 0).await, "versions", 1, 3);
    assert_eq!(make(&stage, &token, "versions", 1).await.ok().json()["unchanged"], true);
    // An attempt on a lesson that is there begins and ends.
    let ada = pupil(&stage, "ada").await;
    put(&stage, &ada.token, &new_attempt(), &json!({"lesson": "lesson-2"})).await.is(201);

    // Bytes: as many as there will be fit, one less does not.
    let free = set(&stage, json!({})).await;
    assert_eq!(free["version_bytes"]["used"], bytes);
    make(&stage, &token, "versions", 0).await.is(201);
    let after = shown(&stage).await["version_bytes"]["used"].as_i64().unwrap();
    let again = with(draft_named(1).1, "/lesson/title/en", json!("Changed"));
    replace(&stage, &token, "/v1/drafts/lesson-1", "*", &again).await.ok();
    let needed = after + (after - bytes);
    set(&stage, json!({"version_bytes": needed - 1})).await;
    refusal(&make(&stage, &token, "versions", 1).await, "version_bytes", needed - 1, after);
    set(&stage, json!({"version_bytes": needed})).await;
    make(&stage, &token, "versions", 1).await.is(201);
    assert_eq!(shown(&stage).await["version_bytes"]["used"], needed);
});

fn evidence(n: usize) -> Value {
    json!({"visible_text": format!("Evidence of its own, number {n}.")})
}

fn new_of(kind: &str) -> String {
    format!("/v1/{kind}/{}", uuid::Uuid::new_v4())
}

both!(a_day_s_records_end_with_exactly_n, |place: Place| {
    let clock = Clock::fixed(at("2026-11-20T22:00:00Z"));
    let (here, there) = (
        place.serve_with(|config| config.quotas.records_per_day = 5, clock.clone()),
        place.serve_with(|config| config.quotas.records_per_day = 5, clock.clone()),
    );
    let (tenant, client) = second_tenant(&here);
    let token = here.token("diagnoses:run");
    let paths: Vec<String> = (0..AT_ONCE).map(|_| new_of("diagnoses")).collect();
    let all = || {
        together(paths.iter().enumerate().map(|(n, path)| {
            let stage = if n % 2 == 0 { &here } else { &there };
            let token = &token;
            async move { put(stage, token, path, &evidence(n)).await }
        }))
    };
    let racing = all().await;
    assert_eq!(racing.iter().filter(|one| one.status == 201).count(), 5);
    for one in racing.iter().filter(|one| one.status != 201) {
        refusal(one, "records_per_day", 5, 5);
        assert_eq!(one.header("retry-after"), "7200");
    }
    let used = read(&here, &here.full_token(), &quotas_of(here.tenant)).await.ok().json();
    assert_eq!(used["records_per_day"], json!({"set": null, "limit": 5, "used": 5}));
    // The same again: what was kept is kept, what was refused is refused, and nothing is counted.
    let again = all().await;
    for (before, after) in racing.iter().zip(&again) {
        assert_eq!(after.status, if before.status == 201 { 200 } else { 429 });
    }
    // The other tenant's day is its own.
    let other = here.issue(tenant, client, Principal::Client(client), "diagnoses:run");
    put(&here, &other, &new_of("diagnoses"), &evidence(0)).await.is(201);
    // The next day has room again, for what was refused.
    clock.set(at("2026-11-21T00:00:00Z"));
    let token = here.token("diagnoses:run");
    let refused: Vec<usize> = (0..AT_ONCE).filter(|n| racing[*n].status == 429).collect();
    let next = together(refused.iter().map(|n| {
        let (here, path, token) = (&here, &paths[*n], &token);
        async move { put(here, token, path, &evidence(*n)).await }
    }))
    .await;
    assert_eq!(next.iter().filter(|one| one.status == 201).count(), 5);
    next.iter().filter(|one| one.status == 429).for_each(|one| assert_eq!(one.header("retry-after"), "86400"));
});

both!(equal_requests_for_the_last_place_all_succeed, |place: Place| {
    let stage = &place.serve();
    let (token, admin) = (&stage.token("diagnoses:run learners:write"), &stage.full_token());
    let ada = &pupil(stage, "ada").await;
    let bodies: [(&str, &Pupil, Value); 3] =
        [("diagnoses", ada, evidence(1)), ("submissions", ada, complete()), ("attempts", ada, whole(1))];
    for (at, (kind, pupil, body)) in bodies.iter().enumerate() {
        // Another day's count: that of a tenant begins when there is a limit.
        let used = set(stage, json!({"records_per_day": 1_000 + at})).await["records_per_day"]["used"].as_i64().unwrap();
        set(stage, json!({"records_per_day": used + 1})).await;
        let path = &new_of(kind);
        let racing = together((0..AT_ONCE).map(|_| put(stage, &pupil.token, path, body))).await;
        assert_eq!(racing.iter().filter(|one| one.status == 201).count(), 1, "{kind}");
        assert_eq!(
            racing.iter().filter(|one| one.status == 200).count(),
            AT_ONCE - 1,
            "{kind}: {:?}",
            racing.iter().map(|one| one.status).collect::<Vec<_>>()
        );
        let after = shown(stage).await["records_per_day"]["used"].as_i64().unwrap();
        assert!(after > used, "{kind}");
        refusal(&put(stage, &pupil.token, &new_of(kind), body).await, "records_per_day", used + 1, after);
    }
    let used = shown(stage).await["records_per_day"]["used"].as_i64().unwrap();
    set(stage, json!({"records_per_day": used + 1})).await;
    let path = "/v1/learners/by-identity?id=ben";
    let nothing = &json!({});
    let racing = together((0..AT_ONCE).map(|_| put(stage, token, path, nothing))).await;
    assert_eq!(racing.iter().filter(|one| one.status == 201).count(), 1);
    assert!(racing.iter().all(|one| [200, 201].contains(&one.status)));
    refusal(&put(stage, token, "/v1/learners/by-identity?id=cyd", &json!({})).await, "records_per_day", used + 1, used + 1);
    refusal(
        &post(stage, admin, "/v1/learners", &json!({"identities": [{"id": "cyd"}]})).await,
        "records_per_day",
        used + 1,
        used + 1,
    );
});

both!(what_was_begun_is_finished, |place: Place| {
    let clock = Clock::fixed(at("2026-11-20T23:59:00Z"));
    let stage = place.serve_with(|_| {}, clock.clone());
    let (admin, all) = (stage.full_token(), items());
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let (attempt, submission) = (new_attempt(), new_of("submissions"));
    put(&stage, &ada.token, &attempt, &begin()).await.is(201);
    put(&stage, &ada.token, &submission, &json!({"lesson": slug()})).await.is(201);
    put(&stage, &ben.token, &new_attempt(), &whole(1)).await.is(201);
    let before = shown(&stage).await["records_per_day"].clone();
    assert_eq!(before, json!({"set": null, "limit": null, "used": null}), "nothing is counted without a limit");
    // One record, and the day is over.
    set(&stage, json!({"records_per_day": 1})).await;
    put(&stage, &admin, &new_of("diagnoses"), &evidence(0)).await.is(201);

    let new = [
        (&ada, new_of("diagnoses"), evidence(1)),
        (&ada, new_of("submissions"), complete()),
        (&ben, new_attempt(), begin()),
        (&ben, new_attempt(), whole(2)),
    ];
    let refused = async |used: i64| {
        for (pupil, path, body) in &new {
            let answer = put(&stage, &pupil.token, path, body).await;
            refusal(&answer, "records_per_day", 1, used);
            assert_eq!(answer.header("retry-after"), "60", "{path}");
            read(&stage, &pupil.token, path).await.problem(404, "not_found");
        }
    };
    refused(1).await;
    // Answers, a whole set of them, and the end; each is kept and counted.
    put(
        &stage,
        &ada.token,
        &format!("{attempt}/responses/{}", all[0].id),
        &json!({"seq": 1, "response": right(&all[0], 1)["response"]}),
    )
    .await
    .ok();
    let rest: Vec<Value> = all[1..].iter().map(|item| right(item, 1)).collect();
    let answered = json!({"lesson": slug(), "responses": rest, "submit": true});
    let done = put(&stage, &ada.token, &attempt, &answered).await.ok().json();
    assert_eq!(done["state"], "submitted");
    assert_eq!(put(&stage, &ada.token, &attempt, &answered).await.ok().json()["state"], "submitted");
    replace(&stage, &ada.token, &submission, "*", &complete()).await.ok();
    post(&stage, &ada.token, &format!("{submission}/submit"), &Value::Null).await.ok();
    let used = 1 + all.len() as i64 + 1 + 1 + 2;
    assert_eq!(shown(&stage).await["records_per_day"], json!({"set": 1, "limit": 1, "used": used}));
    refused(used).await;
    for path in [&attempt, &submission] {
        read(&stage, &ada.token, path).await.ok();
    }
    clock.set(at("2026-11-21T00:00:01Z"));
    for (pupil, path, body) in &new {
        // The limit is still one, so the first of them takes the day.
        let token = stage.learner_token(pupil.id, &Scopes::of(waymark::auth::rules::LEARNER_SCOPES).to_string());
        let answer = put(&stage, &token, path, body).await;
        if path == &new[0].1 {
            answer.is(201)
        } else {
            answer.is(429)
        };
    }
});
