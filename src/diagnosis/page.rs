//! `/docs/signals`: the built-in signals as one page for people. It needs no token, no other host and no script; a small one
//! makes the list searchable where scripts run.

use std::fmt::Write;
use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::diagnosis::format::{Matcher, OutputIn};
use crate::diagnosis::signals::wire::Entry;
use crate::diagnosis::source::Guide;
use crate::lessons::encoded::Encoded;
use crate::lessons::format::Layer;
use crate::state::AppState;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page, made when somebody first asks for it.
static PAGE: OnceLock<Encoded> = OnceLock::new();

pub async fn signals(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let page = PAGE.get_or_init(|| Encoded::html(text(&state.signals.built_in, &state.engine.guide), "en"));
    let mut answer = page.answer(&request);
    if let Ok(policy) = HeaderValue::from_str(&policy()) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// Nothing runs and nothing is loaded but the page's own style and script.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn text(signals: &[Entry], guide: &Guide) -> String {
    let mut providers: Vec<&str> = signals.iter().map(|signal| signal.provider.as_str()).collect();
    providers.sort_unstable_by_key(|provider| (*provider != "any", *provider));
    providers.dedup();
    let (mut contents, mut body) = (String::new(), String::new());
    for provider in providers {
        let own: Vec<&Entry> = signals.iter().filter(|signal| signal.provider == provider).collect();
        let name = name_of(provider);
        let _ = write!(contents, "<li><a href=\"#provider-{0}\">{1}</a> ({2})</li>", safe(provider), safe(&name), own.len());
        let _ = write!(
            body,
            "<section class=\"provider\" aria-labelledby=\"provider-{0}\"><h2 id=\"provider-{0}\" tabindex=\"-1\">{1}</h2>",
            safe(provider),
            safe(&name)
        );
        own.iter().for_each(|signal| section(&mut body, signal, guide));
        body.push_str("</section>");
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Signals of Waymark</title><style>{STYLE}</style></head><body>\
         <a class=\"skip\" href=\"#signals\">To the signals</a>\
         <header><h1>Signals</h1>\
         <p>A signal ties something that can be observed in a response to the layer that refused. These are the {count} that the \
         service knows; <code>GET /v1/signals</code> serves them as data, and a tenant can add its own. Where nothing else is known, \
         the share at a signal says how likely its layer is.</p></header>\
         <form id=\"filter\" role=\"search\" hidden><label for=\"words\">Show only signals with these words</label>\
         <input id=\"words\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"count\">\
         <p id=\"count\" role=\"status\"></p></form>\
         <nav aria-label=\"Providers\"><ul>{contents}</ul></nav>\
         <main id=\"signals\" tabindex=\"-1\">{body}</main><script>{SCRIPT}</script></body></html>",
        count = signals.len(),
    )
}

/// What people call a provider, where that is not its name with a capital letter.
fn name_of(provider: &str) -> String {
    const NAMES: &[(&str, &str)] = &[
        ("any", "Several providers"),
        ("dashscope", "DashScope"),
        ("deepseek", "DeepSeek"),
        ("glm", "GLM"),
        ("huggingface", "Hugging Face"),
        ("litellm", "LiteLLM"),
        ("llama-guard", "Llama Guard"),
        ("minimax", "MiniMax"),
        ("nemo", "NeMo Guardrails"),
        ("openai", "OpenAI"),
        ("openrouter", "OpenRouter"),
        ("xai", "xAI"),
    ];
    let usual = || provider.chars().take(1).flat_map(char::to_uppercase).chain(provider.chars().skip(1)).collect();
    NAMES.iter().find(|(id, _)| *id == provider).map_or_else(usual, |(_, name)| (*name).to_owned())
}

fn section(out: &mut String, signal: &Entry, guide: &Guide) {
    let id = safe(&signal.id);
    let _ = write!(
        out,
        "<article id=\"{id}\" aria-labelledby=\"h-{id}\"><h3 id=\"h-{id}\"><a href=\"#{id}\"><code>{id}</code></a></h3><p>{}</p><dl>",
        prose(&signal.meaning)
    );
    let mut term = |name: &str, value: &str| {
        let _ = write!(out, "<dt>{name}</dt><dd>{value}</dd>");
    };
    term("Layer", &layers(signal, guide));
    term("Stage", &format!("<code>{}</code>, {:.0}\u{a0}%", written(&signal.stage), signal.weight * 100.0));
    let when = [("All of", &signal.when.all), ("At least one of", &signal.when.any), ("None of", &signal.when.none)];
    let mut matched = String::new();
    for (name, matchers) in when.into_iter().filter(|(_, matchers)| !matchers.is_empty()) {
        let items: String = matchers.iter().map(|one| format!("<li>{}</li>", matcher(one))).collect();
        let _ = write!(matched, "<p>{name}:</p><ul>{items}</ul>");
    }
    term("Matches", &matched);
    let usual = guide.layer(signal.layer).next_step.as_str();
    let step = signal.collect.as_deref().or(signal.next_step.as_deref()).unwrap_or(usual);
    term(if signal.collect.is_some() { "To decide" } else { "Next step" }, &prose(step));
    let sources: String = signal
        .sources
        .iter()
        .map(|source| match &source.url {
            Some(url) => format!(
                "<li><a href=\"{}\" rel=\"noreferrer\">{}</a>, {}</li>",
                safe(url),
                safe(&source.title),
                source.reviewed_on
            ),
            None => format!("<li>{}, {}</li>", safe(&source.title), source.reviewed_on),
        })
        .collect();
    term("Sources, reviewed", &format!("<ul>{sources}</ul>"));
    out.push_str("</dl></article>");
}

fn layers(signal: &Entry, guide: &Guide) -> String {
    let named = |layer: Layer| format!("{} (<code>{}</code>)", safe(&guide.layer(layer).title), written(&layer));
    if signal.layer != Layer::Undetermined {
        return named(signal.layer);
    }
    let between: Vec<String> = signal.between.iter().map(|layer| named(*layer)).collect();
    format!("<code>undetermined</code>, between {}", between.join(" and "))
}

/// The name that a value of an enumeration has on the wire.
fn written(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a matcher looks for, in words.
fn matcher(one: &Matcher) -> String {
    let code = |text: &str| format!("<code>{}</code>", safe(text));
    let place = match (&one.pointer, &one.header) {
        (Some(pointer), _) => Some(format!("the field {}", code(pointer))),
        (_, Some(header)) => Some(format!("the header {}", code(header))),
        _ => None,
    };
    if let Some(place) = place {
        return match (&one.value, &one.pattern, one.filled) {
            (Some(serde_json::Value::String(value)), ..) => format!("{place} is {}", code(value)),
            (Some(value), ..) => format!("{place} is {}", code(&value.to_string())),
            (_, Some(pattern), _) => format!("{place} matches the pattern {}", code(pattern)),
            (.., Some(true)) => format!("{place} is there and not empty"),
            (.., Some(false)) => format!("{place} is there and empty"),
            _ => format!("{place} is there"),
        };
    }
    match (&one.code, &one.phrase, &one.status, one.output, &one.provider) {
        (Some(text), ..) => format!("the code {}, as a value or as a word of a text", code(text)),
        (_, Some(phrase), ..) => format!("a message says <q>{}</q>", safe(phrase)),
        (_, _, Some(status), ..) => {
            let status: Vec<String> = status.iter().map(|one| code(&one.to_string())).collect();
            format!("the HTTP status is {}", status.join(" or "))
        }
        (.., Some(OutputIn::None), _) => "the response holds no text of the model".to_owned(),
        (.., Some(OutputIn::Some), _) => "the response holds text of the model".to_owned(),
        (.., Some(provider)) => format!("the evidence names the provider {}", code(provider)),
        _ => String::new(),
    }
}

/// Text as HTML, with what stands in backticks as code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", safe(part)) } else { safe(part) }).collect()
}

fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Engine;
    use crate::diagnosis::signals::memory::Signals;

    fn page() -> (Signals, String) {
        let engine = Engine::built_in().unwrap();
        let signals = Signals::new(engine.clone());
        let page = text(&signals.built_in, &engine.guide);
        (signals, page)
    }

    #[test]
    fn every_signal_stands_there_once_under_its_id() {
        let (signals, page) = page();
        assert!(signals.built_in.len() > 200);
        for signal in &signals.built_in {
            assert_eq!(page.matches(&format!(" id=\"{}\"", signal.id)).count(), 1, "{}", signal.id);
            assert!(!signal.when.all.iter().chain(&signal.when.any).chain(&signal.when.none).any(|one| matcher(one).is_empty()));
        }
        assert_eq!(page.matches("<dt>Matches</dt><dd><p>").count(), signals.built_in.len());
        assert_eq!(page.matches("<h1>").count(), 1);
    }

    #[test]
    fn what_signals_say_is_text_and_no_markup() {
        assert_eq!(prose("<b> `a & \"b\"` it's"), "&lt;b&gt; <code>a &amp; &quot;b&quot;</code> it&#39;s");
        let (_, page) = page();
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("<link") && !page.contains(" src=") && !page.contains("javascript:"));
    }
}
