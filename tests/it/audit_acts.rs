//! What is noted in the audit log, by whom, and that no secret is in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waymark::auth::Scopes;
use waymark::clock::Clock;
use waymark::db::types::Time;
use waymark::first_start;

use crate::authoring::{OWN, draft, publish};
use crate::cli::{good, run};
use crate::flow::{begin, post, pupil, put, read, started};
use crate::harness::{Stage, eventually};
use crate::signals::signal;

const SIGNAL: &str = "/v1/signals/acme-gateway";

/// Every entry of the first tenant, the oldest first.
async fn entries(stage: &Stage) -> Vec<Value> {
    let text = read(stage, &stage.token("audit:read"), "/v1/audit/export?limit=10000").await.ok().text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Those of one act.
async fn noted(stage: &Stage, act: &str) -> Vec<Value> {
    entries(stage).await.into_iter().filter(|entry| entry["act"] == act).collect()
}

/// What a command printed behind a word.
fn word_behind(text: &str, word: &str) -> String {
    let mut words = text.split_whitespace().skip_while(|one| *one != word);
    words.nth(1).unwrap_or_else(|| panic!("{word} in {text}")).to_owned()
}

both!(the_command_line_is_noted, |stage| {
    let directory = tempfile::tempdir().unwrap();
    let url = stage.place.url();
    let waymark = |arguments: &[&str]| good(&run(directory.path(), &[arguments, &["--database-url", &url]].concat()));
    let mut secrets = vec![stage.secret.clone().unwrap()];
    let made = waymark(&["client", "create", "moodle", "--scopes", "lessons:read learners:act"]);
    let id = word_behind(&made, "client_id");
    secrets.push(word_behind(&made, "client_secret"));
    secrets.push(word_behind(&waymark(&["client", "rotate", &id]), "client_secret"));
    for _ in 0..2 {
        waymark(&["client", "origins", &id, "https://learn.example.com"]);
        waymark(&["client", "origins", &id]);
    }
    waymark(&["client", "disable", &id]);
    let tenant = waymark(&["tenant", "create", "school-two"]);
    secrets.push(word_behind(&tenant, "client_secret"));
    // The same again says nothing new.
    for act in ["suspend", "suspend", "resume", "resume"] {
        waymark(&["tenant", act, "school-two"]);
    }
    waymark(&["keys", "rotate"]);
    secrets.push(waymark(&["token", "--scopes", "lessons:read", "--learner", "anna"]).trim().to_owned());
    let all = entries(&stage).await;
    let acts: Vec<&str> = all.iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    let wanted = [
        "tenant.created",
        "client.created",
        "key.created",
        "client.created",
        "client.secret_rotated",
        "client.changed",
        "client.disabled",
        "tenant.created",
        "tenant.suspended",
        "tenant.resumed",
        "key.rotated",
        "token.issued",
    ];
    assert_eq!(acts, wanted);
    for entry in &all {
        let by = if entry["number"].as_i64().unwrap() <= 3 { "service" } else { "command_line" };
        assert_eq!(entry["actor"], json!({"client": null, "principal": {"type": by, "id": null}}), "{entry}");
        assert_eq!((&entry["address"], &entry["request_id"]), (&json!(null), &json!(null)), "{entry}");
    }
    assert_eq!(all[3]["object"], json!({"type": "client", "id": id}));
    assert_eq!(all[3]["details"], json!({"name": "moodle", "scopes": "lessons:read learners:act"}));
    assert!((4..7).all(|n| all[n]["object"] == all[3]["object"]), "{all:?}");
    assert_eq!(all[5]["details"], json!({"after": {"origins": ["https://learn.example.com"]}}));
    let school = json!({"type": "tenant", "id": word_behind(&tenant, "tenant")});
    assert!((7..10).all(|n| all[n]["object"] == school), "{all:?}");
    assert_eq!(all[11]["details"]["scopes"], "lessons:read");
    let theirs = waymark(&["audit", "export", "--tenant", "school-two"]);
    assert_eq!(theirs.lines().count(), 2, "{theirs}");
    let text = format!("{theirs}{}", all.iter().map(Value::to_string).collect::<String>());
    for secret in &secrets {
        assert!(secret.len() > 20 && !text.contains(secret.as_str()), "a secret is in the log");
    }
    assert!(["wms_", "eyJ", "sha256-"].iter().all(|part| !text.contains(part)), "{text}");
    // What fails is not noted.
    let failing = run(directory.path(), &["client", "disable", &stage.clean_id().to_string(), "--database-url", &url]);
    assert_eq!(failing.status.code(), Some(1));
    assert_eq!(entries(&stage).await.len(), all.len());
});

both!(tokens_for_people_are_noted, |stage| {
    let ada = pupil(&stage, "ada").await;
    let token = stage.token("tokens:issue attempts:read reviews:write");
    let staff = stage.clean_id();
    let asked = [
        ("learner", format!("/v1/learners/{}/token", ada.id), ada.id, json!({"scopes": ["attempts:read"], "ttl_seconds": 120})),
        ("staff", format!("/v1/staff/{staff}/token"), staff, json!({"scopes": ["attempts:read", "reviews:write"]})),
    ];
    let mut tokens = Vec::new();
    for (_, path, _, body) in &asked {
        let answer = stage.post(path).token(&token).header("x-request-id", "the-request").json(body).send().await.ok();
        tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
    }
    let all = noted(&stage, "token.issued").await;
    assert_eq!(all.len(), 2);
    for ((entry, (kind, _, id, _)), seconds) in all.iter().zip(&asked).zip([120, 3600]) {
        assert_eq!(entry["object"], json!({"type": kind, "id": id}));
        assert_eq!(
            entry["actor"],
            json!({"client": stage.administrator, "principal": {"type": "client", "id": stage.administrator}})
        );
        assert_eq!((&entry["request_id"], &entry["address"]), (&json!("the-request"), &json!("127.0.0.1")));
        assert_eq!(entry["details"]["ttl_seconds"], seconds);
        assert!(entry["details"]["token"].as_str().is_some_and(|jti| jti.len() == 36));
        assert!(tokens.iter().all(|token| !entry.to_string().contains(token.as_str())));
    }
    // What was refused is none.
    post(&stage, &token, &asked[1].1, &json!({"scopes": ["audit:read"]})).await.problem(403, "insufficient_scope");
    post(&stage, &token, &asked[1].1, &json!({"scopes": []})).await.problem(422, "invalid_body");
    assert_eq!(noted(&stage, "token.issued").await.len(), 2);
});

// Every step twice, as a repeated request would; what changes nothing is not noted.
both!(what_becomes_of_learners_is_noted, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let token = stage.token("learners:read learners:write");
    let path = format!("/v1/learners/{}", ada.id);
    let merge = format!("/v1/learner-merges/{}", stage.clean_id());
    let steps = [
        ("PUT", format!("{path}/identities"), Some(json!({"system": "https://moodle.example.edu", "id": "ada@example.edu"}))),
        ("DELETE", format!("{path}/identities?system=https://moodle.example.edu&identity=ada@example.edu"), None),
        ("POST", format!("{path}/deactivate"), None),
        ("POST", format!("{path}/reactivate"), None),
        ("PUT", merge.clone(), Some(json!({"into": ada.id, "from": ben.id}))),
        ("POST", format!("{merge}/undo"), None),
    ];
    for (method, path, body) in &steps {
        for _ in 0..2 {
            let call = stage.call(method, path).token(&token);
            let answer = match body {
                Some(body) => call.json(body),
                None => call,
            };
            assert!(answer.send().await.status < 300, "{method} {path}");
        }
    }
    let all: Vec<Value> = entries(&stage).await.into_iter().filter(|entry| entry["object"]["type"] == "learner").collect();
    let seen: Vec<(&str, &Value)> = all.iter().map(|entry| (entry["act"].as_str().unwrap(), &entry["object"]["id"])).collect();
    let (one, other) = (json!(ada.id), json!(ben.id));
    let wanted = [
        ("learner.identity_added", &one),
        ("learner.identity_removed", &one),
        ("learner.deactivated", &one),
        ("learner.reactivated", &one),
        ("learner.merged", &other),
        ("learner.unmerged", &other),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(all[4]["details"]["into"], one);
    assert!(!Value::from(all).to_string().contains("ada@"), "a name in another system is no business of the log's");
    // A person of staff who looks at the names leaves an entry; a client leaves none.
    let staff = stage.clean_id();
    for _ in 0..2 {
        read(&stage, &stage.staff_token(staff, "learners:read learners:all"), &format!("{path}/identities")).await.ok();
        read(&stage, &token, &format!("{path}/identities")).await.ok();
    }
    let looked = noted(&stage, "learner.read").await;
    assert_eq!((looked.len(), &looked[0]["actor"]["principal"]["id"]), (1, &json!(staff)));
});

both!(what_is_published_withdrawn_and_deleted_is_noted, |stage| {
    let token = stage.full_token();
    let slug = OWN.rsplit('/').next().unwrap();
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.ok();
    for _ in 0..2 {
        stage.post(&format!("/v1/lessons/{slug}/withdraw")).token(&token).send().await.ok();
    }
    for act in ["lesson.published", "lesson.withdrawn"] {
        let all = noted(&stage, act).await;
        assert_eq!((all.len(), &all[0]["object"]), (1, &json!({"type": "lesson", "id": slug})), "{act}");
        assert_eq!(all[0]["details"]["revision"], 1);
    }
    let diagnosis = format!("/v1/diagnoses/{}", stage.clean_id());
    put(&stage, &token, &diagnosis, &json!({"visible_text": "I cannot help with that."})).await.is(201);
    stage.call("DELETE", &diagnosis).token(&token).send().await.is(204);
    stage.call("DELETE", &diagnosis).token(&token).send().await.problem(404, "not_found");
    let all = noted(&stage, "diagnosis.erased").await;
    assert_eq!((all.len(), &all[0]["object"]["type"], &all[0]["details"]), (1, &json!("diagnosis"), &json!({"learner": null})));
    assert!(!all[0].to_string().contains("cannot help"));
    put(&stage, &token, SIGNAL, &signal()).await.is(201);
    stage.call("DELETE", SIGNAL).token(&token).send().await.is(204);
    let all = noted(&stage, "signal.deleted").await;
    assert_eq!((all.len(), &all[0]["details"]), (1, &json!({"revision": 1})));
});

both!(failed_sign_ins_are_noted_and_counted, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let (tenant, scopes) = (stage.tenant, Scopes::parse("lessons:read").unwrap());
    let made = |name: &'static str| {
        let clock = clock.clone();
        stage.place.transaction(move |conn| first_start::new_client(conn, &clock, tenant, name, scopes)).unwrap()
    };
    let (id, secret) = made("one");
    let ask = async |id: &str, secret: &str| {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        stage.post("/oauth/token").form(&form).send().await.status
    };
    let id = id.to_string();
    for _ in 0..5 {
        assert_eq!(ask(&id, "wms_wrong").await, 401);
        assert_eq!(ask(&stage.clean_id().to_string(), "wms_wrong").await, 401);
        assert_eq!(ask("no id", "wms_wrong").await, 401);
    }
    assert_eq!(ask(&id, &secret).await, 200);
    let counts = async || {
        let all = noted(&stage, "sign_in.failed").await;
        all.iter().map(|entry| entry["details"]["count"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    eventually("the first is noted", || async { (counts().await == [1]).then_some(()) }).await;
    // A minute later the others are told, without another one.
    clock.set(start.plus_seconds(61));
    eventually("the others are noted", || async { (counts().await == [1, 4]).then_some(()) }).await;
    let entry = noted(&stage, "sign_in.failed").await.remove(1);
    assert_eq!(entry["object"], json!({"type": "client", "id": id}));
    assert_eq!(entry["actor"], json!({"client": null, "principal": null}), "nobody was signed in");
    assert_eq!((&entry["address"], &entry["details"]["reason"]), (&json!("127.0.0.1"), &json!("wrong_secret")));
    assert!(!entry.to_string().contains("wms_"));
    // Another client has a minute of its own; a disabled one is told apart.
    let (other, secret) = made("two");
    let disabling = clock.now();
    stage.place.transaction(move |conn| waymark::auth::store::disable_client(conn, tenant, other, disabling)).unwrap();
    assert_eq!(ask(&other.to_string(), &secret).await, 401);
    eventually("the disabled one is noted", || async {
        let all = noted(&stage, "sign_in.failed").await;
        all.iter()
            .any(|entry| entry["details"]["reason"] == "client_disabled" && entry["object"]["id"] == json!(other))
            .then_some(())
    })
    .await;
    // What waits when the service stops is written then; another process keeps to the minute too.
    assert_eq!(ask(&id, "wms_wrong").await, 401);
    stage.stop();
    let stage = place.serve_with(|_| {}, clock.clone());
    let all = noted(&stage, "sign_in.failed").await;
    let counts: Vec<_> =
        all.iter().filter(|entry| entry["object"]["id"] == json!(id)).map(|entry| entry["details"]["count"].clone()).collect();
    assert_eq!(counts, [json!(1), json!(4), json!(1)]);
});

both!(what_staff_read_is_noted_once_an_hour, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let ada = pupil(&stage, "ada").await;
    let attempt = started(&stage, &ada.token).await;
    let (submission, diagnosis) =
        (format!("/v1/submissions/{}", stage.clean_id()), format!("/v1/diagnoses/{}", stage.clean_id()));
    put(&stage, &ada.token, &submission, &begin()).await.is(201);
    put(&stage, &ada.token, &diagnosis, &json!({"visible_text": "I cannot help with that."})).await.is(201);
    let learner = format!("/v1/learners/{}", ada.id);
    let paths = [
        (attempt.clone(), "attempt.read"),
        (submission.clone(), "submission.read"),
        (diagnosis.clone(), "diagnosis.read"),
        (learner.clone(), "learner.read"),
        (format!("{learner}/progress"), "progress.read"),
        ("/v1/attempts?limit=1".to_owned(), "attempt.listed"),
        ("/v1/submissions".to_owned(), "submission.listed"),
        ("/v1/diagnoses".to_owned(), "diagnosis.listed"),
        ("/v1/learners".to_owned(), "learner.listed"),
        ("/v1/records".to_owned(), "record.listed"),
    ];
    let scopes = "attempts:read submissions:read diagnoses:run learners:read records:read learners:all";
    let readings = async || {
        let mut all: BTreeMap<String, usize> = BTreeMap::new();
        for entry in entries(&stage).await {
            let act = entry["act"].as_str().unwrap();
            if act.ends_with(".read") || act.ends_with(".listed") {
                *all.entry(act.to_owned()).or_default() += 1;
                assert_eq!(entry["actor"]["principal"]["type"], "staff");
            }
        }
        all
    };
    for (path, _) in &paths {
        read(&stage, &ada.token, path).await.ok();
        read(&stage, &stage.token(scopes), path).await.ok();
    }
    assert_eq!(readings().await, BTreeMap::new(), "learners and clients are not staff");
    let staff = [stage.staff_token(stage.clean_id(), scopes), stage.staff_token(stage.clean_id(), scopes)];
    for round in 1..=3 {
        for (n, token) in staff.iter().enumerate() {
            for (path, act) in &paths {
                read(&stage, token, path).await.ok();
                assert_eq!(readings().await[*act], if round == 1 { n + 1 } else { 2 }, "{path}");
            }
        }
    }
    // What belongs to the same thing is the same reading; what is not there is none.
    for path in [format!("{submission}/revisions"), format!("{submission}/reviews"), format!("{attempt}/gradings")] {
        read(&stage, &staff[0], &path).await.ok();
    }
    read(&stage, &staff[0], &format!("/v1/attempts/{}", stage.clean_id())).await.problem(404, "not_found");
    assert!(readings().await.values().all(|count| *count == 2));
    // Another process knows it from the database.
    stage.stop();
    let stage = place.serve_with(|_| {}, clock.clone());
    let again = async |stage: &Stage, token: &str| {
        read(stage, token, &attempt).await.ok();
        noted(stage, "attempt.read").await.len()
    };
    assert_eq!(again(&stage, &staff[0]).await, 2);
    clock.set(start.plus_seconds(3601));
    let staff_token = stage.staff_token(stage.clean_id(), scopes);
    assert_eq!(again(&stage, &staff_token).await, 3);
    // A log that cannot be written fails no reading.
    stage.place.db(|conn| conn.batch("ALTER TABLE audit_heads RENAME TO gone"));
    let stranger = stage.staff_token(stage.clean_id(), scopes);
    read(&stage, &stranger, &attempt).await.ok();
    stage.place.db(|conn| conn.batch("ALTER TABLE gone RENAME TO audit_heads"));
    assert_eq!(again(&stage, &stranger).await, 4, "and is tried again");
});
