//! Other people's public keys (JSON Web Keys): which algorithm each is for, and which one a token was signed with.

use jsonwebtoken::Header;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm as JwkAlgorithm};

use crate::auth::keys::KeyAlgorithm;

/// The algorithm that a public key is for: one, whatever a token says. None where it is not used here.
fn algorithm_of(key: &Jwk) -> Option<KeyAlgorithm> {
    let by_kind = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => KeyAlgorithm::EdDSA,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => KeyAlgorithm::ES256,
        AlgorithmParameters::RSA(_) => KeyAlgorithm::RS256,
        _ => return None,
    };
    let said = match key.common.key_algorithm {
        None => by_kind,
        Some(JwkAlgorithm::EdDSA) => KeyAlgorithm::EdDSA,
        Some(JwkAlgorithm::ES256) => KeyAlgorithm::ES256,
        Some(JwkAlgorithm::RS256) => KeyAlgorithm::RS256,
        Some(_) => return None,
    };
    (said == by_kind).then_some(by_kind)
}

/// The one key that may have signed a token with this header: the one that it names; without a name the only one of its algorithm,
/// never the first of several.
pub fn signing_key_of<'a>(keys: &'a [Jwk], header: &Header) -> Option<&'a Jwk> {
    let algorithm = KeyAlgorithm::of(header.alg)?;
    let fits = |key: &&Jwk| algorithm_of(key) == Some(algorithm);
    match &header.kid {
        Some(kid) => keys.iter().find(|key| key.common.key_id.as_ref() == Some(kid)).filter(fits),
        None => {
            let mut fitting = keys.iter().filter(fits);
            fitting.next().filter(|_| fitting.next().is_none())
        }
    }
}
