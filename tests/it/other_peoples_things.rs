//! Whoever names what is another's is answered as if it were not there, on every operation of the document and in every parameter
//! that can name something. What an operation and its parameters name is said in `named_things.rs`; one that is not there fails the suite.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waymark::auth::store::{Tenant, insert_tenant};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::belongings::{Belongings, Name, SYSTEM, Thing, body_for, learner_of, nothing};
use crate::document::{Operation, operations};
use crate::flow::{feed, read};
use crate::harness::{Answer, Stage, course_slug, slug};
use crate::learners::second_tenant;
use crate::named_things::{TABLE, classified, id_of};

/// Somebody who has no business with what the owner has.
struct Intruder {
    what: &'static str,
    token: String,
    /// Of the owner's tenant: what belongs to the tenant is not another's.
    same_tenant: bool,
    kind: fn(Id) -> Principal,
}

impl Intruder {
    /// Somebody like this one from a tenant that has nothing yet: what was made there under a name before would be found again.
    async fn newcomer(&self, stage: &Stage) -> String {
        let all = Scopes::all().to_string();
        let (tenant, client, name) = (stage.clean_id(), stage.clean_id(), uuid::Uuid::new_v4().to_string());
        let row = Tenant { id: tenant, name, created_at: stage.clock.now(), suspended_at: None };
        assert!(stage.place.transaction(move |conn| insert_tenant(conn, &row)).unwrap());
        let token = stage.issue(tenant, client, Principal::Client(client), &all);
        let person = match (self.kind)(client) {
            Principal::Client(_) => return token,
            Principal::Learner(_) => learner_of(stage, &token, "somebody", "Somebody").await,
            Principal::Staff(_) => stage.clean_id(),
        };
        stage.issue(tenant, client, (self.kind)(person), &all)
    }
}

/// A request that is in order, with `name` at the place `at`.
struct Attack<'a> {
    operation: &'a Operation,
    at: &'a str,
    name: &'a Name,
    if_match: bool,
    version: &'a str,
}

impl<'a> Attack<'a> {
    fn of((operation, at, if_match, version): (&'a Operation, &'a str, bool, &'a str), name: &'a Name) -> Attack<'a> {
        Attack { operation, at, name, if_match, version }
    }

    fn url(&self) -> String {
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
        let identity = ["query:identity", "query:id"].contains(&self.at);
        query.extend(identity.then(|| ("system".to_owned(), SYSTEM.to_owned())));
        if query.is_empty() { path } else { format!("{path}?{}", serde_urlencoded::to_string(query).unwrap()) }
    }

    fn body(&self) -> Option<Value> {
        self.operation.json_body()?;
        let mut body = body_for(id_of(self.operation), self.operation.example(), self.version);
        if id_of(self.operation) == "put_draft" {
            body["lesson"]["slug"] = json!(self.name.text);
        }
        if let Some(pointer) = self.at.strip_prefix("body:/") {
            match pointer.split_once('/') {
                Some((outer, inner)) => body[outer] = json!({ inner: self.name.value }),
                None => body[pointer] = self.name.value.clone(),
            }
        }
        Some(body)
    }

    async fn send(&self, stage: &Stage, token: &str) -> Answer {
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
    fn documented(&self, answer: &Answer) -> bool {
        self.operation.value["responses"].as_object().unwrap().contains_key(&answer.status.to_string())
    }

    /// The answer, with the name that was sent taken out of it; of what was made, only what kind of answer it is.
    fn told(&self, answer: &Answer) -> String {
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
        let hidden = ["date", "content-length"];
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
fn leaked(answer: &Answer, owner: &Belongings, sent: &Name) -> Vec<String> {
    let text = answer.text() + answer.header("location") + answer.header("link");
    let text = text.replace(&sent.text, "");
    owner.ids().into_iter().filter(|id| text.contains(id.as_str())).collect()
}

async fn cursors(stage: &Stage, operation: &Operation, owner: &Belongings) -> Vec<Name> {
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

struct World {
    owner: Belongings,
    intruders: Vec<Intruder>,
    /// A version of the lesson that everybody sees.
    version: String,
}

/// Two tenants, in each a client, staff and learners, each with things of their own.
async fn world(stage: &Stage) -> World {
    let all = Scopes::all().to_string();
    let owner = Belongings::make(stage, (stage.tenant, stage.administrator), "hers").await;
    let (tenant, client) = second_tenant(stage);
    let theirs = Belongings::make(stage, (tenant, client), "theirs").await;
    let ben = learner_of(stage, &owner.client_token, "ben", "Ben").await;
    let own = stage.learner_token(ben, &all);
    read(stage, &own, "/v1/attempts").await.ok();
    let version = read(stage, &own, &format!("/v1/lessons/{}", slug())).await.ok().json()["version"].as_str().unwrap().to_owned();
    let intruder = |what, token, same_tenant, kind| Intruder { what, token, same_tenant, kind };
    let staff = stage.issue(tenant, client, Principal::Staff(stage.clean_id()), &all);
    let intruders = vec![
        intruder("another tenant's client", theirs.client_token.clone(), false, Principal::Client),
        intruder("another tenant's staff", staff, false, Principal::Staff),
        intruder("another tenant's learner", theirs.learner_token.clone(), false, Principal::Learner),
        intruder("another learner", own, true, Principal::Learner),
    ];
    World { owner, intruders, version }
}

both!(what_is_another_s_is_not_there, |stage| {
    let all = operations(&stage).await;
    let table = classified(&all);
    let World { owner, intruders, version } = world(&stage).await;
    let before = owner.seen(&stage).await;
    stage.settled().await;
    let about_her = format!("learner={}", owner.learner);
    let told_before = feed(&stage, &owner.client_token, &about_her).await;
    let (mut wrong, mut tried, mut paged) = (Vec::new(), 0, 0);
    for (operation, names) in table {
        for (at, thing) in names {
            let hers = if *thing == Thing::Cursor { cursors(&stage, operation, &owner).await } else { owner.named(*thing) };
            paged += usize::from(*thing == Thing::Cursor && !hers.is_empty());
            let takes_match = operation.parameters("header").iter().any(|header| header["name"] == "If-Match");
            for if_match in [false, true].into_iter().filter(|with| !with || takes_match) {
                let base = (operation, *at, if_match, version.as_str());
                // For its owner it is there, or there would be nothing to hide.
                // (A course of a tenant's own has neither glossary nor field guide.)
                let none_of_its_own = ["read_glossary", "read_field_guide"].contains(&id_of(operation));
                if operation.method == "GET" && *thing != Thing::Cursor && !none_of_its_own {
                    let none = nothing(*thing);
                    let nobody = Attack::of(base, &none);
                    let nobody = nobody.told(&nobody.send(&stage, &owner.client_token).await);
                    for name in &hers {
                        let own = Attack::of(base, name);
                        let answer = own.send(&stage, &owner.client_token).await;
                        let shown = answer.status == 200 && !leaked(&answer, &owner, name).is_empty();
                        // A version of another lesson than the one in the path is nowhere, whoever asks.
                        if own.told(&answer) == nobody && !shown && *at != "query:version" && *at != "query:lesson" {
                            wrong.push(format!("{operation} {at}: its owner does not see it: {}", answer.text()));
                        }
                    }
                }
                for intruder in intruders.iter().filter(|who| !who.same_tenant || thing.personal()) {
                    let mut taken = BTreeSet::new();
                    for name in &hers {
                        tried += 1;
                        let hit = Attack::of(base, name);
                        let makes = operation.method == "PUT" || operation.method == "POST" && thing.identity();
                        let newcomer = if makes && !intruder.same_tenant { Some(intruder.newcomer(&stage).await) } else { None };
                        let token = newcomer.as_ref().unwrap_or(&intruder.token);
                        let answer = hit.send(&stage, token).await;
                        let who = format!("{operation} {at} if-match={if_match} by {}", intruder.what);
                        if !hit.documented(&answer) {
                            wrong.push(format!("{who}: {} is not in the document: {}", answer.status, answer.text()));
                        }
                        let leaks = leaked(&answer, &owner, name);
                        let shared =
                            intruder.same_tenant && answer.status == 200 && leaks.iter().all(|id| of_the_tenant(&owner, id));
                        if !leaks.is_empty() && !shared {
                            wrong.push(format!("{who}: shows {leaks:?}: {}", answer.text()));
                        }
                        // An id that is taken in the tenant is told, and nothing else of it.
                        let chosen = operation.method == "PUT" && *at == "path:id" && intruder.same_tenant;
                        if chosen && answer.status == 409 && answer.json()["code"] == "id_unavailable" {
                            taken.insert(hit.told(&answer));
                            continue;
                        }
                        if *thing == Thing::Cursor && intruder.same_tenant && answer.status == 200 {
                            continue; // her place in the list, but the caller's own rows
                        }
                        let none = nothing(*thing);
                        let missed = Attack::of(base, &none);
                        let there_is_none = missed.send(&stage, token).await;
                        let (hit, missed) = (hit.told(&answer), missed.told(&there_is_none));
                        if hit != missed {
                            wrong.push(format!("{who}:\n      {hit}\n      and of what is nowhere\n      {missed}"));
                        }
                    }
                    if taken.len() > 1 {
                        wrong.push(format!("{operation} {at} by {}: it shows what holds the id: {taken:?}", intruder.what));
                    }
                }
            }
        }
        let after = owner.seen(&stage).await;
        for ((path, was), (_, is)) in before.iter().zip(&after) {
            if was != is {
                wrong.push(format!("{operation}: {path} was {was}\n      and is {is}"));
            }
        }
    }
    stage.settled().await;
    let told = feed(&stage, &owner.client_token, &about_her).await;
    assert!(wrong.is_empty(), "{} faults:\n  {}", wrong.len(), wrong.join("\n  "));
    assert_eq!(told, told_before, "the feed tells of something that was done to her");
    assert!(tried > 250, "only {tried} were tried");
    assert!(paged >= 7, "only {paged} lists had a cursor");
});

/// What every member of the tenant may see.
fn of_the_tenant(owner: &Belongings, id: &str) -> bool {
    let shared = [Thing::Lesson, Thing::Version, Thing::Course, Thing::Signal, Thing::Draft, Thing::BundlePart];
    id == owner.shared_mark || shared.iter().any(|thing| owner.named(*thing).iter().any(|name| name.text == id))
}

both!(
    /// Everything that can be read without naming anything: another's rows are in none of it.
    no_list_shows_what_is_another_s, |stage| {
    let World { owner, intruders, .. } = world(&stage).await;
    stage.settled().await;
    let personal: BTreeSet<String> = owner.ids().into_iter().filter(|id| !of_the_tenant(&owner, id)).collect();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for operation in operations(&stage).await {
        if operation.method != "GET" || operation.path.contains('{') || !operation.secured() {
            continue;
        }
        let (mut urls, mut found) = (vec![operation.path.clone()], false);
        if operation.parameters("query").iter().any(|one| one["name"] == "limit") {
            urls.push(format!("{}?limit=100", operation.path));
        }
        if operation.parameters("query").iter().any(|one| one["name"] == "q") {
            urls.push(format!("{}?q={}", operation.path, owner.shared_mark));
        }
        for url in urls {
            for intruder in &intruders {
                let answer = read(&stage, &intruder.token, &url).await;
                operation.names(&answer);
                tried += usize::from(answer.status == 200);
                let text = answer.text();
                let shown: Vec<_> = if intruder.same_tenant {
                    personal.iter().filter(|id| text.contains(id.as_str())).cloned().collect()
                } else {
                    owner.ids().into_iter().filter(|id| text.contains(id.as_str())).collect()
                };
                if !shown.is_empty() {
                    wrong.push(format!("{url} shows {} of hers: {shown:?}", intruder.what));
                }
            }
            let own = read(&stage, &owner.client_token, &url).await.ok().text();
            found |= owner.ids().iter().any(|id| own.contains(id.as_str()));
        }
        // Its owner finds something there, or nothing is shown by this.
        if !found {
            wrong.push(format!("{operation} shows its owner nothing"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
    assert!(tried >= 30, "only {tried} lists were read");
});

both!(
    /// The same key, path and body from another tenant, client or principal is another request.
    an_idempotency_key_is_its_owner_s, |stage| {
    let World { owner, intruders, version } = world(&stage).await;
    let all = Scopes::all().to_string();
    let other_client = stage.clean_id();
    let staff = stage.staff_token(stage.clean_id(), &all);
    let same_tenant = [
        ("another client of the tenant", stage.issue(stage.tenant, other_client, Principal::Client(other_client), &all)),
        ("staff of the tenant", staff),
    ];
    let mut tried = 0;
    for operation in operations(&stage).await {
        if !operation.parameters("header").iter().any(|header| header["name"] == "Idempotency-Key") {
            continue;
        }
        tried += 1;
        let names = TABLE.iter().find(|(id, _, _)| *id == id_of(&operation)).map_or(&[][..], |(_, names, _)| names);
        let (at, thing) = names.iter().find(|(at, _)| at.starts_with("path:")).copied().unwrap_or(("", Thing::Lesson));
        let mut name = if at.is_empty() { nothing(thing) } else { owner.named(thing)[0].clone() };
        if id_of(&operation) == "create_review" {
            name = owner.named(Thing::Submission)[1].clone();
        }
        let attack = Attack { operation: &operation, at, name: &name, if_match: false, version: &version };
        let mut body = attack.body();
        if let Some(body) = body.as_mut()
            && operation.properties().contains_key("learner")
        {
            body["learner"] = json!({"id": owner.learner});
        }
        let mut url = attack.url();
        if id_of(&operation) == "run_diagnosis" {
            url.push_str("?keep=true");
            body = Some(json!({"visible_text": owner.personal_mark}));
        }
        let send = |token: String| {
            let mut call = operation.call(&stage, &url).token(&token).header("idempotency-key", "the-same");
            if operation.parameters("header").iter().any(|header| header["name"] == "If-Match") {
                call = call.header("if-match", "\"1\"");
            }
            let call = if let Some(body) = &body { call.json(body) } else { call };
            async move { call.send().await }
        };
        let first = send(owner.client_token.clone()).await;
        assert!((200..300).contains(&first.status), "{operation}: {} {}", first.status, first.text());
        let again = send(owner.client_token.clone()).await;
        assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()), "{operation}: its own is replayed");
        let hers = first.json()["id"].as_str().map(str::to_owned);
        let others = intruders.iter().map(|who| (who.what, who.token.clone())).chain(same_tenant.clone());
        for (what, token) in others {
            let answer = send(token).await;
            assert_eq!(answer.header("idempotent-replayed"), "", "{operation} by {what}: {}", answer.text());
            let shows = hers.as_ref().is_some_and(|id| answer.text().contains(id.as_str()));
            assert!(!shows, "{operation} by {what} shows the first one's answer: {}", answer.text());
            let in_use = answer.text().contains("idempotency_mismatch");
            assert!(!in_use, "{operation} by {what}: is told that the key is in use: {}", answer.text());
        }
        // And the owner's stays what it was.
        assert_eq!(send(owner.client_token.clone()).await.json(), first.json(), "{operation}");
    }
    assert!(tried >= 7, "only {tried} operations take a key");
});
