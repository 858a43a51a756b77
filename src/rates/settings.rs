//! What the configuration says of limits.

use crate::rates::cell::{LARGEST_QUOTA, Quota};

/// How much each kind of caller may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateSettings {
    pub address: Quota,
    pub token_endpoint: Quota,
    pub person: Quota,
    pub client: Quota,
    /// Requests that run at once; 0: as many as there are.
    pub address_at_once: u32,
    pub person_at_once: u32,
    pub client_at_once: u32,
}

impl RateSettings {
    /// The limits of the configuration; `value` reads a key, `wrong` says what it must be.
    pub fn read<E>(value: impl Fn(&str) -> String, wrong: impl Fn(&str, &str, &str) -> E) -> Result<RateSettings, E> {
        let quota = |name: &str| {
            let text = value(name);
            let expected = "RATE/BURST, requests a second and at once, such as 20/600 (each at most 1000000); 0 means no limit";
            Quota::parse(&text).ok_or_else(|| wrong(name, &text, expected))
        };
        let number = |name: &str| {
            let text = value(name);
            let number = text.parse().ok().filter(|n| *n <= LARGEST_QUOTA);
            number.ok_or_else(|| wrong(name, &text, "a whole number up to 1000000; 0 means no limit"))
        };
        Ok(RateSettings {
            address: quota("rate_address")?,
            token_endpoint: quota("rate_token_endpoint")?,
            person: quota("rate_person")?,
            client: quota("rate_client")?,
            address_at_once: number("at_once_address")?,
            person_at_once: number("at_once_person")?,
            client_at_once: number("at_once_client")?,
        })
    }
}
