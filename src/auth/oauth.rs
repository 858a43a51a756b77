//! The forms of RFC 6749: what `/oauth/token` is asked, what it answers, how it refuses.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::web::json::collect;

/// A form of at most this many bytes; the longest sensible one is far shorter.
const FORM_LIMIT: usize = 8192;

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
        tracing::error!(%problem, "token endpoint");
        match problem.status() {
            StatusCode::SERVICE_UNAVAILABLE => {
                OauthError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", problem.detail())
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

/// The form of a client credentials request. Unknown parameters are ignored (RFC 6749, section 3.2).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "client_credentials", "client_id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "client_secret": "wms_...", "scope": "lessons:read attempts:write"}))]
pub struct TokenForm {
    /// `client_credentials`
    #[schema(example = "client_credentials")]
    pub grant_type: Option<String>,
    /// Unless sent with HTTP Basic.
    pub client_id: Option<String>,
    /// Unless sent with HTTP Basic.
    pub client_secret: Option<String>,
    /// Scopes separated by spaces; absent means all that the client has.
    #[schema(example = "lessons:read attempts:write")]
    pub scope: Option<String>,
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
}

/// The credentials and the scopes that a request asks with.
pub struct TokenRequest {
    pub id: String,
    pub secret: String,
    pub scope: Option<String>,
    /// Whether they came with HTTP Basic, which the refusal must name then.
    pub basic: bool,
}

impl FromRequest for TokenRequest {
    type Error = OauthError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, OauthError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = collect(request, payload.take(), FORM_LIMIT);
        let media_type = header_text(request, &header::CONTENT_TYPE).to_ascii_lowercase();
        let authorization = header_text(request, &header::AUTHORIZATION);
        Box::pin(async move {
            let bad = |text: &str| OauthError::new(StatusCode::BAD_REQUEST, "invalid_request", text);
            if media_type.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
                return Err(bad("Send Content-Type: application/x-www-form-urlencoded."));
            }
            let body = body.await?;
            let form: TokenForm = serde_urlencoded::from_bytes(&body)
                .map_err(|_| bad("The form cannot be read; each parameter may be sent once."))?;
            match form.grant_type.as_deref() {
                Some("client_credentials") => {}
                None => return Err(bad("grant_type is missing; send grant_type=client_credentials.")),
                Some(_) => {
                    return Err(OauthError::new(
                        StatusCode::BAD_REQUEST,
                        "unsupported_grant_type",
                        "Only client_credentials is supported.",
                    ));
                }
            }
            if authorization.is_empty() {
                let (Some(id), Some(secret)) = (form.client_id, form.client_secret) else {
                    return Err(unauthorized("Send client_id and client_secret, in the form or with HTTP Basic.", true));
                };
                return Ok(TokenRequest { id, secret, scope: form.scope, basic: false });
            }
            let (id, secret) =
                basic(&authorization).ok_or_else(|| unauthorized("The Authorization header is not HTTP Basic.", true))?;
            Ok(TokenRequest { id, secret, scope: form.scope, basic: true })
        })
    }
}

fn header_text(request: &HttpRequest, name: &header::HeaderName) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// RFC 6749, section 2.3.1: both halves are form-encoded inside HTTP Basic; our ids and secrets need no escapes.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), secret.to_owned()))
}

pub fn unauthorized(description: &str, basic: bool) -> OauthError {
    OauthError { basic, ..OauthError::new(StatusCode::UNAUTHORIZED, "invalid_client", description) }
}
