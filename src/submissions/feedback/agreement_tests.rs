//! Where the learner's diagnosis and ours agree, and where they part.

use serde_json::json;

use super::agreement::{Agreement, Agrees, compare};
use super::feedback_tests::{decided, open, verdict};
use crate::diagnosis::Verdict;
use crate::diagnosis::verdict::Ranked;
use crate::lessons::format::Layer;

fn compared(layer: &str, pointers: &[&str], verdict: &Verdict) -> Agreement {
    let diagnosis = serde_json::from_value(json!({"layer": layer, "deciding_pointers": pointers})).unwrap();
    compare(&diagnosis, verdict)
}

#[test]
fn the_same_layer_agrees() {
    for agreement in [compared("pre_classifier", &[], &decided()), compared("undetermined", &[], &open())] {
        assert_eq!((agreement.agrees, agreement.parts_at), (Agrees::Yes, None));
    }
}

#[test]
fn another_layer_is_told_exactly_where_the_two_part() {
    let agreement = compared("trained_refusal", &["/error/code"], &decided());
    assert_eq!(agreement.agrees, Agrees::No);
    let parts = agreement.parts_at.unwrap();
    assert_eq!((parts.rule.as_deref(), parts.pointer.as_deref()), (Some("azure-prompt-filtered"), Some("/error/param")));
    for words in [
        "`trained_refusal`",
        "`pre_classifier`",
        "`/error/param` in `/http/body`",
        "\"prompt\"",
        "The filter read",
        "`/error/code`",
    ] {
        assert!(parts.explanation.contains(words), "{words} in {}", parts.explanation);
    }
    let same = compared("trained_refusal", &["/evidence/http/body/error/param"], &decided()).parts_at.unwrap();
    assert!(same.explanation.contains("same place"), "{}", same.explanation);
    let nothing = compared("trained_refusal", &[], &decided()).parts_at.unwrap();
    assert!(nothing.explanation.contains("pointed to nothing"));
}

#[test]
fn a_layer_that_the_evidence_allows_is_open() {
    let mut close = decided();
    close.layers = vec![
        Ranked { layer: Layer::PreClassifier, confidence: 0.6 },
        Ranked { layer: Layer::PostClassifier, confidence: 0.25 },
        Ranked { layer: Layer::UserTier, confidence: 0.2499 },
    ];
    let arguable = compared("post_classifier", &[], &close);
    assert_eq!(arguable.agrees, Agrees::Open);
    assert!(arguable.parts_at.unwrap().explanation.contains("What would decide: a response with output in it."));
    assert_eq!(compared("user_tier", &[], &close).agrees, Agrees::No);

    let between = compared("post_classifier", &[], &open());
    assert_eq!(between.agrees, Agrees::Open);
    let explanation = between.parts_at.unwrap().explanation;
    assert!(
        explanation.contains("between `pre_classifier` and `post_classifier`")
            && explanation.contains("the raw body of one call.")
    );
    assert_eq!(compared("user_tier", &[], &open()).agrees, Agrees::No);
    let nothing = compared("user_tier", &["/error"], &verdict(Layer::Undetermined, &[]));
    assert_eq!(nothing.agrees, Agrees::Open);
    assert!(nothing.parts_at.unwrap().explanation.contains("nothing in the evidence decides"));
}

#[test]
fn what_was_left_open_and_is_decided_was_overlooked() {
    let agreement = compared("undetermined", &[], &decided());
    assert_eq!(agreement.agrees, Agrees::No);
    assert!(agreement.parts_at.unwrap().explanation.contains("overlooked"));
}
