//! Tokens of identity providers: which are taken, for whom, how their keys are found; and the refresh tokens that follow.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use waymark::auth::keys::{self, KeyAlgorithm, SigningKey};
use waymark::auth::{Principal, Scopes, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::first_start;

use crate::harness::{Answer, Place, Stage};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const START: Time = Time(1_795_000_000_000_000);
const DAY: i64 = 24 * 3600;

/// An identity provider: its key set can be changed, and it counts what it is asked.
struct Provider {
    url: String,
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    away: Arc<Mutex<bool>>,
}

impl Provider {
    fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let provider = Provider { url: url.clone(), keys: Arc::default(), asked: Arc::default(), away: Arc::default() };
        let (keys, asked, away) = (provider.keys.clone(), provider.asked.clone(), provider.away.clone());
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
                let path = lines.next().unwrap().unwrap().split(' ').nth(1).unwrap().to_owned();
                while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                let body = match path.as_str() {
                    "/jwks" => json!({"keys": *keys.lock().unwrap()}),
                    "/else/.well-known/openid-configuration" => json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}),
                    _ => json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}),
                };
                asked.lock().unwrap().push(path);
                let status = if *away.lock().unwrap() { "500 Away" } else { "200 OK" };
                let body = body.to_string();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = socket.write_all(format!("{head}{body}").as_bytes());
            }
        });
        provider
    }

    /// A new key, published.
    fn key(&self, algorithm: KeyAlgorithm) -> SigningKey {
        let key = keys::open_key(&keys::generate(algorithm, None, &Clock::system(), None).unwrap(), None).unwrap();
        self.keys.lock().unwrap().push(key.jwk.clone());
        key
    }

    fn asked(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).len()
    }
}

fn sign(key: &SigningKey, kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(key.algorithm);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &key.encoding).unwrap()
}

fn claims(provider: &Provider, subject: &str, now: Time) -> Value {
    let seconds = now.utc().timestamp();
    json!({"iss": provider.url, "aud": "phone", "sub": subject, "iat": seconds, "exp": seconds + 600, "roles": ["student"]})
}

fn registration(provider: &Provider) -> Value {
    json!({"issuer": provider.url, "audience": "phone", "roles": [
        {"claim": "roles", "value": "teacher", "role": "staff", "scopes": ["reviews:write", "attempts:read"]},
        {"claim": "roles", "value": "student", "role": "learner", "scopes": ["lessons:read", "attempts:read", "attempts:write"]}]})
}

pub struct Phone {
    pub stage: Stage,
    pub clock: Clock,
    provider: Provider,
    client: Id,
    key: SigningKey,
}

impl Phone {
    /// A service that takes the tokens of a provider for a phone app, which has no secret.
    pub async fn new(place: &Place) -> Phone {
        let (provider, clock) = (Provider::start(), Clock::fixed(START));
        let allowed = vec![provider.url.clone()];
        let stage = place.serve_with(|config| config.outbound_allow = allowed, clock.clone());
        let client = public_client(&stage, "lessons:read attempts:read attempts:write reviews:write records:read");
        let key = provider.key(KeyAlgorithm::EdDSA);
        let phone = Phone { stage, clock, provider, client, key };
        let url = format!("/v1/issuers/{}", phone.stage.clean_id());
        let body = registration(&phone.provider);
        phone.stage.call("PUT", &url).token(&phone.stage.full_token()).json(&body).send().await.is(201);
        phone
    }

    async fn exchange(&self, token: &str) -> Answer {
        let id = self.client.to_string();
        let form =
            [("grant_type", EXCHANGE), ("subject_token_type", ID_TOKEN), ("subject_token", token), ("client_id", id.as_str())];
        self.stage.post("/oauth/token").form(&form).send().await
    }

    pub async fn refresh(&self, token: &str, key: Option<&str>) -> Answer {
        let id = self.client.to_string();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", id.as_str())];
        let call = self.stage.post("/oauth/token").form(&form);
        match key {
            Some(key) => call.header("idempotency-key", key).send().await,
            None => call.send().await,
        }
    }

    async fn refreshed(&self, token: &str) -> (String, String) {
        tokens(&self.refresh(token, None).await.ok())
    }

    /// Signs a learner in: (access token, refresh token).
    pub async fn sign_in(&self) -> (String, String) {
        let token = sign(&self.key, Some(&self.key.kid), &claims(&self.provider, "42", self.clock.now()));
        tokens(&self.exchange(&token).await.ok())
    }

    pub async fn works(&self, token: &str) -> bool {
        self.stage.get("/v1/lessons").token(token).send().await.status == 200
    }
}

fn public_client(stage: &Stage, scopes: &str) -> Id {
    let (tenant, scopes, clock) = (stage.tenant, Scopes::parse(scopes).unwrap(), stage.clock.clone());
    let made = move |conn: &mut _| first_start::new_public_client(conn, &clock, tenant, "a phone", scopes);
    stage.place.transaction(made).unwrap()
}

pub fn tokens(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
    (text("access_token"), text("refresh_token"))
}

#[track_caller]
fn refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(error)), "{}", answer.text());
}

both!(somebody_who_signed_in_elsewhere_is_let_in, |place: Place| {
    let phone = Phone::new(&place).await;
    let (stage, provider) = (&phone.stage, &phone.provider);
    for algorithm in KeyAlgorithm::ALL {
        let key = provider.key(algorithm);
        // A minute later, so that the new key may be looked for.
        phone.clock.set(phone.clock.now().plus_seconds(60));
        let token = sign(&key, Some(&key.kid), &claims(provider, "42", phone.clock.now()));
        let answer = phone.exchange(&token).await.ok();
        assert_eq!(answer.json()["scope"], "lessons:read attempts:read attempts:write");
        assert_eq!(answer.header("cache-control"), "no-store");
        let judged = stage.state.auth.judge(&tokens(&answer).0, phone.clock.now()).unwrap();
        let Principal::Learner(learner) = judged.principal else { panic!("{judged:?}") };
        let all = stage.token("learners:read");
        let there = stage.get(&format!("/v1/learners/{learner}")).token(&all).send().await.ok().json();
        assert_eq!(there["identities"], json!([{"system": provider.url, "id": "42"}]));
        assert!(phone.works(&tokens(&answer).0).await);
    }
    let everybody = stage.get("/v1/learners").token(&stage.token("learners:read")).send().await.ok().json();
    assert_eq!(everybody["items"].as_array().unwrap().len(), 1, "one subject is one learner");
    // A teacher, by the first rule that fits; one id each time.
    let key = provider.key(KeyAlgorithm::ES256);
    phone.clock.set(phone.clock.now().plus_seconds(60));
    let mut ids = Vec::new();
    for roles in [json!(["student", "teacher"]), json!("teacher"), json!("x teacher")] {
        let mut said = claims(provider, "t-1", phone.clock.now());
        said["roles"] = roles;
        let answer = phone.exchange(&sign(&key, Some(&key.kid), &said)).await.ok();
        assert_eq!(answer.json()["scope"], "attempts:read reviews:write");
        let judged = stage.state.auth.judge(&tokens(&answer).0, phone.clock.now()).unwrap();
        assert!(matches!(judged.principal, Principal::Staff(_)));
        ids.push(judged.principal);
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
});

both!(a_token_of_an_issuer_that_is_not_good_is_refused, |place: Place| {
    let phone = Phone::new(&place).await;
    let (provider, stage) = (&phone.provider, &phone.stage);
    let (key, second) = (&phone.key, provider.key(KeyAlgorithm::ES256));
    let stranger = keys::open_key(&keys::generate(KeyAlgorithm::EdDSA, None, &phone.clock, None).unwrap(), None).unwrap();
    let now = START.utc().timestamp();
    let with = |name: &str, value: Value| {
        let mut said = claims(provider, "42", START);
        match value {
            Value::Null => drop(said.as_object_mut().unwrap().remove(name)),
            value => said[name] = value,
        }
        said
    };
    let own = |said: &Value| sign(key, Some(&key.kid), said);
    phone.exchange(&own(&claims(provider, "42", START))).await.ok();
    let hs256 = {
        let secret = jsonwebtoken::EncodingKey::from_secret(key.jwk["x"].as_str().unwrap().as_bytes()).unwrap();
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &claims(provider, "42", START), &secret).unwrap()
    };
    let cases = [
        ("another issuer", own(&with("iss", json!("https://elsewhere.example")))),
        ("an issuer that is nearly it", own(&with("iss", json!(format!("{}/", provider.url))))),
        ("no issuer", own(&with("iss", Value::Null))),
        ("another audience", own(&with("aud", json!("another app")))),
        ("no audience", own(&with("aud", Value::Null))),
        ("several audiences", own(&with("aud", json!(["phone", "another"])))),
        ("expired", own(&with("exp", json!(now - 30)))),
        ("no exp", own(&with("exp", Value::Null))),
        ("exp as text", own(&with("exp", json!("soon")))),
        ("from the future", own(&with("iat", json!(now + 31)))),
        ("no iat", own(&with("iat", Value::Null))),
        ("of the day before yesterday", own(&with("iat", json!(now - DAY - 1)))),
        ("not yet", own(&with("nbf", json!(now + 31)))),
        ("no subject", own(&with("sub", Value::Null))),
        ("an empty subject", own(&with("sub", json!("")))),
        ("a number as subject", own(&with("sub", json!(42)))),
        ("a role that nobody registered", own(&with("roles", json!(["janitor"])))),
        ("no role", own(&with("roles", Value::Null))),
        ("a stranger's key under its kid", sign(&stranger, Some(&key.kid), &claims(provider, "42", START))),
        ("a stranger's key", sign(&stranger, Some(&stranger.kid), &claims(provider, "42", START))),
        ("another key's kid", sign(key, Some(&second.kid), &claims(provider, "42", START))),
        ("HS256 with the public key", hs256),
        ("nonsense", "x.y.z".to_owned()),
        ("a token of ours", stage.full_token()),
    ];
    let mut told = std::collections::BTreeSet::new();
    for (what, token) in cases {
        let answer = phone.exchange(&token).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        refused(&answer, "invalid_grant");
        told.insert(answer.text());
    }
    assert_eq!(told.len(), 1, "{told:?}");
    // Times at the edge of the leeway, and several audiences with our azp.
    for good in [with("exp", json!(now - 29)), with("iat", json!(now + 30)), {
        let mut said = with("aud", json!(["phone", "another"]));
        said["azp"] = json!("phone");
        said
    }] {
        phone.exchange(&own(&good)).await.ok();
    }
    // Without a kid: only where one key fits.
    phone.exchange(&sign(key, None, &claims(provider, "42", START))).await.ok();
    provider.key(KeyAlgorithm::EdDSA);
    phone.clock.set(START.plus_seconds(3600));
    refused(&phone.exchange(&sign(key, None, &claims(provider, "42", phone.clock.now()))).await, "invalid_grant");
    // Another tenant's client is not let in by this tenant's issuer; nor is an app without a secret by anything else.
    let id = phone.client.to_string();
    let form = [("grant_type", "client_credentials"), ("client_id", id.as_str())];
    assert_eq!(stage.post("/oauth/token").form(&form).send().await.status, 401);
    for secret in ["", "x"] {
        let form = [form.as_slice(), &[("client_secret", secret)]].concat();
        assert_eq!(stage.post("/oauth/token").form(&form).send().await.status, 401);
    }
});

both!(
    /// Keys are read when they are needed, and an unknown key is looked for once a minute at most, however often it is asked for.
    keys_are_kept_and_read_again, |place: Place| {
    let phone = Phone::new(&place).await;
    let provider = &phone.provider;
    let key = provider.key(KeyAlgorithm::EdDSA);
    let good = |key: &SigningKey| sign(key, Some(&key.kid), &claims(provider, "42", phone.clock.now()));
    for _ in 0..3 {
        phone.exchange(&good(&key)).await.ok();
    }
    assert_eq!(provider.asked(), 2, "discovery and keys, once");
    let stranger = keys::open_key(&keys::generate(KeyAlgorithm::EdDSA, None, &phone.clock, None).unwrap(), None).unwrap();
    for _ in 0..5 {
        refused(&phone.exchange(&good(&stranger)).await, "invalid_grant");
    }
    assert_eq!(provider.asked(), 0, "they were read a moment ago");
    phone.clock.set(START.plus_seconds(60));
    for _ in 0..5 {
        refused(&phone.exchange(&good(&stranger)).await, "invalid_grant");
    }
    assert_eq!(provider.asked(), 2, "once a minute");
    let next = provider.key(KeyAlgorithm::EdDSA);
    phone.clock.set(START.plus_seconds(120));
    phone.exchange(&good(&next)).await.ok();
    assert_eq!(provider.asked(), 2);
    // It is away: its keys are good for a day, then nobody is let in.
    *provider.away.lock().unwrap() = true;
    phone.clock.set(START.plus_seconds(120 + DAY - 1));
    phone.exchange(&good(&next)).await.ok();
    phone.clock.set(START.plus_seconds(120 + DAY));
    let answer = phone.exchange(&good(&next)).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (503, Some("temporarily_unavailable")), "{}", answer.text());
    *provider.away.lock().unwrap() = false;
    phone.clock.set(START.plus_seconds(180 + DAY));
    phone.exchange(&good(&next)).await.ok();
});

both!(what_leads_inside_is_not_asked, |place: Place| {
    // The same provider, which the operator did not allow.
    let provider = Provider::start();
    let stage = place.serve_with(|_| {}, Clock::fixed(START));
    let client = public_client(&stage, "lessons:read").to_string();
    let url = format!("/v1/issuers/{}", stage.clean_id());
    stage.call("PUT", &url).token(&stage.full_token()).json(&registration(&provider)).send().await.is(201);
    let key = provider.key(KeyAlgorithm::EdDSA);
    let token = sign(&key, Some(&key.kid), &claims(&provider, "42", START));
    let form = [
        ("grant_type", EXCHANGE),
        ("subject_token_type", ID_TOKEN),
        ("subject_token", token.as_str()),
        ("client_id", client.as_str()),
    ];
    let answer = stage.post("/oauth/token").form(&form).send().await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
    assert_eq!(provider.asked(), 0);
});

both!(a_refresh_token_is_good_once, |place: Place| {
    let phone = Phone::new(&place).await;
    let (access, first) = phone.sign_in().await;
    assert!(phone.works(&access).await && first.starts_with("wm_rt_"));
    phone.clock.set(START.plus_seconds(40 * DAY));
    assert!(!phone.works(&access).await, "expired long ago");
    let (access, second) = phone.refreshed(&first).await;
    assert!(phone.works(&access).await, "a phone that was offline for weeks goes on");
    phone.clock.set(START.plus_seconds(41 * DAY));
    let (access, third) = phone.refreshed(&second).await;
    assert!(phone.works(&access).await);
    phone.clock.set(START.plus_seconds(41 * DAY + 30));
    // Used again, after the time in which an answer may have been lost: all of it ends, the access token too.
    refused(&phone.refresh(&second, None).await, "invalid_grant");
    assert!(!phone.works(&access).await);
    refused(&phone.refresh(&third, None).await, "invalid_grant");
    // Somebody else's, made up, or another client's.
    let (_, other) = phone.sign_in().await;
    for wrong in ["wm_rt_x", "x", &other[..other.len() - 1], &format!("{other}A")] {
        refused(&phone.refresh(wrong, None).await, "invalid_grant");
    }
    let stranger = public_client(&phone.stage, "lessons:read").to_string();
    let form = [("grant_type", "refresh_token"), ("refresh_token", other.as_str()), ("client_id", stranger.as_str())];
    refused(&phone.stage.post("/oauth/token").form(&form).send().await, "invalid_grant");
    phone.refreshed(&other).await;
});

both!(a_lost_answer_is_given_again, |place: Place| {
    let phone = Phone::new(&place).await;
    let (_, first) = phone.sign_in().await;
    let (access, second) = tokens(&phone.refresh(&first, Some("try-1")).await.ok());
    phone.clock.set(START.plus_seconds(1800));
    for _ in 0..3 {
        assert_eq!(tokens(&phone.refresh(&first, Some("try-1")).await.ok()), (access.clone(), second.clone()), "the very same");
    }
    assert!(phone.works(&access).await);
    // Once the next one was used it is too late, with the same key too.
    let (_, third) = phone.refreshed(&second).await;
    refused(&phone.refresh(&first, Some("try-1")).await, "invalid_grant");
    refused(&phone.refresh(&third, None).await, "invalid_grant");
    // Without a key: for half a minute.
    let (_, first) = phone.sign_in().await;
    let (_, second) = phone.refreshed(&first).await;
    phone.clock.set(phone.clock.now().plus_seconds(29));
    assert_eq!(phone.refreshed(&first).await.1, second);
    phone.clock.set(phone.clock.now().plus_seconds(1));
    refused(&phone.refresh(&first, Some("another")).await, "invalid_grant");
    refused(&phone.refresh(&second, None).await, "invalid_grant");
});

both!(
    /// Two requests with one token at one moment: both get the same, and the sign-in goes on.
    one_refresh_token_at_one_moment, |place: Place| {
    let phone = Phone::new(&place).await;
    for round in 0..10 {
        let (_, mut token) = phone.sign_in().await;
        for _ in 0..3 {
            let key = format!("round-{round}");
            let once = || phone.refresh(&token, Some(&key));
            let (a, b, c, d) = tokio::join!(once(), once(), once(), once());
            let given: Vec<(String, String)> = [a, b, c, d].into_iter().map(|answer| tokens(&answer.ok())).collect();
            assert!(given.iter().all(|one| *one == given[0]), "{given:?}");
            token = given[0].1.clone();
        }
    }
});

both!(a_sign_in_ends, |place: Place| {
    let phone = Phone::new(&place).await;
    // Unused for 90 days.
    let (_, token) = phone.sign_in().await;
    phone.clock.set(START.plus_seconds(90 * DAY - 1));
    let (_, token) = phone.refreshed(&token).await;
    phone.clock.set(START.plus_seconds(180 * DAY - 1));
    refused(&phone.refresh(&token, None).await, "invalid_grant");
    // After a year, however often it was used.
    phone.clock.set(START);
    let (_, mut token) = phone.sign_in().await;
    for month in 1..=12 {
        phone.clock.set(START.plus_seconds(month * 30 * DAY));
        token = phone.refreshed(&token).await.1;
    }
    phone.clock.set(START.plus_seconds(365 * DAY - 1));
    token = phone.refreshed(&token).await.1;
    phone.clock.set(START.plus_seconds(365 * DAY));
    refused(&phone.refresh(&token, None).await, "invalid_grant");
    // Signed out.
    phone.clock.set(START);
    let (access, token) = phone.sign_in().await;
    let id = phone.client.to_string();
    let form = [("token", token.as_str()), ("client_id", id.as_str())];
    for _ in 0..2 {
        phone.stage.post("/oauth/revoke").form(&form).send().await.ok();
    }
    assert!(!phone.works(&access).await);
    refused(&phone.refresh(&token, None).await, "invalid_grant");
    // With its client.
    let (_, token) = phone.sign_in().await;
    let (tenant, client) = (phone.stage.tenant, phone.client);
    assert!(place.transaction(move |conn| auth_store::disable_client(conn, tenant, client, START)).unwrap());
    assert_eq!(phone.refresh(&token, None).await.status, 401);
});

both!(issuers_are_registered, |place: Place| {
    let stage = place.serve();
    let token = stage.full_token();
    let (id, other) = (stage.clean_id(), stage.clean_id());
    let body = json!({"issuer": "https://login.example.edu", "audience": "phone", "roles": [{"role": "learner", "scopes": ["lessons:read"]}]});
    let put = |id: Id, body: &Value, if_match: Option<&str>| {
        let call = stage.call("PUT", &format!("/v1/issuers/{id}")).token(&token).json(body);
        if_match
            .map_or_else(|| None, |etag| Some(etag.to_owned()))
            .into_iter()
            .fold(call, |call, etag| call.header("if-match", &etag))
            .send()
    };
    let made = put(id, &body, None).await.is(201);
    assert_eq!((made.header("etag"), &made.json()["subject_claim"]), ("\"1\"", &json!("sub")));
    put(id, &body, None).await.is(200);
    put(other, &body, None).await.problem(409, "id_unavailable");
    let mut changed = body.clone();
    changed["audience"] = json!("another");
    put(id, &changed, None).await.problem(428, "precondition_required");
    put(id, &changed, Some("\"2\"")).await.problem(412, "precondition_failed");
    assert_eq!(put(id, &changed, Some("\"1\"")).await.is(200).header("etag"), "\"2\"");
    put(other, &body, Some("\"1\"")).await.problem(412, "precondition_failed");
    put(other, &body, None).await.is(201);
    put(other, &changed, Some("\"1\"")).await.problem(409, "id_unavailable");
    for (pointer, value) in [
        ("/issuer", json!("ftp://x")),
        ("/issuer", json!("https://x?y")),
        ("/issuer", json!("x")),
        ("/audience", json!("")),
        ("/subject_claim", json!("\u{7}")),
        ("/roles", json!([])),
        ("/roles/0/scopes", json!([{"role": "learner", "scopes": ["clients:admin"]}])),
        ("/roles/0/scopes", json!([{"role": "staff", "scopes": ["tokens:issue"]}])),
        ("/roles/0/scopes", json!([{"role": "staff", "scopes": []}])),
        ("/roles/0/value", json!([{"claim": "roles", "role": "staff", "scopes": ["reviews:write"]}])),
    ] {
        let mut wrong = body.clone();
        wrong[pointer.split('/').nth(1).unwrap()] = value.clone();
        let problem = put(stage.clean_id(), &wrong, None).await.problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{value}");
    }
    assert_eq!(stage.get("/v1/issuers").token(&token).send().await.ok().json()["items"].as_array().unwrap().len(), 2);
    let gone = || stage.call("DELETE", &format!("/v1/issuers/{id}")).token(&token).send();
    gone().await.is(204);
    gone().await.problem(404, "not_found");
    stage.get(&format!("/v1/issuers/{id}")).token(&token).send().await.problem(404, "not_found");
});

both!(an_administrator_ends_the_sign_ins_of_one_person, |place: Place| {
    let phone = Phone::new(&place).await;
    let (stage, clock) = (&phone.stage, &phone.clock);
    let there = place.serve_with(|_| {}, clock.clone());
    let admin = stage.full_token();
    let sign_in = async |subject: &str, role: &str| {
        let mut said = claims(&phone.provider, subject, clock.now());
        said["roles"] = json!([role]);
        tokens(&phone.exchange(&sign(&phone.key, Some(&phone.key.kid), &said)).await.ok())
    };
    let who = |token: &str| stage.state.auth.judge(token, clock.now()).unwrap().principal;
    let out = async |person: Principal| {
        let kind = if person.kind() == "learner" { "learners" } else { "staff" };
        stage.post(&format!("/v1/{kind}/{}/sign-out", person.id())).token(&admin).send().await.is(204)
    };
    // A teacher may not read lessons, so that a good token is one that is known.
    let good = async |token: &str| stage.get("/v1/lessons").token(token).send().await.status != 401;
    let ended = async || {
        let text = stage.get("/v1/audit/export?limit=10000").token(&admin).send().await.ok().text();
        let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        all.filter(|entry| entry["act"] == "sign_in.ended").collect::<Vec<_>>()
    };
    for role in ["student", "teacher"] {
        let before = ended().await.len();
        let mut own = vec![sign_in("ada", role).await, sign_in("ada", role).await, sign_in("ada", role).await];
        own[2] = phone.refreshed(&own[2].1).await;
        let other = sign_in("ben", role).await;
        let person = who(&own[0].0);
        // Several at once, and once more: each is told the same.
        crate::flow::together((0..4).map(|_| out(person))).await;
        out(person).await;
        for (access, refresh) in &own {
            assert!(!good(access).await, "{role}");
            refused(&phone.refresh(refresh, None).await, "invalid_grant");
        }
        assert!(good(&other.0).await, "{role}: another person's goes on");
        phone.refreshed(&other.1).await;
        crate::harness::eventually("the other process knows", || async {
            (there.get("/v1/lessons").token(&own[0].0).send().await.status == 401).then_some(())
        })
        .await;
        let entries = ended().await;
        assert_eq!(entries.len(), before + 3, "one for each, however often it was asked");
        for entry in &entries[before..] {
            assert_eq!(entry["object"], json!({"type": person.kind(), "id": person.id()}));
            assert_eq!(entry["details"]["reason"], "administrator");
        }
        // Whoever signs in again is let in.
        let again = sign_in("ada", role).await;
        assert!(good(&again.0).await && who(&again.0) == person);
    }
    // The sign-in of a learner that was merged speaks for the one that it is now, and ends with that one's.
    let (ada, cyd) = (sign_in("ada", "student").await, sign_in("cyd", "student").await);
    let (into, from) = (who(&ada.0), who(&cyd.0));
    let merge = format!("/v1/learner-merges/{}", stage.clean_id());
    let body = json!({"from": from.id(), "into": into.id()});
    stage.call("PUT", &merge).token(&admin).json(&body).send().await.is(201);
    out(into).await;
    refused(&phone.refresh(&cyd.1, None).await, "invalid_grant");
    // Nobody else does this, and for nobody who is not there.
    let path = format!("/v1/learners/{}/sign-out", into.id());
    let lesser = stage.token("tokens:issue learners:write");
    stage.post(&path).token(&lesser).send().await.problem(403, "insufficient_scope");
    let learner = stage.learner_token(into.id(), "clients:admin");
    stage.post(&path).token(&learner).send().await.problem(403, "forbidden");
    let nobody = format!("/v1/learners/{}/sign-out", stage.clean_id());
    stage.post(&nobody).token(&admin).send().await.problem(404, "not_found");
    // What is a learner's id is no staff member's.
    let ada = sign_in("ada", "student").await;
    stage.post(&format!("/v1/staff/{}/sign-out", into.id())).token(&admin).send().await.is(204);
    phone.refreshed(&ada.1).await;
});
