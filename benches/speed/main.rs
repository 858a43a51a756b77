//! The measurement program: starts servers, puts load on them, prints tables and bars. See `benches/README.md`.
//!
//! `script/bench` runs it. It never fails for a slow figure, only for a wrong answer.
#![allow(clippy::disallowed_methods, reason = "a program of its own: it reads its own environment")]

mod baseline;
mod large;
mod load;
mod machine;
mod scenes;
mod server;
mod table;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use load::Span;
use server::{Database, Prepared};
use table::{Bar, Table};

/// The allocator of the service, so that the servers compared have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Usage: script/bench [OPTION...]
  --quick            a smoke test of some seconds; its figures mean nothing
  --seconds N        length of one run (default 3)
  --rounds N         alternating pairs of runs per row (default 3)
  --connections A,B  numbers of connections (default 1,16,64,256)
  --records N        length of the long log (default 1000000; the feed's bar speaks of 10000000)
  --only NAMES       of reading,sqlite,postgres,whole,pages,memory,log";

/// What to measure, and how long.
pub struct Options {
    pub span: Span,
    pub rounds: u32,
    pub connections: Vec<usize>,
    records: u32,
    only: Vec<String>,
}

/// Counts runs, so that each run's answers are newer than those of every run before.
pub fn next_run() -> u64 {
    static RUN: AtomicU64 = AtomicU64::new(0);
    RUN.fetch_add(1, Ordering::Relaxed)
}

fn main() -> std::process::ExitCode {
    waymark::install_crypto();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["bare", page, "--ready", ready] => baseline::bare(Path::new(ready), Path::new(page)),
        ["saves", url, "--ready", ready] => baseline::saves(Path::new(ready), url),
        ["--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        options => parse(options).and_then(|options| measure(&options)),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[&str]) -> Outcome<Options> {
    let (mut seconds, mut quick) = (3.0, false);
    let mut options = Options {
        span: Span { warm_up: Duration::from_millis(500), measured: Duration::ZERO },
        rounds: 3,
        connections: vec![1, 16, 64, 256],
        records: 1_000_000,
        only: Vec::new(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().copied().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
        match *argument {
            "--quick" => quick = true,
            "--seconds" => seconds = value()?.parse()?,
            "--rounds" => options.rounds = value()?.parse()?,
            "--connections" => options.connections = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--records" => options.records = value()?.parse()?,
            "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
            other => return Err(format!("no option {other}\n{USAGE}").into()),
        }
    }
    if quick {
        seconds = 0.3;
        options.span.warm_up = Duration::from_millis(50);
        (options.rounds, options.connections, options.records) = (1, vec![1, 16], 20_000);
    }
    options.span.measured = Duration::from_secs_f64(seconds);
    Ok(options)
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == name)
    }

    fn most(&self) -> usize {
        self.connections.iter().copied().max().unwrap_or(1)
    }
}

fn measure(options: &Options) -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let sqlite =
        |name: &str| -> Outcome<Prepared> { server::prepare(Database::Sqlite(directory.join(name)), options.most(), directory) };
    let mut tables = Vec::new();
    let mut bars = Vec::new();
    if options.wants("reading") {
        tables.push(scenes::reading(&sqlite("reading.db")?, options, directory)?);
    }
    if options.wants("sqlite") {
        let title = "(b) Saving answers durably on SQLite, against one transaction per request";
        tables.push(scenes::saving("sqlite", title, &sqlite("ours.db")?, &sqlite("theirs.db")?, options, directory)?);
    }
    if options.wants("postgres") {
        tables.push(postgres(options, directory)?);
    }
    bars.extend(bars_of(&tables));
    if options.wants("whole") {
        tables.push(scenes::whole(&sqlite("whole.db")?, options, directory)?);
        bars.extend(at_16(&tables, "whole", "CPU of a whole attempt, 15 answers, SQLite, µs, 16 connections", 800.0));
        let bytes = whole::stored_bytes(&sqlite("bytes.db")?, if options.records < 100_000 { 50 } else { 1_000 }, directory)?;
        bars.push(Bar::at_most("stored for a whole attempt of 15 answers, SQLite, bytes", 9_000.0, Some(bytes)));
    }
    if options.wants("pages") {
        for (name, path, goal) in [("records", "/v1/records?limit=50", 200.0), ("attempts", "/v1/attempts?limit=50", 700.0)] {
            tables.push(scenes::page(name, path, &sqlite(&format!("{name}.db"))?, options, directory)?);
            bars.extend(at_16(&tables, name, &format!("CPU of {path}, SQLite, µs, 16 connections"), goal));
        }
    }
    if options.wants("memory") {
        eprintln!("measuring memory");
        let (peak, held) = large::memory(&sqlite("memory.db")?, options, directory)?;
        bars.push(Bar::at_most(
            format!("memory, {} connections of mixed load, SQLite, peak MiB", options.most()),
            64.0,
            Some(peak),
        ));
        bars.push(Bar::at_most("the same, held afterwards, MiB", 64.0, Some(held)));
    }
    if options.wants("log") {
        bars.extend(long_log(&sqlite("short.db")?, &sqlite("long.db")?, options, directory)?);
    }
    tables.iter().for_each(|table| print!("{table}"));
    println!("\n| bar | goal | measured | |\n|---|---|---|---|");
    bars.iter().for_each(|bar| println!("{bar}"));
    Ok(())
}

fn postgres(options: &Options, directory: &Path) -> Outcome<Table> {
    let data = PathBuf::from(std::env::var_os("WAYMARK_TEST_PGDATA").ok_or("no PostgreSQL: start this with script/bench")?);
    let admin = std::env::var("WAYMARK_TEST_POSTGRES")?;
    let pid = std::fs::read_to_string(data.join("postmaster.pid"))?;
    let postmaster: u32 = pid.lines().next().unwrap_or_default().trim().parse()?;
    let (server, _) = admin.rsplit_once('/').ok_or("WAYMARK_TEST_POSTGRES names no database")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&admin, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        for name in ["bench_ours", "bench_theirs"] {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        }
        let fsync: String = client.query_one("SHOW fsync", &[]).await?.get(0);
        if fsync == "on" {
            Outcome::Ok(())
        } else {
            Err("this cluster runs without fsync: its figures would mean nothing".into())
        }
    })?;
    let prepare = |name: &str| {
        server::prepare(Database::Postgres { url: format!("{server}/{name}"), postmaster }, options.most(), directory)
    };
    let title = "(c) Saving answers durably on PostgreSQL, against one transaction per request";
    scenes::saving("postgres", title, &prepare("bench_ours")?, &prepare("bench_theirs")?, options, directory)
}

fn long_log(short: &Prepared, long: &Prepared, options: &Options, directory: &Path) -> Outcome<Vec<Bar>> {
    eprintln!("making logs of 10000 and of {} records", options.records);
    let cursors = [large::with_records(short, 10_000)?, large::with_records(long, options.records)?];
    eprintln!("measuring the start and the feed");
    let start = large::start(long, directory)?;
    let [small, big] = large::feed([short, long], [&cursors[0], &cursors[1]], options.span.measured * 2, directory)?;
    let records = options.records;
    Ok(vec![
        Bar::at_most(format!("start to ready, {records} records, SQLite, ms"), 300.0, Some(start)),
        Bar::at_most(
            format!("a page of 50 at the end of {records} records ({big:.0} µs) / of 10000 ({small:.0} µs)"),
            1.5,
            Some(big / small.max(1.0)),
        ),
    ])
}

/// The bar of the CPU of a request at 16 connections.
fn at_16(tables: &[Table], name: &str, what: &str, goal: f64) -> Option<Bar> {
    let line = tables.iter().find(|table| table.name == name).and_then(|table| table.line("waymark", 16));
    Some(Bar::at_most(what, goal, Some(line?.cpu())))
}

/// The bars of the three comparisons, all with the default configuration (`log` is `info`).
fn bars_of(tables: &[Table]) -> Vec<Bar> {
    let line = |table: &str, connections| tables.iter().find(|t| t.name == table).and_then(|t| t.line("waymark", connections));
    let quiet = |connections| tables.iter().find(|t| t.name == "reading").and_then(|t| t.line("waymark, log=warn", connections));
    let mut bars = Vec::new();
    for connections in [16, 64, 256] {
        let what = format!("reading a lesson / bare route, {connections} connections");
        bars.push(Bar::at_least(what.clone(), 0.85, line("reading", connections).and_then(|l| l.ratio)));
        bars.push(Bar::at_least(format!("{what}, log=warn"), 0.85, quiet(connections).and_then(|l| l.ratio)));
    }
    for (table, name, goals, cpu) in [("sqlite", "SQLite", [5.0, 8.0], 80.0), ("postgres", "PostgreSQL", [2.5, 2.5], 200.0)] {
        for (connections, goal) in [64, 256].into_iter().zip(goals) {
            let what = format!("saves on {name} / one transaction each, {connections} connections");
            bars.push(Bar::at_least(what, goal, line(table, connections).and_then(|l| l.ratio)));
        }
        let at_64 = line(table, 64);
        bars.push(Bar::at_most(format!("CPU of a save on {name}, whole path, µs, 64 connections"), cpu, at_64.map(|l| l.cpu())));
        bars.push(Bar::at_most(format!("p99 / p50 of saves on {name}, 64 connections"), 6.0, at_64.map(|l| l.spread)));
    }
    bars
}
