//! The floors: an import never runs from a lower one to a higher one, unless it stands here with its reason.

use super::modules::House;

/// From the lowest. A file belongs to the floor with the longest name that it begins with; every file must have one.
pub const FLOORS: &[(&str, &[&str])] = &[
    ("engine", &["crates/engine/", "crates/sqlite-stop/", "crates/allocator/"]),
    ("wasm", &["crates/wasm/"]),
    ("curriculum", &["crates/curriculum/"]),
    ("packages", &["crates/packages/"]),
    (
        "ground",
        &[
            "src/lib.rs",
            "src/config",
            "src/clock.rs",
            "src/error.rs",
            "src/quotas.rs",
            "src/telemetry.rs",
            "src/db/types.rs",
            "src/doors/",
            "src/rates/",
        ],
    ),
    ("db", &["src/db/"]),
    ("web and auth", &["src/web/", "src/auth/", "src/outbound/"]),
    ("state", &["src/state.rs"]),
    (
        "slices",
        &[
            "src/administration/",
            "src/attempts/",
            "src/audit/",
            "src/auth/http.rs",
            "src/authoring/",
            "src/authorization/",
            "src/cohorts/",
            "src/diagnosis/",
            "src/health.rs",
            "src/issuers/",
            "src/learners/",
            "src/lessons/",
            "src/packages/",
            "src/personal_tokens/",
            "src/records/",
            "src/submissions/",
        ],
    ),
    ("routes", &["src/routes.rs"]),
    ("docs", &["src/docs/"]),
    ("service", &["src/cli/", "src/first_start.rs", "src/main.rs", "src/mcp/", "src/measures.rs", "src/server.rs"]),
];

/// (from, to, why). A name that ends in `/` stands for what is below it.
pub const UP: &[(&str, &str, &str)] = &[
    ("src/config.rs", "src/db/", "a URL is read where it will be used, so that both read it alike"),
    ("src/state.rs", "src/lessons/", "the curriculum in memory is part of the state, and knows no handler"),
    ("src/state.rs", "src/issuers/keys.rs", "so are the keys of issuers"),
    ("src/state.rs", "src/diagnosis/signals/memory.rs", "so are the signals in memory"),
    ("src/state.rs", "src/audit/memory.rs", "so is what was noted a moment ago"),
    ("src/routes.rs", "src/docs/", "the document is served as one of the routes, finished, and does not know the list"),
];

/// The floor of a file, from 0.
pub fn floor(name: &str) -> Option<usize> {
    let places = FLOORS.iter().enumerate().flat_map(|(at, (_, names))| names.iter().map(move |start| (start.len(), *start, at)));
    places.filter(|(_, start, _)| name.starts_with(start)).max().map(|(_, _, at)| at)
}

fn may(from: &str, to: &str) -> Option<usize> {
    let fits = |name: &str, place: &str| name == place || place.ends_with('/') && name.starts_with(place);
    UP.iter().position(|(lower, higher, _)| fits(from, lower) && fits(to, higher))
}

/// What is wrong with the imports of the house; and, where asked for, reasons that nothing needs any more.
pub fn faults(house: &House, stale_too: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for file in house.files.iter().filter(|file| floor(&file.name).is_none()) {
        out.push(format!("{} is on no floor", file.name));
    }
    let mut used = vec![false; UP.len()];
    for import in house.imports() {
        let (from, to) = (&house.files[import.from].name, &house.files[import.to].name);
        let (Some(lower), Some(higher)) = (floor(from), floor(to)) else { continue };
        if lower >= higher {
            continue;
        }
        match may(from, to) {
            Some(at) => used[at] = true,
            None => {
                let (here, there) = (FLOORS[lower].0, FLOORS[higher].0);
                out.push(format!("{from}:{}: from the floor {here} up to {there}: {} ({to})", import.line, import.path));
            }
        }
    }
    if stale_too {
        let stale = UP.iter().zip(used).filter(|(_, used)| !used);
        out.extend(stale.map(|((from, to, _), _)| format!("{from} no longer imports {to}: take the line out")));
    }
    out
}
