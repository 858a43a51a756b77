//! SQL of administration alone. The rows are those of `auth`, which asks them at every sign-in.

use diesel::prelude::*;

use crate::auth::store as rows;
pub use crate::auth::store::{ADMINISTRATOR, Client, HOME_TENANT, Tenant};
use crate::db::schema::{clients, tenants};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;

/// Takes the turn of those who change clients and tenants, and tells every process. What is read after it is still so when it is
/// written.
pub fn take_turn(conn: &mut Conn) -> Stored<()> {
    rows::raise(conn, "clients")
}

/// The same of those who change keys.
pub fn take_turn_at_keys(conn: &mut Conn) -> Stored<()> {
    rows::raise(conn, "keys")
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<Client>> {
    Ok(each!(conn, c => clients::table
        .filter(clients::tenant_id.eq(tenant))
        .filter(clients::id.eq(id))
        .select(Client::as_select())
        .first(c)
        .optional())?)
}

/// False where any tenant has a client of this id: clients sign in by their id alone. What other tenants have cannot be
/// looked up from within one (see [`crate::db::tenant_rows`]), so the index says it.
pub fn insert(conn: &mut Conn, client: &Client) -> Stored<bool> {
    let insert = diesel::insert_into(clients::table).values(client).on_conflict_do_nothing();
    Ok(each!(conn, c => insert.execute(c))? == 1)
}

/// Writes what can change of a client.
pub fn replace(conn: &mut Conn, client: &Client) -> Stored<()> {
    let own = clients::tenant_id.eq(client.tenant_id).and(clients::id.eq(client.id));
    each!(conn, c => diesel::update(clients::table.filter(own))
        .set((
            clients::name.eq(&client.name),
            clients::secret_sha256.eq(&client.secret_sha256),
            clients::scopes.eq(&client.scopes),
            clients::disabled_at.eq(client.disabled_at),
            clients::previous_secret_sha256.eq(&client.previous_secret_sha256),
            clients::previous_secret_until.eq(client.previous_secret_until),
            clients::jwks.eq(&client.jwks),
            clients::revision.eq(client.revision),
        ))
        .execute(c))?;
    Ok(())
}

/// Notes that a client lost a scope, so that tokens of before lose it too.
pub fn note_narrowed(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<()> {
    let own = clients::tenant_id.eq(tenant).and(clients::id.eq(id));
    each!(conn, c => diesel::update(clients::table.filter(own)).set(clients::narrowed_at.eq(Some(now))).execute(c))?;
    Ok(())
}

/// Clients of a tenant after (made at, id), in the order in which they were made.
pub fn page(conn: &mut Conn, tenant: Id, (made, id): (Time, Id), limit: i64) -> Stored<Vec<Client>> {
    let later = clients::created_at.gt(made).or(clients::created_at.eq(made).and(clients::id.gt(id)));
    Ok(each!(conn, c => clients::table
        .filter(clients::tenant_id.eq(tenant))
        .filter(later)
        .order((clients::created_at, clients::id))
        .limit(limit)
        .select(Client::as_select())
        .load(c))?)
}

pub fn count_clients(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(each!(conn, c => clients::table.filter(clients::tenant_id.eq(tenant)).count().get_result(c))?)
}

/// The scopes of a tenant's clients that are not disabled, but for one.
pub fn scopes_of_others(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Vec<String>> {
    Ok(each!(conn, c => clients::table
        .filter(clients::tenant_id.eq(tenant))
        .filter(clients::id.ne(id))
        .filter(clients::disabled_at.is_null())
        .select(clients::scopes)
        .load(c))?)
}

pub fn find_tenant(conn: &mut Conn, id: Id) -> Stored<Option<Tenant>> {
    rows::tenant_of_id(conn, id)
}

/// False where the id or the name is another one's.
pub fn insert_new_tenant(conn: &mut Conn, tenant: &Tenant) -> Stored<bool> {
    rows::insert_tenant(conn, tenant)
}

pub fn write_suspended(conn: &mut Conn, id: Id, suspended_at: Option<Time>) -> Stored<()> {
    rows::mark_suspended(conn, id, suspended_at)
}

/// Tenants after this name, in the order of their names.
pub fn page_of_tenants(conn: &mut Conn, after: &str, limit: i64) -> Stored<Vec<Tenant>> {
    Ok(each!(conn, c => tenants::table
        .filter(tenants::name.gt(after))
        .order(tenants::name)
        .limit(limit)
        .select(Tenant::as_select())
        .load(c))?)
}
