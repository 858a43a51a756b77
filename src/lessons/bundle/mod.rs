//! The offline bundle: everything of a course as immutable parts, each named by the SHA-256 of its bytes, and the manifest
//! that lists them. A client keeps what it has, fetches what is new, and drops what the manifest no longer names.
//!
//! The parts of lessons are the very pages that are served; nothing is rendered twice.

pub mod archive;
pub mod fixed;
pub mod http;
mod limits;
mod parts;
pub mod practice;
pub mod wire;

pub use parts::{Bundle, Chosen};
