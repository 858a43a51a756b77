//! `/.well-known/jwks.json`, and tokens that a client makes for people.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::{self, AuditEntry};
use crate::auth::caller::TokensIssue;
use crate::auth::claims::{LONGEST_TTL, USUAL_TTL};
use crate::auth::oauth::{TokenAnswer, token_answer};
use crate::auth::rules::{LEARNER_SCOPES, Principal, Scope, Scopes};
use crate::auth::tokens::Grant;
use crate::auth::{Caller, Who};
use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::web::answer::{Answered, NO_STORE};
use crate::web::json::Body;
use crate::web::path::PathId;

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct Jwks {
    #[schema(value_type = Vec<Jwk>)]
    pub keys: Vec<serde_json::Value>,
}

/// A public key (RFC 7517): Ed25519 (RFC 8037), P-256 or RSA (RFC 7518, section 6). It may have further members.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document alone uses it: keys are made where they are read")]
pub struct Jwk {
    pub kty: String,
    pub alg: String,
    pub r#use: String,
    pub kid: String,
    /// Of `OKP` and `EC`.
    pub crv: Option<String>,
    /// Of `OKP` and `EC`.
    pub x: Option<String>,
    /// Of `EC`.
    pub y: Option<String>,
    /// Of `RSA`.
    pub n: Option<String>,
    /// Of `RSA`.
    pub e: Option<String>,
}

/// Public keys that verify our tokens
///
/// A JSON Web Key Set (RFC 7517): the key that signs, those that will, and those whose tokens are still good. Keep it for 5 minutes
/// (`Cache-Control`), and read it again when a token names a key that you do not have: a new key stands here for 10 minutes before
/// it signs.
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
    let entry = AuditEntry::token_issued(&grant, jti);
    state.db.of(who.tenant).write(move |conn| audit::note(conn, &who, entry.clone())).await?;
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
