//! One validated configuration. The only reader of the environment.
//!
//! A key comes from, in this order: a flag of the command line, the environment, the TOML file named by `--config` or
//! `WAYMARK_CONFIG`, the default. A key that is not in [`KEYS`] is refused by name.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use crate::db::url::{Pooler, PostgresUrl};
use crate::doors::Limits;
use crate::doors::tls::PairFiles;
use crate::lessons::source::Curriculum;
use crate::quotas::{EachQuota, default_quotas};
use crate::rates::settings::RateSettings;

use self::proxies::TrustedProxies;

mod credentials;
pub mod origins;
pub mod proxies;

/// One configuration key: what it is called, what it means.
pub struct ConfigKey {
    pub name: &'static str,
    pub env: &'static str,
    pub default: &'static str,
    pub help: &'static str,
}

macro_rules! keys {
    ($($name:literal $env:literal $default:literal $help:literal)*) => {
        /// Every key there is; the README's table is made from this one.
        pub const KEYS: &[ConfigKey] = &[$(ConfigKey { name: $name, env: $env, default: $default, help: $help }),*];
    };
}

keys! {
    "listen" "WAYMARK_LISTEN" "127.0.0.1:8080" "Address and port to serve on; port 0 takes a free one."
    "database_url" "DATABASE_URL" "sqlite:waymark.db" "`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME?sslmode=...`."
    "public_url" "WAYMARK_PUBLIC_URL" "http://localhost:8080" "The URL under which others reach the service; issuer and audience of tokens, independent of `listen`."
    "tls_certificate" "WAYMARK_TLS_CERTIFICATE" "" "PEM file with the certificate that `listen` shows, and those that lead to its authority; with `tls_key` the listener speaks TLS and nothing else. Looked at every few seconds: a new pair is taken without a restart. Empty: plain HTTP."
    "tls_key" "WAYMARK_TLS_KEY" "" "PEM file with the private key of `tls_certificate`, without a password."
    "iri_base" "WAYMARK_IRI_BASE" "" "Base of the IRIs of courses, lessons, items; written into the database at first start (else the public URL) and kept."
    "lessons" "WAYMARK_LESSONS" "" "Folder of curriculum files to publish at start (what has a higher revision than what is stored). Empty: the built-in ones."
    "key_secret" "WAYMARK_KEY_SECRET" "" "When set, private signing keys are stored encrypted with a key derived from it (32 characters or more)."
    "migrate" "WAYMARK_MIGRATE" "auto" "`auto` migrates the database at start; `off` refuses to start where `waymark migrate` has work to do."
    "database_pool" "WAYMARK_DATABASE_POOL" "8" "Connections for reads and ordinary writes (1 to 200)."
    "database_pooler" "WAYMARK_DATABASE_POOLER" "none" "`transaction` when PgBouncer (or another pooler) in transaction mode stands before PostgreSQL: no statement outlives its transaction, time-outs come with each. `none`: a session is ours alone."
    "workers" "WAYMARK_WORKERS" "0" "HTTP worker threads; 0 means one per core."
    "max_connections" "WAYMARK_MAX_CONNECTIONS" "4096" "Connections at a time (16 to 100000), no more than the limit of open files allows, which is raised at start where that is permitted. At the limit the one that has waited longest for its peer makes room, idle ones first."
    "max_connections_per_address" "WAYMARK_MAX_CONNECTIONS_PER_ADDRESS" "0" "Connections at a time from one address (IPv6: one /64); 0 means half of `max_connections`. Behind a reverse proxy all come from its address."
    "idle_timeout" "WAYMARK_IDLE_TIMEOUT" "75" "Seconds that a connection may be open without a request."
    "header_timeout" "WAYMARK_HEADER_TIMEOUT" "20" "Seconds in which the headers of a request must arrive."
    "body_timeout" "WAYMARK_BODY_TIMEOUT" "30" "Seconds in which a request's body, or the next 16 KiB of it, must arrive."
    "write_timeout" "WAYMARK_WRITE_TIMEOUT" "30" "Seconds in which an answer, or the next 16 KiB of it, must be taken."
    "request_timeout" "WAYMARK_REQUEST_TIMEOUT" "300" "Seconds from a request's headers to its answer, and from there to the answer's last byte."
    "max_body_bytes" "WAYMARK_MAX_BODY_BYTES" "1048576" "Largest request body (1024 to 16777216)."
    "cors_origins" "WAYMARK_CORS_ORIGINS" "" "Origins of browser front ends as browsers send them (`https://app.example.com`), separated by commas; `*` allows any. Empty: none."
    "outbound_allow" "WAYMARK_OUTBOUND_ALLOW" "" "Origins (`https://login.example.internal`), separated by commas, that this service may ask although they are not https or have an address that only it can reach: an identity provider within. Empty: none."
    "trusted_proxies" "WAYMARK_TRUSTED_PROXIES" "" "Addresses and networks of reverse proxies (`10.0.0.7,fd00::/8`), separated by commas: what they write into `X-Forwarded-For` or `Forwarded` is where a request came from. Empty: it came from where its connection did."
    "rate_address" "WAYMARK_RATE_ADDRESS" "200/4000" "Requests a second, and at once after a rest, of one address (IPv6: one /64) without a good token; 0 means no limit."
    "rate_token_endpoint" "WAYMARK_RATE_TOKEN_ENDPOINT" "50/3000" "The same at `/oauth/`, where a refused request counts as ten; and the tokens of one client. 0 means no limit."
    "rate_person" "WAYMARK_RATE_PERSON" "20/600" "The same of one learner or member of staff, with a good token; what is expensive counts as more than one. 0 means no limit."
    "rate_client" "WAYMARK_RATE_CLIENT" "0" "The same of one client's own tokens, which may speak for a whole school; 0 means no limit."
    "at_once_address" "WAYMARK_AT_ONCE_ADDRESS" "256" "Requests of one address without a good token that run at the same time; 0 means no limit."
    "at_once_person" "WAYMARK_AT_ONCE_PERSON" "64" "Requests of one learner or member of staff that run at the same time; 0 means no limit."
    "at_once_client" "WAYMARK_AT_ONCE_CLIENT" "1024" "Requests with one client's own tokens that run at the same time; 0 means no limit."
    "quota_versions" "WAYMARK_QUOTA_VERSIONS" "10000" "Published versions of lessons of its own that a tenant may have; 0 means no limit. This and the next four can be set for one tenant (`PUT /v1/tenants/{id}/quotas`, `waymark tenant quota`)."
    "quota_version_bytes" "WAYMARK_QUOTA_VERSION_BYTES" "67108864" "Bytes of those versions together, as JSON: every process holds all of them in memory. 0 means no limit."
    "quota_drafts" "WAYMARK_QUOTA_DRAFTS" "1000" "Drafts that a tenant may have; 0 means no limit."
    "quota_signals" "WAYMARK_QUOTA_SIGNALS" "200" "Signals of its own that a tenant may have; 0 means no limit."
    "quota_records_per_day" "WAYMARK_QUOTA_RECORDS_PER_DAY" "0" "Records of one tenant in a day (UTC), behind which nothing new begins until the next one; 0 means no limit. Where it is set, a tenant's writes wait for each other on PostgreSQL."
    "metrics_listen" "WAYMARK_METRICS_LISTEN" "" "Address and port of the Prometheus metrics (`/metrics`), with `/healthz` and `/readyz` too, a listener of its own. Empty: none."
    "log" "WAYMARK_LOG" "info" "Log filter, for example `info` or `waymark=debug,actix_server=warn`."
    "log_format" "WAYMARK_LOG_FORMAT" "auto" "`json`, `pretty`, or `auto`: pretty on a terminal, JSON elsewhere."
    "sqlite_max_pages" "WAYMARK_SQLITE_MAX_PAGES" "0" "Upper bound of the SQLite file in pages of 4 KiB (PRAGMA max_page_count); 0 means none."
    "sqlite_lost" "WAYMARK_SQLITE_LOST" "refuse" "What a start does where the lock file says that there was a SQLite database and it is gone: `refuse`, or `replace` it by an empty one."
}

/// Environment names that belong to the project's scripts, not to the service.
const SCRIPTS: &[&str] = &["WAYMARK_BIN", "WAYMARK_URL", "WAYMARK_TOKEN", "WAYMARK_CONFIG"];

/// Where the rows live.
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(SecretString),
}

/// The curriculum that is published at start.
#[derive(Debug, Clone)]
pub enum Lessons {
    BuiltIn,
    Folder(PathBuf),
    /// For tests, which must not depend on what the course is about.
    Given(Arc<Curriculum>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Pretty,
    Auto,
}

#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub database: Database,
    pub public_url: String,
    /// Whether somebody said so, or it is the default.
    pub public_url_given: bool,
    pub tls: Option<PairFiles>,
    pub iri_base: Option<String>,
    pub lessons: Lessons,
    pub key_secret: Option<SecretString>,
    pub migrate: bool,
    pub database_pool: usize,
    pub database_pooler: Pooler,
    pub workers: usize,
    pub connections: Limits,
    pub max_body_bytes: usize,
    pub cors_origins: Vec<String>,
    pub outbound_allow: Vec<String>,
    pub trusted_proxies: TrustedProxies,
    pub rates: RateSettings,
    /// What a tenant may have unless something else is set for it; 0 is no limit.
    pub quotas: EachQuota<i64>,
    pub metrics_listen: Option<SocketAddr>,
    pub log: String,
    pub log_format: LogFormat,
    pub sqlite_max_pages: u32,
    pub sqlite_lost_may_be_replaced: bool,
    /// The file that was read, if there was one.
    pub source: Option<ConfigSource>,
}

/// The file of a configuration.
#[derive(Debug, Clone)]
pub struct ConfigSource {
    pub path: PathBuf,
    /// Whether somebody who reads it has a secret.
    pub holds_secrets: bool,
}

/// A key whose value cannot be, and what to do.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn wrong(key: &str, value: &str, expected: &str) -> ConfigError {
    ConfigError(format!("configuration: {key} = {value:?} is not valid: {expected}. `waymark serve --help` lists every key."))
}

impl Config {
    /// Reads flags (by key name), environment and file.
    pub fn load(flags: &BTreeMap<&'static str, String>, file: Option<&Path>) -> Result<Config, ConfigError> {
        let environment: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
        let file = file.map(Path::to_path_buf).or_else(|| environment.get("WAYMARK_CONFIG").map(PathBuf::from));
        let text = match &file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| ConfigError(format!("configuration: cannot read {}: {e}", path.display())))?,
        };
        let mut config = Config::from_parts(flags, &environment, &text)?;
        config.source = file.map(|path| ConfigSource { path, holds_secrets: holds_secrets(&text) });
        Ok(config)
    }

    /// Files that databases need open, beside the connections of callers.
    pub fn descriptors_beside(&self) -> usize {
        self.database_pool.saturating_mul(4)
    }

    /// Whether answers go over TLS on their whole way, or from a proxy on.
    pub fn answers_over_tls(&self) -> bool {
        self.tls.is_some() || self.public_url.starts_with("https://")
    }

    /// The same from values, for tests.
    pub fn from_parts(
        flags: &BTreeMap<&'static str, String>,
        environment: &BTreeMap<String, String>,
        file: &str,
    ) -> Result<Config, ConfigError> {
        refuse_unknown_environment(environment)?;
        let file = read_file(file)?;
        let set = |key: &ConfigKey| {
            flags.get(key.name).or_else(|| environment.get(key.env).filter(|v| !v.is_empty())).or_else(|| file.get(key.name))
        };
        let key = |name: &str| KEYS.iter().find(|key| key.name == name);
        let given = |name: &str| key(name).and_then(set).is_some();
        let get = |name: &str| -> String {
            let key = key(name);
            key.and_then(set).cloned().unwrap_or_else(|| key.map_or(String::new(), |key| key.default.to_owned()))
        };
        let number = |name: &str, low: usize, high: usize| -> Result<usize, ConfigError> {
            let text = get(name);
            text.parse()
                .ok()
                .filter(|n| (low..=high).contains(n))
                .ok_or_else(|| wrong(name, &text, &format!("a whole number from {low} to {high}")))
        };
        let address = |name: &str, text: &str| -> Result<SocketAddr, ConfigError> {
            text.replace("localhost:", "127.0.0.1:")
                .parse()
                .map_err(|_| wrong(name, text, "ADDRESS:PORT, such as 127.0.0.1:8080"))
        };
        let choice = |name: &str, choices: &[&str]| -> Result<String, ConfigError> {
            let text = get(name);
            if choices.contains(&text.as_str()) {
                Ok(text)
            } else {
                Err(wrong(name, &text, &format!("one of {}", choices.join(", "))))
            }
        };
        let some = |text: String| (!text.is_empty()).then_some(text);
        Ok(Config {
            listen: address("listen", &get("listen"))?,
            database: database(&get("database_url"))?,
            public_url: url("public_url", get("public_url"))?,
            public_url_given: given("public_url"),
            tls: match (some(get("tls_certificate")), some(get("tls_key"))) {
                (None, None) => None,
                (Some(certificate), Some(key)) => Some(PairFiles { certificate: certificate.into(), key: key.into() }),
                (Some(_), None) => return Err(alone("tls_certificate", "tls_key")),
                (None, Some(_)) => return Err(alone("tls_key", "tls_certificate")),
            },
            iri_base: some(get("iri_base")).map(|text| url("iri_base", text)).transpose()?,
            lessons: some(get("lessons")).map_or(Lessons::BuiltIn, |folder| Lessons::Folder(PathBuf::from(folder))),
            key_secret: match some(get("key_secret")) {
                Some(text) if text.chars().count() < 32 => return Err(wrong("key_secret", "***", "at least 32 characters")),
                other => other.map(SecretString::from),
            },
            migrate: choice("migrate", &["auto", "off"])? == "auto",
            database_pool: number("database_pool", 1, 200)?,
            database_pooler: Pooler::of(&choice("database_pooler", &["none", "transaction"])?, &get("database_url"))
                .map_err(ConfigError)?,
            workers: match number("workers", 0, 1024)? {
                0 => std::thread::available_parallelism().map_or(2, usize::from),
                n => n,
            },
            connections: Limits::read(number)?,
            max_body_bytes: number("max_body_bytes", 1024, 16 << 20)?,
            cors_origins: origins::read_origins(&get("cors_origins"))
                .map_err(|why| wrong("cors_origins", &why.origin, &why.advice))?,
            outbound_allow: origins::read_origins(&get("outbound_allow"))
                .map_err(|why| wrong("outbound_allow", &why.origin, &why.advice))?,
            trusted_proxies: TrustedProxies::read(&get("trusted_proxies"))
                .map_err(|why| wrong("trusted_proxies", &why.entry, &why.advice))?,
            quotas: default_quotas(number)?,
            rates: RateSettings::read(get, wrong)?,
            metrics_listen: some(get("metrics_listen")).map(|text| address("metrics_listen", &text)).transpose()?,
            log: match get("log") {
                text if tracing_subscriber::EnvFilter::try_new(&text).is_err() => {
                    return Err(wrong("log", &text, "a filter such as info or waymark=debug,actix_server=warn"));
                }
                text => text,
            },
            log_format: match choice("log_format", &["json", "pretty", "auto"])?.as_str() {
                "json" => LogFormat::Json,
                "pretty" => LogFormat::Pretty,
                _ => LogFormat::Auto,
            },
            sqlite_max_pages: u32::try_from(number("sqlite_max_pages", 0, 4_294_967_294)?).unwrap_or(0),
            sqlite_lost_may_be_replaced: choice("sqlite_lost", &["refuse", "replace"])? == "replace",
            source: None,
        })
    }
}

fn alone(given: &str, missing: &str) -> ConfigError {
    ConfigError(format!("configuration: {given} is set and {missing} is not; TLS needs both, plain HTTP neither."))
}

/// Whether a configuration file has a key or a password in it.
fn holds_secrets(text: &str) -> bool {
    let keys = read_file(text).unwrap_or_default();
    let password =
        |url: &String| PostgresUrl::parse(url).is_ok_and(|url| url.config.get_password().is_some_and(|text| !text.is_empty()));
    keys.get("key_secret").is_some_and(|secret| !secret.is_empty()) || keys.get("database_url").is_some_and(password)
}

fn refuse_unknown_environment(environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let known =
        |name: &str| KEYS.iter().any(|key| key.env == name) || SCRIPTS.contains(&name) || name.starts_with("WAYMARK_TEST_");
    match environment.keys().find(|name| name.starts_with("WAYMARK_") && !known(name)) {
        None => Ok(()),
        Some(name) => Err(ConfigError(format!(
            "configuration: the environment has {name}, which is no key of this service. Unset it or mend its name; the keys are {}.",
            KEYS.iter().map(|key| key.env).collect::<Vec<_>>().join(", ")
        ))),
    }
}

fn read_file(text: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|e| ConfigError(format!("configuration file: {e}")))?;
    let mut out = BTreeMap::new();
    for (name, value) in table {
        if !KEYS.iter().any(|key| key.name == name) {
            let keys = KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
            return Err(ConfigError(format!("configuration file: {name} is no key of this service; the keys are {keys}.")));
        }
        let value = match value {
            toml::Value::String(text) => Some(text),
            toml::Value::Integer(n) => Some(n.to_string()),
            toml::Value::Array(list) => {
                list.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|list| list.join(","))
            }
            _ => None,
        };
        let wrong = || ConfigError(format!("configuration file: {name} must be a string, a whole number or a list of strings."));
        let value = value.ok_or_else(wrong)?;
        out.insert(name, value);
    }
    Ok(out)
}

fn url(key: &str, text: String) -> Result<String, ConfigError> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains([' ', '#', '?', '"', '\\']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(wrong(key, &text, "an http or https URL without query and fragment")),
    }
}

/// A URL that looks like a typing error is refused; it never becomes a file of that name.
pub fn database(text: &str) -> Result<Database, ConfigError> {
    let expected = "`sqlite:PATH` (for example sqlite:waymark.db) or `postgres://USER@HOST/NAME`";
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        if let Some(advice) = credentials::misread(text) {
            return Err(ConfigError(format!("configuration: database_url {advice}")));
        }
        // Not echoed, nor what the parser says: the URL may hold a password.
        return if PostgresUrl::parse(text).is_ok_and(|url| url.has_host()) {
            Ok(Database::Postgres(SecretString::from(text.to_owned())))
        } else {
            Err(ConfigError(
                "configuration: database_url is no PostgreSQL URL that can be read: it needs a host, a port is a number, \
                 options have known names, and special characters in a password are percent-encoded."
                    .to_owned(),
            ))
        };
    }
    let path = match text.split_once(':') {
        Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
        // Not echoed: a mistyped PostgreSQL URL holds a password.
        Some((scheme, _)) => {
            return Err(ConfigError(format!(
                "configuration: database_url has the scheme {scheme:?}, but it must be {expected}."
            )));
        }
        None => text,
    };
    let plain_file = Path::new(path).extension().is_some_and(|e| matches!(e.to_str(), Some("db" | "sqlite" | "sqlite3")));
    if path.is_empty() || path.contains(['?', '@', ':', '\0']) || (!text.starts_with("sqlite:") && !plain_file) {
        return Err(ConfigError(format!(
            "configuration: database_url is not {expected}; a plain file name must end in .db, .sqlite or .sqlite3."
        )));
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

/// The service that this program calls where no flag says so, as the environment has it.
pub struct ServiceInEnvironment {
    pub url: Option<String>,
    pub token: Option<SecretString>,
}

/// The URL and the token of a service to call.
pub fn service_in_environment() -> ServiceInEnvironment {
    #[allow(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    ServiceInEnvironment { url: read("WAYMARK_URL"), token: read("WAYMARK_TOKEN").map(SecretString::from) }
}

/// <https://no-color.org>
pub fn colour_wanted() -> bool {
    #[allow(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
#[path = "config/config_tests.rs"]
mod tests;
