//! The envelope of a record: as it is stored, without what the columns of its row know, and as it is told.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::auth::{Principal, Who};
use crate::db::types::{Id, Json, Time};
use crate::records::RecordDraft;
use crate::records::rules::{Object, Occurred};

/// The part of an envelope that no column of its row knows. It begins with `actor`, which no whole envelope does. Borrowed, because
/// it is written many times a second.
#[derive(Debug, Serialize)]
pub struct OwnEnvelope<'a> {
    actor: EnvelopeActor<'a>,
    object: &'a Object,
    course: Option<&'a str>,
    lesson: Option<EnvelopeLesson<'a>>,
    language: Option<&'a str>,
    context: &'a Json,
    occurred: Occurred,
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

pub fn own_envelope<'a>(who: &'a Who, draft: &'a RecordDraft) -> OwnEnvelope<'a> {
    let place = draft.place.as_ref();
    OwnEnvelope {
        actor: EnvelopeActor { client: who.client, principal: &who.principal },
        object: &draft.object,
        course: place.and_then(|place| place.course.as_deref()),
        lesson: place.map(|place| EnvelopeLesson { slug: &place.lesson, iri: &place.lesson_iri, version: &place.version }),
        language: place.map(|place| place.language.as_str()),
        context: &draft.context,
        occurred: draft.occurred,
        request_id: &who.request_id,
        body: &draft.body,
    }
}

/// What the columns of a record's row know of its envelope.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvelopeColumns {
    pub id: Id,
    pub kind: String,
    pub schema_version: i32,
    pub tenant: Id,
    pub learner: Option<Id>,
    pub recorded_at: Time,
}

/// The whole envelope, with its place, as text: what was written is passed on, and nobody here needs a tree of it. None where it
/// is no envelope.
pub fn whole_envelope(stored: &str, place: &str, columns: &EnvelopeColumns) -> Option<Box<RawValue>> {
    let stored = stored.trim_start();
    let text = if stored.starts_with("{\"actor\":") {
        let known = serde_json::to_string(columns).ok()?;
        let (known, own) = (known.strip_prefix('{')?.strip_suffix('}')?, stored.strip_prefix('{')?);
        format!("{{\"position\":\"{place}\",{known},{own}")
    } else {
        // It was written before the columns were left out, or is damaged.
        serde_json::from_str::<EnvelopeMembers>(stored).ok()?;
        format!("{{\"position\":\"{place}\",{}", stored.strip_prefix('{')?)
    };
    RawValue::from_string(text).ok()
}

/// What every envelope has; what it says does not matter here.
#[derive(Deserialize)]
struct EnvelopeMembers {
    #[serde(rename = "id")]
    _id: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "body")]
    _body: IgnoredAny,
}

/// A whole envelope, with everything that it may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeEnvelope<'a> {
    id: Id,
    kind: String,
    schema_version: i32,
    tenant: Id,
    learner: Option<Id>,
    recorded_at: Time,
    #[serde(borrow)]
    actor: &'a RawValue,
    #[serde(borrow)]
    object: &'a RawValue,
    #[serde(borrow)]
    course: &'a RawValue,
    #[serde(borrow)]
    lesson: &'a RawValue,
    #[serde(borrow)]
    language: &'a RawValue,
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(borrow)]
    occurred: &'a RawValue,
    #[serde(borrow)]
    request_id: &'a RawValue,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// A whole envelope without what `columns` know; None where they do not know the same, or there is more in it.
pub fn without_columns(whole: &str, columns: &EnvelopeColumns) -> Option<String> {
    let WholeEnvelope {
        id,
        kind,
        schema_version,
        tenant,
        learner,
        recorded_at,
        actor,
        object,
        course,
        lesson,
        language,
        context,
        occurred,
        request_id,
        body,
    } = serde_json::from_str(whole).ok()?;
    let told = EnvelopeColumns { id, kind, schema_version, tenant, learner, recorded_at };
    let own = format!(
        "{{\"actor\":{actor},\"object\":{object},\"course\":{course},\"lesson\":{lesson},\"language\":{language},\
         \"context\":{context},\"occurred\":{occurred},\"request_id\":{request_id},\"body\":{body}}}"
    );
    (told == *columns).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole or without what its columns know, an envelope is told with the same members; one that says something else than its
    /// columns, or more, stays whole.
    #[test]
    fn an_envelope_without_its_columns_says_the_same() {
        let id = |n: u128| Id(uuid::Uuid::from_u128(0x01a2_28f7_69f5_77f3_9ce1_91ad_defa_bc00 + n));
        let columns = EnvelopeColumns {
            id: id(1),
            kind: "response.saved".to_owned(),
            schema_version: 1,
            tenant: id(2),
            learner: Some(id(3)),
            recorded_at: Time(1_700_000_000_000_000),
        };
        let whole = format!(
            r#"{{"id":"{}","kind":"response.saved","schema_version":1,"tenant":"{}","actor":{{"client":null}},"learner":"{}","object":{{"id":"x"}},
            "course":null,"lesson":null,"language":"en","context":{{}},"occurred":{{}},"recorded_at":"2023-11-14T22:13:20.000000Z",
            "request_id":"r","body":{{"a": 0.1,"n":12345678901234567890}}}}"#,
            id(1),
            id(2),
            id(3)
        );
        let own = without_columns(&whole, &columns).unwrap();
        assert!(own.len() + 200 < whole.len() && own.contains("12345678901234567890"), "{own}");
        let told =
            |stored: &str| serde_json::from_str::<Value>(whole_envelope(stored, "0.0.7", &columns).unwrap().get()).unwrap();
        assert_eq!(told(&own), told(&whole));
        assert_eq!(told(&own)["position"], "0.0.7");
        assert_eq!(without_columns(&whole, &EnvelopeColumns { learner: None, ..columns.clone() }), None);
        assert_eq!(without_columns(&whole.replace("\"course\"", "\"more\":1,\"course\""), &columns), None);
        for bad in ["", "{", "{\"actor\":", "{\"actor\":1", "{\"id\":1}", "[]"] {
            assert!(whole_envelope(bad, "0.0.7", &columns).is_none(), "{bad}");
        }
    }
}
