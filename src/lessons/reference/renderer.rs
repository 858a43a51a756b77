//! From the authored glossary and field guide to what is served of them in one language.

use crate::lessons::format::{Layer, Text};
use crate::lessons::reference::format::{AuthoredFieldGuide, AuthoredGlossary};
use crate::lessons::reference::wire::{self, GlossaryTerm, GuideGroup, GuideRow, TermRef};
use crate::lessons::reference::words::Words;
use crate::lessons::render::RichText;
use crate::lessons::rules;

/// Renders for one language of one course.
pub struct ReferenceRenderer<'a> {
    pub course: &'a str,
    pub language: &'a str,
    pub default_language: &'a str,
}

impl ReferenceRenderer<'_> {
    fn raw(&self, text: &Text) -> String {
        rules::in_language(text, self.language, self.default_language).to_owned()
    }

    fn rich(&self, text: &Text) -> RichText {
        RichText::of(&self.raw(text))
    }

    pub fn glossary(&self, glossary: &AuthoredGlossary) -> wire::Glossary {
        let name = |id: &String| {
            let term = glossary.terms.iter().find(|term| &term.id == id)?;
            Some(TermRef { id: id.clone(), term: self.rich(&term.term).text })
        };
        let mut terms: Vec<GlossaryTerm> = glossary
            .terms
            .iter()
            .map(|term| GlossaryTerm {
                id: term.id.clone(),
                term: self.rich(&term.term),
                definition: self.rich(&term.definition),
                see: term.see.iter().filter_map(name).collect(),
                lessons: term.lessons.clone(),
            })
            .collect();
        terms.sort_by_cached_key(|term| (term.term.text.to_lowercase(), term.id.clone()));
        wire::Glossary {
            course: self.course.to_owned(),
            language: self.language.to_owned(),
            languages: glossary.languages().into_iter().collect(),
            dir: rules::direction(self.language).to_owned(),
            terms,
        }
    }

    /// A layer is called as the glossary calls it, where it has a term for it.
    pub fn guide(&self, guide: &AuthoredFieldGuide, glossary: Option<&AuthoredGlossary>) -> wire::FieldGuide {
        let words = Words::of(self.language);
        let layer_name = |layer: Layer| {
            let id = term_of(layer);
            let term = glossary.and_then(|glossary| glossary.terms.iter().find(|term| term.id == id));
            term.map_or_else(|| id.replace('-', " "), |term| self.rich(&term.term).text)
        };
        wire::FieldGuide {
            course: self.course.to_owned(),
            language: self.language.to_owned(),
            languages: guide.languages().into_iter().collect(),
            dir: rules::direction(self.language).to_owned(),
            groups: guide.groups.iter().map(|g| GuideGroup { id: g.id.clone(), title: self.raw(&g.title) }).collect(),
            rows: guide
                .rows
                .iter()
                .map(|row| GuideRow {
                    id: row.id.clone(),
                    group: row.group.clone(),
                    sign: self.rich(&row.sign),
                    r#where: self.rich(&row.place),
                    layer: row.layer,
                    layer_name: layer_name(row.layer),
                    owner: row.owner,
                    owner_name: words.owner_name(row.owner).to_owned(),
                    step: self.rich(&row.step),
                    signals: row.signals.clone(),
                })
                .collect(),
        }
    }
}

/// The id of the term for a layer: its name on the wire, written as ids are.
pub fn term_of(layer: Layer) -> String {
    layer.name().replace('_', "-")
}
