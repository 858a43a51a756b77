//! The copy of all published versions in this process's memory. Rebuilt from the rows when somebody publishes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::types::Time;
use crate::error::{Code, Problem};
use crate::lessons::bundle::practice;
use crate::lessons::courses::{self, CoursePages};
use crate::lessons::encoded::Encoded;
use crate::lessons::format::{CourseFile, When};
use crate::lessons::renderer::Renderer;
use crate::lessons::rules;
use crate::lessons::source::{Content, CourseContent};
use crate::lessons::store::{StoredCourse, StoredVersion};
use crate::lessons::wire;

/// Names under the installation's `iri_base`; stable when the service moves.
#[derive(Debug, Clone)]
pub struct Iris(pub String);

impl Iris {
    pub fn course(&self, slug: &str) -> String {
        format!("{}/courses/{slug}", self.0)
    }
    pub fn lesson(&self, slug: &str) -> String {
        format!("{}/lessons/{slug}", self.0)
    }
    pub fn quiz(&self, slug: &str) -> String {
        format!("{}/lessons/{slug}/quiz", self.0)
    }
    pub fn item(&self, slug: &str, item: &str) -> String {
        format!("{}/lessons/{slug}/items/{item}", self.0)
    }
    pub fn exercise(&self, id: &str) -> String {
        format!("{}/exercises/{id}", self.0)
    }
}

/// The pages of a version in one language.
pub struct Pages {
    pub lesson: Arc<Encoded>,
    pub quiz: Arc<Encoded>,
    pub exercise: Arc<Encoded>,
    /// For the offline bundle, where the quiz gives its keys for practice.
    pub practice_keys: Option<Arc<Encoded>>,
}

/// One published lesson version, key included. Only `attempts` looks at the key.
pub struct Version {
    pub digest: String,
    pub slug: String,
    pub course: Option<String>,
    pub published_at: Time,
    pub content: Content,
    pub languages: BTreeSet<String>,
    pages: HashMap<String, Pages>,
}

impl Version {
    pub fn default_language(&self) -> &str {
        &self.content.lesson.default_language
    }

    pub fn pages(&self, language: &str) -> Option<&Pages> {
        self.pages.get(language).or_else(|| self.pages.get(self.default_language()))
    }
}

/// All courses and versions, ready to be served.
pub struct Catalogue {
    pub iris: Iris,
    versions: HashMap<String, Arc<Version>>,
    /// Slug or alias -> versions, the newest first.
    lessons: HashMap<String, Vec<Arc<Version>>>,
    courses: Vec<CourseFile>,
    course_pages: HashMap<String, CoursePages>,
    /// Whatever a bundle may hold, by the SHA-256 of its bytes.
    parts: HashMap<String, Arc<Encoded>>,
    lists: HashMap<String, (Encoded, Encoded)>,
    version_lists: HashMap<String, Encoded>,
}

impl Catalogue {
    /// Builds the catalogue of all stored rows; `versions` with the newest revision first.
    pub fn build(iris: Iris, courses: Vec<StoredCourse>, versions: Vec<StoredVersion>) -> Catalogue {
        let contents: Vec<CourseContent> = courses.into_iter().map(|course| course.content).collect();
        let mut catalogue = Catalogue {
            iris,
            versions: HashMap::new(),
            lessons: HashMap::new(),
            courses: contents.iter().map(|content| content.course.clone()).collect(),
            course_pages: HashMap::new(),
            parts: HashMap::new(),
            lists: HashMap::new(),
            version_lists: HashMap::new(),
        };
        // A name that any version had leads to the lesson for ever, so to its newest version too.
        let mut names: HashMap<String, BTreeSet<String>> = HashMap::new();
        for stored in &versions {
            let lesson = &stored.content.lesson;
            let all = [&lesson.slug].into_iter().chain(&lesson.aliases).cloned();
            names.entry(lesson.slug.clone()).or_default().extend(all);
        }
        for stored in versions {
            let version = Arc::new(catalogue.render(stored));
            for name in names.get(&version.slug).into_iter().flatten() {
                catalogue.lessons.entry(name.clone()).or_default().push(version.clone());
            }
            catalogue.versions.insert(version.digest.clone(), version);
        }
        catalogue.build_lists(&contents);
        let pages = contents.iter().map(|one| (one.course.slug.clone(), CoursePages::new(&catalogue, one))).collect();
        catalogue.course_pages = pages;
        catalogue.build_parts();
        catalogue
    }

    fn render(&self, stored: StoredVersion) -> Version {
        let slug = stored.content.lesson.slug.clone();
        let course = self.courses.iter().find(|course| course.lessons.contains(&slug)).map(|course| course.slug.clone());
        let languages = rules::languages(&stored.content);
        let pages = languages
            .iter()
            .map(|language| {
                let renderer = Renderer {
                    content: &stored.content,
                    course: course.as_deref(),
                    version: &stored.digest,
                    published_at: stored.published_at,
                    language,
                    iris: &self.iris,
                };
                let keys = stored.content.quiz.policy.practice_keys.then(|| practice::keys(&renderer));
                let pages = Pages {
                    lesson: Arc::new(Encoded::json(&renderer.lesson(), language)),
                    quiz: Arc::new(Encoded::json(&renderer.quiz(), language)),
                    exercise: Arc::new(Encoded::json(&renderer.exercise(), language)),
                    practice_keys: keys.map(|keys| Arc::new(Encoded::json(&keys, language))),
                };
                (language.clone(), pages)
            })
            .collect();
        Version {
            digest: stored.digest,
            slug,
            course,
            published_at: stored.published_at,
            content: stored.content,
            languages,
            pages,
        }
    }

    fn build_lists(&mut self, contents: &[CourseContent]) {
        let newest = self.newest();
        for language in self.languages() {
            let lessons = newest.iter().filter_map(|version| self.summary(&version.slug, &language));
            let courses = contents.iter().map(|content| courses::course(self, content, &language));
            let courses = Encoded::json(&wire::CourseList { items: courses.collect(), next_cursor: None }, &language);
            let list = Encoded::json(&wire::LessonList { items: lessons.collect(), next_cursor: None }, &language);
            self.lists.insert(language.clone(), (courses, list));
        }
        for version in newest {
            let items = self.versions_of(&version.slug).iter().map(|v| wire::VersionSummary {
                version: v.digest.clone(),
                revision: v.content.lesson.revision,
                languages: v.languages.iter().cloned().collect(),
                published_at: v.published_at,
            });
            let list =
                Encoded::json(&wire::VersionList { items: items.collect(), next_cursor: None }, version.default_language());
            self.version_lists.insert(version.slug.clone(), list);
        }
    }

    /// Pages of older versions stay to be fetched: a client may have read the manifest just before a publication.
    fn build_parts(&mut self) {
        let pages = self.versions.values().flat_map(|version| version.pages.values());
        let pages = pages.flat_map(|one| [Some(&one.lesson), Some(&one.quiz), Some(&one.exercise), one.practice_keys.as_ref()]);
        let courses = self.course_pages.values().flat_map(|course| course.bundle.parts());
        self.parts = pages.flatten().chain(courses).map(|page| (page.sha256().to_owned(), page.clone())).collect();
    }

    /// The part of a bundle whose bytes have this SHA-256.
    pub fn part(&self, sha256: &str) -> Option<&Arc<Encoded>> {
        self.parts.get(sha256)
    }

    /// Whether any version of a lesson gave its keys to learners for practice.
    pub fn gave_practice_keys(&self, slug: &str) -> bool {
        self.versions_of(slug).iter().any(|version| version.content.quiz.policy.practice_keys)
    }

    /// What lists say of the newest version of a lesson, in a language or in the lesson's default one.
    pub fn summary(&self, slug: &str, language: &str) -> Option<wire::LessonSummary> {
        let version = self.lesson(slug)?;
        let own = version.languages.get(language).map_or(version.default_language(), String::as_str);
        Some(self.renderer(version, own).summary())
    }

    fn renderer<'a>(&'a self, version: &'a Version, language: &'a str) -> Renderer<'a> {
        Renderer {
            content: &version.content,
            course: version.course.as_deref(),
            version: &version.digest,
            published_at: version.published_at,
            language,
            iris: &self.iris,
        }
    }

    /// The newest version of every lesson, in the order of the courses, then by slug.
    fn newest(&self) -> Vec<Arc<Version>> {
        let mut out: Vec<Arc<Version>> =
            self.lessons.iter().filter_map(|(slug, v)| v.first().filter(|v| &v.slug == slug)).cloned().collect();
        let place = |slug: &String| self.courses.iter().flat_map(|c| &c.lessons).position(|s| s == slug).unwrap_or(usize::MAX);
        out.sort_by(|a, b| (place(&a.slug), &a.slug).cmp(&(place(&b.slug), &b.slug)));
        out
    }

    pub fn languages(&self) -> BTreeSet<String> {
        let courses = self.courses.iter().flat_map(|course| course.title.keys().cloned());
        self.versions.values().flat_map(|version| version.languages.clone()).chain(courses).collect()
    }

    pub fn course_list(&self, language: &str) -> Option<&Encoded> {
        self.lists.get(language).map(|(courses, _)| courses)
    }

    pub fn lesson_list(&self, language: &str) -> Option<&Encoded> {
        self.lists.get(language).map(|(_, lessons)| lessons)
    }

    pub fn version_list(&self, slug: &str) -> Option<&Encoded> {
        self.version_lists.get(&self.lesson(slug)?.slug)
    }

    /// The slug of the lesson of this slug or alias; a name that is none stays what it is.
    pub fn slug_of(&self, name: &str) -> String {
        self.lesson(name).map_or_else(|| name.to_owned(), |version| version.slug.clone())
    }

    /// The newest version of the lesson of this slug or alias.
    pub fn lesson(&self, slug: &str) -> Option<&Arc<Version>> {
        self.lessons.get(slug)?.first()
    }

    fn versions_of(&self, slug: &str) -> &[Arc<Version>] {
        self.lessons.get(slug).map_or(&[], Vec::as_slice)
    }

    /// The version of this digest, if it is one of this lesson.
    pub fn version(&self, slug: &str, digest: &str) -> Option<&Arc<Version>> {
        let lesson = self.lesson(slug)?;
        self.versions.get(digest).filter(|version| version.slug == lesson.slug)
    }

    /// The version that a body asks for by `lesson` and, if it names one, `version`.
    pub fn wanted(&self, lesson: &str, version: Option<&str>) -> Result<Arc<Version>, Problem> {
        let newest = self.lesson(lesson);
        let newest =
            newest.ok_or_else(|| Problem::body("/lesson", "is no lesson's slug or alias; GET /v1/lessons lists them."))?;
        let found = match version {
            None => Some(newest),
            Some(digest) => self.version(lesson, digest),
        };
        let none = "is no version of this lesson; GET /v1/lessons/{slug}/versions lists them.";
        found.cloned().ok_or_else(|| Problem::body("/version", none))
    }

    /// The version that a stored attempt or submission is pinned to. A process that has not read yet what another one
    /// published will have it within seconds.
    pub fn pinned(&self, digest: &str) -> Result<&Arc<Version>, Problem> {
        let later = "This process has not read that lesson version yet. Repeat the same request after the time in Retry-After.";
        self.by_digest(digest).ok_or_else(|| Problem::new(Code::Overloaded, later))
    }

    pub fn by_digest(&self, digest: &str) -> Option<&Arc<Version>> {
        self.versions.get(digest)
    }

    /// The lesson slugs of the course of this slug.
    pub fn course(&self, slug: &str) -> Option<&CourseFile> {
        self.courses.iter().find(|course| course.slug == slug)
    }

    /// What is served of the course of this slug.
    pub fn course_pages(&self, slug: &str) -> Option<&CoursePages> {
        self.course_pages.get(slug)
    }

    pub fn courses(&self) -> &[CourseFile] {
        &self.courses
    }

    /// Whether (verdicts, keys) of a version show from submission on.
    pub fn shown_on_submission(&self, digest: &str) -> (bool, bool) {
        self.versions.get(digest).map_or((false, false), |version| {
            let reveal = &version.content.quiz.policy.reveal;
            (reveal.verdict == When::Submitted, reveal.key == When::Submitted)
        })
    }
}
