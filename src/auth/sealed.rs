//! Long-lived tokens of ours that are no JWTs: an id, a secret, and a seal that only this installation can make, so that what somebody
//! made up never reaches the database. Only their digests are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::db::types::Id;
use crate::error::Problem;

pub const SECRET_BYTES: usize = 32;
const ID_BYTES: usize = 16;
const SEAL_BYTES: usize = 16;

/// A kind of such tokens, by what each begins with; people and programs that look for lost secrets know it by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedKind(pub &'static str);

/// `Authorization: Bearer wm_pat_...`, for dashboards and scripts.
pub const PERSONAL: SealedKind = SealedKind("wm_pat_");
/// What a phone gets a new access token with.
pub const REFRESH: SealedKind = SealedKind("wm_rt_");

impl SealedKind {
    /// The token of this id and secret.
    pub fn token(self, id: Id, secret: &[u8; SECRET_BYTES], key: &[u8]) -> Result<String, Problem> {
        let sealed = [id.0.as_bytes().as_slice(), secret].concat();
        let seal = self.seal(&sealed, key)?;
        Ok(format!("{}{}", self.0, URL_SAFE_NO_PAD.encode([sealed.as_slice(), &seal].concat())))
    }

    /// The id in a token that was made here; none where it was not.
    pub fn id(self, token: &str, key: &[u8]) -> Option<Id> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(self.0)?).ok()?;
        let (sealed, found) = bytes.split_at_checked(ID_BYTES + SECRET_BYTES)?;
        let expected = self.seal(sealed, key).ok()?;
        aws_lc_rs::constant_time::verify_slices_are_equal(found, &expected).ok()?;
        uuid::Uuid::from_slice(sealed.get(..ID_BYTES)?).ok().map(Id)
    }

    /// The secret of the token that follows this one: the same whenever it is asked for, and nobody else can tell it.
    pub fn next_secret(self, token: &str, key: &[u8]) -> Result<[u8; SECRET_BYTES], Problem> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Problem::internal)?;
        for part in [b"next\0".as_slice(), self.0.as_bytes(), b"\0", token.as_bytes()] {
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().into())
    }

    fn seal(self, sealed: &[u8], key: &[u8]) -> Result<Vec<u8>, Problem> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Problem::internal)?;
        for part in [b"seal\0".as_slice(), self.0.as_bytes(), b"\0", sealed] {
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().into_iter().take(SEAL_BYTES).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn only_what_was_made_here_is_read() {
        let clock = Clock::system();
        let (id, key) = (clock.id(), [7_u8; 32]);
        let token = PERSONAL.token(id, &clock.secret(), &key).unwrap();
        assert_eq!(PERSONAL.id(&token, &key), Some(id));
        assert_eq!(PERSONAL.id(&token, &[8; 32]), None);
        let body = token.strip_prefix(PERSONAL.0).unwrap();
        assert_eq!(REFRESH.id(&format!("{}{body}", REFRESH.0), &key), None, "one kind is not another");
        for at in 0..body.len() {
            let mut changed = body.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = format!("{}{}", PERSONAL.0, String::from_utf8(changed).unwrap());
            assert_eq!(PERSONAL.id(&changed, &key), None, "{at}");
        }
        for wrong in ["", PERSONAL.0, body, "wm_pat_AAAA", &format!("{token}AAAA"), &token[..token.len() - 4]] {
            assert_eq!(PERSONAL.id(wrong, &key), None, "{wrong}");
        }
    }

    #[test]
    fn the_next_secret_follows_from_the_token_and_the_key() {
        let next = |token: &str, key: u8| REFRESH.next_secret(token, &[key; 32]).unwrap();
        assert_eq!(next("a", 1), next("a", 1));
        assert_ne!(next("a", 1), next("b", 1));
        assert_ne!(next("a", 1), next("a", 2));
    }
}
