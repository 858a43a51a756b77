//! Merging and undoing, each inside one transaction: lock both learners, look, move, remember, append the records.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit::{self, AuditEntry};
use crate::auth::{Who, renewal};
use crate::db::memberships::{cohorts_of, join_cohort, leave_cohort};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored, daily_use};
use crate::error::{Code, Problem};
use crate::learners::life::{is_merged, tokens_gone};
use crate::learners::merging::rules::{self, AttemptPlace, MOST_MERGED, UNDO_DAYS};
use crate::learners::merging::store::{self, MergeRow, MovedThing};
use crate::learners::merging::wire::MergeCounts;
use crate::learners::states::LearnerState;
use crate::learners::store::{self as learner_store, LearnerRow};
use crate::learners::{is_guest_system, learner_draft, own_system};
use crate::records;

/// A call that makes one learner of two.
#[derive(Debug, Clone)]
pub struct MergeCall {
    pub who: Who,
    pub id: Id,
    pub into: Id,
    pub from: Id,
    /// Whether it hands over a guest's work, and to whom it must belong.
    pub claim: Option<GuestOf>,
}

/// Which guests a caller may hand over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestOf {
    /// Those of the calling client.
    Caller,
    /// Any whose token the caller holds.
    Anybody,
}

/// Where the body names the two.
fn pointers(call: &MergeCall) -> (&'static str, &'static str) {
    match call.claim {
        None => ("/into", "/from"),
        Some(GuestOf::Caller) => ("", "/guest"),
        Some(GuestOf::Anybody) => ("", "/guest_token"),
    }
}

/// Merges two learners. True where it is new; the same call again finds what was done then.
pub fn merge_learners(conn: &mut Conn, call: &MergeCall) -> Stored<(MergeRow, bool)> {
    let (who, tenant) = (&call.who, call.who.tenant);
    if let Some(row) = store::find(conn, tenant, call.id)? {
        return the_same(row, call).map(|row| (row, false));
    }
    if call.into == call.from {
        return Err(Problem::body(pointers(call).1, "is the same learner."));
    }
    let rows = learner_store::lock_learners(conn, tenant, &[call.into, call.from])?;
    // The same call at the same moment held the locks until it was done: then this one is its repetition.
    if let Some(row) = store::find(conn, tenant, call.id)? {
        return the_same(row, call).map(|row| (row, false));
    }
    let (into, from) = both_unmerged(&rows, call)?;
    check_guest(conn, call)?;
    let members = store::merged_into(conn, tenant, call.from)?;
    let already = store::merged_into(conn, tenant, call.into)?.len();
    if already.saturating_add(members.len()) >= MOST_MERGED {
        let detail = format!("{MOST_MERGED} learners were merged into this one, the most there may be.");
        return Err(Problem::new(Code::IllegalState, detail).with("state", into.state.clone()).with("limit", MOST_MERGED));
    }
    let (counts, moved) = give_everything(conn, call, &members)?;
    let number = store::merges_into(conn, tenant, call.into)?.first().map_or(0, |(number, _, _)| *number).saturating_add(1);
    let row = MergeRow {
        tenant_id: tenant,
        id: call.id,
        into_id: call.into,
        from_id: call.from,
        number,
        state: store::IN_FORCE.to_owned(),
        claim: call.claim.is_some(),
        from_state: from.state.clone(),
        client_id: who.client,
        principal: Json::of(&who.principal),
        counts: Json::of(&counts),
        created_at: who.now,
        undone_at: None,
    };
    if !store::insert(conn, &row)? {
        return Err(taken_merge());
    }
    store::remember(conn, tenant, call.id, &moved)?;
    let gone = tokens_gone(who.now);
    learner_store::set_state(conn, tenant, call.from, (LearnerState::Merged, Some(call.into)), Some(gone), who.now)?;
    refresh(conn, who, into)?;
    append_merge_records(conn, who, "learner.merged", &row, &counts)?;
    renewal::raise_access(conn)?;
    tell_auditors_of(conn, who, "learner.merged", &row)?;
    Ok((row, true))
}

/// A claim is a merge that a learner asked for: that one too ends who somebody was.
fn tell_auditors_of(conn: &mut Conn, who: &Who, act: &'static str, row: &MergeRow) -> Stored<()> {
    let entry = AuditEntry::new(act, ("learner", &row.from_id)).with("into", row.into_id.to_string());
    audit::note(conn, who, entry.with("merge", row.id.to_string()))
}

fn taken_merge() -> Problem {
    Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one.")
}

/// A merge that is there already: the same one again, or another one's id.
fn the_same(row: MergeRow, call: &MergeCall) -> Stored<MergeRow> {
    let same = (row.into_id, row.from_id, row.claim) == (call.into, call.from, call.claim.is_some());
    if same { Ok(row) } else { Err(taken_merge()) }
}

fn both_unmerged<'a>(rows: &'a [LearnerRow], call: &MergeCall) -> Stored<(&'a LearnerRow, &'a LearnerRow)> {
    let (at_into, at_from) = pointers(call);
    let find = |id: Id, pointer: &str| {
        let row = rows.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| {
            Problem::new(Code::LearnerUnknown, format!("At {pointer}: there is no such learner.")).with("pointer", pointer)
        })?;
        row.merged_into.map_or(Ok(row), |into| Err(is_merged(into)))
    };
    Ok((find(call.into, at_into)?, find(call.from, at_from)?))
}

/// A guest is known to nobody but the client that made it.
fn check_guest(conn: &mut Conn, call: &MergeCall) -> Stored<()> {
    let Some(of) = call.claim else { return Ok(()) };
    let own = own_system(call.who.client);
    let known = learner_store::identities_of(conn, call.who.tenant, &[call.from])?;
    let is_guest = known.iter().all(|(_, system, _)| match of {
        GuestOf::Caller => *system == own,
        GuestOf::Anybody => is_guest_system(system),
    });
    if is_guest {
        return Ok(());
    }
    let detail = "That learner is no guest: another system knows it too. PUT /v1/learner-merges/{id} merges any two learners.";
    Err(Problem::new(Code::Forbidden, detail))
}

/// The learner who stays has changed too; while it is deactivated, tokens of the other must not work either.
fn refresh(conn: &mut Conn, who: &Who, into: &LearnerRow) -> Stored<()> {
    match LearnerState::of_stored(&into.state) {
        LearnerState::Deactivated => {
            let state = (LearnerState::Deactivated, None);
            learner_store::set_state(conn, who.tenant, into.id, state, Some(tokens_gone(who.now)), who.now)
        }
        _ => learner_store::touch_learner(conn, who.tenant, into.id, who.now),
    }
}

/// What somebody used on a day, as it moves.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Used {
    uses: i64,
    bytes: i64,
}

/// How somebody was in a cohort, and whether the one who stays was in it too.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Membership {
    since: Time,
    both: bool,
}

fn thing(kind: &str, item: String, was: &impl Serialize) -> MovedThing {
    MovedThing { kind: kind.to_owned(), item, was: Json::of(was) }
}

/// Gives everything of one learner to the other, and tells what was moved and how it was before.
fn give_everything(conn: &mut Conn, call: &MergeCall, members: &[Id]) -> Stored<(MergeCounts, Vec<MovedThing>)> {
    let (tenant, both) = (call.who.tenant, (call.from, call.into));
    let held = store::hold_attempts(conn, tenant, &[call.into, call.from])?;
    let places = rules::places_when_merged(&held, call.into);
    let was: HashMap<Id, AttemptPlace> = held.iter().map(|one| (one.id, one.place())).collect();
    let mut moved: Vec<MovedThing> =
        places.iter().filter_map(|(id, _)| Some(thing("attempt", id.to_string(), was.get(id)?))).collect();
    store::place_attempts(conn, tenant, &places)?;
    let identities = learner_store::identities_of(conn, tenant, &[call.from])?;
    for (_, system, external) in &identities {
        store::give_identity(conn, tenant, (system, external), both)?;
        moved.push(thing("identity", json!([system, external]).to_string(), &json!({})));
    }
    let submissions = store::give_submissions(conn, tenant, both)?;
    let diagnoses = store::give_diagnoses(conn, tenant, both)?;
    moved.extend(submissions.iter().map(|id| thing("submission", id.to_string(), &json!({}))));
    moved.extend(diagnoses.iter().map(|id| thing("diagnosis", id.to_string(), &json!({}))));
    for cohort in cohorts_of(conn, tenant, call.from)? {
        let stays = store::cohort_stays(conn, tenant, cohort)?;
        if let Some(since) = leave_cohort(conn, tenant, cohort, call.from)?.filter(|_| stays) {
            let alone = join_cohort(conn, tenant, cohort, call.into, since)?;
            moved.push(thing("cohort", cohort.to_string(), &Membership { since, both: !alone }));
        }
    }
    for (topic, day, uses, bytes) in daily_use::of_owner(conn, tenant, call.from)? {
        daily_use::shift(conn, tenant, call.from, (&topic, day), (-uses, -bytes))?;
        daily_use::shift(conn, tenant, call.into, (&topic, day), (uses, bytes))?;
        moved.push(thing("daily_use", json!([topic, day]).to_string(), &Used { uses, bytes }));
    }
    for member in members {
        store::repoint(conn, tenant, *member, both)?;
        moved.push(thing("learner", member.to_string(), &json!({})));
    }
    let attempts = held.iter().filter(|one| one.learner == call.from).count();
    let (submissions, diagnoses) = (submissions.len(), diagnoses.len());
    Ok((MergeCounts { identities: identities.len(), attempts, submissions, diagnoses }, moved))
}

/// Until when a merge can be undone.
pub fn undo_until(row: &MergeRow) -> Time {
    row.created_at.plus_seconds(UNDO_DAYS.saturating_mul(24 * 3600))
}

/// Undoes a merge: what it moved goes back, what was made since stays. One that is undone stays so. `allowed` says whether the
/// caller may, once it is known which merge it is.
pub fn undo_merge(conn: &mut Conn, who: &Who, id: Id, allowed: impl Fn(&MergeRow) -> bool) -> Stored<MergeRow> {
    let nothing = || Problem::not_found("merge of this id");
    let row = store::find(conn, who.tenant, id)?.filter(&allowed).ok_or_else(nothing)?;
    let rows = learner_store::lock_learners(conn, who.tenant, &[row.into_id, row.from_id])?;
    // As it is now that both are locked.
    let row = store::find(conn, who.tenant, id)?.ok_or_else(nothing)?;
    if row.state == store::UNDONE {
        return Ok(row);
    }
    check_undoable(conn, who, &row, &rows)?;
    give_back(conn, who, &row)?;
    let state = LearnerState::of_stored(&row.from_state);
    let until = (state == LearnerState::Deactivated).then(|| tokens_gone(who.now));
    learner_store::set_state(conn, who.tenant, row.from_id, (state, None), until, who.now)?;
    learner_store::touch_learner(conn, who.tenant, row.into_id, who.now)?;
    store::mark_undone(conn, who.tenant, id, who.now)?;
    let row = MergeRow { state: store::UNDONE.to_owned(), undone_at: Some(who.now), ..row };
    append_merge_records(conn, who, "learner.unmerged", &row, &row.counts.read_own()?)?;
    renewal::raise_access(conn)?;
    tell_auditors_of(conn, who, "learner.unmerged", &row)?;
    Ok(row)
}

fn check_undoable(conn: &mut Conn, who: &Who, row: &MergeRow, rows: &[LearnerRow]) -> Stored<()> {
    if who.now > undo_until(row) {
        let detail = format!("The merge is older than {UNDO_DAYS} days and stays.");
        return Err(Problem::new(Code::IllegalState, detail).with("state", store::IN_FORCE));
    }
    if let Some(into) = rows.iter().find(|one| one.id == row.into_id).and_then(|one| one.merged_into) {
        return Err(is_merged(into));
    }
    let later = store::merges_into(conn, who.tenant, row.into_id)?;
    match later.iter().find(|(_, _, state)| state == store::IN_FORCE) {
        Some((_, last, _)) if *last != row.id => {
            let detail = format!("Another learner was merged into this one later. Undo the merge {last} first.");
            Err(Problem::new(Code::IllegalState, detail).with("state", store::IN_FORCE).with("merge", last.to_string()))
        }
        _ => Ok(()),
    }
}

fn id_of(text: &str) -> Stored<Id> {
    text.parse().map_err(Problem::internal)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(Problem::internal)
}

/// Gives back what a merge moved, as far as it is still there.
fn give_back(conn: &mut Conn, who: &Who, row: &MergeRow) -> Stored<()> {
    let (tenant, back) = (row.tenant_id, (row.into_id, row.from_id));
    let mut was: HashMap<Id, AttemptPlace> = HashMap::new();
    for MovedThing { kind, item, was: before } in store::moved_by(conn, tenant, row.id)? {
        match kind.as_str() {
            "attempt" => drop(was.insert(id_of(&item)?, before.read_own()?)),
            "identity" => {
                let (system, external): (String, String) = read(&item)?;
                store::give_identity(conn, tenant, (&system, &external), back)?;
            }
            "submission" => store::give_submission(conn, tenant, id_of(&item)?, back)?,
            "diagnosis" => store::give_diagnosis(conn, tenant, id_of(&item)?, back)?,
            "cohort" => give_membership_back(conn, tenant, id_of(&item)?, back, before.read_own()?)?,
            "daily_use" => {
                let ((topic, day), Used { uses, bytes }): ((String, i64), Used) = (read(&item)?, before.read_own()?);
                // Older days are forgotten.
                if day < daily_use::day(who.now).saturating_sub(1) {
                    continue;
                }
                daily_use::shift(conn, tenant, row.into_id, (&topic, day), (-uses, -bytes))?;
                daily_use::shift(conn, tenant, row.from_id, (&topic, day), (uses, bytes))?;
            }
            "learner" => store::repoint(conn, tenant, id_of(&item)?, back)?,
            other => return Err(Problem::internal(format!("a merge moved a thing of the unknown kind {other}"))),
        }
    }
    let held = store::hold_attempts(conn, tenant, &[row.into_id])?;
    store::place_attempts(conn, tenant, &rules::places_when_undone(&held, &was, row.into_id))
}

/// Whoever was taken out of the cohort since the merge stays out of it.
fn give_membership_back(conn: &mut Conn, tenant: Id, cohort: Id, (into, from): (Id, Id), was: Membership) -> Stored<()> {
    if !store::cohort_stays(conn, tenant, cohort)? {
        return Ok(());
    }
    let there = if was.both {
        cohorts_of(conn, tenant, into)?.contains(&cohort)
    } else {
        leave_cohort(conn, tenant, cohort, into)?.is_some()
    };
    if there {
        join_cohort(conn, tenant, cohort, from, was.since)?;
    }
    Ok(())
}

/// One record for each of the two: the story of either is whole.
fn append_merge_records(conn: &mut Conn, who: &Who, kind: &'static str, row: &MergeRow, counts: &MergeCounts) -> Stored<()> {
    let body: Value = json!({
        "merge": row.id, "into": row.into_id, "from": row.from_id, "claim": row.claim, "counts": counts,
    });
    let drafts = [row.into_id, row.from_id].map(|learner| learner_draft(who, kind, learner, body.clone()));
    records::append(conn, who, drafts.into())
}
