//! What goes into a package: one version of a lesson, in one language.

use crate::report::{PackageEffect, PackageReport};
use crate::xhtml::{self, Dropped};
use crate::xml::{self, Element, XmlNode};
use waymark_curriculum::format::{Item, QuizFile, Task};
use waymark_curriculum::format::{LessonFile, ShownEvidence, Text};
use waymark_curriculum::rules;

/// A lesson's quiz, and what a package says of its lesson.
#[derive(Debug, Clone, Copy)]
pub struct QuizSource<'a> {
    pub lesson: &'a LessonFile,
    pub quiz: &'a QuizFile,
    /// The digest of the version, where it is a published one.
    pub version: Option<&'a str>,
    /// BCP 47; a text without it is taken in the lesson's default language.
    pub language: &'a str,
}

impl<'a> QuizSource<'a> {
    /// A text in the language of the package.
    pub fn text(&self, text: &'a Text) -> &'a str {
        rules::in_language(text, self.language, &self.lesson.default_language)
    }

    /// A text without marks, on one line, for titles.
    pub fn line(&self, text: &'a Text) -> String {
        line(&waymark_curriculum::render::RichText::of(self.text(text)).text)
    }
}

/// White space as single spaces.
pub fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One item on its way into a package: its texts as XHTML, and what gets lost on the way.
pub struct Pen<'a> {
    pub source: QuizSource<'a>,
    pub item: &'a Item,
    pub report: &'a mut PackageReport,
    /// Whether the package carries the whole item along, so that Waymark reads it back as it was.
    pub carries: bool,
}

impl<'a> Pen<'a> {
    /// Something that the form has no place for.
    pub fn beyond(&mut self, what: &str, detail: &str) {
        let effect = if self.carries { PackageEffect::Carried } else { PackageEffect::Lost };
        self.report.item(&self.item.id, what, effect, detail);
    }

    /// Something that others see in another form.
    pub fn changed(&mut self, what: &str, detail: &str) {
        self.report.item(&self.item.id, what, PackageEffect::Changed, detail);
    }

    pub fn blocks(&mut self, text: &'a Text) -> Vec<XmlNode> {
        let mut dropped = Dropped::default();
        let nodes = xhtml::blocks(self.source.text(text), &mut dropped);
        self.tell(&dropped);
        nodes
    }

    /// The text inside of one line, or as blocks where it is more than a paragraph.
    pub fn flow(&mut self, text: &'a Text) -> Vec<XmlNode> {
        self.inline(text).unwrap_or_else(|| self.blocks(text))
    }

    pub fn inline(&mut self, text: &'a Text) -> Option<Vec<XmlNode>> {
        let mut dropped = Dropped::default();
        let nodes = xhtml::inline(self.source.text(text), &mut dropped);
        self.tell(&dropped);
        nodes
    }

    fn tell(&mut self, dropped: &Dropped) {
        if dropped.images {
            self.changed("image", "an image in a text is replaced by its description");
        }
        if dropped.html {
            self.changed("html", "HTML written into a text is replaced by its text");
        }
        if dropped.links {
            self.changed("link", "a link inside of the course is replaced by its text");
        }
    }

    /// Each piece of evidence as a figure: its description, then its content word for word.
    pub fn evidence(&mut self) -> Vec<Element> {
        let item = self.item;
        item.evidence.iter().map(|shown| self.figure(shown)).collect()
    }

    fn figure(&mut self, shown: &'a ShownEvidence) -> Element {
        let caption = Element::new("figcaption").children(self.flow(&shown.description));
        Element::new("figure").with("class", "evidence").child(caption).child(Element::new("pre").text(shown.content.as_str()))
    }

    /// What every format has no place for, named once.
    pub fn common(&mut self) {
        let item = self.item;
        if !layers(&item.task).is_empty() {
            self.beyond("layers", "the layers that answers stand for");
        }
        if item.revision != 1 {
            self.beyond("revision", "the revision of an item");
        }
        if !item.evidence.is_empty() {
            self.beyond("media type", "the media types of evidence");
        }
        let all = serde_json::to_value(item).unwrap_or_default();
        if has_illegal(&all) {
            self.changed("characters", "control characters, which XML cannot hold, stand as U+FFFD");
        }
    }
}

fn has_illegal(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => !text.chars().all(xml::is_legal),
        Value::Array(list) => list.iter().any(has_illegal),
        Value::Object(map) => map.values().any(has_illegal),
        _ => false,
    }
}

/// The layers that a task's answers stand for.
fn layers(task: &Task) -> Vec<waymark_curriculum::format::Layer> {
    match task {
        Task::SingleChoice(task) => task.options.iter().filter_map(|option| option.layer).collect(),
        Task::MultipleResponse(task) => task.options.iter().filter_map(|option| option.layer).collect(),
        Task::Ordering(task) => task.options.iter().filter_map(|option| option.layer).collect(),
        Task::Matching(task) => task.choices.iter().filter_map(|choice| choice.layer).collect(),
        Task::PointAtField(task) => task.mistakes.iter().map(|wrong| wrong.layer).chain([task.layer]).flatten().collect(),
        Task::ShortText(_) | Task::Numeric(_) => Vec::new(),
    }
}

/// Notes about the whole quiz that hold for every format.
pub fn note_quiz(source: &QuizSource<'_>, report: &mut PackageReport, carries: bool) {
    let effect = if carries { PackageEffect::Carried } else { PackageEffect::Lost };
    let others: Vec<&str> = source.lesson.title.keys().map(String::as_str).filter(|l| *l != source.language).collect();
    if !others.is_empty() {
        let list = others.join(", ");
        report.whole("languages", effect, format!("the texts in {list}; export a package of their own with --language"));
    }
    report.whole("policy", effect, "which attempt counts, how many are allowed, when results show");
}

/// An id as an identifier of XML, which has no digit at its start; `id` gives it back.
pub fn identifier(id: &str) -> String {
    let mut chars = id.chars();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match chars.next() {
        Some(first) if first.is_ascii_alphabetic() && chars.all(plain) => id.to_owned(),
        Some(first) if first.is_ascii_digit() && chars.all(plain) => format!("_{id}"),
        _ => format!("_x.{}", hex::encode(id)),
    }
}

/// The id of an identifier that [`identifier`] made; others as they are.
pub fn id(identifier: &str) -> String {
    let coded = identifier.strip_prefix("_x.").and_then(|code| hex::decode(code).ok());
    if let Some(id) = coded.and_then(|bytes| String::from_utf8(bytes).ok()) {
        return id;
    }
    match identifier.strip_prefix('_') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => identifier.to_owned(),
    }
}

/// A number as it was written, without an exponent.
pub fn plain_number(value: f64) -> String {
    let text = value.to_string();
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_lead_back_to_their_ids() {
        let ids = ["trained", "429", "a-b", "", "a b", "_a", "_x.61", "x.y", "ä", "-a", "_4", "a/../b"];
        let coded: std::collections::BTreeSet<String> = ids.iter().map(|id| identifier(id)).collect();
        assert_eq!(coded.len(), ids.len());
        for one in ids {
            let code = identifier(one);
            assert_eq!(id(&code), one);
            let first = code.chars().next().unwrap();
            assert!(first.is_ascii_alphabetic() || first == '_', "{code}");
            assert!(code.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{code}");
        }
    }
}
