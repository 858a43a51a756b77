//! The curriculum that is built in, and the seed's quiz that it replaces.

use std::collections::BTreeSet;

use serde_json::Value;
use waymark::lessons::format::{Item, OptionFile, SingleChoice, Task, Text};
use waymark::lessons::source::{self, LessonContent, Severity};
use waymark::lessons::{check, rules};

use crate::harness::root;

fn items(content: &LessonContent) -> Vec<&Item> {
    content.quiz.items.iter().collect()
}

fn seed() -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("tests/fixtures/seed-quiz/quiz.yaml")).unwrap();
    let quiz: Value = serde_saphyr::from_str(&text).unwrap();
    quiz["items"].as_array().unwrap().clone()
}

#[test]
fn the_built_in_curriculum_has_no_error() {
    let files = source::embedded_curriculum();
    let mut findings = check::check_curriculum(&files, &source::parse_curriculum(&files).unwrap());
    findings.retain(|finding| finding.is_error());
    assert_eq!(findings, []);
}

#[test]
fn a_criterion_names_checks_that_exist_in_its_part() {
    let mut curriculum = source::parse_curriculum(&source::embedded_curriculum()).unwrap();
    let rubric = &mut curriculum.lessons[0].exercise.rubric;
    assert!(rubric.iter().any(|criterion| !criterion.checks.is_empty()), "the service scores something");
    assert!(rubric.iter().any(|criterion| criterion.checks.is_empty()), "and people score something alone");
    rubric[0].checks = ["where", "where", "agrees", "tone"].map(str::to_owned).to_vec();
    let found: Vec<String> =
        check::check_curriculum(&source::embedded_curriculum(), &curriculum).into_iter().map(|finding| finding.message).collect();
    let of = |what: &str| found.iter().filter(|message| message.contains(what)).count();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert_eq!(
        (of("\"where\" stands twice"), of("\"agrees\" is one of the part diagnosis"), of("\"tone\" does not exist")),
        (1, 1, 1)
    );
}

/// Every lesson of the course, by its slug.
fn lessons() -> Vec<LessonContent> {
    let lessons = source::parse_curriculum(&source::embedded_curriculum()).unwrap().lessons;
    assert_eq!(lessons.len(), 10);
    lessons
}

#[test]
fn items_stand_on_evidence_with_a_rationale_for_every_option() {
    for content in lessons() {
        let (slug, items) = (&content.lesson.slug, items(&content));
        assert!(items.len() >= 15, "{slug}");
        for item in items {
            assert!(!item.evidence.is_empty() && item.single().is_none_or(|single| single.options.len() >= 4), "{}", item.id);
            assert!(item.task.rationales().iter().all(|(_, text)| !text["en"].trim().is_empty()), "{}", item.id);
        }
        let minutes = rules::reading_minutes(&content.lesson.blocks, "en", "en");
        assert!((5..=10).contains(&minutes), "{slug}: {minutes} minutes");
    }
}

/// Whoever always takes the longest, the shortest, the first or the last option must not pass: at most two in five are right
/// that way, where four in five pass.
#[test]
fn form_alone_does_not_pass_a_quiz() {
    for content in lessons() {
        let items: Vec<&SingleChoice> = items(&content).into_iter().filter_map(Item::single).collect();
        let length = |option: &&waymark::lessons::format::OptionFile| option.text["en"].chars().count();
        let right = |pick: &dyn Fn(&SingleChoice) -> String| items.iter().filter(|item| pick(item) == item.key).count();
        for (how, right) in [
            ("longest", right(&|item| item.options.iter().max_by_key(length).unwrap().id.clone())),
            ("shortest", right(&|item| item.options.iter().min_by_key(length).unwrap().id.clone())),
            ("first", right(&|item| item.options[0].id.clone())),
            ("last", right(&|item| item.options.last().unwrap().id.clone())),
        ] {
            assert!(
                right * 5 <= items.len() * 2,
                "{}: always the {how} option gets {right} of {}",
                content.lesson.slug,
                items.len()
            );
        }
    }
}

/// Items, exercises and cases are named in results and records, so their ids are unique over the course.
#[test]
fn ids_are_unique_over_the_course() {
    let mut seen = BTreeSet::new();
    for content in lessons() {
        let exercise = &content.exercise;
        let ids = items(&content).into_iter().map(|item| item.id.clone()).chain([exercise.id.clone()]);
        for id in ids.chain(exercise.cases.iter().map(|case| case.id.clone())) {
            assert!(seen.insert(id.clone()), "{id} stands twice");
        }
    }
}

/// The engine reads the evidence of every sample case, and has something to say about it.
#[test]
fn sample_cases_can_be_diagnosed() {
    let engine = waymark::diagnosis::Engine::built_in().unwrap();
    for content in lessons() {
        for case in &content.exercise.cases {
            let evidence = serde_json::from_value(case.evidence.clone()).unwrap();
            assert!(!engine.diagnose(&evidence, None).reasons.is_empty(), "{}", case.id);
        }
    }
}

#[test]
fn the_seeds_quiz_is_kept_without_a_key() {
    let seed = seed();
    assert_eq!(seed.len(), 15);
    for item in &seed {
        assert_eq!(item["keyed"], false, "{item}");
        assert!(item.get("key").is_none() && !item["flags"].as_array().unwrap().is_empty(), "{item}");
    }
    let flagged = |flag: &str| seed.iter().filter(|item| item["flags"].as_array().unwrap().iter().any(|f| f == flag)).count();
    assert_eq!((flagged("guessable"), flagged("ambiguous"), flagged("truncated")), (9, 5, 1));
}

/// The seed's quiz in the shape of ours: it has no keys, no evidence and no rationales, and the rules that need none of them
/// find what is wrong with it.
#[test]
fn the_rules_find_the_faults_of_the_seeds_quiz() {
    let files = source::embedded_curriculum();
    let mut curriculum = source::parse_curriculum(&files).unwrap();
    curriculum.lessons.truncate(1);
    let text = |text: &str| -> Text { [("en".to_owned(), text.to_owned())].into() };
    let shaped = seed().into_iter().map(|item| {
        let options = item["options"].as_array().unwrap().iter().enumerate();
        let option = |(i, option): (usize, &Value)| OptionFile {
            id: format!("o{i}"),
            layer: None,
            text: text(option.as_str().unwrap()),
            rationale: text(""),
        };
        let single = SingleChoice { key: String::new(), options: options.map(option).collect() };
        Item {
            id: item["number"].to_string(),
            revision: 1,
            objective: String::new(),
            points: 1.0,
            stem: text(item["stem"].as_str().unwrap()),
            evidence: Vec::new(),
            task: Task::SingleChoice(single),
        }
    });
    curriculum.lessons[0].quiz.items = shaped.collect();
    let findings = check::check_curriculum(&files, &curriculum);
    let of = |rule: &str| -> Vec<&str> {
        findings.iter().filter(|finding| finding.rule == rule).map(|finding| finding.message.as_str()).collect()
    };
    let has = |rule: &str, message: &str| assert!(of(rule).contains(&message), "{rule}: {message}: {:#?}", of(rule));
    has("quiz-same-options", "item 3 has the options of item 2");
    has("quiz-same-options", "item 4 has the options of item 2");
    has("quiz-same-options", "item 4 has the options of item 3");
    has("quiz-items-alike", "item 8 repeats item 6");
    has("quiz-same-options", "item 13 has the options of item 1");
    assert_eq!(of("item-options"), ["item 15: has fewer than three options"]);
    for nonsense in ["was the test set in the training data", "measure the new bill in 30 days", "audio"] {
        assert!(of("quiz-option-recurs").iter().any(|message| message.contains(nonsense)), "{nonsense}");
    }
    assert!(of("item-negative-stem").is_empty(), "its NOT is in capitals");
    for rule in ["item-evidence", "item-key", "item-rationale"] {
        assert!(of(rule).len() >= 15, "{rule}");
    }
    let guessing = check::guessing(&curriculum);
    assert_eq!(guessing[0].items, 0, "nothing is estimated without keys");
}

/// What the rules are called stands in the handbook.
#[test]
fn the_handbook_names_every_rule() {
    let handbook = std::fs::read_to_string(root().join("lessons/README.md")).unwrap();
    for rule in check::table::ALL {
        let row = format!(
            "| `{}` | {} | {} |",
            rule.name,
            if rule.severity == Severity::Error { "error" } else { "advice" },
            rule.finds
        );
        assert!(handbook.contains(&row), "lessons/README.md has no row {row}");
    }
}

/// Runs of eight words of the seed's quiz do not stand in our lesson.
#[test]
fn no_sentence_of_the_seed_is_ours() {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let runs = |words: &[String]| -> BTreeSet<String> { words.windows(8).map(|run| run.join(" ")).collect() };
    let ours = runs(&words(&source::embedded_curriculum().into_values().collect::<Vec<_>>().join(" ")));
    for item in seed() {
        let options = item["options"].as_array().unwrap().iter().map(|option| option.as_str().unwrap_or_default().to_owned());
        for text in options.chain([item["stem"].as_str().unwrap_or_default().to_owned()]) {
            let shared: Vec<_> = runs(&words(&text)).intersection(&ours).cloned().collect();
            assert!(shared.is_empty(), "{shared:?}");
        }
    }
}
