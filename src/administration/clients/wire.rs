//! What clients look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::administration::key_set::ClientKeySet;
use crate::administration::store::Client;
use crate::auth::Scopes;
use crate::auth::roles::RoleBundle;
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::web::page::Position;

/// Whether a client has a secret, and whether this answer shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretState {
    /// It is in this answer, and in no other.
    GivenNow,
    /// It was in the answer that made it. Who lost it asks for another one.
    GivenBefore,
    /// The client has none: it signs in by its keys.
    None,
}

/// An application with credentials.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "name": "Our LMS", "scopes": ["lessons:read", "learners:act"], "jwks": null,
    "secret_state": "given_before", "previous_secret_until": null, "disabled_at": null, "revision": 1,
    "created_at": "2026-11-23T08:00:03.120000Z"}))]
pub struct RegisteredClient {
    /// Its `client_id` at `/oauth/token`.
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: String,
    /// What it may ask tokens for.
    pub scopes: Vec<String>,
    /// Public keys by which it signs in (`private_key_jwt`); null where it has none.
    pub jwks: Option<ClientKeySet>,
    pub secret_state: SecretState,
    /// Its secret, with `secret_state` `given_now` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub client_secret: Option<String>,
    /// Until when the secret before the present one is good too, or was; null where there is none.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub previous_secret_until: Option<Time>,
    /// Since when it is disabled; null while it is not.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub disabled_at: Option<Time>,
    /// Raised by each change; the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
}

/// The most that a client's tokens may do.
pub fn client_scopes(client: &Client) -> Result<Scopes, Problem> {
    Scopes::parse(&client.scopes).map_err(Problem::internal)
}

/// The public keys that a client signs in with.
pub fn client_keys(client: &Client) -> Result<Option<ClientKeySet>, Problem> {
    client.jwks.as_deref().map(serde_json::from_str).transpose().map_err(Problem::internal)
}

impl RegisteredClient {
    /// The client, with its secret where it was made just now.
    pub fn of(client: &Client, secret: Option<String>) -> Result<RegisteredClient, Problem> {
        let (scopes, jwks) = (client_scopes(client)?, client_keys(client)?);
        let secret_state = match (&secret, client.has_secret()) {
            (Some(_), _) => SecretState::GivenNow,
            (None, true) => SecretState::GivenBefore,
            (None, false) => SecretState::None,
        };
        Ok(RegisteredClient {
            id: client.id,
            name: client.name.clone(),
            scopes: scopes.names().into_iter().map(str::to_owned).collect(),
            jwks,
            secret_state,
            client_secret: secret,
            previous_secret_until: client.previous_secret_until,
            disabled_at: client.disabled_at,
            revision: client.revision,
            created_at: client.created_at,
        })
    }
}

/// A page of clients.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientPage {
    pub items: Vec<RegisteredClient>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClientQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many clients at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// What a client is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Our LMS", "scopes": ["lessons:read", "attempts:read", "attempts:write", "learners:act"]}))]
pub struct ClientPut {
    /// A name for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it may ask tokens for; each must be one that the asking token has. At least one, or a `role`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Gives the scopes of a role, beside those that are named.
    pub role: Option<RoleBundle>,
    /// Public keys by which it signs in (`private_key_jwt`); absent or null for none.
    pub jwks: Option<ClientKeySet>,
    /// Whether it has a secret. Unless given, a new client gets one, and one that is there keeps what it has. False without
    /// `jwks` is an app on people's devices, which can keep no secret (RFC 6749, section 2.1): it gets tokens only for what proves the
    /// person, a token of a registered issuer or a refresh token.
    pub secret: Option<bool>,
}

/// How a client's secret is to change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_seconds": 86400}))]
pub struct SecretRotation {
    /// How long the present secret stays good beside the new one, in seconds; 86400 unless given, 0 to end it at once.
    #[schema(minimum = 0, maximum = 604_800)]
    pub overlap_seconds: Option<i64>,
}

/// Where a page of clients ended: by when they were made, then by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientPlace(pub Time, pub Id);

impl Default for ClientPlace {
    fn default() -> ClientPlace {
        ClientPlace(Time(i64::MIN), Id::NIL)
    }
}

impl Position for ClientPlace {
    fn to_bytes(&self) -> Vec<u8> {
        [self.0.0.to_be_bytes().as_slice(), self.1.0.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<ClientPlace> {
        let (made, id) = bytes.split_first_chunk::<8>()?;
        Some(ClientPlace(Time(i64::from_be_bytes(*made)), Id(uuid::Uuid::from_slice(id).ok()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_is_one() {
        for place in [ClientPlace::default(), ClientPlace(Time(7), Id(uuid::Uuid::from_u128(9)))] {
            assert_eq!(ClientPlace::from_bytes(&place.to_bytes()), Some(place));
        }
        for bytes in [0, 7, 8, 23, 25] {
            assert_eq!(ClientPlace::from_bytes(&vec![0; bytes]), None);
        }
    }
}
