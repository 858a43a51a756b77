//! What is set for tenants for which the defaults do not hold.

use diesel::prelude::*;

use crate::db::schema::tenant_quotas;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::quotas::EachQuota;

/// What is set for a tenant.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tenant_quotas, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct QuotaRow {
    pub tenant_id: Id,
    pub versions: Option<i64>,
    pub version_bytes: Option<i64>,
    pub drafts: Option<i64>,
    pub signals: Option<i64>,
    pub records_per_day: Option<i64>,
    pub updated_at: Time,
}

impl QuotaRow {
    pub fn new(tenant_id: Id, set: EachQuota<Option<i64>>, updated_at: Time) -> QuotaRow {
        let EachQuota { versions, version_bytes, drafts, signals, records_per_day } = set;
        QuotaRow { tenant_id, versions, version_bytes, drafts, signals, records_per_day, updated_at }
    }

    pub fn set(&self) -> EachQuota<Option<i64>> {
        let QuotaRow { versions, version_bytes, drafts, signals, records_per_day, .. } = *self;
        EachQuota { versions, version_bytes, drafts, signals, records_per_day }
    }
}

pub fn all_quotas(conn: &mut Conn) -> Stored<Vec<QuotaRow>> {
    Ok(each!(conn, c => tenant_quotas::table.select(QuotaRow::as_select()).load(c))?)
}

/// What is set for this tenant, which is nothing at first.
pub fn quotas_of(conn: &mut Conn, tenant: Id) -> Stored<EachQuota<Option<i64>>> {
    let found: Option<QuotaRow> = each!(conn, c => tenant_quotas::table
        .filter(tenant_quotas::tenant_id.eq(tenant))
        .select(QuotaRow::as_select())
        .first(c)
        .optional())?;
    Ok(found.map(|row| row.set()).unwrap_or_default())
}

/// Sets quotas of a tenant. Whoever calls it has the turn of those who change tenants, which tells every process.
pub fn put_quotas(conn: &mut Conn, row: &QuotaRow) -> Stored<()> {
    each!(conn, c => diesel::insert_into(tenant_quotas::table)
        .values(row)
        .on_conflict(tenant_quotas::tenant_id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}
