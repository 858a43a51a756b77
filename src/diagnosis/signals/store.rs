//! All SQL of tenants' own signals.

use diesel::prelude::*;

use crate::db::schema::{generations, signals};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;

/// The counter that tells every process that signals have changed.
pub const TOPIC: &str = "signals";

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signals)]
pub struct SignalRow {
    pub tenant_id: Id,
    pub id: String,
    pub revision: i64,
    pub content: Json,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn find(conn: &mut Conn, tenant: Id, id: &str) -> Stored<Option<SignalRow>> {
    Ok(each!(conn, c => signals::table
        .filter(signals::tenant_id.eq(tenant))
        .filter(signals::id.eq(id))
        .select(SignalRow::as_select())
        .first(c)
        .optional())?)
}

/// A tenant's signals. There are few, so nobody needs a page of them.
pub fn of_tenant(conn: &mut Conn, tenant: Id) -> Stored<Vec<SignalRow>> {
    Ok(
        each!(conn, c => signals::table.filter(signals::tenant_id.eq(tenant)).order(signals::id).select(SignalRow::as_select()).load(c))?,
    )
}

pub fn count_signals(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(each!(conn, c => signals::table.filter(signals::tenant_id.eq(tenant)).count().get_result(c))?)
}

pub fn of_all_tenants(conn: &mut Conn) -> Stored<Vec<SignalRow>> {
    Ok(each!(conn, c => signals::table.order((signals::tenant_id, signals::id)).select(SignalRow::as_select()).load(c))?)
}

pub fn insert(conn: &mut Conn, row: &SignalRow) -> Stored<()> {
    each!(conn, c => diesel::insert_into(signals::table).values(row).execute(c))?;
    Ok(())
}

pub fn replace(conn: &mut Conn, row: &SignalRow) -> Stored<()> {
    let change = (signals::revision.eq(row.revision), signals::content.eq(&row.content), signals::updated_at.eq(row.updated_at));
    each!(conn, c => diesel::update(signals::table.filter(signals::tenant_id.eq(row.tenant_id)).filter(signals::id.eq(&row.id)))
        .set(change)
        .execute(c))?;
    Ok(())
}

pub fn delete(conn: &mut Conn, tenant: Id, id: &str) -> Stored<()> {
    each!(conn, c => diesel::delete(signals::table.filter(signals::tenant_id.eq(tenant)).filter(signals::id.eq(id))).execute(c))?;
    Ok(())
}

/// Tells every process that signals have changed. Whoever changes some does this before looking at them: until it commits,
/// all others who would change any wait here.
pub fn raise_signals(conn: &mut Conn) -> Stored<()> {
    each!(conn, c => diesel::update(generations::table.filter(generations::topic.eq(TOPIC)))
        .set(generations::value.eq(generations::value + 1))
        .execute(c))?;
    Ok(())
}

/// How often signals have changed. Read before the signals themselves, those are at least as new.
pub fn signal_generation(conn: &mut Conn) -> Stored<i64> {
    let found: Option<i64> =
        each!(conn, c => generations::table.filter(generations::topic.eq(TOPIC)).select(generations::value).first(c).optional())?;
    Ok(found.unwrap_or_default())
}
