//! What registered issuers look like on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::{Id, Time};
use crate::issuers::rules::RoleRule;
use crate::issuers::store::IssuerRow;

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"issuer": "https://login.example.edu", "audience": "waymark-phone", "subject_claim": "sub",
    "roles": [{"claim": "roles", "value": "teacher", "role": "staff", "scopes": ["attempts:read", "submissions:read", "reviews:write"]},
        {"role": "learner", "scopes": ["lessons:read", "attempts:read", "attempts:write"]}]}))]
pub struct IssuerPut {
    /// Exactly as the tokens name it in `iss`. Its keys are found at `/.well-known/openid-configuration` under it.
    #[schema(max_length = 255, format = "uri")]
    pub issuer: String,
    /// What the tokens have in `aud`: the id that the app has at the issuer.
    #[schema(min_length = 1, max_length = 255)]
    pub audience: String,
    /// The claim that says who it is; `sub` unless given. It must never be given to somebody else.
    #[serde(default = "sub")]
    #[schema(min_length = 1, max_length = 255, default = "sub")]
    pub subject_claim: String,
    /// The first rule that fits a token says what its owner is here; where none fits, the token is refused.
    #[schema(min_items = 1, max_items = 20)]
    pub roles: Vec<RoleRule>,
}

fn sub() -> String {
    "sub".to_owned()
}

/// An identity provider whose tokens this tenant takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Issuer {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub issuer: String,
    pub audience: String,
    pub subject_claim: String,
    pub roles: Vec<RoleRule>,
    /// Raised by each change; the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
}

impl Issuer {
    pub fn of(row: IssuerRow) -> Issuer {
        Issuer {
            id: row.id,
            issuer: row.issuer,
            audience: row.audience,
            subject_claim: row.subject_claim,
            roles: serde_json::from_str(&row.roles).unwrap_or_default(),
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// All issuers of the tenant: at most 50.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuerList {
    pub items: Vec<Issuer>,
}
