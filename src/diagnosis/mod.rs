//! Signals -> layers: which layer of an AI stack refused, and why. Deterministic, explainable, without a model.
//!
//! Never here: what a learner concluded from the same evidence (that is `submissions`).

pub mod catalogue;
pub mod check;
pub mod engine;
#[cfg(test)]
mod engine_tests;
pub mod evidence;
pub mod format;
pub mod http;
pub mod lenient;
#[cfg(test)]
mod lenient_tests;
mod lenient_words;
pub mod lifecycle;
pub mod masked;
pub mod matching;
pub mod names;
pub mod page;
pub mod phrases;
pub mod reading;
mod shapes;
pub mod signals;
pub mod source;
pub mod store;
mod telling;
pub mod verdict;
pub mod view;
pub mod weigh;
pub mod wording;

pub use engine::Engine;
pub use evidence::Evidence;
pub use verdict::Verdict;
