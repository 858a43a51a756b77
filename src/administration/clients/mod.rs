//! A tenant's clients: made, changed, given another secret, disabled and enabled again.

pub mod http;
pub mod lifecycle;
pub mod wire;
