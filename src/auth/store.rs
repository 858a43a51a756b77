//! All SQL of tenants, clients, signing keys and settings.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::auth::claims::LEEWAY;
use crate::auth::keys::{KeyAlgorithm, StoredKey};
use crate::auth::rules::Scopes;
use crate::db::schema::{clients, generations, learner_merges, learners, revoked_tokens, settings, signing_keys, tenants};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored, quotas};
use crate::each;
use crate::error::Problem;
use crate::quotas::EachQuota;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tenants, treat_none_as_default_value = false)]
pub struct Tenant {
    pub id: Id,
    pub name: String,
    pub created_at: Time,
    pub suspended_at: Option<Time>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
pub struct Client {
    pub tenant_id: Id,
    pub id: Id,
    pub name: String,
    pub secret_sha256: Vec<u8>,
    pub scopes: String,
    pub disabled_at: Option<Time>,
    pub created_at: Time,
    /// The secret before this one, good until `previous_secret_until`.
    pub previous_secret_sha256: Option<Vec<u8>>,
    pub previous_secret_until: Option<Time>,
    /// Public keys (a JSON Web Key Set) for `private_key_jwt`.
    pub jwks: Option<String>,
    pub revision: i64,
    /// Origins of its browser front ends, as a list in JSON ([`Client::origins`]).
    pub origins: String,
}

impl Client {
    pub fn origins(&self) -> Vec<String> {
        origins_in(&self.origins)
    }

    /// Whether it has a secret: it may have keys, or be an app that can keep neither.
    pub fn has_secret(&self) -> bool {
        !self.secret_sha256.is_empty()
    }
}

fn origins_in(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

impl Client {
    /// A client with one secret, or with none where its digest is empty.
    pub fn made_now((tenant_id, id): (Id, Id), name: &str, secret_sha256: Vec<u8>, scopes: Scopes, now: Time) -> Client {
        Client {
            tenant_id,
            id,
            name: name.to_owned(),
            secret_sha256,
            scopes: scopes.to_string(),
            disabled_at: None,
            created_at: now,
            previous_secret_sha256: None,
            previous_secret_until: None,
            jwks: None,
            revision: 1,
            origins: "[]".to_owned(),
        }
    }
}

pub fn insert_tenant(conn: &mut Conn, tenant: &Tenant) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(tenants::table).values(tenant).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

pub fn tenant_named(conn: &mut Conn, name: &str) -> Stored<Option<Tenant>> {
    Ok(each!(conn, c => tenants::table.filter(tenants::name.eq(name)).select(Tenant::as_select()).first(c).optional())?)
}

pub fn tenant_of_id(conn: &mut Conn, id: Id) -> Stored<Option<Tenant>> {
    Ok(each!(conn, c => tenants::table.filter(tenants::id.eq(id)).select(Tenant::as_select()).first(c).optional())?)
}

/// Says since when a tenant is suspended, or that it is not, and tells every process.
pub fn mark_suspended(conn: &mut Conn, id: Id, suspended_at: Option<Time>) -> Stored<()> {
    each!(conn, c => diesel::update(tenants::table.filter(tenants::id.eq(id))).set(tenants::suspended_at.eq(suspended_at)).execute(c))?;
    raise(conn, "clients")
}

pub fn all_tenants(conn: &mut Conn) -> Stored<Vec<Tenant>> {
    Ok(each!(conn, c => tenants::table.order(tenants::name).select(Tenant::as_select()).load(c))?)
}

pub fn insert_client(conn: &mut Conn, client: &Client) -> Stored<()> {
    each!(conn, c => diesel::insert_into(clients::table).values(client).execute(c))?;
    Ok(())
}

pub fn client(conn: &mut Conn, id: Id) -> Stored<Option<Client>> {
    Ok(each!(conn, c => clients::table.filter(clients::id.eq(id)).select(Client::as_select()).first(c).optional())?)
}

/// A client, and whether it is let in: neither it nor its tenant is out.
pub fn client_and_standing(conn: &mut Conn, id: Id) -> Stored<Option<(Client, bool)>> {
    let Some(client) = client(conn, id)? else { return Ok(None) };
    let tenant = tenant_of_id(conn, client.tenant_id)?;
    let let_in = client.disabled_at.is_none() && tenant.is_some_and(|tenant| tenant.suspended_at.is_none());
    Ok(Some((client, let_in)))
}

pub fn clients_of(conn: &mut Conn, tenant: Id) -> Stored<Vec<Client>> {
    Ok(each!(conn, c => clients::table
        .filter(clients::tenant_id.eq(tenant))
        .order((clients::created_at, clients::id))
        .select(Client::as_select())
        .load(c))?)
}

/// Disables a client and tells every process; false when there is no such client.
pub fn disable_client(conn: &mut Conn, tenant: Id, id: Id, now: Time) -> Stored<bool> {
    // First of all, because whoever changes a client waits for those who do.
    raise(conn, "clients")?;
    let n = each!(conn, c => diesel::update(clients::table.filter(clients::tenant_id.eq(tenant)).filter(clients::id.eq(id)))
        .set((clients::disabled_at.eq(Some(now)), clients::revision.eq(clients::revision + 1)))
        .execute(c))?;
    Ok(n == 1)
}

/// Says from which origins a client's pages come, and tells every process; false when there is no such client.
pub fn replace_origins(conn: &mut Conn, tenant: Id, id: Id, origins: &[String]) -> Stored<bool> {
    let text = serde_json::to_string(origins).map_err(Problem::internal)?;
    let own = clients::tenant_id.eq(tenant).and(clients::id.eq(id));
    let n = each!(conn, c => diesel::update(clients::table.filter(own)).set(clients::origins.eq(&text)).execute(c))?;
    raise(conn, "clients")?;
    Ok(n == 1)
}

/// What decides who is let in.
#[derive(Debug, Clone)]
pub struct AccessState {
    pub keys: Vec<StoredKey>,
    pub disabled: HashSet<(Id, Id)>,
    pub suspended: HashSet<Id>,
    /// The scopes of clients that lost one while tokens may be about that have it.
    pub narrowed: HashMap<(Id, Id), Scopes>,
    /// (tenant, client, origins) of the clients that have any and are not disabled.
    pub origins: Vec<(Id, Id, Vec<String>)>,
    /// (tenant, learner)
    pub inactive: HashSet<(Id, Id)>,
    /// (tenant, learner) -> learner
    pub merged: HashMap<(Id, Id), Id>,
    pub quotas: HashMap<Id, EachQuota<Option<i64>>>,
    pub home: Option<Id>,
}

/// A learner whose tokens may be about.
#[derive(Queryable)]
struct WatchedLearner {
    /// (tenant, learner)
    key: (Id, Id),
    state: String,
    merged_into: Option<Id>,
    /// Merged, and before that deactivated: tokens that were refused stay refused.
    was_deactivated: bool,
}

impl WatchedLearner {
    fn is_refused(&self) -> bool {
        self.state == "deactivated" || self.was_deactivated
    }
}

/// Learners of whom tokens may be about that must not work any more, or work for another learner: few, since the time until when
/// runs out.
fn watched_learners(conn: &mut Conn) -> Stored<Vec<WatchedLearner>> {
    let deactivated_before = learner_merges::table
        .filter(learner_merges::tenant_id.eq(learners::tenant_id))
        .filter(learner_merges::from_id.eq(learners::id))
        .filter(learner_merges::state.eq("merged"))
        .filter(learner_merges::from_state.eq("deactivated"));
    let was_deactivated = diesel::dsl::exists(deactivated_before);
    Ok(each!(conn, c => learners::table
        .filter(learners::tokens_until.is_not_null())
        .filter(learners::tokens_until.gt(Time(0)))
        .select(((learners::tenant_id, learners::id), learners::state, learners::merged_into, was_deactivated))
        .load(c))?)
}

/// The tenant of the first start, whose administrators manage the installation.
pub const HOME_TENANT: &str = "default";
/// What the client is called that a tenant has from its beginning.
pub const ADMINISTRATOR: &str = "administrator";

pub fn access_state(conn: &mut Conn) -> Stored<AccessState> {
    let disabled: Vec<(Id, Id)> = each!(conn, c => clients::table.filter(clients::disabled_at.is_not_null()).select((clients::tenant_id, clients::id)).load(c))?;
    let suspended: Vec<Id> =
        each!(conn, c => tenants::table.filter(tenants::suspended_at.is_not_null()).select(tenants::id).load(c))?;
    let narrowed: Vec<(Id, Id, String)> = each!(conn, c => clients::table
        .filter(clients::narrowed_at.is_not_null())
        .select((clients::tenant_id, clients::id, clients::scopes))
        .load(c))?;
    let narrowed = narrowed.into_iter().map(|(tenant, id, scopes)| ((tenant, id), Scopes::parse(&scopes).unwrap_or_default()));
    let origins: Vec<(Id, Id, String)> = each!(conn, c => clients::table
        .filter(clients::disabled_at.is_null())
        .filter(clients::origins.ne("[]"))
        .select((clients::tenant_id, clients::id, clients::origins))
        .load(c))?;
    let watched = watched_learners(conn)?;
    Ok(AccessState {
        narrowed: narrowed.collect(),
        keys: active_keys(conn)?,
        disabled: disabled.into_iter().collect(),
        inactive: watched.iter().filter(|one| one.is_refused()).map(|one| one.key).collect(),
        merged: watched
            .iter()
            .filter(|one| !one.is_refused())
            .filter_map(|one| one.merged_into.map(|into| (one.key, into)))
            .collect(),
        suspended: suspended.into_iter().collect(),
        origins: origins.into_iter().map(|(tenant, client, text)| (tenant, client, origins_in(&text))).collect(),
        quotas: quotas::all_quotas(conn)?.into_iter().map(|row| (row.tenant_id, row.set())).collect(),
        home: tenant_named(conn, HOME_TENANT)?.map(|tenant| tenant.id),
    })
}

/// Takes an access token back, and tells every process.
pub fn keep_revocation(conn: &mut Conn, tenant: Id, jti: Id, expires: Time, now: Time) -> Stored<()> {
    let row = (
        revoked_tokens::tenant_id.eq(tenant),
        revoked_tokens::jti.eq(jti),
        revoked_tokens::expires_at.eq(expires),
        revoked_tokens::revoked_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(revoked_tokens::table).values(row).on_conflict_do_nothing().execute(c))?;
    raise(conn, "revocations")
}

/// Tokens that were taken back since a moment and have not expired, with the times at which they do.
pub fn revoked_since(conn: &mut Conn, since: Time, now: Time) -> Stored<Vec<(Id, Time)>> {
    Ok(each!(conn, c => revoked_tokens::table
        .filter(revoked_tokens::revoked_at.ge(since))
        .filter(revoked_tokens::expires_at.gt(now.plus_seconds(-LEEWAY)))
        .select((revoked_tokens::jti, revoked_tokens::expires_at))
        .load(c))?)
}

/// Forgets revocations, and learners to watch for tokens, of what has expired; called now and then.
pub fn forget_expired(conn: &mut Conn, now: Time) -> Stored<()> {
    let gone = now.plus_seconds(-3600);
    each!(conn, c => diesel::delete(revoked_tokens::table.filter(revoked_tokens::expires_at.lt(gone))).execute(c))?;
    each!(conn, c => diesel::update(learners::table.filter(learners::tokens_until.lt(gone)))
        .set(learners::tokens_until.eq(None::<Time>))
        .execute(c))?;
    Ok(())
}

pub fn insert_key(conn: &mut Conn, key: &StoredKey) -> Stored<()> {
    let row = (
        signing_keys::kid.eq(&key.kid),
        signing_keys::alg.eq(key.algorithm.name()),
        signing_keys::state.eq("active"),
        signing_keys::private_key.eq(&key.private_key),
        signing_keys::public_key.eq(&key.public_key),
        signing_keys::created_at.eq(key.created_at),
        signing_keys::signs_from.eq(key.signs_from),
        signing_keys::verifies_until.eq(key.verifies_until),
    );
    each!(conn, c => diesel::insert_into(signing_keys::table).values(row).execute(c))?;
    raise(conn, "keys")
}

/// Writes the private part of a key anew, sealed.
pub fn replace_private_key(conn: &mut Conn, key: &StoredKey) -> Stored<()> {
    each!(conn, c => diesel::update(signing_keys::table.filter(signing_keys::kid.eq(&key.kid)))
        .set(signing_keys::private_key.eq(&key.private_key))
        .execute(c))?;
    Ok(())
}

/// Says until when the tokens of a key are good, and tells every process.
pub fn end_key(conn: &mut Conn, kid: &str, verifies_until: Time) -> Stored<()> {
    each!(conn, c => diesel::update(signing_keys::table.filter(signing_keys::kid.eq(kid)))
        .set(signing_keys::verifies_until.eq(Some(verifies_until)))
        .execute(c))?;
    raise(conn, "keys")
}

/// Removes a key of which no token is good any more.
pub fn remove_key(conn: &mut Conn, kid: &str) -> Stored<()> {
    each!(conn, c => diesel::delete(signing_keys::table.filter(signing_keys::kid.eq(kid))).execute(c))?;
    raise(conn, "keys")
}

/// All keys that are stored, the newest first.
pub fn active_keys(conn: &mut Conn) -> Stored<Vec<StoredKey>> {
    type Row = (String, String, Vec<u8>, Vec<u8>, Time, Option<Time>, Option<Time>);
    let rows: Vec<Row> = each!(conn, c => signing_keys::table
        .filter(signing_keys::state.eq("active"))
        .order(signing_keys::created_at.desc())
        .select((signing_keys::kid, signing_keys::alg, signing_keys::private_key, signing_keys::public_key, signing_keys::created_at, signing_keys::signs_from, signing_keys::verifies_until))
        .load(c))?;
    let key = |(kid, alg, private_key, public_key, created_at, signs_from, verifies_until): Row| {
        let algorithm = KeyAlgorithm::ALL.into_iter().find(|one| one.name() == alg);
        let algorithm = algorithm.ok_or_else(|| Problem::internal(format!("a signing key has the unknown algorithm {alg}")))?;
        Ok(StoredKey { kid, algorithm, private_key, public_key, created_at, signs_from, verifies_until })
    };
    rows.into_iter().map(key).collect()
}

/// Tells every process that it must read `topic` again.
pub fn raise(conn: &mut Conn, topic: &str) -> Stored<()> {
    each!(conn, c => diesel::update(generations::table.filter(generations::topic.eq(topic)))
        .set(generations::value.eq(generations::value + 1))
        .execute(c))?;
    Ok(())
}

/// (topic, value), ordered by topic.
pub fn generations(conn: &mut Conn) -> Stored<Vec<(String, i64)>> {
    Ok(each!(conn, c => generations::table.order(generations::topic).select((generations::topic, generations::value)).load(c))?)
}

pub fn setting(conn: &mut Conn, name: &str) -> Stored<Option<String>> {
    Ok(each!(conn, c => settings::table.filter(settings::name.eq(name)).select(settings::value).first(c).optional())?)
}

/// Writes a setting if there is none yet, and gives back the one in force.
pub fn setting_or(conn: &mut Conn, name: &str, value: &str) -> Stored<String> {
    each!(conn, c => diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(setting(conn, name)?.unwrap_or_default())
}

/// Writes a setting; true where another value was there.
pub fn replace_setting(conn: &mut Conn, name: &str, value: &str) -> Stored<bool> {
    let old = setting(conn, name)?;
    if old.as_deref() == Some(value) {
        return Ok(false);
    }
    each!(conn, c => diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(value))
        .execute(c))?;
    Ok(old.is_some())
}

/// What became of a new secret for a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Rotation {
    Done,
    Unknown,
    Disabled,
}

/// Gives a client another secret; the one before is good no more. Its id stays, and with it everything that belongs to the client: learners that it named
/// without a system are found by that id.
pub fn replace_secret(conn: &mut Conn, tenant: Id, id: Id, secret_sha256: &[u8]) -> Stored<Rotation> {
    raise(conn, "clients")?;
    let own = clients::tenant_id.eq(tenant).and(clients::id.eq(id));
    let n = each!(conn, c => diesel::update(clients::table.filter(own).filter(clients::disabled_at.is_null()))
        .set((
            clients::secret_sha256.eq(secret_sha256),
            clients::previous_secret_sha256.eq(None::<Vec<u8>>),
            clients::previous_secret_until.eq(None::<Time>),
            clients::revision.eq(clients::revision + 1),
        ))
        .execute(c))?;
    let there = client(conn, id)?.is_some_and(|client| client.tenant_id == tenant);
    Ok(match (n, there) {
        (1, _) => Rotation::Done,
        (_, true) => Rotation::Disabled,
        (_, false) => Rotation::Unknown,
    })
}
