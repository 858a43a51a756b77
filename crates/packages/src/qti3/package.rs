//! The content package: manifest, test, items, and everything that QTI cannot say in one more file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::manifest::{self, ManifestNames, ManifestResource};
use crate::qti3::{item, test};
use crate::report::PackageReport;
use crate::source::{Pen, QuizSource, identifier, note_quiz};
use crate::zip::PackageFiles;
use crate::{RefusedPackage, xml};
use waymark_curriculum::format::{AuthoredObjective, QuizFile};

/// The file that carries what QTI has no place for. Other programs ignore it; its resource is of the type `extension`.
pub const CARRIED: &str = "waymark.json";
pub const TEST: &str = "test.xml";
pub const REPORT: &str = "report.json";

/// The quiz as it was when the package was made, in all languages, and the files that say the same in QTI. A file that
/// somebody changed since has another digest: it is then read as it is now.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    pub format: String,
    pub lesson: String,
    pub revision: i32,
    pub version: Option<String>,
    pub language: String,
    pub default_language: String,
    pub objectives: Vec<AuthoredObjective>,
    pub quiz: QuizFile,
    /// The SHA-256 of each file of QTI, by its path.
    pub files: BTreeMap<String, String>,
}

/// The only form of [`Carried`] so far.
pub const FORM: &str = "waymark-quiz-1";

pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

const NAMES: ManifestNames = ManifestNames {
    namespace: "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    lom: "http://ltsc.ieee.org/xsd/LOM",
    qti_metadata: "http://www.imsglobal.org/xsd/imsqti_metadata_v3p0",
    location: "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1 https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd http://www.imsglobal.org/xsd/imsqti_metadata_v3p0 https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_metadatav3p0_v1p0.xsd http://ltsc.ieee.org/xsd/LOM https://purl.imsglobal.org/spec/md/v1p3/schema/xsd/imsmd_loose_v1p3p2.xsd",
    schema: "QTI Package",
    schema_version: "3.0.0",
    item: "imsqti_item_xmlv3p0",
    test: "imsqti_test_xmlv3p0",
    other: "extension",
};

/// The files of the package, and what became of what QTI has no place for.
pub fn write_qti3(source: &QuizSource<'_>) -> Result<(PackageFiles, PackageReport), RefusedPackage> {
    let (mut files, mut report, mut resources) = (PackageFiles::new(), PackageReport::default(), Vec::new());
    note_quiz(source, &mut report, true);
    for item in &source.quiz.items {
        let mut pen = Pen { source: *source, item, report: &mut report, carries: true };
        let (element, interaction) = item::item_element(&mut pen);
        let path = test::path(&item.id);
        files.insert(path.clone(), xml::write_xml(&element)?);
        let metadata = Some(manifest::item_metadata(source, item, interaction));
        let identifier = format!("item-{}", identifier(&item.id));
        resources.push(ManifestResource { identifier, kind: NAMES.item, path, metadata, dependencies: Vec::new() });
    }
    if files.len() < source.quiz.items.len() {
        return Err(RefusedPackage::new("cannot hold two items of one id"));
    }
    files.insert(TEST.to_owned(), xml::write_xml(&test::test(source))?);
    let dependencies = resources.iter().map(|resource| resource.identifier.clone()).collect();
    let test =
        ManifestResource { identifier: "test".to_owned(), kind: NAMES.test, path: TEST.to_owned(), metadata: None, dependencies };
    resources.insert(0, test);
    let carried = carried(source, &files);
    for (path, content) in [(CARRIED, pretty(&carried)?), (REPORT, pretty(&report)?)] {
        files.insert(path.to_owned(), content);
        let identifier = path.replace(".json", "");
        let path = path.to_owned();
        resources.push(ManifestResource { identifier, kind: NAMES.other, path, metadata: None, dependencies: Vec::new() });
    }
    let manifest = manifest::quiz_manifest(&NAMES, source, resources);
    files.insert("imsmanifest.xml".to_owned(), xml::write_xml(&manifest)?);
    Ok((files, report))
}

fn carried(source: &QuizSource<'_>, files: &PackageFiles) -> Carried {
    Carried {
        format: FORM.to_owned(),
        lesson: source.lesson.slug.clone(),
        revision: source.lesson.revision,
        version: source.version.map(str::to_owned),
        language: source.language.to_owned(),
        default_language: source.lesson.default_language.clone(),
        objectives: source.lesson.objectives.clone(),
        quiz: source.quiz.clone(),
        files: files.iter().map(|(path, content)| (path.clone(), sha256_hex(content))).collect(),
    }
}

pub fn pretty(value: &impl Serialize) -> Result<Vec<u8>, RefusedPackage> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|e| RefusedPackage::new(format!("cannot be written as JSON: {e}")))?;
    text.push(b'\n');
    Ok(text)
}
