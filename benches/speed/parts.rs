//! The parts of a run, in their order: each has databases of its own, prints its tables, and gives its bars.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use crate::cluster::Cluster;
use crate::filled::{self, Filled};
use crate::load::{Same, Script};
use crate::server::{self, Database, Prepared};
use crate::table::{Bar, Table};
use crate::whole::{self, LEARNERS, Wholes};
use crate::{Options, Outcome, exercise, growth, memory, open, scenes};

/// What parts share.
pub struct Bench<'a> {
    options: &'a Options,
    directory: &'a Path,
    /// Databases that several parts read.
    filled: RefCell<Vec<Rc<Filled>>>,
}

type Part = fn(&Bench<'_>) -> Outcome<Vec<Bar>>;

pub const PARTS: [(&str, Part); 11] = [
    ("reading", reading),
    ("sqlite", sqlite),
    ("postgres", postgres),
    ("whole", whole_attempts),
    ("pages", pages),
    ("submissions", submissions),
    ("diagnosis", diagnosis),
    ("open", open_loop),
    ("memory", memory_kept),
    ("filters", filters),
    ("growth", growth_of_lists),
];

/// The records of the small one of two databases.
const FEW: u32 = 10_000;

pub fn measure(options: &Options) -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let bench = Bench { options, directory: directory.path(), filled: RefCell::default() };
    let mut bars = Vec::new();
    let done = PARTS.iter().filter(|(name, _)| options.wants(name)).try_for_each(|(_, part)| {
        bars.extend(part(&bench)?);
        Ok(())
    });
    // Also where a part failed: what was measured before it is worth reading.
    println!("\n| bar | goal | measured | |\n|---|---|---|---|");
    bars.iter().for_each(|bar| println!("{bar}"));
    done
}

impl Bench<'_> {
    fn empty(&self, name: &str) -> Database {
        Database::Sqlite(self.directory.join(format!("{name}.db")))
    }

    /// With an open attempt for each connection.
    fn prepare(&self, database: Database) -> Outcome<Prepared> {
        server::prepare(database, self.options.most(), self.directory)
    }

    fn sqlite(&self, name: &str) -> Outcome<Prepared> {
        self.prepare(self.empty(name))
    }

    /// A database on each system, without attempts.
    fn one_of_each(&self, name: &str) -> Outcome<[(&'static str, Prepared); 2]> {
        let of = |database| server::prepare(database, 0, self.directory);
        Ok([("SQLite", of(self.empty(name))?), ("PostgreSQL", of(Cluster::find()?.database(&format!("bench_{name}"))?)?)])
    }

    fn alone(&self, title: String, prepared: &Prepared, script: &dyn Fn() -> Box<dyn Script>) -> Outcome<Table> {
        let table = scenes::by_itself(Table::new(title), prepared, script, self.options, self.directory)?;
        print!("{table}");
        Ok(table)
    }

    fn filled(&self, records: u32) -> Outcome<Rc<Filled>> {
        if let Some(there) = self.filled.borrow().iter().find(|filled| filled.records == records) {
            return Ok(there.clone());
        }
        let made = Rc::new(filled::fill(self.empty(&format!("filled-{records}")), records, self.directory)?);
        self.filled.borrow_mut().push(made.clone());
        Ok(made)
    }
}

/// The bar of the CPU of a request at 16 connections.
fn cpu_bar(table: &Table, what: &str, goal: f64) -> Bar {
    Bar::at_most(format!("CPU of {what}, µs, 16 connections"), goal, table.line("waymark", 16).map(|line| line.cpu()))
}

fn reading(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let table = scenes::reading(&bench.sqlite("reading")?, bench.options, bench.directory)?;
    print!("{table}");
    let mut bars = Vec::new();
    for connections in [16, 64, 256] {
        let what = format!("reading a lesson / bare route, {connections} connections");
        for (label, end) in [("waymark", ""), ("waymark, log=warn", ", log=warn")] {
            let ratio = table.line(label, connections).and_then(|line| line.ratio);
            bars.push(Bar::at_least(format!("{what}{end}"), 0.9, ratio));
        }
    }
    Ok(bars)
}

fn sqlite(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let title = "(b) Saving answers durably on SQLite, against one transaction per request";
    let (ours, theirs) = (bench.sqlite("ours")?, bench.sqlite("theirs")?);
    let table = scenes::saving(title, &ours, &theirs, bench.options, bench.directory)?;
    print!("{table}");
    Ok(saving_bars(&table, "SQLite", &[(64, 6.0), (256, 9.0)], 70.0))
}

fn postgres(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let title = "(c) Saving answers durably on PostgreSQL, against one transaction per request";
    let cluster = Cluster::find()?;
    let [ours, theirs] = ["bench_ours", "bench_theirs"].map(|name| bench.prepare(cluster.database(name)?));
    let table = scenes::saving(title, &ours?, &theirs?, bench.options, bench.directory)?;
    print!("{table}");
    Ok(saving_bars(&table, "PostgreSQL", &[(1, 1.0), (64, 2.5), (256, 2.5)], 180.0))
}

/// All with the default configuration (`log` is `info`).
fn saving_bars(table: &Table, name: &str, ratios: &[(usize, f64)], cpu: f64) -> Vec<Bar> {
    let mut bars = Vec::new();
    for &(connections, goal) in ratios {
        let what = format!("saves on {name} / one transaction each, {connections} connections");
        bars.push(Bar::at_least(what, goal, table.line("waymark", connections).and_then(|line| line.ratio)));
    }
    let at_64 = table.line("waymark", 64);
    let what = format!("CPU of a save on {name}, server and database, µs, 64 connections");
    bars.push(Bar::at_most(what, cpu, at_64.map(|line| line.cpu())));
    bars.push(Bar::at_most(format!("p99 / p50 of saves on {name}, 64 connections"), 6.0, at_64.map(|line| line.spread)));
    bars
}

fn whole_attempts(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let mut bars = Vec::new();
    for ((system, prepared), goal) in bench.one_of_each("whole")?.into_iter().zip([800.0, 3_000.0]) {
        let wholes = Wholes::new(&prepared, LEARNERS)?;
        let title = format!("(d) Whole attempts, 15 answers and submit in one call, on {system}");
        let table = bench.alone(title, &prepared, &|| wholes.script())?;
        bars.push(cpu_bar(&table, &format!("a whole attempt of 15 answers on {system}"), goal));
    }
    eprintln!("measuring what is stored");
    let (attempts, open) = if bench.options.quick { (50, 10) } else { (1_000, 200) };
    let [of_attempts, of_answers] = ["attempts", "answers"].map(|name| server::prepare(bench.empty(name), 0, bench.directory));
    let attempt = whole::bytes_of_an_attempt(&of_attempts?, attempts, bench.directory)?;
    let answer = whole::bytes_of_an_answer(&of_answers?, open, bench.directory)?;
    bars.push(Bar::at_most("stored for a whole attempt of 15 answers, SQLite, bytes", 9_000.0, Some(attempt)));
    bars.push(Bar::at_most("stored for an answer that is saved by itself, SQLite, bytes", 500.0, Some(answer)));
    Ok(bars)
}

fn pages(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let mut bars = Vec::new();
    for (system, prepared) in bench.one_of_each("pages")? {
        let server = server::start(&prepared.database, "warn", bench.directory)?;
        Wholes::new(&prepared, 100)?.bring(&mut server::Asker::open(&server, &prepared.token)?, 100)?;
        drop(server);
        for (name, goal) in [("records", 200.0), ("attempts", 700.0)] {
            let path = format!("/v1/{name}?limit=50");
            let title = format!("(e) A page of 50 {name}, on {system}");
            let script = || -> Box<dyn Script> { Box::new(Same::get(&path, &prepared.token, b"\"items\":[{")) };
            let table = bench.alone(title, &prepared, &script)?;
            let what = format!("a page of 50 {name} on {system}");
            // The goals are those of SQLite.
            bars.push(if system == "SQLite" { cpu_bar(&table, &what, goal) } else { told_cpu(&table, &what) });
        }
    }
    Ok(bars)
}

/// The CPU of a request at 16 connections, without a goal.
fn told_cpu(table: &Table, what: &str) -> Bar {
    let cpu = table.line("waymark", 16).map_or(0.0, |line| line.cpu());
    Bar::no_goal(format!("CPU of {what}, µs, 16 connections"), cpu)
}

fn submissions(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let prepared = server::prepare(bench.empty("submissions"), 0, bench.directory)?;
    let title = "(f) Submissions of 7 KB, handed in with feedback, on SQLite".to_owned();
    let table = bench.alone(title, &prepared, &|| exercise::submissions(&prepared))?;
    Ok(vec![cpu_bar(&table, "a submission with feedback on SQLite", 600.0)])
}

fn diagnosis(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let prepared = server::prepare(bench.empty("diagnosis"), 0, bench.directory)?;
    let title = "(g) Diagnoses of 4 KB of evidence, nothing kept".to_owned();
    let table = bench.alone(title, &prepared, &|| exercise::diagnoses(&prepared))?;
    Ok(vec![told_cpu(&table, "a diagnosis of 4 KB")])
}

fn open_loop(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let systems = [("SQLite", bench.empty("open")), ("PostgreSQL", Cluster::find()?.database("bench_open")?)];
    for (system, database) in systems {
        print!("{}", open::saves(system, &bench.prepare(database)?, bench.options, bench.directory)?);
    }
    Ok(Vec::new())
}

fn memory_kept(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    memory::bars(&bench.sqlite("memory")?, bench.options, bench.directory)
}

fn filters(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let (table, bars) = growth::filters(&*bench.filled(bench.options.records)?, bench.options, bench.directory)?;
    print!("{table}");
    Ok(bars)
}

fn growth_of_lists(bench: &Bench<'_>) -> Outcome<Vec<Bar>> {
    let (small, large) = (bench.filled(FEW)?, bench.filled(bench.options.records)?);
    eprintln!("measuring the start");
    let what = format!("start to ready, {} records, SQLite, ms", large.records);
    let mut bars = vec![Bar::at_most(what, 120.0, Some(growth::start_time(&large, bench.directory)?))];
    let table = growth::compare_sizes(&small, &large, bench.options, bench.directory)?;
    print!("{table}");
    bars.extend(table.bars());
    Ok(bars)
}
