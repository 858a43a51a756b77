//! Signing keys: made, sealed and opened here; and in which state each is at a time.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::db::types::Time;
use crate::error::Problem;

/// How a key signs. One algorithm per key: a token cannot choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[clap(rename_all = "verbatim")]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA")]
    EdDSA,
    /// ECDSA on P-256 (RFC 7518, section 3.4).
    ES256,
    /// RSA with 2048 bits, PKCS #1 v1.5 (RFC 7518, section 3.3), for verifiers that know nothing else.
    RS256,
}

impl KeyAlgorithm {
    pub const ALL: [KeyAlgorithm; 3] = [KeyAlgorithm::EdDSA, KeyAlgorithm::ES256, KeyAlgorithm::RS256];

    pub fn name(self) -> &'static str {
        match self {
            KeyAlgorithm::EdDSA => "EdDSA",
            KeyAlgorithm::ES256 => "ES256",
            KeyAlgorithm::RS256 => "RS256",
        }
    }

    /// The one of this name in a token's header, if it is used here.
    pub fn of(algorithm: Algorithm) -> Option<KeyAlgorithm> {
        KeyAlgorithm::ALL.into_iter().find(|one| one.jwt() == algorithm)
    }

    fn jwt(self) -> Algorithm {
        match self {
            KeyAlgorithm::EdDSA => Algorithm::EdDSA,
            KeyAlgorithm::ES256 => Algorithm::ES256,
            KeyAlgorithm::RS256 => Algorithm::RS256,
        }
    }
}

/// A key as it is stored: the private part sealed when a secret is configured.
#[derive(Debug, Clone)]
pub struct StoredKey {
    pub kid: String,
    pub algorithm: KeyAlgorithm,
    pub private_key: Vec<u8>,
    /// Ed25519: the 32 bytes. Else the JSON Web Key as text.
    pub public_key: Vec<u8>,
    pub created_at: Time,
    /// From when it signs; from the beginning where there is none.
    pub signs_from: Option<Time>,
    /// Until when tokens that it signed are good; no end is known where there is none.
    pub verifies_until: Option<Time>,
}

impl StoredKey {
    /// Whether its private part is encrypted where it is stored.
    pub fn is_sealed(&self) -> bool {
        self.private_key.first() == Some(&SEALED)
    }
}

/// Where a key is in its life, which time alone decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, so that everybody has it before it signs.
    Published,
    /// It signs.
    Signing,
    /// Another one signs; tokens of this one are still good.
    Verifying,
    /// None of its tokens is good any more.
    Retired,
}

impl KeyState {
    pub fn name(self) -> &'static str {
        match self {
            KeyState::Published => "published",
            KeyState::Signing => "signing",
            KeyState::Verifying => "verifying",
            KeyState::Retired => "retired",
        }
    }
}

/// The state of each key at `now`, in the order given.
pub fn states(keys: &[StoredKey], now: Time) -> Vec<KeyState> {
    let verifies = |key: &StoredKey| key.verifies_until.is_none_or(|until| now < until);
    let signs = |key: &&StoredKey| verifies(key) && key.signs_from.is_none_or(|from| from <= now);
    let signing = keys.iter().filter(signs).max_by_key(|key| key.signs_from).map(|key| key.kid.clone());
    let state = |key: &StoredKey| match key {
        key if !verifies(key) => KeyState::Retired,
        key if Some(&key.kid) == signing.as_ref() => KeyState::Signing,
        key if key.signs_from.is_some_and(|from| from > now) => KeyState::Published,
        _ => KeyState::Verifying,
    };
    keys.iter().map(state).collect()
}

/// A key ready for use.
pub struct SigningKey {
    pub kid: String,
    pub algorithm: Algorithm,
    pub encoding: EncodingKey,
    pub decoding: DecodingKey,
    pub jwk: Value,
    pub signs_from: Time,
    pub verifies_until: Option<Time>,
}

impl SigningKey {
    /// Whether tokens that it signed are good.
    pub fn verifies(&self, now: Time) -> bool {
        self.verifies_until.is_none_or(|until| now < until)
    }
}

const PLAIN: u8 = 0;
const SEALED: u8 = 1;
const NONCE: usize = 12;

/// Makes a key pair that signs from `signs_from`. Its `kid` is the JWK thumbprint (RFC 7638).
pub fn generate(
    algorithm: KeyAlgorithm,
    secret: Option<&SecretString>,
    clock: &Clock,
    signs_from: Option<Time>,
) -> Result<StoredKey, Problem> {
    let pkcs8 = private_part(algorithm)?;
    let encoding = encoding_key(algorithm, &pkcs8)?;
    let (kid, public_key) = if algorithm == KeyAlgorithm::EdDSA {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(Problem::internal)?;
        let public_key = pair.public_key().as_ref().to_vec();
        let x = URL_SAFE_NO_PAD.encode(&public_key);
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        (URL_SAFE_NO_PAD.encode(thumbprint), public_key)
    } else {
        let jwk = Jwk::from_encoding_key(&encoding, algorithm.jwt()).map_err(Problem::internal)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(Problem::internal)?;
        (kid, serde_json::to_vec(&jwk).map_err(Problem::internal)?)
    };
    Ok(StoredKey {
        kid,
        algorithm,
        private_key: seal(&pkcs8, secret, clock)?,
        public_key,
        created_at: clock.now(),
        signs_from,
        verifies_until: None,
    })
}

/// A new private key as PKCS #8.
fn private_part(algorithm: KeyAlgorithm) -> Result<Vec<u8>, Problem> {
    let failed = |_| Problem::internal("cannot make a signing key");
    let random = aws_lc_rs::rand::SystemRandom::new();
    match algorithm {
        KeyAlgorithm::EdDSA => Ok(Ed25519KeyPair::generate_pkcs8(&random).map_err(failed)?.as_ref().to_vec()),
        KeyAlgorithm::ES256 => {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
            Ok(made.map_err(failed)?.as_ref().to_vec())
        }
        KeyAlgorithm::RS256 => {
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(failed)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            Ok(der.as_ref().to_vec())
        }
    }
}

fn encoding_key(algorithm: KeyAlgorithm, pkcs8: &[u8]) -> Result<EncodingKey, Problem> {
    match algorithm {
        KeyAlgorithm::EdDSA => Ok(EncodingKey::from_ed_der(pkcs8)),
        KeyAlgorithm::ES256 => Ok(EncodingKey::from_ec_der(pkcs8)),
        // The library takes PKCS #1 here, and finds it in a PEM of PKCS #8.
        KeyAlgorithm::RS256 => EncodingKey::from_rsa_pem(pem(pkcs8).as_bytes()).map_err(Problem::internal),
    }
}

/// RFC 7468, section 10.
fn pem(pkcs8: &[u8]) -> String {
    let text = STANDARD.encode(pkcs8);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// Opens a stored key.
pub fn open_key(stored: &StoredKey, secret: Option<&SecretString>) -> Result<SigningKey, Problem> {
    let pkcs8 = unseal(&stored.private_key, secret)?;
    let (decoding, mut jwk) = match stored.algorithm {
        KeyAlgorithm::EdDSA => {
            let x = URL_SAFE_NO_PAD.encode(&stored.public_key);
            (DecodingKey::from_ed_components(&x).map_err(Problem::internal)?, json!({"kty": "OKP", "crv": "Ed25519", "x": x}))
        }
        KeyAlgorithm::ES256 | KeyAlgorithm::RS256 => {
            let jwk: Jwk = serde_json::from_slice(&stored.public_key).map_err(Problem::internal)?;
            let decoding = DecodingKey::from_jwk(&jwk).map_err(Problem::internal)?;
            (decoding, serde_json::to_value(&jwk).map_err(Problem::internal)?)
        }
    };
    let about = [("alg", stored.algorithm.name()), ("use", "sig"), ("kid", stored.kid.as_str())];
    if let Some(members) = jwk.as_object_mut() {
        members.extend(about.map(|(name, value)| (name.to_owned(), Value::from(value))));
    }
    Ok(SigningKey {
        kid: stored.kid.clone(),
        algorithm: stored.algorithm.jwt(),
        encoding: encoding_key(stored.algorithm, &pkcs8)?,
        decoding,
        jwk,
        signs_from: stored.signs_from.unwrap_or(stored.created_at),
        verifies_until: stored.verifies_until,
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
