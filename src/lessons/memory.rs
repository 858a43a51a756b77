//! What this process holds of the curriculum: the built-in lessons for everybody, and every tenant's own beside them, ready to
//! be served without a database. Only what was published since is read again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::db::types::{Id, Time};
use crate::lessons::iris::Iris;
use crate::lessons::shelf::{DigestedCourse, LessonShelf};
use crate::lessons::store::{News, StoredCourse, StoredVersion};
use crate::lessons::{Catalogue, assembly};

/// The catalogues of all tenants.
pub struct Catalogues {
    base: Iris,
    held: RwLock<Arc<PublishedState>>,
    /// Who publishes in this process, one after the other: each looks at what is published before it is, so that of several at
    /// once all but one would have to look again.
    pub publishing: tokio::sync::Mutex<()>,
}

/// One consistent state: everything that was published at a generation.
struct PublishedState {
    generation: i64,
    shelves: HashMap<Id, Arc<LessonShelf>>,
    shared: Arc<Catalogue>,
    own: HashMap<Id, Arc<Catalogue>>,
}

impl Catalogues {
    /// With the names of lessons under `base`, and nothing in it yet.
    pub fn new(base: Iris) -> Catalogues {
        let shared = Arc::new(assembly::catalogue(&base, &[], None));
        let held = PublishedState { generation: 0, shelves: HashMap::new(), shared, own: HashMap::new() };
        Catalogues { base, held: RwLock::new(Arc::new(held)), publishing: tokio::sync::Mutex::default() }
    }

    /// What this tenant sees.
    pub fn of(&self, tenant: Id) -> Arc<Catalogue> {
        self.at(tenant).1
    }

    /// The same, with the generation of which it is.
    pub fn at(&self, tenant: Id) -> (i64, Arc<Catalogue>) {
        let held = self.held.read();
        (held.generation, held.own.get(&tenant).unwrap_or(&held.shared).clone())
    }

    /// The versions that are here, so that they need not be read.
    pub fn known(&self) -> HashSet<(Id, String)> {
        let held = self.held.read().clone();
        let all = held.shelves.values().flat_map(|shelf| &shelf.versions);
        all.map(|version| (version.owner, version.digest.clone())).collect()
    }

    /// Takes over what was read, unless something newer is here meanwhile. `news` lacks versions that are here only.
    pub fn take(&self, news: News) {
        let before = self.held.read().clone();
        if news.generation < before.generation {
            return;
        }
        let next = Arc::new(before.next(&self.base, news));
        let mut held = self.held.write();
        if held.generation <= next.generation {
            *held = next;
        }
    }
}

impl PublishedState {
    fn next(&self, base: &Iris, news: News) -> PublishedState {
        let mut courses: BTreeMap<Id, Vec<DigestedCourse>> = BTreeMap::new();
        for StoredCourse { owner, digest, content } in news.courses {
            courses.entry(owner).or_default().push(DigestedCourse { digest, content: Arc::new(content) });
        }
        let mut versions: BTreeMap<Id, Vec<StoredVersion>> = BTreeMap::new();
        news.versions.into_iter().for_each(|version| versions.entry(version.owner).or_default().push(version));
        let mut withdrawn: BTreeMap<Id, BTreeMap<String, Time>> = BTreeMap::new();
        for (owner, digest, at) in news.withdrawn {
            withdrawn.entry(owner).or_default().insert(digest, at);
        }
        let owners: BTreeSet<Id> = courses.keys().chain(versions.keys()).chain(self.shelves.keys()).copied().collect();
        let mut shelves = HashMap::new();
        let mut changed = HashSet::new();
        for owner in owners {
            let before = self.shelves.get(&owner).cloned().unwrap_or_else(|| Arc::new(LessonShelf::empty(owner)));
            let mut new = versions.remove(&owner).unwrap_or_default();
            // Two that read at the same time may both bring what is here by now.
            new.retain(|one| !before.versions.iter().any(|version| version.digest == one.digest));
            let next =
                before.next(base, courses.remove(&owner).unwrap_or_default(), new, withdrawn.remove(&owner).unwrap_or_default());
            changed.extend(next.is_some().then_some(owner));
            shelves.insert(owner, next.map_or(before, Arc::new));
        }
        let built_in: Option<&LessonShelf> = shelves.get(&Id::NIL).map(|shelf| &**shelf);
        let all_anew = changed.contains(&Id::NIL);
        let shared =
            if all_anew { Arc::new(assembly::catalogue(base, &Vec::from_iter(built_in), None)) } else { self.shared.clone() };
        let own = shelves.iter().filter(|(owner, _)| **owner != Id::NIL).map(|(owner, shelf)| {
            let same = self.own.get(owner).filter(|_| !all_anew && !changed.contains(owner)).cloned();
            let shelves = Vec::from_iter(built_in.into_iter().chain([&**shelf]));
            let built = || Arc::new(assembly::catalogue(base, &shelves, Some(&shared)));
            (*owner, same.unwrap_or_else(built))
        });
        PublishedState { generation: news.generation, own: own.collect(), shared, shelves }
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
