//! Reading what was published since this process last looked, by this one or by another.

use actix_web::web::{self, Data};

use crate::db::Stored;
use crate::error::Problem;
use crate::lessons::store;
use crate::state::AppState;

/// Reads what was published since this process last looked.
pub async fn renew(state: &Data<AppState>) -> Stored<()> {
    let known = state.catalogues.known();
    let news = state.db.read(move |conn| store::news(conn, &known)).await?;
    let there = state.clone();
    web::block(move || there.catalogues.take(news)).await.map_err(Problem::internal)
}

/// The same right after a publication of this process. Where the reading fails, this process sees it as late as the others:
/// within 5 seconds.
pub async fn renew_now(state: &Data<AppState>) {
    if let Err(problem) = renew(state).await {
        tracing::warn!(%problem, "cannot read what was published");
    }
}
