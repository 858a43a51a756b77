//! Quizzes as Canvas, Moodle and other programs write them in QTI 1.2.

use serde_json::{Value, json};

use super::zip::PackageFiles;
use super::{Imported, PackageEffect, read_files};

fn field(label: &str, entry: &str) -> String {
    format!("<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{entry}</fieldentry></qtimetadatafield>")
}

fn html(text: &str) -> String {
    format!("<material><mattext texttype=\"text/html\">{}</mattext></material>", text.replace('&', "&amp;").replace('<', "&lt;"))
}

fn plain(text: &str) -> String {
    format!("<material><mattext texttype=\"text/plain\">{text}</mattext></material>")
}

fn labels(ids: &[&str]) -> String {
    let all: String =
        ids.iter().map(|id| format!("<response_label ident=\"{id}\">{}</response_label>", plain(&format!("opt {id}")))).collect();
    format!("<render_choice>{all}</render_choice>")
}

fn lid(name: &str, cardinality: &str, material: &str, ids: &[&str]) -> String {
    format!("<response_lid ident=\"{name}\" rcardinality=\"{cardinality}\">{material}{}</response_lid>", labels(ids))
}

const FIELD: &str = "<response_str ident=\"response1\" rcardinality=\"Single\"><render_fib><response_label ident=\"answer1\" rshuffle=\"No\"/></render_fib></response_str>";

fn is(response: &str, value: &str) -> String {
    format!("<varequal respident=\"{response}\">{value}</varequal>")
}

fn condition(test: &str, action: &str, points: &str) -> String {
    format!(
        "<respcondition continue=\"No\"><conditionvar>{test}</conditionvar><setvar action=\"{action}\" varname=\"SCORE\">{points}</setvar></respcondition>"
    )
}

fn shows(test: &str, feedback: &str) -> String {
    format!(
        "<respcondition continue=\"Yes\"><conditionvar>{test}</conditionvar><displayfeedback feedbacktype=\"Response\" linkrefid=\"{feedback}\"/></respcondition>"
    )
}

fn feedback(id: &str, text: &str) -> String {
    format!("<itemfeedback ident=\"{id}\"><flow_mat>{}</flow_mat></itemfeedback>", html(text))
}

/// An item as Canvas writes it.
fn canvas(kind: &str, points: &str, asked: &str, processing: &str, more: &str) -> String {
    format!(
        "<item ident=\"g{kind}\" title=\"Question\"><itemmetadata><qtimetadata>{}{}{}</qtimetadata></itemmetadata><presentation>{}{asked}</presentation><resprocessing><outcomes><decvar maxvalue=\"100\" minvalue=\"0\" varname=\"SCORE\" vartype=\"Decimal\"/></outcomes>{processing}</resprocessing>{more}</item>",
        field("question_type", kind),
        field("points_possible", points),
        field("original_answer_ids", "1,2,3"),
        html("<div><p>What is&nbsp;<b>it</b>?<br></p></div>"),
    )
}

fn quiz(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><questestinterop xmlns=\"http://www.imsglobal.org/xsd/ims_qtiasiv1p2\"><assessment ident=\"g1\" title=\"A quiz\"><qtimetadata>{}</qtimetadata><section ident=\"root_section\">{items}</section></assessment></questestinterop>",
        field("cc_maxattempts", "2")
    )
}

/// The package of Canvas: the quiz, and its settings beside it.
fn package(kind: &str, quiz: &str) -> PackageFiles {
    let manifest = format!(
        "<manifest identifier=\"m\" xmlns:lom=\"x\"><metadata><schema>IMS Content</schema><schemaversion>1.1.3</schemaversion></metadata><organizations/><resources><resource identifier=\"q\" type=\"{kind}\"><file href=\"q/q.xml\"/><dependency identifierref=\"s\"/></resource><resource identifier=\"s\" type=\"associatedcontent/imscc_xmlv1p1/learning-application-resource\" href=\"q/assessment_meta.xml\"><file href=\"q/assessment_meta.xml\"/><dependency identifierref=\"q\"/></resource></resources></manifest>"
    );
    [("imsmanifest.xml", manifest.as_str()), ("q/q.xml", quiz), ("q/assessment_meta.xml", "<quiz/>")]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into()
}

fn read(items: &str) -> Imported {
    read_files(&package("imsqti_xmlv1p2", &quiz(items))).unwrap()
}

#[track_caller]
fn told(read: &Imported, what: &str, effect: PackageEffect, detail: &str) {
    let found =
        read.report.notes.iter().any(|note| note.what == what && note.effect == effect && format!("{note}").contains(detail));
    assert!(found, "nothing of {what} and {detail:?}: {:#?}", read.report.notes);
}

/// (the kind in Canvas, the item, fields here, notes about scoring)
fn rows() -> Vec<(&'static str, String, Value, Vec<&'static str>)> {
    let one = |kind: &str| {
        let processing = shows("<other/>", "general_fb")
            + &shows(&is("response1", "1"), "1_fb")
            + &shows(&is("response1", "2"), "2_fb")
            + &condition(&is("response1", "2"), "Set", "100");
        let more = feedback("1_fb", "<p>No.</p>") + &feedback("2_fb", "<p>Yes.</p>");
        canvas(kind, "2.5", &lid("response1", "Single", "", &["1", "2", "3"]), &processing, &more)
    };
    let several = {
        let all = format!("<and>{}{}<not>{}</not></and>", is("response1", "1"), is("response1", "3"), is("response1", "2"));
        canvas(
            "multiple_answers_question",
            "1.0",
            &lid("response1", "Multiple", "", &["1", "2", "3"]),
            &condition(&all, "Set", "100"),
            "",
        )
    };
    let text = canvas(
        "short_answer_question",
        "1.0",
        FIELD,
        &condition(&format!("{}{}", is("response1", "New York"), is("response1", "NY")), "Set", "100"),
        "",
    );
    let number = |test: &str| {
        let field = FIELD.replace("<render_fib>", "<render_fib fibtype=\"Decimal\">");
        canvas("numerical_question", "1.0", &field, &condition(test, "Set", "100"), "")
    };
    let within = |low: &str, a: &str, high: &str, b: &str| {
        format!("<{low} respident=\"response1\">{a}</{low}><{high} respident=\"response1\">{b}</{high}>")
    };
    let exact = format!("<or>{}<and>{}</and></or>", is("response1", "3.5"), within("vargte", "3.25", "varlte", "3.75"));
    let pairs = |shares: [&str; 3]| {
        let asked: String = ["11", "12", "13"]
            .map(|id| lid(&format!("response_{id}"), "Single", &plain(&format!("left {id}")), &["21", "22", "23", "24"]))
            .concat();
        let processing: String = [("11", "21"), ("12", "22"), ("13", "21")]
            .into_iter()
            .zip(shares)
            .map(|((left, right), share)| {
                condition(&is(&format!("response_{left}"), right), "Add", share).replace("continue=\"No\"", "continue=\"Yes\"")
            })
            .collect();
        canvas("matching_question", "3.0", &asked, &processing, "")
    };
    vec![
        (
            "multiple_choice_question",
            one("multiple_choice_question"),
            json!({"kind": "single_choice", "key": "2", "points": 2.5, "stem": {"en": "What is\u{a0}**it**?"}}),
            vec![],
        ),
        ("true_false_question", one("true_false_question"), json!({"kind": "single_choice", "key": "2"}), vec![]),
        (
            "multiple_answers_question",
            several,
            json!({"kind": "multiple_response", "key": ["1", "3"], "scoring": "all_or_nothing"}),
            vec![],
        ),
        (
            "short_answer_question",
            text,
            json!({"kind": "short_text", "accepted": [{"form": "New York"}, {"form": "NY"}]}),
            vec![],
        ),
        ("numerical_question", number(&exact), json!({"kind": "numeric", "key": 3.5, "tolerance": 0.25}), vec![]),
        (
            "a range",
            number(&within("vargte", "6.0", "varlte", "8.0")),
            json!({"kind": "numeric", "key": 7.0, "tolerance": 1.0}),
            vec![],
        ),
        (
            "a range without its end",
            number(&within("vargt", "6.0", "varlte", "8.0")),
            json!({"kind": "numeric", "key": 7.0, "tolerance": 1.0}),
            vec!["tolerance"],
        ),
        (
            "matching_question",
            pairs(["33.34", "33.33", "33.33"]),
            json!({"kind": "matching", "scoring": "partial", "points": 3.0}),
            vec![],
        ),
        ("unequal pairs", pairs(["50", "25", "25"]), json!({"kind": "matching", "points": 3.0}), vec!["scoring"]),
    ]
}

#[test]
fn items_of_canvas_come_in() {
    for (what, xml, expected, notes) in rows() {
        let read = read(&xml);
        let got = serde_json::to_value(&read.quiz.items[0]).unwrap();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(got[name], *value, "{what}: {name} of {got}");
        }
        let usual = ["evidence", "objective", "rationale", "pass mark", "policy", "comparison", "file", "feedback"];
        let told: Vec<&str> = read.report.notes.iter().map(|n| n.what.as_str()).filter(|what| !usual.contains(what)).collect();
        assert_eq!(told, notes, "{what}: {:#?}", read.report.notes);
    }
    let all: String = rows().into_iter().map(|(_, xml, ..)| xml).collect();
    let read = read(&all);
    assert_eq!(
        (read.quiz.items.len(), read.quiz.title["en"].as_str(), read.quiz.policy.attempts_allowed),
        (rows().len(), "A quiz", Some(2))
    );
}

#[test]
fn feedback_of_an_option_is_its_rationale() {
    let read = read(&rows()[0].1);
    let item = serde_json::to_value(&read.quiz.items[0]).unwrap();
    assert_eq!(
        (&item["options"][0]["rationale"], &item["options"][1]["rationale"]),
        (&json!({"en": "No."}), &json!({"en": "Yes."}))
    );
    let pairs = rows().into_iter().find(|row| row.0 == "matching_question").unwrap();
    let item = serde_json::to_value(&self::read(&pairs.1).quiz.items[0]).unwrap();
    let keys: Vec<&str> = item["prompts"].as_array().unwrap().iter().map(|p| p["key"].as_str().unwrap()).collect();
    assert_eq!(
        (keys, &item["prompts"][0]["id"], &item["prompts"][0]["text"]["en"]),
        (vec!["21", "22", "21"], &json!("11"), &json!("left 11"))
    );
    assert_eq!(item["choices"].as_array().unwrap().len(), 4);
}

#[test]
fn what_has_no_kind_here_is_named() {
    let ok = rows()[0].1.clone();
    let blanks: String =
        ["a", "b"].map(|id| lid(&format!("response_{id}"), "Single", "", &[&format!("{id}1"), &format!("{id}2")])).concat();
    for (what, item) in [
        ("a person scores", canvas("essay_question", "1.0", FIELD, "", "")),
        ("asks for no answer", canvas("text_only_question", "0.0", "", "", "")),
        (
            "several things",
            canvas("multiple_dropdowns_question", "1.0", &blanks, &condition(&is("response_a", "a1"), "Add", "50"), ""),
        ),
        (
            "makes up its numbers",
            canvas(
                "calculated_question",
                "1.0",
                FIELD,
                &condition(&is("response1", "1"), "Set", "100"),
                "<itemproc_extension><calculated/></itemproc_extension>",
            ),
        ),
        (
            "which answer is right",
            canvas("multiple_choice_question", "1.0", &lid("response1", "Single", "", &["1", "2"]), "", ""),
        ),
        ("response_grp", canvas("x", "1.0", "<response_grp ident=\"r\"/>", "", "")),
        (
            "only one end",
            canvas(
                "numerical_question",
                "1.0",
                FIELD,
                &condition("<vargte respident=\"response1\">3</vargte>", "Set", "100"),
                "",
            ),
        ),
    ] {
        let read = read(&format!("{ok}{item}"));
        assert_eq!(read.quiz.items.len(), 1, "{what}");
        told(&read, "item", PackageEffect::Lost, what);
    }
    let image = ok.replace("</presentation>", "<material><matimage uri=\"a.png\"/></material></presentation>");
    told(&read(&image), "media", PackageEffect::Lost, "images");
}

#[test]
fn groups_of_canvas_draw_and_give_their_points() {
    let group = |draws: u32, points: &str, items: &str| {
        format!(
            "<section ident=\"g\" title=\"Group\"><selection_ordering><selection><selection_number>{draws}</selection_number><selection_extension><points_per_item>{points}</points_per_item></selection_extension></selection></selection_ordering>{items}</section>"
        )
    };
    let items = |n: usize| -> String {
        (0..n).map(|i| rows()[0].1.replace("ident=\"gmultiple", &format!("ident=\"g{i}multiple"))).collect()
    };
    let read = self::read(&(items(1) + &group(1, "4.0", &items(3)) + &group(2, "1.0", &items(3))));
    let points: Vec<f64> = read.quiz.items.iter().map(|item| item.points).collect();
    assert_eq!((points, read.quiz.policy.draw), (vec![2.5, 4.0, 4.0, 4.0, 1.0, 1.0, 1.0], Some(4)));
    told(&read, "draw", PackageEffect::Changed, "1 of 1, 1 of 3, 2 of 3");
    let bank = "<section ident=\"g\"><selection_ordering><selection><sourcebank_ref>b1</sourcebank_ref><selection_number>2</selection_number></selection></selection_ordering></section>";
    told(&self::read(&(items(1) + bank)), "draw", PackageEffect::Lost, "bank b1");
}

#[test]
fn cartridges_of_any_version_and_banks_are_read() {
    // As Moodle writes it: hundredths, and the weight beside them.
    let item = |profile: &str, asked: &str, processing: &str| {
        format!(
            "<item ident=\"i-{profile}\"><itemmetadata><qtimetadata>{}{}</qtimetadata></itemmetadata><presentation><flow>{}{asked}</flow></presentation><resprocessing><outcomes><decvar varname=\"SCORE\" vartype=\"Decimal\" minvalue=\"0\" maxvalue=\"100\"/></outcomes>{processing}</resprocessing></item>",
            field("cc_profile", profile),
            field("cc_weighting", "3"),
            html("<p>Which?</p>")
        )
    };
    let choice =
        item("cc.multiple_choice.v0p1", &lid("r", "Single", "", &["A", "B", "C"]), &condition(&is("r", "B"), "Set", "100"));
    let pattern = item(
        "cc.pattern_match.v0p1",
        &FIELD.replace("response1", "r"),
        &condition("<varsubstring respident=\"r\" case=\"No\">york</varsubstring>", "Set", "100"),
    );
    let bank = format!(
        "<questestinterop><objectbank ident=\"b\"><qtimetadata>{}</qtimetadata>{choice}</objectbank></questestinterop>",
        field("bank_title", "My bank")
    );
    for kind in [
        "imsqti_xmlv1p2/imscc_xmlv1p0/assessment",
        "imsqti_xmlv1p2/imscc_xmlv1p1/assessment",
        "imsqti_xmlv1p2/imscc_xmlv1p2/assessment",
        "imsqti_xmlv1p2/imscc_xmlv1p3/assessment",
        "imsqti_xmlv1p1",
        "webcontent",
    ] {
        let read = read_files(&package(kind, &quiz(&format!("{choice}{pattern}")))).unwrap();
        let value = serde_json::to_value(&read.quiz.items).unwrap();
        assert_eq!(
            (&value[0]["key"], &value[0]["points"], &value[1]["accepted"][0]["form"]),
            (&json!("b"), &json!(3.0), &json!("york")),
            "{kind}"
        );
        told(&read, "comparison", PackageEffect::Lost, "a part of a text");
    }
    let read = read_files(&package("imsqti_xmlv1p2/imscc_xmlv1p3/question-bank", &bank)).unwrap();
    assert_eq!((read.quiz.items.len(), read.quiz.title["en"].as_str()), (1, "My bank"));
}

#[test]
fn of_the_two_quizzes_of_canvas_the_whole_one_is_read() {
    let mut files = package("imsqti_xmlv1p2/imscc_xmlv1p1/assessment", &quiz(&rows()[0].1));
    let manifest = String::from_utf8(files["imsmanifest.xml"].clone()).unwrap();
    let beside = "<file href=\"q/assessment_meta.xml\"/><file href=\"non_cc_assessments/q.xml.qti\"/>";
    files.insert("imsmanifest.xml".to_owned(), manifest.replace("<file href=\"q/assessment_meta.xml\"/>", beside).into_bytes());
    let all: String = rows().into_iter().map(|(_, xml, ..)| xml).collect();
    files.insert("non_cc_assessments/q.xml.qti".to_owned(), quiz(&all).into_bytes());
    assert_eq!(read_files(&files).unwrap().quiz.items.len(), rows().len());
}

#[test]
fn partial_points_and_points_of_older_programs() {
    let add = |id: &str, points: &str| condition(&is("r", id), "Add", points).replace("continue=\"No\"", "continue=\"Yes\"");
    let item = |processing: &str| {
        format!(
            "<item ident=\"i\"><presentation>{}{}</presentation><resprocessing><outcomes><decvar varname=\"SCORE\" maxvalue=\"4\"/></outcomes>{processing}</resprocessing></item>",
            plain("Which?"),
            lid("r", "Multiple", "", &["A", "B", "C"])
        )
    };
    let read = read(&item(&(add("A", "2") + &add("B", "2") + &add("C", "-2"))));
    let value = serde_json::to_value(&read.quiz.items[0]).unwrap();
    assert_eq!((&value["points"], &value["scoring"], &value["key"]), (&json!(4.0), &json!("partial"), &json!(["a", "b"])));
    let uneven = self::read(&item(&(add("A", "3") + &add("B", "1"))));
    told(&uneven, "scoring", PackageEffect::Changed, "same share");
    let single = lid("r", "Single", "", &["A", "B"]);
    let half = item(&(condition(&is("r", "A"), "Set", "4") + &condition(&is("r", "B"), "Set", "2")))
        .replace(&lid("r", "Multiple", "", &["A", "B", "C"]), &single);
    told(&self::read(&half), "scoring", PackageEffect::Lost, "only one option");
}

/// What is read grows with the square of some numbers, so these have an end.
#[test]
fn an_item_without_end_costs_itself() {
    let ok = rows()[0].1.clone();
    let many: Vec<String> = (0..600).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = many.iter().map(String::as_str).collect();
    let options = canvas("a", "1.0", &lid("response1", "Single", "", &ids), &condition(&is("response1", "1"), "Set", "100"), "");
    let forms: String = many.iter().chain(&many).map(|form| is("response1", form)).collect();
    let answers = canvas("b", "1.0", FIELD, &condition(&forms, "Set", "100"), "");
    let read = self::read(&format!("{ok}{options}{answers}"));
    assert_eq!(read.quiz.items.len(), 1);
    told(&read, "item", PackageEffect::Lost, "more than 500 options");
    let all: String = (0..2_100)
        .map(|n| {
            format!(
                "<item ident=\"i{n}\"><presentation>{}</presentation><resprocessing>{}</resprocessing></item>",
                lid("r", "Single", "", &["A", "B"]),
                condition(&is("r", "B"), "Set", "1")
            )
        })
        .collect();
    let read = self::read(&all);
    assert_eq!(read.quiz.items.len(), 2_000);
    told(&read, "item", PackageEffect::Lost, "2000; the rest");
}
