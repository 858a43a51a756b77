//! What a person says about a submission: a verdict on the state, a comment, a score, points by criterion.

pub mod http;
pub mod scores;
pub mod wire;

use serde_json::json;

use crate::attempts::points::points;
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners;
use crate::lessons::Version;
use crate::masking;
use crate::records::{self, Object, RecordDraft};
use crate::submissions::lifecycle::{self, Work};
use crate::submissions::reviews::wire::{Points, ReviewPost, ReviewVerdict};
use crate::submissions::rules::{SubmissionStep, keyed_digest, points_in_thousandths};
use crate::submissions::store::{self, ReviewRow, SubmissionRow};
use crate::web::limits::{PROSE, Wrong};

/// A score above this is a mistake, in points.
const MOST_POINTS: f64 = 1_000_000.0;

/// Gives a review of the present revision, inside the caller's transaction.
pub fn give(conn: &mut Conn, work: &Work, submission: Id, id: Id, post: &ReviewPost) -> Stored<ReviewRow> {
    let who = &work.who;
    if who.own_learner().is_some() {
        return Err(Problem::new(Code::Forbidden, "Reviews are given by staff and clients, not with a learner's token."));
    }
    let old = lifecycle::visible_submission(conn, who, submission)?;
    learners::check_writable(conn, who.tenant, old.learner_id)?;
    let version = work.catalogue.pinned(&old.version)?;
    check_review(post, version)?;
    if post.submission_revision != old.revision {
        let detail = format!("The present revision is {}. Read it, and review that.", old.revision);
        return Err(Problem::new(Code::PreconditionFailed, detail).with("revision", old.revision));
    }
    let step = match post.state {
        ReviewVerdict::Reviewed => SubmissionStep::Review,
        ReviewVerdict::Returned => SubmissionStep::Return,
    };
    let state = old.state().after(step)?.unwrap_or(old.state());
    let next = SubmissionRow {
        state: state.name().to_owned(),
        revision: old.revision.saturating_add(1),
        updated_at: who.now,
        ..old.clone()
    };
    if !store::replace(conn, &old, &next)? {
        return Err(lifecycle::changed_meanwhile());
    }
    let row = row(work, &old, id, post, state.name());
    store::insert_review(conn, &row)?;
    records::append(conn, who, vec![record(work, &next, version, &row, post)?])?;
    Ok(row)
}

/// All that is wrong with a review, given the rubric of the version.
fn check_review(post: &ReviewPost, version: &Version) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    wrong.text("/comment", Some(&post.comment), PROSE);
    if post.score.is_some_and(|score| points_in_thousandths(score, MOST_POINTS).is_none()) {
        wrong.add("/score", format!("must be from 0 to {MOST_POINTS} with at most three decimals."));
    }
    let rubric = &version.content.exercise.rubric;
    wrong.count("/criteria", post.criteria.len(), rubric.len());
    for (i, given) in post.criteria.iter().enumerate().take(rubric.len()) {
        wrong.text(&format!("/criteria/{i}/comment"), given.comment.as_deref(), PROSE);
        match rubric.iter().find(|criterion| criterion.id == given.id) {
            None => wrong.add(format!("/criteria/{i}/id"), "is no criterion of the exercise's rubric."),
            Some(criterion) if points_in_thousandths(given.points, criterion.points).is_none() => {
                let detail = format!("must be from 0 to {} with at most three decimals.", criterion.points);
                wrong.add(format!("/criteria/{i}/points"), detail);
            }
            Some(_) => {}
        }
        if post.criteria.iter().take(i).any(|earlier| earlier.id == given.id) {
            wrong.add(format!("/criteria/{i}/id"), "stands twice.");
        }
    }
    if wrong.0.is_empty() { Ok(()) } else { Err(Problem::bodies(wrong.0)) }
}

/// Comments are masked like everything else that a person types.
fn row(work: &Work, submission: &SubmissionRow, id: Id, post: &ReviewPost, state: &str) -> ReviewRow {
    let criteria: Vec<Points> = post
        .criteria
        .iter()
        .map(|given| Points { id: given.id.clone(), points: given.points, comment: given.comment.as_deref().map(masking::text) })
        .collect();
    ReviewRow {
        tenant_id: work.who.tenant,
        id,
        submission_id: submission.id,
        submission_revision: submission.revision,
        reviewer: Json::of(&work.who.principal),
        state: state.to_owned(),
        comment: masking::text(&post.comment),
        score_milli: post.score.and_then(|score| points_in_thousandths(score, MOST_POINTS)),
        criteria: Json::of(&criteria),
        created_at: work.who.now,
    }
}

fn record(work: &Work, submission: &SubmissionRow, version: &Version, row: &ReviewRow, post: &ReviewPost) -> Stored<RecordDraft> {
    let criteria: Vec<_> = post.criteria.iter().map(|given| json!({"id": given.id, "points": given.points})).collect();
    let text = json!({"comment": row.comment, "criteria": row.criteria});
    let body = json!({
        "submission": submission.id,
        "submission_revision": row.submission_revision,
        "revision": submission.revision,
        "state": row.state,
        "score": row.score_milli.map(points),
        "criteria": criteria,
        "comment_length": row.comment.chars().count(),
        "digest": keyed_digest(&work.digest_key, &text)?,
    });
    let draft = work.record("review.given", submission, version);
    Ok(RecordDraft { object: Object { r#type: "review".to_owned(), id: row.id.to_string(), ..draft.object }, body, ..draft })
}
