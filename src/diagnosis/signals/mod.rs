//! The signals as a service: the built-in ones as a reference, and those that a tenant adds, such as its gateway's wording.
//!
//! Never here: how signals are matched (that is the engine's).

pub mod http;
pub mod lifecycle;
pub mod memory;
pub mod rules;
pub mod store;
pub mod wire;
