//! Personal access tokens (`wm_pat_...`), for dashboards and scripts: long-lived, shown once, stored as a digest.
//!
//! Each ends in a digest that only this installation can make, so that what somebody made up never reaches the database.

pub mod store;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::Clock;
use crate::db::types::Id;
use crate::error::Problem;

/// What each begins with, so that people and programs that look for lost secrets know it.
pub const PREFIX: &str = "wm_pat_";

const SECRET: usize = 32;
const SEAL: usize = 16;

/// Makes the token of this id.
pub fn make_token(id: Id, key: &[u8], clock: &Clock) -> Result<String, Problem> {
    let secret = clock.secret::<SECRET>();
    let sealed = [id.0.as_bytes().as_slice(), &secret].concat();
    let seal = seal(&sealed, key)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([sealed.as_slice(), &seal].concat())))
}

/// The id in a token that was made here; none where it was not.
pub fn token_id(token: &str, key: &[u8]) -> Option<Id> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let (sealed, found) = bytes.split_at_checked(16 + SECRET)?;
    let expected = seal(sealed, key).ok()?;
    aws_lc_rs::constant_time::verify_slices_are_equal(found, &expected).ok()?;
    uuid::Uuid::from_slice(sealed.get(..16)?).ok().map(Id)
}

fn seal(sealed: &[u8], key: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Problem::internal)?;
    mac.update(b"personal token\0");
    mac.update(sealed);
    Ok(mac.finalize().into_bytes().into_iter().take(SEAL).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_here_is_read() {
        let clock = Clock::system();
        let (id, key) = (clock.id(), [7_u8; 32]);
        let token = make_token(id, &key, &clock).unwrap();
        assert_eq!(token_id(&token, &key), Some(id));
        assert_eq!(token_id(&token, &[8; 32]), None);
        let body = token.strip_prefix(PREFIX).unwrap();
        for at in 0..body.len() {
            let mut changed = body.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = format!("{PREFIX}{}", String::from_utf8(changed).unwrap());
            assert_eq!(token_id(&changed, &key), None, "{at}");
        }
        for wrong in ["", PREFIX, body, "wm_pat_AAAA", &format!("{token}AAAA"), &token[..token.len() - 4]] {
            assert_eq!(token_id(wrong, &key), None, "{wrong}");
        }
    }
}
