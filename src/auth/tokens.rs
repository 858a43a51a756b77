//! Access tokens: JWTs in the shape of RFC 9068, signed with Ed25519, verified once and remembered until they expire.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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
struct Wire {
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
    state: RwLock<State>,
    remembered: RwLock<HashMap<[u8; 32], Arc<Claims>>>,
}

#[derive(Default)]
struct State {
    /// The first key signs; all verify.
    keys: Vec<Arc<SigningKey>>,
    disabled: HashSet<(Id, Id)>,
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
        Auth { issuer: issuer.to_owned(), state: RwLock::default(), remembered: RwLock::default() }
    }

    /// Takes over the keys and the disabled clients as the database has them now, and forgets every remembered token.
    pub fn refresh(&self, keys: Vec<SigningKey>, disabled: HashSet<(Id, Id)>) {
        *self.state.write() = State { keys: keys.into_iter().map(Arc::new).collect(), disabled };
        self.remembered.write().clear();
    }

    /// The public keys, each as a JSON Web Key.
    pub fn jwks(&self) -> Vec<Value> {
        self.state.read().keys.iter().map(|key| key.jwk.clone()).collect()
    }

    pub fn issue(&self, grant: &Grant, jti: Id, now: Time) -> Result<String, Problem> {
        let key = self.state.read().keys.first().cloned().ok_or_else(|| Problem::internal("there is no signing key"))?;
        let seconds = now.utc().timestamp();
        let claims = Wire {
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
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Problem::internal)
    }

    /// The claims of a token of ours that is in force at `now`.
    pub fn verify(&self, token: &str, now: Time) -> Result<Arc<Claims>, Problem> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let seconds = now.utc().timestamp();
        if let Some(claims) = self.remembered.read().get(&digest) {
            return if claims.expires.saturating_add(LEEWAY.cast_signed()) > seconds {
                Ok(claims.clone())
            } else {
                Err(refused("it has expired"))
            };
        }
        let claims = Arc::new(self.check(token, seconds)?);
        let mut remembered = self.remembered.write();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, claims| claims.expires > seconds);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(digest, claims.clone());
        Ok(claims)
    }

    fn check(&self, token: &str, seconds: i64) -> Result<Claims, Problem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("it is not a JWT"))?;
        // RFC 9068, section 4: the type must be checked; jku, x5u and jwk of a header are never looked at.
        let typ = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(refused("its header has not typ at+jwt"));
        }
        let kid = header.kid.ok_or_else(|| refused("its header names no key"))?;
        let key =
            self.state.read().keys.iter().find(|key| key.kid == kid).cloned().ok_or_else(|| refused("its key is not ours"))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "exp", "nbf", "sub"]);
        // Time is judged below, by the service's own clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let wire = jsonwebtoken::decode::<Wire>(token, &key.decoding, &rules)
            .map_err(|_| refused("its signature or claims do not hold"))?
            .claims;
        let leeway = LEEWAY.cast_signed();
        if wire.exp.saturating_add(leeway) <= seconds {
            return Err(refused("it has expired"));
        }
        if wire.nbf > seconds.saturating_add(leeway) || wire.iat > seconds.saturating_add(leeway) {
            return Err(refused("it is not valid yet"));
        }
        let claims = claims(&wire).ok_or_else(|| refused("its claims are not of our shape"))?;
        if self.state.read().disabled.contains(&(claims.tenant, claims.client)) {
            return Err(refused("its client was disabled"));
        }
        Ok(claims)
    }
}

fn claims(wire: &Wire) -> Option<Claims> {
    let id = |text: &str| uuid::Uuid::parse_str(text).ok().map(Id);
    let subject = id(&wire.sub)?;
    Some(Claims {
        tenant: id(&wire.tenant)?,
        client: id(&wire.client_id)?,
        principal: match wire.principal_type.as_str() {
            "learner" => Principal::Learner(subject),
            "staff" => Principal::Staff(subject),
            "client" => Principal::Client(subject),
            _ => return None,
        },
        scopes: Scopes::parse(&wire.scope).ok()?,
        expires: wire.exp,
    })
}

fn refused(why: &str) -> Problem {
    Problem::new(Code::TokenInvalid, format!("The access token was not accepted: {why}. Ask for a new one."))
}
