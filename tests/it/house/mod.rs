//! The rules of the house, held by reading the code as the compiler does: where SQL may stand, what knows what, on which floor a
//! file is, how long it may be, what has a name of its own. `planted.rs` shows that the reader finds what it is to find.

mod floors;
mod modules;
mod names;
mod planted;
mod reading;
mod rules;

use std::path::Path;
use std::sync::OnceLock;

use crate::harness::root;
use modules::House;

/// Every Rust file of the service and its crates, by its path below the root.
pub fn texts() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                out.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join("src"), &mut out);
    for crate_ in std::fs::read_dir(root().join("crates")).into_iter().flatten() {
        walk(&crate_.unwrap().path().join("src"), &mut out);
    }
    out.sort();
    assert!(out.len() > 150, "{} files", out.len());
    out
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| House::of(&texts()).unwrap())
}

#[track_caller]
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} times:\n  {}", found.len(), found.join("\n  "));
}

fn held(name: &str) {
    let rules = rules::RULES.iter().find(|(rule, _)| *rule == name).unwrap().1;
    let faults = |file| rules.iter().flat_map(move |rule| rules::faults(house(), file, rule));
    none(house().files.iter().flat_map(faults).collect());
}

/// SQL stands in `store.rs` and in `db/`. The others have a reason, and stand in the table by name.
#[test]
fn sql_stands_in_stores() {
    held("sql_stands_in_stores");
}

#[test]
fn stores_know_no_http() {
    held("stores_know_no_http");
}

/// `rules.rs` and the crates decide and compute: they know no HTTP, no database, no time, no chance.
#[test]
fn rules_are_pure() {
    held("rules_are_pure");
}

/// Errors are made in one place, the environment is read in one place, time and ids come from one place.
#[test]
fn there_is_one_place_for_each_thing() {
    held("there_is_one_place_for_each_thing");
}

#[test]
fn slices_keep_out_of_each_other_s_stores() {
    none(house().files.iter().flat_map(|file| rules::reaches(house(), file)).collect());
}

/// An import never runs up, and every reason for one that does is still needed.
#[test]
fn no_import_runs_from_a_lower_floor_to_a_higher_one() {
    none(floors::faults(house(), true));
}

/// Files that lead to each other can only be read together; so few do.
#[test]
fn no_circle_of_imports_has_more_than_three_files() {
    let wide = house().circles().into_iter().filter(|circle| circle.len() > 3);
    none(wide.map(|circle| format!("{} files\n{}", circle.len(), house().within(&circle).join("\n"))).collect());
}

/// A search for the name of a type, or of a function that others may call, has one answer; and every reason for two is still needed.
#[test]
fn a_name_is_defined_once() {
    none(names::twice(house()));
    none(names::unneeded(house()));
}

#[test]
fn functions_say_what_they_do() {
    none(names::empty(house()));
}

/// A reason without a file is a hole for the next one of that name.
#[test]
fn every_exception_names_a_file_that_is_there() {
    let there = |name: &str| house().files.iter().any(|file| file.name.starts_with(name));
    let rules = rules::RULES.iter().flat_map(|(_, rules)| rules.iter()).flat_map(|rule| rule.may.iter().map(|(name, _)| *name));
    let stores = rules::OTHERS_STORES.iter().map(|(name, ..)| *name);
    let floors = floors::FLOORS.iter().flat_map(|(_, names)| names.iter().copied());
    none(rules.chain(stores).chain(floors).filter(|name| !there(name)).map(str::to_owned).collect());
}

/// A file much over 300 lines is asking to be two rooms.
#[test]
fn files_are_short() {
    const MOST: usize = 400;
    /// Each is one table or one list that would not be clearer in two.
    const MAY: &[(&str, usize)] = &[
        ("src/error.rs", 450),     // one table of errors, with its texts
        ("src/db/schema.rs", 600), // every table, one after the other
    ];
    let most = |name: &str| MAY.iter().find(|(may, _)| *may == name).map_or(MOST, |(_, most)| *most);
    let long = texts().into_iter().map(|(name, text)| (text.lines().count(), name)).filter(|(lines, name)| *lines > most(name));
    none(long.map(|(lines, name)| format!("{name} has {lines} lines (at most {})", most(&name))).collect());
}

/// Every module says what it is for.
#[test]
fn every_file_says_what_it_is_for() {
    let silent =
        house().files.iter().filter(|file| !file.reading.documented && !file.name.ends_with("main.rs") && file.lines > 3);
    none(silent.map(|file| format!("{} has no first line that says what it is for", file.name)).collect());
}

/// The list of decisions has each of them, by its title.
#[test]
fn every_decision_is_listed() {
    let folder = root().join("docs/decisions");
    let list = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let lines = names.filter(|name| name != "README.md").map(|name| {
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        format!("- [{}]({name})", text.lines().next().unwrap_or_default().trim_start_matches("# "))
    });
    let lines: Vec<String> = lines.collect();
    let listed = list.lines().filter(|line| line.starts_with("- [")).count();
    none(lines.iter().filter(|line| !list.lines().any(|other| other == *line)).cloned().collect());
    assert_eq!(listed, lines.len(), "the list names records that are not there");
}
