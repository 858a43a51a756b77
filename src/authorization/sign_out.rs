//! Ending all sign-ins of one person, for administrators: a phone was lost, somebody left.

use actix_web::post;
use actix_web::web::Data;

use crate::auth::caller::ClientsAdmin;
use crate::auth::{Caller, Principal, Who};
use crate::authorization::{refresh, store};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::learners::{self, merging};
use crate::state::AppState;
use crate::web::answer::NoContent;
use crate::web::path::PathId;

/// Ends the sign-ins of a person; gives the access tokens that are good no more.
fn end_sign_ins(conn: &mut Conn, who: &Who, person: Principal) -> Stored<Vec<(Id, Time)>> {
    let ids = match person {
        Principal::Learner(id) => {
            learners::learner_now(conn, who.tenant, id)?.ok_or_else(|| Problem::not_found("learner of this id"))?;
            // Those of before a merge speak for the learner that it is now.
            merging::read_as_one(conn, who.tenant, Some(id))?
        }
        other => vec![other.id()],
    };
    let mut ended = Vec::new();
    for id in ids {
        // A refresh that runs at this moment is waited for, and its new token ends too.
        for family in store::locked_families_of(conn, who.tenant, (person.kind(), id))? {
            refresh::end(conn, who, &family, "administrator")?;
            ended.push((family.access_jti, family.access_expires_at));
        }
    }
    Ok(ended)
}

async fn signed_out(state: &AppState, who: Who, person: Principal) -> Result<NoContent, Problem> {
    let now = who.now;
    let ended = state.db.of(who.tenant).write(move |conn| end_sign_ins(conn, &who, person)).await?;
    state.auth.revoke(ended, now);
    Ok(NoContent)
}

/// End all sign-ins of a learner
///
/// Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
/// An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; deactivating
/// the learner ends those too. Of a learner that was merged the sign-ins of the one that it is now end. The same call again changes nothing.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    responses((status = 204, description = "Nobody is signed in as this learner."), (status = 404, description = "No such learner.")),
    security(("token" = ["clients:admin"]))
)]
#[post("/learners/{id}/sign-out")]
pub async fn sign_out_learner(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    signed_out(&state, caller.into_administrator()?, Principal::Learner(id)).await
}

/// End all sign-ins of a staff member
///
/// Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
/// An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; personal tokens
/// are taken back by themselves. The same call again changes nothing, nor does one for somebody who never signed in.
#[utoipa::path(
    tag = "Tokens",
    params(("id" = String, Path, format = "uuid", description = "The staff member's id.")),
    responses((status = 204, description = "Nobody is signed in as this staff member.")),
    security(("token" = ["clients:admin"]))
)]
#[post("/staff/{id}/sign-out")]
pub async fn sign_out_staff(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    signed_out(&state, caller.into_administrator()?, Principal::Staff(id)).await
}
