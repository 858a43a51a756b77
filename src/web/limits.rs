//! How long a text may be by what it is for, and the list of everything that is wrong with a body.

use crate::error::FieldError;

/// Names, channels, short answers, in characters.
pub const SHORT: usize = 200;
/// What a person writes.
pub const PROSE: usize = 8_000;
/// What a person pastes.
pub const PASTED: usize = 65_536;
/// Entries of a list.
pub const ENTRIES: usize = 50;

/// What is wrong, with its place.
#[derive(Default)]
pub struct Wrong(pub Vec<FieldError>);

impl Wrong {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: Some(pointer.into()), parameter: None, detail: detail.into() });
    }

    /// Adds what is wrong with a part of the body, below `at`.
    pub fn below(&mut self, at: &str, part: Wrong) {
        self.0.extend(part.0.into_iter().map(|error| FieldError { pointer: error.pointer.map(|p| format!("{at}{p}")), ..error }));
    }

    pub fn text(&mut self, pointer: &str, text: Option<&str>, most: usize) {
        let length = text.map_or(0, |text| text.chars().count());
        if length > most {
            self.add(pointer, format!("has {length} characters; at most {most} are kept."));
        }
    }

    pub fn short(&mut self, pointer: &str, text: Option<&str>) {
        self.text(pointer, text, SHORT);
    }

    pub fn prose(&mut self, pointer: &str, text: Option<&str>) {
        self.text(pointer, text, PROSE);
    }

    pub fn count(&mut self, pointer: &str, entries: usize, most: usize) {
        if entries > most {
            self.add(pointer, format!("has {entries} entries; at most {most} are kept."));
        }
    }

    pub fn language(&mut self, pointer: &str, tag: Option<&str>) {
        let fits = |tag: &str| {
            tag.len() <= 35
                && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        if tag.is_some_and(|tag| !fits(tag)) {
            self.add(pointer, "must be a BCP 47 language tag, such as en or pt-BR.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        let mut wrong = Wrong::default();
        wrong.short("/a", Some(&"ü".repeat(200)));
        assert!(wrong.0.is_empty());
    }
}
