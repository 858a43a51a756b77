//! Cohorts: groups of learners with instructors and due dates. Who is in them says whom an instructor reaches
//! (`learners/reach`).

pub mod http;
pub mod lifecycle;
pub mod members;
pub mod rules;
pub mod store;
pub mod wire;
