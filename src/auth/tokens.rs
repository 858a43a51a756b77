//! Access tokens: JWTs in the shape of RFC 9068, verified once; what they say is remembered, whether they are still good is asked
//! of the gates at every request.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::auth::gates::{Gates, LastHeard, Refusal, Revocations};
use crate::auth::rules::{Principal, Scopes};
use crate::auth::segments;
use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};

/// Longest life of an access token, in seconds.
pub const LONGEST_TTL: i64 = 24 * 3600;
/// Life of an access token unless asked otherwise.
pub const USUAL_TTL: i64 = 3600;
/// How far a clock may be off, in seconds.
pub const LEEWAY: i64 = 30;
/// How many verified tokens are remembered.
const REMEMBERED: usize = 100_000;

/// What a token says, checked. None of it ever changes.
#[derive(Debug, Clone)]
pub struct Claims {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    pub scopes: Scopes,
    pub jti: Id,
    /// Seconds since 1970, as in the token.
    pub issued: i64,
    pub expires: i64,
    pub kid: String,
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

/// Issuer, gates and remembered tokens of this process.
pub struct Auth {
    issuer: String,
    gates: RwLock<Arc<Gates>>,
    revocations: Revocations,
    heard: LastHeard,
    /// What tokens say that were verified once, by their digest: only what never changes.
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
        Auth {
            issuer: issuer.to_owned(),
            gates: RwLock::default(),
            revocations: Revocations::default(),
            heard: LastHeard::default(),
            remembered: RwLock::default(),
        }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Takes over what the database says now.
    pub fn refresh(&self, gates: Gates) {
        *self.gates.write() = Arc::new(gates);
        self.heard.now();
    }

    /// Learns of tokens that were taken back, with the times at which they expire.
    pub fn revoke(&self, tokens: impl IntoIterator<Item = (Id, Time)>, now: Time) {
        self.revocations.add(tokens, now);
    }

    pub fn heard(&self) -> &LastHeard {
        &self.heard
    }

    pub fn gates(&self) -> Arc<Gates> {
        self.gates.read().clone()
    }

    /// The public keys, each as a JSON Web Key: those that sign, will sign or still verify.
    pub fn jwks(&self, now: Time) -> Vec<Value> {
        self.gates().keys.iter().filter(|key| key.verifies(now)).map(|key| key.jwk.clone()).collect()
    }

    pub fn issue(&self, grant: &Grant, jti: Id, now: Time) -> Result<String, Problem> {
        let gates = self.gates();
        let key = gates.signing(now).ok_or_else(|| Problem::internal("there is no signing key"))?;
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
        let mut header = Header::new(key.algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid.clone());
        metrics::counter!("waymark_tokens_issued_total", "principal" => grant.principal.kind()).increment(1);
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Problem::internal)
    }

    /// The claims of a token of ours that is in force at `now`. Whoever is refused learns nothing but that.
    pub fn verify(&self, token: &str, now: Time) -> Result<Arc<Claims>, Problem> {
        self.judge(token, now).map_err(|refusal| Problem::new(Code::TokenInvalid, NOT_ACCEPTED).because(refusal))
    }

    /// The same with the reason.
    pub fn judge(&self, token: &str, now: Time) -> Result<Arc<Claims>, Refusal> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let gates = self.gates();
        let known = self.remembered.read().get(&digest).cloned();
        let claims = match &known {
            Some(claims) => claims.clone(),
            None => Arc::new(self.read(&gates, token, now)?),
        };
        gates.admit(&claims, now)?;
        if self.revocations.has(claims.jti) {
            return Err(Refusal::Revoked);
        }
        if known.is_none() {
            self.remember(digest, claims.clone(), now);
        }
        Ok(claims)
    }

    fn remember(&self, digest: [u8; 32], claims: Arc<Claims>, now: Time) {
        let seconds = now.utc().timestamp();
        let mut remembered = self.remembered.write();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, claims| claims.expires > seconds);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(digest, claims);
    }

    fn read(&self, gates: &Gates, token: &str, now: Time) -> Result<Claims, Refusal> {
        let names = segments::header_names(token).ok_or(Refusal::NotAToken)?;
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::NotAToken)?;
        // RFC 9068, section 4: the type must be checked.
        let typ = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(Refusal::WrongType);
        }
        // RFC 7515, section 4.1.11: what must be understood and is not, refuses the token. We know no extension.
        if names.contains("crit") {
            return Err(Refusal::UnknownExtension);
        }
        // What could lead to another key, or be read in two ways (jwk, jku, x5u, b64, cty), is in no token that is ours.
        if names.iter().any(|name| !["alg", "typ", "kid"].contains(&name.as_str())) {
            return Err(Refusal::ForeignHeader);
        }
        let kid = header.kid.ok_or(Refusal::NoKeyNamed)?;
        let key = gates.key(&kid).ok_or(Refusal::UnknownKey)?;
        let mut rules = Validation::new(key.algorithm);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "exp", "nbf", "sub"]);
        // Time is judged by the service's own clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        // The signature is looked at first: of a token that is not ours nothing else is told.
        let said = jsonwebtoken::decode::<Value>(token, &key.decoding, &rules).map_err(|e| not_held(e.kind()))?.claims;
        segments::claim_names(token).ok_or(Refusal::NotAToken)?;
        let wire = TokenClaims::of(said)?;
        // No token is made for longer, and keys are kept for no longer than that.
        if wire.exp.saturating_sub(wire.iat) > LONGEST_TTL {
            return Err(refused_claim("exp", "it is later than that of any token of this service"));
        }
        let late = now.utc().timestamp().saturating_add(LEEWAY);
        if let Some((claim, _)) = [("nbf", wire.nbf), ("iat", wire.iat)].into_iter().find(|(_, time)| *time > late) {
            return Err(refused_claim(claim, "it is not valid yet"));
        }
        claims(&wire, kid).map_err(|claim| refused_claim(claim, "it has a value that is none of ours"))
    }
}

/// All that a caller is told of a token that is not accepted (RFC 6750, section 3.1).
const NOT_ACCEPTED: &str = "The access token is not one of this service, or is no longer good. Ask for a new one; `waymark token --check` tells the operator why.";

impl TokenClaims {
    /// The claims of a token whose signature holds, or the first one that is missing or of another type.
    fn of(said: Value) -> Result<TokenClaims, Refusal> {
        let names = ["iss", "aud", "exp", "iat", "nbf", "sub", "client_id", "jti", "scope", "tenant", "principal_type"];
        if let Some(missing) = names.into_iter().find(|name| said.get(name).is_none()) {
            return Err(refused_claim(missing, "it is missing"));
        }
        serde_path_to_error::deserialize(said).map_err(|e| refused_claim(&e.path().to_string(), "it is of another type"))
    }
}

/// What a token says, in our types; the error is the claim that cannot be.
fn claims(wire: &TokenClaims, kid: String) -> Result<Claims, &'static str> {
    let id = |text: &str, claim: &'static str| uuid::Uuid::parse_str(text).map(Id).map_err(|_| claim);
    let (subject, client) = (id(&wire.sub, "sub")?, id(&wire.client_id, "client_id")?);
    Ok(Claims {
        tenant: id(&wire.tenant, "tenant")?,
        client,
        principal: match wire.principal_type.as_str() {
            // A client speaks for itself and for no other, and no learner is a client (RFC 9068, sections 2.2 and 5).
            "client" if subject == client => Principal::Client(subject),
            "learner" if subject != client => Principal::Learner(subject),
            "staff" => Principal::Staff(subject),
            _ => return Err("principal_type"),
        },
        scopes: Scopes::parse(&wire.scope).map_err(|_| "scope")?,
        jti: id(&wire.jti, "jti")?,
        issued: wire.iat,
        expires: wire.exp,
        kid,
    })
}

/// The library's refusal in our words.
fn not_held(kind: &ErrorKind) -> Refusal {
    match kind {
        ErrorKind::InvalidIssuer => refused_claim("iss", ELSEWHERE),
        ErrorKind::InvalidAudience => refused_claim("aud", ELSEWHERE),
        ErrorKind::MissingRequiredClaim(claim) => refused_claim(claim, "it is missing"),
        ErrorKind::InvalidClaimFormat(claim) => refused_claim(claim, "it is of another type"),
        _ => Refusal::Signature,
    }
}

const ELSEWHERE: &str = "it names another URL than the one under which this service is reached (WAYMARK_PUBLIC_URL)";

fn refused_claim(claim: &str, why: &'static str) -> Refusal {
    Refusal::Claim(claim.to_owned(), why)
}
