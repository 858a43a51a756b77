//! What is one answer and what is several, on labelled evidence, on any text and on hostile ones.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::answers_in;
use super::several_tests::{
    DECLINED, FILTERED, HELP, HELPED, LIMITED, PROMPT, REGION, SORRY, body, diagnose, dump, pretty, seen, stream,
};

#[test]
fn one_answer_of_any_form_stays_one() {
    let one = [
        stream("a", &["Sure", " thing"], "content_filter"),
        format!("HTTP/1.1 100 Continue\r\n\r\n{}", dump("400 Bad Request", PROMPT)),
        dump("200 OK", &stream("a", &["Sure"], "stop")),
        json!({"request": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": SORRY}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "x"}]}, "choices": [{"finish_reason": "stop", "message": {"content": HELP}}]}).to_string(),
        json!({"choices": [{"finish_reason": "stop", "message": {"content": "a"}}, {"finish_reason": "content_filter", "message": {"content": "b"}}]}).to_string(),
        json!([{"candidates": [{"content": {"parts": [{"text": "Die"}]}}]}, {"candidates": [{"finishReason": "SAFETY"}]}]).to_string(),
        "{'messageStart': {'role': 'assistant'}}\n{'contentBlockDelta': {'delta': {'text': 'Our'}}}\n{'messageStop': {'stopReason': 'guardrail_intervened'}}\n{'metadata': {'usage': {'outputTokens': 4}}}".to_owned(),
        "{\"response\":\"I'm\"}\n{\"response\":\" sorry\"}\n{\"response\":\"\"}\n".to_owned(),
        format!("BadRequestError: 400 {PROMPT}\n    at APIError.generate (a.js:1:2)\n{{\n  status: 400,\n  error: {{ message: \"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.\", code: 'content_filter' }},\n  headers: {{ 'x-a': 'b' }}\n}}"),
        "[imgsvc] job=3382 step=1/4 prompt_check ... ok\n[imgsvc] job=3382 step=2/4 sample 30 it ... ok 6.1s\n[imgsvc] job=3382 step=3/4 nsfw_head p=0.871 ... REJECT\n".to_owned(),
        "2026-03-11 08:14:55 INFO POST /v1/chat status=200\n2026-03-11 08:14:56 INFO finish_reason=content_filter\n2026-03-11 08:14:57 INFO done".to_owned(),
        format!("Here is what the two errors mean.\n\n```json\n{PROMPT}\n```\n\nThis one names the prompt, so the filter read what you sent and stopped it before the model saw anything. You can tell by its member `param`, which is missing in the other one. Wait and send it again later, since nobody has refused anything there: the limit counts requests, whatever they say, and the answer below tells how long to wait. Both come with their own status, and both are documented by the provider on a page of its own, which is worth reading.\n\n```json\n{LIMITED}\n```\n"),
        "Me: hello\n".to_owned(),
        HELP.to_owned(),
    ];
    for text in one {
        assert!(answers_in(&text).is_empty(), "{text}\n{:#?}", answers_in(&text));
        assert!(body(&text).parts.is_empty() && !serde_json::to_string(&seen(&text)).unwrap().contains("\"parts\""));
    }
}

/// Pastes of many programs and services, with how many answers they hold.
#[test]
fn as_many_answers_are_found_as_there_are() {
    let mut wrong = Vec::new();
    for line in include_str!("forms.jsonl").lines() {
        let form: Value = serde_json::from_str(line).unwrap();
        let found = answers_in(form["text"].as_str().unwrap()).len().max(1);
        if json!(found) != form["answers"] {
            wrong.push(format!("{}: {found} in place of {}", form["name"], form["answers"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Evidence of the repository that holds several answers: its id, how many, and whether fields decide (words are measured elsewhere).
const HOLD_SEVERAL: [(&str, usize, bool); 3] = [("lab-035", 3, true), ("en2-149", 3, true), ("en2-202", 2, false)];

#[test]
fn one_answer_stays_one_in_all_labelled_evidence() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/diagnosis");
    let mut split = Vec::new();
    for name in ["labelled.jsonl", "blind.jsonl"] {
        for line in std::fs::read_to_string(folder.join(name)).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            for place in ["/evidence/http/body", "/evidence/visible_text"] {
                let text = case.pointer(place).and_then(Value::as_str).unwrap_or_default();
                let id = case["id"].as_str().unwrap_or_default();
                let spans = answers_in(text);
                if let Some((_, count, by_field)) = HOLD_SEVERAL.iter().find(|(one, ..)| *one == id && !text.is_empty()) {
                    assert_eq!(spans.len(), *count, "{id}");
                    let verdict = json!(diagnose(case["evidence"].clone()).verdict);
                    assert!(!by_field || verdict == case["layer"], "{id}: {verdict}");
                } else if !spans.is_empty() {
                    let parts: Vec<_> = answers_in(text).iter().map(|span| text[span.from..span.to].to_owned()).collect();
                    split.push(format!("{id} {text}\n{parts:#?}"));
                }
            }
        }
    }
    assert!(split.is_empty(), "{}\n{}", split.len(), split.join("\n\n"));
}

#[test]
fn one_answer_stays_one_in_the_examples_of_all_signals() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signals");
    let mut split = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(file) = serde_saphyr::from_str::<crate::format::SignalsFile>(&text) else { continue };
        for example in file.signals.iter().flat_map(|signal| signal.examples.positive.iter().chain(&signal.examples.negative)) {
            let body = example.http.as_ref().and_then(|http| http.body.as_deref());
            for text in [body, example.visible_text.as_deref()].into_iter().flatten() {
                seen += 1;
                if !answers_in(text).is_empty() {
                    split.push(format!("{text}\n{:?}", answers_in(text)));
                }
            }
        }
    }
    assert!(seen > 300, "{seen}");
    assert!(split.is_empty(), "{}\n{}", split.len(), split.join("\n\n"));
}

fn hostile() -> Vec<(&'static str, String)> {
    let many = |piece: &str| piece.repeat(65_536 / piece.len());
    vec![
        ("braces", many("{")),
        ("closed braces", many("{}")),
        ("lists", many("[{")),
        ("newlines", many("\n")),
        ("open lines", many("{\"\n")),
        ("open documents", many("{\n")),
        ("lines of nothing", many("{}\n")),
        ("quotation marks", many("\"'")),
        ("events", many("data: {\n")),
        ("ends", many("data: [DONE]\n")),
        ("errors", many("{\"error\":1}\n")),
        ("errors in a line", many("{\"error\":1}")),
        ("a list of errors", format!("[{}{{}}]", many("{\"error\":1},"))),
        ("status lines", many("HTTP/1.1 400 a\n")),
        ("speakers", many("User: a\nAI: b\n")),
        ("entries", many("status=400\n")),
        ("brackets", many("(a=")),
        ("text", many("x{y ")),
        ("backslashes", format!("{{\"{}", many("\\\\"))),
        ("messages", format!("[{}{{}}]", many("{\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"a\"},"))),
    ]
}

/// Half a MiB of each: what looked at all of the text for every piece of it would not come to an end.
#[test]
fn hostile_text_is_walked_over_once() {
    for (name, text) in hostile() {
        let spans = answers_in(&text.repeat(8));
        assert!(spans.windows(2).all(|pair| pair[0].to <= pair[1].from), "{name}");
    }
}

fn single() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![PROMPT, FILTERED, HELPED, DECLINED, LIMITED, REGION]).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn any_text_is_split_into_ranges_in_order(text in "([{}\\[\\]\"':,=a\u{e4}\n ]|data: |\\{\"error\":1\\}|HTTP/1.1 200|User: |Assistant: |status=400|\u{7528}\u{6237}\u{ff1a}|\n){0,60}") {
        let spans = answers_in(&text);
        prop_assert!(spans.len() != 1);
        let mut before = 0;
        for span in &spans {
            prop_assert!(before <= span.from && span.from < span.to && span.to <= text.len(), "{text:?} {spans:?}");
            prop_assert!(text.is_char_boundary(span.from) && text.is_char_boundary(span.to));
            prop_assert_eq!(span.line, text[..span.from].matches('\n').count() + 1);
            before = span.to;
        }
    }

    #[test]
    fn the_parts_of_known_answers_are_found(parts in proptest::collection::vec(single(), 2..8), form in 0..4usize) {
        let parts: Vec<String> = parts.iter().map(|part| if form % 2 == 0 { part.clone() } else { pretty(part) }).collect();
        let text = match form {
            0 | 1 => parts.join("\n"),
            2 => format!("[{}]", parts.join(", ")),
            _ => parts.iter().map(|part| dump("400 Bad Request", part)).collect(),
        };
        let spans = answers_in(&text);
        prop_assert_eq!(spans.len(), parts.len(), "{}", text);
        for (span, part) in spans.iter().zip(&parts) {
            prop_assert!(text[span.from..span.to].ends_with(part.as_str()));
        }
    }
}
