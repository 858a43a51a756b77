//! Submitting: grading an attempt and closing it, inside one transaction.

use std::collections::HashMap;

use serde_json::json;

use crate::attempts::grading::{self, Given, StoredGrading};
use crate::attempts::rules::{self, AttemptEffect, AttemptStep};
use crate::attempts::save::place;
use crate::attempts::standing::Standing;
use crate::attempts::store::{self, AnswerRow, AttemptRow};
use crate::attempts::view::SeenItems;
use crate::auth::Who;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::learners;
use crate::lessons::{Catalogue, Version};
use crate::records::{self, Object, Occurred, RecordDraft};

/// Grades and closes an attempt; one that is closed already gives the same result again.
pub fn grade_and_close(conn: &mut Conn, who: &Who, catalogue: &Catalogue, id: Id, when: Occurred) -> Stored<AttemptRow> {
    let found = store::lock(conn, &[(who.tenant, id)])?.pop();
    let row = match found {
        Some(row) if learners::sees_now(conn, who, row.learner_id)? => row,
        _ => return Err(Problem::not_found("attempt of this id")),
    };
    if row.state().effect(AttemptStep::Submit) == AttemptEffect::Replay {
        return Ok(row);
    }
    learners::check_writable(conn, who.tenant, row.learner_id)?;
    // While it was open another attempt may have shown the key.
    let key_seen = row.key_seen_before || {
        let standing = store::standing(conn, who.tenant, row.learner_id, &row.lesson, Some(id))?;
        key_seen(catalogue, &row.lesson, &standing)
    };
    let answers = store::answers(conn, who.tenant, id)?;
    Ok(close(conn, who, catalogue.pinned(&row.version)?, row, &answers, key_seen, when)?.row)
}

/// An attempt that was submitted a moment ago.
pub struct ClosedAttempt {
    pub row: AttemptRow,
    pub items: SeenItems,
}

/// Grades an attempt that is open, and locked, and closes it.
pub fn close(
    conn: &mut Conn,
    who: &Who,
    version: &Version,
    row: AttemptRow,
    answers: &[AnswerRow],
    key_seen: bool,
    when: Occurred,
) -> Stored<ClosedAttempt> {
    let when = when.not_before(row.started_at);
    // A moment that could not be was set to one that can; what lies between is known to nobody.
    let is_known = when.is_known() && Occurred::of_stored(&row.started).is_ok_and(|started| started.is_known());
    let elapsed = is_known.then(|| when.at.millis_since(row.started_at));
    let drawn = row.order(&version.content.quiz)?;
    let graded = grading::grade_attempt(&version.content, &drawn, &given(answers)?, 1, elapsed);
    let (result, items) = StoredGrading::parts(&graded.result, &graded.items, &[]);
    let done = store::AttemptSubmission {
        submitted_at: when.at,
        result: &result,
        items: &items,
        raw_milli: graded.raw_milli,
        scaled_e4: graded.scaled_e4,
        passed: graded.result.success,
        key_seen,
        now: who.now,
    };
    if !store::mark_submitted(conn, who.tenant, row.id, &done)? {
        let row = store::find(conn, who.tenant, row.id)?.ok_or_else(|| Problem::internal("a submitted attempt vanished"))?;
        let items = SeenItems::Stored(store::graded_items(conn, who.tenant, row.id)?);
        return Ok(ClosedAttempt { row, items });
    }
    let draft = RecordDraft {
        kind: "attempt.submitted",
        learner: Some(row.learner_id),
        object: object(&row, version),
        place: Some(place(&row, version)),
        context: row.context.clone(),
        occurred: when,
        body: json!({"result": graded.result, "items": graded.items, "attempt_number": row.attempt_number, "purpose": row.purpose, "key_seen_before": key_seen, "over_limit": row.over_limit}),
    };
    records::append(conn, who, vec![draft])?;
    let row = AttemptRow {
        state: rules::AttemptState::Submitted.name().to_owned(),
        submitted_at: Some(when.at),
        raw_milli: Some(graded.raw_milli),
        scaled_e4: Some(graded.scaled_e4),
        passed: Some(graded.result.success),
        result: Some(result),
        grader_version: Some(grading::GRADER_VERSION),
        key_seen_before: key_seen,
        revision: row.revision.saturating_add(1),
        updated_at: who.now,
        ..row
    };
    Ok(ClosedAttempt { row, items: SeenItems::Graded(graded.items) })
}

/// The answers that count, by item.
pub fn given(answers: &[AnswerRow]) -> Stored<HashMap<String, Given>> {
    let mut given = HashMap::new();
    for answer in answers.iter().filter(|answer| !answer.late) {
        let response = answer.response.read().map_err(Problem::internal)?;
        let first_response = answer.first().read().map_err(Problem::internal)?;
        given.insert(
            answer.item.clone(),
            Given { response, first_response, changes: answer.changes, active_ms: answer.active_ms },
        );
    }
    Ok(given)
}

/// The moment of a submission that brings no time of its own.
pub fn on_arrival(now: Time) -> Occurred {
    records::now(now)
}

/// Whether the learner could have seen the key of a lesson by now.
pub fn key_seen(catalogue: &Catalogue, slug: &str, standing: &Standing) -> bool {
    let policy = |digest: &str| catalogue.by_digest(digest).map(|version| &version.content.quiz.policy);
    catalogue.gave_practice_keys(slug) || standing.key_seen(policy)
}

/// What a record of an attempt is about.
pub fn object(row: &AttemptRow, version: &Version) -> Object {
    Object { r#type: "attempt".to_owned(), id: row.id.to_string(), iri: Some(version.iris.quiz(&row.lesson)) }
}
