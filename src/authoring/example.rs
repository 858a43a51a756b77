//! The example of a draft in the contract document: one block, one item, one case.

use serde_json::{Value, json};

pub fn example_draft() -> Value {
    json!({"lesson": lesson(), "quiz": quiz(), "exercise": exercise()})
}

fn lesson() -> Value {
    json!({
        "slug": "refusals-at-acme", "aliases": [], "default_language": "en",
        "title": {"en": "Refusals at Acme"}, "summary": {"en": "What our gateway says when a topic is closed."},
        "licence": {"spdx": "CC-BY-4.0", "attribution": "Acme training"}, "authors": ["Acme training"], "reviewed_on": "2026-11-20",
        "objectives": [{"id": "obj-gateway", "text": {"en": "Tell the gateway's answers from the model's."}}],
        "blocks": [{"type": "text", "id": "gateway", "text": {"en": "The gateway answers before any model is asked."}}],
        "sources": [{"id": "runbook", "title": "Runbook of the gateway", "url": "https://wiki.acme.example/gateway", "reviewed_on": "2026-11-20"}],
    })
}

fn quiz() -> Value {
    let option = |id: &str, layer: &str, text: &str, rationale: &str| json!({"id": id, "layer": layer, "text": {"en": text}, "rationale": {"en": rationale}});
    json!({
        "title": {"en": "Refusals at Acme: check yourself"},
        "policy": {"counts": "highest", "pass_mark": 0.8, "shuffle_items": true, "shuffle_options": true,
            "reveal": {"verdict": "submitted", "rationale": "submitted", "key": "submitted"}},
        "items": [{
            "kind": "single_choice", "id": "acme-001", "revision": 1, "objective": "obj-gateway", "points": 1,
            "stem": {"en": "Which layer does this reply come from?"},
            "evidence": [{"media_type": "application/json", "description": {"en": "The body of the answer, HTTP status 403."},
                "content": "{\"error\": {\"code\": \"ACME-4711\", \"message\": \"Topic not enabled.\"}}"}],
            "key": "system",
            "options": [
                option("system", "system_prompt", "The rules of the gateway", "ACME-4711 is the code of the gateway's topic rule."),
                option("pre", "pre_classifier", "A filter on the input", "A filter would name the prompt, and no topic."),
                option("tier", "user_tier", "The limits of the account", "A limit on the account has another code, ACME-4290."),
            ],
        }],
    })
}

fn exercise() -> Value {
    let step = |part: &str, title: &str| json!({"part": part, "title": {"en": title}, "text": {"en": "Fill in this part."}});
    json!({
        "id": "ex-acme", "revision": 1, "title": {"en": "Your own refusal"}, "introduction": {"en": "Take a refusal of last week."},
        "steps": [step("evidence", "Evidence"), step("diagnosis", "Diagnosis"), step("reframe", "Reframe"), step("escalation", "Escalation")],
        "rubric": [{"id": "crit-acme-raw", "part": "evidence", "points": 2, "text": {"en": "The raw answer is there."}, "checks": ["raw_response"]}],
        "cases": [{"id": "case-acme-topic", "title": {"en": "A closed topic"}, "story": {"en": "A colleague asked about leave."},
            "evidence": {"provider": "acme gateway", "http": {"status": 403, "headers": [], "body": "{\"error\": {\"code\": \"ACME-4711\"}}"}, "language": "en"}}],
    })
}
