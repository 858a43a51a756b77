//! The curriculum: files in, versions stored as rows, copies served from memory.
//!
//! Never here: what learners did with it.

pub mod bundle;
pub mod catalogue;
pub mod check;
pub mod courses;
pub mod encoded;
pub mod exchange;
pub mod format;
pub mod http;
pub mod items;
pub mod markup;
pub mod memory;
pub mod publish;
pub mod reference;
pub mod render;
pub mod renderer;
pub mod rules;
pub mod shelf;
pub mod source;
pub mod store;
pub mod version;
pub mod wire;
pub mod yaml;

pub use catalogue::Catalogue;
pub use version::Version;
