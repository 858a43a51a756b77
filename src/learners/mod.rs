//! Learners: one id of ours, any number of identities `{system, id}` from elsewhere, and what they have done so far.

pub mod http;
pub mod rules;
pub mod store;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::{Principal, Scope, Who};
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::records::{self, Draft, Object};

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
pub struct IdentityRef {
    /// An issuer or home page, such as an LTI issuer; absent means the calling client itself.
    #[schema(max_length = 255, min_length = 1)]
    pub system: Option<String>,
    #[schema(max_length = 255, min_length = 1)]
    pub id: String,
}

/// The system of identities that a client names without a system.
pub fn own_system(client: Id) -> String {
    format!("urn:waymark:client:{client}")
}

/// The learner that a call acts for. A learner's own token acts for itself; everyone else names one and needs
/// `learners:act`. A new identity makes a new learner where the token has `learners:write`.
pub fn acting_for(conn: &mut Conn, who: &Who, named: Option<&LearnerRef>) -> Stored<Id> {
    if let Some(own) = who.own_learner() {
        let other = named.is_some_and(|named| named.identity.is_some() || named.id.is_some_and(|id| id != own));
        return if other {
            Err(Problem::new(Code::Forbidden, "A learner's token acts for that learner alone; leave out `learner`."))
        } else {
            Ok(own)
        };
    }
    who.needs(Scope::LearnersAct)?;
    match named {
        Some(LearnerRef { id: Some(id), identity: None }) => match store::exists(conn, who.tenant, *id)? {
            true => Ok(*id),
            false => Err(unknown("/learner/id")),
        },
        Some(LearnerRef { id: None, identity: Some(identity) }) => {
            rules::check_identity(identity, "/learner/identity")?;
            let system = identity.system.clone().unwrap_or_else(|| own_system(who.client));
            match store::by_identity(conn, who.tenant, &system, &identity.id)? {
                Some(id) => Ok(id),
                None if who.scopes.has(Scope::LearnersWrite) => of_identity(conn, who, Some(&system), &identity.id),
                None => Err(unknown("/learner/identity")),
            }
        }
        Some(_) => Err(Problem::body("/learner", "give either `id` or `identity`.")),
        None => Err(Problem::body("/learner", "is missing: this token is no learner's own, so say for whom it acts.")),
    }
}

fn unknown(pointer: &str) -> Problem {
    Problem::new(
        Code::LearnerUnknown,
        format!("At {pointer}: there is no such learner. PUT /v1/learners/by-identity creates one."),
    )
    .with("pointer", pointer)
}

/// The learner of an identity, made if there is none yet.
pub fn of_identity(conn: &mut Conn, who: &Who, system: Option<&str>, external: &str) -> Stored<Id> {
    let system = system.map_or_else(|| own_system(who.client), str::to_owned);
    if let Some(id) = store::by_identity(conn, who.tenant, &system, external)? {
        return Ok(id);
    }
    let id = who.clock.id();
    store::insert(conn, who.tenant, id, None, who.now)?;
    if !store::insert_identity(conn, who.tenant, &system, external, id, who.now)? {
        // Another writer was faster; its learner is the one, ours goes.
        store::remove_bare(conn, who.tenant, id)?;
        return store::by_identity(conn, who.tenant, &system, external)?.ok_or_else(|| Problem::internal("an identity vanished"));
    }
    append(conn, who, "learner.created", id)?;
    Ok(id)
}

/// Appends a record about a learner. It names no identity: those live in one place, which can be erased.
pub fn append(conn: &mut Conn, who: &Who, kind: &'static str, learner: Id) -> Stored<()> {
    let draft = Draft {
        kind,
        learner: Some(learner),
        object: Object { r#type: "learner".to_owned(), id: learner.to_string(), iri: None },
        place: None,
        context: Json(json!({})),
        occurred: records::now(who.now),
        body: json!({}),
    };
    records::append(conn, who, vec![draft])
}

/// Makes sure that a token for this learner can be made.
pub fn principal(conn: &mut Conn, who: &Who, id: Id) -> Stored<Principal> {
    if store::exists(conn, who.tenant, id)? { Ok(Principal::Learner(id)) } else { Err(Problem::not_found("learner of this id")) }
}
