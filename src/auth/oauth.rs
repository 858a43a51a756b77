//! The forms of RFC 6749: what a token is answered with, and how the operations under `/oauth` refuse.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::tokens::Grant;
use crate::error::Problem;

/// A failure in the form of RFC 6749, section 5.2.
#[derive(Debug)]
pub struct OauthError {
    status: StatusCode,
    error: &'static str,
    description: String,
    basic: bool,
    /// Seconds for `Retry-After`, where waiting helps.
    retry_after: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"error": "invalid_client", "error_description": "The client id or the secret is wrong."}))]
pub struct OauthErrorBody {
    /// One of the codes of RFC 6749, section 5.2, or `temporarily_unavailable`.
    pub error: String,
    pub error_description: String,
}

impl OauthError {
    /// Whether it is this code.
    pub fn is(&self, error: &str) -> bool {
        self.error == error
    }

    pub fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> OauthError {
        OauthError { status, error, description: description.into(), basic: false, retry_after: None }
    }

    /// More was asked than may be; RFC 6749 has no word for it.
    pub fn too_many(description: impl Into<String>, retry_after: u64) -> OauthError {
        let error = OauthError::new(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", description);
        OauthError { retry_after: Some(retry_after), ..error }
    }
}

impl std::fmt::Display for OauthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error, self.description)
    }
}

impl From<Problem> for OauthError {
    fn from(problem: Problem) -> OauthError {
        if problem.status().is_server_error() {
            tracing::error!(%problem, "token endpoint");
        }
        match problem.status() {
            StatusCode::SERVICE_UNAVAILABLE => {
                OauthError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", problem.detail())
            }
            StatusCode::INTERNAL_SERVER_ERROR => {
                OauthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", problem.detail())
            }
            status => OauthError::new(status, "invalid_request", problem.detail()),
        }
    }
}

impl ResponseError for OauthError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        metrics::counter!("waymark_tokens_refused_total", "reason" => self.error).increment(1);
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        let waiting_helps = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after.or_else(|| waiting_helps.then_some(1)) {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.basic {
            answer.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"waymark\""));
        }
        answer.json(OauthErrorBody { error: self.error.to_owned(), error_description: self.description.clone() })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// A JWT in the shape of RFC 9068; treat it as opaque.
    pub access_token: String,
    /// `Bearer`
    pub token_type: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The scopes that were granted, separated by spaces.
    pub scope: String,
    /// What was issued in exchange (RFC 8693, section 2.2.1): an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
    /// What the next access token is asked for with, once; only for people who signed in at an issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// The answer with a token that was just made.
pub fn token_answer(access_token: String, grant: &Grant) -> TokenAnswer {
    TokenAnswer {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: grant.ttl_seconds,
        scope: grant.scopes.to_string(),
        issued_token_type: None,
        refresh_token: None,
    }
}

/// A fault of the request (RFC 6749, section 5.2).
pub fn bad_request(error: &'static str, description: impl Into<String>) -> OauthError {
    OauthError::new(StatusCode::BAD_REQUEST, error, description)
}

/// Something that is needed for the answer cannot be had at the moment.
pub fn unavailable(description: impl Into<String>) -> OauthError {
    OauthError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description)
}

pub fn unauthorized(description: &str, basic: bool) -> OauthError {
    OauthError { basic, ..OauthError::new(StatusCode::UNAUTHORIZED, "invalid_client", description) }
}
