//! Packages over HTTP; what they hold is made and read by the crate `waymark-packages`.

pub mod http;

pub use waymark_packages::*;
