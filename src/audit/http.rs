//! `GET /v1/audit` and `GET /v1/audit/export`: a tenant's own entries, for those who look after it.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::Utc;

use crate::audit::reads::{note_staff_reading, of_staff};
use crate::audit::rules::is_name;
use crate::audit::store::{self, AuditFilter, TimePlace};
use crate::audit::wire::{self, AuditEntryShown, AuditExportQuery, AuditOrder, AuditPage, AuditQuery};
use crate::auth::caller::AuditRead;
use crate::auth::{Caller, Who};
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::records::times;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::page::{self, Asked, Position};
use crate::web::query::Params;

/// Longest page.
const MOST: i64 = 200;

/// Entries of an export, unless asked otherwise, and at most.
const USUAL_EXPORT: i64 = 1_000;
const MOST_EXPORTED: i64 = 10_000;

/// Where a page of the list ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct AuditPlace(Option<TimePlace>);

impl Position for AuditPlace {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.map_or_else(Vec::new, |(at, number)| [at.0.to_be_bytes(), number.to_be_bytes()].concat())
    }

    fn from_bytes(bytes: &[u8]) -> Option<AuditPlace> {
        let (at, number) = bytes.split_first_chunk::<8>()?;
        let number = number.try_into().ok().map(i64::from_be_bytes)?;
        Some(AuditPlace(Some((Time(i64::from_be_bytes(*at)), number))))
    }
}

/// The log is about learners too, and not for them, whatever their token says.
fn reader(who: Who) -> Result<Who, Problem> {
    who.is_no_learner("The audit log is").map(|()| who)
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<Time>, Problem> {
    let read = |text| {
        let found = times::moment(text);
        found.ok_or_else(|| Problem::parameter(name, "must be a time such as 2026-11-30T09:00:00Z (RFC 3339)."))
    };
    Ok(text.map(read).transpose()?.map(|at| Time::from_utc(at.with_timezone(&Utc))))
}

fn filter(query: &AuditQuery) -> Result<AuditFilter, Problem> {
    for (name, text) in [("act", &query.act), ("object_type", &query.object_type)] {
        if text.as_ref().is_some_and(|text| !is_name(text)) {
            return Err(Problem::parameter(name, "must be a name in lower case, such as client.created or client."));
        }
    }
    let object = match (&query.object_type, &query.object_id) {
        (Some(kind), Some(id)) if (1..=255).contains(&id.chars().count()) => Some((kind.clone(), id.clone())),
        (Some(_), Some(_)) => return Err(Problem::parameter("object_id", "must have 1 to 255 characters.")),
        (Some(_), None) => return Err(Problem::parameter("object_id", "is missing: it is needed beside object_type.")),
        (None, Some(_)) => return Err(Problem::parameter("object_type", "is missing: it is needed beside object_id.")),
        (None, None) => None,
    };
    let principal = query.principal.as_deref().map(str::parse::<Id>).transpose();
    let principal = principal.map_err(|what| Problem::parameter("principal", what))?;
    let (from, to) = (moment("from", query.from.as_deref())?, moment("to", query.to.as_deref())?);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Problem::parameter("to", "must be later than from."));
    }
    let newest_first = query.order.unwrap_or_default() == AuditOrder::Newest;
    Ok(AuditFilter { act: query.act.clone(), object, principal, from, to, newest_first })
}

/// List what was done
///
/// Who did what to what, when, from where: administrative acts, tokens that were made, failed sign-ins, what staff read of others.
/// In the order of their times; the entries of the caller's tenant alone. To follow the log, or to verify it, read the export,
/// which has the order of the chain.
#[utoipa::path(
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "A page of entries.", body = AuditPage, example = json!({"items": [{
        "tenant": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f00", "number": 1, "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f01",
        "at": "2026-11-30T08:00:03.120000Z", "act": "client.created",
        "actor": {"client": null, "principal": {"type": "command_line", "id": null}},
        "object": {"type": "client", "id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10"}, "address": null, "request_id": null,
        "details": {"name": "moodle", "scopes": "lessons:read learners:act"},
        "previous_sha256": "0000000000000000000000000000000000000000000000000000000000000000",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}], "next_cursor": null}))),
    security(("token" = ["audit:read"]))
)]
#[get("/audit")]
pub async fn list_audit_entries(
    state: Data<AppState>,
    caller: Caller<AuditRead>,
    query: Params<AuditQuery>,
) -> Result<Answered<AuditPage>, Problem> {
    let (who, query) = (reader(caller.into_who())?, query.into_inner());
    let (tenant, filter) = (who.tenant, filter(&query)?);
    let name = format!("audit/{filter:?}");
    let asked = Asked::<AuditPlace>::of(tenant, &name, (query.limit, MOST), query.cursor.as_deref())?;
    let (AuditPlace(after), limit) = asked.start();
    let read = state.db.of(tenant).read(move |conn| store::page(conn, tenant, &filter, after, limit.saturating_add(1)));
    let (rows, next) = page::cut_to_limit(read.await?, limit, |row| AuditPlace(Some((row.at, row.number))));
    note_staff_reading(&state, of_staff(&who), "audit.read", ("audit", &"log")).await;
    let items = rows.into_iter().map(AuditEntryShown::from).collect();
    Ok(asked.answer(next, |next_cursor| AuditPage { items, next_cursor }))
}

/// Export the audit log
///
/// As JSON lines in the order of the chain, from the entry after `after`: all that is needed to verify it elsewhere
/// (`docs/audit.md`). Go on with the number of the last line until a piece is empty; entries never change and none is ever added
/// before another.
#[utoipa::path(
    tag = "Audit",
    params(AuditExportQuery),
    responses(
        (status = 200, description = "Entries, one on each line; empty where there are none behind `after`.",
         content_type = "application/jsonl", body = String,
         headers(("Link" = String, description = "The next piece, as `rel=\"next\"` (RFC 8288); absent on the last one.")),
         example = json!("{\"tenant\":\"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f00\",\"number\":1,\"id\":\"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f01\",\"at\":\"2026-11-30T08:00:03.120000Z\",\"act\":\"client.created\",\"actor\":{\"client\":null,\"principal\":{\"type\":\"command_line\",\"id\":null}},\"object\":{\"type\":\"client\",\"id\":\"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10\"},\"address\":null,\"request_id\":null,\"details\":{\"name\":\"moodle\",\"scopes\":\"lessons:read\"},\"previous_sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"sha256\":\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}\n")),
    ),
    security(("token" = ["audit:read"]))
)]
#[get("/audit/export")]
pub async fn export_audit_entries(
    state: Data<AppState>,
    caller: Caller<AuditRead>,
    request: HttpRequest,
    query: Params<AuditExportQuery>,
) -> Result<HttpResponse, Problem> {
    let (who, query) = (reader(caller.into_who())?, query.into_inner());
    let limit = page::limit(Some(query.limit.unwrap_or(USUAL_EXPORT)), MOST_EXPORTED)?;
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(Problem::parameter("after", "must be the number of an entry, or 0."));
    }
    let tenant = who.tenant;
    let read = state.db.of(tenant).read(move |conn| store::entries_behind(conn, tenant, after, limit.saturating_add(1)));
    let (rows, next) = page::cut_to_limit(read.await?, limit, |row| row.number);
    note_staff_reading(&state, of_staff(&who), "audit.read", ("audit", &"log")).await;
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/jsonl").insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(last) = next {
        page::link_next(&mut answer, request.path(), request.query_string(), "after", &last.to_string());
    }
    Ok(answer.body(wire::export_lines(rows).map_err(Problem::internal)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for (at, number) in [(0, 1), (-1, i64::MAX), (1_795_000_000_000_001, 7)] {
            let place = AuditPlace(Some((Time(at), number)));
            assert_eq!(AuditPlace::from_bytes(&place.to_bytes()), Some(place));
        }
        for bytes in [&[][..], &[0; 8], &[0; 15], &[0; 17]] {
            assert_eq!(AuditPlace::from_bytes(bytes), None);
        }
    }
}
