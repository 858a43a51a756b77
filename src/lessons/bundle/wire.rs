//! The manifest of a bundle, and the parts that are nowhere else.

use serde::Serialize;
use utoipa::ToSchema;

use crate::attempts::responses::MatchedPair;
use crate::attempts::wire::Rationale;
use crate::diagnosis::format::Owner;
use crate::diagnosis::signals::wire::Entry;
use crate::lessons::format::Layer;
use crate::lessons::wire::{Licence, QuizPolicy};

/// What a client needs of a course without a network. The parts never change: another content has another name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BundleManifest)]
pub struct Manifest {
    /// The slug of the course.
    pub course: String,
    /// The course's own revision.
    pub revision: i32,
    /// The digest of the course's own content: its list of lessons, its glossary, its field guide.
    pub version: String,
    /// The lesson versions that it was made from, in the order of the course.
    pub lessons: Vec<BundledLesson>,
    /// Every language that some part of the course has.
    pub languages: Vec<String>,
    /// The languages of the parts listed here. A lesson without any that was asked for comes in its default one.
    pub included_languages: Vec<String>,
    pub parts: Vec<BundlePart>,
    /// The sum of `bytes`.
    pub total_bytes: usize,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BundledLesson {
    pub slug: String,
    pub version: String,
    pub revision: i32,
}

/// One file of a bundle.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BundlePart {
    /// What it is, the same whatever its content: drop a part whose id the manifest no longer has.
    #[schema(example = "lessons/safety-classifiers-and-refusals/quiz/en")]
    pub id: String,
    /// Which schema it has: `lesson` (Lesson), `quiz` (Quiz, without key), `exercise` (Exercise), `practice_keys`
    /// (PracticeKeys), `glossary` (Glossary), `field_guide` (FieldGuide), `signals` (SignalsPart), `order_vectors`, `policies`
    /// (Policies), `licences` (Licences). More may come; leave out what you do not know.
    #[schema(example = "quiz")]
    pub kind: String,
    /// The slug, where it is about one lesson.
    pub lesson: Option<String>,
    /// The lesson version's digest, where it is about one lesson.
    pub version: Option<String>,
    /// Where it is in one language.
    pub language: Option<String>,
    /// SHA-256 of the bytes in no encoding, hexadecimal: what names the content.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Length in no encoding.
    pub bytes: usize,
    pub media_type: String,
    /// Where it is, relative to this service.
    #[schema(
        format = "uri-reference",
        example = "/v1/bundle-parts/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub url: String,
    /// What a client cannot do offline without it: `reading`, `quiz`, `exercise`, `practice`, `diagnosis`, `attribution`; empty
    /// for what only helps. More may come.
    pub required_for: Vec<String>,
}

/// The built-in signals with the examples on which each must and must not fire, which are test vectors for a diagnosis
/// without a network.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignalsPart {
    /// In the order of their ids.
    pub signals: Vec<Entry>,
    /// What holds for a layer where a signal says nothing of its own.
    pub layers: Vec<LayerAdvice>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LayerAdvice {
    pub layer: Layer,
    /// In the middle of a sentence, in English.
    pub title: String,
    pub owner: Owner,
    pub next_step: String,
    pub do_not: String,
    pub would_change: String,
}

/// What the service will hold a client to when it is online again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policies {
    pub course: String,
    pub attempts: AttemptLimits,
    pub submissions: SubmissionLimits,
    pub clock: ClockLimits,
    /// Versions of UUID (RFC 9562) that ids of a client's choice may have.
    pub uuid_versions: Vec<u8>,
    /// How long an `Idempotency-Key` is remembered.
    pub idempotency_key_days: i64,
    /// When verdict, rationale and key of a quiz show: the values of `reveal`, with their meaning in English.
    pub reveal: Vec<RevealMeaning>,
    /// Of the newest version of each lesson.
    pub quizzes: Vec<LessonPolicy>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptLimits {
    /// Answers in one request.
    pub responses: usize,
    /// `seq` of an answer, both ends included.
    pub lowest_seq: i64,
    pub highest_seq: i64,
    /// What is above counts as this, in milliseconds; what is below 0 counts as 0.
    pub longest_active_ms: i64,
    /// Characters of `platform`, `group` and `placement`.
    pub context_text: usize,
    pub metadata_entries: usize,
    /// Of `metadata` as JSON.
    pub metadata_bytes: usize,
}

/// In characters, but for `list_entries`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionLimits {
    /// Names, channels, short answers.
    pub short_text: usize,
    /// What a person writes.
    pub prose: usize,
    /// What a person pastes.
    pub pasted: usize,
    pub list_entries: usize,
}

/// A reported time outside of this, after correction by `sent_at`, is moved to its edge (`clamped`); the claim is kept, and the
/// time from start to submission is not known then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockLimits {
    pub oldest_days: i64,
    pub ahead_minutes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevealMeaning {
    pub value: String,
    pub meaning: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonPolicy {
    pub lesson: String,
    pub policy: QuizPolicy,
}

/// What to show wherever the material is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Licences {
    pub course: String,
    pub lessons: Vec<LessonLicence>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonLicence {
    pub lesson: String,
    pub licence: Licence,
    pub authors: Vec<String>,
    #[schema(format = "date")]
    pub reviewed_on: String,
}

/// The keys of a quiz whose author gives them to learners, for feedback on practice without a network.
#[derive(Debug, Serialize, ToSchema)]
pub struct PracticeKeys {
    pub lesson: String,
    pub version: String,
    /// The language of the rationales.
    pub language: String,
    /// Every item of the bank.
    pub items: Vec<PracticeItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PracticeItem {
    pub item: String,
    pub revision: i32,
    pub key: PracticeKey,
    /// Why each answer is right or wrong.
    pub rationales: Vec<Rationale>,
}

/// What is right, by the kind of the item.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PracticeKey {
    SingleChoice(SingleChoiceKey),
    MultipleResponse(MultipleResponseKey),
    Ordering(OrderingKey),
    Matching(MatchingKey),
    ShortText(ShortTextKey),
    Numeric(NumericKey),
    PointAtField(PointAtFieldKey),
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct SingleChoiceKey {
    pub option: String,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct MultipleResponseKey {
    /// All of them and no other.
    pub options: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct OrderingKey {
    /// In the right order. Another order that is the one shown gets nothing.
    pub options: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct MatchingKey {
    pub pairs: Vec<MatchedPair>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct ShortTextKey {
    pub case_sensitive: bool,
    pub accepted: Vec<AcceptedForm>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct AcceptedForm {
    /// Compared with the answer after both are normalised, as the answer's `text` says.
    pub form: String,
    /// Share of the points.
    #[schema(minimum = 0, maximum = 1)]
    pub share: f64,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct NumericKey {
    pub value: f64,
    /// How far an answer, rounded to nine digits behind the point, may be from it, both ends included.
    pub tolerance: f64,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct PointAtFieldKey {
    /// Any of them is right (RFC 6901).
    pub pointers: Vec<String>,
}

/// JSON whose schema is told by the part's `kind` in the manifest: one of `x-one-of`, or (`order_vectors`) a list of test vectors.
/// Take it as bytes, since its name is their SHA-256, and read it then.
#[derive(ToSchema)]
#[schema(as = BundlePartContent)]
#[serde(untagged)]
#[allow(dead_code, reason = "the document alone uses it: parts are served as the bytes that they are")]
pub enum PartContent {
    Lesson(crate::lessons::wire::Lesson),
    Quiz(crate::lessons::wire::Quiz),
    Exercise(crate::lessons::wire::Exercise),
    PracticeKeys(PracticeKeys),
    Glossary(crate::lessons::reference::wire::Glossary),
    FieldGuide(crate::lessons::reference::wire::FieldGuide),
    Signals(SignalsPart),
    Policies(Policies),
    Licences(Licences),
}
