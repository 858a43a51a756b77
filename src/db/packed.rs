//! JSON documents that are stored small.
//!
//! The envelope of a record repeats what a thousand others say: names of members, IRIs, the version, the context. So it is
//! compressed (Zstandard, RFC 8878) against a dictionary of such words, to a seventh of its size, and nothing of it needs to be
//! looked up to be read. The first byte says how it is stored:
//!
//! | first byte | what follows |
//! |------------|--------------|
//! | `0x01`     | the length of the JSON (LEB128), then a Zstandard frame without its magic number, made with `words-1.dict` |
//! | `{`        | the JSON itself, which begins with this byte: what is small anyway, and what is from before |
//!
//! A dictionary is never changed: what was written with it could not be read any more. Another one gets another first byte.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;
use std::sync::LazyLock;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Binary;
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::Serialize;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Members, values and phrases of envelopes, trained on records of the built-in course (`docs/decisions/packed-records.md`).
static WORDS_1: &[u8] = include_bytes!("packed/words-1.dict");
const BY_WORDS_1: u8 = 1;
const LEVEL: i32 = 1;
/// Every frame begins with it, so none is stored with it (RFC 8878, 3.1.1).
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
/// No document of ours is larger; one that says so is damaged.
const LARGEST: usize = 64 << 20;

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(WORDS_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(WORDS_1));

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(compressor().ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::with_prepared_dictionary(&DECODER).ok());
}

fn compressor() -> std::io::Result<Compressor<'static>> {
    let mut made = Compressor::with_prepared_dictionary(&ENCODER)?;
    made.include_checksum(false)?;
    made.include_contentsize(false)?;
    made.include_dictid(false)?;
    Ok(made)
}

/// The JSON as it is stored small; `None` where that would be no gain.
fn small(json: &str) -> Option<Vec<u8>> {
    let frame = COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(json.as_bytes()).ok())?;
    let mut out = vec![BY_WORDS_1];
    let mut length = json.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7F).ok()? | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).ok()?);
    out.extend_from_slice(frame.strip_prefix(&MAGIC)?);
    (out.len() < json.len()).then_some(out)
}

/// What [`small`] stored, behind its first byte.
fn large(stored: &[u8]) -> Option<String> {
    let (length, frame) = length(stored)?;
    let frame = [&MAGIC, frame].concat();
    let text = DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(&frame, length).ok())?;
    String::from_utf8(text).ok().filter(|text| text.len() == length)
}

/// The length of the JSON, and the frame behind it.
fn length(stored: &[u8]) -> Option<(usize, &[u8])> {
    let end = stored.iter().position(|byte| byte & 0x80 == 0)?;
    let (digits, frame) = stored.split_at_checked(end.checked_add(1)?)?;
    if digits.len() > 4 {
        return None;
    }
    let length = digits.iter().rev().fold(0_usize, |length, byte| (length << 7) | usize::from(byte & 0x7F));
    (length <= LARGEST).then_some((length, frame))
}

/// A JSON object as it is stored; the column is binary.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// The document of any value that serialises to a JSON object. Our own types always do.
    pub fn of<T: Serialize>(value: &T) -> Packed {
        Packed::text(&serde_json::to_string(value).unwrap_or_default())
    }

    /// A document that is text already.
    pub fn text(json: &str) -> Packed {
        Packed(small(json).unwrap_or_else(|| json.as_bytes().to_vec()))
    }

    /// How many bytes its text has, as far as that can be seen.
    pub fn size(&self) -> usize {
        match self.0.split_first() {
            Some((&BY_WORDS_1, stored)) => length(stored).map_or(0, |(length, _)| length),
            _ => self.0.len(),
        }
    }

    /// Its text; `None` where that cannot be read.
    pub fn json(&self) -> Option<Cow<'_, str>> {
        match self.0.split_first()? {
            (&BY_WORDS_1, stored) => large(stored).map(Cow::Owned),
            _ => std::str::from_utf8(&self.0).ok().map(Cow::Borrowed),
        }
    }
}

impl ToSql<Binary, Pg> for Packed {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

impl ToSql<Binary, Sqlite> for Packed {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Binary, Pg> for Packed {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Packed(value.as_bytes().to_vec()))
    }
}

impl FromSql<Binary, Sqlite> for Packed {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value).map(Packed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn record() -> serde_json::Value {
        json!({
            "id": "01a228f7-69f5-77f3-9ce1-91addefabc27", "kind": "response.saved", "schema_version": 1,
            "tenant": "01a228f7-58de-7046-9f6e-5839a715f051",
            "actor": {"client": "01a228f7-58de-7046-9f6e-583aaf1c3c43", "principal": {"type": "client", "id": "01a228f7-58de-7046-9f6e-583aaf1c3c43"}},
            "learner": "01a228f7-69ec-7119-8907-344b73076a78",
            "object": {"type": "response", "id": "5d451441-943a-40b6-a132-fb753784b5ea/rdr-016", "iri": "https://school.example/lessons/reading-the-response/items/rdr-016"},
            "course": "reading-refusals",
            "lesson": {"slug": "reading-the-response", "iri": "https://school.example/lessons/reading-the-response", "version": "sha256-8b2e7324e998aa931b17a812a2f3ccf244bd2a7b07dce0819b664c1fa4bbad78"},
            "language": "en", "context": {"placement": "rl-23"},
            "occurred": {"at": "2026-11-29T20:20:32.881650Z", "offset_min": 0, "reported": null, "clock": "trusted"},
            "recorded_at": "2026-11-29T20:20:32.882899Z", "request_id": "01a228f7-69f2-74f6-8578-8e77ad9f3b57",
            "body": {"attempt": "5d451441-943a-40b6-a132-fb753784b5ea", "item": "rdr-016", "revision": 2, "seq": 8,
                "response": {"kind": "single_choice", "option": "norun"}, "changes": 0, "active_ms": 33878, "late": false, "purpose": "assigned"}
        })
    }

    #[test]
    fn an_envelope_becomes_a_fifth() {
        let packed = Packed::of(&record());
        assert_eq!(packed.json().unwrap(), record().to_string());
        assert!(packed.0.len() * 4 < record().to_string().len(), "{}", packed.0.len());
    }

    /// What was written by the first program that packed is read for ever: these bytes are in people's databases.
    #[test]
    fn the_dictionary_is_what_it_was() {
        use sha2::{Digest, Sha256};
        assert_eq!(hex::encode(Sha256::digest(WORDS_1)), "f60f9ef96a5cded8d8f1cec9b6431068d489580056f0f1165993c22b128dae7c");
    }

    #[test]
    fn what_is_plain_is_read_too() {
        for text in ["{}", "{\"a\":1}", "{\"position\":\"0.0.1\"}"] {
            assert_eq!(Packed(text.as_bytes().to_vec()).json().unwrap(), text);
            assert_eq!(Packed::text(text).json().unwrap(), text);
        }
        assert_eq!(Packed(Vec::new()).json(), None);
    }

    proptest! {
        #[test]
        fn any_document_reads_back(text in ".{0,2000}") {
            let document = json!({"text": text}).to_string();
            let packed = Packed::text(&document);
            prop_assert_eq!(packed.json().unwrap(), document.as_str());
            prop_assert!(packed.0.len() <= document.len());
        }

        /// Nothing that stands in a damaged file stops the process, or takes more memory than the document may have.
        #[test]
        fn damage_is_told(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
            let mut stored = Packed::of(&record()).0;
            let at = at % stored.len();
            stored[at] = byte;
            let _ = Packed(stored.clone()).json();
            stored.truncate(cut % stored.len());
            let _ = Packed(stored).json();
        }

        #[test]
        fn any_bytes_are_no_danger(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Packed([&[BY_WORDS_1], bytes.as_slice()].concat()).json();
        }
    }
}
