//! Signals -> layers: which layer of an AI stack refused, and why. Deterministic, explainable, without a model.
//!
//! Never here: what a learner concluded from the same evidence (that is `submissions`).

pub mod evidence;
pub mod format;
pub mod verdict;

pub use evidence::Evidence;
pub use verdict::Verdict;
