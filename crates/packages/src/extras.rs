//! The glossary and the field guide as pages of a cartridge.

use crate::RefusedPackage;
use crate::pages::PackagePage;
use crate::xml::{Element, XmlNode};
use waymark_curriculum::reference::format::{AuthoredFieldGuide, AuthoredGlossary, AuthoredGuideRow};

pub fn glossary_file(glossary: &AuthoredGlossary, page: &mut PackagePage<'_>, title: &str) -> Result<Vec<u8>, RefusedPackage> {
    let mut list = Element::new("dl");
    for term in &glossary.terms {
        list = list
            .child(Element::new("dt").with("id", term.id.as_str()).child(Element::new("strong").text(page.line(&term.term))))
            .child(Element::new("dd").children(page.rich(&term.definition)));
    }
    page.html(title, vec![list.into()])
}

pub fn field_guide(guide: &AuthoredFieldGuide, page: &mut PackagePage<'_>, title: &str) -> Result<Vec<u8>, RefusedPackage> {
    let mut content: Vec<XmlNode> = Vec::new();
    for group in &guide.groups {
        content.push(Element::new("h2").text(page.line(&group.title)).into());
        let own = guide.rows.iter().filter(|row| row.group.as_ref() == Some(&group.id));
        content.extend(own.flat_map(|row| self::row(row, page, "h3")));
    }
    let alone = guide.rows.iter().filter(|row| row.group.is_none());
    content.extend(alone.flat_map(|row| self::row(row, page, "h2")));
    page.html(title, content)
}

fn row(row: &AuthoredGuideRow, page: &mut PackagePage<'_>, heading: &str) -> Vec<XmlNode> {
    let mut out = vec![Element::new(heading).with("id", row.id.as_str()).text(page.line(&row.sign)).into()];
    out.extend(page.rich(&row.place));
    out.push(Element::new("p").child(Element::new("code").text(row.layer.name())).into());
    out.extend(page.rich(&row.step));
    out
}
