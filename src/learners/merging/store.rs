//! All SQL of merges: what they move, what they remember of it.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable};

use crate::db::list::{PlaceColumns, Span};
use crate::db::schema::{
    attempts, cohorts, diagnoses, identities, learner_merges as merges, learner_moves as moves, learners, submissions,
};
use crate::db::statement::statement;
use crate::db::types::{Id, Json, Time, Uid};
use crate::db::{Conn, Stored};
use crate::each;
use crate::learners::merging::rules::{AttemptPlace, HeldAttempt, MOST_MERGED};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = merges, treat_none_as_default_value = false)]
pub struct MergeRow {
    pub tenant_id: Id,
    pub id: Id,
    pub into_id: Id,
    pub from_id: Id,
    pub number: i32,
    pub state: String,
    pub claim: bool,
    pub from_state: String,
    pub client_id: Id,
    pub principal: Json,
    pub counts: Json,
    pub created_at: Time,
    pub undone_at: Option<Time>,
}

/// The states of a merge.
pub const IN_FORCE: &str = "merged";
pub const UNDONE: &str = "undone";

/// One thing that a merge moved: its kind, its id, and what it was before.
#[derive(Debug, Clone, Queryable)]
pub struct MovedThing {
    pub kind: String,
    pub item: String,
    pub was: Json,
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<MergeRow>> {
    Ok(each!(conn, c => merges::table
        .filter(merges::tenant_id.eq(tenant))
        .filter(merges::id.eq(id))
        .select(MergeRow::as_select())
        .first(c)
        .optional())?)
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &MergeRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(merges::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

pub fn mark_undone(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<()> {
    each!(conn, c => diesel::update(merges::table.filter(merges::tenant_id.eq(tenant)).filter(merges::id.eq(id)))
        .set((merges::state.eq(UNDONE), merges::undone_at.eq(Some(now))))
        .execute(c))?;
    Ok(())
}

/// The first `limit` rows of a span of the list.
pub fn page(conn: &mut Conn, tenant: Id, span: Span, limit: i64) -> Stored<Vec<(MergeRow, PlaceColumns)>> {
    Ok(each!(conn, c => merges::table
        .filter(merges::tenant_id.eq(tenant))
        .filter(span)
        .order((merges::epoch, merges::xid, merges::seq))
        .limit(limit)
        .select((MergeRow::as_select(), (merges::epoch, merges::xid, merges::seq)))
        .load(c))?)
}

/// Merges into a learner in their turn, the last first: (number, id, state). What is undone counts too.
pub fn merges_into(conn: &mut Conn, tenant: Id, into: Id) -> Stored<Vec<(i32, Id, String)>> {
    Ok(each!(conn, c => merges::table
        .filter(merges::tenant_id.eq(tenant))
        .filter(merges::into_id.eq(into))
        .order(merges::number.desc())
        .select((merges::number, merges::id, merges::state))
        .load(c))?)
}

/// Who was merged into a learner. There are never more than [`MOST_MERGED`].
pub fn merged_into(conn: &mut Conn, tenant: Id, into: Id) -> Stored<Vec<Id>> {
    let most = i64::try_from(MOST_MERGED).unwrap_or(i64::MAX);
    Ok(each!(conn, c => learners::table
        .filter(learners::tenant_id.eq(tenant))
        .filter(learners::merged_into.eq(into))
        .limit(most)
        .select(learners::id)
        .load(c))?)
}

/// Says of a learner that was merged before that its things are another one's now.
pub fn repoint(conn: &mut Conn, tenant: Id, learner: Id, (old, new): (Id, Id)) -> Stored<()> {
    each!(conn, c => diesel::update(learners::table
            .filter(learners::tenant_id.eq(tenant))
            .filter(learners::id.eq(learner))
            .filter(learners::merged_into.eq(old)))
        .set((learners::merged_into.eq(Some(new)), learners::revision.eq(learners::revision + 1)))
        .execute(c))?;
    Ok(())
}

type HeldColumns = (Id, Id, String, String, Time, i32, String, String, Option<i32>);

/// All attempts of these learners, locked against whoever answers or submits, in one order for all.
pub fn hold_attempts(conn: &mut Conn, tenant: Id, of: &[Id]) -> Stored<Vec<HeldAttempt>> {
    let columns = (
        attempts::id,
        attempts::learner_id,
        attempts::lesson,
        attempts::placement,
        attempts::started_at,
        attempts::attempt_number,
        attempts::state,
        attempts::purpose,
        attempts::grader_version,
    );
    let mut rows: Vec<HeldColumns> = Vec::new();
    match conn {
        Conn::Pg(c) => {
            let query = attempts::table
                .filter(attempts::tenant_id.eq(tenant))
                .filter(attempts::learner_id.eq_any(of))
                .order((attempts::tenant_id, attempts::id))
                .select(columns);
            rows = query.for_no_key_update().load(c)?;
        }
        Conn::Sqlite(c) => {
            for learner in of {
                let query = attempts::table.filter(attempts::tenant_id.eq(tenant)).filter(attempts::learner_id.eq(learner));
                rows.extend(query.select(columns).load::<HeldColumns>(c)?);
            }
        }
    }
    let held = |(id, learner, lesson, placement, started_at, number, state, purpose, grader): HeldColumns| {
        let open = state == "in_progress" && purpose != "preview";
        HeldAttempt { id, learner, lesson, placement, started_at, number, open, beside: open && grader.is_some() }
    };
    Ok(rows.into_iter().map(held).collect())
}

/// Gives attempts their places. Those that stand beside another one make room first.
pub fn place_attempts(conn: &mut Conn, tenant: Id, places: &[(Id, AttemptPlace)]) -> Stored<()> {
    let mut in_turn: Vec<&(Id, AttemptPlace)> = places.iter().collect();
    in_turn.sort_by_key(|(_, place)| !place.beside);
    for (id, AttemptPlace { learner, number, beside }) in in_turn {
        each!(conn, c => statement(
            "UPDATE attempts SET learner_id = ?, attempt_number = ?, \
             grader_version = CASE WHEN state = 'in_progress' THEN ? ELSE grader_version END WHERE tenant_id = ? AND id = ?")
            .bind::<Uid, _>(*learner)
            .bind::<Integer, _>(*number)
            .bind::<Nullable<Integer>, _>(beside.then_some(0))
            .bind::<Uid, _>(tenant)
            .bind::<Uid, _>(*id)
            .execute(c))?;
    }
    Ok(())
}

/// Gives all submissions of a learner to another one; their ids.
pub fn give_submissions(conn: &mut Conn, tenant: Id, (from, into): (Id, Id)) -> Stored<Vec<Id>> {
    Ok(each!(conn, c => diesel::update(submissions::table
            .filter(submissions::tenant_id.eq(tenant))
            .filter(submissions::learner_id.eq(from)))
        .set(submissions::learner_id.eq(into))
        .returning(submissions::id)
        .get_results(c))?)
}

/// Gives one submission back to whose it was.
pub fn give_submission(conn: &mut Conn, tenant: Id, id: Id, (from, into): (Id, Id)) -> Stored<()> {
    each!(conn, c => diesel::update(submissions::table
            .filter(submissions::tenant_id.eq(tenant))
            .filter(submissions::id.eq(id))
            .filter(submissions::learner_id.eq(from)))
        .set(submissions::learner_id.eq(into))
        .execute(c))?;
    Ok(())
}

/// Gives all diagnoses that a learner kept to another one; their ids.
pub fn give_diagnoses(conn: &mut Conn, tenant: Id, (from, into): (Id, Id)) -> Stored<Vec<Id>> {
    Ok(each!(conn, c => diesel::update(diagnoses::table
            .filter(diagnoses::tenant_id.eq(tenant))
            .filter(diagnoses::learner_id.eq(from)))
        .set(diagnoses::learner_id.eq(Some(into)))
        .returning(diagnoses::id)
        .get_results(c))?)
}

/// Gives one diagnosis back to whose it was; one that was erased meanwhile is gone.
pub fn give_diagnosis(conn: &mut Conn, tenant: Id, id: Id, (from, into): (Id, Id)) -> Stored<()> {
    each!(conn, c => diesel::update(diagnoses::table
            .filter(diagnoses::tenant_id.eq(tenant))
            .filter(diagnoses::id.eq(id))
            .filter(diagnoses::learner_id.eq(from)))
        .set(diagnoses::learner_id.eq(Some(into)))
        .execute(c))?;
    Ok(())
}

/// Gives an identity to another learner, if it is still the one's.
pub fn give_identity(conn: &mut Conn, tenant: Id, (system, external): (&str, &str), (from, into): (Id, Id)) -> Stored<()> {
    each!(conn, c => diesel::update(identities::table
            .filter(identities::tenant_id.eq(tenant))
            .filter(identities::system.eq(system))
            .filter(identities::external_id.eq(external))
            .filter(identities::learner_id.eq(from)))
        .set(identities::learner_id.eq(into))
        .execute(c))?;
    Ok(())
}

/// Whether there is such a cohort, which stays until the transaction ends.
pub fn cohort_stays(conn: &mut Conn, tenant: Id, cohort: Id) -> Stored<bool> {
    let known = cohorts::table.filter(cohorts::tenant_id.eq(tenant)).filter(cohorts::id.eq(cohort)).select(cohorts::id);
    let found: Option<Id> = match conn {
        Conn::Pg(c) => known.for_key_share().first(c).optional()?,
        Conn::Sqlite(c) => known.first(c).optional()?,
    };
    Ok(found.is_some())
}

/// Remembers what a merge moved.
pub fn remember(conn: &mut Conn, tenant: Id, merge: Id, things: &[MovedThing]) -> Stored<()> {
    for MovedThing { kind, item, was } in things {
        let row = (
            moves::tenant_id.eq(tenant),
            moves::merge_id.eq(merge),
            moves::kind.eq(kind),
            moves::item.eq(item),
            moves::was.eq(was),
        );
        each!(conn, c => diesel::insert_into(moves::table).values(row).execute(c))?;
    }
    Ok(())
}

/// What a merge moved.
pub fn moved_by(conn: &mut Conn, tenant: Id, merge: Id) -> Stored<Vec<MovedThing>> {
    Ok(each!(conn, c => moves::table
        .filter(moves::tenant_id.eq(tenant))
        .filter(moves::merge_id.eq(merge))
        .select((moves::kind, moves::item, moves::was))
        .load(c))?)
}
