//! Lists of what the learners of a group did, in the order in which it was made (`list.rs`).
//!
//! A group has some thousands of learners at most. Of each of them the first rows of the span are found along the index that
//! begins with the learner, and the first of all of these are the page: what others did is never looked at, however much it is. The
//! plain condition "the learner is in the group" would let a database walk through the whole list and leave out nearly all of it.

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};
use diesel::sqlite::Sqlite;

use crate::db::list::{PlaceColumns, Span};
use crate::db::types::{Id, Uid, Xid, Xid8};
use crate::db::{Conn, Stored};
use crate::each;

/// Whose things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnerGroup {
    /// Those of the learners of one cohort.
    Cohort(Id),
    /// Those of the learners of all cohorts that a member of staff instructs.
    TaughtBy(Id),
}

/// What is listed: a table with places, and its column that names the learner.
#[derive(Debug, Clone)]
pub struct GroupThings {
    pub table: &'static str,
    pub of: &'static str,
    /// What else must hold of a row: the text before a value, the value, the text behind it.
    pub beside: Vec<(&'static str, String, &'static str)>,
}

/// The ids of the first `limit` things of a group in a span of their list, and their places.
pub fn places_of_group(
    conn: &mut Conn,
    tenant: Id,
    group: LearnerGroup,
    things: &GroupThings,
    (span, limit): (&Span, i64),
) -> Stored<Vec<(Id, PlaceColumns)>> {
    let query = PlacesOfGroup { tenant, group, things, span, limit };
    let found: Vec<(Id, i64, Xid, i64)> = each!(conn, c => query.load(c))?;
    Ok(found.into_iter().map(|(id, epoch, xid, seq)| (id, (epoch, xid, seq))).collect())
}

#[derive(Debug, Clone, Copy)]
struct PlacesOfGroup<'a> {
    tenant: Id,
    group: LearnerGroup,
    things: &'a GroupThings,
    span: &'a Span,
    limit: i64,
}

impl QueryId for PlacesOfGroup<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for PlacesOfGroup<'_> {
    type SqlType = (Uid, BigInt, Xid8, BigInt);
}

impl<C> RunQueryDsl<C> for PlacesOfGroup<'_> {}

impl PlacesOfGroup<'_> {
    fn tables_of_group(&self) -> &'static str {
        match self.group {
            LearnerGroup::Cohort(_) => "cohort_members",
            LearnerGroup::TaughtBy(_) => "cohort_staff CROSS JOIN cohort_members",
        }
    }

    fn push_group<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Uid>,
        Id: ToSql<Uid, DB>,
    {
        out.push_sql("cohort_members.tenant_id = ");
        out.push_bind_param::<Uid, _>(&self.tenant)?;
        match &self.group {
            LearnerGroup::Cohort(cohort) => {
                out.push_sql(" AND cohort_members.cohort_id = ");
                out.push_bind_param::<Uid, _>(cohort)
            }
            LearnerGroup::TaughtBy(person) => {
                out.push_sql(" AND cohort_members.cohort_id = cohort_staff.cohort_id AND cohort_staff.tenant_id = ");
                out.push_bind_param::<Uid, _>(&self.tenant)?;
                out.push_sql(" AND cohort_staff.staff_id = ");
                out.push_bind_param::<Uid, _>(person)
            }
        }
    }

    fn push_things<'b, DB>(&'b self, member: &'static str, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Uid>,
        Id: ToSql<Uid, DB>,
        Span: QueryFragment<DB>,
        String: ToSql<Text, DB>,
    {
        let GroupThings { table, of, beside } = self.things;
        for part in [table, ".tenant_id = "] {
            out.push_sql(part);
        }
        out.push_bind_param::<Uid, _>(&self.tenant)?;
        for part in [" AND ", table, ".", of, " = ", member, ".learner_id AND "] {
            out.push_sql(part);
        }
        self.span.walk_ast(out.reborrow())?;
        for (before, value, behind) in beside {
            out.push_sql(" AND ");
            out.push_sql(before);
            out.push_bind_param::<Text, _>(value)?;
            out.push_sql(behind);
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for PlacesOfGroup<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT thing.id, thing.epoch, thing.xid, thing.seq FROM (SELECT DISTINCT cohort_members.learner_id FROM ");
        out.push_sql(self.tables_of_group());
        out.push_sql(" WHERE ");
        self.push_group(&mut out)?;
        out.push_sql(") AS member CROSS JOIN LATERAL (SELECT id, epoch, xid, seq FROM ");
        out.push_sql(self.things.table);
        out.push_sql(" WHERE ");
        self.push_things("member", &mut out)?;
        out.push_sql(" ORDER BY epoch, xid, seq LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") AS thing ORDER BY thing.epoch, thing.xid, thing.seq LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryFragment<Sqlite> for PlacesOfGroup<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // There CROSS JOIN is what it is written as: the tables are read in this order.
        for part in ["SELECT DISTINCT ", self.things.table, ".id, epoch, xid, seq FROM ", self.tables_of_group()] {
            out.push_sql(part);
        }
        for part in [" CROSS JOIN ", self.things.table, " WHERE "] {
            out.push_sql(part);
        }
        self.push_group(&mut out)?;
        out.push_sql(" AND ");
        self.push_things("cohort_members", &mut out)?;
        out.push_sql(" ORDER BY epoch, xid, seq LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}
