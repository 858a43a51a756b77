//! All SQL of submissions, their revisions and reviews.

use diesel::prelude::*;

use crate::db::groups::{GroupThings, LearnerGroup, places_of_group};
use crate::db::list::{ListPlace, PlaceColumns, Span};
use crate::db::schema::{reviews, submission_revisions as revisions, submissions};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::submissions::rules::SubmissionState;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = submissions, treat_none_as_default_value = false)]
pub struct SubmissionRow {
    pub tenant_id: Id,
    pub id: Id,
    pub learner_id: Id,
    pub client_id: Id,
    pub lesson: String,
    pub version: String,
    pub exercise: String,
    pub language: String,
    pub context: Json,
    pub state: String,
    pub revision: i64,
    pub content: Json,
    pub masked: Json,
    pub feedback: Option<Json>,
    pub submitted_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl SubmissionRow {
    pub fn state(&self) -> SubmissionState {
        SubmissionState::parse(&self.state).unwrap_or(SubmissionState::Reviewed)
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = revisions, treat_none_as_default_value = false)]
pub struct RevisionRow {
    pub tenant_id: Id,
    pub submission_id: Id,
    pub revision: i64,
    pub state: String,
    pub content: Json,
    pub masked: Json,
    pub saved_at: Time,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub tenant_id: Id,
    pub id: Id,
    pub submission_id: Id,
    pub submission_revision: i64,
    pub reviewer: Json,
    pub state: String,
    pub comment: String,
    pub score_milli: Option<i64>,
    pub criteria: Json,
    pub created_at: Time,
}

pub fn find(conn: &mut Conn, tenant: Id, id: Id) -> Stored<Option<SubmissionRow>> {
    Ok(each!(conn, c => submissions::table
        .filter(submissions::tenant_id.eq(tenant))
        .filter(submissions::id.eq(id))
        .select(SubmissionRow::as_select())
        .first(c)
        .optional())?)
}

/// False when the id is taken.
pub fn insert(conn: &mut Conn, row: &SubmissionRow) -> Stored<bool> {
    let n = each!(conn, c => diesel::insert_into(submissions::table).values(row).on_conflict_do_nothing().execute(c))?;
    if n == 1 {
        keep_revision(conn, row)?;
    }
    Ok(n == 1)
}

/// Makes `old` what `new` says, if it is still in the state and revision that `old` was read in; false if it is not.
pub fn replace(conn: &mut Conn, old: &SubmissionRow, new: &SubmissionRow) -> Stored<bool> {
    let change = (
        submissions::state.eq(&new.state),
        submissions::revision.eq(new.revision),
        submissions::content.eq(&new.content),
        submissions::masked.eq(&new.masked),
        submissions::feedback.eq(&new.feedback),
        submissions::submitted_at.eq(new.submitted_at),
        submissions::updated_at.eq(new.updated_at),
    );
    let n = each!(conn, c => diesel::update(submissions::table
            .filter(submissions::tenant_id.eq(old.tenant_id))
            .filter(submissions::id.eq(old.id))
            // An expression, so that no index of states is chosen: the row is found by its key.
            .filter(submissions::state.concat("").eq(&old.state))
            .filter(submissions::revision.eq(old.revision)))
        .set(change)
        .execute(c))?;
    if n == 1 {
        keep_revision(conn, new)?;
    }
    Ok(n == 1)
}

fn keep_revision(conn: &mut Conn, row: &SubmissionRow) -> Stored<()> {
    let row = RevisionRow {
        tenant_id: row.tenant_id,
        submission_id: row.id,
        revision: row.revision,
        state: row.state.clone(),
        content: row.content.clone(),
        masked: row.masked.clone(),
        saved_at: row.updated_at,
    };
    each!(conn, c => diesel::insert_into(revisions::table).values(&row).execute(c))?;
    Ok(())
}

/// What a list is asked for.
#[derive(Debug, Clone)]
pub struct SubmissionFilter {
    pub learner: Option<Id>,
    pub group: Option<LearnerGroup>,
    pub lesson: Option<String>,
    pub state: Option<SubmissionState>,
}

/// The first `limit` rows of a span of the list.
pub fn page(
    conn: &mut Conn,
    tenant: Id,
    filter: &SubmissionFilter,
    span: Span,
    limit: i64,
) -> Stored<Vec<(SubmissionRow, PlaceColumns)>> {
    if let Some(group) = filter.group {
        return page_of_group(conn, tenant, filter, group, (&span, limit));
    }
    Ok(each!(conn, c => {
        let mut query = submissions::table
            .filter(submissions::tenant_id.eq(tenant))
            .filter(span)
            .order((submissions::epoch, submissions::xid, submissions::seq))
            .limit(limit)
            .select((SubmissionRow::as_select(), (submissions::epoch, submissions::xid, submissions::seq)))
            .into_boxed();
        if let Some(learner) = filter.learner {
            query = query.filter(submissions::learner_id.eq(learner));
        }
        // What one learner did is little: beside a learner, no index of lessons or states is to be chosen.
        let by_learner = filter.learner.is_some();
        if let Some(lesson) = &filter.lesson {
            query = match by_learner {
                true => query.filter(submissions::lesson.concat("").eq(lesson.clone())),
                false => query.filter(submissions::lesson.eq(lesson.clone())),
            };
        }
        if let Some(state) = filter.state {
            query = match by_learner {
                true => query.filter(submissions::state.concat("").eq(state.name())),
                false => query.filter(submissions::state.eq(state.name())),
            };
        }
        query.load(c)
    })?)
}

/// The same of what the learners of a group did.
fn page_of_group(
    conn: &mut Conn,
    tenant: Id,
    filter: &SubmissionFilter,
    group: LearnerGroup,
    part: (&Span, i64),
) -> Stored<Vec<(SubmissionRow, PlaceColumns)>> {
    let lesson = filter.lesson.clone().map(|lesson| ("lesson || '' = ", lesson, ""));
    let state = filter.state.map(|state| ("state || '' = ", state.name().to_owned(), ""));
    let things = GroupThings { table: "submissions", of: "learner_id", beside: lesson.into_iter().chain(state).collect() };
    let places = places_of_group(conn, tenant, group, &things, part)?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(SubmissionRow, PlaceColumns)> = each!(conn, c => submissions::table
        .filter(submissions::tenant_id.eq(tenant))
        .filter(submissions::id.eq_any(places.iter().map(|(id, _)| *id)))
        .select((SubmissionRow::as_select(), (submissions::epoch, submissions::xid, submissions::seq)))
        .load(c))?;
    rows.sort_by_key(|(_, place)| ListPlace::from(*place));
    Ok(rows)
}

/// Revisions after number `after`, in order.
pub fn revisions(conn: &mut Conn, tenant: Id, submission: Id, after: i64, limit: i64) -> Stored<Vec<RevisionRow>> {
    Ok(each!(conn, c => revisions::table
        .filter(revisions::tenant_id.eq(tenant))
        .filter(revisions::submission_id.eq(submission))
        .filter(revisions::revision.gt(after))
        .order(revisions::revision)
        .limit(limit)
        .select(RevisionRow::as_select())
        .load(c))?)
}

pub fn insert_review(conn: &mut Conn, row: &ReviewRow) -> Stored<()> {
    each!(conn, c => diesel::insert_into(reviews::table).values(row).execute(c))?;
    Ok(())
}

/// The first `limit` reviews of a span of a submission's list.
pub fn reviews(conn: &mut Conn, tenant: Id, submission: Id, span: Span, limit: i64) -> Stored<Vec<(ReviewRow, PlaceColumns)>> {
    Ok(each!(conn, c => reviews::table
        .filter(reviews::tenant_id.eq(tenant))
        .filter(reviews::submission_id.eq(submission))
        .filter(span)
        .order((reviews::epoch, reviews::xid, reviews::seq))
        .limit(limit)
        .select((ReviewRow::as_select(), (reviews::epoch, reviews::xid, reviews::seq)))
        .load(c))?)
}

/// The newest reviews since the last submission, with the points they gave by criterion; the newest first.
pub fn judged(conn: &mut Conn, tenant: Id, submission: Id) -> Stored<Vec<(Id, Json)>> {
    /// Older ones can only matter for a criterion that none of these names.
    const NEWEST: i64 = 100;
    Ok(each!(conn, c => {
        let submitted = revisions::table
            .filter(revisions::tenant_id.eq(tenant))
            .filter(revisions::submission_id.eq(submission))
            .filter(revisions::state.eq(SubmissionState::Submitted.name()))
            .select(diesel::dsl::max(revisions::revision));
        reviews::table
            .filter(reviews::tenant_id.eq(tenant))
            .filter(reviews::submission_id.eq(submission))
            .filter(reviews::submission_revision.nullable().ge(submitted.single_value()))
            .order((reviews::epoch.desc(), reviews::xid.desc(), reviews::seq.desc()))
            .limit(NEWEST)
            .select((reviews::id, reviews::criteria))
            .load(c)
    })?)
}
