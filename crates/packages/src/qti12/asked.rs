//! What an item of QTI 1.2 shows and asks, before its answers are looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::html_nodes;
use crate::qti3::declared::MOST_ANSWERS;
use crate::qti3::read_body::evidence;
use crate::qti3::reading::{At, MOST_OPTIONS};
use crate::qti12::conditions::{Conditions, ResponseKinds, TriedAnswer, response_conditions};
use crate::report::PackageEffect;
use crate::source::line;
use crate::xml::{Element, XmlNode};
use waymark_curriculum::format::{ShownEvidence, Text};

/// What an item asks, before its answers are looked at.
pub struct OlderQuestion<'a> {
    pub stem: Text,
    pub evidence: Vec<ShownEvidence>,
    pub unit: Option<Text>,
    pub responses: Vec<&'a Element>,
    pub conditions: Conditions,
    /// Feedback that some answer showed.
    pub used: BTreeSet<String>,
}

/// A label's entry in the metadata right below an element, in lower case as some write it.
pub fn metadata_field(element: &Element, names: &[&str]) -> Option<String> {
    let parent = element.first("itemmetadata").unwrap_or(element);
    let fields = parent.elements().filter(|e| e.name == "qtimetadata").flat_map(|metadata| metadata.all("qtimetadatafield"));
    let all: Vec<(String, String)> = fields
        .filter_map(|field| {
            Some((line(&field.first("fieldlabel")?.whole_text()), line(&field.first("fieldentry")?.whole_text())))
        })
        .collect();
    names.iter().find_map(|name| all.iter().find(|(label, _)| label.eq_ignore_ascii_case(name)).map(|(_, entry)| entry.clone()))
}

/// What stands in an item before it is asked what is right.
pub fn asked<'a>(at: &mut At<'a, '_>) -> Result<OlderQuestion<'a>, String> {
    let item = at.element;
    if item.descendants().into_iter().any(|e| e.name == "calculated" || e.name == "formulas") {
        return Err("makes up its numbers, which quizzes here do not".to_owned());
    }
    const COMPARED: [&str; 8] = ["respcondition", "varequal", "varsubstring", "varsubset", "vargte", "vargt", "varlte", "varlt"];
    let count = |names: &[&str]| item.descendants().into_iter().filter(|e| names.contains(&e.name.as_str())).count();
    if count(&["response_label"]) > MOST_OPTIONS || count(&COMPARED) > 2 * MOST_ANSWERS {
        return Err(format!("has more than {MOST_OPTIONS} options, or compares with more than {MOST_ANSWERS} answers"));
    }
    let presentation = item.first("presentation").ok_or("shows nothing")?;
    let (mut nodes, mut responses) = (Vec::new(), Vec::new());
    shown_parts(at, presentation, &mut nodes, &mut responses);
    let mut kinds = ResponseKinds::default();
    for response in &responses {
        let identifier = response.get("ident").unwrap_or_default().to_owned();
        if response.name != "response_lid" {
            kinds.typed.insert(identifier.clone());
        }
        if response.get("rcardinality").is_none_or(|many| many.eq_ignore_ascii_case("single")) {
            kinds.single.insert(identifier);
        }
    }
    at.feedback = feedback(at);
    let (figures, rest): (Vec<XmlNode>, Vec<XmlNode>) = nodes.into_iter().partition(is_evidence);
    let (units, rest): (Vec<XmlNode>, Vec<XmlNode>) = rest.into_iter().partition(|node| is_class(node, "p", "unit"));
    let evidence = figures.iter().filter_map(XmlNode::element).map(|figure| evidence(at, figure)).collect();
    let unit = units.first().and_then(XmlNode::element).map(|unit| without_brackets(&unit.children));
    let unit = unit.map(|unit| at.markdown(&unit)).filter(|unit| !unit.is_empty());
    let stem = at.markdown(&rest);
    Ok(OlderQuestion { stem, evidence, unit, responses, conditions: response_conditions(item, &kinds), used: BTreeSet::new() })
}

pub fn is_class(node: &XmlNode, name: &str, class: &str) -> bool {
    node.element()
        .is_some_and(|e| e.name == name && e.get("class").is_some_and(|own| own.split_whitespace().any(|one| one == class)))
}

fn is_evidence(node: &XmlNode) -> bool {
    is_class(node, "figure", "evidence") && node.element().is_some_and(|figure| figure.first("pre").is_some())
}

fn without_brackets(nodes: &[XmlNode]) -> Vec<XmlNode> {
    let mut out = nodes.to_vec();
    if let Some(XmlNode::Text(first)) = out.first_mut() {
        *first = first.trim_start().strip_prefix('(').unwrap_or(first).to_owned();
    }
    if let Some(XmlNode::Text(last)) = out.last_mut() {
        *last = last.trim_end().strip_suffix(')').unwrap_or(last).to_owned();
    }
    out
}

/// Materials outside of responses, and the responses.
fn shown_parts<'a>(at: &mut At<'_, '_>, parent: &'a Element, nodes: &mut Vec<XmlNode>, responses: &mut Vec<&'a Element>) {
    for element in parent.elements() {
        match element.name.as_str() {
            "material" => nodes.extend(material_nodes(at, element)),
            name if name.starts_with("response_") => responses.push(element),
            _ => shown_parts(at, element, nodes, responses),
        }
    }
}

/// All texts below an element, outside of responses.
pub fn material_texts(at: &mut At<'_, '_>, parent: &Element) -> Vec<XmlNode> {
    let mut nodes = Vec::new();
    if parent.name == "material" {
        return material_nodes(at, parent);
    }
    for element in parent.elements().filter(|e| !e.name.starts_with("response_") && !e.name.starts_with("render_")) {
        nodes.extend(material_texts(at, element));
    }
    nodes
}

fn material_nodes(at: &mut At<'_, '_>, material: &Element) -> Vec<XmlNode> {
    let mut out = Vec::new();
    for part in material.elements() {
        let text = part.whole_text();
        match part.name.as_str() {
            "mattext" | "matemtext" => {
                let told = part.get("texttype").map(str::to_lowercase);
                // Without a word about its form it is plain (QTI 1.2), but where it closes a tag it was not meant so.
                let html = told.map_or_else(|| text.contains("</") || text.contains("<br"), |told| told.contains("html"));
                if html && part.elements().next().is_none() {
                    out.extend(html_nodes(&text));
                } else if html {
                    out.extend(part.children.iter().cloned());
                } else {
                    let paragraphs = text.split("\n\n").filter(|part| !part.trim().is_empty());
                    out.extend(paragraphs.map(|part| Element::new("p").text(part).into()));
                }
            }
            "matbreak" => out.push(Element::new("br").into()),
            _ => at.note("media", PackageEffect::Lost, "images, sound and films are not taken"),
        }
    }
    out
}

fn feedback(at: &mut At<'_, '_>) -> BTreeMap<String, Text> {
    let item = at.element;
    let mut out = BTreeMap::new();
    for feedback in item.all("itemfeedback") {
        let nodes = material_texts(at, feedback);
        let text = at.markdown(&nodes);
        if !text.is_empty() {
            out.insert(feedback.get("ident").unwrap_or_default().to_owned(), text);
        }
    }
    out
}

impl OlderQuestion<'_> {
    /// The texts of the feedback that an answer shows and that none of `common` is.
    pub fn feedback(&mut self, at: &mut At<'_, '_>, shown: &[String], common: &BTreeSet<String>) -> Text {
        let names: Vec<&String> = shown.iter().filter(|name| !common.contains(*name)).collect();
        let mut parts: Vec<&Text> = Vec::new();
        for name in &names {
            parts.extend(at.feedback.get(*name).filter(|text| !parts.contains(text)));
        }
        let language = at.reading.language.clone();
        let joined: Vec<&str> = parts.iter().filter_map(|text| text.get(&language)).map(String::as_str).collect();
        self.used.extend(names.into_iter().cloned());
        at.reading.text(joined.join("\n\n"))
    }

    pub fn tried(&self, given: &TriedAnswer<'_>) -> (f64, Vec<String>) {
        let (score, shown) = self.conditions.outcome(given);
        (score, shown.into_iter().map(str::to_owned).collect())
    }
}
