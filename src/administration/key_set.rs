//! A client's public keys as a JSON Web Key Set (RFC 7517), by which it signs what it sends to the token endpoint. Only keys that
//! can be used are taken, and never a part that is to stay secret.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use waymark_engine::pointer::escaped;

use crate::error::Problem;
use crate::web::limits::Wrong;

/// How many keys a client has at most: one that signs, one that follows it, and some that end.
const MOST: usize = 5;
/// The longest `kid`, in characters.
const LONGEST_KID: usize = 200;
/// Sizes of RSA keys in bits: below, they are broken; above, checking a signature takes too long.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Members that hold what only the client may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4).
const SECRET: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Public keys of a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientKeySet {
    #[schema(value_type = Vec<ClientKey>, min_items = 1, max_items = 5)]
    pub keys: Vec<Map<String, Value>>,
}

/// A public key (RFC 7517): Ed25519, P-256, or RSA with 2048 to 8192 bits.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the document alone uses it: keys are read one member at a time, to say what is wrong with each")]
pub struct ClientKey {
    /// `OKP`, `EC` or `RSA`.
    #[schema(example = "OKP")]
    pub kty: String,
    /// By which the client's signatures name the key; another one for each key.
    #[schema(min_length = 1, max_length = 200, example = "2026-11")]
    pub kid: String,
    /// `EdDSA`, `ES256` or `RS256`, which follows from the kind of key.
    #[schema(example = "EdDSA")]
    pub alg: Option<String>,
    /// `sig`
    #[serde(rename = "use")]
    pub intended_use: Option<String>,
    /// `["verify"]`
    pub key_ops: Option<Vec<String>>,
    pub ext: Option<bool>,
    /// `Ed25519` or `P-256`.
    #[schema(example = "Ed25519")]
    pub crv: Option<String>,
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: Option<String>,
    pub y: Option<String>,
    pub n: Option<String>,
    pub e: Option<String>,
}

/// The members that a key of each kind must have, beside `kty` and `kid`; and its algorithm.
const KINDS: &[(&str, &[&str], &str)] =
    &[("OKP", &["crv", "x"], "EdDSA"), ("EC", &["crv", "x", "y"], "ES256"), ("RSA", &["n", "e"], "RS256")];
/// What any key may have.
const COMMON: &[&str] = &["kty", "kid", "alg", "use", "key_ops", "ext"];

/// The same set with the algorithm of each key, or what is wrong with it.
pub fn checked_key_set(set: ClientKeySet) -> Result<ClientKeySet, Problem> {
    let mut wrong = Wrong::default();
    if !(1..=MOST).contains(&set.keys.len()) {
        wrong.add("/jwks/keys", format!("must hold 1 to {MOST} keys."));
    }
    let mut keys = Vec::with_capacity(set.keys.len());
    for (at, key) in set.keys.into_iter().enumerate() {
        let kid = key.get("kid");
        if kid.is_some() && keys.iter().any(|other: &Map<String, Value>| other.get("kid") == kid) {
            wrong.add(format!("/jwks/keys/{at}/kid"), "is the kid of a key before it.");
        }
        let mut own = Wrong::default();
        keys.push(checked_key(key, &mut own));
        wrong.below(&format!("/jwks/keys/{at}"), own);
        // More faults than these help nobody.
        if wrong.0.len() > 20 {
            break;
        }
    }
    if wrong.0.is_empty() { Ok(ClientKeySet { keys }) } else { Err(Problem::bodies(wrong.0)) }
}

fn checked_key(mut key: Map<String, Value>, wrong: &mut Wrong) -> Map<String, Value> {
    let secret: Vec<&str> = SECRET.iter().copied().filter(|name| key.contains_key(*name)).collect();
    for name in &secret {
        wrong.add(
            format!("/{name}"),
            "is a part of a key that only the client may know. Consider the key known to others now: make another one, and send its public part alone.",
        );
    }
    let kty = key.get("kty").and_then(Value::as_str).unwrap_or_default();
    let Some((_, needed, alg)) = KINDS.iter().find(|(name, ..)| *name == kty) else {
        if secret.is_empty() {
            wrong.add("/kty", "must be OKP (Ed25519), EC (P-256) or RSA.");
        }
        return key;
    };
    for name in key.keys().filter(|name| !SECRET.contains(&name.as_str())) {
        if !COMMON.contains(&name.as_str()) && !needed.contains(&name.as_str()) {
            wrong.add(
                format!("/{}", escaped(name)),
                format!(
                    "is not kept of a key of this kind; leave it out. Kept are: {}, {}.",
                    COMMON.join(", "),
                    needed.join(", ")
                ),
            );
        }
    }
    check_meaning(&key, alg, wrong);
    let before = wrong.0.len();
    let bytes: Vec<Vec<u8>> =
        needed.iter().filter(|name| **name != "crv").filter_map(|name| member_bytes(&key, name, wrong)).collect();
    if wrong.0.len() == before {
        check_material(&key, kty, &bytes, wrong);
    }
    key.insert("alg".to_owned(), json!(alg));
    key
}

/// What a key says of itself.
fn check_meaning(key: &Map<String, Value>, alg: &str, wrong: &mut Wrong) {
    let kid = key.get("kid").and_then(Value::as_str).unwrap_or_default();
    if !(1..=LONGEST_KID).contains(&kid.chars().count()) || kid.chars().any(char::is_control) {
        wrong.add("/kid", format!("must be a text of 1 to {LONGEST_KID} characters without control characters."));
    }
    for (name, only) in [("alg", json!(alg)), ("use", json!("sig")), ("key_ops", json!(["verify"]))] {
        if key.get(name).is_some_and(|said| *said != only) {
            wrong.add(format!("/{name}"), format!("must be {only} for this key, or absent."));
        }
    }
    if key.get("ext").is_some_and(|ext| !ext.is_boolean()) {
        wrong.add("/ext", "must be true or false, or absent.");
    }
}

/// The bytes of a member (RFC 7515, section 2: base64url without padding).
fn member_bytes(key: &Map<String, Value>, name: &str, wrong: &mut Wrong) -> Option<Vec<u8>> {
    let bytes = key.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    if bytes.is_none() {
        wrong.add(format!("/{name}"), "must be base64url without padding.");
    }
    bytes
}

/// Whether a signature can be checked with it.
fn check_material(key: &Map<String, Value>, kty: &str, bytes: &[Vec<u8>], wrong: &mut Wrong) {
    let crv = key.get("crv").and_then(Value::as_str).unwrap_or_default();
    match (kty, bytes) {
        ("OKP", _) if crv != "Ed25519" => wrong.add("/crv", "must be Ed25519 for a key of the kind OKP."),
        ("EC", _) if crv != "P-256" => wrong.add("/crv", "must be P-256 for a key of the kind EC."),
        ("OKP", [x]) => {
            if x.len() != 32 || ParsedPublicKey::new(&ED25519, x).is_err() {
                wrong.add("/x", "must be the 32 bytes of an Ed25519 key.");
            }
        }
        ("EC", [x, y]) => {
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            if x.len() != 32 || y.len() != 32 || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).is_err() {
                wrong.add("/x", "must be, with y, a point of P-256, 32 bytes each.");
            }
        }
        ("RSA", [n, e]) => {
            let odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
            if !RSA_BITS.contains(&bits(n)) || !odd(n) {
                wrong.add("/n", format!("must be a modulus of {} to {} bits.", RSA_BITS.start(), RSA_BITS.end()));
            }
            if !(2..=33).contains(&bits(e)) || !odd(e) {
                wrong.add("/e", "must be an odd exponent from 3 on, such as AQAB.");
            }
        }
        _ => wrong.add("", "is no key."),
    }
}

/// How many bits a number has.
fn bits(bytes: &[u8]) -> usize {
    let mut rest = bytes.iter().skip_while(|byte| **byte == 0);
    match rest.next() {
        None => 0,
        Some(first) => {
            let top = usize::try_from(u8::BITS.saturating_sub(first.leading_zeros())).unwrap_or(8);
            rest.count().saturating_mul(8).saturating_add(top)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    // RFC 7517, appendix A.1.
    const EC: (&str, &str) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");

    fn rsa(bits: usize) -> String {
        let mut bytes = vec![0xff_u8; bits / 8];
        bytes[0] = 0x80;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn faults(keys: Value) -> Vec<String> {
        let set: ClientKeySet = serde_json::from_value(json!({"keys": keys})).unwrap();
        match checked_key_set(set) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.errors().iter().map(|one| one.pointer.clone().unwrap()).collect(),
        }
    }

    #[test]
    fn good_keys_are_kept_with_their_algorithm() {
        let set: ClientKeySet = serde_json::from_value(json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a"},
            {"kty": "EC", "crv": "P-256", "x": EC.0, "y": EC.1, "kid": "b", "use": "sig", "key_ops": ["verify"], "ext": true},
            {"kty": "RSA", "n": rsa(2048), "e": "AQAB", "kid": "c", "alg": "RS256"},
            {"kty": "RSA", "n": rsa(8192), "e": "Aw", "kid": "d"},
        ]}))
        .unwrap();
        let kept = checked_key_set(set.clone()).unwrap();
        let algs: Vec<&str> = kept.keys.iter().map(|key| key["alg"].as_str().unwrap()).collect();
        assert_eq!(algs, ["EdDSA", "ES256", "RS256", "RS256"]);
        assert_eq!(checked_key_set(kept.clone()).unwrap(), kept, "what was kept is taken again");
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_where_it_is_wrong() {
        let ed = |more: Value| {
            let mut key = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a"});
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!([key])
        };
        let of = |key: Value| json!([key]);
        for (keys, pointer) in [
            (json!([]), "/jwks/keys"),
            (Value::Array((0..6).map(|n| ed(json!({"kid": n.to_string()}))[0].clone()).collect()), "/jwks/keys"),
            (json!([ed(json!({}))[0], ed(json!({}))[0]]), "/jwks/keys/1/kid"),
            (ed(json!({"d": X})), "/jwks/keys/0/d"),
            (ed(json!({"k": X})), "/jwks/keys/0/k"),
            (of(json!({"kty": "oct", "k": X, "kid": "a"})), "/jwks/keys/0/k"),
            (of(json!({"kty": "oct", "kid": "a"})), "/jwks/keys/0/kty"),
            (of(json!({"kid": "a"})), "/jwks/keys/0/kty"),
            (of(json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "kid": "a", "p": "AQ"})), "/jwks/keys/0/p"),
            (of(json!({"kty": "RSA", "n": rsa(2040), "e": "AQAB", "kid": "a"})), "/jwks/keys/0/n"),
            (of(json!({"kty": "RSA", "n": rsa(8200), "e": "AQAB", "kid": "a"})), "/jwks/keys/0/n"),
            (of(json!({"kty": "RSA", "n": format!("AAAA{}", rsa(1024)), "e": "AQAB", "kid": "a"})), "/jwks/keys/0/n"),
            (of(json!({"kty": "RSA", "n": rsa(2048), "e": "AQ", "kid": "a"})), "/jwks/keys/0/e"),
            (of(json!({"kty": "RSA", "n": rsa(2048), "e": "BA", "kid": "a"})), "/jwks/keys/0/e"),
            (of(json!({"kty": "RSA", "n": rsa(2048), "kid": "a"})), "/jwks/keys/0/e"),
            (of(json!({"kty": "EC", "crv": "P-384", "x": EC.0, "y": EC.1, "kid": "a"})), "/jwks/keys/0/crv"),
            (of(json!({"kty": "EC", "crv": "P-256", "x": EC.0, "y": EC.0, "kid": "a"})), "/jwks/keys/0/x"),
            (of(json!({"kty": "EC", "crv": "P-256", "x": EC.0, "kid": "a"})), "/jwks/keys/0/y"),
            (ed(json!({"crv": "X25519"})), "/jwks/keys/0/crv"),
            (ed(json!({"crv": null})), "/jwks/keys/0/crv"),
            (ed(json!({"x": "AQAB"})), "/jwks/keys/0/x"),
            (ed(json!({"x": format!("{X}=")})), "/jwks/keys/0/x"),
            (ed(json!({"x": 1})), "/jwks/keys/0/x"),
            (ed(json!({"kid": ""})), "/jwks/keys/0/kid"),
            (ed(json!({"kid": "a\nb"})), "/jwks/keys/0/kid"),
            (ed(json!({"kid": 1})), "/jwks/keys/0/kid"),
            (ed(json!({"kid": "a".repeat(201)})), "/jwks/keys/0/kid"),
            (ed(json!({"alg": "HS256"})), "/jwks/keys/0/alg"),
            (ed(json!({"alg": "ES256"})), "/jwks/keys/0/alg"),
            (ed(json!({"use": "enc"})), "/jwks/keys/0/use"),
            (ed(json!({"key_ops": ["sign"]})), "/jwks/keys/0/key_ops"),
            (ed(json!({"ext": "yes"})), "/jwks/keys/0/ext"),
            (ed(json!({"x5u": "https://elsewhere.example"})), "/jwks/keys/0/x5u"),
            (ed(json!({"y": X})), "/jwks/keys/0/y"),
        ] {
            assert_eq!(faults(keys.clone()), [pointer], "{keys}");
        }
    }

    #[test]
    fn bits_are_counted_without_zeros_before() {
        for (bytes, n) in [(&[][..], 0), (&[0, 0], 0), (&[1], 1), (&[0, 0x80], 8), (&[1, 0], 9), (&[0xff; 256], 2048)] {
            assert_eq!(bits(bytes), n, "{bytes:?}");
        }
    }
}
