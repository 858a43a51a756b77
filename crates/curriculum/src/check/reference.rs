//! The rules of the glossary and of the field guide: ids, languages, and that everything they name is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::findings::{FindingPlace, Findings};
use crate::check::table;
use crate::format::Layer;
use crate::reference::format::{AuthoredFieldGuide, AuthoredGlossary, AuthoredGuideRow};
use crate::source::Curriculum;

pub fn check_reference(curriculum: &Curriculum, out: &mut Findings<'_>) {
    if let Some(terms) = &curriculum.glossary {
        glossary(terms, curriculum, out);
    }
    if let Some(guide) = &curriculum.field_guide {
        field_guide(guide, curriculum, out);
    }
}

/// A text in one language needs the others too, the course's default among them: a page is in one language.
fn languages(mut own: BTreeSet<String>, curriculum: &Curriculum) -> BTreeSet<String> {
    own.insert(curriculum.course.default_language.clone());
    own
}

fn glossary(glossary: &AuthoredGlossary, curriculum: &Curriculum, out: &mut Findings<'_>) {
    let place = FindingPlace::glossary();
    out.unique(&place.below("terms"), "term", glossary.terms.iter().map(|term| term.id.as_str()));
    let languages = languages(glossary.languages(), curriculum);
    let mut names: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for term in &glossary.terms {
        let (here, what) = (place.id(&term.id), format!("the term {}", term.id));
        out.text(&here, &what, &term.term, &languages);
        out.text(&here, &format!("{what}: the definition"), &term.definition, &languages);
        for (language, name) in &term.term {
            if let Some(other) = names.insert((language, name.to_lowercase()), &term.id) {
                let message = format!("{what} is called {name:?} in {language}, as {other} is");
                out.add(table::GLOSSARY_TERM_REPEATED, &here, message);
            }
        }
        for id in &term.see {
            if id == &term.id || !glossary.terms.iter().any(|other| &other.id == id) {
                out.add(table::LINK, &here, format!("{what} names {id}, which is no other term of the glossary"));
            }
        }
        for slug in &term.lessons {
            if !curriculum.lessons.iter().any(|content| &content.lesson.slug == slug) {
                out.add(table::LINK, &here, format!("{what} names {slug}, which is no lesson of the course"));
            }
        }
    }
}

fn field_guide(guide: &AuthoredFieldGuide, curriculum: &Curriculum, out: &mut Findings<'_>) {
    let place = FindingPlace::field_guide();
    let (groups, rows) = (place.below("groups"), place.below("rows"));
    out.unique(&groups, "group", guide.groups.iter().map(|group| group.id.as_str()));
    out.unique(&rows, "row", guide.rows.iter().map(|row| row.id.as_str()));
    let languages = languages(guide.languages(), curriculum);
    for group in &guide.groups {
        out.text(&groups.id(&group.id), &format!("the group {}", group.id), &group.title, &languages);
    }
    let known = signals(out);
    let mut last = 0;
    for row in &guide.rows {
        let (here, what) = (rows.id(&row.id), format!("the row {}", row.id));
        for (name, text) in [("sign", &row.sign), ("where", &row.place), ("step", &row.step)] {
            out.text(&here, &format!("{what}: {name}"), text, &languages);
        }
        let at = row.group.as_ref().and_then(|id| guide.groups.iter().position(|group| &group.id == id));
        match (&row.group, at) {
            (None, _) if guide.groups.is_empty() => {}
            (None, _) => out.add(table::GUIDE_GROUP, &here, format!("{what} has no group, and the guide has some")),
            (Some(id), None) => out.add(table::GUIDE_GROUP, &here, format!("{what} names {id}, which is no group of the guide")),
            (Some(id), Some(at)) if at < last => {
                out.add(table::GUIDE_GROUP, &here, format!("{what} of the group {id} stands after rows of a later group"));
            }
            (Some(_), Some(at)) => last = at,
        }
        if let Some(known) = &known {
            speaks(row, known, &here, out);
        }
    }
}

/// The signals of a row are there, and one of them speaks for its layer.
fn speaks(row: &AuthoredGuideRow, known: &BTreeMap<String, Vec<Layer>>, here: &FindingPlace, out: &mut Findings<'_>) {
    for id in row.signals.iter().filter(|id| !known.contains_key(*id)) {
        let message = format!("the row {} names {id}, which is no signal and no rule of signals/layers.yaml", row.id);
        out.add(table::LINK, here, message);
    }
    let found: Vec<&Vec<Layer>> = row.signals.iter().filter_map(|id| known.get(id)).collect();
    if !found.is_empty() && !found.iter().any(|layers| layers.contains(&row.layer)) {
        let message = format!("the row {} is about {:?}, and none of its signals speaks for that", row.id, row.layer);
        out.add(table::GUIDE_LAYER, here, message);
    }
}

/// The layers that each signal, or rule of the engine, speaks for; none where the folder brings no signals to check against.
fn signals(out: &Findings<'_>) -> Option<BTreeMap<String, Vec<Layer>>> {
    if !waymark_engine::source::is_there(out.files) {
        return None;
    }
    // What is wrong with the files of signals is reported where those are checked.
    let source = waymark_engine::source::parse_signals(out.files).ok()?;
    let signals = source.signals.into_iter().flat_map(|file| file.signals).map(|signal| (signal.id, vec![signal.layer]));
    // A rule that leaves several layers open speaks for each of them, and for leaving it open.
    let rules = source.guide.rules.into_iter().map(|rule| {
        let open = (rule.layers.len() > 1).then_some(Layer::Undetermined);
        (rule.id, rule.layers.into_iter().chain(rule.also).chain(open).collect())
    });
    Some(signals.chain(rules).collect())
}
