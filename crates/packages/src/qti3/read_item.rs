//! A `qti-assessment-item` as an item: the common subset, and a note about everything beyond it.

use std::collections::BTreeMap;

use crate::RefusedPackage;
use crate::qti3::reading::{At, ItemReading, read_qti, slug};
use crate::qti3::{points, read_body, read_task};
use crate::report::PackageEffect;
use crate::source;
use crate::xml::Element;
use waymark_curriculum::format::{Item, Text};

/// Reads a file as an item; none where it is not taken, which the report says.
pub fn read_item_file(path: &str, weight: f64, reading: &mut ItemReading<'_>) -> Option<Item> {
    let element = match read_qti(reading.files.content(path).unwrap_or_default(), path) {
        Ok(element) => element,
        Err(refused) => {
            reading.lost("item", &refused.why, path);
            reading.refused.get_or_insert(refused);
            return None;
        }
    };
    if element.name != "qti-assessment-item" {
        reading.lost("item", &format!("is a <{}>, not an item", element.name.chars().take(40).collect::<String>()), path);
        return None;
    }
    match read_item_element(&element, path, weight, reading) {
        Ok(item) => {
            reading.ids.insert(item.id.clone());
            Some(item)
        }
        Err(why) => {
            reading.lost("item", &why, path);
            reading.refused.get_or_insert_with(|| RefusedPackage::of(path, why));
            None
        }
    }
}

/// Reads an item; the error says why it is not taken.
fn read_item_element(element: &Element, path: &str, weight: f64, reading: &mut ItemReading<'_>) -> Result<Item, String> {
    if element.get("adaptive") == Some("true") {
        return Err("is adaptive, which quizzes here are not".to_owned());
    }
    if element.first("qti-template-declaration").is_some() || element.first("qti-template-processing").is_some() {
        return Err("is a template that makes up its values, which quizzes here do not".to_owned());
    }
    let body = element.first("qti-item-body").ok_or("has no body")?;
    let interaction = interaction(body)?;
    let wanted = slug(&source::id(element.get("identifier").unwrap_or_default()), "item");
    let id = reading.free_id(&wanted, path);
    let mut at = At { element, path, id, reading, feedback: BTreeMap::new() };
    at.feedback = feedback(&mut at);
    let (stem, evidence, unit) = read_body::body(&mut at, body, interaction);
    let (task, points) = read_task::task(&mut at, interaction, unit)?;
    let points = points::tidy_points(&mut at, points * weight);
    at.note_language();
    let unused: Vec<String> = std::mem::take(&mut at.feedback).into_keys().collect();
    if !unused.is_empty() {
        at.note("feedback", PackageEffect::Lost, "feedback that belongs to no single answer is not taken");
    }
    let objective = at.objective();
    Ok(Item { id: at.id, revision: 1, objective, points, stem, evidence, task })
}

/// The one interaction of a body.
fn interaction(body: &Element) -> Result<&Element, String> {
    let mut all = body.descendants().into_iter().filter(|element| element.name.ends_with("-interaction"));
    match (all.next(), all.next()) {
        (None, _) => Err("asks for no answer".to_owned()),
        (Some(_), Some(_)) => Err("has more than one interaction".to_owned()),
        (Some(one), None) => match one.name.as_str() {
            "qti-choice-interaction"
            | "qti-inline-choice-interaction"
            | "qti-order-interaction"
            | "qti-match-interaction"
            | "qti-text-entry-interaction" => Ok(one),
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
