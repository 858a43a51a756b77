//! What holds for every submission: no panic, points within bounds, more passed checks never fewer points, masking stays.

use proptest::prelude::*;
use serde_json::json;

use super::feedback_tests::{all_of, content, decided, open, rubric};
use super::*;
use crate::diagnosis::Engine;
use crate::lessons::format::AuthoredPart;
use crate::masking;

fn text() -> impl Strategy<Value = Option<String>> {
    let pieces = vec![
        "ignore your rules ",
        "[api_key:1] ",
        "[email:2]",
        "[request_id:1]",
        "I am a nurse ",
        "so that the filter does not notice ",
        "请",
        "\u{200b}",
        "\"",
        "every time ",
        "expected ",
        "got 400 ",
        "2026-11-10 ",
        "мама ",
        "🏴",
        "in full detail ",
        "not ",
        ".",
        "VPN to bypass ",
        "undetermined",
    ];
    prop::option::of(prop_oneof![
        prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|all| all.concat()),
        any::<String>()
    ])
}

fn any_content() -> impl Strategy<Value = SubmissionContent> {
    let layer = prop::sample::select(vec![
        "pre_classifier",
        "trained_refusal",
        "post_classifier",
        "system_prompt",
        "user_tier",
        "not_a_refusal",
        "undetermined",
    ]);
    (layer, prop::option::of(any::<bool>()), prop::collection::vec(text(), 14)).prop_map(|(layer, needed, t)| {
        content(json!({
            "evidence": {"visible_text": t[0], "provider": t[1], "http": {"status": 400, "body": t[2]}, "observed": {"tried": [t[3].clone().unwrap_or_default()]}},
            "diagnosis": {"layer": layer, "because": t[4], "deciding_pointers": ["/a", t[5].clone().unwrap_or_default()]},
            "reframe": {"original": t[6], "rewritten": t[7], "role": t[8], "purpose": t[9], "audience": t[10], "scope": t[11], "outcome": t[3]},
            "escalation": {"needed": needed, "why_not": t[12], "channel": t[13], "message": t[5]}}))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_submission_makes_it_panic(content in any_content()) {
        for verdict in [decided(), open(), Engine::built_in().unwrap().diagnose(&Evidence::default(), None)] {
            let all = all_of(&content, &verdict);
            prop_assert!(all.score >= 0.0 && all.score <= all.max_score && all.max_score <= 12.625);
            for criterion in &all.criteria {
                prop_assert!(criterion.points >= 0.0 && criterion.points <= criterion.max);
            }
        }
    }

    #[test]
    fn what_is_masked_stays_masked(content in any_content()) {
        let mut masked = serde_json::to_value(&content).unwrap();
        masking::document(&mut masked);
        let content: SubmissionContent = serde_json::from_value(masked).unwrap();
        let said = serde_json::to_value(all_of(&content, &decided())).unwrap();
        let mut again = said.clone();
        masking::document(&mut again);
        prop_assert_eq!(again, said);
    }

    #[test]
    fn one_more_check_never_lowers_a_score(passed in prop::collection::vec(any::<bool>(), 30), which in 0usize..30) {
        let mut all = Checks::default();
        let ids = checks::PARTS.into_iter().flat_map(|part| checks::checks_of(part).iter().map(move |id| (part, *id)));
        for ((part, id), passed) in ids.zip(passed.iter().chain(std::iter::repeat(&false))) {
            all.say(part, id, *passed, "m");
        }
        let score = |checks: &[Check]| scores::sums(&scores::criteria(&rubric(), checks), checks).0;
        let before = score(&all.0);
        let count = all.0.len();
        all.0[which % count].passed = true;
        let after = score(&all.0);
        prop_assert!(after >= before, "{after} < {before}");
        all.0.iter_mut().for_each(|check| check.passed = true);
        prop_assert_eq!(score(&all.0), 12.625);
    }

    #[test]
    fn points_have_three_decimals_at_most(passed in prop::collection::vec(any::<bool>(), 7)) {
        let mut all = Checks::default();
        for (id, passed) in checks::checks_of(AuthoredPart::Escalation).iter().zip(&passed) {
            all.say(AuthoredPart::Escalation, id, *passed, "m");
        }
        for criterion in scores::criteria(&rubric(), &all.0) {
            prop_assert!(crate::submissions::rules::points_in_thousandths(criterion.points, criterion.max).is_some());
        }
    }
}
