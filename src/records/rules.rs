//! What a record is about, and when something happened if a client's clock tells it.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::db::types::{Json, Time};
use crate::records::times;

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

    /// As it is stored beside what happened: `[at, offset_min]`, and behind them `reported` and `clock` where there is something to
    /// tell of them; moments in microseconds.
    pub fn stored(&self) -> Json {
        let Occurred { at, offset_min, reported, clock } = *self;
        Json(match (reported, clock) {
            (None, ClockTrust::Trusted) => json!([at.0, offset_min]),
            (reported, clock) => json!([at.0, offset_min, reported.map(|time| time.0), clock]),
        })
    }

    /// What [`Occurred::stored`] gave, or programs before it, who wrote what they told.
    pub fn of_stored(json: &Json) -> Result<Occurred, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Trusted(i64, i32),
            Other(i64, i32, Option<i64>, ClockTrust),
            Told(Occurred),
        }
        Ok(match json.read()? {
            Stored::Trusted(at, offset_min) => Occurred { at: Time(at), offset_min, reported: None, clock: ClockTrust::Trusted },
            Stored::Other(at, offset_min, reported, clock) => {
                Occurred { at: Time(at), offset_min, reported: reported.map(Time), clock }
            }
            Stored::Told(occurred) => occurred,
        })
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

/// What happened at the moment it was recorded, on this service's own clock.
pub fn now(at: Time) -> Occurred {
    Occurred { at, offset_min: 0, reported: None, clock: ClockTrust::Trusted }
}

/// When something happened, from what the client claimed (`reported`), when it sent the claim by the same clock
/// (`sent_at`), and when that arrived. Always within a year before and five minutes after the arrival.
pub fn occurred(reported: Option<ClientTime>, sent_at: Option<ClientTime>, arrived: Time) -> Occurred {
    let Some(ClientTime(reported)) = reported else { return now(arrived) };
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
        /// A moment is read back as it was, from the short form and from that of programs before.
        #[test]
        fn a_moment_is_stored_as_it_is(at in -1_i64 << 50..1_i64 << 50, offset_min in -840_i32..=840, reported: Option<i32>, clock in 0_usize..3) {
            let clock = [ClockTrust::Trusted, ClockTrust::Corrected, ClockTrust::Clamped][clock];
            let moment = Occurred { at: Time(at), offset_min, reported: reported.map(|time| Time(i64::from(time))), clock };
            proptest::prop_assert_eq!(Occurred::of_stored(&moment.stored()).unwrap(), moment);
            proptest::prop_assert_eq!(Occurred::of_stored(&Json::of(&moment)).unwrap(), moment);
        }

        #[test]
        fn always_within_a_year_before_and_five_minutes_after(reported in -1_i64 << 50..1_i64 << 50, sent in -1_i64 << 50..1_i64 << 50) {
            let now = arrived("2026-11-23T09:10:00Z");
            let time = |micros| ClientTime(DateTime::from_timestamp_micros(micros).unwrap().fixed_offset());
            let when = occurred(Some(time(reported)), Some(time(sent)), now);
            proptest::prop_assert!(when.at.0 >= now.0 - YEAR && when.at.0 <= now.0 + 5 * MINUTE);
        }
    }
}
