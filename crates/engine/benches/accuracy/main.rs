//! How often the diagnosis is right, how well it knows how sure it is, and what it costs.
//!
//! `script/accuracy` runs it; `--help` lists what it takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on stops, and says where"
)]

mod cost;
mod labelled;
mod table;

use std::path::{Path, PathBuf};

use clap::Parser;
use waymark_engine::Engine;

/// Measures the diagnosis: accuracy per layer, language and form, F1 on answers labelled by people, calibration, cost.
#[derive(Debug, Parser)]
struct Args {
    /// Labelled sets, JSON line by line; without any the two of tests/diagnosis
    #[arg(long)]
    labelled: Vec<PathBuf>,
    /// Answers labelled by people, JSON line by line: {"completion", "label": full_compliance | partial_refusal | full_refusal}
    #[arg(long)]
    answers: Option<PathBuf>,
    /// Print what it got wrong, of the half that may be looked at
    #[arg(long)]
    wrong: bool,
    /// Leave the cost out
    #[arg(long)]
    no_cost: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let args = Args::parse();
    let engine = Engine::built_in().expect("the built-in signals are sound");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/diagnosis");
    let sets = match args.labelled.is_empty() {
        true => vec![own.join("labelled.jsonl"), own.join("blind.jsonl")],
        false => args.labelled,
    };
    for set in &sets {
        let cases = labelled::read(set);
        let judged = labelled::judge(&engine, &cases);
        println!("\n== {}", set.file_name().unwrap_or_default().to_string_lossy());
        table::layers(&judged);
        table::groups(&judged);
        table::extents(&judged);
        table::reliability(&judged);
        if args.wrong {
            table::wrong(&judged);
        }
    }
    if let Some(path) = &args.answers {
        labelled::report_answers(&engine, &labelled::answers(path), args.wrong);
    }
    if !args.no_cost {
        cost::report(&engine, &labelled::read(&sets[0]));
    }
}
