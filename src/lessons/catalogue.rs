//! What one tenant sees of the curriculum, from this process's memory. Rebuilt when somebody publishes; see `memory.rs`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};
use crate::lessons::courses::CoursePages;
use crate::lessons::format::{AuthoredWhen, CourseFile, Policy, Reveal};
use crate::lessons::iris::Iris;
use crate::lessons::publish::OwnVersions;
use crate::lessons::shelf::LessonShelf;
use crate::lessons::source::CourseContent;
use crate::lessons::{Version, wire};
use crate::web::encoded::{Encoded, Rendered};

/// A course, and the names of what belongs to its owner.
#[derive(Clone)]
pub struct CatalogueCourse {
    pub content: Arc<CourseContent>,
    pub owner: Id,
    pub iris: Iris,
}

/// All courses and versions that one tenant sees, ready to be served.
pub struct Catalogue {
    pub iris: Iris,
    versions: HashMap<String, Arc<Version>>,
    /// Slug or alias -> versions, the newest first.
    lessons: HashMap<String, Vec<Arc<Version>>>,
    /// The versions that nobody begins any more, since when.
    withdrawn: HashMap<String, Time>,
    courses: Vec<CatalogueCourse>,
    /// Made from all of the above by `assembly.rs`.
    pub(super) prepared: Prepared,
}

/// What is served of a finished catalogue.
#[derive(Default)]
pub(super) struct Prepared {
    /// By the course's slug.
    pub course_pages: HashMap<String, Arc<CoursePages>>,
    /// Whatever a bundle may hold, by the SHA-256 of its bytes.
    pub parts: HashMap<String, Arc<Encoded>>,
    /// By language: the courses, the lessons.
    pub lists: HashMap<String, (Rendered<wire::CourseList>, Rendered<wire::LessonList>)>,
    /// By the lesson's slug.
    pub version_lists: HashMap<String, Rendered<wire::VersionList>>,
}

impl Catalogue {
    /// What stands on these shelves, with names under `base`; nothing is prepared to be served yet. Where two have one name, the
    /// later shelf's lesson answers to it: what a tenant published stays in its place when a release brings a lesson of that name.
    pub(super) fn of(base: &Iris, shelves: &[&LessonShelf]) -> Catalogue {
        let mut catalogue = Catalogue {
            iris: base.clone(),
            versions: HashMap::new(),
            lessons: HashMap::new(),
            withdrawn: HashMap::new(),
            courses: Vec::new(),
            prepared: Prepared::default(),
        };
        for shelf in shelves {
            let versions = shelf.versions.iter().map(|version| (version.digest.clone(), version.clone()));
            catalogue.versions.extend(versions);
            catalogue.lessons.extend(shelf.names());
            catalogue.withdrawn.extend(shelf.withdrawn.clone());
            catalogue.courses.retain(|course| !shelf.courses.iter().any(|own| own.content.course.slug == course.file().slug));
            let (owner, iris) = (shelf.owner, base.of(shelf.owner));
            let courses =
                shelf.courses.iter().map(|own| CatalogueCourse { content: own.content.clone(), owner, iris: iris.clone() });
            catalogue.courses.extend(courses);
        }
        catalogue
    }

    /// The part of a bundle whose bytes have this SHA-256.
    pub fn part(&self, sha256: &str) -> Option<&Arc<Encoded>> {
        self.prepared.parts.get(sha256)
    }

    /// Whether any version of a lesson gave its keys to learners for practice.
    pub fn gave_practice_keys(&self, slug: &str) -> bool {
        self.versions_of(slug).iter().any(|version| version.content.quiz.policy.practice_keys)
    }

    /// What lists say of the newest version of a lesson, in a language or in the lesson's default one.
    pub fn summary(&self, slug: &str, language: &str) -> Option<wire::LessonSummary> {
        let version = self.listed(slug)?;
        let own = version.languages.get(language).map_or(version.default_language(), String::as_str);
        Some(version.renderer(own).summary())
    }

    /// The newest version of every lesson, in the order of the courses, then by slug.
    pub fn newest(&self) -> Vec<Arc<Version>> {
        let mut out: Vec<Arc<Version>> =
            self.lessons.iter().filter_map(|(slug, v)| v.first().filter(|v| &v.slug == slug)).cloned().collect();
        let place = |slug: &String| self.courses().flat_map(|c| &c.lessons).position(|s| s == slug).unwrap_or(usize::MAX);
        out.sort_by_cached_key(|version| (place(&version.slug), version.slug.clone()));
        out
    }

    pub fn languages(&self) -> BTreeSet<String> {
        let titles = self.courses().flat_map(|course| course.title.keys().cloned());
        self.versions.values().flat_map(|version| version.languages.clone()).chain(titles).collect()
    }

    pub fn course_list(&self, language: &str) -> Option<&Rendered<wire::CourseList>> {
        self.prepared.lists.get(language).map(|(courses, _)| courses)
    }

    pub fn lesson_list(&self, language: &str) -> Option<&Rendered<wire::LessonList>> {
        self.prepared.lists.get(language).map(|(_, lessons)| lessons)
    }

    pub fn version_list(&self, slug: &str) -> Option<&Rendered<wire::VersionList>> {
        self.prepared.version_lists.get(&self.lesson(slug)?.slug)
    }

    /// The slug of the lesson of this slug or alias; a name that is none stays what it is.
    pub fn slug_of(&self, name: &str) -> String {
        self.lesson(name).map_or_else(|| name.to_owned(), |version| version.slug.clone())
    }

    /// The newest version of the lesson of this slug or alias.
    pub fn lesson(&self, slug: &str) -> Option<&Arc<Version>> {
        self.lessons.get(slug)?.first()
    }

    /// The same, unless it is withdrawn: what lists, courses and bundles show.
    pub fn listed(&self, slug: &str) -> Option<&Arc<Version>> {
        self.lesson(slug).filter(|version| !self.withdrawn.contains_key(&version.digest))
    }

    /// All versions that this tenant published.
    pub fn own_versions(&self) -> OwnVersions {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let own = self.versions.values().filter(|version| version.is_own());
        own.fold(OwnVersions::default(), |sum, version| OwnVersions {
            count: sum.count.saturating_add(1),
            bytes: sum.bytes.saturating_add(number(version.size)),
        })
    }

    /// Since when nobody begins anything on this version: because it or the lesson's newest is withdrawn.
    pub fn withdrawn(&self, version: &Version) -> Option<Time> {
        let newest = self.lesson(&version.slug).and_then(|newest| self.withdrawn.get(&newest.digest));
        self.withdrawn.get(&version.digest).or(newest).copied()
    }

    /// Says no to what begins on a withdrawn version. What was begun before, on a device without a network, is taken.
    pub fn check_open(&self, version: &Version, begun: Time) -> Result<(), Problem> {
        match self.withdrawn(version) {
            Some(since) if since <= begun => {
                let detail = "The lesson was withdrawn, and nothing new is begun on it.";
                Err(Problem::new(Code::IllegalState, detail).with("state", "withdrawn"))
            }
            _ => Ok(()),
        }
    }

    /// Every version of the lesson of this slug or alias, the newest first.
    pub fn versions_of(&self, slug: &str) -> &[Arc<Version>] {
        self.lessons.get(slug).map_or(&[], Vec::as_slice)
    }

    /// The version of this digest, if it is one of this lesson.
    pub fn version(&self, slug: &str, digest: &str) -> Option<&Arc<Version>> {
        self.versions_of(slug).iter().find(|version| version.digest == digest)
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

    /// The course of this slug.
    pub fn course(&self, slug: &str) -> Option<&CourseFile> {
        self.courses().find(|course| course.slug == slug)
    }

    /// What is served of the course of this slug.
    pub fn course_pages(&self, slug: &str) -> Option<&CoursePages> {
        self.prepared.course_pages.get(slug).map(|pages| &**pages)
    }

    /// Every version of every lesson.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        self.versions.values()
    }

    /// Every course with its owner.
    pub fn owned_courses(&self) -> &[CatalogueCourse] {
        &self.courses
    }

    pub fn courses(&self) -> impl Iterator<Item = &CourseFile> {
        self.courses.iter().map(CatalogueCourse::file)
    }

    /// Whether (verdicts, keys) of a version show from submission on.
    pub fn shown_on_submission(&self, digest: &str, assigned: bool) -> (bool, bool) {
        self.versions.get(digest).map_or((false, false), |version| {
            let reveal = self.reveal(version);
            let key = if assigned { reveal.key == AuthoredWhen::Submitted } else { self.practice_shows_keys(version) };
            (reveal.verdict == AuthoredWhen::Submitted, key)
        })
    }

    /// When learners see results of an attempt on this version: as the strictest of all versions of the lesson says, because
    /// a learner may attempt every one of them, and their items are mostly the same.
    pub fn reveal(&self, version: &Version) -> Reveal {
        let all = self.versions_of(&version.slug).iter().map(|one| one.content.quiz.policy.reveal);
        all.fold(version.content.quiz.policy.reveal, Reveal::stricter)
    }

    /// Whether practice on this version shows its keys at once: where the offline bundle gives them away, and the newest
    /// version's author still does.
    pub fn practice_shows_keys(&self, version: &Version) -> bool {
        version.content.quiz.policy.practice_keys && self.newest_policy(version).practice_keys
    }

    /// The policy of the newest version of the lesson that this is a version of.
    pub fn newest_policy<'a>(&'a self, version: &'a Version) -> &'a Policy {
        self.lesson(&version.slug).map_or(&version.content.quiz.policy, |newest| &newest.content.quiz.policy)
    }
}

impl CatalogueCourse {
    pub fn file(&self) -> &CourseFile {
        &self.content.course
    }
}
