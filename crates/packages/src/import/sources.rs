//! Which files of a package hold items and tests, by what the manifest says of them.

use std::collections::BTreeSet;

use crate::import::names::FilesByName;
use crate::resources::PackageResource;

#[derive(Debug, Default)]
pub struct PackageSources {
    /// Tests of QTI 2 and 3.
    pub tests: Vec<String>,
    /// Items of QTI 2 and 3, in the order of the manifest.
    pub items: Vec<String>,
    /// Files of QTI 1.2: quizzes and banks of items.
    pub older: Vec<String>,
    /// All files that are looked into.
    pub known: BTreeSet<String>,
}

enum SourceKind {
    Item,
    Test,
    Older,
    /// A stimulus or a section, which others name.
    Part,
    Other,
}

fn kind(resource: &PackageResource) -> SourceKind {
    let kind = resource.kind.as_str();
    let is = |names: &[&str]| names.iter().any(|name| kind.starts_with(name));
    if kind.starts_with("imsqti_xmlv1p") {
        SourceKind::Older
    } else if is(&["imsqti_item_", "imsqti_apipitem_"]) {
        SourceKind::Item
    } else if is(&["imsqti_test_", "imsqti_apiptest_", "imsqti_assessment_"]) {
        SourceKind::Test
    } else if is(&["imsqti_stimulus_", "imsqti_section_", "imsqti_apipsection_"]) {
        SourceKind::Part
    } else {
        SourceKind::Other
    }
}

/// How many bytes are looked at for the name of a root element.
const HEAD: usize = 2_000;

pub fn package_sources(resources: &[PackageResource], files: &FilesByName<'_>) -> PackageSources {
    let mut out = PackageSources::default();
    let older = |path: &str| {
        let head = files.content(path).unwrap_or_default();
        head.get(..head.len().min(HEAD)).unwrap_or_default().windows(16).any(|part| part == b"<questestinterop")
    };
    for resource in resources {
        let of_kind = kind(resource);
        let path = match (&of_kind, resource.main()) {
            (SourceKind::Older, main) => whole_quiz(resource, resources).or(main.map(str::to_owned)),
            // Some name a quiz of QTI 1.2 as any other content.
            (SourceKind::Other, _) => resource.files.iter().find(|path| path.ends_with(".xml") && older(path)).cloned(),
            (_, main) => main.map(str::to_owned),
        };
        let Some(path) = path else { continue };
        let list = match of_kind {
            SourceKind::Item => &mut out.items,
            SourceKind::Test => &mut out.tests,
            SourceKind::Older | SourceKind::Other => &mut out.older,
            SourceKind::Part => {
                out.known.insert(path);
                continue;
            }
        };
        out.known.extend(resource.main().map(str::to_owned));
        if out.known.insert(path.clone()) || !list.contains(&path) {
            list.push(path);
        }
    }
    out
}

/// Canvas writes a quiz twice: what the profile of Common Cartridge can say, and all of it in a file that goes with its settings.
fn whole_quiz(resource: &PackageResource, resources: &[PackageResource]) -> Option<String> {
    let beside = |id: &String| resources.iter().find(|other| other.identifier == *id);
    let files = resource.dependencies.iter().filter_map(beside).flat_map(|other| &other.files);
    files.into_iter().find(|path| path.ends_with(".xml.qti")).cloned()
}
