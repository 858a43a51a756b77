//! One loop over the bytes for what is made of digits: cards, accounts, telephones, addresses of the network.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::found::{Found, Rank};
use super::kinds::Kind;
use super::reach::{ascii_digit, at, byte_before, hex, run, run_back, word};
use super::{identities, telephones};

pub fn find_numbers(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let (mut place, mut colons) = (0, 0);
    while let Some(b) = bytes.get(place) {
        let next = match b {
            b'0'..=b'9' => {
                let end = run(bytes, place, usize::MAX, ascii_digit);
                found.extend(digits(bytes, text, place, end));
                end
            }
            b'+' => {
                found.extend(telephones::worldwide(bytes, place));
                place + 1
            }
            b'(' => {
                found.extend(telephones::north_american(bytes, place));
                place + 1
            }
            b':' if place >= colons => {
                colons = run(bytes, place, 45, |b| hex(b) || b == b':');
                found.extend(ipv6(text, place, colons));
                place + 1
            }
            _ => place + 1,
        };
        place = next;
    }
}

/// What the digits that begin here could be. Where they begin with a run of this length decides what is tried.
fn digits(bytes: &[u8], text: &str, start: usize, end: usize) -> Option<Found> {
    let after = at(bytes, end);
    let upper = |place: usize| byte_before(bytes, place).is_ascii_uppercase();
    let account = || (upper(start) && upper(start - 1)).then(|| identities::iban(bytes, start - 2)).flatten();
    match end - start {
        1..=3 if after == b'.' => ipv4(text, start).or_else(|| identities::cpf(bytes, start)),
        3 if after == b'-' => telephones::north_american(bytes, start),
        1 => None,
        _ => account().or_else(|| identities::card(bytes, start)),
    }
}

fn ip(start: usize, end: usize) -> Option<Found> {
    Some(Found { start, end, kind: Kind::Ip, rank: Rank::Ip })
}

fn ipv4(text: &str, start: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let end = run(bytes, start, 20, |b| ascii_digit(b) || b == b'.');
    let end = run_back(bytes, end, 20, |b| b == b'.');
    let (left, right) = (byte_before(bytes, start), at(bytes, end));
    let bounded = !word(right)
        && (left == b'/' && byte_before(bytes, start - 1) == b'/' || !(word(left) || matches!(left, b'.' | b'/' | b'-')));
    let word_before =
        text.get(run_back(bytes, start, 10, |b| b.is_ascii_alphabetic() || matches!(b, b' ' | b':' | b'='))..start)?;
    let version = ["version", "release", "build"]
        .iter()
        .any(|word| word_before.trim_end_matches([' ', ':', '=']).to_ascii_lowercase().ends_with(word));
    let address: Ipv4Addr = text.get(start..end)?.parse().ok()?;
    // Every machine has these two.
    let nobody = address.is_loopback() || address.is_unspecified();
    (bounded && !version && !nobody).then_some(())?;
    ip(start, end)
}

/// Two colons and a digit at least, so that paths of code such as `add::face` pass.
fn ipv6(text: &str, colon: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = run_back(bytes, colon, 45, |b| hex(b) || b == b':');
    let dotted = run(bytes, end, 16, |b| ascii_digit(b) || b == b'.');
    let parses =
        |end: usize| text.get(start..end).is_some_and(|text| text.parse::<Ipv6Addr>().is_ok() && text.bytes().any(ascii_digit));
    // A colon of the sentence may stand behind it.
    let bare = if byte_before(bytes, end) == b':' && byte_before(bytes, end - 1) != b':' { end - 1 } else { end };
    let end = [run_back(bytes, dotted, 16, |b| b == b'.'), bare].into_iter().find(|end| parses(*end))?;
    let left = byte_before(bytes, start);
    let more = at(bytes, end) == b':' && (at(bytes, end + 1) == b':' || word(at(bytes, end + 1)));
    (!word(left) && left != b'.' && !word(at(bytes, end)) && !more).then_some(())?;
    ip(start, end)
}
