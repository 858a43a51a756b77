//! Packages over the API and on the command line: what they hold, who may have them, what comes back.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use waymark::auth::Principal;
use waymark::packages::zip;

use crate::harness::{Answer, Stage, curriculum, root, slug};

async fn get(stage: &Stage, path: &str) -> Answer {
    stage.get(path).token(&stage.token("lessons:write")).send().await
}

async fn import(stage: &Stage, body: Vec<u8>) -> Answer {
    let call = stage.post("/v1/packages/import").token(&stage.token("lessons:write"));
    call.header("content-type", "application/zip").body(body).send().await
}

both!(a_quiz_goes_out_and_comes_back_whole, |stage| {
    let slug = slug();
    let package = get(&stage, &format!("/v1/lessons/{slug}/package")).await.ok();
    assert_eq!(package.header("content-type"), "application/zip");
    assert_eq!(package.header("content-disposition"), format!("attachment; filename=\"{slug}-en-qti3.zip\""));
    assert!(package.header("waymark-package-report").ends_with("changed=0, lost=0, missing=0"), "QTI 3 carries all along");
    let back = import(&stage, package.body.clone()).await.ok().json();
    let published = serde_json::to_value(&curriculum().lessons[0].quiz).unwrap();
    assert_eq!((&back["quiz"], &back["lesson"]), (&published, &json!(slug)));
    assert_eq!(back["report"]["notes"], json!([]));
    assert_eq!(back["objectives"].as_array().unwrap().len(), curriculum().lessons[0].lesson.objectives.len());
    // By alias and by version the same bytes, under the same ETag.
    let version = get(&stage, &format!("/v1/lessons/{slug}/versions")).await;
    let version = stage.get(&version.asked[4..]).token(&stage.token("lessons:read")).send().await.ok().json();
    let digest = version["items"][0]["version"].as_str().unwrap();
    let alias = &curriculum().lessons[0].lesson.aliases[0];
    for path in
        [format!("/v1/lessons/{alias}/package?format=qti3"), format!("/v1/lessons/{slug}/package?version={digest}&language=xx")]
    {
        let same = get(&stage, &path).await.ok();
        assert!(same.body == package.body && same.header("etag") == package.header("etag"), "{path}");
    }
    let call = stage.get(&format!("/v1/lessons/{slug}/package")).token(&stage.token("lessons:write"));
    let fresh = call.header("if-none-match", package.header("etag")).send().await.is(304);
    assert!(fresh.body.is_empty());
});

both!(every_format_is_a_zip_file_with_its_report_inside, |stage| {
    let (slug, course) = (slug(), curriculum().course.slug);
    for (path, media_type, ending) in [
        (format!("/v1/lessons/{slug}/package?format=qti3"), "application/zip", "qti3.zip"),
        (format!("/v1/lessons/{slug}/package?format=qti21"), "application/zip", "qti21.zip"),
        (format!("/v1/lessons/{slug}/package?format=qti12"), "application/zip", "qti12.zip"),
        (format!("/v1/courses/{course}/package"), "application/vnd.ims.imsccv1p3", "cc13.imscc"),
        (format!("/v1/courses/{course}/package?format=cc11"), "application/vnd.ims.imsccv1p1", "cc11.imscc"),
    ] {
        let package = get(&stage, &path).await.ok();
        assert_eq!(package.header("content-type"), media_type);
        assert!(package.header("content-disposition").ends_with(&format!("-en-{ending}\"")), "{path}");
        let files = zip::read_zip(&package.body).unwrap();
        let report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
        let sign = if path.contains('?') { '&' } else { '?' };
        let alone = get(&stage, &format!("{path}{sign}report=true")).await.ok();
        assert_eq!((alone.header("content-type"), alone.json()), ("application/json", report.clone()));
        let lost = report["notes"].as_array().unwrap().iter().filter(|note| note["effect"] == "lost").count();
        assert!(package.header("waymark-package-report").contains(&format!("lost={lost},")), "{path}");
        assert!(files.contains_key("imsmanifest.xml"));
        // And back, with every item.
        let back = import(&stage, package.body.clone()).await.ok().json();
        let items = back["quiz"]["items"].as_array().unwrap().len();
        let all = curriculum().lessons.iter().map(|content| content.quiz.items.len()).sum::<usize>();
        assert_eq!(items, if path.contains("/courses/") { all } else { curriculum().lessons[0].quiz.items.len() }, "{path}");
    }
    get(&stage, &format!("/v1/lessons/{slug}/package?format=cc13")).await.problem(400, "invalid_parameter");
    get(&stage, &format!("/v1/lessons/{slug}/package?format=scorm")).await.problem(400, "invalid_parameter");
    get(&stage, &format!("/v1/courses/{course}/package?format=qti3")).await.problem(400, "invalid_parameter");
    get(&stage, "/v1/lessons/none/package").await.problem(404, "not_found");
    get(&stage, &format!("/v1/lessons/{slug}/package?version=sha256-0")).await.problem(404, "not_found");
    get(&stage, "/v1/courses/none/package").await.problem(404, "not_found");
});

both!(
    /// A package holds the key, so no learner gets one, whatever the token's scopes.
    learners_get_no_package, |stage| {
    let paths = [format!("/v1/lessons/{}/package", slug()), format!("/v1/courses/{}/package", curriculum().course.slug)];
    let learner = stage.token_of(Principal::Learner(stage.clean_id()), "lessons:read lessons:write");
    for path in paths {
        stage.get(&path).token(&learner).send().await.problem(403, "forbidden");
        stage.get(&path).token(&stage.token("lessons:read")).send().await.problem(403, "insufficient_scope");
    }
    let call = stage.post("/v1/packages/import").token(&learner).header("content-type", "application/zip");
    call.body("x").send().await.problem(403, "forbidden");
});

both!(packages_that_are_none_are_refused, |stage| {
    let problem = import(&stage, b"nonsense".to_vec()).await.problem(422, "package_refused");
    assert!(problem["detail"].as_str().unwrap().contains("no zip file"), "{problem}");
    let evil = zip::write_zip(&zip::PackageFiles::from([(
        "imsmanifest.xml".to_owned(),
        b"<!DOCTYPE x [<!ENTITY a \"b\">]><x/>".to_vec(),
    )]));
    let problem = import(&stage, evil.unwrap()).await.problem(422, "package_refused");
    assert_eq!(problem["params"]["file"], "imsmanifest.xml");
    assert!(problem["detail"].as_str().unwrap().contains("DOCTYPE"), "{problem}");
    import(&stage, Vec::new()).await.problem(422, "package_refused");
    let too_large = import(&stage, vec![0; (8 << 20) + 1]).await.problem(413, "body_too_large");
    assert_eq!(too_large["params"]["limit_bytes"], 8 << 20);
    // Larger than other bodies may be.
    import(&stage, vec![0; 2 << 20]).await.problem(422, "package_refused");
    let token = stage.token("lessons:write");
    // Browsers on Windows and programs that know no better have their own names for a zip file; they are told what is in it.
    for name in [
        "application/zip",
        "application/x-zip-compressed",
        "application/x-zip",
        "application/octet-stream",
        "Application/X-Zip-Compressed; charset=binary",
        "application/vnd.ims.imsccv1p1",
    ] {
        let call = stage.post("/v1/packages/import").token(&token).header("content-type", name);
        call.body("x").send().await.problem(422, "package_refused");
    }
    for (name, value) in [("content-type", "application/json"), ("content-encoding", "gzip")] {
        let call = stage.post("/v1/packages/import").token(&token).header("content-type", "application/zip").header(name, value);
        let problem = call.body("x").send().await.problem(415, "unsupported_media_type");
        assert!(name != "content-type" || problem["params"]["supported"] == "application/zip", "{problem}");
    }
});

/// Runs `waymark package` in a directory of its own, where no database may appear.
fn package(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waymark"));
    command.arg("package").args(arguments).current_dir(directory).env_clear().env("HOME", directory).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(!directory.join("waymark.db").exists());
    output
}

#[track_caller]
fn ends(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    (out, err)
}

fn kinds() -> String {
    root().join("tests/fixtures/packages").display().to_string()
}

#[test]
fn the_command_line_packs_and_reads_back() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path();
    let (out, err) = ends(&package(there, &["export", "--format", "qti3", "--lesson", "kinds", "--from", &kinds(), "a.zip"]), 0);
    assert_eq!(out, "");
    assert!(err.contains("carried along: layers: ") && err.contains("lost=0"), "{err}");
    let (yaml, err) = ends(&package(there, &["import", "a.zip"]), 0);
    assert!(err.contains("read a.zip (12 items)"), "{err}");
    // What is printed as YAML is the very quiz.
    let read = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let original = std::fs::read_to_string(root().join("tests/fixtures/packages/all-kinds/quiz.yaml")).unwrap();
    let typed =
        |text: &str| serde_json::to_value(serde_saphyr::from_str::<waymark::lessons::format::QuizFile>(text).unwrap()).unwrap();
    assert_eq!(typed(&yaml), typed(&original));
    assert!(read(&yaml).is_object());
    ends(&package(there, &["import", "a.zip", "--out", "drafts/kinds"]), 0);
    assert_eq!(std::fs::read_to_string(there.join("drafts/kinds/quiz.yaml")).unwrap(), yaml);
    let (out, _) = ends(&package(there, &["import", "a.zip", "--json"]), 0);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["lesson"], "all-kinds");
    // The same bytes again; another language is another package.
    ends(&package(there, &["export", "--format", "qti3", "--lesson", "all-kinds", "--from", &kinds(), "b.zip"]), 0);
    ends(
        &package(there, &["export", "--format", "qti3", "--lesson", "kinds", "--language", "de", "--from", &kinds(), "c.zip"]),
        0,
    );
    let bytes = |name: &str| std::fs::read(there.join(name)).unwrap();
    assert!(bytes("a.zip") == bytes("b.zip") && bytes("a.zip") != bytes("c.zip"));
    assert_eq!(typed(&ends(&package(there, &["import", "c.zip"]), 0).0), typed(&original));
}

#[test]
fn the_built_in_quizzes_are_the_same_as_yaml() {
    let directory = tempfile::tempdir().unwrap();
    for content in curriculum().lessons.iter().skip(1) {
        let slug = &content.lesson.slug;
        ends(&package(directory.path(), &["export", "--format", "qti3", "--lesson", slug, "a.zip"]), 0);
        let (yaml, _) = ends(&package(directory.path(), &["import", "a.zip"]), 0);
        let quiz: waymark::lessons::format::QuizFile = serde_saphyr::from_str(&yaml).unwrap();
        assert_eq!(serde_json::to_value(quiz).unwrap(), serde_json::to_value(&content.quiz).unwrap(), "{slug}");
    }
}

#[test]
fn what_is_lost_is_told_by_the_exit_code_too() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path();
    let from = kinds();
    let (out, _) =
        ends(&package(there, &["export", "--format", "qti12", "--lesson", "kinds", "--from", &from, "--json", "a.zip"]), 3);
    let report: Value = serde_json::from_str(&out).unwrap();
    let about = |what: &str, effect: &str| {
        report["notes"].as_array().unwrap().iter().any(|note| note["what"] == what && note["effect"] == effect)
    };
    for (what, effect) in [
        ("layers", "lost"),
        ("tolerance", "lost"),
        ("scoring", "lost"),
        ("languages", "lost"),
        ("ordering", "changed"),
        ("matching", "changed"),
        ("point_at_field", "changed"),
    ] {
        assert!(about(what, effect), "{what}: {report}");
    }
    ends(&package(there, &["export", "--format", "cc13", "--from", &from, "course.imscc"]), 3);
    let files = zip::read_zip(&std::fs::read(there.join("course.imscc")).unwrap()).unwrap();
    let page = String::from_utf8(files["lessons/all-kinds/index.html"].clone()).unwrap();
    for part in [
        "<html lang=\"en\" dir=\"ltr\">",
        "<a href=\"#ev\">below</a>",
        "<a href=\"../all-kinds/index.html#h-one\">itself</a>",
        "nothing and <a href=\"https://example.org/?a=1&amp;b=2\">",
        "<aside id=\"warn\" class=\"warning\">",
        "<th scope=\"col\">Sign</th>",
        "{&quot;a&quot;: &quot;&lt;b&gt; &amp; ]]&gt;",
        "alt=\"A dot.\"",
        "width=device-width",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(files["lessons/all-kinds/dot.png"].starts_with(b"\x89PNG"));
    // A cartridge is put where learners can see its pages, so no page holds a key.
    for (name, bytes) in files.iter().filter(|(name, _)| !name.starts_with("quizzes/")) {
        assert!(!String::from_utf8_lossy(bytes).contains("The code decides"), "{name}");
    }
    // Every format comes back with its items, and with what it could not say.
    ends(&package(there, &["export", "--format", "cc11", "--from", &from, "moodle.imscc"]), 3);
    ends(&package(there, &["export", "--format", "qti21", "--lesson", "kinds", "--from", &from, "b.zip"]), 3);
    for name in ["a.zip", "b.zip", "course.imscc", "moodle.imscc"] {
        let (out, err) = ends(&package(there, &["import", "--json", name]), 3);
        let back: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(back["quiz"]["items"].as_array().unwrap().len(), 12, "{name}: {err}");
        assert!(err.contains("when it was exported: "), "{name}: {err}");
    }
    ends(&package(there, &["import", "none.zip"]), 1);
    ends(&package(there, &["export", "--format", "qti3", "--from", &from, "x.zip"]), 1);
    ends(&package(there, &["export", "--format", "qti3", "--lesson", "kinds", "--language", "fr", "--from", &from, "x.zip"]), 1);
    ends(&package(there, &["export", "--format", "cc13", "--lesson", "kinds", "--from", &from, "x.zip"]), 1);
    ends(&package(there, &["export", "--format", "scorm", "x.zip"]), 2);
    assert!(!there.join("x.zip").exists());
}
