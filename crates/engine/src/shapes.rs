//! What responses look like: where JSON begins in other text, and where the known APIs put what the model wrote.

/// Whether the text is, as a whole, an object or list.
pub fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('{') || list_begins(text) || repr_at(text) == Some(0)
}

/// Whether a list begins here, and not the mark of a log line such as `[ERROR]` or `[2026-11-25 10:00]`.
fn list_begins(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[').map(str::trim_start) else { return false };
    let number = inside.trim_start_matches(|c: char| c.is_ascii_digit() || ".-eE+".contains(c));
    match inside.chars().next() {
        Some('{' | '[' | '"' | '\'' | ']') => true,
        Some(c) if c.is_ascii_digit() => {
            let digits = inside.len().saturating_sub(number.len());
            inside.get(..digits).is_some_and(|text| text.parse::<f64>().is_ok()) && number.trim_start().starts_with([',', ']'])
        }
        _ => inside.is_empty() || ["null", "true", "false", "None", "True", "False"].iter().any(|word| inside.starts_with(word)),
    }
}

/// Where JSON or an object repr begins in other text.
pub fn start_of_json(text: &str) -> Option<usize> {
    if text.trim_start().starts_with('{') || list_begins(text.trim_start()) {
        return text.find(['{', '[']);
    }
    let bracket = text.match_indices(['{', '[']).find_map(|(at, bracket)| {
        let after = text.get(at.saturating_add(1)..).unwrap_or_default().trim_start();
        let first = after.chars().next()?;
        let fits = match bracket {
            "{" => {
                let word = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0);
                let named = word > 0 && after.get(word..).is_some_and(|rest| rest.starts_with([':', '=']));
                matches!(first, '"' | '\'' | '}') || named
            }
            _ => first == '{',
        };
        fits.then_some(at)
    });
    match (bracket, repr_at(text)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Where an object repr such as `Choice(finish_reason=` begins.
pub fn repr_at(text: &str) -> Option<usize> {
    text.match_indices('(').take(200).find_map(|(at, _)| {
        let before = text.get(..at)?;
        let name =
            before.len().saturating_sub(before.trim_end_matches(|c: char| c.is_alphanumeric() || "_.[]".contains(c)).len());
        let after = text.get(at.saturating_add(1)..)?.trim_start();
        let word = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0);
        let fits = name > 2 && word > 0 && after.get(word..)?.starts_with('=') && !after.get(word..)?.starts_with("==");
        fits.then(|| at.saturating_sub(name))
    })
}

/// Paths at which an API puts what the model wrote: OpenAI and compatible, Responses, Anthropic, Gemini, Bedrock, Cohere,
/// DashScope, Titan and Llama on Bedrock, Ollama, envelopes of logs.
pub const ANSWERS: &[&str] = &[
    "/choices/*/message/content",
    "/choices/*/message/content/*/text",
    "/choices/*/message/refusal",
    "/choices/*/delta/content",
    "/choices/*/delta/refusal",
    "/choices/*/text",
    "/message/content",
    "/message/refusal",
    "/message/content/*/text",
    "/messages/*/content",
    "/messages/*/content/*/text",
    "/content/*/text",
    "/content/*/refusal",
    "/content_block/text",
    "/delta",
    "/delta/text",
    "/delta/content",
    "/delta/refusal",
    "/candidates/*/content/parts/*/text",
    "/parts/*/text",
    "/output_text",
    "/output/text",
    "/output/*/content/*/text",
    "/generations/*/text",
    "/generation",
    "/completion",
    "/response",
    "/response/*/content",
    "/response_obj/content",
    "/result",
    "/message/*/content",
    "/results/*/output_text",
    "/outputs/*/text",
    "/result/response",
    "/model_output/*",
    "/content_block_delta/delta/text",
];
