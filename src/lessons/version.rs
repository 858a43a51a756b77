//! One published lesson version in this process's memory, and its pages: rendered once, when they are first needed.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use serde_json::value::RawValue;

use crate::db::types::{Id, Json, Time};
use crate::lessons::bundle::practice;
use crate::lessons::iris::Iris;
use crate::lessons::renderer::LessonRenderer;
use crate::lessons::rules;
use crate::lessons::source::LessonContent;
use crate::lessons::store::StoredVersion;
use crate::lessons::wire;
use crate::web::encoded::{Encoded, Rendered};

/// The pages of a version in one language.
pub struct Pages {
    pub lesson: Rendered<wire::Lesson>,
    pub quiz: Rendered<wire::Quiz>,
    pub exercise: Rendered<wire::Exercise>,
    /// For the offline bundle, where the quiz gives its keys for practice.
    pub practice_keys: Option<Arc<Encoded>>,
}

/// One published lesson version, key included. Only `attempts` and `authoring` look at the key.
pub struct Version {
    /// The tenant whose it is; [`Id::NIL`] for the built-in ones, which everybody reads.
    pub owner: Id,
    pub digest: String,
    pub slug: String,
    /// The slug of the course that lists it.
    pub course: Option<String>,
    pub published_at: Time,
    pub content: LessonContent,
    /// Of the content as JSON, in bytes.
    pub size: usize,
    pub languages: BTreeSet<String>,
    /// The names of this lesson and its parts.
    pub iris: Iris,
    pages: HashMap<String, OnceLock<Pages>>,
    /// What others made of its items, by language and item: see [`Version::remembered`].
    of_items: Mutex<HashMap<(String, String), Arc<RawValue>>>,
    bare_digest: OnceLock<String>,
}

impl Version {
    pub fn new(stored: StoredVersion, course: Option<String>, base: &Iris) -> Version {
        let languages = rules::languages(&stored.content);
        Version {
            slug: stored.content.lesson.slug.clone(),
            course,
            published_at: stored.published_at,
            pages: languages.iter().map(|language| (language.clone(), OnceLock::new())).collect(),
            languages,
            of_items: Mutex::default(),
            bare_digest: OnceLock::new(),
            iris: base.of(stored.owner),
            owner: stored.owner,
            digest: stored.digest,
            content: stored.content,
            size: stored.size,
        }
    }

    /// The same version where another course lists it now.
    pub fn in_course(&self, course: Option<String>, base: &Iris) -> Version {
        let stored = StoredVersion {
            owner: self.owner,
            digest: self.digest.clone(),
            published_at: self.published_at,
            content: self.content.clone(),
            size: self.size,
        };
        Version::new(stored, course, base)
    }

    pub fn is_own(&self) -> bool {
        self.owner != Id::NIL
    }

    /// The digest of the content without its revision, as drafts have it.
    pub fn bare_digest(&self) -> &str {
        self.bare_digest.get_or_init(|| {
            let mut content = self.content.clone();
            content.lesson.revision = 0;
            rules::content_digest(&Json::of(&content).0)
        })
    }

    pub fn default_language(&self) -> &str {
        &self.content.lesson.default_language
    }

    /// `language` where the lesson has it, else its default.
    pub fn language_or_default<'a>(&'a self, language: &str) -> &'a str {
        self.languages.get(language).map_or_else(|| self.default_language(), String::as_str)
    }

    /// What was made of an item in one of the lesson's languages, made now if it is not there yet. There are as many as the lesson
    /// has items and languages.
    pub fn remembered<E>(
        &self,
        language: &str,
        item: &str,
        make: impl FnOnce() -> Result<Arc<RawValue>, E>,
    ) -> Result<Arc<RawValue>, E> {
        let key = (language.to_owned(), item.to_owned());
        if let Some(made) = self.of_items.lock().get(&key) {
            return Ok(made.clone());
        }
        let made = make()?;
        self.of_items.lock().insert(key, made.clone());
        Ok(made)
    }

    pub fn pages(&self, language: &str) -> Option<&Pages> {
        let (language, pages) =
            self.pages.get_key_value(language).or_else(|| self.pages.get_key_value(self.default_language()))?;
        Some(pages.get_or_init(|| self.render(language)))
    }

    /// Whether the pages in this language, or in the default one, are there.
    pub fn is_rendered(&self, language: &str) -> bool {
        self.pages.get(language).or_else(|| self.pages.get(self.default_language())).is_some_and(|pages| pages.get().is_some())
    }

    /// Renders every page now, so that nobody waits for it later.
    pub fn prepare(&self) {
        for language in &self.languages {
            self.pages(language);
        }
    }

    /// The pages that are there.
    pub fn rendered(&self) -> impl Iterator<Item = &Pages> {
        self.pages.values().filter_map(OnceLock::get)
    }

    pub fn renderer<'a>(&'a self, language: &'a str) -> LessonRenderer<'a> {
        LessonRenderer {
            content: &self.content,
            course: self.course.as_deref(),
            version: &self.digest,
            published_at: self.published_at,
            language,
            iris: &self.iris,
        }
    }

    fn render(&self, language: &str) -> Pages {
        let renderer = self.renderer(language);
        let keys = self.content.quiz.policy.practice_keys.then(|| practice::keys(&renderer));
        Pages {
            lesson: Rendered::new(&renderer.lesson(), language),
            quiz: Rendered::new(&renderer.quiz(), language),
            exercise: Rendered::new(&renderer.exercise(), language),
            practice_keys: keys.map(|keys| Arc::new(Encoded::json(&keys, language))),
        }
    }
}
