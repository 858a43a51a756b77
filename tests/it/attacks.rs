//! Who attacks what belongs to somebody else, with which request, and what an answer gives away. `other_peoples_things.rs` tries all of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waymark::auth::store::{Tenant, insert_tenant};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;
use waymark::first_start;

use crate::belongings::{Belongings, Name, SYSTEM, Thing, learner_of};
use crate::document::Operation;
use crate::flow::{begin, read, whole};
use crate::harness::{Answer, Stage, course_slug, slug};
use crate::learners::second_tenant;
use crate::named_things::id_of;

/// What kind of token somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Client,
    Staff,
    Learner,
    /// `wm_pat_...`
    Personal,
}

/// A token, and the learner of its tenant whom its owner names where a request must name one.
#[derive(Debug, Clone)]
pub struct Caller {
    pub token: String,
    tenant: Id,
    client: Id,
    own: Id,
}

impl Caller {
    /// Somebody new of this kind in a tenant.
    async fn new(stage: &Stage, (tenant, client): (Id, Id), kind: Kind, own: Id) -> Caller {
        let all = Scopes::all().to_string();
        let principal = match kind {
            Kind::Client => Principal::Client(client),
            Kind::Staff | Kind::Personal => Principal::Staff(stage.clean_id()),
            Kind::Learner => Principal::Learner(own),
        };
        let mut token = stage.issue(tenant, client, principal, &all);
        if kind == Kind::Personal {
            let by = stage.issue(tenant, client, Principal::Client(client), &all);
            token = personal_token(stage, &by, &stage.clean_id().to_string(), "A dashboard").await;
        }
        Caller { token, tenant, client, own }
    }

    fn client_token(&self, stage: &Stage) -> String {
        stage.issue(self.tenant, self.client, Principal::Client(self.client), &Scopes::all().to_string())
    }
}

/// A personal token with every scope that such a token may have.
pub async fn personal_token(stage: &Stage, by: &str, id: &str, name: &str) -> String {
    let never = ["tokens:issue", "clients:admin", "tenants:admin"];
    let scopes: Vec<&str> = Scopes::all().names().into_iter().filter(|scope| !never.contains(scope)).collect();
    let body = json!({"name": name, "principal": {"type": "staff", "id": stage.clean_id()}, "scopes": scopes});
    let made = crate::flow::put(stage, by, &format!("/v1/personal-tokens/{id}"), &body).await.is(201).json();
    made["token"].as_str().unwrap().to_owned()
}

/// Somebody who has no business with what the owner has.
pub struct Intruder {
    pub what: &'static str,
    pub caller: Caller,
    /// Of the owner's tenant: what belongs to the tenant is not another's.
    pub same_tenant: bool,
    kind: Kind,
}

impl Intruder {
    /// Somebody like this one from a tenant that has nothing yet: what was made there under a name before would be found again.
    pub async fn newcomer(&self, stage: &Stage) -> Caller {
        let (tenant, name, now) = (stage.clean_id(), uuid::Uuid::new_v4().to_string(), stage.clock.now());
        let (row, clock) = (Tenant { id: tenant, name, created_at: now, suspended_at: None }, stage.clock.clone());
        let made = stage.place.transaction(move |conn| {
            assert!(insert_tenant(conn, &row)?);
            first_start::new_client(conn, &clock, tenant, "administrator", Scopes::all())
        });
        let (client, _) = made.unwrap();
        let by = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
        let own = learner_of(stage, &by, "somebody", "Somebody").await;
        Caller::new(stage, (tenant, client), self.kind, own).await
    }
}

/// What a caller has, for requests that name more than one thing.
#[derive(Debug, Clone, Default)]
pub struct Stand {
    pub version: String,
    /// A learner, and one whom the client alone knows.
    pub own: Id,
    pub guest: Id,
    pub guest_token: String,
    pub claim: String,
    pub cohort: String,
}

/// A body that is in order and may be sent any number of times.
pub fn body_for(operation: &str, example: Option<Value>, stand: &Stand) -> Value {
    let version = &stand.version;
    let first = &crate::flow::items()[0];
    let saved = crate::flow::wrong(first, 9);
    match operation {
        "start_attempt" | "put_attempt" => whole(3),
        "put_responses" => json!({"responses": [saved]}),
        "put_response" => json!({"seq": 9, "response": saved["response"]}),
        "create_submission" | "put_submission" => begin(),
        "create_regrade" | "put_regrade" => json!({"lesson": slug(), "from": version, "to": version, "reason": "To see."}),
        "create_learner" => json!({"name": "Somebody", "identities": [{"system": SYSTEM, "id": "somebody-else"}]}),
        "issue_learner_token" => json!({"scopes": ["lessons:read"]}),
        "create_review" => json!({"state": "reviewed", "comment": "So.", "submission_revision": 1}),
        "put_learner_merge" => json!({"into": stand.own, "from": stand.guest}),
        "put_claim" => json!({"guest_token": stand.guest_token}),
        "put_identity" => json!({"system": SYSTEM, "id": "one-more"}),
        // No two entries have the same issuer and audience.
        "put_issuer" => json!({
            "issuer": "https://login.example.edu",
            "audience": uuid::Uuid::new_v4(),
            "roles": [{"role": "learner", "scopes": ["lessons:read"]}],
        }),
        "put_cohort" => json!({"name": "Of the caller", "system": SYSTEM, "external_id": uuid::Uuid::new_v4()}),
        "put_tenant" => json!({"name": "a-tenant-of-the-caller"}),
        "create_client" | "put_client" => json!({"name": "Of the caller", "scopes": ["lessons:read"]}),
        "put_diagnosis" => json!({"visible_text": "I can't help with that."}),
        _ => example.unwrap_or(Value::Null),
    }
}

/// What the caller has of its own for a request that must name more than the attacked thing. Merges use up a guest each.
pub async fn stand_of(stage: &Stage, caller: &Caller, owner: &Belongings, operation: &Operation, version: &str) -> Stand {
    let mut stand = Stand { own: caller.own, claim: owner.claim.clone(), version: version.to_owned(), ..Stand::default() };
    if id_of(operation).ends_with("_cohort_learner") {
        // One of the caller's own, for whom it is the learner that is not there.
        stand.cohort = uuid::Uuid::new_v4().to_string();
        let path = format!("/v1/cohorts/{}", stand.cohort);
        crate::flow::put(stage, &caller.client_token(stage), &path, &json!({"name": "Of the caller"})).await.is(201);
    }
    if ["put_claim", "put_learner_merge"].contains(&id_of(operation)) {
        let id = uuid::Uuid::new_v4();
        let path = format!("/v1/learners/by-identity?id={id}");
        let made = crate::flow::put(stage, &caller.client_token(stage), &path, &json!({})).await.is(201).json();
        stand.guest = made["id"].as_str().unwrap().parse().unwrap();
        stand.guest_token =
            stage.issue(caller.tenant, caller.client, Principal::Learner(stand.guest), "lessons:read attempts:write");
        stand.claim = id.to_string();
    }
    stand
}

/// The owner as a caller of the same requests.
pub fn owner_as_caller(stage: &Stage, owner: &Belongings) -> Caller {
    let token = owner.client_token.clone();
    Caller { token, tenant: stage.tenant, client: stage.administrator, own: owner.learner }
}

/// A request that is in order, with `name` at the place `at`.
pub struct Attack<'a> {
    pub operation: &'a Operation,
    pub at: &'a str,
    pub name: &'a Name,
    pub if_match: bool,
    pub stand: Stand,
}

impl<'a> Attack<'a> {
    pub fn of((operation, at, if_match): (&'a Operation, &'a str, bool), name: &'a Name, stand: Stand) -> Attack<'a> {
        Attack { operation, at, name, if_match, stand }
    }

    pub fn url(&self) -> String {
        let operation = self.operation;
        let segments = operation.path.split('/').map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else { return segment.to_owned() };
            if self.at.strip_prefix("path:") == Some(name) {
                return self.name.text.clone();
            }
            match name {
                "slug" if id_of(operation) == "put_course" => "course-of-the-caller".to_owned(),
                "slug" if operation.path.starts_with("/v1/courses") => course_slug(),
                "slug" => slug(),
                "signal" => "signal-of-the-caller".to_owned(),
                "item_id" => crate::flow::items()[0].id.clone(),
                "claim" => self.stand.claim.clone(),
                "id" if !self.stand.cohort.is_empty() => self.stand.cohort.clone(),
                "learner" => self.stand.own.to_string(),
                "id" if operation.path.starts_with("/v1/learners/") => self.stand.own.to_string(),
                _ => uuid::Uuid::new_v4().to_string(),
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let mut query: Vec<(String, String)> = Vec::new();
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            if self.at.strip_prefix("query:") == Some(name) {
                query.push((name.to_owned(), self.name.text.clone()));
            } else if parameter["required"] == true {
                query.push((name.to_owned(), "x".to_owned()));
            }
        }
        // What is named by two parameters.
        match self.at {
            "query:identity" | "query:id" => query.push(("system".to_owned(), SYSTEM.to_owned())),
            "query:object_id" => query.push(("object_type".to_owned(), "client".to_owned())),
            _ => {}
        }
        if query.is_empty() { path } else { format!("{path}?{}", serde_urlencoded::to_string(query).unwrap()) }
    }

    pub fn body(&self) -> Option<Value> {
        self.operation.json_body()?;
        let mut body = body_for(id_of(self.operation), self.operation.example(), &self.stand);
        if id_of(self.operation) == "put_draft" {
            body["lesson"]["slug"] = json!(self.name.text);
        }
        if let Some(pointer) = self.at.strip_prefix("body:/") {
            match pointer.split_once('/') {
                Some((outer, inner)) => body[outer] = json!({ inner: self.name.value }),
                // A claim names its guest in one way.
                None if id_of(self.operation) == "put_claim" => body = json!({ pointer: self.name.value }),
                None => body[pointer] = self.name.value.clone(),
            }
        }
        Some(body)
    }

    pub async fn send(&self, stage: &Stage, token: &str) -> Answer {
        let mut call = self.operation.call(stage, &self.url()).token(token).header("x-request-id", "intruder");
        if self.if_match {
            call = call.header("if-match", "*");
        }
        match self.body() {
            Some(body) => call.json(&body).send().await,
            None => call.send().await,
        }
    }

    /// The document names the answer's status.
    pub fn documented(&self, answer: &Answer) -> bool {
        self.operation.value["responses"].as_object().unwrap().contains_key(&answer.status.to_string())
    }

    /// The answer, with the name that was sent taken out of it; of what was made, only what kind of answer it is.
    pub fn told(&self, answer: &Answer) -> String {
        let without = |text: &str| text.replace(&self.name.text, "(the name)");
        if (200..300).contains(&answer.status) {
            let names: BTreeSet<String> = answer
                .header("content-type")
                .starts_with("application/json")
                .then(|| answer.json())
                .map_or_else(BTreeSet::new, |body| {
                    body.as_object().into_iter().flatten().map(|(name, value)| format!("{name}:{}", value.is_null())).collect()
                });
            return format!("{} {names:?}", answer.status);
        }
        // How much of the caller's rate is left, and whether the body was there before the answer, differ from call to call.
        let hidden = ["date", "content-length", "ratelimit", "connection"];
        let headers: BTreeSet<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !hidden.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", without(value.to_str().unwrap())))
            .collect();
        format!("{} {headers:?} {}", answer.status, without(&answer.text()))
    }
}

/// Ids of the owner's, and the owner's word, that the answer holds although nobody sent them.
pub fn leaked(answer: &Answer, owner: &Belongings, sent: &Name) -> Vec<String> {
    let text = answer.text() + answer.header("location") + answer.header("link");
    let text = text.replace(&sent.text, "");
    owner.ids().into_iter().filter(|id| text.contains(id.as_str())).collect()
}

pub async fn cursors(stage: &Stage, operation: &Operation, owner: &Belongings) -> Vec<Name> {
    let mut found = Vec::new();
    for token in [&owner.client_token, &owner.learner_token] {
        for id in owner.named(Thing::Submission) {
            let path = operation.path.replace("{id}", &id.text);
            let page = read(stage, token, &format!("{path}?limit=1")).await;
            if page.status == 200
                && let Some(text) = page.json()["next_cursor"].as_str()
                && !found.iter().any(|known: &Name| known.text == text)
            {
                found.push(Name { text: text.to_owned(), value: json!(text) });
            }
        }
    }
    found
}

pub struct World {
    pub owner: Belongings,
    pub intruders: Vec<Intruder>,
    /// A version of the lesson that everybody sees.
    pub version: String,
}

/// Two tenants, in each a client, staff and learners, each with things of their own.
pub async fn world(stage: &Stage) -> World {
    let all = Scopes::all().to_string();
    let home = (stage.tenant, stage.administrator);
    let owner = Belongings::make(stage, home, "hers").await;
    let away = second_tenant(stage);
    let theirs = Belongings::make(stage, away, "theirs").await;
    let ben = learner_of(stage, &owner.client_token, "ben", "Ben").await;
    let own = stage.learner_token(ben, &all);
    read(stage, &own, "/v1/attempts").await.ok();
    let version = read(stage, &own, &format!("/v1/lessons/{}", slug())).await.ok().json()["version"].as_str().unwrap().to_owned();
    let mut intruders = Vec::new();
    for (what, kind) in [
        ("another tenant's client", Kind::Client),
        ("another tenant's staff", Kind::Staff),
        ("another tenant's learner", Kind::Learner),
        ("another tenant's personal token", Kind::Personal),
    ] {
        let caller = Caller::new(stage, away, kind, theirs.learner).await;
        intruders.push(Intruder { what, caller, same_tenant: false, kind });
    }
    let caller = Caller::new(stage, home, Kind::Learner, ben).await;
    intruders.push(Intruder { what: "another learner", caller, same_tenant: true, kind: Kind::Learner });
    World { owner, intruders, version }
}

/// What every member of the tenant may see.
pub fn of_the_tenant(owner: &Belongings, id: &str) -> bool {
    use Thing::*;
    let shared = [Lesson, Version, Course, Signal, Draft, BundlePart, Tenant];
    id == owner.shared_mark || shared.iter().any(|thing| owner.named(*thing).iter().any(|name| name.text == id))
}
