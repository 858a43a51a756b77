//! How many records a tenant has today, where there is a bound to them. They are counted in the transaction that appends them.

use std::collections::BTreeMap;

use crate::auth::Who;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored, daily_use};
use crate::quotas::{QuotaKind, TenantQuotas};

/// What is counted of records, by tenant and day; no learner can have the id of its owner.
const COUNTED: &str = "records";

/// Counts records where a tenant has a bound. In one order for everybody, so that no two groups wait for each other.
pub fn count_records(conn: &mut Conn, records: impl Iterator<Item = (Id, Time)>) -> Stored<()> {
    let mut more: BTreeMap<Id, (i64, Time)> = BTreeMap::new();
    for (tenant, at) in records {
        more.entry(tenant).or_insert((0, at)).0 += 1;
    }
    more.into_iter().try_for_each(|(tenant, (n, at))| daily_use::add(conn, (tenant, Id::NIL), COUNTED, (n, 0), at).map(drop))
}

/// Says no to what begins something new where the tenant's records of the day are used up. What was begun before goes on: its records
/// are counted and never refused. Call it after the rows that make the new thing: whoever lost a race for them is no newcomer.
pub fn check_day(conn: &mut Conn, who: &Who) -> Stored<()> {
    if who.quotas.limit(QuotaKind::RecordsPerDay).is_none() {
        return Ok(());
    }
    // Until this transaction ends, others of the same tenant wait.
    let counted = daily_use::add(conn, (who.tenant, Id::NIL), COUNTED, (0, 0), who.now)?.0;
    who.quotas.check_day(counted, daily_use::seconds_left(who.now))
}

/// How many records of today are counted, where they are.
pub fn counted_today(conn: &mut Conn, tenant: Id, quotas: &TenantQuotas, now: Time) -> Stored<Option<i64>> {
    let counts = quotas.limit(QuotaKind::RecordsPerDay).is_some();
    counts.then(|| daily_use::uses_today(conn, (tenant, Id::NIL), COUNTED, now)).transpose()
}
