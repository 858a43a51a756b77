//! `waymark doctor` on both databases: an installation as it starts by default, and one that was seen to.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::{good, run, waymark as program};
use crate::harness::Stage;

/// Level by check, the worst where there are several lines.
fn levels(output: &Output) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    let findings = report["findings"].as_array().unwrap();
    let mut levels = BTreeMap::new();
    for finding in findings {
        let (check, level) = (finding["check"].as_str().unwrap(), finding["level"].as_str().unwrap());
        assert!(!finding["found"].as_str().unwrap().is_empty());
        assert_eq!(level == "ok", finding["advice"] == "", "{finding}");
        // The worst comes first.
        levels.entry(check.to_owned()).or_insert(level.to_owned());
    }
    assert_eq!(report["worst"], findings[0]["level"]);
    let bad = ["warning", "problem"].contains(&report["worst"].as_str().unwrap());
    assert_eq!(output.status.code(), Some(i32::from(bad)), "{report}");
    levels
}

fn doctor(folder: &Path, environment: &[(&str, &str)]) -> Output {
    program(folder, &["doctor", "--json"]).envs(environment.iter().copied()).output().unwrap()
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Every file below, with what it holds.
fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
}

both!(a_default_start, |stage| {
    let folder = tempfile::tempdir().unwrap();
    let url = stage.place.url();
    let output = doctor(folder.path(), &[("DATABASE_URL", &url)]);
    let levels = levels(&output);
    assert_eq!(levels["key-secret"], "warning", "{levels:?}");
    for check in ["database", "migrations", "clock", "tls", "public-url", "cors", "log", "signing-key-age", "administrator"] {
        assert_eq!(levels[check], "ok", "{check}: {levels:?}");
    }
    assert_eq!(levels["backup"], "note");
    let of_kind = if stage.place.is_postgres() { ["postgres", "connections"] } else { ["sqlite", "files"] };
    assert!(of_kind.iter().all(|check| levels.contains_key(*check)), "{levels:?}");
    // As text: one line each, the worst first, and what it comes to on standard error.
    let text = program(folder.path(), &["doctor"]).env("DATABASE_URL", &url).output().unwrap();
    assert_eq!(text.status.code(), Some(1));
    let (lines, summary) = (String::from_utf8(text.stdout).unwrap(), String::from_utf8(text.stderr).unwrap());
    assert!(lines.lines().any(|line| line.starts_with("warning  key-secret")), "{lines}");
    assert!(summary.contains(" warnings, "), "{summary}");
    assert!(!lines.contains("hunter2"));
});

both!(one_that_was_seen_to, |place: Place| {
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), 0o700);
    let secret = "a secret of more than thirty-two characters";
    let mut config = place.clone();
    config.config.key_secret = Some(secret.to_owned().into());
    let stage = config.serve_with(|_| {}, waymark::clock::Clock::system());
    let made = rcgen::generate_simple_self_signed(["learn.example.com".to_owned()]).unwrap();
    let (certificate, key, file) =
        (folder.path().join("cert.pem"), folder.path().join("key.pem"), folder.path().join("waymark.toml"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let text = format!(
        "database_url = {:?}\nkey_secret = {secret:?}\nlisten = \"0.0.0.0:8443\"\npublic_url = \"https://learn.example.com\"\n\
         tls_certificate = {certificate:?}\ntls_key = {key:?}\ncors_origins = \"https://app.example.com\"\n",
        place.url()
    );
    std::fs::write(&file, text).unwrap();
    mode(&key, 0o600);
    mode(&file, 0o600);
    let ask = || levels(&doctor(folder.path(), &[("WAYMARK_CONFIG", file.to_str().unwrap())]));
    let well = ask();
    // What the machine of the tests is like, and the role and settings of its PostgreSQL, are not the installation's.
    let machine = ["file-system", "disk", "open-files", "postgres", "connections", "backup", "folder"];
    let mine = |levels: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        levels.iter().filter(|(check, _)| !machine.contains(&check.as_str())).map(|(c, l)| (c.clone(), l.clone())).collect()
    };
    for (check, level) in mine(&well) {
        assert_eq!(level, "ok", "{check}: {well:?}");
    }
    // Each thing undone is seen.
    mode(&key, 0o644);
    mode(&file, 0o644);
    let worse = ask();
    assert_eq!((worse["tls"].as_str(), worse["config-file"].as_str()), ("problem", "problem"), "{worse:?}");
    mode(&key, 0o600);
    mode(&file, 0o600);
    let other = |name: &str, value: &str| {
        let asked = doctor(folder.path(), &[("WAYMARK_CONFIG", file.to_str().unwrap()), (name, value)]);
        levels(&asked)
    };
    for (name, value, check, level) in [
        ("WAYMARK_PUBLIC_URL", "https://other.example.com", "certificate", "warning"),
        ("WAYMARK_PUBLIC_URL", "http://learn.example.com", "tls", "warning"),
        ("WAYMARK_CORS_ORIGINS", "*", "cors", "warning"),
        ("WAYMARK_METRICS_LISTEN", "0.0.0.0:9464", "metrics", "warning"),
        ("WAYMARK_LOG", "waymark=trace", "log", "warning"),
        ("WAYMARK_TLS_KEY", "/nowhere.pem", "certificate", "problem"),
    ] {
        assert_eq!(other(name, value)[check], level, "{name}={value}");
    }
    if let Some(database) = file_of(&stage) {
        mode(&database, 0o644);
        assert_eq!(ask()["files"], "problem");
        mode(&database, 0o600);
        let copy = database.with_file_name("copy.db");
        good(&run(folder.path(), &["--database-url", &place.url(), "backup", copy.to_str().unwrap()]));
        assert_eq!((ask()["backup"].as_str(), ask()["files"].as_str()), ("ok", "ok"));
    } else {
        let url = place.url();
        assert_eq!(other("DATABASE_URL", &url)["database"], "ok");
    }
});

fn file_of(stage: &Stage) -> Option<std::path::PathBuf> {
    match &stage.place.config.database {
        waymark::config::Database::Sqlite(path) => Some(path.clone()),
        waymark::config::Database::Postgres(_) => None,
    }
}

both!(nothing_is_changed_and_nothing_made, |place: Place| {
    let folder = tempfile::tempdir().unwrap();
    let url = place.url();
    let ask = || levels(&doctor(folder.path(), &[("DATABASE_URL", &url)]));
    // Before the first start.
    assert_eq!(ask()["database"], "note");
    if let waymark::config::Database::Sqlite(path) = &place.config.database {
        assert_eq!(snapshot(path.parent().unwrap()), BTreeMap::new(), "a question makes no database");
        let stage = place.serve();
        stage.stop();
        let before = snapshot(path.parent().unwrap());
        assert_eq!(ask()["database"], "ok");
        assert_eq!(snapshot(path.parent().unwrap()), before);
        // One that is gone, another program's, and a damaged one are said, and left.
        std::fs::rename(path, path.with_extension("away")).unwrap();
        let _ = std::fs::remove_file(path.with_extension("db-wal"));
        assert_eq!(ask()["database"], "problem");
        assert!(!path.exists());
        std::fs::write(path, vec![b'x'; 4096]).unwrap();
        assert_eq!(ask()["database"], "problem");
        assert_eq!(std::fs::read(path).unwrap(), vec![b'x'; 4096]);
    } else {
        let tables = "SELECT 1 / (count(*) = 0)::int FROM pg_tables WHERE schemaname = 'public'";
        assert!(place.db(move |conn| Ok(conn.batch(tables).is_ok())), "a question makes no tables");
    }
    assert_eq!(snapshot(folder.path()), BTreeMap::new());
});

// A server that is away, or another schema, is a finding and no failure.
both!(what_cannot_be_looked_at, |place: Place| {
    let folder = tempfile::tempdir().unwrap();
    place.serve().stop();
    let ask = |url: &str| levels(&doctor(folder.path(), &[("DATABASE_URL", url)]));
    if place.is_postgres() {
        assert_eq!(ask("postgres://nobody:hunter2@127.0.0.1:9/waymark?connect_timeout=2")["database"], "problem");
    } else {
        assert_eq!(ask("sqlite:nowhere/waymark.db")["database"], "problem");
    }
    let last = "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    place.db(move |conn| conn.batch(last));
    assert_eq!(ask(&place.url())["migrations"], "note");
    place.db(|conn| conn.batch("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999')"));
    assert_eq!(ask(&place.url())["migrations"], "problem");
});
