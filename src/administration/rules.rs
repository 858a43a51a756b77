//! Who may do what to a client: nobody gives what they do not have, and nobody locks a tenant out.

use crate::auth::roles::{RoleBundle, with_role};
use crate::auth::{Scope, Scopes};
use crate::error::{Code, Problem};

/// How many clients a tenant has at most.
pub const MOST_CLIENTS: i64 = 1_000;
/// How long a secret stays good beside the next one unless asked otherwise, and at most, in seconds.
pub const USUAL_OVERLAP: i64 = 86_400;
pub const LONGEST_OVERLAP: i64 = 7 * 86_400;

/// The scopes that a body names, by themselves (each entry is one name) or by a role.
pub fn scopes_of(names: &[String], role: Option<RoleBundle>) -> Result<Scopes, Problem> {
    if names.is_empty() && role.is_none() {
        return Err(Problem::body("/scopes", "must name at least one scope, unless there is a role."));
    }
    let mut all = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let known = Scope::ALL.iter().find(|scope| scope.name() == name);
        all.push(*known.ok_or_else(|| Problem::body(format!("/scopes/{at}"), format!("{name:?} is no scope.")))?);
    }
    Ok(with_role(Scopes::of(&all), role))
}

/// A name is 1 to 200 characters, not all of them blank, without control characters.
pub fn check_client_name(name: &str) -> Result<(), Problem> {
    let fits = (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control) && !name.trim().is_empty();
    if fits {
        Ok(())
    } else {
        Err(Problem::body("/name", "must be 1 to 200 characters, not only blanks, without control characters."))
    }
}

/// A tenant's name has 1 to 100 lower-case letters, digits and hyphens.
pub fn is_tenant_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

pub fn check_tenant_name(name: &str) -> Result<(), Problem> {
    if is_tenant_name(name) {
        Ok(())
    } else {
        Err(Problem::body("/name", "must have 1 to 100 lower-case letters, digits and hyphens."))
    }
}

/// A client with these scopes may be made, changed or given a secret by somebody who has `own`.
pub fn check_gives(scopes: Scopes, own: Scopes) -> Result<(), Problem> {
    let more = scopes.beyond(own);
    if more.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::InsufficientScope, format!("Nobody gives a client what they do not have; the token lacks: {more}."))
        .with("scope", more.to_string()))
}

/// What a tenant's clients may have at all.
pub fn check_for_tenant(scopes: Scopes, runs_installation: bool) -> Result<(), Problem> {
    let more = scopes.beyond(Scopes::most_of_tenant(runs_installation));
    if more.is_empty() {
        return Ok(());
    }
    Err(Problem::body("/scopes", format!("{more} is only for clients of the tenant that runs the installation.")))
}

pub fn check_overlap(seconds: i64) -> Result<(), Problem> {
    if (0..=LONGEST_OVERLAP).contains(&seconds) {
        Ok(())
    } else {
        Err(Problem::body("/overlap_seconds", format!("must be from 0 to {LONGEST_OVERLAP}.")))
    }
}

/// What becomes of a client that administers clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LosesAdministration {
    /// It is the client in whose name the call is made.
    pub is_own: bool,
    /// Another client that is not disabled administers clients too.
    pub others_remain: bool,
}

/// A client can lose `clients:admin`, or be disabled, if that locks nobody out.
pub fn check_not_locked_out(loss: LosesAdministration) -> Result<(), Problem> {
    let refused = |detail: &str, state: &str| Err(Problem::new(Code::IllegalState, detail).with("state", state));
    match loss {
        LosesAdministration { is_own: true, .. } => refused(
            "A client cannot disable itself or take clients:admin from itself. Let another client that has clients:admin do it.",
            "own_client",
        ),
        LosesAdministration { others_remain: false, .. } => refused(
            "This is the tenant's last client with clients:admin that is not disabled. Give clients:admin to another one first.",
            "last_administrator",
        ),
        LosesAdministration { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    #[test]
    fn scopes_are_named_one_by_one() {
        let read = |names: &[&str]| scopes_of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), None);
        assert_eq!(read(&["records:read", "lessons:read"]).unwrap(), of("lessons:read records:read"));
        assert_eq!(read(&["lessons:read", "lessons:read"]).unwrap(), of("lessons:read"));
        for (names, pointer) in [
            (&[][..], "/scopes"),
            (&["lessons:read", "nonsense"], "/scopes/1"),
            (&["lessons:read records:read"], "/scopes/0"),
            (&["lessons:read "], "/scopes/0"),
            (&["Lessons:read"], "/scopes/0"),
            (&[""], "/scopes/0"),
        ] {
            assert_eq!(read(names).unwrap_err().errors()[0].pointer.as_deref(), Some(pointer), "{names:?}");
        }
    }

    #[test]
    fn names_fit_or_are_refused() {
        for good in ["a", "Our LMS", &"ü".repeat(200)] {
            assert!(check_client_name(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a\nb", "\u{7f}", &"a".repeat(201)] {
            assert!(check_client_name(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "school-2", &"a".repeat(100)] {
            assert!(check_tenant_name(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a b", "ü", "a_b", &"a".repeat(101)] {
            assert!(check_tenant_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nobody_gives_what_they_do_not_have() {
        let own = of("clients:admin lessons:read");
        assert!(check_gives(of("lessons:read"), own).is_ok() && check_gives(own, own).is_ok());
        let refused = check_gives(of("lessons:read records:read audit:read"), own).unwrap_err();
        assert_eq!((refused.code(), &refused.params()["scope"]), (Code::InsufficientScope, &"records:read audit:read".into()));
        assert!(check_for_tenant(Scopes::all(), true).is_ok());
        assert!(check_for_tenant(Scopes::all(), false).is_err());
        assert!(check_for_tenant(Scopes::all().without(Scope::TenantsAdmin), false).is_ok());
    }

    #[test]
    fn nobody_is_locked_out() {
        for (is_own, others_remain, state) in [
            (true, true, Some("own_client")),
            (true, false, Some("own_client")),
            (false, false, Some("last_administrator")),
            (false, true, None),
        ] {
            let done = check_not_locked_out(LosesAdministration { is_own, others_remain });
            let said = done.err().map(|problem| problem.params()["state"].as_str().unwrap().to_owned());
            assert_eq!(said.as_deref(), state, "{is_own} {others_remain}");
        }
    }

    #[test]
    fn an_overlap_is_a_week_at_most() {
        for (seconds, good) in [(-1, false), (0, true), (604_800, true), (604_801, false), (i64::MIN, false), (i64::MAX, false)] {
            assert_eq!(check_overlap(seconds).is_ok(), good, "{seconds}");
        }
    }
}
