//! Access tokens: JWTs in the shape of RFC 9068, verified once; what they say is remembered, whether they are still good is asked
//! of the gates at every request.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::auth::claims::{Claims, LEEWAY, LONGEST_TTL};
use crate::auth::gates::{Gates, LastHeard, Refusal, Revocations};
use crate::auth::rules::{Principal, Scopes};
use crate::auth::sealed::PERSONAL;
use crate::auth::segments;
use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};
use crate::quotas::{EachQuota, TenantQuotas};

/// How many verified tokens are remembered.
const REMEMBERED: usize = 100_000;

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
    /// Held from reading the database to taking over what it said, so that nothing older comes after something newer.
    renewing: tokio::sync::Mutex<()>,
    /// What tokens say that were verified once, by their digest: only what never changes.
    remembered: RwLock<HashMap<[u8; 32], Arc<Claims>>>,
    /// What tenants may have for which nothing is set.
    default_quotas: EachQuota<i64>,
    /// What seals personal tokens.
    seal_key: Vec<u8>,
    /// Personal tokens that were used and when, until it is written down.
    uses: Mutex<HashMap<(Id, Id), Time>>,
}

/// What is known of a token without asking the database.
pub enum TokenLook {
    Good(Arc<Claims>),
    Refused(Refusal),
    /// A personal token that was made here and is not remembered.
    Personal(PersonalQuestion),
}

/// Which personal token the database is to be asked about.
#[derive(Debug, Clone, Copy)]
pub struct PersonalQuestion {
    pub id: Id,
    pub sha256: [u8; 32],
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
    /// `seal_key`: what personal tokens are sealed with.
    pub fn new(issuer: &str, seal_key: &[u8]) -> Auth {
        Auth {
            seal_key: seal_key.to_vec(),
            uses: Mutex::default(),
            default_quotas: EachQuota::default(),
            issuer: issuer.to_owned(),
            gates: RwLock::default(),
            revocations: Revocations::default(),
            heard: LastHeard::default(),
            renewing: tokio::sync::Mutex::default(),
            remembered: RwLock::default(),
        }
    }

    /// With what tenants may have for which nothing is set; without it there are no limits.
    #[must_use]
    pub fn with_default_quotas(mut self, default_quotas: EachQuota<i64>) -> Auth {
        self.default_quotas = default_quotas;
        self
    }

    /// What a tenant may have now.
    pub fn quotas(&self, gates: &Gates, tenant: Id) -> TenantQuotas {
        TenantQuotas::in_force(gates.quotas.get(&tenant).copied().unwrap_or_default(), self.default_quotas)
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Takes over what the database says now.
    pub fn refresh(&self, gates: Gates) {
        *self.gates.write() = Arc::new(gates);
    }

    /// Learns of tokens that were taken back, with the times at which they expire.
    pub fn revoke(&self, tokens: impl IntoIterator<Item = (Id, Time)>, now: Time) {
        self.revocations.add(tokens, now);
    }

    /// The turn of whoever reads the gates from the database.
    pub async fn renewal_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.renewing.lock().await
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
        self.judge(token, now).map_err(not_accepted)
    }

    /// Whether this token was verified before. Whether it is still good is not asked.
    pub fn remembers(&self, token: &str) -> bool {
        self.remembered.read().contains_key(&digest_of(token))
    }

    /// What can be told of any token without asking the database.
    pub fn look(&self, token: &str, now: Time) -> TokenLook {
        if !token.starts_with(PERSONAL.0) {
            return self.judge(token, now).map_or_else(TokenLook::Refused, TokenLook::Good);
        }
        let digest = digest_of(token);
        let known = self.remembered.read().get(&digest).cloned();
        match known {
            Some(claims) => self.admitted(&self.gates(), claims, now).map_or_else(TokenLook::Refused, TokenLook::Good),
            None => match PERSONAL.id(token, &self.seal_key) {
                Some(id) => TokenLook::Personal(PersonalQuestion { id, sha256: digest }),
                None => TokenLook::Refused(Refusal::NotKept),
            },
        }
    }

    /// The claims of a personal token as the database has them.
    pub fn personal(&self, question: PersonalQuestion, kept: Option<Claims>, now: Time) -> Result<Arc<Claims>, Refusal> {
        let claims = self.admitted(&self.gates(), Arc::new(kept.ok_or(Refusal::NotKept)?), now)?;
        self.remember(question.sha256, claims.clone(), now);
        Ok(claims)
    }

    fn admitted(&self, gates: &Gates, claims: Arc<Claims>, now: Time) -> Result<Arc<Claims>, Refusal> {
        gates.admit(&claims, now)?;
        if self.revocations.has(claims.jti) { Err(Refusal::Revoked) } else { Ok(claims) }
    }

    /// A personal token was used.
    pub fn used(&self, claims: &Claims, now: Time) {
        if claims.kid.is_none() {
            self.uses.lock().insert((claims.tenant, claims.jti), now);
        }
    }

    /// Which personal tokens were used since this was last asked: tenant, id, when.
    pub fn take_uses(&self) -> Vec<(Id, Id, Time)> {
        std::mem::take(&mut *self.uses.lock()).into_iter().map(|((tenant, id), at)| (tenant, id, at)).collect()
    }

    /// The same as [`Auth::verify`] with the reason, for tokens that are signed.
    pub fn judge(&self, token: &str, now: Time) -> Result<Arc<Claims>, Refusal> {
        // One is remembered once it was used, and must not be another thing from then on.
        if token.starts_with(PERSONAL.0) {
            return Err(Refusal::NotAToken);
        }
        let (digest, gates) = (digest_of(token), self.gates());
        let known = self.remembered.read().get(&digest).cloned();
        if let Some(claims) = known {
            return self.admitted(&gates, claims, now);
        }
        let claims = self.admitted(&gates, Arc::new(self.read(&gates, token, now)?), now)?;
        self.remember(digest, claims.clone(), now);
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

/// What a token is remembered by.
fn digest_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The answer to every token that is not accepted.
pub fn not_accepted(refusal: Refusal) -> Problem {
    Problem::new(Code::TokenInvalid, NOT_ACCEPTED).because(refusal)
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
        kid: Some(kid),
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
