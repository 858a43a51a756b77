//! The curriculum as it is served: from memory, in every encoding, in every version that was ever published, and never
//! with its key.

use std::collections::BTreeSet;
use std::io::Read;

use serde_json::Value;
use waymark::db::Stored;
use waymark::db::types::Id;
use waymark::lessons::publish::{self, Published};
use waymark::lessons::rules;
use waymark::lessons::source::Curriculum;

use crate::harness::{Answer, Place, Stage, curriculum, eventually, slug};

/// The curriculum with a higher revision of its first lesson, called `title`.
fn revised(title: &str, by: i32) -> Curriculum {
    let mut curriculum = curriculum();
    let lesson = &mut curriculum.lessons[0].lesson;
    lesson.revision += by;
    lesson.title.insert("en".to_owned(), title.to_owned());
    curriculum
}

fn publish(place: &Place, curriculum: Curriculum) -> Stored<Published> {
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &curriculum, waymark::clock::Clock::system().now()))
}

async fn read(stage: &Stage, path: &str) -> Answer {
    stage.get(path).token(&stage.token("lessons:read")).send().await
}

/// Every lesson page there is.
fn pages() -> Vec<String> {
    let slug = slug();
    let below = ["", "/versions", "/quiz", "/exercise"].map(|rest| format!("/v1/lessons/{slug}{rest}"));
    ["/v1/courses", "/v1/lessons"].into_iter().map(str::to_owned).chain(below).collect()
}

both!(a_lesson_is_found_by_slug_and_alias, |stage| {
    let own = curriculum().lessons[0].lesson.clone();
    let list = read(&stage, "/v1/lessons").await.ok().json();
    let listed: Vec<&str> = list["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap()).collect();
    assert_eq!(listed, curriculum().course.lessons);
    let courses = read(&stage, "/v1/courses").await.ok().json();
    assert_eq!(courses["items"][0]["slug"], curriculum().course.slug);
    assert_eq!(courses["items"][0]["lessons"][0], list["items"][0]);
    let lesson = read(&stage, &format!("/v1/lessons/{}", own.slug)).await.ok().json();
    assert_eq!(lesson["version"], list["items"][0]["version"]);
    assert_eq!((&lesson["course"], &lesson["dir"]), (&curriculum().course.slug.into(), &"ltr".into()));
    assert_eq!(lesson["blocks"].as_array().unwrap().len(), own.blocks.len());
    for block in lesson["blocks"].as_array().unwrap() {
        assert!(block["id"].is_string() && block["type"].is_string(), "{block}");
    }
    for rich in [&lesson["summary"], &lesson["objectives"][0]["text"]] {
        for form in ["markdown", "html", "text"] {
            assert!(rich[form].as_str().is_some_and(|text| !text.is_empty()), "{form} in {rich}");
        }
    }
    for field in ["iri", "licence", "authors", "reviewed_on", "sources", "reading_minutes", "published_at"] {
        assert!(!lesson[field].is_null(), "{field}");
    }
    assert!(!own.aliases.is_empty(), "the seed's own slug stays an alias");
    for alias in &own.aliases {
        for rest in ["", "/quiz", "/exercise", "/versions"] {
            let by_alias = read(&stage, &format!("/v1/lessons/{alias}{rest}")).await.ok();
            let by_slug = read(&stage, &format!("/v1/lessons/{}{rest}", own.slug)).await.ok();
            assert_eq!(by_alias.body, by_slug.body, "{alias}{rest}");
        }
    }
    read(&stage, "/v1/lessons/another").await.problem(404, "not_found");
});

both!(versions_are_read_by_their_digest, |stage| {
    let slug = slug();
    let versions = read(&stage, &format!("/v1/lessons/{slug}/versions")).await.ok().json();
    let items = versions["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    let digest = items[0]["version"].as_str().unwrap();
    assert!(digest.starts_with("sha256-") && digest.len() == 7 + 64, "{digest}");
    for rest in ["", "/quiz", "/exercise"] {
        let newest = read(&stage, &format!("/v1/lessons/{slug}{rest}")).await.ok();
        let named = read(&stage, &format!("/v1/lessons/{slug}{rest}?version={digest}")).await.ok();
        assert_eq!(newest.body, named.body);
        for unknown in [format!("sha256-{}", "0".repeat(64)), "nonsense".to_owned(), String::new()] {
            read(&stage, &format!("/v1/lessons/{slug}{rest}?version={unknown}")).await.problem(404, "not_found");
        }
    }
    let answer = read(&stage, &format!("/v1/lessons/{slug}?versoin={digest}")).await;
    assert_eq!(crate::harness::place_of(&answer.problem(400, "invalid_parameter")), "versoin");
});

fn walk<'a>(value: &'a Value, names: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            names.insert(name);
            walk(value, names);
        }),
        Value::Array(list) => list.iter().for_each(|value| walk(value, names)),
        _ => {}
    }
}

both!(
    /// No page, for no token, in no language, shows what would answer a question.
    a_quiz_shows_no_key, |stage| {
    let Curriculum { lessons, .. } = curriculum();
    let mut secrets = Vec::new();
    for item in lessons.iter().flat_map(|content| &content.quiz.items) {
        for (_, rationale) in item.task.rationales() {
            for text in rationale.values() {
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                secrets.push(words.chars().take(60).collect::<String>());
            }
        }
    }
    assert!(secrets.len() >= 6);
    let token = stage.full_token();
    for path in pages() {
        let answer = stage.get(&path).token(&token).send().await.ok();
        let text = answer.text().replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in &secrets {
            assert!(!text.contains(secret), "{path} shows the rationale {secret:?}");
        }
        if path.ends_with("/quiz") {
            let json = answer.json();
            let mut names = BTreeSet::new();
            // `policy.reveal` says when rationale and key will show, which is no secret.
            json["items"].as_array().unwrap().iter().for_each(|item| walk(item, &mut names));
            for name in ["key", "rationale", "layer", "correct", "right", "verdict", "expected_layer", "is_key"] {
                assert!(!names.contains(name), "{path} has a field {name}");
            }
            for shown in json["items"].as_array().unwrap() {
                let parts = [&shown["options"], &shown["prompts"]].into_iter().filter_map(Value::as_array).flatten();
                for part in parts {
                    let fields: BTreeSet<&String> = part.as_object().unwrap().keys().collect();
                    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["id", "text"]);
                }
                let name = shown["id"].as_str().unwrap();
                let item = lessons.iter().find_map(|content| rules::item_of(content, name)).unwrap();
                assert_eq!(shown["options"].as_array().unwrap().len(), item.task.option_ids().len());
            }
        }
    }
});

both!(an_exercise_has_its_four_parts, |stage| {
    let exercise = read(&stage, &format!("/v1/lessons/{}/exercise", slug())).await.ok().json();
    let parts: Vec<&str> = exercise["steps"].as_array().unwrap().iter().map(|step| step["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["evidence", "diagnosis", "reframe", "escalation"]);
    assert!(!exercise["cases"].as_array().unwrap().is_empty() && !exercise["rubric"].as_array().unwrap().is_empty());
});

pub fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut out = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => drop(flate2::read::GzDecoder::new(answer.body.as_slice()).read_to_end(&mut out).unwrap()),
        "br" => drop(brotli::Decompressor::new(answer.body.as_slice(), 4096).read_to_end(&mut out).unwrap()),
        "" => out.clone_from(&answer.body),
        other => panic!("an encoding that nobody asked for: {other}"),
    }
    out
}

both!(every_encoding_has_its_etag, |stage| {
    let token = stage.token("lessons:read");
    for path in pages() {
        let get = |encoding: &str| stage.get(&path).token(&token).header("accept-encoding", encoding);
        let plain = get("identity").send().await.ok();
        assert_eq!(plain.header("content-encoding"), "");
        let mut etags = BTreeSet::new();
        for (asked, given) in [("identity", ""), ("gzip", "gzip"), ("br", "br")] {
            let answer = get(asked).send().await.ok();
            assert_eq!(answer.header("content-encoding"), given, "{path}: {asked}");
            assert_eq!(unpacked(&answer), plain.body, "{path}: {asked}");
            assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path}: {asked}");
            let etag = answer.header("etag").to_owned();
            assert!(etag.starts_with('"') && etag.ends_with('"'), "a strong ETag: {etag}");
            for vary in ["Accept-Encoding", "Accept-Language"] {
                assert!(answer.header("vary").contains(vary), "{path}");
            }
            let same = get(asked).header("if-none-match", &etag).send().await.is(304);
            assert!(same.body.is_empty());
            assert_eq!((same.header("etag"), same.header("vary")), (etag.as_str(), answer.header("vary")));
            let among = format!("\"other\", W/{etag}");
            get(asked).header("if-none-match", &among).send().await.is(304);
            get(asked).header("if-none-match", "*").send().await.is(304);
            get(asked).header("if-none-match", "\"other\"").send().await.ok();
            etags.insert(etag);
        }
        assert_eq!(etags.len(), 3, "{path}: {etags:?}");
        for (accept, given) in [
            ("gzip, deflate, br", "br"),
            ("gzip, br;q=0", "gzip"),
            ("GZIP;q=0.5", "gzip"),
            ("zstd", ""),
            ("", ""),
            ("br;q=0, gzip;q=0", ""),
            ("gzip;q=1.0, br;q=0.1", "gzip"),
            ("*", ""),
        ] {
            let answer = get(accept).send().await.ok();
            assert_eq!(answer.header("content-encoding"), given, "{path}: Accept-Encoding: {accept}");
        }
        // An ETag does not let anyone in.
        stage.get(&path).header("if-none-match", "*").send().await.problem(401, "token_missing");
    }
});

both!(the_language_is_the_reader_s_where_there_is_one, |place: Place| {
    place.serve().stop();
    let mut german = revised("English title", 1);
    let own = &mut german.lessons[0];
    own.lesson.title.insert("de".to_owned(), "Deutscher Titel".to_owned());
    let older = curriculum().lessons[0].lesson.revision;
    publish(&place, german).unwrap();
    let stage = place.serve();
    let token = stage.token("lessons:read");
    let path = format!("/v1/lessons/{}", slug());
    let get = |url: String, accept: &'static str| stage.get(&url).token(&token).header("accept-language", accept).send();
    let mut etags = BTreeSet::new();
    for (accept, language, title) in [
        ("de", "de", "Deutscher Titel"),
        ("de-AT;q=0.8, fr;q=0.9", "de", "Deutscher Titel"),
        ("en, de", "en", "English title"),
        ("fr, ja", "en", "English title"),
        ("*", "en", "English title"),
        ("", "en", "English title"),
        ("de;q=0, en", "en", "English title"),
        (";;;,,q=", "en", "English title"),
    ] {
        let answer = get(path.clone(), accept).await.ok();
        assert_eq!(answer.header("content-language"), language, "Accept-Language: {accept}");
        assert_eq!((answer.json()["title"].as_str(), answer.json()["language"].as_str()), (Some(title), Some(language)));
        etags.insert(answer.header("etag").to_owned());
    }
    assert_eq!(etags.len(), 2, "each language has its own");
    // The parameter overrides the header; a language that is not there falls back.
    assert_eq!(get(format!("{path}?language=de"), "en").await.ok().header("content-language"), "de");
    assert_eq!(get(format!("{path}?language=xx"), "de").await.ok().header("content-language"), "en");
    assert_eq!(get("/v1/lessons".to_owned(), "de").await.ok().json()["items"][0]["title"], "Deutscher Titel");
    let versions = read(&stage, &format!("{path}/versions")).await.ok().json();
    let old = versions["items"].as_array().unwrap().iter().find(|v| v["revision"] == older).unwrap();
    let old = format!("{path}?version={}", old["version"].as_str().unwrap());
    assert_eq!(get(old, "de").await.ok().header("content-language"), "en", "the old version has no German");
});

both!(
    /// A publication reaches every process; what was published before stays readable for ever.
    old_versions_stay, |place: Place| {
    let (here, there) = (place.serve(), place.serve());
    let path = format!("/v1/lessons/{}", slug());
    let old = read(&here, &path).await.ok();
    let old_quiz = read(&here, &format!("{path}/quiz")).await.ok();
    let digest = old.json()["version"].as_str().unwrap().to_owned();
    let done = publish(&place, revised("The second edition", 1)).unwrap();
    assert_eq!(done.lessons, [slug()]);
    for stage in [&here, &there] {
        let new = eventually("the other process sees the publication", || async {
            let answer = read(stage, &path).await.ok();
            (answer.json()["title"] == "The second edition").then_some(answer)
        })
        .await;
        assert_ne!(new.json()["version"], digest.as_str());
        assert_ne!(new.header("etag"), old.header("etag"));
        assert_eq!(read(stage, "/v1/lessons").await.ok().json()["items"][0]["title"], "The second edition");
        let versions = read(stage, &format!("{path}/versions")).await.ok().json();
        let listed: Vec<&str> = versions["items"].as_array().unwrap().iter().map(|v| v["version"].as_str().unwrap()).collect();
        assert_eq!(listed, [new.json()["version"].as_str().unwrap(), &digest], "the newest first");
        let again = read(stage, &format!("{path}?version={digest}")).await.ok();
        assert_eq!(again.body, old.body, "byte for byte");
        let again = read(stage, &format!("{path}/quiz?version={digest}")).await.ok();
        assert_eq!(again.body, old_quiz.body);
    }
    drop((here, there));
    // A process with the older curriculum inside starts beside it and publishes nothing over it.
    let older = place.serve();
    assert_eq!(older.published, Vec::<String>::new());
    assert_eq!(read(&older, &path).await.ok().json()["title"], "The second edition");
});

both!(a_published_version_never_changes, |place: Place| {
    place.serve().stop();
    let refused = publish(&place, revised("Other words", 0)).expect_err("the same revision with other content");
    assert!(refused.cause().unwrap_or_default().contains("raise its revision"), "{refused}");
    publish(&place, revised("Two", 2)).unwrap();
    let nothing = publish(&place, revised("One", 1)).unwrap();
    assert_eq!(nothing.lessons, Vec::<String>::new(), "a lower revision never publishes over a higher one");
    let same = publish(&place, revised("Two", 2)).unwrap();
    assert_eq!(same.lessons, Vec::<String>::new());
    let stage = place.serve();
    assert_eq!(read(&stage, &format!("/v1/lessons/{}", slug())).await.ok().json()["title"], "Two");
});

both!(slugs_are_never_reused, |place: Place| {
    place.serve().stop();
    let mut thief = curriculum();
    let alias = thief.lessons[0].lesson.aliases[0].clone();
    thief.course.slug = "another-course".to_owned();
    thief.lessons.truncate(1);
    thief.lessons[0].lesson.aliases.clear();
    thief.lessons[0].lesson.slug.clone_from(&alias);
    thief.course.lessons = vec![alias];
    let refused = publish(&place, thief).expect_err("the alias is the first lesson's for ever");
    assert!(refused.cause().unwrap_or_default().contains("never reused"), "{refused}");
});

both!(
    /// A removed lesson, a renamed alias: what was once a name of a lesson still leads to it.
    an_old_alias_still_leads_to_its_lesson, |place: Place| {
    place.serve().stop();
    let alias = curriculum().lessons[0].lesson.aliases[0].clone();
    let mut without = revised("Without its alias", 1);
    without.lessons[0].lesson.aliases.clear();
    publish(&place, without).unwrap();
    let stage = place.serve();
    let by_slug = read(&stage, &format!("/v1/lessons/{}", slug())).await.ok();
    let by_alias = read(&stage, &format!("/v1/lessons/{alias}")).await.ok();
    assert_eq!(by_alias.body, by_slug.body, "the newest version, not the last that named the alias");
});

/// Lessons are served from memory: they need no database.
#[test]
fn lessons_are_read_while_the_database_is_away() {
    crate::harness::play(crate::harness::Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let path = format!("/v1/lessons/{}", slug());
        let token = stage.token("lessons:read");
        let (free, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
        // Every database thread is held; a request that needs one would wait.
        let held: Vec<_> = (0..8)
            .map(|_| {
                let (db, wait) = (stage.state.db.clone(), wait.clone());
                tokio::spawn(async move {
                    db.read(move |_| {
                        let _ = wait.lock().unwrap().recv();
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        for _ in 0..3 {
            stage.get(&path).token(&token).send().await.ok();
        }
        drop(free);
        for one in held {
            one.await.unwrap().unwrap();
        }
    });
}
