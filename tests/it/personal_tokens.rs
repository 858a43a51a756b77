//! Personal access tokens: shown once, kept as a digest, good for what they say until they expire or are taken back.

use serde_json::{Value, json};
use waymark::auth::{Principal, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::Time;

use crate::harness::{Answer, Stage, eventually};

const START: Time = Time(1_795_000_000_000_000);

fn body(stage: &Stage, scopes: &[&str]) -> Value {
    json!({"name": "Grades dashboard", "principal": {"type": "staff", "id": stage.clean_id().to_string()}, "scopes": scopes, "expires_in_days": 30})
}

async fn put(stage: &Stage, id: &str, body: &Value) -> Answer {
    stage.call("PUT", &format!("/v1/personal-tokens/{id}")).token(&stage.full_token()).json(body).send().await
}

async fn made(stage: &Stage, scopes: &[&str]) -> (String, String) {
    let id = stage.clean_id().to_string();
    let answer = put(stage, &id, &body(stage, scopes)).await.is(201);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    (id, token)
}

both!(a_personal_token_is_shown_once_and_used, |place: Place| {
    let stage = place.serve();
    let (id, body) = (stage.clean_id().to_string(), body(&stage, &["lessons:read", "records:read"]));
    let first = put(&stage, &id, &body).await.is(201);
    assert_eq!(
        (first.header("cache-control"), first.header("location")),
        ("no-store", format!("/v1/personal-tokens/{id}").as_str())
    );
    let token = first.json()["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("wm_pat_") && token.len() > 60, "{token}");
    // The same call again finds it, and gives it away no more.
    let again = put(&stage, &id, &body).await.is(200).json();
    assert_eq!((&again["token"], &again["id"]), (&Value::Null, &json!(id)));
    for other in [json!("Another"), json!("Grades dashboard ")] {
        let mut changed = body.clone();
        changed["name"] = other.clone();
        let answer = put(&stage, &id, &changed).await;
        assert_eq!(answer.status, if other == "Another" { 409 } else { 200 }, "{}", answer.text());
    }
    let whole = [stage.get("/v1/personal-tokens?limit=200"), stage.get(&format!("/v1/personal-tokens/{id}"))];
    for call in whole {
        let text = call.token(&stage.full_token()).send().await.ok().text();
        assert!(text.contains(&id) && !text.contains(&token), "{text}");
    }
    // It does what it says, as whom it says, and no more.
    stage.get("/v1/lessons").token(&token).send().await.ok();
    stage.get("/v1/records").token(&token).send().await.ok();
    stage.get("/v1/learners").token(&token).send().await.problem(403, "insufficient_scope");
    let row = stage.get(&format!("/v1/personal-tokens/{id}")).token(&stage.full_token()).send().await.ok().json();
    assert_eq!((&row["revoked_at"], &row["principal"]["type"]), (&Value::Null, &json!("staff")));
    // Another process knows it at once.
    let there = place.serve();
    there.get("/v1/lessons").token(&token).send().await.ok();
});

both!(the_last_use_is_written_down, |place: Place| {
    let stage = place.serve();
    let (id, token) = made(&stage, &["lessons:read"]).await;
    let (unused, _) = made(&stage, &["lessons:read"]).await;
    let before = stage.clock.now();
    stage.get("/v1/lessons").token(&token).send().await.ok();
    stage.stop();
    let stage = place.serve();
    let used =
        async |id: &str| stage.get(&format!("/v1/personal-tokens/{id}")).token(&stage.full_token()).send().await.ok().json();
    let last: Time = serde_json::from_value(used(&id).await["last_used_at"].clone()).unwrap();
    assert!(last >= before, "{last} is when it was used");
    assert_eq!(used(&unused).await["last_used_at"], Value::Null);
});

both!(a_personal_token_that_is_not_good_is_refused, |place: Place| {
    let clock = Clock::fixed(START);
    let stage = place.serve_with(|_| {}, clock.clone());
    let (id, token) = made(&stage, &["lessons:read"]).await;
    let (_, other) = made(&stage, &["lessons:read"]).await;
    let refused = stage.get("/v1/lessons").token("x.y.z").send().await;
    let same = |answer: &Answer| {
        answer.problem(401, "token_invalid");
        assert_eq!(answer.json()["detail"], refused.json()["detail"], "every refusal is one");
    };
    let swapped = format!("{}{}", &token[..40], &other[40..]);
    for wrong in [&token[..token.len() - 1], &format!("{token}A"), &token.to_uppercase(), "wm_pat_", &swapped] {
        same(&stage.get("/v1/lessons").token(wrong).send().await);
    }
    // Its row is gone, or holds another digest: the seal alone lets nobody in.
    stage.get("/v1/lessons").token(&token).send().await.ok();
    clock.set(START.plus_seconds(30 * 24 * 3600 + 29));
    stage.get("/v1/lessons").token(&token).send().await.ok();
    clock.set(START.plus_seconds(30 * 24 * 3600 + 30));
    for expired in [&token, &other] {
        same(&stage.get("/v1/lessons").token(expired).send().await);
    }
    clock.set(START);
    let gone = |id: &str| {
        let call = stage.call("DELETE", &format!("/v1/personal-tokens/{id}"));
        call.token(&stage.full_token()).send()
    };
    gone(&id).await.is(204);
    gone(&id).await.is(204);
    gone(&stage.clean_id().to_string()).await.problem(404, "not_found");
    same(&stage.get("/v1/lessons").token(&token).send().await);
    stage.get("/v1/lessons").token(&other).send().await.ok();
    let row = stage.get(&format!("/v1/personal-tokens/{id}")).token(&stage.full_token()).send().await.ok().json();
    assert_ne!(row["revoked_at"], Value::Null);
});

both!(
    /// Taken back at one process, or with its client: out at the other one within the promised time.
    a_personal_token_ends_everywhere, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let (id, taken_back) = made(&here, &["lessons:read"]).await;
    let (_, of_client) = made(&here, &["lessons:read"]).await;
    for token in [&taken_back, &of_client] {
        there.get("/v1/lessons").token(token).send().await.ok();
    }
    let out = |token: String| {
        let there = &there;
        async move {
            eventually("a personal token ends", || async {
                (there.get("/v1/lessons").token(&token).send().await.status == 401).then_some(())
            })
            .await;
        }
    };
    here.call("DELETE", &format!("/v1/personal-tokens/{id}")).token(&here.full_token()).send().await.is(204);
    out(taken_back).await;
    there.get("/v1/lessons").token(&of_client).send().await.ok();
    let (tenant, client) = (here.tenant, here.administrator);
    assert!(place.transaction(move |conn| auth_store::disable_client(conn, tenant, client, Clock::system().now())).unwrap());
    out(of_client).await;
});

both!(nobody_gets_more_by_a_personal_token, |stage| {
    let staff = json!({"type": "staff", "id": stage.clean_id().to_string()});
    let asked = |name: &str, value: Value| {
        let mut body = json!({"name": "x", "principal": staff, "scopes": ["lessons:read"]});
        body[name] = value;
        body
    };
    let maker = stage.token("clients:admin lessons:read tokens:issue");
    let call = |body: Value| {
        let call = stage.call("PUT", &format!("/v1/personal-tokens/{}", stage.clean_id())).token(&maker).json(&body);
        async move { call.send().await }
    };
    for (name, value, pointer) in [
        ("scopes", json!(["records:read"]), "/scopes"),
        ("scopes", json!(["tokens:issue"]), "/scopes"),
        ("scopes", json!(["clients:admin"]), "/scopes"),
        ("scopes", json!(["nonsense"]), "/scopes"),
        ("scopes", json!([]), "/scopes"),
        ("name", json!(""), "/name"),
        ("name", json!("a\u{7}b"), "/name"),
        ("name", json!("x".repeat(101)), "/name"),
        ("expires_in_days", json!(0), "/expires_in_days"),
        ("expires_in_days", json!(367), "/expires_in_days"),
        ("principal", json!({"type": "staff"}), "/principal/id"),
        ("principal", json!({"type": "client", "id": stage.clean_id().to_string()}), "/principal/id"),
        ("principal", json!({"type": "learner", "id": stage.clean_id().to_string()}), "/principal/type"),
        ("tenant_id", json!(stage.clean_id().to_string()), "/tenant_id"),
    ] {
        let problem = call(asked(name, value.clone())).await.problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{name} = {value}");
    }
    let own = call(asked("principal", json!({"type": "client"}))).await.is(201).json();
    assert_eq!(own["principal"]["id"], stage.administrator.to_string());
    // What is made by it makes no further ones.
    let token = own["token"].as_str().unwrap();
    let answer = stage.get("/v1/personal-tokens").token(token).send().await;
    answer.problem(403, "insufficient_scope");
});

both!(
    /// Equal calls at the same moment make one token, which one of them shows; another tenant's id tells nothing.
    equal_calls_make_one_personal_token, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    for _ in 0..8 {
        let (id, body) = (here.clean_id().to_string(), body(&here, &["lessons:read"]));
        let (a, b, c) = tokio::join!(put(&here, &id, &body), put(&there, &id, &body), put(&here, &id, &body));
        let mut statuses = [a.status, b.status, c.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 201]);
        let shown: Vec<String> = [&a, &b, &c].iter().filter_map(|answer| answer.json()["token"].as_str().map(str::to_owned)).collect();
        assert_eq!(shown.len(), 1);
        here.get("/v1/lessons").token(&shown[0]).send().await.ok();
        // Another tenant finds nothing under that id, and cannot take it.
        let (tenant, client) = (here.clean_id(), here.clean_id());
        let other = here.issue(tenant, client, Principal::Client(client), "clients:admin lessons:read");
        let url = format!("/v1/personal-tokens/{id}");
        here.get(&url).token(&other).send().await.problem(404, "not_found");
        here.call("DELETE", &url).token(&other).send().await.problem(404, "not_found");
        here.call("PUT", &url).token(&other).json(&body).send().await.problem(409, "id_unavailable");
        assert_eq!(here.get("/v1/personal-tokens").token(&other).send().await.ok().json()["items"], json!([]));
    }
    let walked = crate::harness::eventually("a walk", || async {
        let page = here.get("/v1/personal-tokens?limit=3").token(&here.full_token()).send().await.ok().json();
        let next = page["next_cursor"].as_str()?.to_owned();
        let more = here.get(&format!("/v1/personal-tokens?limit=200&cursor={next}")).token(&here.full_token()).send().await.ok();
        Some(page["items"].as_array()?.len() + more.json()["items"].as_array()?.len())
    });
    assert_eq!(walked.await, 8);
});
