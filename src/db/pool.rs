//! Database threads, each with one connection: reads on both databases, and ordinary writes on PostgreSQL.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::db::connect::{Opener, Slot};
use crate::db::threads::{LONGEST_END, Threads};
use crate::db::{Conn, Stored};
use crate::error::{Fault, Problem};

/// How many closures may wait before the next is refused with 503.
const QUEUE: usize = 2048;
/// How often one closure is run before its failure is the answer.
const TRIES: u32 = 4;

type Job = Box<dyn FnOnce(&mut Slot) + Send>;

pub struct Pool {
    /// `None` ends the thread that takes it.
    queue: flume::Sender<Option<Job>>,
    threads: Threads,
}

impl Pool {
    pub fn start(threads: usize, opener: &Opener) -> Pool {
        let (queue, jobs) = flume::bounded::<Option<Job>>(QUEUE);
        let mut all = Threads::default();
        for number in 0..threads {
            let (jobs, mut slot) = (jobs.clone(), Slot::new(opener));
            let run = move || {
                while let Ok(Some(job)) = jobs.recv() {
                    job(&mut slot);
                    slot.after_use();
                }
            };
            all.spawn(format!("db-{number}"), run);
        }
        Pool { queue, threads: all }
    }

    /// Ends the threads after what is waiting, and their connections with them.
    pub fn close(&self) {
        self.threads.end(|| drop(self.queue.send_timeout(None, LONGEST_END)));
    }

    /// Queues a closure; `transaction` wraps it in BEGIN and COMMIT.
    pub fn run<T, F>(&self, transaction: bool, mut work: F, reply: oneshot::Sender<Stored<T>>) -> Result<(), Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Stored<T> + Send + 'static,
    {
        let job: Job = Box::new(move |slot| {
            if !reply.is_closed() || transaction {
                let _ = reply.send(with_retries(slot, transaction, &mut work));
            }
        });
        self.queue.try_send(Some(job)).map_err(|_| Problem::overloaded())
    }
}

fn with_retries<T>(slot: &mut Slot, transaction: bool, work: &mut dyn FnMut(&mut Conn) -> Stored<T>) -> Stored<T> {
    let mut tries = 0;
    loop {
        tries += 1;
        let (result, may_repeat) = once(slot, transaction, work);
        match result {
            Err(problem) if may_repeat && tries < TRIES && matches!(problem.fault(), Fault::Lost | Fault::Conflict) => {
                // A second lost connection in a row means that the server is away: say so now.
                if problem.fault() == Fault::Lost && tries > 1 {
                    return Err(problem);
                }
            }
            other => return other,
        }
    }
}

/// Runs the closure once. The flag says whether running it again is safe: not after a COMMIT of unknown fate.
fn once<T>(slot: &mut Slot, transaction: bool, work: &mut dyn FnMut(&mut Conn) -> Stored<T>) -> (Stored<T>, bool) {
    let conn = match slot.conn() {
        Ok(conn) => conn,
        Err(problem) => return (Err(problem), false),
    };
    let begun = if transaction { conn.batch("BEGIN") } else { Ok(()) };
    let result = begun.and_then(|()| guarded(conn, work));
    match result {
        Ok(value) if transaction => match conn.batch("COMMIT") {
            Ok(()) => (Ok(value), false),
            Err(problem) => {
                slot.drop_conn();
                (Err(problem), false)
            }
        },
        Ok(value) => (Ok(value), false),
        Err(problem) => {
            let broken = matches!(problem.fault(), Fault::Lost | Fault::Storage);
            if broken || (transaction && conn.batch("ROLLBACK").is_err()) {
                slot.drop_conn();
            }
            (Err(problem), true)
        }
    }
}

/// A panic in a closure is that request's failure, nobody else's.
pub fn guarded<T>(conn: &mut Conn, work: &mut dyn FnMut(&mut Conn) -> Stored<T>) -> Stored<T> {
    catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Problem::internal(format!("panic in a database closure: {}", text.unwrap_or_default())))
    })
}
