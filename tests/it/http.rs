//! What HTTP promises of every answer: conditions, codings, keys of requests, what browsers may see.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use waymark::clock::Clock;
use waymark::error::Code;

use crate::authoring::{draft, publish, replace, with};
use crate::flow::{put, read, together};
use crate::harness::{Answer, Kind, course_slug, play, slug};

const OWN: &str = "/v1/drafts/refusals-at-acme";

both!(
    /// Behind a proxy that compresses, ETags come back weak or with a suffix: 412 says so, where 400 would say the client is wrong.
    if_match_knows_lists_weak_tags_and_suffixes, |stage| {
    let token = stage.token("lessons:read lessons:write");
    put(&stage, &token, OWN, &draft()).await.is(201);
    let mut revision = 1;
    for (sent, status) in [
        ("W/\"1\"", 412),
        ("\"1-gzip\"", 412),
        ("\"7\", \"8\"", 412),
        ("\"x,y\"", 412),
        ("1", 400),
        ("\"1", 400),
        ("\"1\" \"2\"", 400),
        ("\"7\" ,W/\"1\", \"1\"", 200),
    ] {
        let other = with(draft(), "/lesson/title/en", json!(format!("Another title: {}", sent.replace(['"', '/', ','], " "))));
        let answer = replace(&stage, &token, OWN, sent, &other).await;
        assert_eq!(answer.status, status, "{sent}: {}", answer.text());
        match status {
            412 => assert_eq!(answer.problem(412, "precondition_failed")["params"]["revision"], revision, "{sent}"),
            400 => drop(answer.problem(400, "invalid_parameter")),
            _ => revision += 1,
        }
    }
    let page = stage.get(OWN).token(&token).send().await.ok();
    let etag = page.header("etag").to_owned();
    for sent in [format!("W/{etag}"), etag.replace("2\"", "2-gzip\""), format!("\"7\", {etag}"), "*".to_owned()] {
        stage.get(OWN).token(&token).header("if-none-match", &sent).send().await.is(304);
    }
});

both!(
    /// A key stands for a meaning: spelled otherwise it is the same request, with another condition it is not.
    a_key_compares_what_a_request_says, |stage| {
    let token = stage.full_token();
    let key = Uuid::new_v4().to_string();
    let ask = |key: &str, body: &str| {
        let call = stage.post("/v1/learners").token(&token).header("idempotency-key", key);
        call.header("content-type", "application/json").body(body.to_owned()).send()
    };
    let id = Uuid::new_v4();
    let first = ask(&key, &format!(r#"{{"name": "Ada", "identities": [{{"system": "s", "id": "{id}"}}]}}"#)).await.is(201);
    let again = ask(&key, &format!("{{\"identities\":[{{\"id\":\"{id}\",\"system\":\"s\"}}],\n\t\"name\":\"\\u0041da\"}}")).await.is(201);
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), "true"));
    let other = ask(&key, &format!(r#"{{"name": "Bob", "identities": [{{"system": "s", "id": "{id}"}}]}}"#)).await;
    assert_eq!(other.any_problem()["code"], Code::IdempotencyMismatch.name());

    put(&stage, &token, OWN, &draft()).await.is(201);
    let key = Uuid::new_v4().to_string();
    let publish = |etag: &str| {
        stage.post(&format!("{OWN}/publish")).token(&token).header("if-match", etag).header("idempotency-key", &key).send()
    };
    let first = publish("\"1\"").await.is(201);
    assert_eq!(publish("\"1\"").await.is(201).json(), first.json());
    replace(&stage, &token, OWN, "\"1\"", &with(draft(), "/lesson/title/en", json!("Which door, again"))).await.ok();
    let other = publish("\"2\"").await;
    assert_eq!(other.any_problem()["code"], Code::IdempotencyMismatch.name(), "an older publication is no answer to this");
});

both!(
    /// What is large is compressed where that is asked for, and reads back the same.
    large_answers_come_compressed, |stage| {
    let token = stage.full_token();
    for _ in 0..12 {
        let body = json!({"name": "Somebody", "identities": [{"system": "s", "id": Uuid::new_v4()}]});
        stage.post("/v1/learners").token(&token).json(&body).send().await.is(201);
    }
    let lesson = format!("/v1/lessons/{}", slug());
    for path in ["/v1/records", "/v1/learners", "/openapi.json", "/v1/lessons", &lesson, "/docs/", "/docs/errors", "/docs/swagger-ui.css"] {
        let get = |accept: &str| stage.get(path).token(&token).header("accept-encoding", accept).send();
        let plain = get("identity").await.ok();
        if plain.body.len() < 1_024 {
            continue;
        }
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let (gzip, brotli) = (get("gzip").await.ok(), get("br").await.ok());
        assert_eq!((gzip.header("content-encoding"), brotli.header("content-encoding")), ("gzip", "br"), "{path}");
        assert!(gzip.body.len() < plain.body.len() / 2 && brotli.body.len() < plain.body.len() / 2, "{path}");
        let better = get("gzip, deflate, br").await.ok();
        let slack = if path.starts_with("/v1/records") || path.starts_with("/v1/learners") { 100 } else { 0 };
        assert!(better.body.len() <= gzip.body.len().min(brotli.body.len()) + slack, "{path}: the better of the two");
        for (answer, read) in [(&gzip, unzipped(&gzip)), (&brotli, unbrotli(&brotli))] {
            assert!(answer.header("vary").to_lowercase().contains("accept-encoding"), "{path}");
            if !path.starts_with("/v1/records") && !path.starts_with("/v1/learners") {
                assert_eq!(read, plain.body, "{path}");
                assert_ne!(answer.header("etag"), plain.header("etag"), "{path}: each coding has its own");
            } else {
                assert!(serde_json::from_slice::<Value>(&read).is_ok(), "{path}");
            }
        }
    }
});

fn unzipped(answer: &Answer) -> Vec<u8> {
    let mut read = Vec::new();
    flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut read).unwrap();
    read
}

fn unbrotli(answer: &Answer) -> Vec<u8> {
    let mut read = Vec::new();
    brotli::BrotliDecompress(&mut &answer.body[..], &mut read).unwrap();
    read
}

/// Every page for people says what it may load, and it is never anything from elsewhere.
#[test]
fn every_page_has_a_policy() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let token = stage.full_token();
        let guide = format!("/v1/courses/{}/field-guide?format=html", course_slug());
        for path in ["/docs/", "/docs/errors", "/docs/signals", "/docs/glossary", "/docs/field-guide", &guide] {
            let page = stage.get(path).token(&token).send().await.ok();
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
            let policy = page.header("content-security-policy");
            for rule in ["default-src '", "frame-ancestors 'none'", "base-uri 'none'"] {
                assert!(policy.contains(rule), "{path}: {policy}");
            }
            assert!(
                !policy.contains("http") && !policy.contains('*') && !policy.contains("script-src 'unsafe"),
                "{path}: {policy}"
            );
            let text = page.text();
            assert!(text.contains("<title>") && !text.contains("<title>Swagger UI</title>"), "{path}");
        }
    });
}

/// The document's ETag is its digest: two builds of one version number may differ.
#[test]
fn the_document_is_named_by_its_content() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let document = stage.get("/openapi.json").send().await.ok();
        let etag = document.header("etag").trim_matches('"').to_owned();
        assert!(etag.len() >= 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit()), "{etag}");
        assert_eq!(document.header("access-control-allow-origin"), "*");
    });
}

both!(
    /// A locale as systems name it leads to the language.
    a_locale_is_a_language, |stage| {
    let token = stage.full_token();
    let lesson = format!("/v1/lessons/{}", slug());
    let asked = |language: &'static str| stage.get(&format!("{lesson}?language={language}")).token(&token).send();
    let german = asked("de").await.ok();
    for locale in ["de_DE", "de_AT.UTF-8", "de-CH", "DE_de"] {
        assert_eq!(asked(locale).await.ok().header("content-language"), german.header("content-language"), "{locale}");
    }
    let bundle = |language: &'static str| {
        stage.get(&format!("/v1/courses/{}/bundle?language={language}", course_slug())).token(&token).send()
    };
    assert_eq!(bundle("en_GB").await.ok().json()["included_languages"], bundle("en").await.ok().json()["included_languages"]);
});

/// A draft whose names are its own.
fn another(n: usize) -> Value {
    serde_json::from_str(&draft().to_string().replace("acme", &format!("acme{n}"))).unwrap()
}

both!(
    /// Publications of several lessons at once: each ends well, though each looks at what is published.
    ten_publications_at_once_all_end_well, |place: Place| {
    let stage = place.serve();
    let token = stage.token("lessons:read lessons:write");
    let slugs: Vec<String> = (0..10).map(|n| format!("/v1/drafts/refusals-at-acme{n}")).collect();
    for (n, path) in slugs.iter().enumerate() {
        put(&stage, &token, path, &another(n)).await.is(201);
    }
    let answers = together(slugs.iter().map(|path| publish(&stage, &token, path, "\"1\""))).await;
    let seen: Vec<String> = answers.iter().map(|answer| format!("{} {}", answer.status, answer.text())).collect();
    assert!(answers.iter().all(|answer| answer.status == 201), "{seen:#?}");
    let versions: BTreeSet<String> = answers.iter().map(|answer| answer.json()["version"].to_string()).collect();
    assert_eq!(versions.len(), 10);
    for n in 0..10 {
        read(&stage, &token, &format!("/v1/lessons/refusals-at-acme{n}")).await.ok();
    }
});

both!(
    /// As many drafts as a tenant may have, and not one more, however many come at once.
    two_hundred_drafts_are_two_hundred, |place: Place| {
    let stage = place.serve_with(|config| config.quotas.drafts = 200, waymark::clock::Clock::system());
    let token = stage.token("lessons:read lessons:write");
    put(&stage, &token, "/v1/drafts/refusals-at-acme0", &another(0)).await.is(201);
    place.db(move |conn| {
        let copy = "INSERT INTO drafts (tenant_id, slug, revision, digest, title, content, created_at, updated_at) \
            SELECT tenant_id, slug || '-' || n, revision, digest, title, content, created_at, updated_at FROM drafts, \
            (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 194) SELECT n FROM counted) AS numbers";
        conn.batch(copy)?;
        Ok(())
    });
    let asked: Vec<(String, Value)> = (1..=20).map(|n| (format!("/v1/drafts/refusals-at-acme{n}"), another(n))).collect();
    let answers = together(asked.iter().map(|(path, body)| put(&stage, &token, path, body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let full = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!((made, full), (5, 15), "of twenty at once, with room for five");
});

both!(
    /// The bundle in one request: the manifest and its parts, and a download that broke off goes on.
    a_bundle_comes_as_one_file, |stage| {
    let token = stage.full_token();
    let url = format!("/v1/courses/{}/bundle", course_slug());
    let manifest = stage.get(&format!("{url}?language=en")).token(&token).send().await.ok();
    let get = |headers: &[(&str, &str)]| {
        let call = stage.get(&format!("{url}.zip?language=en")).token(&token);
        headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
    };
    let whole = get(&[]).await.ok();
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("application/zip", "bytes"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&whole.body)).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(read("manifest.json"), manifest.body);
    let parts = manifest.json()["parts"].as_array().unwrap().clone();
    let names: BTreeSet<&str> = parts.iter().map(|part| part["sha256"].as_str().unwrap()).collect();
    for name in &names {
        assert_eq!(hex::encode(Sha256::digest(read(&format!("parts/{name}.json")))), **name);
    }
    assert_eq!(archive.len(), names.len() + 1);

    let etag = whole.header("etag").to_owned();
    let first = get(&[("range", "bytes=0-999")]).await.is(206);
    assert_eq!(first.header("content-range"), format!("bytes 0-999/{}", whole.body.len()));
    let rest = get(&[("range", "bytes=1000-"), ("if-range", &etag)]).await.is(206);
    assert_eq!([first.body, rest.body].concat(), whole.body);
    assert_eq!(get(&[("range", "bytes=1000-"), ("if-range", "\"another\"")]).await.ok().body, whole.body);
    assert_eq!(get(&[("range", "bytes=0-1,5-6")]).await.ok().body, whole.body);
    let behind = get(&[("range", "bytes=99999999-")]).await.problem(416, "range_not_satisfiable");
    assert_eq!(behind["params"]["bytes"], whole.body.len());
    get(&[("if-none-match", &etag)]).await.is(304);
    assert_eq!(get(&[]).await.ok().body, whole.body, "equal content is equal bytes");
    stage.get("/v1/courses/nowhere/bundle.zip").token(&token).send().await.problem(404, "not_found");
});

/// What operators see: every metric of the table that has something to tell, and each as Prometheus writes it.
#[test]
fn metrics_tell_what_happened() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve_with(|config| config.metrics_listen = Some(([127, 0, 0, 1], 0).into()), Clock::system());
        let token = stage.full_token();
        put(&stage, &token, OWN, &draft()).await.is(201);
        stage.get("/v1/lessons").send().await.problem(401, "token_missing");
        stage.post("/v1/diagnoses").token(&token).json(&json!({"visible_text": "I can't help with that."})).send().await.ok();
        let within = stage.within.unwrap();
        let text = tokio::task::spawn_blocking(move || {
            let mut socket = std::net::TcpStream::connect(within).unwrap();
            socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).unwrap();
            text
        });
        let text = text.await.unwrap();
        for line in [
            "waymark_records_total{kind=\"draft.saved\"} ",
            "waymark_problems_total{code=\"token_missing\"} ",
            "waymark_problems_total{code=\"idempotency_mismatch\"} ",
            "waymark_tokens_refused_total{reason=\"token_missing\"} ",
            "waymark_diagnoses_total{layer=\"",
            "waymark_connections{listener=\"api\"} ",
            "waymark_connections_limit{listener=\"api\"} ",
            "waymark_database_threads ",
            "waymark_database_calls_waiting ",
            "waymark_database_wal_bytes ",
            "waymark_writer_waiting ",
            "waymark_writer_group_seconds_count ",
            "waymark_http_request_seconds_count{",
            "waymark_build_info{version=\"",
            "process_resident_memory_bytes ",
            "process_open_fds ",
            "process_start_time_seconds ",
        ] {
            assert!(text.lines().any(|told| told.starts_with(line)), "{line}\n{text}");
        }
        let known: BTreeSet<&str> = waymark::measures::METRICS.iter().map(|metric| metric.name).collect();
        for told in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split(' ').next()) {
            assert!(known.contains(told) || told.starts_with("process_"), "{told} stands in no table");
        }
    });
}

/// The kinds that the document names are the kinds that are made: none is missing, none is invented.
#[test]
fn the_document_names_the_kinds_that_exist() {
    let document: Value = serde_json::from_str(&waymark::docs::contract_text()).unwrap();
    let records = document["components"]["schemas"].as_object().unwrap().values();
    let told = records.filter_map(|schema| schema["properties"]["kind"]["description"].as_str());
    let told = told.filter(|text| text.contains("`attempt.submitted`")).collect::<String>();
    let named: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, waymark::records::KINDS);
}
