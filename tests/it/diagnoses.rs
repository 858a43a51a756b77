//! The diagnosis as a service: the verdict of the engine, nothing stored unless asked, and then masked, seen by few, erasable.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;
use waymark::diagnosis::{Engine, Evidence};

use crate::flow::{feed, post, pupil, put, read, together, told};
use crate::harness::{Kind, Stage, place_of, play};
use crate::learners::second_tenant;
use crate::submissions::everything;

const RUN: &str = "/v1/diagnoses";
const KEEP: &str = "/v1/diagnoses?keep=true";

/// A word that occurs nowhere else.
const MARK: &str = "quokkaberry";

fn blocked() -> Value {
    json!({"provider": "Azure OpenAI", "visible_text": format!("A question about a {MARK} farm."),
        "http": {"status": 400, "body": "{\"error\":{\"code\":\"content_filter\",\"param\":\"prompt\",\"message\":\"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.\"}}"}})
}

fn new_path() -> String {
    format!("{RUN}/{}", uuid::Uuid::new_v4())
}

fn evidence(value: &Value) -> Evidence {
    serde_json::from_value(value.clone()).unwrap()
}

async fn erase(stage: &Stage, token: &str, path: &str) -> crate::harness::Answer {
    stage.call("DELETE", path).token(token).send().await
}

both!(the_verdict_is_the_engine_s, |stage| {
    let token = stage.token("diagnoses:run");
    // The last is large enough to be read beside the workers.
    let long = json!({"provider": "OpenAI", "visible_text": format!("I'm sorry, but I can't help with that. {}", "Really. ".repeat(4000))});
    for body in [blocked(), json!({}), json!({"visible_text": "Here are ten questions."}), long] {
        let answer = post(&stage, &token, RUN, &body).await.ok().json();
        let mut expected = json!(Engine::built_in().unwrap().diagnose(&evidence(&body), None));
        expected["id"] = Value::Null;
        assert_eq!(answer, expected);
        assert_eq!(post(&stage, &token, "/v1/diagnoses?keep=false", &body).await.ok().json(), expected, "the same every time");
    }
    let verdict = post(&stage, &token, RUN, &blocked()).await.ok().json();
    assert_eq!(verdict["verdict"], "pre_classifier", "{verdict}");
    assert!(verdict["reasons"][0]["sources"][0]["title"].is_string());
});

both!(what_is_too_large_or_formless_is_named, |stage| {
    let token = stage.token("diagnoses:run");
    let cases = [
        (json!({"visible_text": "x".repeat(65_537)}), "/visible_text"),
        (json!({"http": {"status": 42}}), "/http/status"),
        (json!({"http": {"headers": [{"name": "x".repeat(201), "value": ""}]}}), "/http/headers/0/name"),
        (json!({"observed": {"tried": vec!["x"; 51]}}), "/observed/tried"),
        (json!({"language": "?"}), "/language"),
    ];
    for (body, pointer) in cases {
        for path in [RUN, KEEP] {
            assert_eq!(place_of(&post(&stage, &token, path, &body).await.problem(422, "invalid_body")), pointer);
        }
        assert_eq!(place_of(&put(&stage, &token, &new_path(), &body).await.problem(422, "invalid_body")), pointer);
    }
    let strange = post(&stage, &token, "/v1/diagnoses?keep=perhaps", &blocked()).await.problem(400, "invalid_parameter");
    assert_eq!(place_of(&strange), "keep");
});

both!(
    /// Without `keep` the database is not even asked: the answer comes while all of its threads are held.
    nothing_is_stored_unless_asked, |stage| {
    let token = stage.token("diagnoses:run");
    let before = feed(&stage, &stage.token("records:read"), "").await.len();
    let (tell, held) = mpsc::channel();
    let mut release = Vec::new();
    let mut holders = Vec::new();
    for n in 0..=stage.place.config.database_pool {
        let (free, wait) = mpsc::channel::<()>();
        release.push(free);
        let (db, tell, wait) = (stage.state.db.clone(), tell.clone(), std::sync::Mutex::new(wait));
        let hold = move |_: &mut waymark::db::Conn| {
            let _ = tell.send(());
            let _ = wait.lock().unwrap().recv();
            Ok(())
        };
        // On SQLite one thread writes and the others read; on PostgreSQL every thread does both.
        holders.push(tokio::spawn(async move {
            match n {
                0 => db.write(hold).await,
                // Reads from one place of the code hold half of the threads at most.
                n if n % 2 == 0 => db.read(hold).await,
                _ => db.read(hold).await,
            }
        }));
    }
    let threads = stage.place.config.database_pool + usize::from(!stage.place.is_postgres());
    tokio::task::spawn_blocking(move || (0..threads).for_each(|_| held.recv_timeout(Duration::from_secs(20)).unwrap())).await.unwrap();
    for path in [RUN, "/v1/diagnoses?keep=false"] {
        let keyed = stage.post(path).token(&token).header("idempotency-key", "k").json(&blocked());
        let answer = keyed.send().await.ok();
        assert_eq!((answer.json()["id"].clone(), answer.header("location")), (Value::Null, ""));
    }
    drop(release);
    for holder in holders {
        holder.await.unwrap().unwrap();
    }
    assert!(!everything(&stage).contains(MARK));
    assert_eq!(feed(&stage, &stage.token("records:read"), "").await.len(), before);
    assert_eq!(read(&stage, &token, RUN).await.ok().json(), json!({"items": [], "next_cursor": null}));
    // The same test sees it when it is there.
    post(&stage, &token, KEEP, &blocked()).await.is(201);
    assert!(everything(&stage).contains(MARK));
});

/// At the most talkative setting, no line of the log shows what was pasted, kept or not.
#[test]
fn nothing_pasted_is_logged() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let lines = crate::cli::log_of(directory.path(), &log, |base, token| {
        Box::pin(async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let (mut large, mut bad) = (blocked(), blocked());
            large["visible_text"] = json!(MARK.repeat(3000));
            bad["language"] = json!("?");
            for (path, body, status) in [(RUN, blocked(), 200), (KEEP, blocked(), 201), (RUN, large, 200), (RUN, bad, 422)] {
                let answer = client.post(format!("{base}{path}")).bearer_auth(&token).json(&body).send().await.unwrap();
                assert_eq!(answer.status(), status);
            }
        })
    });
    assert!(lines.contains("/v1/diagnoses") && lines.lines().count() > 4, "the log tells of the requests: {lines}");
    assert!(!lines.contains(MARK), "{lines}");
}

both!(the_whole_life_of_a_diagnosis, |stage| {
    let ada = pupil(&stage, "ada").await;
    let made = post(&stage, &ada.token, KEEP, &blocked()).await.is(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{RUN}/{id}");
    assert_eq!(made.header("location"), path);
    let kept = read(&stage, &ada.token, &path).await.ok().json();
    assert_eq!((&kept["id"], &kept["learner"], &kept["evidence"]), (&json!(id), &json!(ada.id), &json!(evidence(&blocked()))));
    let mut verdict = made.json();
    verdict.as_object_mut().unwrap().remove("id");
    assert_eq!((&kept["verdict"], &kept["masked"]), (&verdict, &json!([])));
    assert_eq!(read(&stage, &ada.token, RUN).await.ok().json()["items"], json!([kept]));

    let records = told(&stage, "diagnosis.kept").await;
    let rules: Vec<&Value> = verdict["reasons"].as_array().unwrap().iter().map(|reason| &reason["rule"]).collect();
    assert_eq!(records.len(), 1);
    assert_eq!((&records[0]["object"]["type"], &records[0]["object"]["id"]), (&json!("diagnosis"), &json!(id)));
    assert_eq!(records[0]["learner"], json!(ada.id));
    let body =
        json!({"verdict": "pre_classifier", "confidence": verdict["confidence"], "extent": verdict["extent"], "rules": rules});
    assert_eq!(records[0]["body"], body);

    erase(&stage, &ada.token, &path).await.is(204);
    erase(&stage, &ada.token, &path).await.problem(404, "not_found");
    read(&stage, &ada.token, &path).await.problem(404, "not_found");
    assert_eq!(read(&stage, &ada.token, RUN).await.ok().json()["items"], json!([]));
    let erased = told(&stage, "diagnosis.erased").await;
    assert_eq!((erased.len(), &erased[0]["object"]["id"], &erased[0]["body"]), (1, &json!(id), &json!({})));
    for record in feed(&stage, &ada.token, "").await {
        assert!(!record.to_string().contains(MARK), "a record holds no text that somebody pasted: {record}");
    }
    if stage.place.is_postgres() {
        assert!(!everything(&stage).contains(MARK), "nothing of it is left");
    }
});

both!(a_diagnosis_at_an_id_of_the_client_s_choice, |stage| {
    let (token, path) = (stage.token("diagnoses:run"), new_path());
    let made = put(&stage, &token, &path, &blocked()).await.is(201);
    assert_eq!((made.header("location"), &made.json()["learner"]), (path.as_str(), &Value::Null));
    assert_eq!(put(&stage, &token, &path, &blocked()).await.ok().json(), made.json());
    assert_eq!(read(&stage, &token, &path).await.ok().json(), made.json());
    put(&stage, &token, &path, &json!({"visible_text": "Something else."})).await.problem(409, "id_unavailable");
    assert_eq!(told(&stage, "diagnosis.kept").await.len(), 1);
    erase(&stage, &token, &path).await.is(204);
    put(&stage, &token, &path, &json!({"visible_text": "Something else."})).await.is(201);
});

both!(of_racing_puts_one_is_kept, |stage| {
    let (token, path) = (stage.token("diagnoses:run"), new_path());
    let all = together((0..8).map(|_| async { put(&stage, &token, &path, &blocked()).await })).await;
    let mut status: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    status.sort_unstable();
    assert_eq!(status, [200, 200, 200, 200, 200, 200, 200, 201]);
    assert!(all.iter().all(|answer| answer.json() == all[0].json()));
    let path = new_path();
    let texts = (0..6).map(|n| json!({"visible_text": format!("Text {n}")}));
    let (stage, token, path) = (&stage, &token, &path);
    let all = together(texts.map(|body| async move { put(stage, token, path, &body).await })).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    all.iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.problem(409, "id_unavailable")));
    assert_eq!(told(stage, "diagnosis.kept").await.len(), 2);
    let all = together((0..6).map(|_| erase(stage, token, path))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 204).count(), 1);
    assert_eq!(told(stage, "diagnosis.erased").await.len(), 1);
});

both!(a_learner_sees_its_own_alone, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let may = "diagnoses:run learners:act learners:all";
    let (client, staff) = (stage.token(may), stage.staff_token(stage.clean_id(), may));
    let (hers, nobodys) = (new_path(), new_path());
    put(&stage, &ada.token, &hers, &blocked()).await.is(201);
    put(&stage, &staff, &nobodys, &blocked()).await.is(201);
    for path in [&hers, &nobodys] {
        read(&stage, &ben.token, path).await.problem(404, "not_found");
        erase(&stage, &ben.token, path).await.problem(404, "not_found");
        put(&stage, &ben.token, path, &blocked()).await.problem(409, "id_unavailable");
        for token in [&client, &staff] {
            read(&stage, token, path).await.ok();
            put(&stage, token, path, &blocked()).await.ok();
        }
    }
    let count = |token: String, query: String| {
        let stage = &stage;
        async move { read(stage, &token, &format!("{RUN}{query}")).await.ok().json()["items"].as_array().unwrap().len() }
    };
    assert_eq!(count(ada.token.clone(), String::new()).await, 1);
    assert_eq!(count(ben.token.clone(), String::new()).await, 0);
    assert_eq!(count(client.clone(), String::new()).await, 2);
    assert_eq!(count(staff.clone(), format!("?learner={}", ada.id)).await, 1);
    read(&stage, &ben.token, &format!("{RUN}?learner={}", ada.id)).await.problem(404, "not_found");
    erase(&stage, &staff, &hers).await.is(204);
    assert_eq!(told(&stage, "diagnosis.erased").await[0]["learner"], json!(ada.id));
});

both!(lists_have_pages, |stage| {
    let token = stage.token("diagnoses:run learners:read");
    let mut made = Vec::new();
    for n in 0..7 {
        let body = json!({"visible_text": format!("Text {n}")});
        made.push(post(&stage, &token, KEEP, &body).await.is(201).json()["id"].clone());
    }
    let (mut found, mut path) = (Vec::new(), format!("{RUN}?limit=3"));
    loop {
        let page = read(&stage, &token, &path).await.ok();
        found.extend(page.json()["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        assert!(page.header("link").contains(&cursor));
        read(&stage, &token, &format!("{RUN}?learner={}&cursor={cursor}", stage.clean_id())).await.problem(400, "invalid_cursor");
        path = format!("{RUN}?limit=3&cursor={cursor}");
    }
    assert_eq!(found, made);
});

const SECRETS: [&str; 4] =
    ["sk-ant-api03-Zq81kfPw92mvTTxyQbc", "mirabel.holmquist@example.org", "req_011CSHoEeqs5C35K2UUqR7Fy", "203.0.113.77"];

fn leaky() -> Value {
    let [key, mail, request, ip] = SECRETS;
    let bad = format!("key {key}, mail {mail}, {request} from {ip}");
    let body = json!({"error": {"code": "content_filter", "param": "prompt", "message": format!("{bad}: filtered due to the prompt triggering Azure OpenAI's content management policy")}, "request_id": request});
    json!({"provider": "Azure OpenAI", "model": mail, "visible_text": format!("I can't help with that, {bad}."),
        "http": {"status": 400, "headers": [{"name": "authorization", "value": format!("Bearer {key}")}], "body": body.to_string()},
        "observed": {"tried": [bad]}, "comparison": {"with": format!("I can't help with that, {bad}."), "without": bad}})
}

both!(a_secret_is_masked_before_anything_keeps_it, |stage| {
    let (ada, path) = (pupil(&stage, "ada").await, new_path());
    let keyed = stage.post(KEEP).token(&ada.token).header("idempotency-key", "k").json(&leaky());
    let mut said = vec![keyed.send().await.is(201), put(&stage, &ada.token, &path, &leaky()).await.is(201)];
    stage.settled().await;
    for url in [path.as_str(), RUN, "/v1/records"] {
        said.push(read(&stage, &stage.full_token(), url).await.ok());
    }
    let stored = everything(&stage);
    assert!(stored.contains("[email:1]"));
    for secret in SECRETS {
        for answer in &said {
            assert!(!answer.text().contains(secret), "{} shows {secret}: {}", answer.asked, answer.text());
        }
        assert!(!stored.contains(secret), "the database holds {secret}");
    }
    let kept = said[1].json();
    let inner: Value = serde_json::from_str(kept["evidence"]["http"]["body"].as_str().unwrap()).unwrap();
    assert!(inner["error"]["message"].as_str().unwrap().contains("[email:1]") && inner["request_id"] == "[request_id:1]");
    for mask in kept["masked"].as_array().unwrap() {
        let place = kept.pointer(mask["pointer"].as_str().unwrap()).and_then(Value::as_str).unwrap_or_default();
        assert!(place.contains(&format!("[{}:", mask["kind"].as_str().unwrap())), "{mask} leads to what was masked");
    }
    // The verdict is that of the evidence as it was sent, and the same secrets again are the same evidence.
    let sent = Engine::built_in().unwrap().diagnose(&evidence(&leaky()), None);
    assert_eq!((&kept["verdict"]["verdict"], &kept["verdict"]["layers"]), (&json!(sent.verdict), &json!(sent.layers)));
    assert_eq!(put(&stage, &ada.token, &path, &leaky()).await.ok().json(), kept);
});

both!(a_keyed_request_keeps_once, |stage| {
    let token = stage.token("diagnoses:run");
    let send = |body: Value| stage.post(KEEP).token(&token).header("idempotency-key", "key-1").json(&body).send();
    let first = send(blocked()).await.is(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = send(blocked()).await.is(201);
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()));
    assert_eq!(again.header("location"), first.header("location"));
    send(json!({})).await.problem(422, "idempotency_mismatch");
    assert_eq!(read(&stage, &token, RUN).await.ok().json()["items"].as_array().unwrap().len(), 1);
    // Erased is erased: the key remembers the id and nothing of the content.
    erase(&stage, &token, first.header("location")).await.is(204);
    send(blocked()).await.problem(404, "not_found");
    if stage.place.is_postgres() {
        assert!(!everything(&stage).contains(MARK));
    }
    let bad = stage.post(RUN).token(&token).header("idempotency-key", "a b").json(&blocked()).send().await;
    assert_eq!(place_of(&bad.problem(400, "invalid_parameter")), "Idempotency-Key");
});

both!(tenants_never_meet, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let here = stage.token("diagnoses:run");
    let there = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    let path = new_path();
    put(&stage, &here, &path, &blocked()).await.is(201);
    read(&stage, &there, &path).await.problem(404, "not_found");
    erase(&stage, &there, &path).await.problem(404, "not_found");
    let other = json!({"visible_text": "Theirs."});
    put(&stage, &there, &path, &other).await.is(201);
    assert_eq!(read(&stage, &there, RUN).await.ok().json()["items"].as_array().unwrap().len(), 1);
    erase(&stage, &there, &path).await.is(204);
    assert_eq!(read(&stage, &here, &path).await.ok().json()["evidence"], json!(evidence(&blocked())));
});

both!(a_restart_changes_nothing, |place: Place| {
    let stage = place.serve();
    let path = new_path();
    let made = put(&stage, &stage.token("diagnoses:run"), &path, &leaky()).await.is(201).json();
    stage.stop();
    let stage = place.serve();
    assert_eq!(read(&stage, &stage.token("diagnoses:run"), &path).await.ok().json(), made);
    assert_eq!(put(&stage, &stage.token("diagnoses:run"), &path, &leaky()).await.ok().json(), made);
});

/// A token for a learner whom nobody made is a token of ours all the same.
#[test]
fn a_learner_who_was_never_made_is_no_defect() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let nobody: Id = stage.clean_id();
        let token = stage.learner_token(nobody, "diagnoses:run");
        post(&stage, &token, RUN, &blocked()).await.ok();
        post(&stage, &token, KEEP, &blocked()).await.problem(404, "not_found");
    });
}
