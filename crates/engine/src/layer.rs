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
}
