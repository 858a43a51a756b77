//! Answers on the wire: one shape for each kind of item.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An answer to one item, of the item's kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ItemResponse)]
pub enum Response {
    SingleChoice(SingleChoiceResponse),
    MultipleResponse(MultipleResponseResponse),
    Ordering(OrderingResponse),
    Matching(MatchingResponse),
    ShortText(ShortTextResponse),
    Numeric(NumericResponse),
    PointAtField(PointAtFieldResponse),
}

impl Response {
    /// The value of `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Response::SingleChoice(_) => "single_choice",
            Response::MultipleResponse(_) => "multiple_response",
            Response::Ordering(_) => "ordering",
            Response::Matching(_) => "matching",
            Response::ShortText(_) => "short_text",
            Response::Numeric(_) => "numeric",
            Response::PointAtField(_) => "point_at_field",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleChoiceResponse {
    /// The id of the chosen option; never its position.
    #[schema(example = "pre")]
    pub option: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MultipleResponseResponse {
    /// The ids of all chosen options, each once, in any order; may be empty.
    #[schema(example = json!(["filter-reads-prompt", "model-never-ran"]))]
    pub options: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderingResponse {
    /// The ids of all options, in the learner's order. The order in which the attempt showed them is worth nothing, unless it is
    /// the right one: nobody can tell it from an order that nobody touched.
    #[schema(example = json!(["read-status", "read-body", "compare"]))]
    pub options: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchingResponse {
    /// At most one for each prompt, in any order; prompts may be left open.
    pub pairs: Vec<MatchedPair>,
}

/// A prompt and what the learner matched it to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchedPair {
    #[schema(example = "status-429")]
    pub prompt: String,
    /// The id of the option.
    #[schema(example = "tier")]
    pub choice: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortTextResponse {
    /// 1 to 200 characters. Line ends, tabs and control characters are taken out. For comparison it is normalised: compatibility
    /// forms and case by Unicode's NFKC_Casefold (where the item says that case counts, NFKC), nothing invisible, decimal digits
    /// of any script as 0 to 9, dashes, quotation marks and apostrophes as `-`, `"` and `'`, white space as single spaces, without
    /// quotation marks or a full stop around it; a text that is a number may have a decimal comma. No record holds it.
    #[schema(example = "content_filter")]
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumericResponse {
    /// A JSON number, so with a point; at most 10^15 either side of zero. Rounded to nine digits behind the point, then compared
    /// in decimals, exactly.
    #[schema(example = 4096)]
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointAtFieldResponse {
    /// A JSON Pointer (RFC 6901) into the body that the item shows; it must lead to something.
    #[schema(example = "/choices/0/finish_reason")]
    pub pointer: String,
}
