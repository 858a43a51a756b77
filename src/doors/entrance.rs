//! From a listener to the service: every connection passes the doors, shakes hands where the listener speaks TLS, and speaks HTTP/1.1.

use std::fmt::Debug;
use std::future::{Future, ready};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::{HttpService, Request, Response};
use actix_server::GracefulShutdownSignal;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, Service, ServiceFactory};
use tokio::net::TcpStream;

use crate::doors::Doors;
use crate::doors::handshake::{NO_ROOM, shake_hands};
use crate::doors::stream::{CountedSocket, RequestConnection, ServedConnection, Stream};
use crate::doors::tls::TlsDoor;

/// How the workers behind a listener run.
#[derive(Debug, Clone, Copy)]
pub struct Workers {
    pub count: usize,
    /// Seconds that answers in the making get when the service stops.
    pub shutdown_seconds: u64,
    /// Whether SIGTERM and SIGINT end it.
    pub signals: bool,
}

/// Serves `app` on a listener, over TLS where there is a certificate.
pub fn serve<F, I, S, B>(
    listener: TcpListener,
    doors: Arc<Doors>,
    tls: Option<Arc<TlsDoor>>,
    workers: Workers,
    app: F,
) -> std::io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody + 'static,
{
    // The doors make room before this many are there; it holds for what waits for a worker that has not looked yet.
    let of_each = doors.limits.connections.saturating_add(doors.limits.connections / 8).div_ceil(workers.count).max(16);
    let mut builder =
        Server::build().workers(workers.count).max_concurrent_connections(of_each).shutdown_timeout(workers.shutdown_seconds);
    if !workers.signals {
        builder = builder.disable_signals();
    }
    let stopping = builder.graceful_shutdown_signal();
    let server = builder.listen("waymark", listener, move || {
        let (stopping, limits) = (stopping.clone(), &doors.limits);
        let tls = tls.clone().map(|door| Handshakes { door, stopping: stopping.clone() });
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // The doors close idle connections. This one only says that there may be several requests on each.
            .keep_alive(limits.idle.saturating_mul(2))
            .client_request_timeout(limits.headers)
            // Who is refused while still sending has this long to read why.
            .client_disconnect_timeout(Duration::from_secs(1))
            // Who closes has gone: what was begun for its answer alone ends. (A client that only ends its sending is not told apart.)
            .h1_allow_half_closed(false)
            .on_connect_ext(|stream: &Stream, data| {
                data.insert(stream.guest());
            })
            .h1(map_config(app().into_factory().map_err(|error| error.into().error_response()), |()| AppConfig::default()));
        Entrance { http, doors: doors.clone(), tls }
    })?;
    Ok(server.run())
}

struct Entrance<H> {
    http: H,
    doors: Arc<Doors>,
    tls: Option<Handshakes>,
}

struct Open<H> {
    http: Rc<H>,
    doors: Arc<Doors>,
    tls: Option<Handshakes>,
}

/// What connections need that begin with a handshake.
#[derive(Clone)]
struct Handshakes {
    door: Arc<TlsDoor>,
    /// Said when the service stops: then nobody begins any more.
    stopping: GracefulShutdownSignal,
}

type EntranceFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

impl<H> ServiceFactory<TcpStream> for Entrance<H>
where
    H: ServiceFactory<(Stream, Option<SocketAddr>), Config = (), Response = ()>,
    H::Service: 'static,
    H::Future: 'static,
    <H::Service as Service<(Stream, Option<SocketAddr>)>>::Future: 'static,
    H::Error: 'static,
{
    type Response = ();
    type Error = H::Error;
    type Config = ();
    type Service = Open<H::Service>;
    type InitError = H::InitError;
    type Future = EntranceFuture<Self::Service, Self::InitError>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (http, doors, tls) = (self.http.new_service(()), self.doors.clone(), self.tls.clone());
        Box::pin(async move { Ok(Open { http: Rc::new(http.await?), doors, tls }) })
    }
}

impl<H> Service<TcpStream> for Open<H>
where
    H: Service<(Stream, Option<SocketAddr>), Response = ()> + 'static,
    H::Future: 'static,
    H::Error: 'static,
{
    type Response = ();
    type Error = H::Error;
    type Future = EntranceFuture<(), H::Error>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.http.poll_ready(cx)
    }

    fn call(&self, socket: TcpStream) -> Self::Future {
        let peer = socket.peer_addr().ok();
        let Some((place, leave)) = self.doors.admit(peer.map(|peer| peer.ip())) else {
            refuse(socket, self.tls.is_some());
            return Box::pin(ready(Ok(())));
        };
        // Answers go out whole, so there is nothing to wait for.
        let _ = socket.set_nodelay(true);
        let guest = RequestConnection::of(&place);
        let (socket, cut) = CountedSocket::new(socket, place.connection.clone());
        let Some(tls) = &self.tls else {
            let serving = self.http.call((Stream::plain(socket, guest), peer));
            return Box::pin(ServedConnection::new(serving, place, leave, cut));
        };
        place.connection.shakes_hands();
        let (http, config, stopping) = (self.http.clone(), tls.door.config(), tls.stopping.clone());
        let serving = async move {
            let shaken = tokio::select! {
                shaken = shake_hands(socket, config) => shaken,
                () = stopping.notified() => return Ok(()),
            };
            let Some(wire) = shaken else {
                guest.doors.count_closed("handshake");
                return Ok(());
            };
            guest.connection.has_shaken_hands();
            http.call((Stream::secret(wire, guest), peer)).await
        };
        Box::pin(ServedConnection::new(serving, place, leave, cut))
    }
}

/// Says that there is no room, as far as the peer listens. No request was read, so there is none to answer in the usual form.
fn refuse(socket: TcpStream, tls: bool) {
    const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if let Ok(mut socket) = socket.into_std() {
        let _ = socket.write(if tls { NO_ROOM } else { FULL });
    }
}
