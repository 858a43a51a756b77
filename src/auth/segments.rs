//! The parts of a token as they were sent, read more strictly than libraries do: an object in which no name stands twice, at any
//! depth (RFC 7515, section 4; RFC 7519, section 4). Two readers of one such text may see two tokens.

use std::collections::HashSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The names in the header of a token, or none where it is no such object.
pub fn header_names(token: &str) -> Option<HashSet<String>> {
    token.split('.').next().and_then(names_of)
}

/// The names of its claims, likewise.
pub fn claim_names(token: &str) -> Option<HashSet<String>> {
    token.split('.').nth(1).and_then(names_of)
}

fn names_of(segment: &str) -> Option<HashSet<String>> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(Unambiguous::Object(names)) => Some(names),
        _ => None,
    }
}

/// A value in which no object has a name twice.
enum Unambiguous {
    Object(HashSet<String>),
    Other,
}

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Unambiguous, D::Error> {
        from.deserialize_any(SegmentReader)
    }
}

struct SegmentReader;

macro_rules! other {
    ($($name:ident $type:ty,)*) => {
        $(fn $name<E: de::Error>(self, _: $type) -> Result<Unambiguous, E> { Ok(Unambiguous::Other) })*
    };
}

impl<'de> Visitor<'de> for SegmentReader {
    type Value = Unambiguous;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value of JSON")
    }

    other! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str, }

    fn visit_unit<E: de::Error>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unambiguous, A::Error> {
        while list.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unambiguous, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<Unambiguous>()?;
            if !names.insert(name) {
                return Err(de::Error::custom("a name stands twice"));
            }
        }
        Ok(Unambiguous::Object(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_with_each_name_once_are_read() {
        let names = |text: &str| {
            let token = format!("{}.e30.x", URL_SAFE_NO_PAD.encode(text));
            header_names(&token).map(|names| names.len())
        };
        assert_eq!(names(r#"{"alg": "EdDSA", "typ": "at+jwt", "kid": "k", "a": [1, -1, 1.5, null, true, {"b": {}}]}"#), Some(4));
        assert_eq!(names("{}"), Some(0));
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "b": 2, "\u0061": 1}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"a": [{"b": 1, "b": 2}]}"#,
            "[]",
            "1",
            "null",
            "\"a\"",
            "",
            "{} ,",
            "{}{}",
            "\u{feff}{}",
            "{\"a\": \"\\ud800\"}",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
        assert!(header_names("e30=.e30.x").is_none() && header_names("").is_none());
        assert!(claim_names("e30.e30.x").is_some() && claim_names("e30").is_none() && claim_names("e30.W10.x").is_none());
    }
}
