//! What personal tokens look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::auth::personal::store::PersonalToken;
use crate::auth::roles::RoleBundle;
use crate::db::types::{Id, Time};

/// Who a personal token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonalTokenOwnerKind {
    Staff,
    Client,
}

/// For whom a token is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalTokenOwner {
    #[serde(rename = "type")]
    pub kind: PersonalTokenOwnerKind,
    /// Of a member of staff; the calling client needs none.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<Id>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Grades dashboard", "principal": {"type": "staff", "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10"}, "scopes": ["records:read", "attempts:read"], "expires_in_days": 90}))]
pub struct NewPersonalToken {
    /// For people: what it is used for.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub principal: PersonalTokenOwner,
    /// Each one that the asking token has; never `tokens:issue`, `clients:admin` or `tenants:admin`. At least one, or a `role`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Gives the scopes of a role, beside those that are named.
    pub role: Option<RoleBundle>,
    /// 90 unless given.
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: Option<i64>,
}

/// A personal token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonalToken)]
pub struct TokenShown {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: String,
    pub principal: Principal,
    pub scopes: Vec<String>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Time,
    /// Within a minute or two; null while it was never used.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_used_at: Option<Time>,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub revoked_at: Option<Time>,
    /// The token itself: only in the answer that made it, never again.
    pub token: Option<String>,
}

impl TokenShown {
    pub fn of(row: PersonalToken, token: Option<String>) -> TokenShown {
        TokenShown {
            id: row.id,
            principal: row.principal(),
            name: row.name,
            scopes: row.scopes.split(' ').map(str::to_owned).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            token,
        }
    }
}

/// A page of personal tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonalTokenPage {
    pub items: Vec<TokenShown>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PersonalTokenQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}
