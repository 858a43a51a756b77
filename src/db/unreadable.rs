//! What stands in a row and cannot be read: a damaged file, a hand in the database. The rest of the row is shown all the same, and
//! no list ends at it.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::db::json_text::JsonText;
use crate::db::types::Json;

/// The parts of one row that could not be read.
pub struct Unreadable<'a> {
    /// Names the row in the log.
    row: &'a dyn Display,
    pub parts: Vec<String>,
}

impl<'a> Unreadable<'a> {
    pub fn of(row: &'a dyn Display) -> Unreadable<'a> {
        Unreadable { row, parts: Vec::new() }
    }

    /// A part as its type; None where it cannot be read, which is noted and logged.
    pub fn read<T: DeserializeOwned>(&mut self, part: &str, json: &Json) -> Option<T> {
        self.known(part, json.read())
    }

    /// The same of a document that is kept as text.
    pub fn text<T: DeserializeOwned>(&mut self, part: &str, json: &JsonText) -> Option<T> {
        self.known(part, json.read())
    }

    /// What was read of a part in its own way.
    pub fn known<T>(&mut self, part: &str, read: Result<T, serde_json::Error>) -> Option<T> {
        read.inspect_err(|error| self.note(part, error)).ok()
    }

    /// A part as it is: every document of ours is an object.
    pub fn object(&mut self, part: &str, json: Json) -> Option<Value> {
        if json.0.is_object() {
            return Some(json.0);
        }
        self.note(part, &"no object");
        None
    }

    pub fn note(&mut self, part: &str, error: &dyn Display) {
        tracing::error!(row = %self.row, part, %error, "a stored document cannot be read; the rest of its row is shown");
        self.parts.push(part.to_owned());
    }
}
