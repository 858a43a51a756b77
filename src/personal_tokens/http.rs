//! `/v1/personal-tokens`: long-lived tokens for dashboards and scripts.

use actix_web::web::Data;
use actix_web::{delete, get, put};
use sha2::{Digest, Sha256};

use crate::auth::Caller;
use crate::auth::caller::ClientsAdmin;
use crate::auth::personal::store::{self, PersonalToken};
use crate::auth::sealed::PERSONAL;
use crate::db::types::Id;
use crate::error::Problem;
use crate::personal_tokens::wire::{NewPersonalToken, PersonalTokenPage, PersonalTokenQuery, TokenShown};
use crate::personal_tokens::{keep_token, rules, take_back};
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE, NoContent};
use crate::web::json::Body;
use crate::web::page::{self, Asked};
use crate::web::path::PathId;
use crate::web::query::Params;

/// The longest page.
const MOST: i64 = 200;

/// Lists personal tokens
///
/// In the order of their ids, those that expired or were taken back included, with the time of their last use.
#[utoipa::path(
    tag = "Administration",
    params(PersonalTokenQuery),
    responses((status = 200, description = "A page of personal tokens.", body = PersonalTokenPage)),
    security(("token" = ["clients:admin"]))
)]
#[get("/personal-tokens")]
pub async fn list_personal_tokens(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    query: Params<PersonalTokenQuery>,
) -> Result<Answered<PersonalTokenPage>, Problem> {
    let (query, tenant) = (query.into_inner(), caller.into_administrator()?.tenant);
    let asked = Asked::<Id>::of(tenant, "personal-tokens", (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let rows = state.db.of(tenant).read(move |conn| store::page(conn, tenant, after, limit + 1)).await?;
    let (rows, next) = page::cut_to_limit(rows, limit, |row: &PersonalToken| row.id);
    let items = rows.into_iter().map(|row| TokenShown::of(row, None)).collect();
    Ok(asked.answer(next, |next_cursor| PersonalTokenPage { items, next_cursor }))
}

/// Read a personal token
///
/// What it is for and when it was last used; the token itself is shown only by the call that made it.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "The personal token's id.")),
    responses((status = 200, description = "The personal token.", body = TokenShown), (status = 404, description = "No such personal token.")),
    security(("token" = ["clients:admin"]))
)]
#[get("/personal-tokens/{id}")]
pub async fn read_personal_token(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<TokenShown>, Problem> {
    let tenant = caller.into_administrator()?.tenant;
    let row = state.db.of(tenant).read(move |conn| store::find(conn, tenant, id)).await?;
    Ok(Answered::ok(TokenShown::of(row.ok_or_else(|| Problem::not_found("personal token of this id"))?, None)))
}

/// Make a personal token
///
/// For a member of staff, or for the calling client itself: a dashboard or a script sends it as `Authorization: Bearer wm_pat_...` until
/// it expires or is taken back. The answer that makes it has it in `token`; it is stored as a digest alone and shown never again. The
/// same call again answers 200 without it: whoever lost the first answer takes that token back and makes another one.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "A UUID of your choice.")),
    request_body = NewPersonalToken,
    responses(
        (status = 200, description = "The personal token, which was there already.", body = TokenShown),
        (status = 201, description = "The personal token, new, with `token`.", body = TokenShown),
        (status = 409, description = "`id_unavailable`: something else has this id. `illegal_state`: the tenant has as many as it may."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[put("/personal-tokens/{id}")]
pub async fn put_personal_token(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
    body: Body<NewPersonalToken>,
) -> Result<Answered<TokenShown>, Problem> {
    let who = caller.into_administrator()?;
    let wanted = rules::wanted(body.value, who.scopes, (who.client, who.principal), who.now)?;
    let token = PERSONAL.token(id, &who.clock.secret(), &state.digest_key)?;
    let row = PersonalToken {
        tenant_id: who.tenant,
        id,
        client_id: who.client,
        principal_kind: wanted.principal.kind().to_owned(),
        principal_id: wanted.principal.id(),
        name: wanted.name,
        scopes: wanted.scopes.to_string(),
        sha256: Sha256::digest(token.as_bytes()).to_vec(),
        created_at: who.now,
        expires_at: wanted.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    let (row, made) = state.db.of(who.tenant).write(move |conn| keep_token(conn, &who, &row)).await?;
    let new_at = made.then(|| format!("/v1/personal-tokens/{id}"));
    Ok(Answered::put(new_at, TokenShown::of(row, made.then_some(token))).with(NO_STORE))
}

/// Take a personal token back
///
/// It is good no more: at once for this process, within 5 seconds for all. It stays in the list.
#[utoipa::path(
    tag = "Administration",
    params(("id" = String, Path, format = "uuid", description = "The personal token's id.")),
    responses((status = 204, description = "It is good no more."), (status = 404, description = "No such personal token.")),
    security(("token" = ["clients:admin"]))
)]
#[delete("/personal-tokens/{id}")]
pub async fn delete_personal_token(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<NoContent, Problem> {
    let (who, now) = (caller.into_administrator()?, state.clock.now());
    let token = state.db.of(who.tenant).write(move |conn| take_back(conn, &who, id)).await?;
    state.auth.revoke([(token.id, token.expires_at)], now);
    Ok(NoContent)
}
