//! Administration over the API: clients, tenants, signing keys; what becomes of secrets; that a change holds in every process
//! within five seconds and refuses nobody before; that nobody gives more than they have and nobody locks a tenant out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, RwLock};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::auth::keys::KeyAlgorithm;
use waymark::auth::tokens::Grant;
use waymark::auth::{Auth, Gates, Principal, Scope, Scopes, keys, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::each;

use crate::flow::{post, put, read, together};
use crate::harness::{Answer, Stage, place_of};
use crate::learners::second_tenant;

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn new_client() -> String {
    format!("/v1/clients/{}", uuid::Uuid::new_v4())
}

fn new_tenant() -> String {
    format!("/v1/tenants/{}", uuid::Uuid::new_v4())
}

fn lms(scopes: &[&str]) -> Value {
    json!({"name": "Our LMS", "scopes": scopes})
}

async fn sign_in(stage: &Stage, id: &str, secret: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    stage.post("/oauth/token").form(&form).send().await
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}

/// A client that was made now: its id, its secret, a token of its own.
async fn made(stage: &Stage, admin: &str, scopes: &[&str]) -> (String, String, String) {
    let body = put(stage, admin, &new_client(), &lms(scopes)).await.is(201).json();
    let (id, secret) = (text(&body, "id").to_owned(), text(&body, "client_secret").to_owned());
    let token = sign_in(stage, &id, &secret).await.ok().json();
    (id, secret, text(&token, "access_token").to_owned())
}

async fn change(stage: &Stage, admin: &str, path: &str, body: &Value) -> Answer {
    stage.call("PUT", path).token(admin).header("if-match", "*").json(body).send().await
}

async fn act(stage: &Stage, admin: &str, path: &str) -> Answer {
    stage.post(path).token(admin).send().await
}

both!(a_client_from_its_beginning_to_its_end, |stage| {
    let admin = stage.full_token();
    let answer = post(&stage, &admin, "/v1/clients", &lms(&["lessons:read", "records:read"])).await.is(201);
    assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", "\"1\""));
    let path = answer.header("location").to_owned();
    let body = answer.json();
    let (id, secret) = (text(&body, "id"), text(&body, "client_secret"));
    assert_eq!((path.as_str(), &body["secret_state"]), (format!("/v1/clients/{id}").as_str(), &json!("given_now")));
    assert_eq!(sign_in(&stage, id, secret).await.ok().json()["scope"], "lessons:read records:read");

    let shown = read(&stage, &admin, &path).await.ok();
    assert_eq!(shown.json()["secret_state"], "given_before");
    assert!(!shown.text().contains("wms_") && !shown.text().contains("sha256"), "{}", shown.text());
    stage.get(&path).token(&admin).header("if-none-match", "\"1\"").send().await.is(304);
    let list = read(&stage, &admin, "/v1/clients").await.ok();
    assert!(list.text().contains(id) && list.text().contains("administrator") && !list.text().contains("wms_"));

    // Changed with the revision that was read, and only so.
    let fewer = json!({"name": "The LMS", "scopes": ["lessons:read"]});
    put(&stage, &admin, &path, &fewer).await.problem(428, "precondition_required");
    let with = |etag: &'static str| stage.call("PUT", &path).token(&admin).header("if-match", etag).json(&fewer).send();
    with("\"7\"").await.problem(412, "precondition_failed");
    let changed = with("\"1\"").await.ok();
    assert_eq!((changed.header("etag"), &changed.json()["name"]), ("\"2\"", &json!("The LMS")));
    assert_eq!(with("\"1\"").await.ok().json()["revision"], 2, "the same again changes nothing");
    assert_eq!(put(&stage, &admin, &path, &fewer).await.ok().json()["revision"], 2);
    assert_eq!(sign_in(&stage, id, secret).await.ok().json()["scope"], "lessons:read");
    let missing = stage.call("PUT", &new_client()).token(&admin).header("if-match", "*").json(&fewer).send().await;
    missing.problem(412, "precondition_failed");

    for _ in 0..2 {
        let disabled = act(&stage, &admin, &format!("{path}/disable")).await.ok().json();
        assert!(disabled["disabled_at"].is_string() && disabled["revision"] == 3, "{disabled}");
        sign_in(&stage, id, secret).await.is(401);
    }
    for _ in 0..2 {
        let enabled = act(&stage, &admin, &format!("{path}/enable")).await.ok().json();
        assert!(enabled["disabled_at"].is_null() && enabled["revision"] == 4, "{enabled}");
        sign_in(&stage, id, secret).await.ok();
    }
    for path in [
        new_client(),
        format!("{}/secret", new_client()),
        format!("{}/disable", new_client()),
        format!("{}/enable", new_client()),
    ] {
        let answer = if path.ends_with("secret") {
            post(&stage, &admin, &path, &json!({})).await
        } else if path.ends_with("able") {
            act(&stage, &admin, &path).await
        } else {
            read(&stage, &admin, &path).await
        };
        answer.problem(404, "not_found");
    }
});

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = diesel::sql_types::Text)]
    answer: String,
}

both!(
    /// By PUT, by POST and by rotation, with and without a key: one answer shows the secret, and nothing keeps it.
    only_the_answer_that_made_a_secret_shows_it, |stage| {
    let admin = stage.full_token();
    let path = new_client();
    let first = put(&stage, &admin, &path, &lms(&["lessons:read"])).await.is(201).json();
    let again = put(&stage, &admin, &path, &lms(&["lessons:read"])).await.ok().json();
    assert_eq!((&first["secret_state"], &again["secret_state"]), (&json!("given_now"), &json!("given_before")));
    assert!(first["client_secret"].is_string() && again.get("client_secret").is_none(), "{again}");
    let keyed = |path: String, body: Value| {
        stage.post(&path).token(&admin).header("idempotency-key", "the-same").json(&body).send()
    };
    let first = keyed("/v1/clients".to_owned(), lms(&["lessons:read"])).await.is(201);
    let again = keyed("/v1/clients".to_owned(), lms(&["lessons:read"])).await.is(201);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    let (first, again) = (first.json(), again.json());
    assert_eq!((&first["id"], &again["secret_state"]), (&again["id"], &json!("given_before")));
    assert!(again.get("client_secret").is_none(), "{again}");
    sign_in(&stage, text(&first, "id"), text(&first, "client_secret")).await.ok();
    keyed("/v1/clients".to_owned(), lms(&["records:read"])).await.problem(422, "idempotency_mismatch");

    let rotate = format!("/v1/clients/{}/secret", text(&first, "id"));
    let second = keyed(rotate.clone(), json!({})).await.ok().json();
    let replayed = keyed(rotate, json!({})).await.ok().json();
    assert_eq!((&second["secret_state"], &replayed["secret_state"]), (&json!("given_now"), &json!("given_before")));
    assert!(replayed.get("client_secret").is_none() && replayed["revision"] == 2, "{replayed}");
    for secret in [text(&first, "client_secret"), text(&second, "client_secret")] {
        sign_in(&stage, text(&first, "id"), secret).await.ok();
    }
    let tenant = new_tenant();
    let first = put(&stage, &admin, &tenant, &json!({"name": "school-two"})).await.is(201);
    let again = put(&stage, &admin, &tenant, &json!({"name": "school-two"})).await.ok();
    assert!(first.text().contains("wms_") && !again.text().contains("wms_"), "{}", again.text());
    for path in [tenant.as_str(), "/v1/tenants", "/v1/clients", "/v1/keys"] {
        let shown = read(&stage, &admin, path).await.ok().text();
        assert!(!shown.contains("wms_") && !shown.contains("private") && !shown.contains("sha256"), "{path}: {shown}");
    }
    let kept: Vec<Kept> = stage.place.db(|conn| {
        let query = if conn.is_postgres() { "SELECT answer::text AS answer FROM idempotency_keys" } else { "SELECT answer FROM idempotency_keys" };
        Ok(each!(conn, c => diesel::sql_query(query).load(c))?)
    });
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|kept| !kept.answer.contains("wms_") && kept.answer.contains("given_before")));
});

both!(
    /// The old secret is good until its time, to the second; one before it ends at once.
    a_secret_is_changed_over_without_a_failure, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let admin = || stage.full_token();
    let (id, first, _) = made(&stage, &admin(), &["lessons:read"]).await;
    let path = format!("/v1/clients/{id}/secret");
    let rotate = |body: Value| {
        let (stage, path, token) = (&stage, &path, admin());
        async move { post(stage, &token, path, &body).await }
    };
    let good = |secret: &str| {
        let (stage, id, secret) = (&stage, id.clone(), secret.to_owned());
        async move { sign_in(stage, &id, &secret).await.status == 200 }
    };
    let body = rotate(json!({"overlap_seconds": 3600})).await.ok().json();
    assert_eq!(body["previous_secret_until"], json!(start.plus_seconds(3600)));
    let second = text(&body, "client_secret").to_owned();
    assert!(good(&first).await && good(&second).await);
    clock.set(Time(start.plus_seconds(3600).0 - 1));
    assert!(good(&first).await && good(&second).await);
    clock.set(start.plus_seconds(3600));
    assert!(!good(&first).await && good(&second).await);

    // A day unless asked otherwise, and never two old ones.
    let third = text(&rotate(json!({})).await.ok().json(), "client_secret").to_owned();
    let body = rotate(json!({})).await.ok().json();
    assert_eq!(body["previous_secret_until"], json!(start.plus_seconds(3600 + 86_400)));
    let fourth = text(&body, "client_secret").to_owned();
    for (secret, is_good) in [(&first, false), (&second, false), (&third, true), (&fourth, true)] {
        assert_eq!(good(secret).await, is_good);
    }
    let fifth = text(&rotate(json!({"overlap_seconds": 0})).await.ok().json(), "client_secret").to_owned();
    assert!(!good(&third).await && !good(&fourth).await && good(&fifth).await);
    for bad in [json!(-1), json!(604_801)] {
        assert_eq!(place_of(&rotate(json!({"overlap_seconds": bad})).await.problem(422, "invalid_body")), "/overlap_seconds");
    }
    // With the revision that was read, a call that was done already is refused instead of done twice.
    let stale = stage.post(&path).token(&admin()).header("if-match", "\"1\"").json(&json!({})).send().await;
    stale.problem(412, "precondition_failed");
    assert!(good(&fifth).await);
    // The command line's rotation ends the old one too.
    let (tenant, client) = (stage.tenant, id.parse().unwrap());
    rotate(json!({})).await.ok();
    place.transaction(move |conn| auth_store::replace_secret(conn, tenant, client, &[7; 32])).unwrap();
    assert!(!good(&fifth).await);
});

both!(a_client_can_do_without_a_secret, |stage| {
    let admin = stage.full_token();
    let path = new_client();
    let id = path.rsplit('/').next().unwrap();
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "2026-11"});
    let keys = json!({"name": "a job", "scopes": ["lessons:read"], "jwks": {"keys": [key]}, "secret": false});
    let body = put(&stage, &admin, &path, &keys).await.is(201).json();
    assert_eq!((&body["secret_state"], &body["jwks"]["keys"][0]["alg"]), (&json!("none"), &json!("EdDSA")));
    assert!(body.get("client_secret").is_none(), "{body}");
    put(&stage, &admin, &path, &keys).await.ok();
    for secret in ["", "wms_", "0", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        sign_in(&stage, id, secret).await.is(401);
    }
    // Without keys it could not sign in at all.
    let bare = json!({"name": "a job", "scopes": ["lessons:read"]});
    assert_eq!(change(&stage, &admin, &path, &bare).await.problem(409, "illegal_state")["params"]["state"], "no_secret");
    // With neither, where it is said, it is an app on people's devices: its id alone lets it in nowhere.
    let neither = json!({"name": "an app", "scopes": ["lessons:read"], "secret": false});
    let app = new_client();
    assert_eq!(put(&stage, &admin, &app, &neither).await.is(201).json()["secret_state"], "none");
    let app = app.rsplit('/').next().unwrap();
    for secret in ["", "wms_"] {
        sign_in(&stage, app, secret).await.is(401);
    }
    for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        let kind = "urn:waymark:token-type:staff";
        let form = [("grant_type", grant), ("client_id", app), ("subject_token", id), ("subject_token_type", kind)];
        stage.post("/oauth/token").form(&form).send().await.is(401);
    }
    stage.post("/oauth/introspect").form(&[("client_id", app), ("token", "x")]).send().await.is(401);
    // A secret is made where it is asked for, and taken away again.
    let mut wanted = keys.clone();
    wanted["secret"] = json!(true);
    let given = change(&stage, &admin, &path, &wanted).await.ok().json();
    let secret = text(&given, "client_secret").to_owned();
    sign_in(&stage, id, &secret).await.ok();
    assert_eq!(change(&stage, &admin, &path, &wanted).await.ok().json()["secret_state"], "given_before");
    assert_eq!(change(&stage, &admin, &path, &keys).await.ok().json()["secret_state"], "none");
    sign_in(&stage, id, &secret).await.is(401);
    let rotated = post(&stage, &admin, &format!("{path}/secret"), &json!({})).await.ok().json();
    assert!(rotated["previous_secret_until"].is_null());
    sign_in(&stage, id, "").await.is(401);
    sign_in(&stage, id, text(&rotated, "client_secret")).await.ok();

    for (jwks, pointer) in [
        (json!({"keys": []}), "/jwks/keys"),
        (json!({"keys": [], "more": 1}), "/jwks/more"),
        (json!({"keys": [1]}), "/jwks/keys/0"),
        (json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": X, "d": X, "kid": "a"}]}), "/jwks/keys/0/d"),
        (json!({"keys": [{"kty": "oct", "k": X, "kid": "a"}]}), "/jwks/keys/0/k"),
    ] {
        let body = json!({"name": "a job", "scopes": ["lessons:read"], "jwks": jwks});
        assert_eq!(place_of(&put(&stage, &admin, &new_client(), &body).await.problem(422, "invalid_body")), pointer, "{jwks}");
    }
    let twice = r#"{"name":"a","scopes":["lessons:read"],"jwks":{"keys":[{"kty":"OKP","kid":"a","kid":"b"}]}}"#;
    let call = stage.call("PUT", &new_client()).token(&admin).header("content-type", "application/json").body(twice);
    assert_eq!(place_of(&call.send().await.problem(422, "invalid_body")), "/jwks/keys/0/kid");
});

both!(
    /// What a body must not decide, and what cannot be.
    bodies_hold_what_is_documented_and_nothing_else, |stage| {
    let admin = stage.full_token();
    let mut cases: Vec<(&str, String, Value)> = Vec::new();
    for field in ["tenant_id", "secret_sha256", "disabled_at", "revision", "id", "client_secret", "created_at", "previous_secret_until", "narrowed_at"] {
        cases.push((field, "/v1/clients".to_owned(), lms(&["lessons:read"])));
        cases.push((field, new_client(), lms(&["lessons:read"])));
    }
    for field in ["tenant_id", "client_secret", "secret_sha256"] {
        cases.push((field, format!("{}/secret", new_client()), json!({})));
    }
    for field in ["id", "suspended_at", "runs_installation", "administrator", "scopes"] {
        cases.push((field, new_tenant(), json!({"name": "school-nine"})));
    }
    for field in ["kid", "private_key", "signs_from", "verifies_until", "state"] {
        cases.push((field, "/v1/keys".to_owned(), json!({"algorithm": "EdDSA"})));
    }
    for (field, path, mut body) in cases {
        body[field] = json!("x");
        let posted = path.ends_with("clients") || path.ends_with("secret") || path.ends_with("keys");
        let answer = if posted { post(&stage, &admin, &path, &body).await } else { put(&stage, &admin, &path, &body).await };
        assert_eq!(place_of(&answer.problem(422, "invalid_body")), format!("/{field}"), "{path}");
    }
    for (body, pointer) in [
        (json!({"name": "", "scopes": ["lessons:read"]}), "/name"),
        (json!({"name": "a", "scopes": []}), "/scopes"),
        (json!({"name": "a", "scopes": ["lessons:read", "all"]}), "/scopes/1"),
        (json!({"name": "a", "scopes": ["lessons:read records:read"]}), "/scopes/0"),
        (json!({"name": "a", "scopes": "lessons:read"}), "/scopes"),
    ] {
        assert_eq!(place_of(&put(&stage, &admin, &new_client(), &body).await.problem(422, "invalid_body")), pointer, "{body}");
    }
    for name in ["", "A", "a b", &"a".repeat(101)] {
        assert_eq!(place_of(&put(&stage, &admin, &new_tenant(), &json!({"name": name})).await.problem(422, "invalid_body")), "/name");
    }
    for algorithm in ["HS256", "none", "ES384", "eddsa"] {
        let answer = post(&stage, &admin, "/v1/keys", &json!({"algorithm": algorithm})).await;
        assert_eq!(place_of(&answer.problem(422, "invalid_body")), "/algorithm");
    }
    assert_eq!(read(&stage, &admin, "/v1/clients").await.ok().json()["items"].as_array().unwrap().len(), 1);
});

both!(nobody_gives_what_they_do_not_have, |stage| {
    let all = stage.full_token();
    let few = stage.token("clients:admin lessons:read");
    for (scopes, missing) in [
        (&["lessons:read"][..], None),
        (&["lessons:read", "clients:admin"], None),
        (&["records:read"], Some("records:read")),
        (&["lessons:read", "audit:read", "tenants:admin"], Some("audit:read tenants:admin")),
    ] {
        for answer in
            [put(&stage, &few, &new_client(), &lms(scopes)).await, post(&stage, &few, "/v1/clients", &lms(scopes)).await]
        {
            match missing {
                None => drop(answer.is(201)),
                Some(missing) => assert_eq!(answer.problem(403, "insufficient_scope")["params"]["scope"], missing),
            }
        }
    }
    // Nor takes it: whoever gives a client a secret, keys or its place back could sign in as it.
    let (strong, secret, _) = made(&stage, &all, &["lessons:read", "records:read"]).await;
    let path = format!("/v1/clients/{strong}");
    post(&stage, &few, &format!("{path}/secret"), &json!({})).await.problem(403, "insufficient_scope");
    let keys = json!({"name": "mine", "scopes": ["lessons:read", "records:read"], "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a"}]}});
    change(&stage, &few, &path, &keys).await.problem(403, "insufficient_scope");
    act(&stage, &few, &format!("{path}/disable")).await.ok();
    act(&stage, &few, &format!("{path}/enable")).await.problem(403, "insufficient_scope");
    act(&stage, &all, &format!("{path}/enable")).await.ok();
    sign_in(&stage, &strong, &secret).await.ok();
    // Narrowed to what the caller has, it is the caller's to give.
    change(&stage, &few, &path, &lms(&["lessons:read"])).await.ok();
    post(&stage, &few, &format!("{path}/secret"), &json!({})).await.ok();

    let (tenant, client) = second_tenant(&stage);
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    let answer = put(&stage, &there, &new_client(), &lms(&["tenants:admin"])).await;
    assert_eq!(place_of(&answer.problem(422, "invalid_body")), "/scopes");
    put(&stage, &all, &new_client(), &lms(&["tenants:admin"])).await.is(201);
    // A learner administers nothing, whatever its token says; staff may.
    let learner = stage.learner_token(stage.clean_id(), &Scopes::all().to_string());
    let staff = stage.staff_token(stage.clean_id(), "clients:admin tenants:admin lessons:read learners:all");
    for path in ["/v1/clients", "/v1/tenants", "/v1/keys"] {
        read(&stage, &learner, path).await.problem(403, "forbidden");
        read(&stage, &staff, path).await.ok();
    }
    put(&stage, &learner, &new_client(), &lms(&["lessons:read"])).await.problem(403, "forbidden");
    put(&stage, &staff, &new_client(), &lms(&["lessons:read"])).await.is(201);
});

both!(nobody_is_locked_out, |stage| {
    let admin = stage.full_token();
    let own = format!("/v1/clients/{}", stage.administrator);
    let state = |answer: Answer| answer.problem(409, "illegal_state")["params"]["state"].clone();
    let staff = stage.staff_token(stage.clean_id(), &Scopes::all().to_string());
    for token in [&admin, &staff] {
        assert_eq!(state(act(&stage, token, &format!("{own}/disable")).await), "own_client");
        assert_eq!(state(change(&stage, token, &own, &lms(&["lessons:read"])).await), "own_client");
    }
    // Others may go; not the last one.
    let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let (second, _, token) = made(&stage, &admin, &all).await;
    let path = format!("/v1/clients/{second}");
    change(&stage, &admin, &path, &lms(&["lessons:read", "clients:admin"])).await.ok();
    let nobody = stage.clean_id();
    let gone = stage.issue(stage.tenant, nobody, Principal::Client(nobody), &Scopes::all().to_string());
    act(&stage, &gone, &format!("{own}/disable")).await.ok();
    assert_eq!(state(act(&stage, &gone, &format!("{path}/disable")).await), "last_administrator");
    assert_eq!(state(change(&stage, &gone, &path, &lms(&["lessons:read"])).await), "last_administrator");
    change(&stage, &gone, &path, &json!({"name": "still there", "scopes": ["clients:admin"]})).await.ok();
    act(&stage, &gone, &format!("{own}/enable")).await.ok();
    act(&stage, &admin, &format!("{path}/disable")).await.ok();
    read(&stage, &token, "/v1/clients").await.problem(401, "token_invalid");

    let home = format!("/v1/tenants/{}", stage.tenant);
    assert_eq!(state(act(&stage, &admin, &format!("{home}/suspend")).await), "runs_installation");
    read(&stage, &admin, &home).await.ok();
});

both!(
    /// Two administrators turn on each other at the same moment, from two processes: one stays.
    of_two_who_disable_each_other_one_stays, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    // The first administrator must not be the one who stays.
    let own = format!("/v1/clients/{}", here.administrator);
    for _ in 0..8 {
        let admin = here.full_token();
        let (one, _, one_token) = made(&here, &admin, &all).await;
        let (other, _, other_token) = made(&here, &admin, &all).await;
        act(&here, &one_token, &format!("{own}/disable")).await.ok();
        let (ones, others) = (format!("/v1/clients/{one}/disable"), format!("/v1/clients/{other}/disable"));
        let calls: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> =
            vec![Box::pin(act(&here, &one_token, &others)), Box::pin(act(&there, &other_token, &ones))];
        let statuses: Vec<u16> = together(calls).await.iter().map(|answer| answer.status).collect();
        assert!(statuses.iter().filter(|status| **status == 200).count() == 1, "{statuses:?}");
        let (tenant, own_id) = (here.tenant, here.administrator);
        let enabled = place.db(move |conn| auth_store::clients_of(conn, tenant)).into_iter().filter(|one| one.disabled_at.is_none()).count();
        assert_eq!(enabled, 1);
        // All as before, for the next round.
        let left = if statuses[0] == 200 { &one } else { &other };
        let nobody = here.clean_id();
        let gone = here.issue(here.tenant, nobody, Principal::Client(nobody), &Scopes::all().to_string());
        act(&here, &gone, &format!("/v1/clients/{own_id}/enable")).await.ok();
        act(&here, &gone, &format!("/v1/clients/{left}/disable")).await.ok();
        crate::harness::eventually("the other process lets the administrator in again", || async {
            (read(&there, &there.full_token(), "/v1/clients").await.status == 200).then_some(())
        }).await;
    }
});

both!(another_tenant_s_client_is_not_there, |stage| {
    let (here, (tenant, client)) = (stage.full_token(), second_tenant(&stage));
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    for (token, foreign) in [(&here, client), (&there, stage.administrator)] {
        let path = format!("/v1/clients/{foreign}");
        let missing = new_client();
        for (of, unknown) in [
            (path.clone(), missing.clone()),
            (format!("{path}/secret"), format!("{missing}/secret")),
            (format!("{path}/disable"), format!("{missing}/disable")),
            (format!("{path}/enable"), format!("{missing}/enable")),
        ] {
            let stage = &stage;
            let call = |url: String| async move {
                match url.rsplit('/').next().unwrap() {
                    "secret" => post(stage, token, &url, &json!({})).await,
                    "disable" | "enable" => act(stage, token, &url).await,
                    _ => read(stage, token, &url).await,
                }
            };
            let (theirs, nobodys) =
                (call(of.clone()).await.problem(404, "not_found"), call(unknown).await.problem(404, "not_found"));
            assert_eq!(theirs["detail"], nobodys["detail"], "{of}");
        }
        put(&stage, token, &path, &lms(&["lessons:read"])).await.problem(409, "id_unavailable");
        let list = read(&stage, token, "/v1/clients").await.ok().text();
        assert!(!list.contains(&foreign.to_string()), "{list}");
    }
    // A cursor is bound to its tenant.
    for _ in 0..2 {
        put(&stage, &here, &new_client(), &lms(&["lessons:read"])).await.is(201);
    }
    let next = read(&stage, &here, "/v1/clients?limit=1").await.ok().json()["next_cursor"].as_str().unwrap().to_owned();
    read(&stage, &there, &format!("/v1/clients?limit=1&cursor={next}")).await.problem(400, "invalid_cursor");
    read(&stage, &here, &format!("/v1/clients?limit=1&cursor={next}")).await.ok();
    // The installation is run from one tenant alone.
    for (method, path) in [
        ("GET", "/v1/tenants".to_owned()),
        ("GET", format!("/v1/tenants/{tenant}")),
        ("GET", "/v1/keys".to_owned()),
        ("POST", format!("/v1/tenants/{tenant}/suspend")),
        ("POST", format!("/v1/tenants/{}/suspend", stage.tenant)),
        ("POST", format!("/v1/tenants/{tenant}/resume")),
    ] {
        stage.call(method, &path).token(&there).send().await.problem(403, "forbidden");
    }
    put(&stage, &there, &new_tenant(), &json!({"name": "mine"})).await.problem(403, "forbidden");
    post(&stage, &there, "/v1/keys", &json!({"algorithm": "EdDSA"})).await.problem(403, "forbidden");
});

both!(clients_are_listed_page_by_page, |stage| {
    let admin = stage.full_token();
    let mut expected = vec![stage.administrator.to_string()];
    for _ in 0..5 {
        let body = put(&stage, &admin, &new_client(), &lms(&["lessons:read"])).await.is(201).json();
        expected.push(text(&body, "id").to_owned());
    }
    for limit in [1, 2, 3, 6, 200] {
        let (mut seen, mut path) = (Vec::new(), format!("/v1/clients?limit={limit}"));
        loop {
            let page = read(&stage, &admin, &path).await.ok();
            seen.extend(page.json()["items"].as_array().unwrap().iter().map(|item| text(item, "id").to_owned()));
            assert!(seen.len() <= expected.len(), "{limit}: {seen:?}");
            match page.header("link").split(['<', '>']).nth(1) {
                Some(next) => path = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{limit}");
    }
    for name in ["school-c", "school-a", "school-b"] {
        put(&stage, &admin, &new_tenant(), &json!({"name": name})).await.is(201);
    }
    let first = read(&stage, &admin, "/v1/tenants?limit=3").await.ok();
    let second = read(&stage, &admin, first.header("link").split(['<', '>']).nth(1).unwrap()).await.ok();
    let names = |answer: &Answer| {
        answer.json()["items"].as_array().unwrap().iter().map(|item| text(item, "name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([names(&first), names(&second)].concat(), ["default", "school-a", "school-b", "school-c"]);
    assert!(second.json()["next_cursor"].is_null());
});

both!(a_tenant_from_its_beginning_to_its_end, |stage| {
    let admin = stage.full_token();
    let path = new_tenant();
    let answer = put(&stage, &admin, &path, &json!({"name": "school-two"})).await.is(201);
    assert_eq!((answer.header("location"), answer.header("cache-control")), (path.as_str(), "no-store"));
    let body = answer.json();
    let given = &body["administrator"];
    let (id, secret) = (text(given, "client_id"), text(given, "client_secret"));
    let token = sign_in(&stage, id, secret).await.ok().json();
    assert_eq!(token["scope"], Scopes::most_of_tenant(false).to_string());
    let there = text(&token, "access_token").to_owned();
    assert_eq!(read(&stage, &there, "/v1/clients").await.ok().json()["items"][0]["id"], id);
    read(&stage, &there, "/v1/tenants").await.problem(403, "insufficient_scope");

    put(&stage, &admin, &path, &json!({"name": "another"})).await.problem(409, "id_unavailable");
    put(&stage, &admin, &new_tenant(), &json!({"name": "school-two"})).await.problem(409, "id_unavailable");
    put(&stage, &admin, &new_tenant(), &json!({"name": "default"})).await.problem(409, "id_unavailable");
    read(&stage, &admin, &new_tenant()).await.problem(404, "not_found");
    for step in ["suspend", "resume"] {
        act(&stage, &admin, &format!("{}/{step}", new_tenant())).await.problem(404, "not_found");
    }
    for _ in 0..2 {
        assert!(act(&stage, &admin, &format!("{path}/suspend")).await.ok().json()["suspended_at"].is_string());
        // At once, in the process that did it.
        read(&stage, &there, "/v1/clients").await.problem(401, "token_invalid");
        let refused = sign_in(&stage, id, secret).await.is(401).json();
        assert_eq!(refused["error"], "invalid_client");
    }
    for _ in 0..2 {
        assert!(act(&stage, &admin, &format!("{path}/resume")).await.ok().json()["suspended_at"].is_null());
        read(&stage, &there, "/v1/clients").await.ok();
        sign_in(&stage, id, secret).await.ok();
    }
    assert!(read(&stage, &admin, &path).await.ok().json().get("administrator").is_none());
});

both!(
    /// From two processes at the same moment: one thing is made, all succeed, one answer shows the secret.
    equal_requests_at_once_leave_one, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let admin = here.full_token();
    const EACH: usize = 6;
    for round in 0..4 {
        let (client, tenant) = (new_client(), new_tenant());
        let key = uuid::Uuid::new_v4().to_string();
        let scopes = lms(&["lessons:read"]);
        for (method, path, body, first, others) in [
            ("PUT", client.clone(), scopes.clone(), 201, 200),
            ("POST", "/v1/clients".to_owned(), scopes.clone(), 201, 201),
            ("PUT", tenant.clone(), json!({"name": format!("school-{round}")}), 201, 200),
            ("POST", format!("{client}/secret"), json!({}), 200, 200),
            ("POST", "/v1/keys".to_owned(), json!({"algorithm": "ES256"}), 201, 201),
            ("POST", format!("{client}/disable"), Value::Null, 200, 200),
            ("POST", format!("{client}/enable"), Value::Null, 200, 200),
            ("POST", format!("{tenant}/suspend"), Value::Null, 200, 200),
            ("POST", format!("{tenant}/resume"), Value::Null, 200, 200),
        ] {
            let calls = (0..EACH).map(|n| {
                let stage = if n % 2 == 0 { &here } else { &there };
                let call = stage.call(method, &path).token(&admin).header("idempotency-key", &key);
                if body.is_null() { call.send() } else { call.json(&body).send() }
            });
            let answers = together(calls).await;
            let seen = || answers.iter().map(|answer| format!("{} {}", answer.status, answer.text())).collect::<Vec<_>>().join("\n");
            let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
            let right = if first == others { count(first) == EACH } else { count(first) == 1 && count(others) == EACH - 1 };
            assert!(right, "{method} {path}:\n{}", seen());
            let secret = !path.ends_with("keys") && !path.ends_with("able") && !path.ends_with("suspend") && !path.ends_with("resume");
            let shown = answers.iter().filter(|answer| answer.text().contains("wms_")).count();
            assert_eq!(shown, usize::from(secret), "{method} {path}:\n{}", seen());
            let bare: BTreeSet<String> = answers.iter().map(|answer| {
                let mut body = answer.json();
                ["client_secret", "secret_state", "administrator"].into_iter().for_each(|name| drop(body.as_object_mut().unwrap().shift_remove(name)));
                body.sort_all_objects();
                    body.to_string()
            }).collect();
            assert_eq!(bare.len(), 1, "{method} {path}:\n{}", seen());
        }
    }
    let clients = read(&here, &admin, "/v1/clients?limit=200").await.ok().json()["items"].as_array().unwrap().len();
    let tenants = read(&here, &admin, "/v1/tenants?limit=200").await.ok().json()["items"].as_array().unwrap().len();
    let keys = read(&here, &admin, "/v1/keys").await.ok().json()["items"].as_array().unwrap().len();
    assert_eq!((clients, tenants, keys), (1 + 2 * 4, 1 + 4, 1 + 4));
});

/// Asks both processes again and again: none refuses before the change; five seconds after it each refuses, and goes on to.
async fn takes_hold(stages: [&Stage; 2], token: &str, path: &str, refused: (u16, &str), change: impl Future<Output = ()>) {
    for stage in stages {
        for _ in 0..20 {
            read(stage, token, path).await.ok();
        }
    }
    change.await;
    let since = Instant::now();
    // The process that did it knows at once.
    read(stages[0], token, path).await.problem(refused.0, refused.1);
    loop {
        let asked = since.elapsed();
        let answer = read(stages[1], token, path).await;
        if answer.status != 200 {
            answer.problem(refused.0, refused.1);
            break;
        }
        assert!(asked < Duration::from_secs(5), "{path} passes {asked:?} after the change");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..50 {
        for stage in stages {
            read(stage, token, path).await.problem(refused.0, refused.1);
        }
    }
}

both!(
    /// A client disabled, a tenant suspended, a scope taken away, a key that became known: seen by the other process.
    a_change_takes_hold_in_every_process, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let (stages, admin) = ([&here, &there], here.full_token());
    let out = (401, "token_invalid");

    let (id, _, token) = made(&here, &admin, &["lessons:read"]).await;
    let bystander = made(&here, &admin, &["lessons:read"]).await.2;
    takes_hold(stages, &token, "/v1/lessons", out, async { drop(act(&here, &admin, &format!("/v1/clients/{id}/disable")).await.ok()) }).await;
    act(&here, &admin, &format!("/v1/clients/{id}/enable")).await.ok();
    read(&here, &token, "/v1/lessons").await.ok();

    // A scope that is lost is missing, and those that are left stay; for tokens that its people have too.
    let (id, _, token) = made(&here, &admin, &["lessons:read", "records:read", "learners:read"]).await;
    let client: Id = id.parse().unwrap();
    let staff = here.issue(here.tenant, client, Principal::Staff(here.clean_id()), "lessons:read records:read");
    let path = format!("/v1/clients/{id}");
    let narrow = async { drop(change(&here, &admin, &path, &lms(&["lessons:read", "learners:read"])).await.ok()) };
    takes_hold(stages, &token, "/v1/records", (403, "insufficient_scope"), narrow).await;
    for stage in stages {
        for token in [&token, &staff] {
            assert_eq!(read(stage, token, "/v1/records").await.problem(403, "insufficient_scope")["params"]["scope"], "records:read");
            read(stage, token, "/v1/lessons").await.ok();
        }
    }
    // Given back, the same token has it again.
    change(&here, &admin, &path, &lms(&["lessons:read", "records:read"])).await.ok();
    read(&here, &token, "/v1/records").await.ok();
    read(&here, &token, "/v1/learners").await.problem(403, "insufficient_scope");

    let tenant = new_tenant();
    let body = put(&here, &admin, &tenant, &json!({"name": "school-two"})).await.is(201).json();
    let given = &body["administrator"];
    let token = sign_in(&here, text(given, "client_id"), text(given, "client_secret")).await.ok().json();
    let token = text(&token, "access_token").to_owned();
    takes_hold(stages, &token, "/v1/lessons", out, async { drop(act(&here, &admin, &format!("{tenant}/suspend")).await.ok()) }).await;
    act(&here, &admin, &format!("{tenant}/resume")).await.ok();
    crate::harness::eventually("a resumed tenant is let in again", || async { (read(&there, &token, "/v1/lessons").await.status == 200).then_some(()) }).await;
    read(&here, &token, "/v1/lessons").await.ok();
    for stage in stages {
        read(stage, &bystander, "/v1/lessons").await.ok();
    }

    let rotated = async { drop(post(&here, &admin, "/v1/keys", &json!({"algorithm": "ES256", "compromised": true})).await.is(201)) };
    takes_hold(stages, &bystander, "/v1/lessons", out, rotated).await;
    read(&here, &admin, "/v1/keys").await.problem(401, "token_invalid");
    let fresh = here.token("lessons:read tenants:admin");
    for stage in stages {
        read(stage, &fresh, "/v1/lessons").await.ok();
    }
    let keys = read(&here, &fresh, "/v1/keys").await.ok().json()["items"].clone();
    let states: Vec<&str> = keys.as_array().unwrap().iter().map(|key| text(key, "state")).collect();
    assert_eq!(states, ["signing", "retired"]);
});

both!(
    /// A key is followed by the next one, and no request is refused: not before it signs, not after, in no process.
    a_key_is_rotated_without_a_refusal, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let (here, there) = (place.serve_with(|_| {}, clock.clone()), place.serve_with(|_| {}, clock.clone()));
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let old = here.full_token();
    let next = post(&here, &old, "/v1/keys", &json!({"algorithm": "RS256"})).await.is(201).json();
    assert_eq!((&next["state"], &next["algorithm"]), (&json!("published"), &json!("RS256")));
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        for stage in [&here, &there] {
            let fresh = stage.full_token();
            assert_ne!(kid(&fresh), text(&next, "kid"));
            for token in [&old, &fresh] {
                read(&here, token, "/v1/keys").await.ok();
                read(&there, token, "/v1/keys").await.ok();
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    clock.set(start.plus_seconds(600));
    for stage in [&here, &there] {
        let fresh = stage.full_token();
        assert_eq!(kid(&fresh), text(&next, "kid"));
        for token in [&old, &fresh] {
            read(&here, token, "/v1/keys").await.ok();
            read(&there, token, "/v1/keys").await.ok();
        }
    }
});

/// What becomes of a token that many use.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    Disabled,
    Suspended,
    Revoked,
    Compromised,
}

/// 64 threads use one token while it ends: before the change begins not one is refused, once it is done not one passes. The first use
/// of the token falls anywhere, so that what is remembered is remembered before, while and after.
#[test]
fn a_token_ends_for_all_at_once() {
    const THREADS: usize = 64;
    waymark::install_crypto();
    let rounds: usize =
        std::env::var("WAYMARK_RACE_ROUNDS").map_or(40, |text| text.parse().expect("WAYMARK_RACE_ROUNDS is a number"));
    let clock = Clock::system();
    let (old, next) = (
        keys::generate(KeyAlgorithm::EdDSA, None, &clock, None).unwrap(),
        keys::generate(KeyAlgorithm::EdDSA, None, &clock, None).unwrap(),
    );
    let (tenant, client, now) = (clock.id(), clock.id(), clock.now());
    let gates = |ends: Option<Ends>| {
        let mut access = auth_store::AccessState {
            keys: vec![old.clone()],
            disabled: HashSet::new(),
            suspended: HashSet::new(),
            quotas: HashMap::new(),
            narrowed: HashMap::new(),
            origins: Vec::new(),
            inactive: HashSet::new(),
            merged: HashMap::new(),
            home: None,
        };
        match ends {
            Some(Ends::Disabled) => drop(access.disabled.insert((tenant, client))),
            Some(Ends::Suspended) => drop(access.suspended.insert(tenant)),
            Some(Ends::Compromised) => {
                access.keys[0].verifies_until = Some(now);
                access.keys.push(next.clone());
            }
            Some(Ends::Revoked) | None => {}
        }
        Gates::of(access, None).unwrap()
    };
    let auth = Auth::new("http://localhost", &[]);
    let grant = Grant { tenant, client, principal: Principal::Client(client), scopes: Scopes::all(), ttl_seconds: 3600 };
    let (token, barrier) = (RwLock::new(String::new()), Barrier::new(THREADS + 1));
    let (changing, changed, over) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    let (asked, refused, passed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    barrier.wait();
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let mine = token.read().unwrap().clone();
                    loop {
                        let done = changed.load(Ordering::SeqCst);
                        let is_good = auth.verify(&mine, now).is_ok();
                        asked.fetch_add(1, Ordering::SeqCst);
                        // The change had not even begun when this one was refused.
                        refused.fetch_add(usize::from(!is_good && !changing.load(Ordering::SeqCst)), Ordering::SeqCst);
                        passed.fetch_add(usize::from(is_good && done), Ordering::SeqCst);
                        if done {
                            break;
                        }
                    }
                    barrier.wait();
                }
            });
        }
        for round in 0..rounds {
            for ends in [Ends::Disabled, Ends::Suspended, Ends::Revoked, Ends::Compromised] {
                auth.refresh(gates(None));
                let jti = clock.id();
                *token.write().unwrap() = auth.issue(&grant, jti, now).unwrap();
                let then = gates(Some(ends));
                asked.store(0, Ordering::SeqCst);
                changing.store(false, Ordering::SeqCst);
                changed.store(false, Ordering::SeqCst);
                barrier.wait();
                while asked.load(Ordering::SeqCst) < (round * 7) % (2 * THREADS) {
                    std::hint::spin_loop();
                }
                changing.store(true, Ordering::SeqCst);
                if ends == Ends::Revoked {
                    auth.revoke([(jti, now.plus_seconds(3600))], now)
                } else {
                    auth.refresh(then)
                }
                changed.store(true, Ordering::SeqCst);
                barrier.wait();
                let (refused, passed) = (refused.swap(0, Ordering::SeqCst), passed.swap(0, Ordering::SeqCst));
                if (refused, passed) != (0, 0) {
                    wrong.push(format!("round {round}, {ends:?}: {refused} refused before, {passed} passed after"));
                }
            }
        }
        over.store(true, Ordering::SeqCst);
        barrier.wait();
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}
