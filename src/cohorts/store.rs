//! All SQL of cohorts and of who is in them.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::db::schema::{cohort_members as members, cohort_staff as staff, cohorts};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cohorts, treat_none_as_default_value = false)]
pub struct CohortRow {
    pub tenant_id: Id,
    pub id: Id,
    pub name: String,
    pub system: Option<String>,
    pub external_id: Option<String>,
    pub due: Json,
    pub revision: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<CohortRow>> {
    Ok(each!(conn, c => cohorts::table
        .filter(cohorts::tenant_id.eq(tenant))
        .filter(cohorts::id.eq(id))
        .select(CohortRow::as_select())
        .first(c)
        .optional())?)
}

/// A cohort, locked against whoever else changes it or who is in it, until the transaction ends.
pub fn lock(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<CohortRow>> {
    match conn {
        Conn::Pg(c) => {
            let query =
                cohorts::table.filter(cohorts::tenant_id.eq(tenant)).filter(cohorts::id.eq(id)).select(CohortRow::as_select());
            Ok(query.for_update().first(c).optional()?)
        }
        // Its single writer is the lock.
        Conn::Sqlite(_) => find(conn, tenant, id),
    }
}

/// The cohort that another system calls so.
pub fn by_external(conn: &mut Conn, tenant: Id, system: &str, external: &str) -> Stored<Option<Id>> {
    Ok(each!(conn, c => cohorts::table
        .filter(cohorts::tenant_id.eq(tenant))
        .filter(cohorts::system.eq(system))
        .filter(cohorts::external_id.eq(external))
        .select(cohorts::id)
        .first(c)
        .optional())?)
}

pub fn count_cohorts(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(each!(conn, c => cohorts::table.filter(cohorts::tenant_id.eq(tenant)).select(count_star()).first(c))?)
}

pub fn insert(conn: &mut Conn, row: &CohortRow) -> Stored<()> {
    each!(conn, c => diesel::insert_into(cohorts::table).values(row).execute(c))?;
    Ok(())
}

/// Replaces one that is locked.
pub fn replace(conn: &mut Conn, row: &CohortRow) -> Stored<()> {
    let values = (
        cohorts::name.eq(&row.name),
        cohorts::system.eq(&row.system),
        cohorts::external_id.eq(&row.external_id),
        cohorts::due.eq(&row.due),
        cohorts::revision.eq(row.revision),
        cohorts::updated_at.eq(row.updated_at),
    );
    each!(conn, c => diesel::update(cohorts::table.filter(cohorts::tenant_id.eq(row.tenant_id)).filter(cohorts::id.eq(row.id)))
        .set(values)
        .execute(c))?;
    Ok(())
}

/// Raises the revision: something that it is shown with has changed.
pub fn touch(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<()> {
    each!(conn, c => diesel::update(cohorts::table.filter(cohorts::tenant_id.eq(tenant)).filter(cohorts::id.eq(id)))
        .set((cohorts::revision.eq(cohorts::revision + 1), cohorts::updated_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// Deletes a cohort that is locked, with who is in it.
pub fn delete(conn: &mut Conn, tenant: Id, id: Id) -> Stored<()> {
    each!(conn, c => diesel::delete(members::table.filter(members::tenant_id.eq(tenant)).filter(members::cohort_id.eq(id))).execute(c))?;
    each!(conn, c => diesel::delete(staff::table.filter(staff::tenant_id.eq(tenant)).filter(staff::cohort_id.eq(id))).execute(c))?;
    each!(conn, c => diesel::delete(cohorts::table.filter(cohorts::tenant_id.eq(tenant)).filter(cohorts::id.eq(id))).execute(c))?;
    Ok(())
}

/// The first `limit` cohorts behind an id.
pub fn page(conn: &mut Conn, tenant: Id, after: Id, limit: i64) -> Stored<Vec<CohortRow>> {
    Ok(each!(conn, c => cohorts::table
        .filter(cohorts::tenant_id.eq(tenant))
        .filter(cohorts::id.gt(after))
        .order(cohorts::id)
        .limit(limit)
        .select(CohortRow::as_select())
        .load(c))?)
}

/// The same of those that a member of staff instructs.
pub fn page_taught(conn: &mut Conn, tenant: Id, person: Id, after: Id, limit: i64) -> Stored<Vec<CohortRow>> {
    let ids: Vec<Id> = each!(conn, c => staff::table
        .filter(staff::tenant_id.eq(tenant))
        .filter(staff::staff_id.eq(person))
        .filter(staff::cohort_id.gt(after))
        .order(staff::cohort_id)
        .limit(limit)
        .select(staff::cohort_id)
        .load(c))?;
    let mut rows: Vec<CohortRow> = each!(conn, c => cohorts::table
        .filter(cohorts::tenant_id.eq(tenant))
        .filter(cohorts::id.eq_any(ids))
        .select(CohortRow::as_select())
        .load(c))?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// (learner, since when) of the first `limit` learners of a cohort behind an id.
pub fn members_page(conn: &mut Conn, tenant: Id, cohort: Id, after: Id, limit: i64) -> Stored<Vec<(Id, Time)>> {
    Ok(each!(conn, c => members::table
        .filter(members::tenant_id.eq(tenant))
        .filter(members::cohort_id.eq(cohort))
        .filter(members::learner_id.gt(after))
        .order(members::learner_id)
        .limit(limit)
        .select((members::learner_id, members::added_at))
        .load(c))?)
}

pub fn count_members(conn: &mut Conn, tenant: Id, cohort: Id) -> Stored<i64> {
    Ok(each!(conn, c => members::table
        .filter(members::tenant_id.eq(tenant))
        .filter(members::cohort_id.eq(cohort))
        .select(count_star())
        .first(c))?)
}

/// (cohort, staff) of all these cohorts.
pub fn instructors_of(conn: &mut Conn, tenant: Id, cohorts: &[Id]) -> Stored<Vec<(Id, Id)>> {
    if cohorts.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Id, Id)> = each!(conn, c => staff::table
        .filter(staff::tenant_id.eq(tenant))
        .filter(staff::cohort_id.eq_any(cohorts))
        .select((staff::cohort_id, staff::staff_id))
        .load(c))?;
    found.sort();
    Ok(found)
}

pub fn instructs(conn: &mut Conn, tenant: Id, cohort: Id, person: Id) -> Stored<bool> {
    let found: Option<Id> = each!(conn, c => staff::table
        .filter(staff::tenant_id.eq(tenant))
        .filter(staff::cohort_id.eq(cohort))
        .filter(staff::staff_id.eq(person))
        .select(staff::staff_id)
        .first(c)
        .optional())?;
    Ok(found.is_some())
}

pub fn insert_instructor(conn: &mut Conn, tenant: Id, cohort: Id, person: Id, now: Time) -> Stored<()> {
    let row = (staff::tenant_id.eq(tenant), staff::cohort_id.eq(cohort), staff::staff_id.eq(person), staff::added_at.eq(now));
    each!(conn, c => diesel::insert_into(staff::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// False when that person did not instruct it.
pub fn delete_instructor(conn: &mut Conn, tenant: Id, cohort: Id, person: Id) -> Stored<bool> {
    let gone = each!(conn, c => diesel::delete(staff::table
            .filter(staff::tenant_id.eq(tenant))
            .filter(staff::cohort_id.eq(cohort))
            .filter(staff::staff_id.eq(person)))
        .execute(c))?;
    Ok(gone == 1)
}
