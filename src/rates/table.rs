//! The cells of many callers in memory of a fixed size. A caller's cell lies in one of eight places that its name leads to; where all
//! are taken, the one goes that has the least to pay back. So nothing grows, nothing has to be swept, and whoever has used much is the
//! last to be forgotten: what forgets a cell with so much to pay back is eight others with more, each from an address of its own.

use std::hash::{BuildHasher, Hash, RandomState};

use parking_lot::Mutex;

use crate::db::types::Time;
use crate::rates::cell::Quota;
use crate::rates::standing::{RateRefusal, RateStanding};

const WAYS: usize = 8;

/// A cell, and whose it is: a keyed digest of the caller, so that nobody can choose whose place to take. 0 is nobody's.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    whose: u64,
    full_at: u64,
}

type PlaceSet = [Place; WAYS];

pub struct CellTable {
    policy: &'static str,
    quota: Quota,
    sets: Box<[Mutex<PlaceSet>]>,
    names: RandomState,
}

fn nanos(now: Time) -> u64 {
    u64::try_from(now.0).unwrap_or(0).saturating_mul(1_000)
}

impl CellTable {
    /// A table for `cells` callers; none where nothing is counted.
    pub fn new(policy: &'static str, quota: Quota, cells: usize) -> CellTable {
        let sets = if quota.is_off() { 0 } else { cells.div_ceil(WAYS) };
        let sets = (0..sets).map(|_| Mutex::new(PlaceSet::default())).collect();
        CellTable { policy, quota, sets, names: RandomState::new() }
    }

    /// How many callers there is room for.
    pub fn room(&self) -> usize {
        self.sets.len().saturating_mul(WAYS)
    }

    /// Gives the cell of a caller to `work`, and keeps what comes back.
    fn with<T>(&self, caller: &impl Hash, work: impl FnOnce(u64) -> (Option<u64>, T)) -> Option<T> {
        let whose = self.names.hash_one(caller).max(1);
        let sets = u64::try_from(self.sets.len()).ok().filter(|sets| *sets > 0)?;
        let mut set = self.sets.get(usize::try_from(whose % sets).ok()?)?.lock();
        let there = set.iter().position(|place| place.whose == whose);
        let (kept, done) = work(there.and_then(|at| set.get(at)).map_or(0, |place| place.full_at));
        if let Some(full_at) = kept {
            let least = || set.iter().enumerate().min_by_key(|(_, place)| place.full_at).map(|(at, _)| at);
            let at = there.or_else(least)?;
            if let Some(place) = set.get_mut(at) {
                *place = Place { whose, full_at };
            }
        }
        Some(done)
    }

    /// Takes `cost` of what a caller may; nothing is said where nothing is counted.
    pub fn take(&self, caller: &impl Hash, cost: u32, now: Time) -> Result<Option<RateStanding>, RateRefusal> {
        let at = nanos(now);
        let taken = self.with(caller, |full_at| match self.quota.take(full_at, cost, at) {
            Ok((full_at, state)) => (Some(full_at), Ok(state)),
            Err(missing) => (None, Err(missing)),
        });
        match taken {
            None => Ok(None),
            Some(Ok(state)) => Ok(Some(RateStanding::of_cell(self.policy, self.quota, state))),
            Some(Err(missing)) => Err(RateRefusal(RateStanding::of_refusal(self.policy, self.quota, missing))),
        }
    }

    /// Whether `cost` could be taken.
    pub fn look(&self, caller: &impl Hash, cost: u32, now: Time) -> Result<(), RateRefusal> {
        let at = nanos(now);
        match self.with(caller, |full_at| (None, self.quota.take(full_at, cost, at))) {
            Some(Err(missing)) => Err(RateRefusal(RateStanding::of_refusal(self.policy, self.quota, missing))),
            _ => Ok(()),
        }
    }

    /// Counts what happened already.
    pub fn charge(&self, caller: &impl Hash, cost: u32, now: Time) {
        let at = nanos(now);
        self.with(caller, |full_at| (Some(self.quota.charge(full_at, cost, at)), ()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_700_000_000_000_000);
    const QUOTA: Quota = Quota { per_second: 1, burst: 10 };

    fn passes(table: &CellTable, caller: u64, cost: u32) -> bool {
        table.take(&caller, cost, NOW).is_ok()
    }

    #[test]
    fn each_caller_has_a_cell_of_its_own() {
        let table = CellTable::new("test", QUOTA, 4_096);
        for caller in 0..50 {
            assert_eq!((0..20).filter(|_| passes(&table, caller, 1)).count(), 10, "{caller}");
        }
        assert!(table.look(&0_u64, 1, NOW).is_err() && table.look(&1_000_u64, 1, NOW).is_ok());
        table.charge(&1_000_u64, 30, NOW);
        assert!(!passes(&table, 1_000, 1));
        assert!(table.take(&1_000_u64, 1, Time(NOW.0 + 1_000_000)).is_ok());
    }

    /// From however many addresses it comes, a flood takes no more memory, and does not wash away who has used up what it may.
    #[test]
    fn a_flood_forgets_neither_limits_nor_bounds() {
        let table = CellTable::new("test", QUOTA, 1_024);
        assert_eq!(table.room(), 1_024);
        let spent: Vec<u64> = (0..100).collect();
        assert!(spent.iter().all(|caller| passes(&table, *caller, 10)));
        for caller in 1_000_000..1_200_000 {
            assert!(passes(&table, caller, 1), "a newcomer is let in");
        }
        assert_eq!(table.room(), 1_024);
        assert!(spent.iter().all(|caller| !passes(&table, *caller, 1)), "who has used it up is still known");
        // Once it has come back, its place is anybody's.
        let later = Time(NOW.0 + 10_000_000);
        assert!(spent.iter().all(|caller| table.take(caller, 10, later).is_ok()));
    }

    #[test]
    fn nothing_is_counted_and_kept_where_the_limit_is_off() {
        let table = CellTable::new("test", Quota::OFF, 1_024);
        assert_eq!(table.room(), 0);
        assert!((0..1_000).all(|_| passes(&table, 1, 1)));
        assert_eq!(table.take(&1_u64, 1, NOW).ok().flatten(), None);
    }
}
