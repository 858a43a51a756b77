//! Access tokens: JWTs in the shape of RFC 9068, signed with Ed25519, verified once and remembered until they expire.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::auth::keys::SigningKey;
use crate::auth::rules::{Principal, Scopes};
use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};

/// Longest life of an access token, in seconds.
pub const LONGEST_TTL: i64 = 24 * 3600;
/// Life of an access token unless asked otherwise.
pub const USUAL_TTL: i64 = 3600;
/// How far a clock may be off, in seconds.
const LEEWAY: u64 = 30;
/// How many verified tokens are remembered.
const REMEMBERED: usize = 100_000;

/// What a token says, checked.
#[derive(Debug, Clone)]
pub struct Claims {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    pub scopes: Scopes,
    expires: i64,
}

/// The claims on the wire (RFC 9068, section 2.2), plus `tenant` and `principal_type`.
#[derive(Debug, Serialize, Deserialize)]
struct TokenClaims {
    iss: String,
    aud: String,
    exp: i64,
    iat: i64,
    nbf: i64,
    sub: String,
    client_id: String,
    jti: String,
    scope: String,
    tenant: String,
    principal_type: String,
}

/// Keys, issuer, disabled clients and remembered tokens of this process.
pub struct Auth {
    issuer: String,
    state: RwLock<Arc<TokenState>>,
}

/// What tokens are checked against, with those that passed. The two are replaced together: who checked a token against an
/// older state remembers it in that one, where nobody looks any more.
#[derive(Default)]
struct TokenState {
    /// The first key signs; all verify.
    keys: Vec<Arc<SigningKey>>,
    disabled: HashSet<(Id, Id)>,
    remembered: RwLock<HashMap<[u8; 32], Arc<Claims>>>,
}

/// What a new token is to say.
pub struct Grant {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    pub scopes: Scopes,
    pub ttl_seconds: i64,
}

impl Auth {
    pub fn new(issuer: &str) -> Auth {
        Auth { issuer: issuer.to_owned(), state: RwLock::default() }
    }

    /// Takes over the keys and the disabled clients as the database has them now, and forgets every remembered token.
    pub fn refresh(&self, keys: Vec<SigningKey>, disabled: HashSet<(Id, Id)>) {
        let keys = keys.into_iter().map(Arc::new).collect();
        *self.state.write() = Arc::new(TokenState { keys, disabled, remembered: RwLock::default() });
    }

    fn state(&self) -> Arc<TokenState> {
        self.state.read().clone()
    }

    /// The public keys, each as a JSON Web Key.
    pub fn jwks(&self) -> Vec<Value> {
        self.state().keys.iter().map(|key| key.jwk.clone()).collect()
    }

    pub fn issue(&self, grant: &Grant, jti: Id, now: Time) -> Result<String, Problem> {
        let key = self.state().keys.first().cloned().ok_or_else(|| Problem::internal("there is no signing key"))?;
        let seconds = now.utc().timestamp();
        let claims = TokenClaims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            exp: seconds.saturating_add(grant.ttl_seconds),
            iat: seconds,
            nbf: seconds,
            sub: grant.principal.id().to_string(),
            client_id: grant.client.to_string(),
            jti: jti.to_string(),
            scope: grant.scopes.to_string(),
            tenant: grant.tenant.to_string(),
            principal_type: grant.principal.kind().to_owned(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid.clone());
        metrics::counter!("waymark_tokens_issued_total", "principal" => grant.principal.kind()).increment(1);
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Problem::internal)
    }

    /// The claims of a token of ours that is in force at `now`.
    pub fn verify(&self, token: &str, now: Time) -> Result<Arc<Claims>, Problem> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let seconds = now.utc().timestamp();
        let state = self.state();
        if let Some(claims) = state.remembered.read().get(&digest) {
            return if claims.expires.saturating_add(LEEWAY.cast_signed()) > seconds {
                Ok(claims.clone())
            } else {
                Err(expired())
            };
        }
        let claims = Arc::new(self.check(&state, token, seconds)?);
        let mut remembered = state.remembered.write();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, claims| claims.expires > seconds);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(digest, claims.clone());
        Ok(claims)
    }

    fn check(&self, state: &TokenState, token: &str, seconds: i64) -> Result<Claims, Problem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("it is not a JWT"))?;
        // RFC 9068, section 4: the type must be checked; jku, x5u and jwk of a header are never looked at.
        let typ = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(refused("its header has not typ at+jwt"));
        }
        // RFC 7515, section 4.1.11: what must be understood and is not, refuses the token. We know no extension.
        if header.crit.is_some() {
            return Err(refused("its header has crit, and no extension is known here"));
        }
        let kid = header.kid.ok_or_else(|| refused("its header names no key"))?;
        let key = state.keys.iter().find(|key| key.kid == kid).ok_or_else(|| refused("its key is not ours"))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "exp", "nbf", "sub"]);
        // Time is judged below, by the service's own clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        // The signature is looked at first: of a token that is not ours nothing else is told.
        let said = jsonwebtoken::decode::<Value>(token, &key.decoding, &rules).map_err(|e| not_held(e.kind()))?.claims;
        let wire = TokenClaims::of(said)?;
        let leeway = LEEWAY.cast_signed();
        if wire.exp.saturating_add(leeway) <= seconds {
            return Err(expired());
        }
        let late = seconds.saturating_add(leeway);
        if let Some((claim, _)) = [("nbf", wire.nbf), ("iat", wire.iat)].into_iter().find(|(_, time)| *time > late) {
            return Err(refused_claim(claim, "it is not valid yet"));
        }
        let claims = claims(&wire).map_err(|claim| refused_claim(claim, "it has a value that is none of ours"))?;
        if state.disabled.contains(&(claims.tenant, claims.client)) {
            return Err(refused_claim("client_id", "its client was disabled"));
        }
        Ok(claims)
    }
}

impl TokenClaims {
    /// The claims of a token whose signature holds, or the first one that is missing or of another type.
    fn of(said: Value) -> Result<TokenClaims, Problem> {
        let names = ["iss", "aud", "exp", "iat", "nbf", "sub", "client_id", "jti", "scope", "tenant", "principal_type"];
        if let Some(missing) = names.into_iter().find(|name| said.get(name).is_none()) {
            return Err(refused_claim(missing, "it is missing"));
        }
        serde_path_to_error::deserialize(said).map_err(|e| refused_claim(&e.path().to_string(), "it is of another type"))
    }
}

/// What a token says, in our types; the error is the claim that cannot be.
fn claims(wire: &TokenClaims) -> Result<Claims, &'static str> {
    let id = |text: &str, claim: &'static str| uuid::Uuid::parse_str(text).map(Id).map_err(|_| claim);
    let subject = id(&wire.sub, "sub")?;
    Ok(Claims {
        tenant: id(&wire.tenant, "tenant")?,
        client: id(&wire.client_id, "client_id")?,
        principal: match wire.principal_type.as_str() {
            "learner" => Principal::Learner(subject),
            "staff" => Principal::Staff(subject),
            "client" => Principal::Client(subject),
            _ => return Err("principal_type"),
        },
        scopes: Scopes::parse(&wire.scope).map_err(|_| "scope")?,
        expires: wire.exp,
    })
}

/// The library's refusal in our words. Whoever has a token that we signed may know which of its claims failed.
fn not_held(kind: &ErrorKind) -> Problem {
    match kind {
        ErrorKind::InvalidIssuer => refused_claim("iss", ELSEWHERE),
        ErrorKind::InvalidAudience => refused_claim("aud", ELSEWHERE),
        ErrorKind::MissingRequiredClaim(claim) => refused_claim(claim, "it is missing"),
        ErrorKind::InvalidClaimFormat(claim) => refused_claim(claim, "it is of another type"),
        _ => refused("its signature does not hold"),
    }
}

const ELSEWHERE: &str = "it names another URL than the one under which this service is reached (WAYMARK_PUBLIC_URL)";

fn expired() -> Problem {
    refused_claim("exp", "the token has expired")
}

fn refused_claim(claim: &str, why: &str) -> Problem {
    refused(&format!("its claim {claim} does not hold: {why}")).with("claim", claim)
}

fn refused(why: &str) -> Problem {
    Problem::new(Code::TokenInvalid, format!("The access token was not accepted: {why}. Ask for a new one."))
}
