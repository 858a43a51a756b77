//! How much of what stays a tenant may have, so that none takes the room of the others: published versions, drafts, signals; and, where
//! it is set, how many records a day.

use std::convert::Infallible;

use serde_json::json;

use crate::error::{Code, Problem};

/// What there is a quota of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaKind {
    Versions,
    VersionBytes,
    Drafts,
    Signals,
    RecordsPerDay,
}

impl QuotaKind {
    pub const ALL: [QuotaKind; 5] =
        [QuotaKind::Versions, QuotaKind::VersionBytes, QuotaKind::Drafts, QuotaKind::Signals, QuotaKind::RecordsPerDay];

    /// Its name in calls and in `params.quota`; with `quota_` before it, its key in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            QuotaKind::Versions => "versions",
            QuotaKind::VersionBytes => "version_bytes",
            QuotaKind::Drafts => "drafts",
            QuotaKind::Signals => "signals",
            QuotaKind::RecordsPerDay => "records_per_day",
        }
    }

    fn key(self) -> String {
        format!("quota_{}", self.name())
    }

    /// What it counts.
    fn counts(self) -> &'static str {
        match self {
            QuotaKind::Versions => "published versions of its own lessons",
            QuotaKind::VersionBytes => "bytes of published versions of its own lessons",
            QuotaKind::Drafts => "drafts",
            QuotaKind::Signals => "signals of its own",
            QuotaKind::RecordsPerDay => "records a day (UTC)",
        }
    }

    /// What to do where there is no more.
    fn advice(self) -> &'static str {
        match self {
            QuotaKind::Versions => "Published versions stay, so publish less often, or ask",
            QuotaKind::VersionBytes => "Published versions stay, and pictures take most: make them smaller, or ask",
            QuotaKind::Drafts => "Delete those that are published or given up, or ask",
            QuotaKind::Signals => "Delete one, put several phrases into one signal (`when.any`), or ask",
            QuotaKind::RecordsPerDay => "Keep what was not taken and send it again after the time in Retry-After, or ask",
        }
    }
}

/// The largest limit that can be set.
pub const LARGEST_LIMIT: i64 = 1_000_000_000_000_000;

/// A value for each quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EachQuota<T> {
    pub versions: T,
    pub version_bytes: T,
    pub drafts: T,
    pub signals: T,
    pub records_per_day: T,
}

impl<T: Copy> EachQuota<T> {
    pub fn all(value: impl Fn(QuotaKind) -> T) -> EachQuota<T> {
        let Ok(all) = EachQuota::each(|kind| Ok::<T, Infallible>(value(kind)));
        all
    }

    pub fn each<E>(value: impl Fn(QuotaKind) -> Result<T, E>) -> Result<EachQuota<T>, E> {
        Ok(EachQuota {
            versions: value(QuotaKind::Versions)?,
            version_bytes: value(QuotaKind::VersionBytes)?,
            drafts: value(QuotaKind::Drafts)?,
            signals: value(QuotaKind::Signals)?,
            records_per_day: value(QuotaKind::RecordsPerDay)?,
        })
    }

    pub fn of(&self, kind: QuotaKind) -> T {
        match kind {
            QuotaKind::Versions => self.versions,
            QuotaKind::VersionBytes => self.version_bytes,
            QuotaKind::Drafts => self.drafts,
            QuotaKind::Signals => self.signals,
            QuotaKind::RecordsPerDay => self.records_per_day,
        }
    }
}

/// What the configuration says where nothing else is said of a tenant; 0 is no limit. `number` reads a key that has a number from one to
/// another.
pub fn default_quotas<E>(number: impl Fn(&str, usize, usize) -> Result<usize, E>) -> Result<EachQuota<i64>, E> {
    let most = usize::try_from(LARGEST_LIMIT).unwrap_or(usize::MAX);
    EachQuota::each(|kind| number(&kind.key(), 0, most).map(|n| i64::try_from(n).unwrap_or(LARGEST_LIMIT)))
}

/// The limits that are in force for a tenant; the default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TenantQuotas(EachQuota<Option<i64>>);

impl TenantQuotas {
    /// What is set for the tenant, and the defaults where nothing is; 0 is no limit.
    pub fn in_force(set: EachQuota<Option<i64>>, defaults: EachQuota<i64>) -> TenantQuotas {
        TenantQuotas(EachQuota::all(|kind| Some(set.of(kind).unwrap_or(defaults.of(kind))).filter(|limit| *limit > 0)))
    }

    pub fn limit(&self, kind: QuotaKind) -> Option<i64> {
        self.0.of(kind)
    }

    /// Says no where so much more would be too much. Nothing that is there is looked at twice: who has more than a limit that came later
    /// keeps it.
    pub fn check_room(&self, kind: QuotaKind, used: i64, more: i64) -> Result<(), Problem> {
        match self.limit(kind) {
            Some(limit) if used.saturating_add(more) > limit => Err(beyond(Code::QuotaExceeded, kind, limit, used)),
            _ => Ok(()),
        }
    }

    /// The same of records, of which there are more in `seconds`.
    pub fn check_day(&self, used: i64, seconds: i64) -> Result<(), Problem> {
        let kind = QuotaKind::RecordsPerDay;
        match self.limit(kind) {
            Some(limit) if used >= limit => Err(beyond(Code::DailyLimit, kind, limit, used).with("retry_after", json!(seconds))),
            _ => Ok(()),
        }
    }
}

fn beyond(code: Code, kind: QuotaKind, limit: i64, used: i64) -> Problem {
    let detail = format!(
        "This tenant may have {limit} {} and has {used}. {} whoever runs this installation for a higher limit.",
        kind.counts(),
        kind.advice()
    );
    Problem::new(code, detail).with("quota", kind.name()).with("limit", limit).with("used", used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_stands_before_the_default_and_0_is_no_limit() {
        for (set, default, limit) in [
            (None, 7, Some(7)),
            (None, 0, None),
            (Some(3), 7, Some(3)),
            (Some(9), 7, Some(9)),
            (Some(0), 7, None),
            (Some(3), 0, Some(3)),
        ] {
            let quotas = TenantQuotas::in_force(EachQuota::all(|_| set), EachQuota::all(|_| default));
            for kind in QuotaKind::ALL {
                assert_eq!(quotas.limit(kind), limit, "{kind:?} {set:?} {default}");
            }
        }
    }

    #[test]
    fn each_kind_has_a_place_of_its_own() {
        let numbered = EachQuota::all(|kind| QuotaKind::ALL.iter().position(|one| *one == kind));
        for (at, kind) in QuotaKind::ALL.into_iter().enumerate() {
            assert_eq!(numbered.of(kind), Some(at));
        }
        let quotas = TenantQuotas::in_force(EachQuota { drafts: Some(4), ..EachQuota::default() }, EachQuota::default());
        for kind in QuotaKind::ALL {
            assert_eq!(quotas.limit(kind), (kind == QuotaKind::Drafts).then_some(4));
        }
    }

    #[test]
    fn the_last_one_fits_and_the_next_does_not() {
        let quotas = TenantQuotas::in_force(EachQuota::default(), EachQuota::all(|_| 5));
        for (used, more, fits) in
            [(0, 5, true), (4, 1, true), (5, 1, false), (0, 6, false), (9, 1, false), (i64::MAX, i64::MAX, false)]
        {
            let said = quotas.check_room(QuotaKind::Drafts, used, more);
            assert_eq!(said.is_ok(), fits, "{used} {more}");
            if let Err(problem) = said {
                assert_eq!((problem.code(), problem.params()["used"].as_i64()), (Code::QuotaExceeded, Some(used)));
                assert_eq!((&problem.params()["quota"], &problem.params()["limit"]), (&json!("drafts"), &json!(5)));
            }
        }
        assert!(quotas.check_day(4, 60).is_ok());
        let over = quotas.check_day(5, 60).unwrap_err();
        assert_eq!((over.code(), over.retry_after()), (Code::DailyLimit, Some(60)));
        assert!(TenantQuotas::default().check_room(QuotaKind::Drafts, i64::MAX, i64::MAX).is_ok());
    }
}
