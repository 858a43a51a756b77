//! Learners: one per identity, acted for by clients, seen by themselves alone; tenants that never meet (CONTRACT.md,
//! section 1).

use std::collections::BTreeSet;

use serde_json::json;
use waymark::auth::store::{Tenant, insert_tenant};
use waymark::auth::{Principal, Scope, Scopes, rules::LEARNER_SCOPES};
use waymark::clock::Clock;
use waymark::db::types::Id;
use waymark::first_start;

use crate::flow::{feed, new_attempt, post, pupil, put, read, together, whole};
use crate::harness::{Stage, place_of};

const BY_IDENTITY: &str = "/v1/learners/by-identity?system=https://moodle.example.edu&id=42";

fn acting(mut body: serde_json::Value, learner: serde_json::Value) -> serde_json::Value {
    body["learner"] = learner;
    body
}

both!(racing_upserts_end_with_one_learner, |stage| {
    let (token, body) = (stage.token("learners:read learners:write records:read"), json!({"name": "Ada"}));
    let all = together((0..10).map(|_| put(&stage, &token, BY_IDENTITY, &body))).await;
    assert!(all.iter().all(|answer| [200, 201].contains(&answer.status)), "{all:?}");
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    let ids: BTreeSet<String> = all.iter().map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(read(&stage, &token, "/v1/learners").await.ok().json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed(&stage, &token, "kind=learner.created").await.len(), 1);
    // The same id elsewhere is somebody else.
    put(&stage, &token, "/v1/learners/by-identity?system=https://other.example.edu&id=42", &json!({})).await.is(201);
    put(&stage, &token, "/v1/learners/by-identity?id=42", &json!({})).await.is(201);
});

both!(acting_for_a_learner, |stage| {
    let stranger = json!({"identity": {"system": "https://moodle.example.edu", "id": "77"}});
    let body = acting(whole(5), stranger.clone());
    let may = stage.token("attempts:write learners:act");
    assert_eq!(
        put(&stage, &may, &new_attempt(), &body).await.problem(422, "learner_unknown")["params"]["pointer"],
        "/learner/identity"
    );
    let makes = stage.token("attempts:write learners:act learners:write");
    let first = put(&stage, &makes, &new_attempt(), &body).await.is(201).json();
    let second = put(&stage, &may, &new_attempt(), &body).await.is(201).json();
    assert_eq!(first["learner"], second["learner"]);
    let by_id = acting(whole(1), json!({"id": first["learner"]}));
    assert_eq!(put(&stage, &may, &new_attempt(), &by_id).await.is(201).json()["learner"], first["learner"]);
    let nobody = acting(whole(1), json!({"id": uuid::Uuid::new_v4()}));
    put(&stage, &makes, &new_attempt(), &nobody).await.problem(422, "learner_unknown");
    assert_eq!(place_of(&put(&stage, &makes, &new_attempt(), &whole(1)).await.problem(422, "invalid_body")), "/learner");
    put(&stage, &stage.token("attempts:write"), &new_attempt(), &body).await.problem(403, "insufficient_scope");
    let records = feed(&stage, &stage.token("records:read"), "kind=attempt.submitted").await;
    for record in &records {
        assert_eq!(record["actor"]["principal"], json!({"type": "client", "id": stage.administrator}));
        assert_eq!(record["learner"], first["learner"]);
    }
    // A learner acts for itself alone.
    let ada = pupil(&stage, "ada").await;
    for other in [json!({"id": first["learner"]}), stranger] {
        put(&stage, &ada.token, &new_attempt(), &acting(whole(1), other)).await.problem(403, "forbidden");
    }
    put(&stage, &ada.token, &new_attempt(), &acting(whole(1), json!({"id": ada.id}))).await.is(201);
});

both!(a_learners_token_holds_little, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = format!("/v1/learners/{}/token", ada.id);
    let (all, most) = (stage.full_token(), Scopes::of(LEARNER_SCOPES));
    for scope in Scope::ALL {
        let answer = post(&stage, &all, &path, &json!({"scopes": [scope.name()]})).await;
        if most.has(*scope) {
            answer.ok();
        } else {
            assert_eq!(place_of(&answer.problem(422, "invalid_body")), "/scopes", "{}", scope.name());
        }
    }
    let little = stage.token("tokens:issue attempts:read");
    post(&stage, &little, &path, &json!({"scopes": ["attempts:read", "attempts:write"]}))
        .await
        .problem(403, "insufficient_scope");
    let made = post(&stage, &little, &path, &json!({"scopes": ["attempts:read"]})).await.ok().json();
    let token = made["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/attempts").await.ok().json()["items"], json!([]));
    post(&stage, token, &path, &json!({"scopes": ["attempts:read"]})).await.problem(403, "insufficient_scope");
    let nobody = format!("/v1/learners/{}/token", uuid::Uuid::new_v4());
    post(&stage, &all, &nobody, &json!({"scopes": ["attempts:read"]})).await.problem(404, "not_found");
});

both!(progress_shows_the_highest_attempt, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let path = format!("/v1/learners/{}/progress", ada.id);
    let empty = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!(
        (&empty["courses"][0]["completed_lessons"], &empty["courses"][0]["lessons"][0]["counting"]),
        (&json!(0), &json!(null))
    );
    let mut made = Vec::new();
    for n in [4, 13, 9] {
        made.push(put(&stage, &ada.token, &new_attempt(), &whole(n)).await.is(201).json()["id"].clone());
    }
    for token in [&ada.token, &stage.token("learners:read")] {
        let progress = read(&stage, token, &path).await.ok().json();
        let lesson = &progress["courses"][0]["lessons"][0];
        assert_eq!((&lesson["counting"]["attempt"], &lesson["counting"]["scaled"]), (&made[1], &json!(0.8667)));
        assert_eq!((&lesson["passed"], &lesson["attempts"]["submitted"]), (&json!(true), &json!(3)));
        assert_eq!(progress["courses"][0]["completed_lessons"], 1);
    }
    for path in [path, format!("/v1/learners/{}", ada.id)] {
        read(&stage, &ben.token, &path).await.problem(404, "not_found");
    }
    let list = read(&stage, &ben.token, "/v1/learners").await.ok().json();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (1, &json!(ben.id)));
});

both!(no_record_names_a_person, |stage| {
    let token = stage.full_token();
    put(&stage, &token, BY_IDENTITY, &json!({"name": "Mirabel Holmquist"})).await.is(201);
    let named = put(&stage, &token, BY_IDENTITY, &json!({"name": "Mirabel Underhill"})).await.ok().json();
    put(&stage, &token, &new_attempt(), &acting(whole(2), json!({"id": named["id"]}))).await.is(201);
    let records = feed(&stage, &token, "").await;
    assert!(records.iter().any(|record| record["kind"] == "learner.changed"));
    for record in &records {
        let text = record.to_string();
        assert!(["Mirabel", "Underhill", "moodle.example.edu"].iter().all(|word| !text.contains(word)), "{text}");
    }
});

/// A second tenant, with a client of its own.
pub fn second_tenant(stage: &Stage) -> (Id, Id) {
    let made = stage.place.transaction(|conn| {
        let clock = Clock::system();
        let tenant = Tenant { id: clock.id(), name: "school-two".to_owned(), created_at: clock.now(), suspended_at: None };
        insert_tenant(conn, &tenant)?;
        first_start::new_client(conn, &clock, tenant.id, "administrator", Scopes::all()).map(|(client, _)| (tenant.id, client))
    });
    made.unwrap()
}

both!(two_tenants_with_the_same_ids_never_meet, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let here = stage.full_token();
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    let ada = put(&stage, &here, BY_IDENTITY, &json!({"name": "Ada"})).await.is(201).json()["id"].clone();
    let eve = put(&stage, &there, BY_IDENTITY, &json!({"name": "Eve"})).await.is(201).json()["id"].clone();
    assert_ne!(ada, eve);
    // The same attempt and submission ids in both, each with content of its own.
    let (attempt, submission) = (new_attempt(), format!("/v1/submissions/{}", uuid::Uuid::new_v4()));
    for (token, learner, n) in [(&here, &ada, 3), (&there, &eve, 14)] {
        let made = put(&stage, token, &attempt, &acting(whole(n), json!({"id": learner}))).await.is(201).json();
        assert_eq!((&made["learner"], &made["result"]["raw"]), (learner, &json!(n as f64)));
        put(&stage, token, &submission, &acting(crate::flow::begin(), json!({"id": learner}))).await.is(201);
    }
    for (token, own, other, raw) in [(&here, &ada, &eve, 3.0), (&there, &eve, &ada, 14.0)] {
        assert_eq!(read(&stage, token, &attempt).await.ok().json()["result"]["raw"], raw);
        assert_eq!(read(&stage, token, &submission).await.ok().json()["learner"], *own);
        for url in ["/v1/attempts", "/v1/submissions"] {
            let items = read(&stage, token, url).await.ok().json()["items"].clone();
            assert_eq!((items.as_array().unwrap().len(), &items[0]["learner"]), (1, own));
        }
        let other = other.as_str().unwrap();
        read(&stage, token, &format!("/v1/learners/{other}")).await.problem(404, "not_found");
        read(&stage, token, &format!("/v1/learners/{other}/progress")).await.problem(404, "not_found");
        post(&stage, token, &format!("/v1/learners/{other}/token"), &json!({"scopes": ["attempts:read"]}))
            .await
            .problem(404, "not_found");
        put(&stage, token, &new_attempt(), &acting(whole(1), json!({"id": other}))).await.problem(422, "learner_unknown");
        let told = feed(&stage, token, "").await;
        assert!(told.len() > 15 && told.iter().all(|record| record["learner"] == *own), "a feed of one tenant");
    }
    // A learner's id of ours in another tenant's token opens nothing: the tenant decides.
    let same_id: Id = ada.as_str().unwrap().parse().unwrap();
    let forged = stage.issue(tenant, client, Principal::Learner(same_id), "attempts:read learners:read");
    assert_eq!(read(&stage, &forged, "/v1/attempts").await.ok().json()["items"], json!([]));
    read(&stage, &forged, &format!("/v1/learners/{same_id}")).await.problem(404, "not_found");
});
