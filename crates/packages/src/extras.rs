//! The glossary and the field guide as pages of a cartridge.

use crate::Refused;
use crate::pages::Page;
use crate::xml::{Element, Node};
use waymark_curriculum::reference::format::{FieldGuide, Glossary, Row};

pub fn glossary(glossary: &Glossary, page: &mut Page<'_>, title: &str) -> Result<Vec<u8>, Refused> {
    let mut list = Element::new("dl");
    for term in &glossary.terms {
        list = list
            .child(Element::new("dt").with("id", term.id.as_str()).child(Element::new("strong").text(page.line(&term.term))))
            .child(Element::new("dd").children(page.rich(&term.definition)));
    }
    page.html(title, vec![list.into()])
}

pub fn field_guide(guide: &FieldGuide, page: &mut Page<'_>, title: &str) -> Result<Vec<u8>, Refused> {
    let mut content: Vec<Node> = Vec::new();
    for group in &guide.groups {
        content.push(Element::new("h2").text(page.line(&group.title)).into());
        let own = guide.rows.iter().filter(|row| row.group.as_ref() == Some(&group.id));
        content.extend(own.flat_map(|row| self::row(row, page, "h3")));
    }
    let alone = guide.rows.iter().filter(|row| row.group.is_none());
    content.extend(alone.flat_map(|row| self::row(row, page, "h2")));
    page.html(title, content)
}

fn row(row: &Row, page: &mut Page<'_>, heading: &str) -> Vec<Node> {
    let layer = serde_json::to_value(row.layer).unwrap_or_default();
    let mut out = vec![Element::new(heading).with("id", row.id.as_str()).text(page.line(&row.sign)).into()];
    out.extend(page.rich(&row.place));
    out.push(Element::new("p").child(Element::new("code").text(layer.as_str().unwrap_or_default())).into());
    out.extend(page.rich(&row.step));
    out
}
