//! The answers that the engine can give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a refusal came from, with the honest sixth answer and the open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    PreClassifier,
    TrainedRefusal,
    PostClassifier,
    SystemPrompt,
    UserTier,
    NotARefusal,
    Undetermined,
}

impl Layer {
    pub const ALL: [Layer; 7] = [
        Layer::PreClassifier,
        Layer::TrainedRefusal,
        Layer::PostClassifier,
        Layer::SystemPrompt,
        Layer::UserTier,
        Layer::NotARefusal,
        Layer::Undetermined,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Layer::PreClassifier => "pre_classifier",
            Layer::TrainedRefusal => "trained_refusal",
            Layer::PostClassifier => "post_classifier",
            Layer::SystemPrompt => "system_prompt",
            Layer::UserTier => "user_tier",
            Layer::NotARefusal => "not_a_refusal",
            Layer::Undetermined => "undetermined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_written() {
        for layer in Layer::ALL {
            assert_eq!(serde_json::to_value(layer).unwrap(), layer.name());
        }
    }
}
