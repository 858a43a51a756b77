//! Two learners who are one person: the things of one become the other's, and go back within thirty days.

pub mod claims;
pub mod http;
pub mod lifecycle;
pub mod rules;
pub mod store;
pub mod wire;

use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::learners::named_now;

/// The learners whose records are read for this one: itself, or the one that it was merged into, and whoever else was merged into that.
pub fn read_as_one(conn: &mut Conn, tenant: Id, learner: Option<Id>) -> Stored<Vec<Id>> {
    let Some(now) = named_now(conn, tenant, learner)? else { return Ok(Vec::new()) };
    let mut all = store::merged_into(conn, tenant, now)?;
    all.push(now);
    Ok(all)
}
