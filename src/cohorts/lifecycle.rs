//! Cohorts are made, changed and deleted, learners and instructors come and go; each inside one transaction.

use crate::audit::{self, AuditEntry};
use crate::auth::{Reach, Who};
use crate::cohorts::rules::{MOST_COHORTS, MOST_INSTRUCTORS, MOST_LEARNERS};
use crate::cohorts::store::{self, CohortRow};
use crate::cohorts::wire::{Cohort, CohortLearner};
use crate::db::memberships::{join_cohort, leave_cohort, members_among};
use crate::db::turns::count_alone;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners;
use crate::web::conditional::IfMatch;
use crate::web::page::cut_to_limit;

pub fn no_such_cohort() -> Problem {
    Problem::not_found("cohort of this id")
}

/// The cohort, if this token sees it: staff without `learners:all` see those that they instruct.
pub fn cohort_for(conn: &mut Conn, who: &Who, id: Id) -> Stored<CohortRow> {
    let row = store::find(conn, who.tenant, id)?.ok_or_else(no_such_cohort)?;
    match who.reach() {
        Reach::Everybody => Ok(row),
        Reach::TaughtBy(person) if store::instructs(conn, who.tenant, id, person)? => Ok(row),
        Reach::TaughtBy(_) | Reach::Own(_) => Err(no_such_cohort()),
    }
}

/// What is shown of one.
pub fn cohort_view(conn: &mut Conn, row: CohortRow) -> Stored<Cohort> {
    let instructors = store::instructors_of(conn, row.tenant_id, &[row.id])?;
    Cohort::of(row, &instructors)
}

/// A page of the cohorts that this token sees, and where it ends if there are more.
pub fn cohort_page(conn: &mut Conn, who: &Who, after: Id, limit: i64) -> Stored<(Vec<Cohort>, Option<Id>)> {
    let wanted = limit.saturating_add(1);
    let rows = match who.reach() {
        Reach::Everybody => store::page(conn, who.tenant, after, wanted)?,
        Reach::TaughtBy(person) => store::page_taught(conn, who.tenant, person, after, wanted)?,
        Reach::Own(_) => Vec::new(),
    };
    let (rows, next) = cut_to_limit(rows, limit, |row| row.id);
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let instructors = store::instructors_of(conn, who.tenant, &ids)?;
    let items = rows.into_iter().map(|row| Cohort::of(row, &instructors)).collect::<Stored<_>>()?;
    Ok((items, next))
}

/// A page of a cohort's learners, and where it ends if there are more.
pub fn learner_page(conn: &mut Conn, who: &Who, cohort: Id, after: Id, limit: i64) -> Stored<(Vec<CohortLearner>, Option<Id>)> {
    let cohort = cohort_for(conn, who, cohort)?;
    let rows = store::members_page(conn, who.tenant, cohort.id, after, limit.saturating_add(1))?;
    let (rows, next) = cut_to_limit(rows, limit, |(learner, _)| *learner);
    let ids: Vec<Id> = rows.iter().map(|(learner, _)| *learner).collect();
    let mut names = learners::names_of(conn, who.tenant, &ids)?;
    let shown = |(id, added_at)| CohortLearner { id, name: names.remove(&id).flatten(), added_at };
    Ok((rows.into_iter().map(shown).collect(), next))
}

fn content(row: &CohortRow) -> (&str, Option<&str>, Option<&str>, &serde_json::Value) {
    (&row.name, row.system.as_deref(), row.external_id.as_deref(), &row.due.0)
}

fn entry(act: &'static str, row: &CohortRow) -> AuditEntry {
    let entry = AuditEntry::new(act, ("cohort", &row.id)).with("name", row.name.clone()).with("revision", row.revision);
    match (&row.system, &row.external_id) {
        (Some(system), Some(external)) => entry.with("system", system.clone()).with("external_id", external.clone()),
        _ => entry,
    }
}

/// Makes a cohort or changes it; true where it is new. The same again changes nothing.
pub fn save_cohort(conn: &mut Conn, who: &Who, wanted: &CohortRow, if_match: &IfMatch) -> Stored<(CohortRow, bool)> {
    if let Some(row) = store::find(conn, who.tenant, wanted.id)?
        && content(&row) == content(wanted)
    {
        return Ok((row, false));
    }
    // From here on no other call makes or names a cohort of this tenant, so what is found stays so.
    count_alone(conn, who.tenant, "cohorts")?;
    let old = store::lock(conn, who.tenant, wanted.id)?;
    match &old {
        Some(row) if content(row) == content(wanted) => return Ok((row.clone(), false)),
        Some(row) => if_match.check(row.revision)?,
        None if *if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "There is no cohort of this id, so no revision of it."));
        }
        None if store::count_cohorts(conn, who.tenant)? >= MOST_COHORTS => {
            let detail = format!("The tenant has {MOST_COHORTS} cohorts, which is the most. Delete one first.");
            return Err(Problem::new(Code::IllegalState, detail).with("state", "full").with("limit", MOST_COHORTS));
        }
        None => {}
    }
    if let (Some(system), Some(external)) = (&wanted.system, &wanted.external_id)
        && store::by_external(conn, who.tenant, system, external)?.is_some_and(|other| other != wanted.id)
    {
        return Err(
            Problem::new(Code::IdUnavailable, "Another cohort has this system and external_id.").with("pointer", "/external_id")
        );
    }
    let row = CohortRow {
        revision: old.as_ref().map_or(1, |old| old.revision.saturating_add(1)),
        created_at: old.as_ref().map_or(who.now, |old| old.created_at),
        ..wanted.clone()
    };
    match &old {
        Some(_) => store::replace(conn, &row)?,
        None => store::insert(conn, &row)?,
    }
    audit::note(conn, who, entry(if old.is_some() { "cohort.changed" } else { "cohort.created" }, &row))?;
    Ok((row, old.is_none()))
}

/// Deletes a cohort with its memberships. The learners stay.
pub fn remove_cohort(conn: &mut Conn, who: &Who, id: Id) -> Stored<()> {
    let row = store::lock(conn, who.tenant, id)?.ok_or_else(no_such_cohort)?;
    let learners = store::count_members(conn, who.tenant, id)?;
    store::delete(conn, who.tenant, id)?;
    audit::note(conn, who, entry("cohort.deleted", &row).with("learners", learners))
}

fn full(what: &str, most: i64) -> Problem {
    let detail = format!("The cohort has {most} {what}, which is the most.");
    Problem::new(Code::IllegalState, detail).with("state", "full").with("limit", most)
}

/// Somebody comes into a cohort or leaves it.
pub fn membership_entry(act: &'static str, cohort: Id, (kind, id): (&str, Id)) -> AuditEntry {
    AuditEntry::new(act, ("cohort", &cohort)).with(kind, id.to_string())
}

/// Puts a learner into a cohort, or the one that it was merged into.
pub fn add_learner(conn: &mut Conn, who: &Who, cohort: Id, learner: Id) -> Stored<()> {
    store::find(conn, who.tenant, cohort)?.ok_or_else(no_such_cohort)?;
    let nobody = || Problem::not_found("learner of this id");
    let learner = learners::learner_now(conn, who.tenant, learner)?.ok_or_else(nobody)?;
    // Learners before cohorts, as merges do it.
    learners::lock_writable(conn, who.tenant, learner)?;
    store::lock(conn, who.tenant, cohort)?.ok_or_else(no_such_cohort)?;
    if members_among(conn, who.tenant, cohort, &[learner])?.contains(&learner) {
        return Ok(());
    }
    if store::count_members(conn, who.tenant, cohort)? >= MOST_LEARNERS {
        return Err(full("learners", MOST_LEARNERS));
    }
    join_cohort(conn, who.tenant, cohort, learner, who.now)?;
    audit::note(conn, who, membership_entry("cohort.learner_added", cohort, ("learner", learner)))
}

/// Takes a learner out of a cohort; nothing where it is not in it.
pub fn remove_learner(conn: &mut Conn, who: &Who, cohort: Id, learner: Id) -> Stored<()> {
    store::lock(conn, who.tenant, cohort)?.ok_or_else(no_such_cohort)?;
    let learner = learners::learner_now(conn, who.tenant, learner)?.unwrap_or(learner);
    if leave_cohort(conn, who.tenant, cohort, learner)?.is_none() {
        return Ok(());
    }
    audit::note(conn, who, membership_entry("cohort.learner_removed", cohort, ("learner", learner)))
}

/// Gives a cohort one more instructor.
pub fn add_instructor(conn: &mut Conn, who: &Who, cohort: Id, person: Id) -> Stored<()> {
    store::lock(conn, who.tenant, cohort)?.ok_or_else(no_such_cohort)?;
    let known = store::instructors_of(conn, who.tenant, &[cohort])?;
    if known.iter().any(|(_, known)| *known == person) {
        return Ok(());
    }
    if i64::try_from(known.len()).unwrap_or(i64::MAX) >= MOST_INSTRUCTORS {
        return Err(full("instructors", MOST_INSTRUCTORS));
    }
    store::insert_instructor(conn, who.tenant, cohort, person, who.now)?;
    store::touch(conn, who.tenant, cohort, who.now)?;
    audit::note(conn, who, membership_entry("cohort.instructor_added", cohort, ("staff", person)))
}

/// Takes an instructor away from a cohort; nothing where it is none.
pub fn remove_instructor(conn: &mut Conn, who: &Who, cohort: Id, person: Id) -> Stored<()> {
    store::lock(conn, who.tenant, cohort)?.ok_or_else(no_such_cohort)?;
    if !store::delete_instructor(conn, who.tenant, cohort, person)? {
        return Ok(());
    }
    store::touch(conn, who.tenant, cohort, who.now)?;
    audit::note(conn, who, membership_entry("cohort.instructor_removed", cohort, ("staff", person)))
}
