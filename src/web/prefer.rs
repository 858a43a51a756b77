//! What a client would rather have (RFC 7240): `Prefer: return=minimal` leaves out of the answer to a write what the client has, or
//! can read when somebody wants to see it.

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpRequest};

/// Whether the answer to a write is to be short. Whatever else is preferred is passed over, as the RFC wants (section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferred {
    pub minimal: bool,
}

/// Says that the answer is short because that was preferred (section 3).
pub const APPLIED: (HeaderName, &str) = (HeaderName::from_static("preference-applied"), "return=minimal");

impl Preferred {
    fn of<'a>(headers: impl Iterator<Item = &'a str>) -> Preferred {
        let mut preferences = headers.flat_map(|header| header.split(',')).map(|one| one.split(';').next().unwrap_or_default());
        // The first of one name counts; names and tokens know no case, and a value may stand in quotes.
        let wanted = preferences.find_map(|one| {
            let (name, value) = one.split_once('=')?;
            name.trim().eq_ignore_ascii_case("return").then(|| value.trim().trim_matches('"'))
        });
        Preferred { minimal: wanted.is_some_and(|value| value.eq_ignore_ascii_case("minimal")) }
    }
}

impl FromRequest for Preferred {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok());
        std::future::ready(Ok(Preferred::of(headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_return_minimal_makes_it_short() {
        let cases: &[(&[&str], bool)] = &[
            (&[], false),
            (&["return=minimal"], true),
            (&["respond-async, wait=10", "Return = \"minimal\"; foo=bar"], true),
            (&["return=representation, return=minimal"], false),
            (&["minimal"], false),
            (&["return"], false),
            (&["x=\"return=minimal"], false),
        ];
        for (headers, minimal) in cases {
            assert_eq!(Preferred::of(headers.iter().copied()).minimal, *minimal, "{headers:?}");
        }
    }
}
