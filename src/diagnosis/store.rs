//! All SQL of diagnoses that are kept.

use diesel::prelude::*;

use crate::db::schema::diagnoses;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::web::page::After;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnoses, treat_none_as_default_value = false)]
pub struct Row {
    pub tenant_id: Id,
    pub id: Id,
    pub client_id: Id,
    pub principal: Json,
    pub learner_id: Option<Id>,
    pub evidence: Json,
    pub masked: Json,
    pub verdict: Json,
    pub created_at: Time,
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<Row>> {
    Ok(each!(conn, c => diagnoses::table
        .filter(diagnoses::tenant_id.eq(tenant))
        .filter(diagnoses::id.eq(id))
        .select(Row::as_select())
        .first(c)
        .optional())?)
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &Row) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(diagnoses::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// False when there is none.
pub fn delete(conn: &mut Conn, tenant: Id, id: Id) -> Stored<bool> {
    let row = diagnoses::table.filter(diagnoses::tenant_id.eq(tenant)).filter(diagnoses::id.eq(id));
    let n = each!(conn, c => diesel::delete(row).execute(c))?;
    Ok(n == 1)
}

pub fn page(conn: &mut Conn, tenant: Id, learner: Option<Id>, after: Option<After>, limit: i64) -> Stored<Vec<Row>> {
    Ok(each!(conn, c => {
        let mut query = diagnoses::table
            .filter(diagnoses::tenant_id.eq(tenant))
            .order((diagnoses::created_at, diagnoses::id))
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(learner) = learner {
            query = query.filter(diagnoses::learner_id.eq(learner));
        }
        if let Some(After { created_at, id }) = after {
            query = query.filter(diagnoses::created_at.ge(created_at).and(diagnoses::created_at.gt(created_at).or(diagnoses::id.gt(id))));
        }
        query.load(c)
    })?)
}
