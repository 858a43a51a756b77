//! How a command names scopes.

use crate::auth::Scopes;
use crate::auth::roles::{RoleBundle, with_role};

/// The scopes that a command names, by themselves or by a role.
pub fn named_scopes(scopes: &str, role: Option<&str>) -> Result<Scopes, String> {
    let scopes = Scopes::parse(scopes).map_err(|name| format!("{name:?} is no scope; there are: {}", Scopes::all()))?;
    let roles = || RoleBundle::ALL.map(RoleBundle::name).join(", ");
    let role = role.map(|name| RoleBundle::named(name).ok_or_else(|| format!("{name:?} is no role; there are {}", roles())));
    let scopes = with_role(scopes, role.transpose()?);
    if scopes.is_empty() { Err("give --scopes or --role".to_owned()) } else { Ok(scopes) }
}
