//! The measurement program: starts servers, puts load on them, prints tables and bars. See `benches/README.md`.
//!
//! `script/bench` runs it. It never fails for a slow figure, only for a wrong answer.
#![allow(clippy::disallowed_methods, reason = "a program of its own: it reads its own environment")]

mod baseline;
mod cluster;
mod exercise;
mod filled;
mod growth;
mod load;
mod machine;
mod memory;
mod open;
mod parts;
mod scenes;
mod server;
mod table;
mod whole;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use load::Span;

/// The allocator of the service, so that the servers compared have the same.
#[global_allocator]
static ALLOCATOR: allocator::MiMalloc = allocator::MiMalloc;

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Usage: script/bench [OPTION...]
  --quick            a smoke test of a minute: every part, and figures that mean nothing
  --seconds N        length of one run (default 3)
  --rounds N         alternating pairs of runs per row (default 3)
  --connections A,B  numbers of connections (default 1,16,64,256)
  --records N        length of the long log (default 1000000)
  --only NAMES       parts, separated by commas, of ";

/// What to measure, and how long.
pub struct Options {
    pub span: Span,
    pub rounds: u32,
    pub connections: Vec<usize>,
    pub records: u32,
    pub quick: bool,
    only: Vec<String>,
}

/// Counts runs, so that each run's answers are newer than those of every run before.
pub fn next_run() -> u64 {
    static RUN: AtomicU64 = AtomicU64::new(0);
    RUN.fetch_add(1, Ordering::Relaxed)
}

fn usage() -> String {
    format!("{USAGE}{}", parts::PARTS.map(|(name, _)| name).join(","))
}

fn main() -> std::process::ExitCode {
    allocator::give_back_soon();
    waymark::install_crypto();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["bare", page, "--ready", ready] => baseline::bare(Path::new(ready), Path::new(page)),
        ["saves", url, "--ready", ready] => baseline::saves(Path::new(ready), url),
        ["--help"] => {
            println!("{}", usage());
            Ok(())
        }
        options => parse(options).and_then(|options| parts::measure(&options)),
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
    let mut seconds = 3.0;
    let mut options = Options {
        span: Span { warm_up: Duration::from_millis(500), measured: Duration::ZERO },
        rounds: 3,
        connections: vec![1, 16, 64, 256],
        records: 1_000_000,
        quick: false,
        only: Vec::new(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().copied().ok_or_else(|| format!("{argument} needs a value\n{}", usage()));
        match *argument {
            "--quick" => options.quick = true,
            "--seconds" => seconds = value()?.parse()?,
            "--rounds" => options.rounds = value()?.parse()?,
            "--connections" => options.connections = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--records" => options.records = value()?.parse()?,
            "--only" => options.only = value()?.split(',').map(known).collect::<Result<_, _>>()?,
            other => return Err(format!("no option {other}\n{}", usage()).into()),
        }
    }
    if options.quick {
        seconds = 0.25;
        options.span.warm_up = Duration::from_millis(50);
        (options.rounds, options.connections, options.records) = (1, vec![1, 16], 40_000);
    }
    options.span.measured = Duration::from_secs_f64(seconds);
    Ok(options)
}

fn known(part: &str) -> Result<String, String> {
    if parts::PARTS.iter().any(|(name, _)| *name == part) {
        Ok(part.to_owned())
    } else {
        Err(format!("no part {part}\n{}", usage()))
    }
}

impl Options {
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == name)
    }

    /// The largest number of connections.
    pub fn most(&self) -> usize {
        self.connections.iter().copied().max().unwrap_or(1)
    }
}
