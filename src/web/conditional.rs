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
        .filter(|n| etag_of_revision(*n) == text)
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

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn if_none_match_compares_weakly_and_knows_lists() {
        let has = |values: &[&str]| {
            let request = values.iter().fold(TestRequest::get(), |r, value| r.append_header((header::IF_NONE_MATCH, *value)));
            matches(&request.to_http_request(), "\"3\"")
        };
        for values in [&["\"3\""][..], &["W/\"3\""], &["*"], &["\"1\", \"3\""], &["\"1\"", "\"3\""]] {
            assert!(has(values), "{values:?}");
        }
        for values in [&[][..], &[""], &["3"], &["\"33\""], &["\"3"], &["\"3-br\""]] {
            assert!(!has(values), "{values:?}");
        }
    }

    #[test]
    fn if_match_is_one_revision_or_any() {
        let read = |value: &str| if_match(&TestRequest::put().insert_header((header::IF_MATCH, value)).to_http_request());
        assert_eq!(if_match(&TestRequest::put().to_http_request()).unwrap(), IfMatch::Absent);
        assert_eq!(read("*").unwrap(), IfMatch::Any);
        assert_eq!(read(" \"12\" ").unwrap(), IfMatch::Revision(12));
        for bad in ["", "12", "\"\"", "\"abc\"", "W/\"12\"", "\"1\", \"2\"", "\"+1\"", "\"01\"", "\"99999999999999999999\""] {
            assert_eq!(read(bad).unwrap_err().code(), Code::InvalidParameter, "{bad}");
        }
    }

    #[test]
    fn a_stale_revision_is_412_and_none_is_428() {
        assert!(IfMatch::Any.check(3).is_ok());
        assert!(IfMatch::Revision(3).check(3).is_ok());
        assert_eq!(IfMatch::Revision(2).check(3).unwrap_err().code(), Code::PreconditionFailed);
        assert_eq!(IfMatch::Absent.check(3).unwrap_err().code(), Code::PreconditionRequired);
    }
}
