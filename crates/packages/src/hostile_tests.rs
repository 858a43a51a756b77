//! Packages that somebody made to do harm, or that were spoilt on the way: each is refused, and the refusal says why.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::zip::{LARGEST_FILE, MOST_ENTRIES, PackageFiles};
use super::{PackageEffect, read_files, read_package, zip as ours};

const MANIFEST: &str = r#"<manifest identifier="m"><metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata><organizations/>
<resources><resource identifier="i" type="imsqti_item_xmlv3p0" href="i.xml"><file href="i.xml"/></resource></resources></manifest>"#;

const ITEM: &str = r#"<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="Q1" title="t" adaptive="false" time-dependent="false" xml:lang="en">
<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier"><qti-correct-response><qti-value>A</qti-value></qti-correct-response></qti-response-declaration>
<qti-item-body><p>Which?</p><qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-simple-choice identifier="A">a</qti-simple-choice><qti-simple-choice identifier="B">b</qti-simple-choice></qti-choice-interaction></qti-item-body>
<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/></qti-assessment-item>"#;

fn files(manifest: &str, item: &str) -> PackageFiles {
    PackageFiles::from([("imsmanifest.xml".to_owned(), manifest.into()), ("i.xml".to_owned(), item.into())])
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The manifest of a quiz in QTI 1.2.
fn older() -> String {
    MANIFEST.replace("imsqti_item_xmlv3p0", "imsqti_xmlv1p2")
}

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    read_package(bytes).unwrap_err().to_string()
}

#[track_caller]
fn refused_with(manifest: &str, item: &str) -> String {
    refused(&ours::write_zip(&files(manifest, item)).unwrap())
}

#[test]
fn the_sound_package_that_the_others_are_made_of_is_read() {
    let read = read_package(&ours::write_zip(&files(MANIFEST, ITEM)).unwrap()).unwrap();
    assert_eq!((read.quiz.items.len(), read.quiz.items[0].id.as_str()), (1, "q1"));
    let missing: Vec<&str> =
        read.report.notes.iter().filter(|n| n.effect == PackageEffect::Missing).map(|n| n.what.as_str()).collect();
    assert_eq!(missing, ["evidence", "objective", "rationale"]);
}

#[test]
fn what_is_no_whole_zip_file() {
    let whole = ours::write_zip(&files(MANIFEST, ITEM)).unwrap();
    for bytes in [&b""[..], b"nonsense", b"PK", b"PK\x03\x04", b"PK\x05\x06", ITEM.as_bytes()] {
        assert!(refused(bytes).contains("no zip file"), "{bytes:?}");
    }
    for cut in [whole.len() / 3, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        assert!(read_package(&whole[..cut]).is_err(), "cut at {cut}");
    }
    assert!(refused(&zipped(&[])).contains("without files"));
    // One wrong bit in the middle is found by the checksum.
    let mut spoilt = whole.clone();
    let at = whole.windows(5).position(|w| w == b"i.xml").unwrap() + 40;
    spoilt[at] ^= 0x10;
    assert!(read_package(&spoilt).is_err());
    // Bytes before the zip file, as of a program that unpacks itself, hide nothing.
    let _ = read_package(&[b"#!/bin/sh\n".to_vec(), whole].concat());
}

#[test]
fn bombs() {
    let zeros = vec![0_u8; 7 << 20];
    assert!(refused(&zipped(&[("imsmanifest.xml", MANIFEST.as_bytes()), ("i.xml", &zeros)])).contains("times its packed size"));
    // Many that are each within the ratio.
    let noise: Vec<u8> = (0_u32..1 << 21).flat_map(|n| (n / 64).wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let names: Vec<String> = (0..9).map(|n| format!("f{n}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &noise[..8 << 20])).collect();
    assert!(refused(&zipped(&many)).contains("over 64 MiB"));
    let huge = vec![7_u8; usize::try_from(LARGEST_FILE).unwrap() + 1];
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("image.png", stored).unwrap();
    writer.write_all(&huge).unwrap();
    let told = refused(&writer.finish().unwrap().into_inner());
    assert!(told.starts_with("image.png") && told.contains("larger than 8 MiB"), "{told}");
}

#[test]
fn a_size_that_is_a_lie_is_not_believed() {
    let zeros = vec![0_u8; 3 << 20];
    let mut bytes = zipped(&[("i.xml", &zeros)]);
    // Says 10 bytes in the central directory and in the local header.
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == size).collect();
    for at in places {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(read_package(&bytes).is_err());
}

#[test]
fn too_many_entries() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..=MOST_ENTRIES {
        writer.start_file(format!("f{n}"), SimpleFileOptions::default()).unwrap();
    }
    assert!(refused(&writer.finish().unwrap().into_inner()).contains("2001 entries"));
    // 100,000, which need the 64-bit form.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..100_000 {
        writer.start_file(format!("f{n}"), SimpleFileOptions::default()).unwrap();
    }
    assert!(refused(&writer.finish().unwrap().into_inner()).contains("at most 2000"));
}

#[test]
fn names_that_lead_elsewhere() {
    for name in [
        "../evil.xml",
        "a/../../evil",
        "/etc/passwd",
        "C:\\evil",
        "c:evil",
        "a//b",
        "..\\evil",
        "a\\..\\..\\evil",
        "\\\\host\\x",
        "./../a",
        ".//a",
        "a/.",
        "..",
        "a\u{0}b",
        "a\nb",
        "//host/x",
        "a/b/..",
    ] {
        let told = refused(&zipped(&[("imsmanifest.xml", MANIFEST.as_bytes()), (name, b"x")]));
        assert!(told.contains("has a name"), "{name:?}: {told}");
        assert!(!told.contains('\u{0}') && !told.contains('\n'));
    }
    let long = "a".repeat(300);
    assert!(refused(&zipped(&[(&long, b"x")])).contains("too long"));
    assert!(refused(&zipped(&[("a.xml", b"x"), ("A.XML", b"y")])).contains("twice"));
    assert!(refused(&zipped(&[("a", b"x"), ("a/b", b"y")])).contains("file and a folder"));
    // The same name twice, which the writer would not make: the two names differ in one letter, which is then changed.
    let mut bytes = zipped(&[("same.xml", b"x"), ("sane.xml", b"y")]);
    while let Some(at) = bytes.windows(8).position(|w| w == b"sane.xml") {
        bytes[at + 2] = b'm';
    }
    assert!(refused(&bytes).contains("different names"));
}

#[test]
fn links_and_secrets() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert!(refused(&writer.finish().unwrap().into_inner()).contains("link or a device"));
    // The bit that says "encrypted".
    let mut bytes = zipped(&[("i.xml", b"x")]);
    let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    bytes[6] |= 1;
    assert!(read_package(&bytes).is_err());
    // A way to compress that is not deflate.
    let mut bytes = zipped(&[("i.xml", b"x")]);
    let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[central + 10] = 12;
    bytes[8] = 12;
    assert!(read_package(&bytes).is_err());
}

#[test]
fn entities_are_neither_declared_nor_fetched() {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    let parameter = "<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://127.0.0.1/x.dtd\"> %p;]>";
    for doctype in [laughs, outside, parameter, "<!DOCTYPE x SYSTEM \"x.dtd\">"] {
        let told = refused_with(&format!("{doctype}{MANIFEST}"), ITEM);
        assert!(told.starts_with("imsmanifest.xml") && told.contains("DOCTYPE"), "{told}");
        let told = refused_with(MANIFEST, &format!("{doctype}{}", ITEM.replace("Which?", "&f;")));
        assert!(told.starts_with("i.xml") && told.contains("DOCTYPE"), "{told}");
    }
    assert!(refused_with(MANIFEST, &ITEM.replace("Which?", "&xxe;")).contains("&xxe;"));
    // Included files are markup that is not known, and their text, which is none.
    let included = ITEM.replace("Which?", "<xi:include href=\"/etc/passwd\"/>why");
    let read = read_files(&files(MANIFEST, &included)).unwrap();
    assert_eq!(read.quiz.items[0].stem["en"], "why");
    assert!(read.report.notes.iter().any(|note| note.detail.contains("<include>")));
}

#[test]
fn manifests_that_are_not_what_they_say() {
    assert!(refused(&zipped(&[("x.xml", b"<x/>")])).contains("no imsmanifest.xml"));
    let nested = refused(&zipped(&[("quiz/imsmanifest.xml", MANIFEST.as_bytes())]));
    assert!(nested.contains("quiz/imsmanifest.xml"), "{nested}");
    assert!(refused_with("<html/>", ITEM).contains("<manifest>"));
    assert!(
        refused_with("<manifest><metadata><schemaversion>3.0.0</schemaversion></metadata></manifest>", ITEM)
            .contains("no <resources>")
    );
    assert!(refused_with("not xml", ITEM).starts_with("imsmanifest.xml"));
    let older = MANIFEST.replace("3.0.0", "2.1").replace("imsqti_item_xmlv3p0", "imsqti_item_xmlv2p1");
    assert_eq!(
        read_package(&ours::write_zip(&files(&older, ITEM)).unwrap()).unwrap().quiz.items.len(),
        1,
        "what counts is the file"
    );
    assert!(refused_with(&MANIFEST.replace("i.xml", "gone.xml"), ITEM).contains("gone.xml"));
    assert!(refused_with(&MANIFEST.replace("\"i.xml\"", "\"../../etc/passwd\""), ITEM).contains("outside of the package"));
    assert!(
        refused_with(
            &MANIFEST.replace("<resource identifier", "<resource identifier=\"i\" type=\"x\"/><resource identifier"),
            ITEM
        )
        .contains("two resources")
    );
    assert!(refused_with(&MANIFEST.replace("imsqti_item_xmlv3p0", "webcontent"), ITEM).contains("no item of QTI 3"));
    let circle = MANIFEST.replace(
        "</resource>",
        "<dependency identifierref=\"j\"/></resource>
        <resource identifier=\"j\" type=\"webcontent\"><dependency identifierref=\"k\"/></resource>
        <resource identifier=\"k\" type=\"webcontent\"><dependency identifierref=\"j\"/></resource>",
    );
    assert!(refused_with(&circle, ITEM).contains("j -> k -> j"), "{}", refused_with(&circle, ITEM));
    let itself = MANIFEST.replace("</resource>", "<dependency identifierref=\"i\"/></resource>");
    assert!(refused_with(&itself, ITEM).contains("i -> i"));
}

#[test]
fn a_deep_or_endless_file() {
    let deep = format!("{}x{}", "<div>".repeat(5_000), "</div>".repeat(5_000));
    assert!(refused_with(MANIFEST, &ITEM.replace("Which?", &deep)).contains("deeper than"));
    let wide = "<b/>".repeat(200_000);
    assert!(refused_with(MANIFEST, &ITEM.replace("Which?", &wide)).contains("more than"));
    // A long chain of dependencies is no circle, and takes no stack.
    let chain: String = (0..20_000)
        .map(|n| format!("<resource identifier=\"r{n}\" type=\"x\"><dependency identifierref=\"r{}\"/></resource>", n + 1))
        .collect();
    let read = read_files(&files(&MANIFEST.replace("<resources>", &format!("<resources>{chain}")), ITEM)).unwrap();
    assert_eq!(read.quiz.items.len(), 1);
    // No end of different things to say.
    let odd: String = (0..5_000).map(|n| format!("<x{n}>a</x{n}>")).collect();
    let read = read_files(&files(MANIFEST, &ITEM.replace("Which?", &odd))).unwrap();
    assert!(read.report.notes.len() <= 310, "{}", read.report.notes.len());
}

#[test]
fn a_carried_file_that_is_spoilt_is_not_used() {
    for carried in ["", "nonsense", "{}", "[[[[", "{\"format\": \"waymark-quiz-9\"}", &"[".repeat(100_000)] {
        let mut files = files(MANIFEST, ITEM);
        files.insert("waymark.json".to_owned(), carried.into());
        let read = read_files(&files).unwrap();
        assert_eq!(read.quiz.items[0].id, "q1");
        assert!(read.report.notes.iter().any(|note| note.what == "waymark.json"));
    }
}

/// What `script/fuzz` starts from, and what it found.
#[test]
fn the_corpus_of_the_fuzzer_is_read_or_refused() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/package");
    let mut tried = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let _ = read_package(&bytes);
        let _ = read_files(&files(MANIFEST, &String::from_utf8_lossy(&bytes)));
        let _ = read_files(&files(&older(), &String::from_utf8_lossy(&bytes)));
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Some bytes changed, a piece cut out, a piece put elsewhere: still read or refused.
    #[test]
    fn spoilt_packages_are_read_or_refused(which in 0_usize..10, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        piece in (any::<prop::sample::Index>(), 0_usize..40), to in any::<prop::sample::Index>()) {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/package");
        let mut paths: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let mut bytes = std::fs::read(&paths[which % paths.len()]).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let from = piece.0.index(bytes.len());
        let cut: Vec<u8> = bytes.drain(from..bytes.len().min(from + piece.1)).collect();
        let to = to.index(bytes.len().max(1)).min(bytes.len());
        bytes.splice(to..to, cut);
        let _ = read_package(&bytes);
        let _ = read_files(&files(MANIFEST, &String::from_utf8_lossy(&bytes)));
        let _ = read_files(&files(&older(), &String::from_utf8_lossy(&bytes)));
    }
}
