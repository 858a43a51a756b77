//! A roster is taken part by part, each inside one transaction: what is good stays though other parts are refused.

use crate::audit::{self, AuditEntry};
use crate::auth::Who;
use crate::cohorts::lifecycle::{membership_entry, remove_cohort, save_cohort};
use crate::cohorts::roster::rules::{RefusedRows, RosterEntry, RosterPerson, RosterRole};
use crate::cohorts::roster::store as roster_store;
use crate::cohorts::roster::wire::ImportCounts;
use crate::cohorts::rules::{MOST_INSTRUCTORS, MOST_LEARNERS};
use crate::cohorts::store::{self, CohortRow};
use crate::cohorts::wire::CohortDue;
use crate::db::memberships::{join_cohort, leave_cohort, members_among};
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::issuers::staff_id_of;
use crate::learners;
use crate::learners::named::IdentityRef;
use crate::web::conditional::IfMatch;

/// How many rows one transaction takes: others wait for it.
pub const ROWS_AT_ONCE: usize = 100;

/// Some rows of one class.
#[derive(Debug, Clone)]
pub struct RosterPart {
    pub system: String,
    pub external: String,
    pub name: Option<String>,
    pub renames: bool,
    pub gone: bool,
    /// For the cohort, if it is new.
    pub id: Id,
    pub entries: Vec<RosterEntry>,
}

/// What a part changed, and which of its rows were not taken.
#[derive(Debug, Default)]
pub struct TakenPart {
    pub counts: ImportCounts,
    pub refused: RefusedRows,
}

fn lost_race() -> Problem {
    Problem::unavailable(DatabaseFault::Conflict, "a cohort changed under an import")
}

/// Takes one part of a roster.
pub fn take_part(conn: &mut Conn, who: &Who, part: &RosterPart) -> Stored<TakenPart> {
    let mut taken = TakenPart::default();
    let there = store::by_external(conn, who.tenant, &part.system, &part.external)?;
    let cohort = match there {
        Some(id) if part.gone => {
            remove_cohort(conn, who, id)?;
            taken.counts.cohorts_deleted = 1;
            return Ok(taken);
        }
        None if part.gone => return Ok(taken),
        Some(id) => id,
        None => match made_for(conn, who, part)? {
            Ok(Some(id)) => {
                taken.counts.cohorts_made = 1;
                id
            }
            // Rows that take people out of a class that is not there.
            Ok(None) => return Ok(taken),
            Err(reason) => {
                for entry in &part.entries {
                    taken.refused.add((entry.file, entry.line), None, reason.clone());
                }
                return Ok(taken);
            }
        },
    };
    // Learners before cohorts, as merges do it.
    let people = learners_of(conn, who, &part.entries, &mut taken.refused)?;
    let row = store::lock(conn, who.tenant, cohort)?.ok_or_else(lost_race)?;
    if let Some(name) = part.name.as_ref().filter(|name| part.renames && **name != row.name) {
        save_cohort(conn, who, &CohortRow { name: name.clone(), updated_at: who.now, ..row }, &IfMatch::Any)?;
        taken.counts.cohorts_changed = 1;
    }
    place_learners(conn, who, cohort, &people, &mut taken)?;
    place_instructors(conn, who, cohort, &part.entries, &mut taken)?;
    let ImportCounts { learners_added, learners_removed, instructors_added, instructors_removed, .. } = taken.counts;
    if learners_added + learners_removed + instructors_added + instructors_removed > 0 {
        let entry = AuditEntry::new("cohort.imported", ("cohort", &cohort))
            .with("learners_added", learners_added)
            .with("learners_removed", learners_removed)
            .with("instructors_added", instructors_added)
            .with("instructors_removed", instructors_removed);
        audit::note(conn, who, entry)?;
    }
    Ok(taken)
}

/// Makes the cohort of a class; None where the files do not have the class, the inner error where there is no room for it.
fn made_for(conn: &mut Conn, who: &Who, part: &RosterPart) -> Stored<Result<Option<Id>, String>> {
    let Some(name) = part.name.clone() else { return Ok(Ok(None)) };
    let row = CohortRow {
        tenant_id: who.tenant,
        id: part.id,
        name,
        system: Some(part.system.clone()),
        external_id: Some(part.external.clone()),
        due: Json::of(&Vec::<CohortDue>::new()),
        revision: 1,
        created_at: who.now,
        updated_at: who.now,
    };
    match save_cohort(conn, who, &row, &IfMatch::Absent) {
        Ok((row, _)) => Ok(Ok(Some(row.id))),
        Err(problem) if problem.code() == Code::IllegalState => Ok(Err(problem.detail().to_owned())),
        // Another import made it a moment ago.
        Err(problem) if problem.code() == Code::IdUnavailable => Err(lost_race()),
        Err(problem) => Err(problem),
    }
}

/// The learner of each row about one, made where it is new, and locked.
fn learners_of<'a>(
    conn: &mut Conn,
    who: &Who,
    entries: &'a [RosterEntry],
    refused: &mut RefusedRows,
) -> Stored<Vec<(Id, &'a RosterEntry)>> {
    let mut found: Vec<(Id, &RosterEntry)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.role == RosterRole::Learner) {
        let RosterPerson { system, id } = &entry.person;
        let learner = if entry.gone {
            known_learner(conn, who, &entry.person)?
        } else {
            match learners::upsert(conn, who, (system, id), entry.name.as_deref().map(Some), &IfMatch::Absent) {
                Ok((learner, _)) => Some(learner),
                Err(problem) if problem.code() == Code::IllegalState => {
                    refuse_inactive(entry, refused);
                    None
                }
                Err(problem) => return Err(problem),
            }
        };
        found.extend(learner.map(|learner| (learner, entry)));
    }
    let mut ids: Vec<Id> = found.iter().filter(|(_, entry)| !entry.gone).map(|(id, _)| *id).collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        if let Err(problem) = learners::lock_writable(conn, who.tenant, id) {
            if problem.code() != Code::IllegalState {
                return Err(problem);
            }
            found
                .iter()
                .filter(|(other, entry)| *other == id && !entry.gone)
                .for_each(|(_, entry)| refuse_inactive(entry, refused));
            found.retain(|(other, entry)| *other != id || entry.gone);
        }
    }
    Ok(found)
}

/// Refuses a row about a learner for whom nothing is written.
fn refuse_inactive(entry: &RosterEntry, refused: &mut RefusedRows) {
    refused.add((entry.file, entry.line), Some(entry.field), "the learner is deactivated.");
}

fn known_learner(conn: &mut Conn, who: &Who, person: &RosterPerson) -> Stored<Option<Id>> {
    learners::known_identity(conn, who, &IdentityRef { system: Some(person.system.clone()), id: person.id.clone() })
}

fn place_learners(conn: &mut Conn, who: &Who, cohort: Id, people: &[(Id, &RosterEntry)], taken: &mut TakenPart) -> Stored<()> {
    let mut count = store::count_members(conn, who.tenant, cohort)?;
    let ids: Vec<Id> = people.iter().map(|(learner, _)| *learner).collect();
    let mut known = members_among(conn, who.tenant, cohort, &ids)?;
    for (learner, entry) in people {
        let is_in = known.contains(learner);
        if entry.gone && is_in {
            leave_cohort(conn, who.tenant, cohort, *learner)?;
            known.remove(learner);
            taken.counts.learners_removed += 1;
            count -= 1;
        } else if !entry.gone && !is_in && count >= MOST_LEARNERS {
            let reason = format!("the cohort has {MOST_LEARNERS} learners, which is the most.");
            taken.refused.add((entry.file, entry.line), Some(entry.field), reason);
        } else if !entry.gone && !is_in {
            join_cohort(conn, who.tenant, cohort, *learner, who.now)?;
            known.insert(*learner);
            taken.counts.learners_added += 1;
            count += 1;
        }
    }
    Ok(())
}

fn place_instructors(conn: &mut Conn, who: &Who, cohort: Id, entries: &[RosterEntry], taken: &mut TakenPart) -> Stored<()> {
    let mut known: Vec<Id> = store::instructors_of(conn, who.tenant, &[cohort])?.into_iter().map(|(_, staff)| staff).collect();
    let before = known.clone();
    for entry in entries.iter().filter(|entry| entry.role == RosterRole::Instructor) {
        let person = staff_id_of(who.tenant, &entry.person.system, &entry.person.id);
        let is_in = known.contains(&person);
        if entry.gone && is_in {
            store::delete_instructor(conn, who.tenant, cohort, person)?;
            known.retain(|one| *one != person);
            taken.counts.instructors_removed += 1;
        } else if !entry.gone && !is_in && i64::try_from(known.len()).unwrap_or(i64::MAX) >= MOST_INSTRUCTORS {
            let reason = format!("the cohort has {MOST_INSTRUCTORS} instructors, which is the most.");
            taken.refused.add((entry.file, entry.line), Some(entry.field), reason);
        } else if !entry.gone && !is_in {
            store::insert_instructor(conn, who.tenant, cohort, person, who.now)?;
            known.push(person);
            taken.counts.instructors_added += 1;
        }
    }
    if known == before { Ok(()) } else { store::touch(conn, who.tenant, cohort, who.now) }
}

/// Takes somebody out of all cohorts of a system.
pub fn take_out(conn: &mut Conn, who: &Who, person: &RosterPerson) -> Stored<ImportCounts> {
    let mut counts = ImportCounts::default();
    let mut left = Vec::new();
    if let Some(learner) = known_learner(conn, who, person)? {
        for cohort in roster_store::cohorts_with_learner(conn, who.tenant, &person.system, learner)? {
            if leave_cohort(conn, who.tenant, cohort, learner)?.is_some() {
                counts.learners_removed += 1;
                left.push(membership_entry("cohort.learner_removed", cohort, ("learner", learner)));
            }
        }
    }
    let staff = staff_id_of(who.tenant, &person.system, &person.id);
    for cohort in roster_store::cohorts_with_instructor(conn, who.tenant, &person.system, staff)? {
        if store::lock(conn, who.tenant, cohort)?.is_some() && store::delete_instructor(conn, who.tenant, cohort, staff)? {
            counts.instructors_removed += 1;
            store::touch(conn, who.tenant, cohort, who.now)?;
            left.push(membership_entry("cohort.instructor_removed", cohort, ("staff", staff)));
        }
    }
    for entry in left {
        audit::note(conn, who, entry)?;
    }
    Ok(counts)
}
