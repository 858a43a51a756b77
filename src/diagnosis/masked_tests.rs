use serde_json::{Value, json};

use super::*;
use crate::diagnosis::engine::Engine;

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    evidence: Evidence,
}

fn labelled() -> Vec<Case> {
    let text = include_str!("../../tests/diagnosis/labelled.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn safe(evidence: &Evidence) -> Evidence {
    let mut document = json!(evidence);
    masking::document(&mut document);
    serde_json::from_value(document).unwrap()
}

/// Puts something to be masked into every string that people or services write.
fn leaky(mut value: Value) -> Value {
    const SECRETS: &str = " (request id req_011CSHoEeqs5C35K2UUqR7Fy, mirabel.holmquist@example.org, 203.0.113.77)";
    for pointer in ["/visible_text", "/comparison/with", "/comparison/without"] {
        if let Some(Value::String(text)) = value.pointer_mut(pointer) {
            text.push_str(SECRETS);
        }
    }
    if let Some(Value::String(body)) = value.pointer_mut("/http/body")
        && let Ok(mut inner) = serde_json::from_str::<Value>(body)
        && inner.is_object()
    {
        inner["request_id"] = json!("req_011CSHoEeqs5C35K2UUqR7Fy");
        inner["user"] = json!("mirabel.holmquist@example.org");
        *body = inner.to_string();
    }
    value
}

#[test]
fn masked_evidence_gives_the_same_layer() {
    let engine = Engine::built_in().unwrap();
    let (mut wrong, mut changed) = (Vec::new(), 0);
    for case in labelled() {
        for evidence in [case.evidence.clone(), serde_json::from_value(leaky(json!(case.evidence))).unwrap()] {
            let safe = safe(&evidence);
            changed += usize::from(safe != evidence);
            let (before, after) = (engine.diagnose(&evidence, None), engine.diagnose(&safe, None));
            if (before.verdict, before.extent) != (after.verdict, after.extent) {
                wrong.push(format!("{}: {:?} {:?}", case.id, before.verdict, after.verdict));
            }
        }
    }
    assert!(changed > 400, "{changed}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_verdict_is_that_of_the_evidence_as_it_was_sent() {
    let engine = Engine::built_in().unwrap();
    for case in labelled() {
        let evidence: Evidence = serde_json::from_value(leaky(json!(case.evidence))).unwrap();
        let (sent, kept) = (engine.diagnose(&evidence, None), masked(&engine, None, &evidence).unwrap());
        assert_eq!(kept.evidence, safe(&evidence));
        let told = |v: &Verdict| {
            let rules: Vec<_> = v.reasons.iter().map(|r| (r.rule.clone(), r.evidence.clone(), r.weight)).collect();
            (v.verdict, v.confidence, v.layers.clone(), v.extent, rules)
        };
        assert_eq!(told(&kept.verdict), told(&sent), "{}", case.id);
        let text = json!(kept.verdict).to_string();
        for secret in ["011CSH", "mirabel", "holmquist", "203.0.113"] {
            assert!(!text.contains(secret), "{}: {secret} in {text}", case.id);
        }
        for mask in &kept.masked {
            let whole = json!({"evidence": kept.evidence, "verdict": kept.verdict});
            let there = whole.pointer(&mask.pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(there.contains(&format!("[{}:", mask.kind)), "{}: {mask:?}", case.id);
        }
    }
}

/// A quotation ends after 160 characters: what is left of a secret there has no form by which masking could find it.
#[test]
fn a_secret_at_the_end_of_a_quotation_is_masked_too() {
    let engine = Engine::built_in().unwrap();
    for length in 90..170 {
        let text = format!("I can't help with that, {} mirabel.holmquist@example.org wrote.", "x".repeat(length));
        let evidence = Evidence { visible_text: Some(text), ..Evidence::default() };
        let kept = masked(&engine, None, &evidence).unwrap();
        let text = json!(kept.verdict).to_string();
        assert!(!kept.verdict.reasons.is_empty() && !text.contains("mira"), "{length}: {text}");
    }
}

/// A name in a document can hold a person's address; then its pointer does.
#[test]
fn a_pointer_shows_no_more_than_a_quotation() {
    let engine = Engine::built_in().unwrap();
    let body = json!({"mirabel@example.org": {"error": {"code": "content_filter", "param": "prompt"}}}).to_string();
    let evidence: Evidence = serde_json::from_value(json!({"provider": "azure", "http": {"status": 400, "body": body}})).unwrap();
    let sent = json!(engine.diagnose(&evidence, None)).to_string();
    let kept = json!(masked(&engine, None, &evidence).unwrap().verdict).to_string();
    assert!(sent.contains("mirabel"), "the case is one: {sent}");
    assert!(!kept.contains("mirabel"), "{kept}");
}

#[test]
fn masking_what_is_masked_changes_nothing() {
    let engine = Engine::built_in().unwrap();
    for case in labelled().into_iter().step_by(3) {
        let evidence: Evidence = serde_json::from_value(leaky(json!(case.evidence))).unwrap();
        let once = masked(&engine, None, &evidence).unwrap();
        let twice = masked(&engine, None, &once.evidence).unwrap();
        assert_eq!((&once.evidence, &once.verdict.reasons), (&twice.evidence, &twice.verdict.reasons), "{}", case.id);
    }
}

/// Parts of a paste: their places are those of what is kept, and their quotations are masked.
#[test]
fn the_parts_of_a_paste_stand_where_they_stand_in_what_is_kept() {
    let engine = Engine::built_in().unwrap();
    let refused = "I'm sorry, but I can't help mirabel.holmquist@example.org with that.";
    let text = format!("User: a\nAssistant: {refused}\nUser: b\nAssistant: {refused}\n");
    let evidence = Evidence { visible_text: Some(text), ..Evidence::default() };
    let kept = masked(&engine, None, &evidence).unwrap();
    let safe = kept.evidence.visible_text.unwrap();
    assert_eq!(kept.verdict.parts.len(), 2);
    for part in &kept.verdict.parts {
        assert!(safe[part.from..part.to].starts_with("I'm sorry, but I can't help [email:"), "{}", &safe[part.from..part.to]);
    }
    assert!(!json!(kept.verdict).to_string().contains("mirabel"));
}
