//! What a server on SQLite keeps in memory: at rest, after many connections of mixed load, after submissions.

use std::path::Path;

use crate::load::{self, Same, Script, Turns};
use crate::machine::memory_mib;
use crate::server::{self, Prepared, Server};
use crate::table::Bar;
use crate::{Options, Outcome, exercise};

/// The bars of memory; the peaks are told beside them.
pub fn bars(prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<Vec<Bar>> {
    eprintln!("measuring memory");
    let most = options.most();
    let fresh = server::start(&prepared.database, "info", directory)?.settled(options)?;
    let at_rest = memory_mib(fresh.pid(), "VmRSS:")?;
    let (mixed_peak, mixed) = after_load(&fresh, mixed(prepared, options), options)?;
    drop(fresh); // two servers on one SQLite file are refused
    let fresh = server::start(&prepared.database, "info", directory)?.settled(options)?;
    let scripts = (0..most).map(|_| exercise::submissions(prepared)).collect();
    let (handing_in_peak, handed_in) = after_load(&fresh, scripts, options)?;
    Ok(vec![
        Bar::at_most("memory at rest, SQLite, MiB", 40.0, Some(at_rest)),
        Bar::at_most(format!("memory after {most} connections of mixed load, SQLite, MiB"), 64.0, Some(mixed)),
        Bar::no_goal("the same, at its peak", mixed_peak),
        Bar::at_most(format!("memory after submissions over {most} connections, SQLite, MiB"), 80.0, Some(handed_in)),
        Bar::no_goal("the same, at its peak", handing_in_peak),
    ])
}

/// The most memory under a load, and what is held when it has ended.
fn after_load(server: &Server, scripts: Vec<Box<dyn Script>>, options: &Options) -> Outcome<(f64, f64)> {
    let sample = load::run(server.address, scripts, options.span, &server.meter)?;
    Ok((sample.peak_mib.max(memory_mib(server.pid(), "VmHWM:")?), memory_mib(server.pid(), "VmRSS:")?))
}

/// Each connection reads a lesson, its quiz, an attempt, a list and the feed, and saves an answer, in turn.
fn mixed(prepared: &Prepared, options: &Options) -> Vec<Box<dyn Script>> {
    let get = |path: &str| -> Box<dyn Script> { Box::new(Same::get(path, &prepared.token, b"")) };
    let saves = prepared.saves(options.most(), crate::next_run()).into_iter();
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
    scripts.collect()
}
