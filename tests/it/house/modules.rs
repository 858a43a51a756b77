//! The files of the workspace as one tree of modules, so that a path says which file it leads to.

use std::collections::BTreeMap;

use super::reading::{self, Path, Reading, What};

/// One file: where it stands (`src/auth/mod.rs`), what it says, and the module that it is (`waymark::auth`).
pub struct File {
    pub name: String,
    pub lines: usize,
    pub reading: Reading,
    pub module: Path,
}

/// A use of a thing of ours: by which file, on which line, in which file it is.
#[derive(Debug)]
pub struct Import {
    pub from: usize,
    pub line: usize,
    pub to: usize,
    pub path: String,
}

pub struct House {
    pub files: Vec<File>,
    modules: BTreeMap<Path, usize>,
    /// Exported macros stand at the top of their crate, wherever they are written.
    macros: BTreeMap<Path, usize>,
}

impl House {
    /// From (name, text) of every file. What is for tests alone is left out, whole files too.
    pub fn of(texts: &[(String, String)]) -> Result<House, String> {
        let mut files = Vec::new();
        for (name, text) in texts {
            let reading = reading::read(text).map_err(|why| format!("{name}: {why}"))?;
            files.push(File { module: module_of(name), name: name.clone(), lines: text.lines().count(), reading });
        }
        let for_tests: Vec<Path> = files.iter().flat_map(test_modules).collect();
        files.retain(|file| !for_tests.iter().any(|module| file.module.starts_with(module)));
        let modules = files.iter().enumerate().map(|(at, file)| (file.module.clone(), at)).collect();
        let macros = files.iter().enumerate().flat_map(|(at, file)| {
            let named = file.reading.macros.iter().map(move |name| (vec![file.module[0].clone(), name.clone()], at));
            named.collect::<Vec<_>>()
        });
        let macros = macros.collect();
        Ok(House { files, modules, macros })
    }

    /// A path of a file from the top of a crate: imports, `crate`, `self`, `super` and child modules resolved.
    pub fn whole(&self, file: &File, path: &[String]) -> Path {
        let mut path = path.to_vec();
        // `use crate::auth; auth::store::x` and the like; an import may itself be named through another one.
        for _ in 0..4 {
            let Some(known) = file.reading.names.get(&path[0]) else { break };
            if known[0] == path[0] && known.len() == 1 {
                break;
            }
            path = known.iter().chain(&path[1..]).cloned().collect();
            if path[0] == known[0] && file.reading.names.get(&path[0]) == Some(known) {
                break;
            }
        }
        let mut here = file.module.clone();
        match path[0].as_str() {
            "crate" => here.truncate(1),
            "self" => {}
            "super" => {
                while path.get(1).is_some_and(|next| next == "super") {
                    path.remove(0);
                    here.pop();
                }
                here.pop();
            }
            first => {
                let child: Path = here.iter().cloned().chain([first.to_owned()]).collect();
                // A lone name is a variable or a parameter, even where a module is called so.
                if path.len() > 1 && self.modules.contains_key(&child) {
                    here.extend(path);
                    return here;
                }
                return path;
            }
        }
        here.extend(path.into_iter().skip(1));
        here
    }

    /// The file in which the thing at a whole path stands, through what modules pass on; nothing where it is not ours.
    pub fn file_of(&self, path: &[String]) -> Option<usize> {
        self.found(path, 0)
    }

    fn found(&self, path: &[String], depth: usize) -> Option<usize> {
        let mut at = *self.modules.get(&path[..1])?;
        if let Some(place) = path.get(..2).and_then(|name| self.macros.get(name)) {
            return Some(*place);
        }
        for end in 2..=path.len() {
            if let Some(next) = self.modules.get(&path[..end]) {
                at = *next;
                continue;
            }
            // Not a module: a thing of this file, or one that it imports and others name through it.
            if let Some(through) = self.files[at].reading.names.get(&path[end - 1])
                && depth < 8
            {
                let whole = self.whole(&self.files[at], through);
                let more: Path = whole.into_iter().chain(path[end..].iter().cloned()).collect();
                return self.modules.contains_key(&more[..1]).then(|| self.found(&more, depth + 1)).flatten();
            }
            break;
        }
        Some(at)
    }

    /// Every use of one file's things by another one. What a module only passes on is no use.
    pub fn imports(&self) -> Vec<Import> {
        let mut out = Vec::new();
        for (from, file) in self.files.iter().enumerate() {
            for fact in file.reading.facts.iter().filter(|fact| !fact.passed_on) {
                let What::Path(path) = &fact.what else { continue };
                let whole = self.whole(file, path);
                if let Some(to) = self.file_of(&whole).filter(|to| *to != from) {
                    out.push(Import { from, line: fact.line, to, path: whole.join("::") });
                }
            }
        }
        out
    }

    /// The imports within a circle, for whoever is to break it.
    pub fn within(&self, circle: &[String]) -> Vec<String> {
        let name = |at: usize| &self.files[at].name;
        let inside = |import: &Import| circle.contains(name(import.from)) && circle.contains(name(import.to));
        let all = self.imports().into_iter().filter(inside);
        let mut out: Vec<String> =
            all.map(|import| format!("    {} -> {} by {}", name(import.from), name(import.to), import.path)).collect();
        out.sort();
        out.dedup();
        out
    }

    /// Circles of imports: sets of files each of which leads to every other.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let mut next = vec![Vec::new(); self.files.len()];
        for import in self.imports() {
            next[import.from].push(import.to);
        }
        let reach: Vec<Vec<bool>> = (0..next.len()).map(|start| reached(&next, start)).collect();
        let mut seen = vec![false; next.len()];
        let mut out = Vec::new();
        for one in 0..next.len() {
            let circle: Vec<usize> = (0..next.len()).filter(|other| reach[one][*other] && reach[*other][one]).collect();
            if circle.len() > 1 && !seen[one] {
                circle.iter().for_each(|file| seen[*file] = true);
                out.push(circle.into_iter().map(|file| self.files[file].name.clone()).collect());
            }
        }
        out
    }
}

/// Every file that can be reached from one by at least one step.
fn reached(next: &[Vec<usize>], start: usize) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut open = next[start].clone();
    while let Some(one) = open.pop() {
        if !std::mem::replace(&mut seen[one], true) {
            open.extend(&next[one]);
        }
    }
    seen
}

/// `src/auth/mod.rs` is `waymark::auth`, `crates/engine/src/masking.rs` is `waymark_engine::masking`.
fn module_of(name: &str) -> Path {
    let (top, inside) = match name.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/")) {
        Some((dir, inside)) => (format!("waymark_{}", dir.replace('-', "_")), inside),
        None => ("waymark".to_owned(), name.trim_start_matches("src/")),
    };
    let mut out = vec![top];
    out.extend(inside.trim_end_matches(".rs").split('/').map(str::to_owned));
    if matches!(out.last().map(String::as_str), Some("mod" | "lib")) && out.len() > 1 {
        out.pop();
    }
    out
}

fn test_modules(file: &File) -> Vec<Path> {
    let beside = file.name.rsplit_once('/').map_or("", |(dir, _)| dir);
    let module = |name: &String| match name.strip_suffix(".rs") {
        Some(_) => module_of(&format!("{beside}/{name}")),
        None => file.module.iter().cloned().chain([name.clone()]).collect(),
    };
    file.reading.test_modules.iter().map(module).collect()
}
