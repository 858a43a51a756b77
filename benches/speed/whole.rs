//! Whole attempts that were made offline, each brought and submitted by one call, and the bytes that answers take.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use waymark::attempts::{kinds, order};
use waymark::clock::Clock;
use waymark::lessons::source::{LessonContent, embedded_curriculum, parse_curriculum};

use crate::Outcome;
use crate::load::{Made, Script, request};
use crate::server::{Asker, Database, Prepared, start};

/// Work belongs to this many learners in turn, so that each has some and none has many.
pub const LEARNERS: u64 = 5_000;

/// Makes attempts on the lesson of a prepared database.
#[derive(Clone)]
pub struct Wholes {
    content: Arc<LessonContent>,
    version: String,
    token: String,
    clock: Clock,
    learners: u64,
    /// The next attempt of all that make some.
    next: Arc<AtomicU64>,
}

/// An attempt that is still to be made: every item that its id draws, answered right.
pub struct WholeAttempt {
    path: String,
    body: Value,
    answers: Vec<Value>,
}

impl Wholes {
    pub fn new(prepared: &Prepared, learners: u64) -> Outcome<Wholes> {
        let curriculum = parse_curriculum(&embedded_curriculum()).map_err(|findings| format!("{findings:?}"))?;
        let content = curriculum.lessons.into_iter().find(|content| content.lesson.slug == prepared.lesson);
        let content = Arc::new(content.ok_or("the first lesson is not built in")?);
        let (version, token) = (prepared.version.clone(), prepared.token.clone());
        Ok(Wholes { content, version, token, clock: Clock::system(), learners, next: Arc::default() })
    }

    fn attempt(&self) -> WholeAttempt {
        let id = self.clock.id().to_string();
        let answers = order::order(&self.content.quiz, &id, &self.version)
            .iter()
            .filter_map(|drawn| self.content.quiz.items.iter().find(|item| item.id == drawn.item))
            .map(|item| {
                json!({"item": item.id, "seq": 1, "response": kinds::right(&item.task),
                    "answered_at": "2026-11-23T09:03:10.120+01:00", "active_ms": 31_400})
            })
            .collect();
        let learner = self.next.fetch_add(1, Ordering::Relaxed) % self.learners;
        let body = json!({
            "lesson": self.content.lesson.slug, "version": self.version,
            "learner": {"identity": {"system": "https://idp.example.edu", "id": format!("whole-{learner}")}},
            "context": {"platform": "https://moodle.example.edu", "group": "course-114/section-3", "placement": "resource-link-77"},
        });
        WholeAttempt { path: format!("/v1/attempts/{id}"), body, answers }
    }

    fn submitted(&self) -> (String, String) {
        let mut attempt = self.attempt();
        if let Some(body) = attempt.body.as_object_mut() {
            body.insert("submit".to_owned(), true.into());
            body.insert("responses".to_owned(), attempt.answers.into());
        }
        (attempt.path, attempt.body.to_string())
    }

    pub fn script(&self) -> Box<dyn Script> {
        let wholes = self.clone();
        let make = move || {
            let (path, body) = wholes.submitted();
            request("PUT", &path, &wholes.token, &body)
        };
        Box::new(Made::new(make, b"\"state\":\"submitted\""))
    }

    /// Brings some attempts over one connection.
    pub fn bring(&self, asker: &mut Asker, count: u32) -> Outcome<()> {
        for _ in 0..count {
            let (path, body) = self.submitted();
            asker.ask("PUT", &path, &body)?;
        }
        Ok(())
    }
}

/// How much larger the file of a database becomes by some work, in bytes. Nothing else may use it.
fn grown(prepared: &Prepared, directory: &Path, work: impl FnOnce(&mut Asker) -> Outcome<()>) -> Outcome<f64> {
    let Database::Sqlite(path) = &prepared.database else { return Err("bytes are counted on SQLite".into()) };
    let before = std::fs::metadata(path)?.len();
    let mut server = start(&prepared.database, "warn", directory)?;
    work(&mut Asker::open(&server, &prepared.token)?)?;
    server.stop()?;
    Ok(f64::from(u32::try_from(std::fs::metadata(path)?.len().saturating_sub(before))?))
}

/// Bytes of the SQLite file for each whole attempt of fifteen answers, with everything that is stored for it.
pub fn bytes_of_an_attempt(prepared: &Prepared, count: u32, directory: &Path) -> Outcome<f64> {
    let wholes = Wholes::new(prepared, u64::from(count))?;
    // Learners and pages that are there once are not counted: the second half has the learners of the first.
    grown(prepared, directory, |asker| wholes.bring(asker, count))?;
    Ok(grown(prepared, directory, |asker| wholes.bring(asker, count))? / f64::from(count))
}

/// The same for each answer that is saved by a call of its own, the attempts being there.
pub fn bytes_of_an_answer(prepared: &Prepared, attempts: u32, directory: &Path) -> Outcome<f64> {
    let wholes = Wholes::new(prepared, u64::from(attempts))?;
    let open: Vec<WholeAttempt> = (0..attempts).map(|_| wholes.attempt()).collect();
    grown(prepared, directory, |asker| {
        open.iter().try_for_each(|attempt| asker.ask("PUT", &attempt.path, &attempt.body.to_string()).map(drop))
    })?;
    let answers = open.iter().flat_map(|attempt| attempt.answers.iter().map(|answer| (&attempt.path, answer)));
    let mut count = 0;
    let bytes = grown(prepared, directory, |asker| {
        for (path, answer) in answers {
            count += 1;
            let results = asker.read("PUT", &format!("{path}/responses"), &json!({"responses": [answer]}).to_string())?;
            if results.pointer("/results/0/status").and_then(Value::as_str) != Some("saved") {
                return Err(format!("an answer was not saved: {results}").into());
            }
        }
        Ok(())
    })?;
    Ok(bytes / f64::from(count.max(1)))
}
