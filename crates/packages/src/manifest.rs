//! The manifest of a content package (IMS Content Packaging 1.2) with metadata in LOM (IEEE 1484.12.1).

use crate::source::{QuizSource, identifier, line};
use crate::xml::Element;
use waymark_curriculum::format::Item;

/// The names in which one form of package has what all have.
pub struct ManifestNames {
    pub namespace: &'static str,
    pub lom: &'static str,
    pub qti_metadata: &'static str,
    pub location: &'static str,
    pub schema: &'static str,
    pub schema_version: &'static str,
    pub item: &'static str,
    pub test: &'static str,
    /// The type of files that are for programs alone.
    pub other: &'static str,
}

/// One entry of the manifest.
pub struct ManifestResource {
    pub identifier: String,
    pub kind: &'static str,
    pub path: String,
    pub metadata: Option<Element>,
    pub dependencies: Vec<String>,
}

impl ManifestResource {
    pub fn element(self) -> Element {
        let out =
            Element::new("resource").with("identifier", self.identifier).with("type", self.kind).with("href", self.path.as_str());
        out.children(self.metadata)
            .child(Element::new("file").with("href", self.path))
            .children(self.dependencies.into_iter().map(|one| Element::new("dependency").with("identifierref", one)))
    }
}

fn lom(name: &str) -> Element {
    Element::new(format!("lom:{name}"))
}

pub fn text_element(name: &str, language: &str, text: &str) -> Element {
    lom(name).child(lom("string").with("language", language).text(text))
}

/// What the whole package is about: title, language, description, licence.
pub fn about(language: &str, title: &str, summary: &str, licence: &str) -> Element {
    let general = lom("general")
        .child(text_element("title", language, title))
        .child(lom("language").text(language))
        .child(text_element("description", language, summary));
    let vocabulary = |value: &str| [lom("source").text("LOMv1.0"), lom("value").text(value)];
    let rights = lom("rights").child(lom("copyrightAndOtherRestrictions").children(vocabulary("yes"))).child(text_element(
        "description",
        language,
        licence,
    ));
    lom("lom").child(general).child(rights)
}

/// The whole package of one lesson.
pub fn lesson(source: &QuizSource<'_>) -> Element {
    let lesson = source.lesson;
    let licence = format!("{} ({})", lesson.licence.spdx, lesson.licence.attribution);
    about(source.language, &source.line(&lesson.title), &source.line(&lesson.summary), &licence)
}

/// One item: what it is about, and the objective that it tests.
pub fn item_metadata(source: &QuizSource<'_>, item: &Item, interaction: &str) -> Element {
    let language = source.language;
    let stem = source.line(&item.stem);
    let general =
        lom("general").child(text_element("title", language, &item.id)).child(text_element("description", language, &stem));
    let objective = source.lesson.objectives.iter().find(|o| o.id == item.objective);
    let entry = objective.map_or_else(String::new, |objective| source.line(&objective.text));
    let taxon = lom("taxon").child(lom("id").text(item.objective.as_str())).child(text_element("entry", language, &line(&entry)));
    let classification = lom("classification")
        .child(lom("purpose").child(lom("source").text("LOMv1.0")).child(lom("value").text("educational objective")))
        .child(lom("taxonPath").child(text_element("source", "x-none", "Waymark")).child(taxon));
    let qti = |name: &str, value: &str| Element::new(format!("qti:{name}")).text(value);
    let qti = Element::new("qti:qtiMetadata")
        .child(qti("timeDependent", "false"))
        .child(qti("composite", "false"))
        .child(qti("interactionType", interaction))
        .child(qti("feedbackType", "nonadaptive"))
        .child(qti("solutionAvailable", "true"))
        .child(qti("toolName", "Waymark"))
        .child(qti("toolVersion", env!("CARGO_PKG_VERSION")));
    Element::new("metadata").child(qti).child(lom("lom").child(general).child(classification))
}

/// The manifest of a package of one quiz.
pub fn quiz_manifest(names: &ManifestNames, source: &QuizSource<'_>, resources: Vec<ManifestResource>) -> Element {
    let metadata = Element::new("metadata")
        .child(Element::new("schema").text(names.schema))
        .child(Element::new("schemaversion").text(names.schema_version))
        .child(lesson(source));
    Element::new("manifest")
        .with("xmlns", names.namespace)
        .with("xmlns:lom", names.lom)
        .with("xmlns:qti", names.qti_metadata)
        .with("xmlns:xsi", crate::qti3::XSI)
        .with("xsi:schemaLocation", names.location)
        .with("identifier", format!("package-{}", identifier(&source.lesson.slug)))
        .child(metadata)
        .child(Element::new("organizations"))
        .child(Element::new("resources").children(resources.into_iter().map(ManifestResource::element)))
}
