//! `waymark serve`: from a configuration to a service that says where it is.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use crate::auth::Principal;
use crate::auth::tokens::Grant;
use crate::cli::output::CliFailure;
use crate::clock::Clock;
use crate::config::Config;
use crate::doors::tls::TlsDoor;
use crate::{first_start, server, telemetry};

#[derive(Debug, Args, Clone, Default)]
pub struct Serve {
    /// Address to serve on; port 0 takes a free one [env: WAYMARK_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Write the base URL into this file once the service is ready
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

pub fn run_serve(config: Config, flags: &Serve) -> Result<u8, CliFailure> {
    telemetry::logs(&config);
    let ready_file = flags.ready_file.clone();
    // Before anything is made: what the first start makes is shown once, so it must not fail for a taken port.
    free(config.listen, "listen", "--listen 127.0.0.1:0 takes a free one")?;
    if let Some(metrics) = config.metrics_listen {
        free(metrics, "metrics_listen", "choose another with WAYMARK_METRICS_LISTEN")?;
    }
    if let Some(files) = &config.tls {
        TlsDoor::open(files).map_err(|why| format!("configuration: {why}"))?;
    }
    server::hold_lock(&config)?;
    let (state, first) = with_progress("preparing the database", || server::prepare(config, Clock::system()))?;
    let served: std::io::Result<()> = actix_web::rt::System::new().block_on(async move {
        let service = server::bind(state, first)?;
        welcome(&service)?;
        if let Some(path) = ready_file {
            let whole = path.with_extension("part");
            let written = std::fs::write(&whole, format!("{}\n", service.url()));
            written
                .and_then(|()| std::fs::rename(&whole, &path))
                .map_err(|e| std::io::Error::other(format!("the ready file {} cannot be written: {e}", path.display())))?;
        }
        // Where systemd waits for it (Type=notify); elsewhere nobody listens, and nothing happens.
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
        server::run_until_stopped(service).await
    });
    served.map_err(|e| format!("cannot serve: {e}"))?;
    Ok(0)
}

/// Whether an address can be listened on; the error names its key and what to do.
fn free(address: SocketAddr, key: &str, advice: &str) -> Result<(), CliFailure> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(e) => Err(format!("cannot listen on {address} ({key}): {e}; {advice}").into()),
    }
}

/// A spinner, on a terminal, for what may take longer than a second.
pub fn with_progress<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let done = work();
    bar.finish_and_clear();
    done
}

fn welcome(service: &server::Service) -> std::io::Result<()> {
    let url = service.url();
    let mut out = std::io::stdout().lock();
    writeln!(out, "Waymark {} is listening on {url}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "Docs:  {url}/docs")?;
    let Some((id, secret)) = &service.first.new_administrator else { return out.flush() };
    writeln!(
        out,
        "\nThis is the first start: a database, a signing key, the tenant \"default\" and an administrator client were made."
    )?;
    writeln!(out, "Administrator (shown only now; keep it):\n  client_id      {id}\n  client_secret  {secret}")?;
    if service.address.ip().is_loopback() {
        let grant = Grant {
            tenant: service.first.default_tenant,
            client: *id,
            principal: Principal::Client(*id),
            scopes: first_start::trial_scopes(),
            ttl_seconds: 3600,
        };
        if let Ok(token) = service.state.auth.issue(&grant, service.state.clock.id(), service.state.clock.now()) {
            writeln!(out, "\nA token for the next hour, and a request to try:\n  TOKEN={token}")?;
            let (trust, url) = trial(service);
            writeln!(out, "  curl -s {trust}-H \"Authorization: Bearer $TOKEN\" {url}/v1/lessons")?;
        }
    }
    out.flush()
}

/// How curl reaches the service from this machine: what it is to trust, and a name that the certificate is good for.
fn trial(service: &server::Service) -> (String, String) {
    let (Some(door), Some(files)) = (&service.tls, &service.state.config.tls) else { return (String::new(), service.url()) };
    let here = [service.address.ip().to_string(), "localhost".to_owned()];
    match here.iter().find(|name| door.names(name)) {
        Some(name) if name == "localhost" => {
            (format!("--cacert {} ", files.certificate.display()), format!("https://localhost:{}", service.address.port()))
        }
        Some(_) => (format!("--cacert {} ", files.certificate.display()), service.url()),
        // It is for another name: this machine talks to itself here.
        None => ("--insecure ".to_owned(), service.url()),
    }
}
