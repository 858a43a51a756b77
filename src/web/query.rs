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
        ready(parse_query(request.query_string()).map(Params))
    }
}

fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    if query.contains("%00") {
        return Err(Problem::parameter("query", "the character NUL (%00) is not accepted."));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let text = waymark_engine::plain::json_words(&error.into_inner().to_string());
        let named = ["unknown field `", "duplicate field `", "missing field `"]
            .iter()
            .find_map(|start| text.strip_prefix(start)?.split('`').next().map(str::to_owned));
        let name = named.unwrap_or(path);
        Problem::parameter(&name, format!("{text}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        #[allow(dead_code, reason = "only its absence is looked at")]
        id: String,
        limit: Option<i64>,
    }

    #[test]
    fn what_is_wrong_is_named() {
        let name = |query: &str| parse_query::<Query>(query).unwrap_err().wire("").errors[0].parameter.clone().unwrap();
        assert_eq!(parse_query::<Query>("id=1&limit=2").unwrap().limit, Some(2));
        assert_eq!(name("limit=2"), "id");
        assert_eq!(name("id=1&id=2"), "id");
        assert_eq!(name("id=1&offset=2"), "offset");
        assert_eq!(name("id=1&limit=99999999999999999999"), "limit");
        assert_eq!(name("id=1&limit="), "limit");
        assert_eq!(name("id=%00"), "query");
    }
}
