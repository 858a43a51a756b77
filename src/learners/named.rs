//! How a call names a learner.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::db::types::Id;

/// Who a call is about: by our id, or by an identity that the client knows. Exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"identity": {"system": "https://moodle.example.edu", "id": "42"}}))]
pub struct LearnerRef {
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<Id>,
    pub identity: Option<IdentityRef>,
}

/// Under which name another system knows a learner.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"system": "https://moodle.example.edu", "id": "42"}))]
pub struct IdentityRef {
    /// An issuer or home page, such as an LTI issuer; absent means the calling client itself.
    #[schema(max_length = 255, min_length = 1)]
    pub system: Option<String>,
    #[schema(max_length = 255, min_length = 1)]
    pub id: String,
}
