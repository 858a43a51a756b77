//! What stands in a path, read before the handler runs.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::db::types::Id;
use crate::error::Problem;

/// Refuses the character NUL in whatever a path names: PostgreSQL could not even look for it.
pub fn without_nul(request: &HttpRequest) -> Result<(), Problem> {
    match request.match_info().iter().find(|(_, text)| text.contains('\0') || text.contains("%00")) {
        Some((name, _)) => Err(Problem::parameter(name, "the character NUL (%00) is not accepted.")),
        None => Ok(()),
    }
}

/// An id in the path of a request, by the name of its place.
pub fn id_in_path(request: &HttpRequest, name: &str) -> Result<Id, Problem> {
    request.match_info().query(name).parse().map_err(|what: &str| Problem::parameter(name, what))
}

/// The `{id}` of a path.
#[derive(Debug, Clone, Copy)]
pub struct PathId(pub Id);

impl FromRequest for PathId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id_in_path(request, "id").map(PathId))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn nul_is_refused_by_the_name_of_its_parameter() {
        let named = |text: &'static str| {
            let request = TestRequest::get().param("id", "x").param("slug", text).to_http_request();
            without_nul(&request).err().and_then(|problem| problem.errors()[0].parameter.clone())
        };
        assert_eq!((named("a\0b"), named("%00")), (Some("slug".to_owned()), Some("slug".to_owned())));
        assert_eq!((named("a"), named("%2500"), named("")), (None, None, None));
    }

    #[test]
    fn an_id_is_read_and_anything_else_is_refused_by_its_name() {
        let read = |text: &'static str| {
            let request = TestRequest::get().param("item_id", "x").param("id", text).to_http_request();
            PathId::from_request(&request, &mut Payload::None).into_inner()
        };
        let id = "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10";
        assert_eq!(read(id).unwrap().0.to_string(), id);
        for text in ["", "x", "00000000-0000-0000-0000-000000000000", "0198c7a0"] {
            assert_eq!(read(text).unwrap_err().errors()[0].parameter.as_deref(), Some("id"), "{text}");
        }
    }
}
