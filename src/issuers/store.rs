//! All SQL of registered issuers.

use diesel::prelude::*;

use crate::db::schema::issuers;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = issuers)]
pub struct IssuerRow {
    pub tenant_id: Id,
    pub id: Id,
    pub issuer: String,
    pub audience: String,
    pub subject_claim: String,
    /// Rules as JSON.
    pub roles: String,
    pub revision: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

/// False where the id, or issuer and audience, are there already.
pub fn insert(conn: &mut Conn, row: &IssuerRow) -> Stored<bool> {
    let made = each!(conn, c => diesel::insert_into(issuers::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made == 1)
}

/// Replaces one that has the revision before; false where it was changed meanwhile.
pub fn replace(conn: &mut Conn, row: &IssuerRow) -> Stored<bool> {
    let own = issuers::tenant_id.eq(row.tenant_id).and(issuers::id.eq(row.id)).and(issuers::revision.eq(row.revision - 1));
    let values = (
        issuers::issuer.eq(&row.issuer),
        issuers::audience.eq(&row.audience),
        issuers::subject_claim.eq(&row.subject_claim),
        issuers::roles.eq(&row.roles),
        issuers::revision.eq(row.revision),
        issuers::updated_at.eq(row.updated_at),
    );
    let done = each!(conn, c => diesel::update(issuers::table.filter(own)).set(values).execute(c))?;
    Ok(done == 1)
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<IssuerRow>> {
    Ok(each!(conn, c => issuers::table
        .filter(issuers::tenant_id.eq(tenant))
        .filter(issuers::id.eq(id))
        .select(IssuerRow::as_select())
        .first(c)
        .optional())?)
}

/// Those of a tenant that have this name: one for each audience.
pub fn of_issuer(conn: &mut Conn, tenant: Id, issuer: &str) -> Stored<Vec<IssuerRow>> {
    Ok(each!(conn, c => issuers::table
        .filter(issuers::tenant_id.eq(tenant))
        .filter(issuers::issuer.eq(issuer))
        .order(issuers::audience)
        .limit(100)
        .select(IssuerRow::as_select())
        .load(c))?)
}

pub fn issuers_of(conn: &mut Conn, tenant: Id) -> Stored<Vec<IssuerRow>> {
    Ok(each!(conn, c => issuers::table
        .filter(issuers::tenant_id.eq(tenant))
        .order(issuers::id)
        .select(IssuerRow::as_select())
        .load(c))?)
}

pub fn delete(conn: &mut Conn, tenant: Id, id: Id) -> Stored<bool> {
    let gone = each!(conn, c => diesel::delete(issuers::table.filter(issuers::tenant_id.eq(tenant)).filter(issuers::id.eq(id))).execute(c))?;
    Ok(gone == 1)
}
