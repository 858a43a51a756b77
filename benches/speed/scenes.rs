//! The three comparisons: alternating pairs, medians, one table each.

use std::path::Path;

use crate::load::{self, Same, Sample, Script, Span};
use crate::machine::Meter;
use crate::server::{self, Prepared, Server};
use crate::table::{Line, Table, median};
use crate::whole::Wholes;
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
    let told = server::start(&prepared.database, "info", directory)?;
    let path = prepared.lesson_path();
    let (head, body) = server::ask(told.address, "GET", &path, &prepared.token, "")?;
    let page = directory.join("page");
    let size = body.len();
    std::fs::write(&page, [kept(&head).as_bytes(), b"\n", &body].concat())?;
    let bare = server::baseline("bare", &page.to_string_lossy(), None, directory)?;
    let scripts = |count: usize, _: u64| -> Vec<Box<dyn Script>> {
        (0..count).map(|_| -> Box<dyn Script> { Box::new(Same::get(&path, &prepared.token, b"")) }).collect()
    };
    let title = format!("(a) Reading a lesson ({size} bytes) with a verified token, against a bare route with the same bytes");
    let mut table = Table::new("reading", title);
    let sides = [
        Side { name: "waymark", server: &told, scripts: Box::new(scripts) },
        Side { name: "bare route", server: &bare, scripts: Box::new(scripts) },
    ];
    compare(&mut table, &sides, options)?;
    drop(sides);
    drop(told); // before the next one: two servers on one SQLite file are refused
    let quiet = server::start(&prepared.database, "warn", directory)?;
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
pub fn saving(
    name: &'static str,
    title: &str,
    ours: &Prepared,
    theirs: &Prepared,
    options: &Options,
    directory: &Path,
) -> Outcome<Table> {
    let plain = server::baseline("saves", &theirs.database.url(), Some(&theirs.database), directory)?;
    let mut table = Table::new(name, title.to_owned());
    for (log, label) in [("info", "waymark"), ("warn", "waymark, log=warn")] {
        let server = server::start(&ours.database, log, directory)?;
        let sides = [
            Side { name: label, server: &server, scripts: Box::new(|count, run| ours.saves(count, run)) },
            Side { name: "one transaction each", server: &plain, scripts: Box::new(|count, run| theirs.saves(count, run)) },
        ];
        compare(&mut table, &sides, options)?;
    }
    Ok(table)
}

/// (d) Whole attempts that were made offline.
pub fn whole(prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<Table> {
    let server = server::start(&prepared.database, "warn", directory)?;
    let mut table = Table::new("whole", "(d) Whole attempts, 15 answers and submit in one call, on SQLite".to_owned());
    let scripts = |connections: usize| -> Outcome<Vec<Box<dyn Script>>> {
        (0..connections).map(|_| -> Outcome<Box<dyn Script>> { Ok(Box::new(Wholes::new(prepared)?)) }).collect()
    };
    alone(&mut table, &server, &scripts, options)?;
    Ok(table)
}

/// (e), (f) Pages of a list, of 50 rows, of a database with some hundred whole attempts.
pub fn page(name: &'static str, path: &str, prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<Table> {
    crate::whole::stored_bytes(prepared, 100, directory)?;
    let server = server::start(&prepared.database, "warn", directory)?;
    let mut table = Table::new(name, format!("A page: {path}, on SQLite"));
    let scripts = |connections: usize| -> Outcome<Vec<Box<dyn Script>>> {
        let one = |_| -> Box<dyn Script> { Box::new(Same::get(path, &prepared.token, b"\"items\":[{")) };
        Ok((0..connections).map(one).collect())
    };
    alone(&mut table, &server, &scripts, options)?;
    Ok(table)
}

/// One server by itself, at every number of connections.
fn alone(
    table: &mut Table,
    server: &Server,
    scripts: &dyn Fn(usize) -> Outcome<Vec<Box<dyn Script>>>,
    options: &Options,
) -> Outcome<()> {
    for &connections in &options.connections {
        let run = |_| load::run(server.address, scripts(connections)?, options.span, &server.meter);
        let samples = (0..options.rounds).map(run).collect::<Outcome<Vec<Sample>>>()?;
        let line = Line::of(connections, "waymark", &samples, None);
        eprintln!("{line}");
        table.lines.push(line);
    }
    Ok(())
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
