//! Personal access tokens over HTTP: an administrator makes them for staff and for clients, sees when each was last used, and takes
//! them back. What they are is in `auth/personal`.

pub mod http;
pub mod rules;
pub mod wire;

use crate::audit::{self, AuditEntry};
use crate::auth::personal::store::{self, PersonalToken};
use crate::auth::{Who, store as auth_store};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};

/// How many tokens of a tenant may be in force at a time.
pub const MOST_TOKENS: i64 = 1000;

/// Keeps a token that was just made; where it is there already, that one, and false.
pub fn keep_token(conn: &mut Conn, who: &Who, token: &PersonalToken) -> Stored<(PersonalToken, bool)> {
    if let Some(there) = store::find(conn, who.tenant, token.id)? {
        return same_or_taken(there, token);
    }
    if store::count_in_force(conn, who.tenant, who.now)? >= MOST_TOKENS {
        let detail = format!("The tenant has {MOST_TOKENS} personal tokens in force, which is the most. Take one back first.");
        return Err(Problem::new(Code::IllegalState, detail).with("limit", MOST_TOKENS));
    }
    if store::insert(conn, token)? {
        let entry = AuditEntry::new("personal_token.created", ("personal_token", &token.id))
            .with("for", format!("{} {}", token.principal_kind, token.principal_id))
            .with("scopes", token.scopes.clone())
            .with("expires_at", token.expires_at.to_string());
        audit::note(conn, who, entry)?;
        return Ok((token.clone(), true));
    }
    // Another call was faster, or the id is another tenant's.
    let there = store::find(conn, who.tenant, token.id)?.ok_or_else(id_taken)?;
    same_or_taken(there, token)
}

fn same_or_taken(there: PersonalToken, asked: &PersonalToken) -> Stored<(PersonalToken, bool)> {
    let same = there.name == asked.name && there.scopes == asked.scopes && there.principal() == asked.principal();
    if same { Ok((there, false)) } else { Err(id_taken()) }
}

fn id_taken() -> Problem {
    Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one.")
}

/// Takes a token back; tokens that were taken back before stay so.
pub fn take_back(conn: &mut Conn, who: &Who, id: Id) -> Stored<PersonalToken> {
    let token = store::find(conn, who.tenant, id)?.ok_or_else(|| Problem::not_found("personal token of this id"))?;
    if store::revoke(conn, who.tenant, id, who.now)? {
        auth_store::keep_revocation(conn, who.tenant, id, token.expires_at, who.now)?;
        audit::note(conn, who, AuditEntry::new("personal_token.revoked", ("personal_token", &id)))?;
    }
    Ok(token)
}
