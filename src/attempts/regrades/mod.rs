//! Regrades: what was submitted on one version is graded again by the items of another, usually because a key was wrong.
//! Every grading stays; nothing is changed without a record.
//!
//! Never here: what an answer is worth (that is `grading` and `kinds`).

pub mod gradings;
pub mod http;
pub mod lifecycle;
pub mod rules;
pub mod store;
pub mod wire;
