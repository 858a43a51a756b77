//! The comparisons (alternating pairs, medians, one table each), and one server by itself.

use std::path::Path;

use crate::load::{self, Same, Sample, Script, Span};
use crate::machine::Meter;
use crate::server::{self, Asker, Database, Prepared, Server};
use crate::table::{Line, Table, median};
use crate::{Options, Outcome};

/// Makes the scripts of a run from the number of connections and of the run.
type Scripts<'a> = dyn Fn(usize, u64) -> Vec<Box<dyn Script>> + 'a;

/// One of the servers of a comparison.
struct Side<'a> {
    name: &'static str,
    server: &'a Server,
    scripts: Box<Scripts<'a>>,
}

/// (a) Reading a lesson with a verified token, against a route that answers the same bytes and headers with no work.
pub fn reading(prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<Table> {
    let told = server::start(&prepared.database, "info", directory)?.settled(options)?;
    let path = prepared.lesson_path();
    let (head, body) = Asker::open(&told, &prepared.token)?.ask("GET", &path, "")?;
    let page = directory.join("page");
    let size = body.len();
    std::fs::write(&page, [kept(&head).as_bytes(), b"\n", &body].concat())?;
    let bare = server::baseline("bare", &page.to_string_lossy(), None, directory)?;
    let scripts = |count: usize, _: u64| -> Vec<Box<dyn Script>> {
        (0..count).map(|_| -> Box<dyn Script> { Box::new(Same::get(&path, &prepared.token, b"")) }).collect()
    };
    let title = format!("(a) Reading a lesson ({size} bytes) with a verified token, against a bare route with the same bytes");
    let mut table = Table::new(title);
    let sides = [
        Side { name: "waymark", server: &told, scripts: Box::new(scripts) },
        Side { name: "bare route", server: &bare, scripts: Box::new(scripts) },
    ];
    compare(&mut table, &sides, options)?;
    drop(sides);
    drop(told); // before the next one: two servers on one SQLite file are refused
    let quiet = server::start(&prepared.database, "warn", directory)?.settled(options)?;
    let sides = [
        Side { name: "waymark, log=warn", server: &quiet, scripts: Box::new(scripts) },
        Side { name: "bare route", server: &bare, scripts: Box::new(scripts) },
    ];
    compare(&mut table, &sides, options)?;
    Ok(table)
}

/// The headers of an answer, a line each, without those that every server writes by itself.
fn kept(head: &str) -> String {
    let own = ["content-length", "date", "connection", "transfer-encoding"];
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let lines = head.lines().skip(1).filter(|line| !own.contains(&name(line).as_str()));
    lines.map(|line| format!("{line}\n")).collect()
}

/// (b), (c) Saving answers, against one transaction per request. Each side has a database of its own.
pub fn saving(title: &str, ours: &Prepared, theirs: &Prepared, options: &Options, directory: &Path) -> Outcome<Table> {
    let plain = server::baseline("saves", &theirs.database.url(), Some(&theirs.database), directory)?;
    let mut table = Table::new(title.to_owned());
    for (log, label) in [("info", "waymark"), ("warn", "waymark, log=warn")] {
        let server = server::start(&ours.database, log, directory)?.settled(options)?;
        let sides = [
            Side { name: label, server: &server, scripts: Box::new(|count, run| ours.saves(count, run)) },
            Side { name: "one transaction each", server: &plain, scripts: Box::new(|count, run| theirs.saves(count, run)) },
        ];
        compare(&mut table, &sides, options)?;
    }
    table.notes.extend(log_size(&ours.database));
    Ok(table)
}

/// One server by itself, in its default configuration, at every number of connections.
pub fn by_itself(
    mut table: Table,
    prepared: &Prepared,
    script: &dyn Fn() -> Box<dyn Script>,
    options: &Options,
    directory: &Path,
) -> Outcome<Table> {
    let server = server::start(&prepared.database, "info", directory)?.settled(options)?;
    for &connections in &options.connections {
        let scripts = || (0..connections).map(|_| script()).collect();
        let run = |_| load::run(server.address, scripts(), options.span, &server.meter);
        let samples = (0..options.rounds).map(run).collect::<Outcome<Vec<Sample>>>()?;
        let line = Line::of(connections, "waymark", &samples, None);
        eprintln!("{line}");
        table.lines.push(line);
    }
    table.notes.extend(log_size(&prepared.database));
    Ok(table)
}

/// How large SQLite's write-ahead log became. It never shrinks while a server runs.
fn log_size(database: &Database) -> Option<String> {
    let Database::Sqlite(path) = database else { return None };
    let log = std::fs::metadata(format!("{}-wal", path.display())).ok()?;
    Some(format!("The write-ahead log (`-wal`) was {} KiB at the end.", log.len() / 1024))
}

/// Alternates between the two sides, round after round, and takes the median of every figure.
fn compare(table: &mut Table, sides: &[Side<'_>; 2], options: &Options) -> Outcome<()> {
    for &connections in &options.connections {
        let mut samples: [Vec<Sample>; 2] = [Vec::new(), Vec::new()];
        for _ in 0..options.rounds {
            for (side, samples) in sides.iter().zip(&mut samples) {
                samples.push(one(side, connections, options.span)?);
            }
        }
        let [ours, theirs] = samples;
        let ratio = median(&ours, |s| s.per_second) / median(&theirs, |s| s.per_second).max(f64::MIN_POSITIVE);
        for (side, samples, ratio) in
            sides.iter().zip([ours, theirs]).map(|(side, s)| (side, s, (side.name.starts_with("waymark")).then_some(ratio)))
        {
            let line = Line::of(connections, side.name, &samples, ratio);
            eprintln!("{line}");
            table.lines.push(line);
        }
    }
    Ok(())
}

fn one(side: &Side<'_>, connections: usize, span: Span) -> Outcome<Sample> {
    let meter: &Meter = &side.server.meter;
    load::run(side.server.address, (side.scripts)(connections, crate::next_run()), span, meter)
}
