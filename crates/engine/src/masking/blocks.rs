//! Private keys in armour. One that is not closed goes to the end of the text: the end was lost, not the key.

use super::found::{Found, Near, Rank};
use super::kinds::Kind;
use super::reach::{at, base64, count_steps, run, starts};

pub static LITERALS: &[(&str, Near)] = &[
    ("-----begin ", armoured),
    ("---- begin ssh2 encrypted private", armoured),
    ("private-lines:", putty),
    ("age-secret-key-1", age),
];

fn block(start: usize, end: usize) -> Option<Found> {
    Some(Found { start, end, kind: Kind::PrivateKey, rank: Rank::Block })
}

/// RFC 7468 (PEM), RFC 9580 (PGP), OpenSSH's own. Line ends may be written as `\n`, and lines quoted with `> `.
fn armoured(text: &str, start: usize, end: usize) -> Option<Found> {
    let label_end = run(text.as_bytes(), end, 64, |b| b != b'-' && b != b'\n');
    text.get(start..label_end)?.to_ascii_uppercase().contains("PRIVATE").then_some(())?;
    let closing = text.get(label_end..)?.find("---END ").or_else(|| text.get(label_end..)?.find("---- END "));
    count_steps(closing.unwrap_or(text.len() - label_end));
    let Some(closing) = closing.map(|at| label_end + at) else { return block(start, text.len()) };
    // Past the closing label and the dashes after it.
    let bytes = text.as_bytes();
    let label = run(bytes, closing, 8, |b| b != b'E');
    let dashes = run(bytes, label, 64, |b| b != b'-' && b != b'\n' && b != b'\\');
    let past = run(bytes, dashes, 5, |b| b == b'-');
    // In a string of JSON or code the line end after it belongs to the key.
    block(start, if starts(bytes, past, "\\n") { past + 2 } else { past })
}

/// PuTTY's private lines have no dashes.
fn putty(text: &str, _: usize, end: usize) -> Option<Found> {
    let start = run(text.as_bytes(), end, 16, |b| b == b' ' || b.is_ascii_digit() || b == b'\r' || b == b'\n');
    let close = run(text.as_bytes(), start, usize::MAX, |b| base64(b) || b == b'\r' || b == b'\n');
    let stop = text.get(start..close)?.find("Private-MAC").map_or(close, |at| start + at);
    block(start, start + text.get(start..stop)?.trim_end().len())
}

fn age(text: &str, start: usize, end: usize) -> Option<Found> {
    let past = run(text.as_bytes(), end, 64, |b| b.is_ascii_alphanumeric());
    (past > end + 40 && at(text.as_bytes(), start) == b'A').then_some(())?;
    block(start, past)
}
