//! `/v1/issuers`: identity providers whose tokens a tenant takes.

use actix_web::web::Data;
use actix_web::{HttpRequest, delete, get, put};

use crate::audit::{self, AuditEntry};
use crate::auth::caller::ClientsAdmin;
use crate::auth::{Caller, Who};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::issuers::rules::{self, RoleRule};
use crate::issuers::store::{self, IssuerRow};
use crate::issuers::wire::{Issuer, IssuerList, IssuerPut};
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::conditional::{self, IfMatch};
use crate::web::json::Body;
use crate::web::path::PathId;

/// How many issuers a tenant may have.
const MOST_ISSUERS: usize = 50;

fn no_such_issuer() -> Problem {
    Problem::not_found("issuer of this id")
}

/// Lists the tenant's issuers
///
/// Identity providers whose tokens this tenant takes at `/oauth/token`.
#[utoipa::path(
    tag = "Administration",
    responses((status = 200, description = "The issuers.", body = IssuerList)),
    security(("token" = ["clients:admin"]))
)]
#[get("/issuers")]
pub async fn list_issuers(state: Data<AppState>, caller: Caller<ClientsAdmin>) -> Result<Answered<IssuerList>, Problem> {
    let tenant = caller.into_administrator()?.tenant;
    let rows = state.db.of(tenant).read(move |conn| store::issuers_of(conn, tenant)).await?;
    Ok(Answered::ok(IssuerList { items: rows.into_iter().map(Issuer::of).collect() }))
}

/// Read an issuer
///
/// The ETag is its revision: send it with `If-Match` when changing it.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "The issuer's id.")),
    responses((status = 200, description = "The issuer.", body = Issuer), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such issuer.")),
    security(("token" = ["clients:admin"]))
)]
#[get("/issuers/{id}")]
pub async fn read_issuer(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<Issuer>, Problem> {
    let tenant = caller.into_administrator()?.tenant;
    let row = state.db.of(tenant).read(move |conn| store::find(conn, tenant, id)).await?.ok_or_else(no_such_issuer)?;
    let revision = row.revision;
    Ok(Answered::ok(Issuer::of(row)).revision(revision))
}

/// Register an issuer, or change it
///
/// An OpenID Connect provider whose tokens apps of this tenant hand in at `/oauth/token` (token exchange). Its keys are read over https
/// when the first token comes, kept for an hour, and read again when a token names an unknown one. The same call again changes nothing;
/// other content needs `If-Match`.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "A UUID of your choice."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to change it.")),
    request_body = IssuerPut,
    responses(
        (status = 200, description = "The issuer, which was there already.", body = Issuer),
        (status = 201, description = "The issuer, new.", body = Issuer),
        (status = 409, description = "`id_unavailable`: something else has this id, or another entry has this issuer and audience. `illegal_state`: the tenant has as many as it may."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[put("/issuers/{id}")]
pub async fn put_issuer(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    request: HttpRequest,
    PathId(id): PathId,
    body: Body<IssuerPut>,
) -> Result<Answered<Issuer>, Problem> {
    let (who, mut asked, if_match) = (caller.into_administrator()?, body.value, conditional::if_match(&request)?);
    asked.roles = asked.roles.into_iter().map(RoleRule::unbundled).collect();
    rules::check_issuer(&asked, who.scopes)?;
    let roles = serde_json::to_string(&asked.roles).map_err(Problem::internal)?;
    let wanted = IssuerRow {
        tenant_id: who.tenant,
        id,
        issuer: asked.issuer,
        audience: asked.audience,
        subject_claim: asked.subject_claim,
        roles,
        revision: 1,
        created_at: who.now,
        updated_at: who.now,
    };
    let (row, made) = state.db.of(who.tenant).write(move |conn| keep_issuer(conn, &who, &wanted, &if_match)).await?;
    let revision = row.revision;
    Ok(Answered::put(made.then(|| format!("/v1/issuers/{id}")), Issuer::of(row)).revision(revision))
}

/// Keeps an issuer as it is wanted; true where it is new.
fn keep_issuer(conn: &mut Conn, who: &Who, wanted: &IssuerRow, if_match: &IfMatch) -> Stored<(IssuerRow, bool)> {
    let taken =
        || Problem::new(Code::IdUnavailable, "Something else has this id, or another entry has this issuer and audience.");
    let there = match store::find(conn, who.tenant, wanted.id)? {
        Some(there) => there,
        None if *if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "There is no issuer of this id, so no revision of it."));
        }
        None if store::issuers_of(conn, who.tenant)?.len() >= MOST_ISSUERS => {
            let detail = format!("The tenant has {MOST_ISSUERS} issuers, which is the most. Delete one first.");
            return Err(Problem::new(Code::IllegalState, detail).with("limit", MOST_ISSUERS));
        }
        None if store::insert(conn, wanted)? => {
            audit::note(conn, who, issuer_entry("issuer.created", wanted))?;
            return Ok((wanted.clone(), true));
        }
        // Another call was faster.
        None => store::find(conn, who.tenant, wanted.id)?.ok_or_else(taken)?,
    };
    let content = |row: &IssuerRow| (row.issuer.clone(), row.audience.clone(), row.subject_claim.clone(), row.roles.clone());
    if content(&there) == content(wanted) {
        return Ok((there, false));
    }
    if *if_match == IfMatch::Absent {
        return Err(Problem::new(Code::PreconditionRequired, "Send If-Match with the ETag of the revision that you read."));
    }
    if_match.check(there.revision)?;
    let same_name = (&there.issuer, &there.audience) == (&wanted.issuer, &wanted.audience);
    let named = store::of_issuer(conn, who.tenant, &wanted.issuer)?;
    if !same_name && named.iter().any(|row| row.audience == wanted.audience && row.id != wanted.id) {
        return Err(taken());
    }
    let changed = IssuerRow { revision: there.revision + 1, created_at: there.created_at, ..wanted.clone() };
    if store::replace(conn, &changed)? {
        audit::note(conn, who, issuer_entry("issuer.changed", &changed))?;
        Ok((changed, false))
    } else if let Some(now) = store::find(conn, who.tenant, wanted.id)?.filter(|now| content(now) == content(wanted)) {
        // The same call at the same moment was faster.
        Ok((now, false))
    } else {
        Err(Problem::new(
            Code::PreconditionFailed,
            "It was changed meanwhile. Read it again, and send the change with the new ETag.",
        ))
    }
}

fn issuer_entry(act: &'static str, row: &IssuerRow) -> AuditEntry {
    AuditEntry::new(act, ("issuer", &row.id))
        .with("issuer", row.issuer.clone())
        .with("audience", row.audience.clone())
        .with("subject_claim", row.subject_claim.clone())
        .with("roles", row.roles.clone())
}

/// Delete an issuer
///
/// Its tokens are taken no more. Tokens of ours that were given for them last until they expire; refresh tokens end with their client.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "The issuer's id.")),
    responses((status = 204, description = "It is gone."), (status = 404, description = "No such issuer.")),
    security(("token" = ["clients:admin"]))
)]
#[delete("/issuers/{id}")]
pub async fn delete_issuer(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    let who = caller.into_administrator()?;
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        let row = store::find(conn, who.tenant, id)?.ok_or_else(no_such_issuer)?;
        if !store::delete(conn, who.tenant, id)? {
            return Err(no_such_issuer());
        }
        audit::note(conn, &who, issuer_entry("issuer.deleted", &row))
    };
    db.write(work).await?;
    Ok(NoContent)
}
