//! `/oauth/token` (RFC 6749, client credentials), `/.well-known/jwks.json`, tokens for staff.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::audit::memory::Failures;
use crate::audit::sign_ins::note_failed_sign_in;
use crate::audit::{self, AuditEntry, Unsigned};
use crate::auth::caller::TokensIssue;
use crate::auth::oauth::{OauthError, OauthErrorBody, TokenAnswer, TokenForm, TokenRequest, unauthorized};
use crate::auth::rules::{LEARNER_SCOPES, Principal, Scope, Scopes};
use crate::auth::tokens::{Grant, LONGEST_TTL, USUAL_TTL};
use crate::auth::{Caller, Who, store};
use crate::db::types::Id;
use crate::doors::stream::peer_address;
use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};
use crate::web::json::Body;
use crate::web::path::PathId;
use crate::web::request_id::RequestId;

fn token_answer(access_token: String, grant: &Grant) -> TokenAnswer {
    TokenAnswer { access_token, token_type: "Bearer".to_owned(), expires_in: grant.ttl_seconds, scope: grant.scopes.to_string() }
}

/// Get an access token
///
/// The client credentials grant (RFC 6749, section 4.4). Credentials go into the form or into HTTP Basic; unknown
/// parameters are ignored. Errors are in the form of section 5.2, not problem+json.
#[utoipa::path(
    tag = "Tokens",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token for the client itself.", body = TokenAnswer,
         example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 3600, "scope": "lessons:read"})),
        (status = 400, description = "`invalid_request`, `invalid_scope` or `unsupported_grant_type`.", body = OauthErrorBody),
        (status = 401, description = "`invalid_client`: unknown, disabled, or the secret is wrong.", body = OauthErrorBody),
        (status = 413, description = "`invalid_request`: the form is too large.", body = OauthErrorBody),
        (status = 503, description = "`temporarily_unavailable`: repeat it after `Retry-After`.", body = OauthErrorBody),
    ),
    security(())
)]
#[post("/oauth/token")]
pub async fn issue_token(
    state: Data<AppState>,
    request: HttpRequest,
    asked: TokenRequest,
) -> Result<Answered<TokenAnswer>, OauthError> {
    let wrong = || unauthorized("The client id or the secret is wrong.", asked.basic);
    let id: Id = asked.id.parse().map_err(|_| wrong())?;
    let client = state.db.read(move |conn| store::client(conn, id)).await?.ok_or_else(wrong)?;
    let matches = secret_matches(&asked.secret, &client.secret_sha256);
    if !matches || client.disabled_at.is_some() {
        let by = Unsigned::stranger(&state.clock, peer_address(&request), RequestId::of(&request));
        let reason = if matches { "client_disabled" } else { "wrong_secret" };
        note_failed_sign_in(&state, Failures { tenant: client.tenant_id, client: client.id, reason, count: 1, by });
        return Err(wrong());
    }
    let owned = Scopes::parse(&client.scopes).unwrap_or_default();
    let scopes = match asked.scope.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => owned,
        Some(text) => Scopes::parse(text).ok().filter(|scopes| scopes.within(owned)).ok_or_else(|| {
            OauthError::new(StatusCode::BAD_REQUEST, "invalid_scope", format!("This client may ask for: {owned}."))
        })?,
    };
    let grant = Grant {
        tenant: client.tenant_id,
        client: client.id,
        principal: Principal::Client(client.id),
        scopes,
        ttl_seconds: USUAL_TTL,
    };
    let token = state.auth.issue(&grant, state.clock.id(), state.clock.now())?;
    Ok(Answered::ok(token_answer(token, &grant)).with(NO_STORE))
}

/// Compares digests, so that the time taken tells nothing about the secret.
fn secret_matches(secret: &str, digest: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(&Sha256::digest(secret.as_bytes()), digest).is_ok()
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct Jwks {
    #[schema(value_type = Vec<Jwk>)]
    pub keys: Vec<serde_json::Value>,
}

/// A public key (RFC 7517, RFC 8037). It may have further members.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document alone uses it: keys are made where they are read")]
pub struct Jwk {
    pub kty: String,
    pub crv: String,
    pub alg: String,
    pub r#use: String,
    pub kid: String,
    pub x: String,
}

/// Public keys that verify our tokens
///
/// A JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037).
#[utoipa::path(tag = "Tokens", responses((status = 200, description = "The keys.", body = Jwks,
    example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}))), security(()))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(state: Data<AppState>) -> Answered<Jwks> {
    Answered::ok(Jwks { keys: state.auth.jwks(state.clock.now()) }).with((header::CACHE_CONTROL, "public, max-age=300"))
}

/// What a token for a person is to hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"scopes": ["lessons:read", "attempts:write"], "ttl_seconds": 3600}))]
pub struct PersonToken {
    /// Scopes for the token; each must be one that the asking token has.
    #[schema(min_items = 1)]
    pub scopes: Vec<String>,
    /// Life in seconds, 60 to 86400; 3600 unless given.
    #[schema(minimum = 60, maximum = 86400)]
    pub ttl_seconds: Option<i64>,
}

/// Issues a token for a person in the name of the asking client, and notes it.
pub async fn person_token(state: &AppState, who: Who, principal: Principal, asked: &PersonToken) -> Result<TokenAnswer, Problem> {
    let grant = person_grant(&who, principal, asked)?;
    let (jti, now) = (who.clock.id(), who.now);
    let answer = token_answer(state.auth.issue(&grant, jti, now)?, &grant);
    let entry = AuditEntry::new("token.issued", (principal.kind(), &principal.id()))
        .with("token", jti.to_string())
        .with("scopes", grant.scopes.to_string())
        .with("ttl_seconds", grant.ttl_seconds);
    state.db.write(move |conn| audit::note(conn, &who, entry.clone())).await?;
    Ok(answer)
}

/// What a token for a person is to say, if it may be made.
fn person_grant(who: &Who, principal: Principal, asked: &PersonToken) -> Result<Grant, Problem> {
    let ttl_seconds = asked.ttl_seconds.unwrap_or(USUAL_TTL);
    if !(60..=LONGEST_TTL).contains(&ttl_seconds) {
        return Err(Problem::body("/ttl_seconds", format!("must be from 60 to {LONGEST_TTL}.")));
    }
    let scopes =
        Scopes::parse(&asked.scopes.join(" ")).map_err(|name| Problem::body("/scopes", format!("{name:?} is no scope.")))?;
    if scopes.is_empty() {
        return Err(Problem::body("/scopes", "must name at least one scope."));
    }
    let most = match principal {
        Principal::Learner(_) => Scopes::of(LEARNER_SCOPES),
        _ => Scopes::all(),
    };
    // A person's token never makes further tokens, and never has what its maker has not.
    if !scopes.within(most) || scopes.has(Scope::TokensIssue) {
        return Err(Problem::body(
            "/scopes",
            format!("a token for a {} may hold at most: {most} (never tokens:issue).", principal.kind()),
        ));
    }
    if !scopes.within(who.scopes) {
        return Err(Problem::new(Code::InsufficientScope, format!("A token cannot give more than it has: {}.", who.scopes))
            .with("scope", scopes.to_string()));
    }
    Ok(Grant { tenant: who.tenant, client: who.client, principal, scopes, ttl_seconds })
}

/// Make a token for a staff member
///
/// Staff are known by an id of the client's choice; records and reviews name it.
#[utoipa::path(
    tag = "Tokens",
    params(("id" = String, Path, format = "uuid", description = "The staff member's id, a UUID of the client's choice.")),
    request_body = PersonToken,
    responses(
        (status = 200, description = "A token for that person.", body = TokenAnswer),
    ),
    security(("token" = ["tokens:issue"]))
)]
#[post("/staff/{id}/token")]
pub async fn issue_staff_token(
    state: Data<AppState>,
    caller: Caller<TokensIssue>,
    PathId(id): PathId,
    body: Body<PersonToken>,
) -> Result<Answered<TokenAnswer>, Problem> {
    let answer = person_token(&state, caller.into_who(), Principal::Staff(id), &body.value).await?;
    Ok(Answered::ok(answer).with(NO_STORE))
}
