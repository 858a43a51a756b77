//! Names that are given to secrets: members of JSON, headers, variables, parameters, words of a sentence.

use std::sync::LazyLock;

use super::kinds::Kind;
use super::reach::{at, byte_before, run, run_back};

/// What must be seen of a value before it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The name is enough.
    Whole,
    /// The value must look like made by chance, of so many characters: the name is given to other things too.
    Random(usize),
    /// A number of a few digits.
    Digits,
    /// Has a digit.
    Id,
    Cookie,
    /// The value begins with a scheme (RFC 9110, section 11).
    Authorization,
    Phone,
    /// A person's name, where it stands in an address.
    Person,
    /// A person's name, if the value has two parts.
    Named,
    /// Only as a parameter of an address.
    Parameter,
    /// As a parameter, or after `=`.
    Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameMeaning {
    pub kind: Kind,
    pub trust: Trust,
}

/// A name in a text.
pub struct NamePlace {
    pub start: usize,
    pub end: usize,
}

/// Every name that is looked for has one of these in it.
pub static STEMS: &[&str] = &[
    "pass",
    "pwd",
    "pw",
    "kennwort",
    "contrase",
    "senha",
    "wachtwoord",
    "heslo",
    "secret",
    "key",
    "token",
    "auth",
    "cookie",
    "credential",
    "sess",
    "csrf",
    "xsrf",
    "sig",
    "sid",
    "bearer",
    "request",
    "trace",
    "cf-ray",
    "correlation",
    "code",
    "otp",
    "pin",
    "cvv",
    "cvc",
    "phrase",
    "mnemonic",
    "name",
    "phone",
    "mobile",
    "clave",
    "secures",
    "license",
    "api",
    "psk",
    "user",
    "login",
    "student",
    "learner",
    "patient",
    "customer",
    "member",
    "owner",
    "prenom",
    "apellido",
    "tel",
    "fax",
];

struct Row {
    /// Whether only the last word is compared.
    word: bool,
    name: &'static str,
    holds: Option<NameMeaning>,
}

/// `names.txt`, by the last byte of each name.
static ROWS: LazyLock<Vec<Vec<Row>>> = LazyLock::new(|| {
    let lines = include_str!("names.txt").lines().filter(|line| !line.starts_with('#'));
    let mut rows: Vec<Vec<Row>> = std::iter::repeat_with(Vec::new).take(256).collect();
    for row in lines.flat_map(|line| of_line(line).unwrap_or_default()) {
        if let Some(same) = rows.get_mut(usize::from(row.name.bytes().next_back().unwrap_or(0))) {
            same.push(row);
        }
    }
    rows
});

fn of_line(line: &'static str) -> Option<Vec<Row>> {
    let mut words = line.split(' ');
    let (word, kind, trust) = (words.next()? == "word", words.next()?, words.next()?);
    let holds = match kind {
        "none" => None,
        kind => Some(NameMeaning { kind: Kind::named(kind)?, trust: trusted(trust)? }),
    };
    Some(words.map(|name| Row { word, name, holds }).collect())
}

#[cfg(test)]
pub fn rows() -> usize {
    ROWS.iter().map(Vec::len).sum()
}

fn trusted(name: &str) -> Option<Trust> {
    let (name, least) = name.split_once(':').unwrap_or((name, "0"));
    Some(match name {
        "whole" => Trust::Whole,
        "random" => Trust::Random(least.parse().ok()?),
        "digits" => Trust::Digits,
        "id" => Trust::Id,
        "cookie" => Trust::Cookie,
        "authorization" => Trust::Authorization,
        "phone" => Trust::Phone,
        "person" => Trust::Person,
        "named" => Trust::Named,
        "parameter" => Trust::Parameter,
        "signature" => Trust::Signature,
        _ => return None,
    })
}

/// Longer names are none.
const LONGEST: usize = 72;

/// What something of this name holds, where the name tells.
pub fn meaning_of(name: &str) -> Option<NameMeaning> {
    if name.len() > LONGEST {
        return None;
    }
    let (mut plain, mut last_word, mut lower_before) = ([0_u8; LONGEST], 0, false);
    let mut length = 0;
    for b in name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | ' ' | '.')).bytes() {
        let sign = matches!(b, b'-' | b'_' | b' ' | b'.' | b':' | b'$' | b'/');
        if sign || (b.is_ascii_uppercase() && lower_before) {
            last_word = length;
        }
        lower_before = b.is_ascii_lowercase() || b.is_ascii_digit();
        if !sign {
            *plain.get_mut(length)? = b.to_ascii_lowercase();
            length += 1;
        }
    }
    let plain = std::str::from_utf8(plain.get(..length)?).ok()?;
    // `cvv2` has a digit of its own; `passwords` and `apiKeys` are lists of what they hold.
    let singular =
        plain.strip_suffix('s').filter(|one| ["password", "apikey", "secret", "cookie"].iter().any(|end| one.ends_with(end)));
    let plain = singular.unwrap_or(plain);
    let word = plain.get(last_word..)?;
    let fits = |row: &&Row| if row.word { row.name == word } else { plain.ends_with(row.name) };
    let holds = ROWS.get(usize::from(plain.bytes().next_back()?))?.iter().find(fits)?.holds;
    // `DB_PASS`, where `pass` alone says little.
    let compound = word == "pass" && last_word > 0;
    holds.map(|name| if compound { NameMeaning { trust: Trust::Whole, ..name } } else { name })
}

fn of_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || b >= 0x80
}

/// The whole name around a stem.
pub fn name_around(text: &str, stem: usize) -> NamePlace {
    let bytes = text.as_bytes();
    let mut start = run_back(bytes, stem, 64, of_name);
    let mut end = run(bytes, stem, 64, of_name);
    // The bounds may have cut a letter of several bytes.
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    NamePlace { start, end }
}

/// A name of several words, with the two words before it: `my api key`.
pub fn with_words_before(text: &str, name: &NamePlace) -> usize {
    let bytes = text.as_bytes();
    let mut start = name.start;
    for _ in 0..2 {
        if byte_before(bytes, start) != b' ' {
            break;
        }
        let word = run_back(bytes, start - 1, 16, |b| b.is_ascii_alphabetic());
        if word == start - 1 || at(bytes, word) == 0 {
            break;
        }
        start = word;
    }
    start
}
