#![doc = include_str!("../README.md")]

pub mod catalogue;
pub mod check;
pub mod compiled;
pub mod engine;
#[cfg(test)]
mod engine_tests;
pub mod evasion;
pub mod evidence;
pub mod files;
pub mod format;
mod gateway;
pub mod keyvalue;
pub mod layer;
pub mod lenient;
#[cfg(test)]
mod lenient_tests;
mod lenient_words;
pub mod masking;
pub mod matching;
pub mod names;
pub mod phrases;
pub mod plain;
pub mod pointer;
mod prose_codes;
pub mod reading;
pub mod records;
pub mod several;
mod shapes;
pub mod signal_pattern;
pub mod source;
#[cfg(test)]
mod structure_tests;
pub mod telling;
pub mod vendor_grammar;
pub mod verdict;
mod voices;
pub mod web_address;
pub mod weigh;
pub mod wording;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use engine::Engine;
pub use evidence::Evidence;
pub use layer::Layer;
pub use verdict::Verdict;
