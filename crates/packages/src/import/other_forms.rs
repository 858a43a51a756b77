//! What is no package of quizzes, told by its name.

use crate::RefusedPackage;
use crate::resources::MANIFEST;
use crate::xml::Element;
use crate::zip::PackageFiles;

/// (a file that only such packages have, what they are called, what to do)
const BY_FILE: &[(&str, &str, &str)] = &[
    (
        "h5p.json",
        "an H5P package",
        "H5P has no questions that others could read: write its quiz anew, or export it as QTI where its maker can",
    ),
    ("moodle_backup.xml", "a backup of Moodle", "export the course as IMS Common Cartridge there"),
    (
        "tincan.xml",
        "an xAPI (Tin Can) package",
        "it is a program that plays itself; export the quiz as QTI from the tool that made it",
    ),
    ("cmi5.xml", "a cmi5 package", "it is a program that plays itself; export the quiz as QTI from the tool that made it"),
    (".bb-package-info", BLACKBOARD, BLACKBOARD_HELP),
    ("META-INF/container.xml", "an EPUB", "it is a book"),
    ("[Content_Types].xml", "an Office document", "export the quiz as QTI from the tool that made it"),
    ("waymark.json", "part of a package of Waymark", "pack the whole folder"),
];

const BLACKBOARD: &str = "a package of Blackboard Learn";
const BLACKBOARD_HELP: &str = "its items are in a form of its own; export the test as QTI 2.1 there";
const SCORM: &str = "a SCORM package";
const SCORM_HELP: &str = "it is a program that plays itself; export the quiz as QTI from the tool that made it";

fn is(what: &str, help: &str) -> RefusedPackage {
    RefusedPackage::new(format!("is {what}, not one of QTI or Common Cartridge: {help}"))
}

/// Why a package without a manifest at its top is refused.
pub fn without_manifest(files: &PackageFiles) -> RefusedPackage {
    if let Some((_, what, help)) = BY_FILE.iter().find(|(name, ..)| files.contains_key(*name)) {
        return is(what, help);
    }
    let manifests: Vec<&str> = files.keys().filter(|path| path.ends_with(&format!("/{MANIFEST}"))).map(String::as_str).collect();
    let hint = match manifests.as_slice() {
        [] => String::new(),
        several => format!(
            "; it has {}: pack one of these folders by itself",
            several.iter().take(3).copied().collect::<Vec<_>>().join(" and ")
        ),
    };
    RefusedPackage::new(format!("has no {MANIFEST} at its top{hint}"))
}

/// Packages with a manifest that are of another kind. Some hold QTI all the same, so this is asked where nothing was found.
pub fn by_manifest(manifest: &Element, files: &PackageFiles) -> Option<RefusedPackage> {
    let all = manifest.descendants();
    let types = || all.iter().filter_map(|element| element.get("type"));
    if files.contains_key(".bb-package-info") || types().any(|kind| kind.contains("x-bb-")) {
        return Some(is(BLACKBOARD, BLACKBOARD_HELP));
    }
    let schema = schema(manifest, "schema");
    let scorm = all.iter().any(|element| element.get("scormtype").or(element.get("scormType")).is_some());
    if scorm || schema.to_uppercase().contains("SCORM") {
        return Some(is(SCORM, SCORM_HELP));
    }
    let (_, what, help) =
        BY_FILE.iter().filter(|(name, ..)| *name != "waymark.json").find(|(name, ..)| files.contains_key(*name))?;
    Some(is(what, help))
}

/// Files that are no zip file, by how they begin; the error of the zip reader for others.
pub fn no_zip(bytes: &[u8], refused: RefusedPackage) -> RefusedPackage {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(2_000)).unwrap_or_default()).into_owned();
    let has = |part: &str| head.contains(part);
    let what = if bytes.starts_with(GZIP) {
        "a tar.gz archive, as backups of Moodle and exports of Open edX are: export the quiz as QTI or a cartridge"
    } else if has("<quiz") && has("<question") {
        "Moodle XML: import it into Moodle, and export the course as IMS Common Cartridge"
    } else if has("<questestinterop") || has("<assessmentItem") || has("<qti-assessment-item") {
        "a file of QTI by itself: pack it with an imsmanifest.xml that names it"
    } else if head.trim_start().starts_with("$CATEGORY:") || head.trim_start().starts_with("::") {
        "GIFT: import it into Moodle, and export the course as IMS Common Cartridge"
    } else {
        return refused;
    };
    RefusedPackage::new(format!("is no zip file but {what}"))
}

/// What the manifest says of its own form: `schema` or `schemaversion`.
pub fn schema(manifest: &Element, name: &str) -> String {
    let element = manifest.first("metadata").and_then(|metadata| metadata.first(name));
    element.map(Element::whole_text).unwrap_or_default().trim().chars().take(60).collect()
}
