//! Whatever somebody sends as a package is read or refused: no panic, no endless loop, no more memory than the bounds allow.
//!
//! `script/fuzz` runs it; `crates/packages/src/hostile_tests.rs` runs its corpus with every test.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waymark::packages::import;
use waymark::packages::zip::PackageFiles;

const MANIFEST: &str = r#"<manifest identifier="m"><metadata><schemaversion>3.0.0</schemaversion></metadata><resources>
<resource identifier="i" type="imsqti_item_xmlv3p0" href="i.xml"><file href="i.xml"/></resource></resources></manifest>"#;

fuzz_target!(|bytes: &[u8]| {
    // As a whole package, as the one item of a sound one, and as a quiz of QTI 1.2.
    let _ = import::read_package(bytes);
    for manifest in [MANIFEST.to_owned(), MANIFEST.replace("imsqti_item_xmlv3p0", "imsqti_xmlv1p2")] {
        let files = PackageFiles::from([("imsmanifest.xml".to_owned(), manifest.into()), ("i.xml".to_owned(), bytes.to_vec())]);
        if let Ok(imported) = import::read_files(&files) {
            // What was read can be written and read again as a quiz.
            let text = serde_json::to_string(&imported.quiz).expect("a quiz is JSON");
            serde_json::from_str::<waymark::lessons::format::QuizFile>(&text).expect("and JSON is a quiz");
        }
    }
});
