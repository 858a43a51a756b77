//! What is served of each course: itself with its lessons, its glossary, its field guide.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::types::Id;
use crate::lessons::bundle::Bundle;
use crate::lessons::catalogue::{Catalogue, Course};
use crate::lessons::encoded::Encoded;
use crate::lessons::reference::shelf::{self, Shelf};
use crate::lessons::render::RichText;
use crate::lessons::source::CourseContent;
use crate::lessons::{rules, wire};

/// One course, ready to be served.
pub struct CoursePages {
    pub default_language: String,
    pub languages: BTreeSet<String>,
    pages: HashMap<String, Encoded>,
    pub glossary: Option<Shelf>,
    pub field_guide: Option<Shelf>,
    pub bundle: Bundle,
    /// As it was published, for packages.
    pub content: Arc<CourseContent>,
}

impl CoursePages {
    pub fn new(catalogue: &Catalogue, whole: &Course) -> CoursePages {
        let course = &whole.content;
        let title = |slug: &str| catalogue.lesson(slug).map(|version| version.content.lesson.title.clone());
        let languages: BTreeSet<String> = course.course.title.keys().cloned().collect();
        let page = |language: &String| (language.clone(), Encoded::json(&self::course(catalogue, whole, language), language));
        let (glossary, field_guide) = (shelf::glossary(course, &title), shelf::guide(course));
        CoursePages {
            default_language: course.course.default_language.clone(),
            pages: languages.iter().map(page).collect(),
            languages,
            bundle: Bundle::new(catalogue, course, glossary.as_ref(), field_guide.as_ref()),
            glossary,
            field_guide,
            content: course.clone(),
        }
    }

    pub fn page(&self, language: &str) -> Option<&Encoded> {
        self.pages.get(language).or_else(|| self.pages.get(&self.default_language))
    }
}

/// A course in a language, or in its default one; each lesson likewise.
pub fn course(catalogue: &Catalogue, whole: &Course, language: &str) -> wire::Course {
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
