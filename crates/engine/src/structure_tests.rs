//! Structure wherever it stands: lines of logs, records, what gateways wrap, sentences of services in many languages.

use serde_json::{Value, json};

use super::engine::Engine;
use super::evidence::Evidence;
use super::layer::Layer;
use super::verdict::Verdict;

fn diagnose(evidence: Value) -> Verdict {
    let evidence: Evidence = serde_json::from_value(evidence).unwrap();
    Engine::built_in().unwrap().diagnose(&evidence, None)
}

fn body(text: &str) -> Verdict {
    diagnose(json!({"http": {"body": text}}))
}

fn seen(text: &str) -> Verdict {
    diagnose(json!({"visible_text": text}))
}

/// Each text of a list gets this layer, read by `read`.
fn all_are(layer: Layer, read: fn(&str) -> Verdict, texts: &[&str]) {
    for text in texts {
        let verdict = read(text);
        assert_eq!(verdict.verdict, layer, "{text}: {:?}", verdict.reasons.iter().map(|reason| &reason.rule).collect::<Vec<_>>());
    }
}

#[test]
fn lines_of_logs_name_the_side_that_was_checked() {
    all_are(
        Layer::PreClassifier,
        body,
        &[
            "2026-05-01T09:10:11Z WARN edge[12] status=400 err=content_filter param=prompt ms=80",
            "INFO guard=names stage=input action=BLOCK",
            "10:01 INFO proxy hook=pre_call decision=deny",
            "WARN blocked=true scan_type=prompt scanner=injection score=0.98",
            "| call | stage | action |\n|---|---|---|\n| c1 | input | BLOCK |",
            r#"{"guardrail": {"name": "names", "stage": "INPUT"}, "action": "BLOCKED"}"#,
            r#"{"error": "denied", "rule": "no-secrets", "direction": "REQUEST"}"#,
        ],
    );
    all_are(
        Layer::PostClassifier,
        body,
        &[
            "INFO guard=names stage=output action=BLOCK",
            "level=warning msg=\"rule tripped\" phase=response verdict=blocked",
            "| call | stage | action |\n|---|---|---|\n| c1 | input | ALLOW |\n| c1 | output | BLOCK |",
        ],
    );
}

#[test]
fn tokens_beside_a_refusal_tell_before_from_after() {
    all_are(
        Layer::PreClassifier,
        body,
        &["stop_reason=refusal blocks=0 tokens_out=0", "ended with stop_reason: refusal, output_tokens: 0"],
    );
    all_are(
        Layer::PostClassifier,
        body,
        &["stop_reason=refusal output_tokens=73", "ended with stop_reason: refusal, output_tokens: 73"],
    );
    assert_eq!(body("stop_reason=refusal model=x").verdict, Layer::Undetermined);
}

#[test]
fn a_check_that_let_it_pass_blocked_nothing() {
    all_are(
        Layer::NotARefusal,
        body,
        &[
            "level=info msg=done finish_reason=stop tokens_out=120",
            "level=info guard=names stage=input action=ALLOW finish_reason=stop",
            "level=info finish_reason=length completion_tokens=4096",
            "level=warn stop_reason=pause_turn tokens_out=10",
        ],
    );
}

#[test]
fn what_a_gateway_wraps_outranks_the_wrapper_which_is_named() {
    let wrapped = [
        (
            Layer::PostClassifier,
            r#"{"error":{"message":"litellm.InternalServerError: AnthropicException - Output blocked by content filtering policy","code":"500"}}"#,
        ),
        (
            Layer::PreClassifier,
            r#"{"code":429,"error":"upstream: {\"error\":{\"message\":\"blocked: prompt: BlockedReasonOther ()\",\"code\":\"do_request_failed\"}}"}"#,
        ),
        (
            Layer::UserTier,
            r#"{"detail":"Upstream temporarily unavailable, please retry. cause: Your plan does not include this model"}"#,
        ),
        (
            Layer::PreClassifier,
            r#"{"error":{"code":"rate_limit_exceeded","message":"Your prompt was flagged by our content policy"}}"#,
        ),
    ];
    for (layer, text) in wrapped {
        let verdict = diagnose(json!({"http": {"status": 500, "body": text}}));
        assert_eq!(verdict.verdict, layer, "{text}");
    }
    let named = body(wrapped[0].1);
    assert!(
        named.notes.iter().any(|note| note.contains("messenger") && note.contains("InternalServerError")),
        "{:?}",
        named.notes
    );
    let alone = diagnose(
        json!({"http": {"status": 429, "body": r#"{"error":{"message":"Rate limit reached for gpt-4o","code":"rate_limit_exceeded"}}"#}}),
    );
    assert_eq!((alone.verdict, alone.notes.len()), (Layer::NotARefusal, 0));
}

#[test]
fn sentences_state_the_side_without_a_code() {
    all_are(
        Layer::PreClassifier,
        body,
        &[
            "The request failed because the input picture, an uploaded photo, may contain sensitive information.",
            "Request blocked by input guardrail 'house-rules'",
            "Generation failed: the reference image did not pass moderation.",
        ],
    );
    all_are(
        Layer::PostClassifier,
        body,
        &[
            "The request failed because the output video may contain sensitive information.",
            "Response blocked by output guardrail 'house-rules'",
            "Video removed after generation: content check failed.",
            "The prompt was accepted, but the response was withheld by our safety rules.",
        ],
    );
    all_are(Layer::UserTier, seen, &["Speech isn't part of your current plan.", "Your account was suspended."]);
}

#[test]
fn the_same_in_other_languages() {
    let table: [(Layer, &[&str]); 4] = [
        (
            Layer::PreClassifier,
            &[
                "Ihre Eingabe wurde von unserem Sicherheitsfilter abgelehnt.",
                "Sua mensagem foi bloqueada porque viola nossas diretrizes.",
                "Mesajınız kurallarımızı ihlal ettiği için engellendi.",
                "تم حظر رسالتك لأنها تنتهك سياساتنا.",
                "입력하신 프롬프트가 안전 정책을 위반하여 차단되었습니다.",
                "Prompt anda diblokir karena melanggar kebijakan kami.",
            ],
        ),
        (
            Layer::PostClassifier,
            &[
                "La imagen generada fue bloqueada por nuestra política de contenido.",
                "La réponse a été supprimée car elle enfreint notre règlement.",
                "La risposta è stata rimossa perché viola le nostre norme.",
                "Odpowiedź została usunięta, ponieważ narusza nasze zasady.",
                "Ответ удалён, потому что нарушает наши правила.",
                "生成された画像はポリシーに違反しているため削除されました。",
                "Câu trả lời đã bị chặn vì vi phạm chính sách.",
            ],
        ),
        (
            Layer::UserTier,
            &[
                "Deze functie is niet inbegrepen in je abonnement.",
                "Эта модель недоступна в вашей стране.",
                "Ваш тарифний план не включає цю модель.",
                "आपके प्लान में यह मॉडल शामिल नहीं है।",
                "您的套餐不支持该模型。",
                "Este modelo no está disponible en su región.",
                "이 기능은 현재 요금제에 포함되어 있지 않습니다.",
            ],
        ),
        (
            Layer::NotARefusal,
            &["サーバーが混雑しています。", "Serwer jest zajęty.", "Il server è sovraccarico.", "서버가 혼잡합니다."],
        ),
    ];
    for (layer, texts) in table {
        all_are(layer, seen, texts);
    }
}

#[test]
fn prose_about_the_world_states_no_side() {
    let mut misread = 0;
    for text in [
        "Smoking is banned in most public places of the country.",
        "The noise generated by the engine was filtered by two capacitors.",
        "In most schools only the administrator may install a printer, and guests may not print at all.",
        "In Germany you are not allowed to work in the country without a visa.",
        "The response of the public was restrained, and the film was removed from cinemas.",
    ] {
        let verdict = seen(text);
        assert!(!verdict.reasons.iter().any(|reason| reason.rule.starts_with("sentence-")), "{text}");
        misread += usize::from(!matches!(verdict.verdict, Layer::NotARefusal | Layer::Undetermined));
    }
    // The reader of words may take a response that was removed for one of a model's.
    assert!(misread <= 2, "{misread}");
}

#[test]
fn what_was_stopped_for_a_technical_reason_was_judged_by_nobody() {
    for text in [
        "response_format was rejected: the schema holds an unsupported keyword",
        "The prompt plus output exceeds 8192 tokens and was rejected",
        "The response was cut off: stream closed by upstream",
        "The file you uploaded was deleted",
    ] {
        let verdict = diagnose(json!({"http": {"status": 400, "body": json!({"error": {"message": text}}).to_string()}}));
        assert!(matches!(verdict.verdict, Layer::NotARefusal | Layer::Undetermined), "{text}: {:?}", verdict.reasons);
    }
}

#[test]
fn a_code_that_prose_explains_is_no_code() {
    for text in [
        "In AWS, an AccessDeniedException means that the role lacks a permission.",
        "The finish reason content_filter means that a filter took the text away.",
    ] {
        assert!(!matches!(seen(text).verdict, Layer::UserTier | Layer::PreClassifier | Layer::PostClassifier), "{text}");
    }
    let real = body("An error occurred (AccessDeniedException) when calling the InvokeModel operation: no access");
    assert_eq!(real.verdict, Layer::UserTier);
}

#[test]
fn a_firewall_may_have_read_the_text() {
    let page = "<html><title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1></html>";
    let verdict = diagnose(json!({"http": {"status": 403, "body": page}}));
    assert_eq!(verdict.verdict, Layer::Undetermined);
    assert!(verdict.collect.unwrap().contains("short harmless text from the same client"));
}

#[test]
fn signs_without_end_are_walked_through_in_time() {
    let lines = "stage=input ".repeat(20_000);
    for text in ["a=".repeat(100_000), lines, "blocked prompt ".repeat(20_000), "key: ".repeat(50_000)] {
        assert!(!body(&text).summary.is_empty() && !seen(&text).summary.is_empty());
    }
}
