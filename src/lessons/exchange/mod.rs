//! A curriculum between folders and the database: what an import would change, and files as people edit them.

pub mod difference;
pub mod folder;
pub mod plan;
mod stored;

pub use plan::{Plan, PlanStep, PlannedChange};
pub use stored::{KeptCurriculum, read_published};
