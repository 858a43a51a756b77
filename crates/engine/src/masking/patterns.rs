//! What must not be stored, and how it looks. All patterns are searched in linear time, and none needs to look at what
//! lies outside of the text it is given.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    ApiKey,
    BearerToken,
    /// A password, a client secret, or credentials of another scheme.
    Credential,
    Cookie,
    RequestId,
    Email,
    Phone,
    Ip,
    Card,
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::ApiKey,
        Kind::BearerToken,
        Kind::Credential,
        Kind::Cookie,
        Kind::RequestId,
        Kind::Email,
        Kind::Phone,
        Kind::Ip,
        Kind::Card,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::ApiKey => "api_key",
            Kind::BearerToken => "bearer_token",
            Kind::Credential => "credential",
            Kind::Cookie => "cookie",
            Kind::RequestId => "request_id",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Ip => "ip",
            Kind::Card => "card",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Finds one kind of value. The group `v` is what is replaced; `fits` sees it and what follows it.
pub struct Rule {
    /// None: a placeholder, which stays.
    pub kind: Option<Kind>,
    pub pattern: Regex,
    pub fits: fn(&str, &str) -> bool,
}

#[allow(clippy::expect_used, reason = "every pattern is a constant of this file, and a test compiles them all")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

const PLACEHOLDER_TEXT: &str =
    r"\[(?P<kind>api_key|bearer_token|credential|cookie|request_id|email|phone|ip|card):(?P<number>[0-9]{1,9})\]";

pub static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| compiled(PLACEHOLDER_TEXT));

const VENDOR_KEYS: &str = r"sk-[A-Za-z0-9_-]{6,}|AIza[A-Za-z0-9_-]{16,}|A(?:KIA|SIA)[A-Z0-9]{12,}|hf_[A-Za-z0-9]{8,}|gh[opusr]_[A-Za-z0-9]{8,}|github_pat_[A-Za-z0-9_]{8,}|glpat-[A-Za-z0-9_-]{8,}|xox[abprs]-[A-Za-z0-9-]{8,}|(?:xai|pplx|nvapi|fw|tgp|pk|rk)[-_][A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|gsk_[A-Za-z0-9]{8,}|r8_[A-Za-z0-9]{8,}|ya29\.[A-Za-z0-9_-]{8,}|wms_[A-Za-z0-9]{16,}";

static VENDOR_KEY: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("^(?:{VENDOR_KEYS})$")));

pub fn is_vendor_key(text: &str) -> bool {
    VENDOR_KEY.is_match(text) && has_digit(text, "")
}

/// In the order in which they are applied: what names itself a secret before what only looks like one.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |kind, pattern: &str, fits| Rule { kind: Some(kind), pattern: compiled(pattern), fits };
    // Up to a quotation mark or backslash, so that pieces of JSON in other text stay what they are.
    let assigned = r#"["']?[ \t]*[:=][ \t]*["']?"#;
    vec![
        Rule { kind: None, pattern: compiled(&format!("(?P<v>{PLACEHOLDER_TEXT})")), fits: always },
        rule(Kind::Cookie, r#"(?i)\b(?:set-)?cookie["']?[ \t]*:[ \t]*["']?(?P<v>[\w.-]+=[^\r\n"'\\]+)"#, always),
        rule(Kind::ApiKey, &format!(r"\b(?P<v>{VENDOR_KEYS})"), has_digit),
        rule(Kind::BearerToken, r"(?P<v>\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)", always),
        rule(Kind::BearerToken, r"(?i)\bbearer[ \t]+(?P<v>[A-Za-z0-9._~+/=-]{8,})", has_digit),
        rule(
            Kind::Credential,
            &format!(
                r"(?i)\b(?:proxy-)?authorization{assigned}(?:basic|digest|token|apikey)[ \t]+(?P<v>[A-Za-z0-9._~+/=-]{{6,}})"
            ),
            always,
        ),
        rule(
            Kind::ApiKey,
            &format!(r#"(?i)\b(?:x-)?(?:goog-)?api[-_]?key{assigned}(?P<v>[^\s"'\\,;&\[\](){{}}<>]{{6,}})"#),
            always,
        ),
        rule(
            Kind::Credential,
            &format!(
                r#"(?i)\b(?:authorization|(?:access|refresh|id|auth)[-_]token|client[-_]secret|secret[-_]key|password|passwd){assigned}(?P<v>[^\s"'\\,;&\[\](){{}}<>]{{6,}})"#
            ),
            has_digit,
        ),
        rule(
            Kind::RequestId,
            &format!(
                r"(?i)\b(?:[a-z-]*request[-_ ]?id|cf-ray|traceparent|correlation[-_]id|trace[-_]id){assigned}(?P<v>[A-Za-z0-9][A-Za-z0-9._-]{{5,}})"
            ),
            has_digit,
        ),
        rule(
            Kind::RequestId,
            r"\b(?P<v>chatcmpl-[A-Za-z0-9]{3,}|(?:req|msg|resp)_[A-Za-z0-9]{6,}|gen-[0-9]{6,}[A-Za-z0-9-]*)",
            has_digit,
        ),
        rule(Kind::Email, r"(?P<v>[\w.%+-]+@(?:[\w-]+\.)+\p{L}{2,})", always),
        rule(Kind::Card, r"(?:^|[^\w.+-])(?P<v>(?:[0-9]{4}[ -]?){3}[0-9]{4}|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5})", is_card),
        rule(Kind::Phone, r"(?:^|[^\w+])(?P<v>\+[1-9](?:[ ().\x2f-]{0,2}[0-9])+)", is_phone),
        rule(Kind::Ip, r"(?:^|[^\w./-]|//)(?P<v>[0-9]{1,3}(?:\.[0-9]{1,3}){3})", is_ipv4),
        rule(Kind::Ip, r"(?:^|[^\w:.])(?P<v>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){1,6}:[0-9A-Fa-f]{1,4})", is_ipv6),
    ]
});

fn always(_: &str, _: &str) -> bool {
    true
}

/// Keys and ids have digits; words that look like them otherwise do not.
fn has_digit(value: &str, _: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit())
}

fn digits(value: &str) -> impl DoubleEndedIterator<Item = u8> {
    value.bytes().filter(u8::is_ascii_digit).map(|b| b.saturating_sub(b'0'))
}

fn goes_on(after: &str) -> bool {
    after.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// ITU-T E.164: at most 15 digits; and fewer than 8 with the country's are no number that anybody has.
fn is_phone(value: &str, after: &str) -> bool {
    (8..=15).contains(&digits(value).count()) && !goes_on(after)
}

/// Card numbers of the great networks begin with 2 to 6 and end in the check digit of ISO/IEC 7812-1.
fn is_card(value: &str, after: &str) -> bool {
    let sum: u32 = digits(value)
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit).saturating_mul(2)) {
            (0, _) => u32::from(digit),
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    sum.is_multiple_of(10) && value.starts_with(['2', '3', '4', '5', '6']) && !goes_on(after)
}

fn is_ipv4(value: &str, after: &str) -> bool {
    let more = after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    value.parse::<Ipv4Addr>().is_ok() && !more && !goes_on(after)
}

/// Two colons and a digit at least, so that paths of code such as `add::face` pass.
fn is_ipv6(value: &str, after: &str) -> bool {
    let more = after.strip_prefix(':').is_some_and(|rest| rest.starts_with(':') || goes_on(rest));
    value.parse::<Ipv6Addr>().is_ok() && has_digit(value, "") && !goes_on(after) && !more
}

/// What a member or header of this name holds, where that is a secret by its name alone.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "authorization" | "proxyauthorization" => Some(Kind::Credential),
        "xapikey" | "apikey" | "xgoogapikey" | "openaiapikey" | "anthropicapikey" => Some(Kind::ApiKey),
        "cookie" | "setcookie" => Some(Kind::Cookie),
        "accesstoken" | "refreshtoken" | "idtoken" | "authtoken" | "xauthtoken" | "xcsrftoken" => Some(Kind::BearerToken),
        "clientsecret" | "secretkey" | "password" | "passwd" | "xamzsecuritytoken" => Some(Kind::Credential),
        "cfray" | "traceparent" | "traceid" | "xtraceid" | "correlationid" | "xcorrelationid" | "xcloudtracecontext" => {
            Some(Kind::RequestId)
        }
        other if other.ends_with("requestid") || other.ends_with("requestids") => Some(Kind::RequestId),
        _ => None,
    }
}
