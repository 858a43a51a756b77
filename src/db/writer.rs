//! The writer: one thread that takes what is waiting, runs it as a group in one transaction, commits once, and only then
//! answers. Durable before 2xx, many writes per fsync, and no delay is ever added to fill a group.
//!
//! On SQLite every write comes here, each closure in its own savepoint, so that one that fails never harms its neighbours.
//! On PostgreSQL only commands come here: there a savepoint costs as much as a transaction, and multi-row statements pay.

use std::any::Any;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::db::connect::{Opener, Slot};
use crate::db::pool::{again, guarded};
use crate::db::tally;
use crate::db::tenant_rows::TenantRows;
use crate::db::threads::{LONGEST_END, Threads};
use crate::db::{Conn, Stored};
use crate::error::{DatabaseFault, Problem};

/// How many jobs may wait before the next is refused with 503.
const QUEUE: usize = 4096;
/// The most jobs in one transaction: bounds how long the first of a group waits for the last.
const GROUP: usize = 256;

/// A hot write that is decided and stored many at a time.
pub trait Command: Send + Sync + Sized + 'static {
    type Answer: Send + 'static;

    /// Whose rows it touches.
    fn rows(&self) -> TenantRows;

    /// Decides and stores all of `group` with a fixed number of statements; one result for each, in order.
    /// An `Err` of the whole makes the writer run the commands again one by one.
    fn run(conn: &mut Conn, group: &[Self]) -> Stored<Vec<Stored<Self::Answer>>>;
}

/// Something to run inside the group's transaction and to answer after its commit.
trait WriterJob: Any + Send {
    /// Runs it; an `Err` means that its savepoint is to be undone.
    fn run(&mut self, conn: &mut Conn) -> Result<(), Problem>;
    /// Whose rows it touches. Closures come here on SQLite alone, where that bounds nothing.
    fn rows(&self) -> TenantRows {
        TenantRows::Installation
    }
    /// Whether it is a set of several, which must be run one by one when it failed as a whole.
    fn is_many(&self) -> bool {
        false
    }
    /// Takes in another job of the same type, if they can run as one set.
    fn absorb(&mut self, other: Box<dyn WriterJob>) -> Option<Box<dyn WriterJob>> {
        Some(other)
    }
    /// The parts that can be run one by one, where there is more than one.
    fn split(self: Box<Self>) -> Result<Vec<Box<dyn WriterJob>>, Box<dyn WriterJob>>;
    /// Sends the results, or `failure` if the group was not committed.
    fn answer(self: Box<Self>, failure: Option<&Problem>);
}

struct Closure<T, F> {
    work: F,
    result: Option<Stored<T>>,
    reply: oneshot::Sender<Stored<T>>,
}

impl<T, F> WriterJob for Closure<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
{
    fn run(&mut self, conn: &mut Conn) -> Result<(), Problem> {
        let result = guarded(conn, &mut self.work);
        let outcome = result.as_ref().map(|_| ()).map_err(Problem::copied);
        self.result = Some(result);
        outcome
    }

    fn split(self: Box<Self>) -> Result<Vec<Box<dyn WriterJob>>, Box<dyn WriterJob>> {
        Err(self)
    }

    fn answer(self: Box<Self>, failure: Option<&Problem>) {
        let _ = self.reply.send(settled(self.result, failure));
    }
}

struct Set<C: Command> {
    commands: Vec<C>,
    results: Vec<Stored<C::Answer>>,
    replies: Vec<oneshot::Sender<Stored<C::Answer>>>,
}

impl<C: Command> WriterJob for Set<C> {
    fn run(&mut self, conn: &mut Conn) -> Result<(), Problem> {
        let commands = &self.commands;
        let result = guarded(conn, &mut |conn| C::run(conn, commands));
        let outcome = result.as_ref().map(|_| ()).map_err(Problem::copied);
        self.results = result.unwrap_or_else(|problem| vec![Err(problem)]);
        outcome
    }

    fn rows(&self) -> TenantRows {
        TenantRows::together(self.commands.iter().map(Command::rows))
    }

    fn is_many(&self) -> bool {
        self.commands.len() > 1
    }

    fn absorb(&mut self, other: Box<dyn WriterJob>) -> Option<Box<dyn WriterJob>> {
        let any: &dyn Any = &*other;
        let other: Box<dyn Any> = if any.is::<Self>() { other } else { return Some(other) };
        if let Ok(other) = other.downcast::<Self>() {
            self.commands.extend(other.commands);
            self.replies.extend(other.replies);
        }
        None
    }

    fn split(self: Box<Self>) -> Result<Vec<Box<dyn WriterJob>>, Box<dyn WriterJob>> {
        if self.commands.len() < 2 {
            return Err(self);
        }
        let one = |(command, reply)| -> Box<dyn WriterJob> {
            Box::new(Set::<C> { commands: vec![command], results: Vec::new(), replies: vec![reply] })
        };
        Ok(self.commands.into_iter().zip(self.replies).map(one).collect())
    }

    fn answer(self: Box<Self>, failure: Option<&Problem>) {
        let mut results = self.results.into_iter();
        for reply in self.replies {
            let _ = reply.send(settled(results.next(), failure));
        }
    }
}

fn settled<T>(result: Option<Stored<T>>, failure: Option<&Problem>) -> Stored<T> {
    match (result, failure) {
        // A refusal by a rule stands whether or not the group was committed.
        (Some(Err(problem)), _) => Err(problem),
        (_, Some(failure)) => Err(failure.copied()),
        (Some(ok), None) => ok,
        (None, None) => Err(Problem::internal("a job of the writer has no result")),
    }
}

pub struct Writer {
    /// `None` says: this was the last.
    queue: flume::Sender<Option<Box<dyn WriterJob>>>,
    threads: Threads,
}

impl Writer {
    pub fn start(opener: &Opener) -> Writer {
        let (queue, jobs) = flume::bounded::<Option<Box<dyn WriterJob>>>(QUEUE);
        let mut threads = Threads::default();
        let mut slot = Slot::new(opener);
        let savepoints = !opener.is_postgres();
        let run = move || {
            let mut last = false;
            while !last && let Ok(Some(first)) = jobs.recv() {
                let mut group = vec![first];
                while group.len() < GROUP
                    && !last
                    && let Ok(next) = jobs.try_recv()
                {
                    last = next.is_none();
                    group.extend(next);
                }
                metrics::histogram!("waymark_writer_group_size").record(u32::try_from(group.len()).unwrap_or(u32::MAX));
                let begun = Instant::now();
                run_group(&mut slot, savepoints, merged(group));
                metrics::histogram!("waymark_writer_group_seconds").record(begun.elapsed().as_secs_f64());
            }
        };
        threads.spawn("db-writer".to_owned(), run);
        Writer { queue, threads }
    }

    /// Jobs that wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Ends the thread after what is waiting, and its connection with it.
    pub fn close(&self) {
        self.threads.end(|| drop(self.queue.send_timeout(None, LONGEST_END)));
    }

    pub fn closure<T, F>(&self, work: F, reply: oneshot::Sender<Stored<T>>) -> Result<(), Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        self.send(Box::new(Closure { work, result: None, reply }))
    }

    pub fn command<C: Command>(&self, command: C, reply: oneshot::Sender<Stored<C::Answer>>) -> Result<(), Problem> {
        self.send(Box::new(Set { commands: vec![command], results: Vec::new(), replies: vec![reply] }))
    }

    fn send(&self, job: Box<dyn WriterJob>) -> Result<(), Problem> {
        self.queue.try_send(Some(job)).map_err(|_| Problem::overloaded())
    }
}

/// Puts commands of one type together, at the place of the first of them. Requests that wait at the same time have no
/// order among themselves, so none is broken.
fn merged(group: Vec<Box<dyn WriterJob>>) -> Vec<Box<dyn WriterJob>> {
    let mut out: Vec<Box<dyn WriterJob>> = Vec::with_capacity(group.len());
    for job in group {
        let left = out.iter_mut().try_fold(job, |job, earlier| earlier.absorb(job).ok_or(()));
        if let Ok(job) = left {
            out.push(job);
        }
    }
    out
}

fn run_group(slot: &mut Slot, savepoints: bool, mut group: Vec<Box<dyn WriterJob>>) {
    let attempt = try_group(slot, savepoints, &mut group);
    match attempt {
        Ok(()) => group.into_iter().for_each(|job| job.answer(None)),
        Err(failure) => {
            if matches!(failure.problem.fault(), DatabaseFault::Lost | DatabaseFault::Storage) {
                slot.drop_conn();
            }
            // The fate of a failed COMMIT is unknown, so nothing of it is run again: the caller repeats the request.
            if failure.may_repeat {
                one_by_one(slot, savepoints, group);
            } else {
                group.into_iter().for_each(|job| job.answer(Some(&failure.problem)));
            }
        }
    }
}

/// Runs every command and closure in a transaction of its own, after their group failed as a whole.
fn one_by_one(slot: &mut Slot, savepoints: bool, group: Vec<Box<dyn WriterJob>>) {
    let singles = group.into_iter().flat_map(|job| job.split().unwrap_or_else(|job| vec![job]));
    for job in singles {
        let mut single = vec![job];
        let mut tries = 0;
        let problem = loop {
            tries += 1;
            let Err(failure) = try_group(slot, savepoints, &mut single) else { break None };
            if matches!(failure.problem.fault(), DatabaseFault::Lost | DatabaseFault::Storage) {
                slot.drop_conn();
            }
            // A deadlock or a serialisation failure undid it as a whole, by itself: the same may succeed now.
            if !failure.may_repeat || failure.problem.fault() != DatabaseFault::Conflict || !again(&failure.problem, tries) {
                break Some(failure.problem);
            }
        };
        single.into_iter().for_each(|job| job.answer(problem.as_ref()));
    }
}

struct GroupFailure {
    problem: Problem,
    may_repeat: bool,
}

fn try_group(slot: &mut Slot, savepoints: bool, group: &mut [Box<dyn WriterJob>]) -> Result<(), GroupFailure> {
    let before = |problem: Problem| GroupFailure { may_repeat: true, problem };
    let rows = TenantRows::together(group.iter().map(|job| job.rows()));
    let begin = slot.opening(true, &rows).statements.unwrap_or_default();
    let conn = slot.conn().map_err(|problem| GroupFailure { may_repeat: false, problem })?;
    conn.batch(&begin).map_err(before)?;
    // A job that is alone needs no savepoint, for which SQLite would copy every page that it changes.
    let alone = group.len() == 1;
    for job in group {
        if let Err(problem) = run_one(conn, savepoints && !alone, job) {
            let _ = conn.batch("ROLLBACK");
            tally::undo_since(0);
            // Whom a rule refused, it would refuse again.
            return Err(GroupFailure { may_repeat: !(savepoints && alone) || job.is_many(), problem });
        }
    }
    conn.batch("COMMIT").map_err(|problem| {
        let _ = conn.batch("ROLLBACK");
        tally::undo_since(0);
        GroupFailure { may_repeat: false, problem }
    })?;
    tally::committed();
    // SQLite commits into a deleted file without a word.
    slot.check().map_err(|problem| GroupFailure { may_repeat: false, problem })
}

/// Runs one job. `Err` only when the whole transaction is lost: a storage fault, or SQLite has ended it by itself.
fn run_one(conn: &mut Conn, savepoints: bool, job: &mut Box<dyn WriterJob>) -> Result<(), Problem> {
    if !savepoints {
        return job.run(conn);
    }
    conn.batch("SAVEPOINT job")?;
    match job.run(conn) {
        Ok(()) => conn.batch("RELEASE job"),
        Err(problem) => {
            // FULL, IOERR, NOMEM, BUSY and INTERRUPT can end the transaction; then there is no savepoint to go back to.
            conn.batch("ROLLBACK TO job; RELEASE job")?;
            if problem.fault() == DatabaseFault::Storage || job.is_many() { Err(problem) } else { Ok(()) }
        }
    }
}
