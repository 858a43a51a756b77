//! `private_key_jwt`: a client proves who it is with a JWT that it signed (RFC 7523, sections 2.2 and 3). Pure but for signatures.

use std::collections::HashSet;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm as JwkAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::auth::claims::LEEWAY;
use crate::db::types::{Id, Time};

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion may expire, in seconds.
pub const LONGEST_ASSERTION: i64 = 300;

/// The algorithms that a client may sign with.
pub const ALGORITHMS: [(&str, Algorithm); 3] =
    [("EdDSA", Algorithm::EdDSA), ("ES256", Algorithm::ES256), ("RS256", Algorithm::RS256)];

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
    let key = key_of(&header, keys)?;
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

/// The one key that may have signed: the one that the header names; without a name the only one of that algorithm.
fn key_of<'a>(header: &Header, keys: &'a JwkSet) -> Result<&'a Jwk, AssertionFault> {
    if !ALGORITHMS.iter().any(|(_, algorithm)| *algorithm == header.alg) {
        return Err("its algorithm is none of EdDSA, ES256, RS256");
    }
    let fits = |key: &&Jwk| algorithm_of(key) == Some(header.alg);
    match &header.kid {
        Some(kid) => keys.find(kid).filter(fits).ok_or("its kid names no key of the client for this algorithm"),
        None => {
            let mut fitting = keys.keys.iter().filter(fits);
            match (fitting.next(), fitting.next()) {
                (Some(only), None) => Ok(only),
                _ => Err("it names no kid, and the client has not exactly one key for its algorithm"),
            }
        }
    }
}

/// The algorithm that a public key is for: one, whatever a token says.
pub fn algorithm_of(key: &Jwk) -> Option<Algorithm> {
    use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve};
    let by_kind = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    let said = match key.common.key_algorithm {
        None => return Some(by_kind),
        Some(JwkAlgorithm::EdDSA) => Algorithm::EdDSA,
        Some(JwkAlgorithm::ES256) => Algorithm::ES256,
        Some(JwkAlgorithm::RS256) => Algorithm::RS256,
        Some(_) => return None,
    };
    (said == by_kind).then_some(by_kind)
}

/// The ids of the keys, to tell one from another.
pub fn kids(keys: &JwkSet) -> HashSet<&str> {
    keys.keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect()
}
