//! QTI 1.2.1 in the profile of Common Cartridge, which Canvas, Moodle and others import; and what they write of it.
//!
//! The profile has choice, multiple response, fill in the blank and essay; what is none of these becomes the nearest one.

mod asked;
mod conditions;
mod item;
pub mod read;
mod read_item;
mod read_own;
mod read_typed;

use crate::cartridge::CARTRIDGE_1_3;
use crate::qti3::XSI;
use crate::qti3::package::{REPORT, pretty};
use crate::report::{PackageEffect, PackageReport};
use crate::source::{Pen, QuizSource, identifier, note_quiz};
use crate::xml::Element;
use crate::zip::PackageFiles;
use crate::{RefusedPackage, xml};

const NAMESPACE: &str = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2";
/// The quiz as one `questestinterop` with one assessment.
pub fn assessment(source: &QuizSource<'_>, location: &str, report: &mut PackageReport) -> Result<Element, RefusedPackage> {
    let mut items = Vec::new();
    for item in &source.quiz.items {
        let mut pen = Pen { source: *source, item, report, carries: false };
        items.extend(item::items(&mut pen)?);
    }
    note_quiz(source, report, false);
    let policy = &source.quiz.policy;
    if policy.draw.is_some() || policy.shuffle_items {
        report.whole("order", PackageEffect::Lost, "the drawing and shuffling of items: all are there, in the authored order");
    }
    report.whole("pass mark", PackageEffect::Lost, "the share of the points from which an attempt has passed");
    let attempts = policy.attempts_allowed.map_or_else(|| "unlimited".to_owned(), |most| most.to_string());
    let metadata = fields(&[
        ("cc_profile", "cc.exam.v0p1"),
        ("qmd_assessmenttype", "Examination"),
        ("qmd_scoretype", "Percentage"),
        ("qmd_feedbackpermitted", "Yes"),
        ("qmd_hintspermitted", "No"),
        ("qmd_solutionspermitted", "Yes"),
        ("cc_maxattempts", attempts.as_str()),
    ]);
    let section = Element::new("section").with("ident", "root_section").children(items);
    let assessment = Element::new("assessment")
        .with("ident", format!("quiz-{}", identifier(&source.lesson.slug)))
        .with("title", source.line(&source.quiz.title))
        .with("xml:lang", source.language)
        .child(metadata)
        .child(section);
    Ok(Element::new("questestinterop")
        .with("xmlns", NAMESPACE)
        .with("xmlns:xsi", XSI)
        .with("xsi:schemaLocation", location)
        .child(assessment))
}

fn fields(all: &[(&str, &str)]) -> Element {
    let field = |(label, entry): &(&str, &str)| {
        Element::new("qtimetadatafield")
            .child(Element::new("fieldlabel").text(*label))
            .child(Element::new("fieldentry").text(*entry))
    };
    Element::new("qtimetadata").children(all.iter().map(field))
}

/// A package of its own, for systems that import a quiz by itself.
pub fn write_qti12(source: &QuizSource<'_>) -> Result<(PackageFiles, PackageReport), RefusedPackage> {
    const QUIZ: &str = "quiz.xml";
    let mut report = PackageReport::default();
    let quiz = assessment(source, CARTRIDGE_1_3.quiz_location, &mut report)?;
    let resource = |identifier: &str, kind: &str, path: &str| {
        Element::new("resource")
            .with("identifier", identifier)
            .with("type", kind)
            .with("href", path)
            .child(Element::new("file").with("href", path))
    };
    let manifest = Element::new("manifest")
        .with("xmlns", "http://www.imsglobal.org/xsd/imscp_v1p1")
        .with("xmlns:xsi", XSI)
        .with("xsi:schemaLocation", "http://www.imsglobal.org/xsd/imscp_v1p1 http://www.imsglobal.org/xsd/imscp_v1p1.xsd")
        .with("identifier", format!("package-{}", identifier(&source.lesson.slug)))
        .child(
            Element::new("metadata")
                .child(Element::new("schema").text("IMS Content"))
                .child(Element::new("schemaversion").text("1.1.3")),
        )
        .child(Element::new("organizations"))
        .child(Element::new("resources").child(resource("quiz", "imsqti_xmlv1p2", QUIZ)).child(resource(
            "report",
            "webcontent",
            REPORT,
        )));
    let mut files = PackageFiles::from([
        (QUIZ.to_owned(), xml::write_xml(&quiz)?),
        ("imsmanifest.xml".to_owned(), xml::write_xml(&manifest)?),
    ]);
    files.insert(REPORT.to_owned(), pretty(&report)?);
    Ok((files, report))
}
