//! What an identity may look like.

use crate::error::Problem;
use crate::learners::IdentityRef;

/// Longest system and external id, in characters.
pub const LONGEST: usize = 255;

/// Both parts are 1 to 255 characters without control characters.
pub fn check_identity(identity: &IdentityRef, pointer: &str) -> Result<(), Problem> {
    let fits = |text: &str| (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !fits(&identity.id) {
        return Err(Problem::body(format!("{pointer}/id"), "must be 1 to 255 characters without control characters."));
    }
    if identity.system.as_deref().is_some_and(|system| !fits(system)) {
        return Err(Problem::body(format!("{pointer}/system"), "must be 1 to 255 characters without control characters."));
    }
    Ok(())
}
