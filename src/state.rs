//! The state that handlers share. It knows no slice's handlers: those know it, and `routes.rs` knows them.

use std::sync::Arc;

use actix_web::http::Method;

use crate::audit::memory::AuditMemory;
use crate::auth::{Auth, renewal};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::Id;
use crate::diagnosis::Engine;
use crate::diagnosis::signals::memory::Signals;
use crate::issuers::keys::IssuerKeys;
use crate::lessons::Catalogue;
use crate::lessons::memory::Catalogues;
use crate::rates::RateLimits;
use crate::web::encoded::Encoded;

/// What every handler can reach.
pub struct AppState {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub auth: Arc<Auth>,
    /// How much every caller may ask, as this process counts it.
    pub rates: Arc<RateLimits>,
    /// Keys digests that must not be guessable; from the database, so that all processes share it.
    pub digest_key: Vec<u8>,
    pub document: ContractDocument,
    /// Tells which layer refused, with the built-in signals.
    pub engine: Arc<Engine>,
    /// The signals as they are shown, and what tenants add to the engine's.
    pub signals: Signals,
    /// The keys of identity providers.
    pub issuer_keys: IssuerKeys,
    /// The curriculum: what everybody reads, and every tenant's own.
    pub catalogues: Catalogues,
    /// What was noted a moment ago, and what waits to be noted.
    pub audit: AuditMemory,
}

/// The contract document, and the methods of every path, for 405.
pub struct ContractDocument {
    pub page: Encoded,
    pub paths: Vec<(actix_web::dev::ResourceDef, Vec<Method>)>,
}

impl AppState {
    #[allow(clippy::too_many_arguments, reason = "one place makes it, from all that it holds")]
    pub fn new(
        config: Config,
        db: Db,
        clock: Clock,
        auth: Arc<Auth>,
        digest_key: Vec<u8>,
        catalogues: Catalogues,
        engine: Arc<Engine>,
        document: ContractDocument,
        issuer_keys: IssuerKeys,
    ) -> AppState {
        let signals = Signals::new(engine.clone());
        let rates = Arc::new(RateLimits::new(&config.rates));
        let audit = AuditMemory::default();
        AppState { config, db, clock, auth, rates, digest_key, document, engine, signals, issuer_keys, catalogues, audit }
    }

    /// Makes a change to clients, tenants, keys or learners that is committed hold in this process at once. Others see it within
    /// 5 seconds, and so does this one if the reading fails.
    pub async fn renew_access(&self) {
        if let Err(problem) = renewal::renew_gates(&self.auth, &self.db, self.config.key_secret.as_ref()).await {
            tracing::warn!(%problem, "cannot read clients, tenants, keys and learners again");
        }
    }

    /// The curriculum as it is published now, as far as this tenant sees it.
    pub fn catalogue(&self, tenant: Id) -> Arc<Catalogue> {
        self.catalogues.of(tenant)
    }
}
