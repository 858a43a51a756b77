//! Tokens that say by their beginning whose they are: the shapes that vendors document.
//!
//! The checksums that some of them carry are not held against them: a key with one letter lost is still nearly a key.

use std::sync::LazyLock;

use super::found::{Found, Rank};
use super::kinds::Kind;
use super::reach::{alnum, ascii_digit, at, base64, byte_before, dotted, hex, run, run_back, token68, url_safe};
use super::values::{is_wordy, kinds_of_letters, varied};

/// What follows a beginning.
pub struct Shape {
    pub start: &'static str,
    set: fn(u8) -> bool,
    /// So many bytes after the beginning at least.
    least: usize,
    kind: Kind,
    /// Whether the beginning stays, as the address before a secret path does.
    stays: bool,
}

/// Whether a byte can stand in a token.
type IsIn = fn(u8) -> bool;

/// The sets of characters that the table names.
const SETS: &[(&str, IsIn)] = &[
    ("alnum", alnum),
    ("hex", hex),
    ("url_safe", url_safe),
    ("dotted", dotted),
    ("base64", base64),
    ("path", path),
    ("dollar", dollar),
    ("salted", salted),
];

fn path(b: u8) -> bool {
    token68(b) || b == b'@' || b == b'%'
}

fn dollar(b: u8) -> bool {
    alnum(b) || b == b'$'
}

fn salted(b: u8) -> bool {
    alnum(b) || matches!(b, b'$' | b'.' | b'/' | b'=' | b',' | b'+')
}

/// `tokens.txt`
pub static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let lines = include_str!("tokens.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| of_line(line).unwrap_or_default()).collect()
});

fn of_line(line: &'static str) -> Option<Vec<Shape>> {
    let mut words = line.split(' ');
    let (kind, set, least) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
    let stays = kind == "hook";
    let kind = if stays { Kind::ApiKey } else { Kind::named(kind)? };
    let set = SETS.iter().find(|(name, _)| *name == set)?.1;
    Some(words.map(|start| Shape { start, set, least, kind, stays }).collect())
}

/// So far is looked before a decision; what is longer is one token all the same.
const FAR: usize = 256;

impl Shape {
    /// The token of this shape that begins at `start`.
    pub fn at(&self, text: &str, start: usize) -> Option<Found> {
        let bytes = text.as_bytes();
        if !text.get(start..)?.starts_with(self.start) || (alnum(byte_before(bytes, start)) && alnum(at(bytes, start))) {
            return None;
        }
        let body = start + self.start.len();
        let far = run(bytes, body, FAR, self.set);
        let secret = text.get(body..far)?;
        let numbered = self.start != "gen-" || run(bytes, body, 6, ascii_digit) == body + 6;
        if secret.len() < self.least || !numbered || !self.is_like_a_key(secret) {
            return None;
        }
        let end = run(bytes, far, usize::MAX, self.set);
        Some(Found {
            start: if self.stays { body } else { start },
            end: end - trailing(bytes, body, end),
            kind: self.kind,
            rank: Rank::Token,
        })
    }

    /// Keys and ids have digits, or letters of both cases in no order; words that look like them otherwise do not.
    fn is_like_a_key(&self, secret: &str) -> bool {
        let digits = secret.bytes().any(|b| b.is_ascii_digit());
        let wordy = self.kind == Kind::ApiKey && is_wordy(secret);
        let loud = self.start.ends_with("IA") && secret.len() == 16 && kinds_of_letters(secret) == 1;
        (digits && !wordy)
            || loud
            || (secret.len() >= 24 && varied(secret) && (kinds_of_letters(secret) > 1 || secret.bytes().all(alnum)))
    }
}

/// A full stop or comma at the end belongs to the sentence.
fn trailing(bytes: &[u8], from: usize, end: usize) -> usize {
    end - run_back(bytes, end, end - from, |b| matches!(b, b'.' | b','))
}

/// Looks closer where the middle of a token stands.
pub type Middle = fn(&str, usize) -> Option<Found>;

/// Shapes that are known by something in their middle.
pub static MIDDLES: &[(&str, Middle)] = &[
    ("eyJ", web_token),
    (":AA", telegram),
    ("Q~", azure_secret),
    ("-us", mailchimp),
    (".atlasv1.", terraform),
    ("NRAL", new_relic),
    ("MTA", discord),
    ("MTE", discord),
    ("MTI", discord),
    ("MTM", discord),
    ("MTQ", discord),
];

fn token(start: usize, end: usize, kind: Kind) -> Option<Found> {
    Some(Found { start, end, kind, rank: Rank::Token })
}

/// A JSON Web Token (RFC 7519), its signature perhaps lost; the header is an object, so it begins with `{"`.
fn web_token(text: &str, start: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let header = run(bytes, start, 2048, url_safe);
    if !text.get(start..)?.starts_with("eyJ")
        || super::reach::word(byte_before(bytes, start))
        || header < start + 9
        || at(bytes, header) != b'.'
    {
        return None;
    }
    let payload = run(bytes, header + 1, usize::MAX, dotted);
    (run(bytes, header + 1, 4, url_safe) == header + 5).then_some(())?;
    token(start, payload - trailing(bytes, start, payload), Kind::BearerToken)
}

fn telegram(text: &str, colon: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = run_back(bytes, colon, 11, ascii_digit);
    let end = run(bytes, colon + 1, FAR, url_safe);
    ((8..=10).contains(&(colon - start)) && end > colon + 30).then_some(())?;
    token(start, end, Kind::ApiKey)
}

fn azure_secret(text: &str, middle: usize) -> Option<Found> {
    fn set(b: u8) -> bool {
        dotted(b) || b == b'~'
    }
    let bytes = text.as_bytes();
    let start = run_back(bytes, middle, 5, set);
    let end = run(bytes, middle, FAR, set);
    (start + 4 == middle && ascii_digit(byte_before(bytes, middle)) && (33..=40).contains(&(end - middle))).then_some(())?;
    token(start, end, Kind::ApiKey)
}

fn mailchimp(text: &str, middle: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let (start, end) = (run_back(bytes, middle, 33, hex), run(bytes, middle + 3, 3, ascii_digit));
    (start + 32 == middle && end > middle + 3).then_some(())?;
    token(start, end, Kind::ApiKey)
}

fn terraform(text: &str, middle: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let (start, end) = (run_back(bytes, middle, 20, alnum), run(bytes, middle + 9, FAR, url_safe));
    (start + 14 <= middle && end > middle + 49).then_some(())?;
    token(start, end, Kind::ApiKey)
}

fn new_relic(text: &str, middle: usize) -> Option<Found> {
    let start = run_back(text.as_bytes(), middle, 37, hex);
    (start + 36 == middle).then_some(())?;
    token(start, middle + 4, Kind::ApiKey)
}

/// The bot's id in base64, a time, a signature.
fn discord(text: &str, start: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let first = run(bytes, start, 32, alnum);
    let second = run(bytes, first + 1, 8, url_safe);
    let end = run(bytes, second + 1, 64, url_safe);
    let fits =
        (23..=28).contains(&(first - start)) && at(bytes, first) == b'.' && second == first + 7 && at(bytes, second) == b'.';
    (fits && end > second + 27 && !alnum(byte_before(bytes, start))).then_some(())?;
    token(start, end, Kind::ApiKey)
}

/// Whether the whole text is one token of a vendor.
pub fn is_vendor_key(text: &str) -> bool {
    let whole = |found: Found| found.kind == Kind::ApiKey && found.start == 0 && found.end == text.len();
    SHAPES.iter().filter(|shape| text.starts_with(shape.start)).any(|shape| shape.at(text, 0).is_some_and(whole))
}
