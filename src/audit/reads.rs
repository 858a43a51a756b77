//! What staff read of others, noted once an hour for each of them and each thing. Clients and learners pass at the cost of one look
//! at their principal. That it cannot be noted fails no reading; the log of the process says so then.

use std::time::Duration;

use crate::audit::memory::{READ_AGAIN, StaffReading};
use crate::audit::{AuditEntry, note, store};
use crate::auth::{Principal, Who};
use crate::db::{Conn, Stored};
use crate::state::AppState;

/// How long a reading waits for its entry.
const PATIENCE: Duration = Duration::from_secs(2);

/// `who`, where that is somebody of staff.
pub fn of_staff(who: &Who) -> Option<Who> {
    matches!(who.principal, Principal::Staff(_)).then(|| who.clone())
}

/// Notes that somebody of staff read something.
pub async fn note_staff_reading(state: &AppState, who: Option<Who>, act: &'static str, object: (&'static str, &dyn ToString)) {
    let Some(who) = who else { return };
    let staff = who.principal.id();
    let reading = StaffReading { tenant: who.tenant, staff, act, object_type: object.0, object: object.1.to_string() };
    if state.audit.has_read(&reading, who.now) {
        return;
    }
    let (acting, read) = (who.clone(), reading.clone());
    let writing = state.db.of(who.tenant).write(move |conn| append_reading(conn, &acting, &read));
    match tokio::time::timeout(PATIENCE, writing).await {
        Ok(Ok(())) => state.audit.was_read(reading, who.now),
        Ok(Err(problem)) => log_unnoted(&reading, &who.request_id, &problem),
        Err(late) => log_unnoted(&reading, &who.request_id, &late),
    }
}

fn log_unnoted(reading: &StaffReading, request_id: &str, why: &dyn std::fmt::Display) {
    let StaffReading { tenant, staff, act, object, .. } = reading;
    tracing::error!(%tenant, %staff, act, object, request_id, %why, "a reading by staff is not in the audit log");
}

fn append_reading(conn: &mut Conn, who: &Who, reading: &StaffReading) -> Stored<()> {
    store::lock(conn, who.tenant)?;
    let StaffReading { act, object_type, object, staff, .. } = reading;
    let since = who.now.plus_seconds(-READ_AGAIN);
    if store::noted_since(conn, who.tenant, act, (object_type, object), Some(*staff), since)? {
        return Ok(());
    }
    note(conn, who, AuditEntry::new(act, (object_type, object)))
}
