//! What a personal token may hold.

use crate::auth::roles::with_role;
use crate::auth::{Principal, Scope, Scopes};
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::personal_tokens::wire::{NewPersonalToken, PersonalTokenOwnerKind};

/// Longest life, in days.
pub const LONGEST_DAYS: i64 = 366;
/// Life unless asked otherwise, in days.
pub const USUAL_DAYS: i64 = 90;
const LONGEST_NAME: usize = 100;

/// What such a token never holds: with it somebody could make more of them, or let others in.
const NEVER: [Scope; 3] = [Scope::TokensIssue, Scope::ClientsAdmin, Scope::TenantsAdmin];

/// A token as it is wanted.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub principal: Principal,
    pub scopes: Scopes,
    pub expires_at: Time,
}

/// Reads what is asked; `most`: what the asking token has.
pub fn wanted(asked: NewPersonalToken, most: Scopes, (client, maker): (Id, Principal), now: Time) -> Result<Wanted, Problem> {
    let name = asked.name.trim().to_owned();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Problem::body("/name", format!("must be 1 to {LONGEST_NAME} characters without control characters.")));
    }
    let days = asked.expires_in_days.unwrap_or(USUAL_DAYS);
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Problem::body("/expires_in_days", format!("must be from 1 to {LONGEST_DAYS}.")));
    }
    let scopes =
        Scopes::parse(&asked.scopes.join(" ")).map_err(|name| Problem::body("/scopes", format!("{name:?} is no scope.")))?;
    let scopes = with_role(scopes, asked.role);
    let most = NEVER.iter().fold(most, |most, scope| most.without(*scope));
    if scopes.is_empty() || !scopes.within(most) {
        return Err(Problem::body(
            "/scopes",
            format!("must name at least one scope (unless there is a role), and with the role at most: {most}."),
        ));
    }
    let principal = match (asked.principal.kind, asked.principal.id) {
        (PersonalTokenOwnerKind::Staff, Some(id)) => Principal::Staff(id),
        (PersonalTokenOwnerKind::Staff, None) => {
            return Err(Problem::body("/principal/id", "is missing: a member of staff has an id."));
        }
        // Staff stay staff, whose readings are noted.
        (PersonalTokenOwnerKind::Client, _) if !matches!(maker, Principal::Client(_)) => {
            return Err(Problem::body(
                "/principal/type",
                "only a client makes a token for itself; this token speaks for a person.",
            ));
        }
        (PersonalTokenOwnerKind::Client, None) => Principal::Client(client),
        (PersonalTokenOwnerKind::Client, Some(id)) if id == client => Principal::Client(client),
        (PersonalTokenOwnerKind::Client, Some(_)) => {
            return Err(Problem::body("/principal/id", "a token for a client is for the calling one; leave the id out."));
        }
    };
    Ok(Wanted { name, principal, scopes, expires_at: now.plus_seconds(days.saturating_mul(24 * 3600)) })
}
