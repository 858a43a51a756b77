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
pub mod lenient;
#[cfg(test)]
mod lenient_tests;
mod lenient_words;
pub mod matching;
pub mod names;
pub mod phrases;
pub mod reading;
mod shapes;
pub mod source;
pub mod verdict;
pub mod weigh;
pub mod wording;

pub use engine::Engine;
pub use evidence::Evidence;
pub use verdict::Verdict;

/// A stand-in until the engine is there: it reads nothing and leaves everything open.
pub fn diagnose(_: &Evidence) -> Verdict {
    Verdict {
        verdict: crate::lessons::format::Layer::Undetermined,
        confidence: 0.0,
        extent: verdict::Extent::Full,
        summary: String::new(),
        layers: Vec::new(),
        reasons: Vec::new(),
        owner: None,
        next_step: "Make the one observation that decides.".to_owned(),
        do_not: String::new(),
        would_change: "the raw response, with its status and body.".to_owned(),
        collect: None,
        read_as: verdict::ReadAs::Nothing,
        notes: Vec::new(),
    }
}
