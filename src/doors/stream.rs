//! A connection's bytes, counted as they pass; and the future that ends it when its peer keeps it waiting for too long.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;

use crate::doors::{Connection, Doors, PlaceInside};

/// A socket, and what its peer takes.
pub struct CountedSocket {
    socket: TcpStream,
    connection: Arc<Connection>,
    /// Set when the service ends the connection: the system then keeps nothing of what was not taken.
    cut: Arc<AtomicBool>,
}

/// A socket behind TLS.
pub type SecretWire = TlsStream<CountedSocket>;

enum PeerWire {
    Plain(CountedSocket),
    Secret(Box<SecretWire>),
}

/// What HTTP reads and writes. What is read counts here, in clear, so that the records of TLS, which may be empty, are no progress;
/// what is written counts at the socket, because TLS holds some of it back.
pub struct Stream {
    wire: PeerWire,
    guest: RequestConnection,
}

/// Where handlers find the connection of their request.
#[derive(Clone)]
pub struct RequestConnection {
    pub connection: Arc<Connection>,
    pub doors: Arc<Doors>,
}

impl RequestConnection {
    pub fn of(place: &PlaceInside) -> RequestConnection {
        RequestConnection { connection: place.connection.clone(), doors: place.doors().clone() }
    }
}

impl CountedSocket {
    pub fn new(socket: TcpStream, connection: Arc<Connection>) -> (CountedSocket, Arc<AtomicBool>) {
        let cut = Arc::new(AtomicBool::new(false));
        (CountedSocket { socket, connection, cut: cut.clone() }, cut)
    }

    /// Looks at the first bytes, which stay to be read.
    pub async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.peek(into).await
    }
}

impl Stream {
    pub fn plain(socket: CountedSocket, guest: RequestConnection) -> Stream {
        Stream { wire: PeerWire::Plain(socket), guest }
    }

    pub fn secret(wire: Box<SecretWire>, guest: RequestConnection) -> Stream {
        Stream { wire: PeerWire::Secret(wire), guest }
    }

    pub fn guest(&self) -> RequestConnection {
        self.guest.clone()
    }
}

impl AsyncRead for CountedSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, into)
    }
}

impl AsyncWrite for CountedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        match &written {
            Poll::Pending => self.connection.is_blocked(),
            Poll::Ready(Ok(n)) => self.connection.was_written(*n),
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

macro_rules! wire {
    ($self:ident, $wire:ident => $call:expr) => {
        match &mut $self.wire {
            PeerWire::Plain(socket) => {
                let $wire = Pin::new(socket);
                $call
            }
            PeerWire::Secret(stream) => {
                let $wire = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = wire!(self, wire => wire.poll_read(cx, into));
        let bytes = into.filled().len().saturating_sub(before);
        if bytes > 0 {
            self.guest.connection.was_read(bytes);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        wire!(self, wire => wire.poll_write(cx, bytes))
    }

    /// Called when all that was made so far is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = wire!(self, wire => wire.poll_flush(cx));
        if flushed.is_ready() {
            self.guest.connection.is_flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wire!(self, wire => wire.poll_shutdown(cx))
    }
}

impl Drop for CountedSocket {
    fn drop(&mut self) {
        if self.cut.load(Ordering::Relaxed) {
            // Without it the system goes on offering the peer megabytes for minutes. A peer that is gone is no failure.
            let _ = self.socket.set_zero_linger();
        }
    }
}

/// Serves a connection until it ends, its peer is late, or others need its place.
pub struct ServedConnection<F> {
    serving: Pin<Box<F>>,
    place: PlaceInside,
    leave: oneshot::Receiver<()>,
    late: Pin<Box<Sleep>>,
    deadline: Option<Instant>,
    cut: Arc<AtomicBool>,
}

impl<F> ServedConnection<F> {
    pub fn new(serving: F, place: PlaceInside, leave: oneshot::Receiver<()>, cut: Arc<AtomicBool>) -> ServedConnection<F> {
        let deadline = place.connection.deadline().map(Instant::from_std);
        let late = Box::pin(tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)));
        ServedConnection { serving: Box::pin(serving), place, leave, late, deadline, cut }
    }

    fn close<E>(&self, why: &'static str) -> Poll<Result<(), E>> {
        self.place.doors().count_closed(why);
        self.cut.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<F: Future<Output = Result<(), E>>, E> Future for ServedConnection<F> {
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(done) = self.serving.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if Pin::new(&mut self.leave).poll(cx).is_ready() {
            return self.close("room");
        }
        // Whatever changes the deadline happened in `serving`, so that looking here is enough.
        loop {
            let deadline = self.place.connection.deadline().map(Instant::from_std);
            let Some(at) = deadline else {
                self.deadline = None;
                return Poll::Pending;
            };
            if self.deadline != deadline {
                self.deadline = deadline;
                self.late.as_mut().reset(at);
            }
            if self.late.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if self.place.connection.deadline().is_some_and(|at| Instant::from_std(at) <= Instant::now()) {
                return self.close(self.place.connection.phase().name());
            }
            self.deadline = None;
        }
    }
}
