//! A package as a quiz: what Waymark wrote as it was, others' as far as they go.

#[cfg(test)]
mod made;
pub mod names;
pub mod order;
pub mod other_forms;
#[cfg(test)]
mod package_tests;
pub mod parts;
#[cfg(test)]
mod plan_tests;
pub mod policy;
#[cfg(test)]
mod scoring_tests;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::import::names::{FilesByName, package_at_top};
use crate::import::order::{TestPlan, test_plan};
use crate::import::parts::{QuizPart, joined_parts};
use crate::import::sources::{PackageSources, package_sources};
use crate::qti3::package::{CARRIED, Carried, FORM, REPORT, sha256_hex};
use crate::qti3::read_item;
use crate::qti3::reading::{ItemReading, read_qti};
use crate::report::{PackageEffect, PackageReport};
use crate::resources::{self, PackageResource};
use crate::xml::Element;
use crate::zip::{self, PackageFiles};
use crate::{RefusedPackage, qti3, qti12};
use waymark_curriculum::format::{AuthoredObjective, Item, QuizFile};

/// What a package held. `waymark check` says what is still to do before it is a good quiz.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ImportedPackage)]
pub struct Imported {
    /// The slug of the lesson, where the package is one of Waymark's in QTI 3.
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
    const ZIP: &[u8] = b"PK";
    let files = zip::read_zip(bytes);
    read_files(&files.map_err(|refused| if bytes.starts_with(ZIP) { refused } else { other_forms::no_zip(bytes, refused) })?)
}

/// Reads the files of a package.
pub fn read_files(files: &PackageFiles) -> Result<Imported, RefusedPackage> {
    let unpacked = package_at_top(files);
    let mut report = PackageReport::default();
    for path in &unpacked.outside {
        report.add("file", PackageEffect::Lost, "a file beside the folder of the package is not taken", None, Some(path));
    }
    read_unpacked(&unpacked.files, report).map_err(|refused| match refused.file {
        Some(file) => RefusedPackage { file: Some(format!("{}{file}", unpacked.folder)), why: refused.why },
        None => refused,
    })
}

fn read_unpacked(files: &PackageFiles, mut report: PackageReport) -> Result<Imported, RefusedPackage> {
    let manifest = resources::read_manifest(files)?;
    let by_name = FilesByName::new(files);
    let (resources, missing) = resources::resources(&manifest, &by_name, &mut report)?;
    let sources = package_sources(&resources, &by_name);
    let carried = carried(files, &mut report);
    let tests = tests(&sources, &by_name, &mut report);
    let mut reading = ItemReading {
        files: &by_name,
        resources: &resources,
        language: String::new(),
        report: &mut report,
        ids: BTreeSet::new(),
        shuffles: BTreeMap::new(),
        refused: None,
    };
    reading.language = language(carried.as_ref(), &tests, &sources, &by_name, &manifest);
    // What is carried along keeps its ids.
    let own = sources.items.iter().filter_map(|path| unchanged(carried.as_ref()?, path, files));
    reading.ids = own.map(|item| item.id).collect();
    let mut parts = qti_parts(&tests, &sources, carried.as_ref(), files, &mut reading);
    for path in &sources.older {
        parts.extend(qti12::read::read_older(path, &mut reading));
    }
    let (language, shuffles, refused) = (reading.language.clone(), reading.shuffles, reading.refused);
    if parts.iter().all(|part| part.items.is_empty()) {
        return Err(nothing_read(&manifest, files, missing.or(refused)));
    }
    left_out(files, &resources, &sources, carried.as_ref(), &mut report);
    let part = joined_parts(parts, resources::title(&manifest), &mut report);
    let as_it_was =
        |path: &str, carried: &Carried| files.get(path).map(|bytes| sha256_hex(bytes)).as_ref() == carried.files.get(path);
    let same = carried.as_ref().filter(|carried| matches!(tests.as_slice(), [only] if as_it_was(&only.path, carried)));
    let quiz = policy::quiz(same, carried.as_ref(), part, &language, &shuffles, &mut report);
    let (lesson, objectives) = carried.map_or((None, Vec::new()), |carried| (Some(carried.lesson), carried.objectives));
    policy::missing_parts(&quiz, &objectives, &mut report);
    Ok(Imported { lesson, language, objectives, quiz, report })
}

/// Why a package that nothing came out of is refused: by its name, by what is wrong with its first item, else in general.
fn nothing_read(manifest: &Element, files: &PackageFiles, first: Option<RefusedPackage>) -> RefusedPackage {
    let general = || {
        let (schema, version) = (other_forms::schema(manifest, "schema"), other_forms::schema(manifest, "schemaversion"));
        RefusedPackage::new(format!(
            "has no item of QTI 3, 2 or 1.2 that could be read; its manifest says {schema:?} {version:?}"
        ))
    };
    other_forms::by_manifest(manifest, files).or(first).unwrap_or_else(general)
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
    let of_path = || carried.quiz.items.iter().find(|item| qti3::test::path(&item.id) == path);
    if same && carried.files.contains_key(path) { of_path().cloned() } else { None }
}

fn tests(sources: &PackageSources, files: &FilesByName<'_>, report: &mut PackageReport) -> Vec<TestPlan> {
    let mut out = Vec::new();
    for path in &sources.tests {
        let read = read_qti(files.content(path).unwrap_or_default(), path);
        let plan = match read {
            Ok(test) if test.name == "qti-assessment-test" => Ok(test_plan(&test, path, files, report)),
            Ok(other) => {
                Err(format!("is a <{}>, where a test was expected: the items come in the order of the manifest", other.name))
            }
            Err(refused) => Err(format!("{}; the items come in the order of the manifest", refused.why)),
        };
        match plan {
            Ok(plan) => out.push(plan),
            Err(why) => report.add("test", PackageEffect::Lost, why, None, Some(path)),
        }
    }
    out
}

fn qti_parts(
    tests: &[TestPlan],
    sources: &PackageSources,
    carried: Option<&Carried>,
    files: &PackageFiles,
    reading: &mut ItemReading<'_>,
) -> Vec<QuizPart> {
    let (mut parts, mut taken, mut changed) = (Vec::new(), BTreeSet::new(), false);
    let mut item = |path: &str, weight: f64, reading: &mut ItemReading<'_>| match carried
        .and_then(|carried| unchanged(carried, path, files))
    {
        Some(item) => Some(item),
        None => {
            changed = true;
            read_item::read_item_file(path, weight, reading)
        }
    };
    if tests.is_empty() {
        let items = sources.items.iter().filter_map(|path| item(path, 1.0, reading)).collect();
        parts.push(QuizPart { items, ..QuizPart::default() });
    }
    for plan in tests {
        let mut items = Vec::new();
        for planned in &plan.items {
            if taken.insert(planned.path.as_str()) {
                items.extend(item(&planned.path, planned.weight, reading));
            } else {
                reading.lost("repeated item", "two tests show this item; it is there once", &planned.path);
            }
        }
        parts.push(QuizPart {
            title: plan.title.clone(),
            items,
            draw: plan.draw,
            shuffle_items: plan.shuffle_items,
            pass_mark: plan.pass_mark,
            hides_feedback: plan.hides_feedback,
            attempts: None,
        });
    }
    if !tests.is_empty() {
        for path in sources.items.iter().filter(|path| !taken.contains(path.as_str())) {
            reading.lost("item", "an item that the test does not name is not taken", path);
        }
    }
    if carried.is_some() && changed {
        let detail = "files that were changed since the export are read as QTI says it now; layers, revisions and other languages of their items are not taken from waymark.json";
        reading.report.whole("changed since", PackageEffect::Changed, detail);
    }
    parts.retain(|part| !part.items.is_empty());
    parts
}

/// BCP 47, as the package says it first.
fn language(
    carried: Option<&Carried>,
    tests: &[TestPlan],
    sources: &PackageSources,
    files: &FilesByName<'_>,
    manifest: &Element,
) -> String {
    if let Some(carried) = carried {
        return carried.language.clone();
    }
    let of_file = |path: &String| {
        let root = read_qti(files.content(path)?, path).ok()?;
        let deeper = || root.elements().find_map(|child| child.get("xml:lang"));
        root.get("xml:lang").or_else(deeper).map(str::to_owned)
    };
    let told = tests.iter().find_map(|test| test.language.clone());
    let told = told.or_else(|| sources.items.first().and_then(of_file));
    let told = told.or_else(|| sources.older.first().and_then(of_file)).or_else(|| resources::language(manifest));
    let fits = |tag: &str| {
        tag.len() <= 35 && tag.split('-').all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    told.filter(|tag| fits(tag)).unwrap_or_else(|| "en".to_owned())
}

/// Files that nothing was taken from, and what the export of a package of ours left out.
fn left_out(
    files: &PackageFiles,
    resources: &[PackageResource],
    sources: &PackageSources,
    carried: Option<&Carried>,
    report: &mut PackageReport,
) {
    for resource in resources {
        for path in
            resource.files.iter().filter(|path| !sources.known.contains(*path) && ![CARRIED, REPORT].contains(&path.as_str()))
        {
            report.add("file", PackageEffect::Lost, "media, styles and other files are not taken", None, Some(path));
        }
    }
    if carried.is_some() {
        return;
    }
    let Some(told) = files.get(REPORT).and_then(|bytes| serde_json::from_slice::<PackageReport>(bytes).ok()) else { return };
    for note in told.notes {
        let effect = if note.effect == PackageEffect::Carried { PackageEffect::Lost } else { note.effect };
        let mut own = PackageReport::default();
        own.notes.push(crate::Note { effect, detail: format!("when it was exported: {}", note.detail), ..note });
        report.extend(own);
    }
}
