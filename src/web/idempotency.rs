//! `Idempotency-Key` on POST: the key's row commits in the transaction of the effect, so a repeated request either finds
//! the stored answer or finds nothing done. Kept 7 days; only 2xx answers are kept; answers with secrets never.

use std::marker::PhantomData;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use diesel::prelude::*;
use diesel::result::OptionalExtension;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::schema::idempotency_keys as keys;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
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
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Problem::internal)?;
        mac.update(body);
        Ok(Some(IdempotencyKey { tenant, scope: scope.to_vec(), body_mac: mac.finalize().into_bytes().to_vec(), now }))
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
        Some((mac, _, _)) if mac != key.body_mac => Err(Problem::new(
            Code::IdempotencyMismatch,
            "This Idempotency-Key was used with another body. Use a new key for a new request.",
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
    use diesel::sql_types::BigInt;
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let number = key.scope.iter().zip(key.tenant.0.as_bytes()).take(8).fold(0_i64, |n, (a, b)| (n << 8) | i64::from(a ^ b));
    let waited = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(number).execute(pg);
    waited.map(drop).map_err(|error| match Problem::from(error) {
        lost if lost.fault() == DatabaseFault::Lost => lost,
        _ => Problem::new(Code::RequestInProgress, "A request with this Idempotency-Key is still running."),
    })
}

/// Forgets keys older than 7 days; called now and then.
pub fn forget_old_keys(conn: &mut Conn, now: Time) -> Stored<usize> {
    let oldest = now.plus_seconds(-KEPT_SECONDS);
    Ok(each!(conn, c => diesel::delete(keys::table.filter(keys::created_at.lt(oldest))).execute(c))?)
}
