//! The options of an item, and what the readers of its kinds say alike.

use std::collections::BTreeMap;

use crate::qti3::declared::DeclaredAnswer;
use crate::qti3::read_body::choice as choice_text;
use crate::qti3::reading::{At, slug, unique};
use crate::report::PackageEffect;
use crate::source::id;
use crate::xml::Element;
use waymark_curriculum::format::{OptionFile, Scoring};

/// The options, with the rationales that belong to them; and their ids by identifier.
pub fn options(at: &mut At<'_, '_>, interaction: &Element) -> (Vec<OptionFile>, BTreeMap<String, String>) {
    let (mut options, mut ids) = (Vec::new(), BTreeMap::new());
    let is_choice = |e: &&Element| ["qti-simple-choice", "qti-inline-choice"].contains(&e.name.as_str());
    for element in interaction.elements().filter(is_choice) {
        let identifier = element.get("identifier").unwrap_or_default();
        let id = unique(&slug(&id(identifier), "option"), |id| ids.values().any(|taken: &String| taken == id));
        ids.insert(identifier.to_owned(), id.clone());
        let (text, inner) = choice_text(at, element);
        let rationale = inner.or_else(|| at.take_feedback(identifier)).unwrap_or_default();
        options.push(OptionFile { id, layer: None, text, rationale });
    }
    (options, ids)
}

pub fn scoring(answer: &DeclaredAnswer) -> Scoring {
    if answer.mapped || answer.partial { Scoring::Partial } else { Scoring::AllOrNothing }
}

/// Points that parts of an answer get and that no item here can tell from one another.
pub const UNEQUAL: &str = "each right option gets the same share, and each wrong one takes that share away";

/// Notes that the mapping scores others than those that are said to be right.
pub fn note_key(at: &mut At<'_, '_>) {
    at.note(
        "key",
        PackageEffect::Changed,
        "the mapping gives points to others than the correct response names: what gets points is right",
    );
}
