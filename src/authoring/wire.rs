//! What drafts, their findings and their previews look like on the wire. What learners see and what only authors see are
//! different types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::attempts::wire::{Rationale, Response};
use crate::db::types::Time;
use crate::lessons::check::Guessing;
use crate::lessons::format::{ExerciseFile, Layer, LessonFile, QuizFile, Text};
use crate::lessons::source::{Finding, LessonContent, Severity};
use crate::lessons::wire::{Exercise, Lesson, Quiz};

/// The version that a draft was published as last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublishedAs {
    /// The digest that names the newest version of this lesson.
    pub version: String,
    pub revision: i32,
    /// Whether the draft says the same.
    pub unchanged: bool,
}

/// A draft in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftSummary {
    pub slug: String,
    /// In the lesson's default language.
    pub title: String,
    /// Counts every change of the draft; it is its ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// The SHA-256 of its content.
    pub digest: String,
    /// Null while nothing of this slug is published.
    pub published: Option<PublishedAs>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftPage {
    /// In the order of their slugs, without their content.
    pub items: Vec<DraftSummary>,
    pub next_cursor: Option<String>,
}

/// A draft with its content, key included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LessonDraft)]
pub struct Draft {
    #[serde(flatten)]
    pub summary: DraftSummary,
    pub lesson: LessonFile,
    pub quiz: QuizFile,
    pub exercise: ExerciseFile,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DraftQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// What is wrong with a draft, and what guessing by form would get in its quiz.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftReport {
    /// Of the draft that was looked at.
    pub revision: i64,
    /// Whether it can be published: it has no error.
    pub publishable: bool,
    pub errors: usize,
    pub advice: usize,
    /// Errors first.
    pub findings: Vec<DraftFinding>,
    /// For each language of the lesson.
    pub guessing: Vec<GuessingEstimate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DraftFinding {
    /// The stable name of the rule: one of `waymark check`, or `item-revision`, `name-taken`; more may come.
    #[schema(example = "item-key")]
    pub rule: String,
    /// `error` keeps the draft from being published; `advice` is for the author to weigh.
    #[schema(value_type = String, example = "error")]
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into the draft, as near as it can be told.
    #[schema(example = "/quiz/items/2/key")]
    pub pointer: String,
    pub message: String,
}

impl From<Finding> for DraftFinding {
    fn from(finding: Finding) -> DraftFinding {
        let Finding { rule, severity, pointer, message, .. } = finding;
        DraftFinding { rule: rule.to_owned(), severity, pointer: pointer.unwrap_or_default(), message }
    }
}

/// What guessing by form is expected to yield, as a share of the single choices.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuessingEstimate {
    pub language: String,
    /// Single choices with a key.
    pub items: usize,
    /// The rule of thumb that yields most.
    #[schema(example = "longest")]
    pub best: String,
    #[schema(minimum = 0, maximum = 1)]
    pub expected: f64,
    /// Each rule of thumb with what it yields.
    pub by: BTreeMap<String, f64>,
    /// What blind guessing yields.
    #[schema(minimum = 0, maximum = 1)]
    pub blind: f64,
}

impl From<Guessing> for GuessingEstimate {
    fn from(guessing: Guessing) -> GuessingEstimate {
        let Guessing { language, items, best, expected, by, blind, .. } = guessing;
        let by = by.into_iter().map(|(name, share)| (name.to_owned(), share)).collect();
        GuessingEstimate { language, items, best: best.to_owned(), expected, by, blind }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// A BCP 47 language; overrides `Accept-Language`. A language the draft does not have falls back to its default.
    #[param(example = "en")]
    pub language: Option<String>,
}

/// A draft as learners would see it, and beside it what only its author sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftPreview {
    /// Of the draft that is shown.
    pub revision: i64,
    /// `version` and `revision` are those that publishing it now would give.
    pub lesson: Lesson,
    pub quiz: Quiz,
    pub exercise: Exercise,
    pub author: AuthorSide,
}

/// What no learner sees before an attempt is submitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorSide {
    pub items: Vec<AuthorItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorItem {
    pub item: String,
    /// The right answer; where several are right, one of them.
    pub right: Response,
    /// Option or choice -> the layer that it stands for.
    #[schema(value_type = BTreeMap<String, String>)]
    pub layers: BTreeMap<String, Layer>,
    pub rationales: Vec<Rationale>,
}

/// What publishing gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct Publication {
    pub slug: String,
    /// The digest that names the version.
    pub version: String,
    pub revision: i32,
    /// The version that was the newest before; null for the first one.
    pub previous_version: Option<String>,
    /// True where the newest version says the same already: nothing was published.
    pub unchanged: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SourceQuery {
    /// The digest of a version; absent means the newest.
    #[param(example = "sha256-3b1f")]
    pub version: Option<String>,
}

/// A published version with its key, in the shape of a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonSource {
    pub slug: String,
    pub version: String,
    pub revision: i32,
    /// True for one of this tenant's own; the others are part of the program.
    pub own: bool,
    #[schema(value_type = String, format = "date-time")]
    pub published_at: Time,
    pub lesson: LessonFile,
    pub quiz: QuizFile,
    pub exercise: ExerciseFile,
}

/// A lesson that was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct Withdrawal {
    pub slug: String,
    /// The newest version, with which all before it are withdrawn.
    #[schema(example = "sha256-3b1f")]
    pub version: String,
    #[schema(minimum = 1)]
    pub revision: i32,
    #[schema(value_type = String, format = "date-time")]
    pub withdrawn_at: Time,
}

/// A course of a tenant's own.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"default_language": "en", "title": {"en": "Refusals at Acme"},
    "summary": {"en": "Our gateway first, then everybody else's."}, "lessons": ["safety-classifiers-and-refusals"]}))]
pub struct CoursePut {
    /// BCP 47; `title` and `summary` have it.
    #[schema(max_length = 35)]
    pub default_language: String,
    /// Per language tag.
    #[schema(value_type = BTreeMap<String, String>)]
    pub title: Text,
    /// Markdown per language tag.
    #[schema(value_type = BTreeMap<String, String>)]
    pub summary: Text,
    /// Slugs of own or built-in lessons, in the order in which they build on each other, each once.
    #[schema(min_items = 1, max_items = 200)]
    pub lessons: Vec<String>,
}

/// A tenant's own course as its author sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnCourse {
    pub slug: String,
    #[schema(format = "iri")]
    pub iri: String,
    /// Counts every change; it is its ETag.
    #[schema(minimum = 1)]
    pub revision: i32,
    pub default_language: String,
    #[schema(value_type = BTreeMap<String, String>)]
    pub title: Text,
    #[schema(value_type = BTreeMap<String, String>)]
    pub summary: Text,
    pub lessons: Vec<String>,
}

impl Draft {
    pub fn new(summary: DraftSummary, content: LessonContent) -> Draft {
        let LessonContent { lesson, quiz, exercise } = content;
        Draft { summary, lesson, quiz, exercise }
    }
}
