//! A content package of QTI 3 as a quiz: what Waymark wrote as it was, others' as far as they go.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::RefusedPackage;
use crate::qti3::package::{CARRIED, Carried, FORM, REPORT, sha256_hex};
use crate::qti3::read_item;
use crate::qti3::reading::ItemReading;
use crate::report::{PackageEffect, PackageReport};
use crate::resources::{self, PackageResource, resolve_href};
use crate::source::line;
use crate::xml::{self, Element};
use crate::zip::{self, PackageFiles};
use waymark_curriculum::format::{AuthoredCounts, AuthoredObjective, AuthoredWhen, Item, Policy, QuizFile, Reveal, Text};

/// What a package held. `waymark check` says what is still to do before it is a good quiz.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ImportedPackage)]
pub struct Imported {
    /// The slug of the lesson, where the package is one of Waymark's.
    pub lesson: Option<String>,
    /// BCP 47: the language of the package's texts.
    pub language: String,
    /// The objectives that items name, where the package has them.
    pub objectives: Vec<AuthoredObjective>,
    /// In the form of a quiz.yaml.
    #[schema(value_type = Object)]
    pub quiz: QuizFile,
    pub report: PackageReport,
}

/// Reads a zip file; the error says why the whole is refused.
pub fn read_package(bytes: &[u8]) -> Result<Imported, RefusedPackage> {
    read_files(&zip::read_zip(bytes)?)
}

/// Reads the files of a package.
pub fn read_files(files: &PackageFiles) -> Result<Imported, RefusedPackage> {
    let manifest = resources::read_manifest(files)?;
    three(&manifest)?;
    let resources = resources::resources(&manifest, files)?;
    let mut report = PackageReport::default();
    let carried = carried(files, &mut report);
    let test = test(files, &resources, &mut report)?;
    let order = order(test.as_ref(), &resources, files, &mut report);
    if order.is_empty() {
        return Err(RefusedPackage::new("has no item of QTI 3 that could be read"));
    }
    let mut reading =
        ItemReading { files, manifest: &resources, language: String::new(), report: &mut report, ids: BTreeSet::new() };
    reading.language = language(carried.as_ref(), test.as_ref().map(|(_, test)| test), &order, files);
    let mut items = Vec::new();
    for path in &order {
        match carried.as_ref().and_then(|carried| unchanged(carried, path, files)) {
            Some(item) => items.push(item),
            None => items.extend(read_one(path, &mut reading)?),
        }
    }
    let language = reading.language.clone();
    if carried.as_ref().is_some_and(|carried| order.iter().any(|path| unchanged(carried, path, files).is_none())) {
        let detail = "files that were changed since the export are read as QTI says it now; layers, revisions and other languages of their items are not taken from waymark.json";
        report.whole("changed since", PackageEffect::Changed, detail);
    }
    others(&resources, &order, test.as_ref().map(|(path, _)| path.as_str()), &mut report);
    let quiz = quiz(carried.as_ref(), test.as_ref(), files, items, &language, &manifest);
    let (lesson, objectives) = carried.map_or((None, Vec::new()), |carried| (Some(carried.lesson), carried.objectives));
    missing(&quiz, &objectives, &mut report);
    Ok(Imported { lesson, language, objectives, quiz, report })
}

/// Only QTI 3 is read; what else it is gets said.
fn three(manifest: &Element) -> Result<(), RefusedPackage> {
    let told = |name: &str| {
        let element = manifest.first("metadata").and_then(|metadata| metadata.first(name));
        element.map(Element::whole_text).unwrap_or_default().trim().chars().take(60).collect::<String>()
    };
    let items = manifest.descendants().into_iter().filter_map(|e| e.get("type")).any(|kind| kind == "imsqti_item_xmlv3p0");
    if items || told("schemaversion").starts_with('3') {
        return Ok(());
    }
    let why = format!("is a package of {:?} {:?}; only packages of QTI 3.0 are read", told("schema"), told("schemaversion"));
    Err(RefusedPackage::of("imsmanifest.xml", why))
}

fn carried(files: &PackageFiles, report: &mut PackageReport) -> Option<Carried> {
    let bytes = files.get(CARRIED)?;
    match serde_json::from_slice::<Carried>(bytes) {
        Ok(carried) if carried.format == FORM => Some(carried),
        _ => {
            report.add("waymark.json", PackageEffect::Lost, "cannot be read, so everything comes from QTI", None, Some(CARRIED));
            None
        }
    }
}

/// The item of a file that nobody changed.
fn unchanged(carried: &Carried, path: &str, files: &PackageFiles) -> Option<Item> {
    let same = files.get(path).map(|bytes| sha256_hex(bytes)).as_ref() == carried.files.get(path);
    let of_path = || carried.quiz.items.iter().find(|item| super::test::path(&item.id) == path);
    if same && carried.files.contains_key(path) { of_path().cloned() } else { None }
}

type QtiTest = (String, Element);

fn test(
    files: &PackageFiles,
    resources: &[PackageResource],
    report: &mut PackageReport,
) -> Result<Option<QtiTest>, RefusedPackage> {
    let mut tests = resources.iter().filter(|resource| resource.kind == "imsqti_test_xmlv3p0");
    let first = tests.next().and_then(|resource| resource.href.clone());
    for other in tests.filter_map(|resource| resource.href.as_deref()) {
        report.add("test", PackageEffect::Lost, "a second test is not taken", None, Some(other));
    }
    let Some(path) = first else { return Ok(None) };
    let bytes = files.get(&path).map(Vec::as_slice).unwrap_or_default();
    let element = xml::read_xml(bytes, &path)?;
    if element.name != "qti-assessment-test" {
        return Err(RefusedPackage::of(&path, format!("is a <{}>, where a <qti-assessment-test> was expected", element.name)));
    }
    Ok(Some((path, element)))
}

/// The files of the items, in the order of the test, else of the manifest.
fn order(test: Option<&QtiTest>, resources: &[PackageResource], files: &PackageFiles, report: &mut PackageReport) -> Vec<String> {
    let all = || resources.iter().filter(|r| r.kind == "imsqti_item_xmlv3p0").filter_map(|r| r.href.clone());
    let Some((path, test)) = test else { return all().collect() };
    let mut out: Vec<String> = Vec::new();
    for element in test.descendants() {
        let Some(reference) = element.get("href").map(|href| resolve_href(path, href)) else { continue };
        match element.name.as_str() {
            "qti-assessment-item-ref" if !files.contains_key(&reference) => {
                report.add(
                    "item",
                    PackageEffect::Lost,
                    "the test names a file that the package does not have",
                    None,
                    Some(&reference),
                );
            }
            "qti-assessment-item-ref" if out.contains(&reference) => {}
            "qti-assessment-item-ref" => out.push(reference),
            "qti-assessment-section-ref" => {
                report.add("section", PackageEffect::Lost, "a section in a file of its own is not taken", None, Some(&reference));
            }
            _ => {}
        }
    }
    let beyond = ["qti-pre-condition", "qti-branch-rule", "qti-time-limits", "qti-template-default", "qti-test-feedback"];
    for name in test.descendants().into_iter().map(|e| e.name.as_str()).filter(|name| beyond.contains(name)) {
        report.add("test", PackageEffect::Lost, format!("<{name}> of the test is not taken"), None, Some(path));
    }
    for path in all().filter(|path| !out.contains(path)) {
        report.add("item", PackageEffect::Lost, "an item that the test does not name is not taken", None, Some(&path));
    }
    out
}

fn language(carried: Option<&Carried>, test: Option<&Element>, order: &[String], files: &PackageFiles) -> String {
    if let Some(carried) = carried {
        return carried.language.clone();
    }
    let first = || order.first().and_then(|path| xml::read_xml(files.get(path)?, path).ok());
    let told = test.and_then(|test| test.get("xml:lang").map(str::to_owned));
    let told = told.or_else(|| first().and_then(|item| item.get("xml:lang").map(str::to_owned)));
    let fits = |tag: &str| {
        tag.len() <= 35 && tag.split('-').all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    told.filter(|tag| fits(tag)).unwrap_or_else(|| "en".to_owned())
}

/// Reads one file as an item; None where it is not taken, which the report says.
fn read_one(path: &str, reading: &mut ItemReading<'_>) -> Result<Option<Item>, RefusedPackage> {
    let bytes = reading.files.get(path).map(Vec::as_slice).unwrap_or_default();
    let element = xml::read_xml(bytes, path)?;
    if element.name != "qti-assessment-item" {
        reading.lost("item", &format!("is a <{}>, not an item", element.name), path);
        return Ok(None);
    }
    match read_item::read_item_element(&element, path, reading) {
        Ok(item) if !reading.ids.insert(item.id.clone()) => {
            reading.lost("item", "has the id of another item", path);
            Ok(None)
        }
        Ok(item) => Ok(Some(item)),
        Err(why) => {
            reading.lost("item", &why, path);
            Ok(None)
        }
    }
}

/// Files that nothing was taken from.
fn others(resources: &[PackageResource], items: &[String], test: Option<&str>, report: &mut PackageReport) {
    let known = |path: &str| items.iter().any(|item| item == path) || test == Some(path) || [CARRIED, REPORT].contains(&path);
    let kinds = ["imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0", "imsqti_stimulus_xmlv3p0"];
    for resource in resources.iter().filter(|resource| !kinds.contains(&resource.kind.as_str())) {
        for path in resource.files.iter().filter(|path| !known(path)) {
            report.add("file", PackageEffect::Lost, "media, styles and other files are not taken", None, Some(path));
        }
    }
}

fn quiz(
    carried: Option<&Carried>,
    test: Option<&QtiTest>,
    files: &PackageFiles,
    items: Vec<Item>,
    language: &str,
    manifest: &Element,
) -> QuizFile {
    let as_it_was =
        |path: &str, carried: &Carried| files.get(path).map(|bytes| sha256_hex(bytes)).as_ref() == carried.files.get(path);
    let told = |name: &str| test.and_then(|(_, test)| test.descendants().into_iter().find(|e| e.name == name));
    let draw = told("qti-selection").and_then(|selection| selection.get("select")?.parse().ok());
    let shuffle = told("qti-ordering").and_then(|ordering| ordering.get("shuffle")) == Some("true");
    let title = || {
        let of_test = test.and_then(|(_, test)| test.get("title")).map(line).filter(|title| !title.is_empty());
        of_test.unwrap_or_else(|| resources::title(manifest).unwrap_or_else(|| "Quiz".to_owned()))
    };
    match (carried, test) {
        (Some(carried), Some((path, _))) if as_it_was(path, carried) => {
            QuizFile { title: carried.quiz.title.clone(), policy: carried.quiz.policy.clone(), items }
        }
        (Some(carried), _) => {
            let policy = Policy { draw, shuffle_items: shuffle, ..carried.quiz.policy.clone() };
            QuizFile { title: Text::from([(language.to_owned(), title())]), policy, items }
        }
        (None, _) => {
            let reveal =
                Reveal { verdict: AuthoredWhen::Submitted, rationale: AuthoredWhen::Submitted, key: AuthoredWhen::Submitted };
            let policy = Policy {
                attempts_allowed: None,
                counts: AuthoredCounts::Highest,
                pass_mark: 0.8,
                reveal,
                draw,
                shuffle_items: shuffle,
                shuffle_options: true,
                practice_keys: false,
            };
            QuizFile { title: Text::from([(language.to_owned(), title())]), policy, items }
        }
    }
}

/// What a good quiz of ours has and this one lacks.
fn missing(quiz: &QuizFile, objectives: &[AuthoredObjective], report: &mut PackageReport) {
    let known: BTreeMap<&str, ()> = objectives.iter().map(|objective| (objective.id.as_str(), ())).collect();
    for item in &quiz.items {
        if item.evidence.is_empty() {
            report.item(&item.id, "evidence", PackageEffect::Missing, "an item shows evidence; these have none");
        }
        if item.objective.is_empty() || (!known.is_empty() && !known.contains_key(item.objective.as_str())) {
            report.item(&item.id, "objective", PackageEffect::Missing, "an item tests an objective of its lesson; name one");
        }
        if item.stem.is_empty() {
            report.item(&item.id, "stem", PackageEffect::Missing, "an item asks something; these have no text");
        }
        if item.task.rationales().iter().any(|(_, text)| text.is_empty()) {
            report.item(&item.id, "rationale", PackageEffect::Missing, "each answer has a rationale; here some have none");
        }
    }
}
