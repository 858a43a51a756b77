//! Other people's tokens: identity providers (OpenID Connect) that a tenant registers, the keys that they publish, and what their tokens
//! say here. They are taken at the token endpoint alone, in exchange for tokens of ours.

pub mod http;
pub mod keys;
pub mod rules;
pub mod store;
pub mod wire;

use serde_json::Value;

pub use rules::staff_id_of;

use crate::auth::Scopes;
use crate::auth::oauth::{OauthError, bad_request, unavailable};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::issuers::rules::{ForeignRole, ForeignToken, Stranger};
use crate::state::AppState;

/// Who a token of somebody else's issuer speaks for, if the tenant takes it, and the id of the issuer's registration.
pub async fn stranger(state: &AppState, tenant: Id, token: &str) -> Result<(Stranger, Id), OauthError> {
    let refused = || bad_request("invalid_grant", "subject_token is no good token of an issuer that is registered here.");
    let read = ForeignToken::read(token).map_err(|fault| log_refusal(fault, refused()))?;
    let (name, wanted) = (read.issuer.clone(), tenant);
    let rows = state.db.of(tenant).read(move |conn| store::of_issuer(conn, wanted, &name)).await?;
    let row = rows
        .into_iter()
        .find(|row| read.is_for(&row.audience))
        .ok_or_else(|| log_refusal("its issuer or audience is not registered", refused()))?;
    let now = state.clock.now();
    let key = match state.issuer_keys.key(&row, &read, now).await {
        Ok(Some(key)) => key,
        Ok(None) => return Err(log_refusal("its issuer has no such key", refused())),
        Err(fault) => {
            tracing::warn!(%fault, issuer = row.issuer, "cannot read an issuer's keys");
            return Err(unavailable("The keys of the token's issuer cannot be read at the moment."));
        }
    };
    let claims: Value = read.verified(token, &key, &row, now).map_err(|fault| log_refusal(fault, refused()))?;
    let who = rules::who_it_is(&row, &claims).map_err(|fault| log_refusal(fault, refused()))?;
    Ok((who, row.id))
}

/// What people of this role may have at most by an issuer as it is registered now; none where it is no more.
pub fn role_scopes(conn: &mut Conn, tenant: Id, issuer: Id, role: ForeignRole) -> Stored<Option<Scopes>> {
    let row = store::find(conn, tenant, issuer)?;
    Ok(row.map(|row| rules::scopes_of_role(&row, role)))
}

/// Why is for the log alone.
fn log_refusal(fault: &str, answer: OauthError) -> OauthError {
    tracing::info!(fault, "an issuer's token was refused");
    answer
}
