//! How many connections there may be, and how long each may keep the service waiting.

use std::time::Duration;

/// The bounds of a listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one address (IPv6: from one network of 64 bits).
    pub per_address: usize,
    /// Without a request.
    pub idle: Duration,
    /// From a request's first byte to the end of its headers.
    pub headers: Duration,
    /// In which a body, or [`PART`] bytes of it, must arrive.
    pub body: Duration,
    /// In which an answer, or [`PART`] bytes of it, must be taken.
    pub write: Duration,
    /// From a request's headers to its answer; and again, from there to the answer's last byte.
    pub request: Duration,
}

/// What must pass in a window of time, so that a peer who sends or takes a byte now and then holds nothing for long.
pub const PART: usize = 16 << 10;

/// Bytes of answers that wait to be taken, of all connections together: beyond it the slowest reader is let go.
pub const MOST_HELD: usize = 128 << 20;

/// Descriptors that are left for databases, files and other listeners.
const RESERVED: usize = 96;

impl Limits {
    /// The limits of the configuration; `number` reads a key within bounds.
    pub fn read<E>(number: impl Fn(&str, usize, usize) -> Result<usize, E>) -> Result<Limits, E> {
        let connections = number("max_connections", 16, 100_000)?;
        let seconds = |name: &str| number(name, 1, 86_400).map(|n| Duration::from_secs(u64::try_from(n).unwrap_or(u64::MAX)));
        Ok(Limits {
            connections,
            per_address: match number("max_connections_per_address", 0, 100_000)? {
                0 => connections.div_ceil(2),
                n => n.min(connections),
            },
            idle: seconds("idle_timeout")?,
            headers: seconds("header_timeout")?,
            body: seconds("body_timeout")?,
            write: seconds("write_timeout")?,
            request: seconds("request_timeout")?,
        })
    }

    /// Files that a process needs open for so many connections, beside `others`.
    pub fn descriptors_needed(&self, others: usize) -> usize {
        // Some are on their way out while others come in.
        self.connections.saturating_add(self.connections / 8).saturating_add(RESERVED).saturating_add(others)
    }

    /// The same with no more connections than this process may have files open, beside `others` that it needs.
    #[must_use]
    pub fn within_descriptors(mut self, others: usize) -> Limits {
        let reserved = RESERVED.saturating_add(others);
        let needed = self.descriptors_needed(others);
        let there = descriptors(needed);
        if there < needed {
            let most = (there.saturating_sub(reserved) / 9).saturating_mul(8).max(16);
            tracing::warn!(open_files = there, most, "max_connections is more than the limit of open files allows (ulimit -n)");
            self.connections = self.connections.min(most);
            self.per_address = self.per_address.min(self.connections.div_ceil(2));
        }
        self
    }
}

/// How many files a process started like this one may have open; a start raises its own limit so far.
pub fn descriptors_allowed() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::Nofile).maximum.map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }
    #[cfg(not(unix))]
    None
}

/// The limit of open files, raised to `needed` where that is permitted.
#[cfg(unix)]
fn descriptors(needed: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let number = |limit: Option<u64>| limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let now = getrlimit(Resource::Nofile);
    let (current, most) = (number(now.current), number(now.maximum));
    let wanted = needed.min(most);
    if wanted <= current {
        return current;
    }
    let raised = Rlimit { current: u64::try_from(wanted).ok(), maximum: now.maximum };
    if setrlimit(Resource::Nofile, raised).is_ok() { wanted } else { current }
}

#[cfg(not(unix))]
fn descriptors(_: usize) -> usize {
    usize::MAX
}
