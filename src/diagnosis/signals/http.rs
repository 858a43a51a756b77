//! `/v1/signals`: the built-in signals as a reference, and a tenant's own beside them.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, delete, get, put};

use crate::auth::caller::{LessonsRead, LessonsWrite};
use crate::auth::{Caller, Who};
use crate::db::types::{Id, Json};
use crate::diagnosis::check::is_id;
use crate::diagnosis::signals::lifecycle::{self, SignalCall};
use crate::diagnosis::signals::wire::{Entry, SignalPage, SignalPut, SignalQuery};
use crate::diagnosis::signals::{rules, store};
use crate::error::{Code, Problem};
use crate::lessons::rules::content_digest;
use crate::state::AppState;
use crate::web::answer::{Answered, NoContent};
use crate::web::as_sent;
use crate::web::conditional::{self, etag_of_revision};
use crate::web::json::Body;
use crate::web::page::{self, Asked};
use crate::web::query::Params;

/// The longest page.
const MOST: i64 = 200;

/// Reads this tenant's own signals again, right after it changed one. Other processes see the change within 5 seconds, and
/// so does this one if the reading fails.
async fn refresh(state: &Data<AppState>, tenant: Id) {
    let read = state.db.of(tenant).read(move |conn| Ok((store::signal_generation(conn)?, store::of_tenant(conn, tenant)?))).await;
    let there = state.clone();
    let done = match read {
        Ok((generation, rows)) => {
            web::block(move || there.signals.take(generation, tenant, &rows)).await.map_err(Problem::internal)
        }
        Err(problem) => Err(problem),
    };
    if let Err(problem) = done {
        tracing::warn!(%problem, "cannot read a tenant's signals again");
    }
}

/// A learner has no signals to write, whatever its token says.
fn author(who: Who) -> Result<Who, Problem> {
    who.is_no_learner("Signals are").map(|()| who)
}

/// Lists signals, or searches them
///
/// The built-in signals and this tenant's own, in the order of their ids, without their examples. One that is made while you walk
/// through the pages shows if its id comes after those you have seen.
#[utoipa::path(
    tag = "Diagnosis",
    params(SignalQuery),
    responses((status = 200, description = "A page of signals.", body = SignalPage)),
    security(("token" = ["lessons:read"]))
)]
#[get("/signals")]
pub async fn list_signals(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    query: Params<SignalQuery>,
) -> Result<Answered<SignalPage>, Problem> {
    let (query, tenant) = (query.into_inner(), caller.tenant);
    for (name, text, most) in [("q", &query.q, 200), ("provider", &query.provider, 100)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            return Err(Problem::parameter(name, format!("has more than {most} characters.")));
        }
    }
    let name = format!("signals/{:?}", (&query.q, &query.provider, query.layer, query.stage));
    let asked = Asked::<String>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let (after, limit) = asked.start();
    let rows = state.db.of(tenant).read(move |conn| store::of_tenant(conn, tenant)).await?;
    let (own, unreadable) = lifecycle::entries(&rows);
    let mut found: Vec<&Entry> = state.signals.built_in.iter().chain(&own).filter(|one| rules::is_asked(one, &query)).collect();
    found.retain(|one| one.id > after);
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let (found, next) = page::cut_to_limit(found, limit, |one| one.id.clone());
    let items = found.into_iter().map(|one| Entry { examples: None, ..one.clone() }).collect();
    Ok(asked.answer(next, |next_cursor| SignalPage { items, unreadable, next_cursor }))
}

/// Read a signal
///
/// With its examples. The `ETag` of a tenant's own signal is its revision: send it with `If-Match` when replacing it.
#[utoipa::path(
    tag = "Diagnosis",
    params(("signal" = String, Path, description = "The signal's id.", example = "azure-prompt-filtered")),
    responses((status = 200, description = "The signal.", body = Entry), (status = 304, description = "Not changed since the ETag in If-None-Match."), (status = 404, description = "No such signal.")),
    security(("token" = ["lessons:read"]))
)]
#[get("/signals/{signal}")]
pub async fn read_signal(
    state: Data<AppState>,
    caller: Caller<LessonsRead>,
    id: Path<String>,
) -> Result<Answered<Entry>, Problem> {
    let (id, tenant) = (id.into_inner(), caller.tenant);
    let entry = match state.signals.built_in(&id) {
        Some(entry) => rules::with_examples(entry),
        None if !is_id(&id) => return Err(lifecycle::no_such_signal()),
        None => {
            let row = state.db.of(tenant).read(move |conn| store::find(conn, tenant, &id)).await?;
            lifecycle::stored_entry(&row.ok_or_else(lifecycle::no_such_signal)?)?
        }
    };
    let etag = entry.revision.map_or_else(|| format!("\"{}\"", content_digest(&Json::of(&entry).0)), etag_of_revision);
    Ok(Answered::ok(entry).etag(etag))
}

/// Create a signal of this tenant's own, or replace it
///
/// It speaks in this tenant's diagnoses beside the built-in ones: at once for this process, within 5 seconds for all. The
/// same call again changes nothing; other content needs `If-Match`. It is held to the rules of the built-in signals, and as
/// many as the tenant's quota are kept, each of at most 32 KiB with at most 5 patterns.
#[utoipa::path(
    tag = "Diagnosis",
    params(("signal" = String, Path, description = "Lower-case letters, digits and hyphens, at most 100; not the id of a built-in signal.", example = "acme-topic-rule"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read, or `*`; needed to replace content.")),
    request_body = SignalPut,
    responses(
        (status = 200, description = "The signal, which was there already.", body = Entry),
        (status = 201, description = "The signal, new.", body = Entry),
        (status = 403, description = "`insufficient_scope`, `forbidden`, or `quota_exceeded`: the tenant has as many signals as it may (`params.limit`, `params.used`)."),
        (status = 409, description = "`id_unavailable`: a built-in signal has this id. `illegal_state`: the tenant's signals have as many matchers or patterns together as they may (`params.of`, `params.limit`)."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile, or If-Match was sent and there is none."),
        (status = 422, description = "`invalid_body`: each entry of `errors` points to what the rules of signals do not allow, an example that does not fire included."),
        (status = 428, description = "`precondition_required`: send If-Match."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[put("/signals/{signal}")]
pub async fn put_signal(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    id: Path<String>,
    body: Body<SignalPut>,
) -> Result<Answered<Entry>, Problem> {
    let (who, id, if_match) = (author(caller.into_who())?, id.into_inner(), conditional::if_match(&request)?);
    if !is_id(&id) {
        return Err(Problem::parameter("signal", "must have lower-case letters, digits and hyphens, at most 100."));
    }
    as_sent::check_as_sent(&body.raw, &[""])?;
    let (tenant, engine) = (who.tenant, state.engine.clone());
    // Patterns are compiled and examples are read: too long for a worker that others wait for.
    let put = web::block(move || SignalCall::new(engine, id, if_match, body.value)).await.map_err(Problem::internal)??;
    let (row, created) = state.db.of(tenant).write(move |conn| lifecycle::save_signal(conn, &who, &put)).await?;
    refresh(&state, tenant).await;
    let new_at = created.then(|| format!("/v1/signals/{}", row.id));
    Ok(Answered::put(new_at, lifecycle::stored_entry(&row)?).revision(row.revision))
}

/// Delete a signal of this tenant's own
///
/// It speaks no more. Diagnoses that were kept stay as they are.
#[utoipa::path(
    tag = "Diagnosis",
    params(("signal" = String, Path, description = "The signal's id.", example = "acme-topic-rule"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the revision that was read: deletes only that one.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 403, description = "`insufficient_scope`, or `forbidden`: a built-in signal stays."),
        (status = 404, description = "No such signal."),
        (status = 412, description = "`precondition_failed`: it was changed meanwhile."),
    ),
    security(("token" = ["lessons:write"]))
)]
#[delete("/signals/{signal}")]
pub async fn delete_signal(
    state: Data<AppState>,
    caller: Caller<LessonsWrite>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<NoContent, Problem> {
    let (who, id, if_match) = (author(caller.into_who())?, id.into_inner(), conditional::if_match(&request)?);
    if state.signals.built_in(&id).is_some() {
        return Err(Problem::new(Code::Forbidden, format!("{id} is a built-in signal; only a tenant's own can be deleted.")));
    }
    if !is_id(&id) {
        return Err(lifecycle::no_such_signal());
    }
    let tenant = who.tenant;
    state.db.of(tenant).write(move |conn| lifecycle::remove_signal(conn, &who, &id, &if_match)).await?;
    state.db.erased();
    refresh(&state, tenant).await;
    Ok(NoContent)
}
