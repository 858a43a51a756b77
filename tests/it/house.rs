//! The rules of the house, held by reading the code: where SQL may stand, what knows what, how long a file may be.

use std::path::Path;

use crate::harness::root;

/// Every Rust file under src: its path below src, and its text without comments and without its own tests.
fn files() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root().join("src")).unwrap().display().to_string();
                out.push((name, code(&std::fs::read_to_string(&path).unwrap())));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join("src"), &mut out);
    out.sort();
    assert!(out.len() > 30);
    out
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

fn is_test(name: &str) -> bool {
    name.ends_with("_tests.rs")
}

/// SQL stands in `store.rs` and in `db/`. The others have a reason, and stand here by name.
#[test]
fn sql_stands_in_stores() {
    const MAY: &[&str] = &[
        "web/idempotency.rs", // the store of the keys, which belong to no slice
    ];
    let may = |name: &str| name.ends_with("/store.rs") || name.starts_with("db/") || MAY.contains(&name) || is_test(name);
    let signs = ["diesel::", "sql_query", "each!(", "db::schema", "SELECT ", "INSERT INTO", "DELETE FROM"];
    let wrong = files().into_iter().filter(|(name, _)| !may(name)).flat_map(|(name, text)| {
        let text = text.replace("diesel::Queryable", ""); // a type that can be read from a row is no SQL
        signs.into_iter().filter(|sign| text.contains(sign)).map(move |sign| format!("{name}: {sign}")).collect::<Vec<_>>()
    });
    none("SQL outside of a store", wrong.collect());
}

#[test]
fn stores_know_no_http() {
    let wrong = files()
        .into_iter()
        .filter(|(name, text)| name.ends_with("/store.rs") && (text.contains("actix") || text.contains("HttpRe")));
    none("a store that knows HTTP", wrong.map(|(name, _)| name).collect());
}

/// `rules.rs` decides and computes: it knows no HTTP, no database, no time, no chance.
#[test]
fn rules_are_pure() {
    let forbidden = [
        "actix",
        "diesel",
        "crate::clock",
        "clock: Clock,",
        "&Clock",
        "db::Conn",
        "crate::db::{",
        "Utc::now",
        "Instant::now",
        "SystemTime",
        "rand::",
        "new_v4",
        "now_v7",
        "std::env",
        "std::fs",
    ];
    let wrong = files().into_iter().filter(|(name, _)| name.ends_with("/rules.rs")).flat_map(|(name, text)| {
        forbidden.into_iter().filter(|word| text.contains(word)).map(move |word| format!("{name}: {word}")).collect::<Vec<_>>()
    });
    none("rules that are not pure", wrong.collect());
}

/// Handlers hold no SQL and open no transaction: they call one closure.
#[test]
fn slices_keep_out_of_each_other_s_stores() {
    const SLICES: &[&str] =
        &["auth", "lessons", "attempts", "submissions", "learners", "records", "diagnosis", "authoring", "analytics"];
    /// (file, whose store, why)
    const MAY: &[(&str, &str)] = &[
        ("first_start.rs", "auth"),
        ("first_start.rs", "lessons"),
        ("first_start.rs", "records"),
        ("first_start.rs", "diagnosis"),
        ("server.rs", "auth"),
        ("server.rs", "lessons"),
        ("server.rs", "records"),
        ("server.rs", "diagnosis"),
        ("cli/admin.rs", "auth"),
        ("health.rs", "auth"),
        ("lessons/publish.rs", "auth"),
        ("attempts/save.rs", "records"), // a set of commands inserts the records of many actors at once
    ];
    let mut wrong = Vec::new();
    for (name, text) in files() {
        let own = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        for slice in SLICES.iter().filter(|slice| **slice != own) {
            let direct = text.contains(&format!("{slice}::store"));
            // `use crate::auth::{Auth, store as auth_store};`
            let grouped = text.split("use ").any(|one| {
                let one = one.split(';').next().unwrap_or_default();
                one.starts_with(&format!("crate::{slice}::{{"))
                    && one.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == "store")
            });
            if (direct || grouped) && !MAY.contains(&(name.as_str(), slice)) && !is_test(&name) {
                wrong.push(format!("{name} reaches into {slice}/store.rs"));
            }
        }
    }
    none("a slice that reaches into another's store", wrong);
}

/// A file much over 300 lines is asking to be two rooms.
#[test]
fn files_are_short() {
    const MOST: usize = 400;
    /// Each is one table or one list that would not be clearer in two.
    const MAY: &[(&str, usize)] = &[
        ("error.rs", 450), // one table of errors, with its texts
    ];
    let mut wrong = Vec::new();
    for entry in files() {
        let lines = std::fs::read_to_string(root().join("src").join(&entry.0)).unwrap().lines().count();
        let most = MAY.iter().find(|(name, _)| *name == entry.0).map_or(MOST, |(_, most)| *most);
        if lines > most {
            wrong.push(format!("{} has {lines} lines (at most {most})", entry.0));
        }
    }
    none("files that ask to be two", wrong);
}

/// Every module says what it is for.
#[test]
fn every_file_says_what_it_is_for() {
    let silent = files().into_iter().map(|(name, _)| name).filter(|name| {
        let text = std::fs::read_to_string(root().join("src").join(name)).unwrap();
        // A page with nothing on it is another helper's, on its way.
        !text.starts_with("//!") && !is_test(name) && name != "main.rs" && text.lines().count() > 3
    });
    none("a file without a first line that says what it is for", silent.collect());
}

/// Errors are made in one place, the environment is read in one place, time and ids come from one place.
#[test]
fn there_is_one_place_for_each_thing() {
    let only = [
        ("application/problem+json", &["error.rs", "docs/mod.rs", "docs/pages.rs"][..]),
        ("std::env::var", &["config.rs"]),
        ("Utc::now", &["clock.rs"]),
        ("now_v7", &["clock.rs"]),
        ("new_v4", &["clock.rs"]),
        ("rand::rng", &["clock.rs"]),
        ("HttpServer::new", &["server.rs", "telemetry.rs"]),
        ("println!", &[]),
        ("dbg!", &[]),
        ("todo!", &[]),
        ("unimplemented!", &[]),
    ];
    let mut wrong = Vec::new();
    for (name, text) in files() {
        for (word, places) in &only {
            if text.contains(word) && !places.contains(&name.as_str()) && !is_test(&name) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    none("what stands in the wrong place", wrong);
}
