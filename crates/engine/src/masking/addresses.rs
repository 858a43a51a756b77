//! People and credentials in addresses: e-mail, user and password of a URL, names in paths.

use super::found::{Found, Near, Rank};
use super::kinds::Kind;
use super::reach::{at, byte_before, count_steps, run, run_back, starts, word};
use super::values::{is_random, is_stand_in};

pub static LITERALS: &[(&str, Near)] = &[
    ("@", email),
    ("%40", email),
    ("\\u0040", email),
    ("&#64;", email),
    ("://", userinfo),
    ("/users/", user_folder),
    ("\\users\\", home),
    ("/people/", user_folder),
    ("/profile/", user_folder),
    ("linkedin.com/in/", linkedin),
    ("/~", tilde),
    ("/home/", home),
];

fn span(start: usize, end: usize, kind: Kind, rank: Rank) -> Option<Found> {
    Some(Found { start, end, kind, rank })
}

/// The characters of an address on one side of a place, letters of all scripts among them.
fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '%' | '+' | '-')
}

/// RFC 5321's lengths: 64 bytes before the sign (here 256, since it may be escaped), 255 after it.
fn email(text: &str, sign: usize, end: usize) -> Option<Found> {
    let far = |to: usize| (to.saturating_sub(256)..=to).find(|at| text.is_char_boundary(*at)).unwrap_or(to);
    let local = text.get(far(sign)..sign)?.chars().rev().take_while(|c| is_local(*c)).map(char::len_utf8).sum::<usize>();
    count_steps(local);
    let start = sign - local;
    let name = text.get(start..sign)?;
    // `git@host` names no person.
    if name.is_empty() || name == "git" {
        return None;
    }
    let domain = text.get(end..)?.chars().take(255).take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let domain = text.get(end..end + domain.map(char::len_utf8).sum::<usize>())?;
    count_steps(domain.len());
    let (mut best, mut label) = (None, 0);
    for (dot, _) in domain.match_indices('.').take_while(|(dot, _)| *dot > 0) {
        if dot == label {
            break;
        }
        label = dot + 1;
        let letters = domain.get(label..)?.chars().take_while(|c| c.is_alphabetic());
        if letters.clone().take(2).count() == 2 {
            best = Some(end + label + letters.map(char::len_utf8).sum::<usize>());
        }
    }
    span(start, best?, Kind::Email, Rank::Address)
}

/// `user:password@` of RFC 3986: the password goes, and the user's part where it stands alone and is a key.
fn userinfo(text: &str, _: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let stop = run(bytes, end, 512, |b| b > b' ' && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`'));
    let at_sign = end + text.get(end..stop)?.rfind('@')?;
    let info = text.get(end..at_sign)?;
    match info.split_once(':') {
        Some((_, password)) if password.is_empty() || is_stand_in(password) => None,
        Some((user, _)) => span(end + user.len() + 1, at_sign, Kind::Credential, Rank::Userinfo),
        None if is_random(info, 16) => span(end, at_sign, Kind::Credential, Rank::Userinfo),
        None => None,
    }
}

fn segment(b: u8) -> bool {
    word(b) || matches!(b, b'.' | b'-' | b'%' | b'+')
}

/// `/users/ann.lee/`: two words with a joint, and no name of a file.
fn user_folder(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    if starts(bytes, start, "/Users/")
        && let Some(one) = home(text, start, end)
    {
        return Some(one);
    }
    let past = run(bytes, end, 64, segment);
    let name = text.get(end..past)?.trim_end_matches('.');
    let (first, last) = name
        .split_once('.')
        .or_else(|| name.split_once('_'))
        .or_else(|| name.split_once("%20"))
        .or_else(|| name.split_once('+'))?;
    const FILES: &[&str] =
        &["html", "htm", "json", "php", "xml", "js", "css", "csv", "txt", "md", "yaml", "yml", "py", "rs", "pdf", "png", "aspx"];
    let letters = |part: &str| part.len() > 1 && part.chars().all(char::is_alphabetic);
    (letters(first) && letters(last) && !FILES.contains(&last)).then_some(())?;
    span(end, end + name.len(), Kind::PersonName, Rank::Name)
}

fn linkedin(text: &str, _: usize, end: usize) -> Option<Found> {
    let past = run(text.as_bytes(), end, 100, segment);
    (past > end + 2 && text.is_char_boundary(past)).then_some(())?;
    span(end, past, Kind::PersonName, Rank::Name)
}

/// `/~ann/`
fn tilde(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let past = run(bytes, end, 32, |b| b.is_ascii_lowercase() || b == b'.' || b == b'_');
    (word(byte_before(bytes, start)) && past > end + 2 && matches!(at(bytes, past), 0 | b'/' | b' ' | b'"' | b'\n'))
        .then_some(())?;
    span(end, past, Kind::PersonName, Rank::Name)
}

/// A home folder, where the path begins with it, and nobody's in particular is left.
fn home(text: &str, start: usize, end: usize) -> Option<Found> {
    const NOBODY: &[&str] = &[
        "admin",
        "administrator",
        "all",
        "app",
        "build",
        "builder",
        "circleci",
        "coder",
        "codespace",
        "default",
        "deploy",
        "dev",
        "ec2-user",
        "git",
        "gitpod",
        "guest",
        "home",
        "jenkins",
        "jovyan",
        "linuxbrew",
        "me",
        "node",
        "pi",
        "public",
        "root",
        "runner",
        "sandbox",
        "shared",
        "travis",
        "ubuntu",
        "user",
        "username",
        "vagrant",
        "vscode",
        "work",
        "www",
        "www-data",
        "you",
    ];
    let bytes = text.as_bytes();
    let drive = at(bytes, start) == b'\\';
    let past = run(bytes, end, 64, |b| word(b) || matches!(b, b'.' | b'-'));
    let name = text.get(end..past)?;
    let begins = if drive {
        matches!(byte_before(bytes, start), b':' | b'\\')
    } else {
        !segment(byte_before(bytes, start)) && byte_before(bytes, start) != b'/'
    };
    let separate = matches!(at(bytes, past), b'/' | b'\\');
    (begins && separate && name.len() > 1 && !NOBODY.iter().any(|one| name.eq_ignore_ascii_case(one))).then_some(())?;
    // `C:\\Users\\` of JSON and code has two.
    (run_back(bytes, end, 2, |b| b == b'\\') < end || !drive).then_some(())?;
    span(end, past, Kind::PersonName, Rank::Name)
}
