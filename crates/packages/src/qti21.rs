//! QTI 2.1 (final, August 2012), which most systems import: the items of QTI 3 under the names of 2.1. Export only.

use crate::manifest::{self, Names, Resource};
use crate::qti3::package::{REPORT, TEST, pretty};
use crate::qti3::{item, test};
use crate::report::{Effect, Report};
use crate::source::{Pen, Source, identifier, whole};
use crate::xml::{Element, Node};
use crate::zip::Files;
use crate::{Refused, xml};

const NAMESPACE: &str = "http://www.imsglobal.org/xsd/imsqti_v2p1";
const LOCATION: &str = "http://www.imsglobal.org/xsd/imsqti_v2p1 http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd";

const NAMES: Names = Names {
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
pub fn write(source: &Source<'_>) -> Result<(Files, Report), Refused> {
    let (mut files, mut report, mut resources) = (Files::new(), Report::default(), Vec::new());
    whole(source, &mut report, false);
    for item in &source.quiz.items {
        let mut pen = Pen { source: *source, item, report: &mut report, carries: false };
        let (element, interaction) = item::item(&mut pen);
        let path = test::path(&item.id);
        files.insert(path.clone(), xml::write(&renamed(&element))?);
        let metadata = Some(manifest::item(source, item, interaction));
        let identifier = format!("item-{}", identifier(&item.id));
        resources.push(Resource { identifier, kind: NAMES.item, path, metadata, dependencies: Vec::new() });
    }
    if files.len() < source.quiz.items.len() {
        return Err(Refused::new("cannot hold two items of one id"));
    }
    report.whole("figure", Effect::Changed, "evidence stands in a box, because QTI 2.1 has no figures");
    files.insert(TEST.to_owned(), xml::write(&renamed(&test::test(source)))?);
    let dependencies = resources.iter().map(|resource| resource.identifier.clone()).collect();
    let test = Resource { identifier: "test".to_owned(), kind: NAMES.test, path: TEST.to_owned(), metadata: None, dependencies };
    resources.insert(0, test);
    files.insert(REPORT.to_owned(), pretty(&report)?);
    let (identifier, path) = ("report".to_owned(), REPORT.to_owned());
    resources.push(Resource { identifier, kind: NAMES.other, path, metadata: None, dependencies: Vec::new() });
    files.insert("imsmanifest.xml".to_owned(), xml::write(&manifest::manifest(&NAMES, source, resources))?);
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
        Node::Element(child) if child.name == "qti-content-body" => renamed(child).children,
        Node::Element(child) => vec![renamed(child).into()],
        Node::Text(text) => vec![Node::Text(text.clone())],
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
