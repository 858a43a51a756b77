//! `waymark tenant quota`: what one tenant may have, on the machine.

use std::fmt::Write as _;

use crate::administration::quotas::{quotas_in_turn, set_quotas};
use crate::audit;
use crate::cli::admin::{tenant_id, with_database};
use crate::cli::output::{CliFailure, print};
use crate::clock::Clock;
use crate::config::Config;
use crate::quotas::{EachQuota, LARGEST_LIMIT, QuotaKind, TenantQuotas};

/// A quota and what it is to be; none is the default.
type QuotaSetting = (QuotaKind, Option<i64>);

/// Sets what is named (`drafts=50`, `drafts=default`), and prints all quotas of the tenant.
pub fn tenant_quota(config: &Config, name: &str, settings: &[String]) -> Result<u8, CliFailure> {
    let wanted = settings.iter().map(|text| setting(text)).collect::<Result<Vec<QuotaSetting>, String>>()?;
    let clock = Clock::system();
    let set = with_database(config, |conn, first| {
        let tenant = tenant_id(conn, name)?;
        let before = quotas_in_turn(conn, tenant)?;
        let named = |kind| wanted.iter().rev().find(|(one, _)| *one == kind).map(|(_, limit)| *limit);
        let set = EachQuota::all(|kind| named(kind).unwrap_or(before.of(kind)));
        if set != before {
            let entry = set_quotas(conn, tenant, set, clock.now())?;
            audit::note_command_line(conn, first.default_tenant, &clock, entry)?;
        }
        Ok(set)
    })?;
    let in_force = TenantQuotas::in_force(set, config.quotas);
    let mut out = String::new();
    for kind in QuotaKind::ALL {
        let limit = in_force.limit(kind).map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
        let _ = writeln!(out, "{:<16} {limit}{}", kind.name(), if set.of(kind).is_none() { "  default" } else { "" });
    }
    print(&out)
}

fn setting(text: &str) -> Result<QuotaSetting, String> {
    let names = || QuotaKind::ALL.map(QuotaKind::name).join(", ");
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=NUMBER; the names are {}", names()))?;
    let kind = QuotaKind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| format!("{name:?} is no quota; there are {}", names()))?;
    match value {
        "default" => Ok((kind, None)),
        _ => match value.parse() {
            Ok(limit) if (0..=LARGEST_LIMIT).contains(&limit) => Ok((kind, Some(limit))),
            _ => Err(format!("{name} must be a whole number up to {LARGEST_LIMIT} (0: no limit), or `default`")),
        },
    }
}
