//! `/v1/tenants`: organisations on this installation, for administrators of the tenant that runs it.

use actix_web::web::Data;
use actix_web::{get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::administration::rules;
use crate::administration::store::{self, ADMINISTRATOR, Client, HOME_TENANT, Tenant};
use crate::audit::{self, AuditEntry};
use crate::auth::caller::TenantsAdmin;
use crate::auth::secrets::new_secret;
use crate::auth::{Caller, Scopes, Who};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};
use crate::web::json::Body;
use crate::web::page::{self, Asked};
use crate::web::path::PathId;
use crate::web::query::Params;

/// Longest page.
const MOST: i64 = 200;

/// The credentials of a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientCredentials {
    #[schema(value_type = String, format = "uuid")]
    pub client_id: Id,
    pub client_secret: String,
}

/// An organisation. Nothing crosses between tenants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "name": "school-two", "runs_installation": false, "suspended_at": null,
    "created_at": "2026-11-23T08:00:03.120000Z"}))]
pub struct Organisation {
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    pub name: String,
    /// Whether its administrators manage the installation: tenants and signing keys.
    pub runs_installation: bool,
    /// Since when nobody of it is let in; null while it is not suspended.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub suspended_at: Option<Time>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// Its first client, which may do everything there: in the answer that made the tenant, and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub administrator: Option<ClientCredentials>,
}

impl Organisation {
    fn of(tenant: Tenant, administrator: Option<ClientCredentials>) -> Organisation {
        let Tenant { id, name, created_at, suspended_at } = tenant;
        Organisation { id, runs_installation: name == HOME_TENANT, name, suspended_at, created_at, administrator }
    }
}

/// A page of tenants.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantPage {
    /// In the order of their names.
    pub items: Vec<Organisation>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TenantQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many tenants at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// What a tenant is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "school-two"}))]
pub struct TenantPut {
    /// Lower-case letters, digits and hyphens; no other tenant has it.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9-]+$")]
    pub name: String,
}

/// What a tenant that is not there answers.
pub fn no_such_tenant() -> Problem {
    Problem::not_found("tenant of this id")
}

/// List tenants
///
/// In the order of their names, suspended ones included. Only for the tenant that runs the installation.
#[utoipa::path(
    tag = "Administration",
    params(TenantQuery),
    responses((status = 200, description = "A page of tenants.", body = TenantPage)),
    security(("token" = ["tenants:admin"]))
)]
#[get("/tenants")]
pub async fn list_tenants(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    query: Params<TenantQuery>,
) -> Result<Answered<TenantPage>, Problem> {
    let (who, query) = (caller.into_administrator()?, query.into_inner());
    let asked = Asked::<String>::of(who.tenant, "tenants", (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let rows = state.db.read(move |conn| store::page_of_tenants(conn, &after, limit.saturating_add(1))).await?;
    let (rows, next) = page::cut_to_limit(rows, limit, |tenant| tenant.name.clone());
    let items = rows.into_iter().map(|tenant| Organisation::of(tenant, None)).collect();
    Ok(asked.answer(next, |next_cursor| TenantPage { items, next_cursor }))
}

/// Make a tenant
///
/// With its first client, which may do everything there and whose secret this answer shows, this once. The same call again answers
/// 200 without it and changes nothing. A name or an id that another tenant has is refused.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id, a UUID of version 4 or 7.")),
    request_body = TenantPut,
    responses(
        (status = 200, description = "The tenant, which was there already.", body = Organisation),
        (status = 201, description = "The tenant, new, with its administrator's credentials.", body = Organisation),
        (status = 409, description = "`id_unavailable`: another tenant has this id or this name."),
    ),
    security(("token" = ["tenants:admin"]))
)]
#[put("/tenants/{id}")]
pub async fn put_tenant(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
    body: Body<TenantPut>,
) -> Result<Answered<Organisation>, Problem> {
    let (who, name) = (caller.into_administrator()?, body.value.name);
    rules::check_tenant_name(&name)?;
    let (client_id, (client_secret, digest)) = (who.clock.id(), new_secret(&who.clock));
    let wanted = Tenant { id, name, created_at: who.now, suspended_at: None };
    let work = move |conn: &mut Conn| {
        let client = Client::made_now((id, client_id), ADMINISTRATOR, digest.clone(), Scopes::most_of_tenant(false), who.now);
        found_or_made(conn, &who, &wanted, &client)
    };
    let (tenant, is_new) = state.db.write(work).await?;
    let credentials = is_new.then_some(ClientCredentials { client_id, client_secret });
    let new_at = is_new.then(|| format!("/v1/tenants/{id}"));
    Ok(Answered::put(new_at, Organisation::of(tenant, credentials)).with(NO_STORE))
}

/// The tenant, and whether it was made here, with this client.
fn found_or_made(conn: &mut Conn, who: &Who, wanted: &Tenant, client: &Client) -> Stored<(Tenant, bool)> {
    let found = store::find_tenant(conn, wanted.id)?;
    if found.is_none() && store::insert_new_tenant(conn, wanted)? {
        store::insert(conn, client)?;
        let entry = AuditEntry::new("tenant.created", ("tenant", &wanted.id))
            .with("name", wanted.name.as_str())
            .with("administrator", client.id.to_string());
        audit::note(conn, who, entry)?;
        return Ok((wanted.clone(), true));
    }
    // Whoever lost a race looks again.
    let found = if found.is_some() { found } else { store::find_tenant(conn, wanted.id)? };
    match found {
        Some(tenant) if tenant.name == wanted.name => Ok((tenant, false)),
        Some(_) => Err(Problem::new(Code::IdUnavailable, "A tenant of another name already has this id.")),
        None => Err(Problem::new(Code::IdUnavailable, format!("Another tenant already has the name {}.", wanted.name))
            .with("pointer", "/name")),
    }
}

/// Read a tenant
///
/// Only for the tenant that runs the installation.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id.")),
    responses((status = 200, description = "The tenant.", body = Organisation), (status = 404, description = "No such tenant.")),
    security(("token" = ["tenants:admin"]))
)]
#[get("/tenants/{id}")]
pub async fn read_tenant(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<Organisation>, Problem> {
    caller.into_administrator()?;
    let tenant = state.db.read(move |conn| store::find_tenant(conn, id)).await?.ok_or_else(no_such_tenant)?;
    Ok(Answered::ok(Organisation::of(tenant, None)))
}

/// Suspends a tenant, or lets it in again. The same again changes nothing.
fn change_suspension(conn: &mut Conn, who: &Who, id: Id, suspend: bool) -> Stored<Tenant> {
    store::take_turn(conn)?;
    let tenant = store::find_tenant(conn, id)?.ok_or_else(no_such_tenant)?;
    if suspend && tenant.name == HOME_TENANT {
        return Err(Problem::new(Code::IllegalState, "This tenant runs the installation and cannot be suspended.")
            .with("state", "runs_installation"));
    }
    if tenant.suspended_at.is_some() == suspend {
        return Ok(tenant);
    }
    let suspended_at = suspend.then_some(who.now);
    store::write_suspended(conn, id, suspended_at)?;
    let act = if suspend { "tenant.suspended" } else { "tenant.resumed" };
    audit::note(conn, who, AuditEntry::new(act, ("tenant", &id)).with("name", tenant.name.as_str()))?;
    Ok(Tenant { suspended_at, ..tenant })
}

async fn suspension(state: &AppState, who: Who, id: Id, suspend: bool) -> Result<Answered<Organisation>, Problem> {
    let tenant = state.db.write(move |conn| change_suspension(conn, &who, id, suspend)).await?;
    state.renew_access().await;
    Ok(Answered::ok(Organisation::of(tenant, None)))
}

/// Suspend a tenant
///
/// Nobody of it gets a token, and its tokens are refused: at once by this process, within 5 seconds by all. What it has stays. The
/// same call again changes nothing. The tenant that runs the installation cannot be suspended.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id.")),
    responses(
        (status = 200, description = "The tenant, suspended.", body = Organisation),
        (status = 404, description = "No such tenant."),
        (status = 409, description = "`illegal_state`: it runs the installation."),
    ),
    security(("token" = ["tenants:admin"]))
)]
#[post("/tenants/{id}/suspend")]
pub async fn suspend_tenant(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<Organisation>, Problem> {
    suspension(&state, caller.into_administrator()?, id, true).await
}

/// Let a suspended tenant in again
///
/// Its clients get tokens again, and those of its tokens that have not expired are good again. The same call again changes nothing.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id.")),
    responses((status = 200, description = "The tenant.", body = Organisation), (status = 404, description = "No such tenant.")),
    security(("token" = ["tenants:admin"]))
)]
#[post("/tenants/{id}/resume")]
pub async fn resume_tenant(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<Organisation>, Problem> {
    suspension(&state, caller.into_administrator()?, id, false).await
}
