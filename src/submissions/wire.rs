//! The shapes of a submission; `Evidence` is the one type that submissions and diagnoses share.
#[derive(Debug, serde::Deserialize)]
pub struct Evidence {}
