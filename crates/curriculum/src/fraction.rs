//! Exact fractions. Shares of points are added up as they are and compared as they are; only what is shown is rounded, once.

use std::cmp::Ordering;

/// A number from 0 up, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    over: u128,
    under: u128,
}

impl Fraction {
    pub const ZERO: Fraction = Fraction { over: 0, under: 1 };

    /// `over / under`; nothing is below 0, and nothing is divided by 0.
    pub fn new(over: i64, under: i64) -> Fraction {
        Fraction::reduced(u128::try_from(over).unwrap_or(0), u128::try_from(under).unwrap_or(1).max(1))
    }

    fn reduced(over: u128, under: u128) -> Fraction {
        let by = divisor(over, under).max(1);
        Fraction { over: over / by, under: under / by }
    }

    /// The number that was written: the shortest decimal that reads back as this one. Beyond 38 decimals it is rounded up, so that
    /// what is not zero stays so.
    pub fn written(value: f64) -> Fraction {
        const PLACES: usize = 38;
        if !value.is_finite() || value <= 0.0 {
            return Fraction::ZERO;
        }
        let text = value.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let kept = decimals.get(..PLACES).unwrap_or(decimals);
        let places = u32::try_from(kept.len()).unwrap_or(0);
        let (Ok(over), Some(under)) = (format!("{whole}{kept}").parse::<u128>(), 10_u128.checked_pow(places)) else {
            // Far beyond everything that can be reached.
            return Fraction { over: u128::MAX, under: 1 };
        };
        Fraction::reduced(over.saturating_add(u128::from(decimals.len() > PLACES)), under)
    }

    /// The sum. Denominators of shares are small and alike: their least common multiple stays far below what a number holds. Where
    /// it does not, the sum is right to the billionth.
    #[must_use]
    pub fn plus(self, other: Fraction) -> Fraction {
        self.exact_sum(other).unwrap_or_else(|| {
            let billionths = |one: Fraction| one.rounded(9);
            Fraction::reduced(billionths(self).saturating_add(billionths(other)), 1_000_000_000)
        })
    }

    fn exact_sum(self, other: Fraction) -> Option<Fraction> {
        let by = divisor(self.under, other.under).max(1);
        let (a, b) = (other.under / by, self.under / by);
        let over = self.over.checked_mul(a)?.checked_add(other.over.checked_mul(b)?)?;
        Some(Fraction::reduced(over, self.under.checked_mul(a)?))
    }

    /// This many times as much, of which one `by`-th.
    #[must_use]
    pub fn scaled(self, times: i64, by: i64) -> Fraction {
        let other = Fraction::new(times, by);
        // Across first, so that the products are in lowest terms and as small as they can be.
        let (a, b) = (Fraction::reduced(self.over, other.under), Fraction::reduced(other.over, self.under));
        Fraction { over: a.over.saturating_mul(b.over), under: a.under.saturating_mul(b.under) }
    }

    /// Cut off after so many decimals, in units of the last one, and what is left of `under`.
    fn cut(self, places: u32) -> (u128, u128) {
        let (mut units, mut rest) = (self.over / self.under, self.over % self.under);
        for _ in 0..places {
            // By long division: the rest is below the denominator, and nothing grows.
            let (digit, left) = tenfold(rest, self.under);
            units = units.saturating_mul(10).saturating_add(digit);
            rest = left;
        }
        (units, rest)
    }

    /// Rounded to so many decimals, half up, in units of the last one.
    pub fn rounded(self, places: u32) -> u128 {
        let (units, rest) = self.cut(places);
        units.saturating_add(u128::from(rest >= self.under - rest))
    }

    /// The same, always down.
    pub fn floor(self, places: u32) -> u128 {
        self.cut(places).0
    }

    /// The same, always up.
    pub fn ceiling(self, places: u32) -> u128 {
        let (units, rest) = self.cut(places);
        units.saturating_add(u128::from(rest > 0))
    }
}

/// `rest * 10 / under` and what is left, without a product that may not fit.
fn tenfold(rest: u128, under: u128) -> (u128, u128) {
    match rest.checked_mul(10) {
        Some(ten) => (ten / under, ten % under),
        None => {
            let (mut digit, mut left) = (0, 0_u128);
            for _ in 0..10 {
                // left < under and rest < under, so that the difference says whether the sum reaches `under`.
                if left >= under - rest {
                    left -= under - rest;
                    digit += 1;
                } else {
                    left += rest;
                }
            }
            (digit, left)
        }
    }
}

fn divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    /// By continued fractions: whole parts first, then what is left, turned over. No product, so nothing can be too large.
    fn cmp(&self, other: &Fraction) -> Ordering {
        let (mut a, mut b) = ((self.over, self.under), (other.over, other.under));
        let mut turned = false;
        loop {
            let order = (a.0 / a.1).cmp(&(b.0 / b.1));
            let (left, right) = (a.0 % a.1, b.0 % b.1);
            let done = match (order, left, right) {
                (Ordering::Equal, 0, 0) => Some(Ordering::Equal),
                (Ordering::Equal, 0, _) => Some(Ordering::Less),
                (Ordering::Equal, _, 0) => Some(Ordering::Greater),
                (Ordering::Equal, _, _) => None,
                (order, _, _) => Some(order),
            };
            if let Some(order) = done {
                return if turned { order.reverse() } else { order };
            }
            (a, b, turned) = ((a.1, left), (b.1, right), !turned);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_written_is_what_is_meant() {
        assert_eq!(Fraction::written(0.8), Fraction::new(4, 5));
        assert_eq!(Fraction::written(0.6666666666666666), Fraction::new(6666666666666666, 10_000_000_000_000_000));
        assert!(Fraction::written(0.6666666666666666) < Fraction::new(2, 3));
        assert!(Fraction::written(0.6666666666666667) > Fraction::new(2, 3));
        for tiny in [5e-324, 1e-300, 1e-40, 1e-39] {
            assert!(Fraction::written(tiny) > Fraction::ZERO, "{tiny}");
        }
        for none in [0.0, -0.0, -1.0, f64::NAN] {
            assert_eq!(Fraction::written(none), Fraction::ZERO);
        }
        assert!(Fraction::written(f64::MAX) > Fraction::new(i64::MAX, 1));
    }

    #[test]
    fn three_thirds_are_one() {
        let third = Fraction::new(1, 3);
        assert_eq!(third.plus(third).plus(third), Fraction::new(1, 1));
        assert_eq!((third.rounded(3), third.floor(3), third.ceiling(3)), (333, 333, 334));
        let half = Fraction::new(1, 2);
        assert_eq!((half.rounded(0), half.floor(0), half.ceiling(0), half.ceiling(1)), (1, 0, 1, 5));
        assert_eq!((Fraction::ZERO.rounded(4), Fraction::new(7, 1).ceiling(2)), (0, 700));
    }

    #[test]
    fn sums_beyond_every_number_are_near_enough() {
        // Primes: no denominator shares anything with another.
        let primes = [1_000_000_007, 998_244_353, 1_000_000_009, 1_000_000_021, 1_000_000_033];
        let sum = primes.iter().fold(Fraction::ZERO, |sum, prime| sum.plus(Fraction::new(prime / 2, *prime)));
        assert_eq!(sum.rounded(6), 2_500_000);
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_products(a in 0_i64..1_000_000_000, b in 1_i64..1_000_000_000, c in 0_i64..1_000_000_000, d in 1_i64..1_000_000_000) {
            let products = (i128::from(a) * i128::from(d)).cmp(&(i128::from(c) * i128::from(b)));
            prop_assert_eq!(Fraction::new(a, b).cmp(&Fraction::new(c, d)), products);
            prop_assert_eq!(Fraction::new(a, b) == Fraction::new(c, d), products == Ordering::Equal);
        }

        #[test]
        fn rounding_is_the_nearest_and_half_goes_up(a in 0_i64..1_000_000_000, b in 1_i64..1_000_000, places in 0_u32..7) {
            let unit = 10_i128.pow(places);
            let (a128, b128) = (i128::from(a), i128::from(b));
            let nearest = (a128 * unit * 2 + b128).div_euclid(b128 * 2);
            let one = Fraction::new(a, b);
            prop_assert_eq!(i128::try_from(one.rounded(places)).unwrap(), nearest);
            prop_assert_eq!(i128::try_from(one.floor(places)).unwrap(), (a128 * unit).div_euclid(b128));
            prop_assert_eq!(i128::try_from(one.ceiling(places)).unwrap(), (a128 * unit + b128 - 1).div_euclid(b128));
        }

        #[test]
        fn what_is_written_reads_back(value in 0.0_f64..1.0) {
            let text = value.to_string();
            let places = u32::try_from(text.split_once('.').map_or(0, |(_, decimals)| decimals.len())).unwrap();
            if places <= 37 {
                let units = Fraction::written(value).rounded(places);
                prop_assert_eq!(format!("{units}e-{places}").parse::<f64>().unwrap(), value);
            }
        }

        #[test]
        fn tenfold_never_needs_the_product(rest in 0_u128..1000, under in 1000_u128..2000) {
            let large = u128::MAX / 2000;
            let (digit, left) = tenfold(rest * large, under * large);
            prop_assert_eq!((digit, left), (rest * 10 / under, rest * 10 % under * large));
        }
    }
}
