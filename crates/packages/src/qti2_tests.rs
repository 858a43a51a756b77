//! Items of QTI 2.

use serde_json::json;

use super::read_files;
use super::zip::PackageFiles;

#[test]
fn items_of_qti_2_come_in_under_any_of_its_names() {
    let item = |namespace: &str| {
        format!(
            "<assessmentItem xmlns=\"http://www.imsglobal.org/xsd/{namespace}\" identifier=\"Q\" title=\"t\" adaptive=\"false\" timeDependent=\"false\"><responseDeclaration identifier=\"R\" cardinality=\"multiple\" baseType=\"identifier\"><correctResponse><value>A</value><value>B</value></correctResponse><mapping lowerBound=\"0\" defaultValue=\"0\"><mapEntry mapKey=\"A\" mappedValue=\"1\"/><mapEntry mapKey=\"B\" mappedValue=\"1\"/><mapEntry mapKey=\"C\" mappedValue=\"-1\"/></mapping></responseDeclaration><outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\"/><itemBody><p>Look:</p><m:math xmlns:m=\"x\"><m:not/></m:math><choiceInteraction responseIdentifier=\"R\" shuffle=\"true\" maxChoices=\"0\"><prompt>Which?</prompt><simpleChoice identifier=\"A\">a<feedbackInline outcomeIdentifier=\"F\" identifier=\"A\" showHide=\"show\">Why.</feedbackInline></simpleChoice><simpleChoice identifier=\"B\">b</simpleChoice><simpleChoice identifier=\"C\">c</simpleChoice></choiceInteraction></itemBody><responseProcessing template=\"http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response\"/></assessmentItem>"
        )
    };
    for (namespace, kind) in [
        ("imsqti_v2p0", "imsqti_item_xmlv2p0"),
        ("imsqti_v2p1", "imsqti_item_xmlv2p1"),
        ("imsqti_v2p2", "imsqti_item_xmlv2p2"),
        ("x", "imsqti_apipitem_xmlv2p2"),
    ] {
        let manifest = format!(
            "<manifest><metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata><resources><resource identifier=\"i\" type=\"{kind}\" href=\"i.xml\"><file href=\"i.xml\"/></resource></resources></manifest>"
        );
        let files = PackageFiles::from([
            ("imsmanifest.xml".to_owned(), manifest.into_bytes()),
            ("i.xml".to_owned(), item(namespace).into_bytes()),
        ]);
        let read = read_files(&files).unwrap();
        let value = serde_json::to_value(&read.quiz.items[0]).unwrap();
        assert_eq!(
            (&value["id"], &value["points"], &value["scoring"], &value["key"]),
            (&json!("q"), &json!(2.0), &json!("partial"), &json!(["a", "b"]))
        );
        assert_eq!((&value["options"][0]["rationale"]["en"], &value["stem"]["en"]), (&json!("Why."), &json!("Look:\n\nWhich?")));
        assert!(read.quiz.policy.shuffle_options);
    }
}
