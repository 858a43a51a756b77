//! What a package does not say, or says otherwise: named, never dropped in silence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of something that a format has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageEffect {
    /// Other programs do not see it; Waymark reads it back from the package.
    Carried,
    /// It is there in another form.
    Changed,
    /// It is not there.
    Lost,
    /// Waymark's own format asks for it and the package does not have it: the author adds it.
    Missing,
}

/// One thing, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PackageNote)]
pub struct Note {
    /// A short name, for example `layers`, `rationale` or `interaction`; more may come.
    #[schema(example = "layers")]
    pub what: String,
    pub effect: PackageEffect,
    pub detail: String,
    /// The items concerned, in their order; empty: the whole.
    pub items: Vec<String>,
    /// The files of the package concerned, where it is about files.
    pub files: Vec<String>,
}

impl Note {
    fn new(what: &str, effect: PackageEffect, detail: String) -> Note {
        Note { what: what.to_owned(), effect, detail, items: Vec::new(), files: Vec::new() }
    }
}

/// The most different things that a report says.
const MOST_NOTES: usize = 300;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageReport {
    pub notes: Vec<Note>,
}

impl PackageReport {
    /// Adds a note about the whole.
    pub fn whole(&mut self, what: &str, effect: PackageEffect, detail: impl Into<String>) {
        self.add(what, effect, detail, None, None);
    }

    /// Adds a note about an item.
    pub fn item(&mut self, item: &str, what: &str, effect: PackageEffect, detail: impl Into<String>) {
        self.add(what, effect, detail, Some(item), None);
    }

    /// Adds a note; one that says the same already gains an item or a file.
    pub fn add(&mut self, what: &str, effect: PackageEffect, detail: impl Into<String>, item: Option<&str>, file: Option<&str>) {
        let detail = detail.into();
        let full = self.notes.len() >= MOST_NOTES;
        let same = self.notes.iter().position(|n| n.what == what && n.effect == effect && n.detail == detail);
        let at = same.unwrap_or_else(|| {
            // A hostile package could have no end of things to say.
            let note = match full {
                true => {
                    Note::new("more", PackageEffect::Lost, format!("there are more than {MOST_NOTES} different things to say"))
                }
                false => Note::new(what, effect, detail),
            };
            self.notes.truncate(MOST_NOTES);
            self.notes.push(note);
            self.notes.len().saturating_sub(1)
        });
        let Some(note) = self.notes.get_mut(at) else { return };
        for (list, new) in [(&mut note.items, item), (&mut note.files, file)] {
            if let Some(new) = new.filter(|new| !list.iter().any(|old| old == new)) {
                list.push(new.to_owned());
            }
        }
    }

    pub fn extend(&mut self, other: PackageReport) {
        for note in other.notes {
            if note.items.is_empty() && note.files.is_empty() {
                self.whole(&note.what, note.effect, note.detail.clone());
            }
            for item in &note.items {
                self.add(&note.what, note.effect, note.detail.clone(), Some(item), None);
            }
            for file in &note.files {
                self.add(&note.what, note.effect, note.detail.clone(), None, Some(file));
            }
        }
    }

    pub fn count(&self, effect: PackageEffect) -> usize {
        self.notes.iter().filter(|note| note.effect == effect).count()
    }

    /// Whether something is not in the package at all, or was not taken from it.
    pub fn loses(&self) -> bool {
        self.count(PackageEffect::Lost) > 0
    }

    /// Whether nothing is lost and nothing is missing.
    pub fn is_complete(&self) -> bool {
        !self.loses() && self.count(PackageEffect::Missing) == 0
    }

    /// One line, for a header or a terminal: `carried=2, changed=1, lost=0, missing=0`.
    pub fn summary(&self) -> String {
        let counts = [
            (PackageEffect::Carried, "carried"),
            (PackageEffect::Changed, "changed"),
            (PackageEffect::Lost, "lost"),
            (PackageEffect::Missing, "missing"),
        ];
        counts.map(|(effect, name)| format!("{name}={}", self.count(effect))).join(", ")
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let effect = match self.effect {
            PackageEffect::Carried => "carried along",
            PackageEffect::Changed => "changed",
            PackageEffect::Lost => "lost",
            PackageEffect::Missing => "missing",
        };
        write!(f, "{effect}: {}: {}", self.what, self.detail)?;
        let list: Vec<&str> = self.items.iter().chain(&self.files).map(String::as_str).collect();
        match list.as_slice() {
            [] => Ok(()),
            few if few.len() <= 6 => write!(f, " ({})", few.join(", ")),
            [first, .., last] => write!(f, " ({} of them, {first} to {last})", list.len()),
            [only] => write!(f, " ({only})"),
        }
    }
}
