//! Whole attempts that were made offline: one call each brings fifteen answers and submits them.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use waymark::attempts::{kinds, order};
use waymark::clock::Clock;
use waymark::lessons::source::{LessonContent, embedded_curriculum, parse_curriculum};

use crate::Outcome;
use crate::load::{Script, request};
use crate::server::{Database, Prepared, ask, start};

/// Attempts belong to this many learners in turn, so that each has some and none has many.
const LEARNERS: u64 = 5_000;

/// The next attempt of all connections.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Brings one attempt after another.
pub struct Wholes {
    content: LessonContent,
    version: String,
    token: String,
    clock: Clock,
    request: Vec<u8>,
}

impl Wholes {
    pub fn new(prepared: &Prepared) -> Outcome<Wholes> {
        let curriculum = parse_curriculum(&embedded_curriculum()).map_err(|findings| format!("{findings:?}"))?;
        let content = curriculum.lessons.into_iter().find(|content| content.lesson.slug == prepared.lesson);
        let content = content.ok_or("the first lesson is not built in")?;
        let (version, token) = (prepared.version.clone(), prepared.token.clone());
        Ok(Wholes { content, version, token, clock: Clock::system(), request: Vec::new() })
    }

    /// Path and body of a new attempt: every item that its id draws, answered right.
    fn attempt(&self) -> (String, Value) {
        let id = self.clock.id().to_string();
        let answers: Vec<Value> = order::order(&self.content.quiz, &id, &self.version)
            .iter()
            .filter_map(|drawn| self.content.quiz.items.iter().find(|item| item.id == drawn.item))
            .map(|item| {
                json!({"item": item.id, "seq": 1, "response": kinds::right(&item.task),
                    "answered_at": "2026-11-23T09:03:10.120+01:00", "active_ms": 31_400})
            })
            .collect();
        let learner = NEXT.fetch_add(1, Ordering::Relaxed) % LEARNERS;
        let body = json!({
            "lesson": self.content.lesson.slug, "version": self.version, "submit": true, "responses": answers,
            "learner": {"identity": {"system": "https://idp.example.edu", "id": format!("whole-{learner}")}},
            "context": {"platform": "https://moodle.example.edu", "group": "course-114/section-3", "placement": "resource-link-77"},
        });
        (format!("/v1/attempts/{id}"), body)
    }
}

impl Script for Wholes {
    fn next(&mut self) -> (&[u8], &[u8]) {
        let (path, body) = self.attempt();
        self.request = request("PUT", &path, &self.token, &body.to_string()).into_bytes();
        (&self.request, b"\"state\":\"submitted\"")
    }
}

/// Bytes of the SQLite file for each whole attempt of fifteen answers, with everything that is stored for it.
pub fn stored_bytes(prepared: &Prepared, count: u32, directory: &Path) -> Outcome<f64> {
    let Database::Sqlite(path) = &prepared.database else { return Err("bytes are counted on SQLite".into()) };
    let wholes = Wholes::new(prepared)?;
    // Learners and pages that are there once are not counted.
    let mut sizes = Vec::new();
    for _ in 0..2 {
        let mut server = start(&prepared.database, "warn", directory)?;
        for _ in 0..count {
            let (path, body) = wholes.attempt();
            ask(server.address, "PUT", &path, &prepared.token, &body.to_string())?;
        }
        server.stop()?;
        sizes.push(std::fs::metadata(path)?.len());
    }
    let grown = sizes.last().unwrap_or(&0).saturating_sub(*sizes.first().unwrap_or(&0));
    Ok(f64::from(u32::try_from(grown)?) / f64::from(count))
}
