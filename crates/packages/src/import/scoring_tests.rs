//! What other systems' items give for an answer, kept where an item here can hold it, else named. Each row is a kind of thing that
//! people met.

use serde_json::{Value, json};

use crate::import::made::{MAP, MATCH, choice, declared, item, mapping, package, scoring_notes};
use crate::{Imported, read_files};

fn pairs(attributes: &str) -> String {
    let side = |ids: [&str; 3], most: u32| -> String {
        ids.map(|id| {
            format!("<qti-simple-associable-choice identifier=\"{id}\" match-max=\"{most}\">{id}</qti-simple-associable-choice>")
        })
        .concat()
    };
    format!(
        "<qti-match-interaction response-identifier=\"RESPONSE\" {attributes}><qti-simple-match-set>{}</qti-simple-match-set><qti-simple-match-set>{}</qti-simple-match-set></qti-match-interaction>",
        side(["P", "Q", "R"], 1),
        side(["X", "Y", "Z"], 3)
    )
}

const FIELD: &str = "<p>Say: <qti-text-entry-interaction response-identifier=\"RESPONSE\"/></p>";

fn one(xml: &str) -> Imported {
    read_files(&package(&[("i.xml", "imsqti_item_xmlv3p0", xml)])).unwrap()
}

fn task(read: &Imported) -> Value {
    serde_json::to_value(&read.quiz.items[0]).unwrap()
}

/// (what, the item, fields of the task, notes in their order)
fn rows() -> Vec<(&'static str, String, Value, Vec<&'static str>)> {
    let abcd = ["A", "B", "C", "D"];
    let several = |attributes: &str, entries: &[(&str, &str)], choices: &str| {
        item(
            "a",
            &declared("multiple", "identifier", &["A", "B", "C"], &mapping(attributes, entries)),
            &choice(choices, &abcd),
            MAP,
        )
    };
    let even = [("A", "1"), ("B", "1"), ("C", "1"), ("D", "-1")];
    let matching = |attributes: &str, entries: &[(&str, &str)], limits: &str| {
        let right = ["P X", "Q Y", "R Z"];
        item("a", &declared("multiple", "directedPair", &right, &mapping(attributes, entries)), &pairs(limits), MAP)
    };
    let single = |correct: &[&str], entries: &[(&str, &str)], processing: &str| {
        item(
            "a",
            &declared("single", "identifier", correct, &mapping("", entries)),
            &choice("max-choices=\"1\"", &abcd),
            processing,
        )
    };
    let text = |correct: &[&str], mapping: &str, processing: &str| {
        item("a", &declared("single", "string", correct, mapping), FIELD, processing)
    };
    let number = |correct: &[&str], processing: &str| item("a", &declared("single", "float", correct, ""), FIELD, processing);
    let compared = |test: &str, points: &str| {
        format!(
            "<qti-response-if>{test}<qti-set-outcome-value identifier=\"SCORE\"><qti-base-value base-type=\"float\">{points}</qti-base-value></qti-set-outcome-value></qti-response-if>"
        )
    };
    let processed = |branches: &str| {
        format!("<qti-response-processing><qti-response-condition>{branches}</qti-response-condition></qti-response-processing>")
    };
    let bound = |name: &str, value: &str| {
        format!(
            "<qti-{name}><qti-variable identifier=\"RESPONSE\"/><qti-base-value base-type=\"float\">{value}</qti-base-value></qti-{name}>"
        )
    };
    let range = |low: (&str, &str), high: (&str, &str)| {
        processed(&compared(&format!("<qti-and>{}{}</qti-and>", bound(low.0, low.1), bound(high.0, high.1)), "1"))
    };
    let with_case = |entries: &[(&str, &str)]| -> String {
        let entries: String = entries
            .iter()
            .map(|(form, case)| format!("<qti-map-entry map-key=\"{form}\" mapped-value=\"1\" case-sensitive=\"{case}\"/>"))
            .collect();
        format!("<qti-mapping>{entries}</qti-mapping>")
    };
    let equal = |attributes: &str| {
        processed(&compared(
            &format!(
                "<qti-equal {attributes}><qti-variable identifier=\"RESPONSE\"/><qti-correct identifier=\"RESPONSE\"/></qti-equal>"
            ),
            "1",
        ))
    };
    let string_match = |attributes: &str, value: &str| {
        format!("<qti-string-match {attributes}><qti-variable identifier=\"RESPONSE\"/>{value}</qti-string-match>")
    };
    let correct = "<qti-correct identifier=\"RESPONSE\"/>";
    let base = |value: &str| format!("<qti-base-value base-type=\"string\">{value}</qti-base-value>");
    let scored = |score: &str, body: String| {
        body.replace("<qti-outcome-declaration identifier=\"SCORE\" cardinality=\"single\" base-type=\"float\"/>", score)
    };
    let most = |points: &str| {
        format!(
            "<qti-outcome-declaration identifier=\"SCORE\" cardinality=\"single\" base-type=\"float\" normal-maximum=\"{points}\"/>"
        )
    };
    vec![
        (
            "sum of three",
            several("lower-bound=\"0\"", &even, "max-choices=\"0\""),
            json!({"points": 3.0, "key": ["a", "b", "c"], "scoring": "partial"}),
            vec![],
        ),
        ("less than nothing", several("", &even, "max-choices=\"0\""), json!({"points": 3.0}), vec!["scoring"]),
        (
            "an upper bound below the sum",
            several("lower-bound=\"0\" upper-bound=\"2\"", &even, "max-choices=\"0\""),
            json!({"points": 2.0}),
            vec!["scoring"],
        ),
        (
            "unequal shares",
            several("lower-bound=\"0\"", &[("A", "1"), ("B", "2"), ("C", "3"), ("D", "0")], "max-choices=\"0\""),
            json!({"points": 6.0}),
            vec!["scoring"],
        ),
        (
            "wrong ones that cost nothing",
            several("lower-bound=\"0\"", &[("A", "1"), ("B", "1"), ("C", "1"), ("D", "0")], "max-choices=\"0\""),
            json!({"points": 3.0}),
            vec!["scoring"],
        ),
        (
            "at most two choices",
            several("lower-bound=\"0\"", &even, "max-choices=\"2\""),
            json!({"points": 2.0}),
            vec!["choices"],
        ),
        (
            "at least two choices",
            several("lower-bound=\"0\"", &even, "max-choices=\"0\" min-choices=\"2\""),
            json!({"points": 3.0}),
            vec!["choices"],
        ),
        (
            "the mapping names other options",
            several("lower-bound=\"0\"", &[("A", "-1"), ("B", "1"), ("C", "1"), ("D", "1")], "max-choices=\"0\""),
            json!({"points": 3.0, "key": ["b", "c", "d"]}),
            vec!["key"],
        ),
        (
            "pairs of one point",
            matching("lower-bound=\"0\"", &[("P X", "1"), ("Q Y", "1"), ("R Z", "1")], "max-associations=\"3\""),
            json!({"points": 3.0, "scoring": "partial"}),
            vec![],
        ),
        (
            "pairs of 1, 2 and 3",
            matching(
                "lower-bound=\"0\" default-value=\"-1\"",
                &[("P X", "1"), ("Q Y", "2"), ("R Z", "3")],
                "max-associations=\"3\"",
            ),
            json!({"points": 6.0}),
            vec!["scoring", "scoring"],
        ),
        (
            "at most two pairs",
            matching("lower-bound=\"0\"", &[("P X", "1"), ("Q Y", "1"), ("R Z", "1")], "max-associations=\"2\""),
            json!({"points": 2.0}),
            vec!["choices"],
        ),
        (
            "pairs scored by the mapping",
            matching("", &[("P Y", "1"), ("Q Y", "1"), ("R Z", "1")], ""),
            json!({"points": 3.0}),
            vec!["key"],
        ),
        ("one option scored by the mapping", single(&["A"], &[("B", "1")], MAP), json!({"key": "b", "points": 1.0}), vec!["key"]),
        ("the mapping does not score", single(&["A"], &[("B", "1")], MATCH), json!({"key": "a"}), vec![]),
        (
            "two options get points",
            single(&["A"], &[("A", "2"), ("B", "1")], MAP),
            json!({"key": "a", "points": 2.0}),
            vec!["scoring"],
        ),
        (
            "an option by the processing alone",
            item(
                "a",
                &declared("single", "identifier", &[], ""),
                &choice("", &abcd),
                &processed(&compared(
                    &format!("<qti-match><qti-variable identifier=\"RESPONSE\"/>{}</qti-match>", base("C")),
                    "4",
                )),
            ),
            json!({"key": "c", "points": 4.0}),
            vec![],
        ),
        ("text by match_correct", text(&["York"], "", MATCH), json!({"case_sensitive": true}), vec![]),
        ("text without processing", text(&["York"], "", ""), json!({"case_sensitive": true}), vec![]),
        (
            "text by a match of small and large",
            text(&["York"], "", &processed(&compared(&string_match("case-sensitive=\"false\"", correct), "1"))),
            json!({"accepted": [{"form": "York"}]}),
            vec![],
        ),
        (
            "a part of the text",
            text(&["York"], "", &processed(&compared(&string_match("case-sensitive=\"true\" substring=\"true\"", correct), "1"))),
            json!({"case_sensitive": true}),
            vec!["comparison"],
        ),
        (
            "entries of both cases",
            text(&["York"], &with_case(&[("York", "true"), ("Yorkshire", "false")]), MAP),
            json!({"case_sensitive": true}),
            vec!["case"],
        ),
        (
            "entries without case",
            text(&["York"], &with_case(&[("York", "false"), ("Yorkshire", "false")]), MAP),
            json!({"accepted": [{"form": "York"}, {"form": "Yorkshire"}]}),
            vec![],
        ),
        (
            "text scored by the mapping",
            text(&["York"], &mapping("", &[("Leeds", "2"), ("York", "1")]), MAP),
            json!({"points": 2.0, "accepted": [{"form": "Leeds"}, {"form": "York", "share": 0.5}]}),
            vec!["key"],
        ),
        (
            "a third of the points",
            text(&["York"], &mapping("", &[("York", "3"), ("york", "1")]), MAP),
            json!({"points": 3.0, "accepted": [{"form": "York"}, {"form": "york", "share": 0.333}]}),
            vec!["scoring"],
        ),
        (
            "points for any other text",
            text(&["York"], &mapping("default-value=\"0.5\"", &[("York", "1")]), MAP),
            json!({"points": 1.0}),
            vec!["default"],
        ),
        (
            "a text by the processing, with a share",
            text(
                &["York"],
                "",
                &processed(&format!(
                    "{}{}",
                    compared(&string_match("case-sensitive=\"true\"", &base("York")), "2"),
                    compared(&string_match("case-sensitive=\"true\"", &base("Yorck")), "1")
                        .replace("response-if", "response-else-if")
                )),
            ),
            json!({"points": 2.0, "accepted": [{"form": "York"}, {"form": "Yorck", "share": 0.5}]}),
            vec![],
        ),
        ("a range", number(&["10"], &range(("gte", "9.5"), ("lte", "10.5"))), json!({"key": 10.0, "tolerance": 0.5}), vec![]),
        (
            "a range without a right number",
            number(&[], &range(("gte", "9.5"), ("lte", "10.5"))),
            json!({"key": 10.0, "tolerance": 0.5}),
            vec![],
        ),
        (
            "a range of decimals",
            number(&[], &range(("gte", "0.1"), ("lte", "0.4"))),
            json!({"key": 0.25, "tolerance": 0.15}),
            vec![],
        ),
        (
            "an open range",
            number(&["10"], &range(("gt", "9.5"), ("lt", "10.5"))),
            json!({"key": 10.0, "tolerance": 0.5}),
            vec!["tolerance"],
        ),
        (
            "a range around another number",
            number(&["10"], &range(("gte", "9"), ("lte", "12"))),
            json!({"key": 10.5, "tolerance": 1.5}),
            vec!["key"],
        ),
        (
            "a tolerance without its ends",
            number(&["3"], &equal("tolerance-mode=\"absolute\" tolerance=\"0.5\" include-upper-bound=\"false\"")),
            json!({"key": 3.0, "tolerance": 0.5}),
            vec!["tolerance"],
        ),
        (
            "more decimals than items have",
            number(&["0.33333333333333"], &equal("tolerance-mode=\"exact\"")),
            json!({"key": 0.333_333_333}),
            vec!["number"],
        ),
        ("a number too large", number(&["6.02e23"], MATCH), json!({"key": 6.02e23}), vec!["number"]),
        ("a number too small", number(&["1.6e-19"], MATCH), json!({"key": 1.6e-19}), vec!["number"]),
        ("points too small", scored(&most("0.0001"), single(&["A"], &[], "")), json!({"points": 0.001}), vec!["points"]),
        ("points too large", scored(&most("2000000"), single(&["A"], &[], "")), json!({"points": 1e6}), vec!["points"]),
        ("points of four decimals", scored(&most("1.3333"), single(&["A"], &[], "")), json!({"points": 1.333}), vec!["points"]),
        ("no points", scored(&most("0"), single(&["A"], &[], "")), json!({"points": 1.0}), vec!["points"]),
        (
            "points said and points given",
            scored(&most("1"), several("lower-bound=\"0\"", &even, "max-choices=\"0\"")),
            json!({"points": 3.0}),
            vec!["points"],
        ),
        (
            "an answer that is there before",
            single(&["A"], &[], MATCH).replace(
                "</qti-response-declaration>",
                "<qti-default-value><qti-value>B</qti-value></qti-default-value></qti-response-declaration>",
            ),
            json!({"key": "a"}),
            vec!["default"],
        ),
        (
            "points that are there before",
            scored(
                "<qti-outcome-declaration identifier=\"SCORE\" cardinality=\"single\" base-type=\"float\"><qti-default-value><qti-value>1</qti-value></qti-default-value></qti-outcome-declaration>",
                single(&["A"], &[], MATCH),
            ),
            json!({"key": "a"}),
            vec!["default"],
        ),
        (
            "options that keep their place",
            single(&["A"], &[], MATCH)
                .replace("max-choices=\"1\"", "shuffle=\"true\"")
                .replace("identifier=\"D\"", "identifier=\"D\" fixed=\"true\""),
            json!({"key": "a"}),
            vec!["order"],
        ),
        (
            "a list to choose from in a line",
            single(&["A"], &[], MATCH)
                .replace("qti-choice-", "qti-inline-choice-")
                .replace("qti-simple-choice", "qti-inline-choice"),
            json!({"kind": "single_choice", "key": "a"}),
            vec![],
        ),
    ]
}

#[test]
fn scoring_is_kept_or_named() {
    let mut wrong = Vec::new();
    for (what, xml, expected, notes) in rows() {
        let read = one(&xml);
        let got = task(&read);
        for (name, value) in expected.as_object().unwrap() {
            let same = match (got[name].as_f64(), value.as_f64()) {
                (Some(got), Some(value)) => (got - value).abs() <= 1e-12 * value.abs().max(1.0),
                _ => got[name] == *value,
            };
            if !same {
                wrong.push(format!("{what}: {name} is {}, not {value}", got[name]));
            }
        }
        if scoring_notes(&read) != notes {
            wrong.push(format!("{what}: {:#?}", read.report.notes));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_text_that_may_be_small_or_large_stays_so() {
    for (case, expected) in [("true", json!(true)), ("false", Value::Null)] {
        let processing = format!(
            "<qti-response-processing><qti-response-condition><qti-response-if><qti-string-match case-sensitive=\"{case}\"><qti-variable identifier=\"RESPONSE\"/><qti-correct identifier=\"RESPONSE\"/></qti-string-match><qti-set-outcome-value identifier=\"SCORE\"><qti-base-value base-type=\"float\">1</qti-base-value></qti-set-outcome-value></qti-response-if></qti-response-condition></qti-response-processing>"
        );
        let read = one(&item("a", &declared("single", "string", &["York"], ""), FIELD, &processing));
        assert_eq!(task(&read)["case_sensitive"], expected, "absent is false");
    }
}
