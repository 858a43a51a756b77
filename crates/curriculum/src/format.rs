//! The shape of the files under `lessons/`: what an author writes, before anything is rendered.
//!
//! Every type here is closed (an unknown key is an error that names it), because a misspelt key in a curriculum file must
//! never be silently ignored. Text is a map from a BCP 47 language tag to Markdown, from the first day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
pub use waymark_engine::Layer;

pub use crate::items::{
    About, Accepted, AuthoredChoice, Item, Matching, Misread, Mistake, MultipleResponse, Numeric, OptionFile, Ordering,
    PointAtField, Prompt, Scoring, ShortText, ShownEvidence, SingleChoice, Slip, Task,
};

/// Markdown per language tag, for example `{en: "..."}`.
pub type Text = BTreeMap<String, String>;

/// `lessons/course.yaml`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseFile {
    pub slug: String,
    pub revision: i32,
    pub default_language: String,
    pub title: Text,
    pub summary: Text,
    /// Slugs of the lessons, in the order in which they build on each other; each is a folder beside this file.
    pub lessons: Vec<String>,
}

/// `lessons/<slug>/lesson.yaml`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredLesson)]
pub struct LessonFile {
    pub slug: String,
    /// Other names under which the lesson answers for ever; never reused.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Raised with each publication: in files by the author (the same revision with other content is an error), over the API
    /// by the service, which ignores what a draft says here.
    #[serde(default, skip_serializing_if = "is_none")]
    #[schema(required = false)]
    pub revision: i32,
    pub default_language: String,
    pub title: Text,
    pub summary: Text,
    pub licence: AuthoredLicence,
    pub authors: Vec<String>,
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
    pub objectives: Vec<AuthoredObjective>,
    pub blocks: Vec<AuthoredBlock>,
    pub sources: Vec<AuthoredSource>,
}

/// Whether a lesson has no revision yet, as a draft has none.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_none(revision: &i32) -> bool {
    *revision == 0
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredLicence {
    /// SPDX identifier, for example `CC-BY-4.0`.
    pub spdx: String,
    pub attribution: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredObjective {
    pub id: String,
    pub text: Text,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredSource {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
}

/// One typed block of a lesson; `id` is stable across revisions while the meaning stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthoredBlock {
    Heading {
        id: String,
        #[serde(deserialize_with = "crate::whole::deserialize")]
        level: u8,
        text: Text,
    },
    Text {
        id: String,
        text: Text,
    },
    Table {
        id: String,
        caption: Text,
        columns: Vec<Text>,
        rows: Vec<Vec<Text>>,
    },
    Callout {
        id: String,
        tone: Tone,
        title: Text,
        text: Text,
    },
    Evidence {
        id: String,
        media_type: String,
        description: Text,
        content: String,
    },
    Steps {
        id: String,
        title: Text,
        steps: Vec<Text>,
    },
    Image {
        id: String,
        media_type: String,
        data_base64: String,
        alt: Text,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuthoredTone)]
pub enum Tone {
    Insight,
    Note,
    Warning,
}

/// `lessons/<slug>/quiz.yaml`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredQuiz)]
pub struct QuizFile {
    pub title: Text,
    pub policy: Policy,
    pub items: Vec<Item>,
}

/// What the version itself promises about its attempts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredPolicy)]
pub struct Policy {
    /// How many `assigned` attempts a learner may start in one placement; absent means no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_allowed: Option<u32>,
    /// Which of several attempts is the one that counts.
    pub counts: AuthoredCounts,
    /// Share of the points (0 to 1) from which an attempt has passed.
    pub pass_mark: f64,
    /// When verdicts, rationales and right options show.
    pub reveal: Reveal,
    /// How many items of the bank an attempt draws; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<usize>,
    pub shuffle_items: bool,
    pub shuffle_options: bool,
    /// Whether the offline bundle may give its keys to learners, so that practice has feedback without a network. Absent means
    /// no, and is left out, so that content from before has the digest that it had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub practice_keys: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthoredCounts {
    Highest,
    Latest,
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredReveal)]
pub struct Reveal {
    pub verdict: AuthoredWhen,
    pub rationale: AuthoredWhen,
    pub key: AuthoredWhen,
}

impl Reveal {
    /// What both let show.
    pub fn stricter(self, other: Reveal) -> Reveal {
        Reveal {
            verdict: self.verdict.max(other.verdict),
            rationale: self.rationale.max(other.rationale),
            key: self.key.max(other.key),
        }
    }
}

/// `submitted`: once the attempt is; `attempts_used`: once no further attempt is allowed or one has passed; `never`.
/// In the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthoredWhen {
    Submitted,
    AttemptsUsed,
    Never,
}

/// `lessons/<slug>/exercise.yaml`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthoredExercise)]
pub struct ExerciseFile {
    pub id: String,
    pub revision: i32,
    pub title: Text,
    pub introduction: Text,
    /// Exactly the four parts of a submission, in their order.
    pub steps: Vec<AuthoredExerciseStep>,
    pub rubric: Vec<AuthoredCriterion>,
    /// For a learner who has no refusal of their own; the ids are what a submission's `case` names.
    pub cases: Vec<AuthoredSampleCase>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredExerciseStep {
    pub part: AuthoredPart,
    pub title: Text,
    pub text: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthoredPart {
    Evidence,
    Diagnosis,
    Reframe,
    Escalation,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredCriterion {
    pub id: String,
    pub part: AuthoredPart,
    pub points: f64,
    pub text: Text,
    /// Checks of the part by which the service scores it at once: it gives the share of them that passed. Absent or empty:
    /// only people score it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoredSampleCase {
    pub id: String,
    pub title: Text,
    pub story: Text,
    /// In the shape of the API's `Evidence` type.
    #[schema(value_type = waymark_engine::Evidence)]
    pub evidence: serde_json::Value,
}
