//! Forged and broken tokens, sent to the running service. Whoever sends one learns that it is not accepted, and nothing else: status,
//! headers and body are the same whichever check it failed. The tables are in `forgeries.rs`.

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::{Value, json};
use waymark::auth::keys::{self, KeyAlgorithm};
use waymark::auth::{Principal, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::Time;

use crate::document::operations;
use crate::forgeries::{Forger, Forgery, forgery, sealed, stranger, text64};
use crate::harness::{Answer, Place, Stage};

const START: Time = Time(1_795_000_000_000_000);

fn read_part(part: &str) -> Value {
    use base64::Engine;
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn forger(place: &Place, stage: &Stage) -> Forger {
    let stored = place.db(auth_store::active_keys).into_iter().find(|key| key.algorithm == KeyAlgorithm::EdDSA).unwrap();
    let good = stage.token("lessons:read");
    let parts: Vec<&str> = good.split('.').collect();
    Forger {
        key: keys::open_key(&stored, None).unwrap(),
        stranger: stranger(KeyAlgorithm::EdDSA),
        head: read_part(parts[0]),
        claims: read_part(parts[1]),
        now: START.utc().timestamp(),
        good,
        stored,
    }
}

/// All of an answer but the time at which it was made.
fn whole(answer: &Answer) -> (u16, BTreeMap<String, String>, String) {
    let shown = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers = shown.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, headers.collect(), answer.text())
}

/// Sends each as a bearer token; all must be refused in one way, and for the reason that the table says.
async fn refuse_all(stage: &Stage, forgeries: Vec<Forgery>) {
    let mut wrong = Vec::new();
    let ask = |header: String| {
        let call = stage.get("/v1/lessons").header("x-request-id", "forged").header("authorization", &header);
        async move { call.send().await }
    };
    let first = ask("Bearer nonsense".to_owned()).await;
    first.problem(401, "token_invalid");
    assert_eq!(first.header("www-authenticate"), "Bearer realm=\"waymark\", error=\"invalid_token\"", "RFC 6750, section 3");
    let missing = ask("Bearer".to_owned()).await;
    for Forgery { what, token, reason } in forgeries {
        let answer = ask(format!("Bearer {token}")).await;
        // What is no header of letters is no token at all.
        let expected = if token.is_ascii() { &first } else { &missing };
        if whole(&answer) != whole(expected) {
            wrong.push(format!("{what}: {} {:?} {}", answer.status, answer.headers, answer.text()));
        }
        let said = match stage.state.auth.judge(&token, START) {
            Ok(_) => "accepted".to_owned(),
            Err(refusal) => format!("{refusal:?}"),
        };
        if token.is_ascii() && !reason.split('|').any(|reason| said.starts_with(reason)) {
            wrong.push(format!("{what}: refused for {said}, not for {reason}"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
}

both!(no_forged_token_passes, |place: Place| {
    let clock = Clock::fixed(START);
    let stage = place.serve_with(|_| {}, clock.clone());
    let forger = forger(&place, &stage);
    // What the forger makes is good as long as nothing is forged, however it is written.
    let (head, claims) = (forger.head.to_string(), forger.claims.to_string());
    let turned: serde_json::Map<String, Value> = forger.claims.as_object().unwrap().clone().into_iter().rev().collect();
    for good in [
        forger.good.clone(),
        forger.saying(&forger.claims),
        forger.saying(&Value::Object(turned)),
        forger.signed(format!(" {head}\n"), format!("\t{claims} ")),
        forger.headed(&forger.head_with("typ", json!("application/at+jwt"))),
        forger.headed(&forger.head_with("typ", json!("AT+JWT"))),
        forger.claim("unheard_of", json!({"a": [1, {"b": null}]})),
        // The longest life, and a clock that is off by no more than 30 seconds.
        forger.claim("exp", json!(forger.now + 86_400)),
        forger.claim("exp", json!(forger.now - 29)),
        forger.claim("nbf", json!(forger.now + 30)),
        forger.claim("iat", json!(forger.now + 30)),
    ] {
        stage.get("/v1/lessons").token(&good).send().await.ok();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let tables = [forger.algorithms(), forger.signatures(), forger.headers(&address), forger.claims(), forger.shapes()];
    let count: usize = tables.iter().map(Vec::len).sum();
    assert!(count >= 64, "only {count}");
    for table in tables {
        refuse_all(&stage, table).await;
    }
    // Nobody followed jku or x5u: a connection would be waiting here.
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "a token made the service connect to an address that it names");
    // The good one is still good, and no forged one was remembered in its place.
    stage.get("/v1/lessons").token(&forger.good).send().await.ok();
});

both!(
    /// With keys of every algorithm published, each is used with its own algorithm alone, and under its own name alone.
    a_key_signs_in_one_way, |place: Place| {
    let clock = Clock::fixed(START);
    place.serve_with(|_| {}, clock.clone()).stop();
    let soon = Some(START.plus_seconds(86_400));
    for algorithm in [KeyAlgorithm::ES256, KeyAlgorithm::RS256] {
        let key = keys::generate(algorithm, None, &clock, soon).unwrap();
        place.transaction(move |conn| auth_store::insert_key(conn, &key)).unwrap();
    }
    let stage = place.serve_with(|_| {}, clock.clone());
    let forger = forger(&place, &stage);
    let all: Vec<_> = place.db(auth_store::active_keys).iter().map(|key| keys::open_key(key, None).unwrap()).collect();
    assert_eq!(all.len(), 3);
    let payload = text64(forger.claims.to_string());
    let mut forgeries = Vec::new();
    for signer in &all {
        for named in &all {
            for said in &all {
                let head = json!({"typ": "at+jwt", "alg": said.jwk["alg"], "kid": named.kid});
                let token = sealed(&text64(head.to_string()), &payload, &signer.encoding, signer.algorithm);
                let what = format!("alg {}, kid of {}, signed by {}", said.jwk["alg"], named.jwk["alg"], signer.jwk["alg"]);
                if signer.kid == named.kid && named.kid == said.kid {
                    stage.get("/v1/lessons").token(&token).send().await.ok();
                } else {
                    forgeries.push(forgery(what, token, "Signature"));
                }
            }
        }
        // An RSA key can sign in more than one way; an attacker who knows the public half tries it as a secret.
        for (name, algorithm) in [("HS256", jsonwebtoken::Algorithm::HS256), ("HS512", jsonwebtoken::Algorithm::HS512)] {
            let head = text64(json!({"typ": "at+jwt", "alg": name, "kid": signer.kid}).to_string());
            for secret in [signer.jwk.to_string(), signer.jwk["x"].to_string(), signer.jwk["n"].to_string()] {
                let secret = jsonwebtoken::EncodingKey::from_secret(secret.trim_matches('"').as_bytes()).unwrap();
                let token = sealed(&head, &payload, &secret, algorithm);
                forgeries.push(forgery(format!("{name} with the public {} key", signer.jwk["alg"]), token, "Signature"));
            }
        }
        if signer.algorithm == jsonwebtoken::Algorithm::RS256 {
            for (name, algorithm) in [("PS256", jsonwebtoken::Algorithm::PS256), ("RS512", jsonwebtoken::Algorithm::RS512)] {
                let head = text64(json!({"typ": "at+jwt", "alg": name, "kid": signer.kid}).to_string());
                let token = sealed(&head, &payload, &signer.encoding, algorithm);
                forgeries.push(forgery(format!("{name} by the RS256 key"), token, "Signature"));
            }
        }
    }
    refuse_all(&stage, forgeries).await;
});

both!(
    /// Tokens of one deployment in another one, which may have the same database's key ids, tenants and clients.
    another_deployment_s_token_is_none_of_ours, |place: Place| {
    let clock = Clock::fixed(START);
    let elsewhere = |url: &str| {
        let url = url.to_owned();
        place.serve_with(move |config| config.public_url = url, clock.clone())
    };
    let here = place.serve_with(|_| {}, clock.clone());
    let there = elsewhere("https://other.example/waymark");
    let token = there.token("lessons:read");
    there.get("/v1/lessons").token(&token).send().await.ok();
    refuse_all(&here, vec![forgery("the same key, another public URL", token, "Claim(\"iss\"|Claim(\"aud\"")]).await;
    refuse_all(&there, vec![forgery("and back", here.token("lessons:read"), "Claim(\"iss\"|Claim(\"aud\"")]).await;
});

both!(
    /// One token, in one header, after one scheme. Anywhere else it is as if there were none.
    a_token_comes_in_one_way, |stage| {
    let good = stage.token("lessons:read");
    let bare = stage.get("/v1/lessons").header("x-request-id", "forged").send().await;
    bare.problem(401, "token_missing");
    assert_eq!(bare.header("www-authenticate"), "Bearer realm=\"waymark\"", "RFC 6750, section 3: no error code");
    let get = |headers: &str| {
        let head = format!("GET /v1/lessons HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: forged\r\n{headers}\r\n");
        stage.raw(head.as_bytes())
    };
    for header in ["Bearer", "bearer", "BEARER", "BeArEr", "Bearer  "] {
        assert_eq!(get(&format!("authorization: {header} {good}\r\n")).status, 200, "{header}: RFC 9110, section 11.1");
    }
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{good}:"));
    let mut wrong = Vec::new();
    for headers in [
        "authorization:\r\n".to_owned(),
        "authorization: Bearer\r\n".to_owned(),
        "authorization: Bearer \r\n".to_owned(),
        "authorization: Bearer    \r\n".to_owned(),
        format!("authorization: {good}\r\n"),
        format!("authorization: Bearer\t{good}\r\n"),
        format!("authorization: Bearer{good}\r\n"),
        format!("authorization: Bearer:{good}\r\n"),
        format!("authorization: Bearer={good}\r\n"),
        format!("authorization: Basic {good}\r\n"),
        format!("authorization: Basic {basic}\r\n"),
        format!("authorization: Token {good}\r\n"),
        format!("authorization: JWT {good}\r\n"),
        format!("authorization: DPoP {good}\r\n"),
        format!("authorization: MAC Bearer {good}\r\n"),
        format!("authorization: Bearer {good}\r\nauthorization: Bearer {good}\r\n"),
        format!("authorization: Bearer {good}\r\nauthorization: Bearer nonsense\r\n"),
        format!("authorization: Bearer nonsense\r\nAuthorization: Bearer {good}\r\n"),
        format!("authorization: Basic {basic}\r\nauthorization: Bearer {good}\r\n"),
        format!("authorization: Bearer {good}\r\nauthorization:\r\n"),
        format!("proxy-authorization: Bearer {good}\r\n"),
        format!("x-authorization: Bearer {good}\r\n"),
        format!("x-access-token: {good}\r\n"),
        format!("cookie: access_token={good}; Authorization=Bearer {good}; token={good}\r\n"),
    ] {
        let answer = get(&headers);
        if (answer.status, answer.text()) != (bare.status, bare.text()) || answer.header("www-authenticate") != bare.header("www-authenticate") {
            wrong.push(format!("{headers:?}: {} {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
    // What is behind the scheme is the token, spaces inside of it included.
    get(&format!("authorization: Bearer \t{good}\r\n")).problem(401, "token_invalid");
    get(&format!("authorization: Bearer Bearer {good}\r\n")).problem(401, "token_invalid");
    get(&format!("authorization: Bearer {good}, Bearer {good}\r\n")).problem(401, "token_invalid");
    // RFC 6750, sections 2.2 and 2.3: neither in the query nor in a form.
    for name in ["access_token", "token", "authorization", "bearer", "jwt"] {
        stage.get(&format!("/v1/lessons?{name}={good}")).send().await.problem(401, "token_missing");
    }
    stage.post("/v1/learners").form(&[("access_token", &good)]).send().await.problem(401, "token_missing");
    stage.post("/v1/learners").json(&json!({"access_token": good})).send().await.problem(401, "token_missing");
});

both!(
    /// Every operation asks the same judge.
    no_operation_takes_a_forged_token, |place: Place| {
    let clock = Clock::fixed(START);
    let stage = place.serve_with(|_| {}, clock.clone());
    let mut forger = forger(&place, &stage);
    let all = waymark::auth::Scopes::all().to_string();
    forger.claims["scope"] = json!(all);
    stage.get("/v1/lessons").token(&forger.saying(&forger.claims)).send().await.ok();
    let none = text64(forger.head_with("alg", json!("none")).to_string());
    let forged = [
        ("alg none", format!("{none}.{}.", text64(forger.claims.to_string()))),
        ("expired", forger.claim("exp", json!(forger.now - 3600))),
        ("a stranger's", sealed(&text64(forger.head.to_string()), &text64(forger.claims.to_string()), &forger.stranger.encoding, forger.stranger.algorithm)),
        ("without a tenant", forger.without("tenant")),
    ];
    let mut tried = 0;
    for operation in operations(&stage).await.into_iter().filter(|operation| operation.secured()) {
        let mut seen = Vec::new();
        for (what, token) in &forged {
            let answer = operation.example_call(&stage).token(token).header("x-request-id", "forged").send().await;
            assert_eq!(answer.problem(401, "token_invalid")["request_id"], "forged", "{operation}: {what}");
            seen.push(whole(&answer));
        }
        assert!(seen.windows(2).all(|two| two[0] == two[1]), "{operation}: {seen:?}");
        tried += 1;
    }
    assert!(tried > 50, "only {tried}");
    // A token of a learner that is a client's by its id, and the reverse, from the service's own hand.
    let strange = stage.issue(stage.tenant, stage.administrator, Principal::Learner(stage.administrator), &all);
    stage.get("/v1/lessons").token(&strange).send().await.problem(401, "token_invalid");
});
