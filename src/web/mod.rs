//! What every handler needs and none repeats: reading a body, paging, conditional requests, idempotency, the outer
//! middleware. Nothing here knows a slice.

pub mod as_sent;
pub mod conditional;
pub mod file;
pub mod idempotency;
pub mod json;
pub mod limits;
pub mod outer;
pub mod page;
pub mod query;
pub mod strict;
