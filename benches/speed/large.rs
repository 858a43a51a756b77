//! What must not grow: memory under many connections, and the time to start and to read the feed with a long log.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use waymark::db::schema::records;
use waymark::db::types::Id;
use waymark::records::store::RecordFilter;
use waymark::web::page;

use crate::load::{self, Same, Script, Turns, Wire, quantile};
use crate::server::{self, Database, Prepared, Server};
use crate::table::middle;
use crate::{Options, Outcome};

/// The most memory of a fresh server on SQLite while 256 connections read lessons, attempts, lists and the feed and save
/// answers, and what it holds afterwards.
pub fn memory(prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<(f64, f64)> {
    let server = server::start(&prepared.database, "info", directory)?;
    let connections = options.connections.iter().copied().max().unwrap_or(1);
    let get = |path: &str| -> Box<dyn Script> { Box::new(Same::get(path, &prepared.token, b"")) };
    let saves = prepared.saves(connections, crate::next_run()).into_iter();
    let scripts = saves.zip(&prepared.attempts).map(|(save, attempt)| -> Box<dyn Script> {
        let scripts = vec![
            save,
            get(&prepared.lesson_path()),
            get(&format!("{}/quiz", prepared.lesson_path())),
            get(&format!("/v1/attempts/{}", attempt.id)),
            get("/v1/attempts?limit=50"),
            get("/v1/records?limit=50"),
        ];
        Box::new(Turns { scripts })
    });
    let sample = load::run(server.address, scripts.collect(), options.span, &server.meter)?;
    Ok((
        sample.peak_mib.max(crate::machine::memory_mib(server.pid(), "VmHWM:")?),
        crate::machine::memory_mib(server.pid(), "VmRSS:")?,
    ))
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// A database of Waymark's with this many records more, and the cursor of the page at its end.
pub fn with_records(prepared: &Prepared, count: u32) -> Outcome<String> {
    let Database::Sqlite(path) = &prepared.database else { return Err("long logs are made on SQLite".into()) };
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(&format!(
        "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO records (tenant_id, id, kind, schema_version, learner_id, lesson, object_id, recorded_at, envelope, packed)
         SELECT tenant_id, randomblob(16), kind, schema_version, learner_id, lesson, object_id, recorded_at + i, envelope, packed
         FROM n, (SELECT * FROM records WHERE kind = 'response.saved' LIMIT 1);
         COMMIT; PRAGMA journal_mode = WAL;"
    ))?;
    let last: Last = diesel::sql_query("SELECT max(seq) AS seq FROM records").get_result(&mut conn)?;
    let tenant: Id = records::table.filter(records::seq.eq(last.seq)).select(records::tenant_id).first(&mut conn)?;
    let place: Vec<u8> = [0, 0, last.seq - 50].iter().flat_map(|n: &i64| n.to_be_bytes()).collect();
    Ok(page::cursor(tenant, &format!("records/{:?}", RecordFilter::default()), &place))
}

/// From exec to the ready file, in milliseconds; the middle of five.
pub fn start(prepared: &Prepared, directory: &Path) -> Outcome<f64> {
    let once = |_| Ok(server::start(&prepared.database, "info", directory)?.started_in.as_secs_f64() * 1000.0);
    Ok(middle((0..5).map(once).collect::<Outcome<Vec<f64>>>()?))
}

/// How long the last page of the feed takes on each of two databases, in microseconds: blocks of requests in turn, one
/// connection each.
pub fn feed(prepared: [&Prepared; 2], cursors: [&str; 2], span: Duration, directory: &Path) -> Outcome<[f64; 2]> {
    let [small, large] = prepared;
    let servers: [Server; 2] =
        [server::start(&small.database, "info", directory)?, server::start(&large.database, "info", directory)?];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut sides = Vec::new();
        for ((server, prepared), cursor) in servers.iter().zip(prepared).zip(cursors) {
            let request = load::request("GET", &format!("/v1/records?after={cursor}&limit=50"), &prepared.token, "");
            sides.push((Wire::open(server.address).await?, request, Vec::new()));
        }
        let begun = Instant::now();
        let mut rounds = 0;
        // The first round warms up; however slow the machine, four are measured.
        while begun.elapsed() < span || rounds < 5 {
            for (wire, request, micros) in &mut sides {
                for _ in 0..50 {
                    let before = Instant::now();
                    let (head, body) = wire.exchange(request.as_bytes()).await?;
                    let full = body.windows(7).filter(|w| w == b"\"kind\":").count() >= 50;
                    if !head.starts_with(b"HTTP/1.1 200") || !full {
                        return Err(format!("not a full page: {}", String::from_utf8_lossy(body)).into());
                    }
                    if rounds > 0 {
                        micros.push(u32::try_from(before.elapsed().as_micros())?);
                    }
                }
            }
            rounds += 1;
        }
        let mut halves = sides.into_iter().map(|(_, _, mut micros)| {
            micros.sort_unstable();
            quantile(&micros, 50)
        });
        Ok([halves.next().unwrap_or(0.0), halves.next().unwrap_or(0.0)])
    })
}
