//! What somebody observed of a refusal: the one type that submissions, sample cases and diagnoses share.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came back, as far as the learner could observe it. Leave out what is not known. Secrets and personal data are
/// masked before anything is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "provider": "OpenAI", "model": "gpt-4o", "surface": "api",
    "http": {"status": 400, "headers": [{"name": "content-type", "value": "application/json"}],
             "body": "{\"error\":{\"code\":\"content_filter\",\"param\":\"prompt\"}}"},
    "observed": {"output": "none", "explained": false, "raw_api": {"result": "refused", "tries": 3}, "other_accounts": "not_tried", "tried": ["The same text again"]},
    "happened_on": "2026-11-10", "language": "en"}))]
pub struct Evidence {
    #[schema(max_length = 200)]
    pub provider: Option<String>,
    #[schema(max_length = 200)]
    pub model: Option<String>,
    /// Where it happened: an API, a chat application, a plug-in.
    #[schema(max_length = 200)]
    pub surface: Option<String>,
    pub http: Option<HttpEvidence>,
    /// Exactly what a person saw.
    #[schema(max_length = 65_536)]
    pub visible_text: Option<String>,
    pub observed: Option<Observed>,
    pub comparison: Option<Comparison>,
    #[schema(value_type = Option<String>, format = "date")]
    pub happened_on: Option<NaiveDate>,
    /// BCP 47: the language of the conversation.
    #[schema(max_length = 35)]
    pub language: Option<String>,
}

/// The response as it came over the wire.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpEvidence {
    #[schema(minimum = 100, maximum = 599)]
    pub status: Option<u16>,
    #[schema(max_items = 50)]
    pub headers: Vec<Header>,
    /// The raw text of the body; JSON stays JSON after masking.
    #[schema(max_length = 65_536)]
    pub body: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HttpHeader)]
pub struct Header {
    #[schema(max_length = 200)]
    pub name: String,
    #[schema(max_length = 8000)]
    pub value: String,
}

/// What the learner noticed and tried.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Observed {
    /// How much of an answer came before the refusal.
    pub output: Option<OutputSeen>,
    /// Whether a reason was given.
    pub explained: Option<bool>,
    /// The same prompt on the provider's own API.
    pub raw_api: Option<RawApi>,
    /// The same prompt from other accounts.
    pub other_accounts: Option<Trial>,
    /// What else was tried.
    #[schema(max_items = 50)]
    pub tried: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputSeen {
    None,
    Partial,
    Whole,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    Refused,
    Answered,
    NotTried,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawApi {
    pub result: Option<Trial>,
    #[schema(minimum = 0, maximum = 10_000)]
    pub tries: Option<u32>,
}

/// The same prompt with and without the application's system prompt, or another difference that matters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Comparison {
    #[schema(max_length = 65_536)]
    pub with: Option<String>,
    #[schema(max_length = 65_536)]
    pub without: Option<String>,
}
