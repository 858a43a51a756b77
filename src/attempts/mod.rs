//! Quiz attempts: one learner's try at one lesson version's quiz. Started, answered, submitted, graded at once.
//!
//! Never here: how an answer key is written (that is `lessons`), what statistics say about many attempts.

pub mod closing;
pub mod grading;
pub mod http;
pub mod lifecycle;
pub mod lists;
pub mod refusals;
pub mod regrades;
pub mod rules;
pub mod save;
pub mod sent;
pub mod standing;
pub mod store;
pub mod view;
pub mod wire;

pub use waymark_curriculum::{fraction, kinds, order, points, responses};
