//! What a diagnosis looks like on its way out, and the queries of its operations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::Stored;
use crate::db::types::{Id, Time};
use crate::db::unreadable::Unreadable;
use crate::diagnosis::store::DiagnosisRow;
use crate::diagnosis::{Evidence, Verdict};
use crate::masking::Masked;

/// A verdict, and the id under which it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiagnosisResult {
    /// Null unless the diagnosis is kept.
    pub id: Option<Id>,
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A diagnosis that somebody asked to keep.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptDiagnosis {
    pub id: Id,
    /// Whose it is; null where a client or staff asked for no one in particular.
    pub learner: Option<Id>,
    /// The evidence, masked; null only where it cannot be read.
    pub evidence: Option<Evidence>,
    /// Where placeholders stand for what was masked, by pointers into this object.
    pub masked: Vec<Masked>,
    /// What was concluded at that time, from the evidence as it was sent. Its quotations are masked. Null only where it cannot be
    /// read.
    pub verdict: Option<Verdict>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Time,
    /// Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    /// well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KeptDiagnosisPage {
    /// The oldest first.
    pub items: Vec<KeptDiagnosis>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// `true` keeps evidence and verdict, masked. Otherwise nothing of the request is stored or logged.
    pub keep: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiagnosisQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Only this learner's.
    #[param(value_type = Option<String>, format = "uuid")]
    pub learner: Option<String>,
}

pub fn kept_diagnosis(row: DiagnosisRow) -> KeptDiagnosis {
    let mut unreadable = Unreadable::of(&row.id);
    KeptDiagnosis {
        id: row.id,
        learner: row.learner_id,
        evidence: unreadable.read("evidence", &row.evidence),
        masked: unreadable.read("masked", &row.masked).unwrap_or_default(),
        verdict: unreadable.read("verdict", &row.verdict),
        created_at: row.created_at,
        unreadable: unreadable.parts,
    }
}

pub fn result(row: &DiagnosisRow) -> Stored<DiagnosisResult> {
    Ok(DiagnosisResult { id: Some(row.id), verdict: row.verdict.read_own()? })
}
