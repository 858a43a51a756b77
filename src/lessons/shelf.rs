//! All courses and versions of one owner: a tenant, or the built-in curriculum. What did not change is taken over from the
//! shelf before, rendered as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::types::{Id, Time};
use crate::lessons::Version;
use crate::lessons::iris::Iris;
use crate::lessons::source::CourseContent;
use crate::lessons::store::StoredVersion;

pub struct LessonShelf {
    pub owner: Id,
    pub courses: Vec<DigestedCourse>,
    /// By slug, the newest revision of each lesson first.
    pub versions: Vec<Arc<Version>>,
    /// The versions that nobody begins any more, since when.
    pub withdrawn: BTreeMap<String, Time>,
}

/// A course, and the digest of its content.
#[derive(Clone)]
pub struct DigestedCourse {
    pub digest: String,
    pub content: Arc<CourseContent>,
}

impl LessonShelf {
    pub fn empty(owner: Id) -> LessonShelf {
        LessonShelf { owner, courses: Vec::new(), versions: Vec::new(), withdrawn: BTreeMap::new() }
    }

    /// The shelf that follows: with these courses, and `new` versions beside those that are there. None where nothing changed.
    pub fn next(
        &self,
        base: &Iris,
        courses: Vec<DigestedCourse>,
        new: Vec<StoredVersion>,
        withdrawn: BTreeMap<String, Time>,
    ) -> Option<LessonShelf> {
        let same = courses.iter().map(|one| &one.digest).eq(self.courses.iter().map(|one| &one.digest));
        if same && new.is_empty() && withdrawn == self.withdrawn {
            return None;
        }
        let files = || courses.iter().map(|one| &one.content.course);
        let course = |slug: &String| files().find(|one| one.lessons.contains(slug)).map(|one| one.slug.clone());
        let kept = self.versions.iter().map(|version| match course(&version.slug) {
            same if same == version.course => version.clone(),
            other => Arc::new(version.in_course(other, base)),
        });
        let added = new.into_iter().map(|stored| {
            let course = course(&stored.content.lesson.slug);
            Arc::new(Version::new(stored, course, base))
        });
        let mut versions: Vec<Arc<Version>> = kept.chain(added).collect();
        let revision = |version: &Version| std::cmp::Reverse(version.content.lesson.revision);
        versions.sort_by(|a, b| (&a.slug, revision(a)).cmp(&(&b.slug, revision(b))));
        let shelf = LessonShelf { owner: self.owner, courses, versions, withdrawn };
        // The one before the newest too: somebody may have read a list just before the publication.
        for (place, version) in shelf.places() {
            if place < 2 {
                version.prepare();
            }
        }
        Some(shelf)
    }

    /// Every version with how many of its lesson are newer.
    fn places(&self) -> impl Iterator<Item = (usize, &Arc<Version>)> {
        let of_one_lesson = self.versions.chunk_by(|a, b| a.slug == b.slug);
        of_one_lesson.flat_map(|versions| versions.iter().enumerate())
    }

    /// Slug or alias -> every version of that lesson, the newest first. A name that any version had leads to the lesson for
    /// ever, so to its newest version too.
    pub fn names(&self) -> HashMap<String, Vec<Arc<Version>>> {
        let mut names: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for version in &self.versions {
            let lesson = &version.content.lesson;
            let all = [&lesson.slug].into_iter().chain(&lesson.aliases).map(String::as_str);
            names.entry(&lesson.slug).or_default().extend(all);
        }
        let mut out: HashMap<String, Vec<Arc<Version>>> = HashMap::new();
        for version in &self.versions {
            for name in names.get(version.slug.as_str()).into_iter().flatten() {
                out.entry((*name).to_owned()).or_default().push(version.clone());
            }
        }
        out
    }
}
