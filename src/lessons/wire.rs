//! What learners see of courses, lessons, quizzes and exercises. The key side has other types; see `attempts/wire.rs`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::Time;
use crate::lessons::render::RichText;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LessonSummary {
    pub slug: String,
    /// Other slugs that answer for this lesson.
    pub aliases: Vec<String>,
    #[schema(format = "iri")]
    pub iri: String,
    pub title: String,
    pub summary: RichText,
    pub language: String,
    pub languages: Vec<String>,
    /// The digest that names the newest version.
    #[schema(example = "sha256-3b1f")]
    pub version: String,
    pub revision: i32,
    #[schema(minimum = 1)]
    pub reading_minutes: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonList {
    pub items: Vec<LessonSummary>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Course {
    pub slug: String,
    #[schema(format = "iri")]
    pub iri: String,
    /// True for one of this tenant's own; the others are part of the program, and the same for everybody.
    pub own: bool,
    /// Raised with every change of the list of lessons, the glossary or the field guide; the ETag of a tenant's own course.
    #[schema(minimum = 1)]
    pub revision: i32,
    pub title: String,
    pub summary: RichText,
    /// The language of title and summary; each lesson has its own.
    pub language: String,
    pub languages: Vec<String>,
    /// Whether it has one, to be read at `/v1/courses/{slug}/glossary`.
    pub glossary: bool,
    /// Whether it has one, to be read at `/v1/courses/{slug}/field-guide`.
    pub field_guide: bool,
    /// In the order in which they build on each other.
    pub lessons: Vec<LessonSummary>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CourseList {
    pub items: Vec<Course>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    pub version: String,
    pub revision: i32,
    pub languages: Vec<String>,
    #[schema(value_type = String, format = "date-time")]
    pub published_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    /// The newest first; every version that was ever published.
    pub items: Vec<VersionSummary>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

/// A lesson version in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lesson {
    pub slug: String,
    pub aliases: Vec<String>,
    #[schema(format = "iri")]
    pub iri: String,
    /// The slug of its course.
    pub course: Option<String>,
    /// The digest that names this version: the SHA-256 of its canonical content.
    pub version: String,
    pub revision: i32,
    #[schema(value_type = String, format = "date-time")]
    pub published_at: Time,
    /// BCP 47.
    pub language: String,
    pub languages: Vec<String>,
    /// `ltr` or `rtl`.
    pub dir: String,
    pub title: String,
    pub summary: RichText,
    #[schema(minimum = 1)]
    pub reading_minutes: usize,
    pub licence: Licence,
    pub authors: Vec<String>,
    #[schema(format = "date")]
    pub reviewed_on: String,
    pub objectives: Vec<Objective>,
    pub blocks: Vec<Block>,
    pub sources: Vec<Source>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Licence {
    /// SPDX identifier.
    #[schema(example = "CC-BY-4.0")]
    pub spdx: String,
    pub attribution: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Objective {
    pub id: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CitedSource)]
pub struct Source {
    pub id: String,
    pub title: String,
    #[schema(format = "uri")]
    pub url: Option<String>,
    #[schema(format = "date")]
    pub reviewed_on: String,
}

/// A part of a lesson. More types may be added; show `text` of the ones you do not know, where they have it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    Heading(HeadingBlock),
    Text(TextBlock),
    Table(TableBlock),
    Callout(CalloutBlock),
    Evidence(EvidenceBlock),
    Steps(StepsBlock),
    Image(ImageBlock),
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HeadingBlock {
    pub id: String,
    #[schema(minimum = 2, maximum = 6)]
    pub level: u8,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TextBlock {
    pub id: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TableBlock {
    pub id: String,
    pub caption: RichText,
    pub columns: Vec<RichText>,
    /// Each row has as many cells as there are columns.
    pub rows: Vec<Vec<RichText>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CalloutBlock {
    pub id: String,
    /// `insight`, `note` or `warning`; more may come.
    pub tone: String,
    pub title: RichText,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceBlock {
    pub id: String,
    pub media_type: String,
    pub description: RichText,
    /// Word for word; never rendered as Markdown.
    pub content: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepsBlock {
    pub id: String,
    pub title: RichText,
    pub steps: Vec<RichText>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImageBlock {
    pub id: String,
    pub media_type: String,
    pub data_base64: String,
    pub alt: RichText,
}

/// A quiz in one language, without its key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quiz {
    pub lesson: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub version: String,
    pub language: String,
    pub dir: String,
    pub title: String,
    pub policy: QuizPolicy,
    /// In the authored order; what an attempt draws follows from its id, see `order`.
    pub items: Vec<QuizItem>,
    pub order: OrderRule,
}

/// How an attempt's order follows from its id, so that an offline client draws what the server would.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRule {
    /// `sha256-v1`, in three steps. 1. Where `shuffle_items` is true, sort the items by the SHA-256 digest (bytes compared) of
    /// version, attempt id and item id joined by line feeds (UTF-8, the attempt id in lower case); else keep the order. 2. Keep
    /// the first `draw`. 3. Where `shuffle_options` is true, sort each item's options likewise, with the option id as a fourth
    /// line. Test vectors: `openapi/order-vectors.json`.
    #[schema(example = "sha256-v1")]
    pub algorithm: String,
    /// How many items an attempt draws.
    pub draw: usize,
    pub shuffle_items: bool,
    pub shuffle_options: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizPolicy {
    /// Assigned attempts allowed per placement; null means no limit.
    pub attempts_allowed: Option<u32>,
    /// `highest`, `latest` or `first`.
    pub counts: String,
    /// Share of the points from which an attempt has passed.
    #[schema(minimum = 0, maximum = 1)]
    pub pass_mark: f64,
    pub reveal: RevealPolicy,
    /// Whether the offline bundle gives the keys to learners, for practice. Attempts then say `key_seen_before`.
    pub practice_keys: bool,
}

/// When something shows: `submitted`, `attempts_used` or `never`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevealPolicy {
    pub verdict: String,
    pub rationale: String,
    pub key: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizItem {
    pub id: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub revision: i32,
    /// `single_choice`, `multiple_response`, `ordering`, `matching`, `short_text`, `numeric` or `point_at_field`; more may
    /// come. An answer's `kind` is the same.
    pub kind: String,
    pub objective: String,
    pub points: f64,
    pub stem: RichText,
    pub evidence: Vec<ItemEvidence>,
    /// What the learner chooses from, puts into order or matches prompts to; empty for the other kinds.
    pub options: Vec<QuizOption>,
    /// A matching item's prompts, each to be matched to one option; an option may fit several prompts or none.
    pub prompts: Option<Vec<QuizOption>>,
    /// What a partly right answer is worth, where an answer can be partly right: `all_or_nothing` (nothing) or `partial`. Partial
    /// points are that share of the item's points, at least 0, rounded to thousandths: `multiple_response` (right - wrong) / all
    /// right ones; `ordering` (pairs in the right order - pairs in the wrong one) / all pairs; `matching` right prompts / all.
    pub scoring: Option<String>,
    /// The unit of a number, where it has one.
    pub unit: Option<String>,
    /// Of a `point_at_field` item: the index in `evidence` of the JSON body into which the pointer leads.
    pub shown: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ItemEvidence {
    pub media_type: String,
    pub description: RichText,
    /// Word for word.
    pub content: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizOption {
    pub id: String,
    pub text: RichText,
}

/// The applied exercise in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exercise {
    pub id: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub lesson: String,
    pub version: String,
    pub revision: i32,
    pub language: String,
    pub dir: String,
    pub title: String,
    pub introduction: RichText,
    pub steps: Vec<ExerciseStep>,
    pub rubric: Vec<Criterion>,
    pub cases: Vec<SampleCase>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ExerciseStep {
    /// `evidence`, `diagnosis`, `reframe` or `escalation`.
    pub part: String,
    pub title: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Criterion {
    pub id: String,
    pub part: String,
    pub points: f64,
    pub text: RichText,
    /// The checks in a submission's `feedback` by which the service scores it at once. Empty: only people score it.
    pub checks: Vec<String>,
}

/// For a learner who has no refusal of their own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SampleCase {
    pub id: String,
    pub title: String,
    pub story: RichText,
    /// In the shape of a submission's `evidence`.
    #[schema(value_type = Object, additional_properties = true)]
    pub evidence: serde_json::Value,
}
