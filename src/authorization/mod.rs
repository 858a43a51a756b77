//! The authorisation server: `/oauth/token` and what belongs to it. Clients prove who they are (a secret, or a key of their own),
//! and get tokens for themselves or for one person of their tenant; tokens are taken back and looked at.
//!
//! Never here: passwords, sign-in pages. People sign in elsewhere.

pub mod assertion;
pub mod client;
pub mod exchange;
pub mod form;
pub mod http;
pub mod metadata;
pub mod refresh;
pub mod sign_out;
pub mod store;
pub mod wire;
