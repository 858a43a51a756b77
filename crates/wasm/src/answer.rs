//! From JSON to the answer: `{"verdict": ...}`, or `{"error": {"code", "pointer", "detail"}}` with what is wrong and where.

use serde::Serialize;
use waymark_engine::pointer::pointer_of;
use waymark_engine::{Engine, Evidence, Verdict, plain};

/// The most bytes of one piece of evidence. Of its text the engine reads the first 1 MiB.
pub const MOST_GIVEN: usize = 8 << 20;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum EngineAnswer {
    Verdict(Box<Verdict>),
    Error(RefusedEvidence),
}

#[derive(Debug, Serialize, PartialEq)]
struct RefusedEvidence {
    code: &'static str,
    /// JSON pointer (RFC 6901) into what was given; null where it could not be read at all.
    pointer: Option<String>,
    detail: String,
}

/// Never fails: whatever the bytes are, the answer is JSON.
pub fn answer_to(given: &[u8]) -> Vec<u8> {
    let answer = diagnosed(given).unwrap_or_else(EngineAnswer::Error);
    serde_json::to_vec(&answer).unwrap_or_default()
}

fn diagnosed(given: &[u8]) -> Result<EngineAnswer, RefusedEvidence> {
    let evidence = evidence(given)?;
    let engine = Engine::built_in().map_err(|detail| RefusedEvidence { code: "engine", pointer: None, detail })?;
    Ok(EngineAnswer::Verdict(Box::new(engine.diagnose(&evidence, None))))
}

fn evidence(given: &[u8]) -> Result<Evidence, RefusedEvidence> {
    let invalid = |pointer: &str, detail: &str| RefusedEvidence {
        code: "invalid_evidence",
        pointer: Some(pointer.to_owned()),
        detail: detail.to_owned(),
    };
    // serde would take the fields of a struct from a list, too.
    if given.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(invalid("", "must be a JSON object, not an array."));
    }
    let mut from = serde_json::Deserializer::from_slice(given);
    let evidence: Evidence = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = pointer_of(error.path());
        refused(error.inner(), path)
    })?;
    from.end().map_err(|error| refused(&error, String::new()))?;
    let status = evidence.http.as_ref().and_then(|http| http.status);
    if status.is_some_and(|status| !(100..=599).contains(&status)) {
        return Err(invalid("/http/status", "must be from 100 to 599."));
    }
    Ok(evidence)
}

fn refused(error: &serde_json::Error, pointer: String) -> RefusedEvidence {
    let text = error.to_string();
    let (said, place) = text.rsplit_once(" at line ").unwrap_or((text.as_str(), ""));
    let what = plain::json_words(said);
    if error.is_data() {
        return RefusedEvidence { code: "invalid_evidence", pointer: Some(pointer), detail: format!("{what}.") };
    }
    let place = if place.is_empty() { String::new() } else { format!(" at line {place}") };
    RefusedEvidence { code: "malformed_json", pointer: None, detail: format!("This is not readable as JSON: {what}{place}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(given: impl AsRef<[u8]>) -> (String, Option<String>, String) {
        let answer: serde_json::Value = serde_json::from_slice(&answer_to(given.as_ref())).unwrap();
        let text = |name: &str| answer["error"][name].as_str().map(str::to_owned);
        (text("code").unwrap(), text("pointer"), text("detail").unwrap())
    }

    #[test]
    fn what_is_no_evidence_gets_its_place_and_reason() {
        for (given, code, pointer, says) in [
            ("", "malformed_json", None, "EOF"),
            ("{\"http\":", "malformed_json", None, "line 1 column 8"),
            ("{} {}", "malformed_json", None, "trailing"),
            ("[]", "invalid_evidence", Some(""), "object"),
            ("7", "invalid_evidence", Some(""), "object"),
            ("{\"http\": {\"status\": \"400\"}}", "invalid_evidence", Some("/http/status"), "not a text"),
            ("{\"http\": {\"status\": 99}}", "invalid_evidence", Some("/http/status"), "100"),
            ("{\"http\": {\"headers\": [{\"name\": \"a\"}]}}", "invalid_evidence", Some("/http/headers/0"), "value"),
            ("{\"visible\": \"x\"}", "invalid_evidence", Some("/visible"), "unknown field"),
        ] {
            let (own, place, detail) = error(given);
            assert_eq!((own.as_str(), place.as_deref()), (code, pointer), "{given}: {detail}");
            assert!(detail.contains(says), "{given}: {detail}");
        }
        assert_eq!(error(b"{\"visible_text\": \"\xff\"}").0, "malformed_json");
        assert_eq!(error("{\"a\":".repeat(200_000)).0, "invalid_evidence");
        assert_eq!(error("{".repeat(1 << 20)).0, "malformed_json");
    }

    #[test]
    fn a_verdict_is_that_of_the_engine() {
        let given = r#"{"provider": "OpenAI", "http": {"status": 400, "body": "{\"error\":{\"code\":\"content_filter\"}}"}}"#;
        let answer: serde_json::Value = serde_json::from_slice(&answer_to(given.as_bytes())).unwrap();
        let evidence: Evidence = serde_json::from_str(given).unwrap();
        let verdict = Engine::built_in().unwrap().diagnose(&evidence, None);
        assert_eq!(answer["verdict"], serde_json::to_value(&verdict).unwrap());
    }
}
