//! `/v1/learners/{id}/claims`: a guest's work is handed over to the learner who signed in. It is a merge, which a learner may make too.

use actix_web::web::Data;
use actix_web::{HttpRequest, post, put};

use crate::auth::caller::{Acting, AttemptsWrite};
use crate::auth::{Caller, Principal, Scope, Who};
use crate::db::Conn;
use crate::db::types::Id;
use crate::error::{Code, Problem};
use crate::learners::http::nobody;
use crate::learners::learner_now;
use crate::learners::merging::http::merge_view;
use crate::learners::merging::lifecycle::{self, GuestOf, MergeCall};
use crate::learners::merging::wire::{ClaimPut, LearnerMerge};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::json::Body;
use crate::web::path::{PathId, id_in_path};

/// The learner of a path, as this token may name it.
fn claimant(who: &Who, id: Id) -> Result<Id, Problem> {
    who.reaches_everybody()?;
    if who.sees(id) { Ok(who.own_learner().unwrap_or(id)) } else { Err(nobody()) }
}

/// Whose work it is: a client names a guest of its own, anybody may show the guest's token.
fn guest(state: &AppState, who: &Who, body: &ClaimPut) -> Result<(Id, GuestOf), Problem> {
    match (body.guest, body.guest_token.as_deref()) {
        (Some(_), None) if who.own_learner().is_some() => {
            Err(Problem::new(Code::Forbidden, "A learner shows the guest's token (`guest_token`): its id alone proves nothing."))
        }
        (Some(id), None) => Ok((id, GuestOf::Caller)),
        (None, Some(token)) => {
            let refused = || Problem::body("/guest_token", "is no good access token of a learner of this tenant.");
            let claims = state.auth.verify(token, who.now).map_err(|_| refused())?;
            match claims.principal {
                // Work is handed over by a token that may write it.
                Principal::Learner(id)
                    if claims.tenant == who.tenant && state.auth.gates().scopes_now(&claims).has(Scope::AttemptsWrite) =>
                {
                    Ok((id, GuestOf::Anybody))
                }
                _ => Err(refused()),
            }
        }
        _ => Err(Problem::body("", "must have either `guest` or `guest_token`.")),
    }
}

/// Hand a guest's work over to a learner
///
/// Somebody worked as a guest, a learner whom only the client knows, and then signed in: what the guest did becomes the learner's, as by a
/// merge. With the learner's own token, which shows the guest's (`guest_token`), or with a client's that has `learners:act`, which may
/// also name a guest of its own (`guest`). Repeatable while the guest's token is good: the id is the caller's choice.
#[utoipa::path(
    tag = "Learners",
    params(
        ("id" = Id, Path, description = "The id of the learner who signed in."),
        ("claim" = String, Path, format = "uuid", description = "The claim's id, a UUID of version 4 or 7 of the caller's choice; it is the id of the merge.", example = "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f12"),
    ),
    request_body = ClaimPut,
    responses(
        (status = 200, description = "The merge, which was there already; it may have been undone.", body = LearnerMerge),
        (status = 201, description = "The merge, new.", body = LearnerMerge),
        (status = 404, description = "No such learner for this token."),
        (status = 409, description = "`id_unavailable`: another merge has this id. `illegal_state`: one of the two was merged before (`params.merged_into`), or 20 learners were merged into this one."),
    ),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[put("/learners/{id}/claims/{claim}")]
pub async fn put_claim(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    request: HttpRequest,
    body: Body<ClaimPut>,
) -> Result<Answered<LearnerMerge>, Problem> {
    let (who, claim) = (caller.into_who(), id_in_path(&request, "claim")?);
    let into = claimant(&who, id)?;
    // A learner who is not there is not found, whatever the body says.
    let tenant = who.tenant;
    state.db.of(tenant).read(move |conn| learner_now(conn, tenant, into)).await?.ok_or_else(nobody)?;
    let (from, of) = guest(&state, &who, &body.value)?;
    let call = MergeCall { who, id: claim, into, from, claim: Some(of) };
    let (row, created) = state.db.of(tenant).write(move |conn| lifecycle::merge_learners(conn, &call)).await?;
    if created {
        state.renew_access().await;
    }
    Ok(Answered::put(created.then(|| format!("/v1/learner-merges/{claim}")), merge_view(row)))
}

/// Undo the handing over of a guest's work
///
/// Within 30 days: what the guest did is the guest's again, what was made since stays. By whoever may hand over. Repeatable.
#[utoipa::path(
    tag = "Learners",
    params(
        ("id" = Id, Path, description = "The id of the learner who signed in."),
        ("claim" = String, Path, format = "uuid", description = "The claim's id.", example = "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f12"),
    ),
    responses(
        (status = 200, description = "The merge, undone.", body = LearnerMerge),
        (status = 404, description = "No such learner or claim for this token."),
        (status = 409, description = "`illegal_state`: it is older than 30 days, or another merge must be undone first (`params.merge`, or `params.merged_into` where the learner itself was merged)."),
    ),
    security(("token" = ["attempts:write"])),
    extensions(("x-acts-for-learner" = json!(true)))
)]
#[post("/learners/{id}/claims/{claim}/undo")]
pub async fn undo_claim(
    state: Data<AppState>,
    caller: Caller<Acting<AttemptsWrite>>,
    PathId(id): PathId,
    request: HttpRequest,
) -> Result<Answered<LearnerMerge>, Problem> {
    let (who, claim) = (caller.into_who(), id_in_path(&request, "claim")?);
    let into = claimant(&who, id)?;
    let db = state.db.of(who.tenant);
    let undo = move |conn: &mut Conn| lifecycle::undo_merge(conn, &who, claim, |row| row.claim && row.into_id == into);
    let row = db.write(undo).await?;
    state.renew_access().await;
    Ok(Answered::ok(merge_view(row)))
}
