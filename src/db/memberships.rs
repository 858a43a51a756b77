//! Which learners are in which cohorts: what cohorts, merges, which move it, and whoever asks whom staff reach have in common.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::db::schema::{cohort_members as members, cohort_staff as staff};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

/// Those of these learners who are in a cohort that this member of staff instructs.
pub fn taught_among(conn: &mut Conn, tenant: Id, person: Id, learners: &[Id]) -> Stored<Vec<Id>> {
    Ok(each!(conn, c => {
        let instructed = staff::table
            .filter(staff::tenant_id.eq(tenant))
            .filter(staff::cohort_id.eq(members::cohort_id))
            .filter(staff::staff_id.eq(person));
        members::table
            .filter(members::tenant_id.eq(tenant))
            .filter(members::learner_id.eq_any(learners))
            .filter(diesel::dsl::exists(instructed))
            .select(members::learner_id)
            .load(c)
    })?)
}

/// Those of these learners who are in a cohort.
pub fn members_among(conn: &mut Conn, tenant: Id, cohort: Id, learners: &[Id]) -> Stored<HashSet<Id>> {
    let found: Vec<Id> = each!(conn, c => members::table
        .filter(members::tenant_id.eq(tenant))
        .filter(members::cohort_id.eq(cohort))
        .filter(members::learner_id.eq_any(learners))
        .select(members::learner_id)
        .load(c))?;
    Ok(found.into_iter().collect())
}

/// The cohorts that a learner is in.
pub fn cohorts_of(conn: &mut Conn, tenant: Id, learner: Id) -> Stored<Vec<Id>> {
    Ok(each!(conn, c => members::table
        .filter(members::tenant_id.eq(tenant))
        .filter(members::learner_id.eq(learner))
        .select(members::cohort_id)
        .load(c))?)
}

/// Takes a learner out of a cohort; since when it was in it, where it was.
pub fn leave_cohort(conn: &mut Conn, tenant: Id, cohort: Id, learner: Id) -> Stored<Option<Time>> {
    Ok(each!(conn, c => diesel::delete(members::table
            .filter(members::tenant_id.eq(tenant))
            .filter(members::cohort_id.eq(cohort))
            .filter(members::learner_id.eq(learner)))
        .returning(members::added_at)
        .get_result(c)
        .optional())?)
}

/// Puts a learner into a cohort that there is; false where it was in it already.
pub fn join_cohort(conn: &mut Conn, tenant: Id, cohort: Id, learner: Id, since: Time) -> Stored<bool> {
    let row = (
        members::tenant_id.eq(tenant),
        members::cohort_id.eq(cohort),
        members::learner_id.eq(learner),
        members::added_at.eq(since),
    );
    let n = each!(conn, c => diesel::insert_into(members::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}
