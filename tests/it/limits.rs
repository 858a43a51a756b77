//! How many attempts a learner has, which keys it sees, and that neither is in the learner's own hands: not by placements, not by
//! practice, not by older versions.

use serde_json::{Value, json};
use waymark::clock::Clock;
use waymark::db::types::Id;
use waymark::lessons::format::{AuthoredWhen, Policy};
use waymark::lessons::publish;

use crate::flow::{Pupil, begin, changed, feed, new_attempt, post, pupil, put, read, whole};
use crate::harness::{Place, Stage, curriculum, slug};

fn reveals(policy: &mut Policy, when: AuthoredWhen, allowed: Option<u32>) {
    (policy.reveal.verdict, policy.reveal.rationale, policy.reveal.key) = (when, when, when);
    policy.attempts_allowed = allowed;
}

/// Publishes revision `n` after the harness's own of the lesson that tests take.
fn publish_next(place: &Place, n: u32, change: impl FnOnce(&mut Policy)) {
    let mut curriculum = curriculum();
    let content = &mut curriculum.lessons[0];
    content.lesson.revision += i32::try_from(n).unwrap();
    change(&mut content.quiz.policy);
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &curriculum, Clock::system().now())).unwrap();
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Learner,
    Client,
}
use By::{Client, Learner};

/// An attempt as the caller asks for it, with three right answers.
fn asked(by: By, ada: &Pupil, purpose: &str, placement: &str, version: Option<&str>) -> Value {
    let mut body = whole(3);
    body["purpose"] = json!(purpose);
    body["context"] = json!({"placement": placement});
    if let Some(version) = version {
        body["version"] = json!(version);
    }
    if by == Client {
        body["learner"] = json!({"id": ada.id});
    }
    body
}

/// Whether Ada's own token sees the key of this attempt, in any of the places where it could stand.
async fn key_shows(stage: &Stage, ada: &Pupil, path: &str) -> bool {
    let attempt = read(stage, &ada.token, path).await.ok().json();
    let shown =
        attempt["items"].as_array().unwrap().iter().any(|item| item["right"].is_object() || item["rationales"].is_array());
    let gradings = read(stage, &ada.token, &format!("{path}/gradings")).await.ok().json();
    assert!(shown || gradings["items"][0]["withheld"] == "policy", "{gradings}");
    shown
}

both!(attempts_are_counted_where_the_learner_has_no_say, |place: Place| {
    let stage =
        changed(&place, Clock::system(), |content| reveals(&mut content.quiz.policy, AuthoredWhen::AttemptsUsed, Some(2)));
    let ada = pupil(&stage, "ada").await;
    let client = stage.token("attempts:read attempts:write learners:act");
    // who, purpose, placement -> counted in, over the limit, key shown
    let table = [
        (Client, "assigned", "room", "room", false, false),
        (Learner, "assigned", "x", "", false, false),
        (Learner, "practice", "x", "", false, false),
        (Learner, "assigned", "y", "", false, false),
        (Learner, "assigned", "z", "", true, false),
        (Learner, "assigned", "", "", true, false),
        (Learner, "practice", "z", "", false, false),
        // Used up in both places: now the key shows, in practice too.
        (Learner, "assigned", "room", "room", false, true),
        (Learner, "practice", "w", "", false, true),
        (Learner, "assigned", "room", "room", true, true),
        // Another placement that a client names is another task, which began after the key was seen.
        (Client, "assigned", "hall", "hall", false, false),
        (Learner, "assigned", "hall", "hall", false, true),
        (Client, "assigned", "hall", "hall", true, true),
    ];
    for (row, (by, purpose, placement, counted_in, over, key)) in table.into_iter().enumerate() {
        let token = if by == Client { &client } else { &ada.token };
        let body = asked(by, &ada, purpose, placement, None);
        let mut step = body.clone();
        (step["submit"], step["responses"]) = (json!(false), json!([]));
        let started = post(&stage, token, "/v1/attempts", &step).await;
        let path = if over {
            // Step by step it is refused; made offline it is accepted, and marked.
            assert_eq!(started.problem(409, "attempts_used")["params"]["counted_in"], counted_in, "row {row}");
            let path = new_attempt();
            put(&stage, token, &path, &body).await.is(201);
            path
        } else {
            let path = started.is(201).header("location").to_owned();
            stage.post(&format!("{path}/submit")).token(token).send().await.ok();
            path
        };
        let attempt = read(&stage, &client, &path).await.ok().json();
        let facts = (&attempt["counted_in"], &attempt["over_limit"], &attempt["context"]["placement"]);
        assert_eq!(facts, (&json!(counted_in), &json!(over), &json!(placement)), "row {row}");
        assert_eq!(key_shows(&stage, &ada, &path).await, key, "row {row}");
        assert_eq!(attempt["key_seen_before"], row >= 8, "row {row}: {attempt}");
    }
    let ben = pupil(&stage, "ben").await;
    let made = put(&stage, &ben.token, &new_attempt(), &asked(Learner, &ben, "assigned", "room", None)).await.is(201).json();
    assert_eq!(made["counted_in"], "", "a placement is named for one learner, not for all");
});

both!(the_strictest_version_decides_what_is_shown, |place: Place| {
    let stage = place.serve();
    let lesson = format!("/v1/lessons/{}", slug());
    let digest = async |stage: &Stage| read(stage, &stage.token("lessons:read"), &lesson).await.ok().json()["version"].clone();
    let open = digest(&stage).await;
    stage.stop();
    publish_next(&place, 1, |policy| reveals(policy, AuthoredWhen::Never, Some(1)));
    let stage = place.serve();
    let strict = digest(&stage).await;
    stage.stop();
    publish_next(&place, 2, |policy| reveals(policy, AuthoredWhen::Submitted, Some(2)));
    let stage = place.serve();
    let newest = digest(&stage).await;
    let secrets = |text: &str| text.contains("\"right\":{") || text.contains("expected_layer\":\"");
    // version, purpose -> over the limit: neither the version's own number nor the newest one's is exceeded.
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let table = [
        (&ada, &open, "assigned", false),
        (&ada, &open, "practice", false),
        (&ada, &newest, "assigned", false),
        (&ada, &open, "assigned", true),
        (&ada, &newest, "assigned", true),
        (&ada, &strict, "assigned", true),
        (&ada, &newest, "practice", false),
        (&ben, &strict, "assigned", false),
        (&ben, &strict, "assigned", true),
        (&ben, &newest, "assigned", true),
        (&ben, &open, "assigned", true),
    ];
    for (row, (who, version, purpose, over)) in table.into_iter().enumerate() {
        let path = new_attempt();
        let body = asked(Learner, who, purpose, "p", version.as_str());
        let made = put(&stage, &who.token, &path, &body).await.is(201);
        assert_eq!(made.json()["over_limit"], over, "row {row}");
        assert!(!secrets(&made.text()), "row {row}: {}", made.text());
        assert_eq!(made.json()["result"], Value::Null, "row {row}");
        assert!(!key_shows(&stage, who, &path).await, "row {row}");
        let list = read(&stage, &who.token, "/v1/attempts").await.ok();
        assert!(list.json()["items"].as_array().unwrap().iter().all(|one| one["result"].is_null()), "row {row}");
        let staff = stage.staff_token(stage.clean_id(), "attempts:read learners:all");
        assert!(secrets(&read(&stage, &staff, &path).await.ok().text()), "row {row}: staff see all");
    }
    for record in feed(&stage, &ada.token, "kind=attempt.submitted").await {
        assert!(record["body"]["result"].is_null() && !secrets(&record.to_string()), "{record}");
    }
    let progress = read(&stage, &ada.token, &format!("/v1/learners/{}/progress", ada.id)).await.ok().json();
    assert_eq!(progress["courses"][0]["lessons"][0]["passed"], Value::Null);
});

both!(practice_shows_no_key_first_and_a_key_that_was_seen_is_told, |place: Place| {
    let stage = changed(&place, Clock::system(), |content| content.quiz.policy.attempts_allowed = Some(2));
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    // An attempt is open, and another one shows the key meanwhile.
    let open = post(&stage, &ada.token, "/v1/attempts", &begin()).await.is(201);
    assert_eq!(open.json()["key_seen_before"], false);
    let practice = new_attempt();
    put(&stage, &ada.token, &practice, &asked(Learner, &ada, "practice", "side", None)).await.is(201);
    assert!(!key_shows(&stage, &ada, &practice).await);
    let told = feed(&stage, &ada.token, "kind=attempt.submitted").await;
    assert!(told[0]["body"]["result"]["raw"].is_number(), "practice has verdicts");
    assert!(told[0]["body"]["items"].as_array().unwrap().iter().all(|item| item["expected_layer"].is_null()), "{}", told[0]);
    let other = new_attempt();
    let made = put(&stage, &ada.token, &other, &asked(Learner, &ada, "assigned", "side", None)).await.is(201).json();
    assert_eq!(made["key_seen_before"], false, "practice showed none");
    assert!(key_shows(&stage, &ada, &other).await && key_shows(&stage, &ada, &practice).await);
    let path = open.header("location").to_owned();
    let submitted = stage.post(&format!("{path}/submit")).token(&ada.token).send().await.ok().json();
    assert_eq!(submitted["key_seen_before"], true, "seen while it was open");
    let told = feed(&stage, &stage.token("records:read"), "kind=attempt.submitted").await;
    let seen: Vec<&Value> = told.iter().map(|record| &record["body"]["key_seen_before"]).collect();
    assert_eq!(seen, [&json!(false), &json!(false), &json!(true)]);
    // Who saw nothing is told nothing.
    let path = post(&stage, &ben.token, "/v1/attempts", &begin()).await.is(201).header("location").to_owned();
    put(&stage, &ben.token, &new_attempt(), &asked(Learner, &ben, "practice", "side", None)).await.is(201);
    let submitted = stage.post(&format!("{path}/submit")).token(&ben.token).send().await.ok().json();
    assert_eq!(submitted["key_seen_before"], false);
});

both!(practice_shows_keys_that_are_given_away_for_it, |place: Place| {
    let stage = changed(&place, Clock::system(), |content| {
        reveals(&mut content.quiz.policy, AuthoredWhen::AttemptsUsed, Some(1));
        content.quiz.policy.practice_keys = true;
    });
    let ada = pupil(&stage, "ada").await;
    let path = new_attempt();
    let made = put(&stage, &ada.token, &path, &asked(Learner, &ada, "practice", "", None)).await.is(201).json();
    assert!(key_shows(&stage, &ada, &path).await && made["key_seen_before"] == true);
    let told = feed(&stage, &ada.token, "kind=attempt.submitted").await;
    assert!(told[0]["body"]["result"].is_null(), "the feed shows no more than the version's policy does");
});
