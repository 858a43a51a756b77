//! Failed sign-ins of clients that exist. Nothing is written for ids that do not, and at most one entry for a client and minute,
//! which says how many it stands for: so strangers cannot fill the log.

use actix_web::web::Data;

use crate::audit::memory::{FAILED_AGAIN, Failures};
use crate::audit::{AuditEntry, note_unsigned, store};
use crate::db::types::Time;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::state::AppState;

const ACT: &str = "sign_in.failed";

/// Counts a failed sign-in, and notes it beside the answer: one that waited would tell that there is such a client.
pub fn note_failed_sign_in(state: &Data<AppState>, failure: Failures) {
    let now = state.clock.now();
    if let Some(due) = state.audit.count_failure(failure, now) {
        let state = state.clone();
        actix_web::rt::spawn(async move { write_failures(&state, due, false).await });
    }
}

/// Notes what was counted and has waited its minute; with `all`, everything.
pub async fn note_waiting_failures(state: &AppState, all: bool) {
    for due in state.audit.due_failures(state.clock.now(), all) {
        write_failures(state, due, all).await;
    }
}

async fn write_failures(state: &AppState, due: Failures, at_once: bool) {
    let noted = due.clone();
    let since = (!at_once).then(|| state.clock.now().plus_seconds(-FAILED_AGAIN));
    match state.db.write(move |conn| append_failures(conn, &noted, since)).await {
        Ok(true) => {}
        // Another process noted some within this minute: these wait for the next one.
        Ok(false) => keep_waiting(state, due),
        Err(problem) => {
            log_unwritten(&problem, &due);
            keep_waiting(state, due);
        }
    }
}

fn log_unwritten(problem: &Problem, due: &Failures) {
    tracing::error!(%problem, client = %due.client, count = due.count, "failed sign-ins cannot be noted in the audit log yet");
}

fn keep_waiting(state: &AppState, due: Failures) {
    // It was due a moment ago, so it is not now.
    state.audit.count_failure(due, state.clock.now());
}

/// False where some of this client were noted since.
fn append_failures(conn: &mut Conn, due: &Failures, since: Option<Time>) -> Stored<bool> {
    store::lock(conn, due.tenant)?;
    let client = due.client.to_string();
    if let Some(since) = since
        && store::noted_since(conn, due.tenant, ACT, ("client", &client), None, since)?
    {
        return Ok(false);
    }
    let entry = AuditEntry::new(ACT, ("client", &client)).with("reason", due.reason).with("count", due.count);
    note_unsigned(conn, due.tenant, &due.by, entry)?;
    Ok(true)
}
