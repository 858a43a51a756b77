//! Logs and metrics. Secrets, bodies, answers and keys never come here.

use std::io::IsTerminal;
use std::net::SocketAddr;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging to standard error.
pub fn logs(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let pretty = match config.log_format {
        LogFormat::Json => false,
        LogFormat::Pretty => true,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let colour = std::io::stderr().is_terminal() && crate::config::colour_wanted();
    // Only the first call of a process counts; tests make many.
    let _ = if pretty {
        builder.with_ansi(colour).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    };
}

/// Starts collecting metrics; `None` when this process already does.
pub fn metrics() -> Option<PrometheusHandle> {
    let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
    let builder = PrometheusBuilder::new().set_buckets(&buckets).ok()?;
    let handle = builder.install_recorder().ok()?;
    metrics::describe_histogram!("waymark_http_request_seconds", "Time from the first byte of a request to its answer.");
    metrics::describe_histogram!("waymark_writer_group_size", "Writes that shared one commit.");
    metrics::describe_gauge!("waymark_feed_lag_seconds", "How long the oldest written record has waited to become visible.");
    Some(handle)
}

/// Serves `/metrics` on a listener of its own.
pub fn serve_metrics(handle: PrometheusHandle, listen: SocketAddr) -> std::io::Result<actix_web::dev::Server> {
    use actix_web::{App, HttpServer, web};
    let server = HttpServer::new(move || {
        let handle = handle.clone();
        App::new().route(
            "/metrics",
            web::get().to(move || {
                let handle = handle.clone();
                async move { handle.render() }
            }),
        )
    });
    Ok(server.workers(1).disable_signals().bind(listen)?.run())
}
