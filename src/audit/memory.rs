//! What this process remembers, so that what happens often is noted rarely: failed sign-ins of a client once a minute, readings by
//! staff once an hour. The database has the last word, since other processes note too (`sign_ins.rs`, `reads.rs`).

use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

use crate::audit::Unsigned;
use crate::db::types::{Id, Time};

/// How long what staff read is not noted again, in seconds.
pub const READ_AGAIN: i64 = 3600;
/// How long failed sign-ins of a client are counted before they are noted again, in seconds.
pub const FAILED_AGAIN: i64 = 60;
/// How many readings are remembered.
const MOST_READS: usize = 20_000;

/// Somebody of staff who read something: tenant, staff member, act, type and id of the object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StaffReading {
    pub tenant: Id,
    pub staff: Id,
    pub act: &'static str,
    pub object_type: &'static str,
    pub object: String,
}

/// Failed sign-ins of one client that are not noted yet.
#[derive(Debug, Clone)]
pub struct Failures {
    pub tenant: Id,
    pub client: Id,
    pub reason: &'static str,
    pub count: u64,
    /// The last of them.
    pub by: Unsigned,
}

#[derive(Debug)]
struct ClientFailures {
    noted_at: Option<Time>,
    waiting: Option<Failures>,
}

#[derive(Default)]
pub struct AuditMemory {
    read: Mutex<HashMap<StaffReading, Time>>,
    failed: Mutex<HashMap<Id, ClientFailures>>,
}

impl AuditMemory {
    /// Whether this reading was noted within the hour.
    pub fn has_read(&self, reading: &StaffReading, now: Time) -> bool {
        self.read.lock().get(reading).is_some_and(|at| at.plus_seconds(READ_AGAIN) > now)
    }

    pub fn was_read(&self, reading: StaffReading, now: Time) {
        bounded_insert(&mut self.read.lock(), reading, now);
    }

    /// Counts failed sign-ins, and gives what is to be noted now, if anything is.
    pub fn count_failure(&self, failure: Failures, now: Time) -> Option<Failures> {
        let mut failed = self.failed.lock();
        let of_client = failed.entry(failure.client).or_insert(ClientFailures { noted_at: None, waiting: None });
        let before = of_client.waiting.take().map_or(0, |waiting| waiting.count);
        of_client.waiting = Some(Failures { count: before.saturating_add(failure.count), ..failure });
        of_client.due(now)
    }

    /// What was counted and is to be noted now; with `all`, whatever the time.
    pub fn due_failures(&self, now: Time, all: bool) -> Vec<Failures> {
        let mut failed = self.failed.lock();
        let due = failed.values_mut().filter_map(|one| if all { one.waiting.take() } else { one.due(now) }).collect();
        failed.retain(|_, one| one.waiting.is_some() || one.noted_at.is_some_and(|at| at.plus_seconds(FAILED_AGAIN) > now));
        due
    }
}

impl ClientFailures {
    fn due(&mut self, now: Time) -> Option<Failures> {
        if self.noted_at.is_some_and(|at| at.plus_seconds(FAILED_AGAIN) > now) {
            return None;
        }
        let due = self.waiting.take()?;
        self.noted_at = Some(now);
        Some(due)
    }
}

/// Forgets what is too old to matter, or everything, where there is no more room.
fn bounded_insert<K: Hash + Eq>(map: &mut HashMap<K, Time>, key: K, now: Time) {
    if map.len() >= MOST_READS {
        map.retain(|_, at| at.plus_seconds(READ_AGAIN) > now);
        if map.len() >= MOST_READS {
            map.clear();
        }
    }
    map.insert(key, now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    const NONE: [u64; 0] = [];

    fn at(seconds: i64) -> Time {
        Time(1_795_000_000_000_000).plus_seconds(seconds)
    }

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn failure(client: u128) -> Failures {
        let by = Unsigned::stranger(&Clock::fixed(at(0)), None, "r".to_owned());
        Failures { tenant: id(1), client: id(client), reason: "wrong_secret", count: 1, by }
    }

    #[test]
    fn failures_are_noted_once_a_minute_with_their_number() {
        let memory = AuditMemory::default();
        // (seconds, client, how many are noted then)
        let table =
            [(0, 1, Some(1)), (1, 1, None), (2, 2, Some(1)), (59, 1, None), (60, 1, Some(3)), (61, 1, None), (200, 1, Some(2))];
        for (seconds, client, noted) in table {
            let told = memory.count_failure(failure(client), at(seconds)).map(|failures| failures.count);
            assert_eq!(told, noted, "{seconds} {client}");
        }
    }

    #[test]
    fn what_waits_is_told_when_its_minute_is_over() {
        let memory = AuditMemory::default();
        let due = |seconds, all| memory.due_failures(at(seconds), all).iter().map(|one| one.count).collect::<Vec<_>>();
        memory.count_failure(failure(1), at(0));
        assert_eq!(due(1, false), NONE);
        memory.count_failure(failure(1), at(2));
        memory.count_failure(failure(1), at(3));
        assert_eq!(due(59, false), NONE);
        assert_eq!(due(60, false), [2]);
        assert_eq!(due(60, false), NONE);
        memory.count_failure(failure(1), at(61));
        assert_eq!(due(62, true), [1], "at the end all of it is told");
        assert_eq!(due(1000, false), NONE);
        assert!(memory.failed.lock().is_empty(), "nothing is kept of clients that are quiet");
    }

    #[test]
    fn readings_are_remembered_for_an_hour_and_not_without_end() {
        let memory = AuditMemory::default();
        let reading = |n: usize| StaffReading {
            tenant: id(1),
            staff: id(2),
            act: "attempt.read",
            object_type: "attempt",
            object: n.to_string(),
        };
        memory.was_read(reading(1), at(0));
        assert!(memory.has_read(&reading(1), at(3599)) && !memory.has_read(&reading(1), at(3600)));
        assert!(!memory.has_read(&reading(2), at(0)));
        for n in 0..=MOST_READS {
            memory.was_read(reading(n), at(1));
        }
        assert!(memory.read.lock().len() <= MOST_READS && memory.has_read(&reading(MOST_READS), at(2)));
    }
}
