//! `/healthz`: the process answers. `/readyz`: so does its database, for reading and for writing.

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::state::AppState;
use crate::web::answer::Answered;

#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// `ok`
    pub status: String,
}

/// Is the process alive
///
/// Answers without looking at the database.
#[utoipa::path(tag = "Operation", responses((status = 200, description = "It is.", body = Health)), security(()))]
#[get("/healthz")]
pub async fn healthz() -> Answered<Health> {
    Answered::ok(Health { status: "ok".to_owned() })
}

/// Can it serve
///
/// 503 while the database is away, and while nothing can be written to it (a full or read-only disk, a read-only server). A
/// write is tried every few seconds at most, however often this is asked.
#[utoipa::path(tag = "Operation", responses((status = 200, description = "It can.", body = Health), (status = 503, description = "Not now.")), security(()))]
#[get("/readyz")]
pub async fn readyz(state: Data<AppState>) -> Result<Answered<Health>, Problem> {
    state.db.probe(|conn| crate::auth::store::generations(conn).map(|_| ())).await?;
    state.db.takes_writes(state.clock.id()).await?;
    Ok(Answered::ok(Health { status: "ok".to_owned() }))
}
