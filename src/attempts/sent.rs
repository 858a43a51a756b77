//! Answers as a request brings them. Each is read by itself, so that a faulty one harms no other; what has one obvious meaning is
//! taken, and the result says what was made of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::attempts::kinds;
use crate::attempts::responses::{NumericResponse, Response, ShortTextResponse};
use crate::attempts::rules::LONGEST_ACTIVE_MS;
use crate::attempts::wire::ResponsePut;
use crate::error::Problem;
use crate::records::ClientTime;
use crate::web::parse::parse_body;

/// Whether to submit an attempt after saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Submit {
    #[default]
    No,
    /// Unless an answer of the same call is refused.
    Yes,
    DespiteRefusals,
}

const DESPITE: &str = "despite_refusals";

impl<'de> Deserialize<'de> for Submit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Choice;
        impl Visitor<'_> for Choice {
            type Value = Submit;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(to, "true, false or {DESPITE:?}")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Submit, E> {
                Ok(if value { Submit::Yes } else { Submit::No })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Submit, E> {
                match value {
                    DESPITE => Ok(Submit::DespiteRefusals),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        from.deserialize_any(Choice)
    }
}

impl utoipa::PartialSchema for Submit {
    fn schema() -> RefOr<Schema> {
        let flag = ObjectBuilder::new().schema_type(Type::Boolean);
        let word = Ref::from_schema_name(DESPITE_SCHEMA);
        let text = "`true`: submit, unless an answer of the same call is refused. `despite_refusals`: submit in any case; items whose \
                    answers are refused are graded without them.";
        OneOfBuilder::new().item(flag).item(word).description(Some(text)).into()
    }
}

impl ToSchema for Submit {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([DESPITE]));
        schemas.push((DESPITE_SCHEMA.to_owned(), word.into()));
    }
}

/// A schema of its own, for generators that name the variants of a union.
const DESPITE_SCHEMA: &str = "DespiteRefusals";

/// An answer that nobody has looked at yet, but for its depth.
#[derive(Debug, Clone)]
pub struct RawAnswer(Box<RawValue>);

/// serde_json's own limit is not held where it only skips; whoever walks through a body relies on it.
const DEEPEST: usize = 100;

impl<'de> Deserialize<'de> for RawAnswer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        if depth(raw.get()) > DEEPEST {
            return Err(de::Error::custom("recursion limit exceeded"));
        }
        Ok(RawAnswer(raw))
    }
}

/// How deep sound JSON nests.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => now = now.saturating_add(1),
            b']' | b'}' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest
}

/// An answer that could be read, as it is kept.
#[derive(Debug, Clone)]
pub struct Brought {
    pub item: String,
    pub seq: i64,
    pub response: Response,
    pub answered_at: Option<ClientTime>,
    pub active_ms: Option<i64>,
    pub adjusted: Vec<Adjusted>,
}

#[derive(Debug, Clone)]
pub enum Sent {
    Read(Brought),
    /// It is not of the documented shape.
    Faulty(SaveResult),
}

/// What became of an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SaveResult {
    /// Null where the answer does not say it in a way that can be read.
    pub item: Option<String>,
    /// Null where the answer does not say it in a way that can be read.
    pub seq: Option<i64>,
    /// `saved`: it is in force. `superseded`: a newer one is. `late`: the attempt was submitted before, so it is kept but never
    /// scored. `refused`: see `problem`. More may come.
    #[schema(example = "saved")]
    pub status: String,
    /// The sequence number in force now.
    pub seq_in_force: Option<i64>,
    pub problem: Option<SaveProblem>,
    /// What is kept otherwise than it was sent; absent where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<Adjusted>,
    /// Whether it was refused because the version of the attempt has no such item or option.
    #[serde(skip)]
    pub misfit: bool,
}

/// A part of an answer that had one obvious meaning, and was kept as that.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Adjusted {
    /// JSON pointer into the answer.
    #[schema(example = "/active_ms")]
    pub field: String,
    /// What was sent, in words.
    #[schema(example = "-1")]
    pub sent: String,
    /// What is kept.
    #[schema(example = 0)]
    pub stored: Value,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SaveProblem {
    /// One of the codes of the errors page.
    pub code: String,
    /// JSON pointer into the answer, where a part of it is the reason.
    pub pointer: Option<String>,
    pub detail: String,
}

impl RawAnswer {
    pub fn read(&self) -> Sent {
        let text = without_nul(self.0.get());
        match parse_body::<ResponsePut>(text.as_bytes()) {
            Ok(put) => Sent::Read(Brought::from(put)),
            Err(problem) => {
                let whole: Value = serde_json::from_str(&text).unwrap_or_default();
                let item = whole.get("item").and_then(Value::as_str).map(str::to_owned);
                Sent::Faulty(SaveResult::refused(item, whole.get("seq").and_then(Value::as_i64), &problem))
            }
        }
    }
}

impl From<ResponsePut> for Brought {
    fn from(put: ResponsePut) -> Brought {
        let ResponsePut { item, seq, response, answered_at, active_ms } = put;
        let (response, other) = kept_response(response);
        let active_ms = active_ms.map(kept_time);
        let adjusted = other.into_iter().chain(active_ms.clone().and_then(|(_, adjusted)| adjusted)).collect();
        Brought { item, seq, response, answered_at, active_ms: active_ms.map(|(ms, _)| ms), adjusted }
    }
}

impl SaveResult {
    pub fn refused(item: Option<String>, seq: Option<i64>, problem: &Problem) -> SaveResult {
        let place = problem.errors().first();
        let problem = SaveProblem {
            code: problem.code().name().to_owned(),
            pointer: place.and_then(|place| place.pointer.clone()),
            detail: place.map_or(problem.detail(), |place| &place.detail).to_owned(),
        };
        let status = "refused".to_owned();
        SaveResult { item, seq, status, seq_in_force: None, problem: Some(problem), adjusted: Vec::new(), misfit: false }
    }

    pub fn is_refused(&self) -> bool {
        self.problem.is_some()
    }
}

/// An answer as it is kept, and what is other than it was sent.
fn kept_response(response: Response) -> (Response, Option<Adjusted>) {
    match response {
        Response::ShortText(ShortTextResponse { text }) => match kinds::tidied(&text) {
            Some(tidy) => {
                let sent = format!(
                    "a text of {} characters, with line ends, tabs, other control characters or much space",
                    text.chars().count()
                );
                let adjusted = Adjusted { field: "/response/text".to_owned(), sent, stored: tidy.clone().into() };
                (Response::ShortText(ShortTextResponse { text: tidy }), Some(adjusted))
            }
            None => (Response::ShortText(ShortTextResponse { text }), None),
        },
        Response::Numeric(NumericResponse { value }) => {
            let rounded = kinds::rounded_number(value).unwrap_or(value);
            let other = rounded != value;
            let adjusted =
                Adjusted { field: "/response/value".to_owned(), sent: value.to_string(), stored: Value::from(rounded) };
            (Response::Numeric(NumericResponse { value: rounded }), other.then_some(adjusted))
        }
        other => (other, None),
    }
}

/// A time worked: whole milliseconds from 0 to a week. A wrong clock rejects no work.
fn kept_time(sent: f64) -> (i64, Option<Adjusted>) {
    // Far above the bound, and far below what a float holds exactly.
    let whole = format!("{:.0}", sent.clamp(0.0, 1e15)).parse::<i64>().unwrap_or(0);
    let ms = whole.clamp(0, LONGEST_ACTIVE_MS);
    let same = sent.to_string() == ms.to_string();
    let adjusted = Adjusted { field: "/active_ms".to_owned(), sent: sent.to_string(), stored: ms.into() };
    (ms, (!same).then_some(adjusted))
}

/// No database of ours keeps the character NUL in a text. In a typed text it is a control character like any other, and those
/// are left out; nowhere else does it mean anything.
fn without_nul(raw: &str) -> Cow<'_, str> {
    if !raw.contains("\\u0000") {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        // What stands behind a backslash belongs to it, a second backslash too.
        let escape = after.chars().next().map_or(0, char::len_utf8);
        let (escape, behind) = after.split_at(escape);
        match behind.strip_prefix("0000").filter(|_| escape == "u") {
            Some(behind) => {
                out.push_str("\\u0001");
                rest = behind;
            }
            None => {
                out.push('\\');
                out.push_str(escape);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: &str) -> Sent {
        serde_json::from_str::<RawAnswer>(answer).unwrap().read()
    }

    fn brought(answer: Value) -> Brought {
        match read(&answer.to_string()) {
            Sent::Read(brought) => brought,
            Sent::Faulty(result) => panic!("{result:?}"),
        }
    }

    fn typed(text: &str) -> Value {
        json!({"item": "a", "seq": 1, "response": {"kind": "short_text", "text": text}})
    }

    #[test]
    fn a_typed_text_is_tidied_and_said_so() {
        for (sent, kept) in [
            ("\tcontent_filter", "content_filter"),
            ("content_filter\r\n", "content_filter"),
            ("content_filter\u{7}", "content_filter"),
            ("x\ty", "x y"),
            ("a\u{0}b\\u0000", "ab\\u0000"),
            ("a\u{2028}b\u{85}", "a b"),
        ] {
            let brought = brought(typed(sent));
            assert_eq!(json!(brought.response)["text"], kept, "{sent:?}");
            assert_eq!((brought.adjusted[0].field.as_str(), &brought.adjusted[0].stored), ("/response/text", &json!(kept)));
        }
        for same in [" content_filter ", "a\u{202c}", "م\u{200c}ن", "a  b"] {
            let brought = brought(typed(same));
            assert_eq!((json!(brought.response)["text"].as_str(), brought.adjusted.len()), (Some(same), 0));
        }
        assert_eq!(json!(brought(typed(&format!("a{}b", " ".repeat(300)))).response)["text"], "a b");
    }

    #[test]
    fn a_number_is_rounded_and_said_so() {
        let number =
            |text: &str| match read(&format!(r#"{{"item": "a", "seq": 1, "response": {{"kind": "numeric", "value": {text}}}}}"#))
            {
                Sent::Read(brought) => (json!(brought.response)["value"].to_string(), brought.adjusted.len()),
                Sent::Faulty(result) => panic!("{result:?}"),
            };
        for (sent, kept) in [
            ("0.30000000000000004", "0.3"),
            ("0.6000000000000001", "0.6"),
            ("0.333333333333333", "0.333333333"),
            ("0.30000001192092896", "0.3"),
            ("1e-10", "0.0"),
            ("1.00000000049", "1.0"),
            ("-2.9999999999999996", "-3.0"),
        ] {
            assert_eq!(number(sent), (kept.to_owned(), 1), "{sent}");
        }
        for same in ["0.3", "4096.0", "0.123456789", "1e300"] {
            assert_eq!(number(same).1, 0, "{same}");
        }
        assert_eq!(number("-0.0"), ("0.0".to_owned(), 0));
    }

    #[test]
    fn a_time_worked_is_brought_within_its_bounds() {
        let time = |ms: Value| {
            let mut answer = typed("x");
            answer["active_ms"] = ms;
            let brought = brought(answer);
            (brought.active_ms, brought.adjusted.len())
        };
        for (sent, kept) in [
            (json!(-1), 0),
            (json!(604_800_001), 604_800_000),
            (json!(31400.7), 31401),
            (json!(-0.4), 0),
            (json!(1e300), 604_800_000),
            (json!(u64::MAX), 604_800_000),
            (json!(i64::MIN), 0),
        ] {
            assert_eq!(time(sent.clone()), (Some(kept), 1), "{sent}");
        }
        for (sent, kept) in
            [(json!(0), Some(0)), (json!(31400.0), Some(31400)), (json!(604_800_000), Some(604_800_000)), (Value::Null, None)]
        {
            assert_eq!(time(sent), (kept, 0));
        }
    }

    #[test]
    fn a_faulty_answer_says_which_it_is_as_far_as_it_can_be_read() {
        let refused = |answer: &str| match read(answer) {
            Sent::Faulty(result) => (result.item, result.seq, result.problem.unwrap().pointer),
            Sent::Read(brought) => panic!("{brought:?}"),
        };
        let (item, pointer) = (Some("a".to_owned()), |at: &str| Some(at.to_owned()));
        let choice = r#""response": {"kind": "single_choice", "option": "b"}"#;
        assert_eq!(refused(&format!(r#"{{"item": "a", "seq": "1", {choice}}}"#)), (item.clone(), None, pointer("/seq")));
        assert_eq!(refused(&format!(r#"{{"item": "a", "seq": 1.5, {choice}}}"#)), (item.clone(), None, pointer("/seq")));
        let late = format!(r#"{{"item": "a", "seq": 3, {choice}, "answered_at": "yesterday"}}"#);
        assert_eq!(refused(&late), (item.clone(), Some(3), pointer("/answered_at")));
        assert_eq!(refused(&format!(r#"{{"item": "a", "seq": 1, {choice}, "x": 1}}"#)), (item.clone(), Some(1), pointer("/x")));
        assert_eq!(refused(r#"{"item": "a", "seq": 1, "response": null}"#), (item, Some(1), pointer("/response")));
        assert_eq!(refused("7"), (None, None, pointer("")));
        let nested = |depth: usize, text: &str| format!("{}{text}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(serde_json::from_str::<RawAnswer>(&nested(101, "1")).is_err());
        assert_eq!(refused(&nested(100, r#""[[\\\"[[""#)).2, pointer(""));
    }
}
