//! What somebody has, of every kind that the service keeps, and what of it others could name. `other_peoples_things.rs` shows that
//! nobody gets at it.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::flow::{post, put, read, whole};
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
    Tenant,
    Client,
    /// The client that did what was done.
    Actor,
    Issuer,
    /// How an issuer is called in its tokens.
    IssuerName,
    PersonalToken,
    /// A merge of learners, claims among them.
    Merge,
    Cohort,
    /// What another system calls a cohort, with the system beside it.
    CohortName,
    /// An access token of a learner.
    LearnerToken,
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
        let of_learner = matches!(self, Attempt | Submission | Diagnosis | Learner | Identity | IdentityId | Identities | Merge);
        // Administration is for no learner, whatever the token's scopes.
        of_learner || matches!(self, Tenant | Client | Actor | Issuer | IssuerName | PersonalToken | Cohort | CohortName | Cursor)
    }

    /// Whether its id is one for all tenants, so that nobody else can take it.
    pub fn one_for_all(self) -> bool {
        matches!(self, Thing::Tenant | Thing::Client | Thing::PersonalToken)
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

fn issuer_name(word: &str) -> String {
    format!("https://login-{word}.example.edu")
}

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
        Thing::Attempt | Thing::Submission | Thing::Diagnosis | Thing::Learner | Thing::Regrade | Thing::Merge => plain(&id),
        Thing::Cohort => plain(&id),
        Thing::Tenant | Thing::Client | Thing::Actor | Thing::Issuer | Thing::PersonalToken => plain(&id),
        Thing::IssuerName => plain(&issuer_name(&id)),
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
    tenant: String,
    administrator: Id,
    client: String,
    client_secret: String,
    issuer: String,
    issuer_name: String,
    personal_tokens: Vec<String>,
    personal_token: String,
    merge: String,
    cohorts: Vec<String>,
    cohort_name: String,
    pub claim: String,
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
    pub async fn make(stage: &Stage, (tenant, administrator): (Id, Id), word: &str) -> Belongings {
        let all = Scopes::all().to_string();
        let (shared, mark) = (shared_mark(word), personal_mark(word));
        let token = stage.issue(tenant, administrator, Principal::Client(administrator), &all);
        let identity = format!("{word}-42");
        let learner = learner_of(stage, &token, &identity, &format!("{mark} of {word}")).await;
        learner_of(stage, &token, &format!("{word}-43"), "Another").await;
        let own = stage.issue(tenant, administrator, Principal::Learner(learner), &all);

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
        let (client, issuer, issuer_name) = (new_id(), new_id(), issuer_name(word));
        let registered = json!({"name": format!("{shared} LMS"), "scopes": ["lessons:read"]});
        let made = put(stage, &token, &format!("/v1/clients/{client}"), &registered).await.is(201).json();
        let client_secret = made["client_secret"].as_str().unwrap().to_owned();
        let rule = json!({"role": "learner", "scopes": ["lessons:read"]});
        let provider = json!({"issuer": issuer_name, "audience": "phone", "roles": [rule]});
        put(stage, &token, &format!("/v1/issuers/{issuer}"), &provider).await.is(201);
        let personal_tokens = vec![new_id(), new_id()];
        let mut personal_token = String::new();
        for id in &personal_tokens {
            personal_token = crate::attacks::personal_token(stage, &token, id, &format!("{shared} dashboard")).await;
        }
        let former = learner_of(stage, &token, &format!("{word}-44"), &format!("{mark} before")).await;
        let (merge, claim) = (new_id(), new_id());
        let both = json!({"into": learner, "from": former});
        put(stage, &token, &format!("/v1/learner-merges/{merge}"), &both).await.is(201);
        // One whom the client alone knows.
        let guest = put(stage, &token, &format!("/v1/learners/by-identity?id={word}-45"), &json!({})).await.is(201).json();
        let guest: Id = guest["id"].as_str().unwrap().parse().unwrap();
        let guest_token = stage.issue(tenant, administrator, Principal::Learner(guest), "lessons:read attempts:write");
        let shown = json!({"guest_token": guest_token});
        put(stage, &own, &format!("/v1/learners/{learner}/claims/{claim}"), &shown).await.is(201);
        let (cohorts, cohort_name) = (vec![new_id(), new_id()], format!("{word}-class"));
        for (id, name) in cohorts.iter().zip([&cohort_name, &format!("{word}-other-class")]) {
            let group = json!({"name": format!("{mark} group"), "system": SYSTEM, "external_id": name});
            put(stage, &token, &format!("/v1/cohorts/{id}"), &group).await.is(201);
            put(stage, &token, &format!("/v1/cohorts/{id}/learners/{learner}"), &Value::Null).await.is(204);
        }
        Belongings {
            cohorts,
            cohort_name,
            tenant: tenant.to_string(),
            administrator,
            client,
            client_secret,
            issuer,
            issuer_name,
            personal_tokens,
            personal_token,
            merge,
            claim,
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
            Thing::Tenant => vec![plain(&self.tenant)],
            Thing::Client => vec![plain(&self.client)],
            Thing::Actor => vec![plain(&self.administrator.to_string())],
            Thing::Issuer => vec![plain(&self.issuer)],
            Thing::IssuerName => vec![plain(&self.issuer_name)],
            Thing::PersonalToken => all(&self.personal_tokens),
            Thing::Merge => vec![plain(&self.merge), plain(&self.claim)],
            Thing::Cohort => all(&self.cohorts),
            Thing::CohortName => vec![plain(&self.cohort_name)],
            Thing::LearnerToken => vec![plain(&self.learner_token)],
            Thing::Cursor => Vec::new(),
        }
    }

    /// Every id and every word that must not turn up in what others are shown.
    pub fn ids(&self) -> Vec<String> {
        let lists = [
            &self.attempts,
            &self.submissions,
            &self.diagnoses,
            &self.regrades,
            &self.drafts,
            &self.parts,
            &self.personal_tokens,
            &self.cohorts,
        ];
        let single = [
            &self.lesson,
            &self.version,
            &self.course,
            &self.signal,
            &self.identity,
            &self.learner.to_string(),
            &self.tenant,
            &self.client,
            &self.issuer,
            &self.issuer_name,
            &self.merge,
            &self.claim,
            &self.cohort_name,
            &self.shared_mark,
            &self.personal_mark,
        ];
        lists.into_iter().flatten().chain(single).cloned().chain(self.secrets()).collect()
    }

    /// What was shown once and is shown to nobody again.
    pub fn secrets(&self) -> Vec<String> {
        vec![self.client_secret.clone(), self.personal_token.clone(), self.client_token.clone(), self.learner_token.clone()]
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
        paths.extend(self.personal_tokens.iter().map(|id| format!("/v1/personal-tokens/{id}")));
        paths.extend(self.cohorts.iter().flat_map(|id| [format!("/v1/cohorts/{id}"), format!("/v1/cohorts/{id}/learners")]));
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
            format!("{learner}/identities"),
            format!("/v1/clients/{}", self.client),
            format!("/v1/issuers/{}", self.issuer),
            format!("/v1/tenants/{}", self.tenant),
            format!("/v1/learner-merges/{}", self.merge),
            format!("/v1/learner-merges/{}", self.claim),
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
