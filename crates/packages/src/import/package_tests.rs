//! Packages as people make them: what is wrong with one part of them costs that part, and a note.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::import::made::{choice, declared, item, package};
use crate::zip::PackageFiles;
use crate::{Imported, PackageEffect, read_files, read_package};

const ITEM: &str = "imsqti_item_xmlv3p0";

fn good(id: &str) -> String {
    item(id, &declared("single", "identifier", &["A"], ""), &choice("", &["A", "B", "C"]), "")
}

fn ids(read: &Imported) -> Vec<&str> {
    read.quiz.items.iter().map(|item| item.id.as_str()).collect()
}

#[track_caller]
fn told(read: &Imported, what: &str, effect: PackageEffect, detail: &str) {
    let found =
        read.report.notes.iter().any(|note| note.what == what && note.effect == effect && format!("{note}").contains(detail));
    assert!(found, "nothing of {what} and {detail:?}: {:#?}", read.report.notes);
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(*name, stored).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The zip file of a package whose names were changed on the way.
fn renamed(files: &PackageFiles, name: impl Fn(&str) -> String, more: &[(&str, &[u8])]) -> Vec<u8> {
    let names: Vec<(String, &[u8])> = files.iter().map(|(path, content)| (name(path), content.as_slice())).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|(name, content)| (name.as_str(), *content)).chain(more.iter().copied()).collect();
    zipped(&entries)
}

#[test]
fn ids_that_are_the_same_here_get_a_number() {
    let long = "q".repeat(150);
    let longer = format!("{long}z");
    for (first, second, expected) in [
        ("Q1", "q1", ["q1", "q1-2"]),
        ("Q.1", "Q-1", ["q-1", "q-1-2"]),
        ("题一", "题二", ["item", "item-2"]),
        ("a", "a", ["a", "a-2"]),
        (long.as_str(), longer.as_str(), [&long[..100], &format!("{}-2", &long[..100])]),
    ] {
        let (one, other) = (good(first), good(second));
        let read = read_files(&package(&[("i.xml", ITEM, &one), ("j.xml", ITEM, &other)])).unwrap();
        assert_eq!(ids(&read), expected);
        told(&read, "id", PackageEffect::Changed, "another item has the id");
    }
    // A third one, and one that has the number already.
    let all = ["a", "a-2", "A", "A!"].map(good);
    let [a, b, c, d] = &all;
    let read = read_files(&package(&[("a.xml", ITEM, a), ("b.xml", ITEM, b), ("c.xml", ITEM, c), ("d.xml", ITEM, d)])).unwrap();
    assert_eq!(ids(&read), ["a", "a-2", "a-3", "a-4"]);
}

#[test]
fn one_bad_item_costs_itself() {
    let ok = good("ok");
    for (what, bad) in [
        ("&nbsp;", good("bad").replace("Which?", "Which&nbsp;one?")),
        ("not well-formed", good("bad").replace("</qti-prompt>", "")),
        ("DOCTYPE", format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", good("bad"))),
        ("is a <html>", "<html/>".to_owned()),
        ("no root element", String::new()),
        ("encoding", format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", good("bad"))),
        ("deeper than", good("bad").replace("Which?", &format!("{}{}", "<b>".repeat(100), "</b>".repeat(100)))),
        ("has no body", "<qti-assessment-item identifier=\"bad\"/>".to_owned()),
    ] {
        let read = read_files(&package(&[("bad.xml", ITEM, &bad), ("ok.xml", ITEM, &ok)])).unwrap();
        assert_eq!(ids(&read), ["ok"], "{what}");
        told(&read, "item", PackageEffect::Lost, what);
        told(&read, "item", PackageEffect::Lost, "bad.xml");
    }
    // Where nothing is left the reason of the first is the reason.
    let refused = read_files(&package(&[("bad.xml", ITEM, "<x>")])).unwrap_err();
    assert_eq!(refused.file.as_deref(), Some("bad.xml"));
}

#[test]
fn a_test_that_cannot_be_read_costs_its_order() {
    let ok = good("ok");
    for test in ["<x", "<html/>", "<!DOCTYPE x><qti-assessment-test/>"] {
        let read = read_files(&package(&[("t.xml", "imsqti_test_xmlv3p0", test), ("ok.xml", ITEM, &ok)])).unwrap();
        assert_eq!(ids(&read), ["ok"]);
        told(&read, "test", PackageEffect::Lost, "order of the manifest");
    }
}

fn with_resource(resource: &str) -> PackageFiles {
    let mut files = package(&[("i.xml", ITEM, &good("ok"))]);
    let manifest = String::from_utf8(files["imsmanifest.xml"].clone()).unwrap();
    files.insert("imsmanifest.xml".to_owned(), manifest.replace("</resources>", &format!("{resource}</resources>")).into_bytes());
    files
}

#[test]
fn a_missing_file_or_an_outside_link_costs_a_note() {
    for (resource, what, detail) in [
        (
            "<resource identifier=\"w\" type=\"webcontent\" href=\"img/x.png\"><file href=\"img/x.png\"/></resource>",
            "file",
            "img/x.png",
        ),
        ("<resource identifier=\"w\" type=\"webcontent\"><file href=\"img/x.png\"/></resource>", "file", "img/x.png"),
        (
            "<resource identifier=\"w\" type=\"webcontent\" href=\"https://example.org/a.png\"/>",
            "link",
            "https://example.org/a.png",
        ),
        ("<resource identifier=\"w\" type=\"webcontent\" href=\"//example.org/a.png\"/>", "link", "//example.org/a.png"),
        ("<resource identifier=\"w\" type=\"webcontent\" xml:base=\"https://example.org/\" href=\"a.png\"/>", "link", "a.png"),
        ("<resource identifier=\"w\" type=\"imswl_xmlv1p1\" href=\"mailto:a@example.org\"/>", "link", "mailto:"),
        ("<resource identifier=\"w\" type=\"webcontent\" href=\"../../etc/passwd\"/>", "file", "outside of the package"),
        (
            "<resource identifier=\"w\" type=\"imsqti_item_xmlv3p0\" href=\"gone.xml\"><file href=\"gone.xml\"/></resource>",
            "file",
            "gone.xml",
        ),
    ] {
        let read = read_files(&with_resource(resource)).unwrap();
        assert_eq!(ids(&read), ["ok"], "{resource}");
        told(&read, what, PackageEffect::Lost, detail);
    }
}

#[test]
fn bases_capitals_and_ways_to_write_a_path_lead_to_the_file() {
    for (path, attributes, resource_attributes, href) in [
        ("items/i.xml", "", "", "./items/i.xml"),
        ("items/i.xml", "", "", "items\\i.xml"),
        ("items/i.xml", "", "", "items//i.xml"),
        ("items/i.xml", "", "", "x/../items/i.xml"),
        ("items/i.xml", "xml:base=\"items/\"", "", "i.xml"),
        ("items/i.xml", "xml:base=\"items\"", "", "i.xml"),
        ("items/i.xml", "", "xml:base=\"items/\"", "i.xml"),
        ("a/b/i.xml", "xml:base=\"a/\"", "xml:base=\"b/\"", "i.xml"),
        ("Items/I.xml", "", "", "items/i.XML"),
        ("a b/ä.xml", "", "", "a%20b/%C3%A4.xml"),
        ("a%20b.xml", "", "", "a%20b.xml"),
        ("u\u{308}.xml", "", "", "ü.xml"),
        ("ü.xml", "", "", "u\u{308}.xml"),
    ] {
        let manifest = format!(
            "<manifest identifier=\"m\"><metadata><schemaversion>3.0.0</schemaversion></metadata><resources {attributes}><resource identifier=\"i\" type=\"{ITEM}\" {resource_attributes} href=\"{href}\"><file href=\"{href}\"/></resource></resources></manifest>"
        );
        let files = PackageFiles::from([
            ("imsmanifest.xml".to_owned(), manifest.into_bytes()),
            (path.to_owned(), good("ok").into_bytes()),
        ]);
        let read = read_files(&files).unwrap_or_else(|refused| panic!("{href} for {path}: {refused}"));
        assert_eq!(ids(&read), ["ok"]);
        let zipped = read_package(&renamed(&files, str::to_owned, &[])).unwrap();
        assert_eq!(ids(&zipped), ["ok"]);
    }
}

#[test]
fn zips_of_finder_explorer_and_others() {
    let files = package(&[("items/i.xml", ITEM, &good("ok"))]);
    let junk: &[(&str, &[u8])] = &[("__MACOSX/quiz/._i.xml", b"x"), ("quiz/.DS_Store", b"x"), ("quiz/._imsmanifest.xml", b"x")];
    for (what, bytes) in [
        ("a folder", renamed(&files, |name| format!("quiz/{name}"), &[])),
        ("a folder of Finder", renamed(&files, |name| format!("quiz/{name}"), junk)),
        ("a folder in a folder", renamed(&files, |name| format!("a/b/{name}"), &[])),
        ("backslashes", renamed(&files, |name| name.replace('/', "\\"), &[])),
        ("a folder with backslashes", renamed(&files, |name| format!("quiz\\{}", name.replace('/', "\\")), &[])),
        ("leading dots", renamed(&files, |name| format!("./{name}"), &[])),
        ("a manifest in capitals", renamed(&files, |name| name.replace("imsmanifest", "IMSManifest"), &[])),
        ("junk at the top", renamed(&files, str::to_owned, &[("Thumbs.db", b"x"), ("._imsmanifest.xml", b"x")])),
    ] {
        let read = read_package(&bytes).unwrap_or_else(|refused| panic!("{what}: {refused}"));
        assert_eq!(ids(&read), ["ok"], "{what}");
        assert_eq!(read.report.notes.iter().filter(|note| note.what == "file").count(), 0, "{what}: {:?}", read.report.notes);
    }
    let beside = renamed(&files, |name| format!("quiz/{name}"), &[("readme.txt", b"x")]);
    told(&read_package(&beside).unwrap(), "file", PackageEffect::Lost, "readme.txt");
    // Two folders that could be it: neither is taken, and both are named.
    let two = renamed(&files, |name| format!("a/{name}"), &[("b/imsmanifest.xml", b"<manifest/>")]);
    let refused = read_package(&two).unwrap_err().to_string();
    assert!(refused.contains("a/imsmanifest.xml") && refused.contains("b/imsmanifest.xml"), "{refused}");
    // What is wrong inside of a folder is told with the folder.
    let broken = zipped(&[("quiz/imsmanifest.xml", b"<x"), ("quiz/i.xml", b"x")]);
    assert_eq!(read_package(&broken).unwrap_err().file.as_deref(), Some("quiz/imsmanifest.xml"));
}

#[test]
fn names_in_the_code_page_of_dos_are_read() {
    let mut bytes = renamed(&package(&[("i.xml", ITEM, &good("ok"))]), str::to_owned, &[("b#ld.png", b"x")]);
    // U+00FC is 0x81 there.
    while let Some(at) = bytes.windows(8).position(|part| part == b"b#ld.png") {
        bytes[at + 1] = 0x81;
    }
    assert_eq!(ids(&read_package(&bytes).unwrap()), ["ok"]);
    assert!(crate::zip::read_zip(&bytes).unwrap().contains_key("büld.png"));
}

#[test]
fn items_in_utf_16_are_read() {
    let mut files = package(&[("i.xml", ITEM, &good("ok"))]);
    let text = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{}", good("ok"));
    files.insert("i.xml".to_owned(), text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    assert_eq!(ids(&read_files(&files).unwrap()), ["ok"]);
    let manifest = String::from_utf8(files["imsmanifest.xml"].clone()).unwrap();
    files.insert("imsmanifest.xml".to_owned(), format!("\u{feff}{manifest}").encode_utf16().flat_map(u16::to_be_bytes).collect());
    assert_eq!(ids(&read_files(&files).unwrap()), ["ok"]);
}

#[test]
fn what_is_no_package_of_quizzes_is_told_by_its_name() {
    let manifest = |inner: &str| format!("<manifest identifier=\"m\">{inner}</manifest>").into_bytes();
    let scorm = manifest(
        "<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata><resources><resource identifier=\"r\" type=\"webcontent\" adlcp:scormtype=\"sco\" xmlns:adlcp=\"x\" href=\"index.html\"><file href=\"index.html\"/></resource></resources>",
    );
    let blackboard = manifest(
        "<resources><resource identifier=\"r\" type=\"assessment/x-bb-qti-test\" href=\"res00001.dat\"><file href=\"res00001.dat\"/></resource></resources>",
    );
    for (name, files) in [
        ("H5P", vec![("h5p.json", &b"{}"[..]), ("content/content.json", b"{}")]),
        ("Moodle", vec![("moodle_backup.xml", &b"<x/>"[..])]),
        ("cmi5", vec![("cmi5.xml", &b"<x/>"[..])]),
        ("Tin Can", vec![("tincan.xml", &b"<x/>"[..])]),
        ("EPUB", vec![("META-INF/container.xml", &b"<x/>"[..])]),
        ("Office", vec![("[Content_Types].xml", &b"<x/>"[..])]),
        ("SCORM", vec![("imsmanifest.xml", scorm.as_slice()), ("index.html", b"x")]),
        (
            "Blackboard",
            vec![("imsmanifest.xml", blackboard.as_slice()), ("res00001.dat", b"<questestinterop/>"), (".bb-package-info", b"x")],
        ),
    ] {
        let told = read_package(&zipped(&files)).unwrap_err().to_string();
        assert!(told.contains(name), "{name}: {told}");
    }
    for (name, bytes) in [
        ("Moodle XML", &b"<?xml version=\"1.0\"?><quiz><question type=\"multichoice\"/></quiz>"[..]),
        ("GIFT", b"::Q1::Which? {=a ~b}"),
        ("GIFT", b"$CATEGORY: x\n\nWhich? {=a ~b}"),
        ("by itself", b"<questestinterop/>"),
        ("tar.gz", &[0x1f, 0x8b, 8, 0]),
    ] {
        let told = read_package(bytes).unwrap_err().to_string();
        assert!(told.contains(name) && told.contains("no zip file"), "{name}: {told}");
    }
}

#[test]
fn several_tests_are_one_quiz() {
    let test = |id: &str| {
        format!(
            "<qti-assessment-test identifier=\"t{id}\" title=\"T{id}\"><qti-test-part><qti-assessment-section identifier=\"s\"><qti-assessment-item-ref identifier=\"{id}\" href=\"{id}.xml\"/></qti-assessment-section></qti-test-part></qti-assessment-test>"
        )
    };
    let (one, two, a, b) = (test("a"), test("b"), good("a"), good("b"));
    let kind = "imsqti_test_xmlv3p0";
    let read =
        read_files(&package(&[("1.xml", kind, &one), ("2.xml", kind, &two), ("a.xml", ITEM, &a), ("b.xml", ITEM, &b)])).unwrap();
    assert_eq!(ids(&read), ["a", "b"]);
    told(&read, "tests", PackageEffect::Changed, "2 tests");
}

/// As other programs write it, where an item names the test that names it.
#[test]
fn a_test_and_its_items_may_name_one_another() {
    let test = "<qti-assessment-test identifier=\"t\"><qti-test-part><qti-assessment-section identifier=\"s\"><qti-assessment-item-ref identifier=\"a\" href=\"a.xml\"/></qti-assessment-section></qti-test-part></qti-assessment-test>";
    let mut files = package(&[("t.xml", "imsqti_test_xmlv3p0", test), ("a.xml", ITEM, &good("a"))]);
    let manifest = String::from_utf8(files["imsmanifest.xml"].clone()).unwrap();
    let named = manifest
        .replace("<file href=\"t.xml\"/>", "<file href=\"t.xml\"/><dependency identifierref=\"r-a.xml\"/>")
        .replace("<file href=\"a.xml\"/>", "<file href=\"a.xml\"/><dependency identifierref=\"r-t.xml\"/>");
    assert_eq!(named.matches("dependency").count(), 2);
    files.insert("imsmanifest.xml".to_owned(), named.into_bytes());
    assert_eq!(ids(&read_files(&files).unwrap()), ["a"]);
}

#[test]
fn a_section_in_a_file_of_its_own_is_opened_once() {
    let test = "<qti-assessment-test identifier=\"t\"><qti-test-part><qti-assessment-section-ref identifier=\"s\" href=\"parts/s.xml\"/></qti-test-part></qti-assessment-test>";
    let part = "<qti-assessment-section identifier=\"s\"><qti-selection select=\"1\"/><qti-assessment-item-ref identifier=\"a\" href=\"../a.xml\"/><qti-assessment-item-ref identifier=\"b\" href=\"../b.xml\"/><qti-assessment-section-ref identifier=\"s\" href=\"s.xml\"/></qti-assessment-section>";
    let (a, b) = (good("a"), good("b"));
    let files = package(&[
        ("t.xml", "imsqti_test_xmlv3p0", test),
        ("parts/s.xml", "imsqti_section_xmlv3p0", part),
        ("a.xml", ITEM, &a),
        ("b.xml", ITEM, &b),
    ]);
    let read = read_files(&files).unwrap();
    assert_eq!((ids(&read), read.quiz.policy.draw), (vec!["a", "b"], Some(1)));
    told(&read, "section", PackageEffect::Lost, "cannot be read");
}
