//! Reads that nobody waits for any more end in the middle.
//!
//! Whoever waits holds a [`Caller`]; once it is dropped (the request was given up, or its time is over) the database thread
//! is told: SQLite asks for it every few thousand steps, PostgreSQL is sent a cancel request.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use tokio_postgres::CancelToken;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::db::Conn;
use crate::db::tls::Connector;

/// Held by who waits.
pub struct Waiter {
    gone: CancellationToken,
    _guard: DropGuard,
}

impl Waiter {
    pub fn new() -> Waiter {
        let gone = CancellationToken::new();
        Waiter { _guard: gone.clone().drop_guard(), gone }
    }

    pub fn wait(&self) -> StillWanted {
        StillWanted(self.gone.clone())
    }
}

/// Held by who works.
#[derive(Clone)]
pub struct StillWanted(CancellationToken);

impl StillWanted {
    pub fn is_over(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// How to stop what this thread's connection to PostgreSQL is doing.
#[derive(Clone)]
struct Stop {
    wanted: StillWanted,
    token: CancelToken,
    connector: Connector,
}

thread_local! {
    static STOP: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Runs `work`, and stops its queries once nobody wants them.
pub fn run_while_wanted<T>(
    wanted: &StillWanted,
    connector: Option<&Connector>,
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> T,
) -> T {
    match conn {
        Conn::Sqlite(_) => {
            let wanted = wanted.clone();
            sqlite_stop::while_wanted(move || !wanted.is_over(), || work(conn))
        }
        Conn::Pg(pg) => {
            let token = pg.cancel_token();
            STOP.set(connector.map(|connector| Stop { wanted: wanted.clone(), token, connector: connector.clone() }));
            let done = work(conn);
            STOP.set(None);
            done
        }
    }
}

/// Ends never: asks the server, from the moment on when nobody waits, again and again to cancel what it is doing. Once may
/// be too early: the query may not have arrived.
async fn cancelling(stop: Stop) -> Infallible {
    stop.wanted.0.cancelled().await;
    loop {
        let asked = stop.token.cancel_query(stop.connector.clone());
        let _ = tokio::time::timeout(Duration::from_secs(2), asked).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Drives a query of this thread's connection; beside it the wish to stop it.
pub async fn query_until_stopped<F: Future>(work: F) -> F::Output {
    let Some(stop) = STOP.with_borrow(Clone::clone) else { return work.await };
    tokio::select! {
        biased;
        done = work => done,
        never = cancelling(stop) => match never {},
    }
}
