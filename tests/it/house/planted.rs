//! Faults planted into files of a small house: each must be found, and nothing else may be.

use super::floors;
use super::modules::House;
use super::names;
use super::rules::{self, RULES};

/// Everything that the rules of one file find in a house of these files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files = [&[("src/lib.rs", "")], files].concat();
    let files: Vec<(String, String)> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let house = House::of(&files).unwrap();
    let mut out = Vec::new();
    for file in &house.files {
        let all = RULES.iter().flat_map(|(_, rules)| rules.iter());
        out.extend(all.flat_map(|rule| rules::faults(&house, file, rule)));
        out.extend(rules::reaches(&house, file));
    }
    out
}

const AUTH: (&str, &str) = ("src/auth/mod.rs", "pub mod store;\npub mod rules;\n");
const AUTH_STORE: (&str, &str) = ("src/auth/store.rs", "pub fn setting() {}");

/// (file, text, what must be found)
const PLANTED: &[(&str, &str, &str)] = &[
    // After a test module, where a reader that stops at the first `#[cfg(test)]` sees nothing more.
    (
        "crates/engine/src/masking.rs",
        "#[cfg(test)]\nmod masking_tests;\nfn f() { chrono::Utc::now(); }",
        "chance: chrono::Utc::now",
    ),
    ("crates/engine/src/masking.rs", "#[cfg(test)]\nmod tests {}\nuse actix_web::HttpResponse;", "HTTP: actix_web::HttpResponse"),
    (
        "crates/engine/src/masking.rs",
        "#[cfg(test)]\nmod tests {}\nfn f() { std::env::var(\"X\"); }",
        "environment: std::env::var",
    ),
    (
        "crates/engine/src/masking.rs",
        "#[cfg(test)]\nmod tests {}\nfn f() { diesel::insert_into(x); }",
        "store: diesel::insert_into",
    ),
    ("crates/engine/src/masking.rs", "#[cfg(test)]\nmod tests {}\nfn f() { println!(\"x\"); }", "writer: println!"),
    ("crates/engine/src/masking.rs", "#[cfg(test)]\nfn t() {}\nconst Q: &str = \"SELECT 1\";", "store: \"SELECT \""),
    ("crates/engine/src/masking.rs", "#[cfg(test)]\nuse x::y;\nfn f() { todo!() }", "writer: todo!"),
    // Spelled otherwise.
    ("src/a/http.rs", "use diesel as d;\nfn f() { d::select(x); }", "store: diesel::select"),
    ("src/a/http.rs", "use diesel::{self, prelude::*};", "store: diesel"),
    ("src/a/http.rs", "use diesel::prelude::{QueryDsl as Q};", "store: diesel::prelude::QueryDsl"),
    ("src/a/http.rs", "use crate::db::{self};\nfn f() { db::schema::clients::table; }", "store: waymark::db::schema"),
    ("src/a/http.rs", "fn f() { r#\"  INSERT INTO x\"#; }", "store: \"INSERT INTO\""),
    ("src/a/http.rs", "fn f() { crate::each!(conn, c => x.load(c)); }", "store: each!"),
    ("src/a/http.rs", "#[derive(diesel::Insertable)]\nstruct S;", "store: diesel::Insertable"),
    ("src/a/http.rs", "fn f() { let _ = format!(\"{}\", diesel::sql_query(\"x\")); }", "store: diesel::sql_query"),
    ("src/a/http.rs", "macro_rules! m { ($e:expr) => { diesel::delete($e) } }", "store: diesel::delete"),
    ("src/a/http.rs", "mod inner { fn f() { chrono::Utc::now(); } }", "chance: chrono::Utc::now"),
    (
        "src/a/http.rs",
        "impl S { fn f() -> T { #[cfg(not(test))] let x = uuid::Uuid::now_v7(); x } }",
        "chance: uuid::Uuid::now_v7",
    ),
    ("src/a/http.rs", "#[cfg(any(test, feature = \"x\"))]\nfn f() { dbg!(1); }", "writer: dbg!"),
    ("src/a/http.rs", "#[cfg(not(test))]\nfn f() { dbg!(1); }", "writer: dbg!"),
    ("src/a/http.rs", "fn f() { vec![unimplemented!()]; }", "writer: unimplemented!"),
    ("src/a/http.rs", "const T: &str = \"application/problem+json\";", "place: \"application/problem+json\""),
    ("src/a/http.rs", "use std::env;\nfn f() { env::var_os(\"X\"); }", "environment: std::env::var_os"),
    ("src/a/http.rs", "use std::env::var as read;\nfn f() { read(\"X\"); }", "environment: std::env::var"),
    ("src/a/http.rs", "use actix_web as web;\nfn f() { web::HttpServer::new(x); }", "server: actix_web::HttpServer::new"),
    ("src/a/rules.rs", "use actix_web::http::StatusCode;", "HTTP: actix_web::http::StatusCode"),
    ("src/a/rules.rs", "fn f(clock: &crate::clock::Clock) {}", "chance: waymark::clock::Clock"),
    ("src/a/rules.rs", "use crate::clock;\nfn f(c: &clock::Clock) {}", "chance: waymark::clock"),
    ("src/a/rules.rs", "use super::super::clock::Clock;", "chance: waymark::clock::Clock"),
    ("src/a/rules.rs", "use crate::db::{types::Id, Conn};", "database: waymark::db::Conn"),
    ("src/a/rules.rs", "fn f() { std::fs::read(\"x\"); }", "machine: std::fs::read"),
    ("src/a/rules.rs", "fn f() -> std::time::Instant { std::time::Instant::now() }", "chance: std::time::Instant::now"),
    ("src/a/store.rs", "use actix_web::HttpRequest;", "HTTP: actix_web::HttpRequest"),
    ("src/a/http.rs", "use crate::auth::store;", "store of auth: waymark::auth::store"),
    ("src/a/http.rs", "use crate::auth::{rules, store as other};", "store of auth: waymark::auth::store"),
    ("src/a/http.rs", "use crate::auth;\nfn f() { auth::store::setting(); }", "store of auth: waymark::auth::store::setting"),
    ("src/a/http.rs", "use super::super::auth::store::setting;", "store of auth: waymark::auth::store::setting"),
    ("src/a/http.rs", "fn f() { vec![crate::auth::store::setting()]; }", "store of auth: waymark::auth::store::setting"),
];

#[test]
fn every_planted_fault_is_found() {
    for (name, text, fault) in PLANTED {
        let found = found(&[AUTH, AUTH_STORE, ("src/clock.rs", ""), (name, text)]);
        assert!(found.iter().any(|one| one.contains(fault)), "{fault:?} is not found in {name}:\n{text}\n-- but {found:#?}");
        assert!(found.iter().all(|one| one.starts_with(&format!("{name}:"))), "{found:#?}");
        let line = text.lines().count();
        let last = text.lines().position(|one| one.contains("#[cfg(test)]")).map(|_| format!("{name}:{line}:"));
        assert!(last.is_none_or(|last| found.iter().any(|one| one.starts_with(&last))), "the line of {text}: {found:#?}");
    }
}

#[test]
fn what_is_no_fault_is_not_found() {
    for (name, text) in [
        (
            "src/a/http.rs",
            "//! SELECT nothing, and diesel::insert_into even less.\n/// Utc::now is in clock.rs.\nfn f() {} // dbg!(1)",
        ),
        ("src/a/http.rs", "#[cfg(test)]\nmod tests { use diesel::prelude::*; fn f() { println!(\"SELECT 1\"); } }"),
        ("src/a/http.rs", "#[cfg(all(test, unix))]\nfn f() { println!(\"x\"); }"),
        ("src/a/http.rs", "impl S { #[cfg(test)] fn f() { dbg!(1); } }"),
        ("src/a/http.rs", "fn f() { #[cfg(test)] let x = uuid::Uuid::new_v4(); }"),
        ("src/a/http.rs", "#![cfg(test)]\nfn f() { todo!() }"),
        ("src/a/http.rs", "const WHAT: &str = \"Utc::now, println! and diesel:: are names in a text\";"),
        ("src/a/http.rs", "fn f(println: u8, each: u8) -> u8 { println + each }"),
        ("src/a/http.rs", "#[derive(diesel::Queryable)]\nstruct S;"),
        ("src/a/http.rs", "use crate::auth::rules;\nfn f(store: u8) -> u8 { store }"),
        ("src/a/store.rs", "use diesel::prelude::*;\nfn f() { crate::each!(conn, c => x) }"),
        ("src/auth/mod2.rs", "use crate::auth::store;"),
        ("src/a/rules.rs", "use crate::db::types::Id;"),
    ] {
        assert_eq!(found(&[AUTH, AUTH_STORE, (name, text)]), Vec::<String>::new(), "{name}:\n{text}");
    }
    // A file that is declared for tests is not read, whatever its name.
    let parent = ("src/a/mod.rs", "#[cfg(test)]\nmod checks;\nmod more;");
    assert_eq!(found(&[parent, ("src/a/checks.rs", "fn f() { dbg!(1); }")]), Vec::<String>::new());
    let beside = ("src/a/mod.rs", "#[cfg(test)]\n#[path = \"rules_tests.rs\"]\nmod tests;");
    assert_eq!(found(&[beside, ("src/a/rules_tests.rs", "fn f() { dbg!(1); }")]), Vec::<String>::new());
    assert_eq!(found(&[parent, ("src/a/more.rs", "fn f() { dbg!(1); }")]).len(), 1);
}

fn house(files: &[(&str, &str)]) -> House {
    House::of(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>()).unwrap()
}

#[test]
fn an_import_that_runs_up_is_found_however_it_is_spelled() {
    let (lib, server, web) = (("src/lib.rs", ""), ("src/server.rs", "pub fn start() {}"), ("src/web/mod.rs", "pub mod page;"));
    for text in [
        "use crate::server::start;",
        "use crate::{server, web};",
        "use crate::server as up;",
        "fn f() { crate::server::start() }",
        "use super::super::server;\nfn f() { server::start() }",
        "fn f() { vec![crate::server::start()]; }",
        "#[cfg(test)]\nmod tests {}\nuse crate::server;",
    ] {
        let found = floors::faults(&house(&[lib, server, web, ("src/web/page.rs", text)]), false);
        assert_eq!(found.len().min(1), 1, "{text}");
        assert!(found[0].starts_with("src/web/page.rs:") && found[0].contains("src/server.rs"), "{found:?}");
        let down = house(&[lib, ("src/server.rs", text), web, ("src/web/page.rs", "")]);
        assert_eq!(floors::faults(&down, false), Vec::<String>::new(), "{text}");
    }
    // Through a lower module that passes it on.
    let passed = [lib, server, ("src/db/mod.rs", "pub use crate::server::start;"), ("src/web/page.rs", "use crate::db::start;")];
    assert!(floors::faults(&house(&passed), false)[0].starts_with("src/web/page.rs:1"));
    let nowhere = house(&[lib, ("src/cellar.rs", "")]);
    assert_eq!(floors::faults(&nowhere, false), ["src/cellar.rs is on no floor"]);
}

#[test]
fn a_circle_is_found() {
    let ring = |last: &str| {
        house(&[
            ("src/lib.rs", ""),
            ("src/a/mod.rs", "pub mod x; pub mod y;\npub use x::X;"),
            ("src/a/x.rs", "use crate::a::y::Y; pub struct X;"),
            ("src/a/y.rs", "use crate::b::B; pub struct Y;"),
            ("src/b.rs", "use super::c; pub struct B; fn f() { c::f() }"),
            ("src/c.rs", last),
        ])
    };
    assert_eq!(ring("pub fn f() {}").circles(), Vec::<Vec<String>>::new());
    // Through what `a` passes on it leads to `a/x.rs`; the file that only passes on is in no circle.
    for last in ["use crate::a::X; pub fn f() {}", "pub fn f() { crate::a::X; }", "use crate::a; pub fn f() { a::x::X; }"] {
        assert_eq!(ring(last).circles(), [["src/a/x.rs", "src/a/y.rs", "src/b.rs", "src/c.rs"]], "{last}");
    }
    let for_tests = "#[cfg(test)]\nmod tests { use crate::a::X; }\npub fn f() {}";
    assert_eq!(ring(for_tests).circles(), Vec::<Vec<String>>::new());
}

#[test]
fn a_name_that_is_defined_twice_is_found() {
    let twice = |text: &str| {
        names::twice(&house(&[
            ("src/lib.rs", "pub struct Row; pub fn bring() {}"),
            ("src/a/mod.rs", "fn keep() {}"),
            ("src/b.rs", text),
        ]))
    };
    for text in [
        "struct Row { n: i64 }",
        "pub(crate) enum Row {}",
        "trait Row {}",
        "type Row = u8;",
        "mod inner { struct Row; }",
        "#[cfg(test)]\nmod tests {}\nstruct Row;",
        "pub async fn bring() {}",
        "pub(super) fn bring() {}",
    ] {
        let found = twice(text);
        assert!(found.len() == 1 && found[0].contains(&format!("src/b.rs:{}", text.lines().count())), "{text}: {found:?}");
    }
    for text in [
        "#[cfg(test)]\nmod tests { struct Row; fn bring() {} }",
        "fn f() { struct Row; fn bring() {} }",
        "impl S { pub fn bring() {} pub fn keep() { struct Row; } }",
        // One that nobody else may call is found in its own file.
        "fn bring() {} pub fn keep() {}",
        "impl T for S { type Row = u8; }",
        "trait T { type Row; fn bring(); }",
        "use crate::Row; fn f(bring: u8) {}",
        "#[cfg(test)]\npub fn bring() {}",
    ] {
        assert_eq!(twice(text), Vec::<String>::new(), "{text}");
    }
    // What every store says of its table; nobody else may.
    let shared = |other| names::twice(&house(&[("src/a/store.rs", "pub fn find() {}"), (other, "pub fn find() {}")]));
    assert_eq!(shared("src/b/store.rs"), Vec::<String>::new());
    assert_eq!(shared("src/b/http.rs").len(), 1);
}

#[test]
fn a_name_that_says_nothing_is_found() {
    let found = |text| names::empty(&house(&[("src/lib.rs", text)]));
    for text in ["fn told() {}", "pub fn one() {}", "mod inner { async fn shown() {} }"] {
        assert_eq!(found(text).len(), 1, "{text}");
    }
    for text in ["impl S { fn of() {} }", "fn f() { fn one() {} let told = |x| x; }", "#[cfg(test)]\nfn tell() {}", "struct one;"]
    {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}
