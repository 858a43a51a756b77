//! What somebody has, of every kind that the service keeps, and what of it others could name. `other_peoples_things.rs` shows that
//! nobody gets at it.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::flow::{begin, post, put, read, whole};
use crate::harness::{Stage, slug};

/// A kind of thing that a parameter can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Attempt,
    Submission,
    Diagnosis,
    Learner,
    /// `{system, id}` of a learner.
    Identity,
    /// The id alone, with the system beside it.
    IdentityId,
    Identities,
    Regrade,
    Draft,
    Lesson,
    Lessons,
    Version,
    Course,
    Signal,
    Signals,
    BundlePart,
    /// Where a page of this list ended.
    Cursor,
}

impl Thing {
    pub fn identity(self) -> bool {
        matches!(self, Thing::Identity | Thing::IdentityId | Thing::Identities)
    }

    /// Whether another learner of the same tenant must not get at it either.
    pub fn personal(self) -> bool {
        use Thing::*;
        matches!(self, Attempt | Submission | Diagnosis | Learner | Identity | IdentityId | Identities | Cursor)
    }
}

/// The value of a parameter, and the text by which it is known in an answer.
#[derive(Debug, Clone)]
pub struct Name {
    pub text: String,
    pub value: Value,
}

fn plain(text: &str) -> Name {
    Name { text: text.to_owned(), value: json!(text) }
}

pub const SYSTEM: &str = "https://moodle.example.edu";

fn of_kind(thing: Thing, text: &str) -> Name {
    let value = match thing {
        Thing::Identity => json!({"system": SYSTEM, "id": text}),
        Thing::Identities => json!([{"system": SYSTEM, "id": text}]),
        Thing::Lessons | Thing::Signals => json!([text]),
        _ => json!(text),
    };
    Name { text: text.to_owned(), value }
}

/// The name of something that is nowhere.
pub fn nothing(thing: Thing) -> Name {
    let id = uuid::Uuid::new_v4().to_string();
    let digest = format!("{}{}", id.replace('-', ""), uuid::Uuid::new_v4().simple());
    match thing {
        Thing::Attempt | Thing::Submission | Thing::Diagnosis | Thing::Learner | Thing::Regrade => plain(&id),
        Thing::Version => plain(&format!("sha256-{digest}")),
        Thing::BundlePart => plain(&digest),
        Thing::Cursor => plain("AAAA"),
        _ => of_kind(thing, &format!("nothing-{}", &digest[..12])),
    }
}

/// A word that stands in every text that belongs to the tenant of this name, and nowhere else.
fn shared_mark(word: &str) -> String {
    format!("Zyxwid{word}")
}

/// The same of every text that belongs to its learner.
fn personal_mark(word: &str) -> String {
    format!("Qvjmor{word}")
}

/// Somebody's tenant, client and learner, with one or more of everything.
pub struct Belongings {
    /// The client's, with every scope.
    pub client_token: String,
    pub learner_token: String,
    pub learner: Id,
    attempts: Vec<String>,
    submissions: Vec<String>,
    diagnoses: Vec<String>,
    regrades: Vec<String>,
    drafts: Vec<String>,
    lesson: String,
    version: String,
    course: String,
    signal: String,
    parts: Vec<String>,
    identity: String,
    pub shared_mark: String,
    pub personal_mark: String,
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A learner of a tenant, by an identity.
pub async fn learner_of(stage: &Stage, token: &str, identity: &str, name: &str) -> Id {
    let path = format!("/v1/learners/by-identity?system={SYSTEM}&id={identity}");
    put(stage, token, &path, &json!({"name": name})).await.is(201).json()["id"].as_str().unwrap().parse().unwrap()
}

impl Belongings {
    /// Makes all of it over the API. `word` begins the names of what is chosen by its owner.
    pub async fn make(stage: &Stage, (tenant, client): (Id, Id), word: &str) -> Belongings {
        let all = Scopes::all().to_string();
        let (shared, mark) = (shared_mark(word), personal_mark(word));
        let token = stage.issue(tenant, client, Principal::Client(client), &all);
        let identity = format!("{word}-42");
        let learner = learner_of(stage, &token, &identity, &format!("{mark} of {word}")).await;
        learner_of(stage, &token, &format!("{word}-43"), "Another").await;
        let own = stage.issue(tenant, client, Principal::Learner(learner), &all);

        let (lesson, unpublished) = (format!("{word}-lesson"), format!("{word}-draft"));
        for slug in [&lesson, &unpublished] {
            let mut draft = crate::authoring::draft();
            draft["lesson"]["slug"] = json!(slug);
            draft["lesson"]["title"]["en"] = json!(format!("{shared} of {word}"));
            put(stage, &token, &format!("/v1/drafts/{slug}"), &draft).await.is(201);
        }
        let published = crate::authoring::publish(stage, &token, &format!("/v1/drafts/{lesson}"), "\"1\"").await.is(201).json();
        let version = published["version"].as_str().unwrap().to_owned();
        let course = format!("{word}-course");
        let body = json!({"default_language": "en", "title": {"en": format!("{shared} of {word}")}, "summary": {"en": shared},
            "lessons": [lesson]});
        put(stage, &token, &format!("/v1/courses/{course}"), &body).await.is(201);
        let bundle = read(stage, &token, &format!("/v1/courses/{course}/bundle")).await.ok().json();
        let mut parts = Vec::new();
        for (_, value) in crate::bad_input::leaves(&bundle) {
            let Some(digest) = value.as_str().filter(|text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
            else {
                continue;
            };
            let part = read(stage, &token, &format!("/v1/bundle-parts/{digest}")).await;
            if part.status == 200 && part.text().contains(&shared) {
                parts.push(digest.to_owned());
            }
        }
        assert!(!parts.is_empty(), "the bundle of {course} has no part of its own: {bundle}");
        let signal = format!("{word}-signal");
        let mut rule = crate::signals::signal();
        rule["meaning"] = json!(format!("{shared}: the gateway's topic rule stopped the request."));
        put(stage, &token, &format!("/v1/signals/{signal}"), &rule).await.is(201);

        let (open, submitted) = (new_id(), new_id());
        let placed = json!({"lesson": slug(), "context": {"placement": format!("{mark}-{word}")}});
        put(stage, &own, &format!("/v1/attempts/{open}"), &placed).await.is(201);
        put(stage, &own, &format!("/v1/attempts/{submitted}"), &whole(8)).await.is(201);

        let (draft, handed_in, reviewed) = (new_id(), new_id(), new_id());
        let mut work = crate::submissions::complete();
        work["diagnosis"]["because"] = json!(format!("{mark}: the error names the prompt, and nothing was generated."));
        put(stage, &own, &format!("/v1/submissions/{draft}"), &work).await.is(201);
        work["submit"] = json!(true);
        for id in [&handed_in, &reviewed] {
            put(stage, &own, &format!("/v1/submissions/{id}"), &work).await.is(201);
        }
        let path = format!("/v1/submissions/{reviewed}");
        let revision = read(stage, &own, &path).await.ok().json()["revision"].clone();
        let review = json!({"state": "reviewed", "comment": mark, "submission_revision": revision});
        post(stage, &token, &format!("{path}/reviews"), &review).await.is(201);

        let (mut diagnoses, mut regrades) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let (diagnosis, regrade) = (new_id(), new_id());
            let evidence = json!({"visible_text": format!("{mark} cannot help with {diagnosis}.")});
            put(stage, &own, &format!("/v1/diagnoses/{diagnosis}"), &evidence).await.is(201);
            let again = json!({"lesson": lesson, "from": version, "to": version, "reason": shared});
            put(stage, &token, &format!("/v1/regrades/{regrade}"), &again).await.is(201);
            diagnoses.push(diagnosis);
            regrades.push(regrade);
        }
        Belongings {
            client_token: token,
            learner_token: own,
            learner,
            attempts: vec![open, submitted],
            submissions: vec![draft, handed_in, reviewed],
            diagnoses,
            regrades,
            drafts: vec![lesson.clone(), unpublished],
            lesson,
            version,
            course,
            signal,
            parts,
            identity,
            shared_mark: shared,
            personal_mark: mark,
        }
    }

    /// What of this kind can be named. Cursors are made where they are used.
    pub fn named(&self, thing: Thing) -> Vec<Name> {
        let all = |list: &[String]| list.iter().map(|text| plain(text)).collect::<Vec<_>>();
        match thing {
            Thing::Attempt => all(&self.attempts),
            Thing::Submission => all(&self.submissions),
            Thing::Diagnosis => all(&self.diagnoses[..1]),
            Thing::Learner => vec![plain(&self.learner.to_string())],
            Thing::Identity | Thing::Identities | Thing::IdentityId => vec![of_kind(thing, &self.identity)],
            Thing::Regrade => all(&self.regrades[..1]),
            Thing::Draft => all(&self.drafts),
            Thing::Lesson | Thing::Lessons => vec![of_kind(thing, &self.lesson)],
            Thing::Version => vec![plain(&self.version)],
            Thing::Course => vec![plain(&self.course)],
            Thing::Signal | Thing::Signals => vec![of_kind(thing, &self.signal)],
            Thing::BundlePart => all(&self.parts[..1]),
            Thing::Cursor => Vec::new(),
        }
    }

    /// Every id and every word that must not turn up in what others are shown.
    pub fn ids(&self) -> Vec<String> {
        let lists = [&self.attempts, &self.submissions, &self.diagnoses, &self.regrades, &self.drafts, &self.parts];
        let single = [
            &self.lesson,
            &self.version,
            &self.course,
            &self.signal,
            &self.identity,
            &self.learner.to_string(),
            &self.shared_mark,
            &self.personal_mark,
        ];
        lists.into_iter().flatten().chain(single).cloned().collect()
    }

    /// All of it as its owners see it.
    pub async fn seen(&self, stage: &Stage) -> Vec<(String, Value)> {
        let mut paths = Vec::new();
        for id in &self.attempts {
            paths.extend([format!("/v1/attempts/{id}"), format!("/v1/attempts/{id}/gradings")]);
        }
        for id in &self.submissions {
            let path = format!("/v1/submissions/{id}");
            paths.extend([format!("{path}/revisions"), format!("{path}/reviews"), path]);
        }
        paths.extend(self.diagnoses.iter().map(|id| format!("/v1/diagnoses/{id}")));
        paths.extend(self.regrades.iter().map(|id| format!("/v1/regrades/{id}")));
        paths.extend(self.drafts.iter().map(|slug| format!("/v1/drafts/{slug}")));
        let lesson = format!("/v1/lessons/{}", self.lesson);
        let learner = format!("/v1/learners/{}", self.learner);
        let of_learner =
            ["attempts", "submissions", "diagnoses"].map(|list| format!("/v1/{list}?limit=100&learner={}", self.learner));
        paths.extend(of_learner);
        paths.extend([
            format!("{lesson}/versions"),
            format!("{lesson}/source"),
            lesson,
            format!("/v1/courses/{}", self.course),
            format!("/v1/signals/{}", self.signal),
            format!("{learner}/progress"),
            learner,
        ]);
        let mut seen = Vec::new();
        for path in paths {
            let answer = read(stage, &self.client_token, &path).await.ok().json();
            seen.push((path, answer));
        }
        seen
    }
}

/// A body that is in order and may be sent any number of times.
pub fn body_for(operation: &str, example: Option<Value>, version: &str) -> Value {
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
        "put_diagnosis" => json!({"visible_text": "I can't help with that."}),
        _ => example.unwrap_or(Value::Null),
    }
}
