//! `/docs/signals`: the built-in signals as one page for people. It needs no token, no other host and no script; a small one
//! makes the list searchable where scripts run.

use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::diagnosis::format::{Matcher, OutputIn};
use crate::diagnosis::signals::wire::Entry;
use crate::diagnosis::source::Guide;
use crate::lessons::format::Layer;
use crate::state::AppState;
use crate::web::encoded::Encoded;

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
    let own = |provider: &str| signals.iter().filter(|signal| signal.provider == provider).collect::<Vec<&Entry>>();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Signals of Waymark" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#signals" { "To the signals" }
                header {
                    h1 { "Signals" }
                    p {
                        "A signal ties something that can be observed in a response to the layer that refused. These are the "
                        (signals.len()) " that the service knows; " code { "GET /v1/signals" } " serves them as data, and a tenant can "
                        "add its own. Where nothing else is known, the share at a signal says how likely its layer is. What nothing of the "
                        "provider's own names is marked as not confirmed, with the day."
                    }
                }
                form #filter role="search" hidden {
                    label for="words" { "Show only signals with these words" }
                    input #words type="search" autocomplete="off" spellcheck="false" aria-describedby="count";
                    p #count role="status" {}
                }
                nav aria-label="Providers" {
                    ul {
                        @for provider in &providers {
                            li { a href={ "#provider-" (provider) } { (name_of(provider)) } " (" (own(provider).len()) ")" }
                        }
                    }
                }
                main #signals tabindex="-1" {
                    @for provider in &providers {
                        // Folded: all signals one below the other are higher than three hundred screens.
                        details.provider {
                            summary { h2 id={ "provider-" (provider) } tabindex="-1" { (name_of(provider)) } " (" (own(provider).len()) ")" }
                            @for signal in own(provider) { (article(signal, guide)) }
                        }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
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
        ("media", "Makers of images, video and speech"),
        ("minimax", "MiniMax"),
        ("nemo", "NeMo Guardrails"),
        ("openai", "OpenAI"),
        ("openrouter", "OpenRouter"),
        ("xai", "xAI"),
    ];
    let usual = || provider.chars().take(1).flat_map(char::to_uppercase).chain(provider.chars().skip(1)).collect();
    NAMES.iter().find(|(id, _)| *id == provider).map_or_else(usual, |(_, name)| (*name).to_owned())
}

fn article(signal: &Entry, guide: &Guide) -> Markup {
    let id = &signal.id;
    let when = [("All of", &signal.when.all), ("At least one of", &signal.when.any), ("None of", &signal.when.none)];
    let usual = guide.layer(signal.layer).next_step.as_str();
    let step = signal.collect.as_deref().or(signal.next_step.as_deref()).unwrap_or(usual);
    html! {
        article id=(id) aria-labelledby={ "h-" (id) } {
            h3 id={ "h-" (id) } { a href={ "#" (id) } { code { (id) } } }
            p { (prose(&signal.meaning)) }
            dl {
                dt { "Layer" }
                dd { (layers(signal, guide)) }
                dt { "Stage" }
                dd { code { (json_name(&signal.stage)) } ", " (format!("{:.0}", signal.weight * 100.0)) "\u{a0}%" }
                dt { "Matches" }
                dd {
                    @for (name, matchers) in when.into_iter().filter(|(_, matchers)| !matchers.is_empty()) {
                        p { (name) ":" }
                        ul { @for one in matchers { li { (matcher(one)) } } }
                    }
                }
                dt { @if signal.collect.is_some() { "To decide" } @else { "Next step" } }
                dd { (prose(step)) }
                dt { "Sources, reviewed" }
                dd {
                    ul {
                        @for source in &signal.sources {
                            li {
                                @if let Some(url) = &source.url {
                                    a href=(url) rel="noreferrer" { (source.title) }
                                } @else {
                                    (source.title)
                                }
                                ", " (source.reviewed_on)
                            }
                        }
                    }
                }
                @if let Some(one) = &signal.unconfirmed {
                    dt { "Not confirmed" }
                    dd { (prose(&one.why)) " Looked for on " (one.on) "." }
                }
            }
        }
    }
}

fn layers(signal: &Entry, guide: &Guide) -> Markup {
    let named = |layer: Layer| html! { (guide.layer(layer).title) " (" code { (layer.name()) } ")" };
    if signal.layer != Layer::Undetermined {
        return named(signal.layer);
    }
    html! {
        code { "undetermined" } ", between "
        @for (at, layer) in signal.between.iter().enumerate() {
            @if at > 0 { " and " }
            (named(*layer))
        }
    }
}

/// The name that a value of an enumeration has on the wire.
fn json_name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a matcher looks for, in words.
fn matcher(one: &Matcher) -> Markup {
    let place = match (&one.pointer, &one.header) {
        (Some(pointer), _) => Some(("the field ", pointer)),
        (_, Some(header)) => Some(("the header ", header)),
        _ => None,
    };
    if let Some((kind, place)) = place {
        let place = html! { (kind) code { (place) } };
        return match (&one.value, &one.pattern, one.filled) {
            (Some(serde_json::Value::String(value)), ..) => html! { (place) " is " code { (value) } },
            (Some(value), ..) => html! { (place) " is " code { (value.to_string()) } },
            (_, Some(pattern), _) => html! { (place) " matches the pattern " code { (pattern) } },
            (.., Some(true)) => html! { (place) " is there and not empty" },
            (.., Some(false)) => html! { (place) " is there and empty" },
            _ => html! { (place) " is there" },
        };
    }
    match (&one.code, &one.phrase, &one.status, one.output, &one.provider) {
        (Some(text), ..) => html! { "the code " code { (text) } ", as a value or as a word of a text" },
        (_, Some(phrase), ..) => html! { "a message says " q { (phrase) } },
        (_, _, Some(status), ..) => html! {
            "the HTTP status is "
            @for (at, one) in status.iter().enumerate() {
                @if at > 0 { " or " }
                code { (one) }
            }
        },
        (.., Some(OutputIn::None), _) => html! { "the response holds no text of the model" },
        (.., Some(OutputIn::Some), _) => html! { "the response holds text of the model" },
        (.., Some(provider)) => html! { "the evidence names the provider " code { (provider) } },
        _ => html! {},
    }
}

/// Text with what stands in backticks as code.
fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
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
            assert!(
                !signal.when.all.iter().chain(&signal.when.any).chain(&signal.when.none).any(|one| matcher(one).0.is_empty())
            );
        }
        assert_eq!(page.matches("<dt>Matches</dt><dd><p>").count(), signals.built_in.len());
        let unconfirmed = signals.built_in.iter().filter(|signal| signal.unconfirmed.is_some()).count();
        assert_eq!(page.matches("<dt>Not confirmed</dt>").count(), unconfirmed);
        assert_eq!(page.matches("<h1>").count(), 1);
    }

    #[test]
    fn what_signals_say_is_text_and_no_markup() {
        assert_eq!(prose("<b> `a & \"b\"` it's").0, "&lt;b&gt; <code>a &amp; &quot;b&quot;</code> it's");
        let (_, page) = page();
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("<link") && !page.contains(" src=") && !page.contains("javascript:"));
    }
}
