//! The measured set: `tests/masking/README.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, reason = "tests")]

#[path = "masking/measure.rs"]
mod measure;

use proptest::prelude::*;
use serde_json::{Value, json};
use waymark_engine::masking;

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
        let exact = count.exact as f64
            - of_half().filter(|case| case.secrets.is_empty() && measure::count(case).exact == 1).count() as f64;
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
        assert!(count.recall() >= 0.95 && count.precision() >= 0.97 && exact >= 0.9, "{half}");
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

/// Pieces of the set, cut anywhere and put side by side, so that secrets are torn, meet and lay each other bare.
fn torn() -> impl Strategy<Value = String> {
    let all: Vec<Vec<char>> = planted().iter().chain(&harmless()).map(|case| case.text.chars().collect()).collect();
    let piece =
        (prop::sample::select(all), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(text, a, b)| {
            let (a, b) = (a.index(text.len()), b.index(text.len()));
            text[a.min(b)..=a.max(b)].iter().collect::<String>()
        });
    let glue = prop::sample::select(vec!["", " ", "\n", "\"", "\\", "=", "[email:1]", "[credential:7]", ": ", "&"]);
    prop::collection::vec((piece, glue), 1..6)
        .prop_map(|pieces| pieces.iter().map(|(piece, glue)| format!("{piece}{glue}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn masking_twice_is_masking_once(text in torn()) {
        let once = masking::text(&text);
        prop_assert_eq!(masking::text(&once), once);
    }

    #[test]
    fn json_stays_json_with_the_same_names(a in torn(), b in torn(), name in prop::sample::select(vec!["a", "password", "token", "value", "phone"])) {
        let inner = json!({"name": a, name: b, "list": [a, {"deep": b}], "n": 4111111111111111_u64});
        for text in [inner.to_string(), json!({"body": inner.to_string()}).to_string(), format!("data: {inner}\n\ndata: {inner}\n")] {
            let once = masking::text(&text);
            prop_assert_eq!(masking::text(&once), once.as_str());
            for line in once.lines().filter(|line| !line.is_empty()) {
                let read: Value = serde_json::from_str(line.trim_start_matches("data: ")).unwrap();
                let read = read["body"].as_str().map_or(read.clone(), |body| serde_json::from_str(body).unwrap());
                prop_assert_eq!(read.as_object().unwrap().keys().collect::<Vec<_>>(), inner.as_object().unwrap().keys().collect::<Vec<_>>());
                prop_assert_eq!(&read["n"], &inner["n"]);
            }
        }
    }

    /// A placeholder takes at most 24 bytes, and stands for one byte at least.
    #[test]
    fn what_is_masked_is_bounded(text in torn()) {
        prop_assert!(masking::text(&text).len() <= text.len() * 24 + 24);
    }
}
