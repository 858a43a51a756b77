//! Token exchange (RFC 8693): a client gets a token for one person of its tenant, or a narrower one for a token that it has.

use serde::Deserialize;

use crate::auth::claims::USUAL_TTL;
use crate::auth::oauth::{OauthError, bad_request};
use crate::auth::rules::LEARNER_SCOPES;
use crate::auth::tokens::Grant;
use crate::auth::{Principal, Scope, Scopes, Who};
use crate::authorization::form::OauthParameters;
use crate::db::Conn;
use crate::db::types::Id;
use crate::error::{Code, Problem};
use crate::issuers::rules::Stranger;
use crate::learners::IdentityRef;
use crate::state::AppState;
use crate::{issuers, learners};

pub const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Who a token is asked for, by `subject_token_type`. Those of ours are names, not secrets: the client is trusted for its tenant.
pub const LEARNER: &str = "urn:waymark:token-type:learner";
pub const LEARNER_IDENTITY: &str = "urn:waymark:token-type:learner-identity";
pub const STAFF: &str = "urn:waymark:token-type:staff";

/// Tokens of an identity provider.
pub const FOREIGN: [&str; 2] = ["urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:jwt"];

/// The grant for a person who signed in at an identity provider that the tenant registered, and the registration.
pub async fn signed_in_elsewhere(state: &AppState, who: &Who, sent: &OauthParameters) -> Result<(Grant, Id), OauthError> {
    let token = sent.subject_token.as_deref().ok_or_else(|| bad_request("invalid_request", "Send subject_token."))?;
    check_form(sent)?;
    let (stranger, issuer) = issuers::stranger(state, who.tenant, token).await?;
    let (given, most) = match &stranger {
        Stranger::Staff { scopes, .. } => (*scopes, Scopes::all().without(Scope::TokensIssue)),
        Stranger::Learner { scopes, .. } => (*scopes, Scopes::of(LEARNER_SCOPES)),
    };
    // Before a learner is made for it.
    let scopes = scopes_asked(sent.scope.as_deref(), given.both(most).both(who.scopes))?;
    let principal = match stranger {
        Stranger::Staff { id, .. } => Principal::Staff(id),
        Stranger::Learner { system, external, .. } => {
            let identity = IdentityRef { system: Some(system), id: external };
            let id = of_identity(state, who, identity, true).await?.ok_or_else(|| Problem::internal("a learner vanished"))?;
            learner_who_speaks(state, who, id).await?
        }
    };
    Ok((grant_to(who, principal, scopes), issuer))
}

fn check_form(sent: &OauthParameters) -> Result<(), OauthError> {
    if sent.actor_token.is_some() {
        return Err(bad_request("invalid_request", "actor_token is not supported: the client itself is who acts."));
    }
    if sent.requested_token_type.as_deref().is_some_and(|kind| kind != ACCESS_TOKEN) {
        return Err(bad_request("invalid_request", format!("requested_token_type can be {ACCESS_TOKEN} only.")));
    }
    Ok(())
}

/// The grant that an exchange leads to.
pub async fn exchanged(state: &AppState, who: &Who, sent: &OauthParameters) -> Result<Grant, OauthError> {
    let (Some(token), Some(kind)) = (&sent.subject_token, &sent.subject_token_type) else {
        return Err(bad_request("invalid_request", "Send subject_token and subject_token_type (RFC 8693, section 2.1)."));
    };
    check_form(sent)?;
    if kind == ACCESS_TOKEN {
        return narrowed(state, who, token, sent.scope.as_deref()).await;
    }
    if !who.scopes.has(Scope::TokensIssue) {
        return Err(bad_request("unauthorized_client", "A token for somebody else needs a client with the scope tokens:issue."));
    }
    let principal = subject(state, who, kind, token).await?;
    let most = match principal {
        Principal::Learner(_) => Scopes::of(LEARNER_SCOPES),
        // A person's token never makes further tokens.
        _ => Scopes::all().without(Scope::TokensIssue),
    };
    let scopes = scopes_asked(sent.scope.as_deref(), who.scopes.both(most))?;
    Ok(grant_to(who, principal, scopes))
}

/// What a client gives to a principal.
pub fn grant_to(who: &Who, principal: Principal, scopes: Scopes) -> Grant {
    Grant { tenant: who.tenant, client: who.client, principal, scopes, ttl_seconds: USUAL_TTL }
}

/// The scopes asked for, all that may be had where none are; never none.
pub fn scopes_asked(scope: Option<&str>, most: Scopes) -> Result<Scopes, OauthError> {
    let refused = || bad_request("invalid_scope", format!("There may be asked for: {most}."));
    let scopes = match scope {
        None => most,
        Some(text) => Scopes::parse(text).ok().filter(|scopes| scopes.within(most)).ok_or_else(refused)?,
    };
    if scopes.is_empty() { Err(refused()) } else { Ok(scopes) }
}

/// A token of this client's once more, with fewer scopes. It lasts no longer than the one before.
async fn narrowed(state: &AppState, who: &Who, token: &str, scope: Option<&str>) -> Result<Grant, OauthError> {
    let claims = state.auth.judge(token, who.now).ok().filter(|claims| claims.client == who.client);
    let claims = claims.ok_or_else(|| bad_request("invalid_grant", "subject_token is no good token of this client."))?;
    let left = claims.expires.saturating_sub(who.now.utc().timestamp());
    let scopes = scopes_asked(scope, claims.scopes.both(who.scopes))?;
    let principal = match claims.principal {
        Principal::Learner(id) => learner_who_speaks(state, who, id).await?,
        other => other,
    };
    Ok(Grant { ttl_seconds: left.clamp(1, USUAL_TTL), ..grant_to(who, principal, scopes) })
}

async fn subject(state: &AppState, who: &Who, kind: &str, token: &str) -> Result<Principal, OauthError> {
    let id = || token.parse::<Id>().map_err(|_| bad_request("invalid_request", "subject_token is no UUID."));
    match kind {
        STAFF => Ok(Principal::Staff(id()?)),
        LEARNER => learner_who_speaks(state, who, id()?).await,
        LEARNER_IDENTITY => {
            let identity = identity(token)?;
            let may_make = who.scopes.has(Scope::LearnersWrite);
            match of_identity(state, who, identity, may_make).await? {
                Some(id) => learner_who_speaks(state, who, id).await,
                None => Err(bad_request("invalid_grant", "There is no learner of this identity.")),
            }
        }
        _ => Err(bad_request(
            "invalid_request",
            format!(
                "subject_token_type is one of {LEARNER}, {LEARNER_IDENTITY}, {STAFF}, {ACCESS_TOKEN}, {}.",
                FOREIGN.join(", ")
            ),
        )),
    }
}

/// The learner of an identity; a new one where there is none and one may be made.
async fn of_identity(state: &AppState, who: &Who, identity: IdentityRef, may_make: bool) -> Result<Option<Id>, OauthError> {
    let (reading, known) = (who.clone(), identity.clone());
    match state.db.of(who.tenant).read(move |conn| learners::known_identity(conn, &reading, &known)).await? {
        None if may_make => {
            let who = who.clone();
            let db = state.db.of(who.tenant);
            let make = move |conn: &mut Conn| learners::of_identity(conn, &who, identity.system.as_deref(), &identity.id);
            Ok(Some(db.write(make).await?))
        }
        found => Ok(found),
    }
}

/// Who a learner is now (it may have been merged into another one), unless it is not there or deactivated.
async fn learner_who_speaks(state: &AppState, who: &Who, id: Id) -> Result<Principal, OauthError> {
    let who = who.clone();
    match state.db.of(who.tenant).read(move |conn| learners::principal(conn, &who, id)).await {
        Err(problem) if problem.code() == Code::NotFound => Err(bad_request("invalid_grant", "There is no such learner.")),
        Err(problem) if problem.code() == Code::IllegalState => Err(bad_request("invalid_grant", "The learner is deactivated.")),
        other => Ok(other?),
    }
}

/// `{"system": "https://moodle.example.edu", "id": "42"}`; without a system the client's own.
fn identity(text: &str) -> Result<IdentityRef, OauthError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        system: Option<String>,
        id: String,
    }
    let wrong = |why: String| bad_request("invalid_request", format!("subject_token: {why}"));
    let sent: Sent = serde_json::from_str(text)
        .map_err(|_| wrong("is to be JSON such as {\"system\": \"https://moodle.example.edu\", \"id\": \"42\"}.".to_owned()))?;
    let identity = IdentityRef { system: sent.system, id: sent.id };
    learners::rules::check_identity(&identity, "").map_err(|problem| wrong(problem.detail().to_owned()))?;
    Ok(identity)
}
