use proptest::prelude::*;

use super::*;

fn quotas() -> impl Strategy<Value = Quota> {
    (1..=5_000_u32, 1..=5_000_u32).prop_map(|(per_second, burst)| Quota { per_second, burst })
}

/// What passes of (nanoseconds since the last, cost), with the time at which it did.
fn passed(quota: Quota, asked: &[(u64, u32)]) -> Vec<(u64, u32)> {
    let (mut now, mut cell, mut out) = (1_000_000_000_000, 0, Vec::new());
    for (pause, cost) in asked {
        now += pause;
        if let Ok((next, state)) = quota.take(cell, *cost, now) {
            assert!(state.left <= quota.burst);
            cell = next;
            out.push((now, (*cost).min(quota.burst)));
        }
    }
    out
}

proptest! {
    /// In no span of time, wherever it begins, does more pass than the burst and what comes back meanwhile.
    #[test]
    fn never_more_than_the_burst_and_the_rate(quota in quotas(), asked in prop::collection::vec((0..300_000_000_u64, 0..20_u32), 1..120)) {
        let passed = passed(quota, &asked);
        for (from, (begun, _)) in passed.iter().enumerate() {
            let mut sum = 0_u128;
            for (at, cost) in &passed[from..] {
                sum += u128::from(*cost);
                let came_back = u128::from(at - begun) * u128::from(quota.per_second) / 1_000_000_000;
                prop_assert!(sum <= u128::from(quota.burst) + came_back, "{sum} within {} ns", at - begun);
            }
        }
    }

    /// Whoever is refused and waits as long as it was told passes, and a nanosecond before that it does not.
    #[test]
    fn who_waits_passes(quota in quotas(), taken in 0..6_000_u32, cost in 1..6_000_u32, later in 0..3_000_000_000_u64) {
        let now = 1_000_000_000_000;
        let cell = quota.charge(0, taken, now);
        let now = now + later;
        if let Err(missing) = quota.take(cell, cost, now) {
            prop_assert!(missing.left < cost);
            prop_assert!(quota.take(cell, cost, now + missing.wait).is_ok());
            prop_assert!(quota.take(cell, cost, now + missing.wait - 1).is_err());
            prop_assert!(quota.take(cell, cost, now + whole_seconds(missing.wait) * 1_000_000_000).is_ok());
        }
    }

    /// What is said to be left is there, all of it, and no more.
    #[test]
    fn what_is_left_is_there(quota in quotas(), taken in 0..6_000_u32, later in 0..3_000_000_000_u64) {
        let now = 1_000_000_000_000;
        let cell = quota.charge(0, taken, now);
        let left = match quota.take(cell, 0, now + later) {
            Ok((_, state)) => state.left,
            Err(missing) => missing.left,
        };
        prop_assert!(quota.take(cell, left, now + later).is_ok());
        prop_assert!(left >= quota.burst || quota.take(cell, left + 1, now + later).is_err());
    }

    /// Wherever the clock goes, nobody waits for more than one unit, and where it went far back nobody waits.
    #[test]
    fn a_clock_that_goes_back_keeps_nobody_out_for_long(quota in quotas(), back in 0..1_000_000_000_000_u64) {
        let now = 1_000_000_000_000;
        let cell = quota.charge(0, quota.burst, now);
        match quota.take(cell, 1, now - back) {
            Err(missing) => prop_assert!(missing.wait <= quota.charge(0, 1, 0)),
            Ok(_) => prop_assert!(back > quota.charge(0, quota.burst, 0)),
        }
    }
}

/// A third of a second is no whole number of nanoseconds: three come back a little late and never early.
#[test]
fn three_a_second_are_not_three_in_less() {
    let quota = Quota { per_second: 3, burst: 3 };
    let (cell, _) = quota.take(0, 3, 0).unwrap();
    assert!(quota.take(cell, 3, 999_999_999).is_err());
    assert!(quota.take(cell, 3, 1_000_000_002).is_ok());
}

#[test]
fn what_costs_more_than_there_is_takes_all() {
    let quota = Quota { per_second: 10, burst: 5 };
    let (cell, state) = quota.take(0, 50, 7).unwrap();
    assert_eq!(state, CellState { left: 0, full_in: 500_000_000 });
    assert_eq!(quota.take(cell, 1, 7), Err(NotEnough { left: 0, wait: 100_000_000 }));
    assert_eq!(quota.window_seconds(), 1);
}

#[test]
fn quotas_are_read() {
    for (text, quota) in [
        ("0", Some((0, 0))),
        ("0/0", Some((0, 0))),
        ("20", Some((20, 20))),
        ("20/600", Some((20, 600))),
        (" 1 / 1000000 ", Some((1, 1_000_000))),
        ("20/0", None),
        ("0/20", None),
        ("", None),
        ("/", None),
        ("-1", None),
        ("20/600/1", None),
        ("1000001", None),
        ("20 a second", None),
    ] {
        assert_eq!(Quota::parse(text).map(|quota| (quota.per_second, quota.burst)), quota, "{text:?}");
    }
}
