//! Which pages in browsers may read an answer: the cases of the CORS protocol (Fetch standard, section 3.3).

use serde_json::json;
use waymark::auth::{Principal, Scopes, store as auth_store};
use waymark::clock::Clock;
use waymark::db::types::Id;
use waymark::first_start;

use crate::cli::{bad, good, run};
use crate::harness::{Answer, Kind, Place, Stage, eventually, play, slug};

const FOR_ALL: &str = "https://everybody.example";
const OF_ONE: &str = "https://one.example";
const OF_OTHER: &str = "http://localhost:5173";
const NOBODY: &str = "https://evil.example";

/// A client with pages at these origins: (id, secret, a token of its own).
fn client(stage: &Stage, origins: &[&str]) -> (Id, String, String) {
    let (tenant, scopes) = (stage.tenant, Scopes::parse("lessons:read attempts:read").unwrap());
    let origins: Vec<String> = origins.iter().map(|&origin| origin.to_owned()).collect();
    let made = stage.place.transaction(move |conn| {
        let made = first_start::new_client(conn, &Clock::system(), tenant, "pages", scopes)?;
        auth_store::replace_origins(conn, tenant, made.0, &origins)?;
        Ok(made)
    });
    let (id, secret) = made.unwrap();
    (id, secret, stage.issue(tenant, id, Principal::Client(id), "lessons:read"))
}

/// Two clients with pages of their own, and one origin for all.
async fn pages(place: &Place) -> (Stage, (Id, String, String), (Id, String, String)) {
    let stage = place.serve_with(|config| config.cors_origins = vec![FOR_ALL.to_owned()], Clock::system());
    let (one, other) = (client(&stage, &[OF_ONE]), client(&stage, &[OF_OTHER]));
    eventually("the service knows", || async {
        let known = preflight(&stage, OF_OTHER).await.status == 204 && preflight(&stage, OF_ONE).await.status == 204;
        known.then_some(())
    })
    .await;
    (stage, one, other)
}

async fn preflight(stage: &Stage, origin: &str) -> Answer {
    let call = stage.call("OPTIONS", "/v1/attempts/x").header("origin", origin).header("access-control-request-method", "PUT");
    call.header("access-control-request-headers", "authorization,content-type,idempotency-key").send().await
}

/// With whom an answer is shared.
#[track_caller]
fn shared(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.header("access-control-allow-credentials"), "", "{}: never", answer.asked);
    let vary = answer.header("vary");
    assert_eq!(answer.headers.get_all("vary").iter().count(), 1, "{}: {:?}", answer.asked, answer.headers);
    assert!(vary.split(", ").filter(|name| *name == "Origin").count() == 1, "{}: {vary}", answer.asked);
    assert_eq!(answer.headers.get_all("access-control-allow-origin").iter().count().max(1), 1, "{}", answer.asked);
    let exposed = answer.header("access-control-expose-headers");
    let origin = Some(answer.header("access-control-allow-origin")).filter(|origin| !origin.is_empty());
    assert_eq!(origin.is_some(), !exposed.is_empty(), "{}", answer.asked);
    if origin.is_some() {
        let names = "Location ETag Link Retry-After RateLimit RateLimit-Policy X-Request-Id WWW-Authenticate Content-Disposition \
                     Accept-Ranges Content-Range Idempotent-Replayed Preference-Applied";
        for name in names.split_whitespace() {
            assert!(exposed.split(", ").any(|one| one == name), "{name} is not exposed: {exposed}");
        }
    }
    origin
}

both!(a_preflight_is_granted_to_the_pages_of_every_client, |place: Place| {
    let (stage, ..) = pages(&place).await;
    for origin in [FOR_ALL, OF_ONE, OF_OTHER] {
        let answer = preflight(&stage, origin).await.is(204);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type,idempotency-key");
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
            assert!(answer.header("access-control-allow-methods").split(", ").any(|one| one == method), "{method}");
        }
        assert!(answer.header("access-control-max-age").parse::<u32>().unwrap() <= 7_200);
        assert_eq!(answer.header("vary"), "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.body.is_empty());
    }
    let spelled = [
        NOBODY,
        "null",
        "https://one.example/",
        "https://ONE.example",
        "https://one.example:443",
        "http://one.example",
        "https://one.example.evil.example",
        "https://evil.example/https://one.example",
        "https://sub.one.example",
        "*",
        "",
    ];
    for origin in spelled {
        let answer = preflight(&stage, origin).await;
        answer.problem(405, "method_not_allowed");
        assert!(
            answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")),
            "{origin}: {:?}",
            answer.headers
        );
        assert_eq!(answer.header("vary"), "Origin", "{origin}");
    }
    // An OPTIONS that is no preflight is what it was.
    stage.call("OPTIONS", "/v1/lessons").send().await.problem(405, "method_not_allowed");
    let answer = stage.call("OPTIONS", "/v1/lessons").header("origin", OF_ONE).send().await;
    answer.problem(405, "method_not_allowed");
    // What is no list of names is not granted.
    let call = stage.call("OPTIONS", "/v1/lessons").header("origin", OF_ONE).header("access-control-request-method", "PUT");
    let answer = call.header("access-control-request-headers", "a b, <c>").send().await.is(204);
    assert_eq!(answer.header("access-control-allow-headers"), "");
});

both!(an_answer_is_shared_with_the_pages_of_its_client_alone, |place: Place| {
    let (stage, (one, secret, of_one), (_, _, of_other)) = pages(&place).await;
    let lesson = format!("/v1/lessons/{}", slug());
    let read = |origin: &'static str, token: &str, path: &str| stage.get(path).header("origin", origin).token(token).send();
    let learner = stage.issue(stage.tenant, one, Principal::Learner(stage.clean_id()), "lessons:read attempts:read");
    let missing = format!("/v1/attempts/{}", uuid::Uuid::now_v7());
    for (origin, token, with) in [
        (OF_ONE, &of_one, true),
        (OF_ONE, &learner, true),
        (FOR_ALL, &of_one, true),
        (FOR_ALL, &of_other, true),
        (OF_OTHER, &of_other, true),
        (OF_OTHER, &of_one, false),
        (OF_OTHER, &learner, false),
        (OF_ONE, &of_other, false),
        (NOBODY, &of_one, false),
        ("null", &of_one, false),
    ] {
        let with = with.then_some(origin);
        let answer = read(origin, token, &lesson).await.ok();
        assert_eq!(shared(&answer), with, "{origin}");
        // Every other answer to the same caller is shared alike.
        let same = stage.get(&lesson).header("origin", origin).token(token).header("if-none-match", answer.header("etag"));
        assert_eq!(shared(&same.send().await.is(304)), with, "{origin}: 304");
        assert_eq!(shared(&read(origin, token, "/v1/lessons/nothing").await.is(404)), with, "{origin}: 404");
        assert_eq!(shared(&read(origin, token, "/v1/learners").await.is(403)), with, "{origin}: 403");
        assert_eq!(shared(&read(origin, token, "/v1/lessons?x=1").await.is(400)), with, "{origin}: 400");
    }
    read(OF_ONE, &learner, &missing).await.is(404);
    // Without an origin nothing is shared, and a cache is told all the same.
    assert_eq!(shared(&stage.get(&lesson).token(&of_one).send().await.ok()), None);
    // Before anybody is known, any page of ours may see why it is refused.
    for (origin, with) in [(OF_ONE, true), (OF_OTHER, true), (FOR_ALL, true), (NOBODY, false), ("null", false)] {
        let with = with.then_some(origin);
        assert_eq!(shared(&stage.get(&lesson).header("origin", origin).send().await.is(401)), with, "{origin}");
        assert_eq!(shared(&read(origin, "garbage", &lesson).await.is(401)), with, "{origin}");
        assert_eq!(shared(&stage.get("/nowhere").header("origin", origin).send().await.is(404)), with, "{origin}");
    }
    // A token is shared with the pages of the client that gets it.
    let id = one.to_string();
    let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    for (origin, with) in [(OF_ONE, true), (OF_OTHER, false), (FOR_ALL, true), (NOBODY, false)] {
        let answer = stage.post("/oauth/token").header("origin", origin).form(&form).send().await.ok();
        assert_eq!(shared(&answer), with.then_some(origin), "{origin}");
        let wrong = [form[0], form[1], ("client_secret", "wrong")];
        let answer = stage.post("/oauth/token").header("origin", origin).form(&wrong).send().await.is(401);
        assert_eq!(shared(&answer), (origin != NOBODY).then_some(origin), "{origin}");
    }
    // What is for everybody says so, whoever asks.
    let document = stage.get("/openapi.json").header("origin", NOBODY).send().await.ok();
    assert_eq!(document.header("access-control-allow-origin"), "*");
    // Two origins are none.
    let two =
        format!("GET /v1/lessons HTTP/1.1\r\nhost: x\r\nconnection: close\r\norigin: {OF_ONE}\r\norigin: {FOR_ALL}\r\n\r\n");
    assert_eq!(stage.raw(two.as_bytes()).header("access-control-allow-origin"), "");
});

both!(a_change_is_known_everywhere_within_seconds, |place: Place| {
    let (stage, (one, ..), _) = pages(&place).await;
    let (tenant, moved) = (stage.tenant, "https://moved.example".to_owned());
    let origins = vec![moved.clone()];
    place.transaction(move |conn| auth_store::replace_origins(conn, tenant, one, &origins)).unwrap();
    eventually("the new one is let in", || async { (preflight(&stage, &moved).await.status == 204).then_some(()) }).await;
    preflight(&stage, OF_ONE).await.is(405);
    place.transaction(move |conn| auth_store::disable_client(conn, tenant, one, Clock::system().now())).unwrap();
    eventually("a disabled client has no pages", || async { (preflight(&stage, &moved).await.status == 405).then_some(()) })
        .await;
    preflight(&stage, OF_OTHER).await.is(204);
});

#[test]
fn any_page_may_where_the_configuration_says_so() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve_with(|config| config.cors_origins = vec!["*".to_owned()], Clock::system());
        for origin in [NOBODY, "null"] {
            assert_eq!(preflight(&stage, origin).await.is(204).header("access-control-allow-origin"), "*");
            let answer = stage.get("/v1/lessons").header("origin", origin).token(&stage.full_token()).send().await.ok();
            assert_eq!(shared(&answer), Some("*"));
        }
        stage.stop();
        // And nobody's where it names none: then nothing says that answers depend on it.
        let stage = place.serve();
        preflight(&stage, NOBODY).await.problem(405, "method_not_allowed");
        let answer = stage.get("/v1/lessons").header("origin", NOBODY).token(&stage.full_token()).send().await.ok();
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", answer.headers);
        assert!(!answer.header("vary").contains("Origin"));
    });
}

both!(origins_by_the_command_line, |place: Place| {
    let url = place.url();
    let directory = tempfile::tempdir().unwrap();
    let tell = |arguments: &[&str]| run(directory.path(), &[arguments, &["--database-url", &url]].concat());
    good(&tell(&["migrate"]));
    let make = ["client", "create", "pages", "--scopes", "lessons:read", "--origin", OF_ONE, "--origin", OF_OTHER];
    let made = good(&tell(&make));
    let id = made.split_whitespace().nth(1).unwrap().to_owned();
    let both = format!("{OF_ONE}\n{OF_OTHER}\n");
    assert_eq!(good(&tell(&["client", "origins", &id])), both);
    assert!(good(&tell(&["client", "list"])).contains(&format!("lessons:read  {OF_ONE}  {OF_OTHER}\n")));
    assert_eq!(
        good(&tell(&["client", "origins", &id, FOR_ALL, FOR_ALL])),
        format!("{FOR_ALL}\n"),
        "in the place of those before"
    );
    assert_eq!(good(&tell(&["client", "origins", &id])), format!("{FOR_ALL}\n"));
    for (wrong, advice) in [
        ("https://one.example/", "write https://one.example"),
        ("one.example", "write https://one.example"),
        ("null", "sandboxed"),
        ("*", "cors_origins alone"),
        ("https://*.example", "no wildcards"),
    ] {
        assert!(bad(&tell(&["client", "origins", &id, OF_ONE, wrong]), 1).contains(advice), "{wrong}");
        let made = tell(&["client", "create", "x", "--scopes", "lessons:read", "--origin", wrong]);
        assert!(bad(&made, 1).contains(advice), "{wrong}");
    }
    assert_eq!(good(&tell(&["client", "origins", &id])), format!("{FOR_ALL}\n"), "what is refused changes nothing");
    good(&tell(&["tenant", "create", "other"]));
    assert!(bad(&tell(&["client", "origins", &id, OF_ONE, "--tenant", "other"]), 1).contains("no client"));
    assert!(bad(&tell(&["client", "origins", &uuid::Uuid::now_v7().to_string(), OF_ONE]), 1).contains("no client"));
    assert_eq!(good(&tell(&["client", "origins", &id, "--none"])), "");
    assert_eq!(good(&tell(&["client", "origins", &id])), "");
    let row = place.db(move |conn| auth_store::client(conn, id.parse().unwrap())).unwrap();
    assert_eq!((json!(row.origins()), row.origins.as_str()), (json!([]), "[]"));
});
