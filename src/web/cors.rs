//! Which pages in browsers may read an answer (the CORS protocol of the Fetch standard). The configuration names origins for all,
//! and every client its own. A preflight brings no token, so it is granted to the origins of all; the answer itself is shared with
//! the origins of the client whose token was sent alone. What is refused before anybody is known is shared with all of them: a page
//! must learn that its token has ended. Cookies are never part of it.

use std::collections::HashSet;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use crate::auth::Auth;
use crate::telemetry::AccessedBy;

/// What a page may see of an answer, beside what every page does.
const EXPOSED: &str = "Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotent-Replayed, Link, Location, Preference-Applied, \
    RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// Seconds for which a browser need not ask again.
const GRANTED_FOR: &str = "3600";

/// The origins that the configuration names.
#[derive(Debug, Default)]
pub struct AllowedOrigins {
    any: bool,
    named: HashSet<String>,
}

impl AllowedOrigins {
    pub fn of(configured: &[String]) -> AllowedOrigins {
        AllowedOrigins { any: configured.iter().any(|origin| origin == "*"), named: configured.iter().cloned().collect() }
    }
}

pub async fn share_with_origins(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, Error> {
    if !anybody_is_allowed(request.request()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    if let Some(granted) = preflight(request.request()) {
        return Ok(request.into_response(granted).map_into_right_body());
    }
    let mut answer = next.call(request).await?;
    let shared = shared_with(answer.request());
    let headers = answer.headers_mut();
    add_vary(headers, "Origin");
    // What is for everybody says so itself.
    if let Some(origin) = shared.filter(|_| !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    Ok(answer.map_into_left_body())
}

fn anybody_is_allowed(request: &HttpRequest) -> bool {
    let configured = request.app_data::<Data<AllowedOrigins>>().is_some_and(|origins| !origins.named.is_empty());
    configured || request.app_data::<Data<Auth>>().is_some_and(|auth| !auth.gates().origins.is_empty())
}

/// The value of `Access-Control-Allow-Origin`, where the page that asks may see the answer.
fn shared_with(request: &HttpRequest) -> Option<HeaderValue> {
    let origin = only(request, &header::ORIGIN)?;
    let configured = request.app_data::<Data<AllowedOrigins>>();
    if configured.is_some_and(|origins| origins.any) {
        return Some(HeaderValue::from_static("*"));
    }
    let text = origin.to_str().ok()?;
    let by = request.extensions().get::<AccessedBy>().map(|by| (by.tenant, by.client));
    let of_client = || request.app_data::<Data<Auth>>().is_some_and(|auth| auth.gates().origins.allow(by, text));
    (configured.is_some_and(|origins| origins.named.contains(text)) || of_client()).then(|| origin.clone())
}

/// A field that stands once.
fn only<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = request.headers().get_all(name);
    values.next().filter(|_| values.next().is_none())
}

/// The answer to a preflight of an origin that is allowed; every other `OPTIONS` goes its way to 405.
fn preflight(request: &HttpRequest) -> Option<HttpResponse> {
    if request.method() != Method::OPTIONS || !request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut answer = HttpResponse::NoContent();
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, shared_with(request)?));
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    answer.insert_header((header::ACCESS_CONTROL_MAX_AGE, GRANTED_FOR));
    answer.insert_header((header::VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    // Whatever it wants to send: it is looked at when it is sent.
    if let Some(asked) = only(request, &header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|asked| names_fields(asked)) {
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
    }
    Some(answer.finish())
}

fn names_fields(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or("?");
    text.split(',').all(|name| HeaderName::try_from(name.trim()).is_ok())
}

fn add_vary(headers: &mut HeaderMap, name: &str) {
    let all: Vec<&str> = headers.get_all(header::VARY).filter_map(|value| value.to_str().ok()).chain([name]).collect();
    if let Ok(value) = HeaderValue::try_from(all.join(", ")) {
        headers.insert(header::VARY, value);
    }
}
