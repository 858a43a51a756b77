//! What an entry's hash is made of, and whether a chain of entries holds. Pure. `docs/audit.md` says the same for others who verify.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::types::{Id, Time};
use crate::lessons::rules::canonical;

/// The first member of the text that is hashed: another form would have another name.
const FORMAT: &str = "waymark-audit-1";

/// What the first entry names as the hash of the one before.
pub const NONE_BEFORE: [u8; 32] = [0; 32];

/// All that an entry says.
#[derive(Debug, Clone, Copy)]
pub struct ChainFacts<'a> {
    pub tenant: Id,
    pub number: i64,
    pub id: Id,
    pub at: Time,
    pub act: &'a str,
    pub client: Option<Id>,
    pub principal_kind: Option<&'a str>,
    pub principal: Option<Id>,
    pub object_type: &'a str,
    pub object: &'a str,
    pub address: Option<&'a str>,
    pub request_id: Option<&'a str>,
    /// Canonical JSON.
    pub details: &'a str,
    pub previous_sha256: &'a [u8],
}

/// Details as they are stored and hashed: members in the order of their names, no white space.
pub fn details_text(details: &Value) -> String {
    canonical(details)
}

/// The hash of an entry; none where its details are not in the form in which they are written.
pub fn entry_sha256(facts: &ChainFacts<'_>) -> Option<[u8; 32]> {
    let details: Value = serde_json::from_str(facts.details).ok()?;
    if details_text(&details) != facts.details {
        return None;
    }
    let said = (
        FORMAT,
        facts.tenant,
        facts.number,
        facts.id,
        facts.at,
        facts.act,
        facts.client,
        facts.principal_kind,
        facts.principal,
        facts.object_type,
        facts.object,
        facts.address,
        facts.request_id,
        serde_json::value::RawValue::from_string(facts.details.to_owned()).ok()?,
        hex::encode(facts.previous_sha256),
    );
    Some(Sha256::digest(serde_json::to_vec(&said).ok()?).into())
}

/// Where a chain has been followed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEnd {
    pub number: i64,
    pub sha256: Vec<u8>,
}

impl Default for ChainEnd {
    fn default() -> ChainEnd {
        ChainEnd { number: 0, sha256: NONE_BEFORE.to_vec() }
    }
}

/// Why a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainBreak {
    Missing,
    Changed,
    NotItsSuccessor,
    Unreadable,
    /// The table says less than its head.
    CutOff,
    /// The table says more than its head.
    BehindTheEnd,
    HeadDiffers,
    /// A hash that was noted before is no longer there.
    NotAsNoted,
}

impl fmt::Display for ChainBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChainBreak::Missing => "it is missing",
            ChainBreak::Changed => "it was changed: its hash is not that of what it says",
            ChainBreak::NotItsSuccessor => "it does not follow the one before: it names another hash",
            ChainBreak::Unreadable => "it cannot be read",
            ChainBreak::CutOff => "it is missing, and so is all behind it: the end was cut off",
            ChainBreak::BehindTheEnd => "it was not added by the service: the log ends before it",
            ChainBreak::HeadDiffers => "the log's end has another hash",
            ChainBreak::NotAsNoted => "its hash is not the one that was noted",
        })
    }
}

/// The first entry that does not hold, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainFault {
    pub number: i64,
    pub why: ChainBreak,
}

/// The end of the chain with one more entry, if that is the next one.
pub fn next_end(end: &ChainEnd, facts: &ChainFacts<'_>, sha256: &[u8]) -> Result<ChainEnd, ChainFault> {
    let number = end.number.saturating_add(1);
    let fault = |why| Err(ChainFault { number, why });
    if facts.number != number {
        return fault(ChainBreak::Missing);
    }
    // First whether it is as it was written: then it is the one before that is another.
    if entry_sha256(facts).is_none_or(|is| is != sha256) {
        return fault(ChainBreak::Changed);
    }
    if facts.previous_sha256 != end.sha256 {
        return fault(ChainBreak::NotItsSuccessor);
    }
    Ok(ChainEnd { number, sha256: sha256.to_vec() })
}

/// Whether the entries end where the head says that they do.
pub fn ends_at(end: &ChainEnd, head: Option<&ChainEnd>) -> Result<(), ChainFault> {
    let head = head.cloned().unwrap_or_default();
    let fault = |number, why| Err(ChainFault { number, why });
    if head.number > end.number {
        fault(end.number.saturating_add(1), ChainBreak::CutOff)
    } else if head.number < end.number {
        fault(head.number.saturating_add(1), ChainBreak::BehindTheEnd)
    } else if head.sha256 != end.sha256 {
        fault(end.number, ChainBreak::HeadDiffers)
    } else {
        Ok(())
    }
}

/// Whether this can be the name of an act or of a kind of object: `client.created`, `client`.
pub fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts<'a>(number: i64, details: &'a str, previous: &'a [u8]) -> ChainFacts<'a> {
        ChainFacts {
            tenant: Id(uuid::Uuid::from_u128(1)),
            number,
            id: Id(uuid::Uuid::from_u128(number.unsigned_abs().into())),
            at: Time(1_795_000_000_123_456),
            act: "client.created",
            client: None,
            principal_kind: Some("command_line"),
            principal: None,
            object_type: "client",
            object: "a \"quoted\" \u{e9}\n\u{1}",
            address: None,
            request_id: None,
            details,
            previous_sha256: previous,
        }
    }

    #[test]
    fn the_text_that_is_hashed_never_changes() {
        // Computed by the program in docs/audit.md.
        let details = details_text(&json!({"name": "Zoë", "attempts": 3}));
        assert_eq!(details, r#"{"attempts":3,"name":"Zoë"}"#);
        let hash = entry_sha256(&facts(1, &details, &NONE_BEFORE)).unwrap();
        assert_eq!(hex::encode(hash), EXPECTED);
    }

    const EXPECTED: &str = "4267960e5b7a708fc45273545a1ff2210c957ab69619a5097ce39edba94fc44d";

    #[test]
    fn details_in_another_form_do_not_hold() {
        for text in ["{ }", r#"{"b":1,"a":2}"#, r#"{"a":1,"a":1}"#, "{}\n", "", "{", r#"{"a":"\u0041"}"#, r#"{"a":1.0}"#] {
            assert_eq!(entry_sha256(&facts(1, text, &NONE_BEFORE)), None, "{text}");
        }
        assert!(entry_sha256(&facts(1, "{}", &NONE_BEFORE)).is_some());
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let start = ChainEnd::default();
        let first = facts(1, "{}", &NONE_BEFORE);
        let hash = entry_sha256(&first).unwrap();
        let end = next_end(&start, &first, &hash).unwrap();
        assert_eq!(end, ChainEnd { number: 1, sha256: hash.to_vec() });
        let second = facts(2, "{}", &hash);
        let other = entry_sha256(&second).unwrap();
        let why = |done: Result<ChainEnd, ChainFault>| done.map_err(|fault| (fault.number, fault.why)).unwrap_err();
        assert_eq!(why(next_end(&start, &second, &other)), (1, ChainBreak::Missing));
        assert_eq!(why(next_end(&end, &second, &hash)), (2, ChainBreak::Changed));
        assert_eq!(why(next_end(&end, &first, &hash)), (2, ChainBreak::Missing));
        let stray = facts(2, "{}", &NONE_BEFORE);
        assert_eq!(why(next_end(&end, &stray, &entry_sha256(&stray).unwrap())), (2, ChainBreak::NotItsSuccessor));
        let end = next_end(&end, &second, &other).unwrap();
        let at = |number, sha256: &[u8]| ChainEnd { number, sha256: sha256.to_vec() };
        let why = |head: Option<&ChainEnd>| ends_at(&end, head).map_err(|fault| (fault.number, fault.why));
        assert_eq!(why(Some(&at(2, &other))), Ok(()));
        assert_eq!(why(Some(&at(3, &other))), Err((3, ChainBreak::CutOff)));
        assert_eq!(why(Some(&at(1, &hash))), Err((2, ChainBreak::BehindTheEnd)));
        assert_eq!(why(Some(&at(2, &hash))), Err((2, ChainBreak::HeadDiffers)));
        assert_eq!(why(None), Err((1, ChainBreak::BehindTheEnd)));
        assert_eq!(ends_at(&start, None), Ok(()));
    }
}
