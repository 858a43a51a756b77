//! The integration tests: one binary, one file a slice. They drive a whole service over real sockets, on both databases.
//!
//! Run them with `script/with-postgres cargo test --test it`.

#![allow(clippy::disallowed_methods, reason = "tests choose ids and read the environment where the service must not")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test that cannot go on fails, and says where"
)]

#[macro_use]
mod harness;
mod flow;

mod attempts;
mod auth;
mod authoring;
mod bad_input;
mod bundle;
mod cli;
mod courses;
mod coverage;
mod crates;
mod curriculum;
mod damage;
mod diagnose_cli;
mod diagnoses;
mod document;
mod doors;
mod house;
mod kinds;
mod learners;
mod lessons;
mod lessons_cli;
mod numbers;
mod packages;
mod races;
mod records;
mod regrades;
mod signals;
mod storage;
mod submissions;
mod withdrawals;
