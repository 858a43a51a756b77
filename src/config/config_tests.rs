use super::*;
use secrecy::ExposeSecret;

fn load(flags: &[(&'static str, &str)], environment: &[(&str, &str)], file: &str) -> Result<Config, String> {
    let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_parts(&flags, &environment, file).map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_valid() {
    let config = load(&[], &[], "").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(config.database, Database::Sqlite(path) if path == Path::new("waymark.db")));
    assert!(config.workers >= 1 && config.migrate && config.key_secret.is_none());
}

#[test]
fn what_looks_like_a_typing_error_never_becomes_a_file() {
    for text in [
        "postgress://ada:hunter2@db/waymark",
        "Postgres://ada:hunter2@db/waymark",
        "postgres:/ada:hunter2@db/waymark",
        "postgres//ada:hunter2@db/waymark",
        "postgres://ada:hunter2@db:54x2/waymark",
        "postgres://ada:hunter2@db/waymark?sslmod=require",
        "postgres://",
        "mysql://ada:hunter2@db/waymark",
        "sqlite://ada:hunter2@db/waymark",
        "sqlite3:waymark.db",
        "sqlite:waymark.db?mode=ro",
        "sqlite::memory:",
        "sqlite:",
        "mydb",
        "./data/waymark",
        "",
    ] {
        let message = database(text).unwrap_err().to_string();
        assert!(message.contains("database_url is no") || message.contains("the scheme"), "{text:?}: {message}");
        assert!(!message.contains("hunter2"), "{text:?}: {message}");
    }
}

#[test]
fn both_databases_have_their_urls() {
    let path = |text: &str| match database(text).unwrap() {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(url) => url.expose_secret().to_owned(),
    };
    assert_eq!(path("sqlite:data/learn"), "data/learn");
    assert_eq!(path("sqlite:///var/lib/waymark.db"), "/var/lib/waymark.db");
    assert_eq!(path("learn.sqlite3"), "learn.sqlite3");
    for url in ["postgres://ada@db/waymark", "postgresql://ada:p%40ss@db:5433/w?sslmode=verify-full", "postgres://ada@[::1]/w"] {
        assert_eq!(path(url), url);
    }
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let file = "listen = \"127.0.0.1:1\"\nworkers = 3\ncors_origins = [\"https://a.example\", \"https://b.example\"]";
    let environment = [("WAYMARK_LISTEN", "127.0.0.1:2"), ("WAYMARK_WORKERS", "")];
    let config = load(&[("listen", "localhost:3")], &environment, file).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3");
    assert_eq!(config.workers, 3, "an empty variable is an unset one");
    assert_eq!(config.cors_origins, ["https://a.example", "https://b.example"]);
    assert_eq!(load(&[], &environment, file).unwrap().listen.port(), 2);
    assert_eq!(load(&[], &[], file).unwrap().listen.port(), 1);
}

#[test]
fn unknown_keys_are_refused_by_name() {
    let environment = load(&[], &[("WAYMARK_LISTNE", "127.0.0.1:1")], "").unwrap_err();
    assert!(environment.contains("WAYMARK_LISTNE") && environment.contains("WAYMARK_LISTEN,"), "{environment}");
    let file = load(&[], &[], "listne = \"127.0.0.1:1\"").unwrap_err();
    assert!(file.contains("listne") && file.contains("listen,"), "{file}");
    assert!(load(&[], &[], "[database]\nurl = 1").unwrap_err().contains("database is no key"));
    assert!(load(&[], &[("PATH", "/bin"), ("WAYMARK_TEST_POSTGRES", "x"), ("WAYMARK_TOKEN", "x")], "").is_ok());
}

#[test]
fn values_that_cannot_be_are_refused() {
    for (name, value) in [
        ("listen", "8080"),
        ("listen", "example.org:80"),
        ("workers", "-1"),
        ("max_body_bytes", "99999999999999999999"),
        ("migrate", "yes"),
        ("public_url", "example.org"),
        ("public_url", "https://example.org/?a"),
        ("metrics_listen", "x"),
    ] {
        let message = load(&[(name, value)], &[], "").unwrap_err();
        assert!(message.contains(name) && message.contains(value), "{message}");
    }
    for file in ["listen = true", "cors_origins = [1]", "listen = ", "listen = 1\nlisten = 2"] {
        assert!(load(&[], &[], file).unwrap_err().starts_with("configuration"), "{file}");
    }
}

#[test]
fn secrets_are_never_shown() {
    let message = load(&[], &[("WAYMARK_KEY_SECRET", "hunter2")], "").unwrap_err();
    assert!(message.contains("key_secret") && !message.contains("hunter2"), "{message}");
    let secret = "0123456789abcdef0123456789abcdef";
    let url = format!("postgres://ada:{secret}@db/w");
    let config = load(&[], &[("WAYMARK_KEY_SECRET", secret), ("DATABASE_URL", &url)], "").unwrap();
    assert!(!format!("{config:?}").contains(secret));
}
