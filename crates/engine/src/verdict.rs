//! What a diagnosis says: ranked layers, the reasons for them, and what to do next.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::format::{Owner, Stage};
use crate::layer::Layer;

/// Which layer refused, with reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DiagnosisVerdict, example = json!({
    "verdict": "pre_classifier", "confidence": 0.97, "extent": "full",
    "summary": "Most likely a filter on the input refused. `/error/param` is \"prompt\". The filter read your prompt and stopped the request before the model saw it.",
    "layers": [{"layer": "pre_classifier", "confidence": 0.97}, {"layer": "post_classifier", "confidence": 0.01}],
    "reasons": [{"rule": "azure-prompt-filtered", "stage": "block", "layers": ["pre_classifier"], "weight": 0.97,
        "evidence": "/http/body", "pointer": "/error/param", "quote": "prompt",
        "meaning": "The filter read your prompt and stopped the request before the model saw it.",
        "sources": [{"title": "Azure OpenAI documentation: content filtering", "url": "https://learn.microsoft.com/en-us/azure/ai-services/openai/concepts/content-filter", "reviewed_on": "2026-11-25"}]}],
    "owner": "provider",
    "next_step": "Find out which part of the input was judged, take out what is not needed, and say in plain words what the rest is for.",
    "do_not": "Do not disguise words, encode them or spread the request over several messages so that the filter misses it.",
    "would_change": "Output that came before the stop, or a field that names the completion instead of the prompt.",
    "collect": null, "read_as": "json", "notes": []}))]
pub struct Verdict {
    /// The layer that fits best; `undetermined` where two fit about as well, or nothing decides.
    pub verdict: Layer,
    /// How often a verdict given with this certainty is right, from 0 to 1; null where the verdict is `undetermined`: `layers` says
    /// what stays possible, and how likely each is.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
    /// How much of the request was refused, as far as the evidence shows.
    pub extent: Extent,
    /// The answer in a few sentences, for people.
    pub summary: String,
    /// Every layer that is possible, the most likely first.
    pub layers: Vec<Ranked>,
    /// What speaks for the verdict and against it; what decides stands first.
    pub reasons: Vec<Reason>,
    /// Who can change the setting behind it; null where nobody refused or nothing is decided.
    pub owner: Option<Owner>,
    /// The next legitimate step.
    pub next_step: String,
    /// What not to do.
    pub do_not: String,
    /// The observation that would overturn the verdict.
    pub would_change: String,
    /// The one observation that would decide, where the verdict is `undetermined`.
    pub collect: Option<String>,
    /// How the response was read.
    pub read_as: ReadAs,
    /// What limits the reading, for people: a body cut off, text that addresses the classifier.
    pub notes: Vec<String>,
    /// Where the response or the text holds several answers (a log, a conversation, a batch): one verdict for each, in their order, at
    /// most 50. Left out where there is one. The rest of this object is then about all of them: the verdict is that of the answers
    /// that refused, whatever the others say, and `undetermined` where they were refused by different layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 50)]
    pub parts: Vec<AnswerPart>,
}

/// One of several answers in a text, judged as if it were alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerPart {
    /// Which one it is, for people.
    #[schema(example = "answer 2 (line 14)")]
    pub label: String,
    /// JSON pointer (RFC 6901) into the evidence: the text that holds it.
    #[schema(example = "/http/body")]
    pub evidence: String,
    /// Its first byte in that text, encoded as UTF-8, from 0.
    pub from: usize,
    /// The byte behind its last.
    pub to: usize,
    /// The layer that fits best.
    pub layer: Layer,
    /// How often a verdict given with this certainty is right, from 0 to 1; null where the layer is `undetermined`.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
    /// How much of this request was refused.
    pub extent: Extent,
    /// The rule that decides (see `reasons`); null where none fired.
    #[schema(example = "azure-prompt-filtered")]
    pub rule: Option<String>,
    /// What it read, cut short.
    #[schema(example = "prompt")]
    pub quote: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Nothing was refused, or nothing shows that something was.
    None,
    /// A part was answered, or a part of an answer came before it was stopped.
    Partial,
    Full,
}

/// A layer and how likely it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ranked {
    pub layer: Layer,
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
}

/// One thing in the evidence that says something about the layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The rule that fired: the id of a signal (see `/v1/signals`), or one of the engine's own.
    #[schema(example = "azure-prompt-filtered")]
    pub rule: String,
    pub stage: Stage,
    /// The layers it speaks for; several where it cannot tell between them.
    pub layers: Vec<Layer>,
    /// How likely it makes them where nothing else is known.
    #[schema(minimum = 0, maximum = 1)]
    pub weight: f64,
    /// JSON pointer (RFC 6901) into the evidence: `/http/body`, `/visible_text`, `/observed/raw_api`.
    #[schema(example = "/http/body")]
    pub evidence: String,
    /// JSON pointer into the body, where it was read as JSON; in a stream the index of the event comes first, and JSON inside
    /// a string goes on where the string stands.
    #[schema(example = "/error/param")]
    pub pointer: Option<String>,
    /// What stands there, cut short.
    #[schema(example = "prompt")]
    pub quote: Option<String>,
    /// What it means.
    pub meaning: String,
    pub sources: Vec<SourceRef>,
}

/// Where a rule is documented or was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceRef {
    pub title: String,
    pub url: Option<String>,
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
}

/// The form in which the response was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// There was no response, or an empty one.
    Nothing,
    Json,
    /// JSON with something broken: cut off, a Python or JavaScript form, inside other text.
    BrokenJson,
    /// Server-sent events or JSON line by line.
    Stream,
    Text,
}
