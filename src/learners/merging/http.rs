//! `/v1/learner-merges`: two learners who are one person become one, and two again.

use actix_web::web::Data;
use actix_web::{get, post, put};

use crate::auth::Caller;
use crate::auth::caller::LearnersWrite;
use crate::db::Conn;
use crate::db::list::{self, After};
use crate::db::types::Id;
use crate::error::Problem;
use crate::learners::life::manages;
use crate::learners::merging::lifecycle::{self, MergeCall};
use crate::learners::merging::store::{self, MergeRow};
use crate::learners::merging::wire::{LearnerMerge, LearnerMergePage, LearnerMergePut, MergeCounts, MergeQuery};
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::json::Body;
use crate::web::page::Asked;
use crate::web::path::PathId;
use crate::web::query::Params;

/// Longest page.
const MOST: i64 = 200;

/// A merge as it is shown.
pub fn merge_view(row: MergeRow) -> LearnerMerge {
    let undo_until = lifecycle::undo_until(&row);
    LearnerMerge {
        id: row.id,
        into: row.into_id,
        from: row.from_id,
        state: row.state,
        claim: row.claim,
        counts: row.counts.read().unwrap_or_else(|_| MergeCounts::default()),
        created_at: row.created_at,
        undo_until,
        undone_at: row.undone_at,
    }
}

/// Merge two learners
///
/// They are one person: identities, attempts, submissions with their reviews, kept diagnoses and what was used today become those of
/// `into`. From then on whoever names `from`, by its id or by an identity, and each token of it, acts for `into`; `from` itself can
/// still be read, with the state `merged`. A phone that was offline meanwhile hands in as the learner that it knows, and its work
/// arrives at `into`.
///
/// Attempts in one lesson and placement are numbered anew in the order in which they were started. What was used of the allowed
/// attempts stays used, and no submitted attempt is taken back. Of two open ones the older has the place; the other stays open beside
/// it, with its answers, until it is submitted.
///
/// Repeatable: the id is the caller's choice. For 30 days `POST /v1/learner-merges/{id}/undo` gives back what was moved. At most 20
/// learners become one.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The merge's id, a UUID of version 4 or 7 of the caller's choice.")),
    request_body = LearnerMergePut,
    responses(
        (status = 200, description = "The merge, which was there already; it may have been undone.", body = LearnerMerge),
        (status = 201, description = "The merge, new.", body = LearnerMerge),
        (status = 409, description = "`id_unavailable`: another merge has this id. `illegal_state`: one of the two was merged before (`params.merged_into`), or 20 learners were merged into this one."),
    ),
    security(("token" = ["learners:write"]))
)]
#[put("/learner-merges/{id}")]
pub async fn put_learner_merge(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
    body: Body<LearnerMergePut>,
) -> Result<Answered<LearnerMerge>, Problem> {
    manages(&caller)?;
    let LearnerMergePut { into, from } = body.value;
    let call = MergeCall { who: caller.into_who(), id, into, from, claim: None };
    let (row, created) = state.db.of(call.who.tenant).write(move |conn| lifecycle::merge_learners(conn, &call)).await?;
    state.renew_access().await;
    Ok(Answered::put(created.then(|| format!("/v1/learner-merges/{id}")), merge_view(row)))
}

/// Lists merges of learners
///
/// In the order in which they were made, undone ones too, and those that handed over a guest's work (`claim`).
#[utoipa::path(
    tag = "Learners",
    params(MergeQuery),
    responses((status = 200, description = "A page of merges.", body = LearnerMergePage)),
    security(("token" = ["learners:write"]))
)]
#[get("/learner-merges")]
pub async fn list_learner_merges(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    query: Params<MergeQuery>,
) -> Result<Answered<LearnerMergePage>, Problem> {
    manages(&caller)?;
    let (tenant, query) = (caller.tenant, query.into_inner());
    let asked = Asked::<After>::of(tenant, "learner-merges", (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let fetch = move |conn: &mut Conn, span, n| store::page(conn, tenant, span, n);
    let page = state.db.of(tenant).read(move |conn| list::list_page(conn, &after, limit, &fetch)).await?;
    let items = page.rows.into_iter().map(merge_view).collect();
    Ok(asked.answer(page.next, |next_cursor| LearnerMergePage { items, next_cursor }))
}

/// Read a merge of learners
///
/// Who became whom, how much was moved, and until when it can be undone.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The merge's id.")),
    responses((status = 200, description = "The merge.", body = LearnerMerge), (status = 404, description = "No such merge.")),
    security(("token" = ["learners:write"]))
)]
#[get("/learner-merges/{id}")]
pub async fn read_learner_merge(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
) -> Result<Answered<LearnerMerge>, Problem> {
    manages(&caller)?;
    let tenant = caller.tenant;
    let row = state.db.of(tenant).read(move |conn| store::find(conn, tenant, id)).await?;
    Ok(Answered::ok(merge_view(row.ok_or_else(|| Problem::not_found("merge of this id"))?)))
}

/// Undo a merge of learners
///
/// Within 30 days. What the merge moved goes back, with the numbers of attempts as they were; what was made since then stays with the
/// learner who has it. The last merge into a learner is undone first. Repeatable.
#[utoipa::path(
    tag = "Learners",
    params(("id" = Id, Path, description = "The merge's id.")),
    responses(
        (status = 200, description = "The merge, undone.", body = LearnerMerge),
        (status = 404, description = "No such merge."),
        (status = 409, description = "`illegal_state`: it is older than 30 days, or another merge must be undone first (`params.merge`, or `params.merged_into` where the learner itself was merged)."),
    ),
    security(("token" = ["learners:write"]))
)]
#[post("/learner-merges/{id}/undo")]
pub async fn undo_learner_merge(
    state: Data<AppState>,
    caller: Caller<LearnersWrite>,
    PathId(id): PathId,
) -> Result<Answered<LearnerMerge>, Problem> {
    manages(&caller)?;
    let who = caller.into_who();
    let row = state.db.of(who.tenant).write(move |conn| lifecycle::undo_merge(conn, &who, id, |_| true)).await?;
    state.renew_access().await;
    Ok(Answered::ok(merge_view(row)))
}
