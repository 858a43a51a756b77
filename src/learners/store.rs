//! All SQL of learners and their identities.

use diesel::prelude::*;

use crate::db::groups::{GroupThings, LearnerGroup, places_of_group};
use crate::db::list::{ListPlace, PlaceColumns, Span};
use crate::db::schema::{attempts, identities, learners, submissions};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::learners::progress::Try;
use crate::learners::states::LearnerState;

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
    /// See [`LearnerState`].
    pub state: String,
    pub merged_into: Option<Id>,
}

type Columns = (
    learners::id,
    learners::name,
    learners::revision,
    learners::created_at,
    learners::updated_at,
    learners::state,
    learners::merged_into,
);

const COLUMNS: Columns = (
    learners::id,
    learners::name,
    learners::revision,
    learners::created_at,
    learners::updated_at,
    learners::state,
    learners::merged_into,
);

/// Which learners a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LearnerFilter {
    /// Only this one.
    pub learner: Option<Id>,
    /// Only those of a group; not beside an identity.
    pub group: Option<LearnerGroup>,
    /// Only those whom this system knows.
    pub system: Option<String>,
    /// Only the one with this identity: (system, external id).
    pub identity: Option<(String, String)>,
    /// Only those in this state.
    pub state: Option<LearnerState>,
}

/// What state a learner is in, and into whom it was merged; None where there is none.
pub fn life(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<(LearnerState, Option<Id>)>> {
    let row: Option<(String, Option<Id>)> = each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::id.eq(id))
        .select((learners::state, learners::merged_into))
        .first(c)
        .optional())?;
    Ok(row.map(|(state, into)| (LearnerState::of_stored(&state), into)))
}

/// The learners of these ids that there are, in the order of their ids; locked against whoever else begins, hands in, merges or
/// deactivates for them, until the transaction ends.
pub fn lock_learners(conn: &mut Conn, tenant: Id, ids: &[Id]) -> Stored<Vec<LearnerRow>> {
    let mut ids = ids.to_vec();
    ids.sort();
    match conn {
        Conn::Pg(c) => {
            let query = learners::table
                .filter(learners::tenant_id.eq(tenant))
                .filter(learners::id.eq_any(ids))
                .order((learners::tenant_id, learners::id))
                .select(COLUMNS);
            Ok(query.for_no_key_update().load(c)?)
        }
        // Its single writer is the lock.
        Conn::Sqlite(_) => ids.into_iter().filter_map(|id| find(conn, tenant, id).transpose()).collect(),
    }
}

/// Which of these (tenant, learner) are deactivated; on SQLite with a statement that is parsed once.
pub fn deactivated_among(conn: &mut Conn, learners: &[(Id, Id)]) -> Stored<Vec<(Id, Id)>> {
    let deactivated = LearnerState::Deactivated.name();
    match conn {
        Conn::Pg(_) if learners.is_empty() => Ok(Vec::new()),
        Conn::Pg(c) => {
            let (tenants, ids): (Vec<Id>, Vec<Id>) = learners.iter().copied().unzip();
            let query = learners::table
                .filter(learners::tenant_id.eq_any(tenants))
                .filter(learners::id.eq_any(ids))
                .filter(learners::state.concat("").eq(deactivated))
                .select((learners::tenant_id, learners::id));
            Ok(query.load(c)?)
        }
        Conn::Sqlite(_) => {
            let mut out = Vec::new();
            for (tenant, id) in learners {
                if life(conn, *tenant, *id)?.is_some_and(|(state, _)| state == LearnerState::Deactivated) {
                    out.push((*tenant, *id));
                }
            }
            Ok(out)
        }
    }
}

/// Gives a learner another state, and says until when tokens of before may be about.
pub fn set_state(
    conn: &mut Conn,
    tenant: Id,
    id: Id,
    (state, merged_into): (LearnerState, Option<Id>),
    tokens_until: Option<Time>,
    now: Time,
) -> Stored<()> {
    each!(conn, c => diesel::update(learners::table.filter(learners::tenant_id.eq(tenant)).filter(learners::id.eq(id)))
        .set((
            learners::state.eq(state.name()),
            learners::merged_into.eq(merged_into),
            learners::tokens_until.eq(tokens_until),
            learners::revision.eq(learners::revision + 1),
            learners::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Raises a learner's revision: something that it is shown with has changed.
pub fn touch_learner(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<()> {
    each!(conn, c => diesel::update(learners::table.filter(learners::tenant_id.eq(tenant)).filter(learners::id.eq(id)))
        .set((learners::revision.eq(learners::revision + 1), learners::updated_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// False when the learner has no such identity.
pub fn remove_identity(conn: &mut Conn, tenant: Id, (system, external): (&str, &str), learner: Id) -> Stored<bool> {
    let n = each!(conn, c => diesel::delete(identities::table
            .filter(identities::tenant_id.eq(tenant))
            .filter(identities::system.eq(system))
            .filter(identities::external_id.eq(external))
            .filter(identities::learner_id.eq(learner)))
        .execute(c))?;
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
    if let Some(group) = filter.group {
        return page_of_group(conn, tenant, filter, group, (&span, limit));
    }
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
        if let Some(state) = filter.state {
            query = match filter.learner.or(named) {
                Some(_) => query.filter(learners::state.concat("").eq(state.name())),
                None => query.filter(learners::state.eq(state.name())),
            };
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

/// The same of the learners of a group, with no identity in the filter.
fn page_of_group(
    conn: &mut Conn,
    tenant: Id,
    filter: &LearnerFilter,
    group: LearnerGroup,
    part: (&Span, i64),
) -> Stored<Vec<(LearnerRow, PlaceColumns)>> {
    const KNOWN: &str = "EXISTS (SELECT 1 FROM identities WHERE identities.tenant_id = learners.tenant_id \
                         AND identities.learner_id = learners.id AND identities.system = ";
    let state = filter.state.map(|state| ("state || '' = ", state.name().to_owned(), ""));
    let system = filter.system.clone().map(|system| (KNOWN, system, ")"));
    let things = GroupThings { table: "learners", of: "id", beside: state.into_iter().chain(system).collect() };
    let places = places_of_group(conn, tenant, group, &things, part)?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(LearnerRow, PlaceColumns)> = each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::id.eq_any(places.iter().map(|(id, _)| *id)))
        .select((COLUMNS, (learners::epoch, learners::xid, learners::seq)))
        .load(c))?;
    rows.sort_by_key(|(_, place)| ListPlace::from(*place));
    Ok(rows)
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

/// (learner, the one that it was merged into) of those of these learners who were merged.
pub fn merged_among(conn: &mut Conn, tenant: Id, learners: &[Id]) -> Stored<Vec<(Id, Id)>> {
    let found: Vec<(Id, Option<Id>)> = each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::id.eq_any(learners))
        .select((learners::id, learners::merged_into))
        .load(c))?;
    Ok(found.into_iter().filter_map(|(id, into)| Some((id, into?))).collect())
}

/// (learner, name) of those of these learners that there are.
pub fn shown_names(conn: &mut Conn, tenant: Id, learners: &[Id]) -> Stored<Vec<(Id, Option<String>)>> {
    Ok(each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::id.eq_any(learners))
        .select((learners::id, learners::name))
        .load(c))?)
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
