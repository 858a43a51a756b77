//! Query parameters: closed like bodies, and refused by name.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::Problem;

/// The query parameters of a request, of the documented shape.
pub struct Params<T>(T);

impl<T> Params<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Params))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    if query.contains("%00") {
        return Err(Problem::parameter("query", "the character NUL (%00) is not accepted."));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
        let duplicate = text.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
        let name = unknown.or(duplicate).unwrap_or(path);
        Problem::parameter(&name, format!("{text}."))
    })
}
