//! The offline bundle, as a phone uses it: fetch the manifest, fetch what is new, verify it, drop what is gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::Digest;
use waymark::db::Stored;
use waymark::db::types::Id;
use waymark::lessons::format::{AuthoredWhen, Task};
use waymark::lessons::publish::{self, Published};
use waymark::lessons::source::Curriculum;

use crate::harness::{Answer, Place, Stage, course_slug, curriculum, eventually, root, slug};

fn publish(place: &Place, curriculum: Curriculum) -> Stored<Published> {
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &curriculum, waymark::clock::Clock::system().now()))
}

async fn manifest(stage: &Stage, query: &str) -> Answer {
    let path = format!("/v1/courses/{}/bundle{query}", course_slug());
    stage.get(&path).token(&stage.token("lessons:read")).send().await
}

fn parts(manifest: &Value) -> Vec<Value> {
    manifest["parts"].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// What a client keeps: bytes by their digest, and the manifest that it fetched them for.
#[derive(Default)]
struct Phone {
    bytes: BTreeMap<String, Vec<u8>>,
    ids: BTreeSet<String>,
}

impl Phone {
    /// Brings itself up to date; what it fetched and what it dropped.
    async fn sync(&mut self, stage: &Stage, query: &str) -> (Vec<String>, Vec<String>) {
        let manifest = manifest(stage, query).await.ok().json();
        let token = stage.token("lessons:read");
        let mut fetched = Vec::new();
        for part in parts(&manifest) {
            let sha256 = text(&part, "sha256").to_owned();
            if self.bytes.contains_key(&sha256) {
                continue;
            }
            let answer = stage.get(text(&part, "url")).token(&token).send().await.ok();
            assert_eq!(hex::encode(sha2::Sha256::digest(&answer.body)), sha256, "{part}");
            assert_eq!(part["bytes"], answer.body.len());
            assert_eq!(answer.header("content-type"), text(&part, "media_type"));
            assert_eq!(answer.header("cache-control"), "private, max-age=31536000, immutable");
            self.bytes.insert(sha256, answer.body);
            fetched.push(text(&part, "id").to_owned());
        }
        let ids: BTreeSet<String> = parts(&manifest).iter().map(|part| text(part, "id").to_owned()).collect();
        assert_eq!(ids.len(), parts(&manifest).len(), "ids are unique");
        let gone = self.ids.difference(&ids).cloned().collect();
        let named: BTreeSet<String> = parts(&manifest).iter().map(|part| text(part, "sha256").to_owned()).collect();
        self.bytes.retain(|sha256, _| named.contains(sha256));
        self.ids = ids;
        (fetched, gone)
    }
}

both!(a_phone_fetches_all_and_then_only_what_changed, |place: Place| {
    let stage = place.serve();
    let mut phone = Phone::default();
    let (all, gone) = phone.sync(&stage, "").await;
    assert_eq!(gone, Vec::<String>::new());
    assert!(all.len() > 3 * 10 + 4, "{all:?}");
    let again = phone.sync(&stage, "").await;
    assert_eq!(again, (Vec::new(), Vec::new()), "nothing has changed");
    // One lesson is revised, and another one leaves the course.
    let mut next = curriculum();
    next.course.revision += 1;
    let removed = next.course.lessons.pop().unwrap();
    next.lessons.pop();
    for term in &mut next.glossary.as_mut().unwrap().terms {
        term.lessons.retain(|slug| slug != &removed);
    }
    let own = &mut next.lessons[0].lesson;
    own.revision += 1;
    own.title.insert("en".to_owned(), "Another title".to_owned());
    let changed = own.slug.clone();
    publish(&place, next).unwrap();
    let before = all.into_iter().collect::<BTreeSet<_>>();
    eventually("the service sees the publication", || {
        let stage = &stage;
        async move {
            let there = manifest(stage, "").await.ok().json();
            (there["revision"] == curriculum().course.revision + 1).then_some(())
        }
    })
    .await;
    let (fetched, gone) = phone.sync(&stage, "").await;
    assert!(gone.iter().all(|id| id.starts_with(&format!("lessons/{removed}/"))) && gone.len() >= 3, "{gone:?}");
    // Its pages name the version, so all of the changed lesson is new; of the rest only what names the lessons.
    let (own, rest): (Vec<String>, Vec<String>) =
        fetched.into_iter().partition(|id| id.starts_with(&format!("lessons/{changed}/")));
    assert_eq!(own.len(), before.iter().filter(|id| id.starts_with(&format!("lessons/{changed}/"))).count());
    let expected: BTreeSet<&str> = ["licences", "policies", "glossary/en", "glossary/de", "glossary/es"].into();
    assert_eq!(rest.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
});

both!(
    /// The same bytes in every process and after every start; every encoding is of the same bytes.
    parts_are_the_same_everywhere, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let first = manifest(&here, "").await.ok();
    assert_eq!(first.body, manifest(&there, "").await.ok().body);
    let etag = first.header("etag").to_owned();
    let path = format!("/v1/courses/{}/bundle", course_slug());
    here.get(&path).token(&here.token("lessons:read")).header("if-none-match", &etag).send().await.is(304);
    drop((here, there));
    let later = place.serve();
    assert_eq!(first.body, manifest(&later, "").await.ok().body);
    let manifest = first.json();
    let total: u64 = parts(&manifest).iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
    assert_eq!(manifest["total_bytes"], total);
    assert_eq!(manifest["lessons"].as_array().unwrap().len(), curriculum().lessons.len());
    let token = later.token("lessons:read");
    for kind in ["quiz", "signals"] {
        let part = parts(&manifest).into_iter().find(|part| part["kind"] == kind).unwrap();
        for encoding in ["gzip", "br"] {
            let answer = later.get(text(&part, "url")).token(&token).header("accept-encoding", encoding).send().await.ok();
            assert_eq!(answer.header("content-encoding"), encoding);
            assert_eq!(hex::encode(sha2::Sha256::digest(crate::lessons::unpacked(&answer))), text(&part, "sha256"));
            assert!(answer.body.len() as u64 * 2 < part["bytes"].as_u64().unwrap(), "it is worth its while");
        }
        let call = later.get(text(&part, "url")).token(&token).header("if-none-match", "*");
        assert_eq!(call.send().await.is(304).header("cache-control"), "private, max-age=31536000, immutable");
        later.get(text(&part, "url")).send().await.problem(401, "token_missing");
    }
    later.get("/v1/bundle-parts/0000").token(&token).send().await.problem(404, "not_found");
});

both!(a_part_is_the_page_that_is_served, |stage| {
    let token = stage.token("lessons:read");
    let manifest = manifest(&stage, "?language=en").await.ok().json();
    let part = |id: String| parts(&manifest).into_iter().find(|part| part["id"] == id.as_str()).unwrap_or_else(|| panic!("{id}"));
    for (id, path) in [
        (format!("lessons/{}/lesson/en", slug()), format!("/v1/lessons/{}", slug())),
        (format!("lessons/{}/quiz/en", slug()), format!("/v1/lessons/{}/quiz", slug())),
        (format!("lessons/{}/exercise/en", slug()), format!("/v1/lessons/{}/exercise", slug())),
        ("glossary/en".to_owned(), format!("/v1/courses/{}/glossary", course_slug())),
        ("field_guide/en".to_owned(), format!("/v1/courses/{}/field-guide", course_slug())),
    ] {
        let page = stage.get(&path).token(&token).header("accept-language", "en").send().await.ok();
        let part = stage.get(text(&part(id), "url")).token(&token).send().await.ok();
        assert_eq!(page.body, part.body, "{path}");
    }
    let once = async |id: &str| stage.get(text(&part(id.to_owned()), "url")).token(&token).send().await.ok();
    let vectors = std::fs::read(root().join("openapi/order-vectors.json")).unwrap();
    assert_eq!(once("order_vectors").await.body, vectors);
    let signals = once("signals").await.json();
    assert!(signals["signals"].as_array().unwrap().iter().all(|one| !one["examples"]["positive"].as_array().unwrap().is_empty()));
    assert_eq!(signals["layers"].as_array().unwrap().len(), 7);
    let licences = once("licences").await.json();
    assert_eq!(licences["lessons"].as_array().unwrap().len(), curriculum().lessons.len());
    assert_eq!(licences["lessons"][0]["licence"]["spdx"], "CC-BY-4.0");
    let policies = once("policies").await.json();
    assert_eq!(policies["attempts"]["highest_seq"], 9_007_199_254_740_991_i64);
    assert_eq!(policies["quizzes"][0]["policy"]["reveal"]["verdict"], "submitted");
});

both!(languages_are_chosen, |stage| {
    let languages = |answer: &Value| -> BTreeSet<String> {
        parts(answer).iter().filter_map(|part| part["language"].as_str()).map(str::to_owned).collect()
    };
    let all = manifest(&stage, "").await.ok().json();
    assert_eq!(languages(&all), ["de", "en", "es"].map(str::to_owned).into());
    assert_eq!((&all["languages"], &all["included_languages"]), (&json!(["de", "en", "es"]), &json!(["de", "en", "es"])));
    // Every lesson is there once, in German where there is German.
    let german = manifest(&stage, "?language=de-AT").await.ok().json();
    for content in curriculum().lessons {
        let own: Vec<Value> = parts(&german)
            .into_iter()
            .filter(|part| part["kind"] == "lesson" && part["lesson"] == content.lesson.slug.as_str())
            .collect();
        let language = if content.lesson.title.contains_key("de") { "de" } else { "en" };
        assert_eq!((own.len(), text(&own[0], "language")), (1, language));
    }
    for (one, other) in [("?language=de&language=es", "?language=es,de"), ("?language=", ""), ("?language=ja", "?language=en")] {
        let (one, other) = (manifest(&stage, one).await.ok(), manifest(&stage, other).await.ok());
        assert_eq!(one.body, other.body, "{}", one.asked);
    }
    assert!(german["total_bytes"].as_u64() < all["total_bytes"].as_u64());
    let wrong = manifest(&stage, "?langauge=de").await;
    assert_eq!(crate::harness::place_of(&wrong.problem(400, "invalid_parameter")), "langauge");
});

/// The first lesson, the next revision, with its keys given away for practice.
fn practising() -> Curriculum {
    let mut curriculum = curriculum();
    let content = &mut curriculum.lessons[0];
    content.lesson.revision += 1;
    content.quiz.policy.practice_keys = true;
    curriculum
}

both!(no_bundle_has_a_key, |stage| {
    assert!(curriculum().lessons.iter().all(|content| !content.quiz.policy.practice_keys));
    let manifest = manifest(&stage, "").await.ok().json();
    assert!(parts(&manifest).iter().all(|part| part["kind"] != "practice_keys"));
    let token = stage.token("lessons:read");
    let rationales: Vec<String> = curriculum()
        .lessons
        .iter()
        .flat_map(|content| &content.quiz.items)
        .flat_map(|item| item.task.rationales().into_iter().map(|(_, text)| text["en"].clone()).collect::<Vec<_>>())
        .filter(|text| text.len() > 60 && !text.contains(['"', '\n', '\\']))
        .collect();
    assert!(rationales.len() > 300);
    for part in parts(&manifest) {
        let body = stage.get(text(&part, "url")).token(&token).send().await.ok().text();
        assert!(!rationales.iter().any(|rationale| body.contains(rationale.as_str())), "{part}");
    }
});

both!(practice_keys_are_given_where_the_author_says_so, |place: Place| {
    place.serve().stop();
    publish(&place, practising()).unwrap();
    let stage = place.serve();
    let token = stage.token("lessons:read");
    let manifest = manifest(&stage, "?language=en").await.ok().json();
    let keys: Vec<Value> = parts(&manifest).into_iter().filter(|part| part["kind"] == "practice_keys").collect();
    assert_eq!(keys.len(), 1, "of the one lesson that gives them");
    assert_eq!((text(&keys[0], "lesson"), &keys[0]["required_for"]), (slug().as_str(), &json!(["practice"])));
    let keys = stage.get(text(&keys[0], "url")).token(&token).send().await.ok().json();
    let content = &practising().lessons[0];
    assert_eq!(keys["items"].as_array().unwrap().len(), content.quiz.items.len());
    for (shown, item) in keys["items"].as_array().unwrap().iter().zip(&content.quiz.items) {
        assert_eq!((&shown["item"], &shown["key"]["kind"]), (&item.id.as_str().into(), &item.task.name().into()));
        if let Task::SingleChoice(task) = &item.task {
            assert_eq!(shown["key"]["option"], task.key.as_str());
        }
        assert_eq!(shown["rationales"].as_array().unwrap().len(), item.task.rationales().len());
    }
    let quiz = stage.get(&format!("/v1/lessons/{}/quiz", slug())).token(&token).send().await.ok().json();
    assert_eq!(quiz["policy"]["practice_keys"], true);
    assert!(!quiz["items"].to_string().contains("rationale"));
});

both!(
    /// Who could have the keys says so in the results; on any version once one has given them, and not before.
    attempts_say_that_keys_were_given, |place: Place| {
    let stage = place.serve();
    let anna = stage.clean_id();
    let learner = stage.token("attempts:read attempts:write learners:write learners:act");
    let start = async |stage: &Stage, who: &str, version: Option<&str>| {
        let body = json!({"lesson": slug(), "version": version, "purpose": "assigned", "submit": true, "learner": {"identity": {"system": "test", "id": who}}});
        let path = format!("/v1/attempts/{}", stage.clean_id());
        let attempt = stage.call("PUT", &path).token(&learner).json(&body).send().await.is(201).json();
        attempt["key_seen_before"].as_bool().unwrap()
    };
    assert!(!start(&stage, &format!("{anna:?}-1"), None).await);
    let old = stage.get(&format!("/v1/lessons/{}", slug())).token(&stage.token("lessons:read")).send().await.ok().json();
    publish(&place, practising()).unwrap();
    eventually("the service sees the publication", || {
        let stage = &stage;
        async move {
            let quiz = stage.get(&format!("/v1/lessons/{}/quiz", slug())).token(&stage.token("lessons:read")).send().await;
            (quiz.json()["policy"]["practice_keys"] == true).then_some(())
        }
    })
    .await;
    assert!(start(&stage, &format!("{anna:?}-2"), None).await);
    assert!(start(&stage, &format!("{anna:?}-3"), old["version"].as_str()).await, "the items are the same");
});

#[test]
fn a_quiz_without_the_flag_keeps_its_digest() {
    let policy = serde_json::to_value(&curriculum().lessons[0].quiz.policy).unwrap();
    assert!(policy.get("practice_keys").is_none(), "{policy}");
    let mut contradiction = practising();
    contradiction.lessons[0].quiz.policy.reveal.key = AuthoredWhen::Never;
    let found = waymark::lessons::check::check_curriculum(&waymark::lessons::source::embedded_curriculum(), &contradiction);
    assert!(found.iter().any(|finding| finding.rule == "policy" && finding.message.contains("practice_keys")), "{found:?}");
}

both!(
    /// Every page of the curriculum is read while no database thread can answer anybody.
    reading_asks_no_database, |stage| {
    let token = stage.token("lessons:read");
    let (free, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let held: Vec<_> = (0..16)
        .map(|i| {
            let (db, wait) = (stage.state.db.clone(), wait.clone());
            let work = move || {
                let _ = wait.lock().unwrap().recv();
            };
            tokio::spawn(async move {
                let mut work = Some(work);
                let hold = move || work.take().into_iter().for_each(|work| work());
                if i % 2 == 0 { held_reader(db, hold).await } else { held_writer(db, hold).await }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    let readiness = tokio::time::timeout(std::time::Duration::from_millis(300), stage.get("/v1/records").token(&stage.full_token()).send());
    assert!(readiness.await.is_err(), "what asks the database waits");
    let mut read = 0;
    let mut paths: Vec<String> = ["/v1/courses", "/v1/lessons", "/docs/glossary", "/docs/field-guide"].map(str::to_owned).into();
    paths.extend(["", "/glossary", "/field-guide", "/bundle"].map(|rest| format!("/v1/courses/{}{rest}", course_slug())));
    for lesson in curriculum().course.lessons {
        paths.extend(["", "/quiz", "/exercise", "/versions"].map(|rest| format!("/v1/lessons/{lesson}{rest}")));
    }
    let manifest = manifest(&stage, "").await.ok().json();
    paths.extend(parts(&manifest).iter().map(|part| text(part, "url").to_owned()));
    for path in paths {
        stage.get(&path).token(&token).send().await.ok();
        read += 1;
    }
    assert!(read > 80, "{read}");
    drop(free);
    for one in held {
        let _ = one.await.unwrap();
    }
});

async fn held_reader(db: waymark::db::Db, mut hold: impl FnMut() + Send + 'static) -> Stored<()> {
    db.read(move |_| {
        hold();
        Ok(())
    })
    .await
}

async fn held_writer(db: waymark::db::Db, mut hold: impl FnMut() + Send + 'static) -> Stored<()> {
    db.write(move |_| {
        hold();
        Ok(())
    })
    .await
}
