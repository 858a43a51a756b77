//! The members of a document by their names, whatever the spelling of an API.

use super::scan::{PlacedMember, bare_string, is_filled, placed_members};

/// A name without what differs between the spellings of an API.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The outermost members, by plain names.
pub struct NamedMembers<'a>(Vec<(String, &'a str)>);

impl<'a> NamedMembers<'a> {
    pub fn new(members: &[PlacedMember<'a>]) -> NamedMembers<'a> {
        NamedMembers(members.iter().filter(|one| one.name.len() <= 60).map(|one| (plain(one.name), one.value)).collect())
    }

    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
    }

    pub fn filled(&self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|value| is_filled(value))
    }

    pub fn word(&self, name: &str) -> &'a str {
        self.get(name).and_then(bare_string).unwrap_or_default()
    }

    pub fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.filled(name).is_some())
    }

    pub fn inner(&self, name: &str) -> NamedMembers<'a> {
        let value = self.get(name).filter(|value| value.ends_with(['}', ']', ')']) && !value.starts_with(['"', '\'']));
        NamedMembers::new(&value.map(placed_members).unwrap_or_default())
    }

    /// The first element of a list.
    pub fn first(&self, name: &str) -> NamedMembers<'a> {
        let first = self.get(name).map(placed_members).and_then(|all| all.first().copied());
        NamedMembers::new(&first.map(|first| placed_members(first.value)).unwrap_or_default())
    }

    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}
