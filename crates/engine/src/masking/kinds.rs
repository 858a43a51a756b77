//! What a placeholder stands for, and placeholders in a text.

/// The kinds of what is masked, with the names that placeholders and `Masked` give them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What a placeholder stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// Of asymmetric cryptography: PEM, OpenSSH, PGP, PuTTY, age.
    PrivateKey = "private_key",
    ApiKey = "api_key",
    BearerToken = "bearer_token",
    /// A password, a client secret, or credentials of another scheme.
    Credential = "credential",
    Cookie = "cookie",
    RequestId = "request_id",
    Email = "email",
    Phone = "phone",
    Ip = "ip",
    Card = "card",
    Iban = "iban",
    /// What a state numbers its people by.
    NationalId = "national_id",
    /// A person's name in an address or a path.
    PersonName = "person_name",
}

impl Kind {
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// About a person, and no key to anything.
    pub fn is_personal(self) -> bool {
        matches!(self, Kind::Email | Kind::Phone | Kind::Ip | Kind::Iban | Kind::NationalId | Kind::PersonName)
    }
}

/// `[email:1]` and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub number: u64,
}

/// The placeholders of a text, from the left.
pub fn placeholders(text: &str) -> impl Iterator<Item = Placeholder> {
    text.match_indices('[').filter_map(move |(start, _)| placeholder(text, start))
}

/// At most nine digits, so that a number always fits.
fn placeholder(text: &str, start: usize) -> Option<Placeholder> {
    let inner = text.get(start + 1..)?;
    // Sought among bytes, since 32 of them may end inside a letter.
    let length = inner.bytes().take(32).position(|b| b == b']')?;
    let (name, number) = inner.get(..length)?.split_once(':')?;
    let fits = (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| fits)?;
    Some(Placeholder { start, end: start + length + 2, kind: Kind::named(name)?, number })
}
