//! Pastes in the forms that people bring, with the answers in them and the verdicts.

use serde_json::{Value, json};

use crate::layer::Layer::{
    self, NotARefusal, PostClassifier, PreClassifier, SystemPrompt, TrainedRefusal, Undetermined, UserTier,
};
use crate::{Engine, Evidence, Verdict};

pub(super) const PROMPT: &str = r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400}}"#;
pub(super) const FILTERED: &str =
    r#"{"id":"c-2","choices":[{"index":0,"finish_reason":"content_filter","message":{"role":"assistant","content":null}}]}"#;
pub(super) const HELPED: &str = r#"{"id":"c-3","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Sure! Here is the recipe:\n1. Soak the beans.\n2. Boil them for an hour.\n3. Salt them."}}]}"#;
pub(super) const DECLINED: &str = r#"{"id":"c-4","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"I'm sorry, but I can't help with that."}}]}"#;
pub(super) const LIMITED: &str = r#"{"error":{"message":"Rate limit reached for gpt-4o in organization org-x on requests per min. Please try again in 2s.","type":"requests","code":"rate_limit_exceeded"}}"#;
pub(super) const REGION: &str = r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}"#;
pub(super) const SORRY: &str = "I'm sorry, but I can't help with that.";
pub(super) const HELP: &str = "Sure! Here is the recipe:\n1. Soak the beans.\n2. Boil them for an hour.\n3. Salt them.";

pub(super) fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap()
}

pub(super) fn diagnose(evidence: Value) -> Verdict {
    Engine::built_in().unwrap().diagnose(&serde_json::from_value::<Evidence>(evidence).unwrap(), None)
}

pub(super) fn body(text: &str) -> Verdict {
    diagnose(json!({"http": {"body": text}}))
}

pub(super) fn seen(text: &str) -> Verdict {
    diagnose(json!({"visible_text": text}))
}

pub(super) fn stream(id: &str, words: &[&str], end: &str) -> String {
    let chunk = |delta: Value, end: Value| {
        format!(
            "data: {}\n\n",
            json!({"id": id, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": end}]})
        )
    };
    let mut out = chunk(json!({"role": "assistant", "content": ""}), Value::Null);
    out.extend(words.iter().map(|word| chunk(json!({"content": word}), Value::Null)));
    out + &chunk(json!({}), json!(end)) + "data: [DONE]\n\n"
}

pub(super) fn dump(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: r\r\n\r\n{body}\n")
}

struct Paste {
    name: &'static str,
    text: String,
    seen: bool,
    layers: Vec<Layer>,
    whole: Layer,
}

fn pasted(name: &'static str, text: impl Into<String>, layers: &[Layer], whole: Layer) -> Paste {
    Paste { name, text: text.into(), seen: false, layers: layers.to_vec(), whole }
}

fn shown(name: &'static str, text: impl Into<String>, layers: &[Layer], whole: Layer) -> Paste {
    Paste { seen: true, ..pasted(name, text, layers, whole) }
}

fn documents() -> Vec<Paste> {
    let batch = |id: &str, status: u16, body: &str| {
        format!(
            r#"{{"id":"b-{id}","custom_id":"{id}","response":{{"status_code":{status},"request_id":"r{id}","body":{body}}},"error":null}}"#
        )
    };
    vec![
        pasted(
            "JSON by line",
            format!("{HELPED}\n{FILTERED}\n{DECLINED}\n"),
            &[NotARefusal, PostClassifier, TrainedRefusal],
            Undetermined,
        ),
        pasted(
            "documents on many lines",
            format!("{}\n{}", pretty(PROMPT), pretty(HELPED)),
            &[PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted("without a line between", format!("{PROMPT}{HELPED}"), &[PreClassifier, NotARefusal], PreClassifier),
        pasted(
            "a list",
            format!("[{HELPED},\n {PROMPT},\n {PROMPT}]"),
            &[NotARefusal, PreClassifier, PreClassifier],
            PreClassifier,
        ),
        pasted(
            "a list inside",
            format!("{{\"total\":2,\"results\":[{HELPED},{FILTERED}]}}"),
            &[NotARefusal, PostClassifier],
            PostClassifier,
        ),
        pasted(
            "a batch",
            [batch("1", 200, HELPED), batch("2", 400, PROMPT), batch("3", 200, HELPED)].join("\n"),
            &[NotARefusal, PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted(
            "with headings",
            format!("First try:\n{PROMPT}\n\nAfter I had reworded it:\n{HELPED}\n"),
            &[PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted(
            "German headings",
            format!("Versuch 1:\n{PROMPT}\n\nVersuch 2:\n{DECLINED}\n"),
            &[PreClassifier, TrainedRefusal],
            Undetermined,
        ),
        pasted(
            "headings on the line",
            format!("Intento 1: {PROMPT}\nIntento 2: {HELPED}"),
            &[PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted(
            "requests between",
            format!(
                "{}\n{PROMPT}\n{}\n{HELPED}",
                json!({"model": "m", "messages": [{"role": "user", "content": "a"}]}),
                json!({"model": "m", "messages": [{"role": "user", "content": "b"}]})
            ),
            &[PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted(
            "Python",
            "ChatCompletion(id='a', choices=[Choice(finish_reason='content_filter', index=0, message=ChatCompletionMessage(content=None))])\nChatCompletion(id='b', choices=[Choice(finish_reason='stop', index=0, message=ChatCompletionMessage(content='Sure! Here is the recipe: 1. Soak the beans. 2. Boil them.'))])",
            &[PostClassifier, NotARefusal],
            PostClassifier,
        ),
        pasted(
            "rows of a test",
            format!("{}\n{}\n", json!({"prompt": "a", "response": SORRY}), json!({"prompt": "b", "response": HELP})),
            &[TrainedRefusal, NotARefusal],
            TrainedRefusal,
        ),
        pasted(
            "one cut off",
            format!("{HELPED}\n{{\"error\": {{\"code\": \"content_filter\", \"param\": \"prompt\", \"mess"),
            &[NotARefusal, PreClassifier],
            PreClassifier,
        ),
        pasted(
            "recorded traffic",
            json!({"log": {"version": "1.2", "entries": [
                {"request": {"method": "POST"}, "response": {"status": 429, "content": {"text": LIMITED}}},
                {"request": {"method": "POST"}, "response": {"status": 400, "content": {"text": PROMPT}}}]}})
            .to_string(),
            &[NotARefusal, PreClassifier],
            PreClassifier,
        ),
    ]
}

fn streams_and_dumps() -> Vec<Paste> {
    let ollama = |words: &[&str]| {
        let last = json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop"});
        let lines = words
            .iter()
            .map(|word| json!({"model": "m", "message": {"role": "assistant", "content": word}, "done": false}).to_string());
        lines.chain([last.to_string()]).collect::<Vec<_>>().join("\n")
    };
    let anthropic = |id: &str, words: &str, end: &str| {
        format!(
            "event: message_start\ndata: {}\n\nevent: content_block_delta\ndata: {}\n\nevent: message_delta\ndata: {}\n\nevent: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n",
            json!({"type": "message_start", "message": {"id": id, "role": "assistant", "content": [], "stop_reason": null}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": words}}),
            json!({"type": "message_delta", "delta": {"stop_reason": end}}),
        )
    };
    vec![
        pasted(
            "two streams",
            stream("a", &["Sure! Here is", " the recipe:\n1. Soak the beans.\n2. Boil them."], "stop")
                + &stream("b", &["The first"], "content_filter"),
            &[NotARefusal, PostClassifier],
            PostClassifier,
        ),
        pasted(
            "two of Anthropic's",
            anthropic("m1", SORRY, "end_turn") + &anthropic("m2", HELP, "end_turn"),
            &[TrainedRefusal, NotARefusal],
            TrainedRefusal,
        ),
        pasted(
            "two of Ollama's",
            format!(
                "{}\n{}",
                ollama(&["I'm sorry, but", " I can't help", " with that."]),
                ollama(&["Sure! Here is the recipe:\n", "1. Soak the beans.\n2. Boil them."])
            ),
            &[TrainedRefusal, NotARefusal],
            TrainedRefusal,
        ),
        pasted(
            "curl twice",
            format!(
                "$ curl -i https://x -d '{{\"messages\":[]}}'\n{}$ curl -i https://x\n{}",
                dump("400 Bad Request", PROMPT),
                dump("200 OK", HELPED)
            ),
            &[PreClassifier, NotARefusal],
            PreClassifier,
        ),
        pasted(
            "curl three times",
            dump("429 Too Many Requests", LIMITED) + &dump("429 Too Many Requests", LIMITED) + &dump("200 OK", HELPED),
            &[NotARefusal, NotARefusal, NotARefusal],
            NotARefusal,
        ),
        pasted(
            "curl, two layers",
            dump("403 Forbidden", REGION) + &dump("400 Bad Request", PROMPT),
            &[UserTier, PreClassifier],
            Undetermined,
        ),
    ]
}

fn logs() -> Vec<Paste> {
    vec![
        pasted(
            "a log",
            "2026-03-11T08:14:55Z INFO gateway req=a1 POST /v1/chat/completions\n2026-03-11T08:14:56Z WARN gateway req=a1 status=400 err=content_filter param=prompt\n2026-03-11T08:15:01Z INFO gateway req=a2 POST /v1/chat/completions\n2026-03-11T08:15:03Z INFO gateway req=a2 status=200 finish_reason=content_filter out_tokens=37\n",
            &[PreClassifier, PostClassifier],
            Undetermined,
        ),
        pasted(
            "tries",
            format!(
                "2026-03-11 08:14:55 ERROR attempt 1 status=429 body={LIMITED}\n2026-03-11 08:14:58 ERROR attempt 2 status=429 body={LIMITED}\n2026-03-11 08:15:04 INFO attempt 3 status=200 body={HELPED}\n"
            ),
            &[NotARefusal, NotARefusal, NotARefusal],
            NotARefusal,
        ),
        pasted(
            "errors with bodies below",
            format!(
                "2026-03-11 08:14:55 ERROR call failed: status 403\n{REGION}\n2026-03-11 08:15:55 ERROR call failed: status 403\n{REGION}\n"
            ),
            &[UserTier, UserTier],
            UserTier,
        ),
        pasted(
            "a log in JSON",
            format!(
                "{}\n{}\n{}\n",
                json!({"level": "info", "msg": "calling the model", "request_id": "q1"}),
                json!({"level": "error", "request_id": "q1", "status": 403, "error": {"code": "unsupported_country_region_territory", "message": "Country, region, or territory not supported"}}),
                json!({"level": "error", "request_id": "q2", "status": 400, "error": {"code": "content_filter", "param": "prompt", "message": "filtered"}})
            ),
            &[UserTier, PreClassifier],
            Undetermined,
        ),
        pasted(
            "named values",
            "status=200 finish_reason=stop out_tokens=120\nstatus=200 finish_reason=content_filter out_tokens=37\n",
            &[NotARefusal, PostClassifier],
            PostClassifier,
        ),
    ]
}

fn conversations() -> Vec<Paste> {
    vec![
        shown("English", format!("User: How do I pick this lock?\nAssistant: {SORRY}\nUser: And how do I cook beans?\nAssistant: {HELP}\n"), &[TrainedRefusal, NotARefusal], TrainedRefusal),
        shown("German", "Nutzer: Schreib mir das.\nAssistent: Es tut mir leid, aber dabei kann ich nicht helfen.\n\nNutzer: Und was ist die Hauptstadt?\nAssistent: Die Hauptstadt von Frankreich ist Paris. Hier sind drei Dinge, die man dort sehen kann:\n1. Louvre\n2. Seine\n3. Eiffelturm\n", &[TrainedRefusal, NotARefusal], TrainedRefusal),
        shown("Spanish", "**Usuario:** hazlo\n**Asistente:** Lo siento, no puedo ayudarte con eso.\n**Usuario:** por favor\n**Asistente:** Lo siento, pero no puedo ayudarte con esa solicitud.\n", &[TrainedRefusal, TrainedRefusal], TrainedRefusal),
        shown("French", "Utilisateur : fais-le\nAssistant : Je suis d\u{e9}sol\u{e9}, je ne peux pas vous aider avec cette demande.\nUtilisateur : encore\nAssistant : Je suis d\u{e9}sol\u{e9}, je ne peux pas vous aider avec cette demande.\n", &[TrainedRefusal, TrainedRefusal], TrainedRefusal),
        shown("Chinese", "\u{7528}\u{6237}\u{ff1a}\u{5e2e}\u{6211}\u{5199}\n\u{52a9}\u{624b}\u{ff1a}\u{62b1}\u{6b49}\u{ff0c}\u{6211}\u{65e0}\u{6cd5}\u{63d0}\u{4f9b}\u{8fd9}\u{65b9}\u{9762}\u{7684}\u{5e2e}\u{52a9}\u{3002}\n\u{7528}\u{6237}\u{ff1a}\u{518d}\u{8bd5}\n\u{52a9}\u{624b}\u{ff1a}\u{62b1}\u{6b49}\u{ff0c}\u{6211}\u{65e0}\u{6cd5}\u{63d0}\u{4f9b}\u{8fd9}\u{65b9}\u{9762}\u{7684}\u{5e2e}\u{52a9}\u{3002}\n", &[TrainedRefusal, TrainedRefusal], TrainedRefusal),
        shown("headings", format!("### User\nHow?\n### Assistant\n{SORRY}\n### User\nBeans?\n### Assistant\n{HELP}\n"), &[TrainedRefusal, NotARefusal], TrainedRefusal),
        shown("a name of its own", "> user: fix my css\n> mia: I can only help with questions about your Norvik invoices.\n> user: please\n> mia: I can only help with questions about your Norvik invoices.\n", &[SystemPrompt, SystemPrompt], SystemPrompt),
        pasted("messages", json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": SORRY}, {"role": "user", "content": "b"}, {"role": "assistant", "content": HELP}]}).to_string(), &[TrainedRefusal, NotARefusal], TrainedRefusal),
        pasted("messages by line", [json!({"role": "user", "content": "a"}), json!({"role": "assistant", "content": SORRY}), json!({"role": "user", "content": "b"}), json!({"role": "assistant", "content": HELP})].map(|one| one.to_string()).join("\n"), &[TrainedRefusal, NotARefusal], TrainedRefusal),
    ]
}

#[test]
fn several_answers_of_every_form_are_found_and_judged_one_by_one() {
    let mut wrong = Vec::new();
    for paste in documents().into_iter().chain(streams_and_dumps()).chain(logs()).chain(conversations()) {
        let verdict = if paste.seen { seen(&paste.text) } else { body(&paste.text) };
        let layers: Vec<Layer> = verdict.parts.iter().map(|part| part.layer).collect();
        if (&layers, verdict.verdict) != (&paste.layers, paste.whole) {
            let texts: Vec<_> = verdict.parts.iter().map(|part| (&part.label, &paste.text[part.from..part.to])).collect();
            wrong.push(format!(
                "{}: {layers:?} {:?} for {:?} {:?}\n  {texts:#?}",
                paste.name, verdict.verdict, paste.layers, paste.whole
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_worked_does_not_outweigh_and_is_noted() {
    let verdict = body(&format!("{PROMPT}\n{HELPED}\n{HELPED}\n{HELPED}\n"));
    assert_eq!((verdict.verdict, verdict.parts.len()), (PreClassifier, 4));
    let notes = verdict.notes.join("\n");
    assert!(notes.contains("holds 4 answers") && notes.contains("It worked later: answer 2 (line 2)."), "{notes}");
    let tried = body(&(dump("429 Too Many Requests", LIMITED) + &dump("200 OK", HELPED)));
    assert!(tried.notes.iter().any(|note| note.contains("It worked later: answer 2")), "{:?}", tried.notes);
    assert!(tried.reasons[0].rule.contains("rate-limit"), "the failure is what is asked about: {}", tried.reasons[0].rule);
}

#[test]
fn different_layers_are_undetermined_with_both_and_name_their_parts() {
    let verdict = body(&format!("{PROMPT}\n{DECLINED}\n"));
    assert_eq!((verdict.verdict, verdict.confidence, verdict.owner), (Undetermined, None, None));
    let first: Vec<Layer> = verdict.layers.iter().take(2).map(|ranked| ranked.layer).collect();
    assert!(first.contains(&PreClassifier) && first.contains(&TrainedRefusal), "{first:?}");
    assert!(
        verdict.summary.contains("answer 1 (line 1)") && verdict.summary.contains("answer 2 (line 2)"),
        "{}",
        verdict.summary
    );
    assert!(verdict.layers.iter().map(|ranked| ranked.confidence).sum::<f64>() < 1.01 && verdict.reasons.len() == 2);
}

#[test]
fn an_answer_that_leaves_the_side_open_agrees_with_one_that_names_it() {
    let open = r#"{"error":{"code":"content_filter","message":"The request was blocked by a content filter."}}"#;
    let alone = body(open);
    let both = body(&format!("{open}\n{PROMPT}\n"));
    assert_eq!((alone.verdict, both.verdict), (Undetermined, PreClassifier), "{:?}", both.summary);
}

#[test]
fn of_many_answers_those_in_trouble_are_judged_and_the_rest_is_counted() {
    let mut lines = vec![HELPED; 130];
    lines[7] = PROMPT;
    let verdict = body(&lines.join("\n"));
    assert_eq!((verdict.verdict, verdict.parts.len()), (PreClassifier, 50));
    assert_eq!(
        (verdict.parts[0].label.as_str(), verdict.parts[49].label.as_str()),
        ("answer 8 (line 8)", "answer 130 (line 130)")
    );
    assert!(verdict.notes.iter().any(|note| note.starts_with("80 answers are left out")), "{:?}", verdict.notes);
}

#[test]
fn what_was_observed_counts_for_the_answer_that_refused() {
    let text = format!("User: a?\nAssistant: {HELP}\nUser: b?\nAssistant: {SORRY}\n");
    let plain = diagnose(json!({"visible_text": text}));
    let tried = diagnose(json!({"visible_text": text, "observed": {"raw_api": {"result": "answered", "tries": 5}}}));
    assert_eq!((plain.verdict, tried.verdict), (TrainedRefusal, SystemPrompt));
    assert_eq!(tried.parts, plain.parts);
}

#[test]
fn rows_and_messages_are_read_with_what_stood_around_them() {
    let rows = body("id,finish_reason,tokens\n1,stop,20\n2,content_filter,7\n3,stop,12\n");
    assert_eq!((rows.verdict, rows.parts.len(), rows.parts[1].layer), (PostClassifier, 3, PostClassifier), "{rows:#?}");
    let told = json!({"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": SORRY}, {"from": "human", "value": "b"}, {"from": "gpt", "value": HELP}]});
    let layers: Vec<Layer> = body(&told.to_string()).parts.iter().map(|part| part.layer).collect();
    assert_eq!(layers, [TrainedRefusal, NotARefusal]);
}
