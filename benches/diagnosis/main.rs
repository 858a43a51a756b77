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
mod fit;
mod labelled;
mod table;

use std::path::PathBuf;

use clap::Parser;
use waymark::diagnosis::Engine;

/// Measures the diagnosis: accuracy per layer on the labelled set, F1 on answers labelled by people, calibration, cost.
#[derive(Debug, Parser)]
struct Args {
    /// The labelled set
    #[arg(long, default_value = "tests/diagnosis/labelled.jsonl")]
    labelled: PathBuf,
    /// Answers labelled by people, JSON line by line: {"completion", "label": full_compliance | partial_refusal | full_refusal}
    #[arg(long)]
    answers: Option<PathBuf>,
    /// Print what it got wrong, of the half that may be looked at
    #[arg(long)]
    wrong: bool,
    /// Fit the weights of the wording model to the answers and the labelled texts, and print them
    #[arg(long)]
    fit: bool,
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
    let cases = labelled::read(&args.labelled);
    let answers = args.answers.as_ref().map(|path| labelled::answers(path));
    if args.fit {
        fit::run(&engine.lexicon, answers.as_deref().unwrap_or_default(), &cases);
        return;
    }
    let judged = labelled::judge(&engine, &cases);
    table::layers(&judged);
    table::extents(&judged);
    table::reliability(
        "certainty of verdicts on the labelled set",
        judged.iter().map(|one| (one.verdict.confidence, one.right())),
    );
    if args.wrong {
        table::wrong(&judged);
    }
    if let Some(answers) = &answers {
        labelled::report_answers(&engine, answers, args.wrong);
    }
    if !args.no_cost {
        cost::report(&engine, &cases);
    }
}
