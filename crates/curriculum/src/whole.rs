//! Whole numbers, however they are written: 1, 1.0 and 1e0 are one number (JSON Schema 2020-12, validation, 6.1.1).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Unexpected, Visitor};

/// The largest whole number below which a float holds every one exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// The whole number that a float is; none for a fraction, or where the float may be the neighbour of what was written.
pub fn whole_number(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= EXACT).then(|| format!("{value:.0}").parse().ok())?
}

/// For an integer in a tagged union, where serde reads from a copy that keeps 1.0 as a fraction.
pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<i64>>(from: D) -> Result<T, D::Error> {
    struct Whole<T>(PhantomData<T>);
    impl<T: TryFrom<i64>> Visitor<'_> for Whole<T> {
        type Value = T;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("a whole number")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
            T::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
            let out = || E::invalid_value(Unexpected::Unsigned(value), &self);
            i64::try_from(value).ok().and_then(|value| T::try_from(value).ok()).ok_or_else(out)
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
            let out = || E::invalid_type(Unexpected::Float(value), &self);
            whole_number(value).and_then(|value| T::try_from(value).ok()).ok_or_else(out)
        }
    }
    from.deserialize_any(Whole(PhantomData))
}
