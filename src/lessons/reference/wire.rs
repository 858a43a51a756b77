//! What is served of a glossary and of a field guide.

use serde::Serialize;
use utoipa::ToSchema;

use crate::diagnosis::format::Owner;
use crate::lessons::format::Layer;
use crate::lessons::render::RichText;

/// The terms of a course in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Glossary {
    /// The slug of the course.
    pub course: String,
    /// BCP 47; the language of every text here.
    pub language: String,
    pub languages: Vec<String>,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// In alphabetical order of the terms in this language.
    pub terms: Vec<GlossaryTerm>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GlossaryTerm {
    /// The same in every language.
    #[schema(example = "pre-classifier")]
    pub id: String,
    pub term: RichText,
    pub definition: RichText,
    /// Related terms.
    pub see: Vec<TermRef>,
    /// Slugs of the lessons that use it.
    pub lessons: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TermRef {
    pub id: String,
    /// In plain text.
    pub term: String,
}

/// The signs of a course and what they mean, in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldGuide {
    /// The slug of the course.
    pub course: String,
    /// BCP 47; the language of every text here.
    pub language: String,
    pub languages: Vec<String>,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// The questions under which the rows stand, in the order in which to ask them.
    pub groups: Vec<GuideGroup>,
    /// In the order in which to read evidence.
    pub rows: Vec<GuideRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GuideGroup {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GuideRow {
    pub id: String,
    /// The id of its group; null where the guide has none.
    pub group: Option<String>,
    /// What is seen.
    pub sign: RichText,
    /// In which responses, and in which field.
    pub r#where: RichText,
    pub layer: Layer,
    /// What people call the layer, in this language.
    #[schema(example = "pre-classifier")]
    pub layer_name: String,
    pub owner: Owner,
    /// What people call the owner, in this language.
    pub owner_name: String,
    /// The next legitimate step.
    pub step: RichText,
    /// Ids of the signals, or rules of the engine, by which a diagnosis sees it.
    pub signals: Vec<String>,
}
