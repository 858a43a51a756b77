//! Who is let in at this moment. What a token says never changes and is remembered; whether its tenant, its client, its key and it
//! itself are still good is asked here, at every request, of what the database said last.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use secrecy::SecretString;

use crate::auth::claims::{Claims, LEEWAY};
use crate::auth::keys::{SigningKey, open_key};
use crate::auth::rules::{Principal, Scopes};
use crate::auth::store::AccessState;
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::quotas::EachQuota;

/// How old what the database said may be for those who ask for more than this process has in memory. Processes look every two
/// seconds; whoever cannot know that a client was disabled does not let it in.
pub const LONGEST_UNHEARD: Duration = Duration::from_secs(30);

/// Why somebody is not let in. For logs and for `waymark token --check`; a caller is never told which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotAToken,
    WrongType,
    UnknownExtension,
    ForeignHeader,
    NoKeyNamed,
    UnknownKey,
    KeyRetired,
    Signature,
    /// The claim, and what is wrong with it.
    Claim(String, &'static str),
    Expired,
    ClientDisabled,
    TenantSuspended,
    LearnerDeactivated,
    Revoked,
    /// A personal token that is not kept here.
    NotKept,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Refusal::NotAToken => "it is not a JWT of three parts, of which the first two are JSON objects with every name once",
            Refusal::WrongType => "its header has not typ at+jwt (RFC 9068, section 4)",
            Refusal::UnknownExtension => "its header has crit, and no extension is known here (RFC 7515, section 4.1.11)",
            Refusal::ForeignHeader => "its header says more than alg, typ and kid, which no token of this service does",
            Refusal::NoKeyNamed => "its header names no key",
            Refusal::UnknownKey => "its header names a key that is not ours",
            Refusal::KeyRetired => "the key that signed it is no longer in use",
            Refusal::Signature => "its signature does not hold",
            Refusal::Claim(claim, why) => return write!(f, "its claim {claim} does not hold: {why}"),
            Refusal::Expired => "it has expired (its claim exp)",
            Refusal::ClientDisabled => "its client was disabled (its claim client_id)",
            Refusal::TenantSuspended => "its tenant is suspended (its claim tenant)",
            Refusal::LearnerDeactivated => "its learner is deactivated (its claim sub)",
            Refusal::Revoked => "it was revoked",
            Refusal::NotKept => "it is a personal token that was not made here, or was taken back",
        };
        f.write_str(text)
    }
}

/// The origins that clients named, of each and of all.
#[derive(Debug, Default)]
pub struct ClientOrigins {
    of_client: HashMap<(Id, Id), HashSet<String>>,
    of_all: HashSet<String>,
}

impl ClientOrigins {
    fn of(rows: Vec<(Id, Id, Vec<String>)>) -> ClientOrigins {
        let of_all = rows.iter().flat_map(|(.., origins)| origins.iter().cloned()).collect();
        let of_client = rows.into_iter().map(|(tenant, client, origins)| ((tenant, client), origins.into_iter().collect()));
        ClientOrigins { of_client: of_client.collect(), of_all }
    }

    pub fn is_empty(&self) -> bool {
        self.of_all.is_empty()
    }

    /// Whether a page of this origin may read what is answered to this client; of all clients where nobody is known.
    pub fn allow(&self, client: Option<(Id, Id)>, origin: &str) -> bool {
        match client {
            None => self.of_all.contains(origin),
            Some(client) => self.of_client.get(&client).is_some_and(|origins| origins.contains(origin)),
        }
    }
}

/// What the database said last.
#[derive(Default)]
pub struct Gates {
    /// Published keys, in any order.
    pub keys: Vec<Arc<SigningKey>>,
    pub disabled: HashSet<(Id, Id)>,
    pub suspended: HashSet<Id>,
    /// The scopes of clients that lost one while tokens may be about that have it.
    pub narrowed: HashMap<(Id, Id), Scopes>,
    /// Whose pages may read answers.
    pub origins: ClientOrigins,
    /// Learners who are deactivated while tokens of before may be about.
    pub inactive: HashSet<(Id, Id)>,
    /// Learners who were merged while tokens of before may be about, and into whom.
    pub merged: HashMap<(Id, Id), Id>,
    /// What is set for tenants for which the defaults do not hold.
    pub quotas: HashMap<Id, EachQuota<Option<i64>>>,
    /// The tenant whose administrators manage the installation.
    pub home: Option<Id>,
}

impl Gates {
    /// What the database says, with its keys opened.
    pub fn of(access: AccessState, secret: Option<&SecretString>) -> Result<Gates, Problem> {
        let open = |key| open_key(key, secret).map(Arc::new);
        let keys = access.keys.iter().map(open).collect::<Result<_, _>>()?;
        let AccessState { keys: _, disabled, suspended, narrowed, origins, inactive, merged, quotas, home } = access;
        let origins = ClientOrigins::of(origins);
        Ok(Gates { keys, disabled, suspended, narrowed, origins, inactive, merged, quotas, home })
    }

    /// Whom a token of this principal speaks for now, and the learner that it names where that is another one.
    pub fn speaks_for(&self, tenant: Id, principal: Principal) -> (Principal, Option<Id>) {
        match principal {
            Principal::Learner(id) if !self.merged.is_empty() => match self.merged.get(&(tenant, id)) {
                Some(now) => (Principal::Learner(*now), Some(id)),
                None => (principal, None),
            },
            _ => (principal, None),
        }
    }

    fn is_inactive(&self, claims: &Claims) -> bool {
        !self.inactive.is_empty()
            && match self.speaks_for(claims.tenant, claims.principal).0 {
                Principal::Learner(learner) => self.inactive.contains(&(claims.tenant, learner)),
                _ => false,
            }
    }

    /// The key that signs now: of those whose time has come, the one whose time came last.
    pub fn signing(&self, now: Time) -> Option<&Arc<SigningKey>> {
        self.keys.iter().filter(|key| key.signs_from <= now && key.verifies(now)).max_by_key(|key| key.signs_from)
    }

    pub fn key(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// What a token may be used for now: of its scopes those that its client still has.
    pub fn scopes_now(&self, claims: &Claims) -> Scopes {
        match self.narrowed.get(&(claims.tenant, claims.client)) {
            Some(left) => claims.scopes.both(*left),
            None => claims.scopes,
        }
    }

    /// Whether a token that was verified once is good now.
    pub fn admit(&self, claims: &Claims, now: Time) -> Result<(), Refusal> {
        // A personal token is signed by none.
        if let Some(kid) = &claims.kid {
            let key = self.key(kid).ok_or(Refusal::UnknownKey)?;
            if !key.verifies(now) {
                return Err(Refusal::KeyRetired);
            }
        }
        let seconds = now.utc().timestamp();
        if claims.expires.saturating_add(LEEWAY) <= seconds {
            Err(Refusal::Expired)
        } else if self.suspended.contains(&claims.tenant) {
            Err(Refusal::TenantSuspended)
        } else if self.disabled.contains(&(claims.tenant, claims.client)) {
            Err(Refusal::ClientDisabled)
        } else if self.is_inactive(claims) {
            Err(Refusal::LearnerDeactivated)
        } else {
            Ok(())
        }
    }
}

/// The ids of tokens that were taken back, until they would have expired.
#[derive(Default)]
pub struct Revocations(RwLock<RevokedTokens>);

#[derive(Default)]
struct RevokedTokens {
    /// Until when each would have been good, in seconds since 1970.
    expires: HashMap<Id, i64>,
    /// How many were left when those that had expired were last taken out.
    left: usize,
}

impl Revocations {
    /// Adds to what is known, and now and then forgets what has expired meanwhile.
    pub fn add(&self, more: impl IntoIterator<Item = (Id, Time)>, now: Time) {
        const FEW: usize = 1024;
        let mut revoked = self.0.write();
        revoked.expires.extend(more.into_iter().map(|(jti, expires)| (jti, expires.utc().timestamp())));
        if revoked.expires.len() > FEW + 2 * revoked.left {
            let gone = now.utc().timestamp().saturating_sub(LEEWAY);
            revoked.expires.retain(|_, expires| *expires > gone);
            revoked.left = revoked.expires.len();
        }
    }

    pub fn has(&self, jti: Id) -> bool {
        let revoked = self.0.read();
        !revoked.expires.is_empty() && revoked.expires.contains_key(&jti)
    }
}

/// When the database was last heard.
pub struct LastHeard(RwLock<Instant>);

impl Default for LastHeard {
    fn default() -> LastHeard {
        LastHeard(RwLock::new(Instant::now()))
    }
}

impl LastHeard {
    pub fn now(&self) {
        *self.0.write() = Instant::now();
    }

    /// As if it had been heard so long ago.
    pub fn ago(&self, age: Duration) {
        if let Some(then) = Instant::now().checked_sub(age) {
            *self.0.write() = then;
        }
    }

    pub fn age(&self) -> Duration {
        self.0.read().elapsed()
    }

    pub fn too_long_ago(&self) -> bool {
        self.age() > LONGEST_UNHEARD
    }
}
