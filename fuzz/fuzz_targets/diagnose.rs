//! Whatever somebody pastes gets a verdict: no panic, no endless loop, and the same answer twice.
//!
//! `script/fuzz` runs it; `crates/engine/src/engine_tests.rs` runs its corpus with every test.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waymark::diagnosis::evidence::HttpEvidence;
use waymark::diagnosis::{Engine, Evidence};

fuzz_target!(|bytes: &[u8]| {
    let engine = Engine::built_in().expect("the built-in signals are sound");
    let text = String::from_utf8_lossy(bytes).into_owned();
    let as_body = Evidence {
        http: Some(HttpEvidence { status: None, headers: Vec::new(), body: Some(text.clone()) }),
        ..Evidence::default()
    };
    let as_text = Evidence { visible_text: Some(text.clone()), ..Evidence::default() };
    let given = serde_json::from_str::<Evidence>(&text).ok();
    for evidence in [Some(as_body), Some(as_text), given].into_iter().flatten() {
        let verdict = engine.diagnose(&evidence, None);
        assert!((0.0..=1.0).contains(&verdict.confidence));
        assert_eq!(verdict, engine.diagnose(&evidence, None));
    }
});
