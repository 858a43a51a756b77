//! What handlers answer: a value of the type that the document names, its status, and the headers that follow from it. What
//! depends on the request (304 by `If-None-Match`, the URL of the next page) is settled when the answer is sent.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use serde_json::Value;

use crate::error::Problem;
use crate::web::coding::{self, AcceptedCodings, Coding};
use crate::web::conditional::{etag_of_revision, matches};
use crate::web::page::link_next;

/// For answers with secrets: nobody keeps a copy.
pub const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// What a stored answer is told by.
pub const REPLAYED: (HeaderName, &str) = (HeaderName::from_static("idempotent-replayed"), "true");

/// A `T` on its way out, as JSON.
pub struct Answered<T> {
    status: StatusCode,
    body: AnsweredJson<T>,
    headers: Vec<(HeaderName, String)>,
    etag: Option<String>,
    /// The name of the cursor's parameter, and the cursor.
    next: Option<(&'static str, String)>,
}

enum AnsweredJson<T> {
    Made(T),
    /// What a `T` was written as before, perhaps by an older program: sent as it was.
    Stored(Value),
}

impl<T> Answered<T> {
    fn of(status: StatusCode, body: AnsweredJson<T>) -> Answered<T> {
        Answered { status, body, headers: Vec::new(), etag: None, next: None }
    }

    pub fn new(status: StatusCode, body: T) -> Answered<T> {
        Answered::of(status, AnsweredJson::Made(body))
    }

    /// An answer whose body was written before.
    pub fn stored(status: StatusCode, body: Value) -> Answered<T> {
        Answered::of(status, AnsweredJson::Stored(body))
    }

    pub fn ok(body: T) -> Answered<T> {
        Answered::new(StatusCode::OK, body)
    }

    /// 201 with `Location` for what is new at a URL, else 200.
    pub fn put(new_at: Option<String>, body: T) -> Answered<T> {
        let status = if new_at.is_some() { StatusCode::CREATED } else { StatusCode::OK };
        Answered::new(status, body).at(new_at)
    }

    /// A page of a list, with `Link` to the next one where there is one.
    pub fn page(next_cursor: Option<String>, body: impl FnOnce(Option<String>) -> T) -> Answered<T> {
        Answered::ok(body(next_cursor.clone())).next("cursor", next_cursor)
    }

    pub fn with(mut self, (name, value): (HeaderName, impl Into<String>)) -> Answered<T> {
        self.headers.push((name, value.into()));
        self
    }

    /// `Location`.
    pub fn at(self, url: Option<String>) -> Answered<T> {
        match url {
            Some(url) => self.with((header::LOCATION, url)),
            None => self,
        }
    }

    /// `ETag`. What is read with it in `If-None-Match` is answered with 304.
    pub fn etag(self, etag: String) -> Answered<T> {
        Answered { etag: Some(etag), ..self }
    }

    /// The `ETag` of a thing that is edited.
    pub fn revision(self, revision: i64) -> Answered<T> {
        self.etag(etag_of_revision(revision))
    }

    /// `Link` to where this query goes on (RFC 8288), by this parameter.
    pub fn next(self, parameter: &'static str, cursor: Option<String>) -> Answered<T> {
        Answered { next: cursor.map(|cursor| (parameter, cursor)), ..self }
    }

    /// Says whether this answer was given before.
    pub fn replayed(self, replayed: bool) -> Answered<T> {
        if replayed { self.with(REPLAYED) } else { self }
    }
}

impl<T: Serialize> Responder for Answered<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let reads = self.status == StatusCode::OK && request.method().is_safe();
        let unchanged = reads && self.etag.as_ref().is_some_and(|etag| matches(request, etag));
        // A strong ETag that is the same in each coding would be wrong (RFC 9110, section 8.8.3.3), and it is what If-Match wants to
        // see again. What holds a secret must not tell of it by its length.
        let compressible = self.etag.is_none() && !self.headers.iter().any(|(name, _)| name == header::CACHE_CONTROL);
        let mut answer = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { self.status });
        for header in self.headers {
            answer.insert_header(header);
        }
        if let Some(etag) = self.etag {
            answer.insert_header((header::ETAG, etag));
        }
        if unchanged {
            return answer.finish();
        }
        if let Some((parameter, cursor)) = self.next {
            link_next(&mut answer, request.path(), request.query_string(), parameter, &cursor);
        }
        let text = match &self.body {
            AnsweredJson::Made(body) => serde_json::to_vec(body),
            AnsweredJson::Stored(body) => serde_json::to_vec(body),
        };
        match text {
            Ok(text) => json_body(answer, request, text.into(), compressible),
            Err(error) => HttpResponse::from_error(Problem::internal(error)),
        }
    }
}

/// The answer with its body, in a coding that the request takes where that is worth it.
fn json_body(mut answer: HttpResponseBuilder, request: &HttpRequest, text: Bytes, compressible: bool) -> HttpResponse {
    answer.content_type("application/json");
    if !compressible || text.len() < coding::WORTH {
        return answer.body(text);
    }
    answer.append_header((header::VARY, "Accept-Encoding"));
    let coding = AcceptedCodings::of(request).best(|| Coding::Brotli);
    if let Some(name) = coding.name() {
        answer.insert_header((header::CONTENT_ENCODING, name));
    }
    answer.body(coding.quick(text))
}

/// 204: done, and there is nothing to say.
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn header(answer: &HttpResponse, name: &str) -> Option<String> {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn only_what_is_read_can_be_unchanged() {
        let told = |request: TestRequest, status| {
            let request = request.insert_header((header::IF_NONE_MATCH, "\"3\"")).to_http_request();
            let answer = Answered::new(status, "text").revision(3).with(NO_STORE).respond_to(&request);
            assert_eq!(header(&answer, "etag").as_deref(), Some("\"3\""));
            assert_eq!(header(&answer, "cache-control").as_deref(), Some("no-store"));
            (answer.status().as_u16(), header(&answer, "content-type").is_some())
        };
        assert_eq!(told(TestRequest::get(), StatusCode::OK), (304, false));
        assert_eq!(told(TestRequest::put(), StatusCode::OK), (200, true));
        assert_eq!(told(TestRequest::post(), StatusCode::OK), (200, true));
        assert_eq!(told(TestRequest::put(), StatusCode::CREATED), (201, true));
    }

    #[test]
    fn what_is_new_is_201_and_says_where() {
        let told = |new_at: Option<&str>| {
            let request = TestRequest::put().to_http_request();
            let answer = Answered::put(new_at.map(str::to_owned), ()).replayed(new_at.is_some()).respond_to(&request);
            (answer.status().as_u16(), header(&answer, "location"), header(&answer, "idempotent-replayed"))
        };
        assert_eq!(told(None), (200, None, None));
        assert_eq!(told(Some("/v1/x")), (201, Some("/v1/x".to_owned()), Some("true".to_owned())));
    }

    #[test]
    fn what_is_large_comes_in_the_coding_that_is_asked_for() {
        let told = |accept: &str, answer: Answered<String>| {
            let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, accept)).to_http_request();
            let answer = answer.respond_to(&request);
            (header(&answer, "content-encoding"), header(&answer, "vary"))
        };
        let large = || Answered::ok("large ".repeat(1_000));
        let vary = Some("Accept-Encoding".to_owned());
        assert_eq!(told("gzip, br", large()), (Some("br".to_owned()), vary.clone()));
        assert_eq!(told("gzip", large()), (Some("gzip".to_owned()), vary.clone()));
        assert_eq!(told("identity", large()), (None, vary));
        assert_eq!(told("gzip, br", large().revision(3)), (None, None));
        assert_eq!(told("gzip, br", large().with(NO_STORE)), (None, None));
        assert_eq!(told("gzip, br", Answered::ok("small".to_owned())), (None, None));
    }

    #[test]
    fn a_page_links_to_the_next_one_only_where_there_is_one() {
        let link = |cursor: Option<&str>| {
            let request = TestRequest::get().uri("/v1/learners?limit=1&cursor=OLD").to_http_request();
            let page = Answered::page(cursor.map(str::to_owned), |next_cursor| next_cursor);
            header(&page.respond_to(&request), "link")
        };
        assert_eq!(link(None), None);
        assert_eq!(link(Some("NEW")).unwrap(), "</v1/learners?limit=1&cursor=NEW>; rel=\"next\"");
    }
}
