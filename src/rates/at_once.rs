//! How many requests of one caller run at the same time. Who has none running has no entry, so there are never more entries than
//! requests, and of those never more than connections.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::rates::standing::{RateRefusal, RateStanding};

const SHARDS: usize = 16;

#[derive(Debug)]
pub struct AtOnce {
    policy: &'static str,
    /// 0: as many as there are.
    most: u32,
    running: [Mutex<HashMap<u64, u32>>; SHARDS],
    names: RandomState,
}

/// One request that runs, until this is dropped.
#[derive(Debug)]
pub struct RunningRequest(Option<(Arc<AtOnce>, u64)>);

impl AtOnce {
    pub fn up_to(policy: &'static str, most: u32) -> Arc<AtOnce> {
        Arc::new(AtOnce { policy, most, running: Default::default(), names: RandomState::new() })
    }

    fn shard(&self, caller: u64) -> Option<&Mutex<HashMap<u64, u32>>> {
        let shards = u64::try_from(SHARDS).unwrap_or(1);
        self.running.get(usize::try_from(caller % shards).unwrap_or(0))
    }

    /// Begins a request, unless there are as many as may be.
    pub fn enter(self: &Arc<AtOnce>, caller: &impl Hash) -> Result<RunningRequest, RateRefusal> {
        let caller = self.names.hash_one(caller);
        let Some(shard) = self.shard(caller).filter(|_| self.most > 0) else { return Ok(RunningRequest(None)) };
        let mut running = shard.lock();
        let count = running.entry(caller).or_default();
        if *count >= self.most {
            return Err(RateRefusal(RateStanding::of_running(self.policy, self.most)));
        }
        *count = count.saturating_add(1);
        drop(running);
        Ok(RunningRequest(Some((self.clone(), caller))))
    }

    fn leave(&self, caller: u64) {
        let Some(shard) = self.shard(caller) else { return };
        let mut running = shard.lock();
        if let Some(count) = running.get_mut(&caller) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                running.remove(&caller);
            }
        }
    }

    /// How many callers have a request running.
    pub fn callers(&self) -> usize {
        self.running.iter().map(|shard| shard.lock().len()).sum()
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        if let Some((table, caller)) = self.0.take() {
            table.leave(caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_caller_and_given_back() {
        let table = AtOnce::up_to("test", 3);
        let mut held: Vec<RunningRequest> = (0..3).map(|_| table.enter(&"a").unwrap()).collect();
        assert!(table.enter(&"a").is_err());
        let other = table.enter(&"b").unwrap();
        assert_eq!(table.callers(), 2);
        held.pop();
        let again = table.enter(&"a").unwrap();
        assert!(table.enter(&"a").is_err());
        drop((held, other, again));
        assert_eq!(table.callers(), 0);
        let open = AtOnce::up_to("test", 0);
        let all: Vec<RunningRequest> = (0..1_000).map(|_| open.enter(&"a").unwrap()).collect();
        assert_eq!((all.len(), open.callers()), (1_000, 0));
    }
}
