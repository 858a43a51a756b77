//! What the tests of learners' journeys share: pupils with tokens, answers with known worth, changed curricula, races.

use std::future::Future;
use std::task::Poll;

use serde_json::{Value, json};
use waymark::auth::{Scopes, rules::LEARNER_SCOPES};
use waymark::clock::Clock;
use waymark::db::types::Id;
use waymark::lessons::format::Item;
use waymark::lessons::publish;
use waymark::lessons::source::LessonContent;

use crate::harness::{Answer, Place, Stage, curriculum, slug};

/// Runs all of them at the same time; the answers come in the order of the questions.
pub async fn together<T, F: Future<Output = T>>(all: impl IntoIterator<Item = F>) -> Vec<T> {
    let mut running: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in running.iter_mut().filter(|(_, done)| done.is_none()) {
            if let Poll::Ready(value) = one.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if running.iter().all(|(_, done)| done.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().map(|(_, done)| done.unwrap()).collect()
}

/// A learner with a token of its own.
#[derive(Debug, Clone)]
pub struct Pupil {
    pub id: Id,
    pub token: String,
}

pub async fn pupil(stage: &Stage, name: &str) -> Pupil {
    let call = stage.call("PUT", &format!("/v1/learners/by-identity?id={name}")).token(&stage.token("learners:write"));
    let made = call.json(&json!({})).send().await.is(201).json();
    let id: Id = made["id"].as_str().unwrap().parse().unwrap();
    Pupil { id, token: stage.learner_token(id, &Scopes::of(LEARNER_SCOPES).to_string()) }
}

pub async fn put(stage: &Stage, token: &str, path: &str, body: &Value) -> Answer {
    stage.call("PUT", path).token(token).json(body).send().await
}

pub async fn post(stage: &Stage, token: &str, path: &str, body: &Value) -> Answer {
    stage.post(path).token(token).json(body).send().await
}

pub async fn read(stage: &Stage, token: &str, path: &str) -> Answer {
    stage.get(path).token(token).send().await
}

/// Everything in the feed that this token sees and `query` names.
pub async fn feed(stage: &Stage, token: &str, query: &str) -> Vec<Value> {
    stage.settled().await;
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = read(stage, token, &format!("/v1/records?limit=200&{query}{after}")).await.ok().json();
        all.append(page["items"].as_array_mut().unwrap());
        if page["has_more"] == false {
            return all;
        }
        after = format!("&after={}", page["next_cursor"].as_str().unwrap());
    }
}

/// The records of one kind, as the administrator's client sees them.
pub async fn told(stage: &Stage, kind: &str) -> Vec<Value> {
    feed(stage, &stage.token("records:read"), &format!("kind={kind}")).await
}

/// The items of the lesson that tests take.
pub fn items() -> Vec<Item> {
    curriculum().lessons[0].quiz.items.clone()
}

/// The id of the right option of a single choice.
pub fn key(item: &Item) -> &str {
    &item.single().unwrap().key
}

pub fn answer(item: &str, seq: i64, option: &str) -> Value {
    json!({"item": item, "seq": seq, "response": {"kind": "single_choice", "option": option}})
}

pub fn right(item: &Item, seq: i64) -> Value {
    answer(&item.id, seq, key(item))
}

/// An option of the item that is not the right one.
pub fn wrong_option(item: &Item) -> &str {
    &item.task.options().iter().find(|option| option.id != key(item)).unwrap().id
}

pub fn wrong(item: &Item, seq: i64) -> Value {
    answer(&item.id, seq, wrong_option(item))
}

/// Answers to every item, the first `n` of them right.
pub fn answers(n: usize) -> Vec<Value> {
    items().iter().enumerate().map(|(i, item)| if i < n { right(item, 1) } else { wrong(item, 1) }).collect()
}

/// A whole attempt with `n` right answers.
pub fn whole(n: usize) -> Value {
    json!({"lesson": slug(), "responses": answers(n), "submit": true})
}

pub fn begin() -> Value {
    json!({"lesson": slug()})
}

/// The path of an attempt with a new id.
pub fn new_attempt() -> String {
    format!("/v1/attempts/{}", uuid::Uuid::new_v4())
}

/// Starts an attempt; gives its path.
pub async fn started(stage: &Stage, token: &str) -> String {
    let made = post(stage, token, "/v1/attempts", &begin()).await.is(201).json();
    format!("/v1/attempts/{}", made["id"].as_str().unwrap())
}

/// Publishes the next revision of the tests' lesson, changed, and starts a service that knows it.
pub fn changed(place: &Place, clock: Clock, change: impl FnOnce(&mut LessonContent)) -> Stage {
    place.serve().stop();
    let mut curriculum = curriculum();
    let content = &mut curriculum.lessons[0];
    content.lesson.revision += 1;
    change(content);
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &curriculum, Clock::system().now())).unwrap();
    place.serve_with(|_| {}, clock)
}

/// The names of all members of all objects in it.
pub fn members(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => map.iter().flat_map(|(name, value)| [vec![name.as_str()], members(value)].concat()).collect(),
        Value::Array(list) => list.iter().flat_map(members).collect(),
        _ => Vec::new(),
    }
}
