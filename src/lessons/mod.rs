//! The curriculum: files in, versions stored as rows, copies served from memory.
//!
//! Never here: what learners did with it.

pub mod assembly;
pub mod bundle;
pub mod catalogue;
pub mod courses;
pub mod exchange;
pub mod http;
pub mod iris;
pub mod memory;
pub mod publish;
pub mod reference;
pub mod renderer;
pub mod renewal;
pub mod shelf;
pub mod store;
pub mod version;
pub mod wire;

pub use catalogue::Catalogue;
pub use version::Version;
pub use waymark_curriculum::{check, compiled, format, items, render, rules, source, yaml};
