//! What can be measured of the service: one table of metrics, and those that are looked up when somebody asks.

use metrics::{counter, gauge};

use crate::config::Database;
use crate::db::Conn;
use crate::db::figures;
use crate::db::file::DatabaseFile;
use crate::error::{Code, Problem};
use crate::state::AppState;

/// What kind of metric it is, as Prometheus has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

/// One metric: its name, its labels, and what it says.
pub struct Metric {
    pub name: &'static str,
    pub kind: MetricKind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

macro_rules! table_of_metrics {
    ($($kind:ident $name:literal [$($label:literal)*] $help:literal)*) => {
        /// Every metric of the service; those of the process beside them begin with `process_`.
        pub const METRICS: &[Metric] = &[$(Metric { name: $name, kind: MetricKind::$kind, labels: &[$($label),*], help: $help }),*];
    };
}

table_of_metrics! {
    Gauge "waymark_build_info" ["version"] "1, with the version of the program."
    Histogram "waymark_http_request_seconds" ["method" "route" "status"] "Time from the first byte of a request to its answer."
    Counter "waymark_problems_total" ["code"] "Requests that were answered with a problem, by its code."
    Counter "waymark_tokens_refused_total" ["reason"] "Requests without a token that permits them, by the problem's code or the error of RFC 6749."
    Counter "waymark_rate_limited_total" ["policy"] "Requests that were refused because their caller asked too much, by the limit."
    Counter "waymark_tokens_issued_total" ["principal"] "Access tokens that were made: for a client, a learner or staff."
    Gauge "waymark_connections" ["listener"] "Connections that are open."
    Gauge "waymark_connections_limit" ["listener"] "Connections that may be open."
    Counter "waymark_connections_refused_total" ["listener"] "Connections for which there was no room."
    Counter "waymark_connections_closed_total" ["listener" "reason"] "Connections that the service closed: for a late peer, or to make room."
    Gauge "waymark_database_threads" [] "Database threads for calls, each with a connection."
    Gauge "waymark_database_calls_running" [] "Calls that run on them."
    Gauge "waymark_database_calls_waiting" [] "Calls that wait for one of them."
    Gauge "waymark_database_bytes" [] "Size of the database; looked up once a minute."
    Gauge "waymark_database_wal_bytes" [] "Size of SQLite's write-ahead log."
    Gauge "waymark_writer_waiting" [] "Jobs that wait for the writer."
    Histogram "waymark_writer_group_size" [] "Writes that shared one commit."
    Histogram "waymark_writer_group_seconds" [] "Time that a group took, from its begin to its commit."
    Gauge "waymark_feed_lag_seconds" [] "How long the oldest written record has waited to become visible."
    Counter "waymark_records_total" ["kind"] "Records that were committed, by kind: attempts, submissions, reviews and all else that changes state."
    Counter "waymark_diagnoses_total" ["layer"] "Diagnoses that were run, by the layer that they found."
}

/// Tells the exporter what each metric means.
pub fn describe() {
    for metric in METRICS {
        match metric.kind {
            MetricKind::Counter => metrics::describe_counter!(metric.name, metric.help),
            MetricKind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            MetricKind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
    gauge!("waymark_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    // What was never counted is 0, so that its first time is a change that an alert sees.
    for code in Code::ALL {
        counter!("waymark_problems_total", "code" => code.name()).increment(0);
    }
}

/// Looks at what changes by itself; for each scrape.
pub fn look(state: &AppState) {
    let load = state.db.load();
    gauge!("waymark_database_threads").set(float(load.threads));
    gauge!("waymark_database_calls_running").set(float(load.running));
    gauge!("waymark_database_calls_waiting").set(float(load.waiting));
    gauge!("waymark_writer_waiting").set(float(load.writes));
    if let Database::Sqlite(path) = &state.config.database {
        let log = DatabaseFile::of(path).map(|file| file.with("-wal")).ok();
        let bytes = log.and_then(|log| std::fs::metadata(log).ok()).map_or(0, |log| log.len());
        gauge!("waymark_database_wal_bytes").set(float(usize::try_from(bytes).unwrap_or(usize::MAX)));
    }
    metrics_process::Collector::default().collect();
}

/// Looks up the size of the database, which PostgreSQL adds up over its files.
pub async fn look_at_size(state: &AppState) -> Result<(), Problem> {
    let bytes = state.db.probe(|conn: &mut Conn| figures::database_bytes(conn)).await?;
    gauge!("waymark_database_bytes").set(float(usize::try_from(bytes).unwrap_or(0)));
    Ok(())
}

/// Exact up to 2^53, which no count here comes near.
fn float(n: usize) -> f64 {
    let (high, low) = (u32::try_from(n >> 32).unwrap_or(u32::MAX), u32::try_from(n & 0xffff_ffff).unwrap_or(u32::MAX));
    f64::from(high).mul_add(4_294_967_296.0, f64::from(low))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn large_counts_stay_exact() {
        for n in [0, 1, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_992] {
            assert_eq!(format!("{:.0}", float(n)), n.to_string());
        }
    }

    #[test]
    fn every_metric_stands_once_and_is_named_as_prometheus_wants_it() {
        let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for Metric { name, kind, help, .. } in METRICS {
            assert!(name.starts_with("waymark_") && help.ends_with('.'), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == MetricKind::Counter, "{name}");
        }
    }
}
