//! The body of an item: its stem, its evidence, the unit behind a field.

use crate::qti3::reading::{At, read_qti};
use crate::report::PackageEffect;
use crate::resources::resolve_href;
use crate::source::line;
use crate::xml::{Element, XmlNode};
use waymark_curriculum::format::{ShownEvidence, Text};

/// What stands in the place of a field in the middle of a sentence.
const BLANK: &str = "____";
const TEXT_ENTRY: &str = "qti-text-entry-interaction";

/// Stem, evidence, and the text behind a field that stands alone in its line.
pub fn body(at: &mut At<'_, '_>, body: &Element, interaction: &Element) -> (Text, Vec<ShownEvidence>, Option<Text>) {
    let declared = at.declaration(interaction.get("response-identifier").unwrap_or("RESPONSE"));
    let is_number =
        declared.and_then(|declared| declared.get("base-type")).is_some_and(|kind| ["float", "integer"].contains(&kind));
    let mut taken = Taken { has_unit: is_number && interaction.name == TEXT_ENTRY, ..Taken::default() };
    let mut nodes = stimuli(at);
    nodes.extend(walk(&body.children, interaction, &mut taken));
    if let Some(prompt) = interaction.first("qti-prompt") {
        nodes.push(Element::new("div").children(prompt.children.clone()).into());
    }
    for (what, effect, detail) in &taken.notes {
        at.note(what, *effect, detail);
    }
    let evidence = taken.figures.iter().map(|figure| evidence(at, figure)).collect();
    let unit = match taken.unit {
        unit if unit.iter().all(XmlNode::is_blank) => None,
        unit => Some(at.markdown(&unit)),
    };
    (at.markdown(&nodes), evidence, unit)
}

#[derive(Default)]
struct Taken {
    /// Whether what follows a field in its line is the unit of a number.
    has_unit: bool,
    figures: Vec<Element>,
    unit: Vec<XmlNode>,
    notes: Vec<(&'static str, PackageEffect, &'static str)>,
}

/// The nodes without the interaction, the evidence and what is not for learners.
fn walk(nodes: &[XmlNode], interaction: &Element, taken: &mut Taken) -> Vec<XmlNode> {
    let mut out = Vec::new();
    for node in nodes {
        let Some(element) = node.element() else {
            out.push(node.clone());
            continue;
        };
        // The very element: a copy elsewhere would be a second interaction, which was refused.
        if std::ptr::eq(element, interaction) {
            if [TEXT_ENTRY, "qti-inline-choice-interaction"].contains(&element.name.as_str()) {
                out.push(XmlNode::Text(BLANK.to_owned()));
            }
            continue;
        }
        match element.name.as_str() {
            "figure" if element.first("pre").is_some() => taken.figures.push(element.clone()),
            "qti-rubric-block" => {
                taken.notes.push(("rubric", PackageEffect::Lost, "a rubric block is not taken"));
            }
            "qti-feedback-block" | "qti-feedback-inline" => {
                taken.notes.push(("feedback", PackageEffect::Lost, "feedback inside of the body is not taken"));
            }
            "qti-printed-variable" | "qti-template-block" | "qti-template-inline" => {
                taken.notes.push(("template", PackageEffect::Lost, "a printed variable is not taken"));
            }
            _ => {
                let children = walk(&element.children, interaction, taken);
                let seen: Vec<&XmlNode> = children.iter().skip_while(|node| node.is_blank()).collect();
                let first = element.elements().next().is_some_and(|first| std::ptr::eq(first, interaction));
                let alone = first && element.name == "p" && seen.first() == Some(&&XmlNode::Text(BLANK.to_owned()));
                let bare = seen.iter().skip(1).all(|node| node.is_blank());
                if alone && (taken.has_unit || bare) {
                    // The field's own line; what follows it is its unit.
                    taken.unit = seen.into_iter().skip(1).cloned().collect();
                } else {
                    out.push(Element { children, name: element.name.clone(), attributes: element.attributes.clone() }.into());
                }
            }
        }
    }
    out
}

/// A figure as evidence: its caption, and its content word for word.
pub fn evidence(at: &mut At<'_, '_>, figure: &Element) -> ShownEvidence {
    let content = figure.first("pre").map(Element::whole_text).unwrap_or_default();
    let media_type = if serde_json::from_str::<serde_json::Value>(&content).is_ok() { "application/json" } else { "text/plain" };
    let description = figure.first("figcaption").map(|caption| caption.children.clone()).unwrap_or_default();
    ShownEvidence { media_type: media_type.to_owned(), description: at.markdown(&description), content }
}

/// Texts that several items share, in front of the stem.
fn stimuli(at: &mut At<'_, '_>) -> Vec<XmlNode> {
    let element = at.element;
    let mut out = Vec::new();
    for reference in element.all("qti-assessment-stimulus-ref") {
        let path = resolve_href(at.path, reference.get("href").unwrap_or_default());
        let file = at.reading.files.content(&path).and_then(|bytes| read_qti(bytes, &path).ok());
        match file.as_ref().and_then(|stimulus| stimulus.first("qti-stimulus-body")) {
            Some(body) => {
                out.push(Element::new("div").children(body.children.clone()).into());
                at.note("stimulus", PackageEffect::Changed, "a text that several items share is copied into each stem");
            }
            None => at.note("stimulus", PackageEffect::Lost, "a shared text cannot be read"),
        }
    }
    out
}

/// The text of a choice without its feedback, and that feedback.
pub fn choice(at: &mut At<'_, '_>, choice: &Element) -> (Text, Option<Text>) {
    let is_feedback = |node: &&XmlNode| node.element().is_some_and(|e| e.name.starts_with("qti-feedback"));
    let (feedback, own): (Vec<&XmlNode>, Vec<&XmlNode>) = choice.children.iter().partition(is_feedback);
    let own: Vec<XmlNode> = own.into_iter().cloned().collect();
    let inner =
        feedback.into_iter().filter_map(XmlNode::element).flat_map(|e| e.first("qti-content-body").unwrap_or(e).children.clone());
    let inner: Vec<XmlNode> = inner.collect();
    let said = !line(&Element::new("x").children(inner.clone()).whole_text()).is_empty();
    let feedback = said.then(|| at.markdown(&inner));
    (at.markdown(&own), feedback)
}
