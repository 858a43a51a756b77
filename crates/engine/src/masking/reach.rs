//! Small steps over bytes. Whatever is looked for has a bound, so that no text costs more than a fixed number of steps a byte.

/// Counts the bytes that are looked at, for the test that holds the bound.
pub fn count_steps(_bytes: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + _bytes + 1));
}

#[cfg(test)]
thread_local! {
    /// Bytes that rules have looked at.
    pub static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The byte at a place; 0 outside of the text, which no set of characters has.
pub fn at(bytes: &[u8], place: usize) -> u8 {
    bytes.get(place).copied().unwrap_or(0)
}

pub fn byte_before(bytes: &[u8], place: usize) -> u8 {
    place.checked_sub(1).map_or(0, |place| at(bytes, place))
}

/// Where the run of `set` that begins at `from` ends, after at most `most` bytes.
pub fn run(bytes: &[u8], from: usize, most: usize, set: fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let length = rest.iter().take(most).take_while(|b| set(**b)).count();
    count_steps(length);
    from + length
}

/// Where the run of `set` that ends at `to` begins, at most `most` bytes before.
pub fn run_back(bytes: &[u8], to: usize, most: usize, set: fn(u8) -> bool) -> usize {
    let rest = bytes.get(..to).unwrap_or_default();
    let length = rest.iter().rev().take(most).take_while(|b| set(**b)).count();
    count_steps(length);
    to - length
}

pub fn starts(bytes: &[u8], place: usize, word: &str) -> bool {
    bytes.get(place..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
}

pub fn starts_any_case(bytes: &[u8], place: usize, word: &str) -> bool {
    bytes.get(place..place + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()))
}

pub fn ascii_digit(b: u8) -> bool {
    b.is_ascii_digit()
}

pub fn alnum(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

/// Letters of other scripts count as letters.
pub fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

pub fn hex(b: u8) -> bool {
    b.is_ascii_hexdigit()
}

/// base64url.
pub fn url_safe(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// base64 with its padding.
pub fn base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-')
}

pub fn dotted(b: u8) -> bool {
    url_safe(b) || b == b'.'
}

/// The `token68` of RFC 9110.
pub fn token68(b: u8) -> bool {
    dotted(b) || matches!(b, b'~' | b'+' | b'/' | b'=')
}

pub fn blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}
