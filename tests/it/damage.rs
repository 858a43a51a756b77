//! A row that cannot be read: its list and the feed go on, it is shown with what is known of it, and nothing is written over it.

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::each;

use crate::authoring::with;
use crate::flow::{Pupil, feed, new_attempt, post, pupil, put, read, whole};
use crate::harness::{Place, Stage, slug};
use crate::signals::signal;
use crate::submissions::complete;

/// Puts into a column what no program of ours would: a number beyond every double, which `jsonb` takes; on SQLite also half an
/// object, and what is no UTF-8.
fn damage(place: &Place, table: &str, columns: &[&str], rows: &str, how: usize) {
    let value = match (place.is_postgres(), how % 3) {
        (true, _) => "'{\"v\": 1e400}'::jsonb",
        (false, 0) => "'{\"v\": 1e400}'",
        (false, 1) => "'{\"v\": '",
        (false, _) => "CAST(X'7BFF7D' AS TEXT)",
    };
    let set = columns.iter().map(|column| format!("{column} = {value}")).collect::<Vec<_>>().join(", ");
    let query = format!("UPDATE {table} SET {set} WHERE {rows}");
    let n = place.db(move |conn| Ok(each!(conn, c => diesel::sql_query(&query).execute(c))?));
    assert!(n > 0, "nothing was damaged in {table}");
}

/// An id as both databases write it in a query.
fn is(place: &Place, column: &str, id: &Value) -> String {
    let id = id.as_str().unwrap();
    if place.is_postgres() { format!("{column} = '{id}'") } else { format!("{column} = X'{}'", id.replace('-', "")) }
}

async fn ids(stage: &Stage, token: &str, list: &str) -> Vec<Value> {
    let page = read(stage, token, list).await.ok().json();
    page["items"].as_array().unwrap().clone()
}

fn one<'a>(items: &'a [Value], id: &Value) -> &'a Value {
    items.iter().find(|item| item["id"] == *id).unwrap_or_else(|| panic!("{id} is not listed: {items:?}"))
}

/// Two of everything; the first of each is to be damaged.
struct Scene {
    ada: Pupil,
    token: String,
    attempts: Vec<Value>,
    submissions: Vec<Value>,
    diagnoses: Vec<Value>,
    regrades: Vec<Value>,
    reviews: Vec<Value>,
}

async fn scene(stage: &Stage) -> Scene {
    let (ada, token) = (pupil(stage, "ada").await, stage.full_token());
    let mut scene = Scene {
        ada,
        token,
        attempts: Vec::new(),
        submissions: Vec::new(),
        diagnoses: Vec::new(),
        regrades: Vec::new(),
        reviews: Vec::new(),
    };
    for n in 0..2 {
        let made = put(stage, &scene.ada.token, &new_attempt(), &whole(9)).await.is(201).json();
        let version = made["version"].clone();
        scene.attempts.push(made["id"].clone());
        let path = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
        let made = put(stage, &scene.ada.token, &path, &with(complete(), "/submit", json!(true))).await.is(201).json();
        scene.submissions.push(made["id"].clone());
        let review = json!({"state": "reviewed", "comment": "Well argued.", "submission_revision": 1});
        scene.reviews.push(post(stage, &scene.token, &format!("{path}/reviews"), &review).await.is(201).json()["id"].clone());
        let evidence = json!({"visible_text": "I can't help with that."});
        let made = post(stage, &scene.token, "/v1/diagnoses?keep=true", &evidence).await.is(201).json();
        scene.diagnoses.push(made["id"].clone());
        let regrade = json!({"lesson": slug(), "from": version, "to": version, "reason": "To have one."});
        scene.regrades.push(post(stage, &scene.token, "/v1/regrades", &regrade).await.is(201).json()["id"].clone());
        put(stage, &scene.token, &format!("/v1/signals/acme-{n}"), &signal()).await.is(201);
    }
    scene
}

both!(one_bad_row_stops_no_list, |stage| {
    let Scene { ada, token, attempts, submissions, diagnoses, regrades, reviews } = scene(&stage).await;
    let place = &stage.place;
    damage(place, "attempts", &["context", "started", "result"], &is(place, "id", &attempts[0]), 0);
    damage(place, "submissions", &["context", "content", "masked", "feedback"], &is(place, "id", &submissions[0]), 1);
    damage(place, "submission_revisions", &["content", "masked"], &is(place, "submission_id", &submissions[0]), 2);
    damage(place, "reviews", &["reviewer", "criteria"], &is(place, "id", &reviews[0]), 0);
    damage(place, "diagnoses", &["evidence", "masked", "verdict"], &is(place, "id", &diagnoses[0]), 1);
    damage(place, "regrades", &["tally"], &is(place, "id", &regrades[0]), 2);
    damage(place, "gradings", &["result"], &format!("{} AND number = 1", is(place, "attempt_id", &attempts[0])), 0);
    damage(place, "signals", &["content"], "id = 'acme-0'", 1);

    for own in [&ada.token, &token] {
        let listed = ids(&stage, own, "/v1/attempts").await;
        let (bad, good) = (one(&listed, &attempts[0]), one(&listed, &attempts[1]));
        assert_eq!((&bad["context"], &bad["result"], &bad["state"]), (&Value::Null, &Value::Null, &json!("submitted")));
        assert!(bad["started"]["at"].is_string() && bad["created_at"].is_string() && bad["learner"] == json!(ada.id), "{bad}");
        assert!(bad["unreadable"].as_array().unwrap().contains(&json!("context")), "{bad}");
        assert!(good["context"].is_object() && good.get("unreadable").is_none(), "{good}");

        let listed = ids(&stage, own, "/v1/submissions").await;
        let (bad, good) = (one(&listed, &submissions[0]), one(&listed, &submissions[1]));
        assert_eq!((&bad["context"], &bad["diagnosis"], &bad["feedback"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(bad["unreadable"], json!(["content", "masked", "feedback", "context"]));
        assert!(good["diagnosis"].is_object() && good["feedback"].is_object(), "{good}");

        let path = format!("/v1/submissions/{}", submissions[0].as_str().unwrap());
        let revisions = ids(&stage, own, &format!("{path}/revisions")).await;
        assert_eq!((revisions.len(), &revisions[0]["unreadable"]), (2, &json!(["content", "masked"])));
        let given = ids(&stage, own, &format!("{path}/reviews")).await;
        assert_eq!((&one(&given, &reviews[0])["reviewer"], &given[0]["comment"]), (&Value::Null, &json!("Well argued.")));

        let path = format!("/v1/attempts/{}", attempts[0].as_str().unwrap());
        let gradings = ids(&stage, own, &format!("{path}/gradings")).await;
        assert_eq!(gradings[0]["unreadable"], json!(["result"]));
        assert!(
            gradings[0]["success"].is_null() && gradings.len() > 1 && gradings[1].get("unreadable").is_none(),
            "{gradings:?}"
        );
        // The attempt by itself too, with its answers.
        let whole = read(&stage, own, &path).await.ok().json();
        assert_eq!((whole["responses"].as_array().unwrap().len(), &whole["items"]), (15, &Value::Null));
    }
    let listed = ids(&stage, &token, "/v1/diagnoses").await;
    let (bad, good) = (one(&listed, &diagnoses[0]), one(&listed, &diagnoses[1]));
    assert_eq!((&bad["evidence"], &bad["verdict"]), (&Value::Null, &Value::Null));
    assert_eq!(bad["unreadable"], json!(["evidence", "masked", "verdict"]));
    assert!(bad["created_at"].is_string() && good["verdict"].is_object(), "{listed:?}");

    let listed = ids(&stage, &token, "/v1/regrades").await;
    assert_eq!(
        (&one(&listed, &regrades[0])["unreadable"], &one(&listed, &regrades[0])["state"]),
        (&json!(["tally"]), &json!("done"))
    );

    let page = read(&stage, &token, "/v1/signals?q=acme").await.ok().json();
    assert!(page["items"].as_array().unwrap().iter().any(|one| one["id"] == "acme-1"), "{page}");
    assert_eq!((&page["unreadable"][0]["id"], &page["unreadable"][0]["revision"]), (&json!("acme-0"), &json!(1)));

    // Nothing is written over what cannot be read: a hand may still mend it.
    let path = format!("/v1/submissions/{}", submissions[0].as_str().unwrap());
    let review = json!({"state": "returned", "comment": "Again.", "submission_revision": 2});
    post(&stage, &token, &format!("{path}/reviews"), &review).await.problem(500, "internal");
    assert_eq!(ids(&stage, &token, "/v1/submissions").await.len(), 2);
});

both!(one_bad_record_stops_no_feed, |stage| {
    let Scene { ada, token, attempts, .. } = scene(&stage).await;
    let before = feed(&stage, &token, "").await;
    // JSON that is no envelope, a frame that is none, nothing at all.
    let (frame, nothing) = if stage.place.is_postgres() { ("'\\x0105FFFF'", "''") } else { ("X'0105FFFF'", "X''") };
    for (kind, packed) in [("attempt.started", "NULL"), ("attempt.submitted", frame), ("submission.saved", nothing)] {
        let query = format!("UPDATE records SET envelope = '{{\"v\": 1e400}}', packed = {packed} WHERE kind = '{kind}'");
        stage.place.db(move |conn| conn.batch(&query));
    }
    let after = feed(&stage, &token, "").await;
    let places = |records: &[Value]| records.iter().map(|one| (one["id"].clone(), one["position"].clone())).collect::<Vec<_>>();
    assert_eq!(places(&after), places(&before), "every record is there, in its place");
    for (old, new) in before.iter().zip(&after) {
        if new.get("unreadable").is_none() {
            assert_eq!(old, new);
            continue;
        }
        for known in ["kind", "schema_version", "tenant", "learner", "recorded_at"] {
            assert_eq!(old[known], new[known], "{known}");
        }
        assert_eq!((&new["object"]["id"], &new["actor"], &new["body"]), (&old["object"]["id"], &Value::Null, &json!({})));
    }
    let bad = |records: &[Value]| records.iter().filter(|one| one["unreadable"] == json!(["envelope"])).count();
    assert_eq!(bad(&after), 6);
    // For the learner's own eyes, and by a filter, alike.
    assert_eq!(bad(&feed(&stage, &ada.token, "").await), 6);
    assert_eq!(bad(&feed(&stage, &token, "kind=attempt.started").await), attempts.len());
});

both!(
    /// What one tenant has that cannot be read neither keeps the service from starting nor hides what others have.
    a_service_starts_beside_what_cannot_be_read, |place: Place| {
    let stage = place.serve();
    let token = stage.full_token();
    let course = json!({"default_language": "en", "title": {"en": "House"}, "summary": {"en": "Ours."}, "lessons": [slug()]});
    put(&stage, &token, "/v1/courses/house", &course).await.is(201);
    put(&stage, &token, "/v1/courses/other", &course).await.is(201);
    put(&stage, &token, "/v1/signals/acme-0", &signal()).await.is(201);
    stage.stop();
    damage(&place, "courses", &["content"], "slug = 'house'", 0);
    damage(&place, "signals", &["content"], "id = 'acme-0'", 1);
    let stage = place.serve();
    let courses = ids(&stage, &stage.full_token(), "/v1/courses").await;
    assert!(courses.iter().any(|one| one["slug"] == "other"), "{courses:?}");
    let fresh = json!({"default_language": "en", "title": {"en": "New"}, "summary": {"en": "Ours."}, "lessons": [slug()]});
    put(&stage, &stage.full_token(), "/v1/courses/new", &fresh).await.is(201);
});
