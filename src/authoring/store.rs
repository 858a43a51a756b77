//! All SQL of drafts.

use diesel::prelude::*;

use crate::db::schema::drafts;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = drafts)]
pub struct DraftRow {
    pub tenant_id: Id,
    pub slug: String,
    pub revision: i64,
    /// Of the content, which has no revision.
    pub digest: String,
    pub title: String,
    pub content: Json,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A draft in a list.
#[derive(Debug, Clone, Queryable)]
pub struct Brief {
    pub slug: String,
    pub revision: i64,
    pub digest: String,
    pub title: String,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn find(conn: &mut Conn, tenant: Id, slug: &str) -> Stored<Option<DraftRow>> {
    Ok(each!(conn, c => drafts::table
        .filter(drafts::tenant_id.eq(tenant))
        .filter(drafts::slug.eq(slug))
        .select(DraftRow::as_select())
        .first(c)
        .optional())?)
}

pub fn count(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(each!(conn, c => drafts::table.filter(drafts::tenant_id.eq(tenant)).count().get_result(c))?)
}

/// False when there is one of this slug.
pub fn insert(conn: &mut Conn, row: &DraftRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(drafts::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// Replaces the draft of revision `old`; false when it has another one by now.
pub fn replace(conn: &mut Conn, old: i64, row: &DraftRow) -> Stored<bool> {
    let change = (
        drafts::revision.eq(row.revision),
        drafts::digest.eq(&row.digest),
        drafts::title.eq(&row.title),
        drafts::content.eq(&row.content),
        drafts::updated_at.eq(row.updated_at),
    );
    let n = each!(conn, c => diesel::update(drafts::table
            .filter(drafts::tenant_id.eq(row.tenant_id))
            .filter(drafts::slug.eq(&row.slug))
            .filter(drafts::revision.eq(old)))
        .set(change)
        .execute(c))?;
    Ok(n == 1)
}

/// Deletes the draft of this revision; false when it has another one by now.
pub fn delete(conn: &mut Conn, row: &DraftRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::delete(drafts::table
            .filter(drafts::tenant_id.eq(row.tenant_id))
            .filter(drafts::slug.eq(&row.slug))
            .filter(drafts::revision.eq(row.revision)))
        .execute(c))?;
    Ok(n == 1)
}

/// The page after `after`, at most `limit` rows, in the order of slugs.
pub fn page(conn: &mut Conn, tenant: Id, after: &str, limit: i64) -> Stored<Vec<Brief>> {
    Ok(each!(conn, c => drafts::table
        .filter(drafts::tenant_id.eq(tenant))
        .filter(drafts::slug.gt(after))
        .order(drafts::slug)
        .limit(limit)
        .select((drafts::slug, drafts::revision, drafts::digest, drafts::title, drafts::created_at, drafts::updated_at))
        .load(c))?)
}
