//! The list of attempts.

pub mod store;
pub mod wire;
