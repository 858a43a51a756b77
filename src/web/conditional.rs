//! Conditional requests (RFC 9110, section 13): strong ETags for what is read, revisions for what is edited.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::error::{Code, Problem};

/// The ETag of a thing that is edited: its revision.
pub fn etag_of_revision(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// An entity tag (RFC 9110, section 8.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntityTag<'a> {
    weak: bool,
    /// With its quotes.
    opaque: &'a str,
}

/// What follows an entity tag when a proxy compressed the answer on its way (Apache's `mod_deflate`).
const BY_PROXY: &str = "-gzip\"";

impl EntityTag<'_> {
    /// Whether this names the same content as a tag of ours.
    fn means(&self, etag: &str) -> bool {
        let bare = || Some((self.opaque.strip_suffix(BY_PROXY)?, etag.strip_suffix('"')?));
        self.opaque == etag || bare().is_some_and(|(sent, ours)| sent == ours)
    }
}

/// The tags of a list; `None` for what is none. A comma may stand in a tag.
fn entity_tags(list: &str) -> Option<Vec<EntityTag<'_>>> {
    let mut tags = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let tag = rest.strip_prefix("W/");
        let (weak, quoted) = (tag.is_some(), tag.unwrap_or(rest));
        let end = quoted.strip_prefix('"')?.find('"')?.saturating_add(2);
        let (opaque, after) = quoted.split_at_checked(end)?;
        tags.push(EntityTag { weak, opaque });
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(tags)
}

/// The values of all headers of this name, which are one list (section 5.3).
fn whole_list(request: &HttpRequest, name: header::HeaderName) -> Option<String> {
    let values: Vec<&str> = request.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Whether `If-None-Match` has this ETag (weak comparison, section 13.1.2), as it left the service or as a compressing proxy passed it on.
pub fn matches(request: &HttpRequest, etag: &str) -> bool {
    whole_list(request, header::IF_NONE_MATCH)
        .is_some_and(|list| list.trim() == "*" || entity_tags(&list).is_some_and(|tags| tags.iter().any(|tag| tag.means(etag))))
}

/// `If-Match` as the caller sent it; absent, `*`, or the revisions that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    Absent,
    Any,
    /// Weak tags and those of a compressing proxy name none: they match nothing (strong comparison, section 13.1.1).
    Revisions(Vec<i64>),
}

pub fn if_match(request: &HttpRequest) -> Result<IfMatch, Problem> {
    let Some(list) = whole_list(request, header::IF_MATCH) else { return Ok(IfMatch::Absent) };
    if list.trim() == "*" {
        return Ok(IfMatch::Any);
    }
    let tags = entity_tags(&list).filter(|tags| !tags.is_empty());
    let tags =
        tags.ok_or_else(|| Problem::parameter("If-Match", "must be the ETag of a revision, such as \"3\", several, or *."))?;
    let strong = tags.iter().filter(|tag| !tag.weak);
    let named = strong.filter_map(|tag| {
        let number = tag.opaque.trim_matches('"').parse().ok()?;
        (etag_of_revision(number) == tag.opaque).then_some(number)
    });
    Ok(IfMatch::Revisions(named.collect()))
}

impl IfMatch {
    /// Lets the change of revision `present` pass, or says 428 or 412.
    pub fn check(&self, present: i64) -> Result<(), Problem> {
        match self {
            IfMatch::Any => Ok(()),
            IfMatch::Revisions(named) if named.contains(&present) => Ok(()),
            IfMatch::Revisions(_) => Err(Problem::new(
                Code::PreconditionFailed,
                format!("The present revision is {present}; If-Match must name it by its strong ETag, \"{present}\"."),
            )
            .with("revision", present)),
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
        for values in [
            &["\"3\""][..],
            &["W/\"3\""],
            &["*"],
            &["\"1\", \"3\""],
            &["\"1\"", "\"3\""],
            &["\"3-gzip\""],
            &["W/\"3-gzip\""],
            &["\"a,b\",\"3\" "],
        ] {
            assert!(has(values), "{values:?}");
        }
        for values in
            [&[][..], &[""], &["3"], &["\"33\""], &["\"3"], &["\"3-br\""], &["\"-gzip\""], &["\"1\" \"3\""], &["\"1,\"3\""]]
        {
            assert!(!has(values), "{values:?}");
        }
    }

    #[test]
    fn if_match_is_any_or_revisions() {
        let lines = |values: &[&str]| {
            let request = values.iter().fold(TestRequest::put(), |r, value| r.append_header((header::IF_MATCH, *value)));
            if_match(&request.to_http_request())
        };
        let read = |value: &str| lines(&[value]);
        assert_eq!(lines(&[]).unwrap(), IfMatch::Absent);
        assert_eq!(read("*").unwrap(), IfMatch::Any);
        for (value, named) in [
            (" \"12\" ", &[12][..]),
            ("\"1\", \"2\"", &[1, 2]),
            ("W/\"12\"", &[]),
            ("W/\"12\", \"3\"", &[3]),
            ("\"12-gzip\"", &[]),
            ("\"\"", &[]),
            ("\"abc\"", &[]),
            ("\"+1\"", &[]),
            ("\"01\"", &[]),
            ("\"99999999999999999999\"", &[]),
        ] {
            assert_eq!(read(value).unwrap(), IfMatch::Revisions(named.to_vec()), "{value}");
        }
        assert_eq!(lines(&["\"1\"", "\"2\""]).unwrap(), IfMatch::Revisions(vec![1, 2]));
        for bad in ["", "12", "\"1", "1\"", "*, \"1\"", "\"1\" \"2\"", "w/\"1\"", "\u{e9}"] {
            assert_eq!(read(bad).unwrap_err().code(), Code::InvalidParameter, "{bad}");
        }
    }

    #[test]
    fn a_stale_revision_is_412_and_none_is_428() {
        assert!(IfMatch::Any.check(3).is_ok());
        for named in [&[3][..], &[2, 3]] {
            assert!(IfMatch::Revisions(named.to_vec()).check(3).is_ok());
        }
        for named in [&[][..], &[2], &[2, 4]] {
            assert_eq!(IfMatch::Revisions(named.to_vec()).check(3).unwrap_err().code(), Code::PreconditionFailed);
        }
        assert_eq!(IfMatch::Absent.check(3).unwrap_err().code(), Code::PreconditionRequired);
    }
}
