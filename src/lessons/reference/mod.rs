//! What stands beside the lessons of a course: its glossary and its field guide, as data, as Markdown and as pages to print.
//!
//! Never here: the lessons themselves.

pub mod http;
mod markdown;
mod page;
mod renderer;
pub mod rules;
pub mod shelf;
pub mod wire;

pub use waymark_curriculum::reference::{format, words};
