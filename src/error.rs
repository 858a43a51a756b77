//! One table: failure -> status -> problem type. The only place that makes an error body (RFC 9457).
//!
//! What is under `/oauth` is the one exception: it answers in the form of RFC 6749, section 5.2; see `auth/oauth.rs`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What a caller may sensibly do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request may succeed as it is, at once.
    SameRequest,
    /// The same request may succeed after the time in `Retry-After`.
    AfterDelay,
    /// Ask for a new token, then repeat the request.
    NewToken,
    /// Change what `detail` and `errors` name, then send the changed request.
    ChangeRequest,
    /// Nothing the caller does will make this request succeed.
    Never,
}

macro_rules! table_of_errors {
    ($($code:ident $name:literal $status:literal $retry:ident $title:literal $meaning:literal)*) => {
        /// Every way in which a request can fail. The names are stable; new ones may be added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($code),* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$code),*];
            pub fn name(self) -> &'static str { match self { $(Code::$code => $name),* } }
            pub fn status(self) -> u16 { match self { $(Code::$code => $status),* } }
            pub fn retry(self) -> Retry { match self { $(Code::$code => Retry::$retry),* } }
            pub fn title(self) -> &'static str { match self { $(Code::$code => $title),* } }
            /// What it means and what to do, for the page that `type` points to.
            pub fn meaning(self) -> &'static str { match self { $(Code::$code => $meaning),* } }
        }
    };
}

table_of_errors! {
    MalformedJson "malformed_json" 400 ChangeRequest "The body is not JSON"
        "The body could not be read as JSON (RFC 8259): a syntax error, invalid UTF-8, nesting deeper than 127, or a number out of range. `detail` gives line and column."
    InvalidParameter "invalid_parameter" 400 ChangeRequest "A parameter is not valid"
        "A path segment, query parameter or header has a value that it cannot have. `errors[].parameter` names it."
    InvalidCursor "invalid_cursor" 400 ChangeRequest "The cursor does not belong to this query"
        "Cursors are opaque and bound to the query that returned them. Use one as it was given, with the same filters, or start without a cursor."
    RangeNotSatisfiable "range_not_satisfiable" 416 ChangeRequest "The range lies behind the end"
        "`params.bytes` says how many bytes there are. Ask for a range within them, or without `Range` for all."
    TokenMissing "token_missing" 401 NewToken "No access token"
        "Send `Authorization: Bearer <token>` (RFC 6750). Clients get tokens at `/oauth/token`; `waymark token` makes one on the command line."
    TokenInvalid "token_invalid" 401 NewToken "The access token is not valid"
        "The token is malformed, expired, revoked or not ours, or its client or tenant is no longer let in. Ask for a new one. Which of these it is, is told to nobody who only holds a token: the log says it with the request's id, and `waymark token --check` says it to the operator."
    InsufficientScope "insufficient_scope" 403 NewToken "The token lacks a scope"
        "`params.scope` names the scope that this operation needs. Ask for a token that has it."
    Forbidden "forbidden" 403 Never "This principal may not do that"
        "The operation is not for this kind of principal; `detail` says for whom it is."
    QuotaExceeded "quota_exceeded" 403 ChangeRequest "The tenant has no more room for this"
        "There is a bound to how much one tenant has of what stays, so that none takes the room of the others: `params.quota` names it (`versions`, `version_bytes`, `drafts`, `signals`), `params.limit` is the bound, `params.used` what there is. What is there stays and can be changed. `detail` says how to make room; whoever runs the installation can raise the bound."
    NotFound "not_found" 404 Never "Not found"
        "There is nothing here for this token. What belongs to another tenant or learner answers the same as what does not exist."
    MethodNotAllowed "method_not_allowed" 405 ChangeRequest "The method is not allowed here"
        "The header `Allow` lists the methods that this URL has."
    BodyTimeout "body_timeout" 408 SameRequest "The body did not arrive in time"
        "The rest of the body was not sent in time. The connection is closed; nothing was stored. Repeat the same request."
    IdUnavailable "id_unavailable" 409 ChangeRequest "The id is taken"
        "Something else already has this id: choose a new UUID (version 4 or 7). Or the identity at `params.pointer` is another learner's."
    AttemptOpen "attempt_open" 409 ChangeRequest "An attempt is already open"
        "A learner has at most one open attempt per lesson and placement. `params.attempt` is the open one: go on with it or submit it."
    AttemptsUsed "attempts_used" 409 Never "No attempt is left"
        "The version's policy limits assigned attempts. `params.attempts_allowed` is the limit."
    IllegalState "illegal_state" 409 ChangeRequest "Not possible in the present state"
        "`params.state` is the state that the thing is in; `detail` says which states allow the step."
    RequestInProgress "request_in_progress" 409 AfterDelay "The same request is still running"
        "A request with this `Idempotency-Key` has not finished yet. Repeat it after `Retry-After` seconds."
    Withdrawn "withdrawn" 410 Never "The lesson was withdrawn"
        "Its author took it out of sight, since `params.withdrawn_at`. Attempts and submissions that were begun on it go on: read it with their `version`. The next version that is published puts it back."
    CursorAhead "cursor_ahead" 409 ChangeRequest "The log ends before the cursor"
        "The database was put back from a copy that is older than this cursor. Read from the beginning, or from an older cursor, and leave out the records whose ids you have: then nothing is missed and nothing is taken twice."
    PreconditionFailed "precondition_failed" 412 ChangeRequest "It was changed meanwhile"
        "`If-Match` names another revision than the present one. Read it again, merge, and send the change with the new ETag."
    BodyTooLarge "body_too_large" 413 ChangeRequest "The body is too large"
        "`params.limit_bytes` is the limit."
    UnsupportedMediaType "unsupported_media_type" 415 ChangeRequest "The content type is not supported"
        "Send the content type that `params.supported` names (`application/json`, unless the operation says otherwise) and no `Content-Encoding`."
    InvalidBody "invalid_body" 422 ChangeRequest "The body is not valid"
        "The body is JSON, but not of the documented shape. Each entry of `errors` has a JSON pointer (RFC 6901) and what is expected there. Fields that are not documented are refused by name."
    PackageRefused "package_refused" 422 ChangeRequest "The package is refused"
        "The zip file, or a file in it, cannot be read, is not what its manifest says, or goes beyond a limit. `detail` says what is wrong, `params.file` names the file where it is about one. Nothing was taken from it."
    LearnerUnknown "learner_unknown" 422 ChangeRequest "No such learner"
        "The call names a learner that does not exist. `PUT /v1/learners/by-identity` creates one; a client with `learners:write` may also name a new identity directly."
    IdempotencyMismatch "idempotency_mismatch" 422 ChangeRequest "The key was used for another request"
        "This `Idempotency-Key` was used within the last 7 days with another body. Use a new key for a new request."
    PreconditionRequired "precondition_required" 428 ChangeRequest "If-Match is required"
        "Send `If-Match` with the ETag of the revision you read, so that nobody's change is lost."
    DailyLimit "daily_limit" 429 AfterDelay "Today's are used up"
        "There is a bound to how much of this one learner makes in a day (UTC): `params.of`, `params.limit`, `params.limit_bytes`. Or the tenant's records of the day are used up (`params.quota` is `records_per_day`): then nothing new begins, and what was begun is taken still. Nothing was stored: keep it, and send the same request again after `Retry-After` seconds."
    RateLimited "rate_limited" 429 AfterDelay "Too many requests"
        "More was asked in a short time, or at once, than one caller may. `params.policy` names the limit: `person` and `client` count what a token does, `address` what comes without a good one; those that end in `at-once` count requests that are running. `params.limit` is how much may be asked after a rest, `params.window_seconds` the time in which that comes back. The request was not looked at: send it again after `Retry-After` seconds. The fields `RateLimit-Policy` and `RateLimit` say the same for programs."
    HeadersTooLarge "headers_too_large" 431 ChangeRequest "A header is too large"
        "A header is longer than the service accepts; `detail` names it."
    Internal "internal" 500 SameRequest "Something went wrong here"
        "A defect of the service. Report the `request_id`; the log has the cause. It may have happened before or after the work was done: read what you wanted to change before you repeat the request; every PUT, and a POST with the same `Idempotency-Key`, can be repeated."
    DatabaseUnavailable "database_unavailable" 503 AfterDelay "The database is not available"
        "The database cannot be reached or cannot store. Nothing is lost: repeat the same request after `Retry-After` seconds. The service heals by itself."
    Overloaded "overloaded" 503 AfterDelay "Too much at once"
        "The queue is full, or the answer was not ready in time. Repeat the same request after `Retry-After` seconds."
}

impl Code {
    pub fn type_uri(self) -> String {
        format!("/docs/errors#{}", self.name())
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of the path segment, query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is expected there.
    pub detail: String,
}

/// Why a database said no, for those who decide whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseFault {
    /// Not the database's doing.
    None,
    /// The connection is gone.
    Lost,
    /// A deadlock or a serialisation failure: the same work may succeed now.
    Conflict,
    /// The storage cannot write: full, read-only, input or output error.
    Storage,
}

/// A failure on its way to the caller.
#[derive(Debug)]
pub struct Problem(Box<ProblemInner>);

#[derive(Debug, Clone)]
struct ProblemInner {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    params: Map<String, Value>,
    allow: Option<String>,
    fault: DatabaseFault,
    /// For the log only.
    cause: Option<String>,
}

/// `application/problem+json` (RFC 9457) with this service's extension members.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/docs/errors#not_found", "title": "Not found", "status": 404,
    "detail": "There is no attempt of this id for this token.", "code": "not_found",
    "errors": [], "params": {}, "retry": "never", "request_id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10"}))]
pub struct ProblemBody {
    /// Resolves to the page that explains the code.
    #[schema(format = "uri-reference")]
    pub r#type: String,
    pub title: String,
    /// The HTTP status, repeated.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// Stable name of the failure; new ones may be added.
    pub code: String,
    pub errors: Vec<FieldError>,
    /// Values for a message in the reader's own language.
    #[schema(value_type = Object, additional_properties = true)]
    pub params: Map<String, Value>,
    pub retry: Retry,
    /// Quote it when reporting; the log has it too.
    pub request_id: String,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem(Box::new(ProblemInner {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            params: Map::new(),
            allow: None,
            fault: DatabaseFault::None,
            cause: None,
        }))
    }

    pub fn not_found(what: &str) -> Problem {
        Problem::new(Code::NotFound, format!("There is no {what} for this token. Check the id and whose token this is."))
    }

    /// The body is JSON but breaks a rule at `pointer`.
    pub fn body(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem::bodies(vec![FieldError { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }])
    }

    pub fn bodies(errors: Vec<FieldError>) -> Problem {
        let detail = errors.first().map_or_else(String::new, |first| {
            format!(
                "At {}: {}",
                first.pointer.as_deref().filter(|p| !p.is_empty()).unwrap_or("the top of the body"),
                first.detail
            )
        });
        let mut problem = Problem::new(Code::InvalidBody, detail);
        problem.0.errors = errors;
        problem
    }

    pub fn parameter(name: &str, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        let mut problem = Problem::new(Code::InvalidParameter, format!("{name}: {detail}"));
        problem.0.errors = vec![FieldError { pointer: None, parameter: Some(name.to_owned()), detail }];
        problem
    }

    /// A defect: the caller learns nothing but the request id, the log learns the cause.
    pub fn internal(cause: impl fmt::Display) -> Problem {
        let mut problem = Problem::new(
            Code::Internal,
            "A defect of the service, not of your request. Whether it was done cannot be told from here: read before you repeat it.",
        );
        problem.0.cause = Some(cause.to_string());
        problem
    }

    pub fn unavailable(fault: DatabaseFault, cause: impl fmt::Display) -> Problem {
        let mut problem = Problem::new(
            Code::DatabaseUnavailable,
            "The database cannot answer at the moment. Repeat the same request after the time in Retry-After.",
        );
        problem.0.fault = fault;
        problem.0.cause = Some(cause.to_string());
        problem
    }

    pub fn overloaded() -> Problem {
        Problem::new(Code::Overloaded, "The queue is full. Repeat the same request after the time in Retry-After.")
    }

    /// With the reason, for the log alone.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Problem {
        self.0.cause = Some(cause.to_string());
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.0.params.insert(name.to_owned(), value.into());
        self
    }

    /// With what is wrong with the body, beside the reason that the code tells.
    #[must_use]
    pub fn about(mut self, errors: Vec<FieldError>) -> Problem {
        self.0.errors = errors;
        self
    }

    #[must_use]
    pub fn allowing(mut self, methods: String) -> Problem {
        self.0.allow = Some(methods);
        self
    }

    /// The same problem again, for an answer made from a borrowed error.
    pub fn copied(&self) -> Problem {
        Problem(self.0.clone())
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    pub fn params(&self) -> &Map<String, Value> {
        &self.0.params
    }

    pub fn fault(&self) -> DatabaseFault {
        self.0.fault
    }

    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Seconds for `Retry-After`, where waiting helps.
    pub fn retry_after(&self) -> Option<u32> {
        let asked = self.0.params.get("retry_after").and_then(Value::as_u64).and_then(|seconds| u32::try_from(seconds).ok());
        (self.0.code.retry() == Retry::AfterDelay).then_some(asked.unwrap_or(1))
    }

    pub fn wire(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: self.0.code.type_uri(),
            title: self.0.code.title().to_owned(),
            status: self.0.code.status(),
            detail: self.0.detail.clone(),
            code: self.0.code.name().to_owned(),
            errors: self.0.errors.clone(),
            params: self.0.params.clone(),
            retry: self.0.code.retry(),
            request_id: request_id.to_owned(),
        }
    }

    pub fn answer(&self, request_id: &str) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after() {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &self.0.allow
            && let Ok(value) = HeaderValue::from_str(allow)
        {
            answer.insert_header((header::ALLOW, value));
        }
        if let Some(challenge) = self.challenge() {
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        answer.body(serde_json::to_vec(&self.wire(request_id)).unwrap_or_default())
    }

    /// RFC 6750, section 3: no error code where no token was sent.
    fn challenge(&self) -> Option<HeaderValue> {
        let text = match self.0.code {
            Code::TokenMissing => "Bearer realm=\"waymark\"".to_owned(),
            Code::TokenInvalid => "Bearer realm=\"waymark\", error=\"invalid_token\"".to_owned(),
            Code::InsufficientScope => {
                let scope = self.0.params.get("scope").and_then(Value::as_str).unwrap_or_default();
                format!("Bearer realm=\"waymark\", error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            _ => return None,
        };
        HeaderValue::from_str(&text).ok()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.detail)?;
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Used only where the outer middleware cannot rewrite it with the request id.
    fn error_response(&self) -> HttpResponse {
        self.answer("")
    }
}
