//! `GET /v1/attempts/{id}/gradings`: every grading that an attempt ever had.

use actix_web::get;
use actix_web::web::Data;
use serde_json::Value;

use crate::attempts::grading::StoredGrading;
use crate::attempts::points::points;
use crate::attempts::regrades::store::{self, GradingRow};
use crate::attempts::regrades::wire::{Grading, GradingList, RegradeRef};
use crate::attempts::rules::ShownParts;
use crate::attempts::{store as attempts, view};
use crate::audit::reads::{note_staff_reading, of_staff};
use crate::auth::caller::AttemptsRead;
use crate::auth::{Caller, Who};
use crate::db::json_text::JsonText;
use crate::db::types::{Id, Json};
use crate::db::unreadable::Unreadable;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::learners;
use crate::lessons::Catalogue;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::path::PathId;

/// Lists the gradings of an attempt
///
/// That of its submission and those of regrades, the oldest first; the last one is in force. What the version's policy withholds
/// from a learner is null.
#[utoipa::path(
    tag = "Attempts",
    params(("id" = Id, Path, description = "The attempt's id.")),
    responses((status = 200, description = "Every grading.", body = GradingList), (status = 404, description = "No such attempt for this token.")),
    security(("token" = ["attempts:read"]))
)]
#[get("/attempts/{id}/gradings")]
pub async fn list_gradings(
    state: Data<AppState>,
    caller: Caller<AttemptsRead>,
    PathId(id): PathId,
) -> Result<Answered<GradingList>, Problem> {
    let (catalogue, who) = (state.catalogue(caller.tenant), caller.into_who());
    let staff = of_staff(&who);
    let items = state.db.of(who.tenant).read(move |conn| gradings(conn, &who, &catalogue, id)).await?;
    note_staff_reading(&state, staff, "attempt.read", ("attempt", &id)).await;
    Ok(Answered::ok(GradingList { items, next_cursor: None }))
}

fn gradings(conn: &mut Conn, who: &Who, catalogue: &Catalogue, id: Id) -> Stored<Vec<Grading>> {
    let attempt = match attempts::find(conn, who.tenant, id)? {
        Some(row) if learners::sees_now(conn, who, row.learner_id)? => row,
        _ => return Err(Problem::not_found("attempt of this id")),
    };
    let shown = view::shown_of_attempt(conn, who, catalogue, catalogue.pinned(&attempt.version)?, &attempt)?;
    let quiz = &catalogue.pinned(&attempt.version)?.content.quiz;
    let rows = match GradingRow::of_submission(&attempt, quiz, attempt.result.as_ref().map_or_else(Json::default, score)) {
        Some(only) => vec![only],
        None => store::gradings_of(conn, who.tenant, id)?,
    };
    let regrades: Vec<Id> = rows.iter().filter_map(|row| row.regrade_id).collect();
    let reasons = if regrades.is_empty() { Vec::new() } else { store::reasons(conn, who.tenant, &regrades)? };
    Ok(rows.into_iter().map(|row| grading(row, &reasons, shown)).collect())
}

/// The score of an attempt as gradings store it; its items do not matter here. Null where it cannot be read.
fn score(result: &JsonText) -> Json {
    let mut score: Value = result.read().unwrap_or_default();
    if let Some(members) = score.as_object_mut() {
        members.entry("items").or_insert_with(|| Value::Array(Vec::new()));
    }
    Json(score)
}

fn grading(row: GradingRow, reasons: &[(Id, String)], shown: ShownParts) -> Grading {
    let mut unreadable = Unreadable::of(&row.attempt_id);
    let stored: Option<StoredGrading> = unreadable.read("result", &row.result);
    let result = stored.as_ref().filter(|_| shown.verdict).map(|stored| &stored.result);
    let reason = |id| reasons.iter().find(|(known, _)| *known == id).map(|(_, reason)| reason.clone());
    Grading {
        number: row.number,
        version: row.version,
        grader_version: row.grader_version,
        graded_at: row.graded_at,
        raw: shown.verdict.then(|| points(row.raw_milli)),
        max: shown.verdict.then(|| points(row.max_milli)),
        scaled: result.map(|result| result.scaled),
        success: result.map(|result| result.success),
        kept_items: stored.map(|stored| stored.kept_items).unwrap_or_default(),
        regrade: row.regrade_id.map(|id| RegradeRef { id, reason: reason(id).filter(|_| shown.verdict && shown.key) }),
        withheld: (!(shown.verdict && shown.key)).then(|| "policy".to_owned()),
        unreadable: unreadable.parts,
    }
}
