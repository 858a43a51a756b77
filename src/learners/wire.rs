//! What learners look like on the wire; see `progress.rs` for their progress.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::types::{Id, Time};
use crate::learners::named::IdentityRef;
use crate::learners::states::LearnerState;

/// Under which name a system knows a learner.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LearnerIdentity)]
pub struct Identity {
    pub system: String,
    pub id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "name": "Ada", "revision": 1,
    "identities": [{"system": "https://moodle.example.edu", "id": "42"}], "state": "active", "merged_into": null,
    "created_at": "2026-11-23T08:00:03.120000Z", "updated_at": "2026-11-23T08:00:03.120000Z"}))]
pub struct Learner {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: Option<String>,
    /// Null for a token without `learners:read`.
    pub identities: Option<Vec<Identity>>,
    pub state: LearnerState,
    /// The learner whose its things are, where it was merged into another one.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub merged_into: Option<Id>,
    /// Raised by each change; the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
}

/// A page of learners.
#[derive(Debug, Serialize, ToSchema)]
pub struct LearnerPage {
    pub items: Vec<Learner>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LearnerQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many learners at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Only learners whom this system knows.
    #[param(min_length = 1, max_length = 255, example = "https://moodle.example.edu")]
    pub system: Option<String>,
    /// Only the learner with this id in `system`; without `system`, in the calling client's own.
    #[param(min_length = 1, max_length = 255, example = "42")]
    pub identity: Option<String>,
    /// Only learners in this state.
    #[param(inline)]
    pub state: Option<LearnerState>,
}

/// All identities of a learner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"identities": [{"system": "https://moodle.example.edu", "id": "42"}]}))]
pub struct LearnerIdentities {
    /// In the order of their names.
    pub identities: Vec<Identity>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityQuery {
    /// An issuer or home page, such as an LTI issuer; absent means the calling client itself.
    #[param(min_length = 1, max_length = 255, example = "https://moodle.example.edu")]
    pub system: Option<String>,
    /// The learner's id in that system.
    #[param(min_length = 1, max_length = 255, example = "42")]
    pub id: String,
}

/// Which identity goes. The names are those of the list's filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DroppedIdentity {
    /// An issuer or home page, such as an LTI issuer; absent means the calling client itself.
    #[param(min_length = 1, max_length = 255, example = "https://moodle.example.edu")]
    pub system: Option<String>,
    /// The learner's id in that system.
    #[param(min_length = 1, max_length = 255, example = "42")]
    pub identity: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ada", "identities": [{"system": "https://moodle.example.edu", "id": "42"}]}))]
pub struct NewLearner {
    /// A name to show. Records never hold it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(min_items = 1, max_items = 20)]
    pub identities: Vec<IdentityRef>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ada"}))]
pub struct LearnerChange {
    /// A name to show. Absent leaves it as it is; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name: Option<Option<String>>,
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_null_is_not_one_that_is_absent() {
        let name = |body: &[u8]| crate::web::parse::parse_body::<LearnerChange>(body).unwrap().name;
        assert_eq!(name(b"{}"), None);
        assert_eq!(name(br#"{"name": null}"#), Some(None));
        assert_eq!(name(br#"{"name": "Ada"}"#), Some(Some("Ada".to_owned())));
    }
}
