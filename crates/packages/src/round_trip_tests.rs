use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::qti3::{self, CARRIED};
use super::source::QuizSource;
use super::zip::PackageFiles;
use super::{Imported, PackageEffect, PackageReport, read_package, zip};
use waymark_curriculum::format::{Item, LessonFile, QuizFile};
use waymark_curriculum::source::{LessonContent, embedded_curriculum, parse_curriculum};

pub fn lessons() -> Vec<LessonContent> {
    static LESSONS: std::sync::OnceLock<Vec<LessonContent>> = std::sync::OnceLock::new();
    LESSONS.get_or_init(|| parse_curriculum(&embedded_curriculum()).unwrap().lessons).clone()
}

fn source<'a>(lesson: &'a LessonFile, quiz: &'a QuizFile) -> QuizSource<'a> {
    QuizSource { lesson, quiz, version: None, language: "en" }
}

fn packed(lesson: &LessonFile, quiz: &QuizFile) -> (PackageFiles, PackageReport) {
    qti3::write_qti3(&source(lesson, quiz)).unwrap()
}

fn imported(files: &PackageFiles) -> Imported {
    read_package(&zip::write_zip(files).unwrap()).unwrap()
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn our_own_quizzes_lose_nothing() {
    for content in lessons() {
        let (files, report) = packed(&content.lesson, &content.quiz);
        assert!(!report.loses(), "{:?}", report.notes);
        let back = imported(&files);
        assert_eq!(json(&back.quiz), json(&content.quiz), "{}", content.lesson.slug);
        assert_eq!(json(&back.objectives), json(&content.lesson.objectives));
        assert_eq!(back.lesson.as_deref(), Some(content.lesson.slug.as_str()));
        assert_eq!(back.report, PackageReport::default());
        // Equal content, equal bytes.
        assert_eq!(zip::write_zip(&files).unwrap(), zip::write_zip(&packed(&content.lesson, &content.quiz).0).unwrap());
    }
}

#[test]
fn without_what_is_carried_along_qti_alone_says_most() {
    for content in lessons() {
        let (mut files, report) = packed(&content.lesson, &content.quiz);
        alone(&mut files);
        let back = imported(&files);
        assert_eq!(back.quiz.items.len(), content.quiz.items.len());
        let told = |what: &str, item: &Item| report.notes.iter().any(|n| n.what == what && n.items.contains(&item.id));
        for (old, new) in content.quiz.items.iter().zip(&back.quiz.items) {
            assert_eq!((&old.id, &old.objective, old.points), (&new.id, &new.objective, new.points));
            let same = keyed(old) == keyed(new) || told("point_at_field", old) || told("scoring", old);
            assert!(same, "{}: {} {}", old.id, keyed(old), keyed(new));
            assert_eq!(old.evidence[0].content.trim_end(), new.evidence[0].content.trim_end(), "{}", old.id);
            // A field to point at becomes options, in another order.
            let pairs = old.task.rationales().into_iter().zip(new.task.rationales());
            for ((_, old), (_, new)) in pairs.filter(|_| !told("point_at_field", old)) {
                assert_eq!(plain(&old["en"]), plain(&new["en"]));
            }
            assert_eq!(plain(&old.stem["en"]), plain(&new.stem["en"]));
        }
    }
}

/// Takes away the one file that only Waymark reads.
fn alone(files: &mut PackageFiles) {
    files.remove(CARRIED);
    let manifest = String::from_utf8(files["imsmanifest.xml"].clone()).unwrap();
    let start = manifest.find("<resource identifier=\"waymark\"").unwrap();
    let end = start + manifest[start..].find("</resource>").unwrap() + "</resource>".len();
    files.insert("imsmanifest.xml".to_owned(), format!("{}{}", &manifest[..start], &manifest[end..]).into_bytes());
}

pub fn plain(markdown: &str) -> String {
    super::source::line(&waymark_curriculum::render::RichText::of(markdown).text)
}

/// Kind and key, without texts.
pub fn keyed(item: &Item) -> Value {
    let mut task = json(&item.task);
    let map = task.as_object_mut().unwrap();
    map.retain(|name, _| ["kind", "key", "scoring", "tolerance"].contains(&name.as_str()));
    if let waymark_curriculum::format::Task::Matching(task) = &item.task {
        map.insert("pairs".to_owned(), task.prompts.iter().map(|p| json!([p.id, p.key])).collect());
    }
    task
}

#[test]
fn a_file_that_was_changed_since_is_read_as_it_is_now() {
    let content = lessons().remove(0);
    let (mut files, _) = packed(&content.lesson, &content.quiz);
    let path = format!("items/{}.xml", content.quiz.items[0].id);
    let text = String::from_utf8(files[&path].clone()).unwrap().replace("<qti-prompt>", "<qti-prompt>Changed since: ");
    files.insert(path, text.into_bytes());
    let back = imported(&files);
    assert!(back.quiz.items[0].stem["en"].starts_with("Changed since: "));
    assert_eq!(json(&back.quiz.items[1]), json(&content.quiz.items[1]));
    assert!(back.report.notes.iter().any(|note| note.what == "changed since"));
    // An item that the test no longer names is gone, and said to be.
    let (mut files, _) = packed(&content.lesson, &content.quiz);
    let text = String::from_utf8(files["test.xml"].clone()).unwrap();
    let gone = &content.quiz.items[1].id;
    let text = text.replace(&format!("<qti-assessment-item-ref identifier=\"{gone}\" href=\"items/{gone}.xml\"/>"), "");
    files.insert("test.xml".to_owned(), text.into_bytes());
    let back = imported(&files);
    assert_eq!(back.quiz.items.len() + 1, content.quiz.items.len());
    assert!(
        back.report.notes.iter().any(|note| note.effect == PackageEffect::Lost && note.files == [format!("items/{gone}.xml")])
    );
}

/// Texts that are awkward in one form or the other.
fn odd_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "plain words",
        "a < b && c > d",
        "]]>",
        "&amp; &#1;",
        "\"quoted\" 'so'",
        "`co``de`",
        "*em* **strong**",
        "- one\n- two",
        "1. x\n2. y",
        "\n\n",
        "> said",
        "```\n{\"a\": [1]}\n```",
        "\u{1f980}",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        "\u{202e}rtl",
        "\u{0}",
        "\u{7}",
        "\u{fffe}",
        "\r\n",
        "\t",
        "<b>html</b>",
        "<!-- c -->",
        "[link](https://x.example/?a=b&c=d)",
        "[in](other#block)",
        "![alt](x.png)",
        "# head",
        "\\",
        "_",
        " ",
        "\u{a0}",
        "<?xml?>",
        "\u{85}",
        "{{x}}",
    ]);
    prop::collection::vec(pieces, 1..5).prop_map(|pieces| pieces.concat())
}

pub fn item(kind: usize) -> impl Strategy<Value = Value> {
    let texts = prop::collection::vec(odd_text(), 14);
    (texts, prop::sample::select(vec!["all_or_nothing", "partial"]), 1_u32..4000, -1000_i32..1000).prop_map(
        move |(texts, scoring, points, number)| {
            let text = |i: usize| json!({"en": texts[i % 14], "de": texts[(i + 1) % 14]});
            let option = |i: usize, id: &str| json!({"id": id, "text": text(i), "rationale": text(i + 1), "layer": "user_tier"});
            let options = json!([option(1, "a"), option(2, "429"), option(3, "c-d"), option(4, "no option")]);
            let mut item = json!({
                "id": format!("item-{kind}"), "revision": 3, "objective": "obj-x", "points": f64::from(points) / 1000.0, "stem": text(0),
                "evidence": [{"media_type": "text/plain", "description": text(5), "content": texts[6]}],
            });
            let task = match kind {
                0 => json!({"kind": "single_choice", "key": "429", "options": options}),
                1 => json!({"kind": "multiple_response", "key": ["a", "c-d"], "scoring": scoring, "options": options}),
                2 => json!({"kind": "ordering", "key": ["c-d", "a", "no option", "429"], "scoring": scoring, "options": options}),
                3 => json!({"kind": "matching", "scoring": scoring,
                    "prompts": [{"id": "a", "text": text(7), "key": "a", "rationale": text(8)}, {"id": "b", "text": text(9), "key": "a", "rationale": text(10)}],
                    "choices": [{"id": "a", "layer": "system_prompt", "text": text(11)}, {"id": "z", "text": text(12)}]}),
                4 => json!({"kind": "short_text", "case_sensitive": points % 2 == 0, "rationale": text(8),
                    "accepted": [{"form": texts[7]}, {"form": "half", "share": 0.5}], "mistakes": [{"form": texts[9], "rationale": text(10)}]}),
                5 => json!({"kind": "numeric", "key": f64::from(number) / 8.0, "tolerance": f64::from(points) / 1000.0, "unit": text(7),
                    "rationale": text(8), "mistakes": [{"value": -1.5, "rationale": text(10)}]}),
                6 => json!({"kind": "point_at_field", "shown": 0, "key": ["/a/b~1c", "/\u{1f980}"], "layer": "post_classifier", "rationale": text(8),
                    "mistakes": [{"pointer": "/x", "layer": "pre_classifier", "rationale": text(10)}]}),
                _ => json!({"kind": "point_at_field", "shown": 0, "key": ["/a/b~1c"], "rationale": text(8)}),
            };
            let task = task.as_object().unwrap().clone();
            item.as_object_mut().unwrap().extend(task);
            item
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_quiz_loses_nothing(items in (item(0), item(1), item(2), item(3), item(4), item(5), item(6), item(7))) {
        let mut items = [items.0, items.1, items.2, items.3, items.4, items.5, items.6, items.7];
        let content = lessons().remove(0);
        let mut quiz = content.quiz.clone();
        quiz.policy.draw = Some(3);
        quiz.items = items.iter_mut().map(|item| serde_json::from_value(item.take()).unwrap()).collect();
        let (mut files, report) = packed(&content.lesson, &quiz);
        let back = imported(&files);
        prop_assert_eq!(json(&back.quiz), json(&quiz));
        // And without the carried file every item is still read, with its kind and key.
        alone(&mut files);
        let back = imported(&files);
        let found: BTreeMap<&str, &Item> = back.quiz.items.iter().map(|item| (item.id.as_str(), item)).collect();
        for old in &quiz.items {
            let new = found.get(old.id.as_str());
            prop_assert!(new.is_some(), "{} is gone: {:?}", old.id, back.report.notes);
            let told = |what: &str| report.notes.iter().any(|n| n.what == what && n.items.contains(&old.id));
            let (old_key, new_key) = (keyed(old), keyed(new.unwrap()));
            prop_assert!(old_key == new_key || told("point_at_field") || told("scoring") || old.id == "item-2", "{} {}", old_key, new_key);
        }
    }
}
