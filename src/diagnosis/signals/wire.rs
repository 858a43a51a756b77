//! What a signal looks like on its way in and out.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::types::Time;
use crate::diagnosis::format::{Examples, Owner, Stage, Unconfirmed, When};
use crate::diagnosis::verdict::SourceRef;
use crate::lessons::format::Layer;

/// A signal that ties something observable to a layer: one of the built-in ones, or one of this tenant's own.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Signal)]
pub struct Entry {
    #[schema(example = "azure-prompt-filtered")]
    pub id: String,
    /// True for one of this tenant's own; the others are part of the program, and the same for everybody.
    pub own: bool,
    /// Counts every change of a tenant's own signal; null for a built-in one.
    #[schema(minimum = 1)]
    pub revision: Option<i64>,
    /// Which provider's responses it is about; `any` for what several of them share.
    #[schema(example = "azure")]
    pub provider: String,
    pub layer: Layer,
    /// For `undetermined`: the layers that it lies between.
    pub between: Vec<Layer>,
    pub stage: Stage,
    /// How likely the layer (or one of those in `between`) is the answer where nothing else is known.
    #[schema(minimum = 0.5, maximum = 0.99)]
    pub weight: f64,
    pub when: When,
    /// Ids of more general signals that say nothing more where this one fires.
    pub instead_of: Vec<String>,
    /// What it means.
    pub meaning: String,
    /// Who can change it; null where that is the layer's usual owner.
    pub owner: Option<Owner>,
    /// The next legitimate step; null where it is the layer's usual one.
    pub next_step: Option<String>,
    /// What would change the verdict; null where it is what usually would.
    pub would_change: Option<String>,
    /// For `undetermined`: the one observation that would decide.
    pub collect: Option<String>,
    /// Where it is documented or was reported.
    pub sources: Vec<SourceRef>,
    /// That nothing of the provider's own names it, and since when that is known; null where a source does.
    pub unconfirmed: Option<Unconfirmed>,
    /// When somebody last held it against its sources.
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
    /// Evidence on which it fires, and similar evidence on which it does not. Null in lists.
    pub examples: Option<Examples>,
    /// When a tenant's own signal was last changed; null for a built-in one.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub updated_at: Option<Time>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SignalPage {
    /// In the order of their ids.
    pub items: Vec<Entry>,
    /// This tenant's own signals that are stored and cannot be read, because the database is damaged: on every page. Left out where
    /// all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unreadable: Vec<UnreadableSignal>,
    pub next_cursor: Option<String>,
}

/// What is known of a signal that cannot be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadableSignal {
    pub id: String,
    #[schema(minimum = 1)]
    pub revision: i64,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Time,
}

/// A signal of a tenant's own. It is held to the rules of the built-in ones: it must fire on its positive examples, and on
/// none of its negative ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider": "acme gateway", "layer": "system_prompt", "stage": "block", "weight": 0.9,
    "when": {"all": [{"pointer": "/error/code", "value": "ACME-4711"}], "none": [{"status": [429]}]},
    "meaning": "The gateway's topic rule stopped the request before it reached a model.",
    "owner": "deployer", "next_step": "Ask the platform team to open the topic for your project, with an example.",
    "sources": [{"title": "Runbook of the gateway, chapter 3", "url": "https://wiki.acme.example/gateway", "reviewed_on": "2026-11-20"}],
    "reviewed_on": "2026-11-20",
    "examples": {
        "positive": [{"http": {"status": 403, "body": "{\"error\":{\"code\":\"ACME-4711\",\"message\":\"Topic not enabled.\"}}"}}],
        "negative": [{"http": {"status": 429, "body": "{\"error\":{\"code\":\"ACME-4290\",\"message\":\"Slow down.\"}}"}}]}}))]
pub struct SignalPut {
    /// Which provider's responses it is about, in lower case, such as the name of a gateway; `any` for no one in particular.
    #[schema(min_length = 2, max_length = 100)]
    pub provider: String,
    pub layer: Layer,
    /// For `undetermined`: the layers that it lies between.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub between: Vec<Layer>,
    /// `failure`, `account`, `block`, `model` or `wording`; the others are the engine's own.
    pub stage: Stage,
    /// How likely the layer (or one of those in `between`) is the answer where nothing else is known.
    #[schema(minimum = 0.5, maximum = 0.99)]
    pub weight: f64,
    pub when: When,
    /// Ids of the tenant's own, more general signals that say nothing more where this one fires.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub instead_of: Vec<String>,
    /// What it means, in one or two sentences.
    #[schema(min_length = 1, max_length = 2000)]
    pub meaning: String,
    /// Who can change it, where that is not the layer's usual owner.
    pub owner: Option<Owner>,
    /// The next legitimate step, where it is more special than the layer's.
    #[schema(max_length = 2000)]
    pub next_step: Option<String>,
    /// What would change the verdict, where it is more special than the layer's.
    #[schema(max_length = 2000)]
    pub would_change: Option<String>,
    /// For `undetermined`: the one observation that would decide.
    #[schema(max_length = 2000)]
    pub collect: Option<String>,
    #[schema(min_items = 1, max_items = 20)]
    pub sources: Vec<OwnSource>,
    /// When somebody last held it against its sources.
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
    pub examples: Examples,
}

/// Where a tenant's own signal is documented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SignalSource)]
#[serde(deny_unknown_fields)]
pub struct OwnSource {
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Begins with `https://` or `http://`.
    #[schema(max_length = 500, pattern = "^https?://")]
    pub url: Option<String>,
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignalQuery {
    /// Words that must all occur in the id, the meaning, the provider, or in what is matched: phrases, codes, pointers,
    /// values, headers. Upper and lower case do not count.
    #[param(max_length = 200, example = "content_filter prompt")]
    pub q: Option<String>,
    /// Only of this provider, by the name in `provider`.
    #[param(max_length = 100, example = "azure")]
    pub provider: Option<String>,
    /// Only of this layer.
    pub layer: Option<Layer>,
    /// Only of this stage.
    pub stage: Option<Stage>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}
