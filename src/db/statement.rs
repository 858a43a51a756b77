//! A statement that the connection keeps prepared.
//!
//! diesel keeps no upsert, no `UPDATE` and nothing of `sql_query` prepared, because it cannot know that their texts stay the same:
//! each call is parsed and planned anew, which costs SQLite more than the work itself. A [`Statement`] is a text that is fixed in
//! the code and its values, for what is called often.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AsExpression, TypedExpressionType, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Bool, SingleValue, SqlType, Untyped};

/// A text in which each `?` stands for the next bound value, on both databases. A row it gives is read by the names of its columns.
pub struct Statement<'a, DB> {
    text: &'static str,
    values: Vec<Box<dyn QueryFragment<DB> + 'a>>,
    database: PhantomData<DB>,
}

/// The statement of this text. As many values must be bound as it has marks.
pub fn statement<'a, DB: Backend>(text: &'static str) -> Statement<'a, DB> {
    Statement { text, values: Vec::with_capacity(12), database: PhantomData }
}

impl<'a, DB: Backend> Statement<'a, DB> {
    /// The value of the next mark.
    #[must_use]
    pub fn bind<ST, V>(mut self, value: V) -> Self
    where
        ST: SqlType + SingleValue + TypedExpressionType,
        V: AsExpression<ST>,
        V::Expression: QueryFragment<DB> + 'a,
    {
        self.values.push(Box::new(value.as_expression()));
        self
    }
}

impl<DB: Backend> QueryFragment<DB> for Statement<'_, DB> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (number, part) in self.text.split('?').enumerate() {
            if number > 0 {
                let unbound = || diesel::result::Error::QueryBuilderError("a mark of a statement has no value".into());
                values.next().ok_or_else(unbound)?.walk_ast(out.reborrow())?;
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl<DB> QueryId for Statement<'_, DB> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> Query for Statement<'_, DB> {
    type SqlType = Untyped;
}

impl<DB, C> RunQueryDsl<C> for Statement<'_, DB> {}

/// A condition that is fixed in the code. Unlike `diesel::dsl::sql` it does not keep the statement around it from being kept.
#[derive(Debug, Clone, Copy)]
pub struct Condition(pub &'static str);

impl Expression for Condition {
    type SqlType = Bool;
}

impl<Table> AppearsOnTable<Table> for Condition {}

impl<Table> SelectableExpression<Table> for Condition {}

impl<Group> ValidGrouping<Group> for Condition {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Condition {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Condition {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::InstrumentationEvent;
    use diesel::sql_types::BigInt;

    use super::*;

    static KEPT: AtomicUsize = AtomicUsize::new(0);

    fn count(event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
            KEPT.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }

    #[test]
    fn a_statement_is_kept_prepared_and_its_values_are_in_order() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.set_instrumentation(count);
        for n in 1..4_i64 {
            let query = statement("SELECT ? - ? AS n").bind::<BigInt, _>(10 * n).bind::<BigInt, _>(n);
            assert_eq!(query.get_result::<Sum>(&mut conn).unwrap().n, 9 * n);
        }
        assert_eq!(KEPT.load(Ordering::Relaxed), 1);
        let unbound = statement("SELECT ? AS n").get_result::<Sum>(&mut conn).map(drop);
        assert!(unbound.unwrap_err().to_string().contains("no value"));
    }
}
