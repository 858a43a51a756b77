//! Numbers of cards, accounts and people: by their check digits, or by a word beside them.

use super::found::{Found, Near, Rank};
use super::kinds::Kind;
use super::reach::{alnum, ascii_digit, at, byte_before, run, word};

fn identity(start: usize, end: usize, kind: Kind) -> Option<Found> {
    Some(Found { start, end, kind, rank: Rank::Identity })
}

/// Digits of networks' cards: 16 in groups of four or none, American Express 15 in 4, 6, 5; the check digit of ISO/IEC 7812-1.
pub fn card(bytes: &[u8], start: usize) -> Option<Found> {
    let groups: &[usize] =
        if matches!((at(bytes, start), at(bytes, start + 1)), (b'3', b'4' | b'7')) { &[4, 6, 5] } else { &[4, 4, 4, 4] };
    let mut end = start;
    for (i, group) in groups.iter().enumerate() {
        let from = if i == 0 { start } else { run(bytes, end, 1, |b| b == b' ' || b == b'-') };
        end = run(bytes, from, *group, ascii_digit);
        (end == from + group).then_some(())?;
    }
    let left = byte_before(bytes, start);
    let bounded = !word(left) && !matches!(left, b'.' | b'+' | b'-') && !word(at(bytes, end));
    (bounded && is_network(bytes, start) && luhn(bytes.get(start..end)?)).then_some(())?;
    identity(start, end, Kind::Card)
}

/// Visa, Mastercard, Discover, JCB, UnionPay, American Express.
fn is_network(bytes: &[u8], start: usize) -> bool {
    matches!(
        (at(bytes, start), at(bytes, start + 1)),
        (b'4', _) | (b'5', b'1'..=b'5') | (b'2', b'2'..=b'7') | (b'6', b'0' | b'2' | b'4' | b'5') | (b'3', b'4' | b'5' | b'7')
    )
}

fn value(b: u8) -> u32 {
    u32::from(b.saturating_sub(b'0'))
}

fn luhn(number: &[u8]) -> bool {
    let digits = number.iter().rev().filter(|b| b.is_ascii_digit());
    let sum: u32 = digits
        .enumerate()
        .map(|(place, b)| if place % 2 == 0 { value(*b) } else { value(*b) * 2 / 10 + value(*b) * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

/// Countries and lengths of the IBAN registry (ISO 13616).
const LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18\
    GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28\
    PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// As many letters and digits as an IBAN of this country has, bare or in groups of four, and where they end.
fn account(bytes: &[u8], country: usize) -> Option<(usize, Vec<u8>)> {
    let code = bytes.get(country..country + 2)?;
    let entry = LENGTHS.as_bytes().chunks(4).find(|entry| entry.starts_with(code))?;
    let length = usize::try_from(value(at(entry, 2)) * 10 + value(at(entry, 3))).ok()?;
    let (mut end, mut compact) = (country, Vec::with_capacity(length));
    while compact.len() < length {
        let gap = usize::from(at(bytes, end) == b' ' && compact.len() % 4 == 0 && !compact.is_empty());
        let b = at(bytes, end + gap);
        (b.is_ascii_digit() || b.is_ascii_uppercase()).then_some(())?;
        compact.push(b);
        end += gap + 1;
    }
    (!word(byte_before(bytes, country)) && !word(at(bytes, end))).then_some((end, compact))
}

/// An IBAN that leaves 1 when divided by 97. `country` is where its two letters begin.
pub fn iban(bytes: &[u8], country: usize) -> Option<Found> {
    let (end, compact) = account(bytes, country)?;
    let (moved, rest) = compact.split_at_checked(4)?;
    let remainder = rest.iter().chain(moved).fold(0_u32, |sum, b| match b {
        b if ascii_digit(*b) => (sum * 10 + value(*b)) % 97,
        b => (sum * 100 + u32::from(*b) - 55) % 97,
    });
    (remainder == 1).then(|| identity(country, end, Kind::Iban)).flatten()
}

/// Brazil's CPF as it is written, `123.456.789-09`, with its two check digits.
pub fn cpf(bytes: &[u8], start: usize) -> Option<Found> {
    let form = bytes.get(start..start + 14)?;
    let fits = |(place, b): (usize, &u8)| {
        if matches!(place, 3 | 7) {
            *b == b'.'
        } else if place == 11 {
            *b == b'-'
        } else {
            ascii_digit(*b)
        }
    };
    (form.iter().enumerate().all(fits) && !word(at(bytes, start + 14)) && !word(byte_before(bytes, start))).then_some(())?;
    let digits: Vec<u32> = form.iter().filter(|b| ascii_digit(**b)).map(|b| value(*b)).collect();
    let check = |count: usize| {
        digits.iter().take(count).zip((2..=11_u32).rev().skip(10 - count)).map(|(d, w)| d * w).sum::<u32>() * 10 % 11 % 10
    };
    (digits.get(9) == Some(&check(9)) && digits.get(10) == Some(&check(10))).then_some(())?;
    identity(start, start + 14, Kind::NationalId)
}

/// Words for numbers that a state gives, and how these look: `d` a digit, `a` a letter, `x` either. The word tells, so that a number
/// with a wrong check digit goes too.
const STATES: &[(&str, &str)] = &[
    ("ssn", "ddddddddd"),
    ("social security", "ddddddddd"),
    ("passport", "xxxxxxxxx"),
    ("passport", "xxxxxxxx"),
    ("reisepass", "xxxxxxxxx"),
    ("personalausweis", "xxxxxxxxx"),
    ("national insurance", "aadddddda"),
    ("nino", "aadddddda"),
    ("dni", "dddddddda"),
    ("nif", "dddddddda"),
    ("nie", "addddddda"),
    ("steuer-id", "ddddddddddd"),
    ("steueridentifikationsnummer", "ddddddddddd"),
    ("pesel", "ddddddddddd"),
    ("bsn", "ddddddddd"),
    ("burgerservicenummer", "ddddddddd"),
    ("aadhaar", "dddddddddddd"),
    ("cpf", "ddddddddddd"),
    ("codice fiscale", "aaaaaaddaddaddda"),
    ("personnummer", "dddddddddd"),
    ("personnummer", "dddddddddddd"),
    ("s\u{e9}curit\u{e9} sociale", "ddddddddddddddd"),
    ("social insurance", "ddddddddd"),
];

pub static WORDS: &[(&str, Near)] = &[
    ("iban", of_account),
    ("ssn", of_state),
    ("social security", of_state),
    ("passport", of_state),
    ("reisepass", of_state),
    ("personalausweis", of_state),
    ("national insurance", of_state),
    ("nino", of_state),
    ("dni", of_state),
    ("nif", of_state),
    ("nie", of_state),
    ("steuer-id", of_state),
    ("steueridentifikationsnummer", of_state),
    ("pesel", of_state),
    ("bsn", of_state),
    ("burgerservicenummer", of_state),
    ("aadhaar", of_state),
    ("cpf", of_state),
    ("codice fiscale", of_state),
    ("personnummer", of_state),
    ("s\u{e9}curit\u{e9} sociale", of_state),
    ("social insurance", of_state),
];

/// An account beside the word, whatever its check digits are.
fn of_account(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let country = run(bytes, end, 12, |b| !b.is_ascii_uppercase());
    let (past, _) = account(bytes, country)?;
    (!word(byte_before(bytes, start)) && !word(at(bytes, end))).then(|| identity(country, past, Kind::Iban)).flatten()
}

fn of_state(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    if word(byte_before(bytes, start)) || word(at(bytes, end)) {
        return None;
    }
    let name = text.get(start..end)?;
    let places =
        (end..run(bytes, end, 28, |b| b != b'\n')).filter(|place| alnum(at(bytes, *place)) && !word(byte_before(bytes, *place)));
    let forms = STATES.iter().filter(|(one, _)| one.eq_ignore_ascii_case(name));
    places.flat_map(|place| forms.clone().map(move |(_, form)| (place, form))).find_map(|(place, form)| {
        let past = shaped(bytes, place, form)?;
        identity(place, past, Kind::NationalId)
    })
}

/// Where a number of this form ends, single spaces and signs between its characters left out.
fn shaped(bytes: &[u8], start: usize, form: &str) -> Option<usize> {
    let (mut place, mut digits) = (start, 0);
    for (i, wanted) in form.bytes().enumerate() {
        place += usize::from(i > 0 && matches!(at(bytes, place), b' ' | b'-' | b'.' | b'/'));
        let b = at(bytes, place);
        let fits = match wanted {
            b'd' => ascii_digit(b),
            b'a' => b.is_ascii_alphabetic(),
            _ => ascii_digit(b) || b.is_ascii_uppercase(),
        };
        fits.then_some(())?;
        digits += usize::from(ascii_digit(b));
        place += 1;
    }
    (digits >= 4 && !word(at(bytes, place))).then_some(place)
}
