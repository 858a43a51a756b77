//! Logs and metrics. Secrets, bodies, answers and keys never come here.

use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::db::types::{Id, Time};

/// Starts logging to standard error.
pub fn logs(config: &Config) {
    let filter = EnvFilter::try_new(wanted(&config.log)).unwrap_or_else(|_| EnvFilter::new("info"));
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

/// What the configuration wants to be logged, without what must never be: below INFO, libraries write the values of queries
/// (tokio-postgres), the text that is rendered (html5ever) and the headers of requests (actix-http).
fn wanted(log: &str) -> String {
    const CHATTY: [&str; 4] = ["trace", "debug", "5", "4"];
    const CALM: [&str; 8] = ["off", "error", "warn", "info", "0", "1", "2", "3"];
    let said = |directive: &str| {
        let (target, level) = directive.rsplit_once('=').unwrap_or(("", directive));
        let lower = level.trim().to_ascii_lowercase();
        let (chatty, calm) = (CHATTY.contains(&lower.as_str()), CALM.contains(&lower.as_str()));
        match target.trim() {
            "" if chatty => format!("info,waymark={lower}"),
            // A target alone is all that it has to say.
            "" if !calm && !level.starts_with("waymark") => format!("{level}=info"),
            target if !target.is_empty() && chatty && !target.starts_with("waymark") => format!("{target}=info"),
            _ => directive.to_owned(),
        }
    };
    log.split(',').map(str::trim).filter(|directive| !directive.is_empty()).map(said).collect::<Vec<String>>().join(",")
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
    /// Where the request came from: whom a trusted proxy names, else the peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccessedBy>,
}

/// Whose token was good. A learner or a member of staff is not named, only the kind.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AccessedBy {
    pub tenant: Id,
    pub client: Id,
    pub principal: &'static str,
}

/// Whether anyone wants the lines about requests.
pub fn access_wanted() -> bool {
    tracing::enabled!(target: "waymark::access", tracing::Level::INFO)
}

/// Logs one request. As JSON it is the line that the subscriber would write, at a fraction of its cost.
pub fn access(line: &Access<'_>, now: Time) {
    if !JSON.load(Ordering::Relaxed) {
        let Access { request_id, traceparent, method, route, status, millis, address, by } = line;
        let (tenant, client) = (by.map(|by| by.tenant.to_string()), by.map(|by| by.client.to_string()));
        let (principal, address) = (by.map(|by| by.principal), address.map(|address| address.to_string()));
        tracing::info!(
            target: "waymark::access", request_id, traceparent, method, route, status, millis, address, tenant, client, principal, "request"
        );
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
    let groups = Matcher::Full("waymark_writer_group_size".to_owned());
    let sizes = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    let builder = PrometheusBuilder::new().set_buckets(&buckets).ok()?.set_buckets_for_metric(groups, &sizes).ok()?;
    let handle = builder.install_recorder().ok()?;
    Some(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_heard_from_info_upwards() {
        for (log, heard) in [
            ("info", "info"),
            ("warn,waymark=debug", "warn,waymark=debug"),
            ("debug", "info,waymark=debug"),
            ("TRACE", "info,waymark=trace"),
            ("5", "info,waymark=5"),
            ("info,tokio_postgres=trace", "info,tokio_postgres=info"),
            ("tokio_postgres::query=Debug , waymark::access=off", "tokio_postgres::query=info,waymark::access=off"),
            ("html5ever", "html5ever=info"),
            ("waymark", "waymark"),
            ("off", "off"),
            ("actix_server=warn,actix_http=off", "actix_server=warn,actix_http=off"),
        ] {
            assert_eq!(wanted(log), heard, "{log}");
            assert!(EnvFilter::try_new(wanted(log)).is_ok(), "{log}");
        }
    }
}
