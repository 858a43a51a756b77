//! What a value looks like: a secret, a word that stands where a secret would, or a reference to one that is elsewhere.

/// Words that say that there is no secret here, in lower case.
const NOTHING: &[&str] = &[
    "absent",
    "any",
    "bearer",
    "bool",
    "boolean",
    "bytes",
    "changed",
    "denied",
    "disabled",
    "empty",
    "enabled",
    "expired",
    "failed",
    "false",
    "falsch",
    "filtered",
    "forbidden",
    "forgotten",
    "hidden",
    "incorrect",
    "int",
    "invalid",
    "keine",
    "masked",
    "missing",
    "n/a",
    "needed",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "ok",
    "omitted",
    "optional",
    "provided",
    "redacted",
    "rejected",
    "removed",
    "required",
    "revoked",
    "set",
    "str",
    "string",
    "todo",
    "true",
    "unauthorized",
    "undefined",
    "unknown",
    "unset",
    "valid",
    "verified",
    "wrong",
    "yes",
    "the",
    "must",
    "password",
    "token",
    "key",
    "basic",
    "digest",
    "object",
    "array",
    "number",
    "integer",
    "self",
    "this",
    "vergessen",
];

/// Nothing was given: a word for it, or something that is put in later.
pub fn is_nothing(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '[' | ']' | '(' | ')' | '.' | ',' | '!' | '?' | ':'));
    let lower = |word: &&&str| bare.eq_ignore_ascii_case(word);
    bare.is_empty() || NOTHING.iter().find(lower).is_some() || is_stand_in(value) || is_placeholder_word(bare)
}

/// `${NAME}`, `<your key>`, `{{ x }}`, `%s`, `****`, `...`.
pub fn is_stand_in(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
    let same = bytes.iter().filter(|b| **b == last).count();
    match first {
        b'$' => {
            value.starts_with("${")
                || value.starts_with("$(")
                || value.bytes().skip(1).all(|b| b.is_ascii_uppercase() || b == b'_')
        }
        b'<' => last == b'>',
        b'{' => value.starts_with("{{") || last == b'}',
        b'%' => value.len() <= 3 || last == b'%' || value.starts_with("%("),
        b'!' => value.bytes().skip(1).all(|b| b.is_ascii_lowercase()),
        _ => value.ends_with("...") || value.ends_with('\u{2026}') || (same == bytes.len() && !last.is_ascii_digit()),
    }
}

/// `your-api-key`, `YOUR_TOKEN_HERE`, `xxxx-xxxx`.
fn is_placeholder_word(value: &str) -> bool {
    let begins = |word: &str| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let crosses = value.bytes().filter(|b| matches!(b, b'x' | b'X' | b'*' | b'-' | b'.')).count();
    (begins("your") && value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' ')))
        || crosses == value.len()
}

/// A name of code where a value stands without quotation marks: `config.password`, `user_input`, `process.env.KEY`.
pub fn is_code(value: &str) -> bool {
    const NAMES: &[&str] =
        &["pass", "pw", "secret", "token", "key", "value", "input", "param", "arg", "env", "config", "setting", "cred", "auth"];
    let name = value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'$'));
    let lower = value.to_ascii_lowercase();
    // One plain word is a value, as in `password=secret`.
    let joined = value.contains('_') || value.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    name && (value.contains('.') || (joined && NAMES.iter().any(|word| lower.contains(word))))
}

/// How many of lower-case and upper-case letters there are.
pub fn kinds_of_letters(value: &str) -> usize {
    usize::from(value.bytes().any(|b| b.is_ascii_lowercase())) + usize::from(value.bytes().any(|b| b.is_ascii_uppercase()))
}

/// Upper case after lower case more often than words written together have it.
fn restless(value: &str) -> bool {
    let rises = value
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count();
    rises * 5 >= value.len()
}

/// As many different characters as chance brings: a third of the length, or nine.
pub fn varied(value: &str) -> bool {
    let seen = value.bytes().take(256).fold(0_u128, |seen, b| seen | 1 << (b & 127));
    usize::try_from(seen.count_ones()).unwrap_or(0) >= (value.len() / 3).clamp(4, 9)
}

/// Words and numbers joined by signs, as in names of models, files and places: `gpt-4o-2024-08-06`, `eu-central-1`.
pub fn is_wordy(value: &str) -> bool {
    let part = |part: &str| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let rest = part.get(1..).unwrap_or_default();
        let one_case = !rest.bytes().any(|b| b.is_ascii_uppercase()) || !part.bytes().any(|b| b.is_ascii_lowercase());
        let short = part.len() <= 5 && digits > 0 && letters > 0;
        letters + digits == part.len() && one_case && (digits == 0 && letters <= 16 || letters == 0 && digits <= 8 || short)
    };
    value.split(['-', '_', '.', '/', ':', '+', '%']).all(part)
}

/// A UUID (RFC 9562) in its usual spelling.
pub fn is_uuid(value: &str) -> bool {
    let fits = |(place, b): (usize, u8)| if matches!(place, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() };
    value.len() == 36 && value.bytes().enumerate().all(fits)
}

/// Made by chance, as it seems: at least `least` characters without a gap, digits among letters (or long, in both cases), not words.
pub fn is_random(value: &str, least: usize) -> bool {
    let fits = |b: u8| {
        b.is_ascii_graphic() && !matches!(b, b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'"' | b'\'' | b'\\' | b'|')
    };
    let head = value.get(..256).unwrap_or(value);
    if value.len() < least || !head.bytes().all(fits) || value.contains("://") || is_nothing(value) {
        return false;
    }
    let digits = head.bytes().any(|b| b.is_ascii_digit());
    let mixed = (digits && kinds_of_letters(head) > 0) || (head.len() >= 20 && restless(head));
    is_uuid(value) || (mixed && varied(head) && !is_wordy(head))
}

/// Like a password that somebody chose: letters with a digit or a sign among them.
pub fn is_chosen(value: &str) -> bool {
    let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
    let more = |b: u8| b.is_ascii_digit() || matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*');
    value.len() >= 6 && letters && value.bytes().any(more) && !is_wordy_with_signs(value) && !is_nothing(value)
}

/// `v1beta2`, `sha-256`, `2fa`: words with a joint, not passwords.
fn is_wordy_with_signs(value: &str) -> bool {
    value.contains(['-', '/', '.']) && is_wordy(value)
}
