//! Signing keys: made, sealed and opened here. Ed25519 (RFC 8037), one algorithm per key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::error::Problem;

pub const ALGORITHM: &str = "EdDSA";

/// A key as it is stored: the private part sealed when a secret is configured.
#[derive(Debug, Clone)]
pub struct StoredKey {
    pub kid: String,
    pub private_key: Vec<u8>,
    pub public_key: Vec<u8>,
}

/// A key ready for use.
pub struct SigningKey {
    pub kid: String,
    pub encoding: EncodingKey,
    pub decoding: DecodingKey,
    pub jwk: Value,
}

const PLAIN: u8 = 0;
const SEALED: u8 = 1;
const NONCE: usize = 12;

/// Makes a key pair. Its `kid` is the JWK thumbprint (RFC 7638).
pub fn generate(secret: Option<&SecretString>, clock: &Clock) -> Result<StoredKey, Problem> {
    let failed = |_| Problem::internal("cannot make a signing key");
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).map_err(failed)?;
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(Problem::internal)?;
    let public_key = pair.public_key().as_ref().to_vec();
    let x = URL_SAFE_NO_PAD.encode(&public_key);
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    Ok(StoredKey { kid: URL_SAFE_NO_PAD.encode(thumbprint), private_key: seal(pkcs8.as_ref(), secret, clock)?, public_key })
}

/// Opens a stored key.
pub fn open_key(stored: &StoredKey, secret: Option<&SecretString>) -> Result<SigningKey, Problem> {
    let pkcs8 = unseal(&stored.private_key, secret)?;
    let x = URL_SAFE_NO_PAD.encode(&stored.public_key);
    Ok(SigningKey {
        kid: stored.kid.clone(),
        encoding: EncodingKey::from_ed_der(&pkcs8),
        decoding: DecodingKey::from_ed_components(&x).map_err(Problem::internal)?,
        jwk: json!({"kty": "OKP", "crv": "Ed25519", "alg": ALGORITHM, "use": "sig", "kid": stored.kid, "x": x}),
    })
}

/// The same key sealed, if it is stored in plain although a secret is configured now.
pub fn sealed_now(stored: &StoredKey, secret: Option<&SecretString>, clock: &Clock) -> Result<Option<StoredKey>, Problem> {
    match stored.private_key.split_first() {
        Some((&PLAIN, plain)) if secret.is_some() => {
            Ok(Some(StoredKey { private_key: seal(plain, secret, clock)?, ..stored.clone() }))
        }
        _ => Ok(None),
    }
}

fn sealing_key(secret: &SecretString) -> Result<LessSafeKey, Problem> {
    let key = Sha256::new().chain_update(b"waymark signing keys").chain_update(secret.expose_secret().as_bytes()).finalize();
    UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| Problem::internal("cannot make the sealing key"))
}

fn seal(plain: &[u8], secret: Option<&SecretString>, clock: &Clock) -> Result<Vec<u8>, Problem> {
    let Some(secret) = secret else { return Ok([&[PLAIN], plain].concat()) };
    let nonce = clock.secret::<NONCE>();
    let mut sealed = plain.to_vec();
    sealing_key(secret)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .map_err(|_| Problem::internal("cannot seal the signing key"))?;
    Ok([[SEALED].as_slice(), nonce.as_slice(), &sealed].concat())
}

fn unseal(stored: &[u8], secret: Option<&SecretString>) -> Result<Vec<u8>, Problem> {
    let wrong =
        || Problem::internal("a signing key in the database is sealed: set WAYMARK_KEY_SECRET to the secret it was sealed with");
    match (stored.split_first(), secret) {
        (Some((&PLAIN, plain)), _) => Ok(plain.to_vec()),
        (Some((&SEALED, rest)), Some(secret)) => {
            let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(wrong)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
            let mut sealed = sealed.to_vec();
            Ok(sealing_key(secret)?.open_in_place(nonce, Aad::empty(), &mut sealed).map_err(|_| wrong())?.to_vec())
        }
        _ => Err(wrong()),
    }
}
