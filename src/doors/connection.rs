//! What is known of one connection: whose turn it is, since when, and until when.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::doors::limits::{Limits, PART};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing was begun: the peer may stay silent.
    Idle,
    /// The peer sends a request's headers.
    Headers,
    /// The peer sends a request's body, and a handler waits for it.
    Body,
    /// The peer has to take what was written.
    Write,
    /// The service works.
    Work,
    /// The peer shakes hands for TLS, before its first request.
    Handshake,
}

impl Phase {
    const ALL: [Phase; 6] = [Phase::Idle, Phase::Headers, Phase::Body, Phase::Write, Phase::Work, Phase::Handshake];

    pub fn name(self) -> &'static str {
        match self {
            Phase::Idle => "idle",
            Phase::Headers => "headers",
            Phase::Body => "body",
            Phase::Write => "write",
            Phase::Work => "work",
            Phase::Handshake => "handshake",
        }
    }
}

/// One connection. Its own worker changes it; whoever needs room reads it from other threads. All of it is a hint for timing:
/// no other memory depends on the order of these loads and stores.
#[derive(Debug)]
pub struct Connection {
    pub peer: Option<IpAddr>,
    limits: Arc<Limits>,
    began: Instant,
    phase: AtomicU8,
    /// Milliseconds after `began`: when the phase, or its window, began.
    since: AtomicU64,
    /// Bytes that passed in this window.
    passed: AtomicUsize,
    /// Requests whose answers are not whole.
    requests: AtomicUsize,
    /// Milliseconds after `began` by which the answer that is being sent must be taken; 0 is never.
    answer_by: AtomicU64,
    /// Bytes of memory that the answer takes.
    pub held: AtomicUsize,
}

impl Connection {
    pub fn new(peer: Option<IpAddr>, limits: Arc<Limits>) -> Connection {
        Connection {
            peer,
            limits,
            began: Instant::now(),
            // Who connects has something to say.
            phase: AtomicU8::new(1),
            since: AtomicU64::new(0),
            passed: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            answer_by: AtomicU64::new(0),
            held: AtomicUsize::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn phase(&self) -> Phase {
        Phase::ALL.get(usize::from(self.phase.load(Ordering::Relaxed))).copied().unwrap_or(Phase::Work)
    }

    /// When this phase, or its window, began.
    pub fn since(&self) -> Instant {
        self.began + Duration::from_millis(self.since.load(Ordering::Relaxed))
    }

    fn enter(&self, phase: Phase) {
        let number = Phase::ALL.iter().position(|one| *one == phase).and_then(|n| u8::try_from(n).ok());
        self.phase.store(number.unwrap_or(0), Ordering::Relaxed);
        self.passed.store(0, Ordering::Relaxed);
        self.since.store(self.now(), Ordering::Relaxed);
    }

    /// Counts what passed; a whole part opens a new window.
    fn progress(&self, bytes: usize) {
        if self.passed.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) >= PART {
            self.passed.store(0, Ordering::Relaxed);
            self.since.store(self.now(), Ordering::Relaxed);
        }
    }

    pub fn was_read(&self, bytes: usize) {
        match self.phase() {
            Phase::Idle => self.enter(Phase::Headers),
            Phase::Body => self.progress(bytes),
            Phase::Headers | Phase::Write | Phase::Work | Phase::Handshake => {}
        }
    }

    pub fn was_written(&self, bytes: usize) {
        if self.phase() == Phase::Write {
            self.progress(bytes);
        }
    }

    /// The peer takes no more for now. A handshake has its time, whoever's turn it is.
    pub fn is_blocked(&self) {
        if !matches!(self.phase(), Phase::Write | Phase::Handshake) {
            self.enter(Phase::Write);
        }
    }

    /// The peer has to shake hands, from now on.
    pub fn shakes_hands(&self) {
        self.enter(Phase::Handshake);
    }

    /// Hands are shaken: the first request is to come.
    pub fn has_shaken_hands(&self) {
        self.enter(Phase::Headers);
    }

    /// All that was made so far is written.
    pub fn is_flushed(&self) {
        if self.phase() == Phase::Write {
            self.enter(self.turn());
        }
        if self.requests.load(Ordering::Relaxed) == 0 {
            self.answer_by.store(0, Ordering::Relaxed);
        }
    }

    fn turn(&self) -> Phase {
        if self.requests.load(Ordering::Relaxed) == 0 { Phase::Idle } else { Phase::Work }
    }

    fn unless_blocked(&self, phase: Phase) {
        if self.phase() != Phase::Write {
            self.enter(phase);
        }
    }

    /// The headers of a request are here.
    pub fn begins(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.unless_blocked(Phase::Work);
    }

    /// A handler waits for the body, until what is returned is dropped.
    pub fn reads_body(&self) -> ReadsBody<'_> {
        self.unless_blocked(Phase::Body);
        ReadsBody(self)
    }

    /// There is an answer to send.
    pub fn answers(&self) {
        let most = u64::try_from(self.limits.request.as_millis()).unwrap_or(u64::MAX);
        self.answer_by.store(self.now().saturating_add(most).max(1), Ordering::Relaxed);
    }

    /// The answer is handed over, or given up.
    pub fn ends(&self) {
        self.requests.fetch_sub(1, Ordering::Relaxed);
        self.unless_blocked(self.turn());
    }

    /// When the peer has kept the service waiting for too long; `None` while it is the service's turn.
    pub fn deadline(&self) -> Option<Instant> {
        let limit = match self.phase() {
            Phase::Idle => self.limits.idle,
            Phase::Headers | Phase::Handshake => self.limits.headers,
            // The handler refuses a late body itself, with an answer; this is for one that cannot.
            Phase::Body => self.limits.body.saturating_mul(2),
            Phase::Write => self.limits.write,
            Phase::Work => return None,
        };
        let window = self.since() + limit;
        match self.answer_by.load(Ordering::Relaxed) {
            0 => Some(window),
            by => Some(window.min(self.began + Duration::from_millis(by))),
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// The time in which a handler waits for a body.
#[derive(Debug)]
pub struct ReadsBody<'a>(&'a Connection);

impl ReadsBody<'_> {
    /// When the window closes in which the next part must come.
    pub fn by(&self) -> Instant {
        self.0.since() + self.0.limits.body
    }
}

impl Drop for ReadsBody<'_> {
    fn drop(&mut self) {
        self.0.unless_blocked(Phase::Work);
    }
}

/// One request's turn on a connection; ends when it is dropped.
#[derive(Debug)]
pub struct RequestTurn(Arc<Connection>);

impl RequestTurn {
    pub fn begin(connection: Arc<Connection>) -> RequestTurn {
        connection.begins();
        RequestTurn(connection)
    }

    pub fn connection(&self) -> &Arc<Connection> {
        &self.0
    }
}

impl Drop for RequestTurn {
    fn drop(&mut self) {
        self.0.ends();
    }
}
