//! What every handler needs and none repeats: reading a path and a body, answering, paging, conditional requests,
//! idempotency, the outer middleware. Nothing here knows a slice.

pub mod allowance;
pub mod answer;
pub mod as_sent;
pub mod client_address;
pub mod coding;
pub mod conditional;
pub mod cors;
pub mod encoded;
pub mod file;
pub mod idempotency;
pub mod json;
pub mod limits;
pub mod meter;
pub mod outer;
pub mod page;
pub mod parse;
pub mod path;
pub mod prefer;
pub mod query;
pub mod range;
pub mod request_id;
pub mod strict;

/// What of the configuration this floor needs to know; the server puts it among the application's data.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Largest JSON body, in bytes.
    pub max_body_bytes: usize,
    /// Whether anybody reads metrics.
    pub measured: bool,
    /// Whether answers go over TLS, here or from a proxy on.
    pub over_tls: bool,
}
