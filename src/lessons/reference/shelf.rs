//! What is served of a course beside its lessons, in every language and form, ready as bytes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::lessons::format::Text;
use crate::lessons::reference::renderer::ReferenceRenderer;
use crate::lessons::reference::rules::ReferenceFormat;
use crate::lessons::reference::{markdown, page};
use crate::lessons::rules;
use crate::lessons::source::CourseContent;
use crate::web::encoded::Encoded;

const MARKDOWN: &str = "text/markdown; charset=utf-8; variant=GFM";

/// A glossary or a field guide in one language.
pub struct Forms {
    pub json: Arc<Encoded>,
    markdown: Encoded,
    html: Encoded,
}

impl Forms {
    pub fn of(&self, format: ReferenceFormat) -> &Encoded {
        match format {
            ReferenceFormat::Json => &self.json,
            ReferenceFormat::Markdown => &self.markdown,
            ReferenceFormat::Html => &self.html,
        }
    }
}

/// One reference in all its languages.
pub struct ReferenceShelf {
    pub default_language: String,
    pub languages: BTreeSet<String>,
    forms: HashMap<String, Forms>,
}

impl ReferenceShelf {
    fn new(course: &CourseContent, languages: BTreeSet<String>, forms: impl Fn(&str) -> Forms) -> ReferenceShelf {
        // A default that is not there could not be fallen back on.
        let wanted = &course.course.default_language;
        let default_language = languages.get(wanted).or_else(|| languages.first()).unwrap_or(wanted).clone();
        let forms = languages.iter().map(|language| (language.clone(), forms(language))).collect();
        ReferenceShelf { default_language, languages, forms }
    }

    /// In this language, or in the default one.
    pub fn forms(&self, language: &str) -> Option<&Forms> {
        self.forms.get(language).or_else(|| self.forms.get(&self.default_language))
    }

    /// Each language's own.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Forms)> {
        self.languages.iter().filter_map(|language| self.forms.get_key_value(language))
    }
}

/// The glossary of a course, if it has one; `title` gives a lesson's title by its slug.
pub fn glossary_shelf(course: &CourseContent, title: &dyn Fn(&str) -> Option<Text>) -> Option<ReferenceShelf> {
    let glossary = course.glossary.as_ref()?;
    let default = &course.course.default_language;
    Some(ReferenceShelf::new(course, glossary.languages(), |language| {
        let wire = ReferenceRenderer { course: &course.course.slug, language, default_language: default }.glossary(glossary);
        let lesson = |slug: &str| {
            title(slug).map_or_else(|| slug.to_owned(), |title| rules::in_language(&title, language, default).to_owned())
        };
        Forms {
            json: Arc::new(Encoded::json(&wire, language)),
            markdown: Encoded::text(markdown::glossary_markdown(&wire, &lesson), MARKDOWN, language),
            html: Encoded::html(page::glossary_html(&wire, default, &lesson), language),
        }
    }))
}

/// The field guide of a course, if it has one.
pub fn guide_shelf(course: &CourseContent) -> Option<ReferenceShelf> {
    let guide = course.field_guide.as_ref()?;
    let default = &course.course.default_language;
    Some(ReferenceShelf::new(course, guide.languages(), |language| {
        let renderer = ReferenceRenderer { course: &course.course.slug, language, default_language: default };
        let wire = renderer.guide(guide, course.glossary.as_ref());
        Forms {
            json: Arc::new(Encoded::json(&wire, language)),
            markdown: Encoded::text(markdown::guide_markdown(&wire), MARKDOWN, language),
            html: Encoded::html(page::guide_html(&wire, default), language),
        }
    }))
}
