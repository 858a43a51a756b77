//! All SQL of learners and their identities.

use diesel::prelude::*;

use crate::db::schema::{identities, learners};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

pub fn exists(conn: &mut Conn, tenant: Id, id: Id) -> Stored<bool> {
    let n: i64 = each!(conn, c => learners::table.filter(learners::tenant_id.eq(tenant)).filter(learners::id.eq(id)).count().get_result(c))?;
    Ok(n == 1)
}

pub fn by_identity(conn: &mut Conn, tenant: Id, system: &str, external: &str) -> Stored<Option<Id>> {
    Ok(each!(conn, c => identities::table
        .filter(identities::tenant_id.eq(tenant))
        .filter(identities::system.eq(system))
        .filter(identities::external_id.eq(external))
        .select(identities::learner_id)
        .first(c)
        .optional())?)
}

/// False when something else already has this id.
pub fn insert(conn: &mut Conn, tenant: Id, id: Id, name: Option<&str>, now: Time) -> Stored<bool> {
    let row = (
        learners::tenant_id.eq(tenant),
        learners::id.eq(id),
        learners::name.eq(name),
        learners::revision.eq(1_i64),
        learners::created_at.eq(now),
        learners::updated_at.eq(now),
    );
    let n = each!(conn, c => diesel::insert_into(learners::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// False when the identity is already somebody's.
pub fn insert_identity(conn: &mut Conn, tenant: Id, system: &str, external: &str, learner: Id, now: Time) -> Stored<bool> {
    let row = (
        identities::tenant_id.eq(tenant),
        identities::system.eq(system),
        identities::external_id.eq(external),
        identities::learner_id.eq(learner),
        identities::created_at.eq(now),
    );
    let n = each!(conn, c => diesel::insert_into(identities::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// Removes a learner that was made a moment ago and has nothing yet.
pub fn remove_bare(conn: &mut Conn, tenant: Id, id: Id) -> Stored<()> {
    each!(conn, c => diesel::delete(learners::table.filter(learners::tenant_id.eq(tenant)).filter(learners::id.eq(id))).execute(c))?;
    Ok(())
}
