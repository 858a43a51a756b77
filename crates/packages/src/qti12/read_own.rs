//! Items that our own exports write as something else, because QTI 1.2 has no form for them: a match is one choice for each of its
//! prompts, an order is a text to write. The report that such a package holds says which.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::names::FilesByName;
use crate::qti3::declared::finite_number;
use crate::qti3::package::REPORT;
use crate::qti3::points::tidy_points;
use crate::qti3::read_body::evidence;
use crate::qti3::reading::{At, ItemReading, slug};
use crate::qti12::asked::{asked, is_class, material_texts, metadata_field};
use crate::qti12::conditions::TriedAnswer;
use crate::report::{PackageEffect, PackageReport};
use crate::source;
use crate::xml::{Element, XmlNode};
use waymark_curriculum::format::{AuthoredChoice, Item, Matching, OptionFile, Ordering, Prompt, Scoring, Task, Text};

/// The identifiers of such items.
#[derive(Debug, Default)]
pub struct OwnItems {
    matches: BTreeSet<String>,
    orders: BTreeSet<String>,
}

impl OwnItems {
    pub fn of(files: &FilesByName<'_>) -> OwnItems {
        let report =
            files.content(REPORT).and_then(|bytes| serde_json::from_slice::<PackageReport>(bytes).ok()).unwrap_or_default();
        let named = |what: &str| {
            let notes = report.notes.iter().filter(|note| note.what == what && note.effect == PackageEffect::Changed);
            notes.flat_map(|note| &note.items).map(|id| source::identifier(id)).collect()
        };
        OwnItems { matches: named("matching"), orders: named("ordering") }
    }

    /// The match that an item is a prompt of.
    fn match_of<'a>(&self, item: &'a Element) -> Option<&'a str> {
        let identifier = item.get("ident")?;
        let places = identifier.match_indices('_').map(|(place, _)| place);
        places.rev().filter_map(|place| identifier.get(..place)).find(|start| self.matches.contains(*start))
    }

    /// The items, each by itself but for the prompts of one match.
    pub fn grouped<'a>(&self, items: &[&'a Element]) -> Vec<Vec<&'a Element>> {
        let mut out: Vec<(Option<&str>, Vec<&Element>)> = Vec::new();
        for item in items {
            let of = self.match_of(item);
            match out.last_mut() {
                Some((last, group)) if of.is_some() && *last == of => group.push(item),
                _ => out.push((of, vec![item])),
            }
        }
        out.into_iter().map(|(_, group)| group).collect()
    }

    /// The match of these prompts; where it is none after all, its first prompt, and a note.
    pub fn matching(&self, prompts: &[&Element], path: &str, reading: &mut ItemReading<'_>) -> Option<Item> {
        let first = prompts.first()?;
        let identifier = self.match_of(first)?.to_owned();
        let id = reading.free_id(&slug(&source::id(&identifier), "item"), path);
        let mut at = At { element: first, path, id: id.clone(), reading, feedback: BTreeMap::new() };
        match match_item(&mut at, &identifier, prompts) {
            Ok(item) => {
                reading.ids.insert(id);
                Some(item)
            }
            Err(why) => {
                reading.lost("item", &format!("the prompts of the match {identifier:?}: {why}"), path);
                None
            }
        }
    }

    /// The order that an item was.
    pub fn ordering(&self, item: &Element, path: &str, reading: &mut ItemReading<'_>) -> Option<Item> {
        let identifier = item.get("ident").filter(|identifier| self.orders.contains(*identifier))?;
        let id = reading.free_id(&slug(&source::id(identifier), "item"), path);
        let mut at = At { element: item, path, id: id.clone(), reading, feedback: BTreeMap::new() };
        let item = order_item(&mut at)?;
        reading.ids.insert(id);
        Some(item)
    }
}

fn weight(item: &Element) -> f64 {
    metadata_field(item, &["cc_weighting"]).as_deref().and_then(finite_number).unwrap_or(1.0)
}

fn match_item(at: &mut At<'_, '_>, identifier: &str, items: &[&Element]) -> Result<Item, String> {
    let (mut prompts, mut choices, mut points): (Vec<Prompt>, Vec<AuthoredChoice>, f64) = (Vec::new(), Vec::new(), 0.0);
    let (mut stem, mut shown) = (Text::new(), Vec::new());
    for item in items {
        let mut at = At { element: item, path: at.path, id: at.id.clone(), reading: &mut *at.reading, feedback: BTreeMap::new() };
        let nodes = item.first("presentation").map(|presentation| material_texts(&mut at, presentation)).unwrap_or_default();
        let (own, rest): (Vec<XmlNode>, Vec<XmlNode>) = nodes.into_iter().partition(|node| is_class(node, "div", "prompt"));
        let (figures, rest): (Vec<XmlNode>, Vec<XmlNode>) =
            rest.into_iter().partition(|node| is_class(node, "figure", "evidence"));
        let mut asked = asked(&mut at)?;
        let response = asked.responses.first().copied().ok_or("asks for no answer")?;
        let name = response.get("ident").unwrap_or_default();
        let labels: Vec<&Element> = response.descendants().into_iter().filter(|e| e.name == "response_label").collect();
        if choices.is_empty() {
            stem = at.markdown(&rest);
            shown = figures.iter().filter_map(XmlNode::element).map(|figure| evidence(&mut at, figure)).collect();
            for label in &labels {
                let nodes = material_texts(&mut at, label);
                let id = slug(&source::id(label.get("ident").unwrap_or_default()), "choice");
                choices.push(AuthoredChoice { id, layer: None, text: at.markdown(&nodes) });
            }
        }
        let tried = |label: &&Element| asked.tried(&TriedAnswer::from([(name, vec![label.get("ident").unwrap_or_default()])]));
        let right = labels.iter().position(|label| tried(label).0 > 0.0).ok_or("does not say which answer is right")?;
        let told = labels.get(right).map(|label| tried(label).1).unwrap_or_default();
        let id = item.get("ident").and_then(|own| own.get(identifier.len() + 1..)).unwrap_or_default();
        let key = choices.get(right).map(|choice| choice.id.clone()).unwrap_or_default();
        let rationale = asked.feedback(&mut at, &told, &BTreeSet::new());
        prompts.push(Prompt { id: slug(&source::id(id), "prompt"), text: at.markdown(&own), key, rationale });
        points += weight(item);
    }
    let points = tidy_points(at, (points * 1000.0).round() / 1000.0);
    let task = Task::Matching(Matching { scoring: Scoring::Partial, prompts, choices });
    Ok(Item { id: at.id.clone(), revision: 1, objective: String::new(), points, stem, evidence: shown, task })
}

fn order_item(at: &mut At<'_, '_>) -> Option<Item> {
    let element = at.element;
    let nodes = element.first("presentation").map(|presentation| material_texts(at, presentation))?;
    let (lists, rest): (Vec<XmlNode>, Vec<XmlNode>) = nodes.into_iter().partition(|node| is_class(node, "ul", "options"));
    let (figures, rest): (Vec<XmlNode>, Vec<XmlNode>) = rest.into_iter().partition(|node| is_class(node, "figure", "evidence"));
    let list = lists.first()?;
    let partial = is_class(list, "ul", "partial");
    let solution = element.all("itemfeedback").find(|feedback| feedback.get("ident") == Some("solution"))?;
    let told = material_texts(at, solution);
    let entries = |list: &Element| -> Vec<(String, Vec<XmlNode>)> {
        let id = |entry: &Element| entry.get("data-option").map(source::id);
        list.all("li").filter_map(|entry| Some((id(entry)?, entry.children.clone()))).collect()
    };
    let solved = told.iter().filter_map(XmlNode::element).find(|e| e.name == "ol").map(&entries)?;
    let mut options: Vec<OptionFile> = Vec::new();
    for (id, nodes) in list.element().map(&entries)? {
        let why = solved.iter().find(|(other, _)| *other == id).map(|(_, nodes)| nodes.as_slice()).unwrap_or_default();
        let why = why.iter().filter(|node| is_class(node, "div", "rationale")).filter_map(XmlNode::element);
        let why: Vec<XmlNode> = why.flat_map(|rationale| rationale.children.clone()).collect();
        options.push(OptionFile { text: at.markdown(&nodes), rationale: at.markdown(&why), id, layer: None });
    }
    let key: Vec<String> = solved.into_iter().map(|(id, _)| id).collect();
    let evidence = figures.iter().filter_map(XmlNode::element).map(|figure| evidence(at, figure)).collect();
    let scoring = if partial { Scoring::Partial } else { Scoring::AllOrNothing };
    let points = tidy_points(at, weight(element));
    let task = Task::Ordering(Ordering { key, scoring, options });
    Some(Item { id: at.id.clone(), revision: 1, objective: String::new(), points, stem: at.markdown(&rest), evidence, task })
}
