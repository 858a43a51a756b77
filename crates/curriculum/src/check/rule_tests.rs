//! Each rule with a small bad example that it finds, and its good twin in which it finds nothing.

use std::collections::BTreeSet;

use super::*;
use crate::source;

const WORDS: [&str; 8] = ["amber", "birch", "cedar", "dahlia", "elder", "fern", "gorse", "hazel"];

const EASY: &str = "The filter reads the text. It stops what it does not like. ";

/// A course of one lesson in which no rule finds anything.
fn good() -> FolderFiles {
    let course = "slug: course\nrevision: 1\ndefault_language: en\ntitle: {en: Course}\nsummary: {en: Short.}\nlessons: [one]\n";
    let prose = EASY.repeat(80);
    let lesson = format!(
        "slug: one
aliases: [uno]
revision: 1
default_language: en
title: {{en: Lesson}}
summary: {{en: Short.}}
licence: {{spdx: CC-BY-4.0, attribution: Someone}}
authors: [Someone]
reviewed_on: 2026-11-01
objectives:
  - {{id: obj-a, text: {{en: Tell.}}}}
blocks:
  - {{type: heading, id: head, level: 2, text: {{en: Head}}}}
  - {{type: text, id: body, text: {{en: \"{prose}\"}}}}
  - {{type: text, id: more, text: {{en: See there.}}}}
sources:
  - {{id: src-a, title: Source, reviewed_on: 2026-10-01}}
"
    );
    let exercise = "id: ex-one
revision: 1
title: {en: Exercise}
introduction: {en: Do it.}
steps:
  - {part: evidence, title: {en: A}, text: {en: A}}
  - {part: diagnosis, title: {en: B}, text: {en: B}}
  - {part: reframe, title: {en: C}, text: {en: C}}
  - {part: escalation, title: {en: D}, text: {en: D}}
rubric:
  - {id: crit-a, part: evidence, points: 1, text: {en: A}, checks: [where]}
cases:
  - {id: case-a, title: {en: A}, story: {en: A}, evidence: {provider: Sample}}
";
    let policy = "title: {en: Quiz}
policy:
  counts: highest
  pass_mark: 0.8
  reveal: {verdict: submitted, rationale: submitted, key: submitted}
  shuffle_items: true
  shuffle_options: true
items:
";
    let items: String = WORDS.iter().enumerate().map(|(i, word)| item(i, word)).collect();
    [("course.yaml", course), ("one/lesson.yaml", &lesson), ("one/exercise.yaml", exercise)]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .chain([("one/quiz.yaml".to_owned(), format!("{policy}{items}"))])
        .collect()
}

/// The key stands at each place in turn; no option is longer than another.
fn item(i: usize, word: &str) -> String {
    let options: String = ["north", "south", "aside", "apart"]
        .iter()
        .map(|side| {
            format!("      - {{id: {side}, text: {{en: Look {side} of {word}}}, rationale: {{en: The log points {side}.}}}}\n")
        })
        .collect();
    let key = ["north", "south", "aside", "apart"][i % 4];
    format!(
        "  - kind: single_choice
    id: it-{i}
    revision: 1
    objective: obj-a
    points: 1
    stem: {{en: Where does {word} lead?}}
    evidence: [{{media_type: text/plain, description: {{en: Log.}}, content: {word} code {i} at {word}}}]
    key: {key}
    options:
{options}"
    )
}

fn edited(file: &str, from: &str, to: &str) -> FolderFiles {
    let mut files = good();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    files
}

fn found(files: &FolderFiles) -> Vec<Finding> {
    check_curriculum(files, &source::parse_curriculum(files).unwrap_or_else(|findings| panic!("{findings:?}")))
}

fn names(files: &FolderFiles) -> BTreeSet<&'static str> {
    found(files).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_good_course_has_no_finding() {
    assert_eq!(found(&good()), []);
}

/// (rule, file, what is replaced, the bad text, its good twin)
const EDITS: &[(&str, &str, &str, &str, &str)] = &[
    ("id", LESSON, "id: body", "id: The_Body", "id: the-body-2"),
    ("id-repeated", LESSON, "id: more", "id: body", "id: less"),
    ("id-repeated", QUIZ, "id: it-7", "id: it-6", "id: it-8"),
    ("id-repeated-in-course", EXERCISE, "id: case-a", "id: it-0", "id: case-b"),
    ("id-repeated-in-course", EXERCISE, "id: ex-one", "id: case-a", "id: ex-two"),
    ("id-repeated-in-course", LESSON, "[uno]", "[one]", "[eins]"),
    ("language", LESSON, "text: {en: See there.}", "text: {en: See there., de: Da.}", "text: {en: See here.}"),
    (
        "text-too-much",
        LESSON,
        MORE,
        "type: text, id: more, text: {en: \"> > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > deep\"}",
        "type: text, id: more, text: {en: \"> > > quoted\"}",
    ),
    ("table-row", LESSON, MORE, "type: table, id: more, caption: {en: A}, columns: [{en: A}], rows: [[]]", TABLE),
    ("policy", QUIZ, "pass_mark: 0.8", "pass_mark: 8", "pass_mark: 0.9"),
    ("points", QUIZ, "points: 1", "points: 0", "points: 0.5"),
    ("exercise-steps", EXERCISE, "part: reframe, title", "part: evidence, title", "part: reframe, title"),
    ("criterion-check", EXERCISE, "[where]", "[somewhere]", "[where, when]"),
    ("case-evidence", EXERCISE, "{provider: Sample}", "{provider: [1]}", "{provider: Other}"),
    ("objective-untested", LESSON, "blocks:", "  - {id: obj-b, text: {en: Do.}}\nblocks:", "blocks:"),
    ("objective-unknown", QUIZ, "objective: obj-a", "objective: obj-z", "objective: obj-a"),
    ("item-evidence", QUIZ, EVIDENCE, "evidence: []", EVIDENCE),
    (
        "item-rationale",
        QUIZ,
        "rationale: {en: The log points north.}",
        "rationale: {en: ''}",
        "rationale: {en: The log leads north.}",
    ),
    ("item-key", QUIZ, "key: north", "key: west", "key: south"),
    ("item-options", QUIZ, TWO, "", TWO),
    ("item-options-alike", QUIZ, "Look south of amber", "Look north of the amber", "Look under an amber"),
    ("item-options-alike", QUIZ, "Look south of amber", "look north of amber!", "Look away from amber"),
    ("item-all-or-none", QUIZ, "Look south of amber", "All of the above", "Look above an amber"),
    ("item-negative-stem", QUIZ, "Where does amber lead?", "Where does amber not lead?", "Where does amber **not** lead?"),
    ("item-negative-stem", QUIZ, "Where does amber lead?", "Which except amber lead?", "Which EXCEPT amber lead?"),
    ("item-negative-stem", QUIZ, "Where does amber lead?", "Which is not amber?", "It did not lead. What is amber?"),
    ("item-negative-stem", QUIZ, "Where does amber lead?", "Which is not 'amber'?", "'Which says \"do not\" at amber?'"),
    ("item-absolute", QUIZ, "Look south of amber", "Always south of amber", "'Look \"always\", `all` amber'"),
    ("item-clue", QUIZ, "Where does amber lead?", "Where is north or amber?", "Where is south or amber?"),
    ("item-lengths", QUIZ, "Look south of amber", "Look south of amber and then of the next tree", "Look south of two ambers"),
    ("link", LESSON, "See there.", "'See [it](two).'", "'See [it](uno#body).'"),
    ("link", LESSON, "See there.", "'See [it](#foot).'", "'See [it](#head), [more](https://example.org/two).'"),
    (
        "source-url",
        LESSON,
        SOURCE,
        "title: Source, url: 'javascript:alert(1)', rev",
        "title: Source, url: 'https://example.org/a', rev",
    ),
    ("source-url", LESSON, SOURCE, "title: Source, url: example.org, rev", "title: Source, url: 'http://example.org', rev"),
    ("source-stale", LESSON, "reviewed_on: 2026-10-01", "reviewed_on: 2025-10-31", "reviewed_on: 2025-11-01"),
];

const SOURCE: &str = "title: Source, rev";
const LESSON: &str = "one/lesson.yaml";
const QUIZ: &str = "one/quiz.yaml";
const EXERCISE: &str = "one/exercise.yaml";
const MORE: &str = "type: text, id: more, text: {en: See there.}";
const TABLE: &str = "type: table, id: more, caption: {en: A}, columns: [{en: A}], rows: [[{en: B}]]";
const EVIDENCE: &str = "evidence: [{media_type: text/plain, description: {en: Log.}, content: amber code 0 at amber}]";
const TWO: &str = "      - {id: aside, text: {en: Look aside of amber}, rationale: {en: The log points aside.}}
      - {id: apart, text: {en: Look apart of amber}, rationale: {en: The log points apart.}}\n";

#[test]
fn every_edit_is_found_and_its_twin_is_not() {
    for (rule, file, from, bad, good) in EDITS {
        let there = names(&edited(file, from, bad));
        assert!(there.contains(rule), "{rule}: {bad:?} gives {there:?}");
        assert_eq!(found(&edited(file, from, good)), [], "{rule}: {good:?}");
    }
}

#[test]
fn the_glossary_is_whole_and_leads_somewhere() {
    let with = |second: &str| {
        let mut files = good();
        let first = "{id: a, term: {en: Alpha}, definition: {en: First.}}";
        files.insert("glossary.yaml".to_owned(), format!("terms:\n  - {first}\n  - {{id: {second}}}\n"));
        source::parse_curriculum(&files).map_or_else(|shape| shape, |curriculum| check_curriculum(&files, &curriculum))
    };
    assert_eq!(with("b, term: {en: Beta}, definition: {en: Second.}, see: [a], lessons: [one]"), []);
    for (rule, bad) in [
        ("link", "b, term: {en: Beta}, definition: {en: Second.}, see: [c]"),
        ("link", "b, term: {en: Beta}, definition: {en: Second.}, see: [b]"),
        ("link", "b, term: {en: Beta}, definition: {en: Second.}, lessons: [two]"),
        ("id", "B, term: {en: Beta}, definition: {en: Second.}"),
        ("id-repeated", "a, term: {en: Beta}, definition: {en: Second.}"),
        ("glossary-term-repeated", "b, term: {en: ALPHA}, definition: {en: Second.}"),
        ("language", "b, term: {en: Beta}, definition: {}"),
        ("shape", "b, term: {en: Beta}, meaning: {en: Second.}"),
    ] {
        let there = with(bad);
        assert!(there.iter().any(|one| one.rule == rule && one.line == Some(3)), "{rule}: {bad}: {there:?}");
    }
    // A second language is wanted everywhere once it is somewhere.
    let partly = with("b, term: {en: Beta, de: Beta}, definition: {en: Second.}");
    assert_eq!(partly.iter().filter(|one| one.rule == "language").count(), 3, "{partly:?}");
}

#[test]
fn the_field_guide_is_whole_and_leads_to_signals() {
    let with = |rows: &[&str]| {
        let mut files = good();
        files.extend(source::embedded_curriculum().into_iter().filter(|(name, _)| name.starts_with("signals/")));
        let groups = "groups:\n  - {id: g1, title: {en: One?}}\n  - {id: g2, title: {en: Two?}}\n";
        let rows: String = rows.iter().map(|row| format!("  - {{{row}}}\n")).collect();
        files.insert("field-guide.yaml".to_owned(), format!("{groups}rows:\n{rows}"));
        source::parse_curriculum(&files).map_or_else(|shape| shape, |curriculum| check_curriculum(&files, &curriculum))
    };
    let text = "sign: {en: A}, where: {en: B}, step: {en: C}, owner: provider";
    let row = |id: &str, group: &str, layer: &str, signals: &str| {
        format!("id: {id}, group: {group}, {text}, layer: {layer}, signals: [{signals}]")
    };
    let good = row("a", "g1", "pre_classifier", "azure-prompt-filtered");
    let also = row("b", "g2", "trained_refusal", "wording-declines, azure-completion-filtered");
    assert_eq!(with(&[&good, &also]), []);
    for (rule, rows) in [
        ("link", vec![row("a", "g1", "pre_classifier", "no-such-signal")]),
        ("guide-layer", vec![row("a", "g1", "user_tier", "azure-prompt-filtered")]),
        ("guide-group", vec![row("a", "g3", "pre_classifier", "azure-prompt-filtered")]),
        ("guide-group", vec![also.clone(), good.clone()]),
        ("guide-group", vec![good.replace("group: g1, ", "")]),
        ("id-repeated", vec![good.clone(), good.clone()]),
        ("language", vec![good.replace("step: {en: C}", "step: {de: C}")]),
        ("shape", vec![row("a", "g1", "the_filter", "azure-prompt-filtered")]),
        ("shape", vec![good.replace("owner: provider", "owner: nobody")]),
    ] {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let there = with(&rows);
        assert!(there.iter().any(|one| one.rule == rule && one.line.is_some()), "{rule}: {rows:?}: {there:?}");
    }
}

#[test]
fn prose_is_easy_and_of_the_right_length() {
    let hard = "Institutional considerations necessitate comprehensive organisational accountability. ".repeat(120);
    for (rule, bad, good) in [
        ("reading-level", hard.clone(), EASY.repeat(100)),
        ("reading-time", EASY.repeat(20), EASY.repeat(70)),
        ("reading-time", EASY.repeat(300), EASY.repeat(190)),
    ] {
        let prose = EASY.repeat(80);
        assert!(names(&edited(LESSON, &prose, &bad)).contains(rule), "{rule}");
        assert_eq!(found(&edited(LESSON, &prose, &good)), [], "{rule}");
    }
    // The formula is for English.
    let elsewhere = |files: FolderFiles| -> FolderFiles {
        files
            .into_iter()
            .map(|(name, text)| (name, text.replace("{en:", "{de:").replace("language: en", "language: de")))
            .collect()
    };
    assert_eq!(found(&elsewhere(edited(LESSON, &EASY.repeat(80), &hard))), []);
}

/// The first `count` items changed by `change`.
fn items(count: usize, change: impl Fn(usize, String) -> String) -> FolderFiles {
    let mut files = good();
    for (i, word) in WORDS.iter().enumerate().take(count) {
        let text = files.get_mut(QUIZ).unwrap();
        *text = text.replacen(&item(i, word), &change(i, item(i, word)), 1);
    }
    files
}

#[test]
fn the_right_option_is_not_the_longest_too_often() {
    let longer = |i: usize, text: String| {
        let side = ["north", "south", "aside", "apart"][i % 4];
        text.replacen(&format!("Look {side}"), &format!("Look far {side}"), 1)
    };
    assert_eq!(names(&items(3, longer)), BTreeSet::from(["quiz-longest-key"]), "3 of 8");
    assert_eq!(found(&items(2, longer)), [], "2 of 8");
}

#[test]
fn keys_are_spread_over_the_places() {
    let key = |text: &str, side: &str| {
        text.lines()
            .map(|line| if line.starts_with("    key:") { format!("    key: {side}\n") } else { format!("{line}\n") })
            .collect()
    };
    assert_eq!(names(&items(4, |_, text| key(&text, "north"))), BTreeSet::from(["quiz-key-place"]));
    assert_eq!(found(&items(4, |_, text| key(&text, "north"))).len(), 1, "5 of 8 stand first");
    assert_eq!(found(&items(3, |_, text| key(&text, "north")))[0].rule, "quiz-key-place", "half stand first");
    assert_eq!(found(&items(2, |_, text| key(&text, "north"))), [], "3 of 8 stand first");
    let never_last = items(8, |i, text| key(&text, ["north", "south", "aside"][i % 3]));
    assert_eq!(found(&never_last).len(), 1);
    assert!(found(&never_last)[0].message.contains("place 4 in 0 of 8"));
}

#[test]
fn items_and_options_do_not_repeat() {
    let long = "under the old stone bridge beside a slow green river with nine small boats and one amber heron";
    let evidence = |text: String, more: &str| text.replace("content: ", &format!("content: {long} {more} "));
    let alike = items(2, |_, text| evidence(text, "").replace("birch", "amber").replace("code 1", "code 0"));
    assert!(names(&alike).contains("quiz-items-alike"));
    // The same evidence may be asked about twice, where the question or what matters in it differs.
    assert_eq!(found(&items(2, |i, text| evidence(text, ["by night and in rain", "at noon in a dry heat"][i]))), []);

    let options = |i: usize, text: String| {
        if i == 1 { text.replace("of birch", "of amber").replace("content: birch", "content: amber birch") } else { text }
    };
    assert_eq!(found(&items(2, options)), [], "the evidence differs");
    let asked = |i: usize, text: String| {
        let text = options(i, text).replace("birch code 1 at birch", long).replace("amber code 0 at amber", long);
        text.replace("Where does birch lead", "What would the warden of this quiet wood have told the two lost hikers")
    };
    assert_eq!(names(&items(2, asked)), BTreeSet::from(["quiz-same-options"]));

    let recurs = |count| items(count, |i, text| text.replacen(&format!("Look apart of {}", WORDS[i]), "Look by this light", 1));
    assert_eq!(names(&recurs(3)), BTreeSet::from(["quiz-option-recurs"]));
    assert_eq!(found(&recurs(2)), []);
}

#[test]
fn a_finding_names_the_line() {
    let files = edited(QUIZ, "Look south of cedar", "Always south of cedar");
    let finding = found(&files).remove(0);
    let line = files[QUIZ].lines().zip(1..).find(|(line, _)| line.contains("Always south of cedar")).unwrap().1;
    assert_eq!((finding.rule, finding.line, finding.is_error()), ("item-absolute", Some(line), false));
    let json = serde_json::to_value(&finding).unwrap();
    assert_eq!((&json["rule"], &json["severity"]), (&"item-absolute".into(), &"advice".into()));
}

#[test]
fn sentences_of_the_seed_are_found() {
    let copied = |files: &FolderFiles, seed: &str| copied_sentences(files, &source::parse_curriculum(files).unwrap(), seed);
    let seed = "They said: the filter looks at each word that was sent, and at no other.";
    let bad = edited(LESSON, "See there.", "'See. The **filter** looks at each word that you sent.'");
    let findings = copied(&bad, seed);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].rule, findings[0].is_error()), ("seed-copied", true));
    assert!(findings[0].line.is_some() && findings[0].message.contains("The filter looks at each word that you sent."));
    let good = edited(LESSON, "See there.", "'See. Each word that was sent is looked at by the filter.'");
    assert_eq!(copied(&good, seed), []);
}

#[test]
fn guessing_by_form_is_estimated() {
    let of = |files: &FolderFiles| guessing(&source::parse_curriculum(files).unwrap()).remove(0);
    let even = of(&good());
    assert_eq!((even.items, even.expected, even.blind), (8, 0.25, 0.25), "{even:?}");
    let absolute = |i: usize, text: String| {
        let key = ["north", "south", "aside", "apart"][i % 4];
        let wrong = ["north", "south", "aside", "apart"].into_iter().filter(|side| *side != key);
        wrong.fold(text, |text, side| text.replacen(&format!("Look {side}"), &format!("Only {side}"), 1))
    };
    let guess = of(&items(8, absolute));
    assert_eq!((guess.best, guess.expected), ("fewest_absolute_words", 1.0));
    let guess = of(&items(4, absolute));
    assert_eq!((guess.best, guess.expected), ("fewest_absolute_words", 0.625), "half are sure, a quarter of the rest is luck");
}

#[test]
fn names_of_rules_are_stable_and_tested() {
    let names: Vec<&str> = table::ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let here = concat!(include_str!("rule_tests.rs"), include_str!("key_tests.rs"), include_str!("planted_tests.rs"));
    for name in names {
        assert!(here.contains(&format!("\"{name}\"")), "no test names {name}");
    }
}
