//! What the operations under `/oauth` are sent: a form (RFC 6749, appendix B) and perhaps HTTP Basic.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::auth::oauth::{OauthError, bad_request, unauthorized};
use crate::web::json::collect;

/// A form of at most this many bytes; the longest sensible one (two tokens) is far shorter.
const FORM_LIMIT: usize = 32 * 1024;

/// Every parameter that is known here. Unknown ones are ignored (RFC 6749, section 3.2), empty ones count as not sent (the same).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OauthParameters {
    pub grant_type: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub client_assertion_type: Option<String>,
    pub client_assertion: Option<String>,
    pub scope: Option<String>,
    pub subject_token: Option<String>,
    pub subject_token_type: Option<String>,
    pub requested_token_type: Option<String>,
    pub actor_token: Option<String>,
    pub token: Option<String>,
    pub refresh_token: Option<String>,
}

impl OauthParameters {
    fn without_empty(mut self) -> OauthParameters {
        let all = [
            &mut self.grant_type,
            &mut self.client_id,
            &mut self.client_secret,
            &mut self.client_assertion_type,
            &mut self.client_assertion,
            &mut self.scope,
            &mut self.subject_token,
            &mut self.subject_token_type,
            &mut self.requested_token_type,
            &mut self.actor_token,
            &mut self.token,
            &mut self.refresh_token,
        ];
        for one in all {
            if one.as_ref().is_some_and(|text| text.trim().is_empty()) {
                *one = None;
            }
        }
        self
    }
}

/// A form, and who says that it sent it.
pub struct OauthForm {
    pub parameters: OauthParameters,
    /// (id, secret) of HTTP Basic.
    pub basic: Option<(String, String)>,
    /// `Idempotency-Key`.
    pub request_key: Option<String>,
    pub request: HttpRequest,
}

impl FromRequest for OauthForm {
    type Error = OauthError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, OauthError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = collect(request, payload.take(), FORM_LIMIT);
        let media_type = header_text(request, &header::CONTENT_TYPE).to_ascii_lowercase();
        let authorization = header_text(request, &header::AUTHORIZATION);
        let several = request.headers().get_all(header::AUTHORIZATION).count() > 1;
        let request_key = request.headers().get("Idempotency-Key").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let request = request.clone();
        Box::pin(async move {
            let bad = |text: &str| bad_request("invalid_request", text);
            if media_type.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
                return Err(bad("Send Content-Type: application/x-www-form-urlencoded."));
            }
            let body = body.await?;
            let parameters: OauthParameters = serde_urlencoded::from_bytes(&body)
                .map_err(|_| bad("The form cannot be read; each parameter may be sent once."))?;
            let basic = match authorization.as_str() {
                "" => None,
                _ if several => return Err(bad("Send one Authorization header.")),
                text => {
                    let read = basic(text);
                    Some(read.ok_or_else(|| unauthorized("The Authorization header is not HTTP Basic.", true))?)
                }
            };
            Ok(OauthForm { parameters: parameters.without_empty(), basic, request_key, request })
        })
    }
}

fn header_text(request: &HttpRequest, name: &HeaderName) -> String {
    request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

/// RFC 6749, section 2.3.1: both halves are form-encoded inside HTTP Basic.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_of_basic_are_form_encoded() {
        let read = |text: &str| basic(&format!("Basic {}", STANDARD.encode(text)));
        assert_eq!(read("a:b"), Some(("a".to_owned(), "b".to_owned())));
        assert_eq!(read("a%3Ab:c%20d+e"), Some(("a:b".to_owned(), "c d e".to_owned())));
        assert_eq!(read("a:b:c"), Some(("a".to_owned(), "b:c".to_owned())));
        assert_eq!(read("no colon"), None);
        assert_eq!(basic("Bearer YTpi"), None);
        assert_eq!(basic("basic YTpi"), Some(("a".to_owned(), "b".to_owned())));
        assert_eq!(basic("Basic !"), None);
    }
}
