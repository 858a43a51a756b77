//! `Idempotency-Key` on POST: the key's row commits in the transaction of the effect, so a repeated request either finds
//! the stored answer or finds nothing done. Kept 7 days; only 2xx answers are kept; answers with secrets never.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use diesel::prelude::*;
use diesel::result::OptionalExtension;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::schema::idempotency_keys as keys;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::{Code, Fault, Problem};

/// How long a key is remembered.
pub const KEPT_DAYS: i64 = 7;
const KEPT_SECONDS: i64 = KEPT_DAYS * 24 * 3600;

/// What a stored answer is told by.
pub const REPLAYED: (&str, &str) = ("Idempotent-Replayed", "true");

/// One keyed request.
#[derive(Debug, Clone)]
pub struct Key {
    tenant: Id,
    scope: Vec<u8>,
    body_mac: Vec<u8>,
    now: Time,
}

/// An answer that was just made, or one that was made before.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub replayed: bool,
}

impl Answer {
    /// The response of this answer, to which the caller adds the headers that follow from the body.
    pub fn response(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if self.replayed {
            response.insert_header(REPLAYED);
        }
        response
    }
}

impl Key {
    /// The key of this request, if it has one. `who` names client and principal; `secret` keys the digest of the body,
    /// which may hold personal data.
    pub fn of(
        request: &HttpRequest,
        tenant: Id,
        who: &str,
        body: &[u8],
        secret: &[u8],
        now: Time,
    ) -> Result<Option<Key>, Problem> {
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
        Ok(Some(Key { tenant, scope: scope.to_vec(), body_mac: mac.finalize().into_bytes().to_vec(), now }))
    }
}

/// Runs `effect` once per key, inside the caller's transaction.
pub fn once(conn: &mut Conn, key: Option<&Key>, effect: impl FnOnce(&mut Conn) -> Stored<(u16, Value)>) -> Stored<Answer> {
    let Some(key) = key else {
        return effect(conn).map(|(status, body)| Answer { status, body, replayed: false });
    };
    lock(conn, key)?;
    if let Some(answer) = find(conn, key)? {
        return Ok(answer);
    }
    let (status, body) = effect(conn)?;
    let row = (
        keys::tenant_id.eq(key.tenant),
        keys::scope.eq(&key.scope),
        keys::body_mac.eq(&key.body_mac),
        keys::status.eq(i32::from(status)),
        keys::answer.eq(Json(body.clone())),
        keys::created_at.eq(key.now),
    );
    each!(conn, c => diesel::insert_into(keys::table).values(row).execute(c))?;
    Ok(Answer { status, body, replayed: false })
}

/// The stored answer to this request, for work that must be done before its transaction begins.
pub fn stored(conn: &mut Conn, key: &Key) -> Stored<Option<Answer>> {
    let oldest = key.now.plus_seconds(-KEPT_SECONDS);
    read(conn, key, oldest)
}

fn find(conn: &mut Conn, key: &Key) -> Stored<Option<Answer>> {
    let oldest = key.now.plus_seconds(-KEPT_SECONDS);
    each!(conn, c => diesel::delete(keys::table.filter(keys::tenant_id.eq(key.tenant)).filter(keys::scope.eq(&key.scope)).filter(keys::created_at.lt(oldest))).execute(c))?;
    read(conn, key, oldest)
}

fn read(conn: &mut Conn, key: &Key, oldest: Time) -> Stored<Option<Answer>> {
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
            Ok(Some(Answer { status: u16::try_from(status).unwrap_or(200), body: body.0, replayed: true }))
        }
    }
}

/// Waits for the same request that is running, to give its answer; one that runs longer than locks may be waited for is 409. On
/// SQLite the single writer runs one closure at a time, so there is never one.
fn lock(conn: &mut Conn, key: &Key) -> Stored<()> {
    use diesel::sql_types::BigInt;
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let number = key.scope.iter().zip(key.tenant.0.as_bytes()).take(8).fold(0_i64, |n, (a, b)| (n << 8) | i64::from(a ^ b));
    let waited = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(number).execute(pg);
    waited.map(drop).map_err(|error| match Problem::from(error) {
        lost if lost.fault() == Fault::Lost => lost,
        _ => Problem::new(Code::RequestInProgress, "A request with this Idempotency-Key is still running."),
    })
}

/// Forgets keys older than 7 days; called now and then.
pub fn forget_old(conn: &mut Conn, now: Time) -> Stored<usize> {
    let oldest = now.plus_seconds(-KEPT_SECONDS);
    Ok(each!(conn, c => diesel::delete(keys::table.filter(keys::created_at.lt(oldest))).execute(c))?)
}
