//! From the bytes of a JSON body to a value of the documented shape, or to a problem that points to what is wrong.

use serde::de::DeserializeOwned;
use waymark_engine::plain;
use waymark_engine::pointer::{escaped, pointer_of};

use crate::error::{Code, FieldError, Problem};
use crate::web::strict::Strict;

/// Parses a body, or says where it goes wrong.
pub fn parse_body<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Problem> {
    // Said plainly, before serde names types of ours.
    if raw.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Problem::body("", "must be a JSON object, not an array."));
    }
    let mut from = serde_json::Deserializer::from_slice(raw);
    let mut track = serde_path_to_error::Track::new();
    let value = T::deserialize(Strict(serde_path_to_error::Deserializer::new(&mut from, &mut track)))
        .map_err(|error| refusal(raw, &error, &track.path()))?;
    from.end().map_err(|error| refusal(raw, &error, &serde_path_to_error::Track::new().path()))?;
    Ok(value)
}

fn is_json(raw: &[u8]) -> bool {
    std::str::from_utf8(raw).is_ok_and(|text| serde_json::from_str::<serde_json::Value>(text).is_ok())
}

fn refusal(raw: &[u8], error: &serde_json::Error, path: &serde_path_to_error::Path) -> Problem {
    let text = error.to_string();
    let (said, place) = text.rsplit_once(" at line ").unwrap_or((text.as_str(), ""));
    let what = plain::json_words(said);
    let unreadable = what.contains("number out of range") || what.contains("recursion limit");
    // Where one of an enum's names is expected, serde_json calls any other value a syntax error.
    let what = if error.is_syntax() && what == "expected value" { "this value cannot stand here" } else { what.as_str() };
    if !unreadable && (error.is_data() || is_json(raw)) {
        let mut pointer = pointer_of(path);
        let unknown = what.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        if let Some(place) = unknown.and_then(|field| within(raw, &pointer, field)) {
            return Problem::body(place, format!("{what}."));
        }
        let rest = what.strip_prefix("unknown field `").or_else(|| what.strip_prefix("duplicate field `"));
        if let Some(field) = rest.and_then(|rest| rest.split('`').next())
            && !pointer.ends_with(&format!("/{}", escaped(field)))
        {
            pointer = format!("{pointer}/{}", escaped(field));
        }
        return Problem::bodies(vec![FieldError { pointer: Some(pointer), parameter: None, detail: format!("{what}.") }]);
    }
    let place = if place.is_empty() { String::new() } else { format!(" at line {place}") };
    Problem::new(Code::MalformedJson, format!("The body is not readable as JSON: {what}{place}."))
}

/// Where below `at` the field stands: a tagged union is read as a whole, so that its own parts are not in the path. None where
/// `at` has the field itself, or several parts have one of that name.
fn within(raw: &[u8], at: &str, field: &str) -> Option<String> {
    use serde_json::Value;
    fn walk(node: &Value, at: String, field: &str, out: &mut Vec<String>) {
        match node {
            Value::Object(map) => {
                out.extend(map.contains_key(field).then(|| format!("{at}/{}", escaped(field))));
                map.iter().for_each(|(name, inner)| walk(inner, format!("{at}/{}", escaped(name)), field, out));
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(i, inner)| walk(inner, format!("{at}/{i}"), field, out)),
            _ => {}
        }
    }
    let whole: Value = serde_json::from_slice(raw).ok()?;
    let node = whole.pointer(at).filter(|node| node.is_object() && node.get(field).is_none())?;
    let mut found = Vec::new();
    walk(node, at.to_owned(), field, &mut found);
    found.pop().filter(|_| found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Order {
        number: i64,
        note: Option<String>,
        lines: Vec<Line>,
        extra: serde_json::Value,
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        id: String,
    }

    fn refused(raw: impl AsRef<[u8]>) -> (Code, String, String) {
        let problem = parse_body::<Order>(raw.as_ref()).unwrap_err();
        let pointer = problem.wire("").errors.first().and_then(|error| error.pointer.clone()).unwrap_or_default();
        (problem.code(), pointer, problem.detail().to_owned())
    }

    #[test]
    fn what_is_not_json_is_malformed_at_a_line_and_column() {
        for raw in [
            "",
            "{",
            "{\"number\": 1,}",
            "{} {}",
            "{'number': 1}",
            "\u{feff}{}",
            "{\"note\": \"a\nb\"}",
            "{\"note\": \"\\ud800\"}",
        ] {
            let (code, pointer, detail) = refused(raw);
            assert_eq!((code, pointer.as_str()), (Code::MalformedJson, ""), "{raw:?}");
            assert!(detail.contains(" at line "), "{raw:?}: {detail}");
        }
    }

    #[test]
    fn invalid_utf_8_is_malformed() {
        assert_eq!(refused(b"{\"note\": \"\xff\"}").0, Code::MalformedJson);
        assert_eq!(refused(b"{\"\xc3\x28\": 1}").0, Code::MalformedJson);
        assert_eq!(refused(b"\xff\xfe{\x00}\x00").0, Code::MalformedJson);
    }

    #[test]
    fn a_wrong_shape_is_named_by_its_pointer() {
        let place = |raw: &str| {
            let (code, pointer, _) = refused(raw);
            assert_eq!(code, Code::InvalidBody, "{raw}");
            pointer
        };
        assert_eq!(place(r#"{"numbr": 1}"#), "/numbr");
        assert_eq!(place(r#"{"a/b~c": 1}"#), "/a~1b~0c");
        assert_eq!(place(r#"{"number": "1"}"#), "/number");
        assert_eq!(place(r#"{"number": 1.5}"#), "/number");
        assert_eq!(place(r#"{"lines": [{"id": "a"}, {"id": 2}]}"#), "/lines/1/id");
        assert_eq!(place(r#"{"lines": [{"id": "a"}, {"id": "b", "colour": 1}]}"#), "/lines/1/colour");
        assert_eq!(place(r#"{"lines": [{}]}"#), "/lines/0");
        assert_eq!(place(r#"{"number": 1, "number": 2}"#), "/number");
        assert_eq!(place("null"), "");
        assert_eq!(place(" [1]"), "");
        assert_eq!(place(&"[".repeat(10_000)), "");
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Part {
        #[default]
        None,
        Lines(Order),
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parts {
        #[allow(dead_code, reason = "only its refusal is looked at")]
        parts: Vec<Part>,
    }

    #[test]
    fn an_unknown_field_inside_of_a_union_is_found() {
        let place = |raw: &str| {
            let problem = parse_body::<Parts>(raw.as_bytes()).unwrap_err();
            problem.errors()[0].pointer.clone().unwrap()
        };
        assert_eq!(
            place(r#"{"parts": [{"kind": "lines", "lines": [{"id": "a"}, {"id": "b", "a/b": 1}]}]}"#),
            "/parts/0/lines/1/a~1b"
        );
        assert_eq!(place(r#"{"parts": [{"kind": "none"}, {"kind": "lines", "numbr": 1}]}"#), "/parts/1/numbr");
        // It cannot be told which of them.
        assert_eq!(place(r#"{"parts": [{"kind": "lines", "lines": [{"x": 1}, {"x": 1}]}]}"#), "/parts/0/x");
    }

    /// The values of a struct's fields in a row are no object, at any depth.
    #[test]
    fn a_list_is_no_object() {
        let place = |raw: &str| {
            let (code, pointer, detail) = refused(raw);
            assert!(code == Code::InvalidBody && !detail.is_empty(), "{raw}: {detail}");
            pointer
        };
        assert_eq!(place(r#"{"lines": [{"id": "a"}, ["b"]]}"#), "/lines/1");
        assert_eq!(place(r#"[1, null, [], null]"#), "");
        let order: Order = parse_body(br#"{"lines": [{"id": "a"}], "extra": [[1], {"a": []}]}"#).unwrap();
        assert_eq!((order.lines.len(), order.extra), (1, serde_json::json!([[1], {"a": []}])));
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        let (code, pointer, _) = refused(r#"{"number": 9223372036854775808}"#);
        assert_eq!((code, pointer.as_str()), (Code::InvalidBody, "/number"));
        let (code, pointer, _) = refused(r#"{"number": -99999999999999999999999}"#);
        assert_eq!((code, pointer.as_str()), (Code::InvalidBody, "/number"));
        assert_eq!(refused(r#"{"number": 1e999}"#).0, Code::MalformedJson);
        assert_eq!(parse_body::<Order>(br#"{"number": 9223372036854775807}"#).unwrap().number, i64::MAX);
    }

    #[test]
    fn deep_nesting_is_refused_and_overflows_no_stack() {
        // Half of the stack that a worker has.
        let worker = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
            let deep = |open: &str, close: &str| format!("{{\"extra\": {}1{}}}", open.repeat(10_000), close.repeat(10_000));
            for raw in [deep("[", "]"), deep("{\"a\":", "}")] {
                assert_eq!(refused(raw).0, Code::MalformedJson);
            }
            // Refused where the first of them stands, before the depth is known.
            assert_eq!(refused(deep("[\"\\u0000\",", "]")).0, Code::InvalidBody);
        });
        worker.unwrap().join().unwrap();
    }

    #[test]
    fn the_character_nul_is_refused_where_it_stands() {
        let place = |raw: &str| {
            let (code, pointer, _) = refused(raw);
            assert_eq!(code, Code::InvalidBody, "{raw}");
            pointer
        };
        assert_eq!(place(r#"{"note": "a\u0000b"}"#), "/note");
        assert_eq!(place(r#"{"lines": [{"id": "a"}, {"id": "\u0000"}]}"#), "/lines/1/id");
        assert_eq!(place(r#"{"extra": {"a/b": ["\u0000"]}}"#), "/extra/a~1b/0");
        // A backslash and the text u0000 are no NUL.
        assert_eq!(parse_body::<Order>(br#"{"note": "\\u0000"}"#).unwrap().note.as_deref(), Some("\\u0000"));
    }
}
