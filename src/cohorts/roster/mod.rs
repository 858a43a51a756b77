//! Rosters of other systems as files: who is in which cohort.

pub mod http;
pub mod lifecycle;
pub mod rules;
pub mod store;
pub mod wire;
