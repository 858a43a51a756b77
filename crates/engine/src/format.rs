//! The shape of the files under `lessons/signals/`: what an author writes to tie something observable to a layer.
//!
//! Closed types, as everywhere in the curriculum: a misspelt key is an error that names it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::evidence::Evidence;
use crate::layer::Layer;

/// `lessons/signals/<provider>.yaml`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsFile {
    /// Which provider's responses the file is about; `any` for what several of them share.
    pub provider: String,
    /// What people call it in `evidence.provider`, in lower case; the longest name that occurs there decides.
    #[serde(default)]
    pub names: Vec<String>,
    pub sources: Vec<SignalSource>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<UnconfirmedSignals>,
    pub signals: Vec<Signal>,
}

/// Signals of a file that nothing of the provider's own names: people reported them, or public programs look for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnconfirmedSignals {
    pub on: NaiveDate,
    pub why: String,
    pub signals: Vec<String>,
}

/// That nothing of the provider's own, neither documentation nor code, names a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unconfirmed {
    /// When somebody last looked.
    #[schema(value_type = String, format = "date")]
    pub on: NaiveDate,
    /// What is missing, and what it rests on instead.
    pub why: String,
}

/// Where a signal is documented or was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalSource {
    /// Unique in its file.
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When somebody last held the signals against it.
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
}

/// A rule that ties something observable to a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Stable and unique, for example `openai-refusal-field`.
    #[schema(max_length = 100, pattern = "^[a-z0-9-]+$")]
    pub id: String,
    pub layer: Layer,
    /// For `undetermined`: the layers that it lies between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5)]
    pub between: Vec<Layer>,
    pub stage: Stage,
    /// How likely the layer (or one of those in `between`) is the answer where nothing else is known, from 0.5 to 0.99.
    #[schema(minimum = 0.5, maximum = 0.99)]
    pub weight: f64,
    pub when: When,
    /// Ids of more general signals that say nothing more where this one fires.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub instead_of: Vec<String>,
    /// What it means, in one or two sentences.
    #[schema(max_length = 2000)]
    pub meaning: String,
    /// Who can change it, where that is not the layer's usual owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The next legitimate step, where it is more special than the layer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub next_step: Option<String>,
    /// What would change the verdict, where it is more special than the layer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub would_change: Option<String>,
    /// For `undetermined`: the one observation that would decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub collect: Option<String>,
    /// Ids of the file's sources.
    #[schema(max_items = 20)]
    pub sources: Vec<String>,
    #[schema(value_type = String, format = "date")]
    pub reviewed_on: NaiveDate,
    pub examples: Examples,
}

/// The place in the order of evidence: what comes first outranks what comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Something failed, and nobody refused.
    Failure,
    /// The account, plan, region or verification.
    Account,
    /// A named block of a filter, with or without its side.
    Block,
    /// The model's own refusal, in a field or an envelope of its own.
    Model,
    /// Other conditions, other result.
    Comparison,
    /// How much came before it stopped.
    Timing,
    /// What the words say.
    Wording,
}

/// Who can change the setting behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The company that runs the model.
    Provider,
    /// Whoever configured the application or the guardrail.
    Deployer,
    /// Whoever holds the account or the contract.
    AccountHolder,
    /// The person who asked.
    Person,
}

/// All of `all`, at least one of `any` (where there are some), none of `none`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SignalCondition)]
pub struct When {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub all: Vec<Matcher>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub any: Vec<Matcher>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub none: Vec<Matcher>,
}

/// One thing that can be observed. Exactly one of `pointer`, `code`, `phrase`, `status`, `header`, `output` and `provider`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SignalMatcher)]
pub struct Matcher {
    /// A JSON pointer (RFC 6901) whose segments may also be `*` (any one name or index). It is held against the end of each
    /// path, so `/error/code` is also found below `/response`; case, `_` and `-` of names do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub pointer: Option<String>,
    /// With `pointer` or `header`: the value is just this, upper and lower case alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// With `pointer` or `header`: the value has a match of this regular expression (linear time, upper and lower case alike).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub pattern: Option<String>,
    /// With `pointer`: it is there and not empty (true), or it is there and null, "", [] or {} (false).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<bool>,
    /// The value of any member, whatever its name, or a whole word of text that is not JSON; for identifiers such as
    /// `content_filter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub code: Option<String>,
    /// Words of a message, as they stand; upper and lower case and white space do not count, and `*` is anything up to 80
    /// characters. Looked for in error messages, logs and what a person saw, not in what a model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub phrase: Option<String>,
    /// The HTTP status is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<u16>>,
    /// A header of this name, alone or with `value` or `pattern`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub header: Option<String>,
    /// Whether the response holds any text that the model wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputIn>,
    /// The provider that the evidence names, by the name of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub provider: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputIn {
    None,
    Some,
}

/// Evidence on which a signal fires, and similar evidence on which it does not. The tests run both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignalExamples)]
pub struct Examples {
    #[schema(min_items = 1, max_items = 20)]
    pub positive: Vec<Evidence>,
    #[schema(min_items = 1, max_items = 20)]
    pub negative: Vec<Evidence>,
}
