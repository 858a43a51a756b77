//! The URL of a PostgreSQL database: what libpq would understand of it, and what is added to it.

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The time-outs that every session has unless the URL's own `options` say otherwise.
const TIME_OUTS: &[(&str, &str)] =
    &[("statement_timeout", "10s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];

/// A URL that was read.
#[derive(Clone)]
pub struct PostgresUrl {
    /// All that the URL says; `options` as they stand in it.
    pub config: Config,
    /// Whether the server must show a certificate that holds (`sslmode=verify-full` or `verify-ca`).
    pub verify: bool,
}

impl PostgresUrl {
    /// Reads a URL. The error holds nothing of it: it may have a password.
    pub fn parse(url: &str) -> Result<PostgresUrl, tokio_postgres::Error> {
        let (url, verify) = tls_wanted(url);
        Ok(PostgresUrl { config: url.parse()?, verify })
    }

    pub fn has_host(&self) -> bool {
        !self.config.get_hosts().is_empty()
    }

    /// Settings of the session that the URL asks for, such as `-c search_path=waymark`.
    pub fn options(&self) -> Option<&str> {
        self.config.get_options().filter(|options| !options.trim().is_empty())
    }

    pub fn ssl_mode(&self) -> SslMode {
        self.config.get_ssl_mode()
    }

    /// The directory of the server's socket, where the first host is one.
    pub fn socket(&self) -> Option<std::path::PathBuf> {
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        match self.config.get_hosts().first() {
            Some(Host::Unix(directory)) => Some(directory.join(format!(".s.PGSQL.{port}"))),
            _ => None,
        }
    }
}

/// What stands between this service and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing, or something that gives a connection a session of its own.
    None,
    /// Each transaction may meet another session.
    Transaction,
}

impl Pooler {
    /// Settings of a session mean nothing where no session is ours: they are refused rather than lost in silence.
    pub fn of(text: &str, url: &str) -> Result<Pooler, String> {
        let options = || PostgresUrl::parse(url).is_ok_and(|url| url.options().is_some());
        match text {
            "transaction" if options() => Err("configuration: database_url has `options`, which database_pooler = transaction \
                 cannot give to every session. Set them on the server instead, for example `ALTER ROLE waymark SET search_path = learning`."
                .to_owned()),
            "transaction" => Ok(Pooler::Transaction),
            _ => Ok(Pooler::None),
        }
    }
}

/// Settings of a session: ours first, so that those of the URL prevail (the server takes the last one of a name).
pub fn session_options(own: Option<&str>) -> String {
    let ours = TIME_OUTS.iter().map(|(name, value)| format!("-c {name}={value}")).collect::<Vec<_>>().join(" ");
    own.map_or(ours.clone(), |own| format!("{ours} {own}"))
}

/// The same settings for one transaction, as statements.
pub fn transaction_settings() -> String {
    TIME_OUTS.iter().map(|(name, value)| format!("; SET LOCAL {name} = '{value}'")).collect()
}

/// `sslmode` as libpq understands it: `prefer` and `require` encrypt without looking at the certificate,
/// `verify-full` looks (PostgreSQL documentation, "SSL Support", table of sslmode).
fn tls_wanted(url: &str) -> (String, bool) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), false) };
    let mut verify = false;
    let pairs: Vec<&str> = query
        .split('&')
        .map(|pair| match pair {
            "sslmode=verify-full" | "sslmode=verify-ca" => {
                verify = true;
                "sslmode=require"
            }
            other => other,
        })
        .collect();
    (format!("{before}?{}", pairs.join("&")), verify)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> PostgresUrl {
        PostgresUrl::parse(url).unwrap()
    }

    #[test]
    fn the_mode_of_tls_is_read_where_it_stands() {
        assert!(read("postgres://ada@db/waymark?sslmode=verify-full").verify);
        assert!(read("postgres://ada@db/waymark?connect_timeout=3&sslmode=verify-ca").verify);
        let password = read("postgres://ada:sslmode=verify-full@db/waymark?sslmode=disable");
        assert_eq!((password.verify, password.ssl_mode()), (false, SslMode::Disable), "a password is no option");
        assert_eq!(password.config.get_password(), Some(b"sslmode=verify-full".as_slice()));
    }

    #[test]
    fn the_url_s_own_options_are_kept_and_prevail() {
        let url = read("postgres://ada@db/waymark?options=-c%20search_path%3Dlearning%20-c%20statement_timeout%3D60s");
        let options = session_options(url.options());
        let (ours, own) = (options.find("statement_timeout=10s").unwrap(), options.find("statement_timeout=60s").unwrap());
        assert!(ours < own && options.contains("-c search_path=learning") && options.contains("-c lock_timeout=5s"), "{options}");
        assert!(!session_options(None).ends_with(' '));
    }

    #[test]
    fn a_pooler_takes_no_options_of_a_session() {
        let url = "postgres://ada:hunter2@db/waymark?options=-c%20search_path%3Dlearning";
        assert_eq!(Pooler::of("none", url), Ok(Pooler::None));
        let refused = Pooler::of("transaction", url).unwrap_err();
        assert!(refused.contains("`options`") && !refused.contains("hunter2"), "{refused}");
        assert_eq!(Pooler::of("transaction", "postgres://ada@db/waymark"), Ok(Pooler::Transaction));
        assert_eq!(Pooler::of("transaction", "sqlite:waymark.db"), Ok(Pooler::Transaction));
    }

    #[test]
    fn a_directory_is_a_socket() {
        let path = read("postgres://%2Frun%2Fpostgresql:5433/waymark").socket();
        assert_eq!(path.unwrap().display().to_string(), "/run/postgresql/.s.PGSQL.5433");
        assert!(read("postgres://db/waymark").socket().is_none());
    }
}
