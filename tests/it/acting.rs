//! Who may do what with a learner's thing, for every operation of the document: a learner's token does it for that learner alone,
//! every other token needs `learners:act` to act and may read, another learner and another tenant find nothing.

use serde_json::{Value, json};
use waymark::auth::rules::LEARNER_SCOPES;
use waymark::auth::{Principal, Scope, Scopes};

use crate::document::{Operation, operations};
use crate::flow::{Pupil, answer, begin, items, post, pupil, put, read, wrong_option};
use crate::harness::{Answer, Stage};
use crate::learners::second_tenant;

/// What an operation has to do with what belongs to a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// Shows one thing, or lists many.
    Reads,
    Lists,
    /// Changes it in the learner's name.
    Acts,
    /// Is about learners in general, and asks for a scope that no learner's token can have.
    Oversees,
}

const TOUCHES: &[(&str, Touch)] = &[
    ("list_attempts", Touch::Lists),
    ("start_attempt", Touch::Acts),
    ("read_attempt", Touch::Reads),
    ("put_attempt", Touch::Acts),
    ("put_responses", Touch::Acts),
    ("put_response", Touch::Acts),
    ("submit_attempt", Touch::Acts),
    ("list_gradings", Touch::Reads),
    ("list_submissions", Touch::Lists),
    ("create_submission", Touch::Acts),
    ("read_submission", Touch::Reads),
    ("put_submission", Touch::Acts),
    ("submit_submission", Touch::Acts),
    ("list_revisions", Touch::Reads),
    ("list_reviews", Touch::Reads),
    ("list_diagnoses", Touch::Lists),
    ("read_diagnosis", Touch::Reads),
    ("erase_diagnosis", Touch::Acts),
    ("list_learners", Touch::Lists),
    ("read_learner", Touch::Reads),
    ("read_progress", Touch::Reads),
    ("list_records", Touch::Lists),
    ("create_review", Touch::Oversees),
    ("put_regrade", Touch::Oversees),
    ("create_regrade", Touch::Oversees),
    ("create_learner", Touch::Oversees),
    ("put_learner_by_identity", Touch::Oversees),
    ("issue_learner_token", Touch::Oversees),
    ("list_identities", Touch::Reads),
    ("put_identity", Touch::Oversees),
    ("remove_learner_identity", Touch::Oversees),
    ("deactivate_learner", Touch::Oversees),
    ("reactivate_learner", Touch::Oversees),
    ("sign_out_learner", Touch::Oversees),
    ("put_claim", Touch::Acts),
    ("undo_claim", Touch::Acts),
    ("list_learner_merges", Touch::Oversees),
    ("read_learner_merge", Touch::Oversees),
    ("put_learner_merge", Touch::Oversees),
    ("undo_learner_merge", Touch::Oversees),
];

/// What learners have no part in: the curriculum, signals, what staff alone see; a diagnosis that is kept is the caller's own.
const NOBODYS: &[&str] = &[
    "/v1/lessons",
    "/v1/courses",
    "/v1/drafts",
    "/v1/signals",
    "/v1/bundle-parts",
    "/v1/glossary",
    "/v1/field-guide",
    "/v1/packages",
    "/v1/regrades",
    "/v1/staff",
    "/v1/diagnoses",
    "/v1/clients",
    "/v1/tenants",
    "/v1/keys",
    "/v1/issuers",
    "/v1/personal-tokens",
    "/v1/audit",
    "/v1/cohorts",
];

fn touch(operation: &Operation) -> Option<Touch> {
    let id = operation.value["operationId"].as_str().unwrap();
    let known = TOUCHES.iter().find(|(name, _)| *name == id).map(|(_, touch)| *touch);
    let silent = NOBODYS.iter().any(|path| operation.path.starts_with(path)) || !operation.secured();
    assert!(known.is_some() || silent, "say in TOUCHES what {operation} ({id}) has to do with a learner's things");
    known
}

/// What Ada has: an open attempt, a draft that could be submitted, a diagnosis that she kept.
struct Things {
    attempt: String,
    submission: String,
    diagnosis: String,
    /// What a guest did was handed over to her.
    claim: String,
    guest_token: String,
}

impl Things {
    async fn of(ada: &Pupil, stage: &Stage) -> Things {
        let id = || uuid::Uuid::new_v4().to_string();
        let guest_token = pupil(stage, &format!("guest-{}", id())).await.token;
        let things = Things { attempt: id(), submission: id(), diagnosis: id(), claim: id(), guest_token };
        let placed = json!({"lesson": crate::harness::slug(), "context": {"placement": things.attempt}});
        put(stage, &ada.token, &format!("/v1/attempts/{}", things.attempt), &placed).await.is(201);
        let work = crate::submissions::complete();
        put(stage, &ada.token, &format!("/v1/submissions/{}", things.submission), &work).await.is(201);
        let evidence = json!({"visible_text": format!("Hers: {}", things.diagnosis)});
        put(stage, &ada.token, &format!("/v1/diagnoses/{}", things.diagnosis), &evidence).await.is(201);
        things.end_claim(stage, ada).await;
        let claim = format!("/v1/learners/{}/claims/{}", ada.id, things.claim);
        put(stage, &ada.token, &claim, &json!({"guest_token": things.guest_token})).await.is(201);
        things
    }

    /// Undoes the claims of before: only so many guests become one learner.
    async fn end_claim(&self, stage: &Stage, ada: &Pupil) {
        let all = read(stage, &stage.full_token(), "/v1/learner-merges?limit=200").await.ok().json();
        for merge in all["items"].as_array().unwrap().iter().filter(|merge| merge["state"] == "merged").rev() {
            let undo = format!("/v1/learners/{}/claims/{}/undo", ada.id, merge["id"].as_str().unwrap());
            post(stage, &ada.token, &undo, &Value::Null).await.ok();
        }
    }

    /// All of it, and how many she has of each, as somebody sees it who may see everything.
    async fn seen(&self, stage: &Stage, ada: &Pupil) -> Value {
        let token = stage.full_token();
        let mut all = Vec::new();
        for path in [
            format!("/v1/attempts/{}", self.attempt),
            format!("/v1/submissions/{}", self.submission),
            format!("/v1/diagnoses/{}", self.diagnosis),
        ] {
            all.push(read(stage, &token, &path).await.ok().json());
        }
        for list in ["attempts", "submissions", "diagnoses"] {
            let page = read(stage, &token, &format!("/v1/{list}?limit=100&learner={}", ada.id)).await.ok().json();
            all.push(json!(page["items"].as_array().unwrap().len()));
        }
        json!(all)
    }

    /// A call of the operation about these things; `named` says that it names her, `may` that it is meant to succeed.
    async fn call(&self, stage: &Stage, operation: &Operation, token: &str, ada: &Pupil, named: bool, may: bool) -> Answer {
        let url = operation.url_with(|name| match name {
            "id" if operation.path.starts_with("/v1/attempts") => Some(self.attempt.clone()),
            "id" if operation.path.starts_with("/v1/submissions") => Some(self.submission.clone()),
            "id" if operation.path.starts_with("/v1/diagnoses") => Some(self.diagnosis.clone()),
            "id" if operation.path.starts_with("/v1/learners") => Some(ada.id.to_string()),
            "item_id" => Some(items()[0].id.clone()),
            "claim" => Some(self.claim.clone()),
            _ => None,
        });
        let item = &items()[0];
        let saved = answer(&item.id, 1, wrong_option(item));
        let mut body = match operation.value["operationId"].as_str().unwrap() {
            "put_responses" => json!({"responses": [saved]}),
            "put_response" => json!({"seq": 1, "response": saved["response"]}),
            "put_attempt" => json!({"lesson": crate::harness::slug(), "responses": [saved], "submit": true}),
            "start_attempt" => begin(),
            "put_claim" => json!({"guest_token": self.guest_token}),
            "put_submission" => json!({"lesson": crate::harness::slug(), "case": null}),
            "create_submission" => crate::submissions::complete(),
            _ => operation.example().unwrap_or(Value::Null),
        };
        if named && operation.properties().contains_key("learner") {
            body["learner"] = json!({"id": ada.id});
        }
        let mut call = operation.call(stage, &url).token(token);
        if may && operation.parameters("header").iter().any(|header| header["name"] == "If-Match") {
            call = call.header("if-match", "*");
        }
        if operation.json_body().is_some() { call.json(&body).send().await } else { call.send().await }
    }
}

/// The answer shows nothing of hers, and is no success where the operation is about her thing.
fn refused(operation: &Operation, touch: Touch, answer: &Answer, things: &Things) {
    operation.names(answer);
    let text = answer.text();
    if touch == Touch::Lists && answer.status == 200 {
        for hers in [&things.attempt, &things.submission, &things.diagnosis] {
            assert!(!text.contains(hers.as_str()), "{operation} lists what is another's: {text}");
        }
        return;
    }
    assert!((400..500).contains(&answer.status), "{operation} answers {}: {text}", answer.status);
    let code = answer.any_problem()["code"].clone();
    let codes = ["not_found", "forbidden", "insufficient_scope", "id_unavailable", "learner_unknown"];
    assert!(codes.iter().any(|known| code == *known), "{operation}: {text}");
    assert!(!text.contains("Hers"), "{operation}: {text}");
}

both!(a_learner_s_thing_is_touched_by_those_who_may, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let all = Scopes::all().to_string();
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, Principal::Client(client), &all);
    // A learner's token is about that learner alone, whatever its scopes.
    let (own, other) = (stage.learner_token(ada.id, &all), stage.learner_token(ben.id, &all));
    let mut tried = 0;
    for operation in operations(&stage).await {
        let Some(touch) = touch(&operation) else { continue };
        tried += 1;
        let scopes = operation.scopes().join(" ");
        let acts = operation.value["x-acts-for-learner"] == true;
        assert!(!acts || touch == Touch::Acts, "{operation} says that it acts");
        if touch == Touch::Oversees {
            let learners = Scopes::of(LEARNER_SCOPES);
            assert!(!Scopes::parse(&scopes).unwrap().within(learners), "{operation}: a learner's token could hold {scopes}");
            continue;
        }
        let things = Things::of(&ada, &stage).await;
        let before = things.seen(&stage, &ada).await;
        for (token, named) in [(&other, false), (&other, true), (&foreign, true)] {
            // A call of Ben's that names nobody and no id of hers is his own.
            if token == &other && !named && !operation.path.contains('{') {
                continue;
            }
            refused(&operation, touch, &things.call(&stage, &operation, token, &ada, named, false).await, &things);
        }
        let without = [stage.token(&scopes), stage.staff_token(stage.clean_id(), &format!("{scopes} learners:all"))];
        for token in &without {
            let answer = things.call(&stage, &operation, token, &ada, true, false).await;
            let diagnoses = operation.path.starts_with("/v1/diagnoses");
            if touch == Touch::Acts || diagnoses {
                refused(&operation, touch, &answer, &things);
            } else {
                assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
            }
            if touch == Touch::Acts && !diagnoses {
                assert_eq!(answer.problem(403, "insufficient_scope")["params"]["scope"], "learners:act", "{operation}");
                assert!(acts, "{operation} does not say in the document that it acts");
            }
        }
        assert_eq!(things.seen(&stage, &ada).await, before, "{operation}: a refused call changed something");
        let with = format!("{scopes} {} {}", Scope::LearnersAct.name(), Scope::LearnersAll.name());
        let staff = stage.staff_token(stage.clean_id(), &with);
        for (token, named) in [(&staff, true), (&own, false)] {
            let things = Things::of(&ada, &stage).await;
            let answer = things.call(&stage, &operation, token, &ada, named, true).await;
            assert!((200..300).contains(&answer.status), "{operation}: {} {}", answer.status, answer.text());
            operation.names(&answer);
        }
    }
    assert_eq!(tried, TOUCHES.len(), "TOUCHES names what is no operation");
});

both!(staff_see_kept_diagnoses_of_learners_where_they_may_read_learners, |stage| {
    let ada = pupil(&stage, "ada").await;
    let things = Things::of(&ada, &stage).await;
    let path = format!("/v1/diagnoses/{}", things.diagnosis);
    let (bare, reads) = (stage.token("diagnoses:run"), stage.token("diagnoses:run learners:read"));
    assert_eq!(read(&stage, &bare, &path).await.problem(403, "insufficient_scope")["params"]["scope"], "learners:read");
    read(&stage, &reads, &path).await.ok();
    let list = |token: String| {
        let stage = &stage;
        async move { read(stage, &token, "/v1/diagnoses").await.ok().json()["items"].as_array().unwrap().len() }
    };
    post(&stage, &bare, "/v1/diagnoses?keep=true", &json!({"visible_text": "Nobody's."})).await.is(201);
    assert_eq!((list(bare.clone()).await, list(reads.clone()).await), (1, 2));
    let hers = format!("/v1/diagnoses?learner={}", ada.id);
    read(&stage, &bare, &hers).await.problem(403, "insufficient_scope");
    assert_eq!(read(&stage, &reads, &hers).await.ok().json()["items"].as_array().unwrap().len(), 1);
    // Reading is not erasing, and the same evidence at her id finds nothing out.
    let erased = stage.call("DELETE", &path).token(&reads).send().await;
    assert_eq!(erased.problem(403, "insufficient_scope")["params"]["scope"], "learners:act");
    let same = json!({"visible_text": format!("Hers: {}", things.diagnosis)});
    put(&stage, &bare, &path, &same).await.problem(409, "id_unavailable");
    stage.call("DELETE", &path).token(&stage.token("diagnoses:run learners:act")).send().await.is(204);
});

both!(
    /// Staff without `learners:all` see and do for the learners of cohorts that they instruct what others do for everybody, and
    /// nothing for anybody else.
    an_instructor_reaches_the_learners_of_their_cohorts_alone, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    put(&stage, &ben.token, &crate::flow::new_attempt(), &begin()).await.is(201);
    put(&stage, &ben.token, &format!("/v1/submissions/{}", uuid::Uuid::new_v4()), &crate::submissions::complete()).await.is(201);
    let (hers, his) = (stage.clean_id(), stage.clean_id());
    let group = crate::cohorts::cohort(&stage, &[&ada], &[hers.to_string()]).await;
    crate::cohorts::cohort(&stage, &[&ben], &[his.to_string()]).await;
    let every = Scopes::all().without(Scope::LearnersAll).to_string();
    let (teacher, stranger) = (stage.staff_token(hers, &every), stage.staff_token(his, &every));
    for operation in operations(&stage).await {
        let Some(touch) = touch(&operation) else { continue };
        let id = operation.value["operationId"].as_str().unwrap();
        let things = Things::of(&ada, &stage).await;
        let before = things.seen(&stage, &ada).await;
        refused(&operation, touch, &things.call(&stage, &operation, &stranger, &ada, true, false).await, &things);
        assert_eq!(things.seen(&stage, &ada).await, before, "{operation}: a refused call changed something");
        stage.settled().await;
        let answer = things.call(&stage, &operation, &teacher, &ada, true, true).await;
        operation.names(&answer);
        // What makes learners, moves their things or makes tokens would reach further.
        if touch == Touch::Oversees && id != "create_review" || id.ends_with("_claim") {
            assert_eq!(answer.problem(403, "insufficient_scope")["params"]["scope"], "learners:all", "{operation}");
        } else if id == "create_review" {
            // It is found, and is no submission yet.
            assert!([409, 412].contains(&answer.status), "{operation}: {}", answer.text());
        } else {
            assert!((200..300).contains(&answer.status), "{operation}: {} {}", answer.status, answer.text());
        }
        if touch == Touch::Lists {
            let text = answer.text();
            assert!(!answer.json()["items"].as_array().unwrap().is_empty(), "{operation}");
            let named = text.contains(&ada.id.to_string()) || id == "list_diagnoses";
            assert!(named && !text.contains(&ben.id.to_string()), "{operation}: {text}");
        }
    }
    for (path, status) in [
        (format!("/v1/attempts?learner={}", ada.id), 200),
        (format!("/v1/attempts?learner={}", ben.id), 404),
        (format!("/v1/submissions?learner={}", ben.id), 404),
        (format!("/v1/diagnoses?learner={}", ben.id), 404),
        (format!("/v1/records?learner={}", ada.id), 200),
        (format!("/v1/records?learner={}", ben.id), 404),
        (format!("/v1/learners/{}", ben.id), 404),
    ] {
        assert_eq!(read(&stage, &teacher, &path).await.status, status, "{path}");
    }
    let found = async |identity: &str| {
        let page = read(&stage, &teacher, &format!("/v1/learners?identity={identity}")).await.ok().json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((found("ada").await, found("ben").await, found("nobody").await), (1, 0, 0));
    // Acting for an identity that is nobody's makes nobody.
    let identity = json!({"lesson": crate::harness::slug(), "learner": {"identity": {"id": "new"}}});
    for named in ["new", "ben"] {
        let mut body = identity.clone();
        body["learner"]["identity"]["id"] = json!(named);
        post(&stage, &teacher, "/v1/attempts", &body).await.problem(422, "learner_unknown");
    }
    // It ends at once, and with it all that it gave.
    stage.call("DELETE", &format!("{group}/instructors/{hers}")).token(&stage.full_token()).send().await.is(204);
    for list in ["attempts", "submissions", "diagnoses", "learners"] {
        assert_eq!(read(&stage, &teacher, &format!("/v1/{list}")).await.ok().json()["items"], json!([]), "{list}");
    }
});
