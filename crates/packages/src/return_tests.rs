//! What is exported in any format comes back with the same items, but for what the report of the export names.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::cartridge::CartridgeCourse;
use super::export::{self, Package, PackageFormat};
use super::round_trip_tests::{item, keyed, lessons, plain};
use super::source::QuizSource;
use super::{Imported, PackageReport, read_package, zip};
use waymark_curriculum::format::{Item, LessonFile, QuizFile, Task};
use waymark_curriculum::source::{Curriculum, embedded_curriculum, on_disk, parse_curriculum};

/// A lesson with every kind of item, twice where it can be scored in two ways.
fn kinds() -> Curriculum {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/packages");
    parse_curriculum(&on_disk(&folder).unwrap()).unwrap()
}

fn exported(lesson: &LessonFile, quiz: &QuizFile, format: PackageFormat) -> Package {
    export::export_quiz(&QuizSource { lesson, quiz, version: None, language: "en" }, format).unwrap()
}

/// What others see of an item: one language, no layers, no revision.
fn seen_by_others(item: &Item) -> Value {
    fn tidied(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for hidden in ["layer", "revision", "objective", "media_type"] {
                    map.remove(hidden);
                }
                if let Some(Value::String(text)) = map.get("en") {
                    let text = plain(text);
                    *value = json!(text);
                    return;
                }
                map.retain(|_, value| !value.as_object().is_some_and(serde_json::Map::is_empty));
                map.values_mut().for_each(tidied);
            }
            Value::Array(list) => list.iter_mut().for_each(tidied),
            Value::String(text) => *text = text.trim_end().to_owned(),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(item).unwrap();
    tidied(&mut value);
    if let (Task::MultipleResponse(_), Some(key)) = (&item.task, value["key"].as_array_mut()) {
        // A set, in any order.
        key.sort_by_key(Value::to_string);
    }
    value
}

/// The same without what the report of the export says of the item.
fn but_for(mut value: Value, id: &str, report: &PackageReport) -> Value {
    let told = |what: &str| report.notes.iter().any(|note| note.what == what && note.items.iter().any(|item| item == id));
    let map = value.as_object_mut().unwrap();
    for field in ["scoring", "tolerance"] {
        if told(field) {
            map.remove(field);
        }
    }
    if told("point_at_field") {
        map.retain(|name, _| ["id", "points", "stem", "evidence"].contains(&name.as_str()));
    }
    value
}

#[track_caller]
fn same_items(old: &[&Item], back: &Imported, report: &PackageReport, what: &str) {
    let ids = |items: &[&Item]| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
    let new: Vec<&Item> = back.quiz.items.iter().collect();
    assert_eq!(ids(old), ids(&new), "{what}: {:#?}", back.report.notes);
    for (old, new) in old.iter().zip(new) {
        let [old_value, new_value] = [*old, new].map(|item| but_for(seen_by_others(item), &item.id, report));
        assert_eq!(old_value, new_value, "{what}: {}", old.id);
    }
}

#[test]
fn every_format_comes_back_with_its_items() {
    for curriculum in [kinds(), parse_curriculum(&embedded_curriculum()).unwrap()] {
        for content in &curriculum.lessons {
            for format in [PackageFormat::Qti3, PackageFormat::Qti21, PackageFormat::Qti12] {
                let package = exported(&content.lesson, &content.quiz, format);
                let back = read_package(&package.bytes).unwrap();
                same_items(&content.quiz.items.iter().collect::<Vec<_>>(), &back, &package.report, format.name());
                let policy = &content.quiz.policy;
                if format == PackageFormat::Qti21 {
                    let same = (back.quiz.policy.draw, back.quiz.policy.shuffle_items, back.quiz.policy.shuffle_options);
                    assert_eq!(same, (policy.draw, policy.shuffle_items, policy.shuffle_options));
                    assert!((back.quiz.policy.pass_mark - policy.pass_mark).abs() < 1e-12);
                }
                if format == PackageFormat::Qti12 {
                    assert_eq!(back.quiz.policy.attempts_allowed, policy.attempts_allowed);
                }
                assert_eq!(plain(&back.quiz.title["en"]), plain(&content.quiz.title["en"]));
            }
        }
        for format in [PackageFormat::Cc13, PackageFormat::Cc11] {
            let course = CartridgeCourse {
                course: &curriculum.course,
                lessons: curriculum.lessons.iter().collect(),
                glossary: curriculum.glossary.as_ref(),
                field_guide: curriculum.field_guide.as_ref(),
                language: "en",
            };
            let package = export::export_course(&course, format).unwrap();
            let back = read_package(&package.bytes).unwrap();
            let all: Vec<&Item> = curriculum.lessons.iter().flat_map(|content| &content.quiz.items).collect();
            same_items(&all, &back, &package.report, format.name());
            assert_eq!(back.language, "en");
        }
    }
}

#[test]
fn a_cartridge_of_1_1_differs_from_one_of_1_3_in_names_alone() {
    let curriculum = kinds();
    let lessons = || curriculum.lessons.iter().collect();
    let course =
        || CartridgeCourse { course: &curriculum.course, lessons: lessons(), glossary: None, field_guide: None, language: "en" };
    let [old, new] = [PackageFormat::Cc11, PackageFormat::Cc13].map(|format| export::export_course(&course(), format).unwrap());
    assert_eq!((old.format.media_type(), old.file_name.ends_with("-cc11.imscc")), ("application/vnd.ims.imsccv1p1", true));
    let [old, new] = [old, new].map(|package| zip::read_zip(&package.bytes).unwrap());
    assert!(old.keys().eq(new.keys()));
    for (path, content) in &old {
        let Ok(text) = String::from_utf8(content.clone()) else { continue };
        let newer = text.replace("ccv1p1", "ccv1p3").replace("imscc_xmlv1p1", "imscc_xmlv1p3").replace("1.1.0", "1.3.0");
        assert_eq!(newer.as_bytes(), new[path].as_slice(), "{path}");
        assert!(!text.contains("ccv1p3") && !text.contains("imscc_xmlv1p3"), "{path}");
    }
    let manifest = String::from_utf8(old["imsmanifest.xml"].clone()).unwrap();
    assert!(
        manifest.contains("xmlns=\"http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1\"")
            && manifest.contains("<schemaversion>1.1.0<")
    );
}

/// What a whole right answer gets in a player that adds up binary fractions, in any order.
fn total_by_qti(item: &Item, order: &[usize]) -> f64 {
    let content = lessons().remove(0);
    let mut quiz = content.quiz.clone();
    quiz.items = vec![item.clone()];
    let files = zip::read_zip(&exported(&content.lesson, &quiz, PackageFormat::Qti21).bytes).unwrap();
    let (path, bytes) = files.iter().find(|(path, _)| path.starts_with("items/")).unwrap();
    let root = super::xml::read_xml(bytes, path).unwrap();
    let entries: Vec<f64> = root
        .descendants()
        .into_iter()
        .filter(|e| e.name == "mapEntry")
        .map(|entry| entry.get("mappedValue").unwrap().parse::<f64>().unwrap())
        .filter(|points| *points > 0.0)
        .collect();
    order.iter().map(|n| entries[n % entries.len()]).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_whole_right_answer_gets_all_points(milli in 1_u32..2_000_000, count in 1_usize..13, turn in 0_usize..13, matching in any::<bool>()) {
        let points = f64::from(milli) / 1000.0;
        let ids: Vec<String> = (0..count).map(|n| format!("o{n}")).collect();
        let text = json!({"en": "x"});
        let task = if matching {
            let prompts: Vec<Value> = ids.iter().map(|id| json!({"id": id, "text": text, "key": "a", "rationale": text})).collect();
            json!({"kind": "matching", "scoring": "partial", "prompts": prompts, "choices": [{"id": "a", "text": text}, {"id": "b", "text": text}]})
        } else {
            let options: Vec<Value> = ids.iter().map(String::as_str).chain(["wrong"]).map(|id| json!({"id": id, "text": text, "rationale": text})).collect();
            json!({"kind": "multiple_response", "scoring": "partial", "key": ids, "options": options})
        };
        let mut one = json!({"id": "i", "revision": 1, "objective": "o", "points": points, "stem": text, "evidence": []});
        one.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        let one: Item = serde_json::from_value(one).unwrap();
        let mut order: Vec<usize> = (0..count).collect();
        order.rotate_left(turn % count);
        let total = total_by_qti(&one, &order);
        prop_assert!(total.to_bits() == points.to_bits(), "{total} of {points} in {count} shares");
        order.reverse();
        prop_assert_eq!(total_by_qti(&one, &order).to_bits(), points.to_bits());
        // In QTI 1.2 a match is several items, whose weights are its points.
        let content = lessons().remove(0);
        let quiz = QuizFile { items: vec![one], ..content.quiz.clone() };
        let files = zip::read_zip(&exported(&content.lesson, &quiz, PackageFormat::Qti12).bytes).unwrap();
        let weights: i64 = String::from_utf8(files["quiz.xml"].clone()).unwrap()
            .split("<fieldlabel>cc_weighting</fieldlabel><fieldentry>").skip(1)
            .map(|rest| waymark_curriculum::points::milli(rest.split('<').next().unwrap().parse().unwrap())).sum();
        prop_assert_eq!(weights, i64::from(milli));
    }

    /// Every item of any quiz comes back in every format, whatever its texts hold, with its kind, points and key.
    #[test]
    fn any_quiz_comes_back_in_every_format(items in (item(0), item(1), item(2), item(3), item(4), item(5), item(6), item(7))) {
        let items = [items.0, items.1, items.2, items.3, items.4, items.5, items.6, items.7];
        let content = lessons().remove(0);
        let mut quiz = content.quiz.clone();
        quiz.policy.draw = Some(3);
        quiz.items = items.into_iter().map(|item| serde_json::from_value(item).unwrap()).collect();
        for format in [PackageFormat::Qti21, PackageFormat::Qti12] {
            let package = exported(&content.lesson, &quiz, format);
            let back = read_package(&package.bytes).unwrap();
            prop_assert_eq!(back.quiz.items.len(), quiz.items.len(), "{}: {:#?}", format.name(), back.report.notes);
            for (old, new) in quiz.items.iter().zip(&back.quiz.items) {
                prop_assert_eq!((&old.id, old.points), (&new.id, new.points));
                let told = |what: &str| package.report.notes.iter().any(|n| n.what == what && n.items.contains(&old.id));
                // An id that is none here becomes one on the way back.
                let changed = matches!(old.task, Task::Ordering(_)) || ["point_at_field", "scoring", "tolerance"].into_iter().any(told);
                prop_assert!(changed || keyed(old) == keyed(new), "{}: {} {}", format.name(), keyed(old), keyed(new));
            }
        }
    }

    /// Items of others, some of them spoilt: each is there, or a note says that it is not.
    #[test]
    fn no_item_is_lost_without_a_note(spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..30), 0..8), older in any::<bool>()) {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/package");
        let names = ["choice.xml", "hotspot.xml", "match.xml", "multiple.xml", "number.xml", "order.xml", "text.xml"];
        let mut texts: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(corpus.join(name)).unwrap()).collect();
        for (which, at, length) in spoilt {
            let text = which.get(&texts).clone();
            let from = at.index(text.len());
            let cut: Vec<u8> = text.iter().enumerate().filter(|(n, _)| !(from..from + length).contains(n)).map(|(_, byte)| *byte).collect();
            let place = which.index(texts.len());
            texts[place] = cut;
        }
        let kind = if older { "imsqti_item_xmlv2p1" } else { "imsqti_item_xmlv3p0" };
        let resources: String = names.iter().map(|name| format!("<resource identifier=\"{name}\" type=\"{kind}\" href=\"{name}\"/>")).collect();
        let mut files: super::zip::PackageFiles = names.iter().map(|name| (*name).to_owned()).zip(texts).collect();
        files.insert("imsmanifest.xml".to_owned(), format!("<manifest><resources>{resources}</resources></manifest>").into_bytes());
        if let Ok(read) = super::read_files(&files) {
            let lost = |name: &str| read.report.notes.iter().any(|n| n.what == "item" && n.files.iter().any(|file| file == name));
            prop_assert_eq!(read.quiz.items.len() + names.iter().filter(|name| lost(name)).count(), names.len());
        }
    }
}
