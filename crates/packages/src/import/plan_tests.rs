//! What tests of other systems say of their items: draws, orders, weights, the pass mark.

use crate::import::made::{MATCH, choice, declared, item, package, scoring_notes};
use crate::{Imported, PackageEffect, read_files};

/// Test, items' files; draw, shuffled, notes.
fn tested(sections: &str, more: &str) -> Imported {
    let test = format!(
        "<qti-assessment-test identifier=\"t\" title=\"T\"><qti-test-part identifier=\"p\" navigation-mode=\"linear\" submission-mode=\"individual\">{sections}</qti-test-part>{more}</qti-assessment-test>"
    );
    let items: Vec<String> = ["a", "b", "c", "d"]
        .map(|id| item(id, &declared("single", "identifier", &["A"], ""), &choice("", &["A", "B", "C"]), MATCH))
        .into();
    let mut files = vec![("t.xml", "imsqti_test_xmlv3p0", test.as_str())];
    files.extend(
        ["a.xml", "b.xml", "c.xml", "d.xml"]
            .into_iter()
            .zip(&items)
            .map(|(path, xml)| (path, "imsqti_item_xmlv3p0", xml.as_str())),
    );
    read_files(&package(&files)).unwrap()
}

fn section(head: &str, ids: &[&str]) -> String {
    let refs: String = ids.iter().map(|id| format!("<qti-assessment-item-ref identifier=\"{id}\" href=\"{id}.xml\"/>")).collect();
    format!("<qti-assessment-section identifier=\"s\" title=\"S\" visible=\"true\">{head}{refs}</qti-assessment-section>")
}

#[test]
fn draws_orders_and_repeats_of_a_test_are_kept_or_named() {
    let draw = |n: u32| format!("<qti-selection select=\"{n}\"/>");
    let shuffle = "<qti-ordering shuffle=\"true\"/>";
    let all = ["a", "b", "c", "d"];
    for (what, sections, drawn, shuffled, items, notes) in [
        ("one draw", section(&draw(2), &all), Some(2), false, 4, vec![]),
        ("a draw of all", section(&draw(9), &all), None, false, 4, vec![]),
        ("a draw of nothing", section(&draw(0), &all), None, false, 4, vec!["draw"]),
        (
            "two draws",
            format!("{}{}", section(&draw(1), &["a", "b"]), section(&draw(1), &["c", "d"])),
            Some(2),
            false,
            4,
            vec!["draw", "section"],
        ),
        (
            "a draw beside all",
            format!("{}{}", section(&draw(1), &["a", "b", "c"]), section("", &["d"])),
            Some(2),
            false,
            4,
            vec!["draw", "section"],
        ),
        (
            "with replacement",
            section("<qti-selection select=\"2\" with-replacement=\"true\"/>", &all),
            Some(2),
            false,
            4,
            vec!["draw"],
        ),
        ("one order", section(shuffle, &all), None, true, 4, vec![]),
        (
            "two orders",
            format!("{}{}", section(shuffle, &["a", "b"]), section(shuffle, &["c", "d"])),
            None,
            true,
            4,
            vec!["section"],
        ),
        (
            "an order and none",
            format!("{}{}", section(shuffle, &["a", "b"]), section("", &["c", "d"])),
            None,
            false,
            4,
            vec!["section"],
        ),
        ("an item twice", section("", &["a", "b", "a", "c", "d"]), None, false, 4, vec!["repeated item"]),
        (
            "a draw of sections",
            section(&format!("{}{}{}", draw(1), section("", &["a", "b"]), section("", &["c", "d"])), &[]),
            None,
            false,
            4,
            vec!["draw", "section"],
        ),
        (
            "a fixed place",
            section(shuffle, &all).replacen("href=\"a.xml\"", "href=\"a.xml\" fixed=\"true\"", 1),
            None,
            true,
            4,
            vec!["order"],
        ),
        (
            "a required item",
            section(&draw(2), &all).replacen("href=\"a.xml\"", "href=\"a.xml\" required=\"true\"", 1),
            Some(2),
            false,
            4,
            vec!["order"],
        ),
        ("several tries", section("<qti-item-session-control max-attempts=\"0\"/>", &all), None, false, 4, vec!["attempts"]),
        ("an item that is not named", section("", &["a", "b", "c"]), None, false, 3, vec!["item"]),
        (
            "a weight that nothing uses",
            section("", &all).replacen(
                "href=\"a.xml\"/>",
                "href=\"a.xml\"><qti-weight identifier=\"W\" value=\"5\"/></qti-assessment-item-ref>",
                1,
            ),
            None,
            false,
            4,
            vec!["weight"],
        ),
    ] {
        let read = tested(&sections, "");
        let policy = &read.quiz.policy;
        assert_eq!(
            (policy.draw, policy.shuffle_items, read.quiz.items.len()),
            (drawn, shuffled, items),
            "{what}: {:#?}",
            read.report.notes
        );
        assert_eq!(scoring_notes(&read), notes, "{what}: {:#?}", read.report.notes);
    }
}

#[test]
fn a_weight_that_the_score_uses_multiplies_the_points() {
    let sections = section("", &["a", "b", "c", "d"]);
    let sections = sections.replacen(
        "href=\"a.xml\"/>",
        "href=\"a.xml\"><qti-weight identifier=\"W\" value=\"5\"/></qti-assessment-item-ref>",
        1,
    );
    let score = "<qti-outcome-processing><qti-set-outcome-value identifier=\"SCORE\"><qti-sum><qti-test-variables variable-identifier=\"SCORE\" weight-identifier=\"W\"/></qti-sum></qti-set-outcome-value></qti-outcome-processing>";
    let read = tested(&sections, score);
    assert_eq!(read.quiz.items.iter().map(|item| item.points).collect::<Vec<_>>(), [5.0, 1.0, 1.0, 1.0]);
    assert_eq!(scoring_notes(&read), Vec::<String>::new());
}

#[test]
fn the_pass_mark_is_kept_or_named() {
    let score = "<qti-variable identifier=\"SCORE\"/>";
    let gte = |inner: &str| {
        format!(
            "<qti-outcome-processing><qti-set-outcome-value identifier=\"P\"><qti-gte>{inner}</qti-gte></qti-set-outcome-value></qti-outcome-processing>"
        )
    };
    let number = |n: &str| format!("<qti-base-value base-type=\"float\">{n}</qti-base-value>");
    let share = format!("{score}<qti-product><qti-variable identifier=\"MAXSCORE\"/>{}</qti-product>", number("0.7"));
    for (processing, mark, told) in [
        (gte(&share), 0.7, false),
        (gte(&format!("{score}{}", number("3"))), 0.75, false),
        (gte(&format!("{score}{}", number("9"))), 0.8, true),
        (String::new(), 0.8, true),
    ] {
        let read = tested(&section("", &["a", "b", "c", "d"]), &processing);
        assert!((read.quiz.policy.pass_mark - mark).abs() < 1e-9, "{processing}");
        let notes: Vec<_> = read.report.notes.iter().filter(|note| note.what == "pass mark").collect();
        assert_eq!(!notes.is_empty(), told, "{processing}");
    }
}

#[test]
fn options_are_shuffled_where_the_package_shuffles_them() {
    let of = |first: &str, second: &str| {
        let items = [first, second].map(|attributes| {
            let options = choice(attributes, &["A", "B", "C"]);
            item(if attributes == first { "x" } else { "y" }, &declared("single", "identifier", &["A"], ""), &options, MATCH)
        });
        let [x, y] = &items;
        read_files(&package(&[("x.xml", "imsqti_item_xmlv3p0", x), ("y.xml", "imsqti_item_xmlv3p0", y)])).unwrap()
    };
    let (yes, no) = ("shuffle=\"true\"", "shuffle=\"false\"");
    assert!(of(yes, "shuffle=\"true\" ").quiz.policy.shuffle_options);
    let fixed = of(no, "");
    assert!(!fixed.quiz.policy.shuffle_options && scoring_notes(&fixed).is_empty());
    let mixed = of(yes, no);
    assert!(!mixed.quiz.policy.shuffle_options);
    let told = mixed.report.notes.iter().find(|note| note.what == "order").unwrap();
    assert_eq!((told.effect, told.items.as_slice()), (PackageEffect::Changed, ["x".to_owned()].as_slice()));
}
