//! The signals as a reference with search, and a tenant's own: its life, its rules, and that it speaks for its tenant alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::db::types::Json;
use waymark::diagnosis::Engine;
use waymark::diagnosis::signals::store;
use waymark::diagnosis::signals::wire::SignalPut;

use crate::flow::{post, put, read, together, told};
use crate::harness::{Answer, Kind, Stage, eventually, place_of, play};
use crate::learners::second_tenant;

const OWN: &str = "/v1/signals/acme-topic-rule";
/// As many signals a tenant has unless somebody changed that.
const MOST: usize = 200;
const SCOPES: &str = "lessons:read lessons:write diagnoses:run";

/// What Acme's gateway answers, which nobody else knows.
fn gateway() -> Value {
    json!({"http": {"status": 403, "body": "{\"error\":{\"code\":\"ACME-4711\",\"message\":\"Topic not enabled.\"}}"}})
}

pub fn signal() -> Value {
    json!({"provider": "acme gateway", "layer": "system_prompt", "stage": "block", "weight": 0.9,
        "when": {"all": [{"pointer": "/error/code", "value": "ACME-4711"}]},
        "meaning": "The gateway's topic rule stopped the request.",
        "sources": [{"title": "Runbook", "url": "https://wiki.acme.example/gateway", "reviewed_on": "2026-11-20"}],
        "reviewed_on": "2026-11-20",
        "examples": {"positive": [gateway()], "negative": [{"http": {"status": 429, "body": "{\"error\":{\"code\":\"ACME-4290\"}}"}}]}})
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

async fn replace(stage: &Stage, token: &str, path: &str, etag: &str, body: &Value) -> Answer {
    stage.call("PUT", path).token(token).header("if-match", etag).json(body).send().await
}

async fn delete(stage: &Stage, token: &str, path: &str) -> Answer {
    stage.call("DELETE", path).token(token).send().await
}

async fn verdict(stage: &Stage, token: &str) -> String {
    post(stage, token, "/v1/diagnoses", &gateway()).await.ok().json()["verdict"].as_str().unwrap().to_owned()
}

/// All pages of a list.
async fn all(stage: &Stage, token: &str, query: &str) -> Vec<Value> {
    let (mut found, mut more) = (Vec::new(), String::new());
    loop {
        let page = read(stage, token, &format!("/v1/signals?limit=60&{query}{more}")).await.ok().json();
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        more = format!("&cursor={cursor}");
    }
}

async fn ids(stage: &Stage, token: &str, query: &str) -> BTreeSet<String> {
    all(stage, token, query).await.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

both!(the_reference_has_every_signal, |stage| {
    let token = stage.token("lessons:read");
    let listed = all(&stage, &token, "").await;
    let mut expected: Vec<String> =
        Engine::built_in().unwrap().catalogue.signals.iter().map(|known| known.signal.id.clone()).collect();
    expected.sort();
    assert_eq!(listed.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), expected);
    assert!(listed.iter().all(|one| one["examples"].is_null() && one["own"] == false && one["revision"].is_null()));
    let path = format!("/v1/signals/{}", expected[7]);
    let one = read(&stage, &token, &path).await.ok();
    assert!(!one.json()["examples"]["positive"].as_array().unwrap().is_empty());
    assert_eq!(with(one.json(), "/examples", Value::Null), listed[7]);
    let etag = one.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 60, "{etag}");
    let fresh = stage.get(&path).token(&token).header("if-none-match", &etag).send().await.is(304);
    assert_eq!(fresh.header("etag"), etag);
    for strange in ["no-such-signal", "Azure", "%2e%2e", "a%20b"] {
        read(&stage, &token, &format!("/v1/signals/{strange}")).await.problem(404, "not_found");
    }
});

both!(the_reference_can_be_searched, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &with(signal(), "/meaning", json!("The Quokkaberry rule stopped the request."))).await.is(201);
    let everything = all(&stage, &token, "").await;
    for (query, name, value) in
        [("provider=azure", "provider", "azure"), ("layer=user_tier", "layer", "user_tier"), ("stage=model", "stage", "model")]
    {
        let found = ids(&stage, &token, query).await;
        let expected: BTreeSet<String> =
            everything.iter().filter(|one| one[name] == value).map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        assert!(!found.is_empty() && found == expected, "{query}");
    }
    let own = BTreeSet::from(["acme-topic-rule".to_owned()]);
    // The id, the meaning, the provider, and what is matched; case does not count, and all words must occur.
    for q in ["ACME-topic", "QUOKKA+rule+stopped", "acme+gateway", "acme-4711", "%2Ferror%2Fcode+acme"] {
        assert_eq!(ids(&stage, &token, &format!("q={q}")).await, own, "{q}");
    }
    assert_eq!(ids(&stage, &token, "q=acme+nonsense").await, BTreeSet::new());
    assert_eq!(ids(&stage, &token, "q=").await.len(), everything.len());
    assert!(ids(&stage, &token, "q=content_filter&provider=azure&layer=pre_classifier").await.len() > 1);
    for (query, parameter) in [("layer=nonsense", "layer"), ("stage=nonsense", "stage"), ("limit=201", "limit")] {
        let refused = read(&stage, &token, &format!("/v1/signals?{query}")).await.problem(400, "invalid_parameter");
        assert_eq!(place_of(&refused), parameter);
    }
    for (parameter, most) in [("q", 200), ("provider", 100)] {
        let path = |length| format!("/v1/signals?{parameter}={}", "x".repeat(length));
        read(&stage, &token, &path(most)).await.ok();
        assert_eq!(place_of(&read(&stage, &token, &path(most + 1)).await.problem(400, "invalid_parameter")), parameter);
    }
    // A cursor belongs to its query and its tenant.
    let cursor = read(&stage, &token, "/v1/signals?limit=2&provider=azure").await.ok().json()["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    read(&stage, &token, &format!("/v1/signals?provider=openai&cursor={cursor}")).await.problem(400, "invalid_cursor");
    let (tenant, client) = second_tenant(&stage);
    let there = stage.issue(tenant, client, Principal::Client(client), SCOPES);
    read(&stage, &there, &format!("/v1/signals?provider=azure&cursor={cursor}")).await.problem(400, "invalid_cursor");
});

both!(the_whole_life_of_a_signal, |stage| {
    let token = stage.token(SCOPES);
    read(&stage, &token, OWN).await.problem(404, "not_found");
    replace(&stage, &token, OWN, "\"1\"", &signal()).await.problem(412, "precondition_failed");
    let made = put(&stage, &token, OWN, &signal()).await.is(201);
    assert_eq!((made.header("etag"), made.header("location")), ("\"1\"", OWN));
    let shown = made.json();
    assert_eq!((&shown["own"], &shown["revision"], &shown["id"]), (&json!(true), &json!(1), &json!("acme-topic-rule")));
    for name in ["provider", "layer", "stage", "weight", "when", "meaning", "sources", "reviewed_on"] {
        assert_eq!(shown[name], signal()[name], "{name}");
    }
    assert_eq!(read(&stage, &token, OWN).await.ok().json(), shown);
    stage.get(OWN).token(&token).header("if-none-match", "\"1\"").send().await.is(304);
    assert_eq!(put(&stage, &token, OWN, &signal()).await.ok().json(), shown, "repeated: the same");

    let changed = with(signal(), "/meaning", json!("The gateway's rule on topics stopped the request."));
    put(&stage, &token, OWN, &changed).await.problem(428, "precondition_required");
    replace(&stage, &token, OWN, "\"2\"", &changed).await.problem(412, "precondition_failed");
    let saved = replace(&stage, &token, OWN, "\"1\"", &changed).await.ok();
    assert_eq!((saved.header("etag"), &saved.json()["meaning"]), ("\"2\"", &changed["meaning"]));
    assert_eq!(replace(&stage, &token, OWN, "\"1\"", &changed).await.ok().json(), saved.json(), "a repeat needs no luck");

    let stale = stage.call("DELETE", OWN).token(&token).header("if-match", "\"1\"").send().await;
    stale.problem(412, "precondition_failed");
    delete(&stage, &token, OWN).await.is(204);
    delete(&stage, &token, OWN).await.problem(404, "not_found");
    read(&stage, &token, OWN).await.problem(404, "not_found");
    put(&stage, &token, OWN, &signal()).await.is(201);
    let last = stage.call("DELETE", OWN).token(&token).header("if-match", "\"1\"").send().await;
    last.is(204);

    let saved = told(&stage, "signal.saved").await;
    assert_eq!(saved.iter().map(|record| record["body"]["revision"].clone()).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(saved[0]["object"], json!({"type": "signal", "id": "acme-topic-rule", "iri": null}));
    assert!(saved[0]["body"]["digest"].as_str().unwrap().starts_with("sha256-"));
    assert_eq!(
        (&saved[0]["body"]["digest"], saved[0]["body"]["digest"] == saved[1]["body"]["digest"]),
        (&saved[2]["body"]["digest"], false)
    );
    assert_eq!(told(&stage, "signal.deleted").await.len(), 2);
    for record in saved {
        assert!(!record.to_string().contains("gateway"), "a record holds the digest of the content: {record}");
    }
});

both!(a_tenant_s_own_signal_speaks_for_that_tenant_alone, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let here = stage.token(SCOPES);
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    assert_eq!([verdict(&stage, &here).await, verdict(&stage, &there).await], ["undetermined"; 2]);
    put(&stage, &here, OWN, &signal()).await.is(201);
    assert_eq!([verdict(&stage, &here).await, verdict(&stage, &there).await], ["system_prompt", "undetermined"]);
    let reason = post(&stage, &here, "/v1/diagnoses", &gateway()).await.ok().json()["reasons"][0].clone();
    assert_eq!((&reason["rule"], &reason["pointer"]), (&json!("acme-topic-rule"), &json!("/error/code")));
    assert_eq!(reason["sources"][0]["title"], "Runbook");
    // Nobody else sees it, and the same id is free for others.
    read(&stage, &there, OWN).await.problem(404, "not_found");
    delete(&stage, &there, OWN).await.problem(404, "not_found");
    assert!(!ids(&stage, &there, "").await.contains("acme-topic-rule"));
    put(&stage, &there, OWN, &with(signal(), "/layer", json!("user_tier"))).await.is(201);
    assert_eq!([verdict(&stage, &here).await, verdict(&stage, &there).await], ["system_prompt", "user_tier"]);
    // What was kept stays; what is asked anew no longer knows it.
    let kept = post(&stage, &here, "/v1/diagnoses?keep=true", &gateway()).await.is(201);
    delete(&stage, &here, OWN).await.is(204);
    assert_eq!([verdict(&stage, &here).await, verdict(&stage, &there).await], ["undetermined", "user_tier"]);
    let kept = read(&stage, &here, kept.header("location")).await.ok().json();
    assert_eq!(kept["verdict"]["verdict"], "system_prompt");
});

both!(built_in_providers_are_known_to_own_signals_by_all_their_names, |stage| {
    let token = stage.token(SCOPES);
    let case =
        |provider: &str| json!({"provider": provider, "http": {"status": 418, "body": "{\"error\":{\"code\":\"teapot\"}}"}});
    let body = with(signal(), "/when", json!({"all": [{"provider": "azure"}, {"code": "teapot"}]}));
    let body = with(body, "/examples", json!({"positive": [case("AOAI"), case("Azure OpenAI")], "negative": [case("OpenAI")]}));
    put(&stage, &token, OWN, &body).await.is(201);
    let rule = post(&stage, &token, "/v1/diagnoses", &case("aoai")).await.ok().json()["reasons"][0]["rule"].clone();
    assert_eq!(rule, "acme-topic-rule");
});

both!(a_bad_signal_is_told_what_is_wrong, |stage| {
    let token = stage.token(SCOPES);
    let general = with(signal(), "/when", json!({"any": [{"phrase": "topic not enabled"}]}));
    put(&stage, &token, "/v1/signals/acme-general", &general).await.is(201);
    let matcher =
        |value: Value| with(signal(), "/when", json!({"all": [{"pointer": "/error/code", "value": "ACME-4711"}, value]}));
    let cases = [
        (with(signal(), "/provider", json!("Acme")), "/provider"),
        (with(signal(), "/provider", json!("")), "/provider"),
        (with(signal(), "/weight", json!(0.2)), "/weight"),
        (with(signal(), "/weight", json!(1)), "/weight"),
        (with(signal(), "/layer", json!("undetermined")), "/between"),
        (with(signal(), "/between", json!(["user_tier", "system_prompt"])), "/between"),
        (with(with(signal(), "/layer", json!("undetermined")), "/between", json!(["user_tier", "system_prompt"])), "/collect"),
        (with(signal(), "/stage", json!("timing")), "/stage"),
        (with(signal(), "/stage", json!("failure")), "/stage"),
        (with(signal(), "/when", json!({"none": [{"status": [429]}]})), "/when"),
        (with(signal(), "/meaning", json!(" ")), "/meaning"),
        (with(signal(), "/meaning", json!("x".repeat(2001))), "/meaning"),
        (with(signal(), "/sources", json!([])), "/sources"),
        (with(signal(), "/sources/0/url", json!("javascript:alert(1)")), "/sources/0/url"),
        (with(signal(), "/sources/0/url", json!("https://a b")), "/sources/0/url"),
        (with(signal(), "/sources/0/title", json!("")), "/sources/0/title"),
        (with(signal(), "/reviewed_on", json!("+12026-01-01")), "/reviewed_on"),
        (with(signal(), "/examples/positive", json!([])), "/examples/positive"),
        (with(signal(), "/examples/negative", json!([])), "/examples/negative"),
        (with(signal(), "/examples/positive/0/http/status", json!(7)), "/examples/positive/0/http/status"),
        (with(signal(), "/examples/positive", json!([gateway(), {"visible_text": "Other."}])), "/examples/positive/1"),
        (with(signal(), "/examples/negative", json!([{"visible_text": "Other."}, gateway()])), "/examples/negative/1"),
        (with(signal(), "/instead_of", json!(["acme-topic-rule"])), "/instead_of"),
        (with(signal(), "/instead_of", json!(["acme-general", "azure-prompt-filtered"])), "/instead_of/1"),
        (with(general.clone(), "/layer", json!("user_tier")), "/when"),
        (matcher(json!({})), "/when/all/1"),
        (matcher(json!({"code": "a", "phrase": "b"})), "/when/all/1"),
        (matcher(json!({"code": "ACME-4711", "pattern": "x"})), "/when/all/1"),
        (matcher(json!({"pointer": "error"})), "/when/all/1"),
        (matcher(json!({"pointer": "/error", "pattern": "("})), "/when/all/1/pattern"),
        (matcher(json!({"pointer": "/error", "pattern": "\\w{900}"})), "/when/all/1/pattern"),
        (matcher(json!({"pointer": "/error", "value": {"a": 1}})), "/when/all/1/value"),
        (matcher(json!({"status": [99]})), "/when/all/1/status"),
        (matcher(json!({"status": []})), "/when/all/1/status"),
        (matcher(json!({"phrase": "x".repeat(201)})), "/when/all/1/phrase"),
        (with(signal(), "/when/any", json!(vec![json!({"header": "x", "pattern": "y"}); 6])), "/when"),
        (with(signal(), "/when/any", json!(vec![json!({"status": [403]}); 201])), "/when/any"),
        (with(signal(), "/examples/positive", json!(vec![json!({"visible_text": "x".repeat(4000)}); 10])), ""),
        (with(signal(), "/surely_unknown", json!(1)), "/surely_unknown"),
        (with(signal(), "/when/all/0/surely_unknown", json!(1)), "/when/all/0/surely_unknown"),
    ];
    for (body, pointer) in cases {
        let refused = put(&stage, &token, OWN, &body).await.problem(422, "invalid_body");
        assert_eq!(place_of(&refused), pointer, "{body}: {refused}");
    }
    read(&stage, &token, OWN).await.problem(404, "not_found");
    for strange in ["Acme", "a_b", "a%20b", &"x".repeat(101)] {
        let refused = put(&stage, &token, &format!("/v1/signals/{strange}"), &signal()).await.problem(400, "invalid_parameter");
        assert_eq!(place_of(&refused), "signal");
    }
    // A more special one takes the word of a general one of the tenant's own.
    put(&stage, &token, OWN, &with(signal(), "/instead_of", json!(["acme-general"]))).await.is(201);
    let reasons = post(&stage, &token, "/v1/diagnoses", &gateway()).await.ok().json()["reasons"].clone();
    let rules: Vec<&str> = reasons.as_array().unwrap().iter().map(|reason| reason["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"acme-topic-rule") && !rules.contains(&"acme-general"), "{rules:?}");
});

both!(built_in_signals_stay, |stage| {
    let token = stage.token(SCOPES);
    let id = Engine::built_in().unwrap().catalogue.signals[0].signal.id.clone();
    let path = format!("/v1/signals/{id}");
    let before = read(&stage, &token, &path).await.ok().json();
    put(&stage, &token, &path, &signal()).await.problem(409, "id_unavailable");
    replace(&stage, &token, &path, "*", &signal()).await.problem(409, "id_unavailable");
    delete(&stage, &token, &path).await.problem(403, "forbidden");
    assert_eq!(read(&stage, &token, &path).await.ok().json(), before);
    // Conditions of a built-in signal cannot stand for another layer.
    let when = with(signal(), "/when", before["when"].clone());
    let own = with(with(when, "/layer", json!("user_tier")), "/stage", json!("account"));
    if before["layer"] != "user_tier" {
        let examples = read(&stage, &token, &path).await.ok().json()["examples"].clone();
        let refused = put(&stage, &token, OWN, &with(own, "/examples", examples)).await.problem(422, "invalid_body");
        assert!(refused["detail"].as_str().unwrap().contains(&id), "{refused}");
    }
});

both!(learners_write_no_signals, |stage| {
    let learner = stage.learner_token(stage.clean_id(), "lessons:read lessons:write");
    put(&stage, &learner, OWN, &signal()).await.problem(403, "forbidden");
    put(&stage, &stage.staff_token(stage.clean_id(), "lessons:write"), OWN, &signal()).await.is(201);
    delete(&stage, &learner, OWN).await.problem(403, "forbidden");
    read(&stage, &learner, OWN).await.ok();
});

both!(a_tenant_has_at_most_200, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, "/v1/signals/acme-0", &signal()).await.is(201);
    let (tenant, now) = (stage.tenant, Clock::system().now());
    let content: SignalPut = serde_json::from_value(signal()).unwrap();
    let filled = stage.place.transaction(move |conn| {
        for n in 1..MOST - 2 {
            let id = format!("acme-{n}");
            let content = Json::of(&content);
            store::insert(
                conn,
                &store::SignalRow { tenant_id: tenant, id, revision: 1, content, created_at: now, updated_at: now },
            )?;
        }
        Ok(())
    });
    filled.unwrap();
    let (stage, token) = (&stage, &token);
    let racing =
        together((0..6).map(|n| async move { put(stage, token, &format!("/v1/signals/acme-last-{n}"), &signal()).await })).await;
    assert_eq!(racing.iter().filter(|answer| answer.status == 201).count(), 2);
    for answer in racing.iter().filter(|answer| answer.status != 201) {
        let full = answer.problem(403, "quota_exceeded");
        assert_eq!(full["params"], json!({"quota": "signals", "limit": MOST, "used": MOST}));
    }
    // One that is there can be changed still, and there is room again when one goes.
    replace(stage, token, "/v1/signals/acme-0", "\"1\"", &with(signal(), "/weight", json!(0.8))).await.ok();
    delete(stage, token, "/v1/signals/acme-7").await.is(204);
    put(stage, token, OWN, &signal()).await.is(201);
    assert_eq!(ids(stage, token, "provider=acme+gateway").await.len(), 200);
});

both!(of_racing_puts_one_makes_it, |stage| {
    let (stage, token) = (&stage, &stage.token(SCOPES));
    let same = together((0..8).map(|_| async move { put(stage, token, OWN, &signal()).await })).await;
    assert_eq!(same.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(same.iter().filter(|answer| answer.status == 200).count(), 7);
    let weights = (0..8).map(|n| with(signal(), "/weight", json!(0.6 + f64::from(n) / 100.0)));
    let other = together(weights.map(|body| async move { replace(stage, token, OWN, "\"1\"", &body).await })).await;
    assert_eq!(other.iter().filter(|answer| answer.status == 200).count(), 1);
    other.iter().filter(|answer| answer.status != 200).for_each(|answer| drop(answer.problem(412, "precondition_failed")));
    assert_eq!(told(stage, "signal.saved").await.len(), 2);
    let new = "/v1/signals/acme-new";
    let weights = (0..8).map(|n| with(signal(), "/weight", json!(0.6 + f64::from(n) / 100.0)));
    let all = together(weights.map(|body| async move { put(stage, token, new, &body).await })).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    all.iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.problem(428, "precondition_required")));
    // What speaks is what is stored.
    let weight = read(stage, token, new).await.ok().json()["weight"].clone();
    let reasons = post(stage, token, "/v1/diagnoses", &gateway()).await.ok().json()["reasons"].clone();
    let spoken = reasons.as_array().unwrap().iter().find(|reason| reason["rule"] == "acme-new").unwrap().clone();
    assert_eq!(spoken["weight"], weight);
});

both!(a_restart_and_another_process_know_it_too, |place: Place| {
    let (one, other) = (place.serve(), place.serve());
    let token = one.token(SCOPES);
    put(&one, &token, OWN, &signal()).await.is(201);
    assert_eq!(verdict(&one, &token).await, "system_prompt", "at once");
    read(&other, &token, OWN).await.ok();
    eventually("the other process knows the signal", || async {
        (verdict(&other, &token).await == "system_prompt").then_some(())
    })
    .await;
    delete(&other, &token, OWN).await.is(204);
    assert_eq!(verdict(&other, &token).await, "undetermined", "at once");
    eventually("the first process has forgotten it", || async { (verdict(&one, &token).await == "undetermined").then_some(()) })
        .await;
    put(&one, &token, OWN, &signal()).await.is(201);
    one.stop();
    other.stop();
    let again = place.serve();
    assert_eq!(verdict(&again, &again.token(SCOPES)).await, "system_prompt");
    assert_eq!(read(&again, &again.token(SCOPES), OWN).await.ok().header("etag"), "\"1\"");
});

/// What an earlier version stored, and this one cannot compile, silences neither the service nor the tenant's other signals.
#[test]
fn a_stored_signal_that_cannot_be_used_harms_no_other() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        put(&stage, &stage.token(SCOPES), OWN, &signal()).await.is(201);
        let (tenant, now) = (stage.tenant, Clock::system().now());
        stage.stop();
        let bad = with(signal(), "/when", json!({"all": [{"pointer": "/a", "pattern": "("}]}));
        for (id, content) in [("acme-bad", bad), ("acme-other", json!({"shape": "unknown"}))] {
            let stored = place.transaction(move |conn| {
                let row = store::SignalRow {
                    tenant_id: tenant,
                    id: id.to_owned(),
                    revision: 1,
                    content: Json(content.clone()),
                    created_at: now,
                    updated_at: now,
                };
                store::insert(conn, &row)
            });
            stored.unwrap();
        }
        let stage = place.serve();
        assert_eq!(verdict(&stage, &stage.token(SCOPES)).await, "system_prompt");
    });
}

/// The page for people: public, whole without any other file, and nothing runs on it but its own script.
#[test]
fn the_page_needs_nothing_else() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        put(&stage, &stage.token(SCOPES), OWN, &signal()).await.is(201);
        let answer = stage.get("/docs/signals").send().await.ok();
        let page = answer.text();
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        for known in &Engine::built_in().unwrap().catalogue.signals {
            assert!(page.contains(&format!(" id=\"{}\"", known.signal.id)), "{}", known.signal.id);
        }
        assert!(!page.contains("acme"), "a tenant's own signals are not for everybody");
        assert!(!page.contains(" src=") && !page.contains("<link") && !page.contains("@import") && !page.contains("url("));
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let etag = answer.header("etag").to_owned();
        let fresh = stage.get("/docs/signals").header("if-none-match", &etag).send().await.is(304);
        assert!(fresh.body.is_empty());
        let small = stage.get("/docs/signals").header("accept-encoding", "br").send().await.ok();
        assert!(small.header("content-encoding") == "br" && small.body.len() * 5 < page.len());
        for (name, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")] {
            assert_eq!(answer.header(name), value);
        }
    });
}
