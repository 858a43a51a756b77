//! All SQL of the audit log. Rows are only added; triggers in the database refuse anything else.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};

use crate::audit::rules::{ChainEnd, ChainFacts, NONE_BEFORE};
use crate::db::schema::{audit_entries, audit_heads};
use crate::db::statement::statement;
use crate::db::types::{Id, Time, Uid};
use crate::db::{Conn, Stored};
use crate::each;

diesel::define_sql_function! {
    /// An act that no index is entered by: of one object there are few.
    #[sql_name = "coalesce"]
    fn act_of_few(act: diesel::sql_types::Text, or: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

diesel::define_sql_function! {
    /// The same of a principal.
    #[sql_name = "coalesce"]
    fn principal_of_few(principal: diesel::sql_types::Nullable<Uid>, or: Uid) -> Uid;
}

/// One entry, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct AuditRow {
    pub tenant_id: Id,
    pub number: i64,
    pub id: Id,
    pub at: Time,
    pub act: String,
    pub client_id: Option<Id>,
    pub principal_kind: Option<String>,
    pub principal_id: Option<Id>,
    pub object_type: String,
    pub object_id: String,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub details: String,
    pub previous_sha256: Vec<u8>,
    pub sha256: Vec<u8>,
}

impl AuditRow {
    pub fn facts(&self) -> ChainFacts<'_> {
        ChainFacts {
            tenant: self.tenant_id,
            number: self.number,
            id: self.id,
            at: self.at,
            act: &self.act,
            client: self.client_id,
            principal_kind: self.principal_kind.as_deref(),
            principal: self.principal_id,
            object_type: &self.object_type,
            object: &self.object_id,
            address: self.address.as_deref(),
            request_id: self.request_id.as_deref(),
            details: &self.details,
            previous_sha256: &self.previous_sha256,
        }
    }
}

#[derive(QueryableByName)]
struct HeadRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Binary)]
    sha256: Vec<u8>,
}

/// Takes the next number of this tenant, with the hash of the entry before. Until this transaction ends, others who append for the
/// same tenant wait.
pub fn next_number(conn: &mut Conn, tenant: Id) -> Stored<(i64, Vec<u8>)> {
    let head: HeadRow = each!(conn, c => statement(
        "INSERT INTO audit_heads AS head (tenant_id, number, sha256) VALUES (?, 1, ?) \
         ON CONFLICT (tenant_id) DO UPDATE SET number = head.number + 1 RETURNING number, sha256")
        .bind::<Uid, _>(tenant)
        .bind::<Binary, _>(NONE_BEFORE.as_slice())
        .get_result(c))?;
    Ok((head.number, head.sha256))
}

/// Adds an entry, which is the tenant's last one from now on.
pub fn insert(conn: &mut Conn, row: &AuditRow) -> Stored<()> {
    each!(conn, c => diesel::insert_into(audit_entries::table).values(row).execute(c))?;
    each!(conn, c => diesel::update(audit_heads::table.filter(audit_heads::tenant_id.eq(row.tenant_id)))
        .set(audit_heads::sha256.eq(&row.sha256))
        .execute(c))?;
    Ok(())
}

/// The last entry of a tenant, as its head says.
pub fn head(conn: &mut Conn, tenant: Id) -> Stored<Option<ChainEnd>> {
    let found: Option<(i64, Vec<u8>)> = each!(conn, c => audit_heads::table
        .filter(audit_heads::tenant_id.eq(tenant))
        .select((audit_heads::number, audit_heads::sha256))
        .first(c)
        .optional())?;
    Ok(found.map(|(number, sha256)| ChainEnd { number, sha256 }))
}

/// Makes others who append for this tenant wait until this transaction ends. On SQLite there is one writer anyway.
pub fn lock(conn: &mut Conn, tenant: Id) -> Stored<()> {
    if let Conn::Pg(c) = conn {
        let own = audit_heads::table.filter(audit_heads::tenant_id.eq(tenant));
        own.select(audit_heads::number).for_update().first::<i64>(c).optional()?;
    }
    Ok(())
}

/// The entries behind a number, in the order of the chain.
pub fn entries_behind(conn: &mut Conn, tenant: Id, number: i64, limit: i64) -> Stored<Vec<AuditRow>> {
    Ok(each!(conn, c => audit_entries::table
        .filter(audit_entries::tenant_id.eq(tenant))
        .filter(audit_entries::number.gt(number))
        .order(audit_entries::number)
        .limit(limit)
        .select(AuditRow::as_select())
        .load(c))?)
}

/// The number of the entry behind another one, of one that cannot be read too.
pub fn number_behind(conn: &mut Conn, tenant: Id, number: i64) -> Stored<Option<i64>> {
    Ok(each!(conn, c => audit_entries::table
        .filter(audit_entries::tenant_id.eq(tenant))
        .filter(audit_entries::number.gt(number))
        .order(audit_entries::number)
        .select(audit_entries::number)
        .first(c)
        .optional())?)
}

/// The hash of one entry.
pub fn sha256_of(conn: &mut Conn, tenant: Id, number: i64) -> Stored<Option<Vec<u8>>> {
    Ok(each!(conn, c => audit_entries::table
        .filter(audit_entries::tenant_id.eq(tenant))
        .filter(audit_entries::number.eq(number))
        .select(audit_entries::sha256)
        .first(c)
        .optional())?)
}

/// Whether an act on an object was noted since a moment; of a principal, where one is named.
pub fn noted_since(
    conn: &mut Conn,
    tenant: Id,
    act: &str,
    object: (&str, &str),
    principal: Option<Id>,
    since: Time,
) -> Stored<bool> {
    let found: Option<i64> = each!(conn, c => {
        let mut query = audit_entries::table
            .filter(audit_entries::tenant_id.eq(tenant))
            .filter(audit_entries::object_type.eq(object.0))
            .filter(audit_entries::object_id.eq(object.1))
            .filter(audit_entries::at.gt(since))
            .filter(act_of_few(audit_entries::act, "").eq(act))
            .order((audit_entries::at, audit_entries::number))
            .select(audit_entries::number)
            .into_boxed();
        if let Some(principal) = principal {
            query = query.filter(principal_of_few(audit_entries::principal_id, Id::NIL).eq(principal));
        }
        query.first(c).optional()
    })?;
    Ok(found.is_some())
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub act: Option<String>,
    /// Type and id.
    pub object: Option<(String, String)>,
    pub principal: Option<Id>,
    /// From this moment on.
    pub from: Option<Time>,
    /// Before this moment.
    pub to: Option<Time>,
    pub newest_first: bool,
}

/// Where an entry stands in a list: by its time, then by its number.
pub type TimePlace = (Time, i64);

/// The first `limit` rows behind a place, in the order of their times.
pub fn page(conn: &mut Conn, tenant: Id, filter: &AuditFilter, after: Option<TimePlace>, limit: i64) -> Stored<Vec<AuditRow>> {
    // One bound on each side: of two, a database may begin at the one that is further away.
    let (mut from, mut until) = (filter.from, filter.to.map(|to| Time(to.0.saturating_sub(1))));
    match after {
        Some((at, _)) if filter.newest_first => until = Some(until.map_or(at, |until| until.min(at))),
        Some((at, _)) => from = Some(from.map_or(at, |from| from.max(at))),
        None => {}
    }
    Ok(each!(conn, c => {
        let mut query =
            audit_entries::table.filter(audit_entries::tenant_id.eq(tenant)).select(AuditRow::as_select()).limit(limit).into_boxed();
        query = match (&filter.object, filter.principal) {
            (_, None) => query,
            (None, Some(principal)) => query.filter(audit_entries::principal_id.eq(principal)),
            (Some(_), Some(principal)) => query.filter(principal_of_few(audit_entries::principal_id, Id::NIL).eq(principal)),
        };
        query = match (&filter.object, &filter.act) {
            (_, None) => query,
            (None, Some(act)) => query.filter(audit_entries::act.eq(act)),
            (Some(_), Some(act)) => query.filter(act_of_few(audit_entries::act, "").eq(act)),
        };
        if let Some((kind, id)) = &filter.object {
            query = query.filter(audit_entries::object_type.eq(kind)).filter(audit_entries::object_id.eq(id));
        }
        if let Some(from) = from {
            query = query.filter(audit_entries::at.ge(from));
        }
        if let Some(until) = until {
            query = query.filter(audit_entries::at.le(until));
        }
        query = match after {
            Some((at, number)) if filter.newest_first => {
                query.filter(audit_entries::at.lt(at).or(audit_entries::number.lt(number)))
            }
            Some((at, number)) => query.filter(audit_entries::at.gt(at).or(audit_entries::number.gt(number))),
            None => query,
        };
        if filter.newest_first {
            query.order((audit_entries::at.desc(), audit_entries::number.desc())).load(c)
        } else {
            query.order((audit_entries::at, audit_entries::number)).load(c)
        }
    })?)
}
