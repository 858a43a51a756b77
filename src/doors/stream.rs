//! A connection's bytes, counted as they pass; and the future that ends it when its peer keeps it waiting for too long.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use crate::doors::{Connection, Doors, PlaceInside};

/// A socket, and what passes through it.
pub struct Stream {
    socket: TcpStream,
    connection: Arc<Connection>,
    doors: Arc<Doors>,
    /// Set when the service ends the connection: the system then keeps nothing of what was not taken.
    cut: Arc<AtomicBool>,
}

/// Where handlers find the connection of their request.
#[derive(Clone)]
pub struct RequestConnection {
    pub connection: Arc<Connection>,
    pub doors: Arc<Doors>,
}

/// From where a request came.
pub fn peer_address(request: &HttpRequest) -> Option<IpAddr> {
    request.conn_data::<RequestConnection>().and_then(|guest| guest.connection.peer)
}

impl Stream {
    pub fn new(socket: TcpStream, place: &PlaceInside) -> (Stream, Arc<AtomicBool>) {
        let cut = Arc::new(AtomicBool::new(false));
        (Stream { socket, connection: place.connection.clone(), doors: place.doors().clone(), cut: cut.clone() }, cut)
    }

    pub fn guest(&self) -> RequestConnection {
        RequestConnection { connection: self.connection.clone(), doors: self.doors.clone() }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, into);
        let bytes = into.filled().len().saturating_sub(before);
        if bytes > 0 {
            self.connection.was_read(bytes);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        match &written {
            Poll::Pending => self.connection.is_blocked(),
            Poll::Ready(Ok(n)) => self.connection.was_written(*n),
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    /// Called when all that was made so far is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        if flushed.is_ready() {
            self.connection.is_flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl Drop for Stream {
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
        self.place.count_closed(why);
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
