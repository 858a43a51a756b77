//! Refresh tokens, for apps that people use for months: each is good once and gives the next one. Who uses one again that was used
//! before ends them all, since one of the two has stolen it.
//!
//! A lost answer is no theft: the same token with the same `Idempotency-Key`, or within half a minute, gives the same answer again,
//! as long as the next token was not used. The next one is derived from the one before, so nothing secret is stored for that.

use sha2::{Digest, Sha256};

use crate::audit::{self, AuditEntry};
use crate::auth::claims::USUAL_TTL;
use crate::auth::oauth::{OauthError, bad_request};
use crate::auth::sealed::REFRESH;
use crate::auth::store as auth_store;
use crate::auth::tokens::Grant;
use crate::auth::{Principal, Scopes, Who};
use crate::authorization::exchange::scopes_asked;
use crate::authorization::form::OauthForm;
use crate::authorization::store::{self, Family};
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::issuers::rules::ForeignRole;
use crate::state::AppState;
use crate::{issuers, learners};

/// How long a sign-in lasts at most, in seconds: 365 days.
pub const LONGEST_SIGN_IN: i64 = 365 * 24 * 3600;
/// How long a refresh token may lie unused: 90 days.
pub const LONGEST_UNUSED: i64 = 90 * 24 * 3600;
/// How many sign-ins of one person are in force at a time; the oldest makes room.
const MOST_SIGN_INS: i64 = 20;
/// How long after its use a token gives the same answer again, in seconds.
const LOST_ANSWER: i64 = 30;

/// An access token and the refresh token that goes with it.
pub struct SignedIn {
    pub grant: Grant,
    pub access_token: String,
    pub refresh_token: String,
}

/// Begins a sign-in of a person.
pub async fn sign_in(state: &AppState, who: Who, grant: Grant, issuer: Id) -> Result<SignedIn, OauthError> {
    let (now, id, jti) = (who.now, state.clock.id(), state.clock.id());
    let refresh_token = REFRESH.token(id, &state.clock.secret(), &state.digest_key)?;
    let family = Family {
        tenant_id: grant.tenant,
        id,
        client_id: grant.client,
        issuer_id: issuer,
        principal_kind: grant.principal.kind().to_owned(),
        principal_id: grant.principal.id(),
        scopes: grant.scopes.to_string(),
        sha256: digest(&refresh_token),
        previous_sha256: None,
        request_sha256: None,
        access_jti: jti,
        access_expires_at: now.plus_seconds(grant.ttl_seconds),
        created_at: now,
        used_at: now,
        expires_at: now.plus_seconds(LONGEST_SIGN_IN),
        ended_at: None,
    };
    let entry = AuditEntry::token_issued(&grant, jti).with("sign_in", id.to_string());
    let db = state.db.of(who.tenant);
    let work = move |conn: &mut Conn| {
        store::end_oldest(conn, family.tenant_id, family.principal_id, MOST_SIGN_INS - 1, now)?;
        store::insert_family(conn, &family)?;
        audit::note(conn, &who, entry.clone())
    };
    db.write(work).await?;
    let access_token = state.auth.issue(&grant, jti, now)?;
    Ok(SignedIn { grant, access_token, refresh_token })
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// What became of a refresh token.
enum RefreshOutcome {
    /// The sign-in as it is now: after this use, or after the one whose answer is given again.
    Good {
        family: Box<Family>,
        principal: Principal,
        scopes: Scopes,
    },
    Refused,
    ScopesRefused(OauthError),
    /// It was used before: this sign-in has ended, and with it its present access token.
    Ended {
        jti: Id,
        expires: Time,
    },
}

/// What a refresh token is used with.
struct RefreshUse {
    who: Who,
    family: Id,
    presented: Vec<u8>,
    next: Vec<u8>,
    request: Option<Vec<u8>>,
    scope: Option<String>,
    jti: Id,
}

/// Gives the next tokens for a refresh token.
pub async fn refreshed(state: &AppState, who: Who, form: &OauthForm) -> Result<SignedIn, OauthError> {
    let (sent, client) = (&form.parameters, who.client);
    let refused = || bad_request("invalid_grant", "The refresh token is not good, or was used before. Sign in again.");
    let token = sent.refresh_token.as_deref().ok_or_else(|| bad_request("invalid_request", "Send refresh_token."))?;
    let family = REFRESH.id(token, &state.digest_key).ok_or_else(refused)?;
    let next_token = REFRESH.token(family, &REFRESH.next_secret(token, &state.digest_key)?, &state.digest_key)?;
    let now = who.now;
    let used = RefreshUse {
        who,
        family,
        presented: digest(token),
        next: digest(&next_token),
        request: form.request_key.as_deref().map(digest),
        scope: sent.scope.clone(),
        jti: state.clock.id(),
    };
    match state.db.of(used.who.tenant).write(move |conn| use_token(conn, &used)).await? {
        RefreshOutcome::Refused => Err(refused()),
        RefreshOutcome::ScopesRefused(error) => Err(error),
        RefreshOutcome::Ended { jti, expires } => {
            state.auth.revoke([(jti, expires)], now);
            tracing::warn!(%client, "a refresh token was used again: its sign-in has ended");
            Err(refused())
        }
        RefreshOutcome::Good { family, principal, scopes } => {
            let left = family.access_expires_at.utc().timestamp().saturating_sub(now.utc().timestamp());
            let made = Grant { tenant: family.tenant_id, client: family.client_id, principal, scopes, ttl_seconds: USUAL_TTL };
            // As of its use: the answer that was lost is the same, but for how long it is still good.
            let access_token = state.auth.issue(&made, family.access_jti, family.used_at)?;
            let grant = Grant { ttl_seconds: left, ..made };
            Ok(SignedIn { grant, access_token, refresh_token: next_token })
        }
    }
}

fn use_token(conn: &mut Conn, used: &RefreshUse) -> Stored<RefreshOutcome> {
    let Some(family) = store::locked_family(conn, used.family)? else { return Ok(RefreshOutcome::Refused) };
    let (now, idle) = (used.who.now, family.used_at.plus_seconds(LONGEST_UNUSED));
    let own = family.client_id == used.who.client && family.tenant_id == used.who.tenant;
    if !own || family.ended_at.is_some() || family.expires_at <= now || idle <= now {
        return Ok(RefreshOutcome::Refused);
    }
    let again = family.previous_sha256.as_ref() == Some(&used.presented) && family.sha256 == used.next;
    let same_request = used.request.is_some() && family.request_sha256 == used.request;
    let lost = again && (same_request || now < family.used_at.plus_seconds(LOST_ANSWER));
    if family.sha256 != used.presented && !lost {
        end(conn, &used.who, &family, "used_again")?;
        return Ok(RefreshOutcome::Ended { jti: family.access_jti, expires: family.access_expires_at });
    }
    // Before anything is used up: a refusal takes nothing.
    let Some((principal, most)) = who_goes_on(conn, used, &family)? else { return Ok(RefreshOutcome::Refused) };
    let scopes = match scopes_asked(used.scope.as_deref(), most) {
        Ok(scopes) => scopes,
        Err(error) => return Ok(RefreshOutcome::ScopesRefused(error)),
    };
    let family = if lost && now < family.access_expires_at {
        family
    } else {
        let first = !lost;
        let after = Family {
            sha256: used.next.clone(),
            previous_sha256: Some(used.presented.clone()),
            request_sha256: if first { used.request.clone() } else { family.request_sha256.clone() },
            access_jti: used.jti,
            access_expires_at: now.plus_seconds(USUAL_TTL),
            used_at: now,
            ..family
        };
        store::rotate_family(conn, &after)?;
        after
    };
    Ok(RefreshOutcome::Good { family: Box::new(family), principal, scopes })
}

/// Who a sign-in speaks for now and what it may have at most; none where its learner or its issuer is no more.
fn who_goes_on(conn: &mut Conn, used: &RefreshUse, family: &Family) -> Stored<Option<(Principal, Scopes)>> {
    let learner = family.principal_kind == "learner";
    let role = if learner { ForeignRole::Learner } else { ForeignRole::Staff };
    let Some(left) = issuers::role_scopes(conn, family.tenant_id, family.issuer_id, role)? else { return Ok(None) };
    let principal = if learner {
        match learners::principal(conn, &used.who, family.principal_id) {
            Ok(principal) => principal,
            Err(problem) if [Code::NotFound, Code::IllegalState].contains(&problem.code()) => return Ok(None),
            Err(problem) => return Err(problem),
        }
    } else {
        Principal::Staff(family.principal_id)
    };
    let given = Scopes::parse(&family.scopes).unwrap_or_default();
    Ok(Some((principal, given.both(left).both(used.who.scopes))))
}

/// Ends a sign-in, and the access token that it got last.
pub fn end(conn: &mut Conn, who: &Who, family: &Family, reason: &'static str) -> Stored<()> {
    store::end_family(conn, family.tenant_id, family.id, who.now)?;
    auth_store::keep_revocation(conn, family.tenant_id, family.access_jti, family.access_expires_at, who.now)?;
    let entry = AuditEntry::new("sign_in.ended", (principal_word(family), &family.principal_id));
    audit::note(conn, who, entry.with("sign_in", family.id.to_string()).with("reason", reason))
}

fn principal_word(family: &Family) -> &'static str {
    if family.principal_kind == "learner" { "learner" } else { "staff" }
}

/// Ends the sign-in of a refresh token that is taken back, if it is this client's. Gives its access token.
pub fn end_sign_in(conn: &mut Conn, who: &Who, token: &str, key: &[u8]) -> Result<Option<(Id, Time)>, Problem> {
    let Some(id) = REFRESH.id(token, key) else { return Ok(None) };
    let family = store::locked_family(conn, id)?.filter(|family| family.client_id == who.client);
    let Some(family) = family else { return Ok(None) };
    if family.ended_at.is_none() {
        end(conn, who, &family, "signed_out")?;
    }
    Ok(Some((family.access_jti, family.access_expires_at)))
}
