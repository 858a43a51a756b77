//! The threads of a queue, and their end.

use std::time::Duration;

use parking_lot::Mutex;

/// How long the end waits for what still runs, before it goes on without.
pub const LONGEST_END: Duration = Duration::from_secs(20);

#[derive(Default)]
pub struct Threads {
    /// For each thread what tells its end: the other side lives as long as the thread.
    running: Mutex<Vec<flume::Receiver<()>>>,
}

impl Threads {
    pub fn spawn(&mut self, name: String, run: impl FnOnce() + Send + 'static) {
        let (alive, ended) = flume::bounded::<()>(0);
        let work = move || {
            // Dropped after `run` has dropped its connection, also where it panics.
            let _alive = alive;
            run();
        };
        match std::thread::Builder::new().name(name).spawn(work) {
            Ok(_) => self.running.get_mut().push(ended),
            Err(error) => tracing::error!(%error, "cannot start a database thread"),
        }
    }

    /// Asks every thread to end, and waits for it.
    pub fn end(&self, ask: impl Fn()) {
        let running = std::mem::take(&mut *self.running.lock());
        running.iter().for_each(|_| ask());
        for ended in running {
            if let Err(flume::RecvTimeoutError::Timeout) = ended.recv_timeout(LONGEST_END) {
                tracing::warn!("a database thread is still busy at the end; its connection is left open");
            }
        }
    }
}
