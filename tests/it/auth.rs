//! Tokens: how clients get them, what makes one good, and that a disabled client's stop working everywhere.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use waymark::auth::keys::KeyAlgorithm;
use waymark::auth::tokens::Grant;
use waymark::auth::{Auth, Gates, Principal, Scopes, keys, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::first_start;

use crate::harness::{Answer, Stage, eventually};

/// A client of its own: (id, secret).
fn client(stage: &Stage, scopes: &str) -> (String, String) {
    let (tenant, scopes) = (stage.tenant, Scopes::parse(scopes).unwrap());
    let (id, secret) =
        stage.place.transaction(move |conn| first_start::new_client(conn, &Clock::system(), tenant, "a test", scopes)).unwrap();
    (id.to_string(), secret)
}

async fn ask(stage: &Stage, pairs: &[(&str, &str)]) -> Answer {
    stage.post("/oauth/token").form(pairs).send().await
}

/// The answer is an error in the form of RFC 6749, section 5.2.
#[track_caller]
fn oauth_error(answer: &Answer, status: u16, error: &str) {
    let text = answer.text();
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{text}");
    assert!(answer.json()["error_description"].as_str().is_some_and(|d| !d.is_empty()), "{text}");
    assert_eq!(answer.header("content-type"), "application/json", "{text}");
    assert_eq!(answer.header("cache-control"), "no-store", "{text}");
}

both!(a_client_gets_a_token, |stage| {
    let (id, secret) = client(&stage, "lessons:read records:read");
    let credentials = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let answer = ask(&stage, &credentials).await.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(body["scope"], "lessons:read records:read", "all it has, unless asked otherwise");
    stage.get("/v1/lessons").token(body["access_token"].as_str().unwrap()).send().await.ok();

    let fewer = [credentials.as_slice(), &[("scope", "records:read")]].concat();
    let body = ask(&stage, &fewer).await.ok().json();
    assert_eq!(body["scope"], "records:read");
    let token = body["access_token"].as_str().unwrap();
    stage.get("/v1/lessons").token(token).send().await.problem(403, "insufficient_scope");

    // Unknown parameters are ignored (RFC 6749, section 3.2), parameters without a value too.
    let more = [credentials.as_slice(), &[("resource", "https://x.example"), ("scope", "")]].concat();
    assert_eq!(ask(&stage, &more).await.ok().json()["scope"], "lessons:read records:read");

    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let call = || stage.post("/oauth/token").header("authorization", &basic);
    call().form(&[("grant_type", "client_credentials")]).send().await.ok();
    // RFC 6749, section 2.3: one way a request. The id may be told twice.
    call().form(&[("grant_type", "client_credentials"), ("client_id", &id)]).send().await.ok();
    for twice in [("client_secret", secret.as_str()), ("client_assertion", "x"), ("client_id", "another")] {
        oauth_error(&call().form(&[("grant_type", "client_credentials"), twice]).send().await, 400, "invalid_request");
    }
});

both!(a_client_is_refused, |stage| {
    let (id, secret) = client(&stage, "lessons:read");
    let (grant, mine) = (("grant_type", "client_credentials"), ("client_id", id.as_str()));
    let good = ("client_secret", secret.as_str());
    oauth_error(&ask(&stage, &[grant, mine, ("client_secret", "wms_0")]).await, 401, "invalid_client");
    oauth_error(&ask(&stage, &[grant, mine, ("client_secret", "")]).await, 401, "invalid_client");
    oauth_error(&ask(&stage, &[grant, mine]).await, 401, "invalid_client");
    oauth_error(&ask(&stage, &[grant, good]).await, 401, "invalid_client");
    oauth_error(&ask(&stage, &[grant, ("client_id", "not an id"), good]).await, 401, "invalid_client");
    let nobody = stage.clean_id().to_string();
    let unknown = ask(&stage, &[grant, ("client_id", &nobody), good]).await;
    oauth_error(&unknown, 401, "invalid_client");
    let wrong = ask(&stage, &[grant, mine, ("client_secret", "wrong")]).await;
    assert_eq!(wrong.body, unknown.body, "an unknown client is answered like a wrong secret");
    oauth_error(&ask(&stage, &[mine, good]).await, 400, "invalid_request");
    oauth_error(&ask(&stage, &[("grant_type", "password"), mine, good]).await, 400, "unsupported_grant_type");
    for scope in ["records:read", "lessons:read records:read", "nonsense"] {
        oauth_error(&ask(&stage, &[grant, mine, good, ("scope", scope)]).await, 400, "invalid_scope");
    }
    oauth_error(&ask(&stage, &[grant, grant, mine, good]).await, 400, "invalid_request");
    let typed = |kind: &'static str, body: String| stage.post("/oauth/token").header("content-type", kind).body(body).send();
    oauth_error(
        &typed("application/json", json!({"grant_type": "client_credentials"}).to_string()).await,
        400,
        "invalid_request",
    );
    let huge = format!("grant_type={}", "x".repeat(40_000));
    let answer = typed("application/x-www-form-urlencoded", huge).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.text());
    oauth_error(&answer, answer.status, "invalid_request");
    for header in ["Basic nonsense", "Basic", "Bearer x", &format!("Basic {}", STANDARD.encode(format!("{id}:wrong")))] {
        let answer = stage.post("/oauth/token").header("authorization", header).form(&[grant]).send().await;
        oauth_error(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{header}: RFC 6749, section 5.2");
    }
    let answer = stage.get("/oauth/token").send().await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
});

both!(the_key_set_verifies_a_token, |stage| {
    let token = stage.token("lessons:read");
    let answer = stage.get("/.well-known/jwks.json").send().await.ok();
    assert!(!answer.text().contains("\"d\""), "no private part");
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(&answer.body).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::EdDSA));
    let jwk = set.find(&header.kid.unwrap()).expect("the key set has the token's key");
    let issuer = stage.place.config.public_url.as_str();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[issuer]);
    rules.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    let claims = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(jwk).unwrap(), &rules).unwrap().claims;
    for name in ["iss", "aud", "exp", "iat", "sub", "client_id", "jti", "scope", "tenant"] {
        assert!(!claims[name].is_null(), "RFC 9068, section 2.2: {name} in {claims}");
    }
});

both!(
    /// A token that was good, and is remembered, ends when its time comes.
    a_remembered_token_expires, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let token = stage.token("lessons:read");
    let read = || stage.get("/v1/lessons").token(&token).send();
    read().await.ok();
    read().await.ok();
    clock.set(start.plus_seconds(3600 + 29));
    read().await.ok();
    clock.set(start.plus_seconds(3600 + 30));
    read().await.problem(401, "token_invalid");
    clock.set(start);
    read().await.ok();
});

both!(
    /// Disabled by another process: its tokens, remembered ones too, stop working within the promised time.
    a_disabled_client_is_out_everywhere, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let (id, secret) = client(&here, "lessons:read");
    let credentials = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let token = ask(&here, &credentials).await.ok().json()["access_token"].as_str().unwrap().to_owned();
    let bystander = here.token("lessons:read");
    for stage in [&here, &there] {
        stage.get("/v1/lessons").token(&token).send().await.ok();
    }
    let (tenant, client) = (here.tenant, id.parse().unwrap());
    let there_was =
        place.transaction(move |conn| auth_store::disable_client(conn, tenant, client, Clock::system().now())).unwrap();
    assert!(there_was);
    oauth_error(&ask(&here, &credentials).await, 401, "invalid_client");
    for stage in [&here, &there] {
        let out = || async { (stage.get("/v1/lessons").token(&token).send().await.status == 401).then_some(()) };
        eventually("the token of a disabled client stops working", out).await;
        stage.get("/v1/lessons").token(&token).send().await.problem(401, "token_invalid");
        stage.get("/v1/lessons").token(&bystander).send().await.ok();
    }
});

both!(
    /// Tokens for staff: at most what the maker has, never the right to make more.
    a_token_for_staff_is_never_more_than_its_maker, |stage| {
    let staff = stage.clean_id();
    let url = format!("/v1/staff/{staff}/token");
    let make = |token: String, body: Value| {
        let call = stage.post(&url).token(&token).json(&body);
        async move { call.send().await }
    };
    let maker = stage.token("tokens:issue lessons:read reviews:write");
    let answer = make(maker.clone(), json!({"scopes": ["lessons:read", "reviews:write"], "ttl_seconds": 60})).await.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!((&answer.json()["expires_in"], &answer.json()["scope"]), (&json!(60), &json!("lessons:read reviews:write")));
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    stage.get("/v1/lessons").token(&token).send().await.ok();
    make(token, json!({"scopes": ["lessons:read"]})).await.problem(403, "insufficient_scope");

    make(maker.clone(), json!({"scopes": ["records:read"]})).await.problem(403, "insufficient_scope");
    for (body, pointer) in [
        (json!({"scopes": ["tokens:issue"]}), "/scopes"),
        (json!({"scopes": []}), "/scopes"),
        (json!({"scopes": ["nonsense"]}), "/scopes"),
        (json!({"scopes": ["lessons:read"], "ttl_seconds": 59}), "/ttl_seconds"),
        (json!({"scopes": ["lessons:read"], "ttl_seconds": 86401}), "/ttl_seconds"),
    ] {
        let problem = make(maker.clone(), body.clone()).await.problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let person = stage.token_of(Principal::Staff(staff), "tokens:issue lessons:read learners:all");
    let answer = make(person, json!({"scopes": ["lessons:read"]})).await;
    assert!(answer.status == 200 || answer.status == 403, "{}", answer.text());
});

/// Tokens of a client that is disabled while they are being checked. When both have ended, whoever asks is refused: nothing
/// that was checked against the older state is found in the newer one.
#[test]
fn a_check_that_overlaps_a_change_leaves_nothing_behind() {
    const TOKENS: usize = 40;
    const ROUNDS: usize = 300;
    waymark::install_crypto();
    let clock = Clock::system();
    let stored = keys::generate(KeyAlgorithm::EdDSA, None, &clock, None).unwrap();
    let fresh = |disabled: HashSet<(Id, Id)>| {
        let access = auth_store::AccessState {
            keys: vec![stored.clone()],
            disabled,
            suspended: HashSet::new(),
            quotas: HashMap::new(),
            narrowed: HashMap::new(),
            origins: Vec::new(),
            inactive: HashSet::new(),
            merged: HashMap::new(),
            home: None,
        };
        Gates::of(access, None).unwrap()
    };
    let (tenant, client, now) = (clock.id(), clock.id(), clock.now());
    let auth = Auth::new("http://localhost", &[]);
    auth.refresh(fresh(HashSet::new()));
    let scopes = Scopes::parse("lessons:read").unwrap();
    let grant = Grant { tenant, client, principal: Principal::Client(client), scopes, ttl_seconds: 3600 };
    let tokens: Vec<String> = (0..TOKENS).map(|_| auth.issue(&grant, clock.id(), now).unwrap()).collect();
    let mut left = 0;
    for round in 0..ROUNDS {
        auth.refresh(fresh(HashSet::new()));
        let (gates, checked) = (fresh(HashSet::from([(tenant, client)])), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for half in 0..2 {
                let (auth, tokens, checked) = (&auth, &tokens, &checked);
                scope.spawn(move || {
                    for token in tokens.iter().skip(half).step_by(2) {
                        let _ = auth.verify(token, now);
                        checked.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // Somewhere in the middle, at another point of a check each round.
            while checked.load(Ordering::SeqCst) < round % (TOKENS - 4) {
                std::hint::spin_loop();
            }
            (0..(round * 131) % 4096).for_each(|_| std::hint::spin_loop());
            auth.refresh(gates);
        });
        left += tokens.iter().filter(|token| auth.verify(token, now).is_ok()).count();
    }
    assert_eq!(left, 0, "tokens of a disabled client that still pass");
}
