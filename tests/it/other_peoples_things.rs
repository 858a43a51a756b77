//! Whoever names what is another's is answered as if it were not there, on every operation of the document and in every parameter
//! that can name something. What an operation and its parameters name is said in `named_things.rs`; one that is not there fails the suite.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};

use crate::attacks::{Attack, Caller, World, cursors, leaked, of_the_tenant, owner_as_caller, stand_of, world};
use crate::belongings::{Thing, nothing};
use crate::document::operations;
use crate::flow::{feed, read};
use crate::harness::Answer;
use crate::named_things::{TABLE, classified, id_of};

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
                let base = (operation, *at, if_match);
                let stand = async |caller: &Caller| stand_of(&stage, caller, &owner, operation, &version).await;
                // For its owner it is there, or there would be nothing to hide.
                // (A course of a tenant's own has neither glossary nor field guide.)
                let none_of_its_own = ["read_glossary", "read_field_guide"].contains(&id_of(operation));
                if operation.method == "GET" && *thing != Thing::Cursor && !none_of_its_own {
                    let none = nothing(*thing);
                    let herself = owner_as_caller(&stage, &owner);
                    let nobody = Attack::of(base, &none, stand(&herself).await);
                    let nobody = nobody.told(&nobody.send(&stage, &owner.client_token).await);
                    for name in &hers {
                        let own = Attack::of(base, name, stand(&herself).await);
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
                        let makes = operation.method == "PUT" || operation.method == "POST" && thing.identity();
                        let newcomer = if makes && !intruder.same_tenant { Some(intruder.newcomer(&stage).await) } else { None };
                        let caller = newcomer.as_ref().unwrap_or(&intruder.caller);
                        let hit = Attack::of(base, name, stand(caller).await);
                        let answer = hit.send(&stage, &caller.token).await;
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
                        // An id that is taken, in the tenant or where there is one of each for all, is told, and nothing else of it.
                        let at_id = operation.method == "PUT" && ["path:id", "path:claim"].contains(at);
                        let chosen = at_id && (intruder.same_tenant || thing.one_for_all());
                        if chosen && answer.status == 409 && answer.json()["code"] == "id_unavailable" {
                            taken.insert(hit.told(&answer));
                            continue;
                        }
                        if *thing == Thing::Cursor && intruder.same_tenant && answer.status == 200 {
                            continue; // her place in the list, but the caller's own rows
                        }
                        let none = nothing(*thing);
                        let missed = Attack::of(base, &none, stand(caller).await);
                        let there_is_none = missed.send(&stage, &caller.token).await;
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
    assert!(tried > 700, "only {tried} were tried");
    assert!(paged >= 11, "only {paged} lists had a cursor");
});

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
                let answer = read(&stage, &intruder.caller.token, &url).await;
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
            if let Some(secret) = owner.secrets().into_iter().find(|secret| own.contains(secret.as_str())) {
                wrong.push(format!("{url} shows a secret again: {secret}"));
            }
            found |= owner.ids().iter().any(|id| own.contains(id.as_str()));
        }
        // Its owner finds something there, or nothing is shown by this. (Signing keys are the installation's, and published.)
        if !found && id_of(&operation) != "list_keys" {
            wrong.push(format!("{operation} shows its owner nothing"));
        }
    }
    assert!(wrong.is_empty(), "\n  {}", wrong.join("\n  "));
    assert!(tried >= 30, "only {tried} lists were read");
});

/// A client's secret is shown once, and is no part of the answer that is kept.
fn without_secret(first: &Answer) -> Value {
    let mut kept = first.json();
    if kept.as_object_mut().unwrap().remove("client_secret").is_some() {
        kept["secret_state"] = json!("given_before");
    }
    kept
}

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
        // Refresh tokens take a key too, and are tried in `strangers_at_oauth.rs`.
        let takes_key = operation.parameters("header").iter().any(|header| header["name"] == "Idempotency-Key");
        if !takes_key || !operation.secured() {
            continue;
        }
        tried += 1;
        let names = TABLE.iter().find(|(id, _, _)| *id == id_of(&operation)).map_or(&[][..], |(_, names, _)| names);
        let (at, thing) = names.iter().find(|(at, _)| at.starts_with("path:")).copied().unwrap_or(("", Thing::Lesson));
        let mut name = if at.is_empty() { nothing(thing) } else { owner.named(thing)[0].clone() };
        if id_of(&operation) == "create_review" {
            name = owner.named(Thing::Submission)[1].clone();
        }
        let stand = stand_of(&stage, &owner_as_caller(&stage, &owner), &owner, &operation, &version).await;
        let attack = Attack { operation: &operation, at, name: &name, if_match: false, stand };
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
        let kept = without_secret(&first);
        assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", kept.clone()), "{operation}: its own is replayed");
        let hers = first.json()["id"].as_str().map(str::to_owned);
        let others = intruders.iter().map(|who| (who.what, who.caller.token.clone())).chain(same_tenant.clone());
        for (what, token) in others {
            let answer = send(token).await;
            assert_eq!(answer.header("idempotent-replayed"), "", "{operation} by {what}: {}", answer.text());
            let shows = hers.as_ref().is_some_and(|id| answer.text().contains(id.as_str()));
            assert!(!shows, "{operation} by {what} shows the first one's answer: {}", answer.text());
            let in_use = answer.text().contains("idempotency_mismatch");
            assert!(!in_use, "{operation} by {what}: is told that the key is in use: {}", answer.text());
        }
        // And the owner's stays what it was.
        assert_eq!(send(owner.client_token.clone()).await.json(), kept, "{operation}");
    }
    assert!(tried >= 7, "only {tried} operations take a key");
});
