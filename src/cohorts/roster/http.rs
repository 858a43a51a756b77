//! `/v1/cohorts/import`: rosters of other systems.

use actix_web::post;
use actix_web::web::{self, Data};

use crate::auth::caller::{CohortsWrite, Costly};
use crate::auth::{Caller, Scope};
use crate::cohorts::http::reader;
use crate::cohorts::roster::lifecycle::{self, ROWS_AT_ONCE, RosterPart};
use crate::cohorts::roster::rules::{self, RefusedFile, RefusedRows, Roster, RosterClass};
use crate::cohorts::roster::wire::{ImportCounts, RosterImport, RosterQuery};
use crate::cohorts::rules::{LONGEST_EXTERNAL, is_plain_text};
use crate::db::Conn;
use crate::error::{Code, Problem};
use crate::packages::zip::read_zip;
use crate::state::AppState;
use crate::web::answer::Answered;
use crate::web::file::{RosterFile, ZipBytes};
use crate::web::query::Params;

/// Import a roster
///
/// As a zip file with `manifest.csv`, `users.csv`, `classes.csv` and `enrollments.csv` of OneRoster 1.2, or as `text/csv` with the columns
/// `cohort,learner_system,learner_id,role` and perhaps `status` and `name`. In UTF-8, with or without byte order mark. Classes become
/// cohorts, known by `system` and their `sourcedId`; students become learners by the identity (system, sourcedId), and new ones are
/// made; teachers become instructors with the id that a token of the issuer `system` gives them. What is good is taken though other rows are
/// refused, each named in the answer. The same file again changes nothing. Whoever is not in the file stays; `tobedeleted` takes out.
/// Needs `learners:write` too.
#[utoipa::path(
    tag = "Cohorts",
    params(RosterQuery),
    request_body(content = ZipBytes, content_type = "application/octet-stream", description = "The roster, at most 8 MiB and 20,000 rows: `application/zip` or `text/csv`; of `application/octet-stream` the first bytes say which."),
    responses(
        (status = 200, description = "What was taken, and what was not.", body = RosterImport),
        (status = 413, description = "`body_too_large`: it is larger than 8 MiB."),
        (status = 415, description = "`unsupported_media_type`: send application/zip, text/csv or application/octet-stream."),
        (status = 422, description = "`package_refused`: the file as a whole cannot be read; `detail` says why, `params.file` where."),
    ),
    security(("token" = ["cohorts:write"])),
    extensions(("x-cost" = json!(20)))
)]
#[post("/cohorts/import")]
pub async fn import_roster(
    state: Data<AppState>,
    caller: Caller<Costly<CohortsWrite, 20>>,
    query: Params<RosterQuery>,
    file: RosterFile,
) -> Result<Answered<RosterImport>, Problem> {
    let (who, system) = (reader(caller)?, query.into_inner().system);
    who.needs(Scope::LearnersWrite)?;
    if !is_plain_text(&system, LONGEST_EXTERNAL) {
        return Err(Problem::parameter("system", "must be 1 to 255 characters without control characters."));
    }
    let named = system.clone();
    let roster = web::block(move || read(&file, &named)).await.map_err(Problem::internal)??;
    let Roster { classes, gone, mut refused } = roster;
    let mut counts = ImportCounts::default();
    for (external, class) in classes {
        for part in parts(class, &system, &external, &state) {
            let who = who.clone();
            let taken = state.db.of(who.tenant).write(move |conn| lifecycle::take_part(conn, &who, &part)).await?;
            counts = counts.and(taken.counts);
            refused = joined(refused, taken.refused);
        }
    }
    for people in gone.chunks(ROWS_AT_ONCE) {
        let (who, people) = (who.clone(), people.to_vec());
        let db = state.db.of(who.tenant);
        let work = move |conn: &mut Conn| {
            people.iter().try_fold(ImportCounts::default(), |all, one| Ok(all.and(lifecycle::take_out(conn, &who, one)?)))
        };
        counts = counts.and(db.write(work).await?);
    }
    Ok(Answered::ok(RosterImport { counts, refused: refused.told, refused_rows: refused.count }))
}

fn read(file: &RosterFile, system: &str) -> Result<Roster, Problem> {
    let read = if file.is_zip { rules::read_oneroster(&read_zip(&file.bytes)?, system) } else { rules::read_list(&file.bytes) };
    read.map_err(|RefusedFile { file, reason }| {
        Problem::new(Code::PackageRefused, format!("{file}: {reason}")).with("file", file)
    })
}

/// A class in parts, each of which is one transaction.
fn parts(class: RosterClass, system: &str, external: &str, state: &AppState) -> Vec<RosterPart> {
    let RosterClass { name, renames, gone, entries } = class;
    let part = |entries: &[rules::RosterEntry]| RosterPart {
        system: system.to_owned(),
        external: external.to_owned(),
        name: name.clone(),
        renames,
        gone,
        id: state.clock.id(),
        entries: entries.to_vec(),
    };
    if entries.is_empty() { vec![part(&[])] } else { entries.chunks(ROWS_AT_ONCE).map(part).collect() }
}

fn joined(mut all: RefusedRows, more: RefusedRows) -> RefusedRows {
    all.count = all.count.saturating_add(more.count);
    let room = rules::MOST_TOLD.saturating_sub(all.told.len());
    all.told.extend(more.told.into_iter().take(room));
    all
}
