//! Waymark: a learning-records API service for one curriculum, how to tell which layer of an AI stack refused a request.
//!
//! The map of the house. Slices have one floor plan: `http.rs` (handlers and wire types), `rules.rs` (pure decisions),
//! `store.rs` (all SQL of the slice). `ARCHITECTURE.md` walks three requests through it.
//!
//! | room | what it is for |
//! |------|----------------|
//! | [`state`], [`routes`] | what handlers share; every URL in one list |
//! | [`server`], [`first_start`], [`cli`] | from the command line to a running service |
//! | [`config`], [`clock`], [`error`] | the one reader of the environment, the one source of time and ids, the one table of errors |
//! | [`doors`] | who may connect, and for how long a peer may keep the service waiting |
//! | [`rates`] | how much one caller may ask in a time, and at once |
//! | [`db`] | two databases behind one query text; the writer |
//! | [`web`] | bodies, pages, conditional requests, idempotency, the outer middleware |
//! | [`auth`] | keys, tokens, clients, permissions |
//! | [`lessons`] | the curriculum: versions stored, copies served from memory; its files are `waymark_curriculum` |
//! | [`administration`] | clients, tenants and signing keys over the API |
//! | [`authoring`] | drafts, what is wrong with them, publishing them; a tenant's own courses |
//! | [`attempts`] | quiz attempts: lifecycle, grading, policies |
//! | [`submissions`] | exercise submissions: lifecycle, feedback, review |
//! | [`diagnosis`] | which layer of a stack refused, and why, over HTTP; the engine is `waymark_engine` |
//! | [`masking`] | takes secrets and personal data out of text before anything is stored |
//! | [`mcp`] | tools for agents over the Model Context Protocol, as calls of the public API |
//! | [`packages`] | packages for other learning systems over HTTP; made and read by `waymark_packages` |
//! | [`learners`] | learners, identities, progress |
//! | [`records`] | the log and its feed |
//! | [`authorization`], [`personal_tokens`] | the authorisation server; long-lived tokens for dashboards and scripts |
//! | [`issuers`], [`outbound`] | identity providers whose tokens are taken; the one way out |
//! | [`audit`] | who did what to what, when, from where: a chain of hashes |
//! | [`docs`], [`health`], [`telemetry`] | the contract document, health, logs and metrics |

pub mod administration;
pub mod attempts;
pub mod audit;
pub mod auth;
pub mod authoring;
pub mod authorization;
pub mod cli;
pub mod clock;
pub mod cohorts;
pub mod config;
pub mod db;
pub mod diagnosis;
pub mod docs;
pub mod doors;
pub mod error;
pub mod first_start;
pub mod health;
pub mod issuers;
pub mod learners;
pub mod lessons;
pub mod mcp;
pub mod measures;
pub mod outbound;
pub mod packages;
pub mod personal_tokens;
pub mod quotas;
pub mod rates;
pub mod records;
pub mod routes;
pub mod server;
pub mod state;
pub mod submissions;
pub mod telemetry;
pub mod web;

pub use waymark_engine::masking;

/// Chooses the one crypto back end of `jsonwebtoken`; without it the first use would panic.
pub fn install_crypto() {
    // A second call finds it installed, which is as good.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}
