//! Learners over their life: identities come and go, somebody is deactivated and comes back. For two who become one see
//! `learner_merges.rs`.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::flow::{begin, feed, new_attempt, post, pupil, put, read, started, together, told, whole};
use crate::harness::{Answer, Stage, eventually, place_of};
use crate::learners::second_tenant;
use crate::submissions::complete;

fn identities(learner: Id) -> String {
    format!("/v1/learners/{learner}/identities")
}

fn moodle(id: &str) -> Value {
    json!({"system": "https://moodle.example.edu", "id": id})
}

async fn remove(stage: &Stage, token: &str, path: &str) -> Answer {
    stage.call("DELETE", path).token(token).send().await
}

both!(identities_come_and_go, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let (token, path) =
        (stage.token("learners:read learners:write learners:act attempts:write records:read"), identities(ada.id));
    let own = format!("urn:waymark:client:{}", stage.administrator);
    let etag = read(&stage, &token, &format!("/v1/learners/{}", ada.id)).await.ok().header("etag").to_owned();
    assert_eq!(put(&stage, &token, &path, &moodle("42")).await.is(201).json(), moodle("42"));
    assert_eq!(put(&stage, &token, &path, &moodle("42")).await.ok().json(), moodle("42"));
    let all = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!(all, json!({"identities": [moodle("42"), {"system": own, "id": "ada"}]}));
    let after = read(&stage, &token, &format!("/v1/learners/{}", ada.id)).await.ok();
    assert_ne!(after.header("etag"), etag, "what a learner is shown with has changed");
    // It is hers: whoever names it means her, and nobody else gets it.
    let named = json!({"lesson": crate::harness::slug(), "learner": {"identity": moodle("42")}});
    assert_eq!(put(&stage, &token, &new_attempt(), &named).await.is(201).json()["learner"], json!(ada.id));
    let taken = put(&stage, &token, &identities(ben.id), &moodle("42")).await.problem(409, "id_unavailable");
    assert_eq!(taken["params"]["pointer"], "/id");
    // A learner's token reads its own and changes none, whatever its scopes.
    let all_scopes = stage.learner_token(ada.id, &Scopes::all().to_string());
    put(&stage, &all_scopes, &path, &moodle("43")).await.problem(403, "forbidden");
    remove(&stage, &all_scopes, &format!("{path}?identity=ada")).await.problem(403, "forbidden");
    read(&stage, &ben.token, &path).await.problem(404, "not_found");
    for (body, pointer) in [(json!({"id": ""}), "/id"), (json!({"id": "x", "system": "\u{1}"}), "/system")] {
        assert_eq!(place_of(&put(&stage, &token, &path, &body).await.problem(422, "invalid_body")), pointer);
    }
    // Twenty at most.
    for n in 2..20 {
        put(&stage, &token, &path, &moodle(&format!("more-{n}"))).await.is(201);
    }
    put(&stage, &token, &path, &moodle("one too many")).await.problem(422, "invalid_body");
    put(&stage, &token, &path, &moodle("42")).await.ok();
    // Away, again and again; the last one too.
    let gone = format!("{path}?system=https://moodle.example.edu&identity=42");
    remove(&stage, &token, &gone).await.is(204);
    remove(&stage, &token, &gone).await.is(204);
    put(&stage, &token, &identities(ben.id), &moodle("42")).await.is(201);
    remove(&stage, &token, &gone).await.is(204);
    assert_eq!(read(&stage, &token, &identities(ben.id)).await.ok().json()["identities"].as_array().unwrap().len(), 2);
    remove(&stage, &token, &format!("{path}?identity=ada")).await.is(204);
    for n in 2..20 {
        remove(&stage, &token, &format!("{path}?system=https://moodle.example.edu&identity=more-{n}")).await.is(204);
    }
    assert_eq!(read(&stage, &ada.token, &path).await.ok().json(), json!({"identities": []}));
    let nobody = identities(stage.clean_id());
    put(&stage, &token, &nobody, &moodle("9")).await.problem(404, "not_found");
    remove(&stage, &token, &format!("{nobody}?identity=9")).await.problem(404, "not_found");
    // The feed tells each change once, and no identity.
    let (added, removed) = (told(&stage, "learner.identity_added").await, told(&stage, "learner.identity_removed").await);
    assert_eq!((added.len(), removed.len()), (20, 20));
    assert!(added.iter().chain(&removed).all(|record| !record.to_string().contains("moodle")), "{added:?}");
    // Nothing of it is there for another tenant.
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    read(&stage, &foreign, &path).await.problem(404, "not_found");
    put(&stage, &foreign, &path, &moodle("44")).await.problem(404, "not_found");
    remove(&stage, &foreign, &format!("{}?identity=ben", identities(ben.id))).await.problem(404, "not_found");
    post(&stage, &foreign, &format!("/v1/learners/{}/deactivate", ada.id), &Value::Null).await.problem(404, "not_found");
});

both!(one_identity_for_two_learners_at_once, |stage| {
    let token = stage.token("learners:write records:read");
    let mut pupils = Vec::new();
    for n in 0..6 {
        pupils.push(pupil(&stage, &format!("p{n}")).await.id);
    }
    // Each of them twice.
    let body = moodle("42");
    let paths: Vec<String> = pupils.iter().chain(&pupils).map(|id| identities(*id)).collect();
    let all = together(paths.iter().map(|path| put(&stage, &token, path, &body))).await;
    let count = |status| all.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(200), count(409)), (1, 1, 10), "{all:?}");
    assert_eq!(told(&stage, "learner.identity_added").await.len(), 1);
});

both!(a_deactivated_learner_is_left_as_it_is, |stage| {
    let (ada, token) = (pupil(&stage, "ada").await, stage.full_token());
    let attempt = started(&stage, &ada.token).await;
    let submission = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
    put(&stage, &ada.token, &submission, &complete()).await.is(201);
    let handed_in = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
    let mut body = complete();
    body["submit"] = json!(true);
    put(&stage, &ada.token, &handed_in, &body).await.is(201);
    let diagnosis = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
    put(&stage, &ada.token, &diagnosis, &json!({"visible_text": "I cannot help with that."})).await.is(201);
    let learner = format!("/v1/learners/{}", ada.id);
    let reads = [&attempt, &submission, &handed_in, &diagnosis, &format!("{learner}/progress"), &identities(ada.id)];
    let mut before = Vec::new();
    for path in reads {
        before.push(read(&stage, &token, path).await.ok().json());
    }
    let records = feed(&stage, &token, &format!("learner={}", ada.id)).await.len();
    for _ in 0..2 {
        let now = post(&stage, &token, &format!("{learner}/deactivate"), &Value::Null).await.ok().json();
        assert_eq!(now["state"], "deactivated");
    }
    // Her tokens stop here at once, and none is made.
    read(&stage, &ada.token, &attempt).await.problem(401, "token_invalid");
    let asked = json!({"scopes": ["attempts:read"]});
    let problem = post(&stage, &token, &format!("{learner}/token"), &asked).await.problem(409, "illegal_state");
    assert_eq!(problem["params"]["state"], "deactivated");
    // Nobody writes.
    let hers = |mut body: Value| {
        body["learner"] = json!({"id": ada.id});
        body
    };
    let by_identity = |mut body: Value| {
        body["learner"] = json!({"identity": {"id": "ada"}});
        body
    };
    let item = crate::flow::items()[0].clone();
    let answer = crate::flow::right(&item, 1);
    let verdict = json!({"state": "returned", "comment": "More.", "submission_revision": 1});
    let (start, bring) = ("/v1/attempts".to_owned(), new_attempt());
    let put_calls = [
        (bring.clone(), hers(whole(3))),
        (bring, by_identity(whole(3))),
        (attempt.clone(), hers(begin())),
        (format!("{attempt}/responses"), json!({"responses": [answer]})),
        (format!("{attempt}/responses/{}", item.id), json!({"seq": 1, "response": answer["response"]})),
        (format!("/v1/submissions/{}", uuid::Uuid::new_v4()), hers(complete())),
        ("/v1/learners/by-identity?id=ada".to_owned(), json!({"name": "Ada"})),
        (identities(ada.id), moodle("42")),
    ];
    for (path, body) in &put_calls {
        let problem = put(&stage, &token, path, body).await.problem(409, "illegal_state");
        assert_eq!(problem["params"]["state"], "deactivated", "{path}");
    }
    let post_calls = [
        (start, hers(begin())),
        (format!("{attempt}/submit"), Value::Null),
        (format!("{submission}/submit"), Value::Null),
        ("/v1/submissions".to_owned(), hers(complete())),
        (format!("{handed_in}/reviews"), verdict),
    ];
    for (path, body) in &post_calls {
        let problem = post(&stage, &token, path, body).await.problem(409, "illegal_state");
        assert_eq!(problem["params"]["state"], "deactivated", "{path}");
    }
    let replace = stage.call("PUT", &submission).token(&token).header("if-match", "\"1\"");
    let mut other = hers(complete());
    other["case"] = Value::Null;
    replace.json(&other).send().await.problem(409, "illegal_state");
    remove(&stage, &token, &format!("{}?identity=ada", identities(ada.id))).await.problem(409, "illegal_state");
    // All of it is there as before, and she is found.
    for (path, was) in reads.iter().zip(&before) {
        assert_eq!(read(&stage, &token, path).await.ok().json(), *was, "{path}");
    }
    assert_eq!(put(&stage, &token, "/v1/learners/by-identity?id=ada", &json!({})).await.ok().json()["id"], json!(ada.id));
    let ben = pupil(&stage, "ben").await;
    for (state, ids) in [("deactivated", vec![ada.id]), ("active", vec![ben.id]), ("merged", vec![])] {
        let list = read(&stage, &token, &format!("/v1/learners?state={state}")).await.ok().json();
        let found: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(json!(found), json!(ids), "{state}");
    }
    // Erasing what she kept is no writing.
    remove(&stage, &token, &diagnosis).await.is(204);
    // And back.
    for _ in 0..2 {
        let now = post(&stage, &token, &format!("{learner}/reactivate"), &Value::Null).await.ok().json();
        assert_eq!(now["state"], "active");
    }
    read(&stage, &ada.token, &attempt).await.ok();
    put(&stage, &ada.token, &format!("{attempt}/responses"), &json!({"responses": [answer]})).await.ok();
    let kinds: Vec<String> = feed(&stage, &token, &format!("learner={}", ada.id)).await[records..]
        .iter()
        .map(|record| record["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["learner.deactivated", "diagnosis.erased", "learner.reactivated", "response.saved"]);
});

/// Every process hears of it, on PostgreSQL where there may be several.
#[test]
fn other_processes_refuse_a_deactivated_learner_within_seconds() {
    crate::harness::play(crate::harness::Kind::Postgres, |place| async move {
        let (here, there) = (place.serve(), place.serve());
        let ada = pupil(&here, "ada").await;
        let token = here.token("learners:write");
        read(&there, &ada.token, "/v1/attempts").await.ok();
        for (step, status) in [("deactivate", 401), ("reactivate", 200), ("deactivate", 401)] {
            post(&here, &token, &format!("/v1/learners/{}/{step}", ada.id), &Value::Null).await.ok();
            let path = "/v1/attempts";
            eventually(step, || async { (read(&there, &ada.token, path).await.status == status).then_some(()) }).await;
        }
    });
}
