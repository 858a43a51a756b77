//! A password that stands unencoded in a database URL. An `@` in it ends the credentials too early: the rest of the password is
//! taken for a host's name, and a name that cannot be looked up would carry it into logs.

/// How to mend a URL whose password holds an unencoded `@`; the password itself is never repeated.
pub fn misread(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (_, tail) = rest.split_once('@')?;
    let (place, query) = tail.split_once('?').unwrap_or((tail, ""));
    let name = query.split('=').next().unwrap_or_default();
    let further = if place.contains('@') {
        place.rfind('@')
    } else {
        // A question mark of the password: what should be an option's name holds the rest of the URL.
        name.rfind('@').map(|at| at + place.len() + 1)
    }?;
    let credentials = rest.get(..rest.len() - tail.len() + further)?;
    let place = tail.get(further + 1..)?;
    let (user, password) = credentials.split_once(':')?;
    let said: Vec<String> = SPECIAL
        .iter()
        .filter(|(c, _)| password.contains(*c))
        .map(|(c, code)| if *c == ' ' { format!("a space as {code}") } else { format!("{c} as {code}") })
        .collect();
    let said = said.join(", ");
    Some(format!("has a password with special characters. In it write {said}: {scheme}://{user}:***@{place}"))
}

/// RFC 3986, section 3.2.1: what cannot stand for itself in a password; the percent sign first, as it must be replaced first.
const SPECIAL: &[(char, &str)] = &[
    ('%', "%25"),
    ('@', "%40"),
    ('/', "%2F"),
    ('?', "%3F"),
    ('#', "%23"),
    ('[', "%5B"),
    (']', "%5D"),
    (' ', "%20"),
    (':', "%3A"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unencoded_password_is_named_and_not_repeated() {
        for (url, codes, mended) in [
            ("postgres://ada:hun@ter2@db/w", &["@ as %40"][..], "postgres://ada:***@db/w"),
            ("postgresql://ada:hun@ter/2@db:5432/w", &["@ as %40", "/ as %2F"], "postgresql://ada:***@db:5432/w"),
            (
                "postgres://ada:hun@ter?2@db/w?sslmode=require",
                &["@ as %40", "? as %3F"],
                "postgres://ada:***@db/w?sslmode=require",
            ),
            ("postgres://ada:@hun%ter2@@db/w", &["% as %25", "@ as %40"], "postgres://ada:***@db/w"),
            ("postgres://ada:hun ter@2#:@db/w", &["# as %23", "a space as %20", ": as %3A"], "postgres://ada:***@db/w"),
        ] {
            let why = misread(url).unwrap_or_else(|| panic!("{url} passed"));
            assert!(why.ends_with(mended), "{url}: {why}");
            assert!(codes.iter().all(|code| why.contains(code)), "{url}: {why}");
            assert!(!why.contains("hun") && !why.contains("ter2"), "{url}: {why}");
        }
    }

    #[test]
    fn what_is_read_as_it_was_meant_passes() {
        for url in [
            "postgres://ada@db/w",
            "postgres://ada:p%40ss@db/w",
            "postgres://ada:p/s?s#1@db/w",
            "postgres://db/w",
            "postgres://ada:x@db/w?application_name=a@b",
            "postgres:///w?host=/run/postgresql&user=ada",
        ] {
            assert_eq!(misread(url), None, "{url}");
        }
    }
}
