//! What the gates know, read again from the database: at once by the process that changed something, within five seconds by all.

use std::time::Duration;

use secrecy::SecretString;

use crate::auth::gates::Gates;
use crate::auth::{Auth, store};
use crate::db::types::Time;
use crate::db::{Conn, Db, Stored};

/// How far the clocks of processes may be apart.
const SKEW: Duration = Duration::from_secs(600);

/// Reads clients, tenants and keys again.
pub async fn renew_gates(auth: &Auth, db: &Db, secret: Option<&SecretString>) -> Stored<()> {
    let _turn = auth.renewal_turn().await;
    let access = db.read(store::access_state).await?;
    auth.refresh(Gates::of(access, secret)?);
    Ok(())
}

/// Reads the tokens that were taken back since the database was last heard.
pub async fn renew_revocations(auth: &Auth, db: &Db, now: Time, unheard: Duration) -> Stored<()> {
    let back = i64::try_from(unheard.saturating_add(SKEW).as_secs()).unwrap_or(i64::MAX);
    let since = now.plus_seconds(-back);
    let revoked = db.read(move |conn| store::revoked_since(conn, since, now)).await?;
    auth.revoke(revoked, now);
    Ok(())
}

/// Tells every process that who is let in has changed, inside the transaction that changes it.
pub fn raise_access(conn: &mut Conn) -> Stored<()> {
    store::raise(conn, "clients")
}
