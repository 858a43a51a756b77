//! `/v1/tenants/{id}/quotas`: how much a tenant may have, for administrators of the tenant that runs the installation.

use actix_web::web::Data;
use actix_web::{get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::administration::store;
use crate::administration::tenants::no_such_tenant;
use crate::audit::{self, AuditEntry};
use crate::auth::caller::TenantsAdmin;
use crate::auth::{Caller, Who};
use crate::authoring;
use crate::db::quotas::{QuotaRow, put_quotas, quotas_of};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::diagnosis::signals;
use crate::error::{FieldError, Problem};
use crate::lessons::publish::OwnVersions;
use crate::quotas::{EachQuota, LARGEST_LIMIT, QuotaKind, TenantQuotas};
use crate::records;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::json::Body;
use crate::web::path::PathId;

/// One quota of a tenant, and what the tenant has of it.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TenantQuota {
    /// What was set for this tenant; null where the installation's default holds, 0 where there is to be no limit.
    pub set: Option<i64>,
    /// The limit in force; null where there is none.
    pub limit: Option<i64>,
    /// How much the tenant has of it now. Null for records while there is no limit: they are counted from when there is one.
    pub used: Option<i64>,
}

/// How much a tenant may have, and has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "versions": {"set": null, "limit": 10000, "used": 12},
    "version_bytes": {"set": 134_217_728, "limit": 134_217_728, "used": 481_033},
    "drafts": {"set": null, "limit": 1000, "used": 3},
    "signals": {"set": null, "limit": 200, "used": 0},
    "records_per_day": {"set": 50000, "limit": 50000, "used": 1204}}))]
pub struct QuotaReport {
    /// Published versions of lessons of its own, as this process knows them: others' publications of the last 5 seconds may be missing.
    pub versions: TenantQuota,
    /// Bytes of JSON of those versions together.
    pub version_bytes: TenantQuota,
    /// Drafts of lessons.
    pub drafts: TenantQuota,
    /// Signals of its own.
    pub signals: TenantQuota,
    /// Records of today (UTC).
    pub records_per_day: TenantQuota,
}

/// What is to be set for a tenant: a limit, 0 for none, null (or nothing) for the installation's default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version_bytes": 134_217_728, "records_per_day": 50000}))]
pub struct QuotasPut {
    /// Published versions of lessons of its own.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub versions: Option<i64>,
    /// Bytes of JSON of those versions together. Every process of the service holds them in memory.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub version_bytes: Option<i64>,
    /// Drafts of lessons.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub drafts: Option<i64>,
    /// Signals of its own.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub signals: Option<i64>,
    /// Records of a day (UTC), behind which nothing new begins until the next one.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub records_per_day: Option<i64>,
}

impl QuotasPut {
    fn checked(self) -> Result<EachQuota<Option<i64>>, Problem> {
        let QuotasPut { versions, version_bytes, drafts, signals, records_per_day } = self;
        let set = EachQuota { versions, version_bytes, drafts, signals, records_per_day };
        let misfits = QuotaKind::ALL.into_iter().filter(|kind| !set.of(*kind).is_none_or(|n| (0..=LARGEST_LIMIT).contains(&n)));
        let wrong: Vec<FieldError> = misfits
            .map(|kind| FieldError {
                pointer: Some(format!("/{}", kind.name())),
                parameter: None,
                detail: format!("must be from 0 (no limit) to {LARGEST_LIMIT}, or null for the default."),
            })
            .collect();
        if wrong.is_empty() { Ok(set) } else { Err(Problem::bodies(wrong)) }
    }
}

/// What a tenant has of what the database counts.
struct Kept {
    set: EachQuota<Option<i64>>,
    drafts: i64,
    signals: i64,
    records: Option<i64>,
}

impl Kept {
    fn of(conn: &mut Conn, tenant: Id, defaults: EachQuota<i64>, now: Time) -> Stored<Kept> {
        store::find_tenant(conn, tenant)?.ok_or_else(no_such_tenant)?;
        let set = quotas_of(conn, tenant)?;
        Ok(Kept {
            set,
            drafts: authoring::lifecycle::count_drafts(conn, tenant)?,
            signals: signals::lifecycle::count_own_signals(conn, tenant)?,
            records: records::day::counted_today(conn, tenant, &TenantQuotas::in_force(set, defaults), now)?,
        })
    }

    fn report(&self, defaults: EachQuota<i64>, own: OwnVersions) -> QuotaReport {
        let quotas = TenantQuotas::in_force(self.set, defaults);
        let one = |kind, used| TenantQuota { set: self.set.of(kind), limit: quotas.limit(kind), used };
        QuotaReport {
            versions: one(QuotaKind::Versions, Some(own.count)),
            version_bytes: one(QuotaKind::VersionBytes, Some(own.bytes)),
            drafts: one(QuotaKind::Drafts, Some(self.drafts)),
            signals: one(QuotaKind::Signals, Some(self.signals)),
            records_per_day: one(QuotaKind::RecordsPerDay, self.records),
        }
    }
}

/// Read a tenant's quotas
///
/// What was set for it, the limits in force, and what it has. Only for the tenant that runs the installation.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id.")),
    responses(
        (status = 200, description = "Limits and what there is.", body = QuotaReport),
        (status = 404, description = "No such tenant."),
    ),
    security(("token" = ["tenants:admin"]))
)]
#[get("/tenants/{id}/quotas")]
pub async fn read_quotas(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
) -> Result<Answered<QuotaReport>, Problem> {
    let (who, defaults) = (caller.into_administrator()?, state.config.quotas);
    let kept = state.db.read(move |conn| Kept::of(conn, id, defaults, who.now)).await?;
    Ok(Answered::ok(kept.report(defaults, state.catalogue(id).own_versions())))
}

/// Set a tenant's quotas
///
/// All of them: what is left out, or null, is the installation's default; 0 is no limit. It holds at once in this process, within 5
/// seconds in all. The same call again changes nothing. What the tenant has stays, also where it is more than the limit; it gets no more.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Id, Path, description = "The tenant's id.")),
    request_body = QuotasPut,
    responses(
        (status = 200, description = "The limits that are in force now, and what there is.", body = QuotaReport),
        (status = 404, description = "No such tenant."),
    ),
    security(("token" = ["tenants:admin"]))
)]
#[put("/tenants/{id}/quotas")]
pub async fn put_tenant_quotas(
    state: Data<AppState>,
    caller: Caller<TenantsAdmin>,
    PathId(id): PathId,
    body: Body<QuotasPut>,
) -> Result<Answered<QuotaReport>, Problem> {
    let (who, set, defaults) = (caller.into_administrator()?, body.value.checked()?, state.config.quotas);
    let kept = state.db.write(move |conn| change_quotas(conn, &who, id, set, defaults)).await?;
    state.renew_access().await;
    Ok(Answered::ok(kept.report(defaults, state.catalogue(id).own_versions())))
}

fn change_quotas(conn: &mut Conn, who: &Who, id: Id, set: EachQuota<Option<i64>>, defaults: EachQuota<i64>) -> Stored<Kept> {
    store::find_tenant(conn, id)?.ok_or_else(no_such_tenant)?;
    if quotas_in_turn(conn, id)? != set {
        let entry = set_quotas(conn, id, set, who.now)?;
        audit::note(conn, who, entry)?;
    }
    Kept::of(conn, id, defaults, who.now)
}

/// What is set for a tenant, for somebody whose turn it is to change it until the transaction ends.
pub fn quotas_in_turn(conn: &mut Conn, tenant: Id) -> Stored<EachQuota<Option<i64>>> {
    store::take_turn(conn)?;
    quotas_of(conn, tenant)
}

/// Sets quotas of a tenant; gives what the audit log is to say of that.
pub fn set_quotas(conn: &mut Conn, tenant: Id, set: EachQuota<Option<i64>>, now: Time) -> Stored<AuditEntry> {
    put_quotas(conn, &QuotaRow::new(tenant, set, now))?;
    let entry = AuditEntry::new("tenant.quotas_set", ("tenant", &tenant));
    Ok(QuotaKind::ALL.into_iter().fold(entry, |entry, kind| entry.with(kind.name(), set.of(kind))))
}
