//! Creating, replacing and submitting, each inside one transaction: read, ask the rules, write, append the records.

use std::sync::Arc;

use serde_json::json;

use crate::auth::{Scope, Who};
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::learners;
use crate::lessons::{Catalogue, Version};
use crate::masking::{self, Masked};
use crate::records::{self, Object, Occurred, RecordDraft, RecordPlace};
use crate::submissions::completeness;
use crate::submissions::feedback::Feedback;
use crate::submissions::judge::Judge;
use crate::submissions::limits;
use crate::submissions::rules::{self, SubmissionState, SubmissionStep};
use crate::submissions::store::{self, SubmissionRow};
use crate::submissions::wire::{SubmissionContent, SubmissionPut};
use crate::web::allowance::SUBMISSIONS;
use crate::web::conditional::IfMatch;
use crate::web::limits::Wrong;

/// Who does something to a submission, and what they do it with.
#[derive(Clone)]
pub struct Work {
    pub who: Who,
    pub catalogue: Arc<Catalogue>,
    pub digest_key: Vec<u8>,
    pub judge: Judge,
}

/// A call that brings content: checked, and masked before it is compared, digested or stored.
#[derive(Clone)]
pub struct SubmissionCall {
    pub id: Id,
    pub if_match: IfMatch,
    put: SubmissionPut,
    content: SubmissionContent,
    masked: Vec<Masked>,
    /// Of the content as JSON, in bytes.
    size: usize,
}

impl SubmissionCall {
    /// What it would submit, and on which version if the submission is new.
    pub fn submits(&self, catalogue: &Catalogue) -> Option<(SubmissionContent, Arc<Version>)> {
        let version = catalogue.wanted(&self.put.lesson, self.put.version.as_deref()).ok()?;
        self.put.submit.then(|| (self.content.clone(), version))
    }

    pub fn new(id: Id, if_match: IfMatch, mut put: SubmissionPut) -> Result<SubmissionCall, Problem> {
        let wrong = limits::check_limits(&put);
        if !wrong.0.is_empty() {
            return Err(Problem::bodies(wrong.0));
        }
        let content = SubmissionContent {
            case: put.case.take(),
            evidence: put.evidence.take(),
            diagnosis: put.diagnosis.take(),
            reframe: put.reframe.take(),
            escalation: put.escalation.take(),
        };
        let mut json = Json::of(&content);
        let masked = masking::document(&mut json.0);
        let size = json.0.to_string().len();
        Ok(SubmissionCall { id, if_match, put, content: json.read_own()?, masked, size })
    }
}

/// Creates a submission, or replaces the content of one that is there. True where it is new.
pub fn save_submission(conn: &mut Conn, work: &Work, put: &SubmissionCall) -> Stored<(SubmissionRow, bool)> {
    let (row, created) = match store::find(conn, work.who.tenant, put.id)? {
        Some(row) => (replace(conn, work, put, row)?, false),
        None => (create(conn, work, put)?, true),
    };
    Ok((row, created))
}

fn create(conn: &mut Conn, work: &Work, put: &SubmissionCall) -> Stored<SubmissionRow> {
    let (who, body) = (&work.who, &put.put);
    if put.if_match != IfMatch::Absent {
        return Err(Problem::new(Code::PreconditionFailed, "If-Match was sent, but there is no submission of this id yet."));
    }
    let version = work.catalogue.wanted(&body.lesson, body.version.as_deref())?;
    let began = records::rules::occurred(body.started.as_ref().map(|started| started.at), body.sent_at, who.now);
    work.catalogue.check_open(&version, began.at)?;
    check_place(&version, body.exercise.as_deref(), &put.content)?;
    let learner = learners::acting_for(conn, who, body.learner.as_ref())?;
    learners::lock_writable(conn, who.tenant, learner)?;
    let mut row = SubmissionRow {
        tenant_id: who.tenant,
        id: put.id,
        learner_id: learner,
        client_id: who.client,
        lesson: version.slug.clone(),
        version: version.digest.clone(),
        exercise: version.content.exercise.id.clone(),
        language: body.language.clone().unwrap_or_else(|| version.default_language().to_owned()),
        context: Json::of(&body.context.clone().unwrap_or_default()),
        state: SubmissionState::Draft.name().to_owned(),
        revision: 1,
        content: Json::of(&put.content),
        masked: Json::of(&put.masked),
        feedback: None,
        submitted_at: None,
        created_at: who.now,
        updated_at: who.now,
    };
    let mut drafts = vec![work.content_record("submission.saved", &row, &version, began)?];
    if body.submit {
        drafts.extend(work.submit(&mut row, &version)?);
    }
    if !store::insert(conn, &row)? {
        return Err(changed_meanwhile());
    }
    SUBMISSIONS.spend(conn, (who.tenant, row.learner_id), put.size, who.now)?;
    records::check_day(conn, who)?;
    records::append(conn, who, drafts)?;
    Ok(row)
}

fn replace(conn: &mut Conn, work: &Work, put: &SubmissionCall, old: SubmissionRow) -> Stored<SubmissionRow> {
    let (who, body) = (&work.who, &put.put);
    if !learners::sees_now(conn, who, old.learner_id)? {
        return Err(Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one."));
    }
    learners::check_writable(conn, who.tenant, old.learner_id)?;
    check_same_learner(conn, who, body, &old)?;
    let version = work.catalogue.pinned(&old.version)?;
    check_unmoved(&work.catalogue, body, &old)?;
    check_place(version, body.exercise.as_deref(), &put.content)?;
    let before: SubmissionContent = old.content.read_own()?;
    let conditional = put.if_match != IfMatch::Absent;
    if rules::is_repeat(old.state(), &before, &put.content, body.submit, conditional) {
        return Ok(old);
    }
    let state = old.state().after(SubmissionStep::Save)?.unwrap_or(old.state());
    put.if_match.check(old.revision)?;
    let mut row = SubmissionRow {
        state: state.name().to_owned(),
        revision: old.revision.saturating_add(1),
        content: Json::of(&put.content),
        masked: Json::of(&put.masked),
        feedback: None,
        updated_at: who.now,
        ..old.clone()
    };
    let mut drafts = vec![work.content_record("submission.saved", &row, version, records::now(who.now))?];
    if body.submit {
        drafts.extend(work.submit(&mut row, version)?);
    }
    if !store::replace(conn, &old, &row)? {
        return Err(changed_meanwhile());
    }
    SUBMISSIONS.spend(conn, (who.tenant, row.learner_id), put.size, who.now)?;
    records::append(conn, who, drafts)?;
    Ok(row)
}

/// Submits what is there; what is submitted already stays as it is.
pub fn hand_in(conn: &mut Conn, work: &Work, id: Id) -> Stored<SubmissionRow> {
    let old = visible_submission(conn, &work.who, id)?;
    let version = work.catalogue.pinned(&old.version)?;
    if old.state().after(SubmissionStep::Submit)?.is_none() {
        return Ok(old);
    }
    learners::check_writable(conn, work.who.tenant, old.learner_id)?;
    let mut row = SubmissionRow { revision: old.revision.saturating_add(1), updated_at: work.who.now, ..old.clone() };
    let drafts = work.submit(&mut row, version)?;
    if !store::replace(conn, &old, &row)? {
        return Err(changed_meanwhile());
    }
    records::append(conn, &work.who, drafts)?;
    Ok(row)
}

/// The submission of this id, if this token may see it.
pub fn visible_submission(conn: &mut Conn, who: &Who, id: Id) -> Stored<SubmissionRow> {
    match store::find(conn, who.tenant, id)? {
        Some(row) if learners::sees_now(conn, who, row.learner_id)? => Ok(row),
        _ => Err(Problem::not_found("submission of this id")),
    }
}

/// Another transaction was faster. The work is run again and meets what that one left: one winner, and a clear answer
/// (the same, 409 or 412) for the other.
pub fn changed_meanwhile() -> Problem {
    Problem::unavailable(DatabaseFault::Conflict, "a submission changed under a transaction")
}

fn check_place(version: &Version, exercise: Option<&str>, content: &SubmissionContent) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    let known = &version.content.exercise;
    if exercise.is_some_and(|id| id != known.id) {
        wrong.add("/exercise", format!("must be {:?}, the exercise of this version.", known.id));
    }
    if let Some(case) = &content.case
        && !known.cases.iter().any(|sample| &sample.id == case)
    {
        wrong.add("/case", "is no sample case of this exercise; GET /v1/lessons/{slug}/exercise lists them.");
    }
    if wrong.0.is_empty() { Ok(()) } else { Err(Problem::bodies(wrong.0)) }
}

/// A call on a submission that exists may leave its learner out, but not name another.
fn check_same_learner(conn: &mut Conn, who: &Who, body: &SubmissionPut, row: &SubmissionRow) -> Stored<()> {
    if body.learner.is_none() && who.own_learner().is_none() {
        return who.needs(Scope::LearnersAct);
    }
    match learners::acting_for(conn, who, body.learner.as_ref())? {
        learner if learner == row.learner_id => Ok(()),
        _ => Err(Problem::body("/learner", "cannot change: the submission is another learner's.")),
    }
}

/// Lesson, version, language and context stay what they were at the creation.
fn check_unmoved(catalogue: &Catalogue, body: &SubmissionPut, row: &SubmissionRow) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    if catalogue.lesson(&body.lesson).is_none_or(|lesson| lesson.slug != row.lesson) {
        wrong.add("/lesson", format!("cannot change; it is {:?}.", row.lesson));
    }
    if body.version.as_ref().is_some_and(|version| version != &row.version) {
        wrong.add("/version", format!("cannot change; it is {:?}.", row.version));
    }
    if body.language.as_ref().is_some_and(|language| language != &row.language) {
        wrong.add("/language", format!("cannot change; it is {:?}.", row.language));
    }
    if body.context.as_ref().is_some_and(|context| Json::of(context) != row.context) {
        wrong.add("/context", "cannot change.");
    }
    if wrong.0.is_empty() { Ok(()) } else { Err(Problem::bodies(wrong.0)) }
}

impl Work {
    /// Makes a row submitted, with feedback; gives the records of that.
    fn submit(&self, row: &mut SubmissionRow, version: &Version) -> Stored<Vec<RecordDraft>> {
        let content: SubmissionContent = row.content.read_own()?;
        let missing = completeness::missing(&content);
        if !missing.is_empty() {
            return Err(Problem::bodies(missing));
        }
        let state = row.state().after(SubmissionStep::Submit)?.unwrap_or(SubmissionState::Submitted);
        let feedback = self.judge.feedback(&content, version);
        row.state = state.name().to_owned();
        row.feedback = Some(Json::of(&feedback));
        row.submitted_at = Some(self.who.now);
        let now = records::now(self.who.now);
        let submitted = self.content_record("submission.submitted", row, version, now)?;
        Ok(vec![submitted, self.feedback_record(row, version, &feedback)])
    }

    fn content_record(
        &self,
        kind: &'static str,
        row: &SubmissionRow,
        version: &Version,
        occurred: Occurred,
    ) -> Stored<RecordDraft> {
        let body = rules::coded_content(row.revision, row.state(), &row.content.read_own()?, &self.digest_key)?;
        Ok(RecordDraft { body, occurred, ..self.record(kind, row, version) })
    }

    fn feedback_record(&self, row: &SubmissionRow, version: &Version, feedback: &Feedback) -> RecordDraft {
        let checks: Vec<_> = feedback.checks.iter().map(|c| json!({"part": c.part, "id": c.id, "passed": c.passed})).collect();
        let criteria: Vec<_> = feedback.criteria.iter().map(|c| json!({"id": c.id, "points": c.points, "max": c.max})).collect();
        let diagnosis = feedback.diagnosis.as_ref().map(|d| {
            json!({"verdict": d.verdict, "confidence": d.confidence, "agrees": d.agrees,
                "rule": d.parts_at.as_ref().and_then(|parts| parts.rule.as_ref())})
        });
        let body = json!({
            "revision": row.revision,
            "complete": feedback.complete,
            "checks": checks,
            "criteria": criteria,
            "score": feedback.score,
            "max_score": feedback.max_score,
            "diagnosis": diagnosis,
        });
        RecordDraft { body, ..self.record("feedback.given", row, version) }
    }

    /// A record about a submission, all but its body.
    pub fn record(&self, kind: &'static str, row: &SubmissionRow, version: &Version) -> RecordDraft {
        let iris = &version.iris;
        RecordDraft {
            kind,
            learner: Some(row.learner_id),
            object: Object { r#type: "submission".to_owned(), id: row.id.to_string(), iri: Some(iris.exercise(&row.exercise)) },
            place: Some(RecordPlace {
                course: version.course.clone(),
                lesson: row.lesson.clone(),
                lesson_iri: iris.lesson(&row.lesson),
                version: row.version.clone(),
                language: row.language.clone(),
            }),
            context: row.context.clone(),
            occurred: records::now(self.who.now),
            body: json!({}),
        }
    }
}
