//! Where a caller stands, and how it is told: the fields `RateLimit-Policy` and `RateLimit` in the form that
//! draft-ietf-httpapi-ratelimit-headers has had since its revision 08, which are lists of structured fields (RFC 9651).

use crate::error::{Code, Problem};
use crate::rates::cell::{CellState, NotEnough, Quota, whole_seconds};

pub const RATE_LIMIT_POLICY: &str = "ratelimit-policy";
pub const RATE_LIMIT: &str = "ratelimit";

/// What one policy says to one caller at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateStanding {
    policy: &'static str,
    limit: u32,
    /// Seconds in which all of it comes back; none for requests that run at once, which come back as they end.
    window: Option<u64>,
    left: u32,
    /// Seconds until what was refused would pass, or until all of it is there again.
    wait: Option<u64>,
}

/// A request that goes too far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRefusal(pub RateStanding);

impl RateStanding {
    pub fn policy(&self) -> &'static str {
        self.policy
    }

    pub fn of_cell(policy: &'static str, quota: Quota, state: CellState) -> RateStanding {
        RateStanding::new(policy, quota, state.left, state.full_in)
    }

    pub fn of_refusal(policy: &'static str, quota: Quota, missing: NotEnough) -> RateStanding {
        RateStanding::new(policy, quota, missing.left, missing.wait)
    }

    fn new(policy: &'static str, quota: Quota, left: u32, wait: u64) -> RateStanding {
        let window = Some(quota.window_seconds());
        RateStanding { policy, limit: quota.burst, window, left, wait: Some(whole_seconds(wait)) }
    }

    pub fn of_running(policy: &'static str, most: u32) -> RateStanding {
        RateStanding { policy, limit: most, window: None, left: 0, wait: None }
    }

    /// The value of `RateLimit-Policy`.
    pub fn policy_field(&self) -> String {
        let RateStanding { policy, limit, .. } = self;
        match self.window {
            Some(window) => format!("\"{policy}\";q={limit};w={window}"),
            None => format!("\"{policy}\";q={limit};qu=\"concurrent-requests\""),
        }
    }

    /// The value of `RateLimit`.
    pub fn limit_field(&self) -> String {
        let RateStanding { policy, left, .. } = self;
        match self.wait {
            Some(wait) => format!("\"{policy}\";r={left};t={wait}"),
            None => format!("\"{policy}\";r={left}"),
        }
    }
}

impl RateRefusal {
    /// Seconds for `Retry-After`.
    pub fn seconds(&self) -> u64 {
        self.0.wait.unwrap_or(1).max(1)
    }

    pub fn detail(&self) -> String {
        match self.0.window {
            Some(window) => format!(
                "More was asked than the limit {:?} allows: {} at once, and as many again in {window} seconds. Repeat the same request after the time in Retry-After.",
                self.0.policy, self.0.limit
            ),
            None => format!(
                "{} requests are running, as many as the limit {:?} allows. Repeat the same request when one has ended.",
                self.0.limit, self.0.policy
            ),
        }
    }

    pub fn problem(&self) -> Problem {
        let problem = Problem::new(Code::RateLimited, self.detail()).with("policy", self.0.policy).with("limit", self.0.limit);
        let problem = match self.0.window {
            Some(window) => problem.with("window_seconds", window),
            None => problem,
        };
        problem.with("retry_after", self.seconds())
    }
}
