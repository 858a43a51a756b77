//! The servers that Waymark is compared with, each a process of its own (this program, started again).
//!
//! `bare` answers the bytes and headers of a lesson with no work. `saves` does the SQL work of saving an answer in one
//! transaction per request, in the ordinary way: on SQLite one connection behind a mutex, on PostgreSQL a pool of 8.
//! Neither checks a token, writes a log line or counts anything.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use diesel::prelude::*;
use parking_lot::Mutex;
use waymark::attempts::rules::{Merge, merge};
use waymark::attempts::store::{self, AnswerRow, AttemptRow};
use waymark::attempts::wire::{OneResponsePut, Response, SaveResult};
use waymark::clock::Clock;
use waymark::config::Config;
use waymark::db::connect::Opener;
use waymark::db::packed::Packed;
use waymark::db::schema::{attempts, records, responses};
use waymark::db::types::{Id, Json};
use waymark::db::{Conn, Db, Stored};
use waymark::each;
use waymark::error::Problem;
use waymark::records::rules::occurred;
use waymark::records::store::NewRecord;

use crate::Outcome;

const WORKERS: usize = 2;

/// Tells the parent where the server listens, and serves until it is killed.
macro_rules! serve {
    ($ready:expr, $app:expr) => {{
        let server = HttpServer::new($app)
            .workers(WORKERS)
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(30))
            .bind("127.0.0.1:0")?;
        let address = server.addrs().first().copied().ok_or("not bound")?;
        actix_web::rt::System::new().block_on(async {
            let server = server.run();
            crate::server::say_ready($ready, address)?;
            Ok(server.await?)
        })
    }};
}

/// `page` holds the headers, a line each, an empty line, and the body.
pub fn bare(ready: &Path, page: &Path) -> Outcome<()> {
    let whole = std::fs::read(page)?;
    let end = whole.windows(2).position(|two| two == b"\n\n").ok_or("a page without a body")?;
    let body = Bytes::copy_from_slice(whole.get(end + 2..).unwrap_or_default());
    let mut headers = Vec::new();
    for line in std::str::from_utf8(whole.get(..end).unwrap_or_default())?.lines() {
        let (name, value) = line.split_once(": ").ok_or("a header without a value")?;
        headers.push((name.parse::<HeaderName>()?, HeaderValue::from_str(value)?));
    }
    let answer = move || {
        let mut answer = HttpResponse::Ok();
        for (name, value) in &headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        let body = body.clone();
        async move { answer.body(body) }
    };
    serve!(ready, move || App::new().route("/v1/lessons/{slug}", web::get().to(answer.clone())))
}

/// What every save writes besides the answer: a record of the size that Waymark writes, made from one of its own.
struct Sample {
    tenant: Id,
    learner: Option<Id>,
    lesson: Option<String>,
    object: String,
    envelope: Packed,
}

/// The database, used in the ordinary way.
enum Store {
    Sqlite(Arc<Mutex<Conn>>),
    Postgres(Db),
}

struct Shared {
    store: Store,
    sample: Sample,
    clock: Clock,
}

pub fn saves(ready: &Path, database_url: &str) -> Outcome<()> {
    let config = Config::from_parts(&BTreeMap::from([("database_url", database_url.to_owned())]), &BTreeMap::new(), "")?;
    let opener = Opener::new(&config);
    let mut conn = opener.open()?;
    let sample = sample(&mut conn)?;
    let store = if opener.is_postgres() {
        Store::Postgres(Db::start(&config)?) // its `write` is a pool of 8 threads, each with a connection
    } else {
        Store::Sqlite(Arc::new(Mutex::new(conn)))
    };
    let shared = Data::new(Shared { store, sample, clock: Clock::system() });
    serve!(ready, move || { App::new().app_data(shared.clone()).route("/v1/attempts/{id}/responses/{item}", web::put().to(put)) })
}

fn sample(conn: &mut Conn) -> Outcome<Sample> {
    let one = each!(conn, c => records::table
        .filter(records::kind.eq("response.saved"))
        .select((records::tenant_id, records::learner_id, records::lesson, records::object_id, records::packed.assume_not_null()))
        .first::<(Id, Option<Id>, Option<String>, String, Packed)>(c))?;
    let (tenant, learner, lesson, object, envelope) = one;
    Ok(Sample { tenant, learner, lesson, object, envelope })
}

async fn put(
    shared: Data<Shared>,
    path: web::Path<(String, String)>,
    body: web::Json<OneResponsePut>,
) -> Result<HttpResponse, actix_web::Error> {
    let (id, item) = path.into_inner();
    let id: Id = id.parse().map_err(actix_web::error::ErrorBadRequest)?;
    let (body, inner) = (body.into_inner(), shared.clone());
    let work = move |conn: &mut Conn| save(conn, &inner, id, &item, &body);
    let result = match &shared.store {
        Store::Postgres(db) => db.write(work).await?,
        Store::Sqlite(conn) => {
            let conn = conn.clone();
            let work = move || {
                let mut conn = conn.lock();
                conn.batch("BEGIN IMMEDIATE")?;
                let result = work(&mut conn);
                conn.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
                result
            };
            web::block(work).await??
        }
    };
    Ok(HttpResponse::Ok().json(result))
}

/// Locks the attempt, reads the answer in its place, writes the new one over it and appends a record.
fn save(conn: &mut Conn, shared: &Shared, id: Id, item: &str, body: &OneResponsePut) -> Stored<SaveResult> {
    let (tenant, now) = (shared.sample.tenant, shared.clock.now());
    macro_rules! attempt {
        () => {
            attempts::table.filter(attempts::tenant_id.eq(tenant)).filter(attempts::id.eq(id)).select(AttemptRow::as_select())
        };
    }
    let row: Option<AttemptRow> = match conn {
        Conn::Pg(c) => attempt!().for_no_key_update().first(c).optional()?,
        Conn::Sqlite(c) => attempt!().first(c).optional()?,
    };
    let row = row.ok_or_else(|| Problem::not_found("attempt of this id"))?;
    let before: Option<AnswerRow> = each!(conn, c => responses::table
        .filter(responses::tenant_id.eq(tenant))
        .filter(responses::attempt_id.eq(id))
        .filter(responses::item.eq(item))
        .filter(responses::late.eq(false))
        .select(AnswerRow::as_select())
        .first(c)
        .optional())?;
    let stored = before.as_ref().and_then(|old| Some((old.seq, old.response.read::<Response>().ok()?)));
    if merge(stored.as_ref().map(|(seq, response)| (*seq, response)), body.seq, &body.response) != Merge::Take {
        return Ok(result(item, body.seq, "superseded", stored.map(|(seq, _)| seq)));
    }
    let response = Json::of(&body.response);
    let answer = AnswerRow {
        tenant_id: tenant,
        attempt_id: row.id,
        item: item.to_owned(),
        late: false,
        seq: body.seq,
        first_response: before.as_ref().map_or_else(store::same, |old| old.first_before(&response)),
        changes: before.as_ref().map_or(0, |old| old.changes + i32::from(old.response != response)),
        active_ms: body.active_ms.and_then(|ms| format!("{ms:.0}").parse().ok()),
        response,
        answered: occurred(body.answered_at, body.sent_at, now).stored(),
        saved_at: now,
    };
    // The same statement that Waymark uses, with one row.
    store::put_answers(conn, std::slice::from_ref(&answer))?;
    let record = NewRecord {
        counted: false,
        tenant_id: tenant,
        id: shared.clock.id(),
        kind: "response.saved".to_owned(),
        schema_version: 1,
        learner_id: shared.sample.learner,
        lesson: shared.sample.lesson.clone(),
        object_id: shared.sample.object.clone(),
        recorded_at: now,
        envelope: shared.sample.envelope.clone(),
    };
    waymark::records::store::insert(conn, std::slice::from_ref(&record))?;
    Ok(result(item, body.seq, "saved", Some(body.seq)))
}

fn result(item: &str, seq: i64, status: &str, seq_in_force: Option<i64>) -> SaveResult {
    SaveResult {
        item: Some(item.to_owned()),
        seq: Some(seq),
        status: status.to_owned(),
        seq_in_force,
        problem: None,
        adjusted: Vec::new(),
        misfit: false,
    }
}
