//! Tokens: how clients get them, what makes one good, and that a disabled client's stop working everywhere.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
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
    // With both, the header counts.
    call().form(&[("grant_type", "client_credentials"), ("client_secret", "wrong")]).send().await.ok();
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
    let huge = format!("grant_type={}", "x".repeat(20_000));
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
    /// What a forger, or an honest mistake, may send. Each is 401, and says so as RFC 6750 wants it.
    only_our_own_tokens_pass, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let stored = place.db(auth_store::active_keys).remove(0);
    let key = keys::open_key(&stored, None).unwrap();
    let good = stage.token("lessons:read");
    stage.get("/v1/lessons").token(&good).send().await.ok();
    let parts: Vec<&str> = good.split('.').collect();
    let read = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (claims, head) = (read(parts[1]), read(parts[0]));
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());

    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let header = || {
        let mut header = Header::new(Algorithm::EdDSA);
        (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(stored.kid.clone()));
        header
    };
    let signed = |claims: &Value| jsonwebtoken::encode(&header(), claims, &key.encoding).unwrap();
    let resigned = |header: Header| jsonwebtoken::encode(&header, &claims, &key.encoding).unwrap();
    let with_secret = |alg: Algorithm, secret: &[u8]| {
        let header = Header { alg, ..header() };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret).unwrap()).unwrap()
    };
    let stranger = keys::open_key(&keys::generate(KeyAlgorithm::EdDSA, None, &clock, None).unwrap(), None).unwrap();
    let none = json!({"typ": "at+jwt", "alg": "none", "kid": stored.kid});
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[10] ^= 1;
    let mut with_jwk = head.clone();
    with_jwk["jwk"] = stranger.jwk.clone();
    let ours = start.utc().timestamp();
    let issuer = claims["iss"].clone();
    stage.get("/v1/lessons").token(&signed(&claims)).send().await.ok();

    let forged = [
        ("another payload", format!("{}.{}.{}", parts[0], text(&changed("scope", json!("clients:admin"))), parts[2])),
        ("another signature", format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(&signature))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("alg none", format!("{}.{}.", text(&none), parts[1])),
        ("alg none, with a signature", format!("{}.{}.{}", text(&none), parts[1], parts[2])),
        ("HS256 with the public key", with_secret(Algorithm::HS256, &stored.public_key)),
        ("HS256 with the public key as text", with_secret(Algorithm::HS256, key.jwk["x"].as_str().unwrap().as_bytes())),
        ("HS512 with the public key", with_secret(Algorithm::HS512, &stored.public_key)),
        ("a stranger's key under our kid", jsonwebtoken::encode(&header(), &claims, &stranger.encoding).unwrap()),
        ("a stranger's key", {
            let header = Header { kid: Some(stranger.kid.clone()), ..header() };
            jsonwebtoken::encode(&header, &claims, &stranger.encoding).unwrap()
        }),
        ("a key that the token brings along", {
            let mut header = Header { kid: Some(stranger.kid.clone()), ..header() };
            header.jwk = serde_json::from_value(stranger.jwk.clone()).ok();
            jsonwebtoken::encode(&header, &claims, &stranger.encoding).unwrap()
        }),
        ("a header that was changed", format!("{}.{}.{}", text(&with_jwk), parts[1], parts[2])),
        ("no kid", resigned(Header { kid: None, ..header() })),
        ("typ JWT", resigned(Header { typ: Some("JWT".to_owned()), ..header() })),
        ("crit", resigned(Header { crit: Some(vec!["exp".to_owned()]), ..header() })),
        ("an empty crit", resigned(Header { crit: Some(Vec::new()), ..header() })),
        ("no typ", resigned(Header { typ: None, ..header() })),
        ("another issuer", signed(&changed("iss", json!("https://elsewhere.example")))),
        ("no issuer", signed(&without("iss"))),
        ("another audience", signed(&changed("aud", json!("https://elsewhere.example")))),
        ("no audience", signed(&without("aud"))),
        ("no exp", signed(&without("exp"))),
        ("no nbf", signed(&without("nbf"))),
        ("no sub", signed(&without("sub"))),
        ("no tenant", signed(&without("tenant"))),
        ("expired", signed(&changed("exp", json!(ours - 30)))),
        ("not yet", signed(&changed("nbf", json!(ours + 31)))),
        ("from the future", signed(&changed("iat", json!(ours + 31)))),
        ("an unknown scope", signed(&changed("scope", json!("everything")))),
        ("an unknown principal", signed(&changed("principal_type", json!("god")))),
        ("exp as text", signed(&changed("exp", json!("tomorrow")))),
        ("one part", "nonsense".to_owned()),
        ("three empty parts", "..".to_owned()),
        ("four parts", format!("{good}.x")),
        ("no base64", "%%%.%%%.%%%".to_owned()),
        ("10,000 characters", "a".repeat(10_000)),
    ];
    let mut told = HashSet::new();
    for (what, token) in forged {
        let answer = stage.get("/v1/lessons").token(&token).send().await;
        assert_eq!(answer.status, 401, "{what} passed: {}", answer.text());
        let problem = answer.problem(401, "token_invalid");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"waymark\", error=\"invalid_token\"", "{what}");
        // Which check failed is nobody's business who only holds a token.
        told.insert((problem["detail"].to_string(), problem["params"].to_string()));
    }
    assert_eq!(told.len(), 1, "{told:?}");
    // Within the leeway of 30 seconds a clock may be off.
    let leeway = [("exp", ours - 29), ("nbf", ours + 30), ("iat", ours + 30)];
    for (name, value) in leeway {
        stage.get("/v1/lessons").token(&signed(&changed(name, json!(value)))).send().await.ok();
    }
    let list = changed("aud", json!(["https://elsewhere.example", issuer]));
    let answer = stage.get("/v1/lessons").token(&signed(&list)).send().await;
    assert!([200, 401].contains(&answer.status));

    for header in ["", "Bearer", "Bearer ", "Basic abc", &good] {
        let answer = stage.get("/v1/lessons").header("authorization", header).send().await;
        answer.problem(401, "token_missing");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"waymark\"", "RFC 6750, section 3: no error code");
    }
    stage.get("/v1/lessons").header("authorization", &format!("bearer {good}")).send().await.ok();
    let in_query = format!("/v1/lessons?access_token={good}");
    stage.get(&in_query).send().await.problem(401, "token_missing");
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
    let person = stage.token_of(Principal::Staff(staff), "tokens:issue lessons:read");
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
        let access = auth_store::Access {
            keys: vec![stored.clone()],
            disabled,
            suspended: HashSet::new(),
            origins: Vec::new(),
            home: None,
        };
        Gates::of(access, None).unwrap()
    };
    let (tenant, client, now) = (clock.id(), clock.id(), clock.now());
    let auth = Auth::new("http://localhost");
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
