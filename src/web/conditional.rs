//! Conditional requests (RFC 9110, section 13): strong ETags for what is read, revisions for what is edited.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::error::{Code, Problem};

/// The ETag of a thing that is edited: its revision.
pub fn etag_of_revision(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// Whether `If-None-Match` has this ETag (weak comparison, section 13.1.2).
pub fn matches(request: &HttpRequest, etag: &str) -> bool {
    request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).any(|list| has(list, etag))
}

fn has(list: &str, etag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
}

/// `If-Match` as the caller sent it; absent, `*`, or one revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMatch {
    Absent,
    Any,
    Revision(i64),
}

pub fn if_match(request: &HttpRequest) -> Result<IfMatch, Problem> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(IfMatch::Absent) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    let number = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
    number
        .map(IfMatch::Revision)
        .ok_or_else(|| Problem::parameter("If-Match", "must be the ETag of a revision, such as \"3\", or *."))
}

impl IfMatch {
    /// Lets the change of revision `present` pass, or says 428 or 412.
    pub fn check(self, present: i64) -> Result<(), Problem> {
        match self {
            IfMatch::Any => Ok(()),
            IfMatch::Revision(n) if n == present => Ok(()),
            IfMatch::Revision(_) => {
                Err(Problem::new(Code::PreconditionFailed, format!("The present revision is {present}."))
                    .with("revision", present))
            }
            IfMatch::Absent => Err(Problem::new(
                Code::PreconditionRequired,
                "This change needs If-Match with the ETag of the revision you read.",
            )),
        }
    }
}
