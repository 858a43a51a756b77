//! Points: integers (thousandths) inside, numbers outside; and when a pass mark is reached, exactly.

use crate::fraction::Fraction;

/// Points as they are stored: thousandths.
pub fn milli(points: f64) -> i64 {
    let rounded = (points * 1000.0).round();
    // Points of a checked curriculum are far from the limits of f64's exact integers.
    if rounded.is_finite() && rounded.abs() < 9.0e15 { format!("{rounded:.0}").parse().unwrap_or(0) } else { 0 }
}

/// Thousandths as they go out: the number that is nearest to them.
pub fn points(milli: i64) -> f64 {
    format!("{milli}e-3").parse().unwrap_or_default()
}

/// An exact number of thousandths as it is stored: rounded, half up.
pub fn thousandths(exact: Fraction) -> i64 {
    i64::try_from(exact.rounded(0)).unwrap_or(i64::MAX)
}

/// Whether `raw` of `max` thousandths reach the pass mark. Where there is nothing to reach, only a mark of 0 is reached.
pub fn passes(raw: Fraction, max_milli: i64, mark: Fraction) -> bool {
    raw.scaled(1, max_milli) >= mark && (max_milli > 0 || mark == Fraction::ZERO)
}

/// `raw / max` as it is shown, in ten-thousandths: the nearest on the side of the mark on which the exact one lies, so that what is
/// shown never says another verdict.
pub fn scaled_e4(raw: Fraction, max_milli: i64, mark: Fraction) -> i32 {
    const PLACES: u32 = 4;
    if max_milli <= 0 {
        return 0;
    }
    let exact = raw.scaled(1, max_milli);
    let shown = |e4: u128| Fraction::new(i64::try_from(e4).unwrap_or(i64::MAX), 10_000);
    let e4 = match (exact >= mark, exact.rounded(PLACES)) {
        (true, nearest) if shown(nearest) < mark => exact.ceiling(PLACES),
        (false, nearest) if shown(nearest) >= mark => exact.floor(PLACES),
        (_, nearest) => nearest,
    };
    i32::try_from(e4.min(10_000)).unwrap_or(10_000)
}
