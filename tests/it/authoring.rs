//! Writing lessons over the API: the life of a draft, its findings, its publication, a tenant's own courses, and that nobody
//! else sees any of it.

use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;

use crate::flow::{feed, members, new_attempt, post, pupil, put, read, together, told};
use crate::harness::{Answer, Stage, curriculum, eventually, place_of, slug};
use crate::learners::second_tenant;

pub const OWN: &str = "/v1/drafts/refusals-at-acme";
pub const LESSON: &str = "/v1/lessons/refusals-at-acme";
pub const SCOPES: &str = "lessons:read lessons:write attempts:read attempts:write learners:act records:read";

/// A draft without errors.
pub fn draft() -> Value {
    waymark::authoring::example::example_draft()
}

pub fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match name.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
    body
}

pub async fn replace(stage: &Stage, token: &str, path: &str, etag: &str, body: &Value) -> Answer {
    stage.call("PUT", path).token(token).header("if-match", etag).json(body).send().await
}

pub async fn publish(stage: &Stage, token: &str, path: &str, etag: &str) -> Answer {
    stage.post(&format!("{path}/publish")).token(token).header("if-match", etag).send().await
}

async fn validate(stage: &Stage, token: &str) -> Value {
    stage.post(&format!("{OWN}/validate")).token(token).send().await.ok().json()
}

async fn delete(stage: &Stage, token: &str, etag: Option<&str>) -> Answer {
    let call = stage.call("DELETE", OWN).token(token);
    match etag {
        Some(etag) => call.header("if-match", etag),
        None => call,
    }
    .send()
    .await
}

fn everything() -> String {
    Scopes::all().to_string()
}

both!(the_whole_life_of_a_draft, |stage| {
    let token = stage.token(SCOPES);
    read(&stage, &token, OWN).await.problem(404, "not_found");
    replace(&stage, &token, OWN, "\"1\"", &draft()).await.problem(412, "precondition_failed");
    let made = put(&stage, &token, OWN, &draft()).await.is(201);
    assert_eq!((made.header("etag"), made.header("location")), ("\"1\"", OWN));
    let shown = made.json();
    assert_eq!((&shown["slug"], &shown["revision"], &shown["published"]), (&json!("refusals-at-acme"), &json!(1), &Value::Null));
    for part in ["lesson", "quiz", "exercise"] {
        assert_eq!(shown[part], with_defaults(draft())[part], "{part}");
    }
    assert_eq!(read(&stage, &token, OWN).await.ok().json(), shown);
    stage.get(OWN).token(&token).header("if-none-match", "\"1\"").send().await.is(304);
    assert_eq!(put(&stage, &token, OWN, &draft()).await.ok().json(), shown, "repeated: the same");
    // What is sent as a lesson's revision is no change.
    let counted = with(draft(), "/lesson/revision", json!(7));
    assert_eq!(put(&stage, &token, OWN, &counted).await.ok().json(), shown);

    let changed = with(draft(), "/lesson/title/en", json!("Refusals at Acme, again"));
    put(&stage, &token, OWN, &changed).await.problem(428, "precondition_required");
    replace(&stage, &token, OWN, "\"2\"", &changed).await.problem(412, "precondition_failed");
    let saved = replace(&stage, &token, OWN, "\"1\"", &changed).await.ok();
    assert_eq!((saved.header("etag"), &saved.json()["title"]), ("\"2\"", &json!("Refusals at Acme, again")));
    assert_eq!(replace(&stage, &token, OWN, "\"1\"", &changed).await.ok().json(), saved.json(), "a repeat needs no luck");

    delete(&stage, &token, Some("\"1\"")).await.problem(412, "precondition_failed");
    delete(&stage, &token, None).await.is(204);
    delete(&stage, &token, None).await.problem(404, "not_found");
    put(&stage, &token, OWN, &draft()).await.is(201);
    delete(&stage, &token, Some("\"1\"")).await.is(204);

    let saved = told(&stage, "draft.saved").await;
    assert_eq!(saved.iter().map(|record| record["body"]["revision"].clone()).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(saved[0]["object"], json!({"type": "draft", "id": "refusals-at-acme", "iri": null}));
    assert_eq!(
        (saved[0]["body"]["digest"] == saved[2]["body"]["digest"], saved[0]["body"]["digest"] == saved[1]["body"]["digest"]),
        (true, false)
    );
    assert_eq!(told(&stage, "draft.deleted").await.len(), 2);
    assert!(saved.iter().all(|record| !record.to_string().contains("gateway")), "no text: {saved:?}");
});

/// What the service adds to the example where it is silent.
fn with_defaults(draft: Value) -> Value {
    let content: waymark::lessons::source::LessonContent = serde_json::from_value(draft).unwrap();
    serde_json::to_value(content).unwrap()
}

both!(a_source_leads_to_the_web_or_the_draft_is_not_published, |stage| {
    let token = stage.token(SCOPES);
    for (revision, url) in
        ["javascript:alert(document.cookie)", " https://wiki.acme.example", "data:text/html,x"].iter().enumerate()
    {
        let bad = with(draft(), "/lesson/sources/0/url", json!(url));
        match revision {
            0 => put(&stage, &token, OWN, &bad).await.is(201),
            one => replace(&stage, &token, OWN, &format!("\"{one}\""), &bad).await.ok(),
        };
        let report = validate(&stage, &token).await;
        let found: Vec<&Value> =
            report["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "source-url").collect();
        assert_eq!((found.len(), &report["publishable"]), (1, &json!(false)), "{url}: {report}");
        assert_eq!((&found[0]["pointer"], &found[0]["severity"]), (&json!("/lesson/sources/0"), &json!("error")));
        publish(&stage, &token, OWN, &format!("\"{}\"", revision + 1)).await.problem(422, "invalid_body");
    }
    read(&stage, &token, LESSON).await.problem(404, "not_found");
});

both!(a_draft_may_be_faulty_but_has_its_shape, |stage| {
    let token = stage.token(SCOPES);
    let faulty = with(draft(), "/quiz/items/0/key", json!("nowhere"));
    let faulty = with(faulty, "/lesson/blocks/0/text", json!({"en": "See [that](no-such-lesson).", "de": "Siehe da."}));
    let faulty = with(faulty, "/quiz/items/0/options/1/rationale/en", json!(""));
    put(&stage, &token, OWN, &faulty).await.is(201);
    let report = validate(&stage, &token).await;
    assert_eq!((&report["publishable"], &report["revision"]), (&json!(false), &json!(1)));
    let found = |rule: &str| {
        let all = report["findings"].as_array().unwrap();
        let one = all.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
        (one["pointer"].as_str().unwrap().to_owned(), one["severity"].as_str().unwrap().to_owned())
    };
    let error = |pointer: &str| (pointer.to_owned(), "error".to_owned());
    assert_eq!(found("item-key"), error("/quiz/items/0/key"));
    assert_eq!(found("link"), error("/lesson/blocks/0"));
    assert_eq!(found("language"), error("/lesson/blocks/0"));
    assert_eq!(found("item-rationale"), error("/quiz/items/0/options/1"));
    assert_eq!(found("reading-time").1, "advice");
    assert_eq!(report["guessing"][0]["language"], "en");
    let errors = report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").count();
    assert_eq!(report["errors"], errors);
    let refused = publish(&stage, &token, OWN, "\"1\"").await.problem(422, "invalid_body");
    let pointers: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert!(pointers.contains(&"/quiz/items/0/key") && pointers.len() == errors, "{refused}");
    read(&stage, &token, LESSON).await.problem(404, "not_found");

    // Another shape is refused where it is brought.
    for (pointer, value, place) in [
        ("/lesson/slug", json!("another"), "/lesson/slug"),
        ("/lesson/reviewed_on", json!("yesterday"), "/lesson/reviewed_on"),
        ("/lesson/title", json!({"not a language": "x"}), "/lesson/title"),
        ("/exercise/cases/0/evidence", json!({"http": {"status": "400"}}), "/exercise/cases/0/evidence/http/status"),
        ("/quiz/items/0/kind", json!("essay"), "/quiz/items/0"),
        ("/quiz/items/0/colour", json!("red"), "/quiz/items/0/colour"),
        ("/quiz/items/0/options/0/colour", json!("red"), "/quiz/items/0/options/0/colour"),
        ("/lesson/blocks/0/colour", json!("red"), "/lesson/blocks/0/colour"),
        ("/lesson/colour", json!("red"), "/lesson/colour"),
    ] {
        let refused = replace(&stage, &token, OWN, "\"1\"", &with(draft(), pointer, value)).await.problem(422, "invalid_body");
        assert_eq!(place_of(&refused), place, "{refused}");
    }
    let item = draft()["quiz"]["items"][0].clone();
    let many = with(draft(), "/quiz/items", Value::Array(vec![item; 201]));
    assert_eq!(place_of(&replace(&stage, &token, OWN, "\"1\"", &many).await.problem(422, "invalid_body")), "/quiz/items");
    put(&stage, &token, "/v1/drafts/Refusals", &draft()).await.problem(400, "invalid_parameter");
});

both!(a_draft_is_checked_beside_what_its_tenant_sees, |stage| {
    let token = stage.token(SCOPES);
    let built_in = &curriculum().lessons[0];
    let body = with(draft(), "/quiz/items/0/id", json!(built_in.quiz.items[0].id));
    let body = with(body, "/exercise/id", json!(built_in.exercise.id));
    let body = with(body, "/lesson/aliases", json!([built_in.lesson.aliases[0]]));
    let body = with(body, "/lesson/blocks/0/text/en", json!(format!("See [the first lesson]({}).", slug())));
    put(&stage, &token, OWN, &body).await.is(201);
    let report = validate(&stage, &token).await;
    let all = report["findings"].as_array().unwrap();
    let places = |rule: &str| -> Vec<&str> {
        all.iter().filter(|one| one["rule"] == rule).map(|one| one["pointer"].as_str().unwrap()).collect()
    };
    assert_eq!(places("id-repeated-in-course"), ["/lesson/aliases", "/quiz/items/0", "/exercise"]);
    assert_eq!(places("name-taken"), ["/lesson/aliases/0"]);
    assert_eq!(places("link"), Vec::<&str>::new(), "built-in lessons can be linked to");
    let refused = publish(&stage, &token, OWN, "\"1\"").await.problem(409, "id_unavailable");
    assert_eq!(refused["params"]["pointer"], "/lesson/aliases/0");
    // A draft at a built-in name is refused at once.
    for name in [slug(), built_in.lesson.aliases[0].clone()] {
        let body = with(draft(), "/lesson/slug", json!(name));
        let refused = put(&stage, &token, &format!("/v1/drafts/{name}"), &body).await.problem(409, "id_unavailable");
        assert_eq!(refused["params"]["lesson"], slug());
    }
});

both!(what_is_published_stays_and_the_next_one_comes_beside_it, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    stage.post(&format!("{OWN}/publish")).token(&token).send().await.problem(428, "precondition_required");
    publish(&stage, &token, OWN, "\"2\"").await.problem(412, "precondition_failed");
    let first = publish(&stage, &token, OWN, "\"1\"").await.is(201);
    let one = first.json();
    assert_eq!((&one["revision"], &one["unchanged"], &one["previous_version"]), (&json!(1), &json!(false), &Value::Null));
    let version = one["version"].as_str().unwrap();
    assert_eq!(first.header("location"), format!("{LESSON}?version={version}"));
    // At once, for every reader of the tenant.
    let lesson = read(&stage, &token, LESSON).await.ok();
    assert_eq!((&lesson.json()["version"], &lesson.json()["title"]), (&one["version"], &json!("Refusals at Acme")));
    let iri = lesson.json()["iri"].as_str().unwrap().to_owned();
    assert!(iri.ends_with(&format!("/tenants/{}/lessons/refusals-at-acme", stage.tenant)), "{iri}");
    let again = publish(&stage, &token, OWN, "\"1\"").await.ok().json();
    assert_eq!((&again["version"], &again["unchanged"], &again["revision"]), (&one["version"], &json!(true), &json!(1)));
    assert_eq!(
        read(&stage, &token, OWN).await.ok().json()["published"],
        json!({"version": version, "revision": 1, "unchanged": true})
    );

    // A better text, then the same again, then back: three versions in all, the third with the words of the first.
    let other = with(draft(), "/lesson/blocks/0/text/en", json!("The gateway speaks first."));
    replace(&stage, &token, OWN, "\"1\"", &other).await.ok();
    assert_eq!(read(&stage, &token, OWN).await.ok().json()["published"]["unchanged"], false);
    let two = publish(&stage, &token, OWN, "\"2\"").await.is(201).json();
    assert_eq!((&two["revision"], &two["previous_version"]), (&json!(2), &one["version"]));
    replace(&stage, &token, OWN, "\"2\"", &draft()).await.ok();
    let three = publish(&stage, &token, OWN, "*").await.is(201).json();
    assert_eq!((&three["revision"], three["version"] == one["version"]), (&json!(3), false));
    let versions = read(&stage, &token, &format!("{LESSON}/versions")).await.ok().json();
    let listed: Vec<&Value> = versions["items"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
    assert_eq!(listed, [&three["version"], &two["version"], &one["version"]]);
    let old = read(&stage, &token, &format!("{LESSON}?version={version}")).await.ok();
    assert_eq!(old.body, lesson.body, "byte for byte");
    // Deleting the draft takes nothing back.
    delete(&stage, &token, None).await.is(204);
    read(&stage, &token, LESSON).await.ok();

    let records = told(&stage, "lesson.published").await;
    assert_eq!(records.iter().map(|record| record["body"]["revision"].clone()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(records[1]["body"]["previous_version"], one["version"]);
    assert_eq!((&records[0]["object"]["iri"], &records[0]["lesson"]["version"]), (&json!(iri), &one["version"]));
    assert!(!records[0].to_string().contains("gateway"), "no text: {}", records[0]);
});

both!(an_item_that_means_something_else_needs_a_higher_revision, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    let moved = with(draft(), "/quiz/items/0/key", json!("pre"));
    replace(&stage, &token, OWN, "\"1\"", &moved).await.ok();
    let refused = publish(&stage, &token, OWN, "\"2\"").await.problem(422, "invalid_body");
    assert_eq!(place_of(&refused), "/quiz/items/0/revision");
    assert_eq!(validate(&stage, &token).await["findings"][0]["rule"], "item-revision");
    replace(&stage, &token, OWN, "\"2\"", &with(moved, "/quiz/items/0/revision", json!(2))).await.ok();
    publish(&stage, &token, OWN, "\"3\"").await.is(201);
});

both!(racing_authors, |stage| {
    let token = stage.token(SCOPES);
    let (stage, token) = (&stage, token.as_str());
    // Two that make the same draft: one makes it, the other meets it.
    let titles = (0..4).map(|n| with(draft(), "/lesson/title/en", json!(format!("Title {n}"))));
    let made = together(titles.map(|body| async move { put(stage, token, OWN, &body).await })).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 1);
    made.iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.problem(428, "precondition_required")));
    // Of changes with one ETag exactly one wins.
    let titles = (4..10).map(|n| with(draft(), "/lesson/title/en", json!(format!("Title {n}"))));
    let all = together(titles.map(|body| async move { replace(stage, token, OWN, "\"1\"", &body).await })).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    all.iter().filter(|answer| answer.status != 200).for_each(|answer| drop(answer.problem(412, "precondition_failed")));
    assert_eq!(told(stage, "draft.saved").await.len(), 2);
    // Of publications at once exactly one publishes.
    let all = together((0..6).map(|_| publish(stage, token, OWN, "\"2\""))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 5, "{all:?}");
    let versions: std::collections::BTreeSet<String> = all.iter().map(|answer| answer.json()["version"].to_string()).collect();
    assert_eq!(versions.len(), 1);
    assert_eq!(told(stage, "lesson.published").await.len(), 1);
    // Different lessons at once: each is checked beside the others, and all are published.
    for n in 0..4 {
        put(stage, token, &format!("/v1/drafts/lesson-{n}"), &numbered(n)).await.is(201);
    }
    let paths: Vec<String> = (0..4).map(|n| format!("/v1/drafts/lesson-{n}")).collect();
    let all = together(paths.iter().map(|path| publish(stage, token, path, "\"1\""))).await;
    assert_eq!(all.iter().map(|answer| answer.status).collect::<Vec<_>>(), [201; 4], "{all:?}");
    assert_eq!(
        read(stage, token, "/v1/lessons").await.ok().json()["items"].as_array().unwrap().len(),
        curriculum().lessons.len() + 5
    );
});

/// The draft under another slug, with ids of its own.
pub fn numbered(n: usize) -> Value {
    let body = with(draft(), "/lesson/slug", json!(format!("lesson-{n}")));
    let body = with(body, "/quiz/items/0/id", json!(format!("item-{n}")));
    let body = with(body, "/exercise/id", json!(format!("exercise-{n}")));
    with(body, "/exercise/cases/0/id", json!(format!("case-{n}")))
}

both!(two_that_take_one_name_at_once, |stage| {
    let token = stage.token(SCOPES);
    for n in 0..2 {
        let body = with(numbered(n), "/lesson/aliases", json!(["the-same-name"]));
        put(&stage, &token, &format!("/v1/drafts/lesson-{n}"), &body).await.is(201);
    }
    let paths = ["/v1/drafts/lesson-0", "/v1/drafts/lesson-1"];
    let all = together(paths.map(|path| publish(&stage, &token, path, "\"1\""))).await;
    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{all:?}");
    // A name is never given back, though its lesson calls itself otherwise by now.
    let winner = usize::from(all[1].status == 201);
    let (path, loser) = (paths[winner], paths[1 - winner]);
    replace(&stage, &token, path, "\"1\"", &numbered(winner)).await.ok();
    publish(&stage, &token, path, "\"2\"").await.is(201);
    publish(&stage, &token, loser, "\"1\"").await.problem(409, "id_unavailable");
    read(&stage, &token, "/v1/lessons/the-same-name").await.ok();
});

both!(a_publication_is_repeated_by_its_key, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    let keyed = || {
        let call = stage.post(&format!("{OWN}/publish")).token(&token).header("if-match", "\"1\"");
        call.header("idempotency-key", "publish-1").send()
    };
    let first = keyed().await.is(201);
    // Neither a change of the draft nor its end makes the answer another one.
    replace(&stage, &token, OWN, "\"1\"", &with(draft(), "/quiz/items/0/key", json!("nowhere"))).await.ok();
    let again = keyed().await.is(201);
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), "true"));
    delete(&stage, &token, None).await.is(204);
    assert_eq!(keyed().await.is(201).json(), first.json());
    assert_eq!(told(&stage, "lesson.published").await.len(), 1);
});

both!(a_preview_shows_what_learners_will_see, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    let preview = read(&stage, &token, &format!("{OWN}/preview?language=en")).await.ok().json();
    let author = &preview["author"]["items"][0];
    assert_eq!(author["right"], json!({"kind": "single_choice", "option": "system"}));
    assert_eq!(author["layers"]["pre"], "pre_classifier");
    assert!(author["rationales"].as_array().unwrap().len() == 3 && author["rationales"][0]["text"]["html"].is_string());
    for part in ["lesson", "quiz", "exercise"] {
        let names = members(&preview[part]);
        assert!(
            !names.iter().any(|name| ["key", "rationale", "rationales", "layer", "right"].contains(name) && part != "quiz"),
            "{names:?}"
        );
    }
    assert!(!members(&preview["quiz"]["items"]).iter().any(|name| ["key", "rationale", "layer", "right"].contains(name)));
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    // Exactly what is served then, but for the time of publication.
    for (part, rest) in [("lesson", ""), ("quiz", "/quiz"), ("exercise", "/exercise")] {
        let mut served = read(&stage, &token, &format!("{LESSON}{rest}")).await.ok().json();
        let mut shown = preview[part].clone();
        for value in [&mut served, &mut shown] {
            value.as_object_mut().unwrap().remove("published_at");
        }
        assert_eq!(served, shown, "{part}");
    }
    // A faulty draft is shown as far as it goes.
    let faulty = with(draft(), "/quiz/items/0/options", json!([]));
    let faulty = with(faulty, "/lesson/title", json!({}));
    replace(&stage, &token, OWN, "\"1\"", &faulty).await.ok();
    let preview = read(&stage, &token, &format!("{OWN}/preview")).await.ok().json();
    assert_eq!((&preview["revision"], &preview["lesson"]["title"]), (&json!(2), &json!("")));
});

both!(keys_are_for_authors, |stage| {
    let token = stage.token(SCOPES);
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    let source = read(&stage, &token, &format!("{LESSON}/source")).await.ok();
    let body = source.json();
    assert_eq!((&body["own"], &body["revision"], &body["quiz"]["items"][0]["key"]), (&json!(true), &json!(1), &json!("system")));
    let fresh = stage.get(&format!("{LESSON}/source")).token(&token).header("if-none-match", source.header("etag")).send().await;
    fresh.is(304);
    let built_in = read(&stage, &token, &format!("/v1/lessons/{}/source", slug())).await.ok().json();
    assert_eq!(
        (&built_in["own"], &built_in["quiz"]["items"][0]["key"]),
        (&json!(false), &json!(crate::flow::key(&curriculum().lessons[0].quiz.items[0])))
    );
    read(&stage, &token, &format!("{LESSON}/source?version=sha256-0")).await.problem(404, "not_found");
    // What an author reads can be handed in as it is.
    let mut copy = json!({"lesson": body["lesson"], "quiz": body["quiz"], "exercise": body["exercise"]});
    copy["lesson"]["title"]["en"] = json!("Refusals at Acme, second edition");
    replace(&stage, &token, OWN, "\"1\"", &copy).await.ok();
    // A learner sees no key before an attempt, on no page, and no draft, whatever its token says.
    let learner = stage.token_of(Principal::Learner(stage.clean_id()), &everything());
    for (method, path) in [
        ("GET", OWN.to_owned()),
        ("GET", "/v1/drafts".to_owned()),
        ("GET", format!("{OWN}/preview")),
        ("POST", format!("{OWN}/validate")),
        ("POST", format!("{OWN}/publish")),
        ("DELETE", OWN.to_owned()),
        ("GET", format!("{LESSON}/source")),
        ("GET", format!("/v1/lessons/{}/source", slug())),
    ] {
        stage.call(method, &path).token(&learner).header("if-match", "\"1\"").send().await.problem(403, "forbidden");
    }
    put(&stage, &learner, OWN, &draft()).await.problem(403, "forbidden");
    put(&stage, &learner, "/v1/courses/x", &course(&[&slug()])).await.problem(403, "forbidden");
    for rest in ["", "/quiz", "/exercise", "/versions"] {
        let page = read(&stage, &learner, &format!("{LESSON}{rest}")).await.ok();
        assert!(
            !page.text().contains("rationale\":{") && !page.text().contains("ACME-4711 is the code"),
            "{rest}: {}",
            page.text()
        );
        assert!(!members(&page.json()).iter().any(|name| ["right", "layer", "key_pointer"].contains(name)), "{rest}");
    }
    let started =
        post(&stage, &pupil(&stage, "ada").await.token, "/v1/attempts", &json!({"lesson": "refusals-at-acme"})).await.is(201);
    assert!(!started.text().contains("ACME-4711 is the code"));
});

fn course(lessons: &[&str]) -> Value {
    json!({"default_language": "en", "title": {"en": "House course"}, "summary": {"en": "**Ours** first."}, "lessons": lessons})
}

both!(a_course_of_own_and_built_in_lessons, |stage| {
    let token = stage.token(SCOPES);
    let path = "/v1/courses/house";
    let refused = put(&stage, &token, path, &course(&[&slug(), "refusals-at-acme"])).await.problem(422, "invalid_body");
    assert_eq!(place_of(&refused), "/lessons/1", "it is not published yet");
    let alias = curriculum().lessons[0].lesson.aliases[0].clone();
    for (body, place) in [
        (course(&[&alias]), "/lessons/0"),
        (course(&[&slug(), &slug()]), "/lessons/1"),
        (course(&[]), "/lessons"),
        (with(course(&[&slug()]), "/title", json!({"de": "Hauskurs"})), "/title"),
        (with(course(&[&slug()]), "/default_language", json!("not a language")), "/default_language"),
    ] {
        assert_eq!(place_of(&put(&stage, &token, path, &body).await.problem(422, "invalid_body")), place, "{body}");
    }
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    let own = course(&["refusals-at-acme", &slug()]);
    replace(&stage, &token, path, "\"1\"", &own).await.problem(412, "precondition_failed");
    let made = put(&stage, &token, path, &own).await.is(201);
    assert_eq!((made.header("etag"), &made.json()["revision"]), ("\"1\"", &json!(1)));
    assert_eq!(put(&stage, &token, path, &own).await.ok().json(), made.json(), "repeated: the same");
    let listed = read(&stage, &token, "/v1/courses").await.ok().json();
    let house = listed["items"].as_array().unwrap().iter().find(|one| one["slug"] == "house").unwrap().clone();
    assert_eq!((&house["own"], &house["revision"], &house["title"]), (&json!(true), &json!(1), &json!("House course")));
    let lessons: Vec<&Value> = house["lessons"].as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(lessons, [&json!("refusals-at-acme"), &json!(slug())]);
    assert_eq!(read(&stage, &token, LESSON).await.ok().json()["course"], "house");
    assert_eq!(
        read(&stage, &token, &format!("/v1/lessons/{}", slug())).await.ok().json()["course"],
        curriculum().course.slug.as_str()
    );

    let shorter = course(&["refusals-at-acme"]);
    put(&stage, &token, path, &shorter).await.problem(428, "precondition_required");
    let both = together((0..2).map(|n| {
        let (stage, token) = (&stage, &token);
        let body = with(shorter.clone(), "/title/en", json!(format!("House course {n}")));
        async move { replace(stage, token, path, "\"1\"", &body).await }
    }))
    .await;
    let mut statuses: Vec<u16> = both.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    put(&stage, &token, &format!("/v1/courses/{}", curriculum().course.slug), &own).await.problem(409, "id_unavailable");
    assert_eq!(told(&stage, "course.saved").await.iter().map(|r| r["body"]["revision"].clone()).collect::<Vec<_>>(), [1, 2]);
    // Progress knows it.
    let ada = pupil(&stage, "ada").await;
    let progress = read(&stage, &ada.token, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
    assert!(progress["courses"].as_array().unwrap().iter().any(|one| one["course"] == "house" && one["total_lessons"] == 1));
});

both!(what_a_tenant_writes_is_that_tenant_s_alone, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let here = stage.token(&everything());
    let there = stage.issue(tenant, client, Principal::Client(client), &everything());
    put(&stage, &here, OWN, &draft()).await.is(201);
    let version = publish(&stage, &here, OWN, "\"1\"").await.is(201).json()["version"].as_str().unwrap().to_owned();
    put(&stage, &here, "/v1/courses/house", &course(&["refusals-at-acme"])).await.is(201);
    let attempt = new_attempt();
    let taken = json!({"lesson": "refusals-at-acme", "learner": {"identity": {"id": "ada"}}, "submit": true});
    put(&stage, &here, &attempt, &taken).await.is(201);

    for path in [
        OWN.to_owned(),
        format!("{OWN}/preview"),
        LESSON.to_owned(),
        format!("{LESSON}/quiz"),
        format!("{LESSON}/exercise"),
        format!("{LESSON}/versions"),
        format!("{LESSON}/source"),
        format!("{LESSON}?version={version}"),
        format!("/v1/lessons/{}?version={version}", slug()),
        attempt.clone(),
        format!("{attempt}/gradings"),
    ] {
        read(&stage, &there, &path).await.problem(404, "not_found");
    }
    for list in ["/v1/lessons", "/v1/courses", "/v1/drafts", "/v1/attempts", "/v1/regrades", "/v1/records"] {
        assert!(!read(&stage, &there, list).await.ok().text().contains("acme"), "{list}");
    }
    publish(&stage, &there, OWN, "\"1\"").await.problem(404, "not_found");
    stage.post(&format!("{OWN}/validate")).token(&there).send().await.problem(404, "not_found");
    let refused = put(&stage, &there, &new_attempt(), &taken).await.problem(422, "invalid_body");
    assert_eq!(place_of(&refused), "/lesson");
    let pinned = json!({"lesson": slug(), "version": version, "learner": {"identity": {"id": "eve"}}});
    assert_eq!(place_of(&put(&stage, &there, &new_attempt(), &pinned).await.problem(422, "invalid_body")), "/version");
    let in_course = put(&stage, &there, "/v1/courses/house", &course(&["refusals-at-acme"])).await.problem(422, "invalid_body");
    assert_eq!(place_of(&in_course), "/lessons/0");
    // The same slug is free there, and both stay what they are; equal content has an equal digest in both.
    put(&stage, &there, OWN, &draft()).await.is(201);
    assert_eq!(publish(&stage, &there, OWN, "\"1\"").await.is(201).json()["version"], version.as_str());
    let changed = with(draft(), "/lesson/title/en", json!("Refusals elsewhere"));
    replace(&stage, &there, OWN, "\"1\"", &changed).await.ok();
    publish(&stage, &there, OWN, "\"2\"").await.is(201);
    for (token, title, own) in [(&here, "Refusals at Acme", stage.tenant), (&there, "Refusals elsewhere", tenant)] {
        let lesson = read(&stage, token, LESSON).await.ok().json();
        assert_eq!(lesson["title"], title);
        assert!(lesson["iri"].as_str().unwrap().contains(&own.to_string()));
        read(&stage, token, &format!("/v1/lessons/{}", slug())).await.ok();
    }
    // And a lesson that is open to one is closed to the other's cursor and feed.
    let other: Vec<Value> = feed(&stage, &there, "lesson=refusals-at-acme").await;
    assert!(other.iter().all(|record| record["tenant"] == json!(tenant)), "{other:?}");
});

both!(a_page_of_drafts, |stage| {
    let token = stage.token(SCOPES);
    for n in 0..5 {
        put(&stage, &token, &format!("/v1/drafts/lesson-{n}"), &numbered(n)).await.is(201);
    }
    let (mut found, mut more) = (Vec::new(), String::new());
    loop {
        let page = read(&stage, &token, &format!("/v1/drafts?limit=2{more}")).await.ok().json();
        found.extend(page["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()));
        assert!(page["items"][0].get("lesson").is_none(), "without content");
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        more = format!("&cursor={cursor}");
    }
    assert_eq!(found, (0..5).map(|n| format!("lesson-{n}")).collect::<Vec<_>>());
    let (tenant, client) = second_tenant(&stage);
    let there = stage.issue(tenant, client, Principal::Client(client), SCOPES);
    read(&stage, &there, &format!("/v1/drafts?limit=2{more}")).await.problem(400, "invalid_cursor");
});

both!(a_restart_and_another_process_know_it, |place: Place| {
    let (one, other) = (place.serve(), place.serve());
    let token = one.token(SCOPES);
    put(&one, &token, OWN, &draft()).await.is(201);
    let version = publish(&one, &token, OWN, "\"1\"").await.is(201).json()["version"].clone();
    eventually("the other process has read the publication", || async {
        (read(&other, &token, LESSON).await.status == 200).then_some(())
    })
    .await;
    // It publishes over what the first one published, and neither loses anything.
    let changed = with(draft(), "/lesson/title/en", json!("Refusals at Acme, again"));
    replace(&other, &token, OWN, "\"1\"", &changed).await.ok();
    let two = publish(&other, &token, OWN, "\"2\"").await.is(201).json();
    assert_eq!((&two["revision"], &two["previous_version"]), (&json!(2), &version));
    // The first may not have read that yet: its next publication is checked beside it all the same.
    let third = with(draft(), "/lesson/title/en", json!("Refusals at Acme, once more"));
    replace(&one, &token, OWN, "\"2\"", &third).await.ok();
    let three = publish(&one, &token, OWN, "\"3\"").await.is(201).json();
    assert_eq!((&three["revision"], &three["previous_version"]), (&json!(3), &two["version"]));
    one.stop();
    other.stop();
    let again = place.serve();
    let versions = read(&again, &again.token(SCOPES), &format!("{LESSON}/versions")).await.ok().json();
    assert_eq!(versions["items"].as_array().unwrap().len(), 3);
});

/// Reading lessons needs no database, a tenant's own included.
#[test]
fn own_lessons_are_read_while_the_database_is_away() {
    crate::harness::play(crate::harness::Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let token = stage.token(SCOPES);
        put(&stage, &token, OWN, &draft()).await.is(201);
        publish(&stage, &token, OWN, "\"1\"").await.is(201);
        let (free, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
        let held: Vec<_> = (0..8)
            .map(|_| {
                let (db, wait) = (stage.state.db.clone(), wait.clone());
                tokio::task::spawn_local(async move {
                    let hold = move |_: &mut waymark::db::Conn| {
                        let _ = wait.lock().unwrap().recv();
                        Ok(())
                    };
                    db.read(hold).await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        for path in [LESSON.to_owned(), format!("{LESSON}/quiz"), "/v1/lessons".to_owned(), format!("{LESSON}/source")] {
            read(&stage, &token, &path).await.ok();
        }
        drop(free);
        for one in held {
            one.await.unwrap().unwrap();
        }
    });
}

both!(
    /// A release that brings a lesson of a tenant's name takes nothing from that tenant.
    a_tenant_s_name_outlives_a_release, |place: Place| {
    let stage = place.serve();
    let token = stage.token(&everything());
    put(&stage, &token, OWN, &draft()).await.is(201);
    publish(&stage, &token, OWN, "\"1\"").await.is(201);
    let (tenant, client) = second_tenant(&stage);
    let mut release = curriculum();
    let mut added = release.lessons[0].clone();
    added.lesson.slug = "refusals-at-acme".to_owned();
    added.lesson.aliases.clear();
    added.lesson.title.insert("en".to_owned(), "A built-in one".to_owned());
    release.lessons.push(added);
    release.course.lessons.push("refusals-at-acme".to_owned());
    release.course.revision += 1;
    let now = stage.clock.now();
    place.transaction(move |conn| waymark::lessons::publish::publish_curriculum(conn, Id::NIL, &release, now)).unwrap();
    let there = stage.issue(tenant, client, Principal::Client(client), SCOPES);
    eventually("the release is read", || async { (read(&stage, &there, LESSON).await.status == 200).then_some(()) }).await;
    assert_eq!(read(&stage, &there, LESSON).await.ok().json()["title"], "A built-in one");
    assert_eq!(read(&stage, &token, LESSON).await.ok().json()["title"], "Refusals at Acme");
    // Its author goes on with it.
    replace(&stage, &token, OWN, "\"1\"", &with(draft(), "/lesson/title/en", json!("Still ours"))).await.ok();
    assert_eq!(publish(&stage, &token, OWN, "\"2\"").await.is(201).json()["revision"], 2);
    put(&stage, &there, OWN, &draft()).await.problem(409, "id_unavailable");
});
