//! `/v1/keys`: the keys that sign access tokens, and from one to the next.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::administration::store;
use crate::audit::{self, AuditEntry};
use crate::auth::Caller;
use crate::auth::caller::TenantsAdmin;
use crate::auth::keys::KeyAlgorithm;
use crate::auth::rotation::{self, KeyShown};
use crate::db::Conn;
use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::idempotency::{IdempotencyKey, once};
use crate::web::json::Body;

/// The keys that sign access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct SigningKeys {
    /// The newest first. There are ten at most.
    pub items: Vec<KeyShown>,
}

/// How the next key is to sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"algorithm": "EdDSA", "compromised": false}))]
pub struct KeyRotation {
    pub algorithm: KeyAlgorithm,
    /// A key became known to others: the new one signs at once, and every token of the keys before is refused from now on, the one of
    /// this call included.
    #[serde(default)]
    pub compromised: bool,
}

/// List signing keys
///
/// Of the whole installation, without their private parts; `/.well-known/jwks.json` has what verifies a token. Only for the tenant that
/// runs the installation.
#[utoipa::path(
    tag = "Administration",
    responses((status = 200, description = "The keys.", body = SigningKeys)),
    security(("token" = ["tenants:admin"]))
)]
#[get("/keys")]
pub async fn list_keys(state: Data<AppState>, caller: Caller<TenantsAdmin>) -> Result<Answered<SigningKeys>, Problem> {
    let who = caller.into_administrator()?;
    let items = state.db.of(who.tenant).read(move |conn| rotation::list(conn, who.now)).await?;
    Ok(Answered::ok(SigningKeys { items }))
}

/// Make the next signing key
///
/// It is published now and signs after ten minutes, so that everybody knows it by then; the key before it verifies until the last token
/// that it signed has expired. No request is refused meanwhile, unless a key is said to be `compromised`. Repeat it safely with an
/// `Idempotency-Key`.
#[utoipa::path(
    tag = "Administration",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 characters; the same key and body get the stored answer.")),
    request_body = KeyRotation,
    responses(
        (status = 201, description = "The new key.", body = KeyShown),
        (status = 409, description = "`illegal_state`: there are as many keys as there may be. `request_in_progress`: the same request is still running."),
    ),
    security(("token" = ["tenants:admin"]))
)]
#[post("/keys")]
pub async fn rotate_keys(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    request: HttpRequest,
    body: Body<KeyRotation>,
) -> Result<Answered<KeyShown>, Problem> {
    let who = caller.into_administrator()?;
    let idempotency = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let KeyRotation { algorithm, compromised } = body.value;
    // An RSA key takes a while: too long for the writer, which others wait for.
    let (there, clock) = (state.clone(), who.clock.clone());
    let make = move || rotation::next_key(algorithm, compromised, there.config.key_secret.as_ref(), &clock);
    let key = web::block(make).await.map_err(Problem::internal)??;
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        once(conn, idempotency.as_ref(), |conn| {
            store::take_turn_at_keys(conn)?;
            rotation::rotate(conn, &key, compromised, who.now)?;
            audit::note(conn, &who, AuditEntry::key_rotated(&key.kid, algorithm, compromised))?;
            let shown = rotation::list(conn, who.now)?.into_iter().find(|shown| shown.kid == key.kid);
            Ok((StatusCode::CREATED, shown.ok_or_else(|| Problem::internal("the key that was made is not there"))?))
        })
    };
    let answer = db.write(work).await?;
    state.renew_access().await;
    Ok(Answered::from(answer))
}
