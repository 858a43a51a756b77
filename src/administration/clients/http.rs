//! `/v1/clients`: a tenant's clients.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post, put};

use crate::administration::clients::lifecycle::{self, ClientStep, DrawnSecret, WantedClient};
use crate::administration::clients::wire::{ClientPage, ClientPlace, ClientPut, ClientQuery, RegisteredClient, SecretRotation};
use crate::administration::rules;
use crate::administration::store::{self, Client};
use crate::auth::caller::ClientsAdmin;
use crate::auth::{Caller, Who};
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};
use crate::web::as_sent::check_as_sent;
use crate::web::conditional;
use crate::web::idempotency::{IdempotencyKey, KeyedAnswer, once};
use crate::web::json::Body;
use crate::web::outer::PRIVATE;
use crate::web::page::{self, Asked};
use crate::web::path::PathId;
use crate::web::query::Params;

/// Longest page.
const MOST: i64 = 200;

fn url(id: impl std::fmt::Display) -> String {
    format!("/v1/clients/{id}")
}

/// What is wanted, from somebody who may want it.
fn wanted(state: &AppState, who: &Who, body: Body<ClientPut>) -> Result<WantedClient, Problem> {
    check_as_sent(&body.raw, &["/jwks"])?;
    WantedClient::of(body.value, who, state.auth.gates().home == Some(who.tenant))
}

/// The answer that is kept, without the secret; and beside it the secret where it was made just now.
fn with_secret(answer: KeyedAnswer<RegisteredClient>, secret: Option<&DrawnSecret>) -> KeyedAnswer<RegisteredClient> {
    match secret {
        Some(secret) => answer.adding([("secret_state", "given_now".into()), ("client_secret", secret.text().into())]),
        None => answer,
    }
}

/// List clients
///
/// This tenant's, disabled ones included, in the order in which they were made. No answer but the one that made it shows a secret.
#[utoipa::path(
    tag = "Administration",
    params(ClientQuery),
    responses((status = 200, description = "A page of clients.", body = ClientPage)),
    security(("token" = ["clients:admin"]))
)]
#[get("/clients")]
pub async fn list_clients(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    query: Params<ClientQuery>,
) -> Result<Answered<ClientPage>, Problem> {
    let (who, query) = (caller.into_administrator()?, query.into_inner());
    let tenant = who.tenant;
    let asked = Asked::<ClientPlace>::of(tenant, "clients", (query.limit, MOST), query.cursor.as_deref())?;
    let (ClientPlace(made, id), limit) = asked.start();
    let rows = state.db.of(tenant).read(move |conn| store::page(conn, tenant, (made, id), limit.saturating_add(1))).await?;
    let (rows, next) = page::cut_to_limit(rows, limit, |client: &Client| ClientPlace(client.created_at, client.id));
    let items = rows.iter().map(|client| RegisteredClient::of(client, None)).collect::<Result<_, _>>()?;
    Ok(asked.answer(next, |next_cursor| ClientPage { items, next_cursor }))
}

/// Make a client
///
/// The answer shows its secret, this once. With an `Idempotency-Key` the same call again gives the same client, without its secret,
/// which is never kept: `secret_state` says which. `PUT /v1/clients/{id}` makes a client at an id of your choice.
#[utoipa::path(
    tag = "Administration",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 characters; the same key and body get the same client, without its secret.")),
    request_body = ClientPut,
    responses(
        (status = 201, description = "The client, with its secret.", body = RegisteredClient),
        (status = 403, description = "`insufficient_scope`: the token lacks `clients:admin`, or a scope that the client is to have."),
        (status = 409, description = "`illegal_state`: the tenant has as many clients as it may. `request_in_progress`: the same request is still running."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[post("/clients")]
pub async fn create_client(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    request: HttpRequest,
    body: Body<ClientPut>,
) -> Result<Answered<RegisteredClient>, Problem> {
    let who = caller.into_administrator()?;
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let wanted = wanted(&state, &who, body)?;
    let (id, secret) = (who.clock.id(), DrawnSecret::drawn(&who.clock));
    let drawn = secret.clone();
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        let mut took_secret = false;
        let answer = once(conn, key.as_ref(), |conn| {
            let step = lifecycle::make_client(conn, &who, id, &wanted, &drawn)?;
            took_secret = step.took_secret;
            Ok((StatusCode::CREATED, RegisteredClient::of(&step.client, None)?))
        })?;
        Ok((answer, took_secret))
    };
    let (answer, took_secret) = db.write(work).await?;
    let url = url(answer.text("id"));
    // A client is made with revision 1.
    Ok(Answered::from(with_secret(answer, took_secret.then_some(&secret))).at(Some(url)).revision(1).with(NO_STORE))
}

/// Read a client
///
/// The ETag is its revision. Its secret is shown by no answer but the one that made it.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The client.", body = RegisteredClient),
        (status = 304, description = "Not changed since the ETag in If-None-Match."),
        (status = 404, description = "This tenant has no such client."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[get("/clients/{id}")]
pub async fn read_client(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<RegisteredClient>, Problem> {
    let who = caller.into_administrator()?;
    let tenant = who.tenant;
    let client =
        state.db.of(tenant).read(move |conn| store::find(conn, tenant, id)).await?.ok_or_else(lifecycle::no_such_client)?;
    Ok(Answered::ok(RegisteredClient::of(&client, None)?).revision(client.revision).with(PRIVATE))
}

/// Make a client at this id, or change it
///
/// The answer that makes it shows its secret, this once; the same call again answers 200 without it (`secret_state` is
/// `given_before`) and changes nothing. Another name, other scopes or other keys need `If-Match`. A scope that a client loses is lost to
/// tokens that it got before too, within 5 seconds. Nobody gives a scope that the own token lacks, a client cannot take
/// `clients:admin` from itself, and a tenant's last client that has it keeps it.
#[utoipa::path(
    tag = "Administration",
    params(
        ("id" = Id, Path, description = "The client's id, a UUID of version 4 or 7."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to change a client.")
    ),
    request_body = ClientPut,
    responses(
        (status = 200, description = "The client, which was there already, as it is now.", body = RegisteredClient),
        (status = 201, description = "The client, new, with its secret.", body = RegisteredClient),
        (status = 403, description = "`insufficient_scope`: the token lacks `clients:admin`, or a scope that the client is to have."),
        (status = 409, description = "`id_unavailable`: something else has this id. `illegal_state`: somebody would be locked out, or the tenant has as many clients as it may (`params.state`)."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[put("/clients/{id}")]
pub async fn put_client(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    request: HttpRequest,
    PathId(id): PathId,
    body: Body<ClientPut>,
) -> Result<Answered<RegisteredClient>, Problem> {
    let (who, if_match) = (caller.into_administrator()?, conditional::if_match(&request)?);
    let wanted = wanted(&state, &who, body)?;
    let secret = DrawnSecret::drawn(&who.clock);
    let drawn = secret.clone();
    let ClientStep { client, is_new, took_secret } =
        state.db.of(who.tenant).write(move |conn| lifecycle::save_client(conn, &who, id, &wanted, &if_match, &drawn)).await?;
    if !is_new {
        state.renew_access().await;
    }
    let shown = RegisteredClient::of(&client, took_secret.then(|| secret.text().to_owned()))?;
    Ok(Answered::put(is_new.then(|| url(client.id)), shown).revision(client.revision).with(NO_STORE))
}

/// Give a client another secret
///
/// The answer shows it, this once. The secret before stays good for `overlap_seconds` from now on, so that the client can change over
/// without a failure; one before that ends at once. With an `Idempotency-Key` the same call again changes nothing and answers without
/// the secret; with `If-Match` the call is refused where the client was changed meanwhile. It needs every scope that the client has.
#[utoipa::path(
    tag = "Administration",
    params(
        ("id" = Id, Path, description = "The client's id."),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 characters; the same key and body change nothing more."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read: changes only that one.")
    ),
    request_body = SecretRotation,
    responses(
        (status = 200, description = "The client, with its new secret.", body = RegisteredClient),
        (status = 403, description = "`insufficient_scope`: the token lacks `clients:admin`, or a scope that the client has."),
        (status = 404, description = "This tenant has no such client."),
        (status = 409, description = "`request_in_progress`: the same request is still running."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[post("/clients/{id}/secret")]
pub async fn rotate_client_secret(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    request: HttpRequest,
    PathId(id): PathId,
    body: Body<SecretRotation>,
) -> Result<Answered<RegisteredClient>, Problem> {
    let (who, if_match) = (caller.into_administrator()?, conditional::if_match(&request)?);
    let overlap = body.value.overlap_seconds.unwrap_or(rules::USUAL_OVERLAP);
    rules::check_overlap(overlap)?;
    let key = IdempotencyKey::of(&request, who.tenant, &who.fingerprint(), &body.raw, &state.digest_key, who.now)?;
    let secret = DrawnSecret::drawn(&who.clock);
    let drawn = secret.clone();
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        once(conn, key.as_ref(), |conn| {
            let step = lifecycle::give_secret(conn, &who, id, overlap, &if_match, &drawn)?;
            Ok((StatusCode::OK, RegisteredClient::of(&step.client, None)?))
        })
    };
    let answer = db.write(work).await?;
    let revision = answer.revision().unwrap_or_default();
    Ok(Answered::from(with_secret(answer, Some(&secret))).revision(revision).with(NO_STORE))
}

/// A client after a step that gives no secret.
async fn stepped(
    state: &AppState,
    who: Who,
    id: Id,
    step: fn(&mut Conn, &Who, Id) -> Stored<Client>,
) -> Result<Answered<RegisteredClient>, Problem> {
    let client = state.db.of(who.tenant).write(move |conn| step(conn, &who, id)).await?;
    state.renew_access().await;
    Ok(Answered::ok(RegisteredClient::of(&client, None)?))
}

/// Disable a client
///
/// It gets no more tokens, and those that it got are refused: at once by this process, within 5 seconds by all. What belongs to it
/// stays. The same call again changes nothing. A client cannot disable itself, nor the tenant's last one with `clients:admin`.
#[utoipa::path(
    operation_id = "disable_client",
    tag = "Administration",
    params(("id" = Id, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The client, disabled.", body = RegisteredClient),
        (status = 404, description = "This tenant has no such client."),
        (status = 409, description = "`illegal_state`: it is the client itself (`own_client`), or the last one that administers clients (`last_administrator`)."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[post("/clients/{id}/disable")]
pub async fn turn_client_off(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<RegisteredClient>, Problem> {
    stepped(&state, caller.into_administrator()?, id, lifecycle::shut_client).await
}

/// Let a disabled client in again
///
/// It gets tokens again, and those of its tokens that have not expired are good again. Give it another secret first where the old one
/// may be known to others. The same call again changes nothing. It needs every scope that the client has.
#[utoipa::path(
    operation_id = "enable_client",
    tag = "Administration",
    params(("id" = Id, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The client, enabled.", body = RegisteredClient),
        (status = 403, description = "`insufficient_scope`: the token lacks `clients:admin`, or a scope that the client has."),
        (status = 404, description = "This tenant has no such client."),
    ),
    security(("token" = ["clients:admin"]))
)]
#[post("/clients/{id}/enable")]
pub async fn turn_client_on(
    state: Data<AppState>,
    caller: Caller<ClientsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<RegisteredClient>, Problem> {
    stepped(&state, caller.into_administrator()?, id, lifecycle::readmit_client).await
}
