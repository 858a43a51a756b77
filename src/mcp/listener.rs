//! Streamable HTTP: the protocol behind doors of our own. Every request stands for itself and brings its own token; there are no
//! sessions to be taken over.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse};
use http_body_util::{BodyExt, Full};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use crate::doors::answer::in_turn;
use crate::doors::entrance::{self, Workers};
use crate::doors::{Doors, Limits};
use crate::mcp::AgentServer;

/// Where the protocol is spoken.
pub const PATH: &str = "/mcp";
/// The largest request: evidence in JSON inside of JSON.
const LARGEST: usize = 2 << 20;

type Protocol = StreamableHttpService<AgentServer, NeverSessionManager>;

/// Who may ask, beside those on this machine.
#[derive(Debug, Clone, Default)]
pub struct AllowedCallers {
    /// Names under which this server is reached, with or without a port.
    pub hosts: Vec<String>,
    /// Origins of pages in browsers.
    pub origins: Vec<String>,
}

/// Binds, and serves until SIGTERM or SIGINT once it is awaited.
pub fn listen_for_agents(
    server: AgentServer,
    listen: SocketAddr,
    allowed: &AllowedCallers,
) -> std::io::Result<(SocketAddr, Server)> {
    const MOST: usize = 256;
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let seconds = Duration::from_secs;
    let limits = Limits {
        connections: MOST,
        per_address: MOST,
        idle: seconds(75),
        headers: seconds(20),
        body: seconds(30),
        write: seconds(30),
        request: seconds(120),
    };
    let doors = Doors::new("mcp", limits.within_descriptors(MOST));
    let workers = Workers { count: 2, shutdown_seconds: 10, signals: true };
    let protocol: Protocol =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), rules(address, allowed));
    let running = entrance::serve(listener, doors, None, workers, move || {
        App::new()
            .wrap(from_fn(in_turn))
            .app_data(Data::new(protocol.clone()))
            .app_data(PayloadConfig::new(LARGEST))
            .route(PATH, web::to(answer))
    })?;
    Ok((address, running))
}

/// Against pages that a browser shows (DNS rebinding): the names and origins that are asked for must be ours. A request without an
/// `Origin` comes from no page.
fn rules(address: SocketAddr, allowed: &AllowedCallers) -> StreamableHttpServerConfig {
    let here = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let bound = Some(address.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
    let hosts = here.into_iter().chain(bound).chain(allowed.hosts.iter().cloned());
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(LARGEST)
        .with_allowed_hosts(hosts)
        .with_allowed_origins(allowed.origins.iter().cloned())
        .enforce_origin_validation()
}

/// From this server's HTTP to the protocol's and back: they are of two generations of the same types.
async fn answer(protocol: Data<Protocol>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut asked = http::Request::builder().method(request.method().as_str()).uri(request.uri().to_string());
    for (name, value) in request.headers() {
        asked = asked.header(name.as_str(), value.as_bytes());
    }
    let Ok(asked) = asked.body(Full::new(body)) else { return HttpResponse::BadRequest().finish() };
    let (parts, body) = protocol.handle(asked).await.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::build(status);
    for (name, value) in &parts.headers {
        answer.append_header((name.as_str(), value.as_bytes()));
    }
    match body.collect().await {
        Ok(body) => answer.body(body.to_bytes()),
        Err(never) => match never {},
    }
}
