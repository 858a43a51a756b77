//! All SQL of learners and their identities.

use diesel::prelude::*;

use crate::db::list::{PlaceColumns, Span};
use crate::db::schema::{attempts, identities, learners, submissions};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::learners::progress::Try;

diesel::define_sql_function! {
    fn coalesce(name: diesel::sql_types::Nullable<diesel::sql_types::Text>, or: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct LearnerRow {
    pub id: Id,
    pub name: Option<String>,
    pub revision: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

const COLUMNS: (learners::id, learners::name, learners::revision, learners::created_at, learners::updated_at) =
    (learners::id, learners::name, learners::revision, learners::created_at, learners::updated_at);

/// Which learners a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LearnerFilter {
    /// Only this one.
    pub learner: Option<Id>,
    /// Only those whom this system knows.
    pub system: Option<String>,
    /// Only the one with this identity: (system, external id).
    pub identity: Option<(String, String)>,
}

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

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<LearnerRow>> {
    Ok(each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::id.eq(id))
        .select(COLUMNS)
        .first(c)
        .optional())?)
}

/// The first `limit` rows of a span of the list.
pub fn page(
    conn: &mut Conn,
    tenant: Id,
    filter: &LearnerFilter,
    span: Span,
    limit: i64,
) -> Stored<Vec<(LearnerRow, PlaceColumns)>> {
    // An identity is somebody's alone: whose it is, its key tells at once.
    let named = match &filter.identity {
        Some((system, external)) => match by_identity(conn, tenant, system, external)? {
            Some(learner) => Some(learner),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    Ok(each!(conn, c => {
        let mut query = learners::table
            .filter(learners::tenant_id.eq(tenant))
            .filter(span)
            .order((learners::epoch, learners::xid, learners::seq))
            .limit(limit)
            .select((COLUMNS, (learners::epoch, learners::xid, learners::seq)))
            .into_boxed();
        if let Some(learner) = filter.learner {
            query = query.filter(learners::id.eq(learner));
        }
        if let Some(learner) = named {
            query = query.filter(learners::id.eq(learner));
        }
        if let Some(system) = &filter.system {
            // Asked of one learner after the other, in their order: the identities of a system are never gathered.
            let known = identities::table
                .filter(identities::tenant_id.eq(tenant))
                .filter(identities::learner_id.eq(learners::id))
                .filter(identities::system.eq(system.clone()));
            query = query.filter(diesel::dsl::exists(known));
        }
        query.load(c)
    })?)
}

/// (learner, system, external id) of all these learners, in one query; those of one learner in the order of their names.
pub fn identities_of(conn: &mut Conn, tenant: Id, learners: &[Id]) -> Stored<Vec<(Id, String, String)>> {
    if learners.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Id, String, String)> = each!(conn, c => identities::table
        .filter(identities::tenant_id.eq(tenant))
        .filter(identities::learner_id.eq_any(learners))
        .select((identities::learner_id, identities::system, identities::external_id))
        .load(c))?;
    // Not in the query: SQLite would walk all identities of the tenant in their order.
    found.sort();
    Ok(found)
}

/// Gives a learner another name. None when it has that name already, or there is no such learner.
pub fn rename(conn: &mut Conn, tenant: Id, id: Id, name: Option<&str>, now: Time) -> Stored<Option<LearnerRow>> {
    // No name is ever empty, so the empty text can stand for none.
    Ok(each!(conn, c => diesel::update(learners::table
            .filter(learners::tenant_id.eq(tenant))
            .filter(learners::id.eq(id))
            .filter(coalesce(learners::name, "").ne(name.unwrap_or_default())))
        .set((learners::name.eq(name), learners::revision.eq(learners::revision + 1), learners::updated_at.eq(now)))
        .returning(COLUMNS)
        .get_result(c)
        .optional())?)
}

/// Every attempt of a learner that is no preview, in the order in which they were made.
pub fn tries(conn: &mut Conn, tenant: Id, learner: Id) -> Stored<Vec<Try>> {
    Ok(each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::learner_id.eq(learner))
        .filter(attempts::purpose.ne("preview"))
        .order((attempts::epoch, attempts::xid, attempts::seq))
        .select((
            attempts::lesson,
            attempts::id,
            attempts::version,
            attempts::purpose.eq("assigned"),
            attempts::over_limit,
            attempts::submitted_at,
            attempts::scaled_e4,
            attempts::passed,
        ))
        .load(c))?)
}

/// (lesson, state) of every exercise submission of a learner, in the order in which they were made.
pub fn submissions(conn: &mut Conn, tenant: Id, learner: Id) -> Stored<Vec<(String, String)>> {
    Ok(each!(conn, c => submissions::table
        .filter(submissions::tenant_id.eq(tenant))
        .filter(submissions::learner_id.eq(learner))
        .order((submissions::epoch, submissions::xid, submissions::seq))
        .select((submissions::lesson, submissions::state))
        .load(c))?)
}
