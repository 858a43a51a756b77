//! From one signing key to the next, without a request that is refused meanwhile: a new key is published before it signs, and an old
//! one verifies until the last token that it signed has expired.

use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::claims::{LEEWAY, LONGEST_TTL};
use crate::auth::keys::{self, KeyAlgorithm, KeyState, StoredKey};
use crate::auth::store;
use crate::clock::Clock;
use crate::db::types::Time;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};

/// How long a key is published before it signs, in seconds: longer than anybody keeps a copy of `/.well-known/jwks.json`
/// (300 s), and than processes take to read it (5 s).
pub const PUBLISHED_BEFORE: i64 = 600;

/// How many keys may wait, sign or verify at a time.
const MOST_KEYS: usize = 10;

/// A signing key without its private part.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyShown {
    /// The thumbprint of its public part (RFC 7638).
    pub kid: String,
    pub algorithm: KeyAlgorithm,
    pub state: KeyState,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// From when it signs.
    #[schema(value_type = String, format = "date-time")]
    pub signs_from: Time,
    /// When the last token that it signed has expired; null while no other key is to follow it.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub verifies_until: Option<Time>,
}

/// All keys that are stored, the newest first.
pub fn list(conn: &mut Conn, now: Time) -> Stored<Vec<KeyShown>> {
    let stored = store::active_keys(conn)?;
    let states = keys::states(&stored, now);
    let shown = |(key, state): (StoredKey, KeyState)| KeyShown {
        kid: key.kid,
        algorithm: key.algorithm,
        state,
        created_at: key.created_at,
        signs_from: key.signs_from.unwrap_or(key.created_at),
        verifies_until: key.verifies_until,
    };
    Ok(stored.into_iter().zip(states).map(shown).collect())
}

/// Makes the next key. It signs after [`PUBLISHED_BEFORE`]; where a key became known to others, at once.
pub fn next_key(
    algorithm: KeyAlgorithm,
    compromised: bool,
    secret: Option<&SecretString>,
    clock: &Clock,
) -> Result<StoredKey, Problem> {
    let now = clock.now();
    let signs_from = if compromised { now } else { now.plus_seconds(PUBLISHED_BEFORE) };
    keys::generate(algorithm, secret, clock, Some(signs_from))
}

/// Publishes the next key and ends those before; where one became known to others, at once, and no token of theirs is good any more.
pub fn rotate(conn: &mut Conn, next: &StoredKey, compromised: bool, now: Time) -> Stored<()> {
    let signs_from = next.signs_from.unwrap_or(now);
    let last = if compromised { now } else { signs_from.plus_seconds(LONGEST_TTL + 2 * LEEWAY) };
    let stored = store::active_keys(conn)?;
    let states = keys::states(&stored, now);
    let mut kept = 0;
    for (key, state) in stored.iter().zip(states) {
        if state == KeyState::Retired {
            store::remove_key(conn, &key.kid)?;
            continue;
        }
        kept += 1;
        if compromised || key.verifies_until.is_none() {
            store::end_key(conn, &key.kid, last)?;
        }
    }
    if kept >= MOST_KEYS && !compromised {
        let detail = format!(
            "There are {kept} keys of which tokens are still good. Wait until one has retired, or say that one became known to others."
        );
        return Err(Problem::new(Code::IllegalState, detail).with("state", "many_keys"));
    }
    store::insert_key(conn, next)
}
