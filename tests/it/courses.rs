//! A course, its glossary and its field guide: in every form and language, and as pages that anybody may read.

use std::collections::BTreeSet;

use waymark::db::Stored;
use waymark::db::types::{Id, Json};
use waymark::lessons::publish::{self, Published};
use waymark::lessons::source::{CourseContent, Curriculum};

use crate::harness::{Answer, Place, Stage, course_slug, curriculum};

fn publish(place: &Place, curriculum: Curriculum) -> Stored<Published> {
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &curriculum, waymark::clock::Clock::system().now()))
}

async fn read(stage: &Stage, rest: &str) -> Answer {
    let path = format!("/v1/courses/{}{rest}", course_slug());
    stage.get(&path).token(&stage.token("lessons:read")).send().await
}

/// The curriculum with the next revision of its course.
fn raised() -> Curriculum {
    let mut curriculum = curriculum();
    curriculum.course.revision += 1;
    curriculum
}

/// The same with French in the glossary alone, where every text is what it is in English, and "(fr)".
fn french() -> Curriculum {
    let mut curriculum = raised();
    for term in &mut curriculum.glossary.as_mut().unwrap().terms {
        for text in [&mut term.term, &mut term.definition] {
            text.insert("fr".to_owned(), format!("{} (fr)", text["en"]));
        }
    }
    curriculum
}

both!(a_course_is_read_as_it_is_listed, |stage| {
    let listed = stage.get("/v1/courses").token(&stage.token("lessons:read")).send().await.ok().json();
    let one = read(&stage, "").await.ok();
    assert_eq!(one.json(), listed["items"][0]);
    let course = one.json();
    assert_eq!((&course["glossary"], &course["field_guide"]), (&true.into(), &true.into()));
    assert_eq!(course["lessons"].as_array().unwrap().len(), curriculum().lessons.len());
    stage.get("/v1/courses/another").token(&stage.token("lessons:read")).send().await.problem(404, "not_found");
    for rest in ["/glossary", "/field-guide"] {
        let path = format!("/v1/courses/another{rest}");
        stage.get(&path).token(&stage.token("lessons:read")).send().await.problem(404, "not_found");
    }
});

both!(the_glossary_says_every_term, |stage| {
    let own = curriculum().glossary.unwrap();
    let glossary = read(&stage, "/glossary").await.ok().json();
    let terms = glossary["terms"].as_array().unwrap();
    assert_eq!(terms.len(), own.terms.len());
    let names: Vec<String> = terms.iter().map(|term| term["term"]["text"].as_str().unwrap().to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let term = terms.iter().find(|term| term["id"] == "comparison").unwrap();
    assert_eq!(term["see"][0]["id"], "contrast-prompt");
    assert_eq!(term["see"][0]["term"], "contrast prompt");
    assert!(term["definition"]["html"].as_str().unwrap().starts_with("<p>"));
    assert!(!term["lessons"].as_array().unwrap().is_empty());
});

both!(the_field_guide_says_every_row, |stage| {
    let own = curriculum().field_guide.unwrap();
    let guide = read(&stage, "/field-guide").await.ok().json();
    let rows = guide["rows"].as_array().unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, own.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>());
    assert_eq!(guide["groups"].as_array().unwrap().len(), own.groups.len());
    let row = rows.iter().find(|row| row["id"] == "azure-input").unwrap();
    assert_eq!((&row["layer"], &row["layer_name"]), (&"pre_classifier".into(), &"pre-classifier".into()));
    assert_eq!((&row["owner"], &row["group"]), (&"provider".into(), &"block".into()));
    assert!(row["signals"].as_array().unwrap().contains(&"azure-prompt-filtered".into()));
});

both!(
    /// Each form by parameter and by header, each with its own ETag.
    references_come_in_three_forms, |stage| {
    let token = stage.token("lessons:read");
    for rest in ["/glossary", "/field-guide"] {
        let path = format!("/v1/courses/{}{rest}", course_slug());
        let mut etags = BTreeSet::new();
        for (format, accept, kind, sign) in [
            ("json", "application/json", "application/json", "{\"course\":"),
            ("markdown", "text/markdown", "text/markdown; charset=utf-8; variant=GFM", "# "),
            ("html", "text/html,*/*;q=0.8", "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ] {
            let by_header = stage.get(&path).token(&token).header("accept", accept).send().await.ok();
            let asked = format!("{path}?format={format}");
            // The parameter wins over the header.
            let by_parameter = stage.get(&asked).token(&token).header("accept", "image/png, text/html;q=0").send().await.ok();
            assert_eq!(by_header.body, by_parameter.body, "{path} {format}");
            assert_eq!(by_header.header("content-type"), kind);
            assert!(by_header.text().starts_with(sign), "{}", by_header.text());
            assert!(by_header.header("vary").contains("Accept,"), "{}", by_header.header("vary"));
            let etag = by_header.header("etag").to_owned();
            let fresh = stage.get(&asked).token(&token).header("if-none-match", &etag).send().await.is(304);
            assert!(fresh.header("vary").contains("Accept,"), "304 varies as 200 does");
            etags.insert(etag);
        }
        assert_eq!(etags.len(), 3);
        let wrong = stage.get(&format!("{path}?format=pdf")).token(&token).send().await;
        assert_eq!(crate::harness::place_of(&wrong.problem(400, "invalid_parameter")), "format");
        stage.get(&path).send().await.problem(401, "token_missing");
    }
    let table = read(&stage, "/field-guide?format=markdown").await.ok().text();
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.contains("| Layer |")).count();
    assert_eq!(rows, curriculum().field_guide.unwrap().rows.len());
    // Every row has its five cells: six bars that are not part of a text.
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 6, "{line}");
    }
});

both!(a_reference_falls_back_on_its_default_language, |place: Place| {
    place.serve().stop();
    publish(&place, french()).unwrap();
    let stage = place.serve();
    let token = stage.token("lessons:read");
    let get = |rest: &str, accept: &'static str| {
        let path = format!("/v1/courses/{}{rest}", course_slug());
        stage.get(&path).token(&token).header("accept-language", accept).send()
    };
    let french = get("/glossary", "fr-CA, en;q=0.5").await.ok();
    assert_eq!((french.header("content-language"), &french.json()["language"]), ("fr", &"fr".into()));
    assert!(french.json()["languages"].as_array().unwrap().contains(&"fr".into()));
    assert!(french.json()["terms"][0]["term"]["text"].as_str().unwrap().ends_with("(fr)"));
    for (rest, accept) in [("/glossary", "ja"), ("/glossary?language=ja", "fr"), ("/field-guide", "fr"), ("", "fr")] {
        let answer = get(rest, accept).await.ok();
        assert_eq!((answer.header("content-language"), &answer.json()["language"]), ("en", &"en".into()), "{rest} {accept}");
    }
    // The words of a page that are not there in French say that they are English.
    let page = stage.get("/docs/glossary?language=fr").send().await.ok().text();
    assert!(page.contains("<html lang=\"fr\" dir=\"ltr\">") && page.contains("<header lang=\"en\"><h1>Glossary</h1>"), "{page}");
    let page = stage.get("/docs/field-guide").header("accept-language", "de").send().await.ok().text();
    assert!(page.contains("<html lang=\"de\" dir=\"ltr\">") && page.contains("<header><h1>Bestimmungshilfe</h1>"), "{page}");
    assert!(page.contains("href=\"glossary?language=de#pre-classifier\""));
});

both!(
    /// Of a lesson that is not there in the language of the list, what is shown is said to be in its own.
    a_list_says_the_language_of_each_lesson, |stage| {
    let token = stage.token("lessons:read");
    let list = stage.get("/v1/courses?language=de").token(&token).send().await.ok().json();
    let course = &list["items"][0];
    assert_eq!(course["language"], "de");
    let own = curriculum();
    for (shown, content) in course["lessons"].as_array().unwrap().iter().zip(&own.lessons) {
        let language = if content.lesson.title.contains_key("de") { "de" } else { "en" };
        assert_eq!(shown["language"], language, "{shown}");
        assert_eq!(shown["title"], content.lesson.title[language].as_str());
    }
});

both!(
    /// For everybody, with nothing that could run or be fetched, and with a place for every term and row.
    the_pages_need_nothing, |stage| {
    let terms = curriculum().glossary.unwrap().terms;
    let rows = curriculum().field_guide.unwrap().rows;
    for (path, ids) in [
        ("/docs/glossary", terms.iter().map(|term| &term.id).collect::<Vec<_>>()),
        ("/docs/field-guide", rows.iter().map(|row| &row.id).collect()),
    ] {
        let answer = stage.get(path).send().await.ok();
        let page = answer.text();
        for id in ids {
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{path}: {id}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        for never in ["<script", "<link", " src=", "javascript:", "href=\"http", "style=\""] {
            assert!(!page.contains(never), "{path}: {never}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        // The style is the one that the policy lets in.
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        use base64::Engine;
        use sha2::Digest;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
        assert!(policy.contains(&format!("'sha256-{hash}'")));
        assert!(style.contains("@page{size:A4") && style.contains("prefers-color-scheme:dark"));
        // Every link into the page or to the page beside it leads somewhere.
        let beside = stage.get("/docs/glossary").send().await.ok().text();
        for href in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (to, anchor) = href.split_once('#').unwrap_or((href, ""));
            let (to, _) = to.split_once('?').unwrap_or((to, ""));
            let there = if to.is_empty() { &page } else { &beside };
            let found = anchor.is_empty() || there.contains(&format!(" id=\"{anchor}\""));
            assert!(["", "glossary", "field-guide"].contains(&to) && found, "{path}: {href}");
        }
        stage.get(path).header("if-none-match", answer.header("etag")).send().await.is(304);
    }
});

both!(
    /// A course that was stored before there were glossaries, and one that never had any.
    a_course_without_them_is_fine, |place: Place| {
    place.serve().stop();
    let mut without = raised();
    (without.glossary, without.field_guide) = (None, None);
    let content = Json::of(&without.course_content());
    assert_eq!(content.0, Json::of(&without.course).0, "the row is what it was before");
    let again: CourseContent = content.read().unwrap();
    assert!(again.glossary.is_none() && again.field_guide.is_none());
    publish(&place, without).unwrap();
    let stage = place.serve();
    assert_eq!(read(&stage, "").await.ok().json()["glossary"], false);
    read(&stage, "/glossary").await.problem(404, "not_found");
    read(&stage, "/field-guide").await.problem(404, "not_found");
    stage.get("/docs/glossary").send().await.problem(404, "not_found");
});

both!(a_changed_glossary_needs_a_raised_revision, |place: Place| {
    place.serve().stop();
    let mut changed = curriculum();
    changed.glossary.as_mut().unwrap().terms.pop();
    let refused = publish(&place, changed.clone()).expect_err("the same revision with other content");
    assert!(refused.cause().unwrap_or_default().contains("course.yaml"), "{refused}");
    changed.course.revision += 1;
    publish(&place, changed.clone()).unwrap();
    publish(&place, changed).unwrap();
    // The older curriculum of this binary changes nothing.
    let stage = place.serve();
    let terms = read(&stage, "/glossary").await.ok().json()["terms"].as_array().unwrap().len();
    assert_eq!(terms, curriculum().glossary.unwrap().terms.len() - 1);
});
