//! Envelopes of before, packed beside the running service.

pub mod store;
