//! Deactivating a learner and taking that back.

use actix_web::post;
use actix_web::web::Data;

use crate::audit::{self, AuditEntry};
use crate::auth::caller::LearnersWrite;
use crate::auth::claims::LONGEST_TTL;
use crate::auth::{Caller, Who, renewal};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners::http::{learner_view, nobody};
use crate::learners::states::LearnerState;
use crate::learners::store::{self, LearnerRow};
use crate::learners::wire::Learner;
use crate::learners::{append_learner_record, is_deactivated};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::path::PathId;

/// Until when tokens that were made before a moment may be about; an hour for clocks that differ.
pub fn tokens_gone(now: Time) -> Time {
    now.plus_seconds(LONGEST_TTL.saturating_add(3600))
}

/// What a learner is can be changed by those who manage learners, never with a learner's token, whatever its scopes.
pub fn manages(who: &Who) -> Result<(), Problem> {
    who.is_no_learner("That is")
}

/// The learner of this id, locked; an error where it was merged, since then it is nobody that anything could be done to.
pub fn lock_unmerged(conn: &mut Conn, who: &Who, id: Id) -> Stored<LearnerRow> {
    manages(who)?;
    let row = store::lock_learners(conn, who.tenant, &[id])?.pop().ok_or_else(nobody)?;
    match row.merged_into {
        Some(into) => Err(is_merged(into)),
        None => Ok(row),
    }
}

/// The same, for changes that are made to active learners alone.
pub fn lock_changeable(conn: &mut Conn, who: &Who, id: Id) -> Stored<LearnerRow> {
    let row = lock_unmerged(conn, who, id)?;
    match LearnerState::of_stored(&row.state) {
        LearnerState::Deactivated => Err(is_deactivated()),
        _ => Ok(row),
    }
}

pub fn is_merged(into: Id) -> Problem {
    let detail = format!("The learner was merged into {into}; name that one, or undo the merge.");
    Problem::new(Code::IllegalState, detail).with("state", LearnerState::Merged.name()).with("merged_into", into.to_string())
}

/// Makes a learner active or not; nothing where it is so already.
fn set_activity(conn: &mut Conn, who: &Who, id: Id, state: LearnerState) -> Stored<Learner> {
    let row = lock_unmerged(conn, who, id)?;
    if LearnerState::of_stored(&row.state) != state {
        let (kind, until) = match state {
            LearnerState::Active => ("learner.reactivated", None),
            _ => ("learner.deactivated", Some(tokens_gone(who.now))),
        };
        store::set_state(conn, who.tenant, id, (state, None), until, who.now)?;
        append_learner_record(conn, who, kind, id, row.revision.saturating_add(1))?;
        renewal::raise_access(conn)?;
        audit::note(conn, who, AuditEntry::new(kind, ("learner", &id)))?;
    }
    learner_view(conn, who, id)
}

async fn changed(state: &AppState, who: Who, id: Id, to: LearnerState) -> Result<Answered<Learner>, Problem> {
    let learner = state.db.of(who.tenant).write(move |conn| set_activity(conn, &who, id, to)).await?;
    state.renew_access().await;
    let revision = learner.revision;
    Ok(Answered::ok(learner).revision(revision))
}

/// Deactivate a learner
///
/// Within 5 seconds the learner's own tokens are refused by every process, and no new ones are made. All of it can be read as before, and it is found by
/// its identities; nothing is written for it by anybody (409 `illegal_state`), but what it kept can be erased, and a regrade of a
/// whole version takes its attempts in. Repeatable.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    responses(
        (status = 200, description = "The learner, deactivated.", body = Learner),
        (status = 404, description = "No such learner."),
        (status = 409, description = "`illegal_state`: the learner was merged into another one (`params.state`, `params.merged_into`)."),
    ),
    security(("token" = ["learners:write"]))
)]
#[post("/learners/{id}/deactivate")]
pub async fn deactivate_learner(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
) -> Result<Answered<Learner>, Problem> {
    changed(&state, caller.into_who(), id, LearnerState::Deactivated).await
}

/// Reactivate a learner
///
/// All is as before the deactivation: tokens that have not expired work again within 5 seconds. Revoke them first if they must not.
/// Repeatable.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    responses(
        (status = 200, description = "The learner, active.", body = Learner),
        (status = 404, description = "No such learner."),
        (status = 409, description = "`illegal_state`: the learner was merged into another one (`params.state`, `params.merged_into`)."),
    ),
    security(("token" = ["learners:write"]))
)]
#[post("/learners/{id}/reactivate")]
pub async fn reactivate_learner(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
) -> Result<Answered<Learner>, Problem> {
    changed(&state, caller.into_who(), id, LearnerState::Active).await
}
