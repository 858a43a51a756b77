//! Values that are given to a name: `password=x`, `"apiKey": "x"`, `--token x`, `<secret>x</secret>`, "the password is x".

use super::found::{Found, Near, Rank};
use super::kinds::Kind;
use super::names::{self, NameMeaning, NamePlace, Trust};
use super::reach::{alnum, ascii_digit, at, blank, byte_before, count_steps, run, run_back, starts, starts_any_case, token68};
use super::telephones;
use super::tokens::is_vendor_key;
use super::values::{is_chosen, is_code, is_nothing, is_random};

pub static LITERALS: &[(&str, Near)] =
    &[("identified by ", identified_by), ("-u ", user_of_curl), ("--user ", user_of_curl), ("-p ", password_of_login)];

/// What binds a value to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// `=`, `=>`, `:=`, an element or attribute.
    Sign,
    /// `==`, and a comma between arguments: with quotation marks only.
    Weak,
    Colon,
    /// "is".
    Word,
    Space,
}

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy)]
struct AssignedValue {
    start: usize,
    end: usize,
    quoted: bool,
    bond: Bond,
}

/// As far as a value in quotation marks may go.
const LONGEST: usize = 4096;

pub fn assigned_value(text: &str, place: &NamePlace) -> Option<Found> {
    let bare = text.get(place.start..place.end)?;
    if bare.eq_ignore_ascii_case("bearer") {
        return bearer(text, place.end);
    }
    let name = match names::meaning_of(bare) {
        Some(name) if name.trust == Trust::Whole => name,
        _ => names::meaning_of(text.get(names::with_words_before(text, place)..place.end)?)?,
    };
    let value = after(text, place)?;
    let in_address = matches!(byte_before(text.as_bytes(), place.start), b'?' | b'&');
    let (start, end, kind) = judged(text, name, value, in_address, bare.starts_with('-'))?;
    let inner = text.get(start..end)?;
    let kind = if kind == Kind::Credential && is_vendor_key(inner) { Kind::ApiKey } else { kind };
    let rank = if matches!(name.trust, Trust::Person | Trust::Named) { Rank::Name } else { Rank::Assigned };
    Some(Found { start, end, kind, rank })
}

/// Where the value of a name is, by what stands between them.
fn after(text: &str, place: &NamePlace) -> Option<AssignedValue> {
    let bytes = text.as_bytes();
    let closed = run(bytes, place.end, 6, |b| matches!(b, b'\\' | b'"' | b'\'' | b'`' | b']'));
    let quoted_name = closed > place.end;
    let sign = run(bytes, closed, 8, blank);
    let (bond, from) = match at(bytes, sign) {
        b'=' => {
            let past = run(bytes, sign, 3, |b| b == b'=' || b == b'>');
            (if past > sign + 1 && at(bytes, sign + 1) == b'=' { Bond::Weak } else { Bond::Sign }, past)
        }
        b':' if at(bytes, sign + 1) == b':' => return None,
        b':' if at(bytes, sign + 1) == b'=' => (Bond::Sign, sign + 2),
        b':' => (Bond::Colon, sign + 1),
        b'-' if at(bytes, sign + 1) == b'>' => (Bond::Sign, sign + 2),
        // Arguments of a call; in a list of members what follows the comma is a name.
        b',' if quoted_name
            && byte_before(bytes, run_back(bytes, place.start, 2, |b| matches!(b, b'"' | b'\'' | b' '))) == b'(' =>
        {
            (Bond::Weak, sign + 1)
        }
        b'>' if byte_before(bytes, place.start) == b'<' => return markup(text, sign + 1),
        b'\r' | b'\n' => return next_line(text, sign, quoted_name),
        // `=` and `:` in an address inside of an address.
        b'%' if starts_any_case(bytes, sign, "%3d") || starts_any_case(bytes, sign, "%3a") => (Bond::Sign, sign + 3),
        _ if sign == closed => return None,
        _ if quoted_name && starts_any_case(bytes, sign, "value=") => (Bond::Sign, sign + 6),
        _ if quoted_name && starts_any_case(bytes, sign, "content=") => (Bond::Sign, sign + 8),
        _ => match ["is ", "was ", "ist ", "war ", "lautet ", "es ", "est ", "\u{e9} ", "\u{e8} "]
            .iter()
            .find(|word| starts_any_case(bytes, sign, word))
        {
            Some(word) => (Bond::Word, sign + word.len()),
            None => (Bond::Space, sign),
        },
    };
    let value = literal(text, run(bytes, from, 16, blank), bond)?;
    // A type stands between: `secret: String = "x"`.
    let equals = run(bytes, value.end, 4, blank);
    if bond == Bond::Colon && !value.quoted && at(bytes, equals) == b'=' && at(bytes, equals + 1) != b'=' && equals > value.end {
        return literal(text, run(bytes, equals + 1, 16, blank), Bond::Sign);
    }
    Some(value)
}

fn markup(text: &str, start: usize) -> Option<AssignedValue> {
    let end = run(text.as_bytes(), start, LONGEST, |b| b != b'<' && b != b'\n');
    Some(AssignedValue { start, end, quoted: true, bond: Bond::Sign })
}

/// `name: X` and `value: Y` on the next line, or the part of a form (RFC 7578), whose value follows an empty line.
fn next_line(text: &str, from: usize, quoted_name: bool) -> Option<AssignedValue> {
    let bytes = text.as_bytes();
    let lines = run(bytes, from, 4, |b| b == b'\r' || b == b'\n');
    let start = run(bytes, lines, 16, blank);
    if starts(bytes, start, "value:") {
        return literal(text, run(bytes, start + 6, 16, blank), Bond::Sign);
    }
    let empty = text.get(from..lines)?.bytes().filter(|b| *b == b'\n').count() == 2;
    (quoted_name && empty).then(|| literal(text, start, Bond::Sign)).flatten()
}

fn unquoted(b: u8) -> bool {
    b > b' '
        && !matches!(
            b,
            b',' | b';' | b'&' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|' | b'\\'
        )
}

/// A value with or without quotation marks; these may be escaped, as in JSON inside of other text.
fn literal(text: &str, from: usize, bond: Bond) -> Option<AssignedValue> {
    let bytes = text.as_bytes();
    let prefix = usize::from(matches!(at(bytes, from), b'f' | b'r' | b'b' | b'u') && matches!(at(bytes, from + 1), b'"' | b'\''));
    let open = run(bytes, from + prefix, 4, |b| b == b'\\');
    let (slashes, quote) = (open - from - prefix, at(bytes, open));
    if !matches!(quote, b'"' | b'\'' | b'`') {
        let end = run(bytes, from, LONGEST, unquoted);
        return Some(AssignedValue { start: from, end, quoted: false, bond });
    }
    let triple = at(bytes, open + 1) == quote && at(bytes, open + 2) == quote;
    let start = open + if triple { 3 } else { 1 };
    let mut end = start;
    while end < start + LONGEST {
        let next = at(bytes, end);
        let closes = next == quote && run_back(bytes, end, 8, |b| b == b'\\') + slashes == end;
        if next == 0 || (next == b'\n' && !triple) || closes {
            break;
        }
        end += 1;
    }
    count_steps(end - start);
    let end = if at(bytes, end) == quote { end - slashes } else { end };
    text.is_char_boundary(end).then_some(AssignedValue { start, end, quoted: true, bond })
}

/// The part of the value that goes, if it does.
fn judged(text: &str, name: NameMeaning, value: AssignedValue, in_address: bool, option: bool) -> Option<(usize, usize, Kind)> {
    let bytes = text.as_bytes();
    let AssignedValue { start, mut end, quoted, bond } = value;
    if !quoted {
        // A call or an index is code; a full stop belongs to the sentence.
        if matches!(at(bytes, end), b'(' | b'[') || (bond == Bond::Space && matches!(at(bytes, start), b'-' | b':' | b'=')) {
            return None;
        }
        end = run_back(bytes, end, end - start, |b| matches!(b, b'.' | b':' | b'?'));
    }
    if let Some(past) = phrase(text, name, value) {
        return Some((start, past, name.kind));
    }
    let inner = text.get(start..end)?;
    let bound = matches!(bond, Bond::Sign | Bond::Colon) || (bond == Bond::Weak && quoted) || option;
    let fits = match name.trust {
        Trust::Authorization => return bound.then(|| authorization(text, start)).flatten(),
        Trust::Cookie => return cookie(text, start, bound),
        Trust::Id => {
            let end = run(bytes, start, LONGEST, super::reach::dotted);
            let id = text.get(start..end)?;
            let fits = if bound { id.len() >= 6 && alnum(at(bytes, start)) } else { is_random(id, 12) };
            return (fits && id.bytes().any(ascii_digit)).then_some((start, end, name.kind));
        }
        Trust::Whole => goes_by_name(text, name.kind, AssignedValue { end, ..value }, option),
        Trust::Random(least) if bound => is_random(inner, least),
        Trust::Random(least) => is_random(inner, least.max(20)) && !inner.contains('/'),
        Trust::Digits => bond != Bond::Space && (3..=10).contains(&inner.len()) && inner.bytes().all(ascii_digit),
        Trust::Parameter => in_address && is_random(inner, 16),
        Trust::Signature => (in_address && is_random(inner, 16)) || (bond == Bond::Sign && is_random(inner, 24)),
        Trust::Person => in_address && is_name(inner, 1),
        Trust::Named => in_address && is_name(inner, 2),
        Trust::Phone if quoted => bound && telephones::is_number(inner),
        Trust::Phone => {
            let number = telephones::number(bytes, run(bytes, start, 2, |b| b == b'+' || b == b'('));
            return (bound && (6..=17).contains(&number.digits)).then_some((start, number.end, name.kind));
        }
    };
    fits.then_some((start, end, name.kind))
}

/// Whether a value goes because of its name.
fn goes_by_name(text: &str, kind: Kind, value: AssignedValue, option: bool) -> bool {
    let AssignedValue { start, end, quoted, bond } = value;
    let Some(inner) = text.get(start..end) else { return false };
    let password = kind == Kind::Credential;
    let long = if password {
        inner.len() >= 3
    } else if quoted {
        inner.len() >= 6
    } else {
        inner.len() >= 10 || (inner.len() >= 6 && inner.bytes().any(ascii_digit))
    };
    if !long || is_nothing(inner) || (!quoted && is_code(inner)) {
        return false;
    }
    let looks = is_random(inner, 8) || (password && is_chosen(inner));
    match bond {
        Bond::Sign => true,
        Bond::Weak => quoted,
        Bond::Colon => quoted || looks || (inner.len() >= 4 && ends(text.as_bytes(), end)),
        Bond::Word | Bond::Space if quoted => password && !inner.contains(' '),
        Bond::Word => {
            if password {
                is_chosen(inner)
            } else {
                is_random(inner, 16)
            }
        }
        Bond::Space if option => looks,
        Bond::Space if password => is_chosen(inner) && inner.len() >= 8 && inner.bytes().any(ascii_digit) || is_random(inner, 20),
        Bond::Space => is_random(inner, 20),
    }
}

/// The words of a phrase without quotation marks, to the end of its line: as many as wallets have (BIP 39).
fn phrase(text: &str, name: NameMeaning, value: AssignedValue) -> Option<usize> {
    let bytes = text.as_bytes();
    let past = run(bytes, value.start, 256, |b| b.is_ascii_lowercase() || b == b' ');
    let words = text.get(value.start..past)?.split_ascii_whitespace().count();
    let fits = matches!(words, 12 | 15 | 18 | 21 | 24)
        && name.trust == Trust::Whole
        && matches!(value.bond, Bond::Colon | Bond::Sign | Bond::Word);
    (fits && !value.quoted && ends(bytes, past)).then(|| run_back(bytes, past, 256, |b| b == b' '))
}

/// Whether a line or an item of it ends here: a value, not the beginning of a sentence.
fn ends(bytes: &[u8], end: usize) -> bool {
    let dot = run(bytes, end, 1, |b| b == b'.');
    let next = run(bytes, dot, 64, blank);
    matches!(
        at(bytes, next),
        0 | b'\r' | b'\n' | b'#' | b',' | b';' | b'}' | b')' | b']' | b'"' | b'\'' | b'<' | b'&' | b'\\' | b'`' | b'|'
    )
}

/// A name in an address: letters, of two parts at least where that is asked for.
fn is_name(value: &str, parts: usize) -> bool {
    let part = |part: &str| part.len() > 1 && part.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
    let split: Vec<&str> = value.split(['+', '.', '_']).flat_map(|one| one.split("%20")).collect();
    split.len() >= parts && split.len() <= 4 && split.iter().all(|one| part(one))
}

fn authorization(text: &str, start: usize) -> Option<(usize, usize, Kind)> {
    let bytes = text.as_bytes();
    let scheme_end = run(bytes, start, 24, |b| alnum(b) || b == b'-');
    let scheme = text.get(start..scheme_end)?.to_ascii_lowercase();
    let credentials = run(bytes, scheme_end, 8, blank);
    if credentials == scheme_end {
        let end = run(bytes, start, LONGEST, unquoted);
        let bare = text.get(start..end)?;
        return (bare.len() >= 6 && bare.bytes().any(ascii_digit) && !is_nothing(bare)).then_some((start, end, Kind::Credential));
    }
    let end = match scheme.as_str() {
        "bearer" => return bearer(text, scheme_end).map(|found| (found.start, found.end, found.kind)),
        "basic" | "token" | "apikey" | "api-token" | "bot" | "key" | "negotiate" | "bearertoken" => {
            run(bytes, credentials, LONGEST, token68)
        }
        // Parameters up to the end of the line.
        "digest" | "oauth" | "hawk" | "aws4-hmac-sha256" | "signature" | "ntlm" => {
            run(bytes, credentials, LONGEST, |b| b != b'\n' && b != b'\r' && b != b'\\')
        }
        _ => return None,
    };
    let inner = text.get(credentials..end)?;
    let kind = if is_vendor_key(inner) { Kind::ApiKey } else { Kind::Credential };
    (inner.len() >= 6 && !is_nothing(inner)).then_some((credentials, end, kind))
}

/// `Bearer` and a token (RFC 6750).
fn bearer(text: &str, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = run(bytes, end, 8, blank);
    let far = run(bytes, start, LONGEST, token68);
    let far = run_back(bytes, far, far - start, |b| b == b'.');
    let inner = text.get(start..far)?;
    (start > end && inner.len() >= 8 && inner.bytes().any(ascii_digit)).then_some(())?;
    let kind = if is_vendor_key(inner) { Kind::ApiKey } else { Kind::BearerToken };
    Some(Found { start, end: far, kind, rank: Rank::Assigned })
}

/// `name=value` and all that follows in its line.
fn cookie(text: &str, start: usize, bound: bool) -> Option<(usize, usize, Kind)> {
    let bytes = text.as_bytes();
    let name = run(bytes, start, 128, super::reach::dotted);
    let end = run(bytes, name, LONGEST, |b| !matches!(b, b'\r' | b'\n' | b'"' | b'\'' | b'\\'));
    (bound && name > start && at(bytes, name) == b'=' && end > name + 1 && text.is_char_boundary(end)).then_some((
        start,
        end,
        Kind::Cookie,
    ))
}

fn credential(text: &str, start: usize, end: usize) -> Option<Found> {
    let inner = text.get(start..end)?;
    let kind = if is_vendor_key(inner) { Kind::ApiKey } else { Kind::Credential };
    (inner.len() >= 3 && !is_nothing(inner)).then_some(Found { start, end, kind, rank: Rank::Assigned })
}

/// SQL.
fn identified_by(text: &str, _: usize, end: usize) -> Option<Found> {
    let value = literal(text, end, Bond::Space).filter(|value| value.quoted)?;
    credential(text, value.start, value.end)
}

/// `curl -u user:password`
fn user_of_curl(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let quote = run(bytes, end, 1, |b| b == b'"' || b == b'\'');
    let user = run(bytes, quote, 64, |b| unquoted(b) && b != b':' && b != b'/');
    let past = run(bytes, user + 1, 256, unquoted);
    (byte_before(bytes, start) == b' ' && user > quote && at(bytes, user) == b':')
        .then(|| credential(text, user + 1, past))
        .flatten()
}

/// `sshpass -p x`, `docker login -p x`
fn password_of_login(text: &str, start: usize, end: usize) -> Option<Found> {
    let from = run_back(text.as_bytes(), start, 80, |b| b != b'\n');
    let command = String::from_utf8_lossy(text.as_bytes().get(from..start)?).to_ascii_lowercase();
    ["login", "sshpass", "upload", "mysql", "publish"].iter().any(|word| command.contains(word)).then_some(())?;
    let value = literal(text, end, Bond::Space)?;
    let fits = is_chosen(text.get(value.start..value.end)?) || is_random(text.get(value.start..value.end)?, 8);
    fits.then(|| credential(text, value.start, value.end)).flatten()
}
