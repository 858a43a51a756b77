//! Keeping and erasing a diagnosis, each inside one transaction: read, write, append the record.

use serde_json::{Value, json};

use crate::audit::{self, AuditEntry};
use crate::auth::{Reach, Scope, Who};
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::diagnosis::masked::MaskedDiagnosis;
use crate::diagnosis::store::{self, DiagnosisRow, Whose};
use crate::diagnosis::{Evidence, Verdict};
use crate::error::{Code, DatabaseFault, Problem};
use crate::learners;
use crate::records::{self, Object, RecordDraft};
use crate::web::allowance::DIAGNOSES;

/// Keeps a diagnosis at this id. True where it is new; the same evidence again finds what was concluded then.
pub fn keep(conn: &mut Conn, who: &Who, id: Id, made: &MaskedDiagnosis) -> Stored<(DiagnosisRow, bool)> {
    match store::find(conn, who.tenant, id)? {
        None => create(conn, who, id, made).map(|row| (row, true)),
        Some(row) if sees(conn, who, &row)? && row.evidence.read_own::<Evidence>()? == made.evidence => Ok((row, false)),
        Some(_) => Err(Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one.")),
    }
}

fn create(conn: &mut Conn, who: &Who, id: Id, made: &MaskedDiagnosis) -> Stored<DiagnosisRow> {
    let learner = who.own_learner().map(|_| learners::acting_for(conn, who, None)).transpose()?;
    if let Some(learner) = learner {
        learners::lock_writable(conn, who.tenant, learner)?;
    }
    let row = DiagnosisRow {
        tenant_id: who.tenant,
        id,
        client_id: who.client,
        principal: Json::of(&who.principal),
        learner_id: learner,
        evidence: Json::of(&made.evidence),
        masked: Json::of(&made.masked),
        verdict: Json::of(&made.verdict),
        created_at: who.now,
    };
    if !store::insert(conn, &row)? {
        // Another call was faster: run again, this one meets what that one left.
        return Err(Problem::unavailable(DatabaseFault::Conflict, "a diagnosis appeared under a transaction"));
    }
    if let Some(learner) = learner {
        DIAGNOSES.spend(conn, (who.tenant, learner), row.evidence.0.to_string().len(), who.now)?;
    }
    records::check_day(conn, who)?;
    append_diagnosis_record(conn, who, "diagnosis.kept", &row, coded_verdict(&made.verdict))?;
    Ok(row)
}

/// What a record says about a verdict: codes and rules, and no text that a person typed.
fn coded_verdict(verdict: &Verdict) -> Value {
    let rules: Vec<&str> = verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    json!({"verdict": verdict.verdict, "confidence": verdict.confidence, "extent": verdict.extent, "rules": rules})
}

/// The diagnosis of this id, if this token may see it.
pub fn visible_diagnosis(conn: &mut Conn, who: &Who, id: Id) -> Stored<DiagnosisRow> {
    match store::find(conn, who.tenant, id)? {
        Some(row) if sees(conn, who, &row)? => Ok(row),
        Some(row) if row.learner_id.is_some() && who.own_learner().is_none() => {
            Err(reads_learners(who).err().unwrap_or_else(no_such_diagnosis))
        }
        _ => Err(no_such_diagnosis()),
    }
}

/// A learner's token sees what that learner kept; others see what nobody in particular kept, and what learners kept only where
/// they may read learners.
fn sees(conn: &mut Conn, who: &Who, row: &DiagnosisRow) -> Stored<bool> {
    match (who.own_learner(), row.learner_id) {
        (Some(_), Some(whose)) => learners::sees_now(conn, who, whose),
        (own, None) => Ok(own.is_none()),
        (None, Some(whose)) => Ok(reads_learners(who).is_ok() && learners::sees_now(conn, who, whose)?),
    }
}

/// Kept evidence is personal: `diagnoses:run` alone shows no learner's.
fn reads_learners(who: &Who) -> Result<(), Problem> {
    if who.scopes.has(Scope::LearnersAct) { Ok(()) } else { who.needs(Scope::LearnersRead) }
}

/// Whose diagnoses a list shows to this token, of those that it asks for.
pub fn whose(who: &Who, asked: Option<Id>) -> Result<Whose, Problem> {
    match (who.own_learner(), asked) {
        (Some(_), Some(asked)) if !who.sees(asked) => Err(Problem::not_found("learner of this id")),
        (Some(own), _) => Ok(Whose::Learner(own)),
        (None, Some(asked)) => reads_learners(who).map(|()| Whose::Learner(asked)),
        (None, None) if reads_learners(who).is_ok() => Ok(Whose::Everybody),
        (None, None) => Ok(Whose::Nobody),
    }
}

/// The same, where a learner was merged into another one, and as far as this token reaches.
pub fn whose_now(conn: &mut Conn, who: &Who, whose: Whose) -> Stored<Whose> {
    Ok(match (whose, who.reach()) {
        (Whose::Learner(learner), _) => {
            let learner = learners::named_now(conn, who.tenant, Some(learner))?.unwrap_or(learner);
            if !learners::sees_now(conn, who, learner)? {
                return Err(Problem::not_found("learner of this id"));
            }
            Whose::Learner(learner)
        }
        (Whose::Everybody, Reach::TaughtBy(person)) => Whose::TaughtBy(person),
        (others, _) => others,
    })
}

fn no_such_diagnosis() -> Problem {
    Problem::not_found("diagnosis of this id")
}

/// Erases evidence and verdict. The record of it names the id alone.
pub fn erase(conn: &mut Conn, who: &Who, id: Id) -> Stored<()> {
    let row = visible_diagnosis(conn, who, id)?;
    if row.learner_id.is_some() {
        who.may_act()?;
    }
    if !store::delete(conn, who.tenant, id)? {
        return Err(no_such_diagnosis());
    }
    append_diagnosis_record(conn, who, "diagnosis.erased", &row, json!({}))?;
    let learner = row.learner_id.map(|learner| learner.to_string());
    audit::note(conn, who, AuditEntry::new("diagnosis.erased", ("diagnosis", &id)).with("learner", learner))
}

fn append_diagnosis_record(conn: &mut Conn, who: &Who, kind: &'static str, row: &DiagnosisRow, body: Value) -> Stored<()> {
    let draft = RecordDraft {
        kind,
        learner: row.learner_id,
        object: Object { r#type: "diagnosis".to_owned(), id: row.id.to_string(), iri: None },
        place: None,
        context: Json(json!({})),
        occurred: records::now(who.now),
        body,
    };
    records::append(conn, who, vec![draft])
}
