//! What a process holds of signals: the built-in ones as they are shown, and every tenant's own ones ready for matching.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use sha2::{Digest, Sha256};

use crate::db::types::Id;
use crate::diagnosis::Engine;
use crate::diagnosis::catalogue::SignalCatalogue;
use crate::diagnosis::format::{Examples, SignalsFile};
use crate::diagnosis::signals::rules::{self, Weight};
use crate::diagnosis::signals::store::SignalRow;
use crate::diagnosis::signals::wire::{Entry, SignalPut};

pub struct Signals {
    /// In the order of their ids, without their examples.
    pub built_in: Vec<Entry>,
    engine: Arc<Engine>,
    own: RwLock<HashMap<Id, OwnSignals>>,
}

/// What is known of one tenant's signals.
struct OwnSignals {
    /// The generation at which they were read. What was read later is never replaced by what was read before.
    generation: i64,
    digest: Vec<u8>,
    catalogue: Option<Arc<SignalCatalogue>>,
}

impl Signals {
    pub fn new(engine: Arc<Engine>) -> Signals {
        let mut built_in: Vec<Entry> = engine.catalogue.signals.iter().map(rules::built_in_entry).collect();
        built_in.sort_by(|a, b| a.id.cmp(&b.id));
        Signals { built_in, engine, own: RwLock::default() }
    }

    /// The built-in signal of this id.
    pub fn built_in(&self, id: &str) -> Option<&Entry> {
        let at = self.built_in.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()?;
        self.built_in.get(at)
    }

    /// The tenant's own signals, if it has any.
    pub fn own(&self, tenant: Id) -> Option<Arc<SignalCatalogue>> {
        self.own.read().get(&tenant)?.catalogue.clone()
    }

    /// Takes over all signals of all tenants.
    pub fn take_all(&self, generation: i64, rows: Vec<SignalRow>) {
        let gone: Vec<Id> = self.own.read().keys().copied().collect();
        let mut tenants: BTreeMap<Id, Vec<SignalRow>> = gone.into_iter().map(|tenant| (tenant, Vec::new())).collect();
        rows.into_iter().for_each(|row| tenants.entry(row.tenant_id).or_default().push(row));
        tenants.iter().for_each(|(tenant, rows)| self.take(generation, *tenant, rows));
    }

    /// Takes over a tenant's signals as they were read at `generation` or later.
    pub fn take(&self, generation: i64, tenant: Id, rows: &[SignalRow]) {
        let digest = digest(rows);
        if let Some(own) = self.own.write().get_mut(&tenant)
            && (own.generation > generation || own.digest == digest)
        {
            own.generation = own.generation.max(generation);
            return;
        }
        let catalogue = self.compiled(rows).map(Arc::new);
        let mut own = self.own.write();
        if own.get(&tenant).is_none_or(|own| own.generation <= generation) {
            own.insert(tenant, OwnSignals { generation, digest, catalogue });
        }
    }

    fn compiled(&self, rows: &[SignalRow]) -> Option<SignalCatalogue> {
        let mut weight = Weight::default();
        let files: Vec<SignalsFile> = rows.iter().filter_map(|row| file(row, &mut weight)).collect();
        let built_in = &self.engine.catalogue;
        if files.is_empty() {
            return None;
        }
        rules::compiled_signals(&files, built_in).ok().or_else(|| {
            // Stored under other rules: what cannot be compiled is left out, so that the rest still speaks.
            let sound = files.into_iter().filter(|file| match rules::compiled_signals(std::slice::from_ref(file), built_in) {
                Ok(_) => true,
                Err(why) => {
                    tracing::warn!(why, "a tenant's signal cannot be used");
                    false
                }
            });
            rules::compiled_signals(&sound.collect::<Vec<_>>(), built_in).ok()
        })
    }
}

/// Matching needs no examples. What was stored before there was a bound for all signals of a tenant, and goes beyond it, is left
/// out.
fn file(row: &SignalRow, weight: &mut Weight) -> Option<SignalsFile> {
    let put: SignalPut = row.content.read().inspect_err(|why| tracing::warn!(%why, "a tenant's signal cannot be read")).ok()?;
    let with = weight.and(Weight::of(&put));
    if with.too_much().is_some() {
        tracing::warn!(tenant = %row.tenant_id, signal = row.id, "a tenant's signals are too many to be matched: this one is left out");
        return None;
    }
    *weight = with;
    Some(rules::file(&row.id, &SignalPut { examples: Examples::default(), ..put }))
}

fn digest(rows: &[SignalRow]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for row in rows {
        digest.update(row.id.as_bytes());
        digest.update([0]);
        digest.update(row.content.0.to_string().as_bytes());
        digest.update([0]);
    }
    digest.finalize().to_vec()
}
