//! Ranges of what is large and does not change under its ETag (RFC 9110, section 14): a download that broke off goes on.

use std::ops::Range;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::error::{Code, Problem};

/// What of a file a request wants.
#[derive(Debug, PartialEq, Eq)]
enum WantedBytes {
    Whole,
    Part(Range<usize>),
    /// A range that lies behind the end.
    Nothing,
}

/// Answers with the bytes that are asked for: 200 with all, 206 with one range, or 416. `answer` has the other headers.
pub fn ranged(mut answer: HttpResponseBuilder, request: &HttpRequest, etag: &str, file: &Bytes) -> Result<HttpResponse, Problem> {
    let value = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    // Section 13.1.5: another version than the one that the client has a part of comes whole. A date is no validator of ours.
    let same = value(header::IF_RANGE).is_none_or(|condition| condition.trim() == etag);
    let range = value(header::RANGE).filter(|_| same);
    answer.insert_header((header::ACCEPT_RANGES, "bytes"));
    match range.map_or(WantedBytes::Whole, |range| wanted(range, file.len())) {
        WantedBytes::Whole => Ok(answer.body(file.clone())),
        WantedBytes::Part(part) => {
            let last = part.end.saturating_sub(1);
            answer.status(actix_web::http::StatusCode::PARTIAL_CONTENT);
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {}-{last}/{}", part.start, file.len())));
            Ok(answer.body(file.slice(part)))
        }
        WantedBytes::Nothing => {
            let detail = format!("The range lies behind the end: there are {} bytes.", file.len());
            Err(Problem::new(Code::RangeNotSatisfiable, detail).with("bytes", file.len()))
        }
    }
}

/// One range of bytes. Several, other units and what is no range at all may be ignored (sections 14.2 and 15.5.17).
fn wanted(range: &str, length: usize) -> WantedBytes {
    let Some(set) = range.trim().strip_prefix("bytes=") else { return WantedBytes::Whole };
    let Some((first, last)) = set.trim().split_once('-') else { return WantedBytes::Whole };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(usize::MAX));
    let (Some(first_number), Some(last_number)) = (number(first), number(last)) else { return WantedBytes::Whole };
    let part = match (first.is_empty(), last.is_empty()) {
        (true, true) => return WantedBytes::Whole,
        // The last so many bytes.
        (true, false) => length.saturating_sub(last_number)..length,
        (false, true) => first_number..length,
        (false, false) if last_number < first_number => return WantedBytes::Whole,
        (false, false) => first_number..length.min(last_number.saturating_add(1)),
    };
    if part.start < part.end { WantedBytes::Part(part) } else { WantedBytes::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        use WantedBytes::{Nothing, Part, Whole};
        for (range, part) in [
            ("bytes=0-0", Part(0..1)),
            ("bytes=2-4", Part(2..5)),
            ("bytes=2-", Part(2..10)),
            ("bytes=-3", Part(7..10)),
            ("bytes=-30", Part(0..10)),
            ("bytes=8-99999999999999999999999", Part(8..10)),
            (" bytes=9-9 ", Part(9..10)),
            ("bytes=10-", Nothing),
            ("bytes=99999999999999999999999-", Nothing),
            ("bytes=-0", Nothing),
            ("bytes=4-2", Whole),
            ("bytes=-", Whole),
            ("bytes=", Whole),
            ("bytes=a-b", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=0-1,3-4", Whole),
            ("items=0-1", Whole),
        ] {
            assert_eq!(wanted(range, 10), part, "{range}");
        }
        assert_eq!(wanted("bytes=0-", 0), Nothing);
    }
}
