//! Which layer of an AI stack refused, over HTTP: diagnoses that are run and kept, signals of a tenant's own. The engine is the
//! crate `waymark-engine`.
//!
//! Never here: what a learner concluded from the same evidence (that is `submissions`).

pub mod http;
pub mod lifecycle;
pub mod limits;
pub mod masked;
pub mod page;
pub mod signals;
pub mod store;
pub mod view;

pub use waymark_engine::{
    Engine, Evidence, Verdict, catalogue, check, compiled, engine, evidence, format, matching, source, verdict, wording,
};
