//! Who is calling and what they may do: signing keys, tokens, clients, permissions.
//!
//! Never here: passwords, sessions, cookies. People are known through the clients that vouch for them.

pub mod caller;
pub mod claims;
pub mod gates;
pub mod http;
pub mod keys;
pub mod oauth;
pub mod personal;
pub mod public_keys;
pub mod renewal;
pub mod roles;
pub mod rotation;
pub mod rules;
pub mod sealed;
pub mod secrets;
pub mod segments;
pub mod store;
pub mod tokens;
pub mod who;

pub use caller::{Caller, Permission};
pub use gates::Gates;
pub use rules::{Principal, Scope, Scopes};
pub use tokens::Auth;
pub use who::{Reach, Who};
