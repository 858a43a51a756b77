//! Telephone numbers: the international form anywhere, national ones by a word beside them or by a form that nothing else has.

use super::found::{Found, Rank};
use super::kinds::Kind;
use super::reach::{ascii_digit, at, byte_before, run, word};

/// Words that announce a number. Each stands alone, or ends in a dot.
pub static WORDS: &[&str] = &[
    "phone",
    "telephone",
    "phone number",
    "tel",
    "mobile",
    "mobil",
    "cell",
    "cellphone",
    "fax",
    "whatsapp",
    "sms",
    "call me",
    "call us",
    "text me",
    "ring me",
    "reach me",
    "my number",
    "hotline",
    "telefon",
    "telefonnummer",
    "handy",
    "handynummer",
    "mobilnummer",
    "rufnummer",
    "durchwahl",
    "r\u{fc}ckruf",
    "t\u{e9}l\u{e9}phone",
    "t\u{e9}l",
    "portable",
    "tel\u{e9}fono",
    "m\u{f3}vil",
    "celular",
    "telefono",
    "cellulare",
    "telefoon",
    "mobiel",
    "telefone",
    "telem\u{f3}vel",
    "natel",
    "puhelin",
    "telefonn\u{ed}",
    "\u{96fb}\u{8a71}\u{756a}\u{53f7}",
    "\u{96fb}\u{8a71}",
    "\u{7535}\u{8bdd}",
    "\u{624b}\u{673a}",
    "\u{643a}\u{5e2f}",
    "\u{c804}\u{d654}",
];

/// National forms: country, what the number begins with, how many digits it has. From the countries' numbering plans, the trunk
/// prefix among the digits where it is dialled.
const FORMS: &[(&str, &str, std::ops::RangeInclusive<usize>)] = &[
    ("international prefix", "00", 9..=17),
    ("US CA", "23456789", 10..=10),
    ("US CA", "1", 11..=11),
    ("DE", "0", 7..=12),
    ("AT", "0", 7..=13),
    ("FR", "0", 10..=10),
    ("GB", "0", 10..=11),
    ("IT", "0", 7..=11),
    ("IT", "3", 9..=10),
    ("ES", "6789", 9..=9),
    ("NL CH BE", "0", 9..=10),
    ("PL", "45678", 9..=9),
    ("CZ", "234567", 9..=9),
    ("SE FI", "0", 7..=11),
    ("NO DK", "23456789", 8..=8),
    ("PT", "29", 9..=9),
    ("GR", "26", 10..=10),
    ("AU NZ", "0", 9..=11),
    ("IN", "6789", 10..=10),
    ("JP KR", "0", 9..=11),
    ("CN", "1", 11..=11),
    ("BR", "123456789", 10..=11),
    ("MX", "23456789", 10..=10),
    ("ZA", "0", 10..=10),
    ("TR IL", "0", 9..=11),
    ("RU", "8", 11..=11),
    ("HU", "06", 10..=11),
];

/// ITU-T E.164: at most 15 digits, and fewer than 8 with the country's are no number that anybody has.
const WORLDWIDE: std::ops::RangeInclusive<usize> = 8..=15;

pub struct Number {
    pub end: usize,
    pub digits: usize,
    first: [u8; 2],
}

/// Digits from `start` on, with up to three signs between them.
pub fn number(bytes: &[u8], start: usize) -> Number {
    let mut number = Number { end: start, digits: 0, first: [0; 2] };
    let mut next = start;
    while ascii_digit(at(bytes, next)) && number.digits < 24 {
        if let Some(first) = number.first.get_mut(number.digits) {
            *first = at(bytes, next);
        }
        number.digits += 1;
        number.end = next + 1;
        next = run(bytes, number.end, 3, |b| matches!(b, b' ' | b'(' | b')' | b'.' | b'/' | b'-'));
    }
    number
}

fn phone(start: usize, end: usize) -> Found {
    Found { start, end, kind: Kind::Phone, rank: Rank::Phone }
}

/// `+` and the whole number.
pub fn worldwide(bytes: &[u8], plus: usize) -> Option<Found> {
    let from = plus + 1 + usize::from(at(bytes, plus + 1) == b'(');
    let number = number(bytes, from);
    let left = byte_before(bytes, plus);
    let fits = WORLDWIDE.contains(&number.digits)
        && number.first[0] != b'0'
        && !word(at(bytes, number.end))
        && !word(left)
        && left != b'+';
    fits.then(|| phone(plus, number.end))
}

/// `(212) 555-0123` and `212-555-0123`: area and exchange of the North American plan begin with 2 to 9.
pub fn north_american(bytes: &[u8], start: usize) -> Option<Found> {
    let open = usize::from(at(bytes, start) == b'(');
    let area = start + open;
    let close = area + 3;
    let exchange = match (open, at(bytes, close), at(bytes, close + 1)) {
        (1, b')', b' ') => close + 2,
        (1, b')', b) if ascii_digit(b) => close + 1,
        (0, b'-', _) => close + 1,
        _ => return None,
    };
    let three = |at: usize| run(bytes, at, 4, ascii_digit) == at + 3 && matches!(bytes.get(at), Some(b'2'..=b'9'));
    let end = exchange + 8;
    let fits =
        three(area) && three(exchange) && at(bytes, exchange + 3) == b'-' && run(bytes, exchange + 4, 5, ascii_digit) == end;
    // `1-800-555-0199`: the country's 1 before it.
    let trunk = start >= 2 && at(bytes, start - 2) == b'1' && matches!(byte_before(bytes, start), b'-' | b' ');
    let start = if trunk { start - 2 } else { start };
    let left = byte_before(bytes, start);
    let bounded = !word(left) && !matches!(left, b'-' | b'.' | b'+' | b'/') && !word(at(bytes, end)) && at(bytes, end) != b'-';
    (fits && bounded).then(|| phone(start, end))
}

/// Numbers that follow a word for a telephone within a few words, and those listed behind them.
pub fn numbers_after(text: &str, start: usize, end: usize, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let wide = text.get(start..end).is_some_and(|word| !word.is_ascii());
    if !wide && (word(byte_before(bytes, start)) || word(at(bytes, end))) {
        return;
    }
    let mut from = run(bytes, end, 32, |b| !ascii_digit(b) && !matches!(b, b'+' | b'(' | b'\n' | b'='));
    from = run(bytes, from, 1, |b| b == b'=');
    for _ in 0..4 {
        from += usize::from(at(bytes, from) == b'(' && !ascii_digit(at(bytes, from + 1)));
        let Some(one) = national(bytes, from) else { return };
        from = listed(bytes, one.end);
        found.push(one);
    }
}

/// Past what stands between two numbers of a list.
fn listed(bytes: &[u8], end: usize) -> usize {
    run(bytes, end, 8, |b| matches!(b, b' ' | b',' | b'/' | b';') || b.is_ascii_lowercase())
}

fn national(bytes: &[u8], start: usize) -> Option<Found> {
    let open = usize::from(at(bytes, start) == b'(' || at(bytes, start) == b'+');
    let number = number(bytes, start + open);
    let fits = |form: &&(&str, &str, std::ops::RangeInclusive<usize>)| {
        let begins = if form.1.starts_with('0') {
            form.1.bytes().zip(number.first).all(|(a, b)| a == b)
        } else {
            form.1.bytes().any(|b| b == number.first[0])
        };
        begins && form.2.contains(&number.digits)
    };
    let bounded = !word(byte_before(bytes, start)) && !word(at(bytes, number.end)) && !is_date(bytes, start);
    (bounded && FORMS.iter().find(fits).is_some()).then(|| phone(start, number.end))
}

/// `2026-11-23`, `23.11.2026`
fn is_date(bytes: &[u8], start: usize) -> bool {
    let first = run(bytes, start, 5, ascii_digit) - start;
    let second = start + first + 1;
    let length = run(bytes, second, 5, ascii_digit) - second;
    let third = second + length + 1;
    let last = run(bytes, third, 5, ascii_digit) - third;
    let sign = at(bytes, start + first);
    matches!(sign, b'-' | b'.' | b'/')
        && sign == at(bytes, second + length)
        && matches!((first, length, last), (4, 2, 2) | (1..=2, 1..=2, 4))
}

/// Whether the value of a member named for it is a telephone number.
pub fn is_number(value: &str) -> bool {
    let fits = |b: u8| ascii_digit(b) || matches!(b, b' ' | b'+' | b'(' | b')' | b'.' | b'/' | b'-');
    value.bytes().all(fits) && (6..=17).contains(&value.bytes().filter(u8::is_ascii_digit).count())
}
