//! The envelope of a record, and when something happened if a client's clock tells it.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::{Principal, Who};
use crate::db::types::{Id, Json, Time};
use crate::records::{RecordDraft, SCHEMA_VERSION, times};

/// What a record is about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RecordObject)]
pub struct Object {
    /// `lesson`, `attempt`, `response`, `submission`, `review`, `learner`, `diagnosis`, `signal`, `draft`, `course`, `regrade`; more may come.
    pub r#type: String,
    pub id: String,
    /// Where the object has a place in the curriculum.
    pub iri: Option<String>,
}

/// How far the reported time was believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockTrust {
    /// As reported, or the service's own.
    Trusted,
    /// Moved by the difference between `sent_at` and the arrival.
    Corrected,
    /// Outside of what is possible, so set to the nearest possible moment.
    Clamped,
}

/// When something happened; a wrong clock never rejects work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Occurred {
    /// The moment in UTC, as far as it is known.
    #[schema(value_type = String, format = "date-time")]
    pub at: Time,
    /// The client's offset from UTC in minutes.
    pub offset_min: i32,
    /// What the client claimed, where that is another moment than `at`.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub reported: Option<Time>,
    pub clock: ClockTrust,
}

impl Occurred {
    /// Whether the moment is known, and not only the nearest that can be.
    pub fn is_known(&self) -> bool {
        self.clock != ClockTrust::Clamped
    }

    /// Nothing ends before it began: an earlier moment is set to `begin`, and the claim is kept.
    #[must_use]
    pub fn not_before(self, begin: Time) -> Occurred {
        if self.at >= begin {
            return self;
        }
        Occurred { at: begin, reported: self.reported.or(Some(self.at)), clock: ClockTrust::Clamped, ..self }
    }
}

/// A moment as a client's clock told it, with its offset; see [`crate::records::times`]. Years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientTime(pub DateTime<FixedOffset>);

impl<'de> Deserialize<'de> for ClientTime {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        let moment = times::moment(&text).map(ClientTime);
        moment.ok_or_else(|| {
            serde::de::Error::custom("must be a time with its offset (RFC 3339 or ISO 8601), such as 2026-11-23T09:00:03+01:00")
        })
    }
}

impl utoipa::PartialSchema for ClientTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        let text = text.format(Some(utoipa::openapi::SchemaFormat::Custom("date-time".to_owned())));
        text.description(Some("By the client's clock, with its offset: RFC 3339, or a form of ISO 8601 with one meaning (`+0100`, no seconds, a comma).")).into()
    }
}

impl utoipa::ToSchema for ClientTime {}

/// A client's clock may be off by this much before `sent_at` corrects it, in microseconds: the time a request travels.
const TRUSTED_SKEW: i64 = 120 * 1_000_000;
const MINUTE: i64 = 60 * 1_000_000;
/// How far back a reported time may lie, and how far ahead.
pub const OLDEST_DAYS: i64 = 365;
pub const AHEAD_MINUTES: i64 = 5;
const YEAR: i64 = OLDEST_DAYS * 24 * 60 * MINUTE;

/// When something happened, from what the client claimed (`reported`), when it sent the claim by the same clock
/// (`sent_at`), and when that arrived. Always within a year before and five minutes after the arrival.
pub fn occurred(reported: Option<ClientTime>, sent_at: Option<ClientTime>, arrived: Time) -> Occurred {
    let Some(ClientTime(reported)) = reported else { return crate::records::now(arrived) };
    let offset_min = reported.offset().local_minus_utc() / 60;
    let claim = Time(reported.timestamp_micros());
    let skew = sent_at.map_or(0, |sent| arrived.0.saturating_sub(sent.0.timestamp_micros()));
    let (at, clock) = if skew.abs() > TRUSTED_SKEW {
        (Time(claim.0.saturating_add(skew)), ClockTrust::Corrected)
    } else {
        (claim, ClockTrust::Trusted)
    };
    let (low, high) = (arrived.0.saturating_sub(YEAR), arrived.0.saturating_add(AHEAD_MINUTES * MINUTE));
    let clamped = Time(at.0.clamp(low, high));
    let clock = if clamped == at { clock } else { ClockTrust::Clamped };
    Occurred { at: clamped, offset_min, reported: (clamped != claim).then_some(claim), clock }
}

/// The envelope, all but `position`, which the log gives. Borrowed, because it is written many times a second.
#[derive(Debug, Serialize)]
pub struct Envelope<'a> {
    id: Id,
    kind: &'a str,
    schema_version: i32,
    tenant: Id,
    actor: EnvelopeActor<'a>,
    learner: Option<Id>,
    object: &'a Object,
    course: Option<&'a str>,
    lesson: Option<EnvelopeLesson<'a>>,
    language: Option<&'a str>,
    context: &'a Json,
    occurred: Occurred,
    recorded_at: Time,
    request_id: &'a str,
    body: &'a Value,
}

#[derive(Debug, Serialize)]
struct EnvelopeActor<'a> {
    client: Id,
    principal: &'a Principal,
}

#[derive(Debug, Serialize)]
struct EnvelopeLesson<'a> {
    slug: &'a str,
    iri: &'a str,
    version: &'a str,
}

pub fn envelope<'a>(who: &'a Who, id: Id, draft: &'a RecordDraft) -> Envelope<'a> {
    let place = draft.place.as_ref();
    Envelope {
        id,
        kind: draft.kind,
        schema_version: SCHEMA_VERSION,
        tenant: who.tenant,
        actor: EnvelopeActor { client: who.client, principal: &who.principal },
        learner: draft.learner,
        object: &draft.object,
        course: place.and_then(|place| place.course.as_deref()),
        lesson: place.map(|place| EnvelopeLesson { slug: &place.lesson, iri: &place.lesson_iri, version: &place.version }),
        language: place.map(|place| place.language.as_str()),
        context: &draft.context,
        occurred: draft.occurred,
        recorded_at: who.now,
        request_id: &who.request_id,
        body: &draft.body,
    }
}

/// What the learner's own eyes may see of a body: a verdict that is withheld is withheld here too.
/// `shown` tells whether the policy of the version shows verdicts and keys from submission on.
pub fn for_learner(mut envelope: Map<String, Value>, verdict_shown: bool, key_shown: bool) -> Map<String, Value> {
    let Some(body) = envelope.get_mut("body").and_then(Value::as_object_mut) else { return envelope };
    if !verdict_shown {
        // A regrade tells in several ways what an attempt was worth.
        for name in ["result", "previous_result", "changed", "changed_items"] {
            body.remove(name);
        }
    }
    for item in body.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        withhold(item, verdict_shown, key_shown);
        for part in item.get_mut("parts").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            withhold(part, verdict_shown, key_shown);
        }
    }
    envelope
}

fn withhold(item: &mut Map<String, Value>, verdict_shown: bool, key_shown: bool) {
    if !key_shown {
        item.remove("expected_layer");
    }
    if !verdict_shown {
        for name in ["points", "share", "verdict", "chosen_layer"] {
            item.remove(name);
        }
        // Which authored form a typed text came to tells whether it is right.
        for name in ["response", "first_response"] {
            if let Some(response) = item.get_mut(name).and_then(Value::as_object_mut) {
                response.remove("form");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> ClientTime {
        ClientTime(DateTime::parse_from_rfc3339(text).unwrap())
    }

    fn arrived(text: &str) -> Time {
        Time::from_utc(at(text).0.to_utc())
    }

    #[test]
    fn a_right_clock_is_believed_and_its_offset_kept() {
        let when = occurred(
            Some(at("2026-11-23T09:00:03.120+01:00")),
            Some(at("2026-11-23T09:12:00+01:00")),
            arrived("2026-11-23T08:12:01Z"),
        );
        assert_eq!(
            (when.at, when.clock, when.offset_min, when.reported),
            (arrived("2026-11-23T08:00:03.120Z"), ClockTrust::Trusted, 60, None)
        );
    }

    #[test]
    fn a_clock_a_day_off_is_corrected_and_the_claim_kept() {
        let when = occurred(Some(at("2026-11-22T09:00:00Z")), Some(at("2026-11-22T09:10:00Z")), arrived("2026-11-23T09:10:00Z"));
        assert_eq!((when.at, when.clock), (arrived("2026-11-23T09:00:00Z"), ClockTrust::Corrected));
        assert_eq!(when.reported, Some(arrived("2026-11-22T09:00:00Z")));
    }

    #[test]
    fn what_cannot_be_is_clamped() {
        let now = arrived("2026-11-23T09:10:00Z");
        let future = occurred(Some(at("2030-01-01T00:00:00Z")), None, now);
        assert_eq!((future.at, future.clock), (arrived("2026-11-23T09:15:00Z"), ClockTrust::Clamped));
        let past = occurred(Some(at("1999-01-01T00:00:00Z")), None, now);
        assert_eq!((past.at, past.clock), (arrived("2025-11-23T09:10:00Z"), ClockTrust::Clamped));
    }

    proptest::proptest! {
        #[test]
        fn always_within_a_year_before_and_five_minutes_after(reported in -1_i64 << 50..1_i64 << 50, sent in -1_i64 << 50..1_i64 << 50) {
            let now = arrived("2026-11-23T09:10:00Z");
            let time = |micros| ClientTime(DateTime::from_timestamp_micros(micros).unwrap().fixed_offset());
            let when = occurred(Some(time(reported)), Some(time(sent)), now);
            proptest::prop_assert!(when.at.0 >= now.0 - YEAR && when.at.0 <= now.0 + 5 * MINUTE);
        }
    }
}
