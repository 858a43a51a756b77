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

/// The position in a cursor that was made for this tenant and query.
pub fn position<const N: usize>(tenant: Id, query: &str, cursor: &str) -> Result<[u8; N], Problem> {
    let refuse = || Problem::new(Code::InvalidCursor, "The cursor is not one that this query returned.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse())?;
    match bytes.split_first() {
        Some((&VERSION, rest)) => match rest.split_at_checked(BINDING) {
            Some((bound, position)) if bound == binding(tenant, query) => position.try_into().map_err(|_| refuse()),
            _ => Err(refuse()),
        },
        _ => Err(refuse()),
    }
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
