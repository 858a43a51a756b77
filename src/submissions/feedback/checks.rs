//! The checks: what one says on the wire, and the names of all of them, which a rubric may use.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use waymark_curriculum::rubric::{NO_EVASION, PARTS, checks_of, part_name};

use crate::lessons::format::AuthoredPart;

/// One thing that the service looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedbackCheck)]
pub struct Check {
    /// `evidence`, `diagnosis`, `reframe` or `escalation`.
    #[schema(example = "diagnosis")]
    pub part: String,
    /// Stable name of the check, unique in its part; more may come. A check that does not apply is left out.
    #[schema(example = "alternatives")]
    pub id: String,
    pub passed: bool,
    /// What is there, or what would help.
    pub message: String,
    /// JSON pointer (RFC 6901) into the submission, where one place is meant.
    #[serde(default)]
    #[schema(required, example = "/reframe/rewritten")]
    pub pointer: Option<String>,
    /// The words that are meant, cut short.
    #[serde(default)]
    #[schema(required)]
    pub quote: Option<String>,
}

#[derive(Debug, Default)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    /// Adds a check with what is there (`yes`) or what would help (`no`).
    pub fn add(&mut self, part: AuthoredPart, id: &str, passed: bool, yes: &str, no: &str) {
        self.say(part, id, passed, if passed { yes } else { no });
    }

    pub fn say(&mut self, part: AuthoredPart, id: &str, passed: bool, message: impl Into<String>) {
        debug_assert!(checks_of(part).contains(&id), "{id} is no known check");
        let (part, id, message) = (part_name(part).to_owned(), id.to_owned(), message.into());
        self.0.push(Check { part, id, passed, message, pointer: None, quote: None });
    }

    /// Says which place the last check means.
    pub fn at(&mut self, pointer: impl Into<String>, quote: Option<String>) {
        if let Some(last) = self.0.last_mut() {
            last.pointer = Some(pointer.into());
            last.quote = quote;
        }
    }
}
