//! Numbers as people write them: compared in decimals, not in binary fractions (0.8 is within 0.1 of 0.7).

/// A number in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub u128, bool);

/// Digits behind the point.
pub const PLACES: usize = 9;
/// The largest number, either side of zero.
pub const LARGEST: f64 = 1e15;

impl Decimal {
    /// `None` for what is no number, is too large, or has more than nine digits behind the point.
    pub fn of(value: f64) -> Option<Decimal> {
        if !value.is_finite() || value.abs() > LARGEST {
            return None;
        }
        // The shortest decimal that reads back as the same number: what was written.
        let text = value.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > PLACES {
            return None;
        }
        Some(Decimal(format!("{whole}{fraction:0<PLACES$}").parse().ok()?, value < 0.0))
    }

    /// How far apart two numbers are, in billionths.
    pub fn distance(self, other: Decimal) -> u128 {
        if self.1 == other.1 { self.0.abs_diff(other.0) } else { self.0.saturating_add(other.0) }
    }
}
