//! The arithmetic of one cell, as of the generic cell rate algorithm (ITU-T I.371, annex A): a cell is the moment at which all that was
//! taken will have come back. Times are nanoseconds, so that a rate of many in a second is not rounded up to more.

/// So many units a second for ever, and so many at once after a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub per_second: u32,
    pub burst: u32,
}

/// What is left in a cell, and how long until all of it is there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellState {
    pub left: u32,
    pub full_in: u64,
}

/// What was asked is not there; it is after so many nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotEnough {
    pub left: u32,
    pub wait: u64,
}

const SECOND: u64 = 1_000_000_000;
/// The largest numbers of a quota, so that times fit.
pub const LARGEST_QUOTA: u32 = 1_000_000;

impl Quota {
    /// Nothing is counted.
    pub const OFF: Quota = Quota { per_second: 0, burst: 0 };

    /// `RATE/BURST`, or `RATE` for as many at once as in a second; `0` for no limit.
    pub fn parse(text: &str) -> Option<Quota> {
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| *n <= LARGEST_QUOTA);
        let (rate, burst) = text.split_once('/').unwrap_or((text, text));
        match (number(rate)?, number(burst)?) {
            (0, 0) => Some(Quota::OFF),
            (0, _) | (_, 0) => None,
            (per_second, burst) => Some(Quota { per_second, burst }),
        }
    }

    pub fn is_off(self) -> bool {
        self.per_second == 0
    }

    /// In which one unit comes back. Rounded up: never more than the rate.
    fn unit(self) -> u64 {
        SECOND.div_ceil(u64::from(self.per_second.max(1)))
    }

    /// In which all of it comes back.
    fn whole(self) -> u64 {
        u64::from(self.burst).saturating_mul(self.unit())
    }

    /// In which all of it comes back, in seconds.
    pub fn window_seconds(self) -> u64 {
        self.whole().div_ceil(SECOND)
    }

    /// How long is still to go until the cell is full. Where that is far more than there can be, the clock was set back: nobody is
    /// kept out for that. A little more is the clock of two threads.
    fn debt(self, full_at: u64, now: u64) -> u64 {
        let debt = full_at.saturating_sub(now);
        if debt > self.whole().saturating_mul(2).saturating_add(SECOND) { 0 } else { debt.min(self.whole()) }
    }

    /// Whole units that are there.
    fn left(self, debt: u64) -> u32 {
        u32::try_from(self.whole().saturating_sub(debt) / self.unit()).unwrap_or(u32::MAX)
    }

    /// Takes `cost` units out of a cell that is full at `full_at`: the cell then, or what is missing. What costs more than there can
    /// ever be takes all of it.
    pub fn take(self, full_at: u64, cost: u32, now: u64) -> Result<(u64, CellState), NotEnough> {
        let debt = self.debt(full_at, now);
        let after = debt.saturating_add(u64::from(cost.min(self.burst)).saturating_mul(self.unit()));
        if after > self.whole() {
            return Err(NotEnough { left: self.left(debt), wait: after.saturating_sub(self.whole()) });
        }
        Ok((now.saturating_add(after), CellState { left: self.left(after), full_in: after }))
    }

    /// The same for what happened already: takes what is there, and refuses nothing.
    pub fn charge(self, full_at: u64, cost: u32, now: u64) -> u64 {
        let after = self.debt(full_at, now).saturating_add(u64::from(cost).saturating_mul(self.unit()));
        now.saturating_add(after.min(self.whole()))
    }
}

/// Nanoseconds as whole seconds, never too few.
pub fn whole_seconds(nanos: u64) -> u64 {
    nanos.div_ceil(SECOND)
}

#[cfg(test)]
#[path = "cell_tests.rs"]
mod tests;
