//! A published page as bytes, in every encoding, each with its own strong ETag (RFC 9110, section 8.8.3.3).

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::web::coding::{AcceptedCodings, Coding};
use crate::web::conditional;

/// One page, ready to be sent. A compressed form is made when somebody first asks for it: most pages of most versions in most
/// languages are asked for in one form or in none.
pub struct Encoded {
    body: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    language: String,
    content_type: &'static str,
    sha256: String,
}

impl Encoded {
    pub fn json(value: &impl Serialize, language: &str) -> Encoded {
        Encoded::of(serde_json::to_vec(value).unwrap_or_default(), "application/json", language)
    }

    pub fn html(page: String, language: &str) -> Encoded {
        Encoded::of(page.into_bytes(), "text/html; charset=utf-8", language)
    }

    /// Text of a media type of its own.
    pub fn text(text: String, content_type: &'static str, language: &str) -> Encoded {
        Encoded::of(text.into_bytes(), content_type, language)
    }

    /// The hexadecimal SHA-256 of the bytes in no encoding.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its bytes in no encoding.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// How many bytes it has in no encoding.
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Bytes of any media type.
    pub fn of(body: Vec<u8>, content_type: &'static str, language: &str) -> Encoded {
        Encoded {
            sha256: hex::encode(Sha256::digest(&body)),
            body: Bytes::from(body),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            language: language.to_owned(),
            content_type,
        }
    }

    fn coded(&self, coding: Coding) -> &Bytes {
        match coding {
            Coding::Identity => &self.body,
            Coding::Gzip => self.gzip.get_or_init(|| coding.dense(&self.body)),
            Coding::Brotli => self.brotli.get_or_init(|| coding.dense(&self.body)),
        }
    }

    /// Which compressed form has fewer bytes.
    fn smaller(&self) -> Coding {
        if self.coded(Coding::Brotli).len() <= self.coded(Coding::Gzip).len() { Coding::Brotli } else { Coding::Gzip }
    }

    fn etag(&self, coding: Coding) -> String {
        let suffix = match coding {
            Coding::Identity => "",
            Coding::Gzip => "-gz",
            Coding::Brotli => "-br",
        };
        format!("\"{}{suffix}\"", self.sha256.get(..32).unwrap_or_default())
    }

    /// Answers in the best encoding the request accepts, or with 304.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        self.answer_with(request, "private, no-cache", "Accept-Encoding, Accept-Language, Authorization")
    }

    /// The same for a page that is one for everybody, without a token, on any site.
    pub fn public(&self, request: &HttpRequest) -> HttpResponse {
        let mut answer = self.answer_with(request, "no-cache", "Accept-Encoding");
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        answer
    }

    /// The same for what is named by its digest and can never be anything else (RFC 8246).
    pub fn immutable(&self, request: &HttpRequest) -> HttpResponse {
        self.answer_with(request, "private, max-age=31536000, immutable", "Accept-Encoding, Authorization")
    }

    fn answer_with(&self, request: &HttpRequest, cache: &str, vary: &str) -> HttpResponse {
        let coding = AcceptedCodings::of(request).best(|| self.smaller());
        let etag = self.etag(coding);
        let fresh = conditional::matches(request, &etag);
        let mut answer = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((header::ETAG, etag));
        answer.insert_header((header::VARY, vary));
        answer.insert_header((header::CACHE_CONTROL, cache));
        if !self.language.is_empty() {
            answer.insert_header((header::CONTENT_LANGUAGE, self.language.as_str()));
        }
        if fresh {
            return answer.finish();
        }
        if let Some(name) = coding.name() {
            answer.insert_header((header::CONTENT_ENCODING, name));
        }
        answer.content_type(self.content_type).body(self.coded(coding).clone())
    }
}

/// A page that is a `T` as JSON, so that a handler can say so in its type.
pub struct Rendered<T> {
    page: Arc<Encoded>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Rendered<T> {
    pub fn new(value: &T, language: &str) -> Rendered<T> {
        Rendered { page: Arc::new(Encoded::json(value, language)), of: PhantomData }
    }
}

impl<T> Clone for Rendered<T> {
    fn clone(&self) -> Rendered<T> {
        Rendered { page: self.page.clone(), of: PhantomData }
    }
}

/// The page, whatever it is of.
impl<T> Deref for Rendered<T> {
    type Target = Arc<Encoded>;

    fn deref(&self) -> &Arc<Encoded> {
        &self.page
    }
}

impl<T> Responder for Rendered<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.page.answer(request)
    }
}
