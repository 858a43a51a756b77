//! Keeping and erasing a diagnosis, each inside one transaction: read, write, append the record.

use serde_json::{Value, json};

use crate::auth::Who;
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::diagnosis::masked::MaskedDiagnosis;
use crate::diagnosis::store::{self, Row};
use crate::diagnosis::view::stored;
use crate::diagnosis::{Evidence, Verdict};
use crate::error::{Code, Fault, Problem};
use crate::learners;
use crate::records::{self, Draft, Object};
use crate::web::allowance::DIAGNOSES;

/// Keeps a diagnosis at this id. True where it is new; the same evidence again finds what was concluded then.
pub fn keep(conn: &mut Conn, who: &Who, id: Id, made: &MaskedDiagnosis) -> Stored<(Row, bool)> {
    match store::find(conn, who.tenant, id)? {
        None => create(conn, who, id, made).map(|row| (row, true)),
        Some(row) if sees(who, &row) && stored::<Evidence>(&row.evidence)? == made.evidence => Ok((row, false)),
        Some(_) => Err(Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one.")),
    }
}

fn create(conn: &mut Conn, who: &Who, id: Id, made: &MaskedDiagnosis) -> Stored<Row> {
    if let Some(learner) = who.own_learner() {
        learners::principal(conn, who, learner)?;
    }
    let row = Row {
        tenant_id: who.tenant,
        id,
        client_id: who.client,
        principal: Json::of(&who.principal),
        learner_id: who.own_learner(),
        evidence: Json::of(&made.evidence),
        masked: Json::of(&made.masked),
        verdict: Json::of(&made.verdict),
        created_at: who.now,
    };
    if !store::insert(conn, &row)? {
        // Another call was faster: run again, this one meets what that one left.
        return Err(Problem::unavailable(Fault::Conflict, "a diagnosis appeared under a transaction"));
    }
    if let Some(learner) = who.own_learner() {
        DIAGNOSES.spend(conn, (who.tenant, learner), row.evidence.0.to_string().len(), who.now)?;
    }
    append(conn, who, "diagnosis.kept", &row, coded(&made.verdict))?;
    Ok(row)
}

/// What a record says about a verdict: codes and rules, and no text that a person typed.
fn coded(verdict: &Verdict) -> Value {
    let rules: Vec<&str> = verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    json!({"verdict": verdict.verdict, "confidence": verdict.confidence, "extent": verdict.extent, "rules": rules})
}

/// The diagnosis of this id, if this token may see it.
pub fn seen(conn: &mut Conn, who: &Who, id: Id) -> Stored<Row> {
    let row = store::find(conn, who.tenant, id)?.filter(|row| sees(who, row));
    row.ok_or_else(nothing)
}

fn sees(who: &Who, row: &Row) -> bool {
    who.own_learner().is_none_or(|own| row.learner_id == Some(own))
}

fn nothing() -> Problem {
    Problem::not_found("diagnosis of this id")
}

/// Erases evidence and verdict. The record of it names the id alone.
pub fn erase(conn: &mut Conn, who: &Who, id: Id) -> Stored<()> {
    let row = seen(conn, who, id)?;
    if !store::delete(conn, who.tenant, id)? {
        return Err(nothing());
    }
    append(conn, who, "diagnosis.erased", &row, json!({}))
}

fn append(conn: &mut Conn, who: &Who, kind: &'static str, row: &Row, body: Value) -> Stored<()> {
    let draft = Draft {
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
