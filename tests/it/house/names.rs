//! Names that one search finds: what is defined twice, and names that say nothing of what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::House;
use super::reading::Definition::{self, Function, Type};

/// Names that may be defined in each of several files, and why.
pub struct Shared {
    pub names: &'static [&'static str],
    pub file: fn(&str) -> bool,
    pub why: &'static str,
}

/// Types that are defined more than once.
pub const TYPES: &[Shared] = &[];

/// Functions that are defined more than once.
pub const FUNCTIONS: &[Shared] = &[Shared {
    names: &["find", "insert", "replace", "delete", "page", "lock"],
    file: |file| file.ends_with("/store.rs"),
    why: "every store says the same of its table, and is named where it is called: `store::find`",
}];

/// Words that could name any function, and so name none.
const SAY_NOTHING: &[&str] =
    &["told", "tell", "shown", "one", "of", "nothing", "found", "kept", "seen", "stored", "taken", "whole", "written"];

/// Types that are defined twice, and functions that others may call: one that nobody else may call is found in its own file.
/// Definitions that share a name with a reason count as one.
pub fn twice(house: &House) -> Vec<String> {
    let mut types: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut functions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for file in &house.files {
        for named in &file.reading.named {
            let (all, shared) = match named.of {
                Type => (&mut types, TYPES),
                Function { public: true } => (&mut functions, FUNCTIONS),
                Function { public: false } => continue,
            };
            let shared = shared.iter().find(|shared| shared.names.contains(&named.name.as_str()) && (shared.file)(&file.name));
            let place =
                shared.map_or_else(|| format!("{}:{}", file.name, named.line), |shared| format!("files where {}", shared.why));
            all.entry(&named.name).or_default().insert(place);
        }
    }
    let twice = types.into_iter().chain(functions).filter(|(_, places)| places.len() > 1);
    twice
        .map(|(name, places)| format!("{name} is defined at {}", places.into_iter().collect::<Vec<_>>().join(" and at ")))
        .collect()
}

/// Functions whose name says nothing.
pub fn empty(house: &House) -> Vec<String> {
    let mut out = Vec::new();
    for file in &house.files {
        let functions = file.reading.named.iter().filter(|named| named.of != Type);
        let empty = functions.filter(|named| SAY_NOTHING.contains(&named.name.as_str()));
        out.extend(empty.map(|named| format!("{}:{}: what does `{}` do?", file.name, named.line, named.name)));
    }
    out
}

/// Exceptions that nothing needs any more.
pub fn unneeded(house: &House) -> Vec<String> {
    let count = |shared: &Shared, name: &str, is: fn(Definition) -> bool| {
        let files = house.files.iter().filter(|file| (shared.file)(&file.name));
        files.flat_map(|file| &file.reading.named).filter(|named| named.name == name && is(named.of)).count()
    };
    let mut out = Vec::new();
    for (list, is) in [(TYPES, (|of| of == Type) as fn(Definition) -> bool), (FUNCTIONS, |of| of != Type)] {
        for shared in list {
            let unneeded = shared.names.iter().filter(|name| count(shared, name, is) < 2);
            out.extend(unneeded.map(|name| format!("{name} is not defined twice, though it may be: {}", shared.why)));
        }
    }
    out
}
