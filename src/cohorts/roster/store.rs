//! SQL of rosters beside that of cohorts: where somebody is, of the cohorts of one system.

use diesel::prelude::*;

use crate::db::memberships::cohorts_of;
use crate::db::schema::{cohort_staff as staff, cohorts};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::each;

/// The cohorts of a system that a learner is in.
pub fn cohorts_with_learner(conn: &mut Conn, tenant: Id, system: &str, learner: Id) -> Stored<Vec<Id>> {
    let ids = cohorts_of(conn, tenant, learner)?;
    of_system(conn, tenant, system, &ids)
}

/// The cohorts of a system that somebody instructs.
pub fn cohorts_with_instructor(conn: &mut Conn, tenant: Id, system: &str, person: Id) -> Stored<Vec<Id>> {
    let ids: Vec<Id> = each!(conn, c => staff::table
        .filter(staff::tenant_id.eq(tenant))
        .filter(staff::staff_id.eq(person))
        .select(staff::cohort_id)
        .load(c))?;
    of_system(conn, tenant, system, &ids)
}

fn of_system(conn: &mut Conn, tenant: Id, system: &str, ids: &[Id]) -> Stored<Vec<Id>> {
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let found: Vec<(Id, Option<String>)> = each!(conn, c => cohorts::table
            .filter(cohorts::tenant_id.eq(tenant))
            .filter(cohorts::id.eq_any(some))
            .select((cohorts::id, cohorts::system))
            .load(c))?;
        all.extend(found.into_iter().filter(|(_, of)| of.as_deref() == Some(system)).map(|(id, _)| id));
    }
    all.sort();
    Ok(all)
}
