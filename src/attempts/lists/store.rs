//! All SQL of the list of attempts.

use diesel::prelude::*;

use crate::attempts::rules::AttemptState;
use crate::attempts::store::AttemptRow;
use crate::db::groups::{GroupThings, LearnerGroup, places_of_group};
use crate::db::list::{ListPlace, PlaceColumns, Span};
use crate::db::schema::attempts;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::each;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct AttemptFilter {
    pub learner: Option<Id>,
    pub group: Option<LearnerGroup>,
    pub lesson: Option<String>,
    pub state: Option<AttemptState>,
}

/// The first `limit` rows of a span of the list.
pub fn page(
    conn: &mut Conn,
    tenant: Id,
    filter: &AttemptFilter,
    span: Span,
    limit: i64,
) -> Stored<Vec<(AttemptRow, PlaceColumns)>> {
    if let Some(group) = filter.group {
        return page_of_group(conn, tenant, filter, group, (&span, limit));
    }
    Ok(each!(conn, c => {
        let mut query = attempts::table
            .filter(attempts::tenant_id.eq(tenant))
            .filter(span)
            .order((attempts::epoch, attempts::xid, attempts::seq))
            .limit(limit)
            .select((AttemptRow::as_select(), (attempts::epoch, attempts::xid, attempts::seq)))
            .into_boxed();
        if let Some(learner) = filter.learner {
            query = query.filter(attempts::learner_id.eq(learner));
        }
        // What one learner did is little: beside a learner, no index of lessons or states is to be chosen.
        let by_learner = filter.learner.is_some();
        if let Some(lesson) = &filter.lesson {
            query = match by_learner {
                true => query.filter(attempts::lesson.concat("").eq(lesson.clone())),
                false => query.filter(attempts::lesson.eq(lesson.clone())),
            };
        }
        if let Some(state) = filter.state {
            query = match by_learner {
                true => query.filter(attempts::state.concat("").eq(state.name())),
                false => query.filter(attempts::state.eq(state.name())),
            };
        }
        query.load(c)
    })?)
}

/// The same of what the learners of a group did.
fn page_of_group(
    conn: &mut Conn,
    tenant: Id,
    filter: &AttemptFilter,
    group: LearnerGroup,
    part: (&Span, i64),
) -> Stored<Vec<(AttemptRow, PlaceColumns)>> {
    let lesson = filter.lesson.clone().map(|lesson| ("lesson || '' = ", lesson, ""));
    let state = filter.state.map(|state| ("state || '' = ", state.name().to_owned(), ""));
    let things = GroupThings { table: "attempts", of: "learner_id", beside: lesson.into_iter().chain(state).collect() };
    let places = places_of_group(conn, tenant, group, &things, part)?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(AttemptRow, PlaceColumns)> = each!(conn, c => attempts::table
        .filter(attempts::tenant_id.eq(tenant))
        .filter(attempts::id.eq_any(places.iter().map(|(id, _)| *id)))
        .select((AttemptRow::as_select(), (attempts::epoch, attempts::xid, attempts::seq)))
        .load(c))?;
    rows.sort_by_key(|(_, place)| ListPlace::from(*place));
    Ok(rows)
}
