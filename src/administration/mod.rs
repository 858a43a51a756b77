//! Administration over the API: a tenant's clients; and, from the tenant that runs the installation, tenants and signing keys.

pub mod clients;
pub mod key_set;
pub mod rules;
pub mod signing;
pub mod store;
pub mod tenants;

use serde_json::Value;

use crate::audit::{self, AuditEntry};
use crate::auth::Who;
use crate::auth::renewal::renew_gates;
use crate::db::{Conn, Stored};
use crate::state::AppState;

/// Makes a change that is committed hold in this process at once. Others see it within 5 seconds, and so does this one if the
/// reading fails.
async fn hold_at_once(state: &AppState) {
    if let Err(problem) = renew_gates(&state.auth, &state.db, state.config.key_secret.as_ref()).await {
        tracing::warn!(%problem, "cannot read clients, tenants and keys again");
    }
}

/// Tells the audit log what was done, in the transaction that does it. `details` hold what an auditor wants to know, never a secret.
pub fn tell_auditors(
    conn: &mut Conn,
    who: &Who,
    act: &'static str,
    object_type: &'static str,
    object_id: &str,
    details: Value,
) -> Stored<()> {
    let entry = AuditEntry::new(act, (object_type, &object_id));
    let members = details.as_object().cloned().unwrap_or_default();
    let entry = members.into_iter().fold(entry, |entry, (name, value)| entry.with(&name, value));
    audit::note(conn, who, entry)
}
