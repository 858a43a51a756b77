//! Database threads, each with one connection: reads on both databases, and ordinary writes on PostgreSQL.
//!
//! Calls of one kind wait in a queue of their own and never hold all threads (reads from one place of the code: half of them),
//! so that the slowest kind leaves room for every other one. A read whose caller is gone, or out of time, is stopped.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::db::conn::{Conn, Stored};
use crate::db::connect::{Opener, Slot};
use crate::db::stop::{self, StillWanted, Waiter};
use crate::db::tally;
use crate::db::tenant_rows::TenantRows;
use crate::db::threads::Threads;
use crate::error::{DatabaseFault, Problem};

/// How many closures of one kind may wait before the next is refused with 503.
const QUEUE: usize = 1024;
/// How often one closure is run before its failure is the answer.
pub const TRIES: u32 = 4;

/// Calls that wait together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A place in the code that reads: every such place is a kind of its own.
    Read(&'static Location<'static>),
    Write,
    Probe,
}

impl CallKind {
    /// How many of these threads it may hold.
    fn most(self, threads: usize) -> usize {
        match self {
            CallKind::Read(_) => threads.div_ceil(2),
            // Reads always have some left, where there are enough to share.
            CallKind::Write => threads - threads / 4,
            CallKind::Probe => threads,
        }
    }
}

type PoolJob = Box<dyn FnOnce(&mut Slot) + Send>;

struct Lane {
    kind: CallKind,
    waiting: VecDeque<PoolJob>,
    running: usize,
}

struct Lanes {
    lanes: Vec<Lane>,
    /// Where the next search begins, so that all kinds have their turn.
    next: usize,
    closed: bool,
}

impl Lanes {
    /// The next job whose kind has room on this many threads, and the number of its lane.
    fn take(&mut self, threads: usize) -> Option<(usize, PoolJob)> {
        let count = self.lanes.len();
        for step in 0..count {
            let at = (self.next + step) % count;
            if let Some(lane) = self.lanes.get_mut(at).filter(|lane| lane.running < lane.kind.most(threads))
                && let Some(job) = lane.waiting.pop_front()
            {
                lane.running += 1;
                self.next = at + 1;
                return Some((at, job));
            }
        }
        None
    }

    fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.waiting.is_empty())
    }
}

struct Shared {
    lanes: Mutex<Lanes>,
    changed: Condvar,
    threads: usize,
}

pub struct Pool {
    shared: Arc<Shared>,
    threads: Threads,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl Pool {
    pub fn start(threads: usize, opener: &Opener) -> Pool {
        let lanes = Mutex::new(Lanes { lanes: Vec::new(), next: 0, closed: false });
        let shared = Arc::new(Shared { lanes, changed: Condvar::new(), threads });
        let mut all = Threads::default();
        for number in 0..threads {
            let (shared, mut slot) = (shared.clone(), Slot::new(opener));
            let run = move || {
                while shared.run_next(&mut slot) {
                    slot.after_use();
                }
            };
            all.spawn(format!("db-{number}"), run);
        }
        Pool { shared, threads: all }
    }

    /// Threads, the calls that run on them, and those that wait.
    pub fn load(&self) -> (usize, usize, usize) {
        let lanes = self.shared.lanes.lock();
        let sum = |of: fn(&Lane) -> usize| lanes.lanes.iter().map(of).sum();
        (self.shared.threads, sum(|lane| lane.running), sum(|lane| lane.waiting.len()))
    }

    /// Ends the threads after what is waiting, and their connections with them.
    pub fn close(&self) {
        self.threads.end(|| self.shared.end());
    }

    /// Runs a closure that only reads these rows, while somebody waits for it, and at most for `longest`.
    pub async fn read<T, F>(&self, (kind, rows): (CallKind, TenantRows), mut work: F, longest: Duration) -> Stored<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let ((reply, answer), caller) = (oneshot::channel(), Waiter::new());
        let wanted = caller.wait();
        self.shared.queue(
            kind,
            Box::new(move |slot| {
                if !wanted.is_over() {
                    let _ = reply.send(with_retries(slot, (false, &rows), &wanted, &mut work));
                }
            }),
        )?;
        let answer = received(answer, longest).await;
        drop(caller);
        answer
    }

    /// Runs a closure in a transaction, to its end.
    pub async fn write<T, F>(&self, rows: TenantRows, mut work: F, longest: Duration) -> Stored<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let ((reply, answer), caller) = (oneshot::channel(), Waiter::new());
        let wanted = caller.wait();
        self.shared.queue(
            CallKind::Write,
            Box::new(move |slot| {
                let _ = reply.send(with_retries(slot, (true, &rows), &wanted, &mut work));
            }),
        )?;
        let answer = received(answer, longest).await;
        drop(caller);
        answer
    }
}

impl Shared {
    /// No more jobs will come.
    fn end(&self) {
        self.lanes.lock().closed = true;
        self.changed.notify_all();
    }

    fn queue(&self, kind: CallKind, job: PoolJob) -> Result<(), Problem> {
        let mut lanes = self.lanes.lock();
        let at = lanes.lanes.iter().position(|lane| lane.kind == kind);
        let lane = match at {
            Some(at) => lanes.lanes.get_mut(at),
            None => {
                lanes.lanes.push(Lane { kind, waiting: VecDeque::new(), running: 0 });
                lanes.lanes.last_mut()
            }
        };
        match lane {
            Some(lane) if lane.waiting.len() < QUEUE => lane.waiting.push_back(job),
            _ => return Err(Problem::overloaded()),
        }
        drop(lanes);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for a job and runs it; false when there will be no more.
    fn run_next(&self, slot: &mut Slot) -> bool {
        let mut lanes = self.lanes.lock();
        let (at, job) = loop {
            if let Some(found) = lanes.take(self.threads) {
                break found;
            }
            if lanes.closed && lanes.is_empty() {
                return false;
            }
            self.changed.wait(&mut lanes);
        };
        drop(lanes);
        job(slot);
        let mut lanes = self.lanes.lock();
        if let Some(lane) = lanes.lanes.get_mut(at) {
            lane.running -= 1;
        }
        drop(lanes);
        // Somebody of this kind may have waited for this place.
        self.changed.notify_one();
        true
    }
}

/// What a database thread answers, or why it does not.
pub async fn received<T>(answer: oneshot::Receiver<Stored<T>>, longest: Duration) -> Stored<T> {
    match tokio::time::timeout(longest, answer).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Problem::unavailable(DatabaseFault::Lost, "a database thread ended")),
        Err(_) => Err(Problem::unavailable(DatabaseFault::Lost, "no answer from the database in time")),
    }
}

fn with_retries<T>(
    slot: &mut Slot,
    access: (bool, &TenantRows),
    wanted: &StillWanted,
    work: &mut dyn FnMut(&mut Conn) -> Stored<T>,
) -> Stored<T> {
    let mut tries = 0;
    loop {
        tries += 1;
        let (result, may_repeat) = once(slot, access, wanted, work);
        match result {
            Err(problem) if may_repeat && again(&problem, tries) && !wanted.is_over() => {}
            other => return other,
        }
    }
}

/// Whether the same work may succeed now, after it was run this many times.
pub fn again(problem: &Problem, tries: u32) -> bool {
    match problem.fault() {
        DatabaseFault::Conflict => tries < TRIES,
        // A second lost connection in a row means that the server is away: say so now.
        DatabaseFault::Lost => tries < 2,
        DatabaseFault::None | DatabaseFault::Storage => false,
    }
}

/// Runs the closure once. The flag says whether running it again is safe: not after a COMMIT of unknown fate.
fn once<T>(
    slot: &mut Slot,
    (write, rows): (bool, &TenantRows),
    wanted: &StillWanted,
    work: &mut dyn FnMut(&mut Conn) -> Stored<T>,
) -> (Stored<T>, bool) {
    let (opening, connector) = (slot.opening(write, rows), slot.opener().connector().cloned());
    let conn = match slot.conn() {
        Ok(conn) => conn,
        Err(problem) => return (Err(problem), false),
    };
    let begun = opening.statements.as_deref().map_or(Ok(()), |statements| conn.batch(statements));
    let not_begun = begun.is_err();
    let result = begun.and_then(|()| match write {
        true => guarded(conn, work),
        false => stop::run_while_wanted(wanted, connector.as_ref(), conn, |conn| guarded(conn, work)),
    });
    // A cancel request that is still on its way must not meet what this connection does next.
    let stopped = !write && connector.is_some() && wanted.is_over();
    let (result, may_repeat) = match result {
        Ok(value) => match if opening.transaction { conn.batch("COMMIT") } else { Ok(()) } {
            Err(problem) if write => {
                tally::undo_since(0);
                (Err(problem), false)
            }
            // What was read stands, however its transaction ends.
            committed => {
                tally::committed();
                if committed.is_err() {
                    slot.drop_conn();
                }
                (Ok(value), false)
            }
        },
        Err(problem) => {
            let broken = matches!(problem.fault(), DatabaseFault::Lost | DatabaseFault::Storage);
            if broken || not_begun || (opening.transaction && conn.batch("ROLLBACK").is_err()) {
                slot.drop_conn();
            }
            (Err(problem), true)
        }
    };
    if stopped || (write && result.is_err() && !may_repeat) {
        slot.drop_conn();
    }
    (result, may_repeat)
}

/// A panic in a closure is that request's failure, nobody else's.
pub fn guarded<T>(conn: &mut Conn, work: &mut dyn FnMut(&mut Conn) -> Stored<T>) -> Stored<T> {
    let mark = tally::mark();
    let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Problem::internal(format!("panic in a database closure: {}", text.unwrap_or_default())))
    });
    if result.is_err() {
        tally::undo_since(mark);
    }
    result
}
