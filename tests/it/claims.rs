//! A guest's work is handed over to the learner who signed in.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes, rules::LEARNER_SCOPES};

use crate::flow::{Pupil, new_attempt, post, pupil, put, read, told, whole};
use crate::harness::{Stage, place_of};
use crate::learners::second_tenant;

const ACTS: &str = "attempts:write learners:act";

fn claim_of(pupil: &Pupil) -> String {
    format!("/v1/learners/{}/claims/{}", pupil.id, uuid::Uuid::new_v4())
}

fn shown(guest: &Pupil) -> Value {
    json!({"guest_token": guest.token})
}

async fn attempts(stage: &Stage, who: &Pupil) -> usize {
    read(stage, &who.token, "/v1/attempts").await.ok().json()["items"].as_array().unwrap().len()
}

/// Somebody whom no client made alone: Moodle knows her too.
async fn signed_in(stage: &Stage, name: &str) -> Pupil {
    let one = pupil(stage, name).await;
    let path = format!("/v1/learners/{}/identities", one.id);
    let known = json!({"system": "https://moodle.example.edu", "id": name});
    put(stage, &stage.token("learners:write"), &path, &known).await.is(201);
    one
}

both!(a_guest_s_work_is_handed_over, |stage| {
    let (ada, acts) = (signed_in(&stage, "ada").await, stage.token(ACTS));
    for by_token in [true, false] {
        let guest = pupil(&stage, &format!("guest-{by_token}")).await;
        put(&stage, &guest.token, &new_attempt(), &whole(3)).await.is(201);
        let before = attempts(&stage, &ada).await;
        let (path, body) = (claim_of(&ada), if by_token { shown(&guest) } else { json!({"guest": guest.id}) });
        let token = if by_token { &ada.token } else { &acts };
        let made = put(&stage, token, &path, &body).await.is(201).json();
        assert_eq!((&made["claim"], &made["into"], &made["from"]), (&json!(true), &json!(ada.id), &json!(guest.id)));
        assert_eq!(put(&stage, token, &path, &body).await.ok().json(), made);
        assert_eq!((attempts(&stage, &ada).await, attempts(&stage, &guest).await), (before + 1, before + 1));
        // It is a merge like any other to those who manage learners.
        let merge = format!("/v1/learner-merges/{}", made["id"].as_str().unwrap());
        assert_eq!(read(&stage, &stage.token("learners:write"), &merge).await.ok().json(), made);
        for _ in 0..2 {
            let undone = post(&stage, token, &format!("{path}/undo"), &Value::Null).await.ok().json();
            assert_eq!(undone["state"], "undone");
        }
        assert_eq!((attempts(&stage, &ada).await, attempts(&stage, &guest).await), (before, 1));
    }
    assert_eq!(told(&stage, "learner.merged").await.len(), 4);
    assert_eq!(told(&stage, "learner.unmerged").await.len(), 4);
});

both!(nobody_takes_what_is_no_guest_s_or_not_shown, |stage| {
    let (ada, ben) = (signed_in(&stage, "ada").await, signed_in(&stage, "ben").await);
    let (guest, acts) = (pupil(&stage, "guest").await, stage.token(ACTS));
    put(&stage, &guest.token, &new_attempt(), &whole(3)).await.is(201);
    let path = claim_of(&ada);
    // Ben is known elsewhere: even his own token hands nothing over, and an id proves nothing to a learner.
    for (token, body) in [
        (&ada.token, shown(&ben)),
        (&acts, shown(&ben)),
        (&acts, json!({"guest": ben.id})),
        (&ada.token, json!({"guest": guest.id})),
    ] {
        put(&stage, token, &path, &body).await.problem(403, "forbidden");
    }
    // Nor is it handed to somebody else.
    put(&stage, &ben.token, &path, &shown(&guest)).await.problem(404, "not_found");
    put(&stage, &stage.token("attempts:write"), &path, &shown(&guest)).await.problem(403, "insufficient_scope");
    let expired = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln";
    let revoked = {
        let token = stage.learner_token(guest.id, &Scopes::of(LEARNER_SCOPES).to_string());
        let claims = stage.state.auth.verify(&token, stage.clock.now()).unwrap();
        stage.state.auth.revoke([(claims.jti, stage.clock.now().plus_seconds(3600))], stage.clock.now());
        token
    };
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, Principal::Learner(guest.id), "attempts:read");
    for bad in [expired, &revoked, &foreign, &acts, ""] {
        let problem = put(&stage, &ada.token, &path, &json!({"guest_token": bad})).await.problem(422, "invalid_body");
        assert_eq!(place_of(&problem), "/guest_token");
    }
    for body in [json!({}), json!({"guest": guest.id, "guest_token": guest.token})] {
        put(&stage, &acts, &path, &body).await.problem(422, "invalid_body");
    }
    assert_eq!(place_of(&put(&stage, &ada.token, &path, &shown(&ada)).await.problem(422, "invalid_body")), "/guest_token");
    put(&stage, &acts, &path, &json!({"guest": stage.clean_id()})).await.problem(422, "learner_unknown");
    let bad = format!("/v1/learners/{}/claims/x", ada.id);
    assert_eq!(place_of(&put(&stage, &acts, &bad, &shown(&guest)).await.problem(400, "invalid_parameter")), "claim");
    assert_eq!((attempts(&stage, &ada).await, attempts(&stage, &guest).await), (0, 1));
    // A guest of another client's own is not this client's to name; its token is proof enough.
    let other = crate::flow::put(
        &stage,
        &stage.token("learners:write"),
        "/v1/learners/by-identity?system=urn:waymark:client:0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10&id=x",
        &json!({}),
    )
    .await
    .is(201)
    .json()["id"]
        .clone();
    put(&stage, &acts, &path, &json!({"guest": other})).await.problem(403, "forbidden");
    // What may only read hands nothing over.
    let other = other.as_str().unwrap().parse().unwrap();
    let reads = stage.learner_token(other, "attempts:read");
    put(&stage, &acts, &path, &json!({"guest_token": reads})).await.problem(422, "invalid_body");
    let writes = stage.learner_token(other, "attempts:read attempts:write");
    put(&stage, &acts, &path, &json!({"guest_token": writes})).await.is(201);
    // A merge that is no claim is not undone as one.
    let merge = crate::learner_merges::new_merge();
    crate::learner_merges::merge(&stage, &merge, ada.id, ben.id).await.is(201);
    let as_claim = format!("/v1/learners/{}/claims/{}/undo", ada.id, merge.rsplit('/').next().unwrap());
    post(&stage, &ada.token, &as_claim, &Value::Null).await.problem(404, "not_found");
});
