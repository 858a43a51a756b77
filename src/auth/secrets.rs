//! Clients' secrets: how one is made, and which are good.

use sha2::{Digest, Sha256};

use crate::auth::store::Client;
use crate::clock::Clock;
use crate::db::types::Time;

/// A client's secret (256 random bits) and its SHA-256, which alone is stored.
pub fn new_secret(clock: &Clock) -> (String, Vec<u8>) {
    let secret = format!("wms_{}", hex::encode(clock.secret::<32>()));
    let digest = Sha256::digest(secret.as_bytes()).to_vec();
    (secret, digest)
}

/// Whether this is the client's secret, or the one before it while that is good. Digests are compared, so that the time taken tells
/// nothing about a secret; a client without one has an empty digest, which nothing matches.
pub fn secret_is_good(client: &Client, secret: &str, now: Time) -> bool {
    let digest = Sha256::digest(secret.as_bytes());
    let is_same =
        |stored: &[u8]| !stored.is_empty() && aws_lc_rs::constant_time::verify_slices_are_equal(&digest, stored).is_ok();
    let previous = client.previous_secret_sha256.as_deref().zip(client.previous_secret_until);
    let previous = previous.is_some_and(|(stored, until)| now < until && is_same(stored));
    is_same(&client.secret_sha256) || previous
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::rules::Scopes;
    use crate::db::types::Id;

    #[test]
    fn two_secrets_are_good_for_a_while_and_an_empty_digest_is_none() {
        let digest = |text: &str| Sha256::digest(text.as_bytes()).to_vec();
        let (now, until) = (Time(1_000_000), Time(2_000_000));
        let of = |present: Vec<u8>, previous: Option<Vec<u8>>| Client {
            previous_secret_until: previous.as_ref().map(|_| until),
            previous_secret_sha256: previous,
            ..Client::made_now((Id::NIL, Id::NIL), "a test", present, Scopes::all(), now)
        };
        let both = of(digest("new"), Some(digest("old")));
        for (client, secret, at, good) in [
            (&both, "new", now, true),
            (&both, "old", now, true),
            (&both, "old", Time(until.0 - 1), true),
            (&both, "old", until, false),
            (&both, "new", until, true),
            (&both, "other", now, false),
            (&both, "", now, false),
            (&of(digest("new"), None), "old", now, false),
            (&of(Vec::new(), None), "", now, false),
            (&of(Vec::new(), Some(Vec::new())), "", now, false),
            (&of(Vec::new(), Some(digest("old"))), "old", now, true),
        ] {
            assert_eq!(secret_is_good(client, secret, at), good, "{secret} at {at:?}");
        }
    }
}
