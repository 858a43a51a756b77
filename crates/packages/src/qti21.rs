//! QTI 2.1 (final, August 2012), which most systems import: the items of QTI 3 under the names of 2.1; and back, from 2.0 to 2.2.

use crate::manifest::{self, ManifestNames, ManifestResource};
use crate::qti3::package::{REPORT, TEST, pretty};
use crate::qti3::{item, test};
use crate::report::{PackageEffect, PackageReport};
use crate::source::{Pen, QuizSource, identifier, note_quiz};
use crate::xml::{Element, XmlNode};
use crate::zip::PackageFiles;
use crate::{RefusedPackage, xml};

const NAMESPACE: &str = "http://www.imsglobal.org/xsd/imsqti_v2p1";
const LOCATION: &str = "http://www.imsglobal.org/xsd/imsqti_v2p1 http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd";

const NAMES: ManifestNames = ManifestNames {
    namespace: "http://www.imsglobal.org/xsd/imscp_v1p1",
    lom: "http://ltsc.ieee.org/xsd/LOM",
    qti_metadata: "http://www.imsglobal.org/xsd/imsqti_metadata_v2p1",
    location: "http://www.imsglobal.org/xsd/imscp_v1p1 http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd http://ltsc.ieee.org/xsd/LOM http://www.imsglobal.org/xsd/imsmd_loose_v1p3p2.xsd http://www.imsglobal.org/xsd/imsqti_metadata_v2p1 http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_metadata_v2p1.xsd",
    schema: "QTIv2.1 Package",
    schema_version: "1.0.0",
    item: "imsqti_item_xmlv2p1",
    test: "imsqti_test_xmlv2p1",
    other: "webcontent",
};

/// The files of the package, and what QTI 2.1 has no place for.
pub fn write_qti21(source: &QuizSource<'_>) -> Result<(PackageFiles, PackageReport), RefusedPackage> {
    let (mut files, mut report, mut resources) = (PackageFiles::new(), PackageReport::default(), Vec::new());
    note_quiz(source, &mut report, false);
    for item in &source.quiz.items {
        let mut pen = Pen { source: *source, item, report: &mut report, carries: false };
        let (element, interaction) = item::item_element(&mut pen);
        let path = test::path(&item.id);
        files.insert(path.clone(), xml::write_xml(&renamed(&element))?);
        let metadata = Some(manifest::item_metadata(source, item, interaction));
        let identifier = format!("item-{}", identifier(&item.id));
        resources.push(ManifestResource { identifier, kind: NAMES.item, path, metadata, dependencies: Vec::new() });
    }
    if files.len() < source.quiz.items.len() {
        return Err(RefusedPackage::new("cannot hold two items of one id"));
    }
    report.whole("figure", PackageEffect::Changed, "evidence stands in a box, because QTI 2.1 has no figures");
    files.insert(TEST.to_owned(), xml::write_xml(&renamed(&test::test(source)))?);
    let dependencies = resources.iter().map(|resource| resource.identifier.clone()).collect();
    let test =
        ManifestResource { identifier: "test".to_owned(), kind: NAMES.test, path: TEST.to_owned(), metadata: None, dependencies };
    resources.insert(0, test);
    files.insert(REPORT.to_owned(), pretty(&report)?);
    let (identifier, path) = ("report".to_owned(), REPORT.to_owned());
    resources.push(ManifestResource { identifier, kind: NAMES.other, path, metadata: None, dependencies: Vec::new() });
    files.insert("imsmanifest.xml".to_owned(), xml::write_xml(&manifest::quiz_manifest(&NAMES, source, resources))?);
    Ok((files, report))
}

/// An element of QTI 3 under its name in 2.1: without the prefix, in camel case; the attributes of QTI's own elements too.
pub fn renamed(element: &Element) -> Element {
    let own = element.name.strip_prefix("qti-");
    let name = match (own, element.name.as_str()) {
        (Some(own), _) => camel(own),
        (None, "figure" | "figcaption") => "div".to_owned(),
        (None, other) => other.to_owned(),
    };
    let attributes = element.attributes.iter().map(|(name, value)| match (name.as_str(), own) {
        ("xmlns", _) => (name.clone(), NAMESPACE.to_owned()),
        ("xsi:schemaLocation", _) => (name.clone(), LOCATION.to_owned()),
        (_, Some(_)) => (camel(name), value.clone()),
        (_, None) => (name.clone(), value.clone()),
    });
    let children = element.children.iter().flat_map(|node| match node {
        // What wraps the content of feedback is new in QTI 3.
        XmlNode::Element(child) if child.name == "qti-content-body" => renamed(child).children,
        XmlNode::Element(child) => vec![renamed(child).into()],
        XmlNode::Text(text) => vec![XmlNode::Text(text.clone())],
    });
    Element { name, attributes: attributes.collect(), children: children.collect() }
}

fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut out, part| {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
        out
    })
}

/// Names of QTI 2 without a capital, which XHTML does not have.
const SMALL: &[&str] = &[
    "and",
    "contains",
    "correct",
    "default",
    "delete",
    "divide",
    "equal",
    "gap",
    "gt",
    "gte",
    "hottext",
    "index",
    "inside",
    "lt",
    "lte",
    "mapping",
    "match",
    "max",
    "member",
    "min",
    "multiple",
    "not",
    "null",
    "or",
    "ordered",
    "ordering",
    "product",
    "prompt",
    "random",
    "selection",
    "stylesheet",
    "substring",
    "subtract",
    "sum",
    "truncate",
    "value",
    "variable",
    "weight",
];

/// An element of QTI 2 under its name in QTI 3, with everything below it.
pub fn newer(element: Element) -> Element {
    let own = element.name.chars().any(|c| c.is_ascii_uppercase()) || SMALL.contains(&element.name.as_str());
    let evidence = element.name == "div" && element.get("class") == Some("evidence") && element.first("pre").is_some();
    let name = if own {
        format!("qti-{}", kebab(&element.name))
    } else if evidence {
        "figure".to_owned()
    } else {
        element.name
    };
    let attribute = |(name, value): (String, String)| {
        let name = if own && !name.starts_with("xml") { kebab(&name) } else { name };
        (name, value)
    };
    let children = element.children.into_iter().map(|node| match node {
        // Names of MathML and SVG are their own.
        XmlNode::Element(child) if ["math", "svg"].contains(&child.name.as_str()) => child.into(),
        XmlNode::Element(child) if evidence && child.name == "div" => {
            Element { name: "figcaption".to_owned(), ..newer(child) }.into()
        }
        XmlNode::Element(child) => newer(child).into(),
        text => text,
    });
    Element { name, attributes: element.attributes.into_iter().map(attribute).collect(), children: children.collect() }
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out.trim_start_matches('-').to_owned()
}
