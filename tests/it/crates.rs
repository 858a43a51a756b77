//! The pure crates stay pure: what they depend on, directly or not, by `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::harness::root;

const PURE: [&str; 4] = ["waymark-engine", "waymark-wasm", "waymark-curriculum", "waymark-packages"];
/// Servers, databases, runtimes, networks, and the service itself.
const NEVER: [&str; 9] =
    ["actix-web", "actix-http", "diesel", "diesel-async", "libsqlite3-sys", "tokio", "hyper", "reqwest", "waymark"];

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let asked = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    serde_json::from_slice(&asked.stdout).unwrap()
}

/// Package id -> its name and the ids of what it needs when it is built for use, not for its own tests.
fn graph(metadata: &Value) -> BTreeMap<String, (String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names: BTreeMap<String, String> =
        metadata["packages"].as_array().unwrap().iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
    let needs = |node: &Value| {
        let deps = node["deps"].as_array().unwrap().iter();
        let normal = deps.filter(|dep| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev"));
        normal.map(|dep| text(&dep["pkg"])).collect()
    };
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap().iter();
    nodes.map(|node| (text(&node["id"]), (names[node["id"].as_str().unwrap()].clone(), needs(node)))).collect()
}

/// Names of all that `name` needs.
fn closure(graph: &BTreeMap<String, (String, Vec<String>)>, name: &str) -> BTreeSet<String> {
    let start = graph.iter().find(|(_, (own, _))| own == name).unwrap_or_else(|| panic!("there is no crate {name}"));
    let (mut todo, mut seen) = (start.1.1.clone(), BTreeSet::new());
    while let Some(id) = todo.pop() {
        if seen.insert(id.clone()) {
            todo.extend(graph[&id].1.clone());
        }
    }
    seen.iter().map(|id| graph[id].0.clone()).collect()
}

#[test]
fn the_pure_crates_know_no_server_no_database_no_runtime() {
    let graph = graph(&metadata());
    for name in PURE {
        let needs = closure(&graph, name);
        let wrong: Vec<_> = NEVER.iter().filter(|never| needs.contains(**never)).collect();
        assert!(wrong.is_empty(), "{name} needs {wrong:?}");
    }
    // The same search finds them where they are.
    let service = closure(&graph, "waymark");
    assert!(["actix-web", "diesel", "tokio"].iter().all(|name| service.contains(*name)));
}

/// What a registry would be sent: a README, and the data that is compiled in.
#[test]
fn each_pure_crate_could_be_published() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    for (name, data) in [("waymark-engine", "signals/"), ("waymark-curriculum", "lessons/"), ("waymark-packages", "src/")] {
        let asked = Command::new(&cargo)
            .args(["package", "--list", "--allow-dirty", "--offline", "-p", name])
            .current_dir(root())
            .output()
            .unwrap();
        let files = String::from_utf8_lossy(&asked.stdout).into_owned();
        assert!(asked.status.success(), "{name}: {}", String::from_utf8_lossy(&asked.stderr));
        assert!(files.lines().any(|file| file == "README.md"), "{name} has no README: {files}");
        assert!(files.lines().any(|file| file.starts_with(data)), "{name} leaves out {data}: {files}");
    }
}
