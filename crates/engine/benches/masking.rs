//! How much of the measured set is masked, by kind, and what masking costs. `tests/masking/README.md` says how it is counted.
//!
//! Half of the set only counts: of it the sums alone are shown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, reason = "a program for people")]

#[path = "../tests/masking/measure.rs"]
mod measure;

use std::hint::black_box;
use std::time::Instant;

use measure::{Case, Count, by_kind, count, harmless, kinds_that_survive, planted, total};
use serde_json::{Value, json};
use waymark_engine::compiled::built_in_examples;
use waymark_engine::masking;

fn main() {
    quality();
    cost();
}

fn quality() {
    let (planted, harmless) = (planted(), harmless());
    println!("| kind | secrets | masked | false alarms | exact |\n|---|---|---|---|---|");
    for cases in [&planted, &harmless] {
        for (kind, Count { texts, secrets, masked, false_alarms, exact }) in by_kind(cases) {
            println!("| {kind} | {secrets} | {masked} | {false_alarms} | {exact} of {texts} |");
        }
    }
    let kinds = by_kind(&planted);
    println!("\n{} kinds planted; of {} of them something survives", kinds.len(), kinds_that_survive(&kinds));
    for (name, open) in [("may be looked at", true), ("only counts", false)] {
        let half = total(planted.iter().chain(&harmless).filter(|case| case.is_open() == open));
        println!("the half that {name}: recall {:.3}, precision {:.3}", half.recall(), half.precision());
    }
    let all = total(planted.iter().chain(&harmless));
    println!("all: recall {:.3}, precision {:.3}", all.recall(), all.precision());
    for case in planted.iter().chain(&harmless).filter(|case| case.is_open() && !is_right(case)) {
        println!("{} ({}): {}", case.id, case.kind, masking::text(&case.text));
    }
}

fn is_right(case: &Case) -> bool {
    let count = count(case);
    count.masked == count.secrets && count.false_alarms == 0
}

/// Microseconds a KB, the best of several rounds: what masking takes when nothing else has the processor.
fn cost() {
    let signals = waymark_engine::compiled::embedded_signals().unwrap().signals;
    let examples = signals.iter().flat_map(|file| &file.signals).filter_map(|one| built_in_examples(&one.id));
    let examples = examples.flat_map(|one| one.positive.into_iter().chain(one.negative));
    let evidence: Vec<Value> = examples.map(|one| json!({ "evidence": one })).collect();
    let texts = |cases: Vec<Case>| cases.into_iter().map(|case| json!([case.text])).collect::<Vec<_>>();
    let prose = json!(["The answer came back empty, and the page said that a filter had stopped it. ".repeat(90)]);
    println!("\n| what | documents | KB each | µs a KB |\n|---|---|---|---|");
    for (name, documents) in [
        ("evidence of the signals' examples", evidence),
        ("planted, dense with secrets", texts(planted())),
        ("harmless", texts(harmless())),
        ("plain prose", vec![prose]),
    ] {
        let kb = documents.iter().map(|one| one.to_string().len()).sum::<usize>() as f64 / 1024.0;
        let round = || {
            let mut copies = documents.clone();
            let start = Instant::now();
            for one in &mut copies {
                black_box(masking::document(one));
            }
            start.elapsed().as_secs_f64() * 1e6 / kb
        };
        let best = (0..30).map(|_| round()).fold(f64::INFINITY, f64::min);
        println!("| {name} | {} | {:.1} | {best:.2} |", documents.len(), kb / documents.len() as f64);
    }
}
