//! The id by which a request is found again: in the answer, in problems, in the log and in records.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage, HttpRequest};

use crate::clock::Clock;

/// The id of a request: the caller's `X-Request-Id` if it is a harmless one, else ours.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone())
    }
}

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn request_id(request: &ServiceRequest, clock: &Clock) -> String {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless =
        |text: &&str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    given.filter(harmless).map_or_else(|| clock.id().to_string(), str::to_owned)
}
