//! The same request several times at the same moment: every repeatable write of the service answers each of them with success
//! and with the same body, and leaves what a single request leaves, row by row and record by record. On PostgreSQL also from two
//! processes. `WAYMARK_RACE_ROUNDS` says how often (`script/races` sets it); the ordinary suite is content with a few.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::auth::{Principal, Scopes};
use waymark::db::types::Id;
use waymark::each;

use crate::authoring::{draft, with};
use crate::flow::{Pupil, answers, begin, key, new_attempt, pupil, put, read, right, started, together, whole, wrong_option};
use crate::harness::{Answer, Session, Stage, slug};
use crate::learners::second_tenant;
use crate::signals::signal;
use crate::submissions::complete;

pub fn rounds() -> usize {
    std::env::var("WAYMARK_RACE_ROUNDS").ok().map_or(10, |text| text.parse().expect("WAYMARK_RACE_ROUNDS is a number"))
}

/// A request that is sent several times as it is.
#[derive(Clone)]
struct Asked {
    method: &'static str,
    path: String,
    token: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

fn asked(method: &'static str, path: impl Into<String>, token: &str, body: impl Into<Option<Value>>) -> Asked {
    Asked { method, path: path.into(), token: token.to_owned(), headers: Vec::new(), body: body.into() }
}

impl Asked {
    fn header(mut self, name: &'static str, value: impl ToString) -> Asked {
        self.headers.push((name, value.to_string()));
        self
    }

    /// With an `Idempotency-Key` of its own.
    fn keyed(self) -> Asked {
        self.header("idempotency-key", uuid::Uuid::new_v4())
    }

    async fn send(&self, stage: &Stage) -> Answer {
        let call = stage.call(self.method, &self.path).token(&self.token);
        let call = self.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
        .send()
        .await
    }
}

/// How the answers of one round may differ from each other. The bodies never do.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// One has made it (201), the others found it (200).
    Made,
    /// All alike.
    Alike,
    /// All alike but for a header, which one does not have.
    Replayed,
    /// One has published (201), the others found it published (200, and `unchanged` in the body).
    Published,
    /// One has deleted it (204), to the others there is nothing (404).
    Gone,
}

fn check(what: &str, told: Told, answers: &[Answer]) {
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    let seen = || answers.iter().map(|answer| format!("{} {}", answer.status, answer.text())).collect::<Vec<_>>().join("\n");
    let n = answers.len();
    let right = match told {
        Told::Made | Told::Published => (count(201), count(200)) == (1, n - 1),
        Told::Alike => count(200) == n,
        Told::Replayed => {
            count(201) == n && answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count() == n - 1
        }
        Told::Gone => (count(204), count(404)) == (1, n - 1),
    };
    assert!(right, "{what}: of {n} equal requests:\n{}", seen());
    let bodies: Vec<Value> =
        answers.iter().filter(|answer| answer.status < 300 && answer.status != 204).map(Answer::json).collect();
    let bare = |body: &Value| {
        let mut body = body.clone();
        if told == Told::Published {
            ["unchanged", "previous_version"].into_iter().for_each(|name| body[name] = Value::Null);
        }
        body
    };
    assert!(bodies.windows(2).all(|two| bare(&two[0]) == bare(&two[1])), "{what}: bodies differ:\n{}", seen());
    let etags: Vec<&str> = answers.iter().filter(|answer| answer.status < 300).map(|answer| answer.header("etag")).collect();
    assert!(etags.windows(2).all(|two| two[0] == two[1]), "{what}: {etags:?}");
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// How many rows every table has, and how many records there are of every kind.
fn counts(session: &Session) -> BTreeMap<String, i64> {
    const TABLES: &[&str] = &[
        "attempts",
        "responses",
        "gradings",
        "learners",
        "identities",
        "submissions",
        "submission_revisions",
        "reviews",
        "diagnoses",
        "signals",
        "drafts",
        "courses",
        "lesson_versions",
        "slugs",
        "regrades",
        "idempotency_keys",
    ];
    let tables = TABLES.iter().map(|table| format!("SELECT '{table}' AS name, count(*) AS n FROM {table} UNION ALL "));
    let query = format!("{}SELECT 'record ' || kind, count(*) FROM records GROUP BY kind", tables.collect::<String>());
    let rows: Vec<Counted> = session.run(move |conn| Ok(each!(conn, c => diesel::sql_query(&query).load(c))?));
    rows.into_iter().map(|row| (row.name, row.n)).collect()
}

/// One repeatable write: `$ask` prepares round `n` and gives the request. The first round sends it once, and shows what one
/// request leaves; each of the others sends it two or five times at once, and has to leave the same.
macro_rules! race {
    ($what:literal, $told:expr, $stages:expr, $ask:expr) => {{
        let stages: &[&Stage] = $stages;
        let session = stages[0].place.session();
        let mut once = None;
        for n in 0..=rounds() {
            let asked: Asked = $ask(n).await;
            let copies = if n == 0 {
                1
            } else if n % 2 == 1 {
                2
            } else {
                5
            };
            let before = counts(&session);
            let all = together((0..copies).map(|i| asked.send(stages[i % stages.len()]))).await;
            check(&format!("{} (round {n})", $what), $told, &all);
            let after = counts(&session);
            let left: BTreeMap<String, i64> = after
                .into_iter()
                .map(|(name, n)| (name.clone(), n - before.get(&name).unwrap_or(&0)))
                .filter(|(_, n)| *n != 0)
                .collect();
            assert_eq!(once.get_or_insert_with(|| left.clone()), &left, "{} (round {n})", $what);
        }
    }};
}

/// The body on one service, and on PostgreSQL once more on two that share the database.
macro_rules! races {
    ($(#[$meta:meta])* $name:ident, |$stages:ident| $body:block) => {
        both!($(#[$meta])* $name, |place: Place| {
            let one = place.serve();
            {
                let $stages: &[&Stage] = &[&one];
                $body
            }
            if place.is_postgres() {
                let other = place.serve();
                let $stages: &[&Stage] = &[&one, &other];
                $body
            }
        });
    };
}

fn new_submission() -> String {
    format!("/v1/submissions/{}", uuid::Uuid::new_v4())
}

/// A tenant of its own with a token for everything: what a tenant may have is bounded.
fn tenant(stage: &Stage) -> String {
    let (tenant, client) = second_tenant(stage);
    stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string())
}

async fn new_pupil(stage: &Stage) -> Pupil {
    pupil(stage, &uuid::Uuid::new_v4().to_string()).await
}

races!(attempts, |stages| {
    let stage = stages[0];
    race!("start an attempt", Told::Made, stages, |_| async {
        asked("PUT", new_attempt(), &new_pupil(stage).await.token, begin())
    });
    race!("bring a whole attempt", Told::Made, stages, |_| async {
        asked("PUT", new_attempt(), &new_pupil(stage).await.token, whole(9))
    });
    let full = stage.full_token();
    race!("bring a whole attempt of a learner who is new", Told::Made, stages, |_| async {
        let learner = json!({"identity": {"id": uuid::Uuid::new_v4().to_string()}});
        asked("PUT", new_attempt(), &full, with(whole(9), "/learner", learner))
    });
    race!("bring answers to an attempt that is there", Told::Alike, stages, |_| async {
        let (ada, path) = (new_pupil(stage).await, new_attempt());
        put(stage, &ada.token, &path, &begin()).await.is(201);
        asked("PUT", path, &ada.token, whole(9))
    });
    race!("start or resume an attempt", Told::Made, stages, |_| async {
        asked("POST", "/v1/attempts", &new_pupil(stage).await.token, begin())
    });
    race!("bring a whole attempt with a key", Told::Replayed, stages, |_| async {
        asked("POST", "/v1/attempts", &new_pupil(stage).await.token, whole(3)).keyed()
    });
});

races!(answers_and_their_submission, |stages| {
    let stage = stages[0];
    let item = &crate::flow::items()[0];
    race!("save several answers", Told::Alike, stages, |_| async {
        let ada = new_pupil(stage).await;
        let path = started(stage, &ada.token).await;
        asked("PUT", format!("{path}/responses"), &ada.token, json!({"responses": answers(5)}))
    });
    race!("save one answer", Told::Alike, stages, |_| async {
        let ada = new_pupil(stage).await;
        let path = started(stage, &ada.token).await;
        let body = json!({"seq": 1, "response": {"kind": "single_choice", "option": key(item)}});
        asked("PUT", format!("{path}/responses/{}", item.id), &ada.token, body)
    });
    race!("change one answer", Told::Alike, stages, |_| async {
        let ada = new_pupil(stage).await;
        let path = started(stage, &ada.token).await;
        put(stage, &ada.token, &format!("{path}/responses"), &json!({"responses": [right(item, 1)]})).await.ok();
        let body = json!({"seq": 2, "response": {"kind": "single_choice", "option": wrong_option(item)}});
        asked("PUT", format!("{path}/responses/{}", item.id), &ada.token, body)
    });
    race!("send a late answer", Told::Alike, stages, |_| async {
        let ada = new_pupil(stage).await;
        let path = started(stage, &ada.token).await;
        stage.post(&format!("{path}/submit")).token(&ada.token).send().await.ok();
        asked("PUT", format!("{path}/responses"), &ada.token, json!({"responses": [right(item, 1)]}))
    });
    race!("submit an attempt", Told::Alike, stages, |_| async {
        let ada = new_pupil(stage).await;
        let path = started(stage, &ada.token).await;
        put(stage, &ada.token, &format!("{path}/responses"), &json!({"responses": answers(5)})).await.ok();
        asked("POST", format!("{path}/submit"), &ada.token, None::<Value>)
    });
});

races!(submissions, |stages| {
    let stage = stages[0];
    let full = stage.full_token();
    race!("create a submission", Told::Made, stages, |_| async {
        asked("PUT", new_submission(), &new_pupil(stage).await.token, complete())
    });
    race!("bring a whole submission", Told::Made, stages, |_| async {
        asked("PUT", new_submission(), &new_pupil(stage).await.token, with(complete(), "/submit", json!(true)))
    });
    race!("create a submission of a learner who is new", Told::Made, stages, |_| async {
        let learner = json!({"identity": {"id": uuid::Uuid::new_v4().to_string()}});
        asked("PUT", new_submission(), &full, with(complete(), "/learner", learner))
    });
    race!("replace a submission", Told::Alike, stages, |_| async {
        let (ada, path) = (new_pupil(stage).await, new_submission());
        put(stage, &ada.token, &path, &begin()).await.is(201);
        asked("PUT", path, &ada.token, with(complete(), "/submit", json!(true))).header("if-match", "\"1\"")
    });
    race!("submit a submission", Told::Alike, stages, |_| async {
        let (ada, path) = (new_pupil(stage).await, new_submission());
        put(stage, &ada.token, &path, &complete()).await.is(201);
        asked("POST", format!("{path}/submit"), &ada.token, None::<Value>)
    });
    race!("create a submission with a key", Told::Replayed, stages, |_| async {
        asked("POST", "/v1/submissions", &new_pupil(stage).await.token, complete()).keyed()
    });
    race!("review with a key", Told::Replayed, stages, |_| async {
        let (ada, path) = (new_pupil(stage).await, new_submission());
        put(stage, &ada.token, &path, &with(complete(), "/submit", json!(true))).await.is(201);
        let review = json!({"state": "reviewed", "comment": "Well argued.", "score": 2.5, "submission_revision": 1});
        asked("POST", format!("{path}/reviews"), &full, review).keyed()
    });
});

races!(learners, |stages| {
    let stage = stages[0];
    let full = stage.full_token();
    let by_identity = || format!("/v1/learners/by-identity?id={}", uuid::Uuid::new_v4());
    race!("make the learner of an identity", Told::Made, stages, |_| async {
        asked("PUT", by_identity(), &full, json!({"name": "Ada"}))
    });
    race!("name the learner of an identity", Told::Alike, stages, |_| async {
        let path = by_identity();
        put(stage, &full, &path, &json!({"name": "Ada"})).await.is(201);
        asked("PUT", path, &full, json!({"name": "Grace"}))
    });
    race!("name the learner of an identity as it was read", Told::Alike, stages, |_| async {
        let path = by_identity();
        put(stage, &full, &path, &json!({"name": "Ada"})).await.is(201);
        asked("PUT", path, &full, json!({"name": "Grace"})).header("if-match", "\"1\"")
    });
    race!("make a learner with a key", Told::Replayed, stages, |_| async {
        let body = json!({"name": "Ada", "identities": [{"id": uuid::Uuid::new_v4().to_string()}]});
        asked("POST", "/v1/learners", &full, body).keyed()
    });
});

races!(diagnoses, |stages| {
    let stage = stages[0];
    let full = stage.full_token();
    let evidence = || json!({"visible_text": "I can't help with that.", "http": {"status": 400}});
    let path = || format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
    race!("keep a diagnosis", Told::Made, stages, |_| async { asked("PUT", path(), &full, evidence()) });
    race!("keep a diagnosis with a key", Told::Replayed, stages, |_| async {
        asked("POST", "/v1/diagnoses?keep=true", &full, evidence()).keyed()
    });
    race!("erase a diagnosis", Told::Gone, stages, |_| async {
        let path = path();
        put(stage, &full, &path, &evidence()).await.is(201);
        asked("DELETE", path, &full, None::<Value>)
    });
});

races!(signals, |stages| {
    let stage = stages[0];
    let weighed = |weight: f64| with(signal(), "/weight", json!(weight));
    const PATH: &str = "/v1/signals/acme-topic-rule";
    race!("create a signal", Told::Made, stages, |_| async { asked("PUT", PATH, &tenant(stage), signal()) });
    race!("replace a signal", Told::Alike, stages, |_| async {
        let token = tenant(stage);
        put(stage, &token, PATH, &signal()).await.is(201);
        asked("PUT", PATH, &token, weighed(0.5)).header("if-match", "\"1\"")
    });
    race!("delete a signal", Told::Gone, stages, |_| async {
        let token = tenant(stage);
        put(stage, &token, PATH, &signal()).await.is(201);
        asked("DELETE", PATH, &token, None::<Value>)
    });
});

races!(drafts_and_courses, |stages| {
    let stage = stages[0];
    const DRAFT: &str = "/v1/drafts/refusals-at-acme";
    let course =
        |title: &str| json!({"default_language": "en", "title": {"en": title}, "summary": {"en": "Ours."}, "lessons": [slug()]});
    race!("create a draft", Told::Made, stages, |_| async { asked("PUT", DRAFT, &tenant(stage), draft()) });
    race!("replace a draft", Told::Alike, stages, |_| async {
        let token = tenant(stage);
        put(stage, &token, DRAFT, &draft()).await.is(201);
        asked("PUT", DRAFT, &token, with(draft(), "/lesson/title/en", json!("Again"))).header("if-match", "\"1\"")
    });
    race!("delete a draft", Told::Gone, stages, |_| async {
        let token = tenant(stage);
        put(stage, &token, DRAFT, &draft()).await.is(201);
        asked("DELETE", DRAFT, &token, None::<Value>)
    });
    race!("create a course", Told::Made, stages, |_| async {
        asked("PUT", "/v1/courses/house", &tenant(stage), course("House"))
    });
    race!("replace a course", Told::Alike, stages, |_| async {
        let token = tenant(stage);
        put(stage, &token, "/v1/courses/house", &course("House")).await.is(201);
        asked("PUT", "/v1/courses/house", &token, course("Again")).header("if-match", "\"1\"")
    });
});

races!(publications, |stages| {
    let stage = stages[0];
    let token = tenant(stage);
    // One lesson, revision by revision: what was published stays in memory for ever.
    const DRAFT: &str = "/v1/drafts/refusals-at-acme";
    put(stage, &token, DRAFT, &draft()).await.is(201);
    let (token, revised) = (&token, |n: usize| with(draft(), "/lesson/title/en", json!(format!("Refusals, for the {n}th time"))));
    let next = |n: usize| async move {
        let etag = read(stage, token, DRAFT).await.ok().header("etag").to_owned();
        let draft = stage.call("PUT", DRAFT).token(token).header("if-match", &etag).json(&revised(n));
        let etag = draft.send().await.ok().header("etag").to_owned();
        asked("POST", format!("{DRAFT}/publish"), token, None::<Value>).header("if-match", etag)
    };
    // The first publication has no version before it and claims the lesson's name.
    next(0).await.send(stage).await.is(201);
    race!("publish", Told::Published, stages, |n| next(2 * n + 1));
    race!("publish with a key", Told::Replayed, stages, |n| async move { next(2 * n + 2).await.keyed() });
});

races!(regrades, |stages| {
    let stage = stages[0];
    let full = stage.full_token();
    let made = put(stage, &new_pupil(stage).await.token, &new_attempt(), &whole(9)).await.is(201).json();
    let body =
        json!({"lesson": slug(), "from": made["version"], "to": made["version"], "reason": "To see that it is done once."});
    let body = &body;
    // The first regrade of an attempt keeps the grading of its submission too.
    crate::flow::post(stage, &full, "/v1/regrades", body).await.is(201);
    race!("regrade", Told::Made, stages, |_| async {
        asked("PUT", format!("/v1/regrades/{}", uuid::Uuid::new_v4()), &full, body.clone())
    });
    race!("regrade with a key", Told::Replayed, stages, |_| async { asked("POST", "/v1/regrades", &full, body.clone()).keyed() });
});

/// Sends one request for each token; gives the winner's answer, after the others were told nothing but that the id is taken.
async fn one_wins(stages: &[&Stage], tokens: &[(&str, Id)], path: &str, body: &Value) -> Answer {
    let all = tokens.iter().enumerate().map(|(i, (token, _))| put(stages[i % stages.len()], token, path, body));
    let all = together(all).await;
    let (made, refused): (Vec<&Answer>, Vec<&Answer>) = all.iter().partition(|answer| answer.status == 201);
    let seen = || all.iter().map(|answer| format!("{} {}", answer.status, answer.text())).collect::<Vec<_>>().join("\n");
    assert_eq!(made.len(), 1, "{path}: {}", seen());
    for answer in refused {
        answer.problem(409, "id_unavailable");
        let known = tokens.iter().any(|(_, learner)| answer.text().contains(&learner.to_string()));
        assert!(!known, "{path}: it tells whose it is: {}", answer.text());
    }
    made[0].clone()
}

races!(
    /// Two learners who choose the same id: one gets it, and the other learns nothing of what is there.
    the_same_id_of_two_learners, |stages| {
    let stage = stages[0];
    let evidence = json!({"visible_text": "I can't help with that."});
    let submitted = with(complete(), "/submit", json!(true));
    for _ in 0..rounds() {
        let (ada, ben) = (new_pupil(stage).await, new_pupil(stage).await);
        let tokens = [(ada.token.as_str(), ada.id), (ben.token.as_str(), ben.id)];
        let diagnosis = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
        for (path, body) in [
            (new_attempt(), &begin()),
            (new_attempt(), &whole(4)),
            (new_submission(), &complete()),
            (new_submission(), &submitted),
            (diagnosis, &evidence),
        ] {
            let made = one_wins(stages, &tokens, &path, body).await.json();
            let statuses = tokens.iter().map(|(token, _)| read(stage, token, &path));
            let sees: Vec<u16> = together(statuses).await.iter().map(|answer| answer.status).collect();
            assert_eq!(sees.iter().filter(|status| **status == 200).count(), 1, "{path}: {sees:?}");
            let winner = tokens[sees.iter().position(|status| *status == 200).unwrap()].1;
            if made.get("learner").is_some() {
                assert_eq!(made["learner"], json!(winner), "{path}");
            }
        }
        // Who lost goes on with another id.
        for (token, _) in &tokens {
            put(stage, token, &new_attempt(), &whole(1)).await.is(201);
        }
    }
});

races!(
    /// Ids belong to a tenant: the same one in two tenants is two things.
    the_same_id_in_two_tenants, |stages| {
    let stage = stages[0];
    let (here, there) = (tenant(stage), tenant(stage));
    let learner = json!({"identity": {"id": "42"}});
    for token in [&here, &there] {
        put(stage, token, "/v1/learners/by-identity?id=42", &json!({})).await;
    }
    for _ in 0..rounds() {
        for (path, body) in [(new_attempt(), whole(4)), (new_submission(), complete())] {
            let body = &with(body, "/learner", learner.clone());
            let all = [&here, &there].into_iter().enumerate().map(|(i, token)| put(stages[i % stages.len()], token, &path, body));
            let made: Vec<Value> = together(all).await.into_iter().map(|answer| answer.is(201).json()).collect();
            assert_ne!(made[0]["learner"], made[1]["learner"], "{path}");
            for (token, own) in [(&here, &made[0]), (&there, &made[1])] {
                assert_eq!(read(stage, token, &path).await.ok().json()["learner"], own["learner"], "{path}");
            }
        }
    }
});
