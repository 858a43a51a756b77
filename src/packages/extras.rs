//! The glossary and the field guide as pages, where a course has them.

use serde::Deserialize;

use crate::lessons::format::Text;
use crate::lessons::source::{self, Files};
use crate::packages::Refused;
use crate::packages::pages::Page;
use crate::packages::xml::{Element, Node};

/// What these pages need of `glossary.yaml`.
#[derive(Debug, Clone, Deserialize)]
pub struct Glossary {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, Deserialize)]
struct Term {
    id: String,
    term: Text,
    definition: Text,
}

/// What these pages need of `field-guide.yaml`.
#[derive(Debug, Clone, Deserialize)]
pub struct FieldGuide {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
struct Row {
    sign: Text,
    #[serde(rename = "where")]
    place: Text,
    layer: String,
    step: Text,
}

#[derive(Debug, Clone, Default)]
pub struct Extras {
    pub glossary: Option<Glossary>,
    pub field_guide: Option<FieldGuide>,
}

impl Extras {
    /// What a folder of lessons has; a file that cannot be read counts as none, `waymark check` names it.
    pub fn of(files: &Files) -> Extras {
        Extras { glossary: source::read(files, "glossary.yaml").ok(), field_guide: source::read(files, "field-guide.yaml").ok() }
    }
}

impl Glossary {
    pub fn page(&self, page: &mut Page<'_>, title: &str) -> Result<Vec<u8>, Refused> {
        let mut list = Element::new("dl");
        for term in &self.terms {
            list = list
                .child(Element::new("dt").with("id", term.id.as_str()).child(Element::new("strong").text(page.line(&term.term))))
                .child(Element::new("dd").children(page.rich(&term.definition)));
        }
        page.html(title, vec![list.into()])
    }
}

impl FieldGuide {
    pub fn page(&self, page: &mut Page<'_>, title: &str) -> Result<Vec<u8>, Refused> {
        let mut content: Vec<Node> = Vec::new();
        for row in &self.rows {
            content.push(Element::new("h2").text(page.line(&row.sign)).into());
            content.extend(page.rich(&row.place));
            content.push(Element::new("p").child(Element::new("code").text(row.layer.as_str())).into());
            content.extend(page.rich(&row.step));
        }
        page.html(title, content)
    }
}
