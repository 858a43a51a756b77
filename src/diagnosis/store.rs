//! All SQL of diagnoses that are kept.

use diesel::prelude::*;

use crate::db::groups::{GroupThings, LearnerGroup, places_of_group};
use crate::db::list::{ListPlace, PlaceColumns, Span};
use crate::db::schema::diagnoses;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnoses, treat_none_as_default_value = false)]
pub struct DiagnosisRow {
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

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<DiagnosisRow>> {
    Ok(each!(conn, c => diagnoses::table
        .filter(diagnoses::tenant_id.eq(tenant))
        .filter(diagnoses::id.eq(id))
        .select(DiagnosisRow::as_select())
        .first(c)
        .optional())?)
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &DiagnosisRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(diagnoses::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(n == 1)
}

/// False when there is none.
pub fn delete(conn: &mut Conn, tenant: Id, id: Id) -> Stored<bool> {
    let row = diagnoses::table.filter(diagnoses::tenant_id.eq(tenant)).filter(diagnoses::id.eq(id));
    let n = each!(conn, c => diesel::delete(row).execute(c))?;
    Ok(n == 1)
}

/// Whose diagnoses a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Everybody,
    /// Those that a client or staff kept for no learner.
    Nobody,
    Learner(Id),
    /// Those that learners kept whom this member of staff instructs.
    TaughtBy(Id),
}

/// The first `limit` rows of a span of the list.
pub fn page(conn: &mut Conn, tenant: Id, whose: Whose, span: Span, limit: i64) -> Stored<Vec<(DiagnosisRow, PlaceColumns)>> {
    if let Whose::TaughtBy(person) = whose {
        return page_of_group(conn, tenant, LearnerGroup::TaughtBy(person), (&span, limit));
    }
    Ok(each!(conn, c => {
        let mut query = diagnoses::table
            .filter(diagnoses::tenant_id.eq(tenant))
            .filter(span)
            .order((diagnoses::epoch, diagnoses::xid, diagnoses::seq))
            .limit(limit)
            .select((DiagnosisRow::as_select(), (diagnoses::epoch, diagnoses::xid, diagnoses::seq)))
            .into_boxed();
        match whose {
            Whose::Everybody | Whose::TaughtBy(_) => {}
            Whose::Nobody => query = query.filter(diagnoses::learner_id.is_null()),
            Whose::Learner(learner) => query = query.filter(diagnoses::learner_id.eq(learner)),
        }
        query.load(c)
    })?)
}

/// The same of what the learners of a group kept.
fn page_of_group(
    conn: &mut Conn,
    tenant: Id,
    group: LearnerGroup,
    part: (&Span, i64),
) -> Stored<Vec<(DiagnosisRow, PlaceColumns)>> {
    let things = GroupThings { table: "diagnoses", of: "learner_id", beside: Vec::new() };
    let places = places_of_group(conn, tenant, group, &things, part)?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(DiagnosisRow, PlaceColumns)> = each!(conn, c => diagnoses::table
        .filter(diagnoses::tenant_id.eq(tenant))
        .filter(diagnoses::id.eq_any(places.iter().map(|(id, _)| *id)))
        .select((DiagnosisRow::as_select(), (diagnoses::epoch, diagnoses::xid, diagnoses::seq)))
        .load(c))?;
    rows.sort_by_key(|(_, place)| ListPlace::from(*place));
    Ok(rows)
}
