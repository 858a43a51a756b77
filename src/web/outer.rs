//! The outermost middleware: gives every request an id, turns every failure into problem+json, writes one log line and
//! one metric, and lets HEAD use what GET has.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use tokio::time::error::Elapsed;

use crate::clock::Clock;
use crate::doors::answer::AnswerPieces;
use crate::doors::connection::RequestTurn;
use crate::doors::stream::RequestConnection;
use crate::error::{Code, Problem};
use crate::rates::standing::RateStanding;
use crate::telemetry::{self, Access, AccessedBy};
use crate::web::Settings;
use crate::web::client_address::client_address;
use crate::web::meter::add_rate_fields;
use crate::web::request_id::{RequestId, X_REQUEST_ID, request_id};

pub async fn outer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let clock = request.app_data::<Data<Clock>>().map(|clock| clock.get_ref().clone()).unwrap_or_default();
    let begun = Instant::now();
    let id = request_id(&request, &clock);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (measured, over_tls) =
        request.app_data::<Data<Settings>>().map_or((false, false), |settings| (settings.measured, settings.over_tls));
    let guest = request.conn_data::<RequestConnection>().cloned();
    let address = client_address(request.request());
    let turn = guest.as_ref().map(|guest| RequestTurn::begin(guest.connection.clone()));
    let method = request.method().clone();
    if method == Method::HEAD {
        // The connection still sends no body: its encoder knows what was asked.
        request.head_mut().method = Method::GET;
    }
    // Only a middleware below this one can fail as a whole; a handler's failure comes as an answer.
    let Ok(answer) = in_time(guest.as_ref(), next.call(request)).await else {
        let problem = Problem::new(
            Code::Overloaded,
            "The answer was not ready in time. Repeat the same request after the time in Retry-After.",
        );
        count_problem(problem.code());
        let mut answer = problem.answer(&id);
        mark(answer.headers_mut(), &id, over_tls);
        log_and_count(
            &RequestLabels { id: &id, traceparent: None, method: &method, route: "late", measured, address, by: None },
            answer.status(),
            begun,
            &clock,
        );
        return Err(InternalError::from_response(problem, answer).into());
    };
    let answer = answer?;
    let bare = !answer.headers().contains_key(header::CONTENT_TYPE);
    let mut answer = match problem_in(answer.response().status(), answer.response().error(), bare) {
        None => answer.map_into_left_body(),
        Some(problem) => {
            log_cause(&problem, &id);
            count_problem(problem.code());
            let mut told = problem.answer(&id);
            keep_cors(answer.headers(), told.headers_mut());
            answer.into_response(told).map_into_right_body()
        }
    };
    mark(answer.headers_mut(), &id, over_tls);
    let standing = answer.request().extensions().get::<RateStanding>().copied();
    add_rate_fields(standing, answer.headers_mut());
    let route = answer.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let by = answer.request().extensions().get::<AccessedBy>().copied();
    let traceparent = answer.request().headers().get("traceparent").and_then(|v| v.to_str().ok()).filter(|t| t.len() == 55);
    log_and_count(
        &RequestLabels { id: &id, traceparent, method: &method, route: &route, measured, address, by },
        answer.status(),
        begun,
        &clock,
    );
    Ok(answer.map_body(|_, body| AnswerPieces::new(body, turn, guest.as_ref())))
}

/// The headers that every answer has.
fn mark(headers: &mut HeaderMap, id: &str, over_tls: bool) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, value);
    }
    for (name, value) in &SECURITY_HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if over_tls {
        // Only there: over plain HTTP it is to be ignored (RFC 6797, section 7.2), and would be a promise that nobody keeps.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

/// Gives up what takes longer than a request may: its caller has gone, or will.
async fn in_time<T>(guest: Option<&RequestConnection>, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    match guest {
        None => Ok(work.await),
        Some(guest) => tokio::time::timeout(guest.connection.limits().request, work).await,
    }
}

/// What CORS said about the answer that a problem replaces; without it a browser shows its page no more than "network error".
fn keep_cors(from: &HeaderMap, to: &mut HeaderMap) {
    let cors = from.iter().filter(|(name, _)| *name == header::VARY || name.as_str().starts_with("access-control-"));
    cors.for_each(|(name, value)| to.append(name.clone(), value.clone()));
}

static SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The problem behind an answer that is an error; what actix itself refuses gets the nearest code of ours.
/// `bare`: it has no content type, so nobody of ours made it.
fn problem_in(status: StatusCode, error: Option<&Error>, bare: bool) -> Option<Problem> {
    let Some(error) = error else {
        return (bare && status == StatusCode::NOT_FOUND).then(|| Problem::not_found("such page"));
    };
    if let Some(problem) = error.as_error::<Problem>() {
        return Some(problem.copied());
    }
    if error.as_error::<crate::auth::oauth::OauthError>().is_some() {
        return None; // RFC 6749 has a form of its own
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::not_found("such page"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::BodyTooLarge, error.to_string()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Code::UnsupportedMediaType, error.to_string()),
        s if s.is_client_error() => Problem::new(Code::InvalidParameter, error.to_string()),
        _ => Problem::internal(error),
    })
}

fn log_cause(problem: &Problem, request_id: &str) {
    let Some(cause) = problem.cause() else { return };
    if problem.code() == Code::TokenInvalid {
        tracing::info!(request_id, cause, "access token refused");
    } else {
        tracing::error!(request_id, code = problem.code().name(), cause, "request failed");
    }
}

fn count_problem(code: Code) {
    metrics::counter!("waymark_problems_total", "code" => code.name()).increment(1);
    if matches!(code, Code::TokenMissing | Code::TokenInvalid | Code::InsufficientScope) {
        metrics::counter!("waymark_tokens_refused_total", "reason" => code.name()).increment(1);
    }
}

/// What the log and the metrics say of a request.
struct RequestLabels<'a> {
    id: &'a str,
    traceparent: Option<&'a str>,
    method: &'a Method,
    route: &'a str,
    measured: bool,
    address: Option<IpAddr>,
    by: Option<AccessedBy>,
}

fn log_and_count(asked: &RequestLabels<'_>, status: StatusCode, begun: Instant, clock: &Clock) {
    let told = telemetry::access_wanted();
    if !asked.measured && !told {
        return;
    }
    let method = known_method(asked.method);
    let seconds = begun.elapsed().as_secs_f64();
    if asked.measured {
        let (route, status) = (asked.route.to_owned(), status.as_str().to_owned());
        metrics::histogram!("waymark_http_request_seconds", "method" => method, "route" => route, "status" => status)
            .record(seconds);
    }
    let millis = (seconds * 1e6).round() / 1e3;
    if told {
        let RequestLabels { id: request_id, traceparent, route, address, by, .. } = *asked;
        let line = Access { request_id, traceparent, method, route, status: status.as_u16(), millis, address, by };
        telemetry::access(&line, clock.now());
    }
}

/// A method that somebody made up would be a label of its own for ever.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// A list of the methods of a path, for 405 and `Allow`.
pub fn allow_header(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether a request may be answered from a cache that others share: never, for what a token protects.
pub const PRIVATE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");
