//! What is compiled into the program, in the form in which the API answers: no database, no network, no token.

use std::sync::Arc;

use serde_json::Value;

use crate::db::types::Time;
use crate::diagnosis::limits::wrong_with;
use crate::diagnosis::signals::memory::Signals;
use crate::diagnosis::signals::rules as signal_rules;
use crate::diagnosis::signals::wire::{Entry, SignalPage, SignalQuery};
use crate::diagnosis::{Engine, Evidence};
use crate::error::Problem;
use crate::lessons::compiled::{Editions, built_in_curriculum};
use crate::lessons::iris::Iris;
use crate::lessons::renderer::LessonRenderer;
use crate::lessons::rules::{languages, negotiate};
use crate::lessons::source::{Curriculum, LessonContent};
use crate::lessons::wire::LessonList;
use crate::web::page;

/// The longest page of signals.
const MOST: i64 = 200;

/// The engine, the signals and the lessons of this program.
pub struct BuiltInAnswers {
    engine: Arc<Engine>,
    signals: Signals,
    curriculum: Curriculum,
    editions: Editions,
    iris: Iris,
}

impl BuiltInAnswers {
    /// Reads what is compiled in.
    pub fn new() -> Result<BuiltInAnswers, String> {
        let engine = Engine::built_in()?;
        let signals = Signals::new(engine.clone());
        let (curriculum, editions) = (built_in_curriculum()?, Editions::built_in()?);
        Ok(BuiltInAnswers { engine, signals, curriculum, editions, iris: Iris(String::new()) })
    }

    /// As `POST /v1/diagnoses`.
    pub fn diagnose(&self, evidence: &Evidence) -> Result<Value, Problem> {
        let wrong = wrong_with(evidence);
        if !wrong.0.is_empty() {
            return Err(Problem::bodies(wrong.0));
        }
        serde_json::to_value(self.engine.diagnose(evidence, None)).map_err(Problem::internal)
    }

    /// As `GET /v1/signals`; the cursor is the last id of the page before.
    pub fn signal_page(&self, query: &SignalQuery) -> Result<Value, Problem> {
        let limit = page::limit(query.limit, MOST)?;
        let after = query.cursor.as_deref().unwrap_or_default();
        let found = self.signals.built_in.iter().filter(|one| one.id.as_str() > after && signal_rules::is_asked(one, query));
        let (items, next_cursor) = page::cut_to_limit(found.collect(), limit, |one: &&Entry| one.id.clone());
        let items = items.into_iter().cloned().collect();
        serde_json::to_value(SignalPage { items, unreadable: Vec::new(), next_cursor }).map_err(Problem::internal)
    }

    /// As `GET /v1/lessons`.
    pub fn lesson_list(&self, language: Option<&str>) -> Result<Value, Problem> {
        let order =
            |content: &&LessonContent| self.curriculum.course.lessons.iter().position(|slug| *slug == content.lesson.slug);
        let mut lessons: Vec<&LessonContent> = self.curriculum.lessons.iter().collect();
        lessons.sort_by_key(order);
        let items = lessons.into_iter().map(|content| self.renderer(content, &spoken(content, language)).summary()).collect();
        serde_json::to_value(LessonList { items, next_cursor: None }).map_err(Problem::internal)
    }

    /// As `GET /v1/lessons/{slug}`.
    pub fn lesson(&self, name: &str, language: Option<&str>, version: Option<&str>) -> Result<Value, Problem> {
        let is_named =
            |content: &&LessonContent| content.lesson.slug == name || content.lesson.aliases.iter().any(|alias| alias == name);
        let content = self.curriculum.lessons.iter().find(is_named);
        let content = content.filter(|content| version.is_none_or(|version| version == self.digest(content)));
        let content = content.ok_or_else(|| Problem::not_found("lesson or version of this name"))?;
        serde_json::to_value(self.renderer(content, &spoken(content, language)).lesson()).map_err(Problem::internal)
    }

    fn digest(&self, content: &LessonContent) -> &str {
        let edition = self.editions.lessons.iter().find(|edition| edition.slug == content.lesson.slug);
        edition.map_or("", |edition| edition.digest.as_str())
    }

    fn renderer<'a>(&'a self, content: &'a LessonContent, language: &'a str) -> LessonRenderer<'a> {
        LessonRenderer {
            content,
            course: Some(&self.curriculum.course.slug),
            version: self.digest(content),
            // Nobody published it here.
            published_at: Time(0),
            language,
            iris: &self.iris,
        }
    }
}

/// The lesson's language that comes nearest to what was asked for.
fn spoken(content: &LessonContent, asked: Option<&str>) -> String {
    match asked {
        None => content.lesson.default_language.clone(),
        asked => negotiate(asked, &languages(content), &content.lesson.default_language),
    }
}
