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
#![allow(clippy::type_complexity, clippy::explicit_counter_loop, reason = "tables of cases are read once, where they stand")]

#[macro_use]
mod harness;
mod flow;

mod access_races;
mod acting;
mod administration;
mod answers;
mod attacks;
mod attempts;
mod audit;
mod audit_acts;
mod auth;
mod authoring;
mod authorization;
mod bad_input;
mod belongings;
mod bundle;
mod claims;
mod cli;
mod cohorts;
mod contract;
mod courses;
mod coverage;
mod crates;
mod curriculum;
mod damage;
mod diagnose_cli;
mod diagnoses;
mod disk;
mod doctor;
mod document;
mod doors;
mod earlier_rows;
mod foreign_origins;
mod forged_claims;
mod forged_tokens;
mod forgeries;
mod handlers;
mod hostile_bodies;
mod hostile_requests;
mod house;
mod http;
mod issuers;
mod kinds;
mod learner_life;
mod learner_merge_races;
mod learner_merges;
mod learners;
mod lessons;
mod lessons_cli;
mod limits;
mod lists;
mod named_things;
mod numbers;
mod origins;
mod other_peoples_things;
mod packages;
mod packing;
mod personal_tokens;
mod plans;
mod pooler;
mod proxies;
mod quotas;
mod races;
mod rate_limits;
mod reads;
mod records;
mod regrades;
mod restores;
mod roles;
mod rosters;
mod row_security;
mod signals;
mod storage;
mod strangers_at_oauth;
mod submissions;
mod tls;
mod values;
mod withdrawals;
