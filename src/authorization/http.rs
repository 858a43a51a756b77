//! `/oauth/token` (RFC 6749, RFC 7523, RFC 8693), `/oauth/revoke` (RFC 7009), `/oauth/introspect` (RFC 7662) and
//! `/.well-known/oauth-authorization-server` (RFC 8414).

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{get, post};

use crate::audit::{self, AuditEntry};
use crate::auth::claims::Claims;
use crate::auth::oauth::{OauthError, OauthErrorBody, TokenAnswer, bad_request, token_answer};
use crate::auth::sealed::{PERSONAL, REFRESH};
use crate::auth::store as auth_store;
use crate::auth::tokens::Grant;
use crate::auth::{Scopes, Who};
use crate::authorization::client::{authenticate, authenticate_app, note_refused_person};
use crate::authorization::exchange::{self, ACCESS_TOKEN, EXCHANGE, FOREIGN, grant_to, scopes_asked};
use crate::authorization::form::OauthForm;
use crate::authorization::metadata::{CLIENT_CREDENTIALS, REFRESH_TOKEN, server_metadata};
use crate::authorization::refresh::{self, SignedIn};
use crate::authorization::wire::{Introspection, OneTokenForm, Revoked, ServerMetadata, TokenForm};
use crate::db::Conn;
use crate::db::types::Time;
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};

/// Get an access token
///
/// For the client itself (client credentials, RFC 6749, section 4.4), or for one person of its tenant (token exchange, RFC 8693;
/// needs `tokens:issue`), or for a person who signed in at an identity provider that the tenant registered (token exchange with its
/// token; the answer has a `refresh_token`). A refresh token is good once and gives the next one; it may lie unused for 90 days, so that
/// a phone that was offline for weeks can still hand in, and a sign-in lasts a year. Send an `Idempotency-Key` with it: where the answer
/// got lost, the same request gives it again. Whoever uses one again otherwise ends the whole sign-in. The client proves who it is by its secret, in the form or in HTTP Basic, or by a JWT signed with a key of its
/// own (RFC 7523). Unknown parameters are ignored. Errors are in the form of RFC 6749, section 5.2, not problem+json.
#[utoipa::path(
    tag = "Tokens",
    params(("Idempotency-Key" = Option<String>, Header, description = "With a refresh token: the same key gets the same answer again, if the next token was not used yet.")),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token for the client itself, or for the person asked for.", body = TokenAnswer,
         example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 3600, "scope": "lessons:read"})),
        (status = 400, description = "`invalid_request`, `invalid_scope`, `invalid_grant` (there is no such learner, or the token to exchange is not good), `unauthorized_client` or `unsupported_grant_type`.", body = OauthErrorBody),
        (status = 401, description = "`invalid_client`: unknown, disabled, or the secret or assertion is wrong.", body = OauthErrorBody),
        (status = 413, description = "`invalid_request`: the form is too large.", body = OauthErrorBody),
        (status = 429, description = "`temporarily_unavailable`: too many requests of this address, or too many tokens for this client; failures count tenfold. Repeat it after `Retry-After`.", body = OauthErrorBody,
         headers(("RateLimit-Policy" = String, description = "The limit that was reached."), ("RateLimit" = String, description = "What is left of it, and until when."))),
        (status = 503, description = "`temporarily_unavailable`: repeat it after `Retry-After`.", body = OauthErrorBody),
    ),
    security(())
)]
#[post("/oauth/token")]
pub async fn issue_token(state: Data<AppState>, form: OauthForm) -> Result<Answered<TokenAnswer>, OauthError> {
    let sent = &form.parameters;
    let foreign = sent.subject_token_type.as_deref().is_some_and(|kind| FOREIGN.contains(&kind));
    match sent.grant_type.as_deref() {
        Some(CLIENT_CREDENTIALS) => {
            let who = authenticate(&state, &form).await?;
            let grant = grant_to(&who, who.principal, scopes_asked(sent.scope.as_deref(), who.scopes)?);
            let token = state.auth.issue(&grant, state.clock.id(), who.now)?;
            Ok(Answered::ok(token_answer(token, &grant)).with(NO_STORE))
        }
        Some(EXCHANGE) if foreign => {
            let who = authenticate_app(&state, &form).await?;
            let done = exchange::signed_in_elsewhere(&state, &who, sent).await;
            let done = done.inspect_err(|error| note_refused_person(&state, &who, &form, error, "foreign_token"));
            let (grant, issuer) = done?;
            Ok(signed_in(refresh::sign_in(&state, who, grant, issuer).await?, true))
        }
        Some(EXCHANGE) => {
            let who = authenticate(&state, &form).await?;
            let grant = exchange::exchanged(&state, &who, sent).await?;
            exchange_answer(&state, who, grant).await
        }
        Some(REFRESH_TOKEN) => {
            let who = authenticate_app(&state, &form).await?;
            let done = refresh::refreshed(&state, who.clone(), &form).await;
            let done = done.inspect_err(|error| note_refused_person(&state, &who, &form, error, "refresh_token"))?;
            Ok(signed_in(done, false))
        }
        None => Err(bad_request("invalid_request", format!("grant_type is missing; {GRANTS}"))),
        Some(_) => Err(bad_request("unsupported_grant_type", GRANTS)),
    }
}

/// A token in exchange, which auditors are told of.
async fn exchange_answer(state: &AppState, who: Who, grant: Grant) -> Result<Answered<TokenAnswer>, OauthError> {
    let (jti, now) = (state.clock.id(), who.now);
    let entry = AuditEntry::token_issued(&grant, jti);
    state.db.of(who.tenant).write(move |conn| audit::note(conn, &who, entry.clone())).await?;
    let mut answer = token_answer(state.auth.issue(&grant, jti, now)?, &grant);
    answer.issued_token_type = Some(ACCESS_TOKEN.to_owned());
    Ok(Answered::ok(answer).with(NO_STORE))
}

const GRANTS: &str = "grant_type is client_credentials, urn:ietf:params:oauth:grant-type:token-exchange or refresh_token.";

fn signed_in(done: SignedIn, exchanged: bool) -> Answered<TokenAnswer> {
    let mut answer = token_answer(done.access_token, &done.grant);
    answer.refresh_token = Some(done.refresh_token);
    answer.issued_token_type = exchanged.then(|| ACCESS_TOKEN.to_owned());
    Answered::ok(answer).with(NO_STORE)
}

/// Take an access token back
///
/// RFC 7009. It is good no more: at once for this process, within 5 seconds for all. A token that is none, or is good no more, is
/// answered the same, and so is another tenant's, which stays. A client takes back its own tokens, those that it had made for people
/// included.
#[utoipa::path(
    tag = "Tokens",
    request_body(content = OneTokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is good no more, or never was.", body = Revoked, example = json!({})),
        (status = 400, description = "`invalid_request`, `unauthorized_client` (the token was made for another client of the tenant) or `unsupported_token_type` (a personal token).", body = OauthErrorBody),
        (status = 401, description = "`invalid_client`: unknown, disabled, or the secret or assertion is wrong.", body = OauthErrorBody),
        (status = 413, description = "`invalid_request`: the form is too large.", body = OauthErrorBody),
        (status = 429, description = "`temporarily_unavailable`: too many requests of this address, or too many tokens for this client; failures count tenfold. Repeat it after `Retry-After`.", body = OauthErrorBody,
         headers(("RateLimit-Policy" = String, description = "The limit that was reached."), ("RateLimit" = String, description = "What is left of it, and until when."))),
        (status = 503, description = "`temporarily_unavailable`: repeat it after `Retry-After`.", body = OauthErrorBody),
    ),
    security(())
)]
#[post("/oauth/revoke")]
pub async fn revoke_token(state: Data<AppState>, form: OauthForm) -> Result<Answered<Revoked>, OauthError> {
    let who = authenticate_app(&state, &form).await?;
    let (token, now) = (one_token(&form)?, who.now);
    if token.starts_with(REFRESH.0) {
        let (token, key) = (token.to_owned(), state.digest_key.clone());
        let ended = state.db.of(who.tenant).write(move |conn| refresh::end_sign_in(conn, &who, &token, &key)).await?;
        state.auth.revoke(ended, now);
        return Ok(Answered::ok(Revoked {}).with(NO_STORE));
    }
    if token.starts_with(PERSONAL.0) {
        let detail = "A personal token is taken back with DELETE /v1/personal-tokens/{id}.";
        return Err(bad_request("unsupported_token_type", detail));
    }
    // Another tenant's token is none here, as everywhere.
    if let Some(claims) = state.auth.judge(token, now).ok().filter(|claims| claims.tenant == who.tenant) {
        if claims.client != who.client {
            return Err(bad_request("unauthorized_client", "The token was made for another client."));
        }
        let (tenant, jti, expires) = (claims.tenant, claims.jti, Time(0).plus_seconds(claims.expires));
        let work = move |conn: &mut Conn| {
            auth_store::keep_revocation(conn, tenant, jti, expires, now)?;
            audit::note(conn, &who, AuditEntry::new("token.revoked", ("token", &jti)))
        };
        state.db.of(tenant).write(work).await?;
        state.auth.revoke([(jti, expires)], now);
    }
    Ok(Answered::ok(Revoked {}).with(NO_STORE))
}

/// Look at an access token
///
/// RFC 7662, for services that take tokens of this one. Of a token that is not good, or is another tenant's, only that is told.
#[utoipa::path(
    tag = "Tokens",
    request_body(content = OneTokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Whether it is good now, and what it says.", body = Introspection,
         example = json!({"active": true, "scope": "lessons:read", "client_id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "token_type": "Bearer", "exp": 1795003600, "iat": 1795000000, "sub": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "aud": "https://learn.example.edu", "iss": "https://learn.example.edu", "jti": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f11", "tenant": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f12", "principal_type": "client"})),
        (status = 400, description = "`invalid_request`.", body = OauthErrorBody),
        (status = 401, description = "`invalid_client`: unknown, disabled, or the secret or assertion is wrong.", body = OauthErrorBody),
        (status = 413, description = "`invalid_request`: the form is too large.", body = OauthErrorBody),
        (status = 429, description = "`temporarily_unavailable`: too many requests of this address, or too many tokens for this client; failures count tenfold. Repeat it after `Retry-After`.", body = OauthErrorBody,
         headers(("RateLimit-Policy" = String, description = "The limit that was reached."), ("RateLimit" = String, description = "What is left of it, and until when."))),
        (status = 503, description = "`temporarily_unavailable`: repeat it after `Retry-After`.", body = OauthErrorBody),
    ),
    security(())
)]
#[post("/oauth/introspect")]
pub async fn introspect_token(state: Data<AppState>, form: OauthForm) -> Result<Answered<Introspection>, OauthError> {
    let who = authenticate(&state, &form).await?;
    let judged = state.auth.judge(one_token(&form)?, who.now).ok();
    let answer = match judged.filter(|claims| claims.tenant == who.tenant) {
        Some(claims) => introspection(&claims, state.auth.gates().scopes_now(&claims), state.auth.issuer()),
        None => Introspection::default(),
    };
    Ok(Answered::ok(answer).with(NO_STORE))
}

fn introspection(claims: &Claims, scopes: Scopes, issuer: &str) -> Introspection {
    Introspection {
        active: true,
        scope: Some(scopes.to_string()),
        client_id: Some(claims.client.to_string()),
        token_type: Some("Bearer".to_owned()),
        exp: Some(claims.expires),
        iat: Some(claims.issued),
        sub: Some(claims.principal.id().to_string()),
        aud: Some(issuer.to_owned()),
        iss: Some(issuer.to_owned()),
        jti: Some(claims.jti.to_string()),
        tenant: Some(claims.tenant.to_string()),
        principal_type: Some(claims.principal.kind().to_owned()),
    }
}

fn one_token(form: &OauthForm) -> Result<&str, OauthError> {
    form.parameters.token.as_deref().map(str::trim).ok_or_else(|| bad_request("invalid_request", "Send the token as `token`."))
}

/// What this authorisation server can do
///
/// RFC 8414: where its operations are, which grants, ways to prove who a client is, and scopes there are.
#[utoipa::path(tag = "Tokens", responses((status = 200, description = "The metadata.", body = ServerMetadata)), security(()))]
#[get("/.well-known/oauth-authorization-server")]
pub async fn read_server_metadata(state: Data<AppState>) -> Answered<ServerMetadata> {
    Answered::ok(server_metadata(state.auth.issuer())).with((header::CACHE_CONTROL, "public, max-age=300"))
}
