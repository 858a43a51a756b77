//! The shape of `glossary.yaml` and `field-guide.yaml`. Closed types, as everywhere in the curriculum.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::format::{Layer, Text};
use waymark_engine::format::Owner;

/// `lessons/glossary.yaml`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoredGlossary {
    pub terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Stable, and in no language.
    pub id: String,
    pub term: Text,
    pub definition: Text,
    /// Ids of related terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
    /// Slugs of the lessons that use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessons: Vec<String>,
}

/// `lessons/field-guide.yaml`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoredFieldGuide {
    /// The questions under which the rows stand, in the order in which they are asked; none where the rows are one list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// In the order in which evidence is read.
    pub rows: Vec<AuthoredGuideRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub title: Text,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoredGuideRow {
    pub id: String,
    /// The id of a group, where the guide has groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What is seen.
    pub sign: Text,
    /// In which responses, and in which field.
    #[serde(rename = "where")]
    pub place: Text,
    /// The layer that the sign speaks for.
    pub layer: Layer,
    /// Who can change it.
    pub owner: Owner,
    /// The next legitimate step.
    pub step: Text,
    /// Signals, or rules of the engine, that speak for the row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
}

impl AuthoredGlossary {
    pub fn languages(&self) -> BTreeSet<String> {
        languages(self.terms.iter().flat_map(|term| [&term.term, &term.definition]))
    }
}

impl AuthoredFieldGuide {
    pub fn languages(&self) -> BTreeSet<String> {
        let rows = self.rows.iter().flat_map(|row| [&row.sign, &row.place, &row.step]);
        languages(self.groups.iter().map(|group| &group.title).chain(rows))
    }
}

/// Every language in which one of the texts is there; a check holds that the others are there too.
fn languages<'a>(texts: impl Iterator<Item = &'a Text>) -> BTreeSet<String> {
    texts.flat_map(|text| text.keys().cloned()).collect()
}
