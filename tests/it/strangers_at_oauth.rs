//! What a stranger may try at `/oauth` with a token that is not theirs: another client of the tenant or of another tenant, with a secret
//! or without one. Nothing ends by it, nothing is got for it, and of another tenant's token it is not even told that it is one.

use std::collections::BTreeSet;

use serde_json::json;
use waymark::auth::{Principal, Scopes, store as auth_store};
use waymark::db::types::Id;
use waymark::first_start;

use crate::attacks::personal_token;
use crate::flow::{pupil, put, read};
use crate::harness::{Answer, Stage};
use crate::issuers::{Phone, tokens};
use crate::learners::second_tenant;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

struct Stranger {
    what: &'static str,
    tenant: Id,
    id: Id,
    /// None: an app on people's devices.
    secret: Option<String>,
}

impl Stranger {
    fn new(stage: &Stage, what: &'static str, tenant: Id, has_secret: bool) -> Stranger {
        let clock = stage.clock.clone();
        let made = stage.place.transaction(move |conn| {
            let (id, secret) = first_start::new_client(conn, &clock, tenant, "a stranger", Scopes::all())?;
            if !has_secret {
                auth_store::replace_secret(conn, tenant, id, &[])?;
            }
            Ok((id, secret))
        });
        let (id, secret) = made.unwrap();
        Stranger { what, tenant, id, secret: has_secret.then_some(secret) }
    }

    async fn post(&self, stage: &Stage, path: &str, form: &[(&str, &str)], key: Option<&str>) -> Answer {
        let id = self.id.to_string();
        let mut whole = vec![("client_id", id.as_str())];
        whole.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        whole.extend(form);
        let mut call = stage.post(path).form(&whole).header("x-request-id", "stranger");
        if let Some(key) = key {
            call = call.header("idempotency-key", key);
        }
        call.send().await
    }
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.text())
}

fn strangers(stage: &Stage) -> Vec<Stranger> {
    let (away, _) = second_tenant(stage);
    vec![
        Stranger::new(stage, "another client", stage.tenant, true),
        Stranger::new(stage, "another app", stage.tenant, false),
        Stranger::new(stage, "another tenant's client", away, true),
        Stranger::new(stage, "another tenant's app", away, false),
    ]
}

both!(what_a_stranger_does_with_a_token_neither_ends_nor_helps, |place: Place| {
    let phone = Phone::new(&place).await;
    let stage = &phone.stage;
    let all = Scopes::all().to_string();
    let ada = pupil(stage, "ada").await;
    let (access, used) = phone.sign_in().await;
    let (newer, refresh) = tokens(&phone.refresh(&used, Some("the-same")).await.ok());
    let personal = personal_token(stage, &stage.full_token(), &stage.clean_id().to_string(), "A dashboard").await;
    let good = [
        ("of a sign-in", access),
        ("of a refresh", newer),
        ("a client's", stage.full_token()),
        ("a staff member's", stage.staff_token(stage.clean_id(), &all)),
        ("a learner's", ada.token.clone()),
    ];
    let sealed = [("personal", personal.clone()), ("refresh", refresh.clone()), ("used refresh", used.clone())];
    let mut seen: Vec<Option<String>> = Vec::new();
    // What was used once is remembered, and is no other thing for that.
    for (what, token) in good.iter().chain(&sealed[..1]) {
        assert!(phone.works(token).await, "{what}");
    }
    for stranger in strangers(stage) {
        // Later than a lost answer may be asked for again.
        phone.clock.set(phone.clock.now().plus_seconds(60));
        let same_tenant = stranger.tenant == stage.tenant;
        let ask = async |path: &str, form: &[(&str, &str)], key| told(&stranger.post(stage, path, form, key).await);
        let (revoke, introspect, token_path) = ("/oauth/revoke", "/oauth/introspect", "/oauth/token");
        let of_nothing = ask(revoke, &[("token", "nonsense")], None).await;
        let looked = ask(introspect, &[("token", "nonsense")], None).await;
        assert_eq!(of_nothing, (200, "{}".to_owned()), "{}", stranger.what);
        assert_eq!(looked.0, if stranger.secret.is_some() { 200 } else { 401 }, "{}: {}", stranger.what, looked.1);
        for (what, token) in good.iter().chain(&sealed) {
            let is_access = good.iter().any(|(_, one)| one == token);
            let check = |did: &str, told: (u16, String), expected: &(u16, String)| {
                (told != *expected).then(|| format!("{} {did} {what}: {told:?} and not {expected:?}", stranger.what))
            };
            for hint in ["access_token", "refresh_token", "nonsense"] {
                let told = ask(revoke, &[("token", token), ("token_type_hint", hint)], None).await;
                // Within the tenant it is said whose the token is not (RFC 7009, section 2.1).
                if is_access && same_tenant && told.0 == 400 && told.1.contains("unauthorized_client") {
                    seen.push(None);
                    continue;
                }
                let of_personal = ask(revoke, &[("token", "wm_pat_nothing")], None).await;
                let is_personal = token.starts_with("wm_pat_");
                seen.push(check("takes back", told, if is_personal { &of_personal } else { &of_nothing }));
            }
            let told = ask(introspect, &[("token", token)], None).await;
            if !(is_access && same_tenant && stranger.secret.is_some()) {
                seen.push(check("looks at", told, &looked));
            } else {
                // A service of the tenant may ask what a token is.
                assert!(told.1.contains("\"active\":true"), "{} looks at {what}: {told:?}", stranger.what);
            }
            // As a refresh token, with the key of the one whose it is too.
            let nothing = ask(token_path, &[("grant_type", "refresh_token"), ("refresh_token", "wm_rt_nothing")], None).await;
            assert_eq!(nothing.0, 400, "{}", nothing.1);
            for key in [None, Some("the-same")] {
                let told = ask(token_path, &[("grant_type", "refresh_token"), ("refresh_token", token)], key).await;
                seen.push(check("refreshes", told, &nothing));
            }
            let exchange = async |token: &str| {
                let form = [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
                ask(token_path, &form, None).await
            };
            let nothing = exchange("nonsense").await;
            assert!([400, 401].contains(&nothing.0), "{}", nothing.1);
            seen.push(check("exchanges", exchange(token).await, &nothing));
        }
        // Nor by the names of another tenant's people.
        if !same_tenant {
            for (kind, hers, nobody) in [
                ("urn:waymark:token-type:learner", ada.id.to_string(), stage.clean_id().to_string()),
                (
                    "urn:waymark:token-type:learner-identity",
                    json!({"id": "ada"}).to_string(),
                    json!({"id": "nobody"}).to_string(),
                ),
            ] {
                let form = |subject| [("grant_type", EXCHANGE), ("subject_token_type", kind), ("subject_token", subject)];
                let (hit, missed) = (ask(token_path, &form(&hers), None).await, ask(token_path, &form(&nobody), None).await);
                // Who is not known there is made there, with an id of its own.
                assert!(hit == missed || (hit.0, missed.0) == (200, 200), "{}: {hit:?} {missed:?}", stranger.what);
                assert!(!hit.1.contains(&ada.id.to_string()) && hit.0 != 200 || kind.ends_with("identity"), "{hit:?}");
            }
        }
        for (what, token) in good.iter().chain(&sealed[..1]) {
            let works = phone.works(token).await;
            seen.push((!works).then(|| format!("{} ended {what}", stranger.what)));
        }
    }
    let (tried, wrong) = (seen.len(), seen.into_iter().flatten().collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{} faults:\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(tried > 200, "only {tried}");
    // The sign-in goes on.
    let (_, next) = tokens(&phone.refresh(&refresh, None).await.ok());
    tokens(&phone.refresh(&next, None).await.ok());
});

both!(
    /// It is a bearer token for `/v1` in its own tenant, and nothing else anywhere.
    a_personal_token_is_no_other_credential, |stage| {
    let all = stage.full_token();
    let (away, client) = second_tenant(&stage);
    let theirs = stage.issue(away, client, Principal::Client(client), &Scopes::all().to_string());
    let foreign = personal_token(&stage, &theirs, &stage.clean_id().to_string(), "Theirs").await;
    let own = personal_token(&stage, &all, &stage.clean_id().to_string(), "Ours").await;
    let ada = pupil(&stage, "ada").await;
    for (token, status) in [(&own, 200), (&foreign, 404)] {
        assert_eq!(read(&stage, token, &format!("/v1/learners/{}", ada.id)).await.status, status);
        let list = read(&stage, token, "/v1/learners").await.ok().text();
        assert_eq!(list.contains(&ada.id.to_string()), status == 200, "{list}");
    }
    // As the secret of the client that made it, or of another.
    let mut refused = BTreeSet::new();
    for (client, secret) in [(client, &foreign), (stage.administrator, &foreign), (stage.administrator, &own)] {
        let id = client.to_string();
        for secret in [secret.as_str(), "wms_nothing"] {
            let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
            let answer = stage.post("/oauth/token").form(&form).send().await;
            refused.insert(told(&answer));
        }
    }
    assert!(refused.len() == 1 && refused.iter().all(|(status, _)| *status == 401), "{refused:?}");
    // As a token that its own client exchanges, takes back or looks at.
    let client = (stage.administrator.to_string(), stage.secret.clone().unwrap());
    let ask = async |path: &str, form: &[(&str, &str)]| {
        let form = [&[("client_id", client.0.as_str()), ("client_secret", &client.1)], form].concat();
        told(&stage.post(path).form(&form).send().await)
    };
    let exchange = |token| [("grant_type", EXCHANGE), ("subject_token_type", ACCESS_TOKEN), ("subject_token", token)];
    let refused = ask("/oauth/token", &exchange("nonsense")).await;
    for token in [&own, &foreign] {
        assert_eq!(ask("/oauth/token", &exchange(token)).await, refused);
        assert_eq!(ask("/oauth/introspect", &[("token", token)]).await, (200, "{\"active\":false}".to_owned()));
        let (status, text) = ask("/oauth/revoke", &[("token", token)]).await;
        assert!(status == 400 && text.contains("unsupported_token_type") && text.contains("DELETE /v1/personal-tokens"), "{text}");
        read(&stage, token, "/v1/lessons").await.ok();
    }
    // As the token of a guest.
    let mut refused = BTreeSet::new();
    for token in [foreign.as_str(), own.as_str(), "wm_pat_nothing", "nonsense"] {
        let claim = format!("/v1/learners/{}/claims/{}", ada.id, uuid::Uuid::new_v4());
        let problem = put(&stage, &ada.token, &claim, &json!({"guest_token": token})).await.problem(422, "invalid_body");
        refused.insert(problem["errors"].to_string());
    }
    assert_eq!(refused.len(), 1, "{refused:?}");
    // With a word in front or behind, in another header, in the query, or in the form (RFC 6750, section 2, of which only 2.1 is taken).
    for header in [format!("Bearer Bearer {own}"), format!("Token {own}"), format!("Basic {own}"), own.clone(), format!("Bearer {own},{foreign}")] {
        let answer = stage.get("/v1/lessons").header("authorization", &header).send().await;
        assert_eq!(answer.status, 401, "{header}: {}", answer.text());
    }
    for name in ["x-api-key", "x-access-token", "cookie"] {
        stage.get("/v1/lessons").header(name, &own).send().await.problem(401, "token_missing");
    }
    stage.get(&format!("/v1/lessons?access_token={own}")).send().await.problem(401, "token_missing");
    stage.post("/v1/learners").form(&[("access_token", own.as_str())]).send().await.problem(401, "token_missing");
});
