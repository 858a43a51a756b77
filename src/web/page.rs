//! Keyset pages: opaque cursors that are versioned and bound to their tenant and query.

use actix_web::HttpResponseBuilder;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};

/// Where a page of a list ended: lists order by (created_at, id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub created_at: Time,
    pub id: Id,
}

const VERSION: u8 = 1;
const BINDING: usize = 8;

/// Eight bytes that differ for every tenant and every set of filters.
fn binding(tenant: Id, query: &str) -> [u8; BINDING] {
    let digest = Sha256::new().chain_update(tenant.0.as_bytes()).chain_update(query.as_bytes()).finalize();
    let mut out = [0; BINDING];
    out.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    out
}

/// Makes a cursor of a position, for one tenant and one query (its path and filters).
pub fn cursor(tenant: Id, query: &str, position: &[u8]) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(binding(tenant, query));
    bytes.extend(position);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn refusal() -> Problem {
    Problem::new(Code::InvalidCursor, "The cursor is not one that this query returned.")
}

fn opened(tenant: Id, query: &str, cursor: &str) -> Result<Vec<u8>, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refusal())?;
    match bytes.split_first() {
        Some((&VERSION, rest)) => match rest.split_at_checked(BINDING) {
            Some((bound, position)) if bound == binding(tenant, query) => Ok(position.to_vec()),
            _ => Err(refusal()),
        },
        _ => Err(refusal()),
    }
}

/// The position in a cursor that was made for this tenant and query.
pub fn position<const N: usize>(tenant: Id, query: &str, cursor: &str) -> Result<[u8; N], Problem> {
    opened(tenant, query, cursor)?.try_into().map_err(|_| refusal())
}

/// The same, where the position is a text.
pub fn text_position(tenant: Id, query: &str, cursor: &str) -> Result<String, Problem> {
    String::from_utf8(opened(tenant, query, cursor)?).map_err(|_| refusal())
}

impl After {
    pub fn to_cursor(self, tenant: Id, query: &str) -> String {
        let mut bytes = self.created_at.0.to_be_bytes().to_vec();
        bytes.extend(self.id.0.as_bytes());
        cursor(tenant, query, &bytes)
    }

    pub fn from_cursor(tenant: Id, query: &str, text: &str) -> Result<After, Problem> {
        let bytes = position::<24>(tenant, query, text)?;
        let (time, id) = bytes.split_at(8);
        Ok(After {
            created_at: Time(time.try_into().map(i64::from_be_bytes).unwrap_or(0)),
            id: Id(uuid::Uuid::from_slice(id).unwrap_or_default()),
        })
    }
}

/// How many rows a page holds: `asked`, or 50; over `max` is an error, not a silent cut.
pub fn limit(asked: Option<i64>, max: i64) -> Result<i64, Problem> {
    match asked {
        None => Ok(50.min(max)),
        Some(n) if (1..=max).contains(&n) => Ok(n),
        Some(_) => Err(Problem::parameter("limit", format!("must be from 1 to {max}."))),
    }
}

/// Cuts the one row too many that was asked for, and makes the cursor of the last that stays.
pub fn cut<T>(mut rows: Vec<T>, limit: i64, after: impl Fn(&T) -> After) -> (Vec<T>, Option<After>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return (rows, None);
    }
    rows.truncate(limit);
    let last = rows.last().map(after);
    (rows, last)
}

/// RFC 8288: the same query with another cursor.
pub fn link_next(answer: &mut HttpResponseBuilder, path: &str, query: &str, name: &str, cursor: &str) {
    let others = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with(&format!("{name}=")));
    let query = others.chain([format!("{name}={cursor}").as_str()]).collect::<Vec<_>>().join("&");
    answer.insert_header(("Link", format!("<{path}?{query}>; rel=\"next\"")));
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "learners/all";

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn after(micros: i64) -> After {
        After { created_at: Time(micros), id: id(7) }
    }

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        for micros in [0, -1, 1_795_470_288_060_350, i64::MAX, i64::MIN] {
            let text = after(micros).to_cursor(id(1), QUERY);
            assert_eq!(After::from_cursor(id(1), QUERY, &text).unwrap(), after(micros));
        }
    }

    #[test]
    fn a_cursor_of_another_tenant_or_query_is_refused() {
        let text = after(1).to_cursor(id(1), QUERY);
        for (tenant, query) in [(id(2), QUERY), (id(1), "learners/some"), (id(1), ""), (id(2), "attempts/all")] {
            assert_eq!(After::from_cursor(tenant, query, &text).unwrap_err().code(), Code::InvalidCursor);
        }
        assert!(position::<16>(id(1), QUERY, &text).is_err(), "a position of another kind");
    }

    #[test]
    fn a_text_is_a_position_too() {
        for text in ["azure-prompt-filtered", "", "\u{e9}"] {
            let made = cursor(id(1), QUERY, text.as_bytes());
            assert_eq!(text_position(id(1), QUERY, &made).unwrap(), text);
            assert!(text_position(id(2), QUERY, &made).is_err() && text_position(id(1), "signals", &made).is_err());
        }
        assert!(text_position(id(1), QUERY, &cursor(id(1), QUERY, b"\xff")).is_err());
    }

    #[test]
    fn garbage_is_refused() {
        let text = after(1).to_cursor(id(1), QUERY);
        let cut: String = text.chars().take(20).collect();
        let version = text.replacen("AR", "Ah", 1);
        assert_ne!(version, text);
        for garbage in
            ["", "AQ", "!", "null", "\u{0}", &cut, &version, &format!("{text}AAAA"), &format!("{text}="), &"A".repeat(9000)]
        {
            assert_eq!(After::from_cursor(id(1), QUERY, garbage).unwrap_err().code(), Code::InvalidCursor, "{garbage}");
        }
    }

    #[test]
    fn a_limit_over_the_maximum_is_an_error() {
        assert_eq!(limit(None, 200).unwrap(), 50);
        assert_eq!(limit(None, 20).unwrap(), 20);
        assert_eq!(limit(Some(200), 200).unwrap(), 200);
        for n in [0, -1, 201, i64::MAX, i64::MIN] {
            assert_eq!(limit(Some(n), 200).unwrap_err().code(), Code::InvalidParameter);
        }
    }

    #[test]
    fn the_row_too_many_says_that_there_is_more() {
        assert_eq!(cut(vec![1, 2], 2, |n| after(*n)), (vec![1, 2], None));
        assert_eq!(cut(vec![1, 2, 3], 2, |n| after(*n)), (vec![1, 2], Some(after(2))));
        assert_eq!(cut(Vec::<i64>::new(), 2, |n| after(*n)), (vec![], None));
    }

    #[test]
    fn the_next_link_keeps_the_other_parameters() {
        let link = |query: &str| {
            let mut answer = actix_web::HttpResponse::Ok();
            link_next(&mut answer, "/v1/learners", query, "cursor", "NEW");
            answer.finish().headers().get("Link").unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(link(""), "</v1/learners?cursor=NEW>; rel=\"next\"");
        assert_eq!(link("limit=1&cursor=OLD&system=a%26b"), "</v1/learners?limit=1&system=a%26b&cursor=NEW>; rel=\"next\"");
    }
}
