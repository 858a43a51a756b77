//! A `qti-assessment-item` as an item: the common subset, and a note about everything beyond it.

use std::collections::BTreeMap;

use crate::markdown::markdown;
use crate::qti3::read::Reading;
use crate::qti3::{read_body, read_task};
use crate::report::Effect;
use crate::source;
use crate::xml::{Element, Node};
use waymark_curriculum::format::{Item, Text};

/// An item that was read.
pub struct Found {
    pub item: Item,
}

/// What is being read, and its feedback by identifier.
pub struct At<'a, 'b> {
    pub element: &'a Element,
    pub path: &'a str,
    pub id: String,
    pub reading: &'a mut Reading<'b>,
    /// Feedback that nothing has used yet.
    pub feedback: BTreeMap<String, Text>,
}

/// Reads an item; the error says why it is not taken.
pub fn read(element: &Element, path: &str, reading: &mut Reading<'_>) -> Result<Found, String> {
    if element.get("adaptive") == Some("true") {
        return Err("is adaptive, which quizzes here are not".to_owned());
    }
    if element.first("qti-template-declaration").is_some() || element.first("qti-template-processing").is_some() {
        return Err("is a template that makes up its values, which quizzes here do not".to_owned());
    }
    let body = element.first("qti-item-body").ok_or("has no body")?;
    let interaction = interaction(body)?;
    let id = slug(&source::id(element.get("identifier").unwrap_or_default()), "item");
    let mut at = At { element, path, id, reading, feedback: BTreeMap::new() };
    at.feedback = feedback(&mut at);
    let (stem, evidence, unit) = read_body::body(&mut at, body, interaction);
    let points = at.points();
    let task = read_task::task(&mut at, interaction, points, unit)?;
    at.note_language();
    let unused: Vec<String> = std::mem::take(&mut at.feedback).into_keys().collect();
    if !unused.is_empty() {
        at.note("feedback", Effect::Lost, "feedback that belongs to no single answer is not taken");
    }
    let objective = at.objective();
    Ok(Found { item: Item { id: at.id, revision: 1, objective, points, stem, evidence, task } })
}

/// The one interaction of a body.
fn interaction(body: &Element) -> Result<&Element, String> {
    let mut all = body.descendants().into_iter().filter(|element| element.name.ends_with("-interaction"));
    match (all.next(), all.next()) {
        (None, _) => Err("asks for no answer".to_owned()),
        (Some(_), Some(_)) => Err("has more than one interaction".to_owned()),
        (Some(one), None) => match one.name.as_str() {
            "qti-choice-interaction" | "qti-order-interaction" | "qti-match-interaction" | "qti-text-entry-interaction" => {
                Ok(one)
            }
            other => Err(format!("has a <{other}>, which quizzes here have no kind for")),
        },
    }
}

/// The texts of modal feedback by identifier.
fn feedback(at: &mut At<'_, '_>) -> BTreeMap<String, Text> {
    let element = at.element;
    let mut out = BTreeMap::new();
    for modal in element.all("qti-modal-feedback") {
        let content = modal.first("qti-content-body").unwrap_or(modal);
        let text = at.markdown(&content.children);
        out.insert(modal.get("identifier").unwrap_or_default().to_owned(), text);
    }
    out
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

impl At<'_, '_> {
    pub fn note(&mut self, what: &str, effect: Effect, detail: &str) {
        let (id, path) = (self.id.clone(), self.path);
        self.reading.report.add(what, effect, detail, Some(&id), Some(path));
    }

    /// XHTML as a text in the language of the package.
    pub fn markdown(&mut self, nodes: &[Node]) -> Text {
        let mut names = Vec::new();
        let text = markdown(nodes, &mut |name| names.push(name.to_owned()));
        for name in names {
            match name.as_str() {
                "img" | "picture" | "object" | "audio" | "video" => {
                    self.note("media", Effect::Lost, "images, sound and films are not taken")
                }
                "math" => self.note("mathematics", Effect::Lost, "MathML is not taken but for its text"),
                other => self.note(
                    "markup",
                    Effect::Changed,
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

    fn outcome(&self, identifier: &str) -> Option<&Element> {
        self.element.all("qti-outcome-declaration").find(|declared| declared.get("identifier") == Some(identifier))
    }

    /// What a right answer gets: as declared, else as much as the mapping gives, else 1.
    fn points(&self) -> f64 {
        let number = |text: String| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0 && *n <= 1e6);
        let most = self.outcome("MAXSCORE").and_then(|declared| number(declared.first("qti-default-value")?.whole_text()));
        let normal = || number(self.outcome("SCORE")?.get("normal-maximum")?.to_owned());
        let mapping = || {
            let mapping = self.element.all("qti-response-declaration").find_map(|declared| declared.first("qti-mapping"))?;
            let upper = mapping.get("upper-bound").and_then(|text| number(text.to_owned()));
            let entries = mapping.all("qti-map-entry").filter_map(|entry| number(entry.get("mapped-value")?.to_owned()));
            upper.or_else(|| entries.reduce(f64::max))
        };
        let points = most.or_else(normal).or_else(mapping).unwrap_or(1.0);
        (points * 1000.0).round() / 1000.0
    }

    /// The objective that the manifest names for this file.
    fn objective(&self) -> String {
        let resource = self.reading.manifest.iter().find(|resource| resource.href.as_deref() == Some(self.path));
        resource.and_then(|resource| resource.objective.clone()).map(|id| slug(&id, "")).unwrap_or_default()
    }

    fn note_language(&mut self) {
        let own = self.element.get("xml:lang").map(str::to_owned);
        if own.is_some_and(|own| !own.eq_ignore_ascii_case(&self.reading.language)) {
            self.note(
                "language",
                Effect::Changed,
                "an item in another language than the package is taken as one of the package's",
            );
        }
    }
}
