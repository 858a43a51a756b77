//! The keys of identity providers: found by discovery (OpenID Connect Discovery, section 4), kept for a while, read again when a token
//! names one that is not known, but not more often than once a minute.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::auth::public_keys::signing_key_of;
use crate::db::types::{Id, Time};
use crate::issuers::rules::ForeignToken;
use crate::issuers::store::IssuerRow;
use crate::outbound::{GuardedClient, OutboundFault};

/// How long keys are good without being read again, in seconds.
const LIFETIME: i64 = 3600;
/// How long they are used when they cannot be read again.
const LONGEST: i64 = 24 * 3600;
/// How often they are read at most.
const PAUSE: i64 = 60;
/// How many issuers' keys are held.
const MOST: usize = 1000;
/// How many keys of one issuer are looked at.
const MOST_KEYS: usize = 100;

/// The keys of every issuer that was asked.
pub struct IssuerKeys {
    client: GuardedClient,
    held: parking_lot::Mutex<HeldKeys>,
}

/// By tenant and registration; each is read by one at a time.
type HeldKeys = HashMap<(Id, Id), Arc<Mutex<Held>>>;

#[derive(Default)]
struct Held {
    /// Of the registration that they were read for.
    revision: i64,
    keys: Vec<Jwk>,
    read_at: Option<Time>,
    tried_at: Option<Time>,
}

/// What discovery says that is needed here.
#[derive(Deserialize)]
struct ProviderMetadata {
    issuer: String,
    jwks_uri: String,
}

impl IssuerKeys {
    pub fn new(client: GuardedClient) -> IssuerKeys {
        IssuerKeys { client, held: parking_lot::Mutex::default() }
    }

    /// The key that signed a token, by the name that it gives; without a name the only one that fits. None where there is no such key.
    pub async fn key(&self, row: &IssuerRow, token: &ForeignToken, now: Time) -> Result<Option<Jwk>, OutboundFault> {
        // Those who ask for one issuer's keys wait for one reading.
        let entry = self.entry(row);
        let mut held = entry.lock().await;
        if held.revision != row.revision {
            // Another issuer now, perhaps; how often it is asked stays bounded.
            *held =
                Held { revision: row.revision, tried_at: held.tried_at.filter(|_| held.read_at.is_none()), ..Held::default() };
        }
        let since = |then: Option<Time>| then.map(|then| now.millis_since(then) / 1000);
        let fresh = since(held.read_at).is_some_and(|age| age < LIFETIME);
        let found = signing_key_of(&held.keys, &token.header).cloned();
        if fresh && found.is_some() {
            return Ok(found);
        }
        let may_try = since(held.tried_at).is_none_or(|age| age >= PAUSE);
        if may_try {
            held.tried_at = Some(now);
            match self.read(row).await {
                Ok(keys) => (held.keys, held.read_at) = (keys, Some(now)),
                Err(fault) if since(held.read_at).is_none_or(|age| age >= LONGEST) => {
                    held.keys.clear();
                    return Err(fault);
                }
                Err(fault) => tracing::warn!(%fault, "an issuer's keys could not be read again; those of before are used"),
            }
        } else if since(held.read_at).is_none_or(|age| age >= LONGEST) {
            return Err(OutboundFault(format!("{}: its keys could not be read a moment ago", row.issuer)));
        }
        Ok(signing_key_of(&held.keys, &token.header).cloned())
    }

    fn entry(&self, row: &IssuerRow) -> Arc<Mutex<Held>> {
        let mut held = self.held.lock();
        if held.len() >= MOST {
            held.clear();
        }
        held.entry((row.tenant_id, row.id)).or_default().clone()
    }

    async fn read(&self, row: &IssuerRow) -> Result<Vec<Jwk>, OutboundFault> {
        let at = format!("{}/.well-known/openid-configuration", row.issuer.trim_end_matches('/'));
        let said: ProviderMetadata = self.client.get_json(&at).await?;
        // OpenID Connect Discovery, section 4.3: it must be the very same.
        if said.issuer != row.issuer {
            return Err(OutboundFault(format!("{at}: says that it is {}", said.issuer)));
        }
        if self.client.is_exception(&said.jwks_uri) && !self.client.is_exception(&at) {
            return Err(OutboundFault(format!("{at}: its keys are said to be at a place within, and it is not")));
        }
        let set: Value = self.client.get_json(&said.jwks_uri).await?;
        let keys = set.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
        // A key of a kind that is not known here is no reason to have none.
        Ok(keys.into_iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key).ok()).collect())
    }
}
