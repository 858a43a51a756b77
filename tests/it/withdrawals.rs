//! Taking a lesson out of sight; and the bounds of what a tenant and a learner may make.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::db::types::Time;
use waymark::lessons::publish::{self, Beside, OwnVersions};
use waymark::lessons::source::LessonContent;
use waymark::lessons::store;
use waymark::quotas::{EachQuota, QuotaKind, TenantQuotas};

use crate::authoring::{LESSON, OWN, SCOPES, draft, publish as publish_draft, replace, with};
use crate::flow::{post, pupil, put, read, together, told};
use crate::harness::{Stage, eventually, slug};
use crate::learners::second_tenant;

const WITHDRAW: &str = "/v1/lessons/refusals-at-acme/withdraw";

async fn published(stage: &Stage, token: &str) -> String {
    put(stage, token, OWN, &draft()).await.is(201);
    publish_draft(stage, token, OWN, "*").await.is(201).json()["version"].as_str().unwrap().to_owned()
}

fn new(kind: &str) -> String {
    format!("/v1/{kind}/{}", uuid::Uuid::new_v4())
}

both!(a_lesson_is_withdrawn_and_put_back, |stage| {
    let token = stage.token(SCOPES);
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let version = published(&stage, &token).await;
    let begun = new("attempts");
    let own = json!({"lesson": "refusals-at-acme"});
    put(&stage, &ada.token, &begun, &own).await.is(201);
    let drafted = new("submissions");
    put(&stage, &ada.token, &drafted, &own).await.is(201);

    let gone = post(&stage, &token, WITHDRAW, &Value::Null).await.ok().json();
    assert_eq!((&gone["version"], &gone["revision"], &gone["slug"]), (&json!(version), &json!(1), &json!("refusals-at-acme")));
    assert_eq!(post(&stage, &token, WITHDRAW, &Value::Null).await.ok().json(), gone, "the same again changes nothing");
    let records = told(&stage, "lesson.withdrawn").await;
    assert_eq!((records.len(), &records[0]["body"]["version"]), (1, &json!(version)));

    for page in ["", "/quiz", "/exercise"] {
        let problem = read(&stage, &token, &format!("{LESSON}{page}")).await.problem(410, "withdrawn");
        assert_eq!(problem["params"]["withdrawn_at"], gone["withdrawn_at"]);
        read(&stage, &token, &format!("{LESSON}{page}?version={version}")).await.ok();
    }
    let listed = read(&stage, &token, "/v1/lessons").await.ok().text();
    assert!(!listed.contains("refusals-at-acme"), "{listed}");
    for (path, who) in [(new("attempts"), &ben.token), (new("submissions"), &ben.token)] {
        for body in [own.clone(), json!({"lesson": "refusals-at-acme", "version": version})] {
            assert_eq!(put(&stage, who, &path, &body).await.problem(409, "illegal_state")["params"]["state"], "withdrawn");
        }
    }
    // What was begun goes on: it is resumed, saved, submitted and read.
    put(&stage, &ada.token, &begun, &own).await.ok();
    let resumed = post(&stage, &ada.token, "/v1/attempts", &own).await;
    assert!(begun.ends_with(resumed.json()["id"].as_str().unwrap()), "{}", resumed.text());
    assert_eq!(post(&stage, &ada.token, &format!("{begun}/submit"), &Value::Null).await.ok().json()["state"], "submitted");
    let body = with(own.clone(), "/reframe", json!({"purpose": "Training."}));
    stage.call("PUT", &drafted).token(&ada.token).header("if-match", "\"1\"").json(&body).send().await.ok();
    // A phone that was away: what it began before is taken.
    let away = with(own.clone(), "/started", json!({"at": "2026-11-20T10:00:00Z"}));
    let away = with(away, "/submit", json!(true));
    put(&stage, &ada.token, &new("attempts"), &away).await.is(201);

    // The same content again is the next version, and the lesson is there.
    assert_eq!(publish_draft(&stage, &token, OWN, "*").await.is(201).json()["revision"], 2);
    read(&stage, &token, LESSON).await.ok();
    put(&stage, &ada.token, &new("attempts"), &own).await.is(201);
    let old = json!({"lesson": "refusals-at-acme", "version": version});
    put(&stage, &ben.token, &new("attempts"), &old).await.problem(409, "illegal_state");
});

both!(who_may_withdraw_what, |stage| {
    let token = stage.token(SCOPES);
    published(&stage, &token).await;
    post(&stage, &token, &format!("/v1/lessons/{}/withdraw", slug()), &Value::Null).await.problem(403, "forbidden");
    post(&stage, &token, "/v1/lessons/no-such-lesson/withdraw", &Value::Null).await.problem(404, "not_found");
    let (tenant, client) = second_tenant(&stage);
    let other = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    post(&stage, &other, WITHDRAW, &Value::Null).await.problem(404, "not_found");
    read(&stage, &token, LESSON).await.ok();
    // At the same moment: one withdrawal, one record, one answer.
    let (stage, token) = (&stage, token.as_str());
    let all = together((0..6).map(|_| post(stage, token, WITHDRAW, &Value::Null))).await;
    assert!(all.iter().all(|answer| answer.status == 200 && answer.json() == all[0].json()), "{all:?}");
    assert_eq!(told(stage, "lesson.withdrawn").await.len(), 1);
});

// Another process sees it within seconds.
both!(a_withdrawal_is_seen_everywhere, |place: Place| {
    let (one, two) = (place.serve(), place.serve());
    let token = one.token(SCOPES);
    published(&one, &token).await;
    eventually("the other process has the lesson", || async { (read(&two, &token, LESSON).await.status == 200).then_some(()) })
        .await;
    post(&one, &token, WITHDRAW, &Value::Null).await.ok();
    eventually("the other process knows", || async { (read(&two, &token, LESSON).await.status == 410).then_some(()) }).await;
});

// 40 KB that took 18 s of every processor at each publication and each start, and a preview that did not end.
both!(a_text_that_takes_too_long_is_a_finding, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish_draft(&stage, &token, OWN, "*").await.is(201);
    let mut etag = 1;
    for deep in ["- ".repeat(20_000) + "x", "> ".repeat(400_000), "<div>".repeat(100_000), "*a **b ".repeat(40_000)] {
        let body = with(draft(), "/lesson/blocks/0/text/en", json!(deep));
        replace(&stage, &token, OWN, &format!("\"{etag}\""), &body).await.ok();
        etag += 1;
        let report = post(&stage, &token, &format!("{OWN}/validate"), &Value::Null).await.ok().json();
        let finding = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "text-too-much").unwrap();
        assert_eq!((&finding["pointer"], &finding["severity"]), (&json!("/lesson/blocks/0"), &json!("error")), "{finding}");
        publish_draft(&stage, &token, OWN, "*").await.problem(422, "invalid_body");
        let preview = read(&stage, &token, &format!("{OWN}/preview")).await.ok().json();
        let html = preview["lesson"]["blocks"][0]["text"]["html"].as_str().unwrap();
        assert!(html.starts_with("<p>") && !html.contains("<div>"), "{:.60}", html);
    }
});

// All versions of a tenant stay, so they have an end together; and so has what is the same in every language.
both!(versions_have_an_end_together, |stage| {
    let token = stage.token(SCOPES);
    let content: LessonContent = serde_json::from_value(draft()).unwrap();
    let (tenant, now) = (stage.tenant, stage.clock.now());
    let quotas = TenantQuotas::in_force(EachQuota::default(), stage.state.config.quotas);
    let most = quotas.limit(QuotaKind::VersionBytes).unwrap();
    let publish = |bytes: i64| {
        let content = content.clone();
        stage.place.transaction(move |conn| {
            let beside =
                Beside { generation: store::publication_generation(conn)?, own: OwnVersions { count: 1, bytes }, quotas };
            publish::own(conn, tenant, &content, beside, now)
        })
    };
    let full = publish(most).map(|_| ()).unwrap_err();
    assert_eq!((full.code().name(), &full.params()["limit"]), ("quota_exceeded", &json!(most)));
    assert_eq!(publish(0).unwrap().revision, 1);

    let texts = |text: &str| (0..20).map(|n| (format!("x{n}"), json!(text))).collect::<serde_json::Map<_, _>>();
    let picture = json!({"type": "image", "id": "picture", "media_type": "image/png", "data_base64": "A".repeat(500_000), "alt": texts("A")});
    let mut body = with(draft(), "/lesson/title", Value::Object(texts("Title")));
    body["lesson"]["blocks"].as_array_mut().unwrap().push(picture);
    let refused = put(&stage, &token, OWN, &body).await.problem(422, "invalid_body");
    assert!(refused["errors"].as_array().unwrap().iter().any(|one| one["pointer"] == "/lesson/blocks"), "{refused}");
});

fn at(text: &str) -> Time {
    Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
}

// What one learner may save in a day has an end, and nothing is lost of what is refused.
both!(a_day_has_an_end, |place: Place| {
    let clock = Clock::fixed(at("2026-11-20T23:00:00Z"));
    let stage = place.serve_with(|_| {}, clock.clone());
    let ada = pupil(&stage, "ada").await;
    let ben = pupil(&stage, "ben").await;
    let body = json!({"lesson": slug()});
    let first = new("submissions");
    put(&stage, &ada.token, &first, &body).await.is(201);
    put(&stage, &ada.token, &new("attempts"), &body).await.is(201);
    // As if this had gone on all day.
    place.db(|conn| conn.batch("UPDATE daily_use SET uses = 1000"));
    for (kind, of, limit) in [("submissions", "submission_saves", 500), ("attempts", "attempts", 1000)] {
        let path = new(kind);
        let whole = with(with(body.clone(), "/submit", json!(kind == "attempts")), "/language", json!("en"));
        let refused = put(&stage, &ada.token, &path, &whole).await;
        let problem = refused.problem(429, "daily_limit");
        assert_eq!((&problem["params"]["of"], &problem["params"]["limit"]), (&json!(of), &json!(limit)));
        assert_eq!(refused.header("retry-after"), "3600");
        read(&stage, &ada.token, &path).await.problem(404, "not_found");
        put(&stage, &ben.token, &new(kind), &whole).await.is(201);
    }
    put(&stage, &ada.token, &first, &body).await.ok();
    clock.set(at("2026-11-21T00:00:01Z"));
    let ada = stage.learner_token(ada.id, &Scopes::all().to_string());
    put(&stage, &ada, &new("submissions"), &body).await.is(201);
});

// What all signals of a tenant have together has an end: each diagnosis looks at all of it.
both!(signals_have_a_weight_together, |stage| {
    let token = stage.token("lessons:read lessons:write diagnoses:run");
    let signal = |n: usize| {
        let code = format!("ACME-{n:04}");
        let any: Vec<Value> = (0..5).map(|i| json!({"pointer": "/error/code", "pattern": format!("^{code}(-{i})?$")})).collect();
        let example = |code: &str| json!({"http": {"status": 403, "body": json!({"error": {"code": code}}).to_string()}});
        json!({"provider": "acme gateway", "layer": "system_prompt", "stage": "block", "weight": 0.9,
            "when": {"any": any}, "meaning": "The gateway's topic rule stopped the request.",
            "sources": [{"title": "Runbook", "url": "https://wiki.acme.example/gateway", "reviewed_on": "2026-11-20"}],
            "reviewed_on": "2026-11-20",
            "examples": {"positive": [example(&code)], "negative": [example("OTHER")]}})
    };
    for n in 0..20 {
        put(&stage, &token, &format!("/v1/signals/acme-{n}"), &signal(n)).await.is(201);
    }
    let full = put(&stage, &token, "/v1/signals/acme-20", &signal(20)).await.problem(409, "illegal_state");
    assert_eq!((&full["params"]["of"], &full["params"]["limit"]), (&json!("patterns"), &json!(100)));
    put(&stage, &token, "/v1/signals/acme-19", &signal(19)).await.ok();
    stage.call("DELETE", "/v1/signals/acme-19").token(&token).send().await.is(204);
    put(&stage, &token, "/v1/signals/acme-20", &signal(20)).await.is(201);
});
