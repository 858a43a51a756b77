//! `Idempotency-Key` on POST: the key's row commits in the transaction of the effect, so a repeated request either finds
//! the stored answer or finds nothing done. Kept 7 days; only 2xx answers are kept; answers with secrets never.

use std::borrow::Cow;
use std::marker::PhantomData;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use diesel::prelude::*;
use diesel::result::OptionalExtension;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::schema::idempotency_keys as keys;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored, turns};
use crate::each;
use crate::error::{Code, DatabaseFault, Problem};
use crate::web::answer::Answered;

/// How long a key is remembered.
pub const KEPT_DAYS: i64 = 7;
const KEPT_SECONDS: i64 = KEPT_DAYS * 24 * 3600;

/// One keyed request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    tenant: Id,
    scope: Vec<u8>,
    body_mac: Vec<u8>,
    /// Of the letters of the body alone, as keys were kept by programs of before.
    letters_mac: Vec<u8>,
    now: Time,
}

/// A `T` as it is answered: just made, or made before. Both are the JSON that a `T` was written as, so that an answer of an
/// older program is given again as it was; what follows from it (headers) is read from there.
pub struct KeyedAnswer<T> {
    pub status: StatusCode,
    pub replayed: bool,
    body: Value,
    of: PhantomData<fn() -> T>,
}

impl<T> KeyedAnswer<T> {
    /// An answer that was just made.
    pub fn made(status: StatusCode, body: &T) -> Stored<KeyedAnswer<T>>
    where
        T: Serialize,
    {
        let body = serde_json::to_value(body).map_err(Problem::internal)?;
        Ok(KeyedAnswer { status, replayed: false, body, of: PhantomData })
    }

    /// With members that are not kept, where it was just made: a secret is in the first answer alone.
    #[must_use]
    pub fn adding<const N: usize>(mut self, members: [(&str, Value); N]) -> KeyedAnswer<T> {
        if let Some(body) = self.body.as_object_mut().filter(|_| !self.replayed) {
            body.extend(members.map(|(name, value)| (name.to_owned(), value)));
        }
        self
    }

    pub fn is_new(&self) -> bool {
        self.status == StatusCode::CREATED
    }

    /// The text of this name in it.
    pub fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its `id`.
    pub fn id(&self) -> Stored<Id> {
        self.text("id").parse().map_err(Problem::internal)
    }

    /// Its `revision`, where it has one.
    pub fn revision(&self) -> Option<i64> {
        self.body.get("revision").and_then(Value::as_i64)
    }
}

impl<T> From<KeyedAnswer<T>> for Answered<T> {
    fn from(answer: KeyedAnswer<T>) -> Answered<T> {
        Answered::stored(answer.status, answer.body).replayed(answer.replayed)
    }
}

impl IdempotencyKey {
    /// The key of this request, if it has one. `who` names client and principal; `secret` keys the digest of the body,
    /// which may hold personal data.
    pub fn of(
        request: &HttpRequest,
        tenant: Id,
        who: &str,
        body: &[u8],
        secret: &[u8],
        now: Time,
    ) -> Result<Option<IdempotencyKey>, Problem> {
        let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
        let key = value.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problem::parameter(
                "Idempotency-Key",
                "must be 1 to 255 visible ASCII characters; a fresh UUID is a good one.",
            ));
        }
        let scope = Sha256::new()
            .chain_update(who)
            .chain_update([0])
            .chain_update(request.method().as_str())
            .chain_update([0])
            .chain_update(request.path())
            .chain_update([0])
            .chain_update(key)
            .finalize();
        let digest = |parts: &[&[u8]]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Problem::internal)?;
            parts.iter().for_each(|part| mac.update(part));
            Ok::<_, Problem>(mac.finalize().into_bytes().to_vec())
        };
        let if_match = request.headers().get(header::IF_MATCH).map_or(&[][..], |value| value.as_bytes());
        let body_mac = digest(&[b"meaning\0", if_match, b"\0", &meaning(body)])?;
        Ok(Some(IdempotencyKey { tenant, scope: scope.to_vec(), body_mac, letters_mac: digest(&[body])?, now }))
    }

    /// Whether what was kept with this digest was this request.
    fn was_of(&self, mac: &[u8]) -> bool {
        mac == self.body_mac || mac == self.letters_mac
    }
}

/// What a body says: for JSON neither white space nor the order of names nor how a number is spelled makes a difference; of what
/// is no JSON, every byte does.
fn meaning(body: &[u8]) -> Cow<'_, [u8]> {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            value.sort_all_objects();
            plain_numbers(&mut value);
            Cow::Owned(value.to_string().into_bytes())
        }
        Err(_) => Cow::Borrowed(body),
    }
}

/// Whole numbers without a fraction, where a double holds them exactly: `1.0` and `1e0` are `1`.
fn plain_numbers(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    match value {
        Value::Array(list) => list.iter_mut().for_each(plain_numbers),
        Value::Object(members) => members.values_mut().for_each(plain_numbers),
        Value::Number(number) => {
            let double = number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() <= EXACT);
            if let Some(whole) = double.and_then(|n| format!("{n:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        _ => {}
    }
}

/// Runs `effect` once per key, inside the caller's transaction.
pub fn once<T: Serialize>(
    conn: &mut Conn,
    key: Option<&IdempotencyKey>,
    effect: impl FnOnce(&mut Conn) -> Stored<(StatusCode, T)>,
) -> Stored<KeyedAnswer<T>> {
    if let Some(key) = key {
        lock(conn, key)?;
        if let Some(answer) = find(conn, key)? {
            return Ok(answer);
        }
    }
    let (status, body) = effect(conn)?;
    let answer = KeyedAnswer::made(status, &body)?;
    if let Some(key) = key {
        keep(conn, key, &answer)?;
    }
    Ok(answer)
}

fn keep<T>(conn: &mut Conn, key: &IdempotencyKey, answer: &KeyedAnswer<T>) -> Stored<()> {
    let row = (
        keys::tenant_id.eq(key.tenant),
        keys::scope.eq(&key.scope),
        keys::body_mac.eq(&key.body_mac),
        keys::status.eq(i32::from(answer.status.as_u16())),
        keys::answer.eq(Json(answer.body.clone())),
        keys::created_at.eq(key.now),
    );
    each!(conn, c => diesel::insert_into(keys::table).values(row).execute(c))?;
    Ok(())
}

/// The stored answer to this request, for work that must be done before its transaction begins.
pub fn stored_answer<T>(conn: &mut Conn, key: &IdempotencyKey) -> Stored<Option<KeyedAnswer<T>>> {
    let oldest = key.now.plus_seconds(-KEPT_SECONDS);
    read_keyed(conn, key, oldest)
}

fn find<T>(conn: &mut Conn, key: &IdempotencyKey) -> Stored<Option<KeyedAnswer<T>>> {
    let oldest = key.now.plus_seconds(-KEPT_SECONDS);
    each!(conn, c => diesel::delete(keys::table.filter(keys::tenant_id.eq(key.tenant)).filter(keys::scope.eq(&key.scope)).filter(keys::created_at.lt(oldest))).execute(c))?;
    read_keyed(conn, key, oldest)
}

fn read_keyed<T>(conn: &mut Conn, key: &IdempotencyKey, oldest: Time) -> Stored<Option<KeyedAnswer<T>>> {
    let row: Option<(Vec<u8>, i32, Json)> = each!(conn, c => keys::table
        .filter(keys::tenant_id.eq(key.tenant))
        .filter(keys::scope.eq(&key.scope))
        .filter(keys::created_at.ge(oldest))
        .select((keys::body_mac, keys::status, keys::answer))
        .first(c)
        .optional())?;
    match row {
        None => Ok(None),
        Some((mac, _, _)) if !key.was_of(&mac) => Err(Problem::new(
            Code::IdempotencyMismatch,
            "This Idempotency-Key was used with another body or If-Match. Use a new key for a new request.",
        )),
        Some((_, _, body)) if body.0.is_null() => {
            Err(Problem::internal("the stored answer of an Idempotency-Key cannot be read"))
        }
        Some((_, status, body)) => {
            let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
            Ok(Some(KeyedAnswer { status: status.unwrap_or(StatusCode::OK), replayed: true, body: body.0, of: PhantomData }))
        }
    }
}

/// Waits for the same request that is running, to give its answer; one that runs longer than locks may be waited for is 409. On
/// SQLite the single writer runs one closure at a time, so there is never one.
fn lock(conn: &mut Conn, key: &IdempotencyKey) -> Stored<()> {
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let number = key.scope.iter().zip(key.tenant.0.as_bytes()).take(8).fold(0_i64, |n, (a, b)| (n << 8) | i64::from(a ^ b));
    turns::advisory_lock(pg, number).map_err(|error| match Problem::from(error) {
        lost if lost.fault() == DatabaseFault::Lost => lost,
        _ => Problem::new(Code::RequestInProgress, "A request with this Idempotency-Key is still running."),
    })
}

/// Forgets keys older than 7 days; called now and then.
pub fn forget_old_keys(conn: &mut Conn, now: Time) -> Stored<usize> {
    let oldest = now.plus_seconds(-KEPT_SECONDS);
    Ok(each!(conn, c => diesel::delete(keys::table.filter(keys::created_at.lt(oldest))).execute(c))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_one_meaning_are_one_request() {
        for (one, other) in [
            (r#"{"a": 1, "b": [1, 2]}"#, r#"{"b":[1,2],"a":1}"#),
            (r#"{"a": {"y": 1, "x": null}}"#, "{\n\"a\":{\"x\":null,\"y\":1}}\n"),
            (r#"[1.0, 1e2, -0.0, "\u0061"]"#, r#"[1,100,0,"a"]"#),
        ] {
            assert_eq!(meaning(one.as_bytes()), meaning(other.as_bytes()), "{one}");
        }
        for (one, other) in [
            (r#"{"a": 1}"#, r#"{"a": 2}"#),
            (r#"[1, 2]"#, r#"[2, 1]"#),
            (r#"{"a": 1}"#, r#"{"a": "1"}"#),
            (r#"{"a": null}"#, r#"{}"#),
            ("[9007199254740993]", "[9007199254740992]"),
            ("[18446744073709551615]", "[18446744073709551614]"),
            ("[0.1]", "[0.10000000000000002]"),
            ("PK\u{3}\u{4} 1", "PK\u{3}\u{4}1"),
        ] {
            assert_ne!(meaning(one.as_bytes()), meaning(other.as_bytes()), "{one}");
        }
    }
}
