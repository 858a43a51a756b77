//! `private_key_jwt`: a client proves who it is with a JWT that it signed (RFC 7523, sections 2.2 and 3). Pure but for signatures.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::auth::claims::LEEWAY;
use crate::auth::public_keys::signing_key_of;
use crate::db::types::{Id, Time};

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion may expire, in seconds.
pub const LONGEST_ASSERTION: i64 = 300;

/// What is wrong with an assertion; for the log, a caller learns only `invalid_client`.
pub type AssertionFault = &'static str;

/// An assertion that holds: to be used once.
#[derive(Debug, PartialEq, Eq)]
pub struct Assertion {
    pub client: Id,
    pub jti_sha256: Vec<u8>,
    pub expires: Time,
}

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    exp: i64,
    jti: String,
    nbf: Option<i64>,
    iat: Option<i64>,
}

/// Whose an assertion says that it is, before anything is checked.
pub fn claimed_client(assertion: &str) -> Option<Id> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    let claims: Subject = jsonwebtoken::dangerous::insecure_decode_claims(assertion).ok()?;
    claims.sub.parse().ok()
}

/// Checks an assertion of `client` against its keys. `audiences`: the names that this server goes by.
pub fn check_assertion(
    assertion: &str,
    client: Id,
    keys: &JwkSet,
    audiences: &[String],
    now: Time,
) -> Result<Assertion, AssertionFault> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| "it is no JWT")?;
    if header.crit.is_some() {
        return Err("its header has crit, and no extension is known here");
    }
    let key = signing_key_of(&keys.keys, &header).ok_or(
        "the client has no key of its kid and algorithm, or it names no kid and there is not exactly one for its algorithm",
    )?;
    let decoding = DecodingKey::from_jwk(key).map_err(|_| "the client's key cannot be used")?;
    let mut rules = Validation::new(header.alg);
    rules.set_audience(audiences);
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    // Time is judged below, by the service's own clock.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    let claims = jsonwebtoken::decode::<AssertionClaims>(assertion, &decoding, &rules).map_err(|e| match e.kind() {
        ErrorKind::InvalidSignature => "its signature does not hold",
        ErrorKind::InvalidAudience => "its aud is not this server",
        _ => "a claim is missing or of another type",
    })?;
    let claims = claims.claims;
    let seconds = now.utc().timestamp();
    if claims.iss != claims.sub || claims.sub.parse() != Ok(client) {
        Err("its iss and sub are not both the client's id")
    } else if claims.exp.saturating_add(LEEWAY) <= seconds {
        Err("it has expired")
    } else if claims.exp > seconds.saturating_add(LONGEST_ASSERTION + LEEWAY) {
        Err("it expires more than 5 minutes ahead")
    } else if [claims.nbf, claims.iat].into_iter().flatten().any(|time| time > seconds.saturating_add(LEEWAY)) {
        Err("it is not valid yet")
    } else if claims.jti.is_empty() || claims.jti.len() > 255 {
        Err("its jti must have 1 to 255 bytes")
    } else {
        let expires = Time(0).plus_seconds(claims.exp.saturating_add(LEEWAY));
        Ok(Assertion { client, jti_sha256: Sha256::digest(claims.jti.as_bytes()).to_vec(), expires })
    }
}
