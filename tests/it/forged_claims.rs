//! Tokens with a signature of ours that holds, which say what none of ours says, or say it in another way.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use crate::forgeries::{Forger, Forgery, bump, forgery, sealed, text64};

impl Forger {
    /// What it says.
    pub fn claims(&self) -> Vec<Forgery> {
        let mut all = Vec::new();
        let mut add = |what: String, token: String, reason| all.push(forgery(what, token, reason));
        for (name, reason) in [
            ("iss", "Claim(\"iss\"|Signature"),
            ("aud", "Claim(\"aud\"|Signature"),
            ("exp", "Claim(\"exp\"|Signature"),
            ("iat", "Claim(\"iat\"|Signature"),
            ("nbf", "Claim(\"nbf\"|Signature"),
            ("sub", "Claim(\"sub\"|Signature"),
            ("client_id", "Claim(\"client_id\"|Signature"),
            ("jti", "Claim(\"jti\"|Signature"),
            ("scope", "Claim(\"scope\"|Signature"),
            ("tenant", "Claim(\"tenant\"|Signature"),
            ("principal_type", "Claim(\"principal_type\"|Signature"),
        ] {
            add(format!("no {name}"), self.without(name), reason);
            let own = self.claims[name].clone();
            let as_text = if own.is_string() { json!(1_795_000_000) } else { json!(own.to_string()) };
            for wrong in [json!(null), json!(true), json!({"a": own}), json!([]), json!([own, own]), as_text] {
                add(format!("{name} {wrong}"), self.claim(name, wrong), reason);
            }
        }
        let now = self.now;
        let exp = "Claim(\"exp\"|Expired";
        for (value, reason) in [
            (json!(now - 30), "Expired"),
            (json!(now - 86_400), "Expired"),
            (json!(0), "Expired"),
            (json!(-1), exp),
            (json!(i64::MIN), exp),
            (json!(i64::MAX), exp),
            (json!(now + 86_400 + 1), exp),
            (json!(now * 1000), exp),
            (json!(9_223_372_036_854_775_808_u64), exp),
            (json!(u64::MAX), exp),
            (json!(1e300), exp),
            (json!(-1e300), exp),
            (json!(now as f64 + 0.5), exp),
            (json!("tomorrow"), exp),
            (json!(""), exp),
        ] {
            add(format!("exp {value}"), self.claim("exp", value), reason);
        }
        let digits =
            self.claims.to_string().replace(&format!("\"exp\":{}", self.claims["exp"]), "\"exp\":99999999999999999999999");
        add("exp of 23 digits".to_owned(), self.signed(self.head.to_string(), digits), exp);
        add("nbf to come".to_owned(), self.claim("nbf", json!(now + 31)), "Claim(\"nbf\"");
        add("nbf of long after".to_owned(), self.claim("nbf", json!(i64::MAX)), "Claim(\"nbf\"");
        add("iat to come".to_owned(), self.claim("iat", json!(now + 31)), "Claim(\"iat\"");
        add("iat of 1970".to_owned(), self.claim("iat", json!(0)), "Claim(\"exp\"");

        let ours = self.claims["iss"].as_str().unwrap().to_owned();
        let almost = [
            "https://elsewhere.example".to_owned(),
            String::new(),
            format!("{ours}/"),
            format!("{ours}.evil.example"),
            format!("{ours} "),
            format!(" {ours}"),
            format!("{ours}\u{0}"),
            format!("{ours}#"),
            format!("{ours},https://elsewhere.example"),
            ours[..ours.len() - 1].to_owned(),
            ours.to_uppercase(),
            ours.replacen("http://", "https://", 1),
            ours.replacen("http://", "//", 1),
            "*".to_owned(),
        ];
        for name in ["iss", "aud"] {
            let reason = if name == "iss" { "Claim(\"iss\"" } else { "Claim(\"aud\"" };
            for other in &almost {
                add(format!("{name} {other:?}"), self.claim(name, json!(other)), reason);
            }
            // RFC 9068, section 4, would let a list pass that has ours among others. No token of ours has a list.
            add(format!("{name} a list with ours"), self.claim(name, json!([ours])), reason);
            add(format!("{name} a list with others"), self.claim(name, json!(["https://elsewhere.example", ours])), reason);
            add(format!("{name} a list of others"), self.claim(name, json!(["https://elsewhere.example"])), reason);
        }
        for scope in ["everything", "*", "lessons:*", "lessons:read everything", "LESSONS:READ", "lessons:read,records:read"] {
            add(format!("scope {scope}"), self.claim("scope", json!(scope)), "Claim(\"scope\"");
        }
        for name in ["sub", "client_id", "jti", "tenant"] {
            let reason = match name {
                "sub" => "Claim(\"sub\"",
                "client_id" => "Claim(\"client_id\"",
                "jti" => "Claim(\"jti\"",
                _ => "Claim(\"tenant\"",
            };
            for id in ["", "admin", "' OR 1=1 --", "../x", "\u{0}"] {
                add(format!("{name} {id:?}"), self.claim(name, json!(id)), reason);
            }
        }
        for kind in ["god", "", "Client", "client ", "tenant", "learner"] {
            add(
                format!("principal_type {kind:?} on a client's id"),
                self.claim("principal_type", json!(kind)),
                "Claim(\"principal_type\"",
            );
        }
        let other = self.claim("sub", json!(uuid::Uuid::new_v4()));
        add("a client that speaks for another".to_owned(), other, "Claim(\"principal_type\"");
        let id_token = json!({"iss": ours, "sub": self.claims["sub"], "aud": self.claims["client_id"], "exp": now + 600, "iat": now,
            "auth_time": now, "nonce": "n", "at_hash": "AAAA", "email": "ada@example.org"});
        let jwt = self.head_with("typ", json!("JWT"));
        add("an ID token".to_owned(), self.signed(jwt.to_string(), id_token.to_string()), "WrongType");
        add("an ID token that says at+jwt".to_owned(), self.saying(&id_token), "Claim");
        all
    }

    /// How it is written.
    pub fn shapes(&self) -> Vec<Forgery> {
        let [head, payload, signature] = self.parts();
        let (head_text, claims_text) = (self.head.to_string(), self.claims.to_string());
        let good = self.good.as_str();
        let mut all = Vec::new();
        let mut add = |what: &str, token: String, reason| all.push(forgery(what, token, reason));
        let body = "NotAToken|Signature";
        // A name twice: whichever of the two a reader takes.
        let more = |text: &str, first: &str| format!("{{{first},{}", &text[1..]);
        let last = |text: &str, last: &str| format!("{},{last}}}", &text[..text.len() - 1]);
        for member in [
            r#""alg":"none""#,
            r#""alg":"EdDSA""#,
            r#""\u0061lg":"none""#,
            r#""kid":"k""#,
            r#""typ":"JWT""#,
            r#""x":{"a":1,"a":2}"#,
        ] {
            add(&format!("header: first {member}"), self.signed(more(&head_text, member), &claims_text), "NotAToken");
            add(&format!("header: last {member}"), self.signed(last(&head_text, member), &claims_text), "NotAToken");
        }
        for member in [
            r#""scope":"clients:admin""#,
            r#""sc\u006fpe":"clients:admin""#,
            r#""exp":99999999999"#,
            r#""tenant":"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10""#,
            r#""act":{"sub":"a","sub":"b"}"#,
        ] {
            add(
                &format!("claims: first {member}"),
                self.signed(&head_text, more(&claims_text, member)),
                "NotAToken|Signature|Claim",
            );
            add(
                &format!("claims: last {member}"),
                self.signed(&head_text, last(&claims_text, member)),
                "NotAToken|Signature|Claim",
            );
        }
        let wraps: [(&str, fn(&[u8]) -> Vec<u8>); 12] = [
            ("a byte order mark", |text| [b"\xef\xbb\xbf", text].concat()),
            ("UTF-16", |text| text.iter().flat_map(|byte| [*byte, 0]).collect()),
            ("something behind", |text| [text, b"x"].concat()),
            ("another object behind", |text| [text, b"{}"].concat()),
            ("NUL behind", |text| [text, b"\0"].concat()),
            ("a list", |text| [b"[", text, b"]"].concat()),
            ("null", |_| b"null".to_vec()),
            ("a text", |_| b"\"{}\"".to_vec()),
            ("nothing", |_| Vec::new()),
            ("cut off", |text| text[..text.len() - 1].to_vec()),
            ("no UTF-8", |text| [&text[..text.len() - 1], b",\"x\":\"\xff\xfe\"}"].concat()),
            ("10,000 deep", |text| [&text[..text.len() - 1], b",\"x\":", &[b'['; 10_000], &[b']'; 10_000], b"}"].concat()),
        ];
        for (what, wrap) in wraps {
            add(&format!("header: {what}"), self.signed(wrap(head_text.as_bytes()), &claims_text), "NotAToken");
            add(&format!("claims: {what}"), self.signed(&head_text, wrap(claims_text.as_bytes())), body);
        }
        // Base64url without padding, and no other alphabet (RFC 7515, section 2).
        let coloured = last(&claims_text, r#""x":"???>>>~~~""#);
        for (what, segment) in [
            ("the standard alphabet", STANDARD.encode(&coloured).replace('=', "")),
            ("padded", pad(&claims_text)),
            ("with a line feed", text64(&claims_text).replacen('e', "e\n", 1).replace('\n', "%0A")),
            ("with other unused bits", bump(&unaligned(&claims_text), 1)),
        ] {
            add(&format!("claims {what}"), sealed(&head, &segment, &self.key.encoding, self.key.algorithm), body);
        }
        add("a padded header", sealed(&pad(&head_text), &payload, &self.key.encoding, self.key.algorithm), "NotAToken");
        add("no base64", "%%%.%%%.%%%".to_owned(), "NotAToken");
        add("plain JSON", format!("{head_text}.{claims_text}.x"), "NotAToken");
        add("one part", head.clone(), "NotAToken");
        add("two parts", format!("{head}.{payload}"), "NotAToken");
        add("four parts", format!("{good}.x"), "NotAToken");
        add("four parts, the last empty", format!("{good}."), "NotAToken");
        add("four parts, the first empty", format!(".{good}"), "NotAToken");
        add("five parts", format!("{head}.{payload}.{signature}.{payload}.{signature}"), "NotAToken");
        let jwe = text64(json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt", "kid": self.stored.kid}).to_string());
        add("five parts, as JWE has them", format!("{jwe}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"), "NotAToken");
        add("four dots", "....".to_owned(), "NotAToken");
        add("two dots", "..".to_owned(), "NotAToken");
        add(
            "flat JSON serialisation",
            json!({"protected": head, "payload": payload, "signature": signature}).to_string(),
            "NotAToken",
        );
        let general = json!({"payload": payload, "signatures": [{"protected": head, "signature": signature}]});
        add("general JSON serialisation", general.to_string(), "NotAToken");
        add("white space inside", format!("{head} .{payload}.{signature}"), "NotAToken");
        add("white space in the payload", format!("{head}.{payload} .{signature}"), body);
        add("white space before the signature", format!("{head}.{payload}. {signature}"), body);
        add("Bearer twice", format!("Bearer {good}"), "NotAToken");
        add("two tokens", format!("{good} {good}"), "NotAToken");
        add("two tokens with a comma", format!("{good}, {good}"), "NotAToken");
        add("in quotes", format!("\"{good}\""), "NotAToken");
        add("64 KB of a", "a".repeat(64 << 10), "NotAToken");
        add("64 KB of dots", ".".repeat(64 << 10), "NotAToken");
        add("64 KB of claims", self.claim("scope", json!("x".repeat(48 << 10))), "Claim(\"scope\"");
        add("in letters beyond ASCII", format!("{good}\u{e9}"), "none");
        all
    }
}

/// In base64 with bits to spare.
fn unaligned(json: &str) -> String {
    let spare = (0..3).map(|n| format!("{json}{}", " ".repeat(n))).find(|text| text.len() % 3 == 1);
    text64(spare.unwrap())
}

/// In base64 with padding.
fn pad(json: &str) -> String {
    let spare = (0..3).map(|n| format!("{json}{}", " ".repeat(n))).find(|text| text.len() % 3 == 1);
    URL_SAFE.encode(spare.unwrap())
}
