//! The only source of time, ids and randomness; everything else takes them as values.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::Utc;
use rand::Rng;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::db::types::{Id, Time};

/// A clock that tells the time of this machine, or, in tests, the time it was set to.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    pub fn system() -> Clock {
        Clock::default()
    }

    /// Stands still until `set`.
    pub fn fixed(at: Time) -> Clock {
        Clock { fixed: Some(Arc::new(AtomicI64::new(at.0))) }
    }

    pub fn set(&self, at: Time) {
        if let Some(fixed) = &self.fixed {
            fixed.store(at.0, Ordering::SeqCst);
        }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn now(&self) -> Time {
        match &self.fixed {
            Some(fixed) => Time(fixed.load(Ordering::SeqCst)),
            None => Time::from_utc(Utc::now()),
        }
    }

    /// A new id of ours (UUID version 7, RFC 9562).
    #[allow(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
    pub fn id(&self) -> Id {
        match &self.fixed {
            Some(fixed) => {
                let micros = fixed.load(Ordering::SeqCst).max(0).unsigned_abs();
                let seconds = micros / 1_000_000;
                let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0).saturating_mul(1000);
                Id(Uuid::new_v7(Timestamp::from_unix(ContextV7::new(), seconds, nanos)))
            }
            None => Id(Uuid::now_v7()),
        }
    }

    /// `N` random bytes, fit for secrets.
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }
}
