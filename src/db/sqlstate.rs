//! What a PostgreSQL server says went wrong, by its five-character code and not by a text that it may say in any language.
//!
//! Diesel passes on the text of an error and drops the code. So the code is read where it comes in: [`SqlStateStream`] looks at the
//! messages of the server as they pass, and keeps the code of the last error for the thread that reads them. A database
//! thread runs one query at a time and reads its answer itself, so that the last code is that of the query that just failed.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::DatabaseFault;

type SqlState = [u8; 5];

thread_local! {
    static LAST: Cell<Option<SqlState>> = const { Cell::new(None) };
}

/// Called before each query.
pub fn forget() {
    LAST.set(None);
}

/// The fault that the last query of this thread failed with, as far as its code tells one.
pub fn last_fault() -> Option<DatabaseFault> {
    LAST.get().map(|code| fault(&code))
}

/// PostgreSQL documentation, appendix A. The first that the code begins with counts.
fn fault(code: &SqlState) -> DatabaseFault {
    const TABLE: &[(&str, DatabaseFault)] = &[
        ("40001", DatabaseFault::Conflict), // serialization_failure
        ("40P01", DatabaseFault::Conflict), // deadlock_detected
        ("55P03", DatabaseFault::Storage),  // lock_not_available: lock_timeout
        ("57014", DatabaseFault::Storage),  // query_canceled: statement_timeout, or we asked
        ("25006", DatabaseFault::Storage),  // read_only_sql_transaction: a failover
        ("25P03", DatabaseFault::Lost),     // idle_in_transaction_session_timeout
        ("53300", DatabaseFault::Lost),     // too_many_connections
        ("53", DatabaseFault::Storage),     // insufficient resources: disk full, out of memory
        ("57P", DatabaseFault::Lost),       // the server is shutting down, starting, or ended the session
        ("58", DatabaseFault::Storage),     // input or output error
        ("08", DatabaseFault::Lost),        // the connection
        ("XX001", DatabaseFault::Storage),  // data_corrupted
        ("XX002", DatabaseFault::Storage),  // index_corrupted
    ];
    TABLE.iter().find(|(prefix, _)| code.starts_with(prefix.as_bytes())).map_or(DatabaseFault::None, |(_, fault)| *fault)
}

/// A stream of messages from a server (PostgreSQL documentation, "Message Formats": a type, a length, a body).
#[derive(Default)]
struct Messages {
    head: Vec<u8>,
    /// How much of the body is still to come.
    left: usize,
    /// The beginning of the body, where the message is an error.
    error: Option<Vec<u8>>,
}

/// Severity and code stand first in an error; more of it is not looked at.
const LOOKED_AT: usize = 256;
const HEAD: usize = 5;

impl Messages {
    /// Takes in what came, in pieces of any size; gives back the code of the last error that is complete.
    fn read(&mut self, mut bytes: &[u8]) -> Option<SqlState> {
        let mut found = None;
        while !bytes.is_empty() {
            let wanted = if self.left > 0 { self.left } else { HEAD - self.head.len() };
            let (now, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if self.left > 0 {
                self.left -= now.len();
                if let Some(error) = &mut self.error {
                    error.extend(now.iter().take(LOOKED_AT.saturating_sub(error.len())));
                }
            } else {
                self.head.extend(now);
                if let [kind, a, b, c, d] = *self.head {
                    // The length counts itself.
                    self.left = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0).saturating_sub(4);
                    self.error = (kind == b'E').then(Vec::new);
                    self.head.clear();
                }
            }
            if self.left == 0
                && let Some(error) = self.error.take()
            {
                found = code(&error).or(found);
            }
        }
        found
    }
}

/// The field `C` of an error: fields are a letter and a text that ends with a zero.
fn code(error: &[u8]) -> Option<SqlState> {
    error.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"))?.try_into().ok()
}

/// A connection whose errors are looked at as they come in.
pub struct SqlStateStream<S> {
    inner: S,
    messages: Messages,
}

impl<S> SqlStateStream<S> {
    pub fn new(inner: S) -> SqlStateStream<S> {
        SqlStateStream { inner, messages: Messages::default() }
    }

    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SqlStateStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(code) = self.messages.read(buf.filled().get(before..).unwrap_or_default()) {
            LAST.set(Some(code));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SqlStateStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    #[test]
    fn a_code_is_found_however_the_bytes_arrive() {
        let error = message(b'E', b"SFEHLER\0VERROR\0C40P01\0MVerklemmung entdeckt\0\0");
        let notice = message(b'N', b"SWARNUNG\0VWARNING\0C25001\0Mda ist schon eine\0\0");
        let data = message(b'D', b"\0\x01\0\0\0\x06C57014");
        let stream = [message(b'Z', b"I"), data, notice, message(b'1', b""), error.clone(), message(b'Z', b"E")].concat();
        for size in 1..stream.len() {
            let mut messages = Messages::default();
            let found: Vec<SqlState> = stream.chunks(size).filter_map(|piece| messages.read(piece)).collect();
            assert_eq!(found, [*b"40P01"], "in pieces of {size}");
        }
        let two = [error, message(b'E', b"SFATAL\0VFATAL\0C57P01\0\0")].concat();
        assert_eq!(Messages::default().read(&two), Some(*b"57P01"), "the last one counts");
    }

    #[test]
    fn codes_tell_faults() {
        for (code, expected) in [
            (b"40001", DatabaseFault::Conflict),
            (b"40P01", DatabaseFault::Conflict),
            (b"55P03", DatabaseFault::Storage),
            (b"57014", DatabaseFault::Storage),
            (b"53100", DatabaseFault::Storage),
            (b"53300", DatabaseFault::Lost),
            (b"57P01", DatabaseFault::Lost),
            (b"57P03", DatabaseFault::Lost),
            (b"08006", DatabaseFault::Lost),
            (b"42601", DatabaseFault::None),
            (b"23505", DatabaseFault::None),
        ] {
            assert_eq!(fault(code), expected, "{}", String::from_utf8_lossy(code));
        }
    }
}
