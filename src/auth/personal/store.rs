//! All SQL of personal access tokens.

use diesel::prelude::*;

use crate::auth::claims::Claims;
use crate::auth::rules::{Principal, Scopes};
use crate::db::schema::personal_tokens as tokens;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub struct PersonalToken {
    pub tenant_id: Id,
    pub id: Id,
    pub client_id: Id,
    pub principal_kind: String,
    pub principal_id: Id,
    pub name: String,
    pub scopes: String,
    pub sha256: Vec<u8>,
    pub created_at: Time,
    pub expires_at: Time,
    pub last_used_at: Option<Time>,
    pub revoked_at: Option<Time>,
}

impl PersonalToken {
    pub fn principal(&self) -> Principal {
        match self.principal_kind.as_str() {
            "staff" => Principal::Staff(self.principal_id),
            _ => Principal::Client(self.principal_id),
        }
    }
}

/// False where something has this id.
pub fn insert(conn: &mut Conn, token: &PersonalToken) -> Stored<bool> {
    let made = each!(conn, c => diesel::insert_into(tokens::table).values(token).on_conflict_do_nothing().execute(c))?;
    Ok(made == 1)
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<PersonalToken>> {
    Ok(each!(conn, c => tokens::table
        .filter(tokens::tenant_id.eq(tenant))
        .filter(tokens::id.eq(id))
        .select(PersonalToken::as_select())
        .first(c)
        .optional())?)
}

/// Up to `limit` tokens of a tenant after an id, in the order of their ids.
pub fn page(conn: &mut Conn, tenant: Id, after: Id, limit: i64) -> Stored<Vec<PersonalToken>> {
    Ok(each!(conn, c => tokens::table
        .filter(tokens::tenant_id.eq(tenant))
        .filter(tokens::id.gt(after))
        .order(tokens::id)
        .limit(limit)
        .select(PersonalToken::as_select())
        .load(c))?)
}

/// How many tokens of a tenant are in force.
pub fn count_in_force(conn: &mut Conn, tenant: Id, now: Time) -> Stored<i64> {
    Ok(each!(conn, c => tokens::table
        .filter(tokens::tenant_id.eq(tenant))
        .filter(tokens::expires_at.gt(now))
        .filter(tokens::revoked_at.is_null())
        .count()
        .get_result(c))?)
}

/// What a token says, if it is one that is kept and was not taken back.
pub fn claims(conn: &mut Conn, id: Id, sha256: &[u8]) -> Stored<Option<Claims>> {
    let row: Option<PersonalToken> = each!(conn, c => tokens::table
        .filter(tokens::id.eq(id))
        .select(PersonalToken::as_select())
        .first(c)
        .optional())?;
    Ok(row.filter(|row| row.revoked_at.is_none() && row.sha256 == sha256).map(|row| Claims {
        tenant: row.tenant_id,
        client: row.client_id,
        principal: row.principal(),
        scopes: Scopes::parse(&row.scopes).unwrap_or_default(),
        jti: row.id,
        issued: row.created_at.utc().timestamp(),
        expires: row.expires_at.utc().timestamp(),
        kid: None,
    }))
}

/// Takes a token back; false where it was taken back before.
pub fn revoke(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<bool> {
    let done = each!(conn, c => diesel::update(tokens::table.filter(tokens::tenant_id.eq(tenant)).filter(tokens::id.eq(id)).filter(tokens::revoked_at.is_null()))
        .set(tokens::revoked_at.eq(Some(now)))
        .execute(c))?;
    Ok(done == 1)
}

/// Writes down when tokens were used last.
pub fn note_uses(conn: &mut Conn, uses: &[(Id, Id, Time)]) -> Stored<()> {
    for (tenant, id, at) in uses {
        let own = tokens::tenant_id.eq(tenant).and(tokens::id.eq(id));
        let earlier = tokens::last_used_at.is_null().or(tokens::last_used_at.lt(at));
        each!(conn, c => diesel::update(tokens::table.filter(own).filter(earlier))
            .set(tokens::last_used_at.eq(Some(*at)))
            .execute(c))?;
    }
    Ok(())
}

/// How long a token stays in the list after it has expired: 90 days.
const KEPT_AFTER_ITS_END: i64 = 90 * 24 * 3600;

/// Forgets tokens that expired long ago.
pub fn forget_old_tokens(conn: &mut Conn, now: Time) -> Stored<()> {
    let before = now.plus_seconds(-KEPT_AFTER_ITS_END);
    each!(conn, c => diesel::delete(tokens::table.filter(tokens::expires_at.lt(before))).execute(c))?;
    Ok(())
}
