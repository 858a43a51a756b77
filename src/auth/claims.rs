//! What an access token says, and how long it may last.

use crate::auth::rules::{Principal, Scopes};
use crate::db::types::Id;

/// Longest life of an access token, in seconds.
pub const LONGEST_TTL: i64 = 24 * 3600;
/// Life of an access token unless asked otherwise.
pub const USUAL_TTL: i64 = 3600;
/// How far a clock may be off, in seconds.
pub const LEEWAY: i64 = 30;

/// What a token says, checked. None of it ever changes.
#[derive(Debug, Clone)]
pub struct Claims {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    pub scopes: Scopes,
    pub jti: Id,
    /// Seconds since 1970, as in the token.
    pub issued: i64,
    pub expires: i64,
    /// The key that signed it; a personal token is signed by none.
    pub kid: Option<String>,
}
