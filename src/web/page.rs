//! Keyset pages: opaque cursors that are versioned and bound to their tenant and query, and the one shape of every list:
//! [`Asked`] reads what a caller asks, the store gives a page, [`Asked::answer`] tells it with the cursor of the next.

use actix_web::HttpResponseBuilder;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::db::list::{After, ListPlace};
use crate::db::types::{Id, Xid};
use crate::error::{Code, Problem};
use crate::web::answer::Answered;

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
    let detail =
        "The cursor is not one that this query returned, or an older version of the service returned it. Begin again without it.";
    Problem::new(Code::InvalidCursor, detail)
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

/// Where a page of a list ended, as its cursor holds it. The default is before everything.
pub trait Position: Clone + Default {
    /// Part of what a cursor is bound to; another word for another form, so that cursors of an older one are refused.
    const FORM: &'static str = "";
    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// In the order of a name.
impl Position for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<String> {
        String::from_utf8(bytes.to_vec()).ok()
    }
}

fn number(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

/// In the order of an id.
impl Position for Id {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Id> {
        uuid::Uuid::from_slice(bytes).ok().map(Id)
    }
}

/// In the order of a number, such as a revision.
impl Position for i64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<i64> {
        number(bytes)
    }
}

/// In the order in which things were made.
impl Position for After {
    const FORM: &'static str = "by place/";

    fn to_bytes(&self) -> Vec<u8> {
        let After { place, running, begun: (xid, seq) } = self;
        let numbers = [place.epoch, place.xid.0, place.seq, xid.0, *seq].into_iter().chain(running.iter().map(|xid| xid.0));
        numbers.flat_map(i64::to_be_bytes).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Option<After> {
        let numbers = bytes.chunks(8).map(number).collect::<Option<Vec<i64>>>()?;
        let (&[epoch, xid, seq, begun, shown], running) = numbers.split_first_chunk()?;
        let place = ListPlace { epoch, xid: Xid(xid), seq };
        Some(After { place, running: running.iter().copied().map(Xid).collect(), begun: (Xid(begun), shown) })
    }
}

/// What a caller asked of a list.
#[derive(Debug)]
pub struct Asked<P> {
    tenant: Id,
    name: String,
    limit: i64,
    after: P,
}

impl<P: Position> Asked<P> {
    /// `name` tells this list and its filters from every other; `most` is the longest page.
    pub fn of(tenant: Id, name: &str, (asked, most): (Option<i64>, i64), cursor: Option<&str>) -> Result<Asked<P>, Problem> {
        let name = format!("{}{name}", P::FORM);
        let read = |cursor| P::from_bytes(&opened(tenant, &name, cursor)?).ok_or_else(refusal);
        let after = cursor.map(read).transpose()?.unwrap_or_default();
        Ok(Asked { tenant, limit: limit(asked, most)?, after, name })
    }

    /// Where the page begins, and how many rows it holds at most.
    pub fn start(&self) -> (P, i64) {
        (self.after.clone(), self.limit)
    }

    /// The answer with this page, whose `next_cursor` leads to `next`.
    pub fn answer<T>(&self, next: Option<P>, page: impl FnOnce(Option<String>) -> T) -> Answered<T> {
        Answered::page(next.map(|position| cursor(self.tenant, &self.name, &position.to_bytes())), page)
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

/// Cuts the one row too many that was asked for, and gives the position of the last that stays.
pub fn cut_to_limit<T, P>(mut rows: Vec<T>, limit: i64, after: impl Fn(&T) -> P) -> (Vec<T>, Option<P>) {
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

    fn after(seq: i64) -> After {
        let place = ListPlace { epoch: 1, xid: Xid(i64::MAX), seq };
        After { place, running: vec![Xid(7), Xid(9)], begun: (Xid(7), 3) }
    }

    fn read<P: Position>(tenant: Id, query: &str, text: &str) -> Result<P, Code> {
        let bytes = opened(tenant, query, text).map_err(|problem| problem.code())?;
        P::from_bytes(&bytes).ok_or(Code::InvalidCursor)
    }

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        for seq in [0, -1, 1_795_470_288_060_350, i64::MAX, i64::MIN] {
            for after in [after(seq), After { running: Vec::new(), ..after(seq) }, After::default()] {
                let text = cursor(id(1), QUERY, &after.to_bytes());
                assert_eq!(read(id(1), QUERY, &text), Ok(after));
            }
            assert_eq!(read(id(1), QUERY, &cursor(id(1), QUERY, &seq.to_bytes())), Ok(seq));
        }
    }

    #[test]
    fn a_cursor_of_another_tenant_query_or_form_is_refused() {
        let text = cursor(id(1), QUERY, &after(1).to_bytes());
        for (tenant, query) in [(id(2), QUERY), (id(1), "learners/some"), (id(1), ""), (id(2), "attempts/all")] {
            assert_eq!(read::<After>(tenant, query, &text), Err(Code::InvalidCursor));
        }
        assert!(position::<16>(id(1), QUERY, &text).is_err(), "a position of another kind");
        assert!(read::<i64>(id(1), QUERY, &text).is_err());
        // One of the order by time, as lists gave it before.
        assert!(read::<After>(id(1), QUERY, &cursor(id(1), QUERY, &[0; 24])).is_err());
    }

    #[test]
    fn a_text_is_a_position_too() {
        for text in ["azure-prompt-filtered", "", "\u{e9}"] {
            let made = cursor(id(1), QUERY, text.as_bytes());
            assert_eq!(read::<String>(id(1), QUERY, &made).unwrap(), text);
            assert!(read::<String>(id(2), QUERY, &made).is_err() && read::<String>(id(1), "signals", &made).is_err());
        }
        assert!(read::<String>(id(1), QUERY, &cursor(id(1), QUERY, b"\xff")).is_err());
    }

    #[test]
    fn garbage_is_refused() {
        let text = cursor(id(1), QUERY, &after(1).to_bytes());
        let cut: String = text.chars().take(20).collect();
        let version = text.replacen("AR", "Ah", 1);
        assert_ne!(version, text);
        for garbage in
            ["", "AQ", "!", "null", "\u{0}", &cut, &version, &format!("{text}AAAA"), &format!("{text}="), &"A".repeat(9000)]
        {
            assert_eq!(read::<After>(id(1), QUERY, garbage), Err(Code::InvalidCursor), "{garbage}");
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
        assert_eq!(cut_to_limit(vec![1, 2], 2, |n| *n), (vec![1, 2], None));
        assert_eq!(cut_to_limit(vec![1, 2, 3], 2, |n| *n), (vec![1, 2], Some(2)));
        assert_eq!(cut_to_limit(Vec::<i64>::new(), 2, |n| *n), (vec![], None));
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
