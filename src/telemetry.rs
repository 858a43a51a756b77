//! Logs and metrics. Secrets, bodies, answers and keys never come here.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::db::types::Time;

/// Starts logging to standard error.
pub fn logs(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let pretty = match config.log_format {
        LogFormat::Json => false,
        LogFormat::Pretty => true,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    JSON.store(!pretty, Ordering::Relaxed);
    let colour = std::io::stderr().is_terminal() && crate::config::colour_wanted();
    // Only the first call of a process counts; tests make many.
    let _ = if pretty {
        builder.with_ansi(colour).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    };
}

/// Whether log lines are JSON objects.
static JSON: AtomicBool = AtomicBool::new(false);

/// The line about one request.
#[derive(Serialize)]
pub struct Access<'a> {
    pub request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<&'a str>,
    pub method: &'a str,
    pub route: &'a str,
    pub status: u16,
    pub millis: f64,
}

/// Whether anyone wants the lines about requests.
pub fn access_wanted() -> bool {
    tracing::enabled!(target: "waymark::access", tracing::Level::INFO)
}

/// Logs one request. As JSON it is the line that the subscriber would write, at a fraction of its cost.
pub fn access(line: &Access<'_>, now: Time) {
    if !JSON.load(Ordering::Relaxed) {
        let Access { request_id, traceparent, method, route, status, millis } = line;
        tracing::info!(target: "waymark::access", request_id, traceparent, method, route, status, millis, "request");
        return;
    }
    #[derive(Serialize)]
    struct Whole<'a> {
        timestamp: Time,
        level: &'static str,
        message: &'static str,
        #[serde(flatten)]
        line: &'a Access<'a>,
        target: &'static str,
    }
    let whole = Whole { timestamp: now, level: "INFO", message: "request", line, target: "waymark::access" };
    if let Ok(mut text) = serde_json::to_vec(&whole) {
        text.push(b'\n');
        // In one call, so that lines of several threads do not mix. A log that cannot be written is no reason to fail.
        let _ = std::io::stderr().lock().write_all(&text);
    }
}

/// Starts collecting metrics, or finds that this process does already; `None` where something else collects them.
pub fn metrics() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(collect).clone()
}

fn collect() -> Option<PrometheusHandle> {
    let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
    let builder = PrometheusBuilder::new().set_buckets(&buckets).ok()?;
    let handle = builder.install_recorder().ok()?;
    metrics::describe_histogram!("waymark_http_request_seconds", "Time from the first byte of a request to its answer.");
    metrics::describe_gauge!("waymark_connections", "Connections that are open.");
    metrics::describe_counter!("waymark_connections_refused_total", "Connections for which there was no room.");
    metrics::describe_counter!(
        "waymark_connections_closed_total",
        "Connections that the service closed: for a late peer, or to make room."
    );
    metrics::describe_histogram!("waymark_writer_group_size", "Writes that shared one commit.");
    metrics::describe_gauge!("waymark_feed_lag_seconds", "How long the oldest written record has waited to become visible.");
    Some(handle)
}
