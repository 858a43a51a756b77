//! `/v1/learners/{id}/identities`: under which names other systems know a learner; names come and go over a learner's life.

use actix_web::web::Data;
use actix_web::{delete, get, put};

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::audit::{self, AuditEntry};
use crate::auth::caller::{LearnersRead, LearnersWrite};
use crate::auth::{Caller, Who};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners::http::{learner_view, nobody};
use crate::learners::life::lock_changeable;
use crate::learners::named::IdentityRef;
use crate::learners::wire::{DroppedIdentity, Identity, LearnerIdentities};
use crate::learners::{append_learner_record, own_system, rules, store};
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::json::Body;
use crate::web::path::PathId;
use crate::web::query::Params;

/// Gives a learner one more identity; true where it did not have it yet.
fn add_identity(conn: &mut Conn, who: &Who, id: Id, (system, external): (&str, &str)) -> Stored<bool> {
    let row = lock_changeable(conn, who, id)?;
    match store::by_identity(conn, who.tenant, system, external)? {
        Some(learner) if learner == id => return Ok(false),
        Some(_) => return Err(taken_identity()),
        None => {}
    }
    if store::identities_of(conn, who.tenant, &[id])?.len() >= rules::MOST_IDENTITIES {
        let detail = format!("The learner has {} identities already, the most there may be.", rules::MOST_IDENTITIES);
        return Err(Problem::body("", detail));
    }
    if !store::insert_identity(conn, who.tenant, system, external, id, who.now)? {
        // Another writer gave it to somebody else meanwhile: the learner's own are locked.
        return Err(taken_identity());
    }
    store::touch_learner(conn, who.tenant, id, who.now)?;
    append_learner_record(conn, who, "learner.identity_added", id, row.revision.saturating_add(1))?;
    audit::note(conn, who, AuditEntry::new("learner.identity_added", ("learner", &id)).with("system", system))?;
    Ok(true)
}

fn taken_identity() -> Problem {
    let detail = "The identity is another learner's. PUT /v1/learners/by-identity finds that learner; PUT /v1/learner-merges/{id} makes the two one.";
    Problem::new(Code::IdUnavailable, detail).with("pointer", "/id")
}

/// Takes an identity away; nothing where the learner does not have it.
fn drop_identity(conn: &mut Conn, who: &Who, id: Id, identity: (&str, &str)) -> Stored<()> {
    let row = lock_changeable(conn, who, id)?;
    if store::remove_identity(conn, who.tenant, identity, id)? {
        store::touch_learner(conn, who.tenant, id, who.now)?;
        append_learner_record(conn, who, "learner.identity_removed", id, row.revision.saturating_add(1))?;
        audit::note(conn, who, AuditEntry::new("learner.identity_removed", ("learner", &id)).with("system", identity.0))?;
    }
    Ok(())
}

/// Lists a learner's identities
///
/// All of them, in the order of their names. A learner's token reads its own.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    responses(
        (status = 200, description = "The identities.", body = LearnerIdentities),
        (status = 404, description = "No such learner for this token."),
    ),
    security(("token" = ["learners:read"]))
)]
#[get("/learners/{id}/identities")]
pub async fn list_identities(
    state: Data<AppState>,
    caller: Caller<LearnersRead>,
    PathId(id): PathId,
) -> Result<Answered<LearnerIdentities>, Problem> {
    let who = caller.into_who();
    let staff = of_staff(&who);
    let learner = state.db.of(who.tenant).read(move |conn| learner_view(conn, &who, id)).await?;
    note_staff_reading(&state, staff, "learner.read", ("learner", &id)).await;
    Ok(Answered::ok(LearnerIdentities { identities: learner.identities.ok_or_else(nobody)? }))
}

/// Add an identity to a learner
///
/// Under which name one more system knows the learner. Repeatable. A learner has at most 20 identities, but for one who was merged
/// from several.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id.")),
    request_body = IdentityRef,
    responses(
        (status = 200, description = "The identity, which the learner had already.", body = Identity),
        (status = 201, description = "The identity, new.", body = Identity),
        (status = 404, description = "No such learner."),
        (status = 409, description = "`id_unavailable`: the identity is another learner's (`params.pointer`). `illegal_state`: the learner is deactivated or merged (`params.state`)."),
    ),
    security(("token" = ["learners:write"]))
)]
#[put("/learners/{id}/identities")]
pub async fn put_identity(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
    body: Body<IdentityRef>,
) -> Result<Answered<Identity>, Problem> {
    let (who, asked) = (caller.into_who(), body.value);
    rules::check_identity(&asked, "")?;
    let identity = Identity { system: asked.system.unwrap_or_else(|| own_system(who.client)), id: asked.id };
    let (system, external) = (identity.system.clone(), identity.id.clone());
    let added = state.db.of(who.tenant).write(move |conn| add_identity(conn, &who, id, (&system, &external))).await?;
    Ok(Answered::put(added.then(|| format!("/v1/learners/{id}/identities")), identity))
}

/// Take an identity away from a learner
///
/// Repeatable. The last one may go too: then the learner is found by its id alone, and whoever names the identity makes a new learner
/// or is told that there is none.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The learner's id."), DroppedIdentity),
    responses(
        (status = 204, description = "The learner does not have it, now or before."),
        (status = 404, description = "No such learner."),
        (status = 409, description = "`illegal_state`: the learner is deactivated or merged (`params.state`)."),
    ),
    security(("token" = ["learners:write"]))
)]
#[delete("/learners/{id}/identities")]
pub async fn remove_learner_identity(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
    query: Params<DroppedIdentity>,
) -> Result<NoContent, Problem> {
    let (who, DroppedIdentity { system, identity }) = (caller.into_who(), query.into_inner());
    let system = system.unwrap_or_else(|| own_system(who.client));
    rules::check_parameter("system", &system)?;
    rules::check_parameter("identity", &identity)?;
    state.db.of(who.tenant).write(move |conn| drop_identity(conn, &who, id, (&system, &identity))).await?;
    Ok(NoContent)
}
