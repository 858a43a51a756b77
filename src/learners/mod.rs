//! Learners: one id of ours, any number of identities `{system, id}` from elsewhere, and what they have done so far.

pub mod http;
pub mod identities;
pub mod life;
pub mod merging;
pub mod named;
pub mod progress;
pub mod rules;
pub mod states;
pub mod store;
pub mod wire;

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

pub use named::{IdentityRef, LearnerRef};
pub use states::LearnerState;

use crate::auth::{Principal, Reach, Scope, Who};
use crate::db::memberships::taught_among;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::records::{self, Object, RecordDraft};
use crate::web::conditional::IfMatch;

/// The system of identities that a client names without a system.
pub fn own_system(client: Id) -> String {
    format!("urn:waymark:client:{client}")
}

/// Whether identities of this system are ones that some client gave of its own.
pub fn is_guest_system(system: &str) -> bool {
    system.starts_with("urn:waymark:client:")
}

/// The learner that a call acts for. A learner's own token acts for itself; everyone else names one and needs
/// `learners:act`. A new identity makes a new learner where the token has `learners:write`.
pub fn acting_for(conn: &mut Conn, who: &Who, named: Option<&LearnerRef>) -> Stored<Id> {
    if let Some(own) = who.own_learner() {
        let other = named.is_some_and(|named| named.identity.is_some() || named.id.is_some_and(|id| !who.sees(id)));
        return if other {
            Err(Problem::new(Code::Forbidden, "A learner's token acts for that learner alone; leave out `learner`."))
        } else {
            // Where there is no such learner its token finds out later, as it always did.
            Ok(writable(conn, who.tenant, own)?.unwrap_or(own))
        };
    }
    who.needs(Scope::LearnersAct)?;
    acted_for(conn, who, named)
}

/// The learner that a call of a client or of staff names, for whom something can be written.
fn acted_for(conn: &mut Conn, who: &Who, named: Option<&LearnerRef>) -> Stored<Id> {
    match named {
        Some(LearnerRef { id: Some(id), identity: None }) => {
            let now = learner_now(conn, who.tenant, *id)?.ok_or_else(|| unknown("/learner/id"))?;
            if !sees_now(conn, who, now)? {
                return Err(unknown("/learner/id"));
            }
            writable(conn, who.tenant, *id)?.ok_or_else(|| unknown("/learner/id"))
        }
        Some(LearnerRef { id: None, identity: Some(identity) }) => {
            rules::check_identity(identity, "/learner/identity")?;
            let id = match known_identity(conn, who, identity)? {
                Some(id) if sees_now(conn, who, id)? => id,
                Some(_) => return Err(unknown("/learner/identity")),
                None if who.reaches_everybody().is_err() => return Err(unknown("/learner/identity")),
                None if who.scopes.has(Scope::LearnersWrite) => of_identity(conn, who, identity.system.as_deref(), &identity.id)?,
                None => return Err(unknown("/learner/identity")),
            };
            check_writable(conn, who.tenant, id).map(|()| id)
        }
        Some(_) => Err(Problem::body("/learner", "give either `id` or `identity`.")),
        None => Err(Problem::body("/learner", "is missing: this token is no learner's own, so say for whom it acts.")),
    }
}

/// The learner whose the things of this one are: itself, or the one that it was merged into. None where there is none.
pub fn learner_now(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<Id>> {
    Ok(store::life(conn, tenant, id)?.map(|(_, into)| into.unwrap_or(id)))
}

/// Names to show of these learners.
pub fn names_of(conn: &mut Conn, tenant: Id, learners: &[Id]) -> Stored<HashMap<Id, Option<String>>> {
    Ok(store::shown_names(conn, tenant, learners)?.into_iter().collect())
}

/// The same for a learner that somebody names or not, and who need not be there.
pub fn named_now(conn: &mut Conn, tenant: Id, named: Option<Id>) -> Stored<Option<Id>> {
    named.map(|id| Ok(learner_now(conn, tenant, id)?.unwrap_or(id))).transpose()
}

/// Whether this token may see what belongs to `learner`, a merge that this process has not heard of yet included.
pub fn sees_now(conn: &mut Conn, who: &Who, learner: Id) -> Stored<bool> {
    match who.reach() {
        Reach::Own(own) if !who.sees(learner) => Ok(learner_now(conn, who.tenant, own)? == Some(learner)),
        Reach::TaughtBy(person) => Ok(!taught_among(conn, who.tenant, person, &[learner])?.is_empty()),
        Reach::Own(_) | Reach::Everybody => Ok(true),
    }
}

/// Those of these learners whose records this token may see; of one that was merged that is a matter of the one that it is now.
pub fn reached_among(conn: &mut Conn, who: &Who, learners: &[Id]) -> Stored<HashSet<Id>> {
    let Reach::TaughtBy(person) = who.reach() else { return Ok(learners.iter().copied().collect()) };
    let now = store::merged_among(conn, who.tenant, learners)?;
    let present = |id: &Id| now.iter().find(|(merged, _)| merged == id).map_or(*id, |(_, into)| *into);
    let asked: Vec<Id> = learners.iter().map(present).collect();
    let taught: HashSet<Id> = taught_among(conn, who.tenant, person, &asked)?.into_iter().collect();
    Ok(learners.iter().copied().filter(|id| taught.contains(&present(id))).collect())
}

/// The learner for whom something is written that is meant for this one: a deactivated learner is left as it is.
fn writable(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<Id>> {
    match store::life(conn, tenant, id)? {
        Some((LearnerState::Deactivated, _)) => Err(is_deactivated()),
        Some((LearnerState::Merged, Some(into))) => check_writable(conn, tenant, into).map(|()| Some(into)),
        Some(_) => Ok(Some(id)),
        None => Ok(None),
    }
}

/// Nothing is written for a learner who is deactivated.
pub fn check_writable(conn: &mut Conn, tenant: Id, id: Id) -> Stored<()> {
    match store::life(conn, tenant, id)? {
        Some((LearnerState::Deactivated, _)) => Err(is_deactivated()),
        _ => Ok(()),
    }
}

/// Makes whoever else begins or hands in something for this learner wait, so that numbers and limits are counted right; and whoever
/// merges or deactivates it. Where somebody did so a moment ago, the work is run again and meets that.
pub fn lock_writable(conn: &mut Conn, tenant: Id, id: Id) -> Stored<()> {
    match store::lock_learners(conn, tenant, &[id])?.pop() {
        None => Err(Problem::not_found("learner of this id")),
        Some(row) if row.merged_into.is_some() => {
            Err(Problem::unavailable(DatabaseFault::Conflict, "a learner was merged under a transaction"))
        }
        Some(row) if LearnerState::of_stored(&row.state) == LearnerState::Deactivated => Err(is_deactivated()),
        Some(_) => Ok(()),
    }
}

/// Which of these (tenant, learner) are deactivated.
pub fn deactivated_of(conn: &mut Conn, learners: &[(Id, Id)]) -> Stored<HashSet<(Id, Id)>> {
    Ok(store::deactivated_among(conn, learners)?.into_iter().collect())
}

pub fn is_deactivated() -> Problem {
    let detail =
        "The learner is deactivated: all of it can be read, nothing is written. POST /v1/learners/{id}/reactivate ends that.";
    Problem::new(Code::IllegalState, detail).with("state", LearnerState::Deactivated.name())
}

fn unknown(pointer: &str) -> Problem {
    Problem::new(
        Code::LearnerUnknown,
        format!("At {pointer}: there is no such learner. PUT /v1/learners/by-identity creates one."),
    )
    .with("pointer", pointer)
}

/// The learner of an identity, made if there is none yet.
pub fn of_identity(conn: &mut Conn, who: &Who, system: Option<&str>, external: &str) -> Stored<Id> {
    let system = system.map_or_else(|| own_system(who.client), str::to_owned);
    match store::by_identity(conn, who.tenant, &system, external)? {
        Some(id) => Ok(id),
        None => made_or_found(conn, who, (&system, external), None, Newcomer::LetIn).map(|(id, _)| id),
    }
}

/// Whether a new learner may be one too many of the day's records: not where somebody signs in, or begins what is counted by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Newcomer {
    LetIn,
    Bounded,
}

/// Makes the learner of an identity that had none a moment ago; true when it was made here.
fn made_or_found(
    conn: &mut Conn,
    who: &Who,
    (system, external): (&str, &str),
    name: Option<&str>,
    newcomer: Newcomer,
) -> Stored<(Id, bool)> {
    let id = who.clock.id();
    store::insert(conn, who.tenant, id, name, who.now)?;
    if store::insert_identity(conn, who.tenant, system, external, id, who.now)? {
        if newcomer == Newcomer::Bounded {
            records::check_day(conn, who)?;
        }
        append_learner_record(conn, who, "learner.created", id, 1)?;
        return Ok((id, true));
    }
    // Another writer was faster; its learner is the one, ours goes.
    store::remove_bare(conn, who.tenant, id)?;
    let found = store::by_identity(conn, who.tenant, system, external)?;
    found.map(|id| (id, false)).ok_or_else(|| Problem::internal("an identity vanished"))
}

/// Makes a learner with these identities, none of which may be another learner's.
pub fn create(conn: &mut Conn, who: &Who, id: Id, name: Option<&str>, identities: &[(String, String)]) -> Stored<()> {
    store::insert(conn, who.tenant, id, name, who.now)?;
    // In one order everywhere, so that two such calls never wait for each other.
    let mut sorted: Vec<(usize, &(String, String))> = identities.iter().enumerate().collect();
    sorted.sort_by_key(|(_, identity)| *identity);
    for (i, (system, external)) in sorted {
        if !store::insert_identity(conn, who.tenant, system, external, id, who.now)? {
            let pointer = format!("/identities/{i}");
            let detail =
                format!("The identity at {pointer} is another learner's. PUT /v1/learners/by-identity finds that learner.");
            return Err(Problem::new(Code::IdUnavailable, detail).with("pointer", pointer));
        }
    }
    records::check_day(conn, who)?;
    append_learner_record(conn, who, "learner.created", id, 1)
}

/// The learner of an identity, made if there is none, and named as asked: `None` leaves the name, `Some(None)` removes
/// it. True when the learner was made here.
pub fn upsert(
    conn: &mut Conn,
    who: &Who,
    (system, external): (&str, &str),
    name: Option<Option<&str>>,
    if_match: &IfMatch,
) -> Stored<(Id, bool)> {
    let (id, made) = match store::by_identity(conn, who.tenant, system, external)? {
        Some(id) => (id, false),
        None if *if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "There is no learner of this identity, so no revision of it."));
        }
        None => made_or_found(conn, who, (system, external), name.flatten(), Newcomer::Bounded)?,
    };
    if !made {
        rename(conn, who, id, name, if_match)?;
    }
    Ok((id, made))
}

/// Names a learner as asked, if `If-Match` lets it.
fn rename(conn: &mut Conn, who: &Who, id: Id, name: Option<Option<&str>>, if_match: &IfMatch) -> Stored<()> {
    if name.is_some() {
        check_writable(conn, who.tenant, id)?;
    }
    let changed = match name {
        Some(name) => store::rename(conn, who.tenant, id, name, who.now)?,
        None => None,
    };
    // Who asks for the name that it has asks for nothing, and needs no luck: it may be the same call again.
    let repeated = name.is_some() && changed.is_none();
    if *if_match != IfMatch::Absent && !repeated {
        // The row is ours now, so this is the revision that it had; an error takes the change back.
        let before = match &changed {
            Some(row) => row.revision.saturating_sub(1),
            None => store::find(conn, who.tenant, id)?.map_or(0, |row| row.revision),
        };
        if_match.check(before)?;
    }
    match changed {
        Some(row) => append_learner_record(conn, who, "learner.changed", id, row.revision),
        None => Ok(()),
    }
}

/// Appends a record about a learner. It holds no name and no identity: those live in one place, which can be erased.
pub fn append_learner_record(conn: &mut Conn, who: &Who, kind: &'static str, learner: Id, revision: i64) -> Stored<()> {
    records::append(conn, who, vec![learner_draft(who, kind, learner, json!({ "revision": revision }))])
}

fn learner_draft(who: &Who, kind: &'static str, learner: Id, body: Value) -> RecordDraft {
    let object = Object { r#type: "learner".to_owned(), id: learner.to_string(), iri: None };
    RecordDraft { learner: Some(learner), ..records::plain_draft(kind, who.now, object, body) }
}

/// The learner of an identity, if there is one.
pub fn known_identity(conn: &mut Conn, who: &Who, identity: &IdentityRef) -> Stored<Option<Id>> {
    let system = identity.system.clone().unwrap_or_else(|| own_system(who.client));
    store::by_identity(conn, who.tenant, &system, &identity.id)
}

/// Whom a token for this learner is for: the learner that it is now, unless that is deactivated.
pub fn principal(conn: &mut Conn, who: &Who, id: Id) -> Stored<Principal> {
    let learner = writable(conn, who.tenant, id)?.ok_or_else(|| Problem::not_found("learner of this id"))?;
    Ok(Principal::Learner(learner))
}
