//! Numbers as people write them: compared in decimals, not in binary fractions (0.8 is within 0.1 of 0.7).

/// A number in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub u128, bool);

/// Digits behind the point.
pub const PLACES: usize = 9;
/// The largest number, either side of zero.
pub const LARGEST: f64 = 1e15;

/// A number as it is kept, where that is another one: rounded to nine digits behind the point, so that the traces of binary
/// fractions go (0.1 + 0.2). None for what is no number or too large.
pub fn rounded_number(value: f64) -> Option<f64> {
    if !value.is_finite() || value.abs() > LARGEST {
        return None;
    }
    let text = value.to_string();
    let digits = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = if digits(&text) <= PLACES { value } else { nearest(value, &text, digits)? };
    // Zero has no sign: not every database keeps one.
    Some(if value == 0.0 { 0.0 } else { value })
}

fn nearest(value: f64, text: &str, digits: impl Fn(&str) -> usize) -> Option<f64> {
    // A number of 32 bits that was widened: it was meant as that number is written.
    let narrow: f32 = text.parse().ok()?;
    if f64::from(narrow).to_bits() == value.to_bits() && digits(&narrow.to_string()) <= PLACES {
        return narrow.to_string().parse().ok();
    }
    format!("{value:.PLACES$}").parse().ok()
}

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
