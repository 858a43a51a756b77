//! The tables of forged and broken tokens that `forged_tokens.rs` sends; what they claim and how they are written is in
//! `forged_claims.rs`. Each has the reason for which it must be refused, which the
//! operator is told and the caller is not; several, separated by `|`, where it does not matter which check comes first.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use waymark::auth::keys::{self, KeyAlgorithm, SigningKey, StoredKey};
use waymark::clock::Clock;

pub struct Forgery {
    pub what: String,
    pub token: String,
    /// How the reason begins, as `Debug` shows it.
    pub reason: &'static str,
}

pub fn forgery(what: impl Into<String>, token: String, reason: &'static str) -> Forgery {
    Forgery { what: what.into(), token, reason }
}

/// Who forges: somebody who has even our key, so that every check is met by itself.
pub struct Forger {
    pub stored: StoredKey,
    pub key: SigningKey,
    pub stranger: SigningKey,
    /// A good token, and what it says.
    pub good: String,
    pub head: Value,
    pub claims: Value,
    /// Seconds since 1970.
    pub now: i64,
}

pub fn text64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn stranger(algorithm: KeyAlgorithm) -> SigningKey {
    let clock = Clock::system();
    keys::open_key(&keys::generate(algorithm, None, &clock, None).unwrap(), None).unwrap()
}

/// A token of these two segments as they are, signed by `key`.
pub fn sealed(header: &str, payload: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{header}.{payload}");
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

impl Forger {
    /// These bytes as header and payload, with a signature of ours that holds.
    pub fn signed(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        sealed(&text64(header), &text64(payload), &self.key.encoding, self.key.algorithm)
    }

    pub fn saying(&self, claims: &Value) -> String {
        self.signed(self.head.to_string(), claims.to_string())
    }

    pub fn headed(&self, head: &Value) -> String {
        self.signed(head.to_string(), self.claims.to_string())
    }

    pub fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.saying(&claims)
    }

    pub fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.saying(&claims)
    }

    pub fn head_with(&self, name: &str, value: Value) -> Value {
        let mut head = self.head.clone();
        head[name] = value;
        head
    }

    pub fn parts(&self) -> [String; 3] {
        let parts: Vec<String> = self.good.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }

    /// No algorithm, or one that our key is not for.
    pub fn algorithms(&self) -> Vec<Forgery> {
        let [_, payload, signature] = self.parts();
        let mut all = Vec::new();
        let nones = ["none", "None", "NONE", "nOnE", "", " none", "none ", "NoNe\u{0}", "eddsa", "EDDSA", "ES512", "unknown"];
        for none in nones.iter().map(|name| json!(name)).chain([json!(null), json!(0), json!(["EdDSA"]), json!({"a": 1})]) {
            let head = text64(self.head_with("alg", none.clone()).to_string());
            all.push(forgery(format!("alg {none}, no signature"), format!("{head}.{payload}."), "NotAToken"));
            all.push(forgery(format!("alg {none}, a signature"), format!("{head}.{payload}.{signature}"), "NotAToken"));
        }
        let mut no_alg = self.head.clone();
        no_alg.as_object_mut().unwrap().remove("alg");
        all.push(forgery("no alg", self.headed(&no_alg), "NotAToken"));

        let der = [[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0].as_slice(), &self.stored.public_key].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
        let mut bare = self.key.jwk.clone();
        bare.as_object_mut().unwrap().retain(|name, _| ["kty", "crv", "x"].contains(&name.as_str()));
        let secrets: [(&str, Vec<u8>); 9] = [
            ("as it is", self.stored.public_key.clone()),
            ("in base64url", text64(&self.stored.public_key).into_bytes()),
            ("in base64", STANDARD.encode(&self.stored.public_key).into_bytes()),
            ("in hex", hex::encode(&self.stored.public_key).into_bytes()),
            ("as SPKI", der),
            ("as PEM", pem.clone().into_bytes()),
            ("as PEM without its last line feed", pem.trim_end().as_bytes().to_vec()),
            ("as JWK", self.key.jwk.to_string().into_bytes()),
            ("as its shortest JWK", bare.to_string().into_bytes()),
        ];
        for (name, algorithm) in [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
            for (form, secret) in &secrets {
                let secret = EncodingKey::from_secret(secret).unwrap();
                let token = sealed(&text64(self.head_with("alg", json!(name)).to_string()), &payload, &secret, algorithm);
                all.push(forgery(format!("{name} with our public key {form}"), token, "Signature"));
            }
        }
        for (name, algorithm, of) in [
            ("ES256", Algorithm::ES256, KeyAlgorithm::ES256),
            ("RS256", Algorithm::RS256, KeyAlgorithm::RS256),
            ("PS256", Algorithm::PS256, KeyAlgorithm::RS256),
        ] {
            let head = text64(self.head_with("alg", json!(name)).to_string());
            let other = sealed(&head, &payload, &stranger(of).encoding, algorithm);
            all.push(forgery(format!("{name} on our key"), other, "Signature"));
            let ours = sealed(&head, &payload, &self.key.encoding, self.key.algorithm);
            all.push(forgery(format!("{name} said, EdDSA made"), ours, "Signature"));
        }
        all
    }

    /// A signature that is not there, not ours, not of this text, or not written in the one way.
    pub fn signatures(&self) -> Vec<Forgery> {
        let [head, payload, signature] = self.parts();
        let bytes = URL_SAFE_NO_PAD.decode(&signature).unwrap();
        let with = |bytes: &[u8]| format!("{head}.{payload}.{}", text64(bytes));
        let text = |signature: &str| format!("{head}.{payload}.{signature}");
        let other = self.claim("jti", json!(uuid::Uuid::new_v4()));
        let of_another = other.rsplit('.').next().unwrap();
        let mut all = vec![
            forgery("no signature", text(""), "Signature"),
            forgery("the signature of another token", text(of_another), "Signature"),
            forgery("padded signature", text(&format!("{signature}==")), "Signature"),
            forgery("signature with one =", text(&format!("{signature}=")), "Signature"),
            forgery("64 zeros", with(&[0; 64]), "Signature"),
            forgery("the word null", text("null"), "Signature"),
            forgery("one byte", with(&[0]), "Signature"),
            forgery("one byte more", with(&[bytes.as_slice(), &[0]].concat()), "Signature"),
            forgery("twice", with(&[bytes.as_slice(), &bytes].concat()), "Signature"),
            forgery("halves exchanged", with(&[&bytes[32..], &bytes[..32]].concat()), "Signature"),
        ];
        for cut in [1, 31, 32, 63] {
            all.push(forgery(format!("{cut} bytes less"), with(&bytes[..64 - cut]), "Signature"));
        }
        for bit in [0, 100, 255, 256, 300, 511] {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            all.push(forgery(format!("bit {bit} turned"), with(&changed), "Signature"));
        }
        // RFC 8032, section 5.1.7: S is below the order of the group, or there would be several signatures of one text.
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut larger = bytes.clone();
        let mut carry = 0;
        for (digit, more) in larger[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*digit) + u16::from(more) + carry;
            (*digit, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        all.push(forgery("S + L", with(&larger), "Signature"));
        // The last letter of 64 bytes holds four bits that say nothing.
        for step in 1..4 {
            all.push(forgery(format!("other unused bits, {step}"), text(&bump(&signature, step)), "Signature"));
        }
        let theirs = sealed(&head, &payload, &self.stranger.encoding, Algorithm::EdDSA);
        all.push(forgery("a stranger's key under our kid, as in another deployment", theirs, "Signature"));
        let scope = text64(self.claims.to_string().replace("lessons:read", "clients:admin"));
        all.push(forgery("another payload", format!("{head}.{scope}.{signature}"), "Signature"));
        let spaced = text64(format!("{} ", self.head));
        all.push(forgery("the same header written otherwise", format!("{spaced}.{payload}.{signature}"), "Signature"));
        all
    }

    /// Whose key it is, and what else a header may say.
    pub fn headers(&self, listener: &str) -> Vec<Forgery> {
        let mut all = Vec::new();
        let theirs = |head: Value| {
            let (head, payload) = (text64(head.to_string()), text64(self.claims.to_string()));
            sealed(&head, &payload, &self.stranger.encoding, Algorithm::EdDSA)
        };
        let kid = self.stored.kid.as_str();
        let long = "k".repeat(64 << 10);
        for (unknown, reason) in [
            (json!(self.stranger.kid), "UnknownKey"),
            (json!(""), "UnknownKey"),
            (json!("../../../../../../dev/null"), "UnknownKey"),
            (json!("/dev/null"), "UnknownKey"),
            (json!("..\\..\\windows\\win.ini"), "UnknownKey"),
            (json!("x' OR '1'='1"), "UnknownKey"),
            (json!("x'; DROP TABLE signing_keys; --"), "UnknownKey"),
            (json!("x' UNION SELECT 'AAAA' -- "), "UnknownKey"),
            (json!("$(reboot)|`reboot`"), "UnknownKey"),
            (json!("\u{0}"), "UnknownKey"),
            (json!(format!("{kid}\u{0}")), "UnknownKey"),
            (json!(format!("{kid} ")), "UnknownKey"),
            (json!(kid.to_uppercase()), "UnknownKey"),
            (json!(&kid[..kid.len() - 1]), "UnknownKey"),
            (json!(long), "UnknownKey"),
            (json!(0), "NotAToken"),
            (json!(true), "NotAToken"),
            (json!([kid]), "NotAToken"),
            (json!({"kid": kid}), "NotAToken"),
            (json!(null), "NoKeyNamed"),
        ] {
            let said: String = unknown.to_string().chars().take(40).collect();
            all.push(forgery(format!("kid {said}"), theirs(self.head_with("kid", unknown.clone())), reason));
            all.push(forgery(format!("kid {said}, our signature"), self.headed(&self.head_with("kid", unknown)), reason));
        }
        let mut no_kid = self.head.clone();
        no_kid.as_object_mut().unwrap().remove("kid");
        all.push(forgery("no kid", self.headed(&no_kid), "NoKeyNamed"));

        let web = |path: &str| json!(format!("http://{listener}/{path}"));
        for (name, value, reason) in [
            ("jwk", self.stranger.jwk.clone(), "ForeignHeader"),
            ("jwk", self.key.jwk.clone(), "ForeignHeader"),
            ("jku", web("jwks.json"), "ForeignHeader"),
            ("jku", json!("file:///etc/passwd"), "ForeignHeader"),
            ("x5u", web("chain.pem"), "ForeignHeader"),
            ("x5c", json!(["MIIB"]), "ForeignHeader"),
            ("x5t", json!("AAAA"), "ForeignHeader"),
            ("x5t#S256", json!("AAAA"), "ForeignHeader"),
            ("b64", json!(false), "ForeignHeader"),
            ("b64", json!(true), "ForeignHeader"),
            ("cty", json!("JWT"), "ForeignHeader"),
            ("zip", json!("DEF"), "ForeignHeader"),
            ("enc", json!("A256GCM"), "ForeignHeader"),
            ("epk", json!({"kty": "OKP"}), "ForeignHeader"),
            ("__proto__", json!({"alg": "none"}), "ForeignHeader"),
            ("Alg", json!("none"), "ForeignHeader"),
            ("crit", json!(["exp"]), "UnknownExtension"),
            ("crit", json!(["b64"]), "UnknownExtension"),
            ("crit", json!(["alg"]), "UnknownExtension"),
            ("crit", json!(["http://example.com/unheard-of"]), "UnknownExtension"),
            ("crit", json!([]), "UnknownExtension"),
            ("crit", json!(null), "UnknownExtension"),
            ("crit", json!("exp"), "NotAToken"),
            ("crit", json!([1]), "NotAToken"),
            ("crit", json!({"exp": true}), "NotAToken"),
        ] {
            let said: String = value.to_string().chars().take(40).collect();
            let head = self.head_with(name, value);
            all.push(forgery(format!("{name} {said}"), self.headed(&head), reason));
            let mut head = head;
            head["kid"] = json!(self.stranger.kid);
            all.push(forgery(format!("{name} {said}, a stranger's signature"), theirs(head), reason));
        }
        let both = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid, "b64": false, "crit": ["b64"]});
        all.push(forgery("b64 false, and crit", self.headed(&both), "UnknownExtension"));
        for typ in ["JWT", "jwt", "none", "JOSE", "JOSE+JSON", "dpop+jwt", "id_token+jwt", "logout+jwt", "at+jwt ", "at", ""] {
            all.push(forgery(format!("typ {typ:?}"), self.headed(&self.head_with("typ", json!(typ))), "WrongType"));
        }
        all.push(forgery("typ null", self.headed(&self.head_with("typ", json!(null))), "WrongType"));
        all.push(forgery("typ a list", self.headed(&self.head_with("typ", json!(["at+jwt"]))), "NotAToken"));
        let mut no_typ = self.head.clone();
        no_typ.as_object_mut().unwrap().remove("typ");
        all.push(forgery("no typ", self.headed(&no_typ), "WrongType"));
        all
    }
}

/// The same bytes in base64, with other bits in the last letter that say nothing.
pub fn bump(segment: &str, by: usize) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, letter) = segment.split_at(segment.len() - 1);
    let at = LETTERS.find(letter).unwrap();
    format!("{rest}{}", &LETTERS[at + by..at + by + 1])
}
