//! Exercise submissions: one learner's evidence, diagnosis, reframe and escalation; drafted, submitted, reviewed.
//!
//! Never here: which layer the evidence really speaks for (that is `diagnosis`), what a rubric asks (that is `lessons`).

pub mod completeness;
pub mod feedback;
pub mod http;
pub mod judge;
mod judge_threads;
pub mod lifecycle;
pub mod limits;
pub mod reviews;
pub mod rules;
pub mod store;
pub mod view;
pub mod wire;
