//! Where requests are counted. What comes without a good token is counted by its address, before anything is done for it; what comes
//! with one is counted by whose token it is, once that is known (`auth/caller.rs`), and never by its address: a whole school may stand
//! behind one.

use std::net::IpAddr;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};

use crate::auth::caller::bearer_token;
use crate::auth::oauth::OauthError;
use crate::auth::{Auth, Principal};
use crate::clock::Clock;
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::rates::at_once::RunningRequest;
use crate::rates::standing::{RATE_LIMIT, RATE_LIMIT_POLICY, RateRefusal, RateStanding};
use crate::rates::{CallerKind, FAILED_SIGN_IN, RateLimits};
use crate::telemetry::AccessedBy;
use crate::web::client_address::client_address;

/// What is asked by those who watch over the service, who must be answered while others ask too much.
pub const NEVER_COUNTED: [&str; 2] = ["/healthz", "/readyz"];

/// Where tokens are given out: counted by a limit of its own, and refused in the form of RFC 6749.
const SIGN_IN: &str = "/oauth/";

pub async fn meter(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, Error> {
    let limits = request.app_data::<Data<RateLimits>>().cloned();
    let address = client_address(request.request());
    let (Some(limits), Some(address), false) = (limits, address, NEVER_COUNTED.contains(&request.path())) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let now = request.app_data::<Data<Clock>>().map_or_else(|| Clock::default().now(), |clock| clock.now());
    let sign_in = request.path().starts_with(SIGN_IN);
    let counted = match known_later(request.request()) {
        true => look_first(request.request(), &limits, address, now).map(|()| None),
        false => limits.admit_address(address, sign_in, now).map(Some),
    };
    let running = match counted {
        Ok(counted) => counted,
        Err(refusal) => return Ok(refused(request, refusal, sign_in).map_into_right_body()),
    };
    if sign_in && let Some((Some(standing), _)) = &running {
        request.extensions_mut().insert(*standing);
    }
    let answer = next.call(request).await?;
    // What failed on our side says nothing of the token.
    let unknown = answer.request().extensions().get::<AccessedBy>().is_none() && !answer.status().is_server_error();
    if running.is_none() && unknown {
        limits.charge_address(address, false, 1, now);
    }
    let failed = sign_in && [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED].contains(&answer.status());
    if failed {
        limits.charge_address(address, true, FAILED_SIGN_IN, now);
    }
    Ok(answer.map_into_left_body())
}

/// Whether it turns out later whose request it is: where there is a token that a handler will look at.
fn known_later(request: &HttpRequest) -> bool {
    request.path().starts_with("/v1/") && bearer_token(request).is_ok()
}

/// An address that sent too many bad tokens is asked for one that is known to be good; nobody verifies further ones for it.
fn look_first(request: &HttpRequest, limits: &RateLimits, address: IpAddr, now: Time) -> Result<(), RateRefusal> {
    limits.look_at_address(address, now).or_else(|refusal| {
        let auth = request.app_data::<Data<Auth>>();
        let known = bearer_token(request).is_ok_and(|token| auth.is_some_and(|auth| auth.remembers(token)));
        if known { Ok(()) } else { Err(refusal) }
    })
}

fn refused(request: ServiceRequest, refusal: RateRefusal, sign_in: bool) -> ServiceResponse<BoxBody> {
    note(request.request(), &refusal);
    if sign_in {
        request.error_response(OauthError::too_many(refusal.detail(), refusal.seconds()))
    } else {
        request.error_response(refusal.problem())
    }
}

/// Where the answer finds what it tells of limits.
fn note(request: &HttpRequest, refusal: &RateRefusal) {
    metrics::counter!("waymark_rate_limited_total", "policy" => refusal.0.policy()).increment(1);
    request.extensions_mut().insert(refusal.0);
}

/// Counts the request of a caller whose token is good; it runs until the request is dropped.
pub fn admit_by_token(
    request: &HttpRequest,
    (tenant, client, principal): (Id, Id, Principal),
    cost: u32,
    now: Time,
) -> Result<(), Problem> {
    let Some(limits) = request.app_data::<Data<RateLimits>>() else { return Ok(()) };
    if request.extensions().get::<RunningRequest>().is_some() {
        return Ok(()); // Whoever asks twice who calls has one request all the same.
    }
    let kind = if matches!(principal, Principal::Client(_)) { CallerKind::Client } else { CallerKind::Person };
    match limits.admit_caller(&(tenant, client, principal), kind, cost, now) {
        Ok((standing, running)) => {
            let mut extensions = request.extensions_mut();
            extensions.insert(running);
            if let Some(standing) = standing {
                extensions.insert(standing);
            }
            Ok(())
        }
        Err(refusal) => {
            note(request, &refusal);
            Err(refusal.problem())
        }
    }
}

/// Counts a token for a client that proved who it is.
pub fn admit_client_sign_in(request: &HttpRequest, client: (Id, Id), now: Time) -> Result<(), OauthError> {
    let Some(limits) = request.app_data::<Data<RateLimits>>() else { return Ok(()) };
    limits.admit_sign_in(&client, now).map_err(|refusal| {
        note(request, &refusal);
        OauthError::too_many(refusal.detail(), refusal.seconds())
    })
}

/// Tells the caller where it stands, if it is limited.
pub fn add_rate_fields(standing: Option<RateStanding>, headers: &mut HeaderMap) {
    let Some(standing) = standing else { return };
    for (name, value) in [(RATE_LIMIT_POLICY, standing.policy_field()), (RATE_LIMIT, standing.limit_field())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
