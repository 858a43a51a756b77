//! JSON that is kept as it was sent: what would not read back the same is refused where it stands. Those are numbers that no double
//! (IEEE 754, binary64) tells from others, which RFC 8259, section 6 warns of, and names that stand twice in an object.

use std::collections::HashSet;

use crate::error::{FieldError, Problem};
use waymark_engine::pointer::escaped;

/// More faults than these help nobody.
const MOST: usize = 20;

/// Checks what stands at these pointers and below of a body that was parsed before.
pub fn check_as_sent(raw: &[u8], places: &[&str]) -> Result<(), Problem> {
    let text = std::str::from_utf8(raw).unwrap_or_default();
    let mut walk = Walk { rest: text, at: String::new(), places, wrong: Vec::new() };
    walk.value();
    if walk.wrong.is_empty() { Ok(()) } else { Err(Problem::bodies(walk.wrong)) }
}

/// Goes through JSON that is known to be sound and not too deep.
struct Walk<'a> {
    rest: &'a str,
    at: String,
    places: &'a [&'a str],
    wrong: Vec<FieldError>,
}

impl<'a> Walk<'a> {
    fn value(&mut self) {
        match self.next() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => drop(self.string()),
            Some('-' | '0'..='9') => self.number(),
            _ => drop(self.token(|c| c.is_ascii_alphabetic())),
        }
    }

    fn object(&mut self) {
        let mut seen = HashSet::new();
        self.skip('{');
        while self.next() == Some('"') {
            let quoted = self.string();
            let name: String = serde_json::from_str(quoted).unwrap_or_default();
            self.skip(':');
            let below = self.down(&escaped(&name));
            if !seen.insert(name) {
                self.fault("stands a second time in its object; only one of them could be kept.".to_owned());
            }
            self.value();
            self.at.truncate(below);
            self.skip(',');
        }
        self.skip('}');
    }

    fn array(&mut self) {
        self.skip('[');
        let mut index = 0_usize;
        while self.next().is_some_and(|c| c != ']') {
            let below = self.down(&index.to_string());
            self.value();
            self.at.truncate(below);
            index = index.saturating_add(1);
            self.skip(',');
        }
        self.skip(']');
    }

    fn number(&mut self) {
        let token = self.token(|c| matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'));
        if let Err(kept) = survives(token) {
            self.fault(format!("is a number that cannot be kept: it would read back as {kept}. Send fewer digits, or a text."));
        }
    }

    /// Goes below, and gives the way back.
    fn down(&mut self, name: &str) -> usize {
        let here = self.at.len();
        self.at.push('/');
        self.at.push_str(name);
        here
    }

    fn fault(&mut self, detail: String) {
        let within = |place: &&str| self.at.strip_prefix(*place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if self.wrong.len() < MOST && self.places.iter().any(within) {
            self.wrong.push(FieldError { pointer: Some(self.at.clone()), parameter: None, detail });
        }
    }

    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn skip(&mut self, what: char) {
        self.rest = self.rest.trim_start();
        self.rest = self.rest.strip_prefix(what).unwrap_or(self.rest);
    }

    fn token(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        // What is no token at all must not be looked at again and again.
        let end = if end == 0 { self.rest.len() } else { end };
        self.cut(end)
    }

    fn string(&mut self) -> &'a str {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        self.cut(end.map_or(self.rest.len(), |(at, _)| at.saturating_add(1)))
    }

    fn cut(&mut self, end: usize) -> &'a str {
        let (token, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        token
    }
}

/// Whether a number reads back as the number that was written, however it is spelled; else what would be read.
fn survives(token: &str) -> Result<(), String> {
    if token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok() {
        return Ok(());
    }
    let kept = token.parse::<f64>().unwrap_or_default();
    // As it will be written back: of two shortest spellings of a double, the standard library may take the other one.
    let spelled = serde_json::to_string(&kept).unwrap_or_default();
    if decimal(&spelled) == decimal(token) { Ok(()) } else { Err(spelled) }
}

/// (below zero, digits without zeros at either end, power of ten of the last of them); zero has no digits and no sign.
fn decimal(text: &str) -> (bool, String, i64) {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (below, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{decimals}");
    let digits = digits.trim_start_matches('0');
    let kept = digits.trim_end_matches('0');
    if kept.is_empty() {
        return (false, String::new(), 0);
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let power: i64 = power.trim_start_matches('+').parse().unwrap_or(i64::MIN / 2);
    let power = power.saturating_sub(count(decimals.len())).saturating_add(count(digits.len().saturating_sub(kept.len())));
    (below, kept.to_owned(), power)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn wrong(raw: &str) -> Vec<String> {
        let faults = check_as_sent(raw.as_bytes(), &["/kept"]).err();
        faults.map(|problem| problem.errors().iter().map(|one| one.pointer.clone().unwrap()).collect()).unwrap_or_default()
    }

    #[test]
    fn numbers_that_read_back_are_kept() {
        for number in [
            "0",
            "-0",
            "-0.0",
            "0e9",
            "1",
            "1.0",
            "1.10",
            "1e2",
            "1E+2",
            "-12.5e-3",
            "99.99999999999999",
            "0.1",
            "0.30000000000000004",
            "1.7976931348623157e308",
            "5e-324",
            "2.2250738585072014e-308",
            "9223372036854775807",
            "18446744073709551615",
            "-9223372036854775808",
            "9007199254740993",
            "123456789012345680000",
            "100000000000000000000000",
        ] {
            assert_eq!(wrong(&format!("{{\"kept\": {number}}}")), Vec::<String>::new(), "{number}");
        }
    }

    #[test]
    fn others_are_named_where_they_stand() {
        for number in [
            "12345678901234567890123",
            "18446744073709551616",
            "-9223372036854775809",
            "0.1234567890123456789",
            "1e-400",
            "1.00000000000000000001",
            "0.300000000000000044",
            "179769313486231570000000000001e279",
        ] {
            assert_eq!(
                wrong(&format!("{{\"a\": 1, \"kept\": {{\"x/y\": [1, {{\"~\": {number}}}]}}}}")),
                ["/kept/x~1y/1/~0"],
                "{number}"
            );
            assert_eq!(wrong(&format!("{{\"keptly\": {number}, \"other\": [{number}]}}")), Vec::<String>::new(), "{number}");
        }
        assert_eq!(wrong(r#"{"kept": {"a": 1, "b": {"a": 2}, "\u0061": 3}, "a": 1}"#), ["/kept/a"]);
        assert_eq!(wrong(r#"{"kept": ["\\", "\"}", {"a\"": 1e-400}, "]"], "x": null}"#), ["/kept/2/a\""]);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|list| Value::Object(list.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_by_a_program_with_doubles_is_kept(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert!(check_as_sent(text.as_bytes(), &[""]).is_ok(), "{}", text);
                prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
            }
        }

        /// A double with a fraction of a quarter lies in the middle between two spellings of the same length.
        #[test]
        fn doubles_between_two_spellings_are_kept(whole in 1_i64 << 50..1 << 51, quarters in 0_i64..4) {
            let double: f64 = format!("{whole}.{:02}", quarters * 25).parse().unwrap();
            let text = serde_json::to_string(&double).unwrap();
            prop_assert!(survives(&text).is_ok(), "{}", text);
        }

        #[test]
        fn nothing_makes_it_fall_or_loop(text in "[\\[\\]{}:,\"\\\\0-9eE.+a-z \u{e9}-]{0,60}") {
            let _ = check_as_sent(text.as_bytes(), &[""]);
        }

        /// A number passes if and only if its digits are those that come back.
        #[test]
        fn digits_decide(digits in "[1-9][0-9]{0,24}", point in 0_usize..26, power in -330_i32..300) {
            let point = point.min(digits.len());
            let token = format!("{}.{}e{power}", &digits[..point], &digits[point..]);
            let token = token.strip_prefix('.').map_or(token.clone(), |rest| format!("0.{rest}")).replace(".e", "e");
            let kept: f64 = token.parse().unwrap();
            prop_assume!(kept.is_finite());
            let back = serde_json::to_string(&kept).unwrap();
            prop_assert_eq!(survives(&token).is_ok(), decimal(&back) == decimal(&token), "{}", token);
        }
    }
}
