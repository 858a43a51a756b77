//! What attempts look like on the wire, and inside stored results.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::attempts::order::Drawn;
pub use crate::attempts::responses::*;
pub use crate::attempts::sent::{Adjusted, RawAnswer, SaveProblem, SaveResult, Submit};
use crate::db::types::{Id, Time};
use crate::learners::named::LearnerRef;
use crate::lessons::format::{About, Layer};
use crate::lessons::render::RichText;
use crate::records::{ClientTime, Occurred};

/// What an attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It counts.
    #[default]
    Assigned,
    /// It never counts.
    Practice,
    /// Staff looking at the quiz; it never counts.
    Preview,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Assigned => "assigned",
            Purpose::Practice => "practice",
            Purpose::Preview => "preview",
        }
    }
}

/// Where an attempt or submission was made; immutable, and part of each of its records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlacementContext, example = json!({"platform": "https://moodle.example.edu", "group": "course-114/section-3", "placement": "resource-link-77"}))]
pub struct Context {
    /// The registration of a launch, as cmi5 and xAPI use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub registration: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub platform: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub group: Option<String>,
    /// Where the quiz was placed; a learner has at most one open attempt per lesson and placement. Each placement that a client
    /// or staff named for this learner and lesson (with `learners:act`) has attempts of its own; all others are counted together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    pub placement: Option<String>,
    /// Up to 20 entries of the client's own, at most 4096 bytes as JSON. No personal data.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object, additional_properties = true)]
    pub metadata: Map<String, Value>,
}

impl Context {
    /// Where in a body that has a context the client puts what it likes.
    pub const FREE: &'static [&'static str] = &["/context/metadata"];
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// By the client's clock, with its offset.
    pub at: ClientTime,
}

/// Starts an attempt, or brings a whole one that was made offline.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lesson": "safety-classifiers-and-refusals", "language": "en", "purpose": "assigned",
    "context": {"platform": "https://moodle.example.edu", "placement": "resource-link-77"},
    "started": {"at": "2026-11-23T09:00:03.120+01:00"}, "sent_at": "2026-11-23T09:12:00+01:00",
    "responses": [{"item": "fsc-007", "seq": 4, "response": {"kind": "single_choice", "option": "pre"},
                   "answered_at": "2026-11-23T09:03:10+01:00", "active_ms": 31400}],
    "submit": true}))]
pub struct AttemptPut {
    /// Absent for a learner's own token.
    pub learner: Option<LearnerRef>,
    /// Slug or alias.
    pub lesson: String,
    /// The digest of the version that the learner saw; absent means the newest.
    pub version: Option<String>,
    /// BCP 47; absent means the lesson's default.
    pub language: Option<String>,
    #[serde(default)]
    pub purpose: Purpose,
    #[serde(default)]
    pub context: Context,
    pub started: Option<Started>,
    /// When the learner pressed submit, by the client's clock; absent means now.
    pub submitted_at: Option<ClientTime>,
    /// When this request was sent, by the client's clock; corrects a wrong clock.
    pub sent_at: Option<ClientTime>,
    #[serde(default)]
    #[schema(max_items = 200, value_type = Vec<ResponsePut>)]
    pub responses: Vec<RawAnswer>,
    /// Submit after saving. Where an answer of this call is refused the attempt stays open, so that the answer can be mended:
    /// see `not_submitted`.
    #[serde(default)]
    pub submit: Submit,
}

/// One answer on its way in. One that is not of this shape is refused by itself; the others of the call are saved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsePut {
    pub item: String,
    /// Counts up with every change on the client, from 0 to 2^53 - 1; an older one never overwrites a newer one.
    pub seq: i64,
    pub response: Response,
    /// By the client's clock, with its offset.
    pub answered_at: Option<ClientTime>,
    /// How long the learner worked on the item so far, in milliseconds. What is below 0 or above 604,800,000 (7 days) is set to
    /// that bound, a fraction is rounded, and the result says so. Absent means that it is not known.
    #[schema(value_type = Option<i64>)]
    pub active_ms: Option<f64>,
}

/// Several answers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"responses": [{"item": "fsc-001", "seq": 1, "response": {"kind": "single_choice", "option": "pre"}}]}))]
pub struct ResponsesPut {
    pub sent_at: Option<ClientTime>,
    #[schema(min_items = 1, max_items = 200, value_type = Vec<ResponsePut>)]
    pub responses: Vec<RawAnswer>,
}

/// One answer, to the item in the URL.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seq": 1, "response": {"kind": "single_choice", "option": "pre"}, "answered_at": "2026-11-23T09:03:10+01:00", "active_ms": 31400}))]
pub struct OneResponsePut {
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub seq: i64,
    pub response: Response,
    pub answered_at: Option<ClientTime>,
    /// As in a list of answers.
    #[schema(value_type = Option<i64>)]
    pub active_ms: Option<f64>,
    pub sent_at: Option<ClientTime>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SaveResults {
    /// One for each answer, in the order they were sent.
    pub results: Vec<SaveResult>,
}

/// An attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    pub id: Id,
    pub learner: Id,
    pub lesson: String,
    /// The digest of the version that it is pinned to.
    pub version: String,
    pub language: String,
    /// `assigned`, `practice` or `preview`.
    pub purpose: String,
    /// The placement whose allowed attempts it counts with: its own where a client or staff named that one for this learner and
    /// lesson, else the empty text, which all other placements share.
    pub counted_in: String,
    #[schema(value_type = Option<Context>)]
    pub context: Option<Value>,
    /// `in_progress` or `submitted`; more may come.
    pub state: String,
    /// From 1, per learner, lesson and placement.
    pub attempt_number: i32,
    /// Whether the learner could have seen the key of this lesson before the attempt began, or, once it is submitted, before
    /// it was submitted: by another attempt, practice and older versions included, or by the offline bundle.
    pub key_seen_before: bool,
    /// Made offline beyond the attempts allowed: kept, but it does not count.
    pub over_limit: bool,
    #[schema(value_type = Occurred)]
    pub started: Value,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub submitted_at: Option<Time>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// The result of the newest grading; null before submission, and while the policy withholds it.
    pub result: Option<ResultView>,
    /// Why `result`, verdicts, rationales or keys are null: `not_submitted` or `policy`.
    pub withheld: Option<String>,
    /// Items and options in the order in which this attempt shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<Drawn>>,
    /// The answers in force and the late ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responses: Option<Vec<SavedResponse>>,
    /// Item by item, after submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemView>>,
    /// What became of the answers that this request brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<SaveResult>>,
    /// Parts that are stored and cannot be read, because the database is damaged; they are null here. Left out where all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
    /// Why the attempt is open although this request asked to submit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_submitted: Option<NotSubmitted>,
}

/// Why an attempt was not submitted, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotSubmitted {
    /// `answers_refused`: answers of the same call are not saved; more may come.
    #[schema(example = "answers_refused")]
    pub code: String,
    pub detail: String,
    /// Which of `results` are refused, from 0.
    pub refused: Vec<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SavedResponse {
    pub item: String,
    pub seq: i64,
    pub response: Response,
    /// How often the answer was changed.
    pub changes: i32,
    /// Null where the client never told it.
    pub active_ms: Option<i64>,
    #[schema(value_type = Occurred)]
    pub answered: Value,
    /// Came after submission, so it is not scored.
    pub late: bool,
}

/// The outcome of one grading (the result of an xAPI statement has the same parts).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResultView {
    /// From 1; a later grading never overwrites an earlier one.
    pub grading: i32,
    /// The exact sum of the points, rounded once to three decimals: it may differ from the sum of rounded points by a thousandth.
    pub raw: f64,
    pub min: f64,
    pub max: f64,
    /// The exact raw / max in four decimals, rounded to the side of the pass mark on which it lies: it is at least the pass mark if
    /// and only if `success` is true.
    #[schema(minimum = 0, maximum = 1)]
    pub scaled: f64,
    /// Whether the pass mark was reached, compared exactly.
    pub success: bool,
    /// Whether every item was answered.
    pub completion: bool,
    /// Sum of the times worked on the items that were answered, in milliseconds; null where one of them is not known.
    pub active_ms: Option<i64>,
    /// From start to submission, in milliseconds; null where a client's clock told a time that cannot be (`clamped`), so that
    /// nobody knows.
    pub elapsed_ms: Option<i64>,
}

/// One item of a graded attempt, as it is stored and recorded. Key side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradedItem {
    pub item: String,
    pub revision: i32,
    pub objectives: Vec<String>,
    /// Coded; see [`crate::attempts::kinds::coded_response`].
    pub response: Option<Value>,
    pub first_response: Option<Value>,
    pub changes: i32,
    /// Where the attempt showed the item, from 1.
    pub position: usize,
    /// Rounded to thousandths.
    pub points: f64,
    /// The part of `max_points` that it exactly is, as [got, of], where thousandths do not tell; gradings from before had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<[i64; 2]>,
    pub max_points: f64,
    pub verdict: String,
    pub expected_layer: Option<Layer>,
    pub chosen_layer: Option<Layer>,
    /// Prompt by prompt, for a matching item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartResult>,
    /// The digest of the version whose item graded it, where a regrade took another than the attempt's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub active_ms: Option<i64>,
}

/// One item of a graded attempt. What the policy withholds is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemView {
    pub item: String,
    pub revision: i32,
    pub objectives: Vec<String>,
    /// Where the attempt showed the item, from 1.
    pub position: usize,
    pub response: Option<Response>,
    pub first_response: Option<Response>,
    pub changes: i32,
    /// Null where it is not known.
    pub active_ms: Option<i64>,
    pub max_points: f64,
    /// `correct`, `partially_correct`, `incorrect` or `unanswered`; more may come.
    pub verdict: Option<String>,
    pub points: Option<f64>,
    /// The layer of the chosen option, where it stands for one.
    #[schema(value_type = Option<String>)]
    pub chosen_layer: Option<Layer>,
    /// The layer of the right option, where it stands for one.
    #[schema(value_type = Option<String>)]
    pub expected_layer: Option<Layer>,
    /// Prompt by prompt, for a matching item; null for other kinds.
    pub parts: Option<Vec<PartResult>>,
    /// The digest of the version whose item graded it: the attempt's own, or another one after a regrade. Right answer and
    /// rationales are that version's.
    pub graded_by: String,
    /// The right answer; where several are right, one of them.
    pub right: Option<Response>,
    /// Why answers are right or wrong.
    #[schema(value_type = Option<Vec<Rationale>>)]
    #[serde(serialize_with = "raw")]
    pub rationales: Option<Arc<RawValue>>,
}

fn raw<S: Serializer>(json: &Option<Arc<RawValue>>, to: S) -> Result<S::Ok, S::Error> {
    json.as_deref().serialize(to)
}

/// One prompt of a graded matching item. What the policy withholds is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartResult {
    pub prompt: String,
    /// `correct` or `incorrect`; a prompt that was left open is incorrect.
    pub verdict: Option<String>,
    /// The layer of the right choice, where it stands for one.
    #[schema(value_type = Option<String>)]
    pub expected_layer: Option<Layer>,
    /// The layer of the learner's choice, where it stands for one.
    #[schema(value_type = Option<String>)]
    pub chosen_layer: Option<Layer>,
}

/// Why something is right or wrong. With `option` and `answer` null it is about the item as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rationale {
    /// The id of the option or prompt that it is about.
    pub option: Option<String>,
    /// A wrong answer that people give, as text: a short text, a number, a JSON pointer.
    pub answer: Option<String>,
    pub text: RichText,
}

impl Rationale {
    pub fn of(about: About<'_>, text: RichText) -> Rationale {
        let (option, answer) = match about {
            About::Item => (None, None),
            About::Option(id) => (Some(id.to_owned()), None),
            About::Answer(answer) => (None, Some(answer)),
        };
        Rationale { option, answer, text }
    }
}
