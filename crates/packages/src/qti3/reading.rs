//! What is at hand while a package is read: its files, the item that is being read, the report.

use std::collections::{BTreeMap, BTreeSet};

use waymark_curriculum::format::Text;

use crate::import::names::FilesByName;
use crate::markdown::markdown;
use crate::report::{PackageEffect, PackageReport};
use crate::resources::PackageResource;
use crate::xml::{self, Element, XmlNode};
use crate::{RefusedPackage, qti21};

/// The most items of a package: as many as it can have files.
pub const MOST_ITEMS: usize = crate::zip::MOST_ENTRIES;
/// The most options, prompts or choices of an item.
pub const MOST_OPTIONS: usize = 500;

/// What is needed while items are read.
pub struct ItemReading<'a> {
    pub files: &'a FilesByName<'a>,
    pub resources: &'a [PackageResource],
    pub language: String,
    pub report: &'a mut PackageReport,
    /// The ids of the items so far.
    pub ids: BTreeSet<String>,
    /// Whether an item's options are to be shuffled, by the item's id, where it says so.
    pub shuffles: BTreeMap<String, bool>,
    /// What was wrong with the first file that could not be read.
    pub refused: Option<RefusedPackage>,
}

/// Reads a file of QTI 2 or 3, under the names of QTI 3.
pub fn read_qti(bytes: &[u8], path: &str) -> Result<Element, RefusedPackage> {
    let root = xml::read_xml(bytes, path)?;
    Ok(if root.name.starts_with("assessment") { qti21::newer(root) } else { root })
}

impl ItemReading<'_> {
    pub fn lost(&mut self, what: &str, why: &str, path: &str) {
        self.report.add(what, PackageEffect::Lost, why, None, Some(path));
    }

    /// An id that no item has yet.
    pub fn free_id(&mut self, wanted: &str, path: &str) -> String {
        let id = unique(wanted, |id| self.ids.contains(id));
        if id != wanted {
            let detail = format!("another item has the id {wanted} too, so this one is {id}");
            self.report.add("id", PackageEffect::Changed, detail, Some(&id), Some(path));
        }
        id
    }

    pub fn text(&self, markdown: String) -> Text {
        if markdown.is_empty() { Text::new() } else { Text::from([(self.language.clone(), markdown)]) }
    }
}

/// What is being read, and its feedback by identifier.
pub struct At<'a, 'b> {
    pub element: &'a Element,
    pub path: &'a str,
    pub id: String,
    pub reading: &'a mut ItemReading<'b>,
    /// Feedback that nothing has used yet.
    pub feedback: BTreeMap<String, Text>,
}

/// An id in the form that ids have here.
pub fn slug(text: &str, otherwise: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(100) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { otherwise.to_owned() } else { out.to_owned() }
}

/// An id that is not taken: this one, or with a number behind it.
pub fn unique(id: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(id) {
        return id.to_owned();
    }
    (2..).map(|n| format!("{id}-{n}")).find(|id| !taken(id)).unwrap_or_default()
}

impl At<'_, '_> {
    pub fn note(&mut self, what: &str, effect: PackageEffect, detail: &str) {
        let (id, path) = (self.id.clone(), self.path);
        self.reading.report.add(what, effect, detail, Some(&id), Some(path));
    }

    /// XHTML as a text in the language of the package.
    pub fn markdown(&mut self, nodes: &[XmlNode]) -> Text {
        let mut names = Vec::new();
        let text = markdown(nodes, &mut |name| names.push(name.to_owned()));
        for name in names {
            match name.as_str() {
                "img" | "picture" | "object" | "audio" | "video" => {
                    self.note("media", PackageEffect::Lost, "images, sound and films are not taken")
                }
                "math" => self.note("mathematics", PackageEffect::Lost, "MathML is not taken but for its text"),
                other => self.note(
                    "markup",
                    PackageEffect::Changed,
                    &format!("<{}> is taken as its text", other.chars().take(40).collect::<String>()),
                ),
            }
        }
        self.reading.text(text)
    }

    /// The feedback of an identifier, which nothing else can then have.
    pub fn take_feedback(&mut self, identifier: &str) -> Option<Text> {
        self.feedback.remove(identifier)
    }

    pub fn declaration(&self, identifier: &str) -> Option<&Element> {
        self.element.all("qti-response-declaration").find(|declared| declared.get("identifier") == Some(identifier))
    }

    pub fn outcome(&self, identifier: &str) -> Option<&Element> {
        self.element.all("qti-outcome-declaration").find(|declared| declared.get("identifier") == Some(identifier))
    }

    /// The objective that the manifest names for this file.
    pub fn objective(&self) -> String {
        let resource = self.reading.resources.iter().find(|resource| resource.main() == Some(self.path));
        resource.and_then(|resource| resource.objective.clone()).map(|id| slug(&id, "")).unwrap_or_default()
    }

    pub fn note_language(&mut self) {
        let own = self.element.get("xml:lang").map(str::to_owned);
        if own.is_some_and(|own| !own.eq_ignore_ascii_case(&self.reading.language)) {
            self.note(
                "language",
                PackageEffect::Changed,
                "an item in another language than the package is taken as one of the package's",
            );
        }
    }
}
