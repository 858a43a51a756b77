//! What a tenant has published, read for comparing and for writing files.

use std::collections::{BTreeMap, HashSet};

use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::lessons::source::{CourseContent, Curriculum};
use crate::lessons::store::{self, StoredVersion};

/// All of it: every course, and every version of each lesson, the newest first.
#[derive(Default)]
pub struct KeptCurriculum {
    pub courses: Vec<CourseContent>,
    pub lessons: BTreeMap<String, Vec<StoredVersion>>,
}

/// Reads what is published under a tenant's own id; [`Id::NIL`] has what every tenant reads.
pub fn read_published(conn: &mut Conn, tenant: Id) -> Stored<KeptCurriculum> {
    let store::News { courses, versions, .. } = store::news(conn, &HashSet::new())?;
    let mut lessons: BTreeMap<String, Vec<StoredVersion>> = BTreeMap::new();
    for version in versions.into_iter().filter(|version| version.owner == tenant) {
        lessons.entry(version.content.lesson.slug.clone()).or_default().push(version);
    }
    for versions in lessons.values_mut() {
        versions.sort_by_key(|version| std::cmp::Reverse(version.content.lesson.revision));
    }
    let courses = courses.into_iter().filter(|course| course.owner == tenant);
    Ok(KeptCurriculum { courses: courses.map(|course| course.content).collect(), lessons })
}

impl KeptCurriculum {
    /// The course of this slug, or the only one there is, with the newest version of each of its lessons.
    pub fn curriculum(&self, course: Option<&str>) -> Result<Curriculum, String> {
        let slugs = || self.courses.iter().map(|one| one.course.slug.as_str()).collect::<Vec<_>>().join(", ");
        let content = match (course, self.courses.as_slice()) {
            (_, []) => return Err("no course is published there".to_owned()),
            (None, [only]) => only,
            (None, _) => return Err(format!("there are several courses; name one with --course: {}", slugs())),
            (Some(slug), all) => all
                .iter()
                .find(|one| one.course.slug == slug)
                .ok_or_else(|| format!("there is no course {slug}; there are: {}", slugs()))?,
        };
        let newest = |slug: &String| {
            let version = self.lessons.get(slug).and_then(|versions| versions.first());
            version.map(|version| version.content.clone()).ok_or_else(|| format!("the lesson {slug} is not published there"))
        };
        Ok(Curriculum {
            course: content.course.clone(),
            lessons: content.course.lessons.iter().map(newest).collect::<Result<_, _>>()?,
            glossary: content.glossary.clone(),
            field_guide: content.field_guide.clone(),
        })
    }
}
