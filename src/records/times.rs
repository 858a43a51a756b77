//! Times as clients write them: RFC 3339, and the other forms of ISO 8601 that have one meaning. Pure.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, TimeZone};
use regex::Regex;

/// Date with or without hyphens, time with or without colons and down to hours, minutes, seconds or a fraction of the last of them,
/// and the offset in hours or hours and minutes; behind it may stand what RFC 9557 adds, which changes no moment.
static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^
        (?<year>\d{4}) (?: -(?<month>\d\d)-(?<day>\d\d) | (?<month2>\d\d)(?<day2>\d\d) )
        [Tt\ ] (?<hour>\d\d) (?: :?(?<minute>\d\d) (?: :?(?<second>\d\d) )? )? (?: [.,](?<fraction>\d+) )?
        \ ? (?: [Zz] | (?<sign>[-+\u{2212}])(?<hours>\d\d)(?: :?(?<minutes>\d\d) )? )
        (?: \[[^!\[\]]{1,100}\] ){0,8}$",
    )
    .ok()
});

/// A moment with its offset; none for what has no offset, no date, or no meaning.
pub fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let found = FORM.as_ref()?.captures(text.trim())?;
    let part = |name: &str| found.name(name).map(|digits| digits.as_str());
    let number = |name: &str| part(name).map_or(Some(0), |digits| digits.parse::<u32>().ok());
    let (month, day) = (number("month")?.max(number("month2")?), number("day")?.max(number("day2")?));
    let date = NaiveDate::from_ymd_opt(part("year")?.parse().ok()?, month, day)?;
    let (hour, minute, second) = (number("hour")?, number("minute")?, number("second")?);
    let fraction = fraction(part("fraction").unwrap_or_default(), part("minute").is_some(), part("second").is_some())?;
    // The end of a day may be called 24:00, and a leap second 60.
    let is_end = hour == 24 && (minute, second, fraction) == (0, 0, TimeDelta::zero());
    if (hour > 23 && !is_end) || minute > 59 || second > 60 {
        return None;
    }
    let in_day = TimeDelta::seconds(i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second));
    let local = date.and_hms_opt(0, 0, 0)?.checked_add_signed(in_day)?.checked_add_signed(fraction)?;
    let (hours, minutes) = (number("hours")?, number("minutes")?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    let is_west = part("sign").is_some_and(|sign| sign != "+");
    FixedOffset::east_opt(if is_west { -east } else { east })?.from_local_datetime(&local).single()
}

/// A fraction of a second, or of the minute or hour where that is the last part.
fn fraction(digits: &str, has_minute: bool, has_second: bool) -> Option<TimeDelta> {
    let unit: i128 = match (has_minute, has_second) {
        (_, true) => 1_000_000_000,
        (true, false) => 60_000_000_000,
        (false, false) => 3_600_000_000_000,
    };
    // Nanoseconds are the most that a clock tells.
    let digits: String = digits.chars().take(15).collect();
    let scale = 10_i128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let nanos = if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? * unit / scale };
    i64::try_from(nanos).ok().map(TimeDelta::nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) {
        let (one, other) = (moment(one), DateTime::parse_from_rfc3339(other).unwrap());
        assert_eq!(one.map(|at| (at, *at.offset())), Some((other, *other.offset())));
    }

    #[test]
    fn what_rfc_3339_allows_is_what_it_was() {
        for text in [
            "2026-11-29T09:00:03+01:00",
            "2026-11-29T09:00:03.120Z",
            "2026-11-29t09:00:03z",
            "2026-11-29 09:00:03-23:59",
            "0000-02-29T00:00:00Z",
            "9999-12-31T23:59:59.999999999-00:00",
        ] {
            same(text, text);
        }
        assert_eq!(moment("2016-12-31T23:59:60Z"), moment("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn other_forms_of_iso_8601_with_one_meaning() {
        for (text, plain) in [
            ("2026-11-29T09:00:03+0100", "2026-11-29T09:00:03+01:00"),
            ("2026-11-29T09:00:03+01", "2026-11-29T09:00:03+01:00"),
            ("2026-11-29T09:00:03\u{2212}0130", "2026-11-29T09:00:03-01:30"),
            ("2026-11-29T09:00Z", "2026-11-29T09:00:00Z"),
            ("2026-11-29T09Z", "2026-11-29T09:00:00Z"),
            ("2026-11-29T09:00:03,5Z", "2026-11-29T09:00:03.5Z"),
            ("2026-11-29T09:00,5Z", "2026-11-29T09:00:30Z"),
            ("2026-11-29T09.25Z", "2026-11-29T09:15:00Z"),
            ("20261129T090003Z", "2026-11-29T09:00:03Z"),
            ("20261129T0900+0100", "2026-11-29T09:00:00+01:00"),
            ("2026-11-29T24:00:00Z", "2026-11-30T00:00:00Z"),
            ("2026-11-29 09:00:03 +0100", "2026-11-29T09:00:03+01:00"),
            (" 2026-11-29T09:00:03Z\n", "2026-11-29T09:00:03Z"),
            ("2026-11-29T09:00:03+01:00[Europe/Berlin][u-ca=iso8601]", "2026-11-29T09:00:03+01:00"),
            ("2026-11-29T09:00:03.1234567890123456789Z", "2026-11-29T09:00:03.123456789Z"),
        ] {
            same(text, plain);
        }
    }

    #[test]
    fn what_has_no_one_meaning_is_no_moment() {
        for text in [
            "",
            "yesterday",
            "2026-11-29",
            "2026-11-29T09:00:03",
            "2026-02-30T09:00:03Z",
            "2026-11-29T25:00:00Z",
            "2026-11-29T24:00:01Z",
            "2026-11-29T09:60:00Z",
            "2026-11-29T09:00:61Z",
            "2026-11-29T09:00:03+24:00",
            "2026-11-29T09:00:03+1",
            "29.11.2026 09:00Z",
            "11/29/2026T09:00Z",
            "+12026-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "2026-11-29T09:00:03+01:00[!Europe/Berlin]",
            "1764406803",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_a_fault(text in proptest::prelude::any::<String>()) {
            let _ = moment(&text);
        }

        #[test]
        fn every_moment_reads_back(micros in -62_167_219_200_000_000_i64..253_402_300_799_000_000, minutes in -1439_i32..1440) {
            let at = DateTime::from_timestamp_micros(micros).unwrap().with_timezone(&FixedOffset::east_opt(minutes * 60).unwrap());
            let text = at.to_rfc3339();
            if text.len() <= 32 && !text.starts_with(['+', '-']) {
                proptest::prop_assert_eq!(moment(&text), Some(at));
            }
        }
    }
}
