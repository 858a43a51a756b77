//! Packages of other systems: the common subset comes in, and everything beyond it is named. The items are those that the
//! fuzzer starts from.

use serde_json::{Value, json};

use super::PackageEffect;
use super::zip::PackageFiles;
use super::{Imported, read_files};

fn import(names: &[&str], more: &[(&str, &str)]) -> Imported {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/package");
    let mut files = PackageFiles::new();
    let mut resources = String::new();
    for name in names {
        files.insert((*name).to_owned(), std::fs::read(corpus.join(name)).unwrap());
        resources.push_str(&format!(
            "<resource identifier=\"{name}\" type=\"imsqti_item_xmlv3p0\" href=\"{name}\"><file href=\"{name}\"/></resource>"
        ));
    }
    for (name, text) in more {
        files.insert((*name).to_owned(), text.as_bytes().to_vec());
        let kind = if text.contains("qti-assessment-test") { "imsqti_test_xmlv3p0" } else { "webcontent" };
        let kind = if text.contains("<qti-assessment-item ") { "imsqti_item_xmlv3p0" } else { kind };
        resources.push_str(&format!(
            "<resource identifier=\"{name}\" type=\"{kind}\" href=\"{name}\"><file href=\"{name}\"/></resource>"
        ));
    }
    let manifest = format!(
        "<manifest identifier=\"m\"><metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata><organizations/><resources>{resources}</resources></manifest>"
    );
    files.insert("imsmanifest.xml".to_owned(), manifest.into_bytes());
    read_files(&files).unwrap()
}

fn task(imported: &Imported) -> Value {
    serde_json::to_value(&imported.quiz.items[0]).unwrap()
}

#[track_caller]
fn told(imported: &Imported, what: &str, effect: PackageEffect) -> String {
    let found = imported.report.notes.iter().find(|note| note.what == what && note.effect == effect);
    found.unwrap_or_else(|| panic!("nothing about {what}: {:#?}", imported.report.notes)).detail.clone()
}

#[test]
fn a_choice_with_feedback_in_its_options() {
    let read = import(&["choice.xml"], &[]);
    let item = task(&read);
    assert_eq!((&item["kind"], &item["id"], &item["key"]), (&json!("single_choice"), &json!("choice-1"), &json!("b")));
    assert_eq!(item["stem"]["en"], "Look at *this*:\n\n```\n{\"a\": 1}\n```\n\nWhich?");
    assert_eq!(item["options"][0], json!({"id": "a", "text": {"en": "One"}, "rationale": {"en": "No."}}));
    assert_eq!(item["options"][1]["text"]["en"], "Two \\& three");
    for what in ["evidence", "objective", "rationale"] {
        told(&read, what, PackageEffect::Missing);
    }
}

#[test]
fn several_answers_by_their_mapping() {
    let read = import(&["multiple.xml"], &[]);
    let item = task(&read);
    assert_eq!(
        (&item["kind"], &item["key"], &item["scoring"], &item["points"]),
        (&json!("multiple_response"), &json!(["a", "c"]), &json!("partial"), &json!(2.0))
    );
    assert!(told(&read, "scoring", PackageEffect::Changed).contains("same share"));
}

#[test]
fn orders_and_pairs() {
    let order = task(&import(&["order.xml"], &[]));
    assert_eq!(
        (&order["kind"], &order["key"], &order["scoring"]),
        (&json!("ordering"), &json!(["b", "a"]), &json!("all_or_nothing"))
    );
    let pairs = task(&import(&["match.xml"], &[]));
    assert_eq!(pairs["prompts"][1], json!({"id": "q", "text": {"en": "q"}, "key": "y", "rationale": {}}));
    assert_eq!(pairs["choices"].as_array().unwrap().len(), 2);
}

#[test]
fn typed_answers() {
    let text = task(&import(&["text.xml"], &[]));
    assert_eq!(text["accepted"], json!([{"form": "York"}, {"form": "york", "share": 0.5}]));
    assert!(text["stem"]["en"].as_str().unwrap().contains("sun of \\_\\_\\_\\_; and all"), "{text}");
    let read = import(&["number.xml"], &[]);
    let number = task(&read);
    assert_eq!(
        (&number["key"], &number["unit"], &number["rationale"]),
        (&json!(3.5), &json!({"en": "tokens"}), &json!({"en": "Count."}))
    );
    assert!((number["tolerance"].as_f64().unwrap() - 0.7).abs() < 1e-9, "{number}");
    told(&read, "tolerance", PackageEffect::Changed);
}

#[test]
fn what_stands_around_a_field_is_in_the_stem() {
    let declared = "<qti-response-declaration identifier=\"RESPONSE\" cardinality=\"single\" base-type=\"KIND\"><qti-correct-response><qti-value>3</qti-value></qti-correct-response></qti-response-declaration>";
    let item = |kind: &str, line: &str| {
        let declared = declared.replace("KIND", kind);
        let text = format!(
            "<qti-assessment-item identifier=\"x\">{declared}<qti-item-body><p>Say.</p>{line}</qti-item-body></qti-assessment-item>"
        );
        task(&import(&[], &[("x.xml", &text)]))
    };
    let field = "<p><qti-text-entry-interaction response-identifier=\"RESPONSE\"/> tokens</p>";
    let list = "<p>The <qti-inline-choice-interaction response-identifier=\"RESPONSE\"><qti-inline-choice identifier=\"3\">x</qti-inline-choice></qti-inline-choice-interaction> one</p>";
    for (kind, line, stem, unit) in [
        ("integer", field, "Say.", json!({"en": "tokens"})),
        ("integer", "<p> <qti-text-entry-interaction response-identifier=\"RESPONSE\"/> </p>", "Say.", Value::Null),
        ("string", "<p>\n <qti-text-entry-interaction response-identifier=\"RESPONSE\"/>\n</p>", "Say.", Value::Null),
        ("string", field, "Say.\n\n\\_\\_\\_\\_ tokens", Value::Null),
        ("identifier", list, "Say.\n\nThe \\_\\_\\_\\_ one", Value::Null),
    ] {
        let item = item(kind, line);
        assert_eq!((item["stem"]["en"].as_str(), &item["unit"]), (Some(stem), &unit), "{kind}");
    }
}

#[test]
fn a_form_that_nobody_can_type_is_told() {
    let item = |form: &str| {
        format!(
            "<qti-assessment-item identifier=\"x\"><qti-response-declaration identifier=\"RESPONSE\" cardinality=\"single\" base-type=\"string\"><qti-correct-response><qti-value>{form}</qti-value></qti-correct-response></qti-response-declaration><qti-item-body><p>Which? <qti-text-entry-interaction response-identifier=\"RESPONSE\"/></p></qti-item-body></qti-assessment-item>"
        )
    };
    for form in ["&lt;strong&gt;abc&lt;/strong&gt;", "ab&#x200b;c", "abc&#x202c;", "a&amp;nbsp;b"] {
        let read = import(&[], &[("x.xml", &item(form))]);
        assert!(told(&read, "form", PackageEffect::Missing).contains("that people can type"), "{form}");
    }
    let plain = import(&[], &[("x.xml", &item("abc"))]);
    assert!(plain.report.notes.iter().all(|note| note.what != "form"));
}

#[test]
fn what_has_no_kind_here_is_named_with_its_file() {
    let item = |more: &str, body: &str| {
        format!(
            "<qti-assessment-item identifier=\"x\" {more}><qti-response-declaration identifier=\"RESPONSE\" cardinality=\"single\" base-type=\"identifier\"/><qti-item-body>{body}</qti-item-body></qti-assessment-item>"
        )
    };
    let choice = "<qti-choice-interaction response-identifier=\"RESPONSE\"><qti-simple-choice identifier=\"A\">a</qti-simple-choice></qti-choice-interaction>";
    let adaptive = item("adaptive=\"true\"", choice);
    let keyless = item("", choice);
    let two = item("", &format!("{choice}{choice}"));
    let none = item("", "<p>Read this.</p>");
    let template = item("", choice).replace("<qti-item-body>", "<qti-template-declaration identifier=\"T\"/><qti-item-body>");
    let other = "<html/>".to_owned();
    let files = [
        ("adaptive.xml", &adaptive),
        ("keyless.xml", &keyless),
        ("two.xml", &two),
        ("none.xml", &none),
        ("template.xml", &template),
        ("x.css", &other),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let read = import(&["choice.xml", "hotspot.xml"], &files);
    assert_eq!(read.quiz.items.len(), 1);
    for (file, why) in [
        ("hotspot.xml", "qti-hotspot-interaction"),
        ("adaptive.xml", "adaptive"),
        ("keyless.xml", "which answer is right"),
        ("two.xml", "more than one interaction"),
        ("none.xml", "no answer"),
        ("template.xml", "template"),
        ("x.css", "other files"),
    ] {
        let found =
            read.report.notes.iter().find(|note| note.files.iter().any(|f| f == file) && note.effect == PackageEffect::Lost);
        assert!(found.is_some_and(|note| note.detail.contains(why)), "{file}: {found:?}");
    }
}

#[test]
fn a_test_says_which_items_and_in_which_order() {
    let test = "<qti-assessment-test identifier=\"t\" title=\"My  test\"><qti-test-part><qti-assessment-section identifier=\"s\">
        <qti-selection select=\"1\"/><qti-ordering shuffle=\"true\"/><qti-branch-rule target=\"x\"/>
        <qti-assessment-item-ref identifier=\"b\" href=\"text.xml\"/><qti-assessment-item-ref identifier=\"a\" href=\"./choice.xml\"/>
        <qti-assessment-item-ref identifier=\"c\" href=\"gone.xml\"/><qti-assessment-section-ref href=\"more.xml\"/>
        </qti-assessment-section></qti-test-part></qti-assessment-test>";
    let read = import(&["choice.xml", "text.xml", "order.xml"], &[("test.xml", test)]);
    let ids: Vec<&str> = read.quiz.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["text", "choice-1"]);
    assert_eq!(
        (read.quiz.title["en"].as_str(), read.quiz.policy.draw, read.quiz.policy.shuffle_items),
        ("My test", Some(1), true)
    );
    let lost = |what: &str, file: &str| {
        read.report.notes.iter().any(|n| n.what == what && n.effect == PackageEffect::Lost && n.files.iter().any(|f| f == file))
    };
    assert!(lost("item", "order.xml") && lost("item", "gone.xml") && lost("section", "more.xml") && lost("test", "test.xml"));
}

#[test]
fn media_mathematics_and_processing_of_its_own_are_named() {
    let item =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/package/choice.xml"))
            .unwrap();
    let item = item
        .replace("<pre>", "<img src=\"a.png\" alt=\"a\"/><math><mi>x</mi></math><mark>seen</mark><qti-rubric-block view=\"scorer\">r</qti-rubric-block><pre>")
        .replace("match_correct.xml\"/>", "own.xml\"/><qti-modal-feedback outcome-identifier=\"F\" identifier=\"all\" show-hide=\"show\">Well.</qti-modal-feedback>");
    let read = import(&[], &[("i.xml", &item)]);
    told(&read, "media", PackageEffect::Lost);
    told(&read, "mathematics", PackageEffect::Lost);
    told(&read, "rubric", PackageEffect::Lost);
    told(&read, "feedback", PackageEffect::Lost);
    told(&read, "response processing", PackageEffect::Lost);
    assert!(told(&read, "markup", PackageEffect::Changed).contains("<m"), "the element is named");
}
