//! From the shelves of a tenant to a catalogue that is ready to be served: lists, course pages, bundles.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::types::Id;
use crate::lessons::bundle::Bundle;
use crate::lessons::catalogue::{Catalogue, CatalogueCourse, Prepared};
use crate::lessons::courses::CoursePages;
use crate::lessons::iris::Iris;
use crate::lessons::reference::shelf as reference;
use crate::lessons::render::RichText;
use crate::lessons::shelf::LessonShelf;
use crate::lessons::{Version, rules, wire};
use crate::web::encoded::{Encoded, Rendered};

/// The catalogue of these shelves. `shared` is the catalogue of the first shelf alone, where there is one: what is the same here
/// as there is taken over.
pub fn catalogue(base: &Iris, shelves: &[&LessonShelf], shared: Option<&Catalogue>) -> Catalogue {
    let mut catalogue = Catalogue::of(base, shelves);
    let course_pages = all_course_pages(&catalogue, shared);
    catalogue.prepared = Prepared {
        lists: lists(&catalogue),
        version_lists: version_lists(&catalogue),
        parts: parts(&catalogue, &course_pages),
        course_pages,
    };
    catalogue
}

fn lists(catalogue: &Catalogue) -> HashMap<String, (Rendered<wire::CourseList>, Rendered<wire::LessonList>)> {
    let newest = catalogue.newest();
    let of_language = |language: String| {
        let lessons = newest.iter().filter_map(|version| catalogue.summary(&version.slug, &language));
        let courses = catalogue.owned_courses().iter().map(|one| course_view(catalogue, one, &language));
        let courses = Rendered::new(&wire::CourseList { items: courses.collect(), next_cursor: None }, &language);
        let lessons = Rendered::new(&wire::LessonList { items: lessons.collect(), next_cursor: None }, &language);
        (language, (courses, lessons))
    };
    catalogue.languages().into_iter().map(of_language).collect()
}

fn version_lists(catalogue: &Catalogue) -> HashMap<String, Rendered<wire::VersionList>> {
    let list = |version: Arc<Version>| {
        let items = catalogue.versions_of(&version.slug).iter().map(|v| wire::VersionSummary {
            version: v.digest.clone(),
            revision: v.content.lesson.revision,
            languages: v.languages.iter().cloned().collect(),
            published_at: v.published_at,
        });
        let list = wire::VersionList { items: items.collect(), next_cursor: None };
        (version.slug.clone(), Rendered::new(&list, version.default_language()))
    };
    catalogue.newest().into_iter().map(list).collect()
}

fn all_course_pages(catalogue: &Catalogue, shared: Option<&Catalogue>) -> HashMap<String, Arc<CoursePages>> {
    let pages = |course: &CatalogueCourse| {
        let same = shared.filter(|shared| course.owner == Id::NIL && shows_as(catalogue, shared, course));
        let there = same.and_then(|shared| shared.prepared.course_pages.get(&course.file().slug)).cloned();
        there.unwrap_or_else(|| Arc::new(course_pages(catalogue, course)))
    };
    catalogue.owned_courses().iter().map(|course| (course.file().slug.clone(), pages(course))).collect()
}

/// Whether the lessons of a course are the same in both.
fn shows_as(one: &Catalogue, other: &Catalogue, course: &CatalogueCourse) -> bool {
    course.file().lessons.iter().all(|slug| match (one.listed(slug), other.listed(slug)) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    })
}

/// Pages of the versions before the newest stay to be fetched: a client may have read the manifest just before a publication.
fn parts(catalogue: &Catalogue, course_pages: &HashMap<String, Arc<CoursePages>>) -> HashMap<String, Arc<Encoded>> {
    let pages = catalogue.versions().flat_map(|version| version.rendered());
    let pages = pages.flat_map(|one| [Some(&*one.lesson), Some(&*one.quiz), Some(&*one.exercise), one.practice_keys.as_ref()]);
    let courses = course_pages.values().flat_map(|course| course.bundle.parts());
    pages.flatten().chain(courses).map(|page| (page.sha256().to_owned(), page.clone())).collect()
}

fn course_pages(catalogue: &Catalogue, whole: &CatalogueCourse) -> CoursePages {
    let content = &whole.content;
    let title = |slug: &str| catalogue.lesson(slug).map(|version| version.content.lesson.title.clone());
    let languages: BTreeSet<String> = content.course.title.keys().cloned().collect();
    let page = |language: &String| (language.clone(), Rendered::new(&course_view(catalogue, whole, language), language));
    let (glossary, field_guide) = (reference::glossary_shelf(content, &title), reference::guide_shelf(content));
    // The newest version of each lesson.
    let versions: Vec<&Arc<Version>> = content.course.lessons.iter().filter_map(|slug| catalogue.listed(slug)).collect();
    CoursePages {
        default_language: content.course.default_language.clone(),
        pages: languages.iter().map(page).collect(),
        languages,
        bundle: Bundle::new(&versions, content, glossary.as_ref(), field_guide.as_ref()),
        glossary,
        field_guide,
        content: content.clone(),
    }
}

/// A course in a language, or in its default one; each lesson likewise.
pub fn course_view(catalogue: &Catalogue, whole: &CatalogueCourse, language: &str) -> wire::Course {
    let (content, course) = (&whole.content, whole.file());
    let language = if course.title.contains_key(language) { language } else { &course.default_language };
    let text = |text| rules::in_language(text, language, &course.default_language);
    wire::Course {
        slug: course.slug.clone(),
        iri: whole.iris.course(&course.slug),
        own: whole.owner != Id::NIL,
        revision: course.revision,
        title: text(&course.title).to_owned(),
        summary: RichText::of(text(&course.summary)),
        language: language.to_owned(),
        languages: course.title.keys().cloned().collect(),
        glossary: content.glossary.is_some(),
        field_guide: content.field_guide.is_some(),
        lessons: course.lessons.iter().filter_map(|slug| catalogue.summary(slug, language)).collect(),
    }
}
