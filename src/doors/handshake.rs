//! From a connection to one that speaks TLS. Its peer has the time that the doors give it, and counts among their guests meanwhile.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::doors::stream::{CountedSocket, SecretWire};

/// The first byte of every handshake (RFC 8446, section 5.1: content type 22).
const HANDSHAKE: u8 = 22;
/// Ciphertext of one connection that waits to be taken; with many connections it is their memory.
const BUFFERED: usize = 32 << 10;
/// How long a peer that is refused may go on sending before the connection ends. Ended with bytes unread it would be reset, and
/// what was said lost.
const FAREWELL: Duration = Duration::from_secs(1);
/// And how much.
const FAREWELL_BYTES: usize = 64 << 10;

const SPEAK_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 49\r\nConnection: close\r\n\r\n\
This port speaks TLS: use https:// in the address";

/// An alert in clear, "internal error", for whom there is no room (RFC 8446, section 6).
pub const NO_ROOM: &[u8] = &[21, 3, 3, 0, 2, 2, 80];

/// Shakes hands; `None` where that failed, and all is said that there is to say.
pub async fn shake_hands(mut socket: CountedSocket, config: Arc<ServerConfig>) -> Option<Box<SecretWire>> {
    let mut first = [0];
    match socket.peek(&mut first).await {
        Ok(1) if first == [HANDSHAKE] => {}
        Ok(1) => {
            let _ = socket.write_all(SPEAK_TLS).await;
            part(socket).await;
            return None;
        }
        // It went without a word.
        _ => return None,
    }
    let accept = TlsAcceptor::from(config).accept_with(socket, |session| session.set_buffer_limit(Some(BUFFERED)));
    match accept.into_fallible().await {
        Ok(stream) => Some(Box::new(stream)),
        Err((why, socket)) => {
            tracing::debug!(%why, "no TLS with a peer");
            part(socket).await;
            None
        }
    }
}

/// Ends a connection so that the peer can read what was said.
async fn part(mut socket: CountedSocket) {
    let _ = tokio::time::timeout(FAREWELL, async {
        let _ = socket.shutdown().await;
        let (mut unread, mut left) = ([0; 1024], FAREWELL_BYTES);
        while let Ok(n) = socket.read(&mut unread).await {
            left = left.saturating_sub(n);
            if n == 0 || left == 0 {
                return;
            }
        }
    })
    .await;
}
