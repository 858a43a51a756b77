//! All SQL of the authorisation server.

use diesel::prelude::*;

use crate::auth::store::Client;
use crate::authorization::assertion::Assertion;
use crate::db::schema::{clients, tenants, used_assertions};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

/// A client, and whether its tenant is suspended.
pub fn client_and_tenant(conn: &mut Conn, id: Id) -> Stored<Option<(Client, bool)>> {
    let client: Option<Client> =
        each!(conn, c => clients::table.filter(clients::id.eq(id)).select(Client::as_select()).first(c).optional())?;
    let Some(client) = client else { return Ok(None) };
    let suspended: Option<Option<Time>> = each!(conn, c => tenants::table
        .filter(tenants::id.eq(client.tenant_id))
        .select(tenants::suspended_at)
        .first(c)
        .optional())?;
    Ok(Some((client, suspended.flatten().is_some())))
}

/// Uses an assertion up; false where somebody did so before.
pub fn use_assertion(conn: &mut Conn, tenant: Id, assertion: &Assertion) -> Stored<bool> {
    let row = (
        used_assertions::tenant_id.eq(tenant),
        used_assertions::client_id.eq(assertion.client),
        used_assertions::jti_sha256.eq(&assertion.jti_sha256),
        used_assertions::expires_at.eq(assertion.expires),
    );
    let used = each!(conn, c => diesel::insert_into(used_assertions::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(used == 1)
}
