//! Statements whose text never changes.
//!
//! Diesel keeps a prepared statement only where it knows that the text never changes, and takes updates, upserts and literal SQL
//! for statements whose text may: SQLite then parses them at each call (a fifth of the work of a save), PostgreSQL gets one more
//! round trip each time. Ours are written down once and have one text each, and [`Cached`] marks them.
//!
//! The mark does not work yet with diesel 2.3: its connections ask a reference to the statement, whose implementation of
//! `is_safe_to_cache_prepared` walks the statement instead of asking it. Such statements are still parsed at each call (seen with
//! a probe on `sqlite3LockAndPrepare`). What would: a statement of ours that pushes its text and its values itself.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement that always has the same text for the same type of `Q`: no lists of varying length, no columns left out at will.
#[derive(Debug, Clone, Copy)]
pub struct Cached<Q>(pub Q);

impl<Q: QueryId> QueryId for Cached<Q> {
    type QueryId = Cached<Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Cached<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Cached<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Cached<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// One column of rows, for a statement whose text does not depend on how many rows it brings: `... FROM unnest($1, $2)`.
pub fn column<'a, T, V>(rows: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}
