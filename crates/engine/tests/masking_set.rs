//! The measured set: `tests/masking/README.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, reason = "tests")]

#[path = "masking/measure.rs"]
mod measure;

use measure::{Case, by_kind, harmless, kinds_that_survive, planted, total};

/// Recall at least .95, precision at least .97, of the half that may be looked at and of the one that only counts.
#[test]
fn what_is_planted_is_masked_and_what_is_harmless_stays() {
    let (planted, harmless) = (planted(), harmless());
    let kinds = by_kind(&planted);
    println!("{} kinds planted, {} of them survive", kinds.len(), kinds_that_survive(&kinds));
    let all: Vec<&Case> = planted.iter().chain(&harmless).collect();
    for (half, open) in [("odd", true), ("even", false)] {
        let of_half = || all.iter().copied().filter(|case| case.is_open() == open);
        let count = total(of_half());
        let secrets = of_half().filter(|case| !case.secrets.is_empty()).count();
        let exact = count.exact as f64 - of_half().filter(|case| case.secrets.is_empty() && measure::count(case).exact == 1).count() as f64;
        let exact = exact / secrets as f64;
        println!("{half}: recall {:.3}, precision {:.3}, exact {exact:.3}", count.recall(), count.precision());
        if open {
            for case in of_half() {
                let count = measure::count(case);
                if count.masked < count.secrets || count.false_alarms > 0 {
                    let out = waymark_engine::masking::text(&case.text);
                    println!("  {} {}: {:?} -> {out:?}", case.id, case.kind, case.text);
                }
            }
        }
        assert!(std::env::var_os("SHOW").is_some() || count.recall() >= 0.95 && count.precision() >= 0.97 && exact >= 0.9, "{half}");
    }
}

/// The set says what it is for: enough kinds, enough of each sort.
#[test]
fn the_set_is_as_large_as_it_says() {
    let (planted, harmless) = (planted(), harmless());
    let secrets: usize = planted.iter().map(|case| case.secrets.len()).sum();
    assert!(planted.len() >= 150 && by_kind(&planted).len() >= 60 && secrets >= planted.len() && harmless.len() >= 200);
    assert!(planted.iter().all(|case| case.secrets.iter().all(|secret| !secret.is_empty())));
    assert!(harmless.iter().all(|case| case.secrets.is_empty()));
}
