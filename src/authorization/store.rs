//! All SQL of the authorisation server.

use diesel::prelude::*;

use crate::authorization::assertion::Assertion;
use crate::db::schema::{refresh_families as families, used_assertions};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

/// Uses an assertion up; false where somebody did so before.
pub fn use_assertion(conn: &mut Conn, tenant: Id, assertion: &Assertion) -> Stored<bool> {
    let row = (
        used_assertions::tenant_id.eq(tenant),
        used_assertions::client_id.eq(assertion.client),
        used_assertions::jti_sha256.eq(&assertion.jti_sha256),
        used_assertions::expires_at.eq(assertion.expires),
    );
    let used = each!(conn, c => diesel::insert_into(used_assertions::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(used == 1)
}

/// A sign-in that goes on by refresh tokens.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = families, treat_none_as_default_value = false)]
pub struct Family {
    pub tenant_id: Id,
    pub id: Id,
    pub client_id: Id,
    /// The registration of the issuer at which the person signed in.
    pub issuer_id: Id,
    pub principal_kind: String,
    pub principal_id: Id,
    pub scopes: String,
    /// Of the token that is good.
    pub sha256: Vec<u8>,
    /// Of the one before, and of the `Idempotency-Key` that it was used with.
    pub previous_sha256: Option<Vec<u8>>,
    pub request_sha256: Option<Vec<u8>>,
    /// The access token that was given last.
    pub access_jti: Id,
    pub access_expires_at: Time,
    pub created_at: Time,
    pub used_at: Time,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

pub fn insert_family(conn: &mut Conn, family: &Family) -> Stored<()> {
    each!(conn, c => diesel::insert_into(families::table).values(family).execute(c))?;
    Ok(())
}

/// A sign-in, which nobody else changes until this transaction has ended.
pub fn locked_family(conn: &mut Conn, id: Id) -> Stored<Option<Family>> {
    Ok(match conn {
        Conn::Pg(c) => {
            families::table.filter(families::id.eq(id)).select(Family::as_select()).for_update().first(c).optional()?
        }
        // The one writer runs one closure at a time.
        Conn::Sqlite(c) => families::table.filter(families::id.eq(id)).select(Family::as_select()).first(c).optional()?,
    })
}

/// The sign-ins of a person that have not ended, which nobody else changes until this transaction has ended.
pub fn locked_families_of(conn: &mut Conn, tenant: Id, (kind, id): (&str, Id)) -> Stored<Vec<Family>> {
    let of_person = families::tenant_id.eq(tenant).and(families::principal_id.eq(id)).and(families::ended_at.is_null());
    let found: Vec<Family> = match conn {
        Conn::Pg(c) => {
            families::table.filter(of_person).order(families::created_at).select(Family::as_select()).for_update().load(c)?
        }
        // The one writer runs one closure at a time.
        Conn::Sqlite(c) => families::table.filter(of_person).order(families::created_at).select(Family::as_select()).load(c)?,
    };
    Ok(found.into_iter().filter(|family| family.principal_kind == kind).collect())
}

pub fn rotate_family(conn: &mut Conn, family: &Family) -> Stored<()> {
    let own = families::tenant_id.eq(family.tenant_id).and(families::id.eq(family.id));
    let values = (
        families::sha256.eq(&family.sha256),
        families::previous_sha256.eq(&family.previous_sha256),
        families::request_sha256.eq(&family.request_sha256),
        families::access_jti.eq(family.access_jti),
        families::access_expires_at.eq(family.access_expires_at),
        families::used_at.eq(family.used_at),
    );
    each!(conn, c => diesel::update(families::table.filter(own)).set(values).execute(c))?;
    Ok(())
}

pub fn end_family(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<()> {
    let own = families::tenant_id.eq(tenant).and(families::id.eq(id));
    each!(conn, c => diesel::update(families::table.filter(own))
        .set(families::ended_at.eq(Some(now)))
        .execute(c))?;
    Ok(())
}

/// Ends the oldest sign-ins of a person but for so many.
pub fn end_oldest(conn: &mut Conn, tenant: Id, principal: Id, kept: i64, now: Time) -> Stored<()> {
    let old: Vec<Id> = each!(conn, c => families::table
        .filter(families::tenant_id.eq(tenant))
        .filter(families::principal_id.eq(principal))
        .filter(families::ended_at.is_null())
        .order(families::created_at.desc())
        .offset(kept)
        .limit(100)
        .select(families::id)
        .load(c))?;
    for id in old {
        end_family(conn, tenant, id, now)?;
    }
    Ok(())
}

/// Forgets sign-ins that had expired at a moment, and assertions that would have.
pub fn forget_ended(conn: &mut Conn, before: Time) -> Stored<()> {
    each!(conn, c => diesel::delete(families::table.filter(families::expires_at.lt(before))).execute(c))?;
    each!(conn, c => diesel::delete(used_assertions::table.filter(used_assertions::expires_at.lt(before))).execute(c))?;
    Ok(())
}
