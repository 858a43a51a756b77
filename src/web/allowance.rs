//! How much of a thing one owner may make in a day, so that nobody fills the disk of all. Counted in the transaction that makes
//! it: what is refused was not made, and what is repeated without effect is not counted.

use serde_json::json;

use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored, daily_use};
use crate::error::{Code, Problem};

/// Something with a bound by day (UTC) and owner.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Its name in the database, and in `params.of`.
    pub topic: &'static str,
    pub uses: i64,
    pub bytes: i64,
}

/// Each save of a submission keeps its content as a revision, for ever.
pub const SUBMISSIONS: Allowance = Allowance { topic: "submission_saves", uses: 500, bytes: 32 << 20 };
/// Attempts that begin, or come in whole.
pub const ATTEMPTS: Allowance = Allowance { topic: "attempts", uses: 1_000, bytes: 64 << 20 };
/// Diagnoses that are kept.
pub const DIAGNOSES: Allowance = Allowance { topic: "kept_diagnoses", uses: 1_000, bytes: 64 << 20 };

impl Allowance {
    /// Counts one use by `owner`, or says until when there is no more. Call it after the rows that it is about are written.
    pub fn spend(&self, conn: &mut Conn, (tenant, owner): (Id, Id), bytes: usize, now: Time) -> Stored<()> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let (uses, total) = daily_use::add(conn, (tenant, owner), self.topic, (1, bytes), now)?;
        // What is larger than a whole day's bytes is refused by other bounds, or not at all.
        if uses <= self.uses && (total <= self.bytes || uses == 1) {
            return Ok(());
        }
        let detail = format!(
            "Today's {} are used up ({} of them, or {} bytes). Keep what was not taken, and send it again after the time in Retry-After.",
            self.topic.replace('_', " "),
            self.uses,
            self.bytes
        );
        Err(Problem::new(Code::DailyLimit, detail)
            .with("of", self.topic)
            .with("limit", self.uses)
            .with("limit_bytes", self.bytes)
            .with("retry_after", json!(daily_use::seconds_left(now))))
    }
}
