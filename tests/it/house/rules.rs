//! The rules of the house as tables, and the one function that holds a file to them.

use super::modules::{File, House};
use super::reading::What;

/// What a rule looks for in a file.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// A path that begins so, imports resolved: `diesel` is found in `diesel::insert_into` and in what was imported from it.
    Path(&'static str),
    /// A path that ends so: `Utc::now`.
    End(&'static str),
    /// A macro that is called.
    Macro(&'static str),
    /// A string that holds this.
    Text(&'static str),
}

use Sign::{End, Macro, Path, Text};

pub struct Rule {
    pub what: &'static str,
    pub signs: &'static [Sign],
    /// Where it holds.
    pub files: fn(&str) -> bool,
    /// Files that may all the same, each with its reason.
    pub may: &'static [(&'static str, &'static str)],
    /// Paths that may be named all the same.
    pub except: &'static [&'static str],
}

fn named(name: &str, last: &str) -> bool {
    name.rsplit('/').next() == Some(last)
}

fn in_crates(name: &str) -> bool {
    name.starts_with("crates/")
}

const HTTP: &[Sign] = &[Path("actix_web"), Path("actix_cors"), Path("actix_http"), Path("utoipa_actix_web")];
const TIME_AND_CHANCE: &[Sign] = &[
    End("Utc::now"),
    End("Local::now"),
    End("Instant::now"),
    End("SystemTime::now"),
    End("Uuid::now_v7"),
    End("Uuid::new_v4"),
    Path("rand"),
    Path("waymark::clock"),
];
const OUTSIDE: &[Sign] = &[Path("std::env"), Path("std::fs"), Path("std::net"), Path("std::process"), Path("tokio")];
const DATABASE: &[Sign] = &[
    Path("diesel"),
    Path("diesel_async"),
    Path("waymark::db::schema"),
    Path("waymark::db::Conn"),
    Path("waymark::db::Db"),
    Path("waymark::db::Stored"),
    Macro("each"),
];

pub const RULES: &[(&str, &[Rule])] = &[
    (
        "sql_stands_in_stores",
        &[Rule {
            what: "SQL outside of a store",
            signs: &[
                Path("diesel"),
                Path("diesel_async"),
                Path("waymark::db::schema"),
                Macro("each"),
                Macro("sql"),
                End("sql_query"),
                Text("SELECT "),
                Text("INSERT INTO"),
                Text("DELETE FROM"),
            ],
            files: |name| !named(name, "store.rs") && !name.starts_with("src/db/"),
            may: &[
                ("src/error.rs", "the one table of failures knows the database's"),
                ("src/web/idempotency.rs", "the store of the keys, which belong to no slice"),
            ],
            // A type that can be read from a row is no SQL.
            except: &["diesel::Queryable"],
        }],
    ),
    (
        "stores_know_no_http",
        &[Rule {
            what: "a store that knows HTTP",
            signs: HTTP,
            files: |name| named(name, "store.rs") || name.starts_with("src/db/"),
            may: &[],
            except: &[],
        }],
    ),
    (
        "rules_are_pure",
        &[
            Rule { what: "rules that know HTTP", signs: HTTP, files: pure, may: &[], except: &[] },
            Rule { what: "rules that know the database", signs: DATABASE, files: pure, may: &[], except: &[] },
            Rule { what: "rules that know time or chance", signs: TIME_AND_CHANCE, files: pure, may: &[], except: &[] },
            Rule { what: "rules that know the machine", signs: OUTSIDE, files: rules, may: &[], except: &[] },
        ],
    ),
    (
        "there_is_one_place_for_each_thing",
        &[
            Rule {
                what: "an error's body made in a second place",
                signs: &[Text("application/problem+json")],
                files: |_| true,
                may: &[("src/error.rs", "the one place"), ("src/docs", "the document and its page name it")],
                except: &[],
            },
            Rule {
                what: "a second reader of the environment",
                signs: &[End("env::var"), End("env::var_os"), End("env::vars"), End("env::vars_os")],
                files: |_| true,
                may: &[("src/config.rs", "the one reader")],
                except: &[],
            },
            Rule {
                what: "a second source of time and chance",
                signs: &[
                    End("Utc::now"),
                    End("Local::now"),
                    End("SystemTime::now"),
                    End("Uuid::now_v7"),
                    End("Uuid::new_v4"),
                    End("rand::rng"),
                    End("rand::random"),
                ],
                files: |_| true,
                may: &[("src/clock.rs", "the one source")],
                except: &[],
            },
            Rule {
                what: "a second server",
                signs: &[End("HttpServer::new")],
                files: |_| true,
                may: &[("src/server.rs", "the service"), ("src/telemetry.rs", "metrics have a listener of their own")],
                except: &[],
            },
            Rule {
                what: "something unfinished, or printed past the one writer",
                signs: &[
                    Macro("println"),
                    Macro("print"),
                    Macro("eprintln"),
                    Macro("eprint"),
                    Macro("dbg"),
                    Macro("todo"),
                    Macro("unimplemented"),
                ],
                files: |_| true,
                may: &[],
                except: &[],
            },
        ],
    ),
];

fn rules(name: &str) -> bool {
    named(name, "rules.rs")
}

/// Decisions and arithmetic: the rules of slices, and all of the crates below the service.
fn pure(name: &str) -> bool {
    rules(name) || in_crates(name)
}

/// What is wrong with one file.
pub fn faults(house: &House, file: &File, rule: &Rule) -> Vec<String> {
    if !(rule.files)(&file.name) || allows(rule, &file.name) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for fact in &file.reading.facts {
        let found = match &fact.what {
            What::Path(path) => {
                let whole = house.whole(file, path).join("::");
                let hit = rule.signs.iter().any(|sign| match sign {
                    Path(start) => begins(&whole, start),
                    End(end) => whole == *end || whole.ends_with(&format!("::{end}")),
                    _ => false,
                });
                (hit && !rule.except.iter().any(|except| begins(&whole, except))).then_some(whole)
            }
            What::Macro(name) => {
                rule.signs.iter().any(|sign| matches!(sign, Macro(one) if one == name)).then(|| format!("{name}!"))
            }
            What::Text(text) => rule.signs.iter().find_map(|sign| match sign {
                Text(part) if text.contains(part) => Some(format!("{part:?}")),
                _ => None,
            }),
        };
        out.extend(found.map(|found| format!("{}:{}: {}: {found}", file.name, fact.line, rule.what)));
    }
    out
}

fn begins(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

pub fn allows(rule: &Rule, name: &str) -> bool {
    rule.may.iter().any(|(place, _)| name.starts_with(place))
}

/// (file, or folder ending in `/`; whose store; why): who may use a store of another slice.
pub const OTHERS_STORES: &[(&str, &str, &str)] = &[
    ("src/first_start.rs", "auth", "makes what every installation has"),
    ("src/authorization/", "auth", "lets clients in by what is kept of them"),
    ("src/personal_tokens/", "auth", "makes and takes back what is kept there"),
    ("src/cli/doctor/gather.rs", "auth", "looks at keys and clients as they are kept"),
    ("src/first_start.rs", "lessons", "reads what is published"),
    ("src/first_start.rs", "records", "begins an epoch after a restore"),
    ("src/first_start.rs", "diagnosis", "reads every tenant's signals"),
    ("src/server.rs", "authorization", "forgets what has ended"),
    ("src/server.rs", "auth", "looks for what other processes changed"),
    ("src/server.rs", "lessons", "looks for what other processes changed"),
    ("src/server.rs", "records", "measures how far the feed lags"),
    ("src/server.rs", "diagnosis", "looks for what other processes changed"),
    ("src/administration/store.rs", "auth", "clients and tenants are rows that every sign-in asks"),
    ("src/cli/admin.rs", "auth", "is the console of clients and tenants"),
    ("src/cli/doctor/gather.rs", "auth", "looks at keys and the administrator, and changes nothing"),
    ("src/health.rs", "auth", "asks the database the smallest question"),
    ("src/lessons/publish.rs", "auth", "raises a generation"),
    ("src/attempts/save.rs", "records", "a set of commands inserts the records of many actors at once"),
];

/// A slice keeps out of another one's store.
pub fn reaches(house: &House, file: &File) -> Vec<String> {
    let own = |slice: &str| file.module.get(1).is_some_and(|one| one == slice);
    let mut out = Vec::new();
    for fact in &file.reading.facts {
        let What::Path(path) = &fact.what else { continue };
        let whole = house.whole(file, path);
        let Some(at) = whole.iter().position(|segment| segment == "store").filter(|at| *at >= 2 && whole[0] == "waymark") else {
            continue;
        };
        let slice = &whole[1];
        let is_module = house.file_of(&whole[..=at]).is_some_and(|found| named(&house.files[found].name, "store.rs"));
        let may = OTHERS_STORES
            .iter()
            .any(|(name, whose, _)| (*name == file.name || name.ends_with('/') && file.name.starts_with(name)) && whose == slice);
        if is_module && !own(slice) && !may {
            out.push(format!("{}:{}: reaches into the store of {slice}: {}", file.name, fact.line, whole.join("::")));
        }
    }
    out
}
