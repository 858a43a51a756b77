//! The authorisation server: three ways for a client to prove who it is, tokens for one person, taking back, looking at.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use waymark::auth::keys::{self, KeyAlgorithm, SigningKey};
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::first_start;

use crate::harness::{Answer, Place, Stage};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const START: Time = Time(1_795_000_000_000_000);

fn fixed(place: &Place) -> (Stage, Clock) {
    let clock = Clock::fixed(START);
    (place.serve_with(|_| {}, clock.clone()), clock)
}

struct Account {
    id: Id,
    secret: String,
}

impl Account {
    /// A client of its own.
    fn new(stage: &Stage, scopes: &str) -> Account {
        let (tenant, scopes, clock) = (stage.tenant, Scopes::parse(scopes).unwrap(), stage.clock.clone());
        let made = move |conn: &mut _| first_start::new_client(conn, &clock, tenant, "a test", scopes);
        let (id, secret) = stage.place.transaction(made).unwrap();
        Account { id, secret }
    }

    /// The same with a key of its own beside the secret.
    async fn with_key(stage: &Stage, scopes: &str, algorithm: KeyAlgorithm) -> (Account, SigningKey) {
        let account = Account::new(stage, scopes);
        let key = keys::open_key(&keys::generate(algorithm, None, &stage.clock, None).unwrap(), None).unwrap();
        let scopes: Vec<&str> = scopes.split(' ').collect();
        let body = json!({"name": "a test", "scopes": scopes, "jwks": {"keys": [key.jwk]}});
        let call = stage.call("PUT", &format!("/v1/clients/{}", account.id)).token(&stage.full_token());
        call.header("if-match", "*").json(&body).send().await.ok();
        (account, key)
    }

    async fn post(&self, stage: &Stage, path: &str, more: &[(&str, &str)]) -> Answer {
        let id = self.id.to_string();
        let form = [&[("client_id", id.as_str()), ("client_secret", &self.secret)], more].concat();
        stage.post(path).form(&form).send().await
    }

    async fn token(&self, stage: &Stage) -> String {
        let answer = self.post(stage, "/oauth/token", &[("grant_type", "client_credentials")]).await.ok();
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn exchange(&self, stage: &Stage, kind: &str, subject: &str, scope: Option<&str>) -> Answer {
        let form = [("grant_type", EXCHANGE), ("subject_token", subject), ("subject_token_type", kind)];
        let scope: Vec<(&str, &str)> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        self.post(stage, "/oauth/token", &[form.as_slice(), &scope].concat()).await
    }
}

#[track_caller]
fn oauth_error(answer: &Answer, status: u16, error: &str) {
    let text = answer.text();
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{text}");
    assert_eq!(answer.header("content-type"), "application/json", "{text}");
    assert_eq!(answer.header("cache-control"), "no-store", "{text}");
}

fn signed(key: &EncodingKey, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn assertion_claims(client: Id, audience: &str, jti: &str) -> Value {
    let now = START.utc().timestamp();
    json!({"iss": client.to_string(), "sub": client.to_string(), "aud": audience, "exp": now + 60, "iat": now, "jti": jti})
}

async fn by_assertion(stage: &Stage, assertion: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_assertion_type", ASSERTION), ("client_assertion", assertion)];
    stage.post("/oauth/token").form(&form).send().await
}

both!(a_client_proves_who_it_is_by_a_key_of_its_own, |place: Place| {
    let (stage, _) = fixed(&place);
    for (algorithm, jwt) in [
        (KeyAlgorithm::EdDSA, Algorithm::EdDSA),
        (KeyAlgorithm::ES256, Algorithm::ES256),
        (KeyAlgorithm::RS256, Algorithm::RS256),
    ] {
        let (account, key) = Account::with_key(&stage, "lessons:read", algorithm).await;
        let issuer = stage.place.config.public_url.clone();
        for (n, audience) in [json!(issuer), json!(format!("{issuer}/oauth/token")), json!([issuer, "x"])].into_iter().enumerate()
        {
            for kid in [Some(key.kid.as_str()), None] {
                let mut claims = assertion_claims(account.id, "", &format!("{n}-{}", kid.is_some()));
                claims["aud"] = audience.clone();
                let assertion = signed(&key.encoding, jwt, kid, &claims);
                let answer = by_assertion(&stage, &assertion).await.ok();
                let token = answer.json()["access_token"].as_str().unwrap().to_owned();
                stage.get("/v1/lessons").token(&token).send().await.ok();
                oauth_error(&by_assertion(&stage, &assertion).await, 401, "invalid_client");
            }
        }
    }
});

both!(an_assertion_that_does_not_hold_is_refused, |place: Place| {
    let (stage, _) = fixed(&place);
    let (account, key) = Account::with_key(&stage, "lessons:read", KeyAlgorithm::EdDSA).await;
    let (other, _) = Account::with_key(&stage, "lessons:read", KeyAlgorithm::EdDSA).await;
    let (secretive, stranger) = (Account::new(&stage, "lessons:read"), {
        keys::open_key(&keys::generate(KeyAlgorithm::EdDSA, None, &stage.clock, None).unwrap(), None).unwrap()
    });
    let (issuer, now) = (stage.place.config.public_url.clone(), START.utc().timestamp());
    let claims = |name: &str, value: Value| {
        let mut claims = assertion_claims(account.id, &issuer, name);
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        claims
    };
    let own = |claims: &Value| signed(&key.encoding, Algorithm::EdDSA, Some(&key.kid), claims);
    let text = other.id.to_string();
    let cases = [
        ("another's iss", own(&claims("iss", json!(text)))),
        ("another's sub", own(&claims("sub", json!(text)))),
        ("both another's", {
            let mut both = claims("iss", json!(text));
            both["sub"] = json!(text);
            own(&both)
        }),
        ("another audience", own(&claims("aud", json!("https://elsewhere.example")))),
        ("no audience", own(&claims("aud", Value::Null))),
        ("expired", own(&claims("exp", json!(now - 30)))),
        ("too long", own(&claims("exp", json!(now + 331)))),
        ("no exp", own(&claims("exp", Value::Null))),
        ("not yet", own(&claims("nbf", json!(now + 31)))),
        ("from the future", own(&claims("iat", json!(now + 31)))),
        ("no jti", own(&claims("jti", Value::Null))),
        ("an empty jti", own(&claims("jti", json!("")))),
        ("a long jti", own(&claims("jti", json!("x".repeat(256))))),
        ("a stranger's key", signed(&stranger.encoding, Algorithm::EdDSA, Some(&key.kid), &claims("a", json!(1)))),
        ("an unknown kid", signed(&key.encoding, Algorithm::EdDSA, Some("nobody's"), &claims("b", json!(1)))),
        ("HS256 with the secret", {
            let key = EncodingKey::from_secret(account.secret.as_bytes()).unwrap();
            signed(&key, Algorithm::HS256, None, &claims("c", json!(1)))
        }),
        ("of a client without keys", {
            let claims = assertion_claims(secretive.id, &issuer, "d");
            signed(&stranger.encoding, Algorithm::EdDSA, None, &claims)
        }),
        ("nonsense", "x.y.z".to_owned()),
    ];
    let mut told = BTreeSet::new();
    for (what, assertion) in cases {
        let answer = by_assertion(&stage, &assertion).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        oauth_error(&answer, 401, "invalid_client");
        told.insert(answer.text());
    }
    assert_eq!(told.len(), 1, "which check failed is told: {told:?}");
    // A refused one is not used up, and the last moment counts.
    by_assertion(&stage, &own(&claims("exp", json!(now + 330)))).await.ok();
    by_assertion(&stage, &own(&claims("exp", json!(now - 29)))).await.is(401);
    let form = [("grant_type", "client_credentials"), ("client_assertion", "x.y.z")];
    oauth_error(&stage.post("/oauth/token").form(&form).send().await, 400, "invalid_request");
});

both!(
    /// The same assertion at the same moment, at two processes: one token.
    an_assertion_is_used_once, |place: Place| {
    let (here, there) = (fixed(&place).0, fixed(&place).0);
    let (account, key) = Account::with_key(&here, "lessons:read", KeyAlgorithm::EdDSA).await;
    let issuer = here.place.config.public_url.clone();
    for round in 0..10 {
        let claims = assertion_claims(account.id, &issuer, &format!("race-{round}"));
        let assertion = signed(&key.encoding, Algorithm::EdDSA, None, &claims);
        let at = |stage| by_assertion(stage, &assertion);
        let (a, b, c, d) = tokio::join!(at(&here), at(&there), at(&here), at(&there));
        let good = [a, b, c, d].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(good, 1, "round {round}");
    }
});

both!(a_client_gets_a_token_for_one_person, |place: Place| {
    let (stage, _) = fixed(&place);
    let lms =
        Account::new(&stage, "tokens:issue learners:write learners:read lessons:read attempts:read records:read reviews:write");
    let identity = json!({"system": "https://moodle.example.edu", "id": "42"}).to_string();
    let kind = "urn:waymark:token-type:learner-identity";
    let answer = lms.exchange(&stage, kind, &identity, None).await.ok();
    let body = answer.json();
    assert_eq!((&body["issued_token_type"], &body["token_type"]), (&json!(ACCESS_TOKEN), &json!("Bearer")));
    assert_eq!(body["scope"], "lessons:read attempts:read learners:read records:read", "what both may have");
    let token = body["access_token"].as_str().unwrap();
    let learner = stage.state.auth.judge(token, START).unwrap().principal;
    let Principal::Learner(learner) = learner else { panic!("{learner:?}") };
    stage.get(&format!("/v1/learners/{learner}")).token(token).send().await.ok();
    // The same learner again, by identity and by id.
    let same = [(kind, identity.clone()), ("urn:waymark:token-type:learner", learner.to_string())];
    for (kind, subject) in same {
        let token = lms.exchange(&stage, kind, &subject, Some("lessons:read")).await.ok().json()["access_token"].clone();
        let claims = stage.state.auth.judge(token.as_str().unwrap(), START).unwrap();
        assert_eq!((claims.principal, claims.scopes.to_string()), (Principal::Learner(learner), "lessons:read".to_owned()));
    }
    let staff = stage.clean_id();
    let answer = lms.exchange(&stage, "urn:waymark:token-type:staff", &staff.to_string(), Some("reviews:write")).await.ok();
    let claims = stage.state.auth.judge(answer.json()["access_token"].as_str().unwrap(), START).unwrap();
    assert_eq!((claims.principal, claims.client, claims.tenant), (Principal::Staff(staff), lms.id, stage.tenant));
});

both!(nobody_gets_more_by_an_exchange, |place: Place| {
    let (stage, clock) = fixed(&place);
    let lms = Account::new(&stage, "tokens:issue lessons:read records:read");
    let plain = Account::new(&stage, "lessons:read learners:write");
    let learner = stage.place.db({
        let who = stage.client_who();
        move |conn| waymark::learners::of_identity(conn, &who, Some("s"), "known")
    });
    let (staff, learner) = (stage.clean_id().to_string(), learner.to_string());
    let nobody = stage.clean_id().to_string();
    let (of_staff, of_learner) = ("urn:waymark:token-type:staff", "urn:waymark:token-type:learner");
    let by_identity = "urn:waymark:token-type:learner-identity";
    let cases: &[(&Account, &str, &str, Option<&str>, &str)] = &[
        (&plain, of_staff, &staff, None, "unauthorized_client"),
        (&plain, of_learner, &learner, None, "unauthorized_client"),
        (&lms, of_staff, &staff, Some("tokens:issue"), "invalid_scope"),
        (&lms, of_staff, &staff, Some("clients:admin"), "invalid_scope"),
        (&lms, of_staff, &staff, Some("nonsense"), "invalid_scope"),
        (&lms, of_learner, &learner, Some("attempts:read"), "invalid_scope"),
        (&lms, of_learner, &nobody, None, "invalid_grant"),
        (&lms, of_learner, "no id", None, "invalid_request"),
        (&lms, of_staff, "no id", None, "invalid_request"),
        (&lms, by_identity, "42", None, "invalid_request"),
        (&lms, by_identity, "{\"id\":\"\"}", None, "invalid_request"),
        (&lms, by_identity, "{\"id\":\"42\",\"tenant\":\"x\"}", None, "invalid_request"),
        (&lms, by_identity, "{\"id\":\"never seen\"}", None, "invalid_grant"),
        (&lms, "urn:ietf:params:oauth:token-type:jwt", "x", None, "invalid_grant"),
        (&lms, "urn:ietf:params:oauth:token-type:saml2", "x", None, "invalid_request"),
        (&lms, ACCESS_TOKEN, "x.y.z", None, "invalid_grant"),
    ];
    for (account, kind, subject, scope, error) in cases {
        oauth_error(&account.exchange(&stage, kind, subject, *scope).await, 400, error);
    }
    for lacking in [("subject_token", "x"), ("subject_token_type", of_staff)] {
        oauth_error(&lms.post(&stage, "/oauth/token", &[("grant_type", EXCHANGE), lacking]).await, 400, "invalid_request");
    }
    let form = [("grant_type", EXCHANGE), ("subject_token", staff.as_str()), ("subject_token_type", of_staff)];
    for more in [("actor_token", "x"), ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")] {
        oauth_error(&lms.post(&stage, "/oauth/token", &[form.as_slice(), &[more]].concat()).await, 400, "invalid_request");
    }
    // A token once more: narrower, of the same principal, no longer; another client's token is not taken.
    let person = lms.exchange(&stage, of_staff, &staff, Some("lessons:read records:read")).await.ok().json();
    let token = person["access_token"].as_str().unwrap();
    clock.set(START.plus_seconds(3000));
    let narrower = lms.exchange(&stage, ACCESS_TOKEN, token, Some("records:read")).await.ok().json();
    assert_eq!((&narrower["scope"], &narrower["expires_in"]), (&json!("records:read"), &json!(600)));
    oauth_error(&lms.exchange(&stage, ACCESS_TOKEN, token, Some("reviews:write")).await, 400, "invalid_scope");
    oauth_error(&plain.exchange(&stage, ACCESS_TOKEN, token, None).await, 400, "invalid_grant");
});

both!(
    /// Taken back at one process: at once out there, within the promised time out at another, and nobody else is.
    a_token_is_taken_back, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let account = Account::new(&here, "lessons:read tokens:issue");
    let (token, other) = (account.token(&here).await, account.token(&here).await);
    let staff = here.clean_id().to_string();
    let person = account.exchange(&here, "urn:waymark:token-type:staff", &staff, Some("lessons:read")).await.ok().json();
    let person = person["access_token"].as_str().unwrap().to_owned();
    for stage in [&here, &there] {
        for token in [&token, &other, &person] {
            stage.get("/v1/lessons").token(token).send().await.ok();
        }
    }
    let revoke = |token: String| {
        let (account, here) = (&account, &here);
        async move { account.post(here, "/oauth/revoke", &[("token", &token), ("token_type_hint", "refresh_token")]).await }
    };
    for good in [&token, &person] {
        let answer = revoke(good.clone()).await.ok();
        assert_eq!((answer.text().as_str(), answer.header("cache-control")), ("{}", "no-store"));
        here.get("/v1/lessons").token(good).send().await.problem(401, "token_invalid");
        revoke(good.clone()).await.ok();
        let out = || async { (there.get("/v1/lessons").token(good).send().await.status == 401).then_some(()) };
        crate::harness::eventually("a token that was taken back is refused by every process", out).await;
    }
    revoke("nonsense".to_owned()).await.ok();
    for stage in [&here, &there] {
        stage.get("/v1/lessons").token(&other).send().await.ok();
    }
    let stranger = Account::new(&here, "lessons:read");
    oauth_error(&stranger.post(&here, "/oauth/revoke", &[("token", &other)]).await, 400, "unauthorized_client");
    oauth_error(&account.post(&here, "/oauth/revoke", &[]).await, 400, "invalid_request");
    oauth_error(&here.post("/oauth/revoke").form(&[("token", &other)]).send().await, 401, "invalid_client");
    // A process that starts afterwards knows it too.
    let later = place.serve();
    later.get("/v1/lessons").token(&token).send().await.problem(401, "token_invalid");
    later.get("/v1/lessons").token(&other).send().await.ok();
});

both!(a_token_is_looked_at, |stage| {
    let account = Account::new(&stage, "lessons:read records:read");
    let token = account.token(&stage).await;
    let look = |token: String| {
        let (account, stage) = (&account, &stage);
        async move { account.post(stage, "/oauth/introspect", &[("token", &token)]).await.ok() }
    };
    let answer = look(token.clone()).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let id = account.id.to_string();
    assert_eq!((&body["active"], &body["client_id"], &body["sub"]), (&json!(true), &json!(id), &json!(id)));
    assert_eq!((&body["scope"], &body["principal_type"]), (&json!("lessons:read records:read"), &json!("client")));
    assert_eq!(body["exp"].as_i64().unwrap() - body["iat"].as_i64().unwrap(), 3600);
    let elsewhere = stage.issue(stage.clean_id(), stage.clean_id(), Principal::Staff(stage.clean_id()), "lessons:read");
    for unknown in [elsewhere, "nonsense".to_owned()] {
        assert_eq!(look(unknown).await.text(), "{\"active\":false}");
    }
    account.post(&stage, "/oauth/revoke", &[("token", &token)]).await.ok();
    assert_eq!(look(token).await.text(), "{\"active\":false}");
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:wrong", account.id)));
    let answer = stage.post("/oauth/introspect").header("authorization", &basic).form(&[("token", "x")]).send().await;
    oauth_error(&answer, 401, "invalid_client");
    assert!(answer.header("www-authenticate").starts_with("Basic "));
});

both!(the_server_says_what_it_can, |stage| {
    let answer = stage.get("/.well-known/oauth-authorization-server").send().await.ok();
    let body = answer.json();
    let issuer = stage.place.config.public_url.clone();
    assert_eq!(body["issuer"], issuer, "RFC 8414, section 3.3");
    for (name, path) in [
        ("token_endpoint", "/oauth/token"),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
    ] {
        assert_eq!(body[name], format!("{issuer}{path}"), "{name}");
        assert_ne!(stage.get(path).send().await.status, 404, "{path} is there");
    }
    assert_eq!(body["grant_types_supported"], json!(["client_credentials", EXCHANGE, "refresh_token"]));
    assert!(body["scopes_supported"].as_array().unwrap().len() > 10);
});

both!(
    /// A new key is published before it signs; tokens of the one before stay good to their end; a compromised one ends at once.
    keys_take_their_turns, |place: Place| {
    let (stage, clock) = fixed(&place);
    let kid_of = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let published = async || -> BTreeSet<String> {
        let keys = stage.get("/.well-known/jwks.json").send().await.ok().json()["keys"].clone();
        keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let rotate = async |algorithm: KeyAlgorithm, compromised: bool| {
        let next = waymark::auth::rotation::next_key(algorithm, compromised, None, &clock).unwrap();
        let (kid, now) = (next.kid.clone(), clock.now());
        stage.place.transaction(move |conn| waymark::auth::rotation::rotate(conn, &next, compromised, now)).unwrap();
        waymark::auth::renewal::renew_gates(&stage.state.auth, &stage.state.db, None).await.unwrap();
        kid
    };
    let at = |seconds: i64| clock.set(START.plus_seconds(seconds));
    let first = stage.token("lessons:read");
    let mut expected = BTreeSet::from([kid_of(&first)]);
    for (n, algorithm) in [KeyAlgorithm::ES256, KeyAlgorithm::RS256].into_iter().enumerate() {
        let begun = i64::try_from(n).unwrap() * 3000;
        at(begun);
        let before = stage.token("lessons:read");
        let kid = rotate(algorithm, false).await;
        expected.insert(kid.clone());
        assert_eq!(published().await, expected, "published at once");
        at(begun + 599);
        assert_eq!(kid_of(&stage.token("lessons:read")), kid_of(&before), "the old one still signs");
        at(begun + 600);
        let token = stage.token("lessons:read");
        assert_eq!(kid_of(&token), kid);
        for good in [&before, &token] {
            stage.get("/v1/lessons").token(good).send().await.ok();
        }
    }
    // The first key's last token was made 600 s after the first rotation and lives a day at most.
    let last = 600 + 24 * 3600 + 60;
    at(last - 1);
    assert!(published().await.contains(&kid_of(&first)));
    at(last);
    assert!(!published().await.contains(&kid_of(&first)), "retired");
    let good = stage.token("lessons:read");
    stage.get("/v1/lessons").token(&good).send().await.ok();
    let kid = rotate(KeyAlgorithm::EdDSA, true).await;
    stage.get("/v1/lessons").token(&good).send().await.problem(401, "token_invalid");
    assert_eq!(published().await, BTreeSet::from([kid.clone()]));
    let token = stage.token("lessons:read");
    assert_eq!(kid_of(&token), kid);
    stage.get("/v1/lessons").token(&token).send().await.ok();
});

both!(
    /// Whoever cannot know what changed about clients serves only what lies in memory.
    a_process_that_hears_nothing_lets_nobody_change_anything, |stage| {
    let token = stage.full_token();
    stage.get("/v1/records").token(&token).send().await.ok();
    stage.state.auth.heard().ago(std::time::Duration::from_secs(31));
    // The look of every two seconds may come between, so each is asked again until it is seen.
    let refused = || async {
        stage.state.auth.heard().ago(std::time::Duration::from_secs(31));
        (stage.get("/v1/records").token(&token).send().await.status == 503).then_some(())
    };
    crate::harness::eventually("who cannot know says so", refused).await;
    stage.get("/v1/lessons").token(&token).send().await.ok();
    let heard = || async { (stage.get("/v1/records").token(&token).send().await.status == 200).then_some(()) };
    crate::harness::eventually("it hears again", heard).await;
});
