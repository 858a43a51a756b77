//! Which client is speaking: by its secret (HTTP Basic or the form) or by a key of its own.

use actix_web::HttpMessage;
use actix_web::web::Data;
use jsonwebtoken::jwk::JwkSet;

use crate::audit::Unsigned;
use crate::audit::memory::Failures;
use crate::audit::sign_ins::note_failed_sign_in;
use crate::auth::oauth::{OauthError, bad_request, unauthorized};
use crate::auth::store::{self as auth_store, Client};
use crate::auth::{Principal, Scopes, Who, secrets};
use crate::authorization::assertion::{self, ASSERTION_TYPE};
use crate::authorization::form::OauthForm;
use crate::authorization::store;
use crate::db::types::{Id, Time};
use crate::state::AppState;
use crate::telemetry::AccessedBy;
use crate::web::client_address::client_address;
use crate::web::meter::admit_client_sign_in;
use crate::web::request_id::RequestId;

const WRONG: &str = "The client is unknown or disabled, or its secret or assertion is wrong.";

/// What a client proves itself with. RFC 6749, section 2.3: one method a request.
enum Proof<'a> {
    Secret(&'a str),
    /// None: an app on people's devices, which can keep no secret.
    Public,
    Assertion(&'a str),
}

/// The client that sent a form, which proved it.
pub async fn authenticate(state: &Data<AppState>, form: &OauthForm) -> Result<Who, OauthError> {
    known_client(state, form, false).await
}

/// The same, or an app on people's devices, which can keep no secret (a public client, RFC 6749, section 2.1): it is told by its id,
/// and what it sends must prove the person.
pub async fn authenticate_app(state: &Data<AppState>, form: &OauthForm) -> Result<Who, OauthError> {
    known_client(state, form, true).await
}

async fn known_client(state: &Data<AppState>, form: &OauthForm, public_too: bool) -> Result<Who, OauthError> {
    let (id, proof) = read_proof(form, public_too)?;
    let basic = form.basic.is_some();
    let wrong = || unauthorized(WRONG, basic);
    let id: Id = id.parse().map_err(|_| wrong())?;
    let known = state.db.read(move |conn| auth_store::client_and_standing(conn, id)).await?;
    let (client, let_in) = known.ok_or_else(wrong)?;
    let now = state.clock.now();
    let unproven = matches!(proof, Proof::Public);
    let proven = match proof {
        Proof::Secret(secret) => secrets::secret_is_good(&client, secret, now),
        Proof::Assertion(assertion) => assertion_holds(state, &client, assertion, now).await?,
        Proof::Public => !client.has_secret() && client.jwks.is_none(),
    };
    if !proven || !let_in {
        let reason = if proven { "client_disabled" } else { "wrong_secret" };
        note_failure(state, (client.tenant_id, client.id), form, reason);
        return Err(wrong());
    }
    let by = AccessedBy { tenant: client.tenant_id, client: client.id, principal: "client" };
    form.request.extensions_mut().insert(by);
    // Whoever knows the id of an app has proved nothing: its address is counted, the app is not.
    if !unproven {
        admit_client_sign_in(&form.request, (client.tenant_id, client.id), now)?;
    }
    Ok(Who {
        tenant: client.tenant_id,
        client: client.id,
        principal: Principal::Client(client.id),
        once: None,
        scopes: Scopes::parse(&client.scopes).unwrap_or_default(),
        quotas: state.auth.quotas(&state.auth.gates(), client.tenant_id),
        request_id: RequestId::of(&form.request),
        address: client_address(&form.request),
        now,
        clock: state.clock.clone(),
    })
}

fn note_failure(state: &Data<AppState>, (tenant, client): (Id, Id), form: &OauthForm, reason: &'static str) {
    let by = Unsigned::stranger(&state.clock, client_address(&form.request), RequestId::of(&form.request));
    note_failed_sign_in(state, Failures { tenant, client, reason, count: 1, by });
}

/// Tells the audit log of a person's token that was refused.
pub fn note_refused_person(state: &Data<AppState>, who: &Who, form: &OauthForm, error: &OauthError, reason: &'static str) {
    if error.is("invalid_grant") {
        note_failure(state, (who.tenant, who.client), form, reason);
    }
}

/// Who says that it speaks, and by what.
fn read_proof(form: &OauthForm, public_too: bool) -> Result<(String, Proof<'_>), OauthError> {
    let (sent, basic) = (&form.parameters, &form.basic);
    let methods = [basic.is_some(), sent.client_secret.is_some(), sent.client_assertion.is_some()];
    if methods.iter().filter(|used| **used).count() > 1 {
        return Err(bad_request("invalid_request", "Authenticate in one way: HTTP Basic, client_secret or client_assertion."));
    }
    if let Some((id, secret)) = basic {
        return match &sent.client_id {
            Some(other) if other != id => Err(bad_request("invalid_request", "client_id is another one than in HTTP Basic.")),
            _ => Ok((id.clone(), Proof::Secret(secret))),
        };
    }
    if let Some(assertion) = &sent.client_assertion {
        if sent.client_assertion_type.as_deref() != Some(ASSERTION_TYPE) {
            return Err(bad_request("invalid_request", format!("client_assertion_type must be {ASSERTION_TYPE}.")));
        }
        let claimed = assertion::claimed_client(assertion).map(|id| id.to_string());
        let id = claimed.filter(|id| sent.client_id.as_ref().is_none_or(|said| said == id));
        return Ok((id.ok_or_else(|| unauthorized(WRONG, false))?, Proof::Assertion(assertion)));
    }
    match (&sent.client_id, &sent.client_secret) {
        (Some(id), Some(secret)) => Ok((id.clone(), Proof::Secret(secret))),
        (Some(id), None) if public_too => Ok((id.clone(), Proof::Public)),
        _ => Err(unauthorized(
            "Send client_id and client_secret in the form or with HTTP Basic, or a client_assertion.",
            sent.client_secret.is_none(),
        )),
    }
}

async fn assertion_holds(state: &AppState, client: &Client, assertion: &str, now: Time) -> Result<bool, OauthError> {
    let keys: Option<JwkSet> = client.jwks.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let Some(keys) = keys else { return Ok(false) };
    let issuer = state.auth.issuer();
    // RFC 7523, section 3: the token endpoint's URL or another name of this server.
    let names = [issuer.to_owned(), format!("{issuer}/oauth/token"), format!("{issuer}/")];
    match assertion::check_assertion(assertion, client.id, &keys, &names, now) {
        Err(fault) => {
            tracing::info!(client = %client.id, fault, "client assertion refused");
            Ok(false)
        }
        Ok(assertion) => {
            let tenant = client.tenant_id;
            Ok(state.db.of(tenant).write(move |conn| store::use_assertion(conn, tenant, &assertion)).await?)
        }
    }
}
