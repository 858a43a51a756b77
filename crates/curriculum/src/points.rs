//! Points: integers (thousandths) inside, numbers outside.

/// Points as they are stored: thousandths.
pub fn milli(points: f64) -> i64 {
    let rounded = (points * 1000.0).round();
    // Points of a checked curriculum are far from the limits of f64's exact integers.
    if rounded.is_finite() && rounded.abs() < 9.0e15 { format!("{rounded:.0}").parse().unwrap_or(0) } else { 0 }
}

/// Thousandths as they go out.
pub fn points(milli: i64) -> f64 {
    f64::from(i32::try_from(milli).unwrap_or(i32::MAX)) / 1000.0
}

/// raw / max in ten-thousandths, rounded half up; 0 where nothing can be reached.
pub fn scaled_e4(raw_milli: i64, max_milli: i64) -> i32 {
    if max_milli <= 0 {
        return 0;
    }
    let e4 = raw_milli.saturating_mul(20_000).saturating_add(max_milli) / max_milli.saturating_mul(2);
    i32::try_from(e4.clamp(0, 10_000)).unwrap_or(0)
}
